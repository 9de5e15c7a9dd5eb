//! Pages of listings: promise 6, and totals.

use scim_core::Predicate;

use super::directory::Directory;
use super::filters::USER_ORDERS;
use super::probe::{Probe, batch, create, ids, listing, named, put, space, tenant, user};
use crate::store::{MarkKey, Position, Query, Store, Write};

const NO_MISS: &str = "promise 6: a listing by cursor neither misses nor repeats a record";
const TOTALS: &str = "a total counts all that match, wherever the page begins";

/// All pages of a query, one after the other, each going on behind the last record of the one before.
async fn all_pages<S: Store>(probe: &Probe<S>, query: &Query, size: usize) -> Vec<String> {
    let mut query = Query { limit: size, ..query.clone() };
    let mut all = Vec::new();
    loop {
        let page = probe.query(query.clone()).await;
        assert!(page.found.len() <= size, "a page holds no more than was asked");
        let Some(last) = page.found.last() else { return all };
        all.extend(ids(&page));
        query.after = Some(last.position.clone());
        assert!(all.len() <= 1_000, "{NO_MISS}: the listing does not end");
    }
}

/// Promise 6: pages that go on behind the last record give the whole listing, in every order.
pub async fn pages_by_position_give_the_whole_listing(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    let mut orders = vec![None];
    for by in USER_ORDERS {
        orders.extend([false, true].map(|descending| Some(directory.order("User", by, descending))));
    }
    for order in orders {
        let query = directory.query("User", Predicate::Always(true), order);
        let mut listed = all_pages(&probe, &query, 5).await;
        let mut expected = directory.expected(&query);
        let what = format!("{NO_MISS}: {:?}", query.types[0].order);
        // Which record comes when is for the tests of the order to say.
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{what}");
    }
}

/// Promise 6: several types listed as one are paged as one.
pub async fn pages_of_several_types_give_the_whole_listing(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    for order in [None, Some(false), Some(true)] {
        let of = |kind| {
            let order = order.map(|descending| directory.order(kind, "externalId", descending));
            directory.query(kind, Predicate::Always(true), order)
        };
        let mut query = of("User");
        query.types.extend(of("Group").types);
        let mut listed = all_pages(&probe, &query, 4).await;
        let mut expected = directory.expected(&query);
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{NO_MISS}");
    }
}

/// Promise 6: records that come, go and change between two pages let none of the others be missed or repeated.
pub async fn pages_survive_writes_in_between(store: impl Store) {
    let probe = Probe::new(store);
    let key = |number: i64| user(&format!("u-{number:02}"));
    for number in 1..=20 {
        probe.commit(batch(number * 10, [create(&key(number))])).await;
    }
    let mut query = Query { limit: 4, total: false, ..listing(&tenant(), "User") };
    let mut all = Vec::new();
    for turn in 1_i64.. {
        let page = probe.query(query.clone()).await;
        let Some(last) = page.found.last() else { break };
        query.after = Some(last.position.clone());
        all.extend(ids(&page));
        // One of the page goes, the last one changes, one comes behind and one before.
        let delete = Write::Delete { key: page.found[0].record.key.clone(), replaces: 1 };
        let change = put(named(&last.record.key, "changed"), Some(1));
        let (before, behind) = (user(&format!("before-{turn}")), user(&format!("behind-{turn}")));
        probe.commit(batch(1, [delete, change, create(&before)])).await;
        probe.commit(batch(1_000 + turn, [create(&behind)])).await;
        if turn == 5 {
            // The record that a page goes on behind may itself be gone.
            probe.commit(batch(1, [Write::Delete { key: last.record.key.clone(), replaces: 2 }])).await;
        }
        assert!(turn < 50, "{NO_MISS}: the listing does not end");
        if all.len() >= 20 {
            break;
        }
    }
    let expected: Vec<String> = (1..=20).map(|number| key(number).record.id).collect();
    assert_eq!(all, expected, "{NO_MISS}");
}

