//! What is done to one resource, or makes one.

use http::{HeaderMap, StatusCode};
use scim_core::{Problem, Selection, TypeDef};
use scim_engine::{EngineError, IfMatch, ProvisioningEngine};

use super::{Call, unprintable};
use crate::auth::{Authenticator, Operation};
use crate::body::RequestBody;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::service::Shared;
use crate::{conditions, parameters};

impl<E: ProvisioningEngine, A: Authenticator> Shared<E, A> {
    pub(super) async fn on_resource<B: RequestBody>(
        &self,
        def: &TypeDef,
        id: &str,
        call: Call<'_, B>,
    ) -> Result<Reply, Failure> {
        let operation = Operation::on_resource(&call.head.method);
        if operation == Operation::Other {
            return Err(Failure::method(if self.engine.features().patch {
                "GET, HEAD, PUT, PATCH, DELETE"
            } else {
                "GET, HEAD, PUT, DELETE"
            }));
        }
        if id.chars().any(char::is_control) {
            // No id holds such characters, and not every store can be asked for them.
            let shown: String = id.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(EngineError::NotFound { kind: def.name().to_owned(), id: shown }.into());
        }
        match operation {
            Operation::Replace => self.replace(def, id, call).await,
            Operation::Patch => self.patch(def, id, call).await,
            Operation::Delete => self.delete(def, id, call).await,
            _ => self.get(def, id, call).await,
        }
    }

    async fn get<B: RequestBody>(
        &self,
        def: &TypeDef,
        id: &str,
        call: Call<'_, B>,
    ) -> Result<Reply, Failure> {
        let Call { head, context, .. } = call;
        let selection = parameters::selection(head.uri.query())?;
        let answer = self.within(self.engine.get(&context, def.name(), id, &selection)).await??;
        let tagged = self.engine.features().etag;
        let known = tagged && conditions::is_known(&head.headers, &answer.version);
        let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        Reply::resource(status, answer, tagged).map_err(unprintable)
    }

    pub(super) async fn create<B: RequestBody>(
        &self,
        def: &TypeDef,
        call: Call<'_, B>,
    ) -> Result<Reply, Failure> {
        let Call { head, body, context, facts } = call;
        let selection = parameters::selection(head.uri.query())?;
        let body = self.json(head, body).await?;
        facts.read_name(&body);
        let answer = self.within(self.engine.create(&context, def.name(), body, &selection)).await??;
        Reply::resource(StatusCode::CREATED, answer, self.engine.features().etag).map_err(unprintable)
    }

    async fn replace<B: RequestBody>(
        &self,
        def: &TypeDef,
        id: &str,
        call: Call<'_, B>,
    ) -> Result<Reply, Failure> {
        let Call { head, body, context, facts } = call;
        let selection = parameters::selection(head.uri.query())?;
        let if_match = self.if_match(&head.headers)?;
        let body = self.json(head, body).await?;
        facts.read_name(&body);
        let replacing = self.engine.replace(&context, def.name(), id, body, &selection, &if_match);
        let answer = self.within(replacing).await??;
        Reply::resource(StatusCode::OK, answer, self.engine.features().etag).map_err(unprintable)
    }

    async fn patch<B: RequestBody>(
        &self,
        def: &TypeDef,
        id: &str,
        call: Call<'_, B>,
    ) -> Result<Reply, Failure> {
        if !self.engine.features().patch {
            return Err(Failure::not_offered("PATCH: replace the resource with PUT"));
        }
        let Call { head, body, context, facts } = call;
        let mut selection = parameters::selection(head.uri.query())?;
        let if_match = self.if_match(&head.headers)?;
        let body = self.json(head, body).await?;
        facts.read_name(&body);
        let quiet = !selection.is_explicit() && self.config.quiet_patch.contains(def.name());
        if quiet {
            // Nobody sees the representation, so long lists in it need not be read.
            selection = Selection::Only(Vec::new());
        }
        let patching = self.engine.patch(&context, def.name(), id, body, &selection, &if_match);
        let answer = self.within(patching).await??;
        let status = if quiet { StatusCode::NO_CONTENT } else { StatusCode::OK };
        Reply::resource(status, answer, self.engine.features().etag).map_err(unprintable)
    }

    async fn delete<B: RequestBody>(
        &self,
        def: &TypeDef,
        id: &str,
        call: Call<'_, B>,
    ) -> Result<Reply, Failure> {
        let Call { head, context, .. } = call;
        let if_match = self.if_match(&head.headers)?;
        self.within(self.engine.delete(&context, def.name(), id, &if_match)).await??;
        Ok(Reply::empty())
    }

    /// The condition of a write (7644-3.14-04, 7644-3.14-05).
    fn if_match(&self, headers: &HeaderMap) -> Result<IfMatch, Failure> {
        if conditions::expects_nothing(headers) {
            // There is no such version, so whatever is there is not overwritten.
            return Ok(IfMatch::Tags(Vec::new()));
        }
        self.admit_condition(conditions::if_match(headers))
    }

    /// The same condition, if the service takes it.
    pub(super) fn admit_condition(&self, if_match: IfMatch) -> Result<IfMatch, Failure> {
        if if_match == IfMatch::Unconditional {
            if self.config.require_if_match {
                let message = "`If-Match` is needed: send the `ETag` of the resource as you last read it";
                return Err(Problem::plain(428, message).into());
            }
        } else if !self.engine.features().etag {
            return Err(Failure::not_offered("entity tags: send the request without `If-Match`"));
        }
        Ok(if_match)
    }
}
