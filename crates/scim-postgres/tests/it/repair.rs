//! What a check names is mended, as far as it can be made again, also while others write.

use std::sync::Arc;

use scim_engine::check::{Checked, Fault, FaultKind, Repaired};
use scim_engine::store::Store as _;
use scim_postgres::PostgresStore;
use scim_sql::sample::{all_users, commit, expected, fill, record, user};

use crate::place::{cluster, cut_off, database, options};

use FaultKind::{Claim, Counter, Index, Link, MatchForm, Names, Record, Total, Work};

/// Damage, what it is named as, and what is left of it.
const DAMAGES: &[(&str, &[FaultKind], &[FaultKind])] = &[
    (
        "UPDATE resource SET form = jsonb_set(form, '{userName}', '\"x\"') WHERE id = 'a'",
        &[MatchForm, Index],
        &[],
    ),
    ("UPDATE resource SET form = '[]' WHERE id = 'a'", &[Record], &[]),
    ("UPDATE resource SET document = '[]' WHERE id = 'a'", &[Record], &[Record]),
    ("UPDATE resource SET name = 'x' WHERE id = 'a'", &[Names], &[]),
    ("UPDATE resource SET modified = 0 WHERE id = 'a'", &[Record], &[]),
    ("UPDATE resource SET version = -7 WHERE id = 'a'", &[Record], &[]),
    ("UPDATE resource SET indexed = '{}'", &[Index], &[]),
    ("UPDATE resource SET indexed = '[]' WHERE id = 'a'", &[Index], &[]),
    ("UPDATE unique_value SET holder_id = 'b' WHERE holder_id = 'a'", &[Claim], &[]),
    ("DELETE FROM unique_value", &[Claim], &[]),
    (
        "INSERT INTO unique_value VALUES ('tenant/precious-asteroid', 'x', 'y', 'User', 'nobody')",
        &[Claim],
        &[],
    ),
    // Two users with one name: a person has to decide.
    (
        "UPDATE resource SET document = replace(document, '\"a@', '\"b@') WHERE id = 'a'",
        &[MatchForm, Claim],
        &[Claim],
    ),
    ("DELETE FROM attribute_value WHERE path = 'emails.value'", &[Index], &[]),
    ("UPDATE attribute_value SET rest = 'x' WHERE path = 'userName'", &[Index], &[]),
    ("UPDATE attribute_value SET value = 'x' WHERE id = 'a' AND path = 'userName'", &[Index], &[]),
    (
        "INSERT INTO attribute_value SELECT space, kind, path, rank, 'more', created, id, '' \
         FROM attribute_value WHERE path = 'userName'",
        &[Index],
        &[],
    ),
    ("DELETE FROM resource WHERE id = 'g'", &[Index, Link, Total], &[]),
    ("UPDATE resource SET owner = FALSE WHERE id = 'g'", &[Link], &[]),
    ("SELECT setval('link_position', 1)", &[Link], &[]),
    ("UPDATE total SET visible = 3 WHERE kind = 'User'", &[Total], &[]),
    ("DELETE FROM total", &[Total], &[]),
    ("UPDATE counter SET value = 7", &[Counter], &[]),
    ("DELETE FROM counter", &[Counter], &[]),
    ("INSERT INTO due VALUES ('tenant/x', 'mail', 999, 0, '{}')", &[Work], &[]),
    (
        "UPDATE counter SET value = 9; DELETE FROM unique_value; DELETE FROM attribute_value; DELETE FROM total; \
         UPDATE resource SET form = '[]', owner = FALSE, version = 0, name_exact = NULL",
        &[Record, Claim, Link, Total, Counter],
        &[],
    ),
];

fn kinds(faults: &[Fault]) -> Vec<FaultKind> {
    let mut kinds: Vec<_> = faults.iter().map(|fault| fault.what).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Each damage is found, mended, and then found no more; what is right is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_is_mended() {
    let filled = database();
    let store = PostgresStore::open(&filled, &options()).await.expect("a store");
    fill(&store).await;
    let before = record(&store, "User", "b").await;
    drop(store);
    // Its connections end a moment after it does; what is copied has none.
    cut_off(&filled);
    for (damage, named, left) in DAMAGES {
        let damaged = cluster().copy(&filled).expect("a copy");
        cluster().sql(&damaged, &format!("SET search_path TO scim; {damage}")).expect(damage);
        let store = PostgresStore::open(&damaged, &options()).await.expect("a store");
        let faults = store.check(expected).await.expect("a check");
        for kind in *named {
            assert!(kinds(&faults).contains(kind), "{damage}: no {kind:?} in {faults:#?}");
        }
        let Repaired { found, mended, remaining } = store.repair(Arc::new(expected)).await.expect("a repair");
        assert_eq!(found, faults, "{damage}");
        for kind in *left {
            assert!(kinds(&remaining).contains(kind), "{damage}: no {kind:?} in {remaining:#?}");
        }
        if left.is_empty() {
            assert_eq!(remaining, [], "{damage}");
            assert!(mended > 0, "{damage}");
            assert_eq!(store.check(expected).await.expect("a check"), [], "{damage}");
            assert_eq!(store.query(all_users()).await.expect("a page").total, Some(2), "{damage}");
        }
        if !damage.contains("version") {
            assert_eq!(record(&store, "User", "b").await, before, "{damage}: what nobody damaged");
        }
        // The store is used on.
        commit(&store, user("c")).await;
        let faults = store.check(expected).await.expect("a check");
        assert_eq!(faults.is_empty(), left.is_empty(), "{damage}: {faults:#?}");
    }
}

/// More damage than is mended in one transaction, while users come: nothing of theirs is lost, and in the end all
/// agrees.
#[tokio::test(flavor = "multi_thread")]
async fn mended_while_others_write() {
    let database = database();
    let store = PostgresStore::open(&database, &options()).await.expect("a store");
    for ten in 0..20 {
        commit(&store, (0..10).flat_map(|one| user(&format!("u-{ten}-{one}"))).collect()).await;
    }
    let damage = "SET search_path TO scim; UPDATE counter SET value = value + 11; \
         UPDATE total SET visible = visible - 5; DELETE FROM unique_value WHERE holder_id < 'u-1'; \
         UPDATE resource SET form = '{}' WHERE id > 'u-15'";
    cluster().sql(&database, damage).expect("damage");
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for number in 0..100 {
                commit(&store, user(&format!("new-{number}"))).await;
            }
        }
    });
    let [one, other] = [(), ()].map(|()| {
        let store = store.clone();
        tokio::spawn(async move { store.repair(Arc::new(expected)).await.expect("a repair") })
    });
    // Two at once: each difference is added once.
    let (one, other) = (one.await.expect("an end"), other.await.expect("an end"));
    writer.await.expect("an end");
    assert!(one.mended + other.mended >= 140, "{} and {}", one.mended, other.mended);
    let repaired = store.repair(Arc::new(expected)).await.expect("a repair");
    assert_eq!(repaired.remaining, []);
    assert_eq!(store.query(all_users()).await.expect("a page").total, Some(300));
    assert_eq!(store.check(expected).await.expect("a check"), []);
}
