//! Creating, changing and deactivating people.

mod account;
mod belonging;
mod by_hand;
mod news;

use scim_core::{AttrKey, Desired, Document};
use scim_engine::store::{ClaimKey, Guard, Record, Write};
use scim_engine::{Action, Change, Decision, Facts, Outcome, Subject};
use serde_json::{Map, Value};

use super::profile::Profile;
use super::tally::{Tally, ask_booking};
use super::{Asking, Stop, Weight, log_entry, logged};
use crate::account::fold;
use crate::attribute::Attribute;
use crate::client_text::is_empty_text;
use crate::event::Operation;
use crate::log::{LogEntry, ValueChange, document_changes};
use crate::refusal::{AdminLoss, AworkRefusal};
use crate::schema::{ABSENCE_REGION, AWORK_USER_URN, USER_ROLE};
use crate::warning::AworkWarning;
use crate::workspace::{REGION, ROLE, TEAM, USER_KIND, Workspace, of_user};

pub(crate) use by_hand::{INVITED, purge};

/// What `extra` of a user's record keeps: the account.
pub(crate) const ACCOUNT: &str = "account";
/// Whether the user has ever been active, so that a mail greets only those who come back.
const WAS_ACTIVE: &str = "wasActive";
/// Whether a DELETE has hidden the user.
pub(crate) const DELETED: &str = "deleted";

pub(crate) fn decide(change: &Change<'_>, facts: &Facts) -> Result<Decision, Stop> {
    let asking = Asking { facts };
    match change.action {
        Action::Create { .. } => match holder(change, &asking)? {
            None => Person::new(change, &asking, None)?.create(),
            Some(record) if is_deleted(&record.extra) => {
                Person::new(change, &asking, Some(record))?.revive(record)
            }
            Some(record) => {
                let user_name = user_name(change).to_owned();
                Err(AworkRefusal::UserExists { user_name, is_shown: record.visible }.into())
            }
        },
        Action::Update { current, .. } => Person::new(change, &asking, Some(current))?.update(current),
        Action::Delete { current } => Person::new(change, &asking, Some(current))?.delete(current),
    }
}

/// The user name that is wanted, without the blanks around it.
fn user_name<'c>(change: &'c Change<'_>) -> &'c str {
    let sent = change.action.desired().and_then(|desired| desired.document.text("userName"));
    sent.unwrap_or_default().trim()
}

/// Who else in the workspace has the user name, hidden people included.
fn holder<'p>(change: &'p Change<'p>, asking: &Asking<'p>) -> Result<Option<&'p Record>, Stop> {
    let Some(holding) = change.holdings.iter().find(|holding| holding.path == "userName") else {
        return Ok(None);
    };
    // What is kept has no blanks around it, so neither has the claim.
    let claim = ClaimKey { value: fold(holding.value.trim()), ..holding.claim.clone() };
    let holder = if claim == holding.claim {
        holding.holder.as_ref()
    } else {
        asking.all(|lookup| lookup.holder(claim))?
    };
    Ok(holder.filter(|record| record.id() != change.action.id()))
}

fn is_deleted(extra: &Map<String, Value>) -> bool {
    extra.get(DELETED) == Some(&Value::Bool(true))
}

/// A decision about a person in the making.
struct Person<'p> {
    change: &'p Change<'p>,
    asking: &'p Asking<'p>,
    workspace: Workspace,
    workspace_guard: Guard,
    was: Option<&'p Record>,
    id: String,
    document: Document,
    extra: Map<String, Value>,
    writes: Vec<Write>,
    guards: Vec<Guard>,
    tally: Tally,
    warnings: Vec<AworkWarning>,
    /// Whether the person is to be deactivated, which outranks values that do not fit.
    outranks: bool,
    /// Whether the request names a time zone that is taken.
    names_zone: bool,
    /// Whether the person changes the role.
    moves: bool,
    /// What becomes different of role, region and teams.
    belongs: Vec<ValueChange>,
}

impl<'p> Person<'p> {
    fn new(change: &'p Change<'p>, asking: &'p Asking<'p>, was: Option<&'p Record>) -> Result<Self, Stop> {
        let desired = change.action.desired();
        let mut document = desired.map(|desired| desired.document.clone()).unwrap_or_default();
        let (mut warnings, mut outranks, mut names_zone) = (Vec::new(), false, false);
        let revives = was.is_some() && matches!(change.action, Action::Create { .. });
        if let Some(desired) = desired.filter(|_| !revives) {
            outranks = was.is_some()
                && !is_active(&document)
                && desired.asserted.contains_key(&AttrKey::base("active"));
            // Before anything is asked for: what does not fit is refused whatever there is.
            names_zone = profile(change, desired, was, outranks).settle(&mut document, &mut warnings)?;
        }
        let known = asking.workspace(change).ok();
        ask_ahead(change, asking, was, known.as_ref().map(|(workspace, _)| workspace))?;
        let (workspace, workspace_guard) = known.map_or_else(|| asking.workspace(change), Ok)?;
        Ok(Self {
            change,
            asking,
            workspace,
            workspace_guard,
            was,
            id: was.map_or(change.action.id(), Record::id).to_owned(),
            document,
            extra: was.map(|was| was.extra.clone()).unwrap_or_default(),
            writes: Vec::new(),
            guards: Vec::new(),
            tally: Tally::default(),
            warnings,
            outranks,
            names_zone,
            moves: false,
            belongs: Vec::new(),
        })
    }

