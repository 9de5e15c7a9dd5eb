use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{ParseAttrNameError, ParseAttrNameErrorKind};

/// The name of an attribute or sub-attribute, such as `userName` or `$ref`.
///
/// A letter, then letters, digits, `$`, `-` and `_`. A leading `$` is allowed, although the grammar
/// has none, because the RFC itself names a sub-attribute `$ref` (erratum 8924).
///
/// Names that differ only in ASCII case are equal, hash alike and sort as one ([RFC 7643 §2.1]);
/// each prints as it was written.
///
/// ```
/// use scim_syntax::AttrName;
///
/// let name = AttrName::new("userName")?;
/// assert_eq!(name, AttrName::new("USERNAME")?);
/// assert_eq!(name.to_string(), "userName");
/// # Ok::<(), scim_syntax::ParseAttrNameError>(())
/// ```
///
/// [RFC 7643 §2.1]: https://www.rfc-editor.org/rfc/rfc7643#section-2.1
#[derive(Clone, Debug)]
pub struct AttrName<'a>(Cow<'a, str>);

impl<'a> AttrName<'a> {
    /// Checks `name` and keeps it as it is written.
    ///
    /// # Errors
    ///
    /// Returns a [`ParseAttrNameError`] when the text is empty or holds a character that no name may.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Result<Self, ParseAttrNameError> {
        let name = name.into();
        match fault(&name) {
            None => Ok(Self(name)),
            Some((kind, span)) => Err(ParseAttrNameError::new(kind, span)),
        }
    }

    /// Takes text that the parser has already checked.
    pub(crate) fn from_checked(name: &'a str) -> Self {
        debug_assert_eq!(fault(name), None);
        Self(Cow::Borrowed(name))
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name, free of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> AttrName<'static> {
        AttrName(Cow::Owned(self.0.into_owned()))
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

/// What keeps `name` from being a name, and where.
fn fault(name: &str) -> Option<(ParseAttrNameErrorKind, std::ops::Range<usize>)> {
    let Some(start) = name.chars().next() else {
        return Some((ParseAttrNameErrorKind::Empty, 0..0));
    };
    let letters = name.strip_prefix('$').unwrap_or(name);
    if !letters.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some((ParseAttrNameErrorKind::BadStart { found: start }, 0..start.len_utf8()));
    }
    let (at, found) = name.char_indices().find(|&(_, c)| !is_name_char(c))?;
    Some((ParseAttrNameErrorKind::BadChar { found }, at..at + found.len_utf8()))
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_')
}

impl PartialEq for AttrName<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AttrName<'_> {}

impl Ord for AttrName<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl PartialOrd for AttrName<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for AttrName<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().for_each(|byte| state.write_u8(byte));
        // As `str` does, so that two names in a row never hash like another two.
        state.write_u8(0xff);
    }
}

impl fmt::Display for AttrName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for AttrName<'static> {
    type Err = ParseAttrNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        AttrName::new(name).map(AttrName::into_owned)
    }
}

impl Serialize for AttrName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AttrName<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AttrName::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
