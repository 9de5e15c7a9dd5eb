use super::fail::{Fault, PResult, stop};
use super::token::{Class, blanks, class, word};
use crate::attr_path::AttrPath;

pub(super) fn whole_attr_path(i: &str) -> Result<AttrPath<'_>, nom::Err<super::fail::Fail<'_>>> {
    let (i, path) = attr_path(start_of_path(i)?.0)?;
    end_of_path(i)?;
    Ok(path)
}

/// Skips the blanks in front of a path.
pub(super) fn start_of_path(i: &str) -> PResult<'_, ()> {
    let i = blanks(i);
    if i.is_empty() { stop(Fault::Empty, i) } else { Ok((i, ())) }
}

/// Makes sure that nothing but blanks follows a path.
pub(super) fn end_of_path(i: &str) -> PResult<'_, ()> {
    let rest = blanks(i);
    if rest.is_empty() { Ok((rest, ())) } else { stop(Fault::Trailing, rest) }
}

/// `[URI:]name[.sub]`. The last colon ends the URI, so dots in front of it part nothing.
pub(super) fn attr_path(i: &str) -> PResult<'_, AttrPath<'_>> {
    let bytes = i.as_bytes();
    let mut colon = None;
    let mut dot = None;
    let mut good = true;
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
    good =
        good && starts_name(bytes, start, name_end) && dot.is_none_or(|dot| starts_name(bytes, dot + 1, end));
    if !good {
        return bad_path(i);
    }
    // Every cut is at the end or beside an ASCII byte, so it falls between characters.
    let schema = colon.map(|colon| &i[..colon]);
    if let Some(uri) = schema
        && !is_schema_uri(uri)
    {
        return stop(Fault::BadSchemaUri, uri);
    }
    let sub = dot.map(|dot| &i[dot + 1..end]);
    Ok((&i[end..], AttrPath::from_checked(schema, &i[start..name_end], sub)))
}

/// The bare name of a sub-attribute, behind a dot or inside brackets.
pub(super) fn starts_name(bytes: &[u8], start: usize, end: usize) -> bool {
    match bytes.get(start..end) {
        Some([b'$', second, ..]) => second.is_ascii_alphabetic(),
        Some([first, ..]) => first.is_ascii_alphabetic(),
        _ => false,
    }
}

#[cold]
fn bad_path(i: &str) -> PResult<'_, AttrPath<'_>> {
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
