//! Databases for tests: one server for each process, one database for each test.

use std::sync::OnceLock;

use scim_postgres::{PostgresOptions, PostgresStore};
use scim_testkit::postgres::Cluster;

/// Few connections for each store, since a server has tests to serve at the same time.
pub(crate) fn options() -> PostgresOptions {
    PostgresOptions::default().with_connections(8, 8)
}

/// A new and empty store.
pub(crate) async fn store() -> PostgresStore {
    PostgresStore::open(&database(), &options()).await.expect("a store")
}

/// A new database with an empty schema, copied from the first one.
pub(crate) fn database() -> String {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let cluster = Cluster::shared();
    let template = TEMPLATE.get_or_init(|| {
        let template = cluster.database().expect("a database");
        // On a thread of its own: the test is inside a runtime already.
        let opened = std::thread::scope(|scope| scope.spawn(|| prepare(&template)).join());
        opened.expect("a thread that ends");
        template
    });
    cluster.copy(template).expect("a copy")
}

#[tokio::main(flavor = "current_thread")]
async fn prepare(database: &str) {
    drop(PostgresStore::open(database, &options()).await.expect("a store"));
    // The connections of the store end a moment after it does; a template has none.
    let gone = format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'",
        database.rsplit_once("dbname=").map_or(database, |(_, name)| name)
    );
    Cluster::shared().sql("postgres", &gone).expect("no connection");
}
