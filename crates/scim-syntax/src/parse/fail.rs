use std::ops::Range;

use nom::error::{ErrorKind, ParseError};

use crate::error::{ParseFilterError, ParseFilterErrorKind, ParsePathError, ParsePathErrorKind};
use crate::limits::Limits;

/// What every parser here returns: the rest of the input and what it read.
pub(super) type PResult<'a, T> = nom::IResult<&'a str, T, Fail<'a>>;

/// A fault and the part of the input that shows it. Public errors are made from it at the very end.
#[derive(Debug)]
pub(super) struct Fail<'a> {
    fault: Fault,
    at: &'a str,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Apostrophes,
    BadAttrName,
    BadEscape,
    BadNumber,
    BadSchemaUri,
    BadValue,
    ControlCharacter,
    Empty,
    ExpectedExpression,
    FilteredSubAttribute,
    KeywordCase(&'static str),
    LoneSurrogate,
    MissingBlank,
    /// `at` is the attribute, and the operator is missing behind it.
    MissingOperator,
    /// `at` is the operator, and the value is missing behind it.
    MissingValue,
    NestedBrackets,
    NotASubAttribute,
    NotWithoutGroup,
    TooDeep,
    TooLong,
    TooManyTerms,
    Trailing,
    UnclosedBracket,
    UnclosedGroup,
    UnclosedString,
    UnknownOperator,
    UnquotedText,
}

/// An error that no alternative can mend.
#[cold]
pub(super) fn stop<T>(fault: Fault, at: &str) -> PResult<'_, T> {
    Err(fail(fault, at))
}

#[cold]
pub(super) fn fail(fault: Fault, at: &str) -> nom::Err<Fail<'_>> {
    nom::Err::Failure(Fail { fault, at })
}

impl<'a> ParseError<&'a str> for Fail<'a> {
    fn from_error_kind(input: &'a str, _: ErrorKind) -> Self {
        Self { fault: Fault::ExpectedExpression, at: super::token::word(input) }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl<'a> From<nom::Err<Fail<'a>>> for Fail<'a> {
    fn from(error: nom::Err<Fail<'a>>) -> Self {
        match error {
            nom::Err::Error(fail) | nom::Err::Failure(fail) => fail,
            // Only streaming parsers ask for more, and there are none here.
            nom::Err::Incomplete(_) => Self { fault: Fault::ExpectedExpression, at: "" },
        }
    }
}

impl<'a> Fail<'a> {
    /// The part of `input` beyond the limit is at fault.
    pub(super) fn too_long(input: &'a str, limits: &Limits) -> Self {
        let mut end = limits.bytes();
        while !input.is_char_boundary(end) {
            end -= 1;
        }
        Self { fault: Fault::TooLong, at: &input[end..] }
    }

    pub(super) fn in_filter(&self, input: &str, limits: &Limits) -> ParseFilterError {
        ParseFilterError::new(self.filter_kind(limits), self.span(input))
    }

    pub(super) fn in_path(&self, input: &str, limits: &Limits) -> ParsePathError {
        if matches!(self.fault, Fault::TooLong) {
            return ParsePathError::new(self.path_kind(limits), self.span(input));
        }
        let (kind, span) = match Bracket::around(self.span(input).start, input) {
            Bracket::None => (self.path_kind(limits), self.span(input)),
            Bracket::Unclosed if matches!(self.fault, Fault::UnclosedString) => {
                (ParsePathErrorKind::UnclosedString, self.span(input))
            }
            Bracket::Unclosed => (ParsePathErrorKind::UnclosedBracket, input.len()..input.len()),
            Bracket::Closed(content) if is_index(content) => {
                (ParsePathErrorKind::Index { found: excerpt(content.trim()) }, self.span(input))
            }
            Bracket::Closed(_) => (ParsePathErrorKind::Filter(self.filter_kind(limits)), self.span(input)),
        };
        ParsePathError::new(kind, span)
    }

    /// The kind of a fault outside of brackets.
    fn path_kind(&self, limits: &Limits) -> ParsePathErrorKind {
        use ParsePathErrorKind as Kind;
        let found = excerpt(self.at);
        match self.fault {
            Fault::BadAttrName => Kind::BadAttrName { found },
            Fault::BadSchemaUri => Kind::BadSchemaUri { found },
            Fault::Empty => Kind::Empty,
            Fault::ExpectedExpression => Kind::BadAttrName { found },
            Fault::FilteredSubAttribute => Kind::FilteredSubAttribute,
            Fault::TooLong => Kind::TooLong { limit: limits.bytes() },
            // What else there is belongs to filters, which stand in brackets.
            _ => Kind::Trailing { found },
        }
    }

