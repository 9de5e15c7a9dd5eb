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

/// The database with an empty schema that others are copied from.
const EMPTY: &str = "empty";

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// All that the schema comes from.
pub(crate) fn migrations() -> refinery::Runner {
    embedded::migrations::runner()
}

/// The server of this process.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let prepare = |cluster: &Cluster| {
            cluster.sql("postgres", &format!("CREATE DATABASE {EMPTY}"))?;
            let database = cluster.connection(EMPTY);
            // On a thread of its own: the test is inside a runtime already.
            let opened = std::thread::scope(|scope| scope.spawn(|| open(&database)).join());
            opened.expect("a thread that ends");
            Ok(())
        };
        let migrations = migrations();
        let schema: Vec<&str> = migrations.get_migrations().iter().filter_map(|one| one.sql()).collect();
        Cluster::prepared("scim", &schema, &[], prepare).unwrap_or_else(|error| panic!("{error}"))
    })
}

/// A new database with an empty schema.
pub(crate) fn database() -> String {
    cluster().copy(EMPTY).expect("a copy")
}

/// Cuts off everybody who is connected to a database; how many those were.
pub(crate) fn cut_off(database: &str) -> usize {
    let name = database.rsplit_once("dbname=").map_or(database, |(_, name)| name);
    let gone = format!(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    cluster().sql("postgres", &gone).expect("an answer").parse().expect("a number")
}

#[tokio::main(flavor = "current_thread")]
async fn open(database: &str) {
    drop(PostgresStore::open(database, &options()).await.expect("a store"));
}
