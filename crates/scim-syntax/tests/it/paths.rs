//! Attribute paths and the paths of PATCH operations.

use scim_syntax::{
    AttrName, AttrPath, ParseFilterErrorKind, ParsePathErrorKind, PatchPath, parse_attr_path,
    parse_patch_path,
};

use crate::shape::shape;

/// The parts of a path, parted by blanks: URI, name, sub-attribute of the name, filter, sub-attribute.
fn parts(path: &PatchPath<'_>) -> [Option<String>; 4] {
    let attr = path.path();
    [
        attr.schema().map(str::to_owned),
        Some(attr.name().to_string()),
        path.filter().map(shape),
        path.sub().map(ToString::to_string),
    ]
}

#[track_caller]
fn reads(input: &str, schema: Option<&str>, name: &str, filter: Option<&str>, sub: Option<&str>) {
    let path = parse_patch_path(input).unwrap_or_else(|error| panic!("{input}: {error}"));
    let expected = [schema, Some(name), filter, sub].map(|part| part.map(str::to_owned));
    assert_eq!(parts(&path), expected, "{input}");
    assert_eq!(path.to_string(), input);
}

#[track_caller]
fn rejects(input: &str, at: &str, in_filter: bool, message: &str) {
    let Err(error) = parse_patch_path(input) else { panic!("`{input}` is accepted") };
    assert_eq!(&input[error.span()], at, "{error}");
    assert_eq!(error.to_string(), format!("{message} (at byte {})", error.span().start));
    assert_eq!(error.in_filter(), in_filter, "{error}");
}

const WORK: &str = r#"(eq type "work")"#;

