//! The trace id of a request, by which support finds it (D-82, D-83, A-56).

use std::fmt;

/// A trace id: 32 lower-case hexadecimal digits (A-56).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// Takes the trace id of a request: that of its `traceparent` header if it is valid, else the random
    /// bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use scim_awork::TraceId;
    ///
    /// let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let id = TraceId::of_request(Some(header), [7; 16]);
    /// assert_eq!(id.to_string(), "0af7651916cd43dd8448eb211c80319c");
    /// assert_eq!(TraceId::of_request(None, [7; 16]).to_string(), "07".repeat(16));
    /// ```
    #[must_use]
    pub fn of_request(traceparent: Option<&str>, random: [u8; 16]) -> Self {
        Self(traceparent.and_then(parse_traceparent).unwrap_or(random))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads the trace id of a `traceparent` header (W3C Trace Context, section 3.2).
fn parse_traceparent(header: &str) -> Option<[u8; 16]> {
    let (version, rest) = header.split_once('-')?;
    let (trace_id, rest) = rest.split_once('-')?;
    let (parent_id, flags) = rest.split_once('-')?;
    let [version] = hex(version)?;
    let trace_id: [u8; 16] = hex(trace_id)?;
    let parent_id: [u8; 8] = hex(parent_id)?;
    // Later versions may add fields; version ff is not allowed.
    let flags = if version == 0 { flags } else { flags.split_once('-').map_or(flags, |(flags, _)| flags) };
    let [_] = hex(flags)?;
    (version != 0xff && trace_id != [0; 16] && parent_id != [0; 8]).then_some(trace_id)
}

/// Reads exactly `N` bytes of lower-case hexadecimal digits.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? * 16 + digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn taken(header: &str) -> bool {
        let id = TraceId::of_request(Some(header), [0xee; 16]).to_string();
        assert!(id == TRACE || id == "ee".repeat(16), "{header}");
        id == TRACE
    }

    /// A-56: a valid header gives its trace id, of later versions too.
    #[test]
    fn valid_headers() {
        assert!(taken(&format!("00-{TRACE}-b7ad6b7169203331-01")));
        assert!(taken(&format!("00-{TRACE}-0000000000000001-00")));
        assert!(taken(&format!("cc-{TRACE}-b7ad6b7169203331-01")));
        assert!(taken(&format!("cc-{TRACE}-b7ad6b7169203331-01-what-the-future-adds")));
    }

    /// A-56: anything else gets a new id.
    #[test]
    fn invalid_headers() {
        for header in [
            String::new(),
            "---".into(),
            TRACE.into(),
            format!("ff-{TRACE}-b7ad6b7169203331-01"),
            format!("00-{TRACE}-b7ad6b7169203331-01-more"),
            format!("00-{TRACE}-b7ad6b7169203331"),
            format!("00-{TRACE}-b7ad6b7169203331-0"),
            format!("00-{TRACE}-b7ad6b7169203331-0g"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("0-{TRACE}-b7ad6b7169203331-01"),
            format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
            format!("00-{TRACE}0-b7ad6b7169203331-01"),
            format!("00-{}-b7ad6b7169203331-01", &TRACE[1..]),
            format!("00-{TRACE}-b7ad6b716920333-01"),
            format!("00-{TRACE}-b7ad6b716920333/-01"),
            format!("00 {TRACE} b7ad6b7169203331 01"),
        ] {
            assert!(!taken(&header), "{header}");
        }
        let zero = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        assert_eq!(TraceId::of_request(Some(&zero), [1; 16]), TraceId([1; 16]));
    }

    proptest! {
        #[test]
        fn always_32_lower_case_digits(header in any::<Option<String>>(), random: [u8; 16]) {
            let id = TraceId::of_request(header.as_deref(), random).to_string();
            prop_assert_eq!(id.len(), 32);
            prop_assert!(id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        }
    }
}
