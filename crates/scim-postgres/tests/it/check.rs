//! Each thing that stands beside the documents is compared with them.

use scim_engine::store::Store as _;
use scim_postgres::PostgresStore;
use scim_sql::sample::{all_users, expected, fill, user};

use crate::place::{cluster, cut_off, database, options};

/// Every kind of damage, and what the check says of it.
const DAMAGES: &[(&str, &[&str])] = &[
    ("SELECT 1", &[]),
    (
        "UPDATE resource SET form = jsonb_set(form, '{userName}', '\"x\"') WHERE id = 'a'",
        &["the match form of User a is not that of its document", "the index lacks the userName of User a"],
    ),
    ("UPDATE resource SET form = '[]' WHERE id = 'a'", &["User a cannot be read"]),
    ("UPDATE resource SET document = '[]' WHERE id = 'a'", &["User a cannot be read"]),
    ("UPDATE resource SET document = '{\"userName\":' WHERE id = 'a'", &["User a cannot be read"]),
    (
        "UPDATE resource SET name = 'x' WHERE id = 'a'",
        &["the folded names of User a are not those of its name"],
    ),
    ("UPDATE resource SET modified = 0 WHERE id = 'a'", &["User a was modified before it was created"]),
    ("UPDATE resource SET indexed = '{}' WHERE id = 'a'", &["the index lacks the userName of User a"]),
    (
        "UPDATE unique_value SET holder_id = 'b' WHERE holder_id = 'a'",
        &["User a does not hold its", "User b holds User:userName a@example.com and does not have it"],
    ),
    (
        "DELETE FROM unique_value WHERE holder_id = 'a'",
        &["User a does not hold its User:userName a@example.com"],
    ),
    (
        "INSERT INTO unique_value VALUES ('tenant/precious-asteroid', 'x', 'y', 'User', 'nobody')",
        &["x y is held by User nobody, which is not there"],
    ),
    (
        "DELETE FROM attribute_value WHERE id = 'a' AND path = 'emails.value'",
        &["the index lacks the emails.value of User a", "the index has 11 values and not 12"],
    ),
    (
        "UPDATE attribute_value SET rest = 'x' WHERE id = 'a' AND path = 'userName'",
        &["the index lacks the userName of User a"],
    ),
    (
        "INSERT INTO attribute_value SELECT space, kind, path, rank, 'more', created, id, '' \
         FROM attribute_value LIMIT 1",
        &["the index has 13 values and not 12"],
    ),
    ("DELETE FROM resource WHERE id = 'g'", &["the member link of Group g and User a hangs in the air"]),
    (
        "UPDATE resource SET owner = FALSE WHERE id = 'g'",
        &["the member link of Group g and User b hangs in the air"],
    ),
    ("SELECT setval('link_position', 1)", &["the member link of Group g and User b hangs in the air"]),
    (
        "UPDATE total SET visible = 3 WHERE kind = 'User'",
        &["the total of User is Some(3), and Some(2) are visible"],
    ),
    ("DELETE FROM total", &["the total of Group is None, and Some(1) are visible"]),
    ("UPDATE counter SET value = 7", &["the counter seats is 7, and the records count 2"]),
    ("DELETE FROM counter", &["there is no counter seats"]),
    ("INSERT INTO due VALUES ('tenant/x', 'mail', 999, 0, '{}')", &["the work mail is in the shard 999"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_what_does_not_agree() {
    let filled = database();
    let store = PostgresStore::open(&filled, &options()).await.expect("a store");
    fill(&store).await;
    drop(store);
    // Its connections end a moment after it does; what is copied has none.
    cut_off(&filled);
    for (damage, named) in DAMAGES {
        let damaged = cluster().copy(&filled).expect("a copy");
        cluster().sql(&damaged, &format!("SET search_path TO scim; {damage}")).expect(damage);
        let store = PostgresStore::open(&damaged, &options()).await.expect("a store");
        let faults = store.check(expected).await.expect("a check");
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults.is_empty(), named.is_empty(), "{damage}: {faults:#?}");
        for message in *named {
            let is_named = faults.iter().any(|fault| fault.contains(message));
            assert!(is_named, "{damage}: {message} not in {faults:#?}");
        }
    }
}

/// A check reads piece by piece, and is longer than a read may take otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_many_records_takes_its_time() {
    let limit = std::time::Duration::from_millis(100);
    let store = PostgresStore::open(&database(), &options().with_time_limit(limit)).await.expect("a store");
    for hundred in 0..12 {
        let users = (0..100).flat_map(|one| user(&format!("u-{hundred}-{one}"))).collect();
        scim_sql::sample::commit(&store, users).await;
    }
    let slowly = |record: &_| {
        // So long that in the end each time-out of a read would have come.
        std::thread::sleep(std::time::Duration::from_micros(600));
        expected(record)
    };
    assert_eq!(store.check(slowly).await.expect("a check"), []);
    assert_eq!(store.query(all_users()).await.expect("a page").total, Some(1_200));
}
