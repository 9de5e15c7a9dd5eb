//! Language, time zone, title and position.

use scim_awork::WorkspaceSetup;
use serde_json::{Value, json};

use crate::world::{INVALID, World, refused, setup, user, with};

/// D-52, A-1, A-3: de-DE and en-GB; other English and German becomes en-GB; on create and on update.
#[tokio::test]
async fn languages() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for (at, (sent, kept)) in [
        ("de-DE", "de-DE"),
        ("en-GB", "en-GB"),
        ("de_DE", "de-DE"),
        ("EN-gb", "en-GB"),
        ("de", "de-DE"),
        ("en", "en-GB"),
        ("en-US", "en-GB"),
        ("de-AT", "en-GB"),
        ("de-AT, de;q=0.9", "de-DE"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = world.put_answer("User", &id, user(json!({ "preferredLanguage": sent }))).await.unwrap();
        assert_eq!(
            (&answer.resource["preferredLanguage"], answer.warnings.len()),
            (&json!(kept), 0),
            "{sent}"
        );
        let body = with(&format!("p{at}"), json!({ "preferredLanguage": sent }));
        assert_eq!(world.create(body).await.unwrap()["preferredLanguage"], kept, "{sent}");
    }
}

/// a language awork has not is no error: the workspace's on create, as it was on update.
#[tokio::test]
async fn other_languages() {
    for (workspace, fallback) in
        [("de-DE", "de-DE"), ("en-GB", "en-GB"), ("fr-FR", "en-GB"), ("de-AT", "en-GB")]
    {
        let world = World::of(&WorkspaceSetup { language: workspace.into(), ..setup() }).await;
        let id = world.person("cleo").await;
        assert_eq!(world.get("User", &id).await.unwrap()["preferredLanguage"], fallback, "by hand");
        for (at, sent) in ["fr-FR", "xx", "", " "].into_iter().enumerate() {
            let body = with(&format!("p{at}"), json!({ "preferredLanguage": sent }));
            let answer = world.create_answer("User", body).await.unwrap();
            assert_eq!(answer.resource["preferredLanguage"], fallback, "{sent:?} in {workspace}");
            assert!(answer.warnings[0].starts_with("preferredLanguage: "), "{:?}", answer.warnings);
            world.set(&id, "preferredLanguage", json!("de-DE")).await.unwrap();
            let answer =
                world.put_answer("User", &id, user(json!({ "preferredLanguage": sent }))).await.unwrap();
            assert_eq!(answer.resource["preferredLanguage"], "de-DE");
            assert_eq!(answer.warnings.len(), 1);
        }
        let removed = json!([{ "op": "remove", "path": "preferredLanguage" }]);
        let answer = world.patch_answer("User", &id, removed).await.unwrap();
        assert_eq!((&answer.resource["preferredLanguage"], answer.warnings.len()), (&json!("de-DE"), 1));
    }
}

/// `locale` is another thing, and ignored.
#[tokio::test]
async fn the_locale_is_ignored() {
    let world = World::new().await;
    let lea = world.create(with("lea", json!({ "locale": "en-GB" }))).await.unwrap();
    assert_eq!((&lea["preferredLanguage"], lea.get("locale")), (&json!("de-DE"), None));
    let body = json!({ "locale": "de-DE", "preferredLanguage": "en-GB" });
    let changed = world.put("User", lea["id"].as_str().unwrap(), user(body)).await.unwrap();
    assert_eq!((&changed["preferredLanguage"], changed.get("locale")), (&json!("en-GB"), None));
}

/// the switch that takes German variants for German.
#[tokio::test]
async fn german_variants() {
    let world = World::new().await;
    world.edit_workspace(|workspace| workspace.german_variants_as_german = true).await;
    let lea = world.create(with("lea", json!({ "preferredLanguage": "de-AT" }))).await.unwrap();
    assert_eq!(lea["preferredLanguage"], "de-DE");
    let changed = world.set(&world.person("cleo").await, "preferredLanguage", json!("de-CH")).await.unwrap();
    assert_eq!(changed["preferredLanguage"], "de-DE");
}

