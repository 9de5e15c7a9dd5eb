//! The empty answer that hyper gives to what is no HTTP/1.1, made a SCIM error (7644-3.12-01).

use scim_core::Problem;
use scim_core::message::error_body;

use crate::clock::Ids;
use crate::trace_id::TraceId;

/// What should be sent instead of these bytes, if they end in an empty answer of hyper's own.
///
/// Our answers are never empty with such a status, so nothing else looks like one.
pub(super) fn replacement(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let start = bytes.windows(9).rposition(|window| window == b"HTTP/1.1 ")?;
    let head = std::str::from_utf8(bytes.get(start..)?).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status_line = lines.next()?;
    let problem = problem(status_line.get(9..12)?)?;
    let mut is_empty = false;
    let mut kept = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            is_empty = value.trim() == "0";
        } else if name.eq_ignore_ascii_case("trace-id") {
            return None;
        } else {
            kept.push(line);
        }
    }
    if !is_empty {
        return None;
    }
    let trace = TraceId::of_request(None, || Ids::default().trace());
    let body = error_body(&problem, trace.as_str()).to_string();
    let mut answer = bytes.get(..start)?.to_vec();
    for line in [status_line].into_iter().chain(kept) {
        answer.extend_from_slice(line.as_bytes());
        answer.extend_from_slice(b"\r\n");
    }
    let length = body.len();
    let more = format!(
        "content-type: application/scim+json\r\ntrace-id: {trace}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    answer.extend_from_slice(more.as_bytes());
    Some(answer)
}

/// What the statuses that hyper gives of its own accord mean.
fn problem(status: &str) -> Option<Problem> {
    let (status, detail) = match status {
        "400" => (400, "the request is no HTTP/1.1: its first line or a header cannot be read"),
        "414" => (414, "the URL is too long: send the query as POST to `.search`"),
        "431" => (431, "the headers of the request are too many or too long"),
        _ => return None,
    };
    Some(Problem::plain(status, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    #[test]
    fn a_bare_error_gets_a_body() {
        let before = "HTTP/1.1 204 No Content\r\ntrace-id: x\r\n\r\n";
        let sent = String::from_utf8(replacement(format!("{before}{BARE}").as_bytes()).unwrap()).unwrap();
        let (head, body) = sent.strip_prefix(before).unwrap().split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: "),
            "{head}"
        );
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["status"], "400");
    }

    #[test]
    fn other_bytes_go_out_as_they_are() {
        for bytes in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 204 No Content\r\ntrace-id: x\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ntrace-id: x\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n{}",
            "HTTP/1.1 \r\n\r\n",
            "body HTTP/1.1 400 \r\n\r\n more\r\n\r\n",
        ] {
            assert_eq!(replacement(bytes.as_bytes()), None, "{bytes:?}");
        }
    }
}
