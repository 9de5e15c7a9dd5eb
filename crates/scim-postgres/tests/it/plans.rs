//! Which indexes PostgreSQL uses when there are many records, whatever its statistics say: promise 5.

use std::time::Duration;

use scim_engine::store::{Query, Store};
use scim_postgres::PostgresStore;
use scim_sql::plans::{EQUALITIES, FIRST, Large, Page, USERS};
use scim_testkit::postgres::Cluster;

use crate::place::options;

/// Every equality that the design says is indexed is, and so are pages of the default order and of
/// indexed attributes at any depth, and membership both ways: before anything was ever counted, and after.
#[tokio::test(flavor = "multi_thread")]
async fn plans_use_the_indexes_at_100_000_users() {
    // A server of its own, that counts when it is told to.
    let cluster = Cluster::start(&["autovacuum=off", "fsync=off"]).expect("a server");
    let database = cluster.database().expect("a database");
    // The plans are what counts, however busy the machine is.
    let patient = options().with_time_limit(Duration::from_secs(120));
    let store = PostgresStore::open(&database, &patient).await.expect("a store");
    let large = Large::new();
    large.fill_first(&store).await;
    cluster.sql(&database, &multiply()).expect("more users");
    assert_eq!(store.check(|_| None).await.expect("a check"), [], "they are as the store writes them");
    plans(&store, &large, "never analyzed").await;
    cluster.sql(&database, "ANALYZE").expect("statistics");
    plans(&store, &large, "analyzed").await;
    finds(&store, &large).await;
}

/// Makes all users of the first ones: what the function that commits does for each by itself, in four statements.
fn multiply() -> String {
    let turns = USERS / FIRST - 1;
    // A number stands wherever the one that it is made of stands.
    let renumbered = |column: &str, id: &str| {
        format!(
            "replace({column}, right({id}, 6), lpad((right({id}, 6)::int + {FIRST} * turn)::text, 6, '0'))"
        )
    };
    let of = |column: &str| renumbered(column, "id");
    let (id, name, folded) = (of("id"), of("name"), of("name_folded"));
    let (document, form, indexed) = (of("document"), of("form::text"), of("indexed::text"));
    let (value, member) = (of("value"), renumbered("member_id", "member_id"));
    format!(
        "SET search_path TO scim;
         INSERT INTO resource (space, kind, id, version, visible, owner, created, modified, name, name_exact,
                               name_folded, document, extra, form, indexed, batch)
             SELECT space, kind, {id}, version, visible, owner, created + turn, modified + turn, {name}, {name},
                    {folded}, {document}, extra, ({form})::jsonb, ({indexed})::jsonb, batch
             FROM resource, generate_series(1, {turns}) turn WHERE kind = 'User';
         INSERT INTO attribute_value (space, kind, path, rank, value, created, id, rest)
             SELECT space, kind, path, rank, {value}, created + turn, {id}, rest
             FROM attribute_value, generate_series(1, {turns}) turn WHERE kind = 'User';
         INSERT INTO link (space, relation, member_id, member_kind, owner_id, owner_kind, position)
             SELECT space, relation, {member}, member_kind, owner_id, owner_kind, nextval('link_position')
             FROM link, generate_series(1, {turns}) turn;
         UPDATE total SET visible = visible + {FIRST} * {turns} WHERE kind = 'User';"
    )
}

async fn plans(store: &PostgresStore, large: &Large, when: &str) {
    for (kind, filter, found) in EQUALITIES {
        let plan = Plan::of(store, &large.filtered(kind, filter), &format!("{filter}, {when}")).await;
        if *found < 10_000 {
            plan.looks_up();
        } else {
            plan.goes_through_creation();
        }
    }
    let most = Plan::of(store, &large.most(), &format!("most match, {when}")).await;
    most.goes_through_creation();
    for page in large.pages() {
        let plan = Plan::of(store, &page.query, &format!("{}, {when}", page.name)).await;
        plan.reads_in_order(&page);
    }
}

/// What the plans find is what there is.
async fn finds(store: &PostgresStore, large: &Large) {
    for (kind, filter, found) in EQUALITIES {
        let page = store.query(large.filtered(kind, filter)).await.expect("a page");
        assert_eq!((page.total, page.found.len() as u64), (Some(*found), (*found).min(100)), "{filter}");
    }
    let page = store.query(large.most()).await.expect("a page");
    assert_eq!((page.total, page.found.len()), (Some(99_000), 100));
    for page in large.pages() {
        let found = store.query(page.query).await.expect("a page").found;
        assert_eq!(found.len(), 100, "{}", page.name);
    }
    let page = store.query(large.total()).await.expect("a total");
    assert_eq!(page.total, Some(USERS as u64));
}

