//! Acceptance scenario 4 of the domain specification: seats, and invoices half an hour after the first one.

use std::time::Instant;

use scim_awork::SmtpOptions;
use scim_testkit::http::Response;
use scim_testkit::smtp::{SmtpServer, free_address};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Client, NO_SEAT, body, path, person, refused, with};
use crate::in_process::{Data, MINUTE, Running, Time};
use crate::log::PATIENCE;

/// A mail server, and servers of awork on the same data one after another.
struct Office {
    data: Data,
    time: Time,
    smtp: SmtpServer,
    options: SmtpOptions,
    server: Running,
    token: String,
}

impl Office {
    async fn open(data: Data) -> Self {
        let smtp = SmtpServer::start(free_address().unwrap(), 100_000).unwrap();
        let options = SmtpOptions {
            url: smtp.url(),
            sender: "awork <no-reply@awork.example>".into(),
            invoices_to: Some("billing@awork.example".into()),
        };
        let time = Time::start();
        let server = Running::start(&data, &time, Some(&options), None).await;
        server.admin.workspace("acme");
        let token = server.admin.set_up("acme", "okta");
        Self { data, time, smtp, options, server, token }
    }

    /// Stops the server and starts another one on what it has left.
    async fn restart(self) -> Self {
        self.server.stop().await;
        let server = Running::start(&self.data, &self.time, Some(&self.options), None).await;
        Self { server, ..self }
    }

    fn acme(&self) -> Client {
        self.server.client(&self.token)
    }

    /// How many seats are used and booked.
    fn seats(&self) -> (Value, Value) {
        let seats = self.server.admin.done(&["seats", "show", "acme"]);
        (seats["used"].clone(), seats["booked"].clone())
    }

    /// Waits until there are so many invoices; for how many seats each is, from when until when, in order.
    async fn invoices(&self, count: usize) -> Vec<(u64, String, String)> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mails = self.smtp.mails().unwrap();
            if mails.len() >= count {
                let mut invoices: Vec<_> = mails.iter().map(|mail| invoice(mail)).collect();
                invoices.sort_by(|one, other| one.1.cmp(&other.1));
                return invoices;
            }
            assert!(Instant::now() < deadline, "{} of {count} invoices have come", mails.len());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

fn invoice(mail: &str) -> (u64, String, String) {
    let field = |name: &str| {
        let line = mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{mail}"));
        line.trim().to_owned()
    };
    assert!(mail.contains("To: billing@awork.example"), "{mail}");
    // The sender of the mail has a line `From:` too, further up.
    let text = mail.split_once("Workspace: acme").unwrap_or_else(|| panic!("{mail}")).1;
    let time = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    (field("Seats booked by provisioning:").parse().unwrap(), time("From:"), time("Until:"))
}

/// The time so many minutes after the start, as an invoice tells it.
fn minute(minutes: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(crate::in_process::START + minutes * MINUTE).unwrap();
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Twenty who come at once.
async fn twenty_at_once(acme: &Client, name: &str) -> Vec<Response> {
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let (acme, person) = (acme.clone(), person(&format!("{name}{number}")));
        tasks.spawn(async move { acme.post(person).await });
    }
    tasks.join_all().await
}

async fn seats_and_invoices(data: Data) {
    let mut office = Office::open(data).await;
    let acme = office.acme();
    office.server.admin.done(&["seats", "book", "acme", "2"]);
    let lea = path("/Users", &acme.create(person("Lea")).await);
    assert_eq!(office.seats(), (json!(2), json!(2)));
    // Full, and booking is off: refused in each way to a seat, and nothing is stored.
    let ida = path("/Users", &acme.create(with("Ida", json!({ "active": false }))).await);
    let before = acme.snapshot().await;
    refused(&acme.post(person("Tom")).await, NO_SEAT, &["1 more"]);
    refused(&acme.set(&ida, "active", json!("True")).await, NO_SEAT, &["1 more"]);
    refused(&acme.put(&ida, json!({ "title": "Dr", "active": true })).await, NO_SEAT, &[]);
    assert_eq!((acme.snapshot().await, office.seats()), (before, (json!(2), json!(2))));
    // A seat that becomes free is used; the booking is as before.
    acme.change(&lea, "active", json!(false)).await;
    acme.change(&ida, "active", json!(true)).await;
    assert_eq!(office.seats(), (json!(2), json!(2)));
    // Only an admin may switch booking on.
    let on = ["workspace", "settings", "acme", "--automatic-booking", "true"];
    let error = office.server.admin.refused(&[&on[..], &["--as", "ida@acme.example"]].concat());
    assert_eq!(error["status"], "403", "{error}");
    office.server.admin.done(&[&on[..], &["--as", "ada@acme.example"]].concat());
    // Three in one half hour, with restarts in between.
    for (minutes, name) in [(0, "A"), (10, "B"), (29, "C")] {
        office.time.at(minutes * MINUTE);
        body(&office.acme().post(person(name)).await, 201);
        office = office.restart().await;
    }
    assert_eq!(office.seats(), (json!(5), json!(5)));
    // A moment before the half hour is over, nothing is due: the server that starts now would send it.
    office.time.at(30 * MINUTE - 1);
    office = office.restart().await;
    office.time.at(30 * MINUTE);
    assert_eq!(office.invoices(1).await, [(3, minute(0), minute(30))]);
    // The next booking opens the next half hour, which ends while no server runs.
    office.time.at(31 * MINUTE);
    body(&office.acme().post(person("D")).await, 201);
    office.server.stop().await;
    office.time.at(61 * MINUTE);
    office.server = Running::start(&office.data, &office.time, Some(&office.options), None).await;
    assert_eq!(office.invoices(2).await[1], (1, minute(31), minute(61)));
    // Twenty at once get exactly twenty seats, on one invoice.
    office.time.at(100 * MINUTE);
    for answer in twenty_at_once(&office.acme(), "p").await {
        body(&answer, 201);
    }
    assert_eq!(office.seats(), (json!(26), json!(26)));
    office.time.at(130 * MINUTE);
    assert_eq!(office.invoices(3).await[2], (20, minute(100), minute(130)));
    // With booking off again, five free seats are for five of twenty.
    office.server.admin.done(&["workspace", "settings", "acme", "--automatic-booking", "false"]);
    office.server.admin.done(&["seats", "book", "acme", "31"]);
    let answers = twenty_at_once(&office.acme(), "q").await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 5);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        refused(answer, NO_SEAT, &[]);
    }
    assert_eq!(office.seats(), (json!(31), json!(31)));
    // Nothing else is ever billed: what was booked by hand is no matter of provisioning.
    office.time.at(300 * MINUTE);
    office = office.restart().await;
    office.server.stop().await;
    assert_eq!(office.smtp.mails().unwrap().len(), 3);
}

/// Scenario 4 (D-22 to D-29, A-52): without a free seat nobody comes in, or, with booking, on one invoice half
/// an hour after the first seat, whatever restarts; twenty at once get no seat twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn seats_and_invoices_on_sqlite() {
    seats_and_invoices(Data::sqlite()).await;
}

/// Scenario 4 on PostgreSQL (D-22 to D-29, A-52).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn seats_and_invoices_on_postgres() {
    seats_and_invoices(Data::postgres()).await;
}
