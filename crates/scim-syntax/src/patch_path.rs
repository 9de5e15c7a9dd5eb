use std::fmt;
use std::str::FromStr;

use crate::attr_name::AttrName;
use crate::attr_path::AttrPath;
use crate::error::ParsePathError;
use crate::filter::Filter;
use crate::parse::parse_patch_path;

/// The `path` of a PATCH operation, such as `emails[type eq "work"].value` ([RFC 7644 §3.5.2]).
///
/// ```
/// use scim_syntax::parse_patch_path;
///
/// let path = parse_patch_path(r#"emails[type eq "work"].value"#)?;
/// assert_eq!(path.path().name().as_str(), "emails");
/// assert_eq!(path.filter().map(ToString::to_string).as_deref(), Some(r#"type eq "work""#));
/// assert_eq!(path.sub().map(|sub| sub.as_str()), Some("value"));
/// # Ok::<(), scim_syntax::ParsePathError>(())
/// ```
///
/// [RFC 7644 §3.5.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.5.2
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PatchPath<'a> {
    path: AttrPath<'a>,
    filter: Option<Filter<'a>>,
    /// The sub-attribute after the bracket; one without a bracket is in `path`.
    sub: Option<AttrName<'a>>,
}

impl<'a> PatchPath<'a> {
    /// Takes the parts of `path[filter].sub`.
    pub(crate) fn filtered(path: AttrPath<'a>, filter: Filter<'a>, sub: Option<AttrName<'a>>) -> Self {
        Self { path, filter: Some(filter), sub }
    }

    /// The attribute; with its sub-attribute only when no filter stands between the two.
    #[must_use]
    pub fn path(&self) -> &AttrPath<'a> {
        &self.path
    }

    /// The filter in brackets, which selects elements. Its paths are names of sub-attributes.
    #[must_use]
    pub fn filter(&self) -> Option<&Filter<'a>> {
        self.filter.as_ref()
    }

    /// The sub-attribute, whether it follows the brackets or the name.
    #[must_use]
    pub fn sub(&self) -> Option<&AttrName<'a>> {
        self.sub.as_ref().or(self.path.sub())
    }

    /// The same path, free of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> PatchPath<'static> {
        PatchPath {
            path: self.path.into_owned(),
            filter: self.filter.map(Filter::into_owned),
            sub: self.sub.map(AttrName::into_owned),
        }
    }
}

impl<'a> From<AttrPath<'a>> for PatchPath<'a> {
    fn from(path: AttrPath<'a>) -> Self {
        Self { path, filter: None, sub: None }
    }
}

impl fmt::Display for PatchPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl FromStr for PatchPath<'static> {
    type Err = ParsePathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        parse_patch_path(path).map(PatchPath::into_owned)
    }
}
