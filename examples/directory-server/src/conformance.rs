//! Everything that the conformance checklist looks at, from one process.
//!
//! Each profile is a service of its own below a path of its own; all share the store, each with a
//! tenant of its own. The probe extension and the resource type Gadget show what the schemas of the
//! RFC do not: they stand as JSON in `schemas/`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use scim_engine::core::message::BulkLimits;
use scim_engine::core::schema::Schema;
use scim_engine::core::{Leniency, Registry, ResourceType, SchemaExtension};
use scim_engine::store::{Store, TenantId};
use scim_engine::{Caller, Engine, Features, Paging, PlainRules, Scopes, plain_types};
use scim_http::{Grant, HttpConfig, Principal, ScimService, ServeConfig, StaticTokens, Token, serve};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::{Demo, ServerError};

const GADGET: &str = "urn:ietf:params:scim:schemas:probe:2.0:Gadget";
const GADGET_TAG: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:Gadget";

/// For how long a cursor is good where it is to become too old soon.
const SHORT: Duration = Duration::from_secs(1);

/// A service below a path of its own.
struct Profile {
    /// The name in the target, which is also the path and the tenant.
    name: &'static str,
    /// The path below the name.
    path: &'static str,
    features: Features,
    config: HttpConfig,
    /// What the target says of it besides its address.
    addition: Value,
}

/// The services with what makes each of them special.
fn profiles() -> Vec<Profile> {
    let plain = |name| Profile {
        name,
        path: "/scim/v2",
        features: Features::default(),
        config: HttpConfig::default(),
        addition: json!({}),
    };
    vec![
        plain("main"),
        Profile {
            config: HttpConfig { leniency: Leniency::strict(), ..HttpConfig::default() },
            ..plain("strict")
        },
        Profile {
            features: Features {
                patch: false,
                filter: false,
                sort: false,
                etag: false,
                paging: Paging::Index,
                ..Features::default()
            },
            config: HttpConfig { bulk: None, ..HttpConfig::default() },
            ..plain("features-off")
        },
        Profile {
            features: Features { paging: Paging::Cursor, ..Features::default() },
            ..plain("cursor-only")
        },
        Profile {
            features: Features { cursor_life: SHORT, ..Features::default() },
            addition: json!({ "seconds": SHORT.as_secs() }),
            ..plain("short-cursor")
        },
        Profile {
            config: HttpConfig {
                bulk: Some(BulkLimits { max_operations: 5, max_payload_size: 4096 }),
                ..HttpConfig::default()
            },
            ..plain("small-bulk")
        },
        Profile {
            features: Features { most_results: 20, default_count: 10, ..Features::default() },
            ..plain("small-pages")
        },
        Profile {
            path: "/scim",
            config: HttpConfig { version_routing: true, ..HttpConfig::default() },
            ..plain("versioned")
        },
        Profile {
            config: HttpConfig { require_if_match: true, ..HttpConfig::default() },
            ..plain("if-match-required")
        },
    ]
}

/// Serves all profiles until `stop` is ready.
pub(crate) async fn run(
    store: Arc<impl Store>,
    args: Demo,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let listener = TcpListener::bind(args.listen).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let new_token = || Token::generate().map_err(std::io::Error::other);
    let token = match &args.token {
        Some(text) => Token::from_text(text),
        None => new_token()?,
    };
    let (reader, expired, other) = (new_token()?, new_token()?, new_token()?);
    let mut router = Router::new();
    let mut additions = Map::new();
    for Profile { name, path, features, config, mut addition } in profiles() {
        let grant = |tenant: &str| -> Result<Grant, ServerError> {
            let principal = Principal { tenant: TenantId::new(tenant)?, caller: Caller::default() };
            Ok(Grant::new(principal))
        };
        let mut grants = vec![(token.hash(), grant(name)?)];
        if name == "main" {
            grants.push((reader.hash(), grant(name)?.with_scopes(Scopes::reading())));
            grants.push((expired.hash(), Grant { expires: Some(0), ..grant(name)? }));
            grants.push((other.hash(), grant("second-tenant")?));
        }
        let base_url = format!("{origin}/{name}{path}");
        let engine =
            Engine::new(Arc::clone(&store), PlainRules, registry()?, &base_url).with_features(features);
        let service = ScimService::new(Arc::new(engine), StaticTokens::new(grants), config);
        router = router.nest_service(&format!("/{name}{path}"), service);
        addition["base_url"] = json!(base_url);
        additions.insert(name.to_owned(), addition);
    }
    let main = additions.remove("main").unwrap_or_default();
    let tokens = BTreeMap::from([("read-only", reader), ("expired", expired), ("second-tenant", other)]);
    additions
        .extend(tokens.iter().map(|(name, token)| ((*name).to_owned(), json!({ "token": token.reveal() }))));
    let target = json!({
        "ready": true,
        "base_url": main["base_url"],
        "token": token.reveal(),
        "profiles": additions,
    });
    announce(&target, args.target.as_deref())?;
    serve(listener, router, ServeConfig::default(), stop).await;
    Ok(())
}

/// The plain directory, the probe extension, and gadgets.
fn registry() -> Result<Registry, ServerError> {
    let schema = |text| Schema::from_json(text).map_err(ServerError::Schema);
    let gadget = ResourceType {
        schema_extensions: vec![SchemaExtension { schema: GADGET_TAG.to_owned(), required: true }],
        ..ResourceType::new("Gadget", "/Gadgets", GADGET).with_description("Gadget")
    };
    Ok(plain_types()
        .extend("User", schema(include_str!("../schemas/probe.json"))?)
        .schema(schema(include_str!("../schemas/gadget.json"))?)
        .schema(schema(include_str!("../schemas/gadget-tag.json"))?)
        .resource_type(gadget)
        .build()?)
}

/// Tells scripts in one line on standard output, and writes the same into a file where one is asked for.
fn announce(target: &Value, file: Option<&std::path::Path>) -> std::io::Result<()> {
    if let Some(file) = file {
        std::fs::write(file, format!("{target}\n"))?;
    }
    let mut scripts = std::io::stdout().lock();
    writeln!(scripts, "{target}")?;
    scripts.flush()
}
