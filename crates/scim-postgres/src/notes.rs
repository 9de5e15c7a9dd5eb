//! Notes: written without a flush, on connections of their own, and read by every node.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use deadpool_postgres::Pool;
use scim_engine::store::{LONGEST_NOTE, NOTES_PER_SPACE, Note, NoteKey, StoreError};
use tokio_postgres::{Config, Error, Row};

use crate::connection::{self, Lease};
use crate::error::{OpenError, store_error, unreachable};
use crate::options::PostgresOptions;
use crate::read::texts;
use crate::readers::Question;
use crate::row::column;

/// How many connections write notes.
const WRITERS: usize = 2;

/// How long a note may take: who writes one has an answer to give.
const PATIENCE: Duration = Duration::from_secs(1);

/// One in so many notes takes those away of which its space has too many.
const TIDIES: u64 = 64;

const KEEP: &str = "INSERT INTO note (space, name, at, text) VALUES ($1, $2, $3, $4) \
                    ON CONFLICT (space, name) DO UPDATE SET at = excluded.at, text = excluded.text";

/// Those that are being written are left alone, so that nobody waits for anybody.
const TIDY: &str = "DELETE FROM note WHERE (space, name) IN \
                    (SELECT space, name FROM note WHERE space = $1 ORDER BY at DESC OFFSET $2 \
                     FOR UPDATE SKIP LOCKED)";

/// The way to keep notes.
#[derive(Debug)]
pub(crate) struct NoteWriter {
    pool: Pool,
}

impl NoteWriter {
    pub(crate) fn open(config: &Config, options: &PostgresOptions) -> Result<Self, OpenError> {
        let settings =
            format!("SET synchronous_commit = off; SET statement_timeout = {}", PATIENCE.as_millis());
        Ok(Self { pool: connection::pool(config, options, WRITERS, &settings)? })
    }

    pub(crate) async fn keep(&self, key: &NoteKey, note: &Note) -> Result<(), StoreError> {
        if note.text.len() > LONGEST_NOTE {
            return Ok(());
        }
        let keep = async {
            let lease = Lease::of(&self.pool).await.map_err(unreachable)?;
            keep(&lease, key, note).await.map_err(store_error)?;
            lease.give_back();
            Ok(())
        };
        let late = |_| StoreError::Unavailable("a note took too long".into());
        tokio::time::timeout(PATIENCE, keep).await.map_err(late)?
    }
}

async fn keep(lease: &Lease, key: &NoteKey, note: &Note) -> Result<(), Error> {
    let Some(client) = lease.client() else { return Ok(()) };
    let space = key.space.as_str();
    let statement = client.prepare_cached(KEEP).await?;
    client.execute(&statement, &[&space, &key.name, &note.at, &note.text]).await?;
    if tidies(key) {
        let statement = client.prepare_cached(TIDY).await?;
        let most = i64::try_from(NOTES_PER_SPACE).unwrap_or(i64::MAX);
        client.execute(&statement, &[&space, &most]).await?;
    }
    Ok(())
}

/// By the name, so that each space has its turn, whatever the others write.
fn tidies(key: &NoteKey) -> bool {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish().is_multiple_of(TIDIES)
}

/// The question for a note.
pub(crate) fn question(key: &NoteKey) -> Question {
    let params = texts([key.space.as_str(), &key.name]);
    Question::kept("SELECT at, text FROM note WHERE space = $1 AND name = $2", params)
}

/// The note, from the rows of its question.
pub(crate) fn note(rows: &[Row]) -> Result<Option<Note>, StoreError> {
    rows.first().map(|row| Ok(Note { at: column(row, 0)?, text: column(row, 1)? })).transpose()
}
