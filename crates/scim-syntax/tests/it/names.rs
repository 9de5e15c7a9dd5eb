//! Names and numbers as values of their own.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use scim_syntax::{AttrName, Literal, Number, ParseAttrNameErrorKind};

fn name(text: &str) -> AttrName<'_> {
    AttrName::new(text).unwrap()
}

/// 7643-2.1-01: names that differ only in case are one, in every collection.
#[test]
fn case_does_not_part_names() {
    assert_eq!(name("userName"), name("USERNAME"));
    assert_eq!(name("userName").cmp(&name("USERname")), Ordering::Equal);
    assert_ne!(name("userName"), name("userNames"));
    let mut sorted = [name("b"), name("A"), name("C"), name("a1"), name("A-")];
    sorted.sort();
    assert_eq!(sorted.iter().map(AttrName::as_str).collect::<Vec<_>>(), ["A", "A-", "a1", "b", "C"]);
    assert_eq!(HashMap::from([(name("userName"), 1)]).get(&name("USERNAME")), Some(&1));
    assert_eq!(BTreeMap::from([(name("userName"), 1)]).get(&name("USERNAME")), Some(&1));
    assert_eq!(name("userName").to_string(), "userName");
}

/// 7643-2.1-02: a letter, then letters, digits, `$`, `-`, `_`; `$` in front for `$ref`.
#[test]
fn what_a_name_is() {
    for good in ["a", "Z9", "userName", "$ref", "a$b-c_d", "x509Certificates"] {
        assert_eq!(name(good).as_str(), good);
    }
    let fault = |text: &str| {
        let error = AttrName::new(text.to_owned()).unwrap_err();
        assert!(text.get(error.span()).is_some());
        (error.kind().clone(), error.span())
    };
    assert_eq!(fault(""), (ParseAttrNameErrorKind::Empty, 0..0));
    for (bad, found) in [("1a", '1'), ("-a", '-'), ("$", '$'), ("$1", '$'), ("é", 'é'), (" a", ' ')] {
        assert_eq!(fault(bad), (ParseAttrNameErrorKind::BadStart { found }, 0..found.len_utf8()));
    }
    for (bad, at, found) in
        [("a.b", 1, '.'), ("ab:c", 2, ':'), ("naïve", 2, 'ï'), ("a ", 1, ' '), ("a\n", 1, '\n')]
    {
        assert_eq!(fault(bad), (ParseAttrNameErrorKind::BadChar { found }, at..at + found.len_utf8()));
    }
    let error = AttrName::new("a.b").unwrap_err();
    assert_eq!(
        error.to_string(),
        "an attribute name holds letters, digits, `$`, `-` and `_`, not `.` (at byte 1)"
    );
}

#[test]
fn names_are_texts_in_json() {
    assert_eq!(serde_json::to_string(&name("$ref")).unwrap(), r#""$ref""#);
    let read: AttrName<'static> = serde_json::from_str(r#""userName""#).unwrap();
    assert_eq!(read, name("username"));
    let error = serde_json::from_str::<AttrName<'static>>(r#""user name""#).unwrap_err();
    assert!(error.to_string().starts_with("an attribute name holds"), "{error}");
    let map: BTreeMap<AttrName<'static>, u8> = serde_json::from_str(r#"{"a":1,"B":2}"#).unwrap();
    assert_eq!(map.get(&name("b")), Some(&2));
    assert!("user name".parse::<AttrName<'static>>().is_err());
}

#[test]
fn numbers() {
    let number = |text: &'static str| Number::new(text).unwrap();
    assert_eq!(number("9007199254740993").as_i64(), Some(9_007_199_254_740_993));
    assert_eq!(number("-9223372036854775808").as_i64(), Some(i64::MIN));
    assert_eq!(number("9223372036854775808").as_i64(), None);
    assert_eq!(number("-0").as_i64(), Some(0));
    assert_eq!((number("5.0").as_i64(), number("5e0").as_i64()), (None, None));
    assert_eq!(number("5.0").as_f64(), Some(5.0));
    assert_eq!(number("1e308").as_f64(), Some(1e308));
    assert_eq!((number("1e309").as_f64(), number("-1e309").as_f64()), (None, None));
    assert_eq!(number("1e-400").as_f64(), Some(0.0));
    assert_eq!(Number::from(i64::MIN).as_i64(), Some(i64::MIN));
    for bad in ["", "01", "+1", ".5", "1.", "1e", "NaN", "inf", "0x1", "1 ", " 1", "-"] {
        let error = bad.parse::<Number<'static>>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{bad}` is no JSON number"));
    }
}

#[test]
fn texts_print_as_json() {
    #[track_caller]
    fn prints(text: &str, expected: &str) {
        assert_eq!(Literal::String(text.into()).to_string(), expected);
    }
    prints("", r#""""#);
    prints("a b/é🦀\u{7f}", "\"a b/é🦀\u{7f}\"");
    prints("\"\\\n\r\t", r#""\"\\\n\r\t""#);
    prints("\0a\u{1f}\u{8}", r#""\u0000a\u001f\u0008""#);
}