/// A plan as lines, and what it is for.
struct Plan {
    lines: Vec<String>,
    what: String,
}

/// An index that a plan uses, and under which condition.
#[derive(Debug)]
struct Use<'p> {
    index: &'p str,
    condition: &'p str,
}

impl Plan {
    async fn of(store: &PostgresStore, query: &Query, what: &str) -> Self {
        let lines = store.explain(query.clone()).await.expect("a plan");
        let plan = Self { lines, what: what.to_owned() };
        // Whatever it is for, no plan reads a whole table, and none puts two lists side by side.
        for step in ["Seq Scan", "Bitmap", "Hash Join", "Merge Join", "Hash Semi", "Materialize", "Parallel"]
        {
            plan.must(!plan.lines.iter().any(|line| line.contains(step)), step);
        }
        plan
    }

    #[track_caller]
    fn must(&self, holds: bool, fault: &str) {
        assert!(holds, "{}: {fault} in\n{}", self.what, self.lines.join("\n"));
    }

    fn uses(&self) -> Vec<Use<'_>> {
        let uses = self.lines.iter().enumerate().filter_map(|(at, line)| {
            let index = line.split_once(" using ")?.1.split(' ').next()?;
            let next = self.lines.get(at + 1).map_or("", |line| line.trim());
            Some(Use { index, condition: next.strip_prefix("Index Cond: ").unwrap_or_default() })
        });
        uses.collect()
    }

    /// Each index is entered at the key that is looked for.
    fn looks_up(&self) {
        for used in self.uses() {
            self.must(is_key(&used), &format!("{used:?}"));
        }
        self.tests_by_members();
    }

    /// Whether somebody is a member is found out among the few groups of the member, not among the many
    /// members of the group.
    fn tests_by_members(&self) {
        let tests = self.lines.iter().skip_while(|line| !line.trim_start().starts_with("SubPlan"));
        let by_owner =
            tests.filter(|line| line.contains(" on link_")).any(|line| line.contains("_owner_id_"));
        self.must(!by_owner, "a test that goes through all members");
    }

    /// The records come in the order of creation, each is tested, and nothing is sorted but the page.
    fn goes_through_creation(&self) {
        let (through, tests): (Vec<Use<'_>>, Vec<Use<'_>>) =
            self.uses().into_iter().partition(|used| used.index.ends_with("_created_id_idx"));
        self.must(through.len() == 1, "not one way through the order of creation");
        for used in tests {
            self.must(is_key(&used), &format!("{used:?}"));
        }
        self.tests_by_members();
        self.sorts_the_page_alone();
    }

    /// The index gives the order, and is entered where the page begins.
    fn reads_in_order(&self, page: &Page) {
        let index = match page.by {
            None => "_created_id_idx",
            Some("id") => "_pkey",
            Some(_) => "attribute_value_",
        };
        let (reads, of_page): (Vec<Use<'_>>, Vec<Use<'_>>) =
            self.uses().into_iter().partition(|used| used.index.contains(index) && !is_key(used));
        self.must(!reads.is_empty() || page.query.after.is_some(), "no index gives the order");
        for used in reads {
            let entered = ["ROW(", "id > ", "id >= ", "id < ", "id <= ", "rank = "];
            let enters = entered.iter().any(|bound| used.condition.contains(bound));
            self.must(enters || !page.deep, &format!("{used:?}"));
        }
        for used in of_page {
            self.must(is_key(&used), &format!("{used:?}"));
        }
        self.sorts_the_page_alone();
    }

    /// Nothing is sorted but the page, and within an order what ties.
    fn sorts_the_page_alone(&self) {
        for (at, line) in self.lines.iter().enumerate() {
            let next = self.lines.get(at + 1).map_or("", |line| line.trim());
            if line.trim_start_matches([' ', '-', '>']) == "Sort" {
                self.must(next.starts_with("Sort Key: (row_number() OVER"), next);
            }
        }
    }
}

/// Whether the index is entered at one key: one record, one value, one end of links.
fn is_key(used: &Use<'_>) -> bool {
    let column = match used.index {
        index if index.starts_with("resource_") && index.ends_with("_pkey") => "id",
        index if index.ends_with("_substr_idx") => "substr(name_folded, 1, 256)",
        index if index.starts_with("attribute_value_") => "value",
        index if index.starts_with("link_") && index.ends_with("_pkey") => "member_id",
        index if index.starts_with("link_") => "owner_id",
        _ => return false,
    };
    used.condition.contains(&format!("({column} = "))
}
