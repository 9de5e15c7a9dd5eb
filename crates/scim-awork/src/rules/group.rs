//! Roles as groups: who is a member holds the role (D-73 to D-78, A-18 to A-21).

use std::collections::BTreeMap;

use scim_core::AttrKey;
use scim_engine::store::{Guard, LinkKey, Record, RecordRef, Write};
use scim_engine::{Action, Change, Decision, Facts};

use super::person::is_active;
use super::tally::{Tally, ask_booking};
use super::{Asking, Stop, Weight, log_entry, provider, tell};
use crate::attribute::Attribute;
use crate::event::{AworkEvent, Changed, Operation};
use crate::log::{LogEntry, ValueChange};
use crate::refusal::{AdminLoss, AworkRefusal};
use crate::role::{Role, RoleDecision, role_after_removal};
use crate::workspace::{ROLE, ROLE_KIND, USER_KIND, Workspace, of_user};

pub(super) fn decide(change: &Change<'_>, facts: &Facts) -> Result<Decision, Stop> {
    provider(change).check_group_write()?;
    let asking = Asking { facts };
    ask_ahead(change, &asking)?;
    let (workspace, guard) = asking.workspace(change)?;
    match change.action {
        Action::Create { desired, .. } => {
            Err(creation(&workspace, desired.document.text("displayName")).into())
        }
        Action::Delete { current } => Err(AworkRefusal::GroupDeleted { name: name_of(current) }.into()),
        Action::Update { current, desired, .. } => {
            let wanted = desired.document.text("displayName").unwrap_or_default();
            if desired.by_path.contains(&AttrKey::base("displayName")) && wanted != name_of(current) {
                let (name, sent) = (name_of(current), wanted.to_owned());
                return Err(AworkRefusal::GroupRenamed { name, sent }.into());
            }
            let role = workspace.role(current.id()).ok_or(Stop::Damaged)?;
            move_members(change, &asking, &workspace, &guard, role)
        }
    }
}

/// Asks in one round for what the decision will need, since the rounds are few.
fn ask_ahead(change: &Change<'_>, asking: &Asking<'_>) -> Result<(), Stop> {
    asking.all(|lookup| {
        lookup.record(Workspace::key(change.space));
        ask_booking(change.space, lookup);
        for delta in change.links {
            let added = delta.added.iter().filter_map(|(id, record)| record.as_ref().and(Some(id)));
            let removed = delta.removed.iter().map(|end| &end.id);
            for id in added.chain(removed) {
                lookup.links(change.key(USER_KIND, id), of_user(ROLE));
            }
            for end in &delta.removed {
                lookup.record(change.key(USER_KIND, &end.id));
            }
        }
    })
}

/// D-73, A-50: roles are made in awork; the name of one that is there is a conflict, so that clients
/// look it up and link it.
fn creation(workspace: &Workspace, name: Option<&str>) -> AworkRefusal {
    let named =
        |name: &str| workspace.roles.iter().find(|role| role.is_assignable() && same_name(&role.name, name));
    match name.and_then(named) {
        Some(role) => AworkRefusal::RoleExists { name: role.name.clone() },
        None => AworkRefusal::GroupCreated { name: name.map(str::to_owned) },
    }
}

/// Clients look groups up without regard to case, so a conflict is seen likewise.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    use scim_core::text::Folding;
    Folding::CaseFolded.fold(one) == Folding::CaseFolded.fold(other)
}

fn name_of(record: &Record) -> String {
    record.document.text("displayName").or(record.name.as_deref()).unwrap_or_default().to_owned()
}

