use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::attr_name::AttrName;
use crate::error::{ParsePathError, ParsePathErrorKind};
use crate::parse::{self, parse_attr_path};

/// The path to an attribute: `[URI:]name[.sub]`.
///
/// The last colon ends the URI, so a URI may contain dots. An extension's URI standing alone
/// (`urn:…:enterprise:2.0:User`) therefore reads as the schema `urn:…:enterprise:2.0` and the name
/// `User`; printing gives its text back, for whoever knows the schemas to look it up whole.
///
/// Two paths are equal when they differ only in ASCII case, URI included.
///
/// ```
/// use scim_syntax::parse_attr_path;
///
/// let path = parse_attr_path("urn:ietf:params:scim:schemas:extension:example.com:2.0:User:teams")?;
/// assert_eq!(path.schema(), Some("urn:ietf:params:scim:schemas:extension:example.com:2.0:User"));
/// assert_eq!(path.name().as_str(), "teams");
/// # Ok::<(), scim_syntax::ParsePathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AttrPath<'a> {
    schema: Option<Cow<'a, str>>,
    name: AttrName<'a>,
    sub: Option<AttrName<'a>>,
}

impl<'a> AttrPath<'a> {
    /// Joins a schema URI, a name and a sub-attribute.
    ///
    /// Without a URI, `AttrPath::from(name)` and [`with_sub`](Self::with_sub) cannot fail.
    ///
    /// # Errors
    ///
    /// Returns a [`ParsePathError`] when `schema` is not a URI that a path can begin with: a scheme, a
    /// colon and more, without blanks, quotes, parentheses or brackets.
    pub fn new(
        schema: Option<Cow<'a, str>>,
        name: AttrName<'a>,
        sub: Option<AttrName<'a>>,
    ) -> Result<Self, ParsePathError> {
        match schema {
            Some(uri) if !parse::is_schema_uri(&uri) => {
                let span = 0..uri.len();
                Err(ParsePathError::new(ParsePathErrorKind::BadSchemaUri { found: uri.into_owned() }, span))
            }
            schema => Ok(Self { schema, name, sub }),
        }
    }

    /// Takes parts that the parser has already checked.
    pub(crate) fn from_checked(schema: Option<&'a str>, name: &'a str, sub: Option<&'a str>) -> Self {
        Self {
            schema: schema.map(Cow::Borrowed),
            name: AttrName::from_checked(name),
            sub: sub.map(AttrName::from_checked),
        }
    }

    /// The same attribute, down to one of its sub-attributes.
    #[must_use]
    pub fn with_sub(mut self, sub: AttrName<'a>) -> Self {
        self.sub = Some(sub);
        self
    }

    /// The schema URI in front, as written.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The attribute.
    #[must_use]
    pub fn name(&self) -> &AttrName<'a> {
        &self.name
    }

    /// The sub-attribute behind the dot.
    #[must_use]
    pub fn sub(&self) -> Option<&AttrName<'a>> {
        self.sub.as_ref()
    }

    /// The same path, free of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> AttrPath<'static> {
        AttrPath {
            schema: self.schema.map(|uri| Cow::Owned(uri.into_owned())),
            name: self.name.into_owned(),
            sub: self.sub.map(AttrName::into_owned),
        }
    }
}

impl<'a> From<AttrName<'a>> for AttrPath<'a> {
    fn from(name: AttrName<'a>) -> Self {
        Self { schema: None, name, sub: None }
    }
}

impl PartialEq for AttrPath<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same_schema = match (&self.schema, &other.schema) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_schema && self.name == other.name && self.sub == other.sub
    }
}

impl Eq for AttrPath<'_> {}

impl Hash for AttrPath<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.schema.iter().flat_map(|uri| uri.bytes()) {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
        self.name.hash(state);
        self.sub.hash(state);
    }
}

impl fmt::Display for AttrPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(uri) = &self.schema {
            write!(f, "{uri}:")?;
        }
        f.write_str(self.name.as_str())?;
        match &self.sub {
            Some(sub) => write!(f, ".{}", sub.as_str()),
            None => Ok(()),
        }
    }
}

impl FromStr for AttrPath<'static> {
    type Err = ParsePathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        parse_attr_path(path).map(AttrPath::into_owned)
    }
}
