//! 64 clients that want what only some can have: 100 rounds of each contest, on each store.
//!
//! The memory store and SQLite have one server, PostgreSQL has three on one database. Each round has a
//! workspace of its own. After it the API and the admin's commands are asked whether all is as it must be.

mod accounts;
mod admins;
mod arena;
mod invoices;
mod request;
mod roles;
mod seats;
mod workspace;

/// Makes a test of each contest with each store.
macro_rules! on_each_store {
    ($($contest:ident),* $(,)?) => {
        mod on_memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $contest() {
                super::$contest(crate::contests::arena::Arena::on_memory()).await;
            })*
        }
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $contest() {
                super::$contest(crate::contests::arena::Arena::on_sqlite()).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $contest() {
                super::$contest(crate::contests::arena::Arena::on_postgres()).await;
            })*
        }
    };
}
use on_each_store;

/// How many clients want the same thing.
const CLIENTS: usize = 64;

/// How often.
const ROUNDS: usize = 100;

/// The longest that anybody may wait for an answer, whoever else wants the same.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(5);
