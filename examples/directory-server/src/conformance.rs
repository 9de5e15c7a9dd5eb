//! Everything that the conformance checklist looks at, from one process.
//!
//! Each profile is a service of its own below a path of its own; all share the store, each with a
//! tenant of its own. The probe extension and the resource type Gadget show what the schemas of the
//! RFC do not: they stand as JSON in `schemas/`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use scim_engine::core::schema::Schema;
use scim_engine::core::{Leniency, Registry, ResourceType, SchemaExtension};
use scim_engine::store::{Store, TenantId};
use scim_engine::{Caller, Engine, Features, PlainRules, plain_builder};
use scim_http::{Grant, HttpConfig, Principal, ScimService, ServeConfig, StaticTokens, Token, serve};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::{Demo, ServerError};

const PROBE: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";
const GADGET: &str = "urn:ietf:params:scim:schemas:probe:2.0:Gadget";
const GADGET_TAG: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:Gadget";

/// A service below a path of its own.
struct Profile {
    /// The name in the target, which is also the path and the tenant.
    name: &'static str,
    /// The path below the name.
    path: &'static str,
    features: Features,
    config: HttpConfig,
}

/// The services with what makes each of them special.
fn profiles() -> Vec<Profile> {
    let plain = |name| Profile {
        name,
        path: "/scim/v2",
        features: Features::default(),
        config: HttpConfig::default(),
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
                ..Features::default()
            },
            ..plain("features-off")
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
    for Profile { name, path, features, config } in profiles() {
        let grant = |tenant: &str| -> Result<Grant, ServerError> {
            let principal = Principal { tenant: TenantId::new(tenant)?, caller: Caller::default() };
            Ok(Grant::new(principal))
        };
        let mut grants = vec![(token.hash(), grant(name)?)];
        if name == "main" {
            grants.push((reader.hash(), Grant { writes: false, ..grant(name)? }));
            grants.push((expired.hash(), Grant { expires: Some(0), ..grant(name)? }));
            grants.push((other.hash(), grant("second-tenant")?));
        }
        let base_url = format!("{origin}/{name}{path}");
        let engine =
            Engine::new(Arc::clone(&store), PlainRules, registry()?, &base_url).with_features(features);
        let service = ScimService::new(Arc::new(engine), StaticTokens::new(grants), config);
        router = router.nest_service(&format!("/{name}{path}"), service);
        additions.insert(name.to_owned(), json!({ "base_url": base_url }));
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
    Ok(plain_builder(&[PROBE])
        .schema(schema(include_str!("../schemas/probe.json"))?)
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
