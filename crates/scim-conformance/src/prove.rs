//! Shows that the rows can fail: each is run through faults until it has been seen failing.
//!
//! A row that fails because of a fault that breaks one behaviour is shown to look at that behaviour.
//! So such faults come first, those that touch few rows before those that touch many, and a row is done
//! with the first of them that it fails with. What a fault can touch is known from the exchanges of a run
//! without faults: a row none of whose exchanges it changes need not be run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fault::{Breadth, Fault, faults};
use crate::proxy::Proxy;
use crate::rows::rows;
use crate::run::{Session, SessionError, run};
use crate::traffic::Traffic;

/// A fault that makes more than one row in so many fail is broad, whatever it breaks.
const BROAD: usize = 20;

/// Which rows were seen failing, and through which faults.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The rows that pass without a fault, before and after all others.
    pub passing: BTreeSet<&'static str>,
    /// The faults in the order they were tried.
    pub tried: Vec<Tried>,
}

/// What became of one fault.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The fault.
    pub fault: Fault,
    /// How many rows it could touch.
    pub touched: usize,
    /// Those that were run through it.
    pub ran: Vec<&'static str>,
    /// Those that failed.
    pub failed: Vec<&'static str>,
}

/// How much a proof runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// A row is done with the first narrow fault that it fails with.
    First,
    /// Every row is run through every fault that touches it, which shows how broad each fault is.
    Whole,
}

impl Proof {
    /// The fault that a row failed with, and how broad it is: a narrow one before others, and of several
    /// that with which the fewest rows failed.
    #[must_use]
    pub fn fault_of(&self, row: &str) -> Option<(Fault, Breadth)> {
        let felled = self.tried.iter().filter(|tried| tried.failed.contains(&row));
        let found = felled.map(|tried| (tried.fault, self.breadth(tried), tried.failed.len()));
        found
            .min_by_key(|(_, breadth, failed)| (*breadth, *failed))
            .map(|(fault, breadth, _)| (fault, breadth))
    }

    /// How broad a fault turned out to be.
    #[must_use]
    pub fn breadth(&self, tried: &Tried) -> Breadth {
        let most = rows().len() / BROAD;
        if tried.failed.len() > most { Breadth::Broad } else { tried.fault.breadth }
    }

    /// The rows that no fault made fail.
    #[must_use]
    pub fn never(&self) -> Vec<&'static str> {
        self.that(|breadth| breadth.is_none())
    }

    /// The rows that only failed through a broad fault.
    #[must_use]
    pub fn only_broadly(&self) -> Vec<&'static str> {
        self.that(|breadth| breadth == Some(Breadth::Broad))
    }

    /// The rows that failed through a narrow fault.
    #[must_use]
    pub fn narrowly(&self) -> Vec<&'static str> {
        self.that(|breadth| breadth == Some(Breadth::Narrow))
    }

    fn that(&self, wanted: impl Fn(Option<Breadth>) -> bool) -> Vec<&'static str> {
        let breadth = |row: &str| self.fault_of(row).map(|(_, breadth)| breadth);
        self.passing.iter().copied().filter(|row| wanted(breadth(row))).collect()
    }
}

