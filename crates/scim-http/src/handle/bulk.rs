//! Many requests in one ([RFC 7644 §3.7]): each authorised, timed and answered as if it stood alone.
//!
//! [RFC 7644 §3.7]: https://www.rfc-editor.org/rfc/rfc7644#section-3.7

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use http::{Method, request};
use scim_core::message::{BulkMethod, BulkResponse, BulkResult};
use scim_core::{Problem, ScimType};
use scim_engine::{
    Admitted, BulkAccess, BulkHost, BulkPlan, EngineError, IfMatch, ProvisioningEngine, Refusal,
    RequestContext, run_bulk,
};
use serde::Deserialize as _;
use serde_json::Value;
use tokio::time::Instant;

use super::unprintable;
use crate::auth::{Access, Authenticator, Operation, Principal, authorise};
use crate::body::{self, RequestBody};
use crate::config::HttpLimits;
use crate::failure::{Chain, Failure};
use crate::log::{Facts, shortened};
use crate::media;
use crate::reply::Reply;
use crate::service::Shared;
use crate::trace_id::TraceId;

impl<E: ProvisioningEngine, A: Authenticator> Shared<E, A> {
    /// Answers a bulk request: 200, whatever became of its operations (7644-3.7-11). Parameters of the URL
    /// mean nothing.
    pub(super) async fn bulk<B: RequestBody>(
        &self,
        head: &request::Parts,
        body: B,
        trace: &TraceId,
        facts: &mut Facts,
    ) -> Result<Reply, Failure> {
        let Some(limits) = self.config.bulk else {
            return Err(Failure::not_offered("bulk operations: send the requests one by one"));
        };
        if head.method != Method::POST {
            return Err(Failure::method("POST"));
        }
        media::check_content_type(&head.headers)?;
        let body_bytes = usize::try_from(limits.max_payload_size).unwrap_or(usize::MAX);
        let bytes = body::read(body, &HttpLimits { body_bytes, ..self.config.limits }).await?;
        let plan = BulkPlan::read(body::parse(&bytes)?, self.engine.registry(), limits.max_operations)?;
        drop(bytes);
        let desk = Desk::new(self, head, trace);
        let outcome = run_bulk(&*self.engine, &desk, plan, trace.as_str()).await;
        for result in outcome.results.iter().filter(|result| result.status >= 400) {
            self.config.audit.refused(|| self.operation_refusal(trace, facts, result));
        }
        facts.operations = Some(outcome.results.len());
        facts.failed = Some(outcome.failed);
        Reply::bulk(&BulkResponse::new(outcome.results), outcome.fired, outcome.warnings).map_err(unprintable)
    }
}

impl<E: ProvisioningEngine, A: Authenticator> Shared<E, A> {
    /// The refusal of one operation, as its result tells it.
    fn operation_refusal(&self, trace: &TraceId, facts: &Facts, result: &BulkResult) -> Refusal {
        let told = |key: &str| result.response.as_ref().and_then(|response| response.get(key));
        let detail = told("detail").and_then(Value::as_str).unwrap_or_default();
        let ending = format!(" (trace id {trace})");
        let problem = Problem {
            status: result.status,
            scim_type: told("scimType").and_then(|keyword| ScimType::deserialize(keyword).ok()),
            detail: detail.strip_suffix(&ending).unwrap_or(detail).to_owned(),
        };
        let place = result.location.as_deref().and_then(|location| {
            let (rest, id) = location.rsplit_once('/')?;
            let endpoint = rest.rsplit_once('/').map_or(rest, |(_, endpoint)| endpoint);
            Some((self.engine.registry().type_at(endpoint)?.name().to_owned(), shortened(id)))
        });
        let (kind, id) = place.unzip();
        let operation = does(&result.method).as_str();
        Refusal {
            operation,
            kind,
            id,
            problem,
            ..facts.refusal(trace, self.config.clock.now(), &Failure::unknown_path())
        }
    }
}

