//! Strategies that generate names, paths and filters, for property tests with proptest.
//!
//! What they generate has the shape that parsing gives, so printing and parsing again is the
//! identity on it, within the default [`Limits`](crate::Limits).
//!
//! ```
//! use proptest::prelude::*;
//! use scim_syntax::{Filter, arbitrary};
//!
//! proptest!(|(filter in arbitrary::filters())| {
//!     prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
//! });
//! ```

use std::borrow::Cow;

use proptest::prelude::*;

use crate::{AttrName, AttrPath, CompareOp, Filter, Literal, Number, PatchPath};

/// Attribute names: invented ones, known ones, and such as are keywords too.
pub fn attr_names() -> impl Strategy<Value = AttrName<'static>> {
    let known = prop::sample::select(vec![
        "userName", "emails", "value", "type", "primary", "name", "$ref", "not", "and", "or", "pr", "eq",
        "true", "null",
    ]);
    prop_oneof![2 => known.prop_map(str::to_owned), 3 => r"\$?[A-Za-z][A-Za-z0-9$_-]{0,8}"]
        .prop_map(|name| AttrName::new(name).expect("the strategy follows the grammar of names"))
}

/// Attribute paths, with and without a schema URI and a sub-attribute.
pub fn attr_paths() -> impl Strategy<Value = AttrPath<'static>> {
    (prop::option::weighted(0.3, schema_uris()), attr_names(), prop::option::of(attr_names())).prop_map(
        |(schema, name, sub)| {
            AttrPath::new(schema.map(Cow::Owned), name, sub)
                .expect("the strategy follows the grammar of URIs")
        },
    )
}

fn schema_uris() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:example.com:2.0:User",
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
    ]);
    prop_oneof![known.prop_map(str::to_owned), r"[a-z][a-z0-9+.-]{0,3}:[A-Za-z0-9:._~/?#@!$&*+,;=%-]{1,20}"]
}

/// Operators that take a value.
pub fn compare_ops() -> impl Strategy<Value = CompareOp> {
    prop::sample::select(vec![
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Co,
        CompareOp::Sw,
        CompareOp::Ew,
        CompareOp::Gt,
        CompareOp::Ge,
        CompareOp::Lt,
        CompareOp::Le,
    ])
}

/// Numbers as JSON writes them, of any size.
pub fn numbers() -> impl Strategy<Value = Number<'static>> {
    let written = r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?";
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        written.prop_map(|text| Number::new(text).expect("the strategy follows the grammar of numbers")),
    ]
}

/// Values of every kind; texts hold any character, control characters and U+0000 included.
pub fn literals() -> impl Strategy<Value = Literal<'static>> {
    prop_oneof![
        1 => Just(Literal::Null),
        1 => any::<bool>().prop_map(Literal::Bool),
        2 => numbers().prop_map(Literal::Number),
        4 => any::<String>().prop_map(|text| Literal::String(Cow::Owned(text))),
        1 => r#"[\x00-\x1f"\\/a-c]{0,8}"#.prop_map(|text| Literal::String(Cow::Owned(text))),
    ]
}

/// Filters of every shape, nested up to four levels.
pub fn filters() -> impl Strategy<Value = Filter<'static>> {
    let inside = value_filters().boxed();
    let value_path = (attr_paths(), inside)
        .prop_map(|(path, filter)| Filter::ValuePath { path, filter: Box::new(filter) });
    nested(prop_oneof![3 => terms(attr_paths()), 1 => value_path].boxed())
}

/// Filters as they stand inside brackets: every path is the name of a sub-attribute.
pub fn value_filters() -> impl Strategy<Value = Filter<'static>> {
    nested(terms(attr_names().prop_map(AttrPath::from)).boxed())
}

/// Paths of PATCH operations, with and without a filter and a sub-attribute.
pub fn patch_paths() -> impl Strategy<Value = PatchPath<'static>> {
    let plain = attr_paths().prop_map(PatchPath::from);
    let schema = prop::option::weighted(0.3, schema_uris());
    let filtered = (schema, attr_names(), value_filters(), prop::option::of(attr_names())).prop_map(
        |(schema, name, filter, sub)| {
            let path = AttrPath::new(schema.map(Cow::Owned), name, None);
            PatchPath::filtered(path.expect("the strategy follows the grammar of URIs"), filter, sub)
        },
    );
    prop_oneof![plain, filtered]
}

fn terms(paths: impl Strategy<Value = AttrPath<'static>>) -> impl Strategy<Value = Filter<'static>> {
    (paths, prop::option::weighted(0.8, (compare_ops(), literals()))).prop_map(|(path, compared)| {
        match compared {
            Some((op, value)) => Filter::Compare { path, op, value },
            None => Filter::Present(path),
        }
    })
}

fn nested(leaf: BoxedStrategy<Filter<'static>>) -> impl Strategy<Value = Filter<'static>> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
            several.clone().prop_map(|terms| join(terms, Filter::and)),
            several.prop_map(|terms| join(terms, Filter::or)),
        ]
    })
}

/// Joins terms as the parser does, so chains come out flat.
fn join(
    terms: Vec<Filter<'static>>,
    with: fn(Filter<'static>, Filter<'static>) -> Filter<'static>,
) -> Filter<'static> {
    terms.into_iter().reduce(with).expect("there are at least two terms")
}
