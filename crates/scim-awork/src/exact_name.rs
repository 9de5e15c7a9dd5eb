//! Look-up by exact name (D-63), and the name someone probably meant.

/// Finds the name that differs from what was sent only in case and in blanks around it.
///
/// It goes into a refusal as a suggestion; it is never taken for the name itself.
pub(crate) fn near_miss<'n>(sent: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let folded = |name: &str| name.trim().to_lowercase();
    let wanted = folded(sent);
    names.into_iter().filter(|name| folded(name) == wanted).min().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_are_near_misses() {
        let names = ["Users", "USER", "User"];
        assert_eq!(near_miss(" user ", names).as_deref(), Some("USER"));
        assert_eq!(near_miss("users", names).as_deref(), Some("Users"));
        assert_eq!(near_miss("us er", names), None);
    }
}
