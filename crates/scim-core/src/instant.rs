//! Instants: xsd:dateTime as a value that sorts.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// Seconds are shifted by this much, so that the sortable form has no sign.
const SHIFT: i64 = 10_000_000_000_000;

/// An instant, read from an xsd:dateTime and compared on the time line (7643-2.3.5-01).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(DateTime<Utc>);

impl Instant {
    /// Reads an xsd:dateTime with a year of four digits; without a zone it is taken as UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // chrono is lax about blanks, letter case and single digits; the XML type is not.
        if !has_shape(text) {
            return None;
        }
        let instant = match DateTime::parse_from_rfc3339(text) {
            Ok(zoned) => zoned.with_timezone(&Utc),
            Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc(),
        };
        Some(Self(without_leap_second(instant)))
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

/// `2026-01-02T03:04:05`, then a fraction if there is one, then a zone if there is one.
fn has_shape(text: &str) -> bool {
    const PATTERN: &[u8] = b"0000-00-00T00:00:00";
    let fits = |text: &[u8], pattern: &[u8]| {
        text.len() == pattern.len()
            && text.iter().zip(pattern).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                wanted => byte == wanted,
            })
    };
    let Some((fixed, rest)) = text.as_bytes().split_at_checked(PATTERN.len()) else { return false };
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 || digits > 30 {
                return false;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    fits(fixed, PATTERN) && (matches!(rest, b"" | b"Z") || fits(rest, b"+00:00") || fits(rest, b"-00:00"))
}

/// A leap second is the start of the next one, so that all instants have the same number of digits.
fn without_leap_second(instant: DateTime<Utc>) -> DateTime<Utc> {
    const SECOND: u32 = 1_000_000_000;
    let nanos = instant.timestamp_subsec_nanos();
    if nanos < SECOND {
        return instant;
    }
    DateTime::from_timestamp(instant.timestamp() + 1, nanos - SECOND).unwrap_or(instant)
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
            ("2026-12-31T23:59:60.5Z", Some("010001798761600.500000000")),
            ("1969-12-31T23:59:59.9Z", Some("009999999999999.900000000")),
            ("0000-01-01T00:00:00Z", Some("009937832780800.000000000")),
            ("9999-12-31T23:59:59-14:00", Some("010253402351199.000000000")),
            ("2026-01-02T01:04:05.123456789987Z", Some("010001767315845.123456789")),
            ("2026-1-2T3:4:5", None),
            ("2026-01-02T01:04:05.Z", None),
            ("2026-01-02T01:04:05+0200", None),
            ("2026-01-02T01:04:05\u{2212}02:00", None),
            ("2026-01-02T01:04:61Z", None),
            ("12026-01-02T01:04:05Z", None),
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
