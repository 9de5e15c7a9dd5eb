//! Absence regions: made, renamed and deleted in awork; one of them may be the default (D-21).

use scim_engine::store::Write;

use super::AworkCommand;
use super::catalogue::{catalogue_writes, move_holders, target};
use super::desk::{Desk, Done, Halt};
use super::names::{check_free, check_new_name, find};
use super::refusal::Thing;
use crate::absence_region::AbsenceRegion;
use crate::workspace::{REGION, REGION_KIND};

/// Makes an absence region.
#[derive(Clone, Debug)]
pub struct CreateRegion {
    /// The name.
    pub name: String,
    /// Whether new users get it from now on.
    pub is_default: bool,
}

impl AworkCommand for CreateRegion {
    type Output = AbsenceRegion;

    const OPERATION: &'static str = "region.create";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<AbsenceRegion>, Halt> {
        let (before, version) = desk.workspace()?;
        let name = check_new_name(Thing::Region, &self.name)?.to_owned();
        check_free(&name, &before.regions, None)?;
        let id = desk.scene.context.new_id.clone();
        let mut after = before.clone();
        if self.is_default {
            after.regions.iter_mut().for_each(|region| region.is_default = false);
        }
        let region = AbsenceRegion { id: id.clone(), name, is_default: self.is_default };
        after.regions.push(region.clone());
        let writes = catalogue_writes(desk, &before, version, &after)?;
        Ok(Done::written(writes, region, (REGION_KIND, &id)))
    }
}

/// Renames an absence region.
#[derive(Clone, Debug)]
pub struct RenameRegion {
    /// Id or name.
    pub region: String,
    /// The new name.
    pub name: String,
}

impl AworkCommand for RenameRegion {
    type Output = AbsenceRegion;

    const OPERATION: &'static str = "region.rename";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<AbsenceRegion>, Halt> {
        let (before, version) = desk.workspace()?;
        let at = find(&self.region, &before.regions)?;
        let name = check_new_name(Thing::Region, &self.name)?;
        check_free(name, &before.regions, Some(&before.regions[at].id))?;
        let mut after = before.clone();
        name.clone_into(&mut after.regions[at].name);
        let region = after.regions[at].clone();
        if after == before {
            return Ok(Done::seen(region));
        }
        let writes = catalogue_writes(desk, &before, version, &after)?;
        Ok(Done::written(writes, region, (REGION_KIND, &before.regions[at].id)))
    }
}

/// Makes an absence region the one that new users get, or none of them (D-21).
#[derive(Clone, Debug)]
pub struct SetDefaultRegion {
    /// Id or name; none for no default.
    pub region: Option<String>,
}

impl AworkCommand for SetDefaultRegion {
    type Output = Option<AbsenceRegion>;

    const OPERATION: &'static str = "region.default";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Option<AbsenceRegion>>, Halt> {
        let (before, version) = desk.workspace()?;
        let at = self.region.as_ref().map(|named| find(named, &before.regions)).transpose()?;
        let mut after = before.clone();
        for (number, region) in after.regions.iter_mut().enumerate() {
            region.is_default = Some(number) == at;
        }
        let default = at.map(|at| after.regions[at].clone());
        if after == before {
            return Ok(Done::seen(default));
        }
        let writes = catalogue_writes(desk, &before, version, &after)?;
        let id = default.as_ref().map(|region| region.id.clone()).unwrap_or_default();
        Ok(Done::written(writes, default, (REGION_KIND, &id)))
    }
}

/// Deletes an absence region; its users get another one.
#[derive(Clone, Debug)]
pub struct DeleteRegion {
    /// Id or name.
    pub region: String,
    /// Id or name of the one that its users get; needed where there are any.
    pub target: Option<String>,
}

impl AworkCommand for DeleteRegion {
    type Output = AbsenceRegion;

    const OPERATION: &'static str = "region.delete";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<AbsenceRegion>, Halt> {
        let (before, version) = desk.workspace()?;
        let at = find(&self.region, &before.regions)?;
        let region = before.regions[at].clone();
        let key = desk.key(REGION_KIND, &region.id);
        let holders = desk.holders(REGION, REGION_KIND, &region.id)?.len();
        let target = target(&region, &before.regions, self.target.as_deref(), holders)?;
        let target = target.map_or("", |target| target.id.as_str());
        let (moves, guard) = move_holders(desk, REGION, REGION_KIND, (&region.id, target))?;
        let mut after = before.clone();
        after.regions.remove(at);
        let record = desk.record(key.clone())?.ok_or_else(Halt::damaged)?;
        let mut writes = catalogue_writes(desk, &before, version, &after)?;
        writes.extend(moves);
        writes.push(Write::Delete { key, replaces: record.version });
        let id = region.id.clone();
        Ok(Done::written(writes, region, (REGION_KIND, &id)).guarded([guard]))
    }
}
