//! Everything that the conformance checklist looks at, from one process.
//!
//! Each profile is a service of its own below a path of its own; all share the store, each with a
//! tenant of its own. The probe extension and the resource type Gadget show what the schemas of the
//! RFC do not: they stand as JSON in `schemas/`.

mod profiles;

use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use scim_engine::core::schema::{Schema, urn};
use scim_engine::core::{Registry, ResourceType, SchemaExtension, Selection};
use scim_engine::store::{Store, TenantId};
use scim_engine::{Caller, Engine, ProvisioningEngine, Reach, RequestContext, Scopes, Verb, plain_types};
use scim_http::{Grant, HttpConfig, Principal, ScimService, ServeConfig, StaticTokens, Token, serve};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use self::profiles::Profile;
use crate::{Demo, ServerError};

const GADGET: &str = "urn:ietf:params:scim:schemas:probe:2.0:Gadget";
const GADGET_TAG: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:Gadget";

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
    let mut router = Router::new();
    let mut additions = Map::new();
    for Profile { name, path, features, config, rules, indirect_groups, of_user, mut addition } in
        profiles::all()
    {
        let base_url = format!("{origin}/{name}{path}");
        let engine = Engine::new(Arc::clone(&store), rules, registry(indirect_groups)?, &base_url)
            .with_features(features);
        let engine = Arc::new(engine);
        let mut grants = Vec::new();
        if of_user {
            let id = person(engine.as_ref(), &config, name).await?;
            grants.push((token.hash(), grant(name)?.of_user(&id)));
            addition["user_id"] = json!(id);
        } else {
            grants.push((token.hash(), grant(name)?));
        }
        if name == profiles::MAIN {
            let id = person(engine.as_ref(), &config, name).await?;
            let scoped = |scopes| -> Result<Grant, ServerError> { Ok(grant(name)?.with_scopes(scopes)) };
            let of_type = |kind: &str| Scopes::none().with(Verb::Write, Reach::Type(kind.to_owned()));
            let own = Scopes::none().with(Verb::Write, Reach::Own);
            for (profile, grant) in [
                ("read-only", scoped(Scopes::reading())?),
                ("users-only", scoped(of_type("User"))?),
                ("groups-only", scoped(of_type("Group"))?),
                ("self-service", scoped(own)?.of_user(&id)),
                ("expired", Grant { expires: Some(0), ..grant(name)? }),
                ("second-tenant", grant("second-tenant")?),
            ] {
                let token = new_token()?;
                grants.push((token.hash(), grant));
                additions.insert(profile.to_owned(), json!({ "token": token.reveal() }));
            }
            additions["self-service"]["user_id"] = json!(id);
        }
        let service = ScimService::new(engine, StaticTokens::new(grants), config);
        router = router.nest_service(&format!("/{name}{path}"), service);
        addition["base_url"] = json!(base_url);
        additions.insert(name.to_owned(), addition);
    }
    let main = additions.remove(profiles::MAIN).unwrap_or_default();
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

/// What the bearer of a token may do in a tenant: everything.
fn grant(tenant: &str) -> Result<Grant, ServerError> {
    Ok(Grant::new(Principal { tenant: TenantId::new(tenant)?, caller: Caller::default() }))
}

/// Creates the user whose token a client has, and says its id. Each start of the server has a new one.
async fn person(
    engine: &impl ProvisioningEngine,
    config: &HttpConfig,
    tenant: &str,
) -> Result<String, ServerError> {
    let now = config.clock.now();
    let new_id = config.ids.resource(now);
    let body = [("schemas", json!([urn::USER])), ("userName", json!(format!("self-{new_id}")))];
    let context = RequestContext {
        tenant: TenantId::new(tenant)?,
        caller: Caller::default(),
        now,
        new_id: new_id.clone(),
        trace_id: String::new(),
        leniency: config.leniency,
    };
    let body = body.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    engine.create(&context, "User", body, &Selection::Default).await.map_err(ServerError::Person)?;
    Ok(new_id)
}

/// The plain directory, the probe extension, and gadgets; users show indirect groups where it is asked for.
fn registry(indirect_groups: bool) -> Result<Registry, ServerError> {
    let schema = |text| Schema::from_json(text).map_err(ServerError::Schema);
    let gadget = ResourceType {
        schema_extensions: vec![SchemaExtension { schema: GADGET_TAG.to_owned(), required: true }],
        ..ResourceType::new("Gadget", "/Gadgets", GADGET).with_description("Gadget")
    };
    let types = plain_types();
    let types = if indirect_groups { types.with_nested("User", "groups") } else { types };
    Ok(types
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
