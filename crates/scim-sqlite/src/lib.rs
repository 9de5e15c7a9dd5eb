//! SCIM storage in SQLite.
//!
//! [`SqliteStore`] keeps every promise of [`Store`](scim_engine::store::Store) in one file: a
//! write-ahead log, flushed before an answer leaves; one writer that shares a flush among waiting
//! commits; readers beside it, each on a snapshot; filters and orders pushed down through
//! [`scim_sql`], so that SQLite selects exactly what the in-memory matcher would.

mod check;
mod connection;
mod error;
mod options;
mod query;
mod read;
mod readers;
mod repair;
mod row;
mod store;
mod writer;

pub use error::OpenError;
pub use options::SqliteOptions;
pub use scim_engine::check::{Expected, Fault};
pub use store::SqliteStore;
