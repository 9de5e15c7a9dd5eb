//! Text that can be borrowed is not copied.

use scim_syntax::parse_filter;

fn allocations(input: &str) -> u64 {
    let counted = allocation_counter::measure(|| assert!(parse_filter(input).is_ok(), "{input}"));
    counted.count_total
}

#[test]
fn a_simple_comparison_allocates_nothing() {
    for input in [
        "title pr",
        r#"userName eq "bjensen""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:name.familyName co "O'Malley""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
        "loginCount gt -12.5e3",
        "(active eq true)",
        "manager eq null",
    ] {
        assert_eq!(allocations(input), 0, "{input}");
    }
}

#[test]
fn other_filters_allocate_their_nodes_and_escaped_texts() {
    assert_eq!(allocations("not (title pr)"), 1);
    assert_eq!(allocations(r#"emails[type eq "work"]"#), 1);
    assert_eq!(allocations("a pr and b pr and c pr and d pr"), 1);
    assert_eq!(allocations("(a pr or b pr) or c pr"), 1);
    assert!(allocations(r#"a eq "\n""#) > 0);
}