/// An offset passes over records from the start, or from behind a position.
pub async fn an_offset_passes_over_records(store: impl Store) {
    let promise = "an offset passes over as many records as it says";
    let probe = Probe::new(store);
    let keys = ["a", "b", "c", "d", "e"].map(user);
    probe.commit(batch(1, keys.each_ref().map(create))).await;
    let behind_b = probe.query(listing(&tenant(), "User")).await.found[1].position.clone();
    for (after, offset, limit, expected) in [
        (None, 0, 2, &["a", "b"][..]),
        (None, 3, 9, &["d", "e"]),
        (None, 5, 9, &[]),
        (None, u64::MAX, 9, &[]),
        (None, 1, 0, &[]),
        (Some(behind_b.clone()), 0, 1, &["c"]),
        (Some(behind_b), 2, 9, &["e"]),
    ] {
        let query = Query { offset, limit, after, ..listing(&tenant(), "User") };
        let page = probe.query(query).await;
        assert_eq!(ids(&page), expected, "{promise}: {offset}, {limit}");
        assert_eq!(page.total, Some(5), "{TOTALS}");
    }
}

/// A position is a place, whether or not a record stands there.
pub async fn a_position_needs_no_record(store: impl Store) {
    let promise = "a page begins behind a position, whether or not a record stands there";
    let probe = Probe::new(store);
    let created = [("a", 10), ("b", 20), ("c", 20), ("d", 30)];
    for (id, now) in created {
        probe.commit(batch(now, [create(&user(id))])).await;
    }
    for (created, id, expected) in [
        (15, "z", &["b", "c", "d"][..]),
        (20, "b", &["c", "d"]),
        (20, "bb", &["c", "d"]),
        (20, "", &["b", "c", "d"]),
        (i64::MIN, "", &["a", "b", "c", "d"]),
        (i64::MAX, "", &[]),
    ] {
        let after = Position { value: scim_core::SortValue::Absent, created, id: id.to_owned() };
        let query = Query { after: Some(after), ..listing(&tenant(), "User") };
        assert_eq!(ids(&probe.query(query).await), expected, "{promise}: {created}, {id}");
    }
}

/// A total counts all that match, if it is asked, and the names version comes along.
pub async fn a_total_counts_all_matches(store: impl Store) {
    let probe = Probe::new(store);
    let empty = probe.query(listing(&tenant(), "User")).await;
    assert_eq!((empty.total, empty.found.len(), empty.names), (Some(0), 0, 0), "{TOTALS}");
    let keys: Vec<_> = (0..7).map(|number| user(&format!("u{number}"))).collect();
    probe.commit(batch(1, keys.iter().map(create))).await;
    probe.commit(batch(1, [Write::Delete { key: keys[0].clone(), replaces: 1 }])).await;
    probe.commit(batch(1, [Write::Raise(MarkKey::names(&space()))])).await;
    let names = probe.mark(&MarkKey::names(&space())).await;
    for (limit, total, expected) in [(3, true, Some(6)), (0, true, Some(6)), (100, false, None)] {
        let page = probe.query(Query { limit, total, ..listing(&tenant(), "User") }).await;
        assert_eq!((page.total, page.names), (expected, names), "{TOTALS}");
    }
    let mut none = listing(&tenant(), "User");
    none.types[0].predicate = Predicate::Always(false);
    assert_eq!(probe.query(none).await.total, Some(0), "{TOTALS}");
    let other = listing(&tenant(), "Group");
    assert_eq!(probe.query(other).await.total, Some(0), "{TOTALS}");
}

/// What is left is counted behind the position, in every order, and no further than was asked.
pub async fn what_is_left_is_counted_behind_a_position(store: impl Store) {
    let promise = "what is left is all that comes after the position";
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    let mut orders = vec![None];
    for by in USER_ORDERS {
        orders.extend([false, true].map(|descending| Some(directory.order("User", by, descending))));
    }
    for order in orders {
        let query = directory.query("User", Predicate::Always(true), order);
        let all = directory.expected_positions(&query);
        for at in [0, 1, all.len() / 2, all.len() - 1, all.len()] {
            let after = at.checked_sub(1).map(|before| all[before].clone());
            for (most, offset, limit) in [(u64::MAX, 0, 5), (3, 1, 0), (0, 0, 1)] {
                let query = Query { after: after.clone(), left: Some(most), offset, limit, ..query.clone() };
                let expected = most.min((all.len() - at) as u64);
                let page = probe.query(query).await;
                assert_eq!((page.left, page.total), (Some(expected), Some(all.len() as u64)), "{promise}");
            }
        }
    }
    let query = Query { left: None, ..directory.query("User", Predicate::Always(true), None) };
    assert_eq!(probe.query(query).await.left, None, "it is counted where it was asked");
}
