//! All batches of a draft as one.
//!
//! In one batch a record gets one new version, whatever happens to it, and all guards are about what stands
//! below. What was created and deleted again leaves nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::below::{Below, is_names};
use super::sheet::{Sheet, ends};
use crate::store::{Batch, ClaimKey, Guard, LinkKey, RecordKey, RecordRef, Write};

impl Sheet {
    /// One batch for the store below.
    pub(super) fn batch(&self) -> Batch {
        let writes = self.writes();
        Batch { now: self.batch.now, guards: self.guards(&writes), writes }
    }

    fn writes(&self) -> Vec<Write> {
        let ends = last_deletes(&self.batch.writes, &self.below);
        let passing = |number: usize, write: &Write| {
            concerned(write).iter().any(|key| ends.get(key).is_some_and(|last| number <= *last))
        };
        let mut writes: Vec<Write> = Vec::with_capacity(self.batch.writes.len());
        // Where each record is put.
        let mut puts: BTreeMap<RecordKey, usize> = BTreeMap::new();
        let mut raised = BTreeSet::new();
        for (number, write) in self.batch.writes.iter().enumerate() {
            if passing(number, write) {
                continue;
            }
            let write = match write {
                Write::Put { record, .. } => {
                    let put =
                        Write::Put { record: record.clone(), replaces: self.below.version(&record.key) };
                    if let Some(earlier) = puts.get(&record.key).and_then(|at| writes.get_mut(*at)) {
                        *earlier = put;
                        continue;
                    }
                    puts.insert(record.key.clone(), writes.len());
                    put
                }
                Write::Delete { key, .. } => {
                    puts.remove(key);
                    // Of a record that was not there below nothing has come so far.
                    let Some(replaces) = self.below.version(key) else { continue };
                    Write::Delete { key: key.clone(), replaces }
                }
                Write::Raise(mark) if !raised.insert(mark) => continue,
                other => other.clone(),
            };
            writes.push(write);
        }
        writes
    }

    fn guards(&self, writes: &[Write]) -> Vec<Guard> {
        let settled = Settled::by(writes, &self.below);
        let mut guards = Vec::new();
        for (key, version) in &self.below.records {
            let merely_linked = settled.linked.contains(key) && !self.below.lists.contains(key);
            let matters = self.asked.contains(key) && !merely_linked;
            if (matters || self.pinned.contains(key)) && !settled.written.contains(key) {
                guards.push(Guard::Version(key.clone(), *version));
            }
        }
        for (claim, holder) in &self.below.holders {
            if holder.is_some() || !settled.claimed.contains(claim) {
                guards.push(Guard::Holder(claim.clone(), holder.clone()));
            }
        }
        let links = self.below.links.iter().filter(|(link, _)| !settled.links.contains(link));
        guards.extend(links.map(|(link, linked)| Guard::Link(link.clone(), *linked)));
        let marks = self.below.marks.iter();
        let marks = marks.filter(|(mark, _)| self.asked_marks.contains(mark) && !is_names(mark));
        guards.extend(marks.map(|(mark, version)| Guard::Mark(mark.clone(), *version)));
        guards
    }
}

/// What needs no guard, since the writes themselves are refused where it is not as it was, or do not care.
#[derive(Default)]
struct Settled<'w> {
    written: BTreeSet<&'w RecordKey>,
    linked: BTreeSet<RecordKey>,
    links: BTreeSet<&'w LinkKey>,
    claimed: BTreeSet<&'w ClaimKey>,
}

impl<'w> Settled<'w> {
    fn by(writes: &'w [Write], below: &Below) -> Self {
        let mut settled = Self::default();
        for write in writes {
            match write {
                Write::Put { record, .. } => drop(settled.written.insert(&record.key)),
                // Whoever else creates it meanwhile is as good; one that is there already is only read.
                Write::Ensure(record) if below.lacks(&record.key) => {
                    settled.written.insert(&record.key);
                }
                Write::Delete { key, .. } => drop(settled.written.insert(key)),
                Write::Link(link) | Write::Unlink(link) => {
                    settled.linked.extend(ends(link));
                    settled.links.insert(link);
                }
                Write::Claim(claim, _) => drop(settled.claimed.insert(claim)),
                _ => {}
            }
        }
        settled
    }
}

/// The place of the last deletion of each record that does not stand below: of what happened to it until
/// then, nothing is left.
fn last_deletes(writes: &[Write], below: &Below) -> BTreeMap<RecordKey, usize> {
    let deletes = writes.iter().enumerate().filter_map(|(number, write)| match write {
        Write::Delete { key, .. } if below.version(key).is_none() => Some((key.clone(), number)),
        _ => None,
    });
    deletes.collect()
}

/// The records that a write is about.
fn concerned(write: &Write) -> Vec<RecordKey> {
    let of = |claim: &ClaimKey, record: &RecordRef| {
        vec![RecordKey { space: claim.space.clone(), record: record.clone() }]
    };
    match write {
        Write::Put { record, .. } | Write::Ensure(record) => vec![record.key.clone()],
        Write::Delete { key, .. } => vec![key.clone()],
        Write::Claim(claim, record) | Write::Release(claim, record) => of(claim, record),
        Write::Link(link) | Write::Unlink(link) => ends(link).into(),
        Write::ClearLinks { of, .. } => vec![of.clone()],
        Write::Raise(_)
        | Write::SetCounter(..)
        | Write::SetBounds { .. }
        | Write::Add { .. }
        | Write::Append { .. }
        | Write::Trim { .. }
        | Write::Amend { .. }
        | Write::Schedule { .. }
        | Write::Unschedule(_) => Vec::new(),
    }
}
