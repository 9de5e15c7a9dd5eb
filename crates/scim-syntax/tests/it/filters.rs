//! What a filter may look like, and what it means.

use scim_syntax::{AttrName, CompareOp, Filter, Literal, parse_filter};

use crate::shape::shape;

#[track_caller]
fn reads(input: &str, expected: &str) {
    match parse_filter(input) {
        Ok(filter) => assert_eq!(shape(&filter), expected, "{input}"),
        Err(error) => panic!("{input}: {error}"),
    }
}

#[track_caller]
fn reads_value(value: &str, expected: &Literal<'_>) {
    let input = format!("a eq {value}");
    let Ok(Filter::Compare { value: found, .. }) = parse_filter(&input) else { panic!("{input} is refused") };
    assert_eq!(found, *expected, "{input}");
}

/// 7644-3.4.2.2-02: operators and names ignore case.
#[test]
fn operators_come_in_any_case() {
    for op in ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] {
        let capital = format!("{}{}", op[..1].to_uppercase(), &op[1..]);
        for written in [op.to_owned(), op.to_uppercase(), capital] {
            reads(&format!("userName {written} \"x\""), &format!("({op} userName \"x\")"));
        }
    }
    reads("title PR", "(pr title)");
    reads("a pr AND b pr Or c pr", "(or (and (pr a) (pr b)) (pr c))");
    reads("NOT (a pr)", "(not (pr a))");
    assert_eq!(parse_filter(r#"USERNAME Eq "john""#), parse_filter(r#"userName eq "john""#));
}

/// 7644-3.4.2.2-15: `and` binds tighter than `or`, `not` tighter than both.
#[test]
fn precedence() {
    reads("a pr or b pr and c pr", "(or (pr a) (and (pr b) (pr c)))");
    reads("a pr and b pr or c pr", "(or (and (pr a) (pr b)) (pr c))");
    reads("a pr and b pr or c pr and d pr", "(or (and (pr a) (pr b)) (and (pr c) (pr d)))");
    reads("(a pr or b pr) and c pr", "(and (or (pr a) (pr b)) (pr c))");
    reads("not (a pr) and b pr", "(and (not (pr a)) (pr b))");
    reads("not (a pr) or not (b pr) and c pr", "(or (not (pr a)) (and (not (pr b)) (pr c)))");
}

#[test]
fn chains_are_flat() {
    reads("a pr and b pr and c pr and d pr", "(and (pr a) (pr b) (pr c) (pr d))");
    reads("a pr or (b pr or c pr) or d pr", "(or (pr a) (pr b) (pr c) (pr d))");
    reads("((a pr and b pr) and c pr) and d pr", "(and (pr a) (pr b) (pr c) (pr d))");
    reads("a pr and (b pr and (c pr and d pr))", "(and (pr a) (pr b) (pr c) (pr d))");
    reads("(((a pr)))", "(pr a)");
}

/// 7644-3.4.2.2-16: `not` takes parentheses, with and without a blank (E7319).
#[test]
fn negation() {
    reads("not (title pr)", "(not (pr title))");
    reads("not(title pr)", "(not (pr title))");
    reads("not  ( title pr )", "(not (pr title))");
    reads("not (not (a pr))", "(not (not (pr a)))");
    reads("not (a pr or b pr)", "(not (or (pr a) (pr b)))");
}

#[test]
fn keywords_are_names_too() {
    reads(r#"not eq "x""#, r#"(eq not "x")"#);
    reads("not pr", "(pr not)");
    reads("not.x pr", "(pr not.x)");
    reads("not[x pr]", "([] not (pr x))");
    reads("not (not pr)", "(not (pr not))");
    reads("and pr and and pr", "(and (pr and) (pr and))");
    reads("or pr or or pr", "(or (pr or) (pr or))");
    reads("pr pr", "(pr pr)");
    reads("eq eq 1", "(eq eq 1)");
    reads("true eq true", "(eq true true)");
    reads("android pr and orders pr or nothing pr", "(or (and (pr android) (pr orders)) (pr nothing))");
}

/// 7644-3.4.2.2-17: `and`, `or`, `not` and parentheses stand inside brackets (E7322).
#[test]
fn value_paths() {
    reads(
        r#"emails[type eq "work" and value co "@a"]"#,
        r#"([] emails (and (eq type "work") (co value "@a")))"#,
    );
    reads("emails[a pr or b pr and c pr]", "([] emails (or (pr a) (and (pr b) (pr c))))");
    reads("emails[not (primary eq true)]", "([] emails (not (eq primary true)))");
    reads("emails[(a pr or b pr) and c pr]", "([] emails (and (or (pr a) (pr b)) (pr c)))");
    reads("emails[ type pr ]", "([] emails (pr type))");
    reads("members[$ref pr]", "([] members (pr $ref))");
    reads("not (emails[type pr]) and a[b pr]", "(and (not ([] emails (pr type))) ([] a (pr b)))");
}

/// 7644-3.4.2.2-18: what is compared after brackets belongs inside them.
#[test]
fn comparison_after_brackets() {
    reads(r#"emails[type eq "work"].value eq "x""#, r#"([] emails (and (eq type "work") (eq value "x")))"#);
    reads("emails[a pr and b pr].value pr", "([] emails (and (pr a) (pr b) (pr value)))");
    reads("emails[a pr or b pr].value gt 1", "([] emails (and (or (pr a) (pr b)) (gt value 1)))");
    reads("emails[a pr].value pr and b pr", "(and ([] emails (and (pr a) (pr value))) (pr b))");
    reads("members[a pr].$ref pr", "([] members (and (pr a) (pr $ref)))");
}

/// 7644-3.4.2.2-21: a path may start with a schema URI, dots and all.
#[test]
fn qualified_names() {
    #[track_caller]
    fn splits(path: &str, schema: &str, name: &str, sub: Option<&str>) {
        let input = format!("{path} pr");
        let Ok(Filter::Present(found)) = parse_filter(&input) else { panic!("{input} is refused") };
        assert_eq!(found.schema(), Some(schema));
        assert_eq!(found.name().as_str(), name);
        assert_eq!(found.sub().map(AttrName::as_str), sub);
        assert_eq!(found.to_string(), path);
    }
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let dotted = "urn:ietf:params:scim:schemas:extension:example.com:2.0:User";
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let microsoft = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    splits(&format!("{core}:userName"), core, "userName", None);
    splits(&format!("{core}:name.familyName"), core, "name", Some("familyName"));
    splits(&format!("{dotted}:teams"), dotted, "teams", None);
    splits(&format!("{enterprise}:manager.value"), enterprise, "manager", Some("value"));
    splits(&format!("{microsoft}:displayName"), microsoft, "displayName", None);
    let input = format!(r#"{core}:emails[type eq "work"].value eq "x" and {enterprise}:department eq "y""#);
    let expected = format!(
        r#"(and ([] {core}:emails (and (eq type "work") (eq value "x"))) (eq {enterprise}:department "y"))"#
    );
    reads(&input, &expected);
}

/// 7644-3.4.2.2-12, 7644-3.4.2.2-13: an operand is a JSON value that is no list and no object.
#[test]
fn values() {
    reads_value("true", &Literal::Bool(true));
    reads_value("false", &Literal::Bool(false));
    reads_value("null", &Literal::Null);
    for digits in
        ["0", "-0", "10", "-7", "1.5", "0.25", "1e3", "1E+3", "12.5e-10", "123456789012345678901234567890"]
    {
        let Ok(Filter::Compare { value: Literal::Number(number), op: CompareOp::Ge, .. }) =
            parse_filter(&format!("a ge {digits}")).map(Filter::into_owned)
        else {
            panic!("{digits} is refused")
        };
        assert_eq!(number.as_str(), digits);
    }
    reads("(a eq 1)", "(eq a 1)");
    reads("a[b eq 1.5]", "([] a (eq b 1.5))");
}

/// 7644-3.4.2.2-12: texts are JSON texts, with every escape.
#[test]
fn texts() {
    #[track_caller]
    fn text(written: &str, expected: &str) {
        reads_value(written, &Literal::String(expected.into()));
    }
    text(r#""""#, "");
    text(r#""O'Malley""#, "O'Malley");
    text(r#""Zoë 日本 🦀""#, "Zoë 日本 🦀");
    text(r#""a\"b\u00e9""#, "a\"bé");
    text(r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t");
    text(r#""\uD83E\uDD80 \ud83e\udd80""#, "🦀 🦀");
    text(r#""\u0000""#, "\0");
    text(r#""\uFFFF\uE000""#, "\u{ffff}\u{e000}");
    text(r#"") or ] and not (""#, ") or ] and not (");
    text("\"\u{7f}\u{85}\"", "\u{7f}\u{85}");
}

/// 7644-3.4.2.2-27: more blanks than the grammar has do no harm.
#[test]
fn blanks() {
    reads("  title   pr  ", "(pr title)");
    reads("a\teq\n1\r\n", "(eq a 1)");
    reads("( a pr  and  b pr )", "(and (pr a) (pr b))");
    reads("emails[  type  eq  1  ]", "([] emails (eq type 1))");
}
