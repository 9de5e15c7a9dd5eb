//! Commits that go wrong.

use tokio::task::yield_now;

use super::{Broken, Fault};
use crate::store::{
    Batch, CommitError, Committed, Counter, Guard, ReadKey, ReadValue, RecordKey, Refused, Store, Write,
};

impl Broken {
    /// Lets writes take the place of whatever version there is.
    pub(super) async fn overwriting_commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        for write in &mut batch.writes {
            match write {
                Write::Put { record, replaces: Some(version) } if self.fault == Fault::LostUpdate => {
                    *version = self.version(&record.key).await?.unwrap_or(*version);
                }
                Write::Ensure(record) if self.fault == Fault::EnsureOverwrites => {
                    let replaces = self.version(&record.key).await?;
                    *write = Write::Put { record: record.clone(), replaces };
                }
                _ => {}
            }
        }
        self.store.commit(batch).await
    }

    async fn version(&self, key: &RecordKey) -> Result<Option<u64>, CommitError> {
        let mut values = self.store.read(vec![ReadKey::Record(key.clone())]).await?;
        Ok(match values.pop() {
            Some(ReadValue::Record(Some(record))) => Some(record.version),
            _ => None,
        })
    }

    /// Forgets the guards that the fault is about.
    pub(super) async fn unguarded_commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        batch.guards.retain(|guard| {
            let kind = match guard {
                Guard::Version(_, Some(_)) | Guard::Holder(_, Some(_)) | Guard::Link(_, true) => {
                    Fault::WriteSkew
                }
                Guard::Version(_, None) | Guard::Holder(_, None) | Guard::Link(_, false) => Fault::Phantom,
                Guard::Mark(_, _) => Fault::StaleMark,
            };
            kind != self.fault
        });
        self.store.commit(batch).await
    }

    /// Leaves behind what a refused batch did before the write that was refused.
    pub(super) async fn torn_commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let outcome = self.store.commit(batch.clone()).await;
        let guards_hold = match &outcome {
            Ok(_) => return outcome,
            Err(CommitError::Refused(Refused::Guard(guard))) => !batch.guards.contains(guard),
            Err(_) => true,
        };
        let done =
            batch.writes.into_iter().filter(|write| guards_hold && !matches!(write, Write::Add { .. }));
        for write in done {
            let alone = Batch { now: batch.now, guards: Vec::new(), writes: vec![write] };
            if self.store.commit(alone).await.is_err() {
                break;
            }
        }
        outcome
    }

    /// Carries out a batch of several puts in two steps.
    pub(super) async fn commit_in_halves(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        let replaces = |write: &Write| matches!(write, Write::Put { replaces: Some(_), .. });
        if batch.writes.len() >= 2 && batch.writes.iter().all(replaces) {
            let first = vec![batch.writes.remove(0)];
            self.store.commit(Batch { now: batch.now, guards: batch.guards.clone(), writes: first }).await?;
            yield_now().await;
        }
        self.store.commit(batch).await
    }

    /// Sets the counters whose bounds would refuse.
    pub(super) async fn boundless_commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        loop {
            match self.store.commit(batch.clone()).await {
                Err(CommitError::Refused(Refused::Bound { counter: key, is, by })) => {
                    batch.writes.retain(|write| match write {
                        Write::Add { counter, .. } | Write::SetBounds { counter, .. } => *counter != key,
                        _ => true,
                    });
                    let passed = Counter { value: is.value.saturating_add(by), ..is };
                    batch.writes.push(Write::SetCounter(key, passed));
                }
                outcome => return outcome,
            }
        }
    }

    /// Takes claimed values from their holders.
    pub(super) async fn stealing_commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        loop {
            match self.store.commit(batch.clone()).await {
                Err(CommitError::Refused(Refused::Claim(claim, holder))) => {
                    let at = batch.writes.iter().position(
                        |write| matches!(write, Write::Claim(other, by) if *other == claim && *by != holder),
                    );
                    batch.writes.insert(at.unwrap_or_default(), Write::Release(claim, holder));
                }
                outcome => return outcome,
            }
        }
    }
}