/// 7644-3.5.2-05: the three forms of a path.
#[test]
fn patch_paths() {
    reads("members", None, "members", None, None);
    reads("name.familyName", None, "name", None, Some("familyName"));
    reads(r#"emails[type eq "work"]"#, None, "emails", Some(WORK), None);
    reads(r#"emails[type eq "work"].value"#, None, "emails", Some(WORK), Some("value"));
    reads(r#"roles[primary eq "True"].value"#, None, "roles", Some(r#"(eq primary "True")"#), Some("value"));
    reads("members[$ref pr].$ref", None, "members", Some("(pr $ref)"), Some("$ref"));
    reads("not", None, "not", None, None);
    reads(r#"a[b eq "]"].c"#, None, "a", Some(r#"(eq b "]")"#), Some("c"));
}

#[test]
fn a_sub_attribute_stands_in_the_path_or_after_the_brackets() {
    let plain = parse_patch_path("name.familyName").unwrap();
    assert_eq!(plain.path().sub(), plain.sub());
    let filtered = parse_patch_path("emails[type pr].value").unwrap();
    assert_eq!(filtered.path().sub(), None);
    assert_eq!(filtered.sub(), Some(&AttrName::new("VALUE").unwrap()));
}

/// 7644-3.5.2-06: a path may carry a schema URI; an extension's URI alone can be had back whole.
#[test]
fn qualified_paths() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let dotted = "urn:ietf:params:scim:schemas:extension:example.com:2.0:User";
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    reads(&format!("{core}:name.familyName"), Some(core), "name", None, Some("familyName"));
    reads(&format!("{dotted}:teams"), Some(dotted), "teams", None, None);
    reads(&format!("{enterprise}:manager.value"), Some(enterprise), "manager", None, Some("value"));
    reads(
        &format!(r#"{core}:emails[type eq "work"].value"#),
        Some(core),
        "emails",
        Some(WORK),
        Some("value"),
    );
    let parent = "urn:ietf:params:scim:schemas:extension:enterprise:2.0";
    reads(enterprise, Some(parent), "User", None, None);
    // Entra ID sent this until 2018.
    reads(&format!("{enterprise}.department"), Some(parent), "User", None, Some("department"));
    let upper = format!("{}:department", enterprise.to_uppercase());
    assert_eq!(parse_attr_path(&upper), parse_attr_path(&format!("{enterprise}:Department")));
    assert_ne!(parse_attr_path(&upper), parse_attr_path("department"));
}

/// 7644-3.5.2-05: a fault in the path itself.
#[test]
fn faults_of_the_path() {
    let bad = |found: &str| {
        format!(
            "`{found}` is no attribute path, expected a letter, then letters, digits, `$`, `-` or `_`, \
             and at most one `.` before a sub-attribute"
        )
    };
    rejects("", "", false, "expected a path, such as `name.familyName`");
    rejects("  ", "", false, "expected a path, such as `name.familyName`");
    rejects("a..b", "a..b", false, &bad("a..b"));
    rejects("a..b[c eq 1]", "a..b", false, &bad("a..b"));
    rejects("a.b.c", "a.b.c", false, &bad("a.b.c"));
    rejects("[type pr]", "[", false, &bad("["));
    rejects(
        "urn:ietf:params:scim:schemas:core:2.0",
        "urn:ietf:params:scim:schemas:core:2.0",
        false,
        &bad("urn:ietf:params:scim:schemas:core:2.0"),
    );
    rejects("members[type pr].", ".", false, &bad("."));
    rejects("members[type pr].a.b", ".a.b", false, &bad(".a.b"));
    rejects("members[type pr].é", ".é", false, &bad(".é"));
    rejects(
        "User:name",
        "User",
        false,
        "`User` is no schema URI, expected one such as `urn:ietf:params:scim:schemas:core:2.0:User`",
    );
    rejects("members ]", "]", false, "expected the end of the path, found `]`");
    rejects("members[type pr]]", "]", false, "expected the end of the path, found `]`");
    rejects("members[type pr]value", "value", false, "expected the end of the path, found `value`");
    rejects(
        r#"emails[type pr].value eq "x""#,
        r#"eq "x""#,
        false,
        r#"expected the end of the path, found `eq "x"`"#,
    );
    rejects(
        "name.x[type pr].value",
        "[",
        false,
        "brackets follow the attribute, not its sub-attribute, as in `emails[type eq \"work\"].value`",
    );
}

/// 7644-3.5.2-05: a bracket that is never closed is a fault of the path, whatever is wrong inside.
#[test]
fn unclosed_brackets() {
    for input in [
        "members[",
        "members[ ",
        r#"emails[type eq "work""#,
        "emails[type",
        "emails[type xx 1",
        "a[b[c pr]",
        "a[(b pr",
    ] {
        rejects(input, "", false, "missing `]`");
    }
    rejects(r#"emails[type eq "work]"#, r#""work]"#, false, "missing closing `\"`");
}

/// 7644-3.5.2-05: elements are not counted.
#[test]
fn indices() {
    for (input, at, index) in
        [("members[0]", "0", "0"), ("members[12].value", "12", "12"), ("members[ -1 ]", "-1", "-1")]
    {
        let message =
            format!("elements have no index in SCIM, expected a filter such as `[value eq \"{index}\"]`");
        rejects(input, at, false, &message);
    }
}

/// 7644-3.5.2-05, 7644-3.4.2.2-17: a fault between closed brackets is one of the filter.
#[test]
fn faults_of_the_filter() {
    let operators = "eq, ne, co, sw, ew, gt, ge, lt, le, pr";
    rejects(
        r#"emails[type xx "work"].value"#,
        "xx",
        true,
        &format!("unknown operator `xx`, expected one of {operators}"),
    );
    rejects("emails[type]", "", true, &format!("expected an operator after `type`: one of {operators}"));
    rejects(
        "emails[type eq]",
        "",
        true,
        "expected a JSON value after `eq`: a quoted text, a number, true, false or null",
    );
    rejects("emails[]", "", true, "expected a filter, such as `userName eq \"ada\"`");
    rejects("emails[type eq work]", "work", true, "expected a JSON value: quote the text, as in `\"work\"`");
    rejects(
        "emails[type eq 'a']",
        "'a'",
        true,
        "expected a JSON value: quote the text with `\"` instead of apostrophes",
    );
    rejects("emails[(type pr]", "", true, "missing `)`");
    rejects("emails[a[b pr]].c", "[", true, "brackets cannot stand inside brackets");
    rejects(r#"members[value eq"x"]"#, "\"", true, "expected a blank before `\"`");
    rejects(
        r#"members[value eq "\q]"]"#,
        r"\q",
        true,
        "`\\q` is no JSON escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hex digits",
    );
    let error = parse_patch_path("a[b.c pr]").unwrap_err();
    let kind = ParseFilterErrorKind::NotASubAttribute { found: "b.c".to_owned() };
    assert_eq!(*error.kind(), ParsePathErrorKind::Filter(kind));
}

/// 7644-3.5.2-05: what stands in a text opens and closes no bracket.
#[test]
fn brackets_in_texts() {
    for closed in [
        r#"a[b xx "["]"#,
        r#"a[b xx "]"]"#,
        r#"a[b xx "\"]"]"#,
        r#"a[b xx "\\"]"#,
        r"a[\]",
        r#"a[b xx "]"].c"#,
    ] {
        assert!(parse_patch_path(closed).unwrap_err().in_filter(), "{closed}");
    }
    for unclosed in [r#"a[b xx "]""#, r#"a[b xx "\"]""#, r#"a[b xx "\\" "]""#, "a[b xx [1]"] {
        assert!(!parse_patch_path(unclosed).unwrap_err().in_filter(), "{unclosed}");
    }
}

#[test]
fn attribute_paths() {
    let path = parse_attr_path(" name.familyName ").unwrap();
    assert_eq!((path.schema(), path.name().as_str()), (None, "name"));
    assert_eq!(path.sub().map(AttrName::as_str), Some("familyName"));
    assert!(matches!(
        parse_attr_path("emails[type pr]").unwrap_err().kind(),
        ParsePathErrorKind::Trailing { .. }
    ));
    assert!(matches!(parse_attr_path("").unwrap_err().kind(), ParsePathErrorKind::Empty));
    assert!(!parse_attr_path("a[0]").unwrap_err().in_filter());
}

#[test]
fn paths_are_made_of_parts() {
    let name = |text: &'static str| AttrName::new(text).unwrap();
    let path = AttrPath::from(name("name")).with_sub(name("familyName"));
    assert_eq!(path, parse_attr_path("NAME.FAMILYNAME").unwrap());
    let schema = "urn:example:2.0:User";
    let path = AttrPath::new(Some(schema.into()), name("name"), Some(name("sub"))).unwrap();
    assert_eq!(path.to_string(), "urn:example:2.0:User:name.sub");
    for bad in ["", "User", "urn:", "1:x", "urn:a b", "urn:a\"", "urn:a[", "urn:a)", "urn:é"] {
        let error = AttrPath::new(Some(bad.into()), name("name"), None).unwrap_err();
        assert_eq!(*error.kind(), ParsePathErrorKind::BadSchemaUri { found: bad.to_owned() });
    }
}
