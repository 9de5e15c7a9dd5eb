//! The plain directory, as a process over real HTTP, with each store.

/// Makes two tests of each function: with SQLite, and with PostgreSQL.
macro_rules! on_each_store {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::client::Directory::on_sqlite()).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::client::Directory::on_postgres()).await;
            })*
        }
    };
}

mod bulk;
mod bulk_as_one;
mod client;
mod concurrency;
mod conformance;
mod failover;
mod groups;
mod outage;
mod paging;
mod tokens;
mod users;
