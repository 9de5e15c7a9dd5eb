//! From a request to a call of the engine.

use std::future::Future;

use http::{HeaderMap, Method, request};
use scim_core::message::SearchRequest;
use scim_core::{Problem, ScimType};
use scim_engine::{ProvisioningEngine, RequestContext};
use serde_json::{Map, Value};

use crate::auth::{Access, Authenticator, Operation, Principal, authorise, bearer};
use crate::body::RequestBody;
use crate::failure::Failure;
use crate::log::Facts;
use crate::reply::Reply;
use crate::route::{Route, Router};
use crate::service::Shared;
use crate::trace_id::TraceId;
use crate::{body, media, parameters, tenant};

use me::Own;

mod bulk;
mod me;
mod resource;

/// A request with everything but its body.
struct Call<'c, B> {
    head: &'c request::Parts,
    body: B,
    context: RequestContext,
    facts: &'c Facts,
}

impl<E: ProvisioningEngine, A: Authenticator> Shared<E, A> {
    /// Answers a request, or says why not. `facts` gets what the log should tell.
    pub(crate) async fn handle<B: RequestBody>(
        &self,
        head: &request::Parts,
        body: B,
        trace: &TraceId,
        facts: &mut Facts,
    ) -> Result<Reply, Failure> {
        let query = head.uri.query();
        if head.uri.path().len() + query.map_or(0, |query| query.len() + 1) > self.config.limits.url_bytes {
            return Err(
                Problem::plain(414, "the URL is too long: send the query as POST to `.search`").into()
            );
        }
        let router = Router {
            registry: self.engine.registry(),
            prefix: &self.config.prefix,
            versions: self.config.version_routing,
        };
        let route = router.route(head.uri.path());
        let now = self.config.clock.now();
        let asked = access(&route, &head.method, now);
        facts.about(&asked);
        if let Some(discovered) = self.public(&route, head) {
            return discovered;
        }
        let principal = self.authenticate(&head.headers, &asked).await?;
        facts.asked_by(&principal);
        let Principal { tenant, caller } = principal;
        tenant::check(head, self.config.tenant_header.as_ref(), &tenant)?;
        let (route, own) = match route {
            Route::Me => match self.own(&caller, head)? {
                Own::Moved(reply) => return Ok(reply),
                Own::Resource(route, location) => (route, Some(location)),
            },
            route => (route, None),
        };
        let access = access(&route, &head.method, now);
        facts.about(&access);
        authorise(self.engine.registry(), &caller, &access)?;
        let new_id = if access.operation.writes() { self.config.ids.resource(now) } else { String::new() };
        let leniency = self.config.leniency;
        let context = RequestContext { tenant, caller, now, new_id, trace_id: trace.to_string(), leniency };
        if !access.operation.is_let_in_by_engine() {
            self.within(self.engine.admit(&context)).await??;
        }
        if let Route::Bulk = route {
            return self.bulk(head, body, trace, facts).await;
        }
        let reply = self.dispatch(&route, Call { head, body, context, facts }).await?;
        // 7644-3.11-03: any answer at `/Me` names the permanent location, that to DELETE too.
        Ok(Reply { location: reply.location.or(own), ..reply })
    }

    /// The answer to what may be read without authentication.
    fn public(&self, route: &Route<'_>, head: &request::Parts) -> Option<Result<Reply, Failure>> {
        let open = self.config.public_configuration && matches!(route, Route::Configuration);
        (open && is_get(&head.method)).then(|| self.discover(route, head))
    }

    async fn authenticate(&self, headers: &HeaderMap, access: &Access<'_>) -> Result<Principal, Failure> {
        let denied = |error| {
            let detail = self.authenticator.reword(&error);
            Failure::auth(error, detail, &self.config.realm)
        };
        let token = bearer(headers).map_err(denied)?;
        let deciding = self.authenticator.authenticate(token, access);
        self.within(deciding).await?.map_err(denied)
    }

    async fn dispatch<B: RequestBody>(&self, route: &Route<'_>, call: Call<'_, B>) -> Result<Reply, Failure> {
        let method = &call.head.method;
        let post = method == Method::POST;
        match route {
            Route::Unknown => Err(Failure::unknown_path()),
            Route::BadVersion(version) => Err(Failure::bad_version(version)),
            // Answered before, since there is no one operation to dispatch.
            Route::Bulk => Err(Failure::unknown_path()),
            // It has become the route of a resource before.
            Route::Me => Err(Failure::unknown_path()),
            Route::Configuration
            | Route::ResourceTypes
            | Route::ResourceType(_)
            | Route::Schemas
            | Route::Schema(_) => self.discover(route, call.head),
            Route::Root if is_get(method) => self.list(None, call).await,
            Route::Collection(def) if is_get(method) => self.list(Some(def.name()), call).await,
            Route::Collection(def) if post => self.create(def, call).await,
            Route::RootSearch if post => self.search(None, call).await,
            Route::Search(def) if post => self.search(Some(def.name()), call).await,
            Route::Resource(def, id) => self.on_resource(def, id, call).await,
            Route::Root => Err(Failure::method("GET, HEAD")),
            Route::Collection(_) => Err(Failure::method("GET, HEAD, POST")),
            Route::RootSearch | Route::Search(_) => Err(Failure::method("POST")),
        }
    }

