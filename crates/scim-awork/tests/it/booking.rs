//! Seats that are booked automatically, and their invoices.

use std::sync::{Arc, Mutex};

use scim_awork::{AworkEvent, Deliveries, Delivery, Invoice, Mail, WorkspaceSetup};
use scim_engine::outbox::DeliveryError;
use serde_json::json;
use tokio::task::JoinSet;

use crate::any_store::Place;
use crate::world::{EXT, MINUTE, NO_SEAT, START, World, minimal, refused, setup, with};

/// Keeps the invoices that it is given, and the e-mails. Clones keep them together.
#[derive(Clone, Default)]
pub(crate) struct Post {
    pub(crate) invoices: Arc<Mutex<Vec<Invoice>>>,
    pub(crate) mails: Arc<Mutex<Vec<Mail>>>,
}

impl Delivery for Post {
    async fn mail(&self, mail: &Mail, _: &str) -> Result<(), DeliveryError> {
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }

    async fn invoice(&self, invoice: &Invoice, _: &str) -> Result<(), DeliveryError> {
        self.invoices.lock().unwrap().push(invoice.clone());
        Ok(())
    }
}

impl Post {
    /// The minutes at which the windows opened and closed, and the seats.
    fn bills(&self) -> Vec<(i64, i64, u64)> {
        let minutes = |time: i64| (time - START) / MINUTE;
        let invoices = self.invoices.lock().unwrap();
        invoices.iter().map(|one| (minutes(one.from), minutes(one.until), one.seats)).collect()
    }
}

/// A workspace with automatic booking, in which one seat is free but for a third.
fn booking() -> WorkspaceSetup {
    WorkspaceSetup { seats: 5, automatic_booking: true, ..setup() }
}

/// D-26, A-52, D-25: bookings at 0, 10 and 29 minutes are on one invoice at 30; the one at 31 is on another,
/// at 61; whether the server was restarted in between, or not.
#[tokio::test(flavor = "multi_thread")]
async fn two_windows() {
    for restarts in [false, true] {
        for place in Place::all() {
            let mut world = World::at(place, &booking()).await;
            let post = Post::default();
            let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
            for (minute, person, bills) in [
                (0, Some("a"), vec![]),
                (10, Some("b"), vec![]),
                (29, Some("c"), vec![]),
                (30, None, vec![(0, 30, 3)]),
                (31, Some("d"), vec![(0, 30, 3)]),
                (60, None, vec![(0, 30, 3)]),
                (61, None, vec![(0, 30, 3), (31, 61, 1)]),
                (200, None, vec![(0, 30, 3), (31, 61, 1)]),
            ] {
                if restarts {
                    drop(worker);
                    world = world.restarted().await;
                    worker = world.worker().with_consumer(Deliveries(post.clone()));
                }
                let now = world.after(minute);
                if let Some(person) = person {
                    now.create(minimal(person)).await.unwrap();
                }
                now.work(&mut worker).await;
                assert_eq!(post.bills(), bills, "at {minute}, restarts {restarts}");
            }
            assert_eq!(world.seats().await, (25, 27));
            let ids: Vec<_> = post.invoices.lock().unwrap().iter().map(|one| one.id.clone()).collect();
            assert_ne!(ids[0], ids[1]);
        }
    }
}

/// D-26: an invoice that became due while no server ran is made out at the next start, for what was booked
/// in its window; a booking that comes before that start's work is in the next one.
#[tokio::test(flavor = "multi_thread")]
async fn due_while_nobody_worked() {
    for place in Place::all() {
        let world = World::at(place, &booking()).await;
        let post = Post::default();
        for (minute, person) in [(0, "a"), (29, "b")] {
            world.after(minute).create(minimal(person)).await.unwrap();
        }
        let world = world.restarted().await;
        let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
        world.after(45).create(minimal("c")).await.unwrap();
        world.after(46).work(&mut worker).await;
        assert_eq!(post.bills(), [(0, 30, 2)]);
        world.after(75).work(&mut worker).await;
        assert_eq!(post.bills(), [(0, 30, 2), (45, 75, 1)]);
        let invoices = world.outbox().await;
        let invoices = invoices.iter().filter(|event| matches!(event, AworkEvent::Invoice(_))).count();
        assert_eq!(invoices, 2);
    }
}

