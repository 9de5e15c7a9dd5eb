mod print;

use std::fmt;
use std::str::FromStr;

use crate::attr_path::AttrPath;
use crate::error::ParseFilterError;
use crate::literal::Literal;
use crate::parse::parse_filter;

/// A filter expression ([RFC 7644 §3.4.2.2]).
///
/// Printing a filter and parsing it again gives an equal filter, as long as the tree has the shape
/// that parsing gives it: [`And`](Self::And) and [`Or`](Self::Or) hold two or more terms and none of
/// their own kind (see [`and`](Self::and), [`or`](Self::or)), and the paths inside a
/// [`ValuePath`](Self::ValuePath) are bare names, with no further brackets (erratum 4690).
///
/// [RFC 7644 §3.4.2.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.2
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Filter<'a> {
    /// `title pr`: the attribute has a value.
    Present(AttrPath<'a>),
    /// `userName eq "ada"`: the attribute compares with a value.
    Compare {
        /// The attribute.
        path: AttrPath<'a>,
        /// How it is compared.
        op: CompareOp,
        /// What it is compared with.
        value: Literal<'a>,
    },
    /// `emails[type eq "work"]`: one element of the attribute satisfies the whole filter inside.
    ValuePath {
        /// The attribute whose elements are looked at.
        path: AttrPath<'a>,
        /// The filter on one element; its paths are names of sub-attributes.
        filter: Box<Filter<'a>>,
    },
    /// `not (…)`.
    Not(Box<Filter<'a>>),
    /// `… and … and …`, two or more.
    And(Vec<Filter<'a>>),
    /// `… or … or …`, two or more.
    Or(Vec<Filter<'a>>),
}

impl<'a> Filter<'a> {
    /// Both have to match. Chains stay flat: `a.and(b).and(c)` is one [`And`](Self::And) of three.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut terms = match self {
            Self::And(terms) => terms,
            first => vec![first],
        };
        match other {
            Self::And(more) => terms.extend(more),
            last => terms.push(last),
        }
        Self::And(terms)
    }

    /// One has to match. Chains stay flat: `a.or(b).or(c)` is one [`Or`](Self::Or) of three.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut terms = match self {
            Self::Or(terms) => terms,
            first => vec![first],
        };
        match other {
            Self::Or(more) => terms.extend(more),
            last => terms.push(last),
        }
        Self::Or(terms)
    }

    /// The same filter, free of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> Filter<'static> {
        match self {
            Self::Present(path) => Filter::Present(path.into_owned()),
            Self::Compare { path, op, value } => {
                Filter::Compare { path: path.into_owned(), op, value: value.into_owned() }
            }
            Self::ValuePath { path, filter } => {
                Filter::ValuePath { path: path.into_owned(), filter: Box::new(filter.into_owned()) }
            }
            Self::Not(inner) => Filter::Not(Box::new(inner.into_owned())),
            Self::And(terms) => Filter::And(terms.into_iter().map(Filter::into_owned).collect()),
            Self::Or(terms) => Filter::Or(terms.into_iter().map(Filter::into_owned).collect()),
        }
    }
}

impl FromStr for Filter<'static> {
    type Err = ParseFilterError;

    fn from_str(filter: &str) -> Result<Self, Self::Err> {
        parse_filter(filter).map(Filter::into_owned)
    }
}

/// How an attribute compares with a value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal to.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal to.
    Le,
}

impl CompareOp {
    /// The operator as the RFC writes it, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
