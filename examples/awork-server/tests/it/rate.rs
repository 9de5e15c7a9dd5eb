//! How often a workspace may ask (D-86), by a clock that stands still unless it is moved.

use std::process::Command;

use scim_http::Rate;
use scim_testkit::server::Server;
use serde_json::Value;

use crate::client::{Client, trace_id};
use crate::in_process::{Data, Running, Time};

/// How many of so many requests are answered by 200, and the last answer.
async fn let_in(client: &Client, requests: usize) -> (usize, scim_testkit::http::Response) {
    let (mut count, mut last) = (0, None);
    for _ in 0..requests {
        let answer = client.send("GET", "/Users?count=0", None).await;
        count += usize::from(answer.status == 200);
        last = Some(answer);
    }
    (count, last.unwrap())
}

async fn server(rate: Option<Rate>, time: &Time) -> (Running, [Client; 2]) {
    let server = Running::start(&Data::sqlite(), time, None, rate).await;
    let clients = ["acme", "other"].map(|name| {
        server.admin.workspace(name);
        server.client(&server.admin.set_up(name, "okta"))
    });
    (server, clients)
}

/// D-86: a workspace may ask 50 times in a second; beyond that it is told 429, and after how many seconds it may
/// ask again. Other workspaces are let in meanwhile, and wrong tokens are told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_asks_so_often() {
    let time = Time::start();
    let (server, [acme, other]) = server(Some(Rate::default()), &time).await;
    let (count, answer) = let_in(&acme, 53).await;
    assert_eq!((count, answer.status, answer.header("Retry-After")), (50, 429, Some("1")));
    let error: Value = answer.json().unwrap();
    assert!(error["detail"].as_str().unwrap().starts_with("too many requests: wait 1 s"), "{error}");
    assert_eq!(error["status"], "429");
    trace_id(&answer);
    let write = acme.post(crate::client::person("Lea")).await;
    assert_eq!(write.status, 429, "writes count as well");
    assert_eq!(let_in(&other, 50).await.0, 50, "each workspace by itself");
    assert_eq!(server.client("awork_scim_wrong").send("GET", "/Users", None).await.status, 401);
    time.at(100);
    assert_eq!(let_in(&acme, 10).await.0, 5);
    time.at(1_100);
    assert_eq!(let_in(&acme, 53).await.0, 50);
    time.at(2_100);
    assert_eq!(acme.find("/Users", "userName sw \"lea\"").await.len(), 0, "what was refused was not done");
    server.stop().await;
}

/// D-86: the minute has its own limit, and the time to wait is that until it is met.
#[tokio::test(flavor = "multi_thread")]
async fn the_minute_counts_too() {
    let time = Time::start();
    let rate = Rate { per_second: 10, per_minute: 15, ..Rate::default() };
    let (server, [acme, _]) = server(Some(rate), &time).await;
    assert_eq!(let_in(&acme, 20).await.0, 10);
    time.at(1_000);
    let (count, answer) = let_in(&acme, 20).await;
    assert_eq!((count, answer.header("Retry-After")), (5, Some("3")));
    time.at(4_000);
    assert_eq!(let_in(&acme, 20).await.0, 1);
    server.stop().await;
}

/// D-86: it is optional: without the option nobody is ever told to wait.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_limit_unless_it_is_asked_for() {
    let (server, [acme, _]) = server(None, &Time::start()).await;
    assert_eq!(let_in(&acme, 200).await.0, 200);
    server.stop().await;
}

/// D-86: the option of the program sets the limit, and one that is none is refused.
#[tokio::test]
async fn the_option_of_the_program() {
    let demo = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--token", "t"]).args(options);
        command
    };
    // One more than two in a minute, in whatever seconds they come.
    for (options, last) in [(&["--rate-limit=100/2"][..], 429), (&["--rate-limit"], 200), (&[], 200)] {
        let server = Server::start(&mut demo(options)).unwrap();
        let client = Client::new(server.ready().address, "t");
        assert_eq!(let_in(&client, 3).await.1.status, last, "{options:?}");
    }
    for unfit in ["--rate-limit=0/5", "--rate-limit=5", "--rate-limit=a/b", "--rate-limit=-1/5"] {
        let output = demo(&[unfit]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("50/3000"), "{said}");
    }
}
