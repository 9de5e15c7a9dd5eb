//! What awork's admins may do beyond SCIM: invite, give the guest role, bring back, delete for good.

use scim_engine::store::{Guard, Refused, Write};
use scim_engine::{Action, Change, Decision, Facts, Outcome};
use serde_json::Value;

use super::{ACCOUNT, DELETED, Person, is_active};
use crate::account::{Account, account_key, login_key};
use crate::event::{Activation, AworkEvent, Changed, Operation};
use crate::refusal::AdminLoss;
use crate::role::Role;
use crate::rules::{Asking, BY_HAND_LABEL, Stop, Weight, log_entry, logged, tell};
use crate::workspace::{ROLE, USER_KIND, Workspace, of_user};

/// Whether `extra` of a user's record says that an invitation is open; an import has none (D-17, D-18).
pub(crate) const INVITED: &str = "invited";

impl Person<'_> {
    /// Notes the invitation of somebody who is created by hand.
    pub(super) fn invite(&mut self) {
        if is_by_hand(self.change) {
            self.extra.insert(INVITED.into(), true.into());
        }
    }

    /// whom an admin reactivates, SCIM sees again.
    pub(super) fn show_again(&mut self) {
        if is_by_hand(self.change) && is_active(&self.document) {
            self.extra.remove(DELETED);
        }
    }
}

fn is_by_hand(change: &Change<'_>) -> bool {
    change.context.caller.labels.contains_key(BY_HAND_LABEL)
}

/// The guest role, if an admin of awork names it: only SCIM may not give it (D-67).
pub(super) fn guest_by_hand<'r>(
    change: &Change<'_>,
    sent: Option<&str>,
    roles: &'r [Role],
) -> Option<&'r Role> {
    let named = sent.filter(|_| is_by_hand(change))?;
    roles.iter().find(|role| role.is_guest && role.name == named)
}

/// D-61, A-26: the user is gone for good, and the account with them where it was its last user.
pub(crate) fn purge(change: &Change<'_>, facts: &Facts) -> Result<Decision, Stop> {
    let asking = Asking { facts };
    let Action::Delete { current } = change.action else { return Err(Stop::Damaged) };
    // In one round with what every decision about a person asks for, since the rounds are few.
    asking.all(|lookup| {
        lookup.record(Workspace::key(change.space));
        lookup.links(change.key(USER_KIND, current.id()), of_user(ROLE));
        if let Some(account) = current.extra.get(ACCOUNT).and_then(Value::as_str) {
            lookup.record(account_key(account));
        }
        if let Some(Refused::Bound { counter, .. }) = change.refused {
            lookup.counter(counter.clone());
        }
    })?;
    let mut person = Person::new(change, &asking, Some(current))?;
    let role = person.current_role()?;
    person.unlink_role(&role);
    let active = current.visible && is_active(&current.document);
    person.tally.change(Weight::of(Some(&role), active), Weight::default());
    person.leave_account()?;
    let counted = person.tally.count(change, &asking, &person.workspace, AdminLoss::Delete)?;
    person.writes.extend(counted.writes);
    let mut events = counted.events;
    events.push(tell(&AworkEvent::Changed(Changed {
        operation: Operation::Purge,
        people: vec![current.id().to_owned()],
        activation: active.then_some(Activation::Deactivated),
        trace_id: change.context.trace_id.clone(),
    })));
    person.guards.push(Guard::Version(current.key.clone(), Some(current.version)));
    let decision = Decision {
        outcome: Outcome::Deleted(Box::new(current.clone())),
        writes: person.writes,
        guards: person.guards,
        events,
        warnings: Vec::new(),
    };
    // Whoever is deleted for good leaves no values behind.
    Ok(logged(decision, log_entry(change, Operation::Purge, current.id())))
}

impl Person<'_> {
    /// Takes the membership from the account; the last one takes account and login along.
    fn leave_account(&mut self) -> Result<(), Stop> {
        let Some(id) = self.extra.get(ACCOUNT).and_then(Value::as_str).map(str::to_owned) else {
            return Ok(());
        };
        let record = self.asking.all(|lookup| lookup.record(account_key(&id)))?.ok_or(Stop::Damaged)?;
        let mut account = Account::of(record).ok_or(Stop::Damaged)?;
        let workspace = self.change.context.tenant.as_str();
        account.memberships.retain(|own| !(own.workspace == workspace && own.user == self.id));
        if !account.memberships.is_empty() {
            self.writes.push(account.write(&id, Some(record.version)));
            return Ok(());
        }
        let login = self.asking.all(|lookup| lookup.record(login_key(&account.email)))?;
        self.writes.push(Write::Delete { key: record.key.clone(), replaces: record.version });
        if let Some(login) = login {
            self.writes.push(Write::Delete { key: login.key.clone(), replaces: login.version });
        }
        Ok(())
    }
}
