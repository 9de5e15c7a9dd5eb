//! The `teams` attribute: team names in one text, separated by commas (D-63, D-64, A-9 to A-13).

mod list;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::refusal::AworkRefusal;
use list::{CommaNames, quote};

/// A team of the workspace.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
pub struct Team {
    /// The name, which is what SCIM sends. Uniqueness is not promised.
    pub name: String,
    /// The id.
    pub id: String,
}

/// The teams of a workspace, ready to look names up in.
#[derive(Clone, Debug)]
pub struct TeamCatalogue {
    /// Ordered by name, then id.
    teams: Vec<Team>,
    comma_names: CommaNames,
    /// What a list must quote, though it has no comma.
    misread: BTreeSet<String>,
}

impl TeamCatalogue {
    /// Takes all teams of a workspace.
    pub fn new(teams: impl IntoIterator<Item = Team>) -> Self {
        let mut teams: Vec<_> = teams.into_iter().collect();
        teams.sort();
        let comma_names = CommaNames::new(teams.iter().map(|team| team.name.as_str()));
        let is_team = |name: &str| teams.binary_search_by(|team| team.name.as_str().cmp(name)).is_ok();
        let misread = comma_names.misread_parts(is_team);
        Self { teams, comma_names, misread }
    }

    /// Finds the teams a list names, in the order of their names (D-63, A-9, A-13).
    ///
    /// Names are separated by commas; blanks around them, empty ones and repeats are dropped (A-11). A name
    /// in double quotes is taken as it is, `""` in it for one quote. Without quotes, neighbouring parts are
    /// one name if a team has it, the longest first (A-10). Names are compared exactly. A text without
    /// names gives no teams, which means: the user leaves all teams (A-12).
    ///
    /// # Errors
    ///
    /// Returns [`AworkRefusal::UnknownTeams`] with every name that no team has; else
    /// [`AworkRefusal::AmbiguousTeams`] with every name that several teams have.
    ///
    /// # Examples
    ///
    /// ```
    /// use scim_awork::{Team, TeamCatalogue};
    ///
    /// let team = |name: &str| Team { name: name.into(), id: name.to_lowercase() };
    /// let teams = TeamCatalogue::new(["Design", "Sales", "Design, UX"].map(team));
    ///
    /// let found = teams.find("Sales, Design")?;
    /// assert_eq!(found, [&team("Design"), &team("Sales")]);
    /// let found = teams.find("Design, UX,Sales")?;
    /// assert_eq!(found, [&team("Design, UX"), &team("Sales")]);
    /// assert!(teams.find("design").is_err());
    /// # Ok::<(), scim_awork::AworkRefusal>(())
    /// ```
    pub fn find(&self, list: &str) -> Result<Vec<&Team>, AworkRefusal> {
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        let mut ambiguous = Vec::new();
        let mut seen = BTreeSet::new();
        for name in self.comma_names.read(list) {
            if seen.contains(&name) {
                continue;
            }
            match self.named(&name) {
                [] => unknown.push(name.to_string()),
                [team] => found.push(team),
                _ => ambiguous.push(name.to_string()),
            }
            seen.insert(name);
        }
        if !unknown.is_empty() {
            return Err(AworkRefusal::UnknownTeams { names: unknown });
        }
        if !ambiguous.is_empty() {
            return Err(AworkRefusal::AmbiguousTeams { names: ambiguous });
        }
        found.sort();
        Ok(found)
    }

    /// Gives the name that the record of a team carries for `teams` to show (A-10, D-64).
    ///
    /// That is the team's name, in double quotes where it could be misread in a list though it contains
    /// neither comma nor quote; [`scim_core::join_names`] puts quotes around those that do. What it joins of
    /// these names, [`find`](Self::find) reads back as exactly these teams.
    ///
    /// The answer depends on the other teams: as long as there are teams `A`, `B` and `A,B`, neither `A` nor
    /// `B` goes without quotes. So whoever adds, renames or removes a team writes every record whose list name has
    /// become another one. A text sent before is shown no more then, as the joined names are no longer
    /// those of its time.
    ///
    /// # Examples
    ///
    /// ```
    /// use scim_awork::{Team, TeamCatalogue};
    ///
    /// let team = |name: &str| Team { name: name.into(), id: name.to_lowercase() };
    /// let teams = TeamCatalogue::new(["Design", "UX", "Design,UX", "Sales"].map(team));
    ///
    /// let joined = scim_core::join_names([&*teams.list_name("Design"), &*teams.list_name("UX")]);
    /// assert_eq!(joined, r#""Design","UX""#);
    /// assert_eq!(teams.find(&joined)?, [&team("Design"), &team("UX")]);
    /// assert_eq!(teams.list_name("Sales"), "Sales");
    /// # Ok::<(), scim_awork::AworkRefusal>(())
    /// ```
    #[must_use]
    pub fn list_name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let looks_quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
        let is_misread = self.misread.contains(name) || self.misread.contains("");
        if looks_quoted || name.trim() != name || is_misread { quote(name) } else { Cow::Borrowed(name) }
    }

    fn named(&self, name: &str) -> &[Team] {
        let from = self.teams.partition_point(|team| team.name.as_str() < name);
        let tail = &self.teams[from..];
        &tail[..tail.partition_point(|team| team.name == name)]
    }
}

#[cfg(test)]
mod tests;
