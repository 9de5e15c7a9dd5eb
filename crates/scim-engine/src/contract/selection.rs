//! Listings select and order as the in-memory matcher does: promise 4.

use scim_core::{Predicate, UnknownAttribute};
use serde_json::{Map, Value, json};

use super::directory::Directory;
use super::filters::{COMMON_ORDERS, GROUP_FILTERS, GROUP_ORDERS, USER_FILTERS, USER_ORDERS};
use super::probe::{Probe, ids, long_text, object, tenant};
use crate::store::{Query, Store};

const SELECTS: &str = "promise 4: a query selects as the matcher does";
const ORDERS: &str = "promise 4: a query orders as the matcher does";

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn selects<S: Store>(probe: &Probe<S>, query: Query, expected: Vec<String>, what: &str) {
    let page = probe.query(query).await;
    assert_eq!(page.total, Some(expected.len() as u64), "{SELECTS}: total of {what}");
    assert_eq!(sorted(ids(&page)), sorted(expected), "{SELECTS}: {what}");
}

/// Promise 4: each filter selects the users that the matcher selects.
pub async fn filters_select_users_as_the_matcher_does(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    let mut selective = 0;
    for filter in USER_FILTERS {
        let predicate = directory.predicate("User", filter, UnknownAttribute::Refused);
        let query = directory.query("User", predicate, None);
        let expected = directory.expected(&query);
        selective += usize::from(!expected.is_empty());
        selects(&probe, query, expected, filter).await;
    }
    assert!(selective * 10 > USER_FILTERS.len() * 8, "most filters select someone: {selective}");
}

/// Promise 4: each filter selects the groups that the matcher selects.
pub async fn filters_select_groups_as_the_matcher_does(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    for filter in GROUP_FILTERS {
        let predicate = directory.predicate("Group", filter, UnknownAttribute::Refused);
        let query = directory.query("Group", predicate, None);
        let expected = directory.expected(&query);
        selects(&probe, query, expected, filter).await;
    }
}

/// Promise 4: each order is that of the matcher, absent values and ties included, in both directions.
pub async fn orders_are_those_of_the_matcher(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    for (kind, orders) in [("User", USER_ORDERS), ("Group", GROUP_ORDERS)] {
        for by in orders {
            for descending in [false, true] {
                let order = directory.order(kind, by, descending);
                let query = directory.query(kind, Predicate::Always(true), Some(order));
                let page = probe.query(query.clone()).await;
                let positions: Vec<_> = page.found.into_iter().map(|found| found.position).collect();
                let expected = directory.expected_positions(&query);
                assert_eq!(positions, expected, "{ORDERS}: {by}, descending: {descending}");
            }
        }
    }
}

/// Promise 4: without an order records come by creation, then id.
pub async fn the_default_order_is_by_creation(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    for kind in ["User", "Group"] {
        let query = directory.query(kind, Predicate::Always(true), None);
        let expected = directory.expected(&query);
        assert_eq!(ids(&probe.query(query).await), expected, "{ORDERS}: by creation, then id");
    }
}

/// Promise 4: filters and orders together, each filter with a few orders.
pub async fn filtered_listings_are_ordered_as_the_matcher_does(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    for (kind, filters, orders) in
        [("User", USER_FILTERS, USER_ORDERS), ("Group", GROUP_FILTERS, GROUP_ORDERS)]
    {
        for (number, filter) in filters.iter().enumerate() {
            let predicate = directory.predicate(kind, filter, UnknownAttribute::Refused);
            for turn in 0..4 {
                let (by, descending) = (orders[(number * 4 + turn) % orders.len()], turn % 2 == 1);
                let order = directory.order(kind, by, descending);
                let query = directory.query(kind, predicate.clone(), Some(order));
                let expected = directory.expected(&query);
                let page = probe.query(query).await;
                assert_eq!(ids(&page), expected, "{ORDERS}: {filter} by {by}, descending: {descending}");
            }
        }
    }
}

