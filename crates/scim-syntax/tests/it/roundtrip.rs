//! Laws that hold for every input.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use proptest::prelude::*;
use scim_syntax::{
    AttrName, AttrPath, Filter, Limits, Number, PatchPath, arbitrary, parse_attr_path, parse_filter,
    parse_filter_with, parse_patch_path,
};

/// Text that looks like a filter more often than chance would have it.
fn near_filters() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "emails",
        "type",
        "value",
        "urn:x:2.0:User:a",
        ".",
        ":",
        "$",
        "not",
        "and",
        "or",
        "pr",
        "eq",
        "Co",
        "xx",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "\"x\"",
        "\\",
        "\\u12",
        "\"\\ud83e",
        "1",
        "-",
        "true",
        "null",
        "'",
        " ",
        "  ",
        "\t",
        "é",
        "🦀",
        "\0",
        "",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

/// Every parser answers, and every error points into the text, between characters.
fn gets_an_answer(text: &str) -> Result<(), TestCaseError> {
    let in_bounds = |span: std::ops::Range<usize>| text.get(span).is_some();
    if let Err(error) = parse_filter(text) {
        prop_assert!(in_bounds(error.span()), "{error:?}");
    }
    if let Err(error) = parse_filter_with(text, &Limits::default().with_bytes(9).with_depth(1).with_terms(1))
    {
        prop_assert!(in_bounds(error.span()), "{error:?}");
    }
    if let Err(error) = parse_patch_path(text) {
        prop_assert!(in_bounds(error.span()), "{error:?}");
    }
    if let Err(error) = parse_attr_path(text) {
        prop_assert!(in_bounds(error.span()), "{error:?}");
    }
    if let Err(error) = AttrName::new(text) {
        prop_assert!(in_bounds(error.span()), "{error:?}");
    }
    Ok(())
}

/// A filter that needs no parentheses as the operand of `and` or `or`.
fn operands() -> impl Strategy<Value = Filter<'static>> {
    arbitrary::filters().prop_map(|filter| match filter {
        filter @ (Filter::And(_) | Filter::Or(_)) => Filter::Not(Box::new(filter)),
        filter => filter,
    })
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        gets_an_answer(&text)?;
    }

    #[test]
    fn nearly_a_filter_gets_an_answer(text in near_filters()) {
        gets_an_answer(&text)?;
    }

    #[test]
    fn a_broken_filter_gets_an_answer(filter in arbitrary::filters(), at in any::<prop::sample::Index>(), put in near_filters()) {
        let mut text = filter.to_string();
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        text.insert_str(*at.get(&places), &put);
        gets_an_answer(&text)?;
        text.truncate(*at.get(&places));
        gets_an_answer(&text)?;
    }

    #[test]
    fn printed_filters_parse_back(filter in arbitrary::filters()) {
        prop_assert_eq!(filter.to_string().parse::<Filter<'_>>(), Ok(filter));
    }

    #[test]
    fn printed_paths_parse_back(path in arbitrary::patch_paths(), attr in arbitrary::attr_paths()) {
        prop_assert_eq!(path.to_string().parse::<PatchPath<'_>>(), Ok(path));
        prop_assert_eq!(attr.to_string().parse::<AttrPath<'_>>(), Ok(attr));
    }

    #[test]
    fn printed_numbers_parse_back(number in arbitrary::numbers()) {
        prop_assert_eq!(number.to_string().parse::<Number<'_>>(), Ok(number));
    }

    /// What parses prints as something that parses to the same, and owning it changes nothing.
    #[test]
    fn parsed_text_prints_and_parses_to_the_same(text in near_filters()) {
        if let Ok(filter) = parse_filter(&text) {
            let printed = filter.to_string();
            prop_assert_eq!(parse_filter(&printed), Ok(filter.clone()));
            prop_assert_eq!(filter.clone().into_owned(), filter);
        }
    }

    /// 7644-3.4.2.2-15: `a or b and c` is `a or (b and c)`, `a and b or c` is `(a and b) or c`.
    #[test]
    fn and_binds_tighter_than_or(a in operands(), b in operands(), c in operands()) {
        let expected = a.clone().or(b.clone().and(c.clone()));
        prop_assert_eq!(format!("{a} or {b} and {c}").parse::<Filter<'_>>(), Ok(expected.clone()));
        prop_assert_eq!(format!("{a} or ({b} and {c})").parse::<Filter<'_>>(), Ok(expected));
        let expected = a.clone().and(b.clone()).or(c.clone());
        prop_assert_eq!(format!("{a} and {b} or {c}").parse::<Filter<'_>>(), Ok(expected.clone()));
        prop_assert_eq!(format!("({a} and {b}) or {c}").parse::<Filter<'_>>(), Ok(expected));
    }

    /// 7643-2.1-01: equality, order and hash agree, of names and of paths.
    #[test]
    fn equality_order_and_hash_agree(a in arbitrary::attr_paths(), b in arbitrary::attr_paths()) {
        let hash = |path: &AttrPath<'_>| BuildHasherDefault::<DefaultHasher>::default().hash_one(path);
        let upper: AttrPath<'_> = a.to_string().to_ascii_uppercase().parse().unwrap();
        prop_assert_eq!(&a, &upper);
        prop_assert_eq!(hash(&a), hash(&upper));
        prop_assert_eq!(a == b, hash(&a) == hash(&b));
        prop_assert_eq!(a.name() == b.name(), a.name().cmp(b.name()).is_eq());
        prop_assert_eq!(a.name().cmp(b.name()), upper.name().cmp(b.name()));
    }
}