/// A-52, D-26: exactly 30 minutes after the first seat the next window opens; not a moment before.
#[tokio::test]
async fn the_half_open_window() {
    for (gap, bills) in [(29, vec![(0, 30, 2)]), (30, vec![(0, 30, 1), (30, 60, 1)])] {
        let (world, post) = (World::of(&booking()).await, Post::default());
        let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
        world.after(0).create(minimal("a")).await.unwrap();
        world.after(gap).create(minimal("b")).await.unwrap();
        world.after(90).work(&mut worker).await;
        assert_eq!(post.bills(), bills);
    }
}

/// D-27, D-28, D-25: who fits into free seats is on no invoice; nor is who comes into a seat that became free.
#[tokio::test]
async fn free_seats_cost_nothing() {
    let (world, post) = (World::of(&WorkspaceSetup { seats: 7, ..booking() }).await, Post::default());
    let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
    world.after(0).create(minimal("a")).await.unwrap();
    world.after(1).create(minimal("b")).await.unwrap();
    assert_eq!(world.seats().await, (19, 21));
    let third = world.after(2).create(minimal("c")).await.unwrap();
    world.after(3).set(third["id"].as_str().unwrap(), "active", json!(false)).await.unwrap();
    world.after(4).create(minimal("d")).await.unwrap();
    world.after(90).work(&mut worker).await;
    assert_eq!(post.bills(), [(2, 32, 1)]);
    assert_eq!(world.seats().await, (22, 24));
    let left = world.after(100).create(with("e", json!({ "active": false }))).await;
    left.unwrap();
    world.after(190).work(&mut worker).await;
    assert_eq!(post.bills().len(), 1);
}

/// D-26, A-53: whoever takes a seat is on the invoice: created, reactivated, come back, or a guest no more.
#[tokio::test]
async fn every_way_to_a_seat() {
    let (world, post) = (World::of(&booking()).await, Post::default());
    let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
    let (dan, gus, cleo) = (world.person("dan").await, world.person("gus").await, world.person("cleo").await);
    world.after(0).set(&dan, "active", json!(true)).await.unwrap();
    assert_eq!(world.seats().await, (16, 18));
    let viewers = world.group("Viewer").await;
    world.delete("User", &cleo).await.unwrap();
    world.after(1).create(minimal("x")).await.unwrap();
    world.after(1).create(minimal("cleo")).await.unwrap();
    assert_eq!(world.seats().await, (19, 21));
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": gus }] }]);
    world.after(2).patch("Group", &viewers, add).await.unwrap();
    assert_eq!(world.seats().await, (21, 21));
    world.after(3).create(with("y", json!({ EXT: { "userRole": "Viewer" } }))).await.unwrap();
    world.after(30).work(&mut worker).await;
    assert_eq!(post.bills(), [(0, 30, 3)]);
}

/// D-23, D-26: what was booked is billed, though booking is switched off meanwhile; nothing more is booked.
#[tokio::test]
async fn switched_off_amid_a_window() {
    let (world, post) = (World::of(&booking()).await, Post::default());
    let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
    world.after(0).create(minimal("a")).await.unwrap();
    world.edit_workspace(|workspace| workspace.automatic_booking = false).await;
    refused(world.after(1).create(minimal("b")).await, NO_SEAT, &["1 more"]);
    world.after(30).work(&mut worker).await;
    assert_eq!(post.bills(), [(0, 30, 1)]);
}

/// D-29, D-25, D-26: twenty at once, with booking: each has a seat, none is booked twice, one invoice is
/// for all that were booked, while others come and go and the worker works.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_at_once() {
    for place in Place::all() {
        let (world, post) = (World::at(place, &booking()).await, Post::default());
        let mut worker = world.worker().with_consumer(Deliveries(post.clone()));
        let dan = world.person("dan").await;
        let mut tasks = JoinSet::new();
        for n in 0..20 {
            let world = world.after(n % 5);
            tasks.spawn(async move { world.create(minimal(&format!("p{n}"))).await.map(drop) });
        }
        let other = world.after(3);
        tasks.spawn(async move {
            for active in [true, false, true, false] {
                other.set(&dan, "active", json!(active)).await?;
            }
            Ok(())
        });
        while let Some(result) = tasks.join_next().await {
            result.unwrap().unwrap();
            world.after(5).work(&mut worker).await;
        }
        let (used, booked) = world.seats().await;
        assert_eq!(used, 13 + 60);
        // Dan may have been there when all seats were taken: then there is one more, and it was paid.
        assert!(booked == 75 || booked == 78, "{booked}");
        world.after(40).work(&mut worker).await;
        let billed: u64 = post.bills().iter().map(|(.., seats)| seats).sum();
        assert_eq!((post.bills().len(), i64::try_from(billed).unwrap()), (1, (booked - 15) / 3));
    }
}
