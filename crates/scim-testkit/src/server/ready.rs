//! The line that a server prints when it is ready.

use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::Value;

use crate::cases::Target;

/// What a server says about itself when it is ready.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Where SCIM is served, such as `http://127.0.0.1:8080/api/v1/scim`.
    pub base_url: String,
    /// The address in `base_url`.
    pub address: SocketAddr,
    /// The path in `base_url`, without a slash at its end.
    pub base_path: String,
    /// Where an admin API is served, if there is one.
    pub admin_url: Option<String>,
    /// A valid bearer token.
    pub token: String,
    /// The permission roles, if the server has any.
    pub roles: Vec<String>,
    /// The teams, if the server has any.
    pub teams: Vec<String>,
    /// The absence regions, if the server has any.
    pub absence_regions: Vec<String>,
    /// All that the server says.
    pub line: Value,
}

#[derive(Deserialize)]
struct Line {
    base_url: String,
    #[serde(default)]
    admin_url: Option<String>,
    token: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    teams: Vec<String>,
    #[serde(default)]
    absence_regions: Vec<String>,
}

impl Ready {
    /// Reads a line of output; none when it is not a ready line, an error when it is one that says too little.
    pub(super) fn parse(line: &str) -> Option<Result<Self, String>> {
        let value: Value = serde_json::from_str(line).ok()?;
        (value.get("ready")? == &Value::Bool(true)).then(|| Self::read(value))
    }

    fn read(line: Value) -> Result<Self, String> {
        let Line { base_url, admin_url, token, roles, teams, absence_regions } =
            Line::deserialize(&line).map_err(|error| error.to_string())?;
        let rest = base_url.strip_prefix("http://").ok_or("no http address as base_url")?;
        let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let address = address.parse().map_err(|_| format!("no IP address and port in {base_url:?}"))?;
        let base_path = path.trim_end_matches('/').to_owned();
        Ok(Self { address, base_path, base_url, admin_url, token, roles, teams, absence_regions, line })
    }

    /// The server as the target of cases.
    pub fn target(&self) -> Target {
        Target {
            address: self.address,
            base_path: self.base_path.clone(),
            token: self.token.clone(),
            roles: self.roles.clone(),
            regions: self.absence_regions.clone(),
            teams: self.teams.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_names_address_and_path() {
        let line = r#"{"ready":true,"base_url":"http://127.0.0.1:81/api/v1/scim/","token":"t","roles":["User"],"teams":["Design"],"absence_regions":["Berlin"]}"#;
        let ready = Ready::parse(line).unwrap().unwrap();
        assert_eq!(ready.address, ([127, 0, 0, 1], 81).into());
        let target = ready.target();
        assert_eq!((target.base_path.as_str(), target.token.as_str()), ("/api/v1/scim", "t"));
        assert_eq!(
            (target.roles, target.teams, target.regions),
            (vec!["User".into()], vec!["Design".into()], vec!["Berlin".into()])
        );
        let plain = r#"{"ready":true,"base_url":"http://[::1]:81","token":"t"}"#;
        assert_eq!(Ready::parse(plain).unwrap().unwrap().base_path, "");
    }

    #[test]
    fn other_lines_are_passed_over() {
        for line in ["", "paste this", "{}", "7", r#"{"ready":false}"#, r#"{"level":"info","ready":1}"#] {
            assert!(Ready::parse(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_ready_line_that_says_too_little_is_an_error() {
        for line in [
            r#"{"ready":true}"#,
            r#"{"ready":true,"base_url":"http://localhost/","token":"t"}"#,
            r#"{"ready":true,"base_url":"https://127.0.0.1:1/","token":"t"}"#,
        ] {
            assert!(Ready::parse(line).unwrap().is_err(), "{line}");
        }
    }
}