    /// 7644-4-05, 7644-4-06: parameters mean nothing here, and a filter is refused.
    fn discover(&self, route: &Route<'_>, head: &request::Parts) -> Result<Reply, Failure> {
        if !is_get(&head.method) {
            return Err(Failure::method("GET, HEAD"));
        }
        if parameters::has_filter(head.uri.query()) {
            return Err(Problem::plain(403, "discovery takes no filter: read the whole list").into());
        }
        let found = match route {
            Route::Configuration => Some(self.discovery.configuration.clone()),
            Route::ResourceTypes => Some(self.discovery.resource_types.clone()),
            Route::Schemas => Some(self.discovery.schemas.clone()),
            Route::ResourceType(name) => self.discovery.resource_type(name),
            Route::Schema(uri) => self.discovery.schema(uri),
            _ => None,
        };
        found.map(Reply::printed).ok_or_else(Failure::unknown_path)
    }

    async fn list<B: RequestBody>(&self, kind: Option<&str>, call: Call<'_, B>) -> Result<Reply, Failure> {
        let search = parameters::search(call.head.uri.query())?;
        let types = self.engine.registry().types().iter().map(AsRef::as_ref);
        let listed = types.filter(|def| kind.is_none_or(|kind| kind == def.name()));
        self.sensitive.check(listed, search.filter.as_deref())?;
        self.query(kind, &search, &call.context).await
    }

    /// 7644-3.4.3-01: a query by POST; parameters of the URL mean nothing.
    async fn search<B: RequestBody>(&self, kind: Option<&str>, call: Call<'_, B>) -> Result<Reply, Failure> {
        let body = self.json(call.head, call.body).await?;
        let search = SearchRequest::from_body(&body)?;
        self.query(kind, &search, &call.context).await
    }

    async fn query(
        &self,
        kind: Option<&str>,
        search: &SearchRequest,
        context: &RequestContext,
    ) -> Result<Reply, Failure> {
        if search.filter.is_some() && !self.engine.features().filter {
            let detail = "filters are not offered here: list the resources without one";
            return Err(Problem::bad_request(ScimType::InvalidFilter, detail).into());
        }
        if search.cursor.is_some() && !self.engine.features().paging.by_cursor() {
            return Err(Failure::not_offered("paging by cursor: use `startIndex` and `count`"));
        }
        let listing = self.within(self.engine.query(context, kind, search)).await??;
        Reply::listing(&listing).map_err(unprintable)
    }

    /// The body of a request as a JSON object.
    async fn json<B: RequestBody>(
        &self,
        head: &request::Parts,
        body: B,
    ) -> Result<Map<String, Value>, Failure> {
        media::check_content_type(&head.headers)?;
        let bytes = body::read(body, &self.config.limits).await?;
        Ok(body::parse(&bytes)?)
    }

    /// What comes out, unless it takes too long.
    async fn within<F: Future>(&self, work: F) -> Result<F::Output, Failure> {
        tokio::time::timeout(self.config.limits.request_time, work).await.map_err(|_| Failure::timed_out())
    }
}

/// What a request wants to do, as the authenticator sees it.
fn access<'r>(route: &'r Route<'_>, method: &Method, now: i64) -> Access<'r> {
    let (get, post) = (is_get(method), *method == Method::POST);
    let (operation, kind, id) = match route {
        Route::Configuration
        | Route::ResourceTypes
        | Route::ResourceType(_)
        | Route::Schemas
        | Route::Schema(_)
            if get =>
        {
            (Operation::Discover, None, None)
        }
        // Whose resource it is turns out later; what is to be done with it is known now.
        Route::Me => (Operation::on_resource(method), None, None),
        Route::Root if get => (Operation::Query, None, None),
        Route::RootSearch if post => (Operation::Query, None, None),
        Route::Search(def) if post => (Operation::Query, Some(def.name()), None),
        Route::Collection(def) if get => (Operation::Query, Some(def.name()), None),
        Route::Collection(def) if post => (Operation::Create, Some(def.name()), None),
        Route::Bulk if post => (Operation::Bulk, None, None),
        Route::Collection(def) | Route::Search(def) => (Operation::Other, Some(def.name()), None),
        Route::Resource(def, id) => (Operation::on_resource(method), Some(def.name()), Some(id.as_ref())),
        _ => (Operation::Other, None, None),
    };
    Access { operation, kind, id, now }
}

fn is_get(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

/// Maps with text keys can always be printed, so this is a fault of the program.
fn unprintable(error: serde_json::Error) -> Failure {
    Failure { cause: Some(Box::new(error)), ..Failure::panicked() }
}
