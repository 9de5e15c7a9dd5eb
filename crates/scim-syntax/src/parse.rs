mod expr;
mod fail;
mod path;
mod token;
mod value;

use std::cell::Cell;

use self::fail::Fail;
use crate::attr_path::AttrPath;
use crate::error::{ParseFilterError, ParsePathError};
use crate::filter::Filter;
use crate::limits::Limits;
use crate::patch_path::PatchPath;

pub(crate) use self::path::is_schema_uri;
pub(crate) use self::value::is_number;

/// Parses a filter, such as `userName eq "bjensen"`, within the default [`Limits`].
///
/// The whole input must be one filter; blanks around it and more than one between words are fine.
/// Attribute names are not looked up in any schema here.
///
/// What is compared after brackets, as in `emails[type eq "work"].value eq "x"`, is moved inside
/// them: Entra ID sends this form, which the grammar does not have.
///
/// # Errors
///
/// Returns a [`ParseFilterError`] when the input does not follow the grammar or exceeds a limit. Its
/// [`span`](ParseFilterError::span) covers the text at fault.
///
/// # Examples
///
/// ```
/// use scim_syntax::parse_filter;
///
/// let error = parse_filter("userName sw J").unwrap_err();
/// assert_eq!(error.to_string(), "expected a JSON value: quote the text, as in `\"J\"` (at byte 12)");
/// ```
pub fn parse_filter(input: &str) -> Result<Filter<'_>, ParseFilterError> {
    parse_filter_with(input, &Limits::default())
}

/// Parses a filter within limits of your own.
///
/// # Errors
///
/// As [`parse_filter`].
pub fn parse_filter_with<'a>(input: &'a str, limits: &Limits) -> Result<Filter<'a>, ParseFilterError> {
    if input.len() > limits.bytes() {
        return Err(Fail::too_long(input, limits).in_filter(input, limits));
    }
    let budget = Budget::new(limits);
    expr::whole_filter(input, &budget).map_err(|error| Fail::from(error).in_filter(input, limits))
}

/// Parses an attribute path, such as `name.familyName`, with or without a schema URI.
///
/// # Errors
///
/// Returns a [`ParsePathError`] when the input is no such path. Its [`span`](ParsePathError::span)
/// covers the text at fault.
pub fn parse_attr_path(input: &str) -> Result<AttrPath<'_>, ParsePathError> {
    let limits = Limits::default();
    if input.len() > limits.bytes() {
        return Err(Fail::too_long(input, &limits).in_path(input, &limits));
    }
    path::whole_attr_path(input).map_err(|error| Fail::from(error).in_path(input, &limits))
}

/// Parses the path of a PATCH operation within the default [`Limits`].
///
/// # Errors
///
/// Returns a [`ParsePathError`] when the input does not follow the grammar or exceeds a limit; it
/// tells whether the path itself is at fault or [the filter inside](ParsePathError::in_filter).
///
/// # Examples
///
/// ```
/// use scim_syntax::parse_patch_path;
///
/// assert!(parse_patch_path(r#"emails[type is "work"].value"#).unwrap_err().in_filter());
/// assert!(!parse_patch_path(r#"emails[type eq "work""#).unwrap_err().in_filter());
/// ```
pub fn parse_patch_path(input: &str) -> Result<PatchPath<'_>, ParsePathError> {
    parse_patch_path_with(input, &Limits::default())
}

/// Parses the path of a PATCH operation within limits of your own.
///
/// # Errors
///
/// As [`parse_patch_path`].
pub fn parse_patch_path_with<'a>(input: &'a str, limits: &Limits) -> Result<PatchPath<'a>, ParsePathError> {
    if input.len() > limits.bytes() {
        return Err(Fail::too_long(input, limits).in_path(input, limits));
    }
    let budget = Budget::new(limits);
    expr::whole_patch_path(input, &budget).map_err(|error| Fail::from(error).in_path(input, limits))
}

/// What is left of the limits while one input is read.
struct Budget {
    depth: usize,
    terms: Cell<usize>,
}

impl Budget {
    fn new(limits: &Limits) -> Self {
        Self { depth: limits.depth(), terms: Cell::new(limits.terms()) }
    }
}
