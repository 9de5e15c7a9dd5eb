//! A directory in memory behind the service, and a client that checks every answer it gets.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use scim_core::schema::{self, Attribute, AttributeType, Schema, urn};
use scim_core::{End, LinkShape, LinkView, Registry, ResourceType};
use scim_engine::store::TenantId;
use scim_engine::{Caller, Engine, Features, MemoryStore, PlainRules, ProvisioningEngine, Scopes};
use scim_http::{Authenticator, Clock, Grant, HttpConfig, Ids, Principal, ScimService, StaticTokens, Token};
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const BASE: &str = "https://example.com/scim/v2";
pub(crate) const DEVICE: &str = "urn:example:params:scim:schemas:Device";
/// 2023-11-14T22:13:20Z.
pub(crate) const NOW: i64 = 1_700_000_000_000;

pub(crate) type Directory = Engine<MemoryStore, PlainRules>;
pub(crate) type Service<E = Directory> = ScimService<E, StaticTokens>;

/// Users with the enterprise extension, groups with members, and a type of our own.
pub(crate) fn directory(features: Features) -> Directory {
    let device = Schema {
        id: DEVICE.to_owned(),
        name: Some("Device".to_owned()),
        description: None,
        attributes: vec![Attribute { required: true, ..Attribute::new("serial", AttributeType::String) }],
    };
    let view = |resource_type, attribute, end, kind| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation: "member",
        end,
        shape: LinkShape::List { kind },
        shows_hidden: false,
    };
    let registry = Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(schema::enterprise_user())
        .schema(device)
        .resource_type(ResourceType::new("User", "/Users", urn::USER).with_extension(urn::ENTERPRISE_USER))
        .resource_type(ResourceType::new("Group", "/Groups", urn::GROUP))
        .resource_type(ResourceType::new("Device", "/Devices", DEVICE))
        .link(view("Group", "members", End::Owner, None))
        .link(view("User", "groups", End::Member, Some("direct")))
        .build()
        .unwrap();
    Engine::new(MemoryStore::new(), PlainRules, registry, BASE).with_features(features)
}

pub(crate) fn principal(tenant: &str) -> Principal {
    Principal {
        tenant: TenantId::new(tenant).unwrap(),
        caller: Caller { id: "client-1".into(), ..Caller::default() },
    }
}

/// `secret` may do all, `reader` may read, `old` has expired, `other` is of another tenant.
pub(crate) fn tokens() -> StaticTokens {
    let hash = |text| Token::from_text(text).hash();
    let grant = Grant::new(principal("acme"));
    StaticTokens::new([
        (hash("secret"), grant.clone()),
        (hash("reader"), grant.clone().with_scopes(Scopes::reading())),
        (hash("old"), Grant { expires: Some(NOW), ..grant }),
        (hash("other"), Grant::new(principal("umbrella"))),
    ])
}

/// Time stands still, and ids count from 1.
pub(crate) fn config() -> HttpConfig {
    HttpConfig { clock: Clock::fixed(NOW), ids: Ids::counting(), ..HttpConfig::default() }
}

pub(crate) fn service() -> Service {
    configured(config(), Features::default())
}

pub(crate) fn configured(config: HttpConfig, features: Features) -> Service {
    ScimService::new(Arc::new(directory(features)), tokens(), config)
}

/// The id of the resource that is created as the n-th.
pub(crate) fn id(number: u64) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and keyword, such as `400 invalidSyntax`.
    pub(crate) fn outcome(&self) -> String {
        let body = self.json();
        match body["scimType"].as_str() {
            Some(scim_type) => format!("{} {scim_type}", self.status.as_u16()),
            None => self.status.as_u16().to_string(),
        }
    }

    /// 7644-3.12-01, 7644-3.12-02, D-82: every error is a SCIM error, and every answer has a trace id.
    #[track_caller]
    pub(crate) fn check(&self) {
        let trace = self.header("trace-id");
        assert_eq!(trace.len(), 32, "{self:?}");
        if self.status.as_u16() >= 400 && !self.bytes.is_empty() {
            let body = self.json();
            assert_eq!(self.header("content-type"), "application/scim+json", "{self:?}");
            assert_eq!(body["schemas"], serde_json::json!([urn::ERROR]), "{self:?}");
            assert_eq!(body["status"], self.status.as_u16().to_string(), "{self:?}");
            assert!(body["detail"].as_str().unwrap().contains(trace), "{self:?}");
        }
        if matches!(self.status.as_u16(), 204 | 304) {
            assert!(self.bytes.is_empty() && !self.headers.contains_key("content-type"), "{self:?}");
        }
    }
}

/// Sends a request as it is.
pub(crate) async fn send<E, A, B>(service: &ScimService<E, A>, request: Request<B>) -> Answer
where
    E: ProvisioningEngine,
    A: Authenticator,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let head = request.method() == http::Method::HEAD;
    let (parts, body) = service.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let answer = Answer { status: parts.status, headers: parts.headers, bytes };
    answer.check();
    assert!(!head || answer.bytes.is_empty(), "{answer:?}");
    assert!(head || answer.status.as_u16() < 400 || !answer.bytes.is_empty(), "{answer:?}");
    answer
}

/// Sends what a line such as `GET /Users` says, with the token `secret`, more headers, and a body.
pub(crate) async fn ask<E: ProvisioningEngine>(
    service: &Service<E>,
    line: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Answer {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    if !headers.iter().any(|(name, _)| *name == "authorization") {
        request = request.header("authorization", "Bearer secret");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(service, request.body(Full::new(Bytes::copy_from_slice(body.as_ref()))).unwrap()).await
}

/// The same without headers and body.
pub(crate) async fn get<E: ProvisioningEngine>(service: &Service<E>, target: &str) -> Answer {
    ask(service, &format!("GET {target}"), &[], "").await
}

/// The body of a user of that name.
pub(crate) fn user(name: &str) -> String {
    format!(r#"{{"schemas":["{}"],"userName":"{name}"}}"#, urn::USER)
}

/// Creates a user of that name.
pub(crate) async fn create_user<E: ProvisioningEngine>(service: &Service<E>, name: &str) -> Answer {
    let answer = ask(service, "POST /Users", &[], user(name)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

/// Creates a group with these members.
pub(crate) async fn create_group<E: ProvisioningEngine>(
    service: &Service<E>,
    name: &str,
    members: &[String],
) -> Answer {
    let members: Vec<Value> = members.iter().map(|id| serde_json::json!({ "value": id })).collect();
    let body = serde_json::json!({ "schemas": [urn::GROUP], "displayName": name, "members": members });
    let answer = ask(service, "POST /Groups", &[], body.to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}
