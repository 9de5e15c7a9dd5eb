//! SCIM storage in PostgreSQL 15 or newer.
//!
//! [`PostgresStore`] keeps every promise of [`Store`](scim_engine::store::Store) for any number of server
//! processes on one database. A commit is one round trip: a function that the migrations install takes the
//! whole batch, locks rows in the order of their keys, and refuses by raising an error of its own. An answer
//! that was lost with the connection is fetched by submitting the batch again under the same key. Filters
//! and orders are pushed down through [`scim_sql`].

mod check;
mod connection;
mod error;
mod notes;
mod options;
mod query;
mod read;
mod readers;
mod row;
mod store;
mod writer;

pub use error::OpenError;
pub use options::PostgresOptions;
pub use scim_sql::check::{Expected, Fault};
pub use store::PostgresStore;
