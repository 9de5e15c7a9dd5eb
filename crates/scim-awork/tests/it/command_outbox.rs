//! What cannot be delivered: seen, sent again, given up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scim_awork::command::{Actor, DeadLetterView, DiscardDelivery, PendingView, RetryDeliveries};
use scim_awork::{DELIVERIES, Deliveries, Delivery, Invoice, Mail};
use scim_engine::outbox::{DeliveryError, Worker, WorkerConfig, dead_letters, pending};
use scim_engine::store::{Stream, TenantId};
use serde_json::json;

use crate::slip_store::SlipStore;
use crate::world::{INVALID, NOT_FOUND, World, refused};

/// A mail server that can be away.
#[derive(Clone, Default)]
struct Post {
    is_there: Arc<Mutex<bool>>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Post {
    fn comes_back(&self) {
        *self.is_there.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Delivery for Post {
    async fn mail(&self, mail: &Mail, _: &str) -> Result<(), DeliveryError> {
        if !*self.is_there.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(DeliveryError::Later("the mail server is away".into()));
        }
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail.to.clone());
        Ok(())
    }

    async fn invoice(&self, _: &Invoice, _: &str) -> Result<(), DeliveryError> {
        Ok(())
    }
}

fn worker(world: &World, post: &Post) -> Worker<SlipStore> {
    let config =
        WorkerConfig { first_wait: Duration::from_secs(60), most_tries: 3, ..WorkerConfig::default() };
    world.worker().with_consumer(Deliveries(post.clone())).with_config(config)
}

fn tenant() -> TenantId {
    TenantId::new("w").unwrap()
}

async fn dead(world: &World) -> Vec<DeadLetterView> {
    let letters = dead_letters(world.engine.store(), &tenant(), None, 10).await.unwrap();
    letters.iter().map(DeadLetterView::of).collect()
}

async fn waiting(world: &World) -> Vec<PendingView> {
    let now = world.context().now;
    let found = pending(world.engine.store(), &tenant(), &[DELIVERIES], 10).await.unwrap();
    found.iter().map(|pending| PendingView::of(pending, now)).collect()
}

/// The operations of the provisioning log that are about the outbox, and what they warn of.
async fn logged(world: &World) -> Vec<(String, String, String)> {
    let log = world.events(Stream::Log).await;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    log.iter()
        .map(|event| &event.body)
        .filter(|body| text(&body["operation"]).starts_with("outbox."))
        .map(|body| (text(&body["operation"]), text(&body["resource"]), text(&body["warnings"][0])))
        .collect()
}

/// D-31: an e-mail that fails again and again is a dead letter; retried, it is sent once.
#[tokio::test]
async fn fails_until_dead_and_is_retried() {
    let (world, post) = (World::new().await, Post::default());
    let mut worker = worker(&world, &post);
    for (name, active) in [("cleo", false), ("cleo", true), ("gus", false), ("gus", true)] {
        world.set(&world.person(name).await, "active", json!(active)).await.unwrap();
    }
    for (minute, attempts) in [(1, 1), (2, 2)] {
        let then = world.after(minute + 60);
        then.work(&mut worker).await;
        let seen = waiting(&then).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        for one in &seen {
            assert_eq!((one.attempts, one.consumer.as_str()), (attempts, "deliveries"), "{one:?}");
            assert_eq!(one.last_error.as_deref(), Some("the mail server is away"));
            assert!(one.next_attempt > Some(one.since) && one.age_seconds > 3_000, "{one:?}");
        }
        assert_eq!(seen[0].event, "e-mail about the reactivation to cleo@w.example");
        assert_eq!(dead(&world).await, []);
    }
    let then = world.after(70);
    then.work(&mut worker).await;
    assert_eq!(waiting(&then).await, []);
    let letters = dead(&world).await;
    let said: Vec<_> = letters.iter().map(|one| (one.attempts, one.last_error.as_str())).collect();
    assert_eq!(said, [(3, "the mail server is away"); 2]);
    post.comes_back();
    let done = then.command(RetryDeliveries { letters: vec![letters[0].id.clone()] }).await.unwrap();
    assert_eq!(done, letters[..1]);
    then.work(&mut worker).await;
    assert_eq!(post.sent(), ["cleo@w.example"]);
    let reason = "they have come by phone";
    let discard = |reason: &str| DiscardDelivery { letter: letters[1].id.clone(), reason: reason.into() };
    refused(then.command(discard(" ")).await, INVALID, &["reason"]);
    refused(then.command(discard(&"x".repeat(1_001))).await, INVALID, &["1000"]);
    let given_up = then.command(discard(reason)).await.unwrap();
    assert_eq!(given_up, letters[1]);
    then.work(&mut worker).await;
    assert_eq!((post.sent().len(), dead(&world).await, waiting(&then).await), (1, vec![], vec![]));
    let expected = [
        ("outbox.retry".into(), letters[0].id.clone(), String::new()),
        ("outbox.discard".into(), letters[1].id.clone(), format!("given up: {reason}")),
    ];
    assert_eq!(logged(&world).await, expected);
    refused(then.command(discard(reason)).await, NOT_FOUND, &["no dead letter"]);
    let gone = RetryDeliveries { letters: vec![letters[0].id.clone()] };
    refused(then.command(gone).await, NOT_FOUND, &["no dead letter"]);
}

/// D-35: only admins touch the outbox of their workspace, and of no other.
#[tokio::test]
async fn only_admins_touch_it() {
    let (world, post) = (World::new().await, Post::default());
    let other = world.second_workspace().await;
    let mut worker = worker(&world, &post);
    for active in [false, true] {
        world.set(&world.person("cleo").await, "active", json!(active)).await.unwrap();
    }
    for minute in [61, 62, 70] {
        world.after(minute).work(&mut worker).await;
    }
    let letter = dead(&world).await[0].id.clone();
    let discard = DiscardDelivery { letter: letter.clone(), reason: "no".into() };
    let by = |name: &str| Actor::User(format!("{name}@w.example"));
    let denied = (403, None, "unauthorized");
    refused(world.command_by(by("cleo"), discard.clone()).await, denied, &[]);
    refused(other.command(discard.clone()).await, NOT_FOUND, &[]);
    assert_eq!(dead(&world).await.len(), 1);
    world.command_by(by("ada"), discard).await.unwrap();
    assert_eq!(dead(&world).await, []);
}
