//! References to resources: which one a URI names, and how text behind a known prefix compares.

use crate::predicate::{Check, Scalar};

/// The resource that a URI names, as type and id (7643-2.3.7-01, 7643-2.4-04).
///
/// The URI may be absolute or relative, and may name another version of the protocol or none.
pub(crate) fn resource_of<'e, 'u>(
    uri: &'u str,
    base: &str,
    endpoints: &'e [(String, String)],
) -> Option<(&'e str, &'u str)> {
    let root = without_version(base);
    let path = match strip_prefix(uri, root) {
        Some(rest) => rest.strip_prefix('/')?,
        None if uri.contains("://") => return None,
        // A path from the root of the host, or one from here.
        None => match path_of(root).and_then(|root| strip_prefix(uri, root)) {
            Some(rest) => rest.strip_prefix('/')?,
            None => relative(uri),
        },
    };
    let path = match path.split_once('/') {
        Some((version, rest)) if is_version(version) => rest,
        _ => path,
    };
    let (endpoint, id) = path.split_once('/')?;
    if id.is_empty() || id.contains(['/', '?', '#']) {
        return None;
    }
    let (name, _) = endpoints.iter().find(|(_, known)| {
        known.strip_prefix('/').is_some_and(|known| known.eq_ignore_ascii_case(endpoint))
    })?;
    Some((name, id))
}

/// The base URI without the version at its end.
fn without_version(base: &str) -> &str {
    match base.rsplit_once('/') {
        Some((root, version)) if is_version(version) => root,
        _ => base,
    }
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix(['v', 'V']).is_some_and(|number| {
        !number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The path of an absolute URI, unless it has none.
fn path_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

fn relative(mut uri: &str) -> &str {
    while let Some(rest) = uri.strip_prefix("../").or_else(|| uri.strip_prefix("./")) {
        uri = rest;
    }
    uri.strip_prefix('/').unwrap_or(uri)
}

fn strip_prefix<'u>(uri: &'u str, prefix: &str) -> Option<&'u str> {
    let head = uri.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &uri[prefix.len()..])
}

/// What a check of `prefix` followed by a text asks of that text, which is not empty.
#[derive(Debug, PartialEq)]
pub(crate) enum Behind {
    /// Nothing, or something that no text fulfils.
    Always(bool),
    /// That it passes one of these.
    Any(Vec<Check>),
}