/// D-77, A-18, A-19: whoever comes moves in, whoever goes falls back to the default role.
fn move_members(
    change: &Change<'_>,
    asking: &Asking<'_>,
    workspace: &Workspace,
    guard: &Guard,
    role: &Role,
) -> Result<Decision, Stop> {
    let mut removed: Vec<&str> = Vec::new();
    let mut people: BTreeMap<&str, &Record> = BTreeMap::new();
    let mut added: Vec<&Record> = Vec::new();
    for delta in change.links {
        for (id, record) in &delta.added {
            match record {
                Some(record) => added.push(record),
                None => return Err(AworkRefusal::UnknownMember { id: id.clone() }.into()),
            }
        }
        removed.extend(delta.removed.iter().map(|end| end.id.as_str()));
    }
    let records = asking.all(|lookup| {
        removed.iter().map(|id| (*id, lookup.record(change.key(USER_KIND, id)))).collect::<Vec<_>>()
    })?;
    people.extend(records.into_iter().filter_map(|(id, record)| Some((id, record?))));
    people.extend(added.iter().map(|record| (record.id(), *record)));
    let held = asking.all(|lookup| {
        let links = people.keys().map(|id| (*id, lookup.links(change.key(USER_KIND, id), of_user(ROLE))));
        links.collect::<BTreeMap<_, _>>()
    })?;
    let current_role = |id: &str| {
        let end = held.get(id).and_then(|ends| ends.first());
        end.and_then(|end| workspace.role(&end.id)).ok_or(Stop::Damaged)
    };
    let mut moves = Moves {
        change,
        tally: Tally::default(),
        people: Vec::new(),
        changes: Vec::new(),
        writes: Vec::new(),
        guards: Vec::new(),
    };
    for record in &added {
        moves.push(record, current_role(record.id())?, role);
    }
    for id in removed {
        let Some(record) = people.get(id) else { continue };
        let current = current_role(id)?;
        if let RoleDecision::Assign(fallback) = role_after_removal(&role.id, current, &workspace.roles)? {
            moves.push(record, current, fallback);
        }
    }
    if moves.writes.is_empty() {
        return Ok(Decision::default());
    }
    moves.guards.push(guard.clone());
    let counted = moves.tally.count(change, asking, workspace, AdminLoss::Leave)?;
    moves.writes.extend(counted.writes);
    let mut events = counted.events;
    events.push(tell(&AworkEvent::Changed(Changed {
        operation: Operation::Assign,
        people: moves.people,
        activation: None,
        trace_id: change.context.trace_id.clone(),
    })));
    // The size of an entry is bounded, whatever that of the group.
    events.extend(moves.changes.chunks(MOST_LOGGED).map(|changes| {
        let (name, changes) = (Some(role.name.clone()), changes.to_vec());
        LogEntry { name, changes, ..log_entry(change, Operation::Assign, change.action.id()) }.to_event()
    }));
    Ok(Decision { writes: moves.writes, guards: moves.guards, events, ..Decision::default() })
}

/// How many people one entry of the log is about.
const MOST_LOGGED: usize = 100;

/// Users who change their role.
struct Moves<'m> {
    change: &'m Change<'m>,
    tally: Tally,
    people: Vec<String>,
    changes: Vec<ValueChange>,
    writes: Vec<Write>,
    guards: Vec<Guard>,
}

impl Moves<'_> {
    fn push(&mut self, person: &Record, from: &Role, to: &Role) {
        if from.id == to.id {
            return;
        }
        let key = |role: &Role| LinkKey {
            space: self.change.space.clone(),
            relation: ROLE,
            owner: RecordRef::new(ROLE_KIND, &role.id),
            member: RecordRef::new(USER_KIND, person.id()),
        };
        self.people.push(person.id().to_owned());
        self.changes.push(ValueChange {
            attribute: Attribute::UserRole.path().to_owned(),
            person: Some(person.id().to_owned()),
            old: from.name.as_str().into(),
            new: to.name.as_str().into(),
        });
        let active = is_active(&person.document);
        self.tally.change(Weight::of(Some(from), active), Weight::of(Some(to), active));
        self.guards.push(Guard::Version(person.key.clone(), Some(person.version)));
        self.guards.push(Guard::Link(key(from), true));
        self.writes.push(Write::Unlink(key(from)));
        self.writes.push(Write::Link(key(to)));
    }
}
