use std::ops::Range;

use thiserror::Error;

use super::ParseFilterErrorKind;

/// Why a path did not parse, and which bytes of it are to blame.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{kind} (at byte {})", .span.start)]
pub struct ParsePathError {
    kind: ParsePathErrorKind,
    span: Range<usize>,
}

impl ParsePathError {
    pub(crate) fn new(kind: ParsePathErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ParsePathErrorKind {
        &self.kind
    }

    /// The bytes at fault; empty where something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The same place, without a word of the path: for one that may hold a secret.
    #[must_use]
    pub fn concealed(self) -> Self {
        let kind = match self.kind {
            ParsePathErrorKind::Filter(_) => ParsePathErrorKind::Filter(ParseFilterErrorKind::Concealed),
            _ => ParsePathErrorKind::Concealed,
        };
        Self { kind, ..self }
    }

    /// Whether the fault lies in the filter between a pair of brackets, and not in the path around it.
    ///
    /// The first is `invalidFilter` in SCIM's terms, the second `invalidPath` (7644-3.5.2-05). Without
    /// a closing bracket, and with an index between the brackets, the path is at fault.
    #[must_use]
    pub fn in_filter(&self) -> bool {
        matches!(self.kind, ParsePathErrorKind::Filter(_))
    }
}

/// What is wrong with a path. Quotations of the input are cut to a readable length.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ParsePathErrorKind {
    /// Something that must not be told: see [`ParsePathError::concealed`].
    #[error("it cannot be read, and is not shown since it may hold a secret")]
    Concealed,
    /// There is nothing but blanks.
    #[error("expected a path, such as `name.familyName`")]
    Empty,
    /// The text is longer than the limit.
    #[error("a path may hold at most {limit} bytes")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
    },
    /// A name holds a character that no name may, or does not start with a letter.
    #[error(
        "`{found}` is no attribute path, expected a letter, then letters, digits, `$`, `-` or `_`, \
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
    /// Brackets stand behind a sub-attribute, which has no elements to select.
    #[error("brackets follow the attribute, not its sub-attribute, as in `emails[type eq \"work\"].value`")]
    FilteredSubAttribute,
    /// Elements are counted, not selected by a filter.
    #[error("elements have no index in SCIM, expected a filter such as `[value eq \"{found}\"]`")]
    Index {
        /// The index.
        found: String,
    },
    /// An opening bracket has no closing one.
    #[error("missing `]`")]
    UnclosedBracket,
    /// A quoted text has no end, and so the bracket has none either.
    #[error("missing closing `\"`")]
    UnclosedString,
    /// Something follows a complete path.
    #[error("expected the end of the path, found `{found}`")]
    Trailing {
        /// What follows.
        found: String,
    },
    /// The filter between the brackets is at fault.
    #[error(transparent)]
    Filter(ParseFilterErrorKind),
}
