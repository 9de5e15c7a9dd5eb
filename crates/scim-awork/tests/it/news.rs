//! What others are told: e-mails to people who come back, and changes to who listens.

use std::sync::{Arc, Mutex};

use scim_awork::{
    Activation, AworkEvent, ChangeListener, Changed, Changes, Deliveries, Language, Mail, MailSubject,
    Operation,
};
use scim_engine::outbox::DeliveryError;
use scim_engine::store::TenantId;
use serde_json::json;

use crate::any_store::Place;
use crate::booking::Post;
use crate::world::{EXT, NO_SEAT, World, minimal, refused, setup, user, with};

async fn mails(world: &World) -> Vec<Mail> {
    let mail = |event| match event {
        AworkEvent::Mail(mail) => Some(mail),
        _ => None,
    };
    world.outbox().await.into_iter().filter_map(mail).collect()
}

/// D-31, A-14, D-17: each reactivation of a person who was active before is one e-mail, to the login, in
/// the person's language; an import, a first activation and any other change are none.
#[tokio::test]
async fn who_comes_back_gets_a_mail() {
    let world = World::new().await;
    let lea = world.create(with("lea", json!({ "preferredLanguage": "en" }))).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    let first = world.create(with("first", json!({ "active": false }))).await.unwrap();
    let first = first["id"].as_str().unwrap();
    world.set(first, "active", json!("True")).await.unwrap();
    world.set(id, "active", json!(true)).await.unwrap();
    world.set(id, "active", json!("False")).await.unwrap();
    world
        .put("User", id, user(json!({ "title": "x", "emails": [{ "value": "o@x.example" }] })))
        .await
        .unwrap();
    assert_eq!(mails(&world).await, []);
    world.set(id, "active", json!("True")).await.unwrap();
    let mail = Mail {
        subject: MailSubject::Reactivated,
        to: "lea@w.example".into(),
        given_name: "lea".into(),
        language: Language::EnGb,
        workspace: "w".into(),
    };
    assert_eq!(mails(&world).await, [mail]);
    world.set(first, "active", json!(false)).await.unwrap();
    world.put("User", first, user(json!({ "active": true, "userName": "second@w.example" }))).await.unwrap();
    let mails = mails(&world).await;
    assert_eq!(
        (mails.len(), mails[1].to.as_str(), mails[1].language),
        (2, "second@w.example", Language::DeDe)
    );
}

/// D-31: people who were deactivated in awork before SCIM come to them had never been active there.
#[tokio::test]
async fn never_active_before() {
    let world = World::new().await;
    let dan = world.person("dan").await;
    world.set(&dan, "active", json!(true)).await.unwrap();
    assert_eq!(mails(&world).await, []);
    world.set(&dan, "active", json!(false)).await.unwrap();
    world.set(&dan, "active", json!(true)).await.unwrap();
    assert_eq!(mails(&world).await.len(), 1);
}

/// D-24: who is brought back by a create gets the mail, too, if they were active before and are
/// now; without a seat nobody comes back, and nobody gets a mail.
#[tokio::test]
async fn who_is_created_again_gets_a_mail() {
    let world = World::with_seats(6).await;
    let (cleo, dan) = (world.person("cleo").await, world.person("dan").await);
    world.delete("User", &cleo).await.unwrap();
    world.delete("User", &dan).await.unwrap();
    world.create(with("cleo", json!({ "active": false }))).await.unwrap();
    assert_eq!(mails(&world).await, []);
    world.delete("User", &cleo).await.unwrap();
    world.create(minimal("cleo")).await.unwrap();
    assert_eq!(
        mails(&world).await.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["cleo@w.example"]
    );
    world.create(minimal("dan")).await.unwrap();
    assert_eq!(mails(&world).await.len(), 1, "Dan had never been active");
    world.delete("User", &cleo).await.unwrap();
    world.create(minimal("x")).await.unwrap();
    refused(world.create(minimal("cleo")).await, NO_SEAT, &[]);
    assert_eq!(mails(&world).await.len(), 1);
}

