//! Servers that begin with copied data.

use std::sync::atomic::{AtomicUsize, Ordering};

use scim_testkit::postgres::Cluster;

/// Several at once: one prepares at most, and all begin with what it has made, each with its own.
#[test]
fn prepared_servers_begin_alike() {
    let prepared = AtomicUsize::new(0);
    let start = || {
        let prepare = |cluster: &Cluster| {
            prepared.fetch_add(1, Ordering::SeqCst);
            cluster.sql("postgres", "CREATE TABLE t AS SELECT 42 AS n").map(drop)
        };
        Cluster::prepared("testkit", &["a table"], &[], prepare).expect("a server")
    };
    let clusters: Vec<Cluster> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        started.into_iter().map(|server| server.join().expect("a server")).collect()
    });
    assert!(prepared.load(Ordering::SeqCst) <= 1, "prepared more than once");
    for cluster in &clusters {
        let numbers = cluster.sql("postgres", "UPDATE t SET n = n + 1 RETURNING n").expect("the table");
        assert_eq!(numbers, "43");
    }
}
