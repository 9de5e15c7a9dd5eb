//! The provisioning log: what it says of writes and refusals, how it is found again, and how it ends.

use std::collections::BTreeSet;
use std::time::Duration;

use scim_awork::command::{DeleteUser, EditUser, RenameRole, UserFields};
use scim_awork::log::{
    LogEntry, LogOutcome, LogPage, LogQuery, RefusalLog, Retention, search_log, strangers, trim_logs,
};
use scim_awork::person_data::{erase_person, export_person};
use scim_core::Problem;
use scim_engine::store::{Batch, Store as _, Stream, Write};
use scim_engine::{Audit, Caller, Refusal};
use serde_json::{Value, json};

use crate::world::{EXT, MINUTE, START, World, minimal, user, with};

async fn entries(world: &World) -> Vec<LogEntry> {
    world.events(Stream::Log).await.iter().map(|event| LogEntry::of(event).unwrap()).collect()
}

async fn search(world: &World, query: LogQuery) -> LogPage {
    search_log(world.engine.store(), &world.space(), &query).await.unwrap()
}

/// D-82, D-83, A-25: the log names operation, resource and trace id of each change, and what was not taken as
/// sent.
#[tokio::test]
async fn what_is_written() {
    let world = World::new().await.for_provider("okta");
    let id = world.create(minimal("lea")).await.unwrap()["id"].as_str().unwrap().to_owned();
    world.set(&id, "preferredLanguage", json!("fr-FR")).await.unwrap();
    world.set(&id, "active", json!(false)).await.unwrap();
    let viewers = world.group("User").await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    world.patch("Group", &viewers, add).await.unwrap();
    world.delete("User", &id).await.unwrap();
    world.create(with("lea", json!({ "preferredLanguage": "xx" }))).await.unwrap();
    world.create(minimal("lea")).await.unwrap_err();
    let entries: Vec<Value> = world.events(Stream::Log).await.into_iter().map(|event| event.body).collect();
    let said: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry["operation"].as_str().unwrap(),
                entry["resource"].as_str().unwrap(),
                entry["warnings"].as_array().unwrap().len(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("create", &*id, 0),
            ("update", &id, 0),
            ("assign", &viewers, 0),
            ("delete", &id, 0),
            ("create", &id, 1)
        ],
        "what changes nothing is no entry, and who comes back is the same user"
    );
    for entry in &entries {
        assert_eq!(
            (entry["provider"].as_str(), entry["integration"].as_str()),
            (Some("okta"), Some("integration"))
        );
        assert_eq!(entry["traceId"].as_str().unwrap().len(), 32);
    }
    assert_eq!(entries[2]["resourceType"], "Group");
}

/// D-85: attribute, old value and new value; of a person also role, region and teams.
#[tokio::test]
async fn what_was_changed() {
    let world = World::new().await;
    let sent = with("lea", json!({ "title": "Dr.", "password": "pass-word", EXT: { "teams": "Ops" } }));
    let lea = world.create(sent).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    let change = json!({
        "title": null, "name": { "givenName": "Leah" }, "userName": "leah@w.example",
        EXT: { "userRole": "User", "teams": "Design,Ops", "absenceRegion": "Bayern" },
    });
    world.put("User", id, user(change)).await.unwrap();
    let log = entries(&world).await;
    assert_eq!(log[1].name.as_deref(), Some("leah@w.example"));
    let told: BTreeSet<(String, String, String)> = log[1]
        .changes
        .iter()
        .map(|change| (change.attribute.clone(), change.old.to_string(), change.new.to_string()))
        .collect();
    for (attribute, old, new) in [
        ("title".to_owned(), json!("Dr."), Value::Null),
        ("name.givenName".to_owned(), json!("lea"), json!("Leah")),
        ("userName".to_owned(), json!("lea@w.example"), json!("leah@w.example")),
        ("userRole".to_owned(), json!("Viewer"), json!("User")),
        ("teams".to_owned(), json!("Ops"), json!("Design,Ops")),
        ("absenceRegion".to_owned(), json!("Berlin"), json!("Bayern")),
    ] {
        let change = (attribute, old.to_string(), new.to_string());
        assert!(told.contains(&change), "{change:?} in {told:#?}");
    }
    assert!(log[0].changes.iter().all(|change| change.old.is_null()), "{:?}", log[0].changes);
    assert!(log[0].changes.iter().any(|change| change.new == "Viewer"), "{:?}", log[0].changes);
    assert!(!format!("{log:?}").contains("pass-word"));
}

