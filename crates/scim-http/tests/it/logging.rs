//! What the log tells: enough for support, and nothing about people.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

use crate::faulty::faulty;
use crate::world::{ask, create_user, get, id, service, user};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Catches what this thread logs until the guard is dropped.
    fn catch(level: Level) -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(level)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines with that trace id.
    fn lines(&self, trace: &str) -> Vec<Value> {
        let lines = self.text();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["trace_id"] == trace).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// D-82, D-83: support finds the request by the trace id that the client was told, with its cause.
#[tokio::test]
async fn failures_are_found_by_their_trace_id() {
    let (log, _guard) = Log::catch(Level::INFO);
    let service = faulty();
    let answer = get(&service, &format!("/Users/{}", "unavailable")).await;
    let [line] = &log.lines(answer.header("trace-id"))[..] else { panic!("{}", log.text()) };
    for (field, value) in [
        ("level", "ERROR"),
        ("tenant", "acme"),
        ("caller", "client-1"),
        ("operation", "read"),
        ("kind", "User"),
        (
            "cause",
            "the service cannot answer now: try again: the store is unavailable: secret-host refused: disk 7 gone",
        ),
    ] {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!(line["status"], 503);
}

/// A-56: the trace id of the caller is taken, in header, body and log.
#[tokio::test]
async fn trace_ids_come_from_the_caller() {
    let (log, _guard) = Log::catch(Level::INFO);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let header = format!("00-{trace}-b7ad6b7169203331-01");
    let answer = ask(&service(), "GET /none", &[("traceparent", &header)], "").await;
    assert_eq!(answer.header("trace-id"), trace);
    assert_eq!(log.lines(trace)[0]["status"], 404);
    let own = ask(&service(), "GET /none", &[("traceparent", "00-x-y-01")], "").await;
    assert_eq!(own.header("trace-id"), format!("{:032x}", 1));
}

/// 7643-9.3-01: no attribute value is logged, whatever goes wrong; nor is a token.
#[tokio::test]
async fn no_personal_data_is_logged() {
    let (log, _guard) = Log::catch(Level::INFO);
    let service = service();
    create_user(&service, "private@example.com").await;
    let created = format!("/Users/{}", id(1));
    let (taken, wrong) = (user("private@example.com"), user(r#"x","active":"private"#));
    for (line, body, status) in [
        ("POST /Users".to_owned(), taken.as_str(), 409),
        ("POST /Users".into(), &wrong, 400),
        ("GET /Users/private@example.com".into(), "", 404),
        ("GET /Users?filter=userName+eq+private".into(), "", 400),
        (format!("DELETE {created}"), "", 204),
    ] {
        let answer = ask(&service, &line, &[], body).await;
        assert_eq!(answer.status, status, "{line}");
        let lines = log.lines(answer.header("trace-id"));
        assert_eq!((lines.len(), &lines[0]["status"]), (1, &status.into()), "{line}");
    }
    ask(&service, "GET /Users", &[("authorization", "Bearer private-token")], "").await;
    let text = log.text();
    assert!(!text.contains("private") && !text.contains("secret"), "{text}");
    assert!(text.contains(&id(1)), "{text}");
}

/// Reads that succeed are logged for debugging only; tolerances and warnings are always noted.
#[tokio::test]
async fn quiet_and_noted() {
    for (level, target, count, tolerances) in [
        (Level::INFO, "/Users/fine", 0, ""),
        (Level::DEBUG, "/Users/fine", 1, ""),
        (Level::INFO, "/Users/warns", 1, "string-boolean"),
    ] {
        let (log, _guard) = Log::catch(level);
        let answer = get(&faulty(), target).await;
        let lines = log.lines(answer.header("trace-id"));
        assert_eq!(lines.len(), count, "{target}");
        if !tolerances.is_empty() {
            assert_eq!((&lines[0]["tolerances"], &lines[0]["warnings"]), (&tolerances.into(), &1.into()));
            assert!(!log.text().contains("private-value"));
        }
    }
}

/// D-83, 7643-9.3-01: a bulk request is one line with counts, and one more for each fault of the service.
#[tokio::test]
async fn bulk_requests_are_counted() {
    let (log, _guard) = Log::catch(Level::INFO);
    let operation = |name: &str| {
        format!(
            r#"{{"method":"POST","path":"/Users","bulkId":"private-{name}","data":{{"userName":"{name}"}}}}"#
        )
    };
    let operations = ["fine", "no-error", "unavailable", "warns"].map(operation).join(",");
    let request = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{operations}]}}"#
    );
    let answer = ask(&faulty(), "POST /Bulk", &[], request).await;
    assert_eq!(answer.status, 200);
    let lines = log.lines(answer.header("trace-id"));
    let [fault, line] = &lines[..] else { panic!("{}", log.text()) };
    assert!(fault["cause"].as_str().unwrap().contains("disk 7 gone") && fault["level"] == "ERROR", "{fault}");
    for (field, value) in [
        ("operation", "bulk".into()),
        ("status", Value::from(200)),
        ("operations", 4.into()),
        ("failed", 2.into()),
    ] {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!(line["tolerances"], "string-boolean");
    assert!(!log.text().contains("private"), "{}", log.text());
}