/// Turns a check of `prefix` followed by a text into checks of the text.
pub(crate) fn behind(prefix: &str, check: &Check) -> Behind {
    let order = |bound: &Scalar, rebuilt: fn(Scalar) -> Check, holds_if_greater: bool| {
        let Scalar::Text(bound) = bound else { return Behind::Always(false) };
        match bound.strip_prefix(prefix) {
            Some(rest) => Behind::Any(vec![rebuilt(Scalar::Text(rest.to_owned()))]),
            // Whatever follows, the two differ within the prefix, or the bound ends there.
            None => Behind::Always((prefix > bound.as_str()) == holds_if_greater),
        }
    };
    // The ways in which `text` can straddle the end of the prefix: what is left for the rest.
    let straddles = |text: &str| -> Vec<String> {
        let ends = text.char_indices().map(|(at, _)| at).skip(1).take_while(|at| *at <= prefix.len());
        ends.filter(|at| prefix.ends_with(&text[..*at])).map(|at| text[at..].to_owned()).collect()
    };
    match check {
        Check::Present => Behind::Always(true),
        Check::Eq(Scalar::Text(text)) => match text.strip_prefix(prefix) {
            Some(rest) => Behind::Any(vec![Check::Eq(Scalar::Text(rest.to_owned()))]),
            None => Behind::Always(false),
        },
        Check::Ne(Scalar::Text(text)) => match text.strip_prefix(prefix) {
            Some(rest) => Behind::Any(vec![Check::Ne(Scalar::Text(rest.to_owned()))]),
            None => Behind::Always(true),
        },
        Check::Eq(_) | Check::Ne(_) => Behind::Always(false),
        Check::StartsWith(text) => match text.strip_prefix(prefix) {
            Some(rest) => Behind::Any(vec![Check::StartsWith(rest.to_owned())]),
            None => Behind::Always(prefix.starts_with(text.as_str())),
        },
        Check::Contains(text) if prefix.contains(text.as_str()) => Behind::Always(true),
        Check::Contains(text) => {
            let mut any = vec![Check::Contains(text.clone())];
            any.extend(straddles(text).into_iter().map(Check::StartsWith));
            Behind::Any(any)
        }
        Check::EndsWith(text) => {
            let mut any = vec![Check::EndsWith(text.clone())];
            any.extend(straddles(text).into_iter().map(|rest| Check::Eq(Scalar::Text(rest))));
            Behind::Any(any)
        }
        Check::Gt(bound) => order(bound, Check::Gt, true),
        Check::Ge(bound) => order(bound, Check::Ge, true),
        Check::Lt(bound) => order(bound, Check::Lt, false),
        Check::Le(bound) => order(bound, Check::Le, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7643-2.3.7-01, 7643-2.4-04: one resource, however its URI is written.
    #[test]
    fn uris_of_a_resource() {
        let endpoints =
            [("User".to_owned(), "/Users".to_owned()), ("Group".to_owned(), "/Groups".to_owned())];
        let versioned = "https://x.example/scim/v2";
        for (uri, base, found) in [
            ("https://x.example/scim/v2/Users/1", versioned, Some(("User", "1"))),
            ("https://x.example/scim/Users/1", versioned, Some(("User", "1"))),
            ("https://x.example/scim/v1/Users/1", versioned, Some(("User", "1"))),
            ("HTTPS://X.example/scim/v2/users/a", versioned, Some(("User", "a"))),
            ("https://x.example/scim/v2/Groups/g", versioned, Some(("Group", "g"))),
            ("/scim/v2/Users/1", versioned, Some(("User", "1"))),
            ("Users/1", versioned, Some(("User", "1"))),
            ("/Users/1", versioned, Some(("User", "1"))),
            ("../Users/1", versioned, Some(("User", "1"))),
            ("v2/Users/1", versioned, Some(("User", "1"))),
            ("https://x.example/api/Users/1", "https://x.example/api", Some(("User", "1"))),
            ("https://x.example/api/v2/Users/1", "https://x.example/api", Some(("User", "1"))),
            ("https://x.example/Users/1", "https://x.example", Some(("User", "1"))),
            ("https://y.example/scim/v2/Users/1", versioned, None),
            ("https://x.example/scim/v2Users/1", versioned, None),
            ("https://x.example/scim/v2/Users/", versioned, None),
            ("https://x.example/scim/v2/Users/1/x", versioned, None),
            ("https://x.example/scim/v2/Users/1?a", versioned, None),
            ("Devices/1", versioned, None),
            ("1", versioned, None),
            ("", versioned, None),
        ] {
            assert_eq!(resource_of(uri, base, &endpoints), found, "{uri} below {base}");
        }
    }

    /// Every check, with every operand over a small alphabet, against the joined text itself.
    #[test]
    fn checks_behind_a_prefix_say_what_the_whole_says() {
        let mut texts = vec![String::new()];
        for length in 0..4 {
            let longest: Vec<String> = texts.iter().filter(|text| text.len() == length).cloned().collect();
            texts.extend(longest.iter().flat_map(|text| ["a", "b"].map(|c| format!("{text}{c}"))));
        }
        let scalar = |text: &String| Scalar::Text(text.clone());
        for prefix in ["ab", "aab", "b"] {
            for operand in &texts {
                for check in [
                    Check::Present,
                    Check::Eq(scalar(operand)),
                    Check::Ne(scalar(operand)),
                    Check::Contains(operand.clone()),
                    Check::StartsWith(operand.clone()),
                    Check::EndsWith(operand.clone()),
                    Check::Gt(scalar(operand)),
                    Check::Ge(scalar(operand)),
                    Check::Lt(scalar(operand)),
                    Check::Le(scalar(operand)),
                ] {
                    for rest in texts.iter().filter(|rest| !rest.is_empty()) {
                        let holds = match behind(prefix, &check) {
                            Behind::Always(holds) => holds,
                            Behind::Any(any) => any.iter().any(|check| check.holds_for(rest)),
                        };
                        let whole = format!("{prefix}{rest}");
                        assert_eq!(holds, check.holds_for(&whole), "{check:?} {prefix} {rest}");
                    }
                }
            }
        }
    }
}
