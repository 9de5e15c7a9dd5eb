use std::borrow::Cow;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{opt, recognize};

use super::fail::{Fail, Fault, PResult, stop};
use super::token::{at_word_end, word};
use crate::literal::{Literal, Number};

/// A JSON value that is no list and no object.
pub(super) fn literal(i: &str) -> PResult<'_, Literal<'_>> {
    match i.bytes().next() {
        Some(b'"') => string(i),
        Some(b'-' | b'0'..=b'9') => match number(i) {
            Ok((rest, digits)) if at_word_end(rest) => {
                Ok((rest, Literal::Number(Number::from_checked(digits))))
            }
            _ => stop(Fault::BadNumber, word(i)),
        },
        _ => keyword(i),
    }
}

fn keyword(i: &str) -> PResult<'_, Literal<'_>> {
    let found = word(i);
    let value = match found {
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        "null" => Literal::Null,
        _ => return no_literal(i, found),
    };
    Ok((&i[found.len()..], value))
}

#[cold]
fn no_literal<'a>(i: &'a str, found: &'a str) -> PResult<'a, Literal<'a>> {
    if found.starts_with('\'') {
        let end = i[1..].find('\'').map_or(found.len(), |close| close + 2);
        return stop(Fault::Apostrophes, &i[..end]);
    }
    if let Some(expected) =
        ["true", "false", "null"].into_iter().find(|right| found.eq_ignore_ascii_case(right))
    {
        return stop(Fault::KeywordCase(expected), found);
    }
    if found.starts_with(['[', '{', '(', ')', ']']) {
        return stop(Fault::BadValue, found);
    }
    stop(Fault::UnquotedText, found)
}

/// The digits of a JSON number: `-`, digits without a leading zero, a fraction, an exponent.
fn number(i: &str) -> PResult<'_, &str> {
    let integer = alt((tag("0"), digit1));
    let fraction = (char('.'), digit1);
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    recognize((opt(char('-')), integer, opt(fraction), opt(exponent))).parse(i)
}

/// Whether all of `text` is one JSON number.
pub(crate) fn is_number(text: &str) -> bool {
    matches!(number(text), Ok(("", _)))
}

/// A JSON string; borrowed unless it holds an escape.
fn string(i: &str) -> PResult<'_, Literal<'_>> {
    let (content, _) = char::<_, Fail<'_>>('"').parse(i)?;
    let end = plain(content);
    // `end` is the place of an ASCII byte or the end, so the cuts fall between characters.
    match content.as_bytes().get(end) {
        Some(b'"') => Ok((&content[end + 1..], Literal::String(Cow::Borrowed(&content[..end])))),
        _ => escaped_string(i, content),
    }
}

/// How many bytes stand for themselves: up to a quotation mark, a backslash or a control character.
fn plain(content: &str) -> usize {
    let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    content.bytes().position(special).unwrap_or(content.len())
}

/// Reads on from the first escape; `i` starts at the opening quotation mark.
fn escaped_string<'a>(i: &'a str, content: &'a str) -> PResult<'a, Literal<'a>> {
    let mut text = String::new();
    let mut rest = content;
    loop {
        let (head, tail) = rest.split_at(plain(rest));
        text.push_str(head);
        match tail.bytes().next() {
            None => return stop(Fault::UnclosedString, i),
            Some(b'"') => return Ok((&tail[1..], Literal::String(Cow::Owned(text)))),
            Some(b'\\') => {
                let (next, c) = escape(tail)?;
                text.push(c);
                rest = next;
            }
            Some(_) => return stop(Fault::ControlCharacter, &tail[..1]),
        }
    }
}

fn escape(i: &str) -> PResult<'_, char> {
    let c = match i.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(i),
        None => return stop(Fault::UnclosedString, i),
        Some(_) => return bad_escape(i),
    };
    Ok((&i[2..], c))
}

/// `\uXXXX`, or two of them that make one character.
fn unicode_escape(i: &str) -> PResult<'_, char> {
    let Some(first) = hex4(i) else { return bad_escape(i) };
    let (head, tail) = i.split_at(6);
    match first {
        0xd800..=0xdbff => match hex4(tail) {
            Some(second @ 0xdc00..=0xdfff) => {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                char::from_u32(code).map_or_else(|| stop(Fault::LoneSurrogate, head), |c| Ok((&tail[6..], c)))
            }
            _ => stop(Fault::LoneSurrogate, head),
        },
        _ => char::from_u32(first).map_or_else(|| stop(Fault::LoneSurrogate, head), |c| Ok((tail, c))),
    }
}

/// The code of `\uXXXX` at the start of `i`.
fn hex4(i: &str) -> Option<u32> {
    let digits = i.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        u32::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// Points at the backslash and what follows: one character, or up to four digits behind `\u`.
#[cold]
fn bad_escape(i: &str) -> PResult<'_, char> {
    let length = if i[1..].starts_with('u') { 6 } else { 2 };
    let end = i.char_indices().take(length).skip(1).find(|&(_, c)| c == '"').map(|(at, _)| at);
    let end = end.unwrap_or_else(|| i.char_indices().nth(length).map_or(i.len(), |(at, _)| at));
    stop(Fault::BadEscape, &i[..end])
}
