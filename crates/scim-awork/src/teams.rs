//! The `teams` attribute: team names in one text, separated by commas (D-63, D-64, A-9 to A-13).

mod list;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::refusal::AworkRefusal;
pub use list::CommaNames;
use list::quote;

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
}

impl TeamCatalogue {
    /// Takes all teams of a workspace.
    pub fn new(teams: impl IntoIterator<Item = Team>) -> Self {
        let mut teams: Vec<_> = teams.into_iter().collect();
        teams.sort();
        let comma_names = CommaNames::new(teams.iter().map(|team| team.name.as_str()));
        Self { teams, comma_names }
    }

    /// Gives the names that contain a comma, which [`shown_teams`] needs.
    #[must_use]
    pub const fn comma_names(&self) -> &CommaNames {
        &self.comma_names
    }

    /// Finds the teams a list names, in the order of their names (D-63, A-9, A-13).
    ///
    /// The list is read as [`CommaNames::read`] says. Names are compared exactly. A text without names
    /// gives no teams, which means: the user leaves all teams (A-12).
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

    fn named(&self, name: &str) -> &[Team] {
        let from = self.teams.partition_point(|team| team.name.as_str() < name);
        let tail = &self.teams[from..];
        &tail[..tail.partition_point(|team| team.name == name)]
    }
}

/// Gives the text that `teams` shows for a user in the teams `held`; `None` without teams (D-64, A-10).
///
/// That is the text as it was last sent, as long as it still names exactly the user's teams. Otherwise it
/// is their names in order, joined by commas, in double quotes where a name alone could be misread.
/// Either way [`TeamCatalogue::find`] reads exactly the held names back.
///
/// # Examples
///
/// ```
/// use scim_awork::{CommaNames, shown_teams};
///
/// let sent = Some("Sales, Design");
/// let shown = |held: [&'static str; 2]| shown_teams(sent, held, &CommaNames::default());
/// assert_eq!(shown(["Design", "Sales"]).as_deref(), Some("Sales, Design"));
/// assert_eq!(shown(["Ops", "Design"]).as_deref(), Some("Design,Ops"));
/// ```
pub fn shown_teams<'t>(
    last_sent: Option<&'t str>,
    held: impl IntoIterator<Item = &'t str>,
    comma_names: &CommaNames,
) -> Option<Cow<'t, str>> {
    let held: BTreeSet<&str> = held.into_iter().filter(|name| !name.is_empty()).collect();
    if held.is_empty() {
        return None;
    }
    let names_held = |list: &str| {
        let named: BTreeSet<_> = comma_names.read(list).collect();
        named.iter().map(Cow::as_ref).eq(held.iter().copied())
    };
    if let Some(list) = last_sent.filter(|list| names_held(list)) {
        return Some(Cow::Borrowed(list));
    }
    let plain = join(held.iter().map(|name| if is_plain(name) { Cow::Borrowed(*name) } else { quote(name) }));
    // Neighbours like `A` and `B` would be read as the team `A,B` if there is one.
    let shown = if names_held(&plain) { plain } else { join(held.iter().map(|name| quote(name))) };
    Some(Cow::Owned(shown))
}

fn is_plain(name: &str) -> bool {
    !name.contains([',', '"']) && name.trim() == name
}

fn join<'n>(names: impl Iterator<Item = Cow<'n, str>>) -> String {
    let mut list = String::new();
    for name in names {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&name);
    }
    list
}

#[cfg(test)]
mod tests;
