//! Promise 4 at random: random resources, random filters, random orders, random pages, random walks.
//!
//! The matcher of `scim-core` is the oracle. Each number that the generator draws comes from the seed, so a
//! failure repeats; its message shows the seed, the filter and the order.

mod draw;
mod filters;
mod resources;

use scim_core::UnknownAttribute;

use super::directory::Directory;
use super::probe::{Probe, ids};
use crate::paging::place;
use crate::store::{Position, Query, Store, TenantId};
use draw::Draw;

/// How many queries are asked of one set of resources.
const QUERIES: usize = 250;

/// How many random queries [`oracle`] is to ask: what `SCIM_ORACLE_CASES` says, or else `default`.
#[must_use]
pub fn cases(default: usize) -> usize {
    number("SCIM_ORACLE_CASES").and_then(|cases| usize::try_from(cases).ok()).unwrap_or(default)
}

/// The seed for [`oracle`]: what `SCIM_ORACLE_SEED` says, or else `default`.
#[must_use]
pub fn seed(default: u64) -> u64 {
    number("SCIM_ORACLE_SEED").unwrap_or(default)
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not `{text}`")))
}

/// Promise 4: of random resources, `cases` random queries select and order what the matcher does.
pub async fn oracle(store: impl Store, seed: u64, cases: usize) {
    let probe = Probe::new(store);
    let (mut left, mut selective) = (cases, 0);
    for round in 0_u64.. {
        if left == 0 {
            break;
        }
        let mut draw = Draw::new(seed.wrapping_add(round));
        let tenant = TenantId::new(&format!("oracle-{round}")).expect("letters, a dash and digits");
        let directory = Directory::write(&probe, &tenant, &resources::resources(&mut draw)).await;
        for _ in 0..left.min(QUERIES) {
            let at = format!("seed {}", seed.wrapping_add(round));
            selective += usize::from(one_case(&probe, &directory, &mut draw, &at).await);
        }
        left = left.saturating_sub(QUERIES);
    }
    // Filters that select nobody, or everybody, prove little.
    assert!(cases < 1_000 || selective > cases / 4, "{selective} of {cases} queries choose");
}

/// Asks one query; whether its filter chose some resources and not others.
async fn one_case<S: Store>(probe: &Probe<S>, directory: &Directory, draw: &mut Draw, at: &str) -> bool {
    let (query, filter) = random_query(directory, draw);
    let all = directory.expected_positions(&query);
    let total = all.len() as u64;
    let chooses = !all.is_empty() && all.len() < directory.count(&query);
    // Most queries want it all; some begin behind a position, or further on, or are short.
    let behind = if all.is_empty() || draw.chance(2, 3) { None } else { Some(draw.below(all.len())) };
    let offset = if draw.chance(3, 4) { 0 } else { draw.below(4) };
    let limit = if draw.chance(2, 3) { 1_000 } else { draw.below(6) };
    let after = behind.map(|index| all[index].clone());
    let first = behind.map_or(0, |index| index + 1) + offset;
    let expected: Vec<String> = all.into_iter().skip(first).take(limit).map(|position| position.id).collect();
    let query = Query { after, offset: offset as u64, limit, ..query };
    let page = probe.query(query.clone()).await;
    let whole = Query { after: None, offset: 0, ..query.clone() };
    let what = || {
        let order = query.types.first().and_then(|of| of.order.as_ref());
        format!(
            "promise 4, {at}: filter {filter:?}, order {order:?}, behind {:?}, offset {offset}, limit {limit}",
            query.after
        )
    };
    assert_eq!(page.total, Some(total), "total; {}", what());
    assert_eq!(ids(&page), expected, "{}", what());
    if draw.chance(1, 4) {
        let walked = walked(probe, whole.clone(), 1 + draw.below(5)).await;
        assert_eq!(walked, directory.expected_positions(&whole), "a walk; {}", what());
    }
    chooses
}

/// All positions of a query, page by page: each goes on where the text of a cursor says, as long as
/// something is left.
async fn walked<S: Store>(probe: &Probe<S>, whole: Query, size: usize) -> Vec<Position> {
    let mut query = Query { limit: size, total: false, left: Some(u64::MAX), ..whole };
    let mut all: Vec<Position> = Vec::new();
    for _ in 0..1_000 {
        let page = probe.query(query.clone()).await;
        all.extend(page.found.into_iter().map(|found| found.position));
        let Some(last) = all.last().filter(|_| page.left > Some(size as u64)) else { return all };
        let mut bytes = Vec::new();
        place::write(last, &mut bytes);
        query.after = Some(place::read(&bytes).expect("a position comes back as it was written"));
    }
    panic!("promise 6: a walk does not end");
}

/// A query that suits the directory, and its filter as a client would write it.
fn random_query(directory: &Directory, draw: &mut Draw) -> (Query, String) {
    let kinds: &[&str] = match draw.below(10) {
        0 => &["User", "Group"],
        1..=3 => &["Group"],
        _ => &["User"],
    };
    let unknown = if kinds.len() > 1 { UnknownAttribute::HasNoValue } else { UnknownAttribute::Refused };
    let main = *draw.pick(kinds);
    loop {
        let filter = filters::filter(directory.def(main), draw);
        let bound: Result<Vec<_>, _> =
            kinds.iter().map(|kind| directory.bind(kind, &filter, unknown)).collect();
        // The generator does not know which operator suits which attribute; the schema does.
        let Ok(predicates) = bound else { continue };
        let (by, descending) = (filters::path(directory.def(main), draw), draw.chance(1, 2));
        let orders: Option<Vec<_>> =
            kinds.iter().map(|kind| directory.try_order(kind, &by, descending)).collect();
        let orders = match orders {
            Some(orders) => orders.into_iter().map(Some).collect(),
            None => vec![None; kinds.len()],
        };
        let parts = kinds.iter().zip(predicates).zip(orders);
        let queries = parts.map(|((kind, predicate), order)| directory.query(kind, predicate, order));
        let all = queries.reduce(|mut all, next| {
            all.types.extend(next.types);
            all
        });
        if let Some(query) = all {
            return (query, filter);
        }
    }
}
