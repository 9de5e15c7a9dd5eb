//! Refused requests on their way into the log: kept in memory for a second, and never more than a bound.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scim_engine::store::{Space, TenantId};
use scim_engine::{Audit, Refusal};

use super::entry::{LogEntry, LoggedRefusal, RefusalSum};
use super::strangers;
use super::sums::Sums;
use crate::rules::PROVIDER_LABEL;

/// How many entries wait at most; the count of others is told.
const MOST_WAITING: usize = 1_000;

/// How many characters of a reason are kept.
const MOST_DETAIL: usize = 2_000;

/// Takes note of refused requests, and [writes them down](Self::write_down) once a second. Clones are the
/// same.
#[derive(Clone, Debug, Default)]
pub struct RefusalLog(Arc<Mutex<Waiting>>);

impl Audit for RefusalLog {
    fn refused(&self, refusal: Refusal) {
        self.waiting().take_in(refusal);
    }
}

impl RefusalLog {
    pub(super) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be written down.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: Vec<(Space, LogEntry)>,
    dropped: BTreeMap<Space, u64>,
    sums: Sums,
}

impl Waiting {
    fn take_in(&mut self, refusal: Refusal) {
        let space = refusal.tenant.as_ref().map_or_else(strangers, TenantId::space);
        let is_massive = matches!(refusal.problem.status, 401 | 429);
        let entry = entry(refusal);
        let entry = if is_massive { self.sums.take_in(&space, entry) } else { Some(entry) };
        if let Some(entry) = entry {
            self.push(space, entry);
        }
    }

    fn push(&mut self, space: Space, entry: LogEntry) {
        if self.entries.len() < MOST_WAITING {
            self.entries.push((space, entry));
        } else {
            *self.dropped.entry(space).or_default() += 1;
        }
    }

    /// All that is to be written down at `now`, and sums of what was before `until`; both in milliseconds since
    /// 1970.
    pub(super) fn take(&mut self, now: i64, until: i64) -> Vec<(Space, LogEntry)> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.extend(self.sums.over(until));
        entries.extend(std::mem::take(&mut self.dropped).into_iter().map(|(space, count)| {
            let sum = Some(RefusalSum { count, trace_ids: Vec::new() });
            (space, LogEntry { at: Some(now), operation: "dropped".to_owned(), sum, ..LogEntry::default() })
        }));
        entries
    }

    /// Takes back what could not be written down, before what has come meanwhile.
    pub(super) fn give_back(&mut self, entries: Vec<(Space, LogEntry)>) {
        let later = std::mem::take(&mut self.entries);
        for (space, entry) in entries.into_iter().chain(later) {
            self.push(space, entry);
        }
    }
}

fn entry(refusal: Refusal) -> LogEntry {
    let Refusal { at, trace_id, tenant, caller, operation, kind, id, called, problem } = refusal;
    let known = tenant.is_some();
    let detail = problem.detail.chars().take(MOST_DETAIL).collect();
    LogEntry {
        at: Some(at),
        trace_id,
        integration: known.then_some(caller.id),
        provider: caller.labels.get(PROVIDER_LABEL).cloned(),
        operation: operation.to_owned(),
        resource_type: kind,
        resource: id,
        name: called,
        refusal: Some(LoggedRefusal {
            status: problem.status,
            scim_type: problem.scim_type.map(|keyword| keyword.as_str().to_owned()),
            detail,
        }),
        ..LogEntry::default()
    }
}

#[cfg(test)]
mod tests {
    use scim_core::{Problem, ScimType};
    use scim_engine::Caller;

    use super::*;

    fn refusal(tenant: Option<&str>, status: u16) -> Refusal {
        Refusal {
            at: 5,
            trace_id: "t".into(),
            tenant: tenant.map(|tenant| TenantId::new(tenant).unwrap()),
            caller: Caller {
                id: "i".into(),
                labels: [(PROVIDER_LABEL.to_owned(), "okta".to_owned())].into(),
                ..Caller::default()
            },
            operation: "create",
            kind: Some("User".into()),
            id: None,
            called: Some("lea@w.example".into()),
            problem: Problem {
                status,
                scim_type: Some(ScimType::InvalidValue),
                detail: "x".repeat(MOST_DETAIL + 1),
            },
        }
    }

    /// D-83, D-84: time, provider, operation, resource, user, status and reason; a long reason is cut.
    #[test]
    fn what_is_kept_of_a_refusal() {
        let log = RefusalLog::default();
        log.refused(Refusal { id: Some("u".into()), ..refusal(Some("w"), 400) });
        let some = |text: &str| Some(text.to_owned());
        let entry = LogEntry {
            at: Some(5),
            trace_id: "t".into(),
            integration: some("i"),
            provider: some("okta"),
            operation: "create".into(),
            resource_type: some("User"),
            resource: some("u"),
            name: some("lea@w.example"),
            refusal: Some(LoggedRefusal {
                status: 400,
                scim_type: some("invalidValue"),
                detail: "x".repeat(MOST_DETAIL),
            }),
            ..LogEntry::default()
        };
        assert_eq!(log.waiting().take(9, 9), [(TenantId::new("w").unwrap().space(), entry)]);
        assert_eq!(log.waiting().take(9, 9), []);
    }

    /// What is too much is counted, and what could not be written down is kept as long as there is room.
    #[test]
    fn bounds() {
        let log = RefusalLog::default();
        for _ in 0..MOST_WAITING + 3 {
            log.refused(refusal(Some("w"), 400));
        }
        let taken = log.waiting().take(9, 9);
        assert_eq!(taken.len(), MOST_WAITING + 1);
        let sum = Some(RefusalSum { count: 3, trace_ids: Vec::new() });
        let dropped = LogEntry { at: Some(9), operation: "dropped".to_owned(), sum, ..LogEntry::default() };
        assert_eq!(taken[MOST_WAITING].1, dropped);
        log.refused(refusal(Some("w"), 409));
        log.waiting().give_back(taken);
        let again = log.waiting().take(9, 9);
        assert_eq!(again[0].1.refusal.as_ref().unwrap().status, 400, "the older one first");
        assert_eq!(again.len(), MOST_WAITING + 1);
        assert_eq!(
            again[MOST_WAITING].1.sum.as_ref().unwrap().count,
            2,
            "one entry and the count had no room"
        );
    }

    /// D-85: who is not known is in nobody's log; masses are summed up.
    #[test]
    fn strangers_are_summed() {
        let log = RefusalLog::default();
        for _ in 0..50 {
            log.refused(refusal(None, 401));
        }
        let taken = log.waiting().take(9, 9);
        assert!(taken.len() == 10 && taken.iter().all(|(space, _)| *space == strangers()), "{taken:?}");
        assert!(taken.iter().all(|(_, entry)| entry.integration.is_none()));
        let sums = log.waiting().take(9, 60_000);
        assert_eq!(sums[0].1.sum.as_ref().unwrap().count, 40);
    }
}
