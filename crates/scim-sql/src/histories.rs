//! Random histories: records are put, hidden and deleted, linked and unlinked, and all the while a store
//! must list and read what the in-memory store does, whose listings are the matcher and the order of
//! `scim-core` and nothing else.
//!
//! The oracle of the contract suite asks more of one state; this asks what many changes leave behind, in
//! indexes, links and totals, and whole pages: records, links and positions.

mod directory;
mod filters;
mod random;

use scim_core::{Order, Predicate, SortValue, UnknownAttribute};
use scim_engine::MemoryStore;
use scim_engine::store::{
    CommitError, LinksKey, Position, Query, QueryPage, ReadKey, RecordKey, Store, TypeQuery,
};

use directory::Directory;
use random::Random;

/// How many queries a directory is asked before the next one.
const QUERIES: usize = 100;

/// After how many queries the directory changes.
const CHANGES: usize = 5;

/// Asks a store, which is empty, so many random queries.
///
/// # Panics
///
/// Panics where the store and the matcher differ; the message says how to see it again.
pub async fn agree<S: Store>(store: &S, seed: u64, cases: usize) {
    let (mut done, mut round, mut telling) = (0, 0, 0);
    while done < cases {
        let mut random = Random::new(seed.wrapping_add(round));
        let directory = Directory::new(&format!("history-{seed}-{round}"));
        let mut twins = Twins { store, memory: MemoryStore::new(), directory, seen: Vec::new() };
        for _ in 0..80 {
            twins.change(&mut random).await;
        }
        for number in 0..QUERIES.min(cases - done) {
            if number % CHANGES == 0 {
                twins.change(&mut random).await;
            }
            let note = format!("seed {}, query {number}", seed.wrapping_add(round));
            telling += usize::from(twins.query(&mut random, &note).await);
            if number % 4 == 0 {
                twins.far_ends(&mut random, &note).await;
            }
        }
        done += QUERIES;
        round += 1;
    }
    assert!(telling * 4 > cases, "only {telling} of {cases} queries selected some records and not others");
}

struct Twins<'s, S> {
    store: &'s S,
    memory: MemoryStore,
    directory: Directory,
    /// Positions of records that were found before.
    seen: Vec<Position>,
}

impl<S: Store> Twins<'_, S> {
    /// Commits the same batch to both.
    async fn change(&mut self, random: &mut Random) {
        let batch = self.directory.change(random);
        let expected = self.memory.commit(batch.clone()).await;
        let committed = self.store.commit(batch.clone()).await;
        match (expected, committed) {
            (Ok(mut expected), Ok(mut committed)) => {
                expected.versions.sort();
                committed.versions.sort();
                assert_eq!(committed.versions, expected.versions, "versions after {batch:?}");
                self.directory.learn(&committed.versions);
            }
            (Err(CommitError::Refused(expected)), Err(CommitError::Refused(refused))) => {
                assert_eq!(refused, expected, "what refuses {batch:?}");
            }
            (expected, committed) => panic!("{committed:?} instead of {expected:?} for {batch:?}"),
        }
    }

    /// Asks both the same; whether it selects some records, and not all.
    async fn query(&mut self, random: &mut Random, note: &str) -> bool {
        let (query, what) = self.random_query(random);
        let expected = self.memory.query(query.clone()).await;
        let expected = expected.unwrap_or_else(|error| panic!("the matcher failed: {error}"));
        let page = match self.store.query(query.clone()).await {
            Ok(page) => page,
            Err(error) => panic!("{note}: {error:?} for {what} {query:#?}"),
        };
        if let Some(found) = expected.found.last() {
            self.seen.push(found.position.clone());
        }
        assert_eq!(page.total, expected.total, "{note}: total of {what} {query:#?}");
        assert_eq!(ids(&page), ids(&expected), "{note}: {what} {query:#?}");
        assert_eq!(page, expected, "{note}: {what} {query:#?}");
        let found = page.total.unwrap_or(page.found.len() as u64);
        found > 0 && found < self.directory.ids().len() as u64
    }

    async fn far_ends(&self, random: &mut Random, note: &str) {
        let directory = &self.directory;
        let Some((kind, id, view, only)) = directory.random_far_ends(random) else { return };
        let of = RecordKey::new(&directory.tenant.space(), &kind, &id);
        let limit = if random.chance(50) { 3 } else { 1_000 };
        let key = ReadKey::Links(LinksKey { of, links: view, only, limit });
        let expected = self.memory.read(vec![key.clone()]).await;
        let found = self.store.read(vec![key.clone()]).await;
        match (expected, found) {
            (Ok(expected), Ok(found)) => assert_eq!(found, expected, "{note}: {key:?}"),
            other => panic!("{note}: {other:?} for {key:?}"),
        }
    }

    fn random_query(&self, random: &mut Random) -> (Query, String) {
        let directory = &self.directory;
        let kinds: &[&str] =
            random.pick(&[&["User"][..], &["User"], &["User"], &["Group"], &["User", "Group"]]);
        let unknown = if kinds.len() == 1 { UnknownAttribute::Refused } else { UnknownAttribute::HasNoValue };
        let filter = random.chance(90).then(|| directory.random_filter(kinds[0], unknown, random));
        let order = random.chance(60).then(|| directory.random_order(kinds, random)).flatten();
        let types = kinds.iter().enumerate().map(|(at, kind)| {
            let predicate = match &filter {
                Some(filter) => directory.bind(kind, filter, unknown).unwrap_or(Predicate::Always(false)),
                None => Predicate::Always(true),
            };
            TypeQuery {
                kind: (*kind).to_owned(),
                predicate,
                order: order.as_ref().map(|orders: &Vec<Order>| orders[at].clone()),
                links: directory.views(kind),
            }
        });
        let after = random.chance(25).then(|| self.position(order.is_some(), random)).flatten();
        let query = Query {
            tenant: directory.tenant.clone(),
            types: types.collect(),
            offset: if random.chance(25) { random.below(12) as u64 } else { 0 },
            after,
            limit: random.pick(&[0, 1, 2, 5, 10, 1_000, 1_000, 1_000]),
            total: random.chance(80),
            left: random.chance(30).then(|| random.pick(&[0, 1, 3, 1_000, u64::MAX])),
        };
        (query, filter.unwrap_or_default())
    }

    /// A place to go on from: one that was served, or one that no record has.
    fn position(&self, ordered: bool, random: &mut Random) -> Option<Position> {
        let mut position =
            random.pick(&self.seen.iter().cloned().map(Some).chain([None]).collect::<Vec<_>>())?;
        if !ordered {
            position.value = SortValue::Absent;
        }
        if random.chance(20) {
            position.id.push('!');
        }
        Some(position)
    }
}

fn ids(page: &QueryPage) -> Vec<&str> {
    page.found.iter().map(|found| found.record.id()).collect()
}
