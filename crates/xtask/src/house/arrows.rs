//! Which crate of the workspace may depend on which.

use serde_json::Value;

use crate::run::Run;

/// What each library may build on. Examples and benchmarks may use all of them.
const ARROWS: &[(&str, &[&str])] = &[
    ("scim-syntax", &[]),
    ("scim-core", &["scim-syntax"]),
    ("scim-engine", &["scim-syntax", "scim-core"]),
    ("scim-sql", &["scim-syntax", "scim-core", "scim-engine"]),
    ("scim-sqlite", &["scim-syntax", "scim-core", "scim-engine", "scim-sql"]),
    ("scim-postgres", &["scim-syntax", "scim-core", "scim-engine", "scim-sql"]),
    ("scim-http", &["scim-syntax", "scim-core", "scim-engine"]),
    ("scim-awork", &["scim-syntax", "scim-core", "scim-engine"]),
    ("scim-testkit", &[]),
    ("scim-conformance", &["scim-testkit"]),
    ("xtask", &[]),
];

/// No library may use these, not even in its tests.
const LEAVES: [&str; 2] = ["scim-awork", "xtask"];

/// The dependencies, found by `cargo metadata`, that no arrow allows.
pub(super) fn breaches() -> Result<Vec<String>, String> {
    let text = Run::cargo(["metadata", "--format-version", "1", "--no-deps"]).read()?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages: Vec<Package> = array(&metadata, "packages").iter().map(Package::read).collect();
    if packages.is_empty() {
        return Err("cargo metadata names no package".to_owned());
    }
    Ok(packages.iter().flat_map(Package::breaches).collect())
}

#[derive(Debug)]
struct Package {
    name: String,
    /// It stands in `crates/`.
    is_library: bool,
    /// Dependencies inside the workspace.
    dependencies: Vec<Dependency>,
}

#[derive(Debug)]
struct Dependency {
    name: String,
    /// Only the tests use it.
    is_for_tests: bool,
}

impl Package {
    fn read(package: &Value) -> Self {
        let dependencies = array(package, "dependencies")
            .iter()
            .filter(|dependency| dependency["path"].is_string())
            .map(|dependency| Dependency {
                name: text(dependency, "name"),
                is_for_tests: dependency["kind"].as_str() == Some("dev"),
            })
            .collect();
        let is_library = text(package, "manifest_path").contains("/crates/");
        Self { name: text(package, "name"), is_library, dependencies }
    }

    fn breaches(&self) -> Vec<String> {
        let arrows = ARROWS.iter().find(|(name, _)| *name == self.name).map(|(_, arrows)| *arrows);
        if self.is_library && arrows.is_none() {
            return vec![format!("`{}` has no row in the table of arrows", self.name)];
        }
        self.dependencies
            .iter()
            .filter(|dependency| !self.may_use(dependency, arrows.unwrap_or_default()))
            .map(|dependency| format!("`{}` may not depend on `{}`", self.name, dependency.name))
            .collect()
    }

    fn may_use(&self, dependency: &Dependency, arrows: &[&str]) -> bool {
        let name = dependency.name.as_str();
        let is_leaf = LEAVES.contains(&name);
        match (self.is_library, dependency.is_for_tests) {
            (true, true) => !is_leaf,
            (true, false) => arrows.contains(&name),
            (false, true) => name != "xtask",
            (false, false) => name != "xtask" && name != "scim-testkit",
        }
    }
}

fn array<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(name: &str, folder: &str, dependency: &str, kind: Option<&str>) -> Vec<String> {
        Package::read(&serde_json::json!({
            "name": name,
            "manifest_path": format!("/home/{folder}/{name}/Cargo.toml"),
            "dependencies": [
                { "name": "serde", "kind": null },
                { "name": dependency, "kind": kind, "path": "/home/somewhere" },
            ],
        }))
        .breaches()
    }

    #[test]
    fn a_library_follows_the_arrows() {
        assert!(breaches("scim-core", "crates", "scim-syntax", None).is_empty());
        assert_eq!(
            breaches("scim-core", "crates", "scim-engine", None),
            ["`scim-core` may not depend on `scim-engine`"]
        );
        assert_eq!(breaches("scim-http", "crates", "scim-sql", Some("build")).len(), 1);
        assert_eq!(breaches("scim-sqlite", "crates", "scim-testkit", None).len(), 1);
    }

    #[test]
    fn tests_may_use_any_library_but_the_leaves() {
        assert!(breaches("scim-http", "crates", "scim-testkit", Some("dev")).is_empty());
        assert!(breaches("scim-http", "crates", "scim-sqlite", Some("dev")).is_empty());
        assert_eq!(breaches("scim-http", "crates", "scim-awork", Some("dev")).len(), 1);
    }

    #[test]
    fn an_example_may_use_everything_that_is_not_for_tests() {
        assert!(breaches("awork-server", "examples", "scim-awork", None).is_empty());
        assert!(breaches("awork-server", "examples", "scim-testkit", Some("dev")).is_empty());
        assert_eq!(breaches("awork-server", "examples", "scim-testkit", None).len(), 1);
    }

    #[test]
    fn a_library_without_a_row_is_a_breach() {
        assert_eq!(
            breaches("scim-new", "crates", "scim-core", None),
            ["`scim-new` has no row in the table of arrows"]
        );
    }
}
