//! The rules of awork, wired into the provisioning engine.

mod group;
mod person;
mod profile;

pub(crate) use group::same_name;
pub(crate) use person::{ACCOUNT, DELETED, INVITED, decide as decide_person, display_name, is_active, purge};
pub(crate) use profile::follow_login;

use scim_core::{LinkView, Omitted, Problem, ScimType, TypeDef};
use scim_engine::store::{Counter, Guard, OnLimit, Record, Refused, Space, Stream, TenantId, Write};
use scim_engine::{Admission, Change, Decision, EngineError, FactKey, Facts, Lookup, Rules, Step};
use serde_json::{Value, json};

use crate::booking::{BookingWindow, THIRDS, invoice_work};
use crate::event::AworkEvent;
use crate::preconditions::Preconditions;
use crate::provider::Provider;
use crate::refusal::{AdminLoss, AworkRefusal};
use crate::role::Role;
use crate::workspace::{ROLE, ROLE_KIND, USER_KIND, Workspace, admins, seats};

/// The label of a caller that says which identity provider it is.
pub const PROVIDER_LABEL: &str = "provider";

/// The label of a caller who is no identity provider: an admin of awork.
pub(crate) const BY_HAND_LABEL: &str = "byHand";

/// awork's rules for users and roles.
#[derive(Clone, Copy, Debug, Default)]
pub struct AworkRules;

impl Rules for AworkRules {
    /// A-37: what a PUT does not name stays as it is.
    fn omitted(&self) -> Omitted {
        Omitted::Kept
    }

    /// Everyone who loses a role must get another one (D-69).
    fn decides_each(&self, view: &LinkView) -> bool {
        view.relation == ROLE
    }

    /// D-7: a new name of a person is nothing to other people, so only their role is touched, which shows it.
    fn announces_names(&self, def: &TypeDef) -> bool {
        def.name() != USER_KIND
    }

    /// D-10, D-11, A-48: without the plan or single sign-on no request is answered.
    fn admit(&self, tenant: &TenantId, facts: &Facts) -> Admission {
        let mut lookup = facts.lookup();
        let record = lookup.record(Preconditions::key(&tenant.space()));
        if !lookup.is_complete() {
            return Admission::Need(lookup.needed());
        }
        match record.and_then(Preconditions::of).map_or(Ok(()), |known| known.check()) {
            Ok(()) => Admission::Admitted,
            Err(refusal) => Admission::Refused(refusal.into()),
        }
    }

    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        let decided = if change.def.name() == ROLE_KIND {
            group::decide(change, facts)
        } else {
            person::decide(change, facts)
        };
        match decided {
            Ok(decision) => Step::Commit(Box::new(decision)),
            Err(Stop::Need(keys)) => Step::Need(keys),
            Err(Stop::Refuse(refusal)) => Step::Refuse(refusal.into()),
            Err(Stop::Damaged) => Step::Refuse(Problem::plain(
                500,
                "the workspace cannot be read: tell awork's support the trace id",
            )),
        }
    }

    /// What the schema already refuses ends with awork's code like any other refusal (domain section 5).
    fn reword(&self, error: EngineError) -> EngineError {
        match error {
            EngineError::Schema(_)
            | EngineError::PatchRequest(_)
            | EngineError::Patch(_)
            | EngineError::FilterSyntax(_)
            | EngineError::Filter(_) => {
                let problem = error.problem();
                let detail = format!("{} (validation-failed)", problem.detail);
                Problem { detail, ..problem }.into()
            }
            EngineError::NotFound { kind, id } => {
                let resource = if kind == ROLE_KIND { ROLE_KIND } else { USER_KIND };
                Problem::from(AworkRefusal::NotFound { resource, id }).into()
            }
            other => other,
        }
    }
}

/// Why a decision does not come to a commit.
pub(crate) enum Stop {
    Need(Vec<FactKey>),
    Refuse(AworkRefusal),
    Damaged,
}