/// Promise 4: several types are listed as one, filtered and ordered together.
pub async fn several_types_are_listed_as_one(store: impl Store) {
    let probe = Probe::new(store);
    let directory = Directory::fill(&probe).await;
    for filter in ["id pr", r#"displayName sw "e""#, r#"members.value eq "u-01" or title pr"#, "groups pr"] {
        let of = |kind| directory.predicate(kind, filter, UnknownAttribute::HasNoValue);
        let all = |order: &dyn Fn(&str) -> Option<scim_core::Order>| {
            let mut query = directory.query("User", of("User"), order("User"));
            query.types.extend(directory.query("Group", of("Group"), order("Group")).types);
            query
        };
        let mut queries = vec![all(&|_| None)];
        // An attribute that only one of them has: the others have no value there.
        for by in ["userName", "title", "groups.display", "members.value"] {
            let defs = ["User", "Group"].map(|kind| directory.def(kind));
            for direction in ["ascending", "descending"] {
                let orders = scim_core::orders(&defs, Some(by), Some(direction)).ok().flatten();
                let orders = orders.unwrap_or_else(|| panic!("{by} orders nothing"));
                queries.push(all(&|kind| orders.get(usize::from(kind == "Group")).cloned()));
            }
        }
        for by in COMMON_ORDERS {
            queries.extend(
                [false, true].map(|descending| all(&|kind| Some(directory.order(kind, by, descending)))),
            );
        }
        for query in queries {
            let expected = directory.expected(&query);
            let page = probe.query(query.clone()).await;
            let order = &query.types[0].order;
            assert_eq!(ids(&page), expected, "{ORDERS}: users and groups, {filter}, {order:?}");
            assert_eq!(page.total, Some(expected.len() as u64), "{SELECTS}: users and groups, {filter}");
        }
    }
}

/// Promise 4: values may be longer than an index holds. They differ in their last letters, and in nothing
/// else; some records have such a value twice.
pub async fn long_values_are_values_like_others(store: impl Store) {
    let probe = Probe::new(store);
    let values = long_values();
    let directory = Directory::write(&probe, &tenant(), &long_resources(&values)).await;
    for value in &values {
        for (kind, path) in [
            ("User", "userName"),
            ("User", "externalId"),
            ("User", "displayName"),
            ("User", "emails.value"),
            ("User", "groups.display"),
            ("Group", "displayName"),
        ] {
            let filter = format!("{path} eq {}", Value::from(value.as_str()));
            let query =
                directory.query(kind, directory.predicate(kind, &filter, UnknownAttribute::Refused), None);
            let expected = directory.expected(&query);
            assert!(!expected.is_empty(), "{filter} selects someone");
            selects(&probe, query, expected, &filter).await;
        }
    }
    for by in ["userName", "externalId", "displayName", "emails.value", "groups.display"] {
        for descending in [false, true] {
            let order = directory.order("User", by, descending);
            let what = format!("{ORDERS}: long values of {by}, descending: {descending}");
            let mut query = directory.query("User", Predicate::Always(true), Some(order));
            let expected = directory.expected_positions(&query);
            query.limit = 1;
            for at in 0..=expected.len() {
                let there = expected.get(at).into_iter();
                // By its number, and behind the one before.
                let by_number = Query { offset: at as u64, ..query.clone() };
                let after = at.checked_sub(1).map(|before| expected[before].clone());
                for query in [by_number, Query { after, ..query.clone() }] {
                    let found = probe.query(query).await.found;
                    assert!(found.iter().map(|found| &found.position).eq(there.clone()), "{what}, {at}");
                }
            }
        }
    }
    let order = |kind| directory.order(kind, "displayName", false);
    let mut both = directory.query("User", Predicate::Always(true), Some(order("User")));
    both.types.extend(directory.query("Group", Predicate::Always(true), Some(order("Group"))).types);
    assert_eq!(
        ids(&probe.query(both.clone()).await),
        directory.expected(&both),
        "{ORDERS}: users and groups"
    );
}

/// Short ones, those as long as may be, and longer ones, each followed by what comes behind it.
fn long_values() -> Vec<String> {
    let (long, wide) = (long_text(10_000), "\u{1f600}".repeat(256));
    let lengths = [1, 255, 256, 257, 300, 3_000, 10_000];
    let mut values: Vec<String> = lengths.iter().map(|length| long[..*length].to_owned()).collect();
    values.extend(["a", "b", "\u{e9}", "\u{1f600}"].map(|end| format!("{long}{end}")));
    values.extend(["", "a", "b", "\u{1f600}"].map(|end| format!("{wide}{end}")));
    values.extend(["b", "\u{e9}"].map(|end| format!("{}{end}", &long[..255])));
    values
}

/// For each value two users, a group and its member; those with the least value come last.
fn long_resources(values: &[String]) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    for (number, value) in values.iter().enumerate() {
        let next = &values[(number + 1) % values.len()];
        let emails = json!([{ "value": value, "primary": true }, { "value": next }, { "value": value }]);
        let created = 1_000 - 10 * (number / 2);
        let user = |id: &str, emails: &Value| {
            let mut resource = json!({ "userName": format!("{value}{id}"), "emails": emails });
            if id.is_empty() {
                (resource["externalId"], resource["displayName"]) = (json!(value), json!(value));
            }
            json!({ "kind": "User", "id": format!("u-{number}{id}"), "created": created, "resource": resource })
        };
        let members = [format!("u-{number}")];
        let group = json!({ "kind": "Group", "id": format!("g-{number}"), "created": created,
            "resource": { "displayName": value }, "members": members });
        all.extend([user("", &emails), user("z", &json!([])), group].map(object));
    }
    all
}
