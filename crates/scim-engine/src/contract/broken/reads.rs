//! Reads that go wrong.

use tokio::task::yield_now;

use super::Broken;
use crate::store::{LinksKey, ReadKey, ReadValue, RecordKey, Store, StoreError};

impl Broken {
    /// Reads one key after the other.
    pub(super) async fn torn_read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.extend(self.store.read(vec![key]).await?);
            yield_now().await;
        }
        Ok(values)
    }

    /// Looks for a missing record in other spaces as well.
    pub(super) async fn leaking_read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        let mut values = self.store.read(keys.clone()).await?;
        let spaces = self.seen().spaces.clone();
        for (key, value) in keys.iter().zip(&mut values) {
            let ReadKey::Record(key) = key else { continue };
            for space in &spaces {
                if *value == ReadValue::Record(None) {
                    let other = RecordKey { space: space.clone(), record: key.record.clone() };
                    *value = self.store.read(vec![ReadKey::Record(other)]).await?.remove(0);
                }
            }
        }
        Ok(values)
    }

    /// Shows the hidden far ends of all links.
    pub(super) async fn read_with_hidden_far_ends(
        &self,
        mut keys: Vec<ReadKey>,
    ) -> Result<Vec<ReadValue>, StoreError> {
        for key in &mut keys {
            if let ReadKey::Links(LinksKey { links, .. }) = key {
                links.shows_hidden = true;
            }
        }
        self.store.read(keys).await
    }
}
