//! A person's time zone: an IANA name, found by that or by its Windows name (D-53, A-5, A-6, A-7).

mod windows_zones;

use chrono_tz::Tz;

use crate::client_text::is_empty_text;
use crate::refusal::AworkRefusal;
use crate::warning::{AworkWarning, Warned};
use windows_zones::WINDOWS_ZONES;

/// By which name a time zone was found.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ZoneMatch {
    /// The IANA name, as it is spelled.
    Exact,
    /// The IANA name in another case (A-7).
    OtherCase,
    /// The name that Windows, Exchange and Entra ID give the zone (A-6).
    WindowsName,
}

/// Finds a time zone by its IANA or Windows name, in any case (D-53, A-6, A-7).
///
/// [`Tz::name`] of the result is the canonical spelling that is stored. Old link names are zones of their
/// own: `Asia/Calcutta` stays what it is.
///
/// # Examples
///
/// ```
/// use scim_awork::{ZoneMatch, find_time_zone};
///
/// let (zone, by) = find_time_zone("W. Europe Standard Time").unwrap();
/// assert_eq!((zone.name(), by), ("Europe/Berlin", ZoneMatch::WindowsName));
/// ```
#[must_use]
pub fn find_time_zone(name: &str) -> Option<(Tz, ZoneMatch)> {
    if let Ok(zone) = Tz::from_str_insensitive(name) {
        let by = if zone.name() == name { ZoneMatch::Exact } else { ZoneMatch::OtherCase };
        return Some((zone, by));
    }
    Some((windows_zone(name)?.parse().ok()?, ZoneMatch::WindowsName))
}

/// Decides an account's time zone; `None` leaves it as it is, as empty text does (D-53, A-5, A-39).
///
/// # Errors
///
/// Returns [`AworkRefusal::UnknownTimeZone`] when the text names no time zone.
pub fn decide_time_zone(sent: &str) -> Result<Warned<Option<Tz>>, AworkRefusal> {
    if is_empty_text(sent) {
        return Ok(Warned::quiet(None));
    }
    match find_time_zone(sent) {
        Some((zone, ZoneMatch::WindowsName)) => {
            let warning = AworkWarning::WindowsZone { sent: sent.to_owned(), zone: zone.name() };
            Ok(Warned::with(Some(zone), warning))
        }
        Some((zone, ZoneMatch::Exact | ZoneMatch::OtherCase)) => Ok(Warned::quiet(Some(zone))),
        None => Err(AworkRefusal::UnknownTimeZone { sent: sent.to_owned() }),
    }
}

fn windows_zone(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let at = WINDOWS_ZONES.binary_search_by_key(&lower, |(windows, _)| windows.to_ascii_lowercase()).ok()?;
    Some(WINDOWS_ZONES[at].1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// D-53, A-7: the canonical spelling, whatever the case; links are zones.
    #[test]
    fn iana_names() {
        for (sent, name, by) in [
            ("Europe/Berlin", "Europe/Berlin", ZoneMatch::Exact),
            ("europe/berlin", "Europe/Berlin", ZoneMatch::OtherCase),
            ("AMERICA/ARGENTINA/BUENOS_AIRES", "America/Argentina/Buenos_Aires", ZoneMatch::OtherCase),
            ("Asia/Calcutta", "Asia/Calcutta", ZoneMatch::Exact),
            ("Asia/Kolkata", "Asia/Kolkata", ZoneMatch::Exact),
            ("utc", "UTC", ZoneMatch::OtherCase),
            ("Etc/GMT+12", "Etc/GMT+12", ZoneMatch::Exact),
        ] {
            let (zone, found_by) = find_time_zone(sent).unwrap();
            assert_eq!((zone.name(), found_by), (name, by), "{sent}");
            assert_eq!(decide_time_zone(sent), Ok(Warned::quiet(Some(zone))));
        }
    }

    /// A-6: Windows names, in any case, with a warning that names both.
    #[test]
    fn windows_names() {
        for (sent, name) in [
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("w. europe standard time", "Europe/Berlin"),
            ("Romance Standard Time", "Europe/Paris"),
            ("GMT Standard Time", "Europe/London"),
            ("India Standard Time", "Asia/Calcutta"),
            ("AUS Eastern Standard Time", "Australia/Sydney"),
            ("Afghanistan Standard Time", "Asia/Kabul"),
            ("Yukon Standard Time", "America/Whitehorse"),
        ] {
            let (zone, by) = find_time_zone(sent).unwrap();
            assert_eq!((zone.name(), by), (name, ZoneMatch::WindowsName), "{sent}");
            let decided = decide_time_zone(sent).unwrap();
            assert_eq!(decided.value, Some(zone));
            assert_eq!(decided.warning, Some(AworkWarning::WindowsZone { sent: sent.into(), zone: name }));
        }
    }

    /// A-6: the table is in order, and chrono-tz knows every zone in it.
    #[test]
    fn every_windows_name_is_found() {
        assert_eq!(WINDOWS_ZONES.len(), 139);
        assert!(WINDOWS_ZONES.is_sorted_by_key(|(windows, _)| windows.to_ascii_lowercase()));
        for (windows, iana) in WINDOWS_ZONES {
            assert_eq!(iana.parse::<Tz>().map(Tz::name), Ok(*iana), "{windows}");
            assert_eq!(windows_zone(windows), Some(*iana));
        }
    }

    /// A-5, A-39: anything else is refused with its text; empty text changes nothing.
    #[test]
    fn unknown_and_empty() {
        for sent in
            ["Mars/Olympus", "CEST+1", "+02:00", "Europe", "Berlin", "Europe/Berlin ", "Standard Time", "\0"]
        {
            let refusal = AworkRefusal::UnknownTimeZone { sent: sent.into() };
            assert_eq!(decide_time_zone(sent), Err(refusal), "{sent}");
        }
        for sent in ["", " ", "\t\n"] {
            assert_eq!(decide_time_zone(sent), Ok(Warned::quiet(None)));
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_that_is_canonical(
            sent in prop_oneof![
                any::<String>(),
                "[A-Za-z/_ +-]{0,30}",
                prop::sample::select(WINDOWS_ZONES).prop_map(|(windows, _)| windows.to_uppercase()),
                prop::sample::select(&chrono_tz::TZ_VARIANTS[..]).prop_map(|zone| zone.name().to_uppercase()),
            ],
        ) {
            if let Some((zone, _)) = find_time_zone(&sent) {
                prop_assert_eq!(find_time_zone(zone.name()), Some((zone, ZoneMatch::Exact)));
            }
        }
    }
}
