//! Names that people give, and how they name what is there: by id or by exact name.

use super::refusal::{CommandRefusal, Thing};
use crate::absence_region::AbsenceRegion;
use crate::exact_name::near_miss;
use crate::role::Role;
use crate::teams::Team;

/// The longest name awork keeps, in characters.
const LONGEST: usize = 255;

/// The name without blanks around it.
pub(super) fn check_new_name(thing: Thing, name: &str) -> Result<&str, CommandRefusal> {
    let name = name.trim();
    let fits = (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(CommandRefusal::UnfitName { thing, name: name.to_owned() }) }
}

/// Something of a workspace that has an id and a name.
pub(super) trait Named {
    const THING: Thing;
    fn id(&self) -> &str;
    fn name(&self) -> &str;
    /// Whether two names are the same to those who look one up.
    fn is_same(one: &str, other: &str) -> bool {
        one == other
    }
}

impl Named for Role {
    const THING: Thing = Thing::Role;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// Clients look groups up without regard to case.
    fn is_same(one: &str, other: &str) -> bool {
        crate::rules::same_name(one, other)
    }
}

impl Named for Team {
    const THING: Thing = Thing::Team;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for AbsenceRegion {
    const THING: Thing = Thing::Region;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Finds what has this id or else exactly this name; its place in the list.
pub(super) fn find<T: Named>(named: &str, all: &[T]) -> Result<usize, CommandRefusal> {
    if let Some(at) = all.iter().position(|one| one.id() == named) {
        return Ok(at);
    }
    let mut of_name = all.iter().enumerate().filter(|(_, one)| one.name() == named);
    match (of_name.next(), of_name.next()) {
        (Some((at, _)), None) => Ok(at),
        (Some(_), Some(_)) => Err(CommandRefusal::Ambiguous { thing: T::THING, named: named.to_owned() }),
        (None, _) => {
            let suggestion = near_miss(named, all.iter().map(Named::name));
            Err(CommandRefusal::Missing { thing: T::THING, named: named.to_owned(), suggestion })
        }
    }
}

/// Checks that no other one has the name.
pub(super) fn check_free<T: Named>(name: &str, all: &[T], own: Option<&str>) -> Result<(), CommandRefusal> {
    let taken = all.iter().any(|one| Some(one.id()) != own && T::is_same(one.name(), name));
    if taken { Err(CommandRefusal::NameTaken { thing: T::THING, name: name.to_owned() }) } else { Ok(()) }
}