/// D-53, A-6, A-7: an IANA zone in its own spelling, for the account too; a Windows name with a warning.
#[tokio::test]
async fn zones() {
    let world = World::new().await;
    let id = world.person("dan").await;
    for (sent, kept, warnings) in [
        ("Europe/Berlin", "Europe/Berlin", 0),
        ("europe/ROME", "Europe/Rome", 0),
        ("Asia/Calcutta", "Asia/Calcutta", 0),
        ("W. Europe Standard Time", "Europe/Berlin", 1),
    ] {
        let answer = world.put_answer("User", &id, user(json!({ "timezone": sent }))).await.unwrap();
        assert_eq!((&answer.resource["timezone"], answer.warnings.len()), (&json!(kept), warnings), "{sent}");
        assert_eq!(world.account_of(&id).await.1.time_zone.as_deref(), Some(kept));
    }
    let lea = world.create(with("lea", json!({ "timezone": "Romance Standard Time" }))).await.unwrap();
    assert_eq!(lea["timezone"], "Europe/Paris");
    assert_eq!(
        world.account_of(lea["id"].as_str().unwrap()).await.1.time_zone.as_deref(),
        Some("Europe/Paris")
    );
}

/// no zone that is known: refused, and nothing else of the request happens.
#[tokio::test]
async fn unknown_zones() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = (world.all("User").await, world.account_of(&id).await);
    for sent in ["Mars/Base", "CEST", "Berlin", "+01:00"] {
        let body = json!({ "timezone": sent, "title": "x", "name": { "givenName": "y" } });
        refused(world.put("User", &id, user(body.clone())).await, INVALID, &["timezone", sent]);
        refused(world.set(&id, "timezone", json!(sent)).await, INVALID, &["timezone", sent]);
        refused(world.create(with("lea", json!({ "timezone": sent }))).await, INVALID, &["timezone", sent]);
    }
    assert_eq!((world.all("User").await, world.account_of(&id).await), before);
}

/// an empty zone leaves the zone as it is; without one there is none.
#[tokio::test]
async fn empty_zones() {
    let world = World::new().await;
    let lea = world.create(with("lea", json!({ "timezone": "" }))).await.unwrap();
    assert_eq!(lea.get("timezone"), None);
    let id = lea["id"].as_str().unwrap();
    world.set(id, "timezone", json!("Europe/Rome")).await.unwrap();
    for sent in [json!(""), json!(" "), json!(null)] {
        let kept = world.put("User", id, user(json!({ "timezone": sent }))).await.unwrap();
        assert_eq!(kept["timezone"], "Europe/Rome");
        assert_eq!(world.account_of(id).await.1.time_zone.as_deref(), Some("Europe/Rome"));
    }
}

/// title and position are cleared by null, empty text and blanks, in PUT and PATCH.
#[tokio::test]
async fn optional_text_is_cleared() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for sent in [json!(""), json!(null), json!(" ")] {
        for verb in ["put", "patch"] {
            world.put("User", &id, user(json!({ "title": "T", "userType": "P" }))).await.unwrap();
            let body = json!({ "title": sent, "userType": sent });
            let cleared = match verb {
                "put" => world.put("User", &id, user(body)).await.unwrap(),
                _ => world.patch("User", &id, json!([{ "op": "replace", "value": body }])).await.unwrap(),
            };
            assert_eq!((cleared.get("title"), cleared.get("userType")), (None, None), "{verb} {sent}");
        }
    }
}

