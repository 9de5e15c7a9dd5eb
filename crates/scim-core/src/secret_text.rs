//! What a message may quote of a path or filter in which a client has written a password (7643-4.1.1-06, D-83).

use std::fmt;

/// The attribute whose values nobody is told.
const SECRET: &str = "password";

/// Where in the text the name of the secret attribute ends; none if it is not in it.
fn end(text: &str) -> Option<usize> {
    let is_here = |window: &[u8]| window.eq_ignore_ascii_case(SECRET.as_bytes());
    Some(text.as_bytes().windows(SECRET.len()).position(is_here)? + SECRET.len())
}

/// Whether a path or filter names `password`, so that what else stands in it may be one.
#[must_use]
pub fn names_password(text: &str) -> bool {
    end(text).is_some()
}

/// The path without what stands behind `password`, which may be one.
pub(crate) fn conceal(path: &impl fmt::Display) -> String {
    let mut path = path.to_string();
    if let Some(end) = end(&path).filter(|&end| end < path.len()) {
        path.truncate(end);
        path.push('…');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-83: nothing behind the name is told, whatever its case and wherever it stands.
    #[test]
    fn what_stands_behind_a_password() {
        for (path, told) in [
            ("password", "password"),
            ("userName", "userName"),
            ("passwor", "passwor"),
            ("PassWord.x", "PassWord…"),
            ("password eq \"x\"", "password…"),
            ("urn:x:User:password.x", "urn:x:User:password…"),
            ("emails[password eq \"ü\"].value", "emails[password…"),
            ("üpassword[ü", "üpassword…"),
        ] {
            assert_eq!(conceal(&path), told);
            assert_eq!(names_password(path), path.to_ascii_lowercase().contains(SECRET));
        }
    }
}
