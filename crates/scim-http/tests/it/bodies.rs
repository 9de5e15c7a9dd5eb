//! Bodies: what is read, and what is refused how.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::Frame;
use http_body_util::StreamBody;
use scim_engine::Features;
use scim_http::{HttpConfig, HttpLimits};

use crate::world::{ask, config, configured, create_user, get, id, send, service, user};

/// 7644-3.8-01, 7644-3.12-04: bodies that cannot be read, on every method that has one.
#[tokio::test]
async fn unreadable_bodies() {
    let service = service();
    create_user(&service, "lea").await;
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let user = id(1);
    for line in [
        "POST /Users".to_owned(),
        format!("PUT /Users/{user}"),
        format!("PATCH /Users/{user}"),
        "POST /Users/.search".into(),
        "POST /.search".into(),
    ] {
        for (body, detail) in [
            (&b""[..], "empty"),
            (b"{", "line 1 column 1"),
            (b"{\"userName\":\"x\",}", "line 1 column 17"),
            (b"[]", "not a list"),
            (b"42", "not a number"),
            (b"null", "not null"),
            (b"{\"userName\":\"\xff\"}", "byte 14"),
            (b"\xff\xfe{\0}\0", "byte 1"),
            (b"<xml/>", "line 1 column 1"),
            (deep.as_bytes(), "recursion limit"),
        ] {
            let answer = ask(&service, &line, &[], body).await;
            assert_eq!(answer.outcome(), "400 invalidSyntax", "{line} {body:?}");
            let shown = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(shown.contains(detail), "{shown}");
        }
    }
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 1);
}

/// 7644-3.8-01, 7644-3.8-04: bodies that are read whatever they are called.
#[tokio::test]
async fn readable_bodies() {
    let service = service();
    for (number, (content_type, body, expected)) in [
        ("application/scim+json; charset=utf-8", user("a"), "201"),
        ("application/json", user("b"), "201"),
        ("", user("c"), "201"),
        ("application/merge-patch+json", user("d"), "201"),
        ("application/json", "\u{feff}".to_owned() + &user("Zoë \u{1f600} 名"), "201"),
        ("application/json", user(r#"x","userName":"twice"#), "400 invalidSyntax"),
        ("application/json", r#"{"userName":"big","title":1e999}"#.into(), "400 invalidValue"),
        ("text/plain", user("e"), "415"),
        ("application/x-www-form-urlencoded", "userName=f".into(), "415"),
        ("text/xml", "<a/>".into(), "415"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = ask(&service, "POST /Users", &[("content-type", content_type)], &body).await;
        assert_eq!(answer.outcome(), expected, "{number}: {content_type} {body}");
    }
    let found = get(&service, "/Users?filter=userName+sw+%22Zo%C3%AB%22&attributes=userName").await.json();
    assert_eq!(found["Resources"][0]["userName"], "Zoë \u{1f600} 名");
}

fn limited() -> HttpConfig {
    let limits = HttpLimits { body_bytes: 100, url_bytes: 200, ..HttpLimits::default() };
    HttpConfig { limits, ..config() }
}

/// 7644-3.12-06: what is too large, to the byte; and a URL that is too long.
#[tokio::test]
async fn large_bodies() {
    let service = configured(limited(), Features::default());
    let body = |length: usize| format!("{:length$}", user("lea"));
    assert_eq!(ask(&service, "POST /Users", &[], body(100)).await.outcome(), "201");
    let refused = ask(&service, "POST /Users", &[], body(101)).await;
    assert_eq!((refused.outcome().as_str(), refused.header("connection")), ("413", "close"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("100 bytes"));

    let query = |length: usize| format!("/Users?x={}", "y".repeat(length - 9));
    assert_eq!(get(&service, &query(200)).await.outcome(), "200");
    assert_eq!(get(&service, &query(201)).await.outcome(), "414");
}

/// Bodies that are sent piece by piece: without end, without progress, and cut off.
#[tokio::test(start_paused = true)]
async fn streamed_bodies() {
    let service = configured(limited(), Features::default());
    let request = || Request::post("/Users").header("authorization", "Bearer secret");
    let frame = |text: &'static str| Frame::data(Bytes::from_static(text.as_bytes()));

    let pieces =
        [r#"{"schemas":["urn:ietf:params:scim:schemas:"#, r#"core:2.0:User"],"user"#, "Name\":", "\"lea\"}"];
    let pieces = stream::iter(pieces.map(|piece| Ok::<_, Infallible>(frame(piece))));
    let answer = send(&service, request().body(StreamBody::new(pieces)).unwrap()).await;
    assert_eq!(answer.outcome(), "201");

    let endless = stream::repeat_with(move || Ok::<_, Infallible>(frame("[")));
    let answer = send(&service, request().body(StreamBody::new(endless)).unwrap()).await;
    assert_eq!(answer.outcome(), "413");

    let stalled = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let answer = send(&service, request().body(StreamBody::new(stalled)).unwrap()).await;
    assert_eq!((answer.outcome().as_str(), answer.header("connection")), ("408", "close"));

    // One byte now and then does not buy more time.
    let trickle = stream::unfold((), move |()| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, Infallible>(frame(" ")), ()))
    });
    let answer = send(&service, request().body(StreamBody::new(Box::pin(trickle))).unwrap()).await;
    assert_eq!(answer.outcome(), "408");

    let cut = stream::iter([Ok(frame("{\"userName\"")), Err(std::io::Error::other("reset by peer"))]);
    let answer = send(&service, request().body(StreamBody::new(cut)).unwrap()).await;
    assert_eq!(answer.outcome(), "400 invalidSyntax");
}

/// A limit that stands in front of the service is told apart from a broken body.
#[tokio::test]
async fn a_limit_in_front() {
    let body = http_body_util::Limited::new(http_body_util::Full::new(Bytes::from(vec![b' '; 50])), 10);
    let request = Request::post("/Users").header("authorization", "Bearer secret").body(body).unwrap();
    assert_eq!(send(&service(), request).await.outcome(), "413");
}
