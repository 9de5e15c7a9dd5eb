//! The database goes away, or its disk is full: what clients and supervisors are told, and that the server goes
//! on by itself.

use std::time::Duration;

use scim_testkit::http::{Request, Response, send};
use scim_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::client::{Directory, path_of};

/// How long something may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

async fn probe(server: &Directory, path: &str) -> Response {
    send(server.address, &Request::new("GET", path)).await.unwrap()
}

/// Waits until `/readyz` says so.
async fn until_ready(server: &Directory, status: u16) -> Response {
    let asking = async {
        loop {
            let answer = probe(server, "/readyz").await;
            if answer.status == status {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("never {status}"))
}

async fn create(server: &Directory, name: &str) -> Response {
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
    server.send("POST", "/Users", Some(body)).await
}

/// 503 with `Retry-After`, as a SCIM error that keeps to itself what the database has said.
#[track_caller]
fn come_again(answer: &Response) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(after > 0);
    let error: Value = answer.json().unwrap();
    assert_eq!(error["status"], "503");
    let detail = error["detail"].as_str().unwrap();
    for told in ["PGSQL", "socket", "postgres", "device", "53100"] {
        assert!(!detail.contains(told), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_503_until_it_is_over() {
    let mut database = Cluster::start(&[]).unwrap();
    let server = Directory::on(&database.database().unwrap());
    let lea = path_of(&server.create_user("lea").await);
    for name in ["tom", "ida"] {
        assert_eq!(until_ready(&server, 200).await.status, 200);
        database.kill().unwrap();
        assert!(until_ready(&server, 503).await.header("retry-after").is_some());
        // The process itself is as well as before.
        assert_eq!(probe(&server, "/livez").await.status, 200);
        come_again(&server.send("GET", &lea, None).await);
        come_again(&server.send("GET", "/Users?filter=userName%20eq%20%22lea%22", None).await);
        come_again(&create(&server, name).await);
        come_again(&server.send("DELETE", &lea, None).await);
        database.run(&[]).unwrap();
        until_ready(&server, 200).await;
        assert_eq!(server.get(&lea).await["userName"], "lea");
        assert_eq!(create(&server, name).await.status, 201);
    }
    assert_eq!(server.get("/Users").await["totalResults"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let (disk, database) = Cluster::on_small_disk(&[]).unwrap();
    let server = Directory::on(&database);
    let lea = path_of(&server.create_user("lea").await);
    disk.fill_small_disk().unwrap();
    // The pages that tables have already take some more.
    let mut written = 1;
    let refused = loop {
        let answer = create(&server, &format!("user-{written}")).await;
        if answer.status != 201 || written == 10_000 {
            break answer;
        }
        written += 1;
    };
    come_again(&refused);
    assert!(disk.log().unwrap().contains("No space left on device"));
    assert_eq!(probe(&server, "/readyz").await.status, 200);
    assert_eq!(server.get(&lea).await["userName"], "lea");
    assert_eq!(server.get("/Users?count=1").await["totalResults"], written);
    disk.free_small_disk().unwrap();
    assert_eq!(create(&server, &format!("user-{written}")).await.status, 201);
    assert_eq!(server.get("/Users?count=1").await["totalResults"], written + 1);
}
