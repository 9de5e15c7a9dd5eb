//! Several walks as one commit.

use std::collections::HashMap;
use std::sync::Arc;

use super::Engine;
use super::attempts::Attempts;
use crate::bulk::whole::{Tags, spaces, too_many_links};
use crate::engine_error::EngineError;
use crate::memory::Draft;
use crate::outbox::Nudge;
use crate::paging::keys::CursorKeys;
use crate::rules::Rules;
use crate::store::{MarkKey, ReadKey, ReadValue, RecordKey, Refused, Space, Store, version_tag};

impl<S: Store, R: Rules> Engine<S, R> {
    /// The same engine over a draft, whose writes are seen by nobody else.
    pub(crate) fn draft(&self) -> Engine<Draft<S>, R> {
        Engine {
            store: Arc::new(Draft::over(Arc::clone(&self.store))),
            rules: Arc::clone(&self.rules),
            registry: self.registry.clone(),
            locations: self.locations.clone(),
            features: self.features.clone(),
            limits: self.limits,
            // Nobody else writes to the draft, and none of its writes is news yet.
            queue: Arc::default(),
            nudge: Nudge::default(),
            cursor_keys: CursorKeys::default(),
            references: Arc::clone(&self.references),
            passwords: self.passwords.clone(),
        }
    }

    pub(crate) fn attempts<'e>(&'e self, trace_id: &'e str) -> Attempts<'e> {
        Attempts::new(trace_id, self.limits.patience, &self.queue)
    }

    /// What has changed since it was read by way of the draft, if anything has.
    pub(crate) async fn changed(&self, draft: &Draft<S>) -> Result<Option<Refused>, EngineError> {
        Ok(draft.changed().await?)
    }

    /// Commits a draft; the inner error is what refused it. Gives the entity tags of the records `about`.
    pub(crate) async fn commit_draft(
        &self,
        draft: &Draft<S>,
        about: Vec<RecordKey>,
    ) -> Result<Result<Tags, Refused>, EngineError> {
        let most = self.limits.most_links;
        let batch = draft.batch()?;
        if draft.links() > most {
            return Err(too_many_links(most).into());
        }
        let committed = if batch.writes.is_empty() {
            if let Some(refused) = draft.changed().await? {
                return Ok(Err(refused));
            }
            HashMap::new()
        } else {
            match self.commit(batch).await? {
                Ok(committed) => committed.versions.into_iter().collect(),
                Err(refused) => return Ok(Err(refused)),
            }
        };
        // What has happened stays so, even if nobody can say under which names it is shown now: no condition
        // looks at that part.
        let names = self.names(spaces(&about)).await.unwrap_or_default();
        let tag = |key: RecordKey| {
            let version = committed.get(&key).copied().or_else(|| draft.version_if_untouched(&key))?;
            let tag = version_tag(version, names.get(&key.space).copied().unwrap_or_default());
            Some((key, tag))
        };
        Ok(Ok(about.into_iter().filter_map(tag).collect()))
    }

    /// The versions of the names of spaces.
    async fn names(&self, spaces: Vec<Space>) -> Result<HashMap<Space, u64>, EngineError> {
        let keys = spaces.iter().map(|space| ReadKey::Mark(MarkKey::names(space))).collect();
        let versions = self.store.read(keys).await?.into_iter().map(|value| match value {
            ReadValue::Mark(version) => version,
            _ => 0,
        });
        Ok(spaces.into_iter().zip(versions).collect())
    }
}