    fn filter_kind(&self, limits: &Limits) -> ParseFilterErrorKind {
        use ParseFilterErrorKind as Kind;
        let found = excerpt(self.at);
        match self.fault {
            Fault::Apostrophes => Kind::Apostrophes,
            Fault::BadAttrName => Kind::BadAttrName { found },
            Fault::BadEscape => Kind::BadEscape { found },
            Fault::BadNumber => Kind::BadNumber { found },
            Fault::BadSchemaUri => Kind::BadSchemaUri { found },
            Fault::BadValue => Kind::BadValue { found },
            Fault::ControlCharacter => {
                Kind::ControlCharacter { code: self.at.chars().next().map_or(0, u32::from) }
            }
            Fault::Empty => Kind::Empty,
            // The second is a fault of paths, and no filter has it.
            Fault::ExpectedExpression | Fault::FilteredSubAttribute => Kind::ExpectedExpression { found },
            Fault::KeywordCase(expected) => Kind::KeywordCase { found, expected },
            Fault::LoneSurrogate => Kind::LoneSurrogate { found },
            Fault::MissingBlank => Kind::MissingBlank { found },
            Fault::MissingOperator => Kind::MissingOperator { attribute: found },
            Fault::MissingValue => Kind::MissingValue { operator: found },
            Fault::NestedBrackets => Kind::NestedBrackets,
            Fault::NotASubAttribute => Kind::NotASubAttribute { found },
            Fault::NotWithoutGroup => Kind::NotWithoutGroup,
            Fault::TooDeep => Kind::TooDeep { limit: limits.depth() },
            Fault::TooLong => Kind::TooLong { limit: limits.bytes() },
            Fault::TooManyTerms => Kind::TooManyTerms { limit: limits.terms() },
            Fault::Trailing => match found.chars().next() {
                Some(found @ (')' | ']')) => Kind::ClosesNothing { found },
                _ => Kind::Trailing { found },
            },
            Fault::UnclosedBracket => Kind::UnclosedBracket,
            Fault::UnclosedGroup => Kind::UnclosedGroup,
            Fault::UnclosedString => Kind::UnclosedString,
            Fault::UnknownOperator => Kind::UnknownOperator { found },
            Fault::UnquotedText => Kind::UnquotedText { found },
        }
    }

    /// Where `at` lies in `input`, of which it is a part.
    fn span(&self, input: &str) -> Range<usize> {
        let start = (self.at.as_ptr() as usize).saturating_sub(input.as_ptr() as usize).min(input.len());
        let end = (start + self.at.len()).min(input.len());
        match self.fault {
            // These point to where the missing part belongs.
            Fault::MissingOperator | Fault::MissingValue => end..end,
            _ => start..end,
        }
    }
}

/// What surrounds a place in a PATCH path.
enum Bracket<'a> {
    /// The place lies outside of brackets.
    None,
    /// It lies behind a bracket that is never closed.
    Unclosed,
    /// It lies between brackets, which hold this text.
    Closed(&'a str),
}

impl<'a> Bracket<'a> {
    fn around(place: usize, input: &'a str) -> Self {
        let Some(open) = input.find('[').filter(|&open| open < place) else { return Self::None };
        let content = &input[open + 1..];
        match closing(content) {
            None => Self::Unclosed,
            Some(close) if place <= open + 1 + close => Self::Closed(&content[..close]),
            Some(_) => Self::None,
        }
    }
}

/// Where the bracket in front of `content` is closed; brackets within quoted texts do not count.
fn closing(content: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut in_text = false;
    let mut bytes = content.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => drop(bytes.next()),
            b'[' if !in_text => open += 1,
            b']' if !in_text && open == 0 => return Some(at),
            b']' if !in_text => open -= 1,
            _ => {}
        }
    }
    None
}

fn is_index(content: &str) -> bool {
    let content = content.trim();
    let digits = content.strip_prefix('-').unwrap_or(content);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// As much of `text` as fits a message.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