/// D-83: the tolerances that a change made use of are named.
#[tokio::test]
async fn what_was_tolerated() {
    let world = World::new().await;
    let id = world.create(with("lea", json!({ "active": true }))).await.unwrap()["id"].clone();
    let patch = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    world.patch("User", id.as_str().unwrap(), patch).await.unwrap();
    let tolerances: Vec<_> = entries(&world).await.into_iter().map(|entry| entry.tolerances).collect();
    assert_eq!(tolerances, [vec![], vec!["string-boolean", "op-case"]]);
}

/// D-77: a group that moves many people is told in entries of a hundred, each person with both roles.
#[tokio::test]
async fn many_members() {
    let world = World::new().await;
    let mut members = Vec::new();
    for number in 0..120 {
        let sent = with(&format!("p{number}"), json!({ "active": false }));
        members.push(json!({ "value": world.create(sent).await.unwrap()["id"] }));
    }
    let before = entries(&world).await.len();
    let add = json!([{ "op": "add", "path": "members", "value": members }]);
    world.patch("Group", &world.group("Viewer").await, add.clone()).await.unwrap();
    assert_eq!(entries(&world).await.len(), before, "they have the default role already");
    world.patch("Group", &world.group("Admin").await, add).await.unwrap();
    let log = entries(&world).await.split_off(before);
    assert_eq!(log.iter().map(|entry| entry.changes.len()).collect::<Vec<_>>(), [100, 20]);
    let change = &log[1].changes[0];
    assert!(change.person.is_some() && change.new == "Admin", "{change:?}");
    assert_eq!((log[0].name.as_deref(), &*log[0].operation), (Some("Admin"), "assign"));
    let id = log[1].changes[3].person.clone().unwrap();
    let found = search(&world, LogQuery { person: vec![id], limit: 9, ..LogQuery::default() }).await;
    assert_eq!(found.entries.len(), 2, "the creation and the move");
}

/// D-75, D-85: who renames a role is named, and the old name stands beside the new one; so is who edits a user, and
/// no identity provider is.
#[tokio::test]
async fn what_was_done_by_hand() {
    let world = World::new().await.for_provider("okta");
    world.command(RenameRole { role: "User".into(), name: "Staff".into() }).await.unwrap();
    let log = entries(&world).await;
    let LogEntry { by, operation, changes, integration, trace_id, resource_type, .. } = &log[0];
    assert_eq!((by.as_deref(), operation.as_str(), integration), (Some("operator"), "role.rename", &None));
    assert_eq!((trace_id.len(), resource_type.as_deref()), (32, Some("Group")));
    let told: Vec<_> = changes.iter().map(|change| (&*change.attribute, &change.old, &change.new)).collect();
    assert_eq!(told, [("roles[User].name", &json!("User"), &json!("Staff"))]);
    let fields = UserFields { title: Some("Dr.".into()), ..UserFields::default() };
    world.command(EditUser { user: "cleo@w.example".into(), fields }).await.unwrap();
    let LogEntry { by, operation, integration, provider, resource_type, .. } = &entries(&world).await[1];
    assert_eq!((by.as_deref(), operation.as_str()), (Some("operator"), "user.edit"));
    assert_eq!((integration, provider, resource_type.as_deref()), (&None, &None, Some("User")));
}

fn refusal(world: &World, at: i64, trace: usize, status: u16) -> Refusal {
    let context = world.context();
    let known = status != 401;
    Refusal {
        at,
        trace_id: format!("trace-{trace}"),
        tenant: known.then_some(context.tenant),
        caller: if known { context.caller } else { Caller::default() },
        operation: "create",
        kind: Some("User".into()),
        id: None,
        called: Some("Mia@w.example".into()),
        problem: Problem::plain(status, "userName: `mia` is no e-mail (validation-failed)"),
    }
}

