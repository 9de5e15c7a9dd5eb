//! SCIM storage in PostgreSQL 15 or newer.
//!
//! [`PostgresStore`] keeps every promise of [`Store`](scim_engine::store::Store) for any number of server
//! processes on one database. A commit is one round trip: a function that the migrations install takes the
//! whole batch, locks rows in the order of their keys, and refuses by raising an error of its own. An answer
//! that was lost with the connection is fetched by submitting the batch again under the same key. Filters
//! and orders are pushed down through [`scim_sql`].
//!
//! # Pages
//!
//! A page behind a position is found by the index that gives the order, at whatever depth: it costs what the
//! first one costs. A page behind an offset, as `startIndex` asks for it, goes through all places before it
//! (keys, not documents). An index holds the first 256 characters of a text. Where texts are longer than that, an
//! order compares what comes behind as well, and sorts those that begin alike; where none is, it does not. An
//! order by an attribute that is not indexed sorts all matches within the time limit of a read, or is given
//! up as too slow.
//!
//! # Clusters
//!
//! What is tested here runs on PostgreSQL 15 or newer, alone or with a standby that takes its place. By design,
//! and untested, the tables suit a distributed PostgreSQL such as Citus: every primary key starts with the space,
//! every statement but `due` names one, and a batch that stays in one space stays on one node. What such a
//! cluster must offer is not little: PL/pgSQL, row locks, advisory locks, a sequence for the order of links, and
//! transaction numbers that all nodes count in one order, since positions of events are made of them. Where they
//! are counted by each node, as Citus does, a reader of events follows one node.
//!
//! # TLS
//!
//! With `sslmode=require` in its address the store speaks to nobody who does not have a certificate of the name
//! in the address, signed by one of the [root certificates](PostgresOptions::with_root_certificates); what libpq
//! calls `verify-full` is the only way there is. With `prefer`, the default, a server without TLS will do. Over a
//! Unix socket there is none.

mod check;
mod connection;
mod error;
mod keyed;
mod lookups;
mod notes;
mod options;
mod query;
mod read;
mod readers;
mod repair;
mod row;
mod store;
mod writer;

pub use error::OpenError;
pub use options::PostgresOptions;
pub use scim_engine::check::{Expected, Fault};
pub use store::PostgresStore;
