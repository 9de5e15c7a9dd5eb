//! The provisioning log with the built binary, on both databases: found, exported and erased by commands.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{INVALID, refused, trace_id, with};
use crate::command::Shell;
use crate::log::PATIENCE;
use crate::scenarios::{World, on_both};

on_both!(found_by_trace_id exported_line_by_line a_person_is_erased only_for_admins);

/// Asks until the log has what is looked for: refusals are written down once a second.
pub(crate) fn found(shell: &Shell, words: &[&str]) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = shell.done(&[&["log", "list"], words].concat());
        let entries = told["entries"].as_array().unwrap();
        if !entries.is_empty() {
            return entries.clone();
        }
        assert!(Instant::now() < deadline, "{words:?}: {told}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// D-82, D-83: the trace id of an error message leads to what happened: when, to whom, by whom and why; also
/// where nobody knows the client. The same at a running server and on the data.
async fn found_by_trace_id(world: World) {
    let acme = world.acme("okta");
    let lea = with("Lea", json!({ "preferredLanguage": "fr", "timezone": "Nowhere" }));
    let trace = refused(&acme.post(lea).await, INVALID, &["Nowhere"]);
    let wrong = trace_id(&world.client("wrong").send("GET", "/Users", None).await);
    for shell in [&world.admin, &world.on_data] {
        for words in
            [&["--trace", &trace][..], &["acme", "--trace", &trace], &["acme", "--outcome", "refused"]]
        {
            let entries = found(shell, words);
            assert_eq!(entries.len(), 1, "{entries:?}");
            let entry = &entries[0];
            assert_eq!(entry["traceId"], trace);
            assert_eq!(
                [
                    &entry["workspace"],
                    &entry["operation"],
                    &entry["resourceType"],
                    &entry["name"],
                    &entry["provider"]
                ],
                ["acme", "create", "User", "lea@acme.example", "okta"]
            );
            assert_eq!((&entry["refusal"]["status"], &entry["outcome"]), (&json!(400), &json!("refused")));
            let reason = entry["refusal"]["detail"].as_str().unwrap();
            assert!(reason.contains("Nowhere") && reason.ends_with("(validation-failed)"), "{reason}");
        }
        let entries = found(shell, &["--trace", &wrong]);
        assert_eq!((&entries[0]["refusal"]["status"], entries[0].get("workspace")), (&json!(401), None));
    }
    let (done, text) = world.admin.text(&["log", "list", "acme", "--person", "LEA@acme.example"]);
    assert!(done && text.contains("refused  400  create  User  lea@acme.example  from okta"), "{text}");
    let (done, text) = world.admin.text(&["log", "list", "acme", "--trace", "none"]);
    assert!(done && text == "none\n", "{text}");
}

/// D-85: the whole log as JSON lines, oldest first: values before and after, warnings, and who did it by hand.
async fn exported_line_by_line(world: World) {
    let acme = world.acme("okta");
    let lea = acme.create(with("Lea", json!({ "preferredLanguage": "fr" }))).await;
    let path = crate::client::path("/Users", &lea);
    acme.change(&path, "title", json!("Dr.")).await;
    world.admin.done(&["user", "edit", "acme", "lea@acme.example", "--title", "Prof."]);
    let exports = [&world.admin, &world.on_data].map(|shell| {
        let (done, text) = shell.text(&["log", "export", "acme"]);
        assert!(done, "{text}");
        text
    });
    assert_eq!(exports[0], exports[1]);
    let lines: Vec<Value> = exports[0].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let operations: Vec<&str> = lines.iter().map(|line| line["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["workspace.create", "integration.set-up", "create", "update", "user.edit"]);
    assert!(lines[2]["warnings"][0].as_str().unwrap().contains("`fr`"), "{}", lines[2]);
    assert_eq!(lines[2]["outcome"], "warned");
    assert_eq!(lines[3]["changes"], json!([{ "attribute": "title", "old": null, "new": "Dr." }]));
    assert_eq!(lines[4]["changes"], json!([{ "attribute": "title", "old": "Dr.", "new": "Prof." }]));
    assert_eq!((&lines[4]["by"], lines[4].get("integration")), (&json!("operator"), None));
    let rest = lines[3]["position"].to_string();
    let (_, text) = world.admin.text(&["log", "export", "acme", "--after", &rest]);
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// D-61, D-85: what is kept of a person is handed over, and erased: users, account, log and e-mails.
async fn a_person_is_erased(world: World) {
    let acme = world.acme("okta");
    let lea = acme.create(with("Lea", json!({ "title": "Dr. Lea" }))).await;
    let path = crate::client::path("/Users", &lea);
    for active in [false, true] {
        acme.change(&path, "active", json!(active)).await;
    }
    let data = world.admin.done(&["person", "export", "Lea@acme.example"]);
    assert_eq!(data["account"]["email"], "lea@acme.example");
    assert_eq!(data["users"][0]["document"]["title"], "Dr. Lea");
    assert_eq!((data["log"].as_array().unwrap().len(), data["mails"].as_array().unwrap().len()), (3, 1));
    let refused = world.admin.refused(&["person", "erase", "ada@acme.example"]);
    assert!(refused["detail"].as_str().unwrap().contains("last active admin"), "{refused}");
    let erased = world.admin.done(&["person", "erase", "lea@acme.example"]);
    assert_eq!(erased["deleted_users"], json!([{ "workspace": "acme", "id": lea["id"] }]));
    assert_eq!(erased["erased_events"], 4, "three entries and an e-mail");
    assert_eq!(acme.send("GET", &path, None).await.status, 404);
    let (_, log) = world.admin.text(&["log", "export", "acme"]);
    assert!(!log.to_lowercase().contains("lea@") && !log.contains("Dr. Lea"), "{log}");
    assert_eq!(log.lines().filter(|line| line.contains(lea["id"].as_str().unwrap())).count(), 4, "{log}");
    let error = world.admin.refused(&["person", "export", "lea@acme.example"]);
    assert_eq!(error["status"], "404");
}

/// D-83: the log of a workspace is for its admins; what concerns all of them, for the operator.
async fn only_for_admins(world: World) {
    let acme = world.acme("okta");
    acme.create(with("Lea", json!({}))).await;
    let shell = &world.admin;
    let as_ada = ["--as", "ada@acme.example"];
    assert_eq!(found(shell, &[&["acme", "--person", "lea@acme.example"], &as_ada[..]].concat()).len(), 1);
    for words in [
        &["log", "list", "acme", "--as", "lea@acme.example"][..],
        &["log", "export", "acme", "--as", "lea@acme.example"],
        &["log", "list", "--as", "ada@acme.example"],
        &["person", "export", "lea@acme.example", "--as", "ada@acme.example"],
        &["person", "erase", "lea@acme.example", "--as", "ada@acme.example"],
    ] {
        assert_eq!(shell.refused(words)["status"], "403", "{words:?}");
    }
    assert_eq!(shell.refused(&["log", "list", "nobody"])["status"], "404");
}
