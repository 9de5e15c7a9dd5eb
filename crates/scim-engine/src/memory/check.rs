//! The check of the in-memory store: what an application has written beside its documents. All else, such as
//! totals and both ends of a link, is one thing in memory and cannot differ.

use std::collections::BTreeMap;

use scim_core::{End, Links};

use super::state::{Row, State};
use crate::check::{Expectation, Expected, Fault, FaultKind, Repaired, Seen};
use crate::store::{
    Batch, ClaimKey, Counter, CounterKey, LinkKey, Record, RecordKey, RecordRef, Space, Write, indexed_values,
};

/// What differs, and the writes that mend it.
#[derive(Default)]
struct Findings {
    faults: Vec<Fault>,
    writes: Vec<Write>,
}

impl Findings {
    fn fault(&mut self, what: FaultKind, space: &Space, place: String, [expected, found]: [String; 2]) {
        let message = format!("{place}: {found} instead of {expected}");
        self.faults.push(Fault { what, space: space.to_string(), place, expected, found, message });
    }
}

impl State {
    pub(super) fn faults(&self, expectation: &dyn Expectation) -> Vec<Fault> {
        self.look(expectation).faults
    }

    /// Mends in one commit, which nobody sees by half.
    pub(super) fn repair(&mut self, expectation: &dyn Expectation) -> Repaired {
        let Findings { faults: found, writes } = self.look(expectation);
        let mended = writes.len() as u64;
        let mended = match self.commit(Batch { now: 0, guards: Vec::new(), writes }) {
            Ok(_) => mended,
            // An owner that is not there, say; all stays as it was.
            Err(_) => 0,
        };
        Repaired { found, mended, remaining: self.faults(expectation) }
    }

    fn look(&self, expectation: &dyn Expectation) -> Findings {
        let mut findings = Findings::default();
        let mut counters: BTreeMap<CounterKey, i64> = BTreeMap::new();
        self.look_at_claims(expectation, &mut findings);
        for (key, row) in self.records.from(RecordKey::new(&Space::from_stored(""), "", "")) {
            let record = row.record();
            let Some(expected) = self.expected(expectation, &record) else { continue };
            self.look_at_form(row, &record, &expected, &mut findings);
            for claim in &expected.claims {
                self.look_at_claim(key, claim, &mut findings);
            }
            self.look_at_owners(expectation, &record, &expected, &mut findings);
            for (name, by) in expected.counted {
                *counters.entry(CounterKey { space: key.space.clone(), name }).or_default() += by;
            }
        }
        for (key, sum) in counters {
            let is = self.counters.get(&key);
            let floor = expectation.lost_counter(key.name, sum).floor;
            if let Some(floor) = floor.filter(|floor| sum < *floor) {
                let said = [format!("at least {floor}"), sum.to_string()];
                findings.fault(FaultKind::Counter, &key.space, key.name.to_owned(), said);
            }
            if is.map(|is| is.value) != Some(sum) {
                let found = is.map_or_else(|| "missing".to_owned(), |is| is.value.to_string());
                let said = [sum.to_string(), found];
                findings.fault(FaultKind::Counter, &key.space, key.name.to_owned(), said);
                let to = match is {
                    Some(is) => Counter { value: sum, ..*is },
                    None => expectation.lost_counter(key.name, sum),
                };
                findings.writes.push(Write::SetCounter(key, to));
            }
        }
        findings
    }

    fn expected(&self, expectation: &dyn Expectation, record: &Record) -> Option<Expected> {
        let guide =
            expectation.guide(&record.key.space).and_then(|key| self.records.get(&key)).map(Row::record);
        let relations = expectation.relations(&record.key.record.kind).iter();
        let owners: Vec<(String, RecordRef)> = relations
            .flat_map(|relation| {
                let links = Links { relation, end: End::Member, shows_hidden: true, nested: false };
                let ends = self.far_ends(&record.key, links);
                ends.map(|end| ((*relation).to_owned(), RecordRef::new(&end.resource_type, &end.id)))
            })
            .collect();
        let seen = Seen { record, guide: guide.as_ref(), owners: &owners };
        let mut expected = expectation.expected(&seen)?;
        if let Some(shown) = record.extra.get("$shown") {
            expected.form.insert("$shown".to_owned(), shown.clone());
        }
        Some(expected)
    }

