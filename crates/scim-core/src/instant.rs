//! Instants: xsd:dateTime as a value that sorts.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// Seconds are shifted by this much, so that the sortable form has no sign.
const SHIFT: i64 = 10_000_000_000_000;

/// An instant, read from an xsd:dateTime and compared on the time line (7643-2.3.5-01).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(DateTime<Utc>);

impl Instant {
    /// Reads an xsd:dateTime; without a zone it is taken as UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // chrono tolerates blanks and a lower-case `t`; the XML type has neither.
        if text.len() > 64 || text.bytes().any(|b| b.is_ascii_whitespace() || b.is_ascii_lowercase()) {
            return None;
        }
        if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(zoned.with_timezone(&Utc)));
        }
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|naive| Self(naive.and_utc()))
    }

    /// Milliseconds since 1970, rounded down, and the nanoseconds beyond them.
    #[must_use]
    pub fn millis(self) -> (i64, u32) {
        let nanos = self.0.timestamp_subsec_nanos();
        (self.0.timestamp_millis(), nanos % 1_000_000)
    }

    /// A text of fixed width whose byte order is the order of time.
    #[must_use]
    pub fn sortable(self) -> String {
        format!("{:015}.{:09}", self.0.timestamp() + SHIFT, self.0.timestamp_subsec_nanos())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// Prints a server-made time: UTC, `Z`, milliseconds (7643-2.3.5-01).
#[must_use]
pub fn print_millis(millis: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(millis)
        .unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7643-2.3.5-01: both date and time, with or without a zone.
    #[test]
    fn reads_date_times() {
        for (text, sortable) in [
            ("2026-01-02T03:04:05.678+02:00", Some("010001767315845.678000000")),
            ("2026-01-02T01:04:05.678Z", Some("010001767315845.678000000")),
            ("2026-01-02T01:04:05.678", Some("010001767315845.678000000")),
            ("2026-01-02", None),
            ("tomorrow", None),
            ("2026-01-02 01:04:05Z", None),
            ("2026-13-02T01:04:05Z", None),
            ("", None),
        ] {
            assert_eq!(Instant::parse(text).map(Instant::sortable).as_deref(), sortable, "{text}");
        }
    }

    #[test]
    fn server_times_have_milliseconds() {
        assert_eq!(print_millis(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(print_millis(1_767_315_845_678), "2026-01-02T01:04:05.678Z");
    }
}