/// Tells refusals to a log, and lets it write down all that it has.
async fn write_down(world: &World, refusals: impl IntoIterator<Item = Refusal>) {
    let log = RefusalLog::default();
    refusals.into_iter().for_each(|refusal| log.refused(refusal));
    log.write_down(world.engine.store().clone(), || START + 100, std::future::ready(())).await;
}

/// D-83: what was refused is found by trace id, by person, by outcome and by time; page by page.
#[tokio::test]
async fn what_is_found() {
    let world = World::new().await;
    let lea = world.create(with("lea", json!({ "preferredLanguage": "xx" }))).await.unwrap();
    write_down(
        &world,
        (0..3).map(|number| refusal(&world, START + 7 + i64::try_from(number).unwrap(), number, 400)),
    )
    .await;
    let all = search(&world, LogQuery { limit: 10, ..LogQuery::default() }).await;
    let outcomes: Vec<_> = all.entries.iter().map(|found| found.outcome).collect();
    let [refused, warned] = [LogOutcome::Refused, LogOutcome::Warned];
    assert_eq!((outcomes, all.next), (vec![refused, refused, refused, warned], None));
    let find = async |query: LogQuery| {
        let page = search(&world, LogQuery { limit: 10, ..query }).await;
        page.entries.into_iter().map(|found| found.entry.trace_id).collect::<Vec<_>>()
    };
    let query = LogQuery::default;
    assert_eq!(find(LogQuery { trace_id: Some("trace-1".into()), ..query() }).await, ["trace-1"]);
    assert_eq!(find(LogQuery { trace_id: Some("none".into()), ..query() }).await, [""; 0]);
    let ids = ["trace-2", "trace-1", "trace-0"];
    assert_eq!(find(LogQuery { person: vec!["mia@W.example".into()], ..query() }).await, ids);
    assert_eq!(find(LogQuery { outcome: Some(LogOutcome::Refused), ..query() }).await, ids);
    assert_eq!(find(LogQuery { outcome: Some(LogOutcome::Done), ..query() }).await, [""; 0]);
    let id = lea["id"].as_str().unwrap();
    assert_eq!(find(LogQuery { person: vec![id.into()], ..query() }).await.len(), 1);
    let (since, until) = (Some(START + 8), Some(START + 9));
    assert_eq!(find(LogQuery { outcome: Some(refused), since, until, ..query() }).await, ["trace-1"]);
    let first = search(&world, LogQuery { limit: 3, ..query() }).await;
    let second = search(&world, LogQuery { limit: 3, before: first.next, ..query() }).await;
    assert_eq!([first.entries, second.entries].concat(), all.entries);
    let refusal = all.entries[0].entry.refusal.as_ref().unwrap();
    assert_eq!((refusal.status, refusal.detail.contains("no e-mail")), (400, true));
}

/// D-83: a look passes so many entries, then says where the next one goes on.
#[tokio::test]
async fn a_look_that_finds_nothing_goes_on() {
    let world = World::new().await;
    write_down(&world, [refusal(&world, START, 0, 400)]).await;
    let entry = serde_json::to_value(LogEntry { operation: "update".into(), ..LogEntry::default() }).unwrap();
    for _ in 0..4 {
        let append = || Write::Append { space: world.space(), stream: Stream::Log, body: entry.clone() };
        let writes = std::iter::repeat_with(append).take(5_000).collect();
        let batch = Batch { now: START, guards: Vec::new(), writes };
        world.engine.store().commit(batch).await.unwrap();
    }
    let wanted = || LogQuery { trace_id: Some("trace-0".into()), limit: 10, ..LogQuery::default() };
    let first = search(&world, wanted()).await;
    assert_eq!((first.entries.len(), first.next.is_some()), (0, true));
    let second = search(&world, LogQuery { before: first.next, ..wanted() }).await;
    assert_eq!((second.entries.len(), second.next), (1, None));
}

