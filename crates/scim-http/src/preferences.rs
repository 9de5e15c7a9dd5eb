//! The header `Prefer` ([RFC 7240]): what a client would like to be told beside the answer, and how bulk
//! requests are done.
//!
//! [RFC 7240]: https://www.rfc-editor.org/rfc/rfc7240

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use scim_core::Fired;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const SCIM_TOLERANCES: HeaderName = HeaderName::from_static("scim-tolerances");

/// The names of our preferences.
const TOLERANCES: &str = "scim-tolerances";
const AS_ONE: &str = "scim-all-or-nothing";

/// What a client prefers; what is unknown here is ignored, as RFC 7240 wants it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Preferences {
    /// To be told which tolerances its request needed.
    tolerances: bool,
    /// To have the operations of a bulk request done all or not at all.
    pub(crate) as_one: bool,
}

impl Preferences {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        let names = values.flat_map(|value| value.split(',')).map(|one| {
            // Neither a value nor parameters change what is meant.
            one.split([';', '=']).next().unwrap_or_default().trim()
        });
        let mut found = Self::default();
        for name in names {
            found.tolerances |= name.eq_ignore_ascii_case(TOLERANCES);
            found.as_one |= name.eq_ignore_ascii_case(AS_ONE);
        }
        found
    }

    /// Says which preferences were heeded, and names the tolerances that fired, if that is asked for; without
    /// any the header is left out. `as_one` says whether operations were done all or not at all.
    pub(crate) fn tell(self, fired: Fired, as_one: bool, headers: &mut HeaderMap) {
        if self.as_one && as_one {
            headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static(AS_ONE));
        }
        if !self.tolerances {
            return;
        }
        headers.append(PREFERENCE_APPLIED, HeaderValue::from_static(TOLERANCES));
        let names: Vec<&str> = fired.iter().map(scim_core::Tolerance::as_str).collect();
        if let (false, Ok(names)) = (names.is_empty(), HeaderValue::try_from(names.join(", "))) {
            headers.insert(SCIM_TOLERANCES, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_found_among_others() {
        for (values, asked) in [
            (&[][..], false),
            (&["scim-tolerances"], true),
            (&["return=minimal, Scim-Tolerances; x=y"], true),
            (&["respond-async", "scim-tolerances=1"], true),
            (&["scim-tolerance"], false),
            (&[""], false),
        ] {
            let headers = values.iter().map(|value| (PREFER, HeaderValue::from_static(value))).collect();
            assert_eq!(Preferences::of(&headers).tolerances, asked, "{values:?}");
        }
        let both = "scim-tolerances, SCIM-All-or-Nothing";
        let headers = [(PREFER, HeaderValue::from_static(both))].into_iter().collect();
        assert_eq!(Preferences::of(&headers), Preferences { tolerances: true, as_one: true });
    }
}
