//! Any requests to the whole service, one after the other, with a directory in memory behind it.
//!
//! A byte of choices stands in front. Requests are separated by the byte 0x1e; each has a line with method and
//! target, lines with headers, an empty line, and a body.

#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use scim_core::Leniency;
use scim_core::schema::urn;
use scim_engine::store::TenantId;
use scim_engine::{Caller, DirectoryRules, Engine, MemoryStore, plain_registry};
use scim_http::{
    Clock, Grant, HttpConfig, Ids, Me, Principal, ResponseBody, ScimService, StaticTokens, Token,
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

type Service = ScimService<Engine<MemoryStore, DirectoryRules>, StaticTokens>;

/// The id of the resource that is created first, so that inputs can name it.
const FIRST: &str = "00000000-0000-7000-8000-000000000001";

/// More than any answer about so few resources needs.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, requests)) = bytes.split_first() else { return };
    let service = service(choice);
    RUNTIME.block_on(async {
        for request in requests.split(|&byte| byte == 0x1e).take(8).filter_map(read) {
            let is_head = request.method() == Method::HEAD;
            let shown = format!("{} {}", request.method(), request.uri());
            let response = service.clone().oneshot(request).await.unwrap();
            check(response, is_head, &shown).await;
        }
    });
});

/// A service with a token that may do all, as the user who is created first.
fn service(choice: u8) -> Service {
    let engine = Engine::new(
        MemoryStore::new(),
        DirectoryRules {
            checks_countries: choice & 1 != 0,
            checks_certificates: choice & 1 != 0,
            accepts_unknown_managers: choice & 2 != 0,
        },
        plain_registry().unwrap(),
        "https://x.example/scim/v2",
    );
    let principal = Principal { tenant: TenantId::new("t").unwrap(), caller: Caller::default() };
    let grant = Grant::new(principal).of_user(FIRST);
    let config = HttpConfig {
        leniency: if choice & 4 != 0 { Leniency::strict() } else { Leniency::default() },
        version_routing: choice & 8 != 0,
        me: if choice & 16 != 0 { Me::Redirect } else { Me::Direct },
        sensitive: if choice & 32 != 0 { ["emails".to_owned()].into() } else { [].into() },
        clock: Clock::fixed(1_700_000_000_000),
        ids: Ids::counting(),
        ..HttpConfig::default()
    };
    ScimService::new(Arc::new(engine), StaticTokens::new([(Token::from_text("t").hash(), grant)]), config)
}

/// A request of the input; none if `http` has no such request.
fn read(bytes: &[u8]) -> Option<Request<Full<Bytes>>> {
    let mut lines = bytes.splitn(2, |&byte| byte == b'\n');
    let (first, mut rest) = (lines.next()?, lines.next().unwrap_or_default());
    let blank = first.iter().position(|&byte| byte == b' ')?;
    let method = Method::from_bytes(&first[..blank]).ok()?;
    let uri = Uri::try_from(&first[blank + 1..]).ok()?;
    let mut request = Request::builder().method(method).uri(uri);
    let mut is_authorized = false;
    loop {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let (line, more) = rest.split_at(end);
        rest = more.get(1..).unwrap_or_default();
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { break };
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        is_authorized |= name == http::header::AUTHORIZATION;
        request = request.header(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
    }
    if !is_authorized {
        request = request.header(http::header::AUTHORIZATION, "Bearer t");
    }
    request.body(Full::new(Bytes::copy_from_slice(rest))).ok()
}

/// Whatever was asked: an answer in SCIM, of a reasonable size, and no fault of ours.
async fn check(response: Response<ResponseBody>, is_head: bool, shown: &str) {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let bytes = body.collect().await.unwrap().to_bytes();
    assert!(status < 500 || status == 501, "{shown}: {status} {bytes:?}");
    assert!(bytes.len() <= LARGEST_ANSWER, "{shown}: {} bytes", bytes.len());
    assert!(parts.headers.contains_key("trace-id"), "{shown}");
    if is_head || matches!(status, 204 | 304 | 308) {
        assert!(bytes.is_empty(), "{shown}: {status} {bytes:?}");
        return;
    }
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    if status >= 400 {
        assert_eq!(body["schemas"], json!([urn::ERROR]), "{shown}: {body}");
        assert_eq!(body["status"], status.to_string(), "{shown}: {body}");
    } else {
        assert!(body["schemas"].as_array().is_some_and(|uris| !uris.is_empty()), "{shown}: {body}");
        assert!(!has_null(&body), "{shown}: {body}");
        assert_eq!(body.get("password"), None, "{shown}");
    }
}

/// 7643-2.5-01: no answer holds a null.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().any(has_null),
        Value::Object(parts) => parts.values().any(has_null),
        _ => false,
    }
}
