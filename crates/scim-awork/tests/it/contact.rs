//! E-mails, phones, addresses and messengers.

use serde_json::json;

use crate::world::{INVALID, World, minimal, refused, user, with};

/// D-55: the first work e-mail is the primary one, whatever the flags say, and the only one.
#[tokio::test]
async fn the_primary_email() {
    let world = World::new().await;
    for (at, (sent, primary)) in [
        (json!([{ "value": "a@x.example", "type": "home" }, { "value": "b@x.example", "type": "work" }]), Some("b")),
        (json!([{ "value": "a@x.example", "type": "home", "primary": true }, { "value": "b@x.example", "type": "work" }]), Some("b")),
        (json!([{ "value": "a@x.example", "type": "work" }, { "value": "b@x.example", "type": "work", "primary": true }]), Some("a")),
        (json!([{ "value": "a@x.example", "type": "home", "primary": true }]), Some("a")),
        (json!([{ "value": "a@x.example", "type": "home" }]), None),
    ]
    .into_iter()
    .enumerate()
    {
        let lea = world.create(with(&format!("p{at}"), json!({ "emails": sent }))).await.unwrap();
        let flagged: Vec<_> = lea["emails"].as_array().unwrap().iter().filter(|email| email["primary"] == true).collect();
        let values: Vec<_> = flagged.iter().map(|email| email["value"].as_str().unwrap()).collect();
        assert_eq!(values, primary.map(|name| format!("{name}@x.example")).into_iter().collect::<Vec<_>>(), "{sent}");
    }
    let id = world.person("cleo").await;
    let other = json!([{ "op": "add", "path": "emails", "value": [{ "value": "h@x.example", "type": "home", "primary": true }] }]);
    let emails = world.patch("User", &id, other).await.unwrap()["emails"].clone();
    assert_eq!(
        emails,
        json!([
            { "value": "cleo@w.example", "type": "work", "primary": true },
            { "value": "h@x.example", "type": "home", "primary": false },
        ])
    );
}

/// D-55: several primary flags are no fault, by whatever request they come.
#[tokio::test]
async fn several_primary_flags() {
    let world = World::new().await;
    let sent = json!([
        { "value": "h@x.example", "type": "home", "primary": true },
        { "value": "a@x.example", "type": "work", "primary": true },
        { "value": "b@x.example", "type": "work", "primary": true },
    ]);
    let kept = json!([
        { "value": "h@x.example", "type": "home", "primary": false },
        { "value": "a@x.example", "type": "work", "primary": true },
        { "value": "b@x.example", "type": "work", "primary": false },
    ]);
    let lea = world.create(with("lea", json!({ "emails": sent }))).await.unwrap();
    assert_eq!(lea["emails"], kept);
    let id = world.person("cleo").await;
    assert_eq!(world.put("User", &id, user(json!({ "emails": sent }))).await.unwrap()["emails"], kept);
    assert_eq!(world.set(&id, "emails", sent.clone()).await.unwrap()["emails"], kept);
    for operation in [
        json!({ "op": "replace", "value": { "emails": sent } }),
        json!({ "op": "add", "path": "emails", "value": sent }),
        json!({ "op": "replace", "path": "emails[type eq \"work\"].primary", "value": true }),
    ] {
        let patched = world.patch("User", &id, json!([operation])).await.unwrap();
        assert_eq!(patched["emails"], kept, "{operation}");
    }
    // Of other lists awork settles nothing.
    let phones = json!([{ "value": "1", "primary": true }, { "value": "2", "primary": true }]);
    refused(world.put("User", &id, user(json!({ "phoneNumbers": phones }))).await, INVALID, &["primary"]);
}

