//! Roles, teams and regions of a workspace that change: its own record, and each of theirs that shows it.

use scim_core::{Document, Relation};
use scim_engine::store::{Guard, MarkKey, RecordKey, Write};
use scim_engine::{Lookup, Subject, subject_writes};
use serde_json::{Map, json};

use super::desk::{Desk, Halt};
use super::names::Named;
use super::refusal::CommandRefusal;
use crate::account::bare;
use crate::role::Role;
use crate::teams::TeamCatalogue;
use crate::workspace::{REGION_KIND, ROLE_KIND, TEAM_KIND, Workspace};

/// A record whose name is another one than before.
struct Shown {
    key: RecordKey,
    name: String,
    was_there: bool,
}

/// The writes that make one workspace of another: a new name is one row, and every answer shows it
/// (D-75, D-76). What is gone is deleted by whoever takes it away.
pub(super) fn catalogue_writes(
    desk: &Desk<'_>,
    before: &Workspace,
    version: u64,
    after: &Workspace,
) -> Result<Vec<Write>, Halt> {
    let space = desk.scene.space;
    let record = bare(Workspace::key(space), Some(&after.name), after.to_extra());
    let mut writes = vec![Write::Put { record: Box::new(record), replaces: Some(version) }];
    writes.extend(role_writes(desk, before, after)?);
    let shown = shown(desk, before, after);
    let records = desk.all(|lookup: &mut Lookup<'_>| {
        shown.iter().map(|shown| lookup.record(shown.key.clone())).collect::<Vec<_>>()
    })?;
    let renames = shown.iter().any(|shown| shown.was_there);
    for (Shown { key, name, .. }, was) in shown.into_iter().zip(records) {
        let extra = was.map(|was| was.extra.clone()).unwrap_or_default();
        let record = bare(key, Some(&name), extra);
        writes.push(Write::Put { record: Box::new(record), replaces: was.map(|was| was.version) });
    }
    // Whoever loses a role or region gets another one, by a link of their own; a team is only gone.
    if renames || before.teams.len() > after.teams.len() {
        writes.push(Write::Raise(MarkKey::names(space)));
    }
    Ok(writes)
}

/// Roles that are new, have another name, or are archived or brought back.
fn role_writes(desk: &Desk<'_>, before: &Workspace, after: &Workspace) -> Result<Vec<Write>, Halt> {
    let def = desk.def(ROLE_KIND)?;
    let is_other = |role: &&Role| match before.role(&role.id) {
        Some(was) => was.name != role.name || was.is_assignable() != role.is_assignable(),
        None => true,
    };
    let changed: Vec<&Role> = after.roles.iter().filter(is_other).collect();
    let records = desk.all(|lookup| {
        changed.iter().map(|role| lookup.record(desk.key(ROLE_KIND, &role.id)).cloned()).collect::<Vec<_>>()
    })?;
    let mut writes = Vec::new();
    for (role, was) in changed.into_iter().zip(records) {
        let extra = was.as_ref().map(|was| was.extra.clone()).unwrap_or_default();
        let subject = Subject {
            id: role.id.clone(),
            was,
            document: Document::from_canonical(Map::from_iter([(
                "displayName".to_owned(),
                json!(role.name),
            )])),
            visible: role.is_assignable(),
            name: Some(role.name.clone()),
            extra,
        };
        writes.extend(subject_writes(def, desk.scene.space, subject, false));
    }
    Ok(writes)
}

/// Teams and regions that are new or shown under another name. A team's also depends on the other teams
///
fn shown(desk: &Desk<'_>, before: &Workspace, after: &Workspace) -> Vec<Shown> {
    let names = |workspace: &Workspace| -> Vec<(&'static str, String, String)> {
        let catalogue = TeamCatalogue::new(workspace.teams.iter().cloned());
        let teams = workspace
            .teams
            .iter()
            .map(|team| (TEAM_KIND, team.id.clone(), catalogue.list_name(&team.name).into_owned()));
        let regions =
            workspace.regions.iter().map(|region| (REGION_KIND, region.id.clone(), region.name.clone()));
        teams.chain(regions).collect()
    };
    let known = names(before);
    let was = |kind: &str, id: &str| known.iter().find(|(of, other, _)| *of == kind && other == id);
    names(after)
        .into_iter()
        .filter_map(|(kind, id, name)| {
            let was = was(kind, &id);
            let is_same = was.is_some_and(|(_, _, before)| *before == name);
            (!is_same).then(|| Shown { key: desk.key(kind, &id), name, was_there: was.is_some() })
        })
        .collect()
}

/// Gives the holders of a role or region that goes the target instead, each by their links; the guard holds
/// while nobody else comes or goes.
pub(super) fn move_holders(
    desk: &Desk<'_>,
    relation: Relation,
    kind: &str,
    (from, to): (&str, &str),
) -> Result<(Vec<Write>, Guard), Halt> {
    let record = desk.record(desk.key(kind, from))?.ok_or_else(Halt::damaged)?;
    let mut writes = Vec::new();
    for holder in desk.holders(relation, kind, from)? {
        writes.push(Write::Unlink(desk.link(relation, (kind, from), &holder.id)));
        writes.push(Write::Link(desk.link(relation, (kind, to), &holder.id)));
    }
    Ok((writes, Guard::Version(record.key.clone(), Some(record.version))))
}

/// The one that holders get instead; refused where there are some and it is not said.
pub(super) fn target<'t, T: Named>(
    gone: &T,
    all: &'t [T],
    named: Option<&str>,
    holders: usize,
) -> Result<Option<&'t T>, CommandRefusal> {
    match named {
        Some(named) => {
            let target = &all[super::names::find(named, all)?];
            if target.id() == gone.id() {
                return Err(CommandRefusal::UnfitTarget { name: target.name().to_owned() });
            }
            Ok(Some(target))
        }
        None if holders > 0 => {
            let name = gone.name().to_owned();
            Err(CommandRefusal::TargetMissing { thing: T::THING, name, holders })
        }
        None => Ok(None),
    }
}
