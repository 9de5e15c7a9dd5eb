//! Where people sign in, which an identity provider's admin is asked for (D-47).

/// Gives the login URL of a workspace: its own, or that of all workspaces where it has no subdomain (D-47).
///
/// The subdomain is only the label before `awork.com`. Whoever pastes more of the address, such as
/// `https://acme.awork.com/`, gets the same; text that holds no such label counts as none.
///
/// # Examples
///
/// ```
/// use scim_awork::login_url;
///
/// assert_eq!(login_url(Some("acme")), "https://acme.awork.com/login");
/// assert_eq!(login_url(None), "https://app.awork.com/login");
/// ```
#[must_use]
pub fn login_url(subdomain: Option<&str>) -> String {
    let label = subdomain.and_then(subdomain_label).unwrap_or_else(|| "app".to_owned());
    format!("https://{label}.awork.com/login")
}

/// The label before `awork.com` in what a person typed or pasted; none if there is none.
pub(crate) fn subdomain_label(sent: &str) -> Option<String> {
    let sent = sent.trim().to_ascii_lowercase();
    let host = sent.split_once("://").map_or(sent.as_str(), |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let label = host.strip_suffix(".awork.com").unwrap_or(host);
    let is_label = (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-');
    is_label.then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-47: the workspace's own address, or the one of all; the label alone is what counts.
    #[test]
    fn login_urls() {
        let longest = "x".repeat(63);
        for sent in
            ["acme", " Acme ", "acme.awork.com", "https://acme.awork.com/", "HTTPS://acme.awork.com/login"]
        {
            assert_eq!(login_url(Some(sent)), "https://acme.awork.com/login", "{sent}");
        }
        for sent in ["a-1", "7", &longest] {
            assert_eq!(login_url(Some(sent)), format!("https://{sent}.awork.com/login"));
        }
        let too_long = "x".repeat(64);
        for sent in ["", " ", "a.b", "acme.example.com", "-a", "a-", "ä", "a b", "a@b", "https://", &too_long]
        {
            assert_eq!(login_url(Some(sent)), "https://app.awork.com/login", "{sent}");
        }
        assert_eq!(login_url(None), "https://app.awork.com/login");
    }
}
