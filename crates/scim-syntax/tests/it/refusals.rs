//! What is no filter: which text is to blame, and what would be right.

use scim_syntax::{ParseFilterErrorKind, parse_filter};

/// `at` is the text pointed to; where something is missing, it is empty.
#[track_caller]
fn rejects(input: &str, at: &str, message: &str) {
    let Err(error) = parse_filter(input) else { panic!("`{input}` is accepted") };
    assert_eq!(&input[error.span()], at, "{error}");
    let located = format!("{message} (at byte {})", error.span().start);
    assert_eq!(error.to_string(), located);
}

const OPERATORS: &str = "eq, ne, co, sw, ew, gt, ge, lt, le, pr";

/// 7644-3.4.2.2-03: there has to be a filter.
#[test]
fn nothing() {
    let message = "expected a filter, such as `userName eq \"ada\"`";
    rejects("", "", message);
    rejects(" \t ", "", message);
    rejects("emails[]", "", message);
    rejects("()", ")", "expected an attribute name, `not (…)` or `(`, found `)`");
}

/// 7644-3.4.2.2-23: an unknown operator is named, and its place.
#[test]
fn operators() {
    let unknown = |found: &str| format!("unknown operator `{found}`, expected one of {OPERATORS}");
    rejects("userName regex \"x\"", "regex", &unknown("regex"));
    rejects("a equals 1", "equals", &unknown("equals"));
    rejects("a e 1", "e", &unknown("e"));
    rejects("a == 1", "==", &unknown("=="));
    rejects("a ëq 1", "ëq", &unknown("ëq"));
    rejects("a present", "present", &unknown("present"));
    rejects("a [b pr]", "[", &unknown("["));
    rejects("a(b pr)", "(", &unknown("("));
    rejects("a[b pr].c[d pr]", "[", &unknown("["));
    rejects("a\"x\"", "\"", &unknown("\""));
    rejects("a pr and or b pr", "b", &unknown("b"));
    let missing = |attribute: &str| format!("expected an operator after `{attribute}`: one of {OPERATORS}");
    rejects("title", "", &missing("title"));
    rejects("a pr and title ", "", &missing("title"));
    rejects("(title)", "", &missing("title"));
    rejects("emails[type]", "", &missing("type"));
    rejects("emails[type pr].value", "", &missing("value"));
}

/// 7644-3.4.2.2-16: `not` without parentheses is no negation.
#[test]
fn negation_needs_parentheses() {
    rejects("not title pr", "not", "`not` takes an expression in parentheses, as in `not (title pr)`");
    rejects("a pr and NOT b pr", "NOT", "`not` takes an expression in parentheses, as in `not (title pr)`");
    rejects("not", "", &format!("expected an operator after `not`: one of {OPERATORS}"));
}

/// 7644-3.4.2.2-12: an operand that is no JSON value.
#[test]
fn values() {
    let quote = |found: &str| format!("expected a JSON value: quote the text, as in `\"{found}\"`");
    rejects("userName sw J", "J", &quote("J"));
    rejects("userName eq j.doe@example.com", "j.doe@example.com", &quote("j.doe@example.com"));
    rejects("a eq truely", "truely", &quote("truely"));
    rejects("a eq é", "é", &quote("é"));
    let apostrophes = "expected a JSON value: quote the text with `\"` instead of apostrophes";
    rejects("displayName sw 'Group'", "'Group'", apostrophes);
    rejects("displayName sw 'My Group' and a pr", "'My Group'", apostrophes);
    rejects("displayName sw 'Group", "'Group", apostrophes);
    rejects("a eq True", "True", "`True` is no JSON value, expected `true`");
    rejects("a eq FALSE)", "FALSE", "`FALSE` is no JSON value, expected `false`");
    rejects("a eq Null", "Null", "`Null` is no JSON value, expected `null`");
    for found in ["01", "1.", "-", "1e", "1e+", "0x1f", "1_000", "--1", "1.2.3", "1\u{e9}"] {
        rejects(&format!("a eq {found}"), found, &format!("`{found}` is no JSON number"));
    }
    let bad = |found: &str| {
        format!(
            "`{found}` is no value to compare with, expected a quoted text, a number, true, false or null"
        )
    };
    rejects("a eq [1]", "[", &bad("["));
    rejects("a eq {}", "{}", &bad("{}"));
    rejects("a eq (1)", "(", &bad("("));
    rejects("a eq .5", ".5", &quote(".5"));
}