    /// D-16, D-17: an unknown person is imported, complete at once.
    fn create(mut self) -> Result<Decision, Stop> {
        self.settle_language();
        let role = self.settle_first_role()?;
        self.settle_first_region()?;
        self.settle_teams()?;
        self.settle_new_account()?;
        let active = is_active(&self.document);
        self.extra.insert(WAS_ACTIVE.into(), active.into());
        self.invite();
        self.tally.change(Weight::default(), Weight::of(Some(&role), active));
        self.guards.push(self.workspace_guard.clone());
        self.finish(Operation::Create, AdminLoss::Demote)
    }

    /// a create with the user name of a deleted user brings that user back.
    fn revive(mut self, record: &Record) -> Result<Decision, Stop> {
        self.extra.remove(DELETED);
        let sent = std::mem::replace(&mut self.document, record.document.clone());
        // Names are required of every create, so the old ones do not fill a gap.
        self.document.set(None, "name", None);
        for key in self.change.action.desired().into_iter().flat_map(|desired| desired.asserted.keys()) {
            let extension = key.extension.as_deref();
            self.document.set(extension, &key.name, sent.get(extension, &key.name).cloned());
        }
        self.document.set(None, "active", sent.get(None, "active").cloned());
        if let Some(desired) = self.change.action.desired() {
            let profile = profile(self.change, desired, self.was, false);
            self.names_zone = profile.settle(&mut self.document, &mut self.warnings)?;
        }
        self.settle_language();
        let current_role = self.current_role()?;
        let role = self.settle_role(&current_role)?;
        self.settle_region()?;
        self.settle_teams()?;
        self.settle_account()?;
        let active = is_active(&self.document);
        if active {
            self.extra.insert(WAS_ACTIVE.into(), true.into());
        }
        self.tally.change(Weight::default(), Weight::of(Some(&role), active));
        self.finish(Operation::Create, AdminLoss::Demote)
    }

    /// D-16: a known person is changed in place; what the request does not name stays.
    fn update(mut self, current: &Record) -> Result<Decision, Stop> {
        let (was_active, active) = (is_active(&current.document), is_active(&self.document));
        self.settle_language();
        if self.asserts(&extension(USER_ROLE)) || was_active != active {
            let current_role = self.current_role()?;
            let role = self.settle_role(&current_role)?;
            self.tally.change(Weight::of(Some(&current_role), was_active), Weight::of(Some(&role), active));
        }
        self.settle_region()?;
        self.settle_teams()?;
        self.settle_account()?;
        if active {
            self.extra.insert(WAS_ACTIVE.into(), true.into());
        }
        self.show_again();
        let loss = if was_active && !active { AdminLoss::Deactivate } else { AdminLoss::Demote };
        self.finish(Operation::Update, loss)
    }

    /// the user is deactivated and hidden; all data stay.
    fn delete(mut self, current: &Record) -> Result<Decision, Stop> {
        self.document = current.document.clone();
        let role = self.current_role()?;
        self.tally.change(Weight::of(Some(&role), is_active(&current.document)), Weight::default());
        self.document.set(None, "active", Some(false.into()));
        self.extra.insert(DELETED.into(), true.into());
        self.finish(Operation::Delete, AdminLoss::Delete)
    }

    fn finish(mut self, operation: Operation, loss: AdminLoss) -> Result<Decision, Stop> {
        let counted = self.tally.count(self.change, self.asking, &self.workspace, loss)?;
        if !counted.writes.is_empty() && self.workspace.automatic_booking {
            self.guards.push(self.workspace_guard.clone());
        }
        self.writes.extend(counted.writes);
        self.guards.extend(counted.guards);
        let mut events = counted.events;
        events.extend(self.news(operation));
        let (name, visible) = (display_name(&self.document), !is_deleted(&self.extra));
        if let Some(was) = self.was {
            if was.name != name || was.visible != visible {
                self.touch_role()?;
            }
            // Where nothing but links or counters changes, the record is not written, and what was
            // decided must still be true of the person as they were read.
            self.guards.push(Guard::Version(was.key.clone(), Some(was.version)));
        }
        let entry = self.log_entry(operation);
        let subject = Subject {
            name,
            id: self.id,
            was: self.was.cloned(),
            document: self.document,
            visible,
            extra: self.extra,
        };
        let decision = Decision {
            outcome: Outcome::Put(Box::new(subject)),
            writes: self.writes,
            guards: self.guards,
            events,
            warnings: self.warnings.iter().map(ToString::to_string).collect(),
        };
        Ok(logged(decision, entry))
    }