/// A-41, D-57: an entry without a type is a work one, of a messenger another one; types stay as sent.
#[tokio::test]
async fn types() {
    let world = World::new().await;
    let lea = world
        .create(with("lea", json!({
            "emails": [{ "value": "l@x.example" }],
            "phoneNumbers": [{ "value": "1" }, { "value": "2", "type": "pager" }, { "value": "3", "type": "" }],
            "addresses": [{ "locality": "Ulm" }, { "locality": "Bonn", "type": "summer" }],
            "ims": [{ "value": "lea" }],
        })))
        .await
        .unwrap();
    assert_eq!(lea["emails"], json!([{ "value": "l@x.example", "type": "work", "primary": true }]));
    assert_eq!(
        lea["phoneNumbers"],
        json!([
            { "value": "1", "type": "work" }, { "value": "2", "type": "pager" }, { "value": "3", "type": "work" },
        ])
    );
    assert_eq!(
        lea["addresses"],
        json!([
            { "locality": "Ulm", "type": "work" }, { "locality": "Bonn", "type": "summer" },
        ])
    );
    assert_eq!(lea["ims"], json!([{ "value": "lea", "type": "other" }]));
}

/// A-38, D-5, A-35: a list that is sent takes the place of the old one, what was added by hand included.
#[tokio::test]
async fn a_list_replaces() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for (list, by_hand, sent) in [
        (
            "emails",
            json!([{ "value": "hand@x.example", "type": "work" }]),
            json!([{ "value": "n@x.example", "type": "home" }]),
        ),
        ("phoneNumbers", json!([{ "value": "1", "type": "work" }]), json!([{ "value": "2", "type": "fax" }])),
        (
            "addresses",
            json!([{ "locality": "Ulm", "type": "work" }]),
            json!([{ "locality": "Bonn", "type": "home" }]),
        ),
        ("ims", json!([{ "value": "x", "type": "skype" }]), json!([{ "value": "y", "type": "whatsapp" }])),
    ] {
        for verb in ["put", "patch"] {
            world.edit_user(&id, |document| document.set(None, list, Some(by_hand.clone()))).await;
            let answer = match verb {
                "put" => world.put("User", &id, user(json!({ list: sent }))).await.unwrap(),
                _ => world.set(&id, list, sent.clone()).await.unwrap(),
            };
            assert_eq!(answer[list], sent, "{verb} {list}");
            let cleared = match verb {
                "put" => world.put("User", &id, user(json!({ list: [] }))).await.unwrap(),
                _ => world.set(&id, list, json!([])).await.unwrap(),
            };
            assert_eq!(cleared.get(list), None, "{verb} {list}");
        }
    }
}

/// A-38, D-51: a path with a filter changes what it matches, or makes it; the others stay.
#[tokio::test]
async fn a_filter_changes_one_entry() {
    let world = World::new().await;
    let home = json!({ "value": "h@x.example", "type": "home" });
    let lea = world.create(with("lea", json!({ "emails": [home] }))).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    let path = "emails[type eq \"work\"].value";
    let made = world.set(id, path, json!("w@x.example")).await.unwrap()["emails"].clone();
    assert_eq!(made, json!([home, { "value": "w@x.example", "type": "work", "primary": true }]));
    let changed = world.set(id, path, json!("v@x.example")).await.unwrap()["emails"].clone();
    assert_eq!(changed, json!([home, { "value": "v@x.example", "type": "work", "primary": true }]));
    let removed = json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }]);
    assert_eq!(world.patch("User", id, removed).await.unwrap()["emails"], json!([home]));
    let phone = json!([{ "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 1" }]);
    assert_eq!(
        world.patch("User", id, phone).await.unwrap()["phoneNumbers"],
        json!([{ "value": "+49 1", "type": "mobile" }])
    );
}