    fn look_at_form(&self, row: &Row, record: &Record, expected: &Expected, findings: &mut Findings) {
        if row.put.form == expected.form {
            return;
        }
        let RecordRef { kind, id } = &record.key.record;
        let said = [&expected.form, &row.put.form].map(|form| format!("{form:?}"));
        findings.fault(FaultKind::MatchForm, &record.key.space, format!("{kind} {id}"), said);
        let mut put = (*row.put).clone();
        put.form.clone_from(&expected.form);
        put.indexed = indexed_values(&put.form);
        findings.writes.push(Write::Put { record: Box::new(put), replaces: Some(row.version) });
    }

    /// Values that are held by nobody who has them.
    fn look_at_claims(&self, expectation: &dyn Expectation, findings: &mut Findings) {
        let first = ClaimKey { space: Space::from_stored(""), name: String::new(), value: String::new() };
        for (claim, holder) in self.claims.from(first) {
            if self.disowns(expectation, claim, holder) {
                let said = ["somebody else, or nobody".to_owned(), format!("{} {}", holder.kind, holder.id)];
                findings.fault(
                    FaultKind::Claim,
                    &claim.space,
                    format!("{} {}", claim.name, claim.value),
                    said,
                );
                findings.writes.push(Write::Release(claim.clone(), holder.clone()));
            }
        }
    }

    fn disowns(&self, expectation: &dyn Expectation, claim: &ClaimKey, holder: &RecordRef) -> bool {
        let key = RecordKey { space: claim.space.clone(), record: holder.clone() };
        let Some(record) = self.records.get(&key).map(Row::record) else { return true };
        let expected = expectation.expected(&Seen::alone(&record));
        expected.is_some_and(|expected| !expected.claims.contains(claim))
    }

    /// A value that the record must hold.
    fn look_at_claim(&self, key: &RecordKey, claim: &ClaimKey, findings: &mut Findings) {
        let RecordRef { kind, id } = &key.record;
        let holder = self.claims.get(claim);
        if holder == Some(&key.record) {
            return;
        }
        let found = holder.map_or("nobody".to_owned(), |holder| format!("{} {}", holder.kind, holder.id));
        let place = format!("{} {}", claim.name, claim.value);
        findings.fault(FaultKind::Claim, &claim.space, place, [format!("{kind} {id}"), found]);
        let is_given_up = holder
            .is_some_and(|holder| findings.writes.contains(&Write::Release(claim.clone(), holder.clone())));
        let taken = Write::Claim(claim.clone(), key.record.clone());
        let is_taken =
            findings.writes.iter().any(|write| matches!(write, Write::Claim(one, _) if one == claim));
        // Of two who have one value, a person has to decide.
        if (holder.is_none() || is_given_up) && !is_taken {
            findings.writes.push(taken);
        }
    }

    fn look_at_owners(
        &self,
        expectation: &dyn Expectation,
        record: &Record,
        expected: &Expected,
        findings: &mut Findings,
    ) {
        let RecordRef { kind, id } = &record.key.record;
        for relation in expectation.relations(kind) {
            let links = Links { relation, end: End::Member, shows_hidden: true, nested: false };
            let mut is: Vec<RecordRef> = self
                .far_ends(&record.key, links)
                .map(|end| RecordRef::new(&end.resource_type, &end.id))
                .collect();
            let wanted = expected.owners.iter().filter(|(by, _)| by == relation);
            let mut wanted: Vec<RecordRef> = wanted.map(|(_, owner)| owner.clone()).collect();
            is.sort();
            wanted.sort();
            if is == wanted {
                continue;
            }
            let said = [&wanted, &is].map(|owners| format!("{owners:?}"));
            findings.fault(FaultKind::Link, &record.key.space, format!("{relation} of {kind} {id}"), said);
            let link = |owner: &RecordRef| {
                LinkKey::between(&record.key.space, links, record.key.record.clone(), owner.clone())
            };
            let new = wanted.iter().filter(|owner| !is.contains(owner));
            findings.writes.extend(new.map(|owner| Write::Link(link(owner))));
            let gone = is.iter().filter(|owner| !wanted.contains(owner));
            findings.writes.extend(gone.map(|owner| Write::Unlink(link(owner))));
        }
    }
}
