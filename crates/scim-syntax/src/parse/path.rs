use super::fail::{Fail, Fault, PResult, fail, stop};
use super::token::{Class, at_word_end, blanks, class, word};
use crate::attr_path::AttrPath;

/// A path of attributes and the parts it falls into, all of them checked.
#[derive(Clone, Copy)]
pub(super) struct PathText<'a> {
    pub(super) text: &'a str,
    pub(super) schema: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) sub: Option<&'a str>,
}

impl<'a> From<PathText<'a>> for AttrPath<'a> {
    fn from(path: PathText<'a>) -> Self {
        Self::from_checked(path.schema, path.name, path.sub)
    }
}

pub(super) fn whole_attr_path(i: &str) -> Result<AttrPath<'_>, nom::Err<Fail<'_>>> {
    let (i, path) = attr_path(start_of_path(i)?)?;
    end_of_path(i)?;
    Ok(path.into())
}

/// Skips the blanks in front of a path.
pub(super) fn start_of_path(i: &str) -> Result<&str, nom::Err<Fail<'_>>> {
    let i = blanks(i);
    if i.is_empty() { Err(fail(Fault::Empty, i)) } else { Ok(i) }
}

/// Makes sure that nothing but blanks follows a path.
pub(super) fn end_of_path(i: &str) -> Result<(), nom::Err<Fail<'_>>> {
    let rest = blanks(i);
    if rest.is_empty() { Ok(()) } else { Err(fail(Fault::Trailing, rest)) }
}

/// `[URI:]name[.sub]`. The last colon ends the URI, so dots in front of it part nothing.
pub(super) fn attr_path(i: &str) -> PResult<'_, PathText<'_>> {
    let bytes = i.as_bytes();
    let (mut colon, mut dot, mut good) = (None, None, true);
    let mut end = 0;
    while let Some(&byte) = bytes.get(end) {
        match class(byte) {
            Class::Name => {}
            Class::Dot => {
                good &= dot.is_none();
                dot = Some(end);
            }
            // All that was seen so far belongs to the URI.
            Class::Colon => (colon, dot, good) = (Some(end), None, true),
            Class::Uri => good = false,
            Class::Blank | Class::Mark => break,
            Class::Other => {
                good = false;
                break;
            }
        }
        end += 1;
    }
    let start = colon.map_or(0, |colon| colon + 1);
    let name_end = dot.unwrap_or(end);
    let sub_start = dot.map_or(start, |dot| dot + 1);
    if !good || !starts_name(&bytes[start..name_end]) || !starts_name(&bytes[sub_start..end]) {
        return bad_path(i);
    }
    // All cuts are at the end or beside an ASCII byte, so they fall between characters.
    let (text, rest) = i.split_at(end);
    let schema = colon.map(|colon| &text[..colon]);
    if let Some(uri) = schema.filter(|uri| !is_schema_uri(uri)) {
        return stop(Fault::BadSchemaUri, uri);
    }
    Ok((rest, PathText { text, schema, name: &text[start..name_end], sub: dot.map(|dot| &text[dot + 1..]) }))
}

/// `.sub` behind a closing bracket, if there is one.
pub(super) fn dot_sub(i: &str) -> PResult<'_, Option<PathText<'_>>> {
    let Some(name) = i.strip_prefix('.') else { return Ok((i, None)) };
    let end = name.bytes().position(|byte| class(byte) != Class::Name).unwrap_or(name.len());
    // What ends a name is the end, ASCII, or the first byte of a character.
    let (name, rest) = name.split_at(end);
    if !starts_name(name.as_bytes()) || !at_word_end(rest) {
        return stop(Fault::BadAttrName, word(i));
    }
    Ok((rest, Some(PathText { text: name, schema: None, name, sub: None })))
}

/// Whether a name can start like this: with a letter, or with `$` and a letter, as `$ref` does.
fn starts_name(name: &[u8]) -> bool {
    matches!(name, [first, ..] | [b'$', first, ..] if first.is_ascii_alphabetic())
}

#[cold]
fn bad_path(i: &str) -> PResult<'_, PathText<'_>> {
    let found = word(i);
    match found.bytes().next().map(class) {
        None | Some(Class::Mark) => stop(Fault::ExpectedExpression, found),
        _ => stop(Fault::BadAttrName, found),
    }
}

/// Whether a path can begin with this text and a colon: a scheme, a colon, and more.
pub(crate) fn is_schema_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && rest
            .bytes()
            .all(|byte| matches!(class(byte), Class::Name | Class::Dot | Class::Colon | Class::Uri))
}
