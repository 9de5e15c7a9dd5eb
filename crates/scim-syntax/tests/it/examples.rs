//! The examples that the RFCs print.

use scim_syntax::{parse_filter, parse_patch_path};
use serde_json::Value;

fn data(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap())
}

/// 7644-3.4.2.2-30, 7644-3.4.2.2-02: all of them parse.
#[test]
fn printed_filters() {
    let valid = data(include_str!("../data/filters-valid.json"));
    assert_eq!(texts(&valid["figure2"]).count(), 17);
    for filter in texts(&valid["figure2"]).chain(texts(&valid["caseInsensitiveOperators"])) {
        parse_filter(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    }
}

/// 7644-3.5.2-05: all of them parse.
#[test]
fn printed_paths() {
    for path in texts(&data(include_str!("../data/patch-paths.json"))["valid"]) {
        let read = parse_patch_path(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(read.to_string(), path);
    }
}

/// 7644-3.4.2.2-12, 7644-3.4.2.2-16: of those outside the grammar only the blank after `not` is taken.
#[test]
fn printed_but_outside_the_grammar() {
    let printed = data(include_str!("../data/filters-printed-but-outside-grammar.json"));
    for item in printed["items"].as_array().unwrap() {
        let taken = match (item["filter"].as_str(), item["path"].as_str()) {
            (Some(filter), _) => parse_filter(filter).is_ok(),
            (None, Some(path)) => parse_patch_path(path).is_ok(),
            (None, None) => panic!("{item}"),
        };
        assert_eq!(taken, item["defect"].as_str().unwrap().starts_with("space after not"), "{item}");
    }
}
