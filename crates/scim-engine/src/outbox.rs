//! What others must be told, and work that waits for its time: at least once, by one node at a time.
//!
//! Who changes something appends [`Stream::Outbox`](crate::store::Stream) events in the same commit, and
//! with them a *wake* in the queue of due work, so that no event is forgotten whatever dies when. A
//! [`Worker`] finds the wakes, hands the events of each space to its [`Consumer`]s in the order of their
//! commits, and runs due work as its [`Jobs`] decide. Any number of nodes may run a worker on one store: a
//! lease, a record with a fencing number that guards each of the worker's commits, lets one of them work,
//! and another one take over when it dies.

mod consumer;
mod dead_letter;
mod job;
mod keys;
mod lease;
mod nudge;
mod pending;
mod worker;

pub use consumer::{Consumer, DeliveryError, Message, Sequence};
pub use dead_letter::{
    DeadLetter, dead_letters, discard, discard_writes, letter_key, redeliver, redeliver_writes,
};
pub use job::{Job, JobStep, Jobs};
pub use keys::append;
pub use lease::lease_key;
pub use nudge::Nudge;
pub use pending::{Pending, pending};
pub use worker::{Turn, Worker, WorkerConfig};