/// D-83: the trace id of a wrong token is found among those of strangers, and in no workspace's log.
#[tokio::test]
async fn strangers_are_found() {
    let world = World::new().await;
    write_down(&world, (0..30).map(|number| refusal(&world, START, number, 401))).await;
    assert_eq!(entries(&world).await, []);
    let find = async |trace: &str| {
        let query = LogQuery { trace_id: Some(trace.to_owned()), limit: 9, ..LogQuery::default() };
        search_log(world.engine.store(), &strangers(), &query).await.unwrap().entries
    };
    assert_eq!(find("trace-3").await[0].entry.trace_id, "trace-3");
    let sums = find("trace-29").await;
    assert_eq!(sums[0].entry.sum.as_ref().unwrap().count, 20);
    assert_eq!(find("trace-30").await, []);
}

/// D-85: what is older than the retention goes, from every log; the rest stays, and the log goes on.
#[tokio::test]
async fn retention() {
    let world = World::new().await;
    let id = world.after(0).create(minimal("lea")).await.unwrap()["id"].as_str().unwrap().to_owned();
    world.after(0).create(minimal("mia")).await.unwrap();
    world.after(60).set(&id, "title", json!("x")).await.unwrap();
    write_down(&world, [refusal(&world, START, 0, 401)]).await;
    let kept = Retention(Duration::from_secs(60 * 60));
    let trim =
        async |minutes: i64| trim_logs(world.engine.store(), kept, START + minutes * MINUTE).await.unwrap();
    assert_eq!(trim(60).await, 0);
    assert_eq!(trim(61).await, 3, "two of the workspace and one of a stranger");
    assert_eq!(entries(&world).await.len(), 1);
    assert_eq!(trim(61).await, 0);
    assert_eq!(trim(121).await, 1);
    world.after(122).set(&id, "title", json!("y")).await.unwrap();
    assert_eq!(entries(&world).await.len(), 1);
}

/// D-61, D-85: who is erased is named nowhere any more, and what was done still is.
#[tokio::test]
async fn erasure() {
    let world = World::new().await;
    let lea = world.create(with("lea", json!({ "title": "Dr. Lea" }))).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    for active in [false, true] {
        world.set(id, "active", json!(active)).await.unwrap();
    }
    world.set(id, "userName", json!("leah@w.example")).await.unwrap();
    world.set(&world.person("bob").await, "title", json!("Boss")).await.unwrap();
    let lost = Refusal { called: Some("LEA@w.example".into()), ..refusal(&world, START, 0, 409) };
    write_down(&world, [lost]).await;
    let store = world.engine.store();
    let data = export_person(store, "Leah@w.example").await.unwrap();
    assert_eq!((data.users.len(), data.log.len(), data.mails.len()), (1, 5, 1));
    assert_eq!(data.users[0].document["title"], "Dr. Lea");
    assert_eq!(data.account.as_ref().unwrap().email, "leah@w.example");
    let account = data.account;
    world.command(DeleteUser { user: "leah@w.example".into() }).await.unwrap();
    let before = entries(&world).await.len();
    let erased = erase_person(store, "leah@w.example", account.as_ref(), START).await.unwrap();
    assert_eq!((erased.events, erased.dead_letters), (6, 0), "five entries and a mail");
    let log = entries(&world).await;
    assert_eq!(log.len(), before);
    let all = format!("{log:?} {:?}", world.events(Stream::Outbox).await);
    for gone in ["lea@w", "leah@w", "LEA@w", "Dr. Lea"] {
        assert!(!all.contains(gone), "{gone} in {all}");
    }
    assert!(all.contains("Boss") && log.iter().any(|entry| entry.resource.as_deref() == Some(id)));
    assert_eq!(erase_person(store, "leah@w.example", account.as_ref(), START).await.unwrap().events, 0);
    let data = export_person(store, "leah@w.example").await.unwrap();
    assert!(data.is_empty(), "{data:?}");
}
