//! Names in the foldings that links are compared by.

use std::borrow::Cow;

use scim_core::text::Folding;

/// What a record is called, folded.
pub(crate) struct Names<'n> {
    pub(crate) exact: Option<Cow<'n, str>>,
    pub(crate) folded: Option<Cow<'n, str>>,
}

impl<'n> Names<'n> {
    pub(crate) fn of(name: Option<&'n str>) -> Self {
        Self {
            exact: name.map(|name| Folding::Exact.fold(name)),
            folded: name.map(|name| Folding::CaseFolded.fold(name)),
        }
    }
}
