//! Every rule has a test that names it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All rules, and all decisions about them: how many there are.
const RULES: [(&str, u32); 2] = [("D", 87), ("A", 57)];

/// A test and the ids that its name or comment names.
struct Test {
    name: String,
    ids: BTreeSet<String>,
}

fn tests_below(folder: &Path) -> Vec<Test> {
    let mut files: Vec<PathBuf> = vec![folder.to_owned()];
    let mut tests = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            tests_in(&fs::read_to_string(&path).unwrap(), &mut tests);
        }
    }
    tests
}

fn tests_in(source: &str, tests: &mut Vec<Test>) {
    let (mut comment, mut is_test) = (String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push_str(text);
            comment.push('\n');
        } else if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let (true, Some(name)) = (is_test, name) {
                let name = name.split('(').next().unwrap_or_default().to_owned();
                let ids = ids_in(&comment).chain(ids_in(&name.to_uppercase().replace('_', "-"))).collect();
                tests.push(Test { name, ids });
            }
            comment.clear();
            is_test = false;
        }
    }
}

/// Ids such as `D-52`: a capital letter of ours that no letter stands before, and a number.
fn ids_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.char_indices().filter_map(|(at, letter)| {
        let number = text[at..].strip_prefix(['D', 'A'])?.strip_prefix('-')?;
        let digits = number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let starts = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        (starts && digits > 0).then(|| format!("{letter}-{}", &number[..digits]))
    })
}

/// The tests of this crate and of the server around it.
fn own_tests() -> impl Iterator<Item = Test> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["src", "tests", "../../examples/awork-server/tests"]
        .into_iter()
        .flat_map(|part| tests_below(&root.join(part)))
}

/// Each rule is named by the name or the comment of a test.
#[test]
fn every_rule_has_a_test() {
    let named: BTreeSet<String> = own_tests().flat_map(|test| test.ids).collect();
    let rules =
        RULES.iter().flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}-{number}")));
    let missing: Vec<String> = rules.filter(|id| !named.contains(id)).collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

/// A test that names many rules proves none of them.
#[test]
fn a_test_names_few_rules() {
    let many: Vec<String> = own_tests().filter(|test| test.ids.len() > 3).map(|test| test.name).collect();
    assert!(many.is_empty(), "more than three rules each: {many:?}");
}

/// The scan sees what it should: comments and names of tests, and no others.
#[test]
fn what_the_scan_sees() {
    let source = "
        /// D-901, and A-902: yes.
        #[test]
        fn one() {}
        /// D-903: no test.
        fn two() {}
        #[tokio::test(flavor = \"x\")]
        async fn d_904_holds() {}
        //! A-905
        /// XD-906, D-, D-x, D-907a
        #[test]
        #[should_panic]
        fn three() {}
    ";
    let mut tests = Vec::new();
    tests_in(source, &mut tests);
    let seen: Vec<(&str, Vec<&str>)> = tests
        .iter()
        .map(|test| (test.name.as_str(), test.ids.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        seen,
        [("one", vec!["A-902", "D-901"]), ("d_904_holds", vec!["D-904"]), ("three", vec!["D-907"])]
    );
}
