use std::borrow::Cow;
use std::fmt::{self, Write};
use std::str::FromStr;

use crate::error::ParseNumberError;
use crate::parse;

/// What an attribute is compared with: a JSON value that is no list and no object.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Literal<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, in the digits it was written with.
    Number(Number<'a>),
    /// A text, with its escapes resolved. It may hold any character, U+0000 included.
    String(Cow<'a, str>),
}

impl Literal<'_> {
    /// The same value, free of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> Literal<'static> {
        match self {
            Self::Null => Literal::Null,
            Self::Bool(value) => Literal::Bool(value),
            Self::Number(number) => Literal::Number(number.into_owned()),
            Self::String(text) => Literal::String(Cow::Owned(text.into_owned())),
        }
    }
}

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => write_json_string(f, text),
        }
    }
}

fn write_json_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        // `at` is the place of an ASCII byte, so both cuts fall between characters.
        f.write_str(&rest[..at])?;
        match rest.as_bytes()[at] {
            b'"' => f.write_str("\\\"")?,
            b'\\' => f.write_str("\\\\")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            control => write!(f, "\\u{control:04x}")?,
        }
        rest = &rest[at + 1..];
    }
    f.write_str(rest)?;
    f.write_char('"')
}

/// A JSON number, kept in the digits it was written with, so no digit is lost on the way through.
///
/// Two numbers are equal when they are written alike: `1.0` and `1` differ here. Compare what
/// [`as_i64`](Self::as_i64) and [`as_f64`](Self::as_f64) say to compare values.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Number<'a>(Cow<'a, str>);

impl<'a> Number<'a> {
    /// Checks that `text` is a JSON number and keeps it.
    ///
    /// # Errors
    ///
    /// Returns a [`ParseNumberError`] when it is not, as for `01`, `+1`, `.5` or `NaN`.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, ParseNumberError> {
        let text = text.into();
        if parse::is_number(&text) { Ok(Self(text)) } else { Err(ParseNumberError::new(text.into_owned())) }
    }

    /// Takes text that the parser has already checked.
    pub(crate) fn from_checked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number when it is written as an integer and fits; `5.0` and `5e0` are not written so.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest binary fraction, unless the number is too large to have a finite one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// The same number, free of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> Number<'static> {
        Number(Cow::Owned(self.0.into_owned()))
    }
}

impl From<i64> for Number<'static> {
    fn from(value: i64) -> Self {
        Self(Cow::Owned(value.to_string()))
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Number<'static> {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Number::new(text).map(Number::into_owned)
    }
}
