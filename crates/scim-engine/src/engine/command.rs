//! Commands of the application, on the way of a write.

use scim_core::TypeDef;

use super::Engine;
use super::attempts::Attempts;
use super::walk::ROUNDS;
use crate::command::{Command, CommandStep, Scene};
use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::facts::Facts;
use crate::rules::{Decision, Rules};
use crate::store::{Refused, Store};

impl<S: Store, R: Rules> Engine<S, R> {
    /// Runs a command for the tenant of the context. Whether the tenant is [served](Rules::admit) does not
    /// matter: that is about the protocol.
    ///
    /// # Errors
    ///
    /// Returns an [`EngineError`] when the command refuses or the store does not answer.
    pub async fn command<C: Command>(
        &self,
        context: &RequestContext,
        command: &C,
    ) -> Result<C::Output, EngineError> {
        let def = command.kind().map(|kind| self.def(kind)).transpose()?;
        let def = def.map(AsRef::as_ref);
        let mut attempts = Attempts::new(&context.trace_id, self.limits.patience, &self.queue);
        loop {
            let _turn = attempts.turn().await?;
            match self.try_command(context, def, command, attempts.refused.as_ref()).await? {
                Ok(output) => return Ok(output),
                Err(refusal) => attempts.lost(refusal)?,
            }
        }
    }

    /// One walk; the inner error is what refused its commit.
    async fn try_command<C: Command>(
        &self,
        context: &RequestContext,
        def: Option<&TypeDef>,
        command: &C,
        refused: Option<&Refused>,
    ) -> Result<Result<C::Output, Refused>, EngineError> {
        let (decision, output) = self.decide_command(context, command, refused).await?;
        let batch = self.batch(context, def, decision);
        Ok(self.commit(batch).await?.map(|_| output))
    }

    async fn decide_command<C: Command>(
        &self,
        context: &RequestContext,
        command: &C,
        refused: Option<&Refused>,
    ) -> Result<(Decision, C::Output), EngineError> {
        let space = context.tenant.space();
        let scene = Scene {
            context,
            space: &space,
            registry: &self.registry,
            most_links: self.limits.most_links,
            refused,
        };
        let mut facts = Facts::default();
        for _ in 0..=ROUNDS {
            match command.decide(&scene, &facts) {
                CommandStep::Commit(decision, output) => return Ok((*decision, output)),
                CommandStep::Refuse(problem) => return Err(EngineError::Refused(problem)),
                CommandStep::Need(needed) => self.learn(needed, &mut facts).await?,
            }
        }
        tracing::error!(trace_id = %context.trace_id, "a command needed more than {ROUNDS} rounds of facts");
        Err(EngineError::Undecided)
    }
}