/// first and last name are not removed; a part that is not sent stays.
#[tokio::test]
async fn names_are_not_removed() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.get("User", &id).await.unwrap();
    for (name, word) in [
        (json!({ "givenName": "", "familyName": "x" }), "name.givenName"),
        (json!({ "givenName": null }), "name.givenName"),
        (json!({ "givenName": " " }), "name.givenName"),
        (json!({ "familyName": "" }), "name.familyName"),
        (json!(null), "name.givenName"),
    ] {
        let body = json!({ "name": name, "title": "x" });
        refused(world.put("User", &id, user(body.clone())).await, INVALID, &[word]);
        let pathless = json!([{ "op": "replace", "value": body }]);
        refused(world.patch("User", &id, pathless).await, INVALID, &[word]);
        refused(world.set(&id, "name", name).await, INVALID, &[word]);
    }
    for path in ["name.givenName", "name.familyName"] {
        refused(world.set(&id, path, json!("")).await, INVALID, &[path]);
        let remove = json!([{ "op": "remove", "path": path }]);
        refused(world.patch("User", &id, remove).await, INVALID, &[path]);
    }
    let flat = json!({ "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName": "" });
    refused(world.put("User", &id, user(flat)).await, INVALID, &["name.givenName"]);
    assert_eq!(world.get("User", &id).await.unwrap(), before);
    let half = world.put("User", &id, user(json!({ "name": { "familyName": "New" } }))).await.unwrap();
    assert_eq!(half["name"], json!({ "givenName": "cleo", "familyName": "New" }));
}

/// the last length that fits, and the first that does not.
#[tokio::test]
async fn lengths() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for (path, limit) in
        [("title", 100), ("userType", 1000), ("name.givenName", 1000), ("name.familyName", 1000)]
    {
        world.set(&id, path, json!("ü".repeat(limit))).await.unwrap();
        let words = [path, &(limit + 1).to_string(), &limit.to_string()];
        refused(world.set(&id, path, json!("ü".repeat(limit + 1))).await, INVALID, &words);
    }
    let longest = |length: usize| json!(format!("{}@w.example", "x".repeat(length - 10)));
    let lea = world.create(with("lea", json!({ "userName": longest(254) }))).await.unwrap();
    assert_eq!(lea["emails"][0]["value"], longest(254));
    refused(
        world.create(with("tom", json!({ "userName": longest(255) }))).await,
        INVALID,
        &["userName", "254"],
    );
}

/// D-6, D-7: a user whose names awork has not is not refused what has nothing to do with names.
#[tokio::test]
async fn an_unnamed_user() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    world.edit_user(&id, |document| document.set(None, "name", Some(json!({ "givenName": "cleo" })))).await;
    let off = world.put("User", &id, user(json!({ "active": false, "title": "x" }))).await.unwrap();
    assert_eq!((&off["active"], &off["name"]), (&json!(false), &json!({ "givenName": "cleo" })));
    let named = world.set(&id, "name.familyName", json!("Smith")).await.unwrap();
    assert_eq!(named["name"], json!({ "givenName": "cleo", "familyName": "Smith" }) as Value);
}

/// operations follow one another, so what a later one leaves as it is has been set by an earlier.
#[tokio::test]
async fn set_and_cleared_in_one_patch() {
    for (path, was, set, other, unknown) in [
        ("timezone", "Europe/Rome", "Asia/Tokyo", "Europe/Berlin", None),
        ("preferredLanguage", "en-GB", "de-DE", "en-GB", Some("fr-FR")),
    ] {
        let replace = |value: &str| json!({ "op": "replace", "path": path, "value": value });
        let together = |value: &str| json!({ "op": "replace", "value": { path: value } });
        let remove = json!({ "op": "remove", "path": path });
        let mut table = vec![
            (json!([replace(set), remove]), set),
            (json!([replace(set), replace("")]), set),
            (json!([together(set), together("")]), set),
            (json!([replace(set), { "op": "replace", "path": path, "value": null }]), set),
            (json!([replace(other), replace(set), remove, replace(" ")]), set),
            (json!([remove, replace(set)]), set),
            (json!([remove, replace("")]), was),
            (json!([replace(set), remove, replace(other)]), other),
        ];
        if let Some(unknown) = unknown {
            table.push((json!([replace(set), replace(unknown)]), set));
            table.push((json!([replace(unknown), remove]), was));
        }
        for (operations, now) in table {
            let world = World::new().await;
            let id = world.person("cleo").await;
            world.set(&id, path, json!(was)).await.unwrap();
            let patched = world.patch("User", &id, operations.clone()).await.unwrap();
            assert_eq!(patched[path], now, "{operations}");
            if path == "timezone" {
                assert_eq!(world.account_of(&id).await.1.time_zone.as_deref(), Some(now), "{operations}");
            }
        }
    }
}