/// Runs the rows that pass, and are wanted, through the faults; tells of each fault when it is done.
///
/// # Errors
///
/// Returns a [`SessionError`] when the server is not there, or a proxy cannot be started.
pub async fn prove(
    session: &Arc<Session>,
    extent: Extent,
    wanted: impl Fn(&str) -> bool,
    mut told: impl FnMut(&Tried),
) -> Result<Proof, SessionError> {
    // Through a proxy without a fault, so that what fails later fails because of the fault.
    let (_proxies, clean) = through(session, None).await?;
    let traffic = Arc::new(Traffic::default());
    let report = run(&clean.recorded(&traffic), &[], &wanted).await;
    let mut proof = Proof { passing: report.passed().into_iter().collect(), tried: Vec::new() };
    for (fault, touched) in in_order(&traffic, &session.target.token, &proof.passing) {
        let is_open = |row: &&str| match (extent, proof.fault_of(row)) {
            (Extent::Whole, _) | (Extent::First, None) => true,
            (Extent::First, Some((_, breadth))) => breadth > fault.breadth,
        };
        let ran: Vec<&'static str> = touched.iter().copied().filter(is_open).collect();
        let failed = if ran.is_empty() {
            Vec::new()
        } else {
            let (_proxies, broken) = through(session, Some(fault)).await?;
            run(&broken, &[], |id| ran.contains(&id)).await.failed()
        };
        let tried = Tried { fault, touched: touched.len(), ran, failed };
        told(&tried);
        proof.tried.push(tried);
    }
    // A row that fails now, with no fault, may have failed for another reason before.
    let again = run(&clean, &[], |id| proof.passing.contains(id)).await.passed();
    proof.passing.retain(|row| again.contains(row));
    Ok(proof)
}

/// The faults with the rows they touch: the narrow ones first, and those that touch few before others.
fn in_order(
    traffic: &Traffic,
    token: &str,
    passing: &BTreeSet<&'static str>,
) -> Vec<(Fault, BTreeSet<&'static str>)> {
    let touched = |fault| &traffic.touched_by(fault, token) & passing;
    let mut order: Vec<_> = faults().map(|fault| (fault, touched(fault))).collect();
    order.sort_by_key(|(fault, rows)| (fault.breadth, rows.len()));
    order
}

/// The same server behind proxies, one for each host it has; they last as long as the values.
///
/// # Errors
///
/// Returns a [`SessionError`] when a proxy cannot be started.
pub async fn through(
    session: &Arc<Session>,
    fault: Option<Fault>,
) -> Result<(Vec<Proxy>, Arc<Session>), SessionError> {
    let mut proxies = BTreeMap::new();
    for place in session.places() {
        if !proxies.contains_key(&place.host) {
            let proxy = Proxy::start(place.address, &place.host, &session.target.token, fault);
            proxies.insert(place.host.clone(), proxy.await.map_err(SessionError::Proxy)?);
        }
    }
    let target = session.target.map_urls(|url| {
        let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        match proxies.get(host) {
            Some(proxy) => url.replacen(host, &proxy.host(), 1),
            None => url.to_owned(),
        }
    });
    let moved = session.moved(&target).await?;
    Ok((proxies.into_values().collect(), moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proof with a fault of each breadth: the narrow one made these rows fail, the broad one those.
    fn proof(narrow: &[&'static str], broad: &[&'static str]) -> Proof {
        let tried = [(Breadth::Narrow, narrow), (Breadth::Broad, broad)].map(|(breadth, failed)| {
            let fault = faults().find(|fault| fault.breadth == breadth).unwrap();
            Tried { fault, touched: failed.len(), ran: failed.to_vec(), failed: failed.to_vec() }
        });
        let passing = ["7643-2.1-01", "7643-2.1-02", "7643-2.2-01"].into();
        Proof { passing, tried: tried.into() }
    }

    #[test]
    fn a_row_fell_to_the_narrow_fault_before_the_broad_one() {
        let proof = proof(&["7643-2.1-01"], &["7643-2.1-01", "7643-2.1-02"]);
        assert_eq!(proof.narrowly(), ["7643-2.1-01"]);
        assert_eq!(proof.only_broadly(), ["7643-2.1-02"]);
        assert_eq!(proof.never(), ["7643-2.2-01"]);
    }

    #[test]
    fn a_fault_that_many_rows_fail_with_is_broad_whatever_it_says() {
        let many: Vec<&'static str> =
            rows().iter().map(|row| row.id).take(rows().len() / BROAD + 1).collect();
        let within = proof(&many[1..], &[]);
        assert_eq!(within.breadth(&within.tried[0]), Breadth::Narrow);
        let beyond = proof(&many, &[]);
        assert_eq!(beyond.breadth(&beyond.tried[0]), Breadth::Broad);
        assert_eq!(beyond.only_broadly().len(), 3);
    }
}
