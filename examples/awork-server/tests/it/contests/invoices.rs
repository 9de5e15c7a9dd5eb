//! The invoices of a contest, once all booking windows are over.

use std::sync::{Arc, Mutex};

use scim_awork::{AworkEvent, AworkJobs, BOOKING_WINDOW, Invoice};
use scim_engine::outbox::{Consumer, DeliveryError, Message, Sequence, Turn, Worker};
use scim_engine::store::Store;
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};

use super::arena::Storage;

/// All invoices that were ever made out, half an hour from now.
pub(super) async fn invoices(storage: &Storage) -> Vec<Invoice> {
    match storage {
        Storage::Memory => Vec::new(),
        Storage::Folder(folder) => {
            let file = folder.path().join("awork.sqlite");
            all_of(SqliteStore::open(file, &SqliteOptions::default()).unwrap()).await
        }
        Storage::Database(url) => {
            all_of(PostgresStore::open(url, &PostgresOptions::default()).await.unwrap()).await
        }
    }
}

async fn all_of(store: impl Store) -> Vec<Invoice> {
    let ledger = Ledger::default();
    let jobs = AworkJobs::new().unwrap();
    let mut worker = Worker::new(store, "contest").with_jobs(jobs).with_consumer(ledger.clone());
    let later = chrono::Utc::now().timestamp_millis() + BOOKING_WINDOW;
    while worker.turn(later).await.unwrap() != Turn::Done {}
    std::mem::take(&mut *ledger.0.lock().unwrap())
}

/// Reads the outbox from its first event on, and keeps the invoices.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<Invoice>>>);

impl Consumer for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn sequence(&self) -> Sequence {
        Sequence::Ordered
    }

    async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
        if let Some(AworkEvent::Invoice(invoice)) = AworkEvent::of(message.body) {
            self.0.lock().unwrap().push(invoice);
        }
        Ok(())
    }
}