/// 7644-3.4.2.2-12: texts that are no JSON texts.
#[test]
fn texts() {
    rejects(r#"a eq "x"#, r#""x"#, "missing closing `\"`");
    rejects(r#"a eq "x\"#, r"\", "missing closing `\"`");
    rejects(r#"a eq "x\""#, r#""x\""#, "missing closing `\"`");
    let escapes = r#"is no JSON escape, expected one of \" \\ \/ \b \f \n \r \t or \u with four hex digits"#;
    rejects(r#"a eq "\x41""#, r"\x", &format!(r"`\x` {escapes}"));
    rejects(r#"a eq "\é""#, r"\é", &format!(r"`\é` {escapes}"));
    rejects(r#"a eq "\u12""#, r"\u12", &format!(r"`\u12` {escapes}"));
    rejects(r#"a eq "\u+123""#, r"\u+123", &format!(r"`\u+123` {escapes}"));
    rejects(r#"a eq "\u12é45""#, r"\u12é4", &format!(r"`\u12é4` {escapes}"));
    let lone =
        |found: &str| format!("`{found}` is one half of a surrogate pair, and the other half is missing");
    rejects(r#"a eq "\ud83e""#, r"\ud83e", &lone(r"\ud83e"));
    rejects(r#"a eq "\udd80""#, r"\udd80", &lone(r"\udd80"));
    rejects(r#"a eq "\ud83e\ud83e""#, r"\ud83e", &lone(r"\ud83e"));
    rejects(r#"a eq "\ud83e\u0041""#, r"\ud83e", &lone(r"\ud83e"));
    rejects("a eq \"x\ny\"", "\n", "a control character in a text has to be written as `\\u000a`");
    rejects("a eq \"\0\"", "\0", "a control character in a text has to be written as `\\u0000`");
}

/// 7644-3.4.2.2-27: a blank is missing.
#[test]
fn touching_words() {
    rejects("members[value eq\"x\"]", "\"", "expected a blank before `\"`");
    rejects("(a pr)and b pr", "and", "expected a blank before `and`");
    rejects("a eq \"x\"or b pr", "or", "expected a blank before `or`");
    rejects("a pr and(b pr)", "(", "expected a blank before `(`");
    rejects("a pr or\"b\"", "\"", "expected a blank before `\"`");
}

/// 7644-3.4.2.2-27: unclosed, dangling, trailing.
#[test]
fn broken_structure() {
    rejects("(a pr", "", "missing `)`");
    rejects("(a pr]", "", "missing `)`");
    rejects("not (a pr or (b pr)", "", "missing `)`");
    rejects("emails[type pr", "", "missing `]`");
    rejects("emails[type pr)", "", "missing `]`");
    rejects("emails[(type pr]", "", "missing `)`");
    rejects("a pr)", ")", "`)` closes nothing");
    rejects("a[b pr]]", "]", "`]` closes nothing");
    rejects("a pr b pr", "b", "expected `and`, `or` or the end of the expression, found `b`");
    rejects("(a pr b pr)", "b", "expected `and`, `or` or the end of the expression, found `b`");
    rejects("a eq 1 xor b pr", "xor", "expected `and`, `or` or the end of the expression, found `xor`");
    rejects("a eq \"x\"\"y\"", "\"", "expected `and`, `or` or the end of the expression, found `\"`");
    rejects(
        "emails[type pr]value eq 1",
        "value",
        "expected `and`, `or` or the end of the expression, found `value`",
    );
    let expected = |found: &str| format!("expected an attribute name, `not (…)` or `(`, found {found}");
    rejects("a pr and", "", &expected("nothing"));
    rejects("a pr or ", "", &expected("nothing"));
    rejects("(a pr and )", ")", &expected("`)`"));
    rejects("\"a\" eq 1", "\"", &expected("`\"`"));
    rejects("[a pr]", "[", &expected("`[`"));
    rejects("a eq", "", "expected a JSON value after `eq`: a quoted text, a number, true, false or null");
    rejects("(a Co )", "", "expected a JSON value after `Co`: a quoted text, a number, true, false or null");
}

#[test]
fn names() {
    let bad = |found: &str| {
        format!(
            "`{found}` is no attribute name, expected a letter, then letters, digits, `$`, `-` or `_`, \
             and at most one `.` before a sub-attribute"
        )
    };
    for found in [
        "1a",
        "-a",
        "_a",
        "$",
        "$1",
        ".a",
        "a.",
        "a..b",
        "a.b.c",
        "a.1",
        "naïve",
        "é",
        "a/b",
        "a,b",
        "urn:x:2.0",
    ] {
        rejects(&format!("{found} pr"), found, &bad(found));
    }
    rejects("emails[type pr]. eq 1", ".", &bad("."));
    rejects("emails[type pr].a.b eq 1", ".a.b", &bad(".a.b"));
    let uri = |found: &str| {
        format!(
            "`{found}` is no schema URI, expected one such as `urn:ietf:params:scim:schemas:core:2.0:User`"
        )
    };
    rejects("User:name pr", "User", &uri("User"));
    rejects(":name pr", "", &uri(""));
    rejects("1:2:name pr", "1:2", &uri("1:2"));
    rejects("urn::name pr", "urn:", &uri("urn:"));
}

/// 7644-3.4.2.2-17: no brackets in brackets (E4690), and no path but a name.
#[test]
fn brackets() {
    rejects("a[b[c pr]]", "[", "brackets cannot stand inside brackets");
    rejects("a[(b[c pr])]", "[", "brackets cannot stand inside brackets");
    let inside = |found: &str| {
        format!(
            "`{found}` stands inside brackets, expected the name of a sub-attribute alone, such as `type`"
        )
    };
    rejects("emails[emails.type pr]", "emails.type", &inside("emails.type"));
    rejects("emails[urn:x:User:type pr]", "urn:x:User:type", &inside("urn:x:User:type"));
}

#[test]
fn long_quotations_are_cut() {
    let error = parse_filter(&format!("a eq {}", "x".repeat(1000))).unwrap_err();
    assert_eq!(error.span(), 5..1005);
    let ParseFilterErrorKind::UnquotedText { found } = error.kind() else { panic!("{error}") };
    assert_eq!(*found, format!("{}…", "x".repeat(60)));
}