/// an entry without a value is dropped; a new user has a work e-mail all the same.
#[tokio::test]
async fn entries_without_a_value() {
    let world = World::new().await;
    let default = json!([{ "value": "lea@w.example", "type": "work", "primary": true }]);
    for sent in [
        json!([]),
        json!(null),
        json!([{ "value": "", "type": "work", "primary": true }]),
        json!([{ "value": " " }]),
    ] {
        let lea = world.create(with("lea", json!({ "emails": sent }))).await.unwrap();
        assert_eq!(lea["emails"], default, "{sent}");
        let id = lea["id"].as_str().unwrap();
        let kept = json!([{ "value": "a@x.example", "type": "work", "primary": true }, { "value": "" }]);
        let changed = world.put("User", id, user(json!({ "emails": kept, "phoneNumbers": [{ "value": "", "type": "work" }], "addresses": [{ "type": "work", "locality": " " }] }))).await.unwrap();
        assert_eq!(changed["emails"], json!([kept[0]]));
        assert_eq!((changed.get("phoneNumbers"), changed.get("addresses")), (None, None));
        let cleared = world.put("User", id, user(json!({ "emails": sent }))).await.unwrap();
        assert_eq!(cleared.get("emails"), None, "an update clears: {sent}");
        let none = format!("x-{}@w.example", world.all("User").await.len());
        world.set(id, "userName", json!(none)).await.unwrap();
    }
}

/// countries by code or English name, e-mails and parts of an address as long as awork keeps them.
#[tokio::test]
async fn what_awork_cannot_keep() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.get("User", &id).await.unwrap();
    for (list, sent, word) in [
        ("addresses", json!([{ "country": "Entenhausen" }]), "`Entenhausen`"),
        ("addresses", json!([{ "country": "DEU" }]), "`DEU`"),
        ("addresses", json!([{ "locality": "x".repeat(101) }]), "addresses.locality"),
        ("addresses", json!([{ "streetAddress": "x".repeat(101) }]), "addresses.streetAddress"),
        ("emails", json!([{ "value": "x".repeat(255) }]), "emails.value"),
    ] {
        refused(world.put("User", &id, user(json!({ list: sent }))).await, INVALID, &[list, word]);
        refused(world.set(&id, list, sent).await, INVALID, &[list, word]);
    }
    assert_eq!(world.get("User", &id).await.unwrap(), before);
    for country in ["DE", "Germany", "uk"] {
        let sent = json!([{ "country": country, "type": "work" }]);
        assert_eq!(world.set(&id, "addresses", sent.clone()).await.unwrap()["addresses"], sent);
    }
}

/// D-54, A-33: entries that become the same are one, be it by their type or by following the user name.
#[tokio::test]
async fn the_same_entry_twice() {
    let world = World::new().await;
    let id = world.create(minimal("lea")).await.unwrap()["id"].as_str().unwrap().to_owned();
    let sent = json!({ "emails": [{ "value": "a@x.example" }, { "value": "a@x.example", "type": "work", "display": "A" }] });
    let one = json!([{ "value": "a@x.example", "type": "work", "primary": true, "display": "A" }]);
    assert_eq!(world.put("User", &id, user(sent)).await.unwrap()["emails"], one);
    for (list, entry) in [
        ("emails", json!({ "value": "a@x.example" })),
        ("phoneNumbers", json!({ "value": "1" })),
        ("addresses", json!({ "locality": "Ulm" })),
    ] {
        let add = json!([{ "op": "add", "path": list, "value": [entry] }]);
        let first = world.patch("User", &id, add.clone()).await.unwrap();
        assert_eq!(first[list].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(world.patch("User", &id, add).await.unwrap(), first, "{list}");
    }
    let both =
        json!([{ "value": "lea@w.example", "type": "work" }, { "value": "eva@w.example", "type": "work" }]);
    world.set(&id, "emails", both).await.unwrap();
    let renamed = world.set(&id, "userName", json!("eva@w.example")).await.unwrap();
    let followed =
        renamed["emails"].as_array().unwrap().iter().map(|email| &email["value"]).collect::<Vec<_>>();
    assert_eq!(followed, ["eva@w.example"]);
}
