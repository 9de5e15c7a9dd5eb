//! 7644-3.4.2.2-28: limits hold while parsing, and no tree overflows a stack of 2 MiB.

use scim_syntax::{
    Filter, Limits, ParseFilterErrorKind, ParsePathErrorKind, parse_filter, parse_filter_with,
};
use scim_syntax::{parse_attr_path, parse_patch_path, parse_patch_path_with};

/// Runs `test` on the stack of a worker thread.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(test).unwrap().join().unwrap();
}

/// Every operation that walks a tree.
fn walk(filter: &Filter<'_>) {
    let printed = filter.to_string();
    assert!(!printed.is_empty());
    assert_eq!(filter.clone(), *filter);
    assert_eq!(filter.clone().into_owned().to_string(), printed);
    assert!(format!("{filter:?}").len() > printed.len());
}

fn kind(input: &str) -> ParseFilterErrorKind {
    parse_filter(input).unwrap_err().kind().clone()
}

/// 7644-3.4.2.2-28: 200 levels are refused, whatever they are made of.
#[test]
fn depth() {
    let nested =
        |open: &str, depth: usize, close: &str| format!("{}a pr{}", open.repeat(depth), close.repeat(depth));
    for open in ["(", "not (", "NOT("] {
        assert!(parse_filter(&nested(open, 64, ")")).is_ok());
        assert_eq!(kind(&nested(open, 65, ")")), ParseFilterErrorKind::TooDeep { limit: 64 });
        assert_eq!(kind(&nested(open, 200, ")")), ParseFilterErrorKind::TooDeep { limit: 64 });
        assert_eq!(kind(&open.repeat(2000)), ParseFilterErrorKind::TooDeep { limit: 64 });
    }
    assert_eq!(kind(&"a[".repeat(2000)), ParseFilterErrorKind::NestedBrackets);
    assert_eq!(kind(&format!("a[{}", "(".repeat(64))), ParseFilterErrorKind::TooDeep { limit: 64 });
    let path = format!("a[{}]", nested("(", 64, ")"));
    let error = parse_patch_path(&path).unwrap_err();
    assert_eq!(*error.kind(), ParsePathErrorKind::Filter(ParseFilterErrorKind::TooDeep { limit: 64 }));
}

/// 7644-3.4.2.2-28: 100 kB are refused before they are read.
#[test]
fn bytes() {
    let long = format!("a eq \"{}\"", "x".repeat(100_000));
    let error = parse_filter(&long).unwrap_err();
    assert_eq!(*error.kind(), ParseFilterErrorKind::TooLong { limit: 16 * 1024 });
    assert_eq!(error.span(), 16 * 1024..long.len());
    assert!(parse_filter_with(&long, &Limits::default().with_bytes(long.len())).is_ok());
    assert!(parse_filter_with(&long, &Limits::default().with_bytes(long.len() - 1)).is_err());
    let path = format!("a.{}", "b".repeat(16 * 1024 - 2));
    assert!(parse_attr_path(&path).is_ok() && parse_patch_path(&path).is_ok());
    let too_long = ParsePathErrorKind::TooLong { limit: 16 * 1024 };
    assert_eq!(*parse_patch_path(&"a".repeat(100_000)).unwrap_err().kind(), too_long);
    assert_eq!(*parse_patch_path(&format!("a[{long}]")).unwrap_err().kind(), too_long);
    assert_eq!(*parse_attr_path(&"a".repeat(100_000)).unwrap_err().kind(), too_long);
}

#[test]
fn a_limit_within_a_character_is_no_fault() {
    let input = "a eq \"ééééé\"";
    for bytes in 0..input.len() {
        let error = parse_filter_with(input, &Limits::default().with_bytes(bytes)).unwrap_err();
        assert!(input.get(error.span()).is_some());
        assert!(error.span().start <= bytes && bytes < error.span().start + 2);
    }
}

/// 7644-3.4.2.2-28: terms are counted wherever they stand.
#[test]
fn terms() {
    let limits = Limits::default().with_terms(3);
    for input in ["a pr or b pr or c pr", "(a pr and b pr) or not (c pr)", "a[b pr or c pr].d eq 1"] {
        assert!(parse_filter_with(input, &limits).is_ok(), "{input}");
        let more = format!("{input} and more pr");
        let error = parse_filter_with(&more, &limits).unwrap_err();
        assert_eq!(*error.kind(), ParseFilterErrorKind::TooManyTerms { limit: 3 });
        assert_eq!(&more[error.span()], "more");
    }
    let error = parse_patch_path_with("a[b pr or c pr or d pr or e pr]", &limits).unwrap_err();
    assert!(error.in_filter());
    assert!(parse_filter(&vec!["a pr"; 1000].join(" or ")).is_ok());
    assert_eq!(kind(&vec!["a pr"; 1001].join(" or ")), ParseFilterErrorKind::TooManyTerms { limit: 1000 });
}

/// 7644-3.4.2.2-28: the deepest tree that can be had is safe to walk.
#[test]
fn deepest_trees_fit_the_stack() {
    on_small_stack(|| {
        let limits = Limits::default().with_depth(usize::MAX).with_bytes(usize::MAX).with_terms(usize::MAX);
        assert_eq!(limits.depth(), 100);
        // Each level of text makes three levels of tree.
        let mut input = "a pr".to_owned();
        for _ in 0..100 {
            input = format!("b pr or c pr and not ({input})");
        }
        walk(&parse_filter_with(&input, &limits).unwrap());
        let deeper = format!("not ({input})");
        assert!(parse_filter_with(&deeper, &limits).is_err());
        assert!(parse_filter_with(&"(".repeat(1_000_000), &limits).is_err());
        assert!(parse_patch_path_with(&format!("a[{input}]"), &limits).is_err());
    });
}

/// 7644-3.4.2.2-28: chains are as flat as they are long.
#[test]
fn longest_chains_fit_the_stack() {
    on_small_stack(|| {
        let limits = Limits::default().with_bytes(usize::MAX).with_terms(usize::MAX);
        for word in [" or ", " and "] {
            let chain = vec!["a pr"; 100_000].join(word);
            let filter = parse_filter_with(&chain, &limits).unwrap();
            walk(&filter);
            let inside = format!("a[{chain}].b pr");
            walk(&parse_filter_with(&inside, &limits).unwrap());
        }
    });
}
