//! Data that several crates test with.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// What identity providers send and what they need as the answer, one case a line.
///
/// Read it with [`load_cases`](crate::cases::load_cases).
pub const IDP_CASES: &str = include_str!("../data/idp-cases.jsonl");

/// The folder with the examples printed in RFC 7643, RFC 7644 and RFC 9865.
pub fn rfc_examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/rfc-examples")
}

/// One of the RFC examples, such as `resources/user-minimal.json`.
///
/// # Panics
///
/// Panics when there is no such file, or it does not hold JSON.
#[track_caller]
pub fn rfc_example(path: &str) -> Value {
    let file = rfc_examples().join(path);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => panic!("no RFC example `{path}` in {}: {error}", rfc_examples().display()),
    };
    match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => panic!("the RFC example `{path}` is not JSON: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_of_the_manifest_can_be_read() {
        let manifest = rfc_example("manifest.json");
        let files: Vec<&str> = manifest["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["file"].as_str().unwrap())
            .collect();
        assert!(files.len() > 50, "{files:?}");
        for file in files {
            assert!(!rfc_example(file).is_null(), "{file}");
        }
    }

    #[test]
    #[should_panic(expected = "no RFC example `resources/nobody.json`")]
    fn a_missing_example_is_named() {
        rfc_example("resources/nobody.json");
    }
}
