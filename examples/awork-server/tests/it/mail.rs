//! E-mails over a real SMTP server.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scim_awork::{
    AworkEvent, Deliveries, Invoice, Language, Mail, MailSubject, SmtpDelivery, SmtpError, SmtpOptions,
};
use scim_engine::MemoryStore;
use scim_engine::outbox::{Turn, Worker, append, dead_letters};
use scim_engine::store::{Batch, Store, TenantId};
use scim_testkit::http::{Request, send};
use scim_testkit::server::Server;
use scim_testkit::smtp::{SmtpServer, free_address};
use serde_json::{Value, json};

/// How long a test waits for what comes in seconds.
const PATIENCE: Duration = Duration::from_secs(60);

const SENDER: &str = "awork <no-reply@awork.example>";

fn smtp(address: SocketAddr) -> SmtpDelivery {
    let (url, sender) = (format!("smtp://{address}"), SENDER.to_owned());
    SmtpDelivery::new(&SmtpOptions { url, sender, invoices_to: Some("billing@awork.example".into()) })
        .unwrap()
}

fn mail(to: &str) -> AworkEvent {
    AworkEvent::Mail(Mail {
        subject: MailSubject::Reactivated,
        to: to.into(),
        given_name: "Jürgen".into(),
        language: Language::DeDe,
        workspace: "w".into(),
    })
}

async fn tell(store: &MemoryStore, id: &str, event: &AworkEvent) {
    let space = TenantId::new("w").unwrap().space();
    let writes = append(&space, id, 0, [event.to_body()]);
    store.commit(Batch { now: 0, guards: Vec::new(), writes }).await.unwrap();
}

async fn work<S: Store>(worker: &mut Worker<S>, now: i64) {
    while worker.turn(now).await.unwrap() == Turn::More {}
}

/// D-31, D-26: what cannot be sent now is sent later, once; what is sent says who it is for and, in each
/// repeat, which one it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_later() {
    let (store, address) = (Arc::new(MemoryStore::new()), free_address().unwrap());
    let mut worker = Worker::new(Arc::clone(&store), "a").with_consumer(Deliveries(smtp(address)));
    let invoice = Invoice { id: "w-0".into(), workspace: "w".into(), seats: 3, from: 0, until: 1_800_000 };
    tell(&store, "1", &mail("juergen@w.example")).await;
    tell(&store, "2", &AworkEvent::Invoice(invoice)).await;
    work(&mut worker, 0).await;
    let server = SmtpServer::start(address, 100_000).unwrap();
    assert_eq!(server.url(), format!("smtp://{address}"));
    work(&mut worker, 4_999).await;
    assert_eq!(server.mails().unwrap(), [] as [String; 0], "it waits its time");
    work(&mut worker, 5_000).await;
    work(&mut worker, 3_600_000).await;
    let mut mails = server.mails().unwrap();
    mails.sort_by_key(|mail| mail.contains("Invoice"));
    assert_eq!(mails.len(), 2, "{mails:?}");
    for (mail, words) in [
        (
            &mails[0],
            &[
                "From: awork <no-reply@awork.example>",
                "<juergen@w.example>",
                "Message-ID: <tenant.w.",
                "Subject: Dein awork-Zugang zu w ist wieder aktiv",
                "https://app.awork.com/login",
                "charset=utf-8",
            ][..],
        ),
        (&mails[1], &["To: billing@awork.example", "Subject: Invoice w-0: 3 seats for w", "Message-ID: <"]),
    ] {
        for word in words {
            assert!(mail.contains(word), "{word:?} in {mail}");
        }
    }
    assert_eq!(dead_letters(&store, &TenantId::new("w").unwrap(), None, 10).await.unwrap(), []);
}

