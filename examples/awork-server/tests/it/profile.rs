//! Acceptance scenario 9 of the domain specification: languages, time zones, and what stays as it is.

use serde_json::{Value, json};

use crate::client::{EXTENSION, INVALID, body, path, person, refused, with};
use crate::scenarios::{World, on_both};

on_both!(the_table_of_languages time_zones what_is_not_sent_stays);

/// Scenario 9 (D-52, A-1, A-2, A-3, A-4, A-39): a tag becomes one of awork's two languages, and one that awork
/// has not is no error: the workspace's on create, on update the one that was there.
async fn the_table_of_languages(world: World) {
    let acme = world.acme("entra-id");
    let shell = &world.admin;
    shell.done(&["seats", "book", "acme", "100"]);
    shell.done(&["workspace", "settings", "acme", "--language", "de-DE"]);
    let (german, english) = ("de-DE", "en-GB");
    let lea = path("/Users", &acme.create(person("Lea")).await);
    let table = [
        ("de-DE", Some(german)),
        ("en-GB", Some(english)),
        ("de_DE", Some(german)),
        ("DE-de", Some(german)),
        ("en_gb", Some(english)),
        ("de", Some(german)),
        ("en", Some(english)),
        ("en-US", Some(english)),
        ("en-AU", Some(english)),
        ("de-AT", Some(english)),
        ("de-CH", Some(english)),
        ("fr-FR", None),
        ("xx", None),
        ("", None),
        ("de-AT, de;q=0.9", Some(german)),
        ("fr, en;q=0.3, de;q=0.8", Some(german)),
        ("fr-FR, de-CH;q=0.9", Some(english)),
    ];
    for (number, (sent, language)) in table.into_iter().enumerate() {
        let created = acme
            .create(with(&format!("P{number}"), json!({ "preferredLanguage": sent, "locale": "fr-FR" })))
            .await;
        assert_eq!(created["preferredLanguage"], language.unwrap_or(german), "created with {sent:?}");
        for was in [german, english] {
            acme.change(&lea, "preferredLanguage", json!(was)).await;
            let changed = acme.change(&lea, "preferredLanguage", json!(sent)).await;
            assert_eq!(changed["preferredLanguage"], language.unwrap_or(was), "{was} changed to {sent:?}");
        }
    }
    // The language is the user's, and `locale` is nobody's.
    let shown = shell.done(&["user", "show", "acme", "p0@acme.example"]);
    assert_eq!(shown["language"], german);
    let put = body(&acme.put(&lea, json!({ "locale": "de-DE" })).await, 200);
    assert_eq!((&put["preferredLanguage"], &put["locale"]), (&json!(english), &Value::Null));
    // A switch of the workspace lets variants of German count as German.
    shell.done(&["workspace", "settings", "acme", "--german-variants", "true"]);
    assert_eq!(acme.change(&lea, "preferredLanguage", json!("de-AT")).await["preferredLanguage"], german);
    // Without a language the workspace's is used; it need not be German.
    shell.done(&["workspace", "settings", "acme", "--language", "en-GB"]);
    assert_eq!(acme.create(person("Ida")).await["preferredLanguage"], english);
}

/// Scenario 9 (D-53, A-5, A-6, A-7, A-8, A-39): IANA names in any case and Windows names are stored as IANA
/// names, on the account; what is neither is refused, and nothing of the request is applied.
async fn time_zones(world: World) {
    let acme = world.acme("entra-id");
    let lea = path("/Users", &acme.create(with("Lea", json!({ "timezone": "Europe/Rome" }))).await);
    for (sent, stored) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/paris", "Europe/Paris"),
        ("AMERICA/NEW_YORK", "America/New_York"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("tokyo standard time", "Asia/Tokyo"),
        ("", "Asia/Tokyo"),
        ("UTC", "UTC"),
    ] {
        assert_eq!(acme.change(&lea, "timezone", json!(sent)).await["timezone"], stored, "{sent}");
    }
    let before = acme.snapshot().await;
    for unknown in ["Mars/Olympus", "Europe", "Central Time", "+01:00", "Berlin"] {
        let operations = json!([
            { "op": "replace", "path": "title", "value": "Dr" },
            { "op": "replace", "path": "timezone", "value": unknown },
        ]);
        refused(&acme.patch(&lea, operations).await, INVALID, &["timezone", unknown]);
        let put = acme.put(&lea, json!({ "title": "Dr", "timezone": unknown })).await;
        refused(&put, INVALID, &["timezone", unknown]);
        let new = acme.post(with("New", json!({ "timezone": unknown }))).await;
        refused(&new, INVALID, &["timezone", unknown]);
    }
    assert_eq!(acme.snapshot().await, before);
    // The zone is the account's: another workspace of the person has it at once.
    let shell = &world.admin;
    shell.workspace("other");
    let other = world.client(&shell.set_up("other", "okta"));
    let there = path("/Users", &other.create(person("Lea")).await);
    assert_eq!(other.get(&there).await["timezone"], "UTC");
}

