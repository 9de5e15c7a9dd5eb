//! Shows that the rows can fail: each is run through faults until it has been seen failing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fault::{Fault, faults};
use crate::proxy::Proxy;
use crate::run::{Session, SessionError, run};

/// A fault that makes more than one row in so many fail says little about each of them.
const BROAD: usize = 5;

/// Which rows were seen failing, and through which faults.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The rows that pass without a fault.
    pub passing: BTreeSet<&'static str>,
    /// The faults, each with the rows that failed because of it.
    pub killed: Vec<(Fault, Vec<&'static str>)>,
}

impl Proof {
    /// The rows that no fault made fail.
    #[must_use]
    pub fn never(&self) -> Vec<&'static str> {
        self.not_among(self.killed.iter())
    }

    /// The rows that only failed through a fault that made a fifth of all rows fail, and more.
    #[must_use]
    pub fn only_broadly(&self) -> Vec<&'static str> {
        let most = self.passing.len() / BROAD;
        let narrow = self.killed.iter().filter(|(_, rows)| rows.len() <= most);
        let never = self.never();
        self.not_among(narrow).into_iter().filter(|row| !never.contains(row)).collect()
    }

    fn not_among<'p>(
        &self,
        killed: impl Iterator<Item = &'p (Fault, Vec<&'static str>)>,
    ) -> Vec<&'static str> {
        let seen: BTreeSet<&str> = killed.flat_map(|(_, rows)| rows).copied().collect();
        self.passing.iter().copied().filter(|row| !seen.contains(row)).collect()
    }
}

/// Runs the rows that pass, and are wanted, through every fault; tells of each fault when it is done.
///
/// # Errors
///
/// Returns a [`SessionError`] when the server is not there, or a proxy cannot be started.
pub async fn prove(
    session: &Arc<Session>,
    wanted: impl Fn(&str) -> bool,
    mut told: impl FnMut(Fault, &[&'static str]),
) -> Result<Proof, SessionError> {
    // Through a proxy without a fault, so that what fails later fails because of the fault.
    let (_proxies, clean) = through(session, None).await?;
    let passing: BTreeSet<&'static str> = run(&clean, &[], &wanted).await.passed().into_iter().collect();
    let mut proof = Proof { passing, killed: Vec::new() };
    for fault in faults() {
        let (_proxies, broken) = through(session, Some(fault)).await?;
        let failed = run(&broken, &[], |id| proof.passing.contains(id)).await.failed();
        told(fault, &failed);
        proof.killed.push((fault, failed));
    }
    Ok(proof)
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
