//! Teams: made, renamed and deleted in awork; their names are unique there.

use scim_engine::store::{Guard, Write};

use super::AworkCommand;
use super::catalogue::catalogue_writes;
use super::desk::{Desk, Done, Halt};
use super::names::{check_free, check_new_name, find};
use super::refusal::Thing;
use crate::teams::Team;
use crate::workspace::{TEAM, TEAM_KIND, held_by};

/// Makes a team.
#[derive(Clone, Debug)]
pub struct CreateTeam {
    /// The name.
    pub name: String,
}

impl AworkCommand for CreateTeam {
    type Output = Team;

    const OPERATION: &'static str = "team.create";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Team>, Halt> {
        let (before, version) = desk.workspace()?;
        let name = check_new_name(Thing::Team, &self.name)?;
        check_free(name, &before.teams, None)?;
        let team = Team { name: name.to_owned(), id: desk.scene.context.new_id.clone() };
        let mut after = before.clone();
        after.teams.push(team.clone());
        let writes = catalogue_writes(desk, &before, version, &after)?;
        let id = team.id.clone();
        Ok(Done::written(writes, team, (TEAM_KIND, &id)))
    }
}

/// Renames a team; every user shows the new name at once (D-64).
#[derive(Clone, Debug)]
pub struct RenameTeam {
    /// Id or name.
    pub team: String,
    /// The new name.
    pub name: String,
}

impl AworkCommand for RenameTeam {
    type Output = Team;

    const OPERATION: &'static str = "team.rename";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Team>, Halt> {
        let (before, version) = desk.workspace()?;
        let at = find(&self.team, &before.teams)?;
        let name = check_new_name(Thing::Team, &self.name)?;
        check_free(name, &before.teams, Some(&before.teams[at].id))?;
        let mut after = before.clone();
        name.clone_into(&mut after.teams[at].name);
        let team = after.teams[at].clone();
        if after == before {
            return Ok(Done::seen(team));
        }
        let writes = catalogue_writes(desk, &before, version, &after)?;
        Ok(Done::written(writes, team, (TEAM_KIND, &before.teams[at].id)))
    }
}

/// Deletes a team; whoever is in it stays in the others.
#[derive(Clone, Debug)]
pub struct DeleteTeam {
    /// Id or name.
    pub team: String,
}

impl AworkCommand for DeleteTeam {
    type Output = Team;

    const OPERATION: &'static str = "team.delete";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Team>, Halt> {
        let (before, version) = desk.workspace()?;
        let at = find(&self.team, &before.teams)?;
        let mut after = before.clone();
        let team = after.teams.remove(at);
        let key = desk.key(TEAM_KIND, &team.id);
        let record = desk.record(key.clone())?.ok_or_else(Halt::damaged)?;
        let mut writes = catalogue_writes(desk, &before, version, &after)?;
        writes.push(Write::ClearLinks { of: key.clone(), links: held_by(TEAM) });
        writes.push(Write::Delete { key: key.clone(), replaces: record.version });
        let id = team.id.clone();
        Ok(Done::written(writes, team, (TEAM_KIND, &id)).guarded([Guard::Version(key, Some(record.version))]))
    }
}