impl From<AworkRefusal> for Stop {
    fn from(refusal: AworkRefusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl From<AworkRefusal> for Problem {
    fn from(refusal: AworkRefusal) -> Self {
        let scim_type = refusal.scim_type().map(|keyword| match keyword {
            "uniqueness" => ScimType::Uniqueness,
            "mutability" => ScimType::Mutability,
            _ => ScimType::InvalidValue,
        });
        Self { status: refusal.status(), scim_type, detail: refusal.to_string() }
    }
}

/// Looks up facts, and stops when one is missing.
struct Asking<'f> {
    facts: &'f Facts,
}

impl<'f> Asking<'f> {
    /// Asks for facts; all that `ask` asks for are read together if one is missing.
    fn all<T>(&self, ask: impl FnOnce(&mut Lookup<'f>) -> T) -> Result<T, Stop> {
        let mut lookup = self.facts.lookup();
        let answer = ask(&mut lookup);
        if lookup.is_complete() { Ok(answer) } else { Err(Stop::Need(lookup.needed())) }
    }

    /// The workspace, and the guard that holds while a name looked up in it means the same.
    fn workspace(&self, change: &Change<'_>) -> Result<(Workspace, Guard), Stop> {
        let key = Workspace::key(change.space);
        let record = self.all(|lookup| lookup.record(key.clone()))?.ok_or(Stop::Damaged)?;
        let workspace = Workspace::of(record).map_err(|_| Stop::Damaged)?;
        Ok((workspace, Guard::Version(key, Some(record.version))))
    }
}

/// The identity provider behind the request (D-35).
fn provider(change: &Change<'_>) -> Provider {
    let label = change.context.caller.labels.get(PROVIDER_LABEL);
    let named = label.and_then(|label| serde_json::from_value(Value::String(label.clone())).ok());
    named.unwrap_or_default()
}

/// What one user counts for: thirds of a seat, and admins (D-28, D-70, A-27, A-51).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Weight {
    pub(crate) thirds: i64,
    pub(crate) admins: i64,
}

impl Weight {
    /// Only active users count.
    pub(crate) fn of(role: Option<&Role>, active: bool) -> Self {
        match role {
            Some(role) if active && role.is_guest => Self { thirds: 1, admins: 0 },
            Some(role) if active => Self { thirds: 3, admins: i64::from(role.is_admin) },
            _ => Self::default(),
        }
    }
}

/// What a change adds to the counters of a workspace.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    thirds: i64,
    admins: i64,
}

impl Tally {
    fn change(&mut self, before: Weight, after: Weight) {
        self.thirds += after.thirds - before.thirds;
        self.admins += after.admins - before.admins;
    }

    /// The writes of the sums, and what they tell. What a lost commit has shown to be out of bounds is
    /// refused here, with the counter read again (D-24, D-70).
    fn count(
        self,
        change: &Change<'_>,
        asking: &Asking<'_>,
        workspace: &Workspace,
        loss: AdminLoss,
    ) -> Result<Counted, Stop> {
        let (seats, admins) = (seats(change.space), admins(change.space));
        if let Some(Refused::Bound { counter, .. }) = change.refused {
            let is = asking.all(|lookup| lookup.counter(counter.clone()))?.unwrap_or_default();
            if *counter == admins && falls_below(is, self.admins) {
                return Err(AworkRefusal::LastAdmin { loss }.into());
            }
            // Booking may have been switched on since the commit was refused.
            let is_short = *counter == seats && !workspace.automatic_booking;
            if let Some(missing) = missing_seats(is, self.thirds).filter(|_| is_short) {
                return Err(AworkRefusal::NoSeat { missing }.into());
            }
        }
        let mut counted = Counted::default();
        if self.admins != 0 {
            let add = Write::Add { counter: admins, by: self.admins, on_limit: OnLimit::Refuse };
            counted.writes.push(add);
        }
        let mut on_limit = OnLimit::Refuse;
        if workspace.automatic_booking && self.thirds > 0 {
            let (is, known) = asking.all(|lookup| ask_booking(change.space, lookup))?;
            if let (Some(_), Some(limit)) = (missing_seats(is, self.thirds), is.limit) {
                on_limit = OnLimit::Raise { step: THIRDS };
                counted.book(change, known, limit)?;
            }
        }
        if self.thirds != 0 {
            counted.writes.push(Write::Add { counter: seats, by: self.thirds, on_limit });
        }
        Ok(counted)
    }
}

/// What is asked to book seats: how many are taken and booked, and the window, in one snapshot.
fn ask_booking<'f>(space: &Space, lookup: &mut Lookup<'f>) -> (Counter, Option<&'f Record>) {
    (lookup.counter(seats(space)).unwrap_or_default(), lookup.record(BookingWindow::key(space)))
}

/// What counting comes to.
#[derive(Debug, Default)]
struct Counted {
    writes: Vec<Write>,
    events: Vec<(Stream, Value)>,
}

