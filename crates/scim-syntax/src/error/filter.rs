use std::ops::Range;

use thiserror::Error;

/// Why a filter did not parse, and which bytes of it are to blame.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{kind} (at byte {})", .span.start)]
pub struct ParseFilterError {
    kind: ParseFilterErrorKind,
    span: Range<usize>,
}

impl ParseFilterError {
    pub(crate) fn new(kind: ParseFilterErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ParseFilterErrorKind {
        &self.kind
    }

    /// The bytes at fault; empty where something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The same place, without a word of the filter: for one that may hold a secret.
    #[must_use]
    pub fn concealed(self) -> Self {
        Self { kind: ParseFilterErrorKind::Concealed, ..self }
    }
}

/// What is wrong with a filter. Quotations of the input are cut to a readable length.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ParseFilterErrorKind {
    /// Something that must not be told: see [`ParseFilterError::concealed`].
    #[error("it cannot be read, and is not shown since it may hold a secret")]
    Concealed,
    /// There is nothing but blanks, in all or between brackets or parentheses.
    #[error("expected a filter, such as `userName eq \"ada\"`")]
    Empty,
    /// The text is longer than the limit.
    #[error("a filter may hold at most {limit} bytes")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
    },
    /// Parentheses and brackets are nested deeper than the limit.
    #[error("a filter may nest at most {limit} parentheses and brackets")]
    TooDeep {
        /// The most levels allowed.
        limit: usize,
    },
    /// There are more comparisons than the limit.
    #[error("a filter may hold at most {limit} comparisons")]
    TooManyTerms {
        /// The most comparisons allowed.
        limit: usize,
    },
    /// An expression was due, and something else stood there, or nothing.
    #[error("expected an attribute name, `not (…)` or `(`, found {}", quoted(.found))]
    ExpectedExpression {
        /// What stood there; empty at the end of the input.
        found: String,
    },
    /// A name holds a character that no name may, or does not start with a letter.
    #[error(
        "`{found}` is no attribute name, expected a letter, then letters, digits, `$`, `-` or `_`, \
         and at most one `.` before a sub-attribute"
    )]
    BadAttrName {
        /// The name.
        found: String,
    },
    /// What stands in front of the last colon is no URI.
    #[error("`{found}` is no schema URI, expected one such as `urn:ietf:params:scim:schemas:core:2.0:User`")]
    BadSchemaUri {
        /// The text in front of the last colon.
        found: String,
    },
    /// A path stands inside brackets where only a name may.
    #[error("`{found}` stands inside brackets, expected the name of a sub-attribute alone, such as `type`")]
    NotASubAttribute {
        /// The path.
        found: String,
    },
    /// Brackets stand inside brackets (erratum 4690).
    #[error("brackets cannot stand inside brackets")]
    NestedBrackets,
    /// An attribute stands alone.
    #[error("expected an operator after `{attribute}`: one of {OPERATORS}")]
    MissingOperator {
        /// The attribute.
        attribute: String,
    },
    /// An operator was due, and something else stood there.
    #[error("unknown operator `{found}`, expected one of {OPERATORS}")]
    UnknownOperator {
        /// What stood there.
        found: String,
    },
    /// `not` stands in front of something without parentheses.
    #[error("`not` takes an expression in parentheses, as in `not (title pr)`")]
    NotWithoutGroup,
    /// An operator stands without its value.
    #[error("expected a JSON value after `{operator}`: a quoted text, a number, true, false or null")]
    MissingValue {
        /// The operator as it was written.
        operator: String,
    },
    /// Two words touch.
    #[error("expected a blank before `{found}`")]
    MissingBlank {
        /// What follows without a blank.
        found: String,
    },
    /// A value stands without its quotation marks.
    #[error("expected a JSON value: quote the text, as in `\"{found}\"`")]
    UnquotedText {
        /// The text.
        found: String,
    },
    /// A value stands in apostrophes.
    #[error("expected a JSON value: quote the text with `\"` instead of apostrophes")]
    Apostrophes,
    /// `true`, `false` or `null` in another case.
    #[error("`{found}` is no JSON value, expected `{expected}`")]
    KeywordCase {
        /// The word as it was written.
        found: String,
        /// The word in lower case.
        expected: &'static str,
    },
    /// A value starts like a number and is none.
    #[error("`{found}` is no JSON number")]
    BadNumber {
        /// The text.
        found: String,
    },
    /// A value is a list, an object or no JSON at all.
    #[error("`{found}` is no value to compare with, expected a quoted text, a number, true, false or null")]
    BadValue {
        /// The text.
        found: String,
    },
    /// A quoted text has no end.
    #[error("missing closing `\"`")]
    UnclosedString,
    /// A backslash is followed by something that JSON does not know.
    #[error(
        "`{found}` is no JSON escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hex digits"
    )]
    BadEscape {
        /// The backslash and what follows.
        found: String,
    },
    /// One half of a surrogate pair stands alone.
    #[error("`{found}` is one half of a surrogate pair, and the other half is missing")]
    LoneSurrogate {
        /// The escape.
        found: String,
    },
    /// A control character stands in a text as it is.
    #[error("a control character in a text has to be written as `\\u{code:04x}`")]
    ControlCharacter {
        /// Its code point.
        code: u32,
    },
    /// An opening parenthesis has no closing one.
    #[error("missing `)`")]
    UnclosedGroup,
    /// An opening bracket has no closing one.
    #[error("missing `]`")]
    UnclosedBracket,
    /// A closing parenthesis or bracket has no opening one.
    #[error("`{found}` closes nothing")]
    ClosesNothing {
        /// The parenthesis or bracket.
        found: char,
    },
    /// Something follows a complete expression.
    #[error("expected `and`, `or` or the end of the expression, found `{found}`")]
    Trailing {
        /// What follows.
        found: String,
    },
}

const OPERATORS: &str = "eq, ne, co, sw, ew, gt, ge, lt, le, pr";

fn quoted(found: &str) -> String {
    if found.is_empty() { "nothing".to_owned() } else { format!("`{found}`") }
}
