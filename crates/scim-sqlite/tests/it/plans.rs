//! Which indexes SQLite uses when there are many records: promise 5.

use scim_engine::store::{Query, Store};
use scim_sql::plans::{EQUALITIES, Large, USERS};
use scim_sqlite::SqliteStore;

/// Every equality that the design says is indexed is, and so are pages of the default order and of
/// indexed attributes at any depth, and membership both ways.
#[tokio::test(flavor = "multi_thread")]
async fn plans_use_the_indexes_at_100_000_users() {
    let store = SqliteStore::open_in_memory().expect("a store in a temporary folder");
    let large = Large::new();
    large.fill(&store).await;
    for (kind, filter, found) in EQUALITIES {
        uses_indexes(&store, large.filtered(kind, filter), filter, *found).await;
    }
    goes_through_the_order(&store, large.most()).await;
    lists_in_order(&store, &large).await;
    let page = store.query(large.total()).await.expect("a total");
    assert_eq!(page.total, Some(USERS as u64));
}

async fn plan(store: &SqliteStore, query: &Query) -> Vec<String> {
    store.explain(query.clone()).await.expect("a plan")
}

/// No step of the plan goes through all records of a kind, or of a table.
async fn uses_indexes(store: &SqliteStore, query: Query, filter: &str, found: u64) {
    let plan = plan(store, &query).await;
    // So many candidates are not sorted.
    let many = found > 10_000;
    for step in plan.iter().skip(usize::from(many)) {
        assert!(is_bounded(step), "{filter}: {step} in {plan:#?}");
    }
    assert_eq!(plan[0].contains("resource_by_creation"), many, "{filter}: {plan:#?}");
    let page = store.query(query).await.expect("a page");
    assert_eq!(page.total, Some(found), "{filter}");
    assert_eq!(page.found.len() as u64, found.min(100), "{filter}");
}

/// Where nearly all match, a page is the first of them in order, and not all of them sorted.
async fn goes_through_the_order(store: &SqliteStore, query: Query) {
    let plan = plan(store, &query).await;
    assert!(plan[0].contains("resource_by_creation"), "{plan:#?}");
    assert!(plan.iter().all(|step| step != "USE TEMP B-TREE FOR ORDER BY"), "{plan:#?}");
    let page = store.query(query).await.expect("a page");
    assert_eq!((page.total, page.found.len()), (Some(99_000), 100));
}

/// Pages in the default order and in that of indexed attributes begin where the one before ended,
/// and nothing is sorted but what ties.
async fn lists_in_order(store: &SqliteStore, large: &Large) {
    for page in large.pages() {
        let plan = plan(store, &page.query).await;
        for step in &plan {
            let sorts = step.starts_with("USE TEMP B-TREE") && !step.contains("LAST");
            let deep = step.contains("SEARCH");
            assert!(!sorts && deep || step.contains("LAST"), "{}: {step} in {plan:#?}", page.name);
        }
        let found = store.query(page.query).await.expect("a page").found;
        assert_eq!(found.len(), 100, "{}", page.name);
    }
}

/// Whether a step looks up by more than space and kind, or goes through what an earlier step has found.
fn is_bounded(step: &str) -> bool {
    let scanned = step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or(rest));
    // The candidates; a constant; the elements of one record's list.
    let scans = scanned.is_some_and(|rows| !["c", "d", "CONSTANT", "e", "v"].contains(&rows));
    let whole_kind = step.ends_with("(space=? AND kind=?)") || step.ends_with("(space=? AND relation=?)");
    !scans && !whole_kind
}
