//! Seats: who takes how much of one, and what happens when none is free.

use scim_awork::WorkspaceSetup;
use serde_json::json;

use crate::world::{EXT, NO_SEAT, World, minimal, refused, setup, with};

/// D-22, D-24: only activation needs a seat.
#[tokio::test]
async fn activation_needs_a_seat() {
    let world = World::with_seats(5).await;
    let idle = world.create(with("idle", json!({ "active": false }))).await.unwrap();
    assert_eq!(world.seats().await, (13, 15));
    let before = world.all("User").await;
    refused(world.create(with("lea", json!({}))).await, NO_SEAT, &["active", "1 more"]);
    for id in [world.person("dan").await.as_str(), idle["id"].as_str().unwrap()] {
        refused(world.set(id, "active", json!("True")).await, NO_SEAT, &["active"]);
    }
    assert_eq!(world.all("User").await, before);
    world.set(&world.person("cleo").await, "active", json!(false)).await.unwrap();
    world.set(&world.person("dan").await, "active", json!(true)).await.unwrap();
    assert_eq!(world.seats().await, (13, 15));
}

/// a guest counts a third, and needs the other two to become a user.
#[tokio::test]
async fn a_guest_becomes_a_user() {
    let world = World::with_seats(5).await;
    let gus = world.person("gus").await;
    let path = format!("{EXT}:userRole");
    world.set(&gus, &path, json!("Viewer")).await.unwrap();
    assert_eq!(world.seats().await, (15, 15));
    let full = World::with_seats(4).await;
    refused(full.set(&full.person("gus").await, &path, json!("Viewer")).await, NO_SEAT, &["1 more"]);
    let viewer = full.group("Viewer").await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": full.person("gus").await }] }]);
    refused(full.patch("Group", &viewer, add).await, NO_SEAT, &[]);
    assert_eq!(full.role_of(&full.person("gus").await).await, "Guest");
}

/// D-25, D-23, A-51: with automatic booking, just enough whole seats are booked.
#[tokio::test]
async fn seats_are_booked() {
    let world = World::of(&WorkspaceSetup { seats: 5, automatic_booking: true, ..setup() }).await;
    for (name, seats) in [("p1", (16, 18)), ("p2", (19, 21)), ("p3", (22, 24))] {
        world.create(minimal(name)).await.unwrap();
        assert_eq!(world.seats().await, seats);
    }
    let gus = world.person("gus").await;
    world.set(&gus, &format!("{EXT}:userRole"), json!("Viewer")).await.unwrap();
    assert_eq!(world.seats().await, (24, 24), "what fits is not booked");
    world.set(&gus, "active", json!(false)).await.unwrap();
    assert_eq!(world.seats().await, (21, 24), "the booking stays");
    let ids: Vec<String> = vec![gus, world.person("dan").await];
    world.set(&ids[1], "active", json!(true)).await.unwrap();
    world.set(&ids[0], "active", json!(true)).await.unwrap();
    assert_eq!(world.seats().await, (27, 27));
}