fn does(method: &BulkMethod) -> Operation {
    match method {
        BulkMethod::Post => Operation::Create,
        BulkMethod::Put => Operation::Replace,
        BulkMethod::Patch => Operation::Patch,
        BulkMethod::Delete => Operation::Delete,
        BulkMethod::Other(_) => Operation::Other,
    }
}

/// Where operations of one bulk request are admitted and waited for.
struct Desk<'s, E, A> {
    shared: &'s Shared<E, A>,
    head: &'s request::Parts,
    trace: &'s TraceId,
    /// When the time of the operations is over.
    deadline: Instant,
    /// When that of the whole request is, so that there is some to take things back.
    end: Instant,
}

impl<'s, E: ProvisioningEngine, A: Authenticator> Desk<'s, E, A> {
    fn new(shared: &'s Shared<E, A>, head: &'s request::Parts, trace: &'s TraceId) -> Self {
        let (now, time) = (Instant::now(), shared.config.limits.bulk_time);
        Self { shared, head, trace, deadline: now + time - time / 6, end: now + time }
    }

    async fn admit(&self, operation: &BulkAccess<'_>) -> Result<Admitted, Failure> {
        if Instant::now() >= self.deadline {
            let detail = "the time of the request was over before this operation was begun: send it again";
            return Err(Problem::plain(503, detail).into());
        }
        let BulkAccess { method, kind, id, version } = *operation;
        let config = &self.shared.config;
        let now = config.clock.now();
        let does = does(method);
        let access = Access { operation: does, kind: Some(kind), id, now };
        let Principal { tenant, caller } = self.shared.authenticate(&self.head.headers, &access).await?;
        authorise(self.shared.engine.registry(), &caller, &access)?;
        if let Some(id) = id
            && id.chars().any(char::is_control)
        {
            let id = id.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(EngineError::NotFound { kind: kind.to_owned(), id }.into());
        }
        if does == Operation::Patch && !self.shared.engine.features().patch {
            return Err(Failure::not_offered("PATCH: replace the resource with PUT"));
        }
        let if_match = match version {
            // A new resource has no version yet.
            _ if does == Operation::Create => IfMatch::Unconditional,
            None => self.shared.admit_condition(IfMatch::Unconditional)?,
            Some(version) => self.shared.admit_condition(IfMatch::parse(version))?,
        };
        let context = RequestContext {
            tenant,
            caller,
            now,
            new_id: config.ids.resource(now),
            trace_id: self.trace.to_string(),
            leniency: config.leniency,
        };
        Ok(Admitted { context, if_match })
    }

    async fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, EngineError>>,
        until: Instant,
    ) -> Result<T, Problem> {
        // A panic leaves nothing behind: what the engine had not committed did not happen.
        let work = AssertUnwindSafe(work).catch_unwind();
        let outcome = match tokio::time::timeout_at(until, work).await {
            Ok(Ok(outcome)) => outcome.map_err(Failure::from),
            Ok(Err(_)) => Err(Failure::panicked()),
            Err(_) => Err(Failure::timed_out()),
        };
        outcome.map_err(|failure| self.tell(failure))
    }

    /// The answer for the client; what only the log may tell goes there.
    fn tell(&self, failure: Failure) -> Problem {
        if let Some(cause) = &failure.cause {
            let (trace_id, cause) = (self.trace.as_str(), Chain(&**cause));
            tracing::error!(trace_id, status = failure.problem.status, %cause, "an operation failed");
        }
        Problem { status: failure.status().as_u16(), ..failure.problem }
    }
}

impl<E: ProvisioningEngine, A: Authenticator> BulkHost for Desk<'_, E, A> {
    async fn admit(&self, operation: &BulkAccess<'_>) -> Result<Admitted, Problem> {
        Desk::admit(self, operation).await.map_err(|failure| self.tell(failure))
    }

    async fn call<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> Result<T, Problem> {
        self.wait(work, self.deadline).await
    }

    async fn undo<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> Result<T, Problem> {
        self.wait(work, self.end).await
    }
}
