//! Creating and finding people.

use serde_json::{Value, json};

use scim_awork::AworkEvent;

use crate::world::{EXT, INVALID, World, minimal, refused, user, with};

/// D-3, D-21, D-71: first name, last name and e-mail are enough; the rest has a default.
#[tokio::test]
async fn the_minimal_person() {
    let world = World::new().await;
    let user = world.create(minimal("lea")).await.unwrap();
    assert_eq!(user["active"], true);
    assert_eq!(user["preferredLanguage"], "de-DE");
    assert_eq!(user["emails"], json!([{ "value": "lea@w.example", "type": "work", "primary": true }]));
    assert_eq!(user[EXT], json!({ "absenceRegion": "Berlin", "userRole": "Viewer" }));
    assert_eq!(user["groups"][0]["display"], "Viewer");
    assert_eq!(user["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", EXT]));
    assert_eq!(world.find("User", "userName eq \"LEA@w.example\"").await, [user]);
}

/// D-3, A-29, A-40: what is missing is named, and nobody is created.
#[tokio::test]
async fn the_minimal_set_is_required() {
    let world = World::new().await;
    let before = world.all("User").await;
    let name = json!({ "givenName": "Lea", "familyName": "New" });
    for (body, word) in [
        (json!({ "name": name }), "userName"),
        (json!({ "userName": "", "name": name }), "userName"),
        (json!({ "userName": null, "name": name }), "userName"),
        (json!({ "userName": " ", "name": name }), "userName"),
        (json!({ "userName": "lea", "name": name }), "`lea`"),
        (json!({ "userName": "lea@localhost", "name": name }), "`lea@localhost`"),
        (json!({ "userName": "lea@w.example" }), "name.givenName"),
        (json!({ "userName": "lea@w.example", "name": null }), "name.givenName"),
        (json!({ "userName": "lea@w.example", "name": {} }), "name.givenName"),
        (json!({ "userName": "lea@w.example", "name": { "familyName": "New" } }), "name.givenName"),
        (json!({ "userName": "lea@w.example", "name": { "givenName": "Lea" } }), "name.familyName"),
        (
            json!({ "userName": "lea@w.example", "name": { "givenName": "Lea", "familyName": "" } }),
            "name.familyName",
        ),
        (
            json!({ "userName": "lea@w.example", "name": { "givenName": " ", "familyName": "x" } }),
            "name.givenName",
        ),
    ] {
        refused(world.create(user(body)).await, INVALID, &[word]);
    }
    assert_eq!(world.all("User").await, before);
}

/// D-13, A-44, D-84: everyone is found, deactivated people and guests too, but no technical users; whose
/// e-mail one of those has is not told to look them up.
#[tokio::test]
async fn everyone_is_visible() {
    let world = World::new().await;
    let names: Vec<_> =
        world.all("User").await.iter().map(|user| user["name"]["givenName"].clone()).collect();
    assert_eq!(names, ["ada", "bob", "cleo", "dan", "gus", "olga"]);
    assert_eq!(world.find("User", "active eq false").await[0]["name"]["givenName"], "dan");
    assert_eq!(world.find("User", "userName eq \"gus@w.example\"").await[0][EXT]["userRole"], "Guest");
    for hidden in ["api", "robot", "partner", "past"] {
        assert_eq!(
            world.find("User", &format!("userName eq \"{hidden}@w.example\"")).await,
            [] as [Value; 0]
        );
        let taken = world.create(minimal(hidden)).await;
        let words = ["userName", hidden, "SCIM does not manage"];
        refused(taken, (409, Some("uniqueness"), "already-exist-error"), &words);
    }
}

/// D-14: the account e-mail is the key, not a contact e-mail, be it the primary work one.
#[tokio::test]
async fn the_match_key() {
    let world = World::new().await;
    let emails = json!([{ "value": "work@w.example", "type": "work", "primary": true }]);
    let lea = world.create(with("lea", json!({ "emails": emails }))).await.unwrap();
    assert_eq!(lea["emails"], emails);
    assert_eq!(world.find("User", "userName eq \"work@w.example\"").await, [] as [Value; 0]);
    assert_eq!(world.find("User", "emails.value eq \"work@w.example\"").await, [lea]);
    world.create(minimal("work")).await.unwrap();
}

/// D-16, A-28, A-30: whoever is there, active or not, is a conflict in any spelling.
#[tokio::test]
async fn a_second_person_of_that_name() {
    let world = World::new().await;
    let before = world.all("User").await;
    for name in ["ada@w.example", "ADA@W.example", " ada@w.example ", "dan@w.example", "gus@w.example"] {
        let twice = world.create(with("x", json!({ "userName": name }))).await;
        refused(twice, (409, Some("uniqueness"), "already-exist-error"), &["userName", name.trim()]);
    }
    assert_eq!(world.all("User").await, before);
}

/// D-16, D-2: a person found by the account e-mail is updated in place.
#[tokio::test]
async fn a_match_is_updated_in_place() {
    let world = World::new().await;
    let found = world.find("User", "userName eq \"CLEO@w.example\"").await;
    let id = found[0]["id"].as_str().unwrap();
    let changed = world
        .patch(
            "User",
            id,
            json!([{ "op": "replace", "value": { "name": { "familyName": "Married" }, "title": "Dr." } }]),
        )
        .await
        .unwrap();
    assert_eq!((changed["id"].as_str(), &changed["title"]), (Some(id), &json!("Dr.")));
    assert_eq!(changed["name"], json!({ "givenName": "cleo", "familyName": "Married" }));
    assert_eq!(changed["userName"], "cleo@w.example");
}