/// D-31: of many reactivations of one person at once one has an effect, and there is one mail, on every store.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_mail_for_one_reactivation() {
    for place in Place::all() {
        let (world, post) = (World::at(place, &setup()).await, Post::default());
        let bob = world.person("bob").await;
        world.set(&bob, "active", json!(false)).await.unwrap();
        let tasks: Vec<_> = (0..12)
            .map(|_| {
                let (world, bob) = (world.clone(), bob.clone());
                tokio::spawn(async move { world.set(&bob, "active", json!(true)).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(mails(&world).await.len(), 1);
        let world = world.restarted().await;
        let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
        world.work(&mut worker).await;
        world.work(&mut worker).await;
        assert_eq!(post.mails.lock().unwrap().len(), 1);
    }
}

/// Ends the sessions of who may no longer sign in, and remembers all that it hears.
#[derive(Clone, Default)]
struct Sessions {
    heard: Arc<Mutex<Vec<(String, Changed)>>>,
    ended: Arc<Mutex<Vec<String>>>,
}

impl ChangeListener for Sessions {
    async fn changed(&self, workspace: &TenantId, changed: &Changed, _: &str) -> Result<(), DeliveryError> {
        self.heard.lock().unwrap().push((workspace.to_string(), changed.clone()));
        if changed.activation == Some(Activation::Deactivated) {
            self.ended.lock().unwrap().extend(changed.people.iter().cloned());
        }
        Ok(())
    }
}

/// D-30, D-7: whoever listens hears of every change in order, workspace by workspace, and so of who may no
/// longer sign in; what changes nothing and what is refused is no news.
#[tokio::test(flavor = "multi_thread")]
async fn listeners_hear_of_every_change() {
    for place in Place::all() {
        let world = World::at(place, &setup()).await;
        let second = world.second_workspace().await;
        let (bob, cleo, dan) =
            (world.person("bob").await, world.person("cleo").await, world.person("dan").await);
        let sessions = Sessions::default();
        let mut worker = world.worker().with_consumer(Changes(sessions.clone()));
        let lea = second.create(minimal("lea")).await.unwrap();
        let lea = lea["id"].as_str().unwrap().to_owned();
        world.set(&cleo, "active", json!("False")).await.unwrap();
        world.set(&cleo, "active", json!("False")).await.unwrap();
        world.set(&cleo, "title", json!("x".repeat(101))).await.unwrap_err();
        let viewers = world.group("Viewer").await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": bob }, { "value": dan }] }]);
        world.patch("Group", &viewers, add.clone()).await.unwrap();
        world.patch("Group", &viewers, add).await.unwrap();
        world.set(&dan, &format!("{EXT}:teams"), json!("Ops")).await.unwrap();
        world.work(&mut worker).await;
        world.delete("User", &bob).await.unwrap();
        second.delete("User", &lea).await.unwrap();
        world.create(minimal("bob")).await.unwrap();
        world.work(&mut worker).await;
        let heard = sessions.heard.lock().unwrap().clone();
        let of = |workspace: &str| {
            let heard = heard.iter().filter(|(from, _)| from == workspace);
            heard
                .map(|(_, changed)| (changed.operation, changed.people.clone(), changed.activation))
                .collect::<Vec<_>>()
        };
        let (on, off) = (Some(Activation::Activated), Some(Activation::Deactivated));
        assert_eq!(
            of("w"),
            [
                (Operation::Update, vec![cleo.clone()], off),
                (Operation::Assign, vec![bob.clone(), dan.clone()], None),
                (Operation::Update, vec![dan], None),
                (Operation::Delete, vec![bob.clone()], off),
                (Operation::Create, vec![bob.clone()], on),
            ]
        );
        assert_eq!(
            of("v"),
            [(Operation::Create, vec![lea.clone()], on), (Operation::Delete, vec![lea.clone()], off)]
        );
        let mut ended = sessions.ended.lock().unwrap().clone();
        ended.sort();
        let mut expected = vec![cleo, bob, lea];
        expected.sort();
        assert_eq!(ended, expected);
    }
}
