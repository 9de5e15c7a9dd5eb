//! The server that cases run against.

use std::net::SocketAddr;

/// The base path that the paths of cases are written with.
const WRITTEN_BASE: &str = "/api/v1/scim";

/// A server, and the names of what exists in it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// The path below which SCIM is served, such as `/api/v1/scim`.
    pub base_path: String,
    /// A valid bearer token.
    pub token: String,
    /// The names of its permission roles, from the most to the least permissions.
    ///
    /// Leaving out `Admin` and `Guest`, the first is `${role}`, the last `${role2}`, and one between them can
    /// be seeded: the last is the default role, which nobody can be taken out of.
    pub roles: Vec<String>,
    /// The names of its absence regions.
    pub regions: Vec<String>,
    /// The names of its teams.
    pub teams: Vec<String>,
}

impl Target {
    /// The path below this server's base path.
    pub(super) fn path(&self, written: &str) -> String {
        match written.strip_prefix(WRITTEN_BASE) {
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => {
                format!("{}{rest}", self.base_path)
            }
            _ => written.to_owned(),
        }
    }

    pub(super) fn region(&self, index: usize) -> Result<&str, String> {
        let region = self.regions.get(index).map(String::as_str);
        region.ok_or_else(|| format!("the target has only {} regions", self.regions.len()))
    }

    pub(super) fn role(&self) -> Result<&str, String> {
        self.ordinary_roles().next().ok_or_else(|| "the target has no ordinary role".to_owned())
    }

    pub(super) fn role2(&self) -> Result<&str, String> {
        let role2 = self.ordinary_roles().skip(1).last();
        role2.ok_or_else(|| "the target has no second ordinary role".to_owned())
    }

    /// Whether the members of this role can be chosen freely.
    pub(super) fn may_seed(&self, role: &str) -> bool {
        is_ordinary(role) && self.role() != Ok(role) && self.role2() != Ok(role)
    }

    fn ordinary_roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str).filter(|role| is_ordinary(role))
    }
}

/// Neither the admin role, which someone has to keep, nor the guest role, which SCIM never assigns (D-67).
fn is_ordinary(role: &str) -> bool {
    !role.eq_ignore_ascii_case("admin") && !role.eq_ignore_ascii_case("guest")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(roles: &[&str]) -> Target {
        Target {
            address: ([127, 0, 0, 1], 1).into(),
            base_path: "/scim/v2".to_owned(),
            token: String::new(),
            roles: roles.iter().map(ToString::to_string).collect(),
            regions: Vec::new(),
            teams: Vec::new(),
        }
    }

    #[test]
    fn only_paths_below_the_written_base_are_moved() {
        let target = target(&[]);
        for (written, moved) in [
            ("/api/v1/scim/Users?count=1", "/scim/v2/Users?count=1"),
            ("/api/v1/scim", "/scim/v2"),
            ("/api/v1/scimmer", "/api/v1/scimmer"),
            ("/Users", "/Users"),
        ] {
            assert_eq!(target.path(written), moved);
        }
    }

    #[test]
    fn the_seeded_role_lies_between_the_first_and_the_last() {
        let target = target(&["Admin", "Project manager", "User", "Viewer", "Guest"]);
        assert_eq!((target.role(), target.role2()), (Ok("Project manager"), Ok("Viewer")));
        let seedable: Vec<_> = target.roles.iter().filter(|role| target.may_seed(role)).collect();
        assert_eq!(seedable, ["User"]);
    }

    #[test]
    fn too_few_roles_are_an_error() {
        assert!(target(&["Admin", "Guest"]).role().is_err());
        assert!(target(&["Admin", "User"]).role2().is_err());
    }
}