/// D-17, D-18, D-4: an import is complete at once; nobody is written to, neither person nor provider. The
/// outbox tells who has changed, to awork itself, and no value.
#[tokio::test]
async fn nothing_leaves_the_service() {
    let world = World::new().await;
    let lea = world.create(minimal("lea")).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    assert_eq!(world.user_record(id).await.extra["wasActive"], true);
    world.set(id, "title", json!("x")).await.unwrap();
    world.set(id, "active", json!(false)).await.unwrap();
    world.delete("User", id).await.unwrap();
    let told: Vec<_> = world.outbox().await;
    assert!(told.iter().all(|event| matches!(event, AworkEvent::Changed(_))), "{told:?}");
    assert_eq!(told.len(), 4);
}

/// D-43, A-43: the default template of OneLogin creates an active user and comes back as it was sent.
#[tokio::test]
async fn the_onelogin_template() {
    let world = World::new().await.for_provider("onelogin");
    let template = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "lea@w.example",
        "name": { "givenName": "Lea", "familyName": "Berg" },
        "emails": [{ "value": "lea@w.example", "type": "work", "primary": true }],
    });
    let lea = world.create(template.clone()).await.unwrap();
    for part in ["userName", "name", "emails"] {
        assert_eq!(lea[part], template[part]);
    }
    assert_eq!(lea["active"], true);
    assert_eq!(lea[EXT]["userRole"], "Viewer");
}

/// D-44, D-8, D-54: every mapped field can be sent at once.
#[tokio::test]
async fn every_mapped_field() {
    let world = World::new().await;
    let sent = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXT],
        "externalId": "ext-1",
        "userName": "lea@w.example",
        "name": { "givenName": "Lea", "familyName": "Berg" },
        "title": "Dr.",
        "userType": "Designer",
        "preferredLanguage": "en-GB",
        "timezone": "Europe/Berlin",
        "active": true,
        "emails": [{ "value": "l@w.example", "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+49 30 1", "type": "mobile" }],
        "addresses": [{ "type": "home", "streetAddress": "Weg 1", "locality": "Ulm", "country": "DE" }],
        "ims": [{ "value": "lea", "type": "skype" }],
        EXT: { "teams": "Sales, Design", "absenceRegion": "Bayern", "userRole": "User" },
    });
    let lea = world.create(sent.clone()).await.unwrap();
    for (key, value) in sent.as_object().unwrap() {
        assert_eq!(&lea[key], value, "{key}");
    }
    assert_eq!(world.find("User", "externalId eq \"ext-1\"").await, [lea]);
}

/// D-81, D-51, A-34: what awork does not keep is taken and ignored.
#[tokio::test]
async fn what_is_not_kept_is_ignored() {
    let world = World::new().await;
    let sent = with(
        "lea",
        json!({
            "photos": [{ "value": "https://x.example/p.jpg", "type": "photo" }],
            "nickName": "L",
            "locale": "de-AT",
            "password": "secret-secret",
            "roles": [{ "value": "Admin" }],
            "entitlements": [{ "value": "x" }],
            "unheardOf": 1,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "x" },
        }),
    );
    let mut sent = sent;
    sent["name"]["honorificPrefix"] = json!("Dr.");
    let lea = world.create(sent).await.unwrap();
    for key in ["photos", "nickName", "locale", "password", "roles", "entitlements", "unheardOf", "title"] {
        assert_eq!(lea.get(key), None, "{key}");
    }
    assert_eq!(lea["name"], json!({ "givenName": "lea", "familyName": "New" }));
    assert_eq!(lea["preferredLanguage"], "de-DE");
    let id = lea["id"].as_str().unwrap();
    let photo = json!([{ "op": "add", "path": "photos", "value": [{ "value": "https://x.example/p.jpg" }] }]);
    assert_eq!(world.patch("User", id, photo).await.unwrap(), lea);
}

/// D-49: the look-up of a connection test finds nobody, and that is no error.
#[tokio::test]
async fn a_connection_test() {
    let world = World::new().await.for_provider("entra-id");
    let filter = "userName eq \"4f2c1d9a-7f0e-4a57-9c2b-2f7a9c0b1d3e\"";
    assert_eq!(world.find("User", filter).await, [] as [Value; 0]);
}

/// D-20, D-1: nothing about people tells whether SCIM has ever touched them, and all is said in SCIM 2.0.
#[tokio::test]
async fn nobody_is_marked() {
    let world = World::new().await;
    let (bob, cleo) = (world.person("bob").await, world.person("cleo").await);
    world.put("User", &cleo, user(json!({ "timezone": null, "active": true }))).await.unwrap();
    world.set(&cleo, "title", json!("x")).await.unwrap();
    world.set(&cleo, "title", json!("")).await.unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (untouched, touched) =
        (world.get("User", &bob).await.unwrap(), world.get("User", &cleo).await.unwrap());
    assert_eq!(keys(&untouched), keys(&touched));
    assert_eq!(keys(&untouched["meta"]), keys(&touched["meta"]));
    let (untouched, touched) = (world.user_record(&bob).await, world.user_record(&cleo).await);
    assert!(untouched.extra.keys().eq(touched.extra.keys()), "{:?} {:?}", untouched.extra, touched.extra);
    let schemas = world.get("User", &cleo).await.unwrap()["schemas"].clone();
    assert!(
        schemas.as_array().unwrap().iter().all(|uri| uri.as_str().unwrap().contains(":2.0:")),
        "{schemas}"
    );
}