    /// D-85: what the log says of it.
    fn log_entry(&self, operation: Operation) -> LogEntry {
        let before = self.was.map(|was| &was.document);
        let mut changes = document_changes(self.change.def, before, &self.document);
        changes.extend(self.belongs.iter().cloned());
        let name = self.document.text("userName").map(str::to_owned);
        LogEntry { name, changes, ..log_entry(self.change, operation, &self.id) }
    }

    fn asserts(&self, key: &AttrKey) -> bool {
        self.change.action.desired().is_some_and(|desired| desired.asserted.contains_key(key))
    }

    /// What the request says of an attribute of the extension: nothing, that it has none, or a text.
    fn sent_text(&self, attribute: &str) -> Option<Option<&'p str>> {
        let desired = self.change.action.desired()?;
        let value = desired.asserted.get(&extension(attribute))?;
        Some(value.as_ref().and_then(Value::as_str))
    }

    /// The same for a name that can be changed but not removed. Operations follow one another, so a
    /// removal leaves what the request itself has said before.
    fn sent_name(&mut self, attribute: Attribute) -> Option<Option<&'p str>> {
        let sent = self.sent_text(attribute.path())?;
        if sent.is_some_and(|name| !is_empty_text(name)) {
            return Some(sent);
        }
        let before = self.change.action.desired()?.said_before.get(&extension(attribute.path()));
        let names = before.into_iter().flatten().rev().filter_map(Value::as_str);
        let Some(name) = names.into_iter().find(|name| !is_empty_text(name)) else { return Some(sent) };
        self.warnings.push(AworkWarning::NotRemovable { attribute });
        Some(Some(name))
    }

    /// The language alone depends on the workspace, and is never refused.
    fn settle_language(&mut self) {
        let Some(desired) = self.change.action.desired() else { return };
        let profile = profile(self.change, desired, self.was, self.outranks);
        profile.settle_language(&self.workspace, &mut self.document, &mut self.warnings);
    }

    /// a look-up that fails does not stop a deactivation; what it is about stays as it was.
    fn outrank(&mut self, refusal: AworkRefusal) -> Result<(), Stop> {
        if !(self.outranks && refusal.yields_to_deactivation()) {
            return Err(refusal.into());
        }
        self.warnings.push(AworkWarning::Outranked(refusal));
        Ok(())
    }
}

fn profile<'p>(
    change: &Change<'p>,
    desired: &'p Desired,
    was: Option<&'p Record>,
    outranks: bool,
) -> Profile<'p> {
    Profile {
        current: was.map(|was| &was.document),
        creates: matches!(change.action, Action::Create { .. }),
        asserted: &desired.asserted,
        said_before: &desired.said_before,
        outranks,
    }
}

/// Asks in one round for what the decision will need, since the rounds are few.
fn ask_ahead<'p>(
    change: &'p Change<'p>,
    asking: &Asking<'p>,
    was: Option<&'p Record>,
    workspace: Option<&Workspace>,
) -> Result<(), Stop> {
    let desired = change.action.desired();
    let asserts = |key: &AttrKey| desired.is_some_and(|desired| desired.asserted.contains_key(key));
    asking.all(|lookup| {
        lookup.record(Workspace::key(change.space));
        account::ask_ahead(change, lookup, was);
        if was.is_none_or(|was| !was.visible)
            || asserts(&AttrKey::base("active"))
            || asserts(&extension(USER_ROLE))
        {
            ask_booking(change.space, lookup);
        }
        let Some(was) = was else { return };
        let named = asserts(&AttrKey::base("name")) || asserts(&AttrKey::base("active"));
        let comes_or_goes = desired.is_none() || !was.visible;
        let relations = [
            (ROLE, named || comes_or_goes || asserts(&extension(USER_ROLE))),
            (REGION, asserts(&extension(ABSENCE_REGION))),
            (TEAM, desired.is_some_and(|desired| belonging::may_name_teams(desired, workspace))),
        ];
        for (relation, _) in relations.into_iter().filter(|(_, needed)| *needed) {
            lookup.links(change.key(USER_KIND, was.id()), of_user(relation));
        }
    })
}

fn extension(attribute: &str) -> AttrKey {
    AttrKey::of(AWORK_USER_URN, attribute)
}

pub(crate) fn is_active(document: &Document) -> bool {
    document.get(None, "active") == Some(&Value::Bool(true))
}

/// What a person is called in the list of a role's members: first and last name, as awork shows people.
pub(crate) fn display_name(document: &Document) -> Option<String> {
    let name = document.get(None, "name")?;
    let part = |key: &str| name.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(format!("{} {}", part("givenName"), part("familyName")).trim().to_owned())
}