/// What the server refuses for good is a dead letter at once, and says why; others are sent all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_refused() {
    let (store, address) = (Arc::new(MemoryStore::new()), free_address().unwrap());
    let server = SmtpServer::start(address, 1_200).unwrap();
    let mut worker = Worker::new(Arc::clone(&store), "a").with_consumer(Deliveries(smtp(address)));
    let AworkEvent::Mail(mut heavy) = mail("heavy@w.example") else { unreachable!() };
    // Longer than the server takes, and than a line may be.
    heavy.given_name = "y".repeat(3_000);
    tell(&store, "1", &AworkEvent::Mail(heavy)).await;
    tell(&store, "2", &mail("no address")).await;
    tell(&store, "3", &mail("lea@w.example")).await;
    work(&mut worker, 0).await;
    let mails = server.mails().unwrap();
    assert!(mails.len() == 1 && mails[0].contains("lea@w.example"), "{mails:?}");
    let letters = dead_letters(&store, &TenantId::new("w").unwrap(), None, 10).await.unwrap();
    assert_eq!(letters.len(), 2, "{letters:?}");
    // Which of the two the server says, that of the whole or that of the line, is a matter of how it reads.
    let error = &letters[0].error;
    assert!(error.contains("552") || error.contains("500"), "{letters:?}");
}

/// What cannot be used is said before anything is sent; the password is not.
#[test]
fn bad_options() {
    let options =
        |url: &str, sender: &str| SmtpOptions { url: url.into(), sender: sender.into(), invoices_to: None };
    let url = SmtpDelivery::new(&options("http://u:secret@x", SENDER)).unwrap_err();
    assert!(matches!(url, SmtpError::Url(_)) && !url.to_string().contains("secret"), "{url}");
    let sender = SmtpDelivery::new(&options("smtp://localhost", "awork")).unwrap_err();
    assert!(matches!(sender, SmtpError::Address(..)), "{sender}");
}

fn serve(folder: &std::path::Path, smtp: SocketAddr) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    command.args(["demo", "--listen", "127.0.0.1:0", "--token", "t", "--data"]).arg(folder);
    command.args(["--smtp-url", &format!("smtp://{smtp}"), "--mail-from", SENDER]);
    Server::start(&mut command).unwrap()
}

async fn ask(server: &Server, method: &str, path: &str, body: Option<Value>) -> Value {
    let mut request =
        Request::new(method, format!("/api/v1/scim{path}")).with_header("Authorization", "Bearer t");
    if let Some(body) = body {
        request = request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
    }
    let answer = send(server.ready().address, &request).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

async fn come_back(server: &Server, name: &str) {
    let filter = format!("/Users?filter=userName%20eq%20%22{name}@precious-asteroid.example%22");
    let found = ask(server, "GET", &filter, None).await;
    let path = format!("/Users/{}", found["Resources"][0]["id"].as_str().unwrap());
    for active in ["False", "True"] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "Replace", "path": "active", "value": active }],
        });
        ask(server, "PATCH", &path, Some(body)).await;
    }
}

async fn wait_for_mails(smtp: &SmtpServer, count: usize) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mails = smtp.mails().unwrap();
        if mails.len() >= count {
            return mails;
        }
        assert!(Instant::now() < deadline, "{} of {count} e-mails have come", mails.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// D-31, A-14: whoever comes back gets an e-mail from the server, also when neither it nor the mail server
/// lived through it.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_sends_what_it_owes() {
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address().unwrap());
    let server = serve(folder.path(), address);
    come_back(&server, "bob").await;
    server.kill().unwrap();
    let smtp = SmtpServer::start(address, 100_000).unwrap();
    let server = serve(folder.path(), address);
    let mails = wait_for_mails(&smtp, 1).await;
    assert!(mails[0].contains("bob@precious-asteroid.example"), "{mails:?}");
    come_back(&server, "cleo").await;
    let mails = wait_for_mails(&smtp, 2).await;
    assert!(mails.iter().any(|mail| mail.contains("cleo@precious-asteroid.example")), "{mails:?}");
    let (status, said) = server.terminate().unwrap();
    assert!(status.success(), "{said}");
    assert_eq!(smtp.mails().unwrap().len(), 2);
}
