//! Absence regions: found by exact name, changed but never removed (D-21, D-63, D-65, A-17).

use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;
use crate::client_text::is_empty_text;
use crate::exact_name::near_miss;
use crate::refusal::AworkRefusal;
use crate::warning::{AworkWarning, Warned};

/// An absence region of the workspace.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
pub struct AbsenceRegion {
    /// The id.
    pub id: String,
    /// The name, which SCIM sends and shows.
    pub name: String,
    /// Given to every new user (D-21).
    pub is_default: bool,
}

/// Finds the absence region with exactly this name (D-63).
///
/// # Errors
///
/// Returns [`AworkRefusal::UnknownRegion`], with a suggestion when only case or blanks differ, or
/// [`AworkRefusal::AmbiguousRegion`].
pub fn find_region<'r>(name: &str, regions: &'r [AbsenceRegion]) -> Result<&'r AbsenceRegion, AworkRefusal> {
    let mut named = regions.iter().filter(|region| region.name == name);
    match (named.next(), named.next()) {
        (Some(region), None) => Ok(region),
        (Some(_), Some(_)) => Err(AworkRefusal::AmbiguousRegion { sent: name.to_owned() }),
        (None, _) => {
            let suggestion = near_miss(name, regions.iter().map(|region| region.name.as_str()));
            Err(AworkRefusal::UnknownRegion { sent: name.to_owned(), suggestion })
        }
    }
}

/// Decides the region of a new user: the one named, else the workspace's default, else none (D-21, A-17).
///
/// # Errors
///
/// As [`find_region`].
pub fn region_on_create<'r>(
    sent: Option<&str>,
    regions: &'r [AbsenceRegion],
) -> Result<Option<&'r AbsenceRegion>, AworkRefusal> {
    match sent.filter(|name| !is_empty_text(name)) {
        Some(name) => find_region(name, regions).map(Some),
        None => Ok(regions.iter().filter(|region| region.is_default).min_by_key(|region| &region.id)),
    }
}

/// Decides the region of an existing user whose `absenceRegion` the request names; `None` is null or a
/// removal.
///
/// The result is the new region, or `None` to keep what is there: empty text, null and a removal do that,
/// with a warning (D-65, A-17).
///
/// # Errors
///
/// As [`find_region`].
pub fn region_on_update<'r>(
    sent: Option<&str>,
    regions: &'r [AbsenceRegion],
) -> Result<Warned<Option<&'r AbsenceRegion>>, AworkRefusal> {
    match sent.filter(|name| !is_empty_text(name)) {
        Some(name) => Ok(Warned::quiet(Some(find_region(name, regions)?))),
        None => Ok(Warned::with(None, AworkWarning::NotRemovable { attribute: Attribute::AbsenceRegion })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(names: &[(&str, bool)]) -> Vec<AbsenceRegion> {
        let region = |(at, (name, is_default)): (usize, &(&str, bool))| AbsenceRegion {
            id: format!("id-{at}"),
            name: (*name).into(),
            is_default: *is_default,
        };
        names.iter().enumerate().map(region).collect()
    }

    /// D-63: the exact name, or a refusal that suggests the right case.
    #[test]
    fn exact_names_only() {
        let regions = regions(&[("Bayern", false), ("Berlin", true), ("Köln", false), ("Köln", false)]);
        assert_eq!(find_region("Bayern", &regions), Ok(&regions[0]));
        for (sent, suggestion) in [("bayern", Some("Bayern")), (" Berlin", Some("Berlin")), ("Bonn", None)] {
            let suggestion = suggestion.map(String::from);
            let refusal = AworkRefusal::UnknownRegion { sent: sent.into(), suggestion };
            assert_eq!(find_region(sent, &regions), Err(refusal));
        }
        assert_eq!(find_region("Köln", &regions), Err(AworkRefusal::AmbiguousRegion { sent: "Köln".into() }));
    }

    /// D-21, A-17: new users get the default region, or none where there is none.
    #[test]
    fn a_new_user() {
        let some = regions(&[("Bayern", false), ("Berlin", true)]);
        assert_eq!(region_on_create(Some("Bayern"), &some), Ok(Some(&some[0])));
        for sent in [None, Some(""), Some(" ")] {
            assert_eq!(region_on_create(sent, &some), Ok(Some(&some[1])));
            assert_eq!(region_on_create(sent, &some[..1]), Ok(None));
        }
        assert!(region_on_create(Some("berlin"), &some).is_err());
    }

    /// D-65, A-17: changed, but not removed.
    #[test]
    fn an_existing_user() {
        let some = regions(&[("Bayern", false), ("Berlin", true)]);
        assert_eq!(region_on_update(Some("Bayern"), &some), Ok(Warned::quiet(Some(&some[0]))));
        assert!(region_on_update(Some("BAYERN"), &some).is_err());
        for sent in [None, Some(""), Some("  ")] {
            let decided = region_on_update(sent, &some).unwrap();
            assert_eq!(decided.value, None);
            let warning = AworkWarning::NotRemovable { attribute: Attribute::AbsenceRegion };
            assert_eq!(decided.warning, Some(warning));
        }
    }
}
