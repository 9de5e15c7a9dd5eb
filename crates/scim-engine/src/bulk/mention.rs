//! How a text names a resource that the same request creates: `bulkId:x`, also at the end of a URI.

use scim_core::Registry;

use super::places::Holds;

const WORD: &str = "bulkId:";

/// What is known of a resource that an operation has created.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) location: String,
}

/// A text that names the bulkId of an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Mention<'t> {
    /// The URI before the last slash, if the text is one.
    before: Option<&'t str>,
    /// The bulkId, exactly as it is written.
    pub(crate) name: &'t str,
}

impl<'t> Mention<'t> {
    /// Reads a text: the whole text counts, so `bulkId:1` is not in `bulkId:10` nor in `see bulkId:1`.
    pub(crate) fn find(text: &'t str, holds: Holds, registry: &Registry) -> Option<Self> {
        if let Some(name) = name_in(text) {
            return Some(Self { before: None, name });
        }
        if holds == Holds::Id {
            return None;
        }
        let (before, last) = text.rsplit_once('/')?;
        let endpoint = before.rsplit_once('/').map_or(before, |(_, endpoint)| endpoint);
        registry.type_at(endpoint)?;
        Some(Self { before: Some(before), name: name_in(last)? })
    }

    /// The text that names the resource itself.
    pub(crate) fn resolved(self, holds: Holds, made: &Made) -> String {
        match (self.before, holds) {
            (Some(before), _) => format!("{before}/{}", made.id),
            (None, Holds::Id) => made.id.clone(),
            (None, Holds::Uri) => made.location.clone(),
        }
    }
}

/// What stands behind the word, which no id contains in any letter case (7643-3.1-03).
pub(crate) fn name_in(text: &str) -> Option<&str> {
    let head = text.get(..WORD.len())?;
    head.eq_ignore_ascii_case(WORD).then(|| &text[WORD.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::plain_registry;

    /// 7644-3.7.2-01: a reference is a whole text, and its name is exact.
    #[test]
    fn texts_that_refer() {
        let registry = plain_registry().unwrap();
        let made = Made { id: "7".into(), location: "https://x.example/v2/Users/7".into() };
        for (text, holds, resolved) in [
            ("bulkId:1", Holds::Id, Some("7")),
            ("BULKID:1", Holds::Id, Some("7")),
            ("bulkId:1", Holds::Uri, Some("https://x.example/v2/Users/7")),
            ("../Users/bulkId:1", Holds::Uri, Some("../Users/7")),
            ("/users/bulkId:1", Holds::Uri, Some("/users/7")),
            ("Users/bulkId:1", Holds::Uri, Some("Users/7")),
            ("https://x.example/v2/Users/bulkId:1", Holds::Uri, Some("https://x.example/v2/Users/7")),
            ("../Users/bulkId:1", Holds::Id, None),
            ("https://x.example/docs/bulkId:1", Holds::Uri, None),
            ("see bulkId:1", Holds::Id, None),
            (" bulkId:1", Holds::Id, None),
            ("bulkId", Holds::Id, None),
            ("", Holds::Uri, None),
            ("\u{e4}\u{e4}\u{e4}\u{e4}", Holds::Id, None),
        ] {
            let found = Mention::find(text, holds, &registry);
            assert_eq!(found.map(|mention| mention.resolved(holds, &made)).as_deref(), resolved, "{text}");
            assert!(found.is_none_or(|mention| mention.name == "1"), "{text}");
        }
        for (text, name) in
            [("bulkId:10", "10"), ("bulkId:A", "A"), ("bulkId: 1", " 1"), ("bulkId:a/b", "a/b")]
        {
            assert_eq!(Mention::find(text, Holds::Id, &registry).unwrap().name, name);
        }
    }
}
