//! Faults of the engine, as the client sees them.

use crate::faulty::faulty;
use crate::world::{ask, get};

/// 7644-3.12-07: every fault is an answer, and tells nothing of the inside.
#[tokio::test(start_paused = true)]
async fn faults_become_answers() {
    let service = faulty();
    for (fault, expected, retry_after) in [
        ("unavailable", "503", "1"),
        ("damaged", "500", ""),
        ("too-slow", "400 tooMany", ""),
        ("undecided", "500", ""),
        ("busy", "503", "1"),
        ("too-many-links", "413", ""),
        ("no-error", "500", ""),
        ("no-status", "500", ""),
        ("sleeps", "503", "1"),
        ("panics", "500", ""),
    ] {
        let body = format!("{{\"userName\":\"{fault}\"}}");
        for line in [
            "POST /Users".to_owned(),
            format!("GET /Users/{fault}"),
            format!("PUT /Users/{fault}"),
            format!("PATCH /Users/{fault}"),
            format!("PATCH /Groups/{fault}"),
            format!("DELETE /Users/{fault}"),
            format!("GET /Users?filter={fault}"),
            format!("GET /?filter={fault}"),
        ] {
            let answer = ask(&service, &line, &[], &body).await;
            assert_eq!(answer.outcome(), expected, "{line}");
            assert_eq!(answer.header("retry-after"), retry_after, "{line}");
            let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
            for inside in ["secret-host", "disk 7", "row 17", "on purpose", "panic"] {
                assert!(!text.contains(inside), "{text}");
            }
        }
    }
}

/// A service goes on after a panic.
#[tokio::test]
async fn a_panic_is_over_at_once() {
    let service = faulty();
    assert_eq!(get(&service, "/Users/panics").await.outcome(), "500");
    assert_eq!(get(&service, "/Users/fine").await.outcome(), "200");
}

/// 7644-7.7-01: nothing that an engine says can add a header.
#[tokio::test]
async fn headers_cannot_be_split() {
    let answer = get(&faulty(), "/Users/splits-headers").await;
    assert_eq!(answer.outcome(), "200");
    for header in ["x-evil", "etag", "location"] {
        assert!(!answer.headers.contains_key(header), "{header}");
    }
}