impl Counted {
    /// D-25, D-26: seats are booked, into a window that is open or opened by that.
    fn book(&mut self, change: &Change<'_>, known: Option<&Record>, limit: i64) -> Result<(), Stop> {
        let (space, now) = (change.space, change.context.now);
        let before = match known {
            Some(record) => BookingWindow::of(record).ok_or(Stop::Damaged)?,
            None => BookingWindow { opened_at: None, billed: limit },
        };
        let (window, invoice) = before.book(space, limit, now);
        // Written even as it was: its version puts all who book, and who bills, one after the other.
        self.writes.push(window.write(space, known.map(|record| record.version)));
        if window != before
            && let Some(at) = window.closes_at()
        {
            self.writes.push(Write::Schedule { key: invoice_work(space), at, body: Value::Null });
        }
        self.events.extend(invoice.map(|invoice| tell(&AworkEvent::Invoice(invoice))));
        Ok(())
    }
}

/// An event of the outbox.
fn tell(event: &AworkEvent) -> (Stream, Value) {
    (Stream::Outbox, event.to_body())
}

fn falls_below(is: Counter, by: i64) -> bool {
    by < 0 && is.floor.is_some_and(|floor| is.value + by < floor)
}

/// How many whole seats more the change needs; none if it fits.
fn missing_seats(is: Counter, by: i64) -> Option<u64> {
    let over = is.value + by - is.limit?;
    (by > 0 && over > 0).then(|| over.unsigned_abs().div_ceil(THIRDS.unsigned_abs()))
}

/// The entry of the provisioning log for a change of a resource (D-83): no values, no secrets.
fn log_entry(change: &Change<'_>, operation: &str, id: &str, warnings: &[String]) -> (Stream, Value) {
    let context = change.context;
    let entry = json!({
        "traceId": context.trace_id,
        "integration": context.caller.id,
        "provider": provider(change),
        "operation": operation,
        "resourceType": change.def.name(),
        "resource": id,
        "warnings": warnings,
    });
    (Stream::Log, entry)
}

/// A decision with its log entry and warnings.
fn logged(change: &Change<'_>, operation: &str, id: &str, mut decision: Decision) -> Decision {
    decision.events.push(log_entry(change, operation, id, &decision.warnings));
    decision
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-28, A-27, A-51: thirds of a seat, and admins, of active users only.
    #[test]
    fn weights() {
        let role = |is_admin, is_guest| Role {
            id: "r".into(),
            name: "R".into(),
            is_admin,
            is_guest,
            is_archived: false,
            is_agent: false,
            grants: crate::Grants::default(),
            created_on: chrono::DateTime::UNIX_EPOCH,
        };
        for (role, active, thirds, admins) in [
            (role(true, false), true, 3, 1),
            (role(true, false), false, 0, 0),
            (role(false, true), true, 1, 0),
            (role(false, false), true, 3, 0),
            (role(false, true), false, 0, 0),
        ] {
            assert_eq!(Weight::of(Some(&role), active), Weight { thirds, admins });
        }
        assert_eq!(Weight::of(None, true), Weight::default());
    }

    /// D-69, D-7: whoever loses a role is decided about one by one; only names of roles are news to all.
    #[test]
    fn links_and_names() {
        let registry = crate::awork_registry().unwrap();
        let mut seen = Vec::new();
        for def in registry.types() {
            assert_eq!(AworkRules.announces_names(def), def.name() == "Group", "{}", def.name());
            seen.extend(def.links().iter().map(|view| (view.attribute, AworkRules.decides_each(view))));
        }
        seen.sort_unstable();
        let expected = [
            ("absenceRegion", false),
            ("groups", true),
            ("members", true),
            ("teams", false),
            ("userRole", true),
        ];
        assert_eq!(seen, expected);
    }

    /// D-24, D-70, A-51: what falls below the floor, and how many seats are missing.
    #[test]
    fn bounds() {
        let counter = |value, floor, limit| Counter { value, floor, limit };
        for (is, by, below) in [
            (counter(1, Some(1), None), -1, true),
            (counter(2, Some(1), None), -1, false),
            (counter(1, Some(1), None), 0, false),
            (counter(0, Some(1), None), 1, false),
            (counter(0, Some(1), None), 0, false),
            (counter(0, None, None), -1, false),
        ] {
            assert_eq!(falls_below(is, by), below, "{is:?} {by}");
        }
        for (is, by, missing) in [
            (counter(15, None, Some(15)), 3, Some(1)),
            (counter(14, None, Some(15)), 3, Some(1)),
            (counter(12, None, Some(15)), 3, None),
            (counter(15, None, Some(15)), 1, Some(1)),
            (counter(15, None, Some(15)), 4, Some(2)),
            (counter(18, None, Some(15)), -3, None),
            (counter(18, None, Some(15)), 0, None),
            (counter(15, None, None), 3, None),
        ] {
            assert_eq!(missing_seats(is, by), missing, "{is:?} {by}");
        }
    }
}
