//! The id under which support finds a request (D-82, A-56).

use std::fmt;

/// The id of a request: 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct TraceId([u8; 32]);

impl TraceId {
    /// The trace id of a valid `traceparent` header, or else one of the random bytes.
    pub(crate) fn of_request(traceparent: Option<&[u8]>, random: impl FnOnce() -> [u8; 16]) -> Self {
        Self(traceparent.and_then(parse_traceparent).unwrap_or_else(|| {
            let mut digits = [0; 32];
            for (pair, byte) in digits.chunks_exact_mut(2).zip(random()) {
                pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
                pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
            }
            digits
        }))
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII digits and letters are ever put in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads the trace id of a `traceparent` header (W3C Trace Context, section 3.2).
fn parse_traceparent(header: &[u8]) -> Option<[u8; 32]> {
    let mut fields = header.split(|&byte| byte == b'-');
    let version: [u8; 2] = digits(fields.next()?)?;
    let trace_id: [u8; 32] = digits(fields.next()?)?;
    let parent_id: [u8; 16] = digits(fields.next()?)?;
    let _flags: [u8; 2] = digits(fields.next()?)?;
    // Later versions may add fields; version ff is not allowed, nor are ids of zeros.
    let complete = version != *b"00" || fields.next().is_none();
    (complete && version != *b"ff" && trace_id != [b'0'; 32] && parent_id != [b'0'; 16]).then_some(trace_id)
}

/// Exactly `N` lower-case hexadecimal digits.
fn digits<const N: usize>(field: &[u8]) -> Option<[u8; N]> {
    let field: [u8; N] = field.try_into().ok()?;
    field.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn of(header: &str) -> String {
        TraceId::of_request(Some(header.as_bytes()), || [0xef; 16]).to_string()
    }

    /// the trace id of a valid header is taken, of later versions too.
    #[test]
    fn valid_headers_give_their_id() {
        for header in [
            format!("00-{TRACE}-b7ad6b7169203331-01"),
            format!("cc-{TRACE}-b7ad6b7169203331-01"),
            format!("cc-{TRACE}-b7ad6b7169203331-01-what-the-future-adds"),
        ] {
            assert_eq!(of(&header), TRACE, "{header}");
        }
    }

    /// anything else gets a new id.
    #[test]
    fn invalid_headers_get_a_new_id() {
        for header in [
            String::new(),
            "---".to_owned(),
            TRACE.to_owned(),
            format!("ff-{TRACE}-b7ad6b7169203331-01"),
            format!("00-{TRACE}-b7ad6b7169203331-01-more"),
            format!("00-{TRACE}-b7ad6b7169203331"),
            format!("00-{TRACE}-b7ad6b7169203331-0g"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
            format!("00-{TRACE}0-b7ad6b7169203331-01"),
            format!("0-{TRACE}-b7ad6b7169203331-01"),
            "00-é-b7ad6b7169203331-01".to_owned(),
        ] {
            assert_eq!(of(&header), "ef".repeat(16), "{header}");
        }
        assert_eq!(TraceId::of_request(None, || [7; 16]).as_str(), "07".repeat(16));
    }
}
