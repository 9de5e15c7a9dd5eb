//! Acceptance scenario 7 of the domain specification: teams and absence regions, by their exact names.

use serde_json::{Value, json};

use crate::client::{Client, EXTENSION, INVALID, body, path, person, refused, with};
use crate::scenarios::{World, on_both};

on_both!(teams_are_replaced regions_stay);

/// Replaces an attribute of the extension; what it is afterwards.
async fn becomes(client: &Client, user: &str, attribute: &str, value: Value) -> Value {
    let changed = client.change(user, &format!("{EXTENSION}:{attribute}"), value).await;
    assert_eq!(client.get(user).await, changed);
    changed[EXTENSION][attribute].clone()
}

/// Scenario 7 (D-63, D-64, A-9, A-10, A-11, A-12): the list is all the teams, by exact name; a name with a
/// comma counts as one; an unknown name or another case is refused with the whole request.
async fn teams_are_replaced(world: World) {
    let acme = world.acme("onelogin");
    let shell = &world.admin;
    for team in ["Design", "Sales", "Ops", "Design, UX"] {
        shell.done(&["team", "create", "acme", team]);
    }
    let extension = json!({ "teams": "Sales,Design" });
    let created = acme.create(with("Lea", json!({ EXTENSION: extension }))).await;
    let lea = path("/Users", &created);
    assert_eq!(created[EXTENSION]["teams"], "Sales,Design", "as it was sent");
    let in_awork = || shell.done(&["user", "show", "acme", "lea@acme.example"])["teams"].clone();
    for (sent, shown, teams) in [
        (json!("Ops"), json!("Ops"), json!(["Ops"])),
        (json!("Sales, Ops,,Sales"), json!("Sales, Ops,,Sales"), json!(["Sales", "Ops"])),
        (json!("Design, UX,Ops"), json!("Design, UX,Ops"), json!(["Ops", "Design, UX"])),
        (json!("\"Design, UX\",Design"), json!("\"Design, UX\",Design"), json!(["Design", "Design, UX"])),
        (json!(""), Value::Null, json!([])),
        (json!("Design"), json!("Design"), json!(["Design"])),
        (Value::Null, Value::Null, json!([])),
        (json!("Design,Sales"), json!("Design,Sales"), json!(["Design", "Sales"])),
    ] {
        assert_eq!(becomes(&acme, &lea, "teams", sent.clone()).await, shown, "{sent}");
        assert_eq!(in_awork(), teams, "{sent}");
    }
    let before = acme.snapshot().await;
    for (sent, words) in [
        ("Design,Nobody,Elsewhere", &["teams", "Nobody", "Elsewhere"][..]),
        ("design", &["teams", "design"]),
        ("UX", &["teams", "UX"]),
        ("Design;Sales", &["teams", "Design;Sales"]),
    ] {
        let operations = json!([
            { "op": "replace", "path": "title", "value": "Dr" },
            { "op": "replace", "path": format!("{EXTENSION}:teams"), "value": sent },
        ]);
        refused(&acme.patch(&lea, operations).await, INVALID, words);
        let extension = json!({ "teams": sent });
        refused(&acme.put(&lea, json!({ "title": "Dr", EXTENSION: extension })).await, INVALID, words);
        refused(&acme.post(with("New", json!({ EXTENSION: extension }))).await, INVALID, words);
    }
    assert_eq!(acme.snapshot().await, before);
    // Renamed in awork, a team stays one of hers; what was sent no longer names it.
    shell.done(&["team", "rename", "acme", "Design", "Drafts"]);
    assert_eq!(acme.get(&lea).await[EXTENSION]["teams"], "Drafts,Sales");
    let removed = acme.patch(&lea, json!([{ "op": "remove", "path": format!("{EXTENSION}:teams") }])).await;
    assert_eq!(body(&removed, 200)[EXTENSION]["teams"], Value::Null);
    assert_eq!(in_awork(), json!([]));
}

/// Scenario 7 (D-63, D-65, D-21, A-17): a region is set by its exact name and never taken away.
async fn regions_stay(world: World) {
    let acme = world.acme("entra-id");
    let shell = &world.admin;
    let none = path("/Users", &acme.create(person("Ida")).await);
    assert_eq!(acme.get(&none).await[EXTENSION]["absenceRegion"], Value::Null, "there is no default yet");
    shell.done(&["region", "create", "acme", "Bayern", "--default"]);
    shell.done(&["region", "create", "acme", "Berlin"]);
    let lea = path("/Users", &acme.create(person("Lea")).await);
    let in_awork = || shell.done(&["user", "show", "acme", "lea@acme.example"])["absence_region"].clone();
    assert_eq!(in_awork(), "Bayern");
    assert_eq!(becomes(&acme, &lea, "absenceRegion", json!("Berlin")).await, "Berlin");
    let before = acme.snapshot().await;
    for unknown in ["berlin", "BERLIN", "Hessen"] {
        let answer = acme.set(&lea, &format!("{EXTENSION}:absenceRegion"), json!(unknown)).await;
        refused(&answer, INVALID, &["absenceRegion", unknown]);
    }
    for nothing in [json!(""), Value::Null] {
        assert_eq!(becomes(&acme, &lea, "absenceRegion", nothing).await, "Berlin");
    }
    let remove = json!([{ "op": "remove", "path": format!("{EXTENSION}:absenceRegion") }]);
    let removed = acme.patch(&lea, remove).await;
    assert_eq!(body(&removed, 200)[EXTENSION]["absenceRegion"], "Berlin");
    assert_eq!((in_awork(), acme.snapshot().await), (json!("Berlin"), before));
    shell.done(&["region", "rename", "acme", "Berlin", "Brandenburg"]);
    assert_eq!(acme.get(&lea).await[EXTENSION]["absenceRegion"], "Brandenburg");
}