/// Scenario 9 (D-6, A-37, A-38, section 2): what a PUT leaves out stays, null and empty lists clear, and what
/// awork has no place for is taken, never kept and no error.
async fn what_is_not_sent_stays(world: World) {
    let acme = world.acme("okta");
    let shell = &world.admin;
    shell.done(&["team", "create", "acme", "Design"]);
    shell.done(&["region", "create", "acme", "Berlin"]);
    let full = json!({
        "externalId": "e-1",
        "title": "Dr",
        "userType": "Head",
        "preferredLanguage": "de-DE",
        "timezone": "Europe/Rome",
        "emails": [{ "value": "l@acme.example", "type": "work" }, { "value": "l@home.example", "type": "home" }],
        "phoneNumbers": [{ "value": "+49 1", "type": "mobile" }],
        "addresses": [{ "streetAddress": "Weg 1", "locality": "Ulm", "country": "DE", "type": "work" }],
        EXTENSION: { "teams": "Design", "absenceRegion": "Berlin", "userRole": "User" },
    });
    let created = acme.create(with("Lea", full)).await;
    let lea = path("/Users", &created);
    let content = |user: &Value| {
        let mut user = user.clone();
        user.as_object_mut().unwrap().remove("meta");
        user
    };
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let unmapped = json!({
        "userName": "lea@acme.example",
        "nickName": "le",
        "locale": "fr-FR",
        "profileUrl": "https://acme.example/lea",
        "photos": [{ "value": "https://acme.example/lea.png", "type": "photo" }],
        "password": "Tr0ub4dor-and-3",
        "entitlements": [{ "value": "x" }],
        "roles": [{ "value": "Admin" }],
        "groups": [{ "value": "no-group", "display": "Admin" }],
        "x509Certificates": [{ "value": "AA==" }],
        enterprise: { "department": "D", "employeeNumber": "7", "manager": { "value": "m" } },
    });
    for sent in [json!({}), json!({ "userName": "lea@acme.example" }), unmapped.clone()] {
        let put = body(&acme.put(&lea, sent.clone()).await, 200);
        assert_eq!(content(&put), content(&created), "{sent}");
    }
    let mut new = unmapped;
    new["userName"] = json!("new@acme.example");
    new["name"] = json!({ "givenName": "N", "familyName": "B" });
    let plain = acme.create(with("New", new)).await;
    let text = plain.to_string();
    for unkept in ["fr-FR", "photo", "password", "Tr0ub4dor", "department", "no-group", "AA=="] {
        assert!(!text.contains(unkept), "{unkept} in {text}");
    }
    assert_eq!(plain[EXTENSION]["userRole"], "User");
    // One attribute alone is changed; the others stay.
    let put = body(&acme.put(&lea, json!({ "title": "Prof" })).await, 200);
    let mut expected = content(&created);
    expected["title"] = json!("Prof");
    assert_eq!(content(&put), expected);
    // What is sent as nothing is cleared, where it can be.
    let nothing =
        json!({ "title": null, "userType": "", "phoneNumbers": [], "addresses": [], "timezone": null });
    let cleared = content(&body(&acme.put(&lea, nothing).await, 200));
    for gone in ["title", "userType", "phoneNumbers", "addresses"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    assert_eq!(cleared, expected);
}
