//! Where commands are decided: the facts at hand, and what comes of a decision.

use scim_core::{FarEnd, Problem, Relation, TypeDef};
use scim_engine::store::{ClaimKey, Guard, LinkKey, Record, RecordKey, RecordRef, Write};
use scim_engine::{Decision, FactKey, Facts, Lookup, Scene};

use super::refusal::CommandRefusal;
use crate::account::fold;
use crate::log::{ValueChange, settings_changes};
use crate::preconditions::Preconditions;
use crate::refusal::AworkRefusal;
use crate::rules::{Stop, is_active};
use crate::workspace::{ROLE, ROLE_KIND, USER_KIND, Workspace, held_by, of_user};

/// Why a command does not come to a commit.
#[derive(Debug)]
pub enum Halt {
    /// More must be known first.
    Need(Vec<FactKey>),
    /// It must not happen.
    Refuse(Problem),
}

impl Halt {
    /// What is stored contradicts itself.
    pub(super) fn damaged() -> Self {
        CommandRefusal::Damaged.into()
    }
}

impl From<CommandRefusal> for Halt {
    fn from(refusal: CommandRefusal) -> Self {
        Self::Refuse(refusal.into())
    }
}

impl From<AworkRefusal> for Halt {
    fn from(refusal: AworkRefusal) -> Self {
        Self::Refuse(refusal.into())
    }
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Need(keys) => Self::Need(keys),
            Stop::Refuse(refusal) => refusal.into(),
            Stop::Damaged => Self::damaged(),
        }
    }
}

/// A decision, what comes of it, and what it is about.
#[derive(Debug)]
pub struct Done<T> {
    pub(super) decision: Decision,
    pub(super) output: T,
    /// Kind and id of what the log names.
    pub(super) about: (&'static str, String),
    /// Whether the log is to hold it.
    pub(super) logged: bool,
}

impl<T> Done<T> {
    /// Nothing is changed.
    pub(super) fn seen(output: T) -> Self {
        Self { decision: Decision::default(), output, about: ("", String::new()), logged: false }
    }

    pub(super) fn written(writes: Vec<Write>, output: T, about: (&'static str, &str)) -> Self {
        let decision = Decision { writes, ..Decision::default() };
        Self { decision, output, about: (about.0, about.1.to_owned()), logged: true }
    }

    /// The same, which is no news.
    pub(super) fn unlogged(self) -> Self {
        Self { logged: false, ..self }
    }

    pub(super) fn guarded(mut self, guards: impl IntoIterator<Item = Guard>) -> Self {
        self.decision.guards.extend(guards);
        self
    }
}

/// The facts at hand.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'d> {
    pub(super) scene: &'d Scene<'d>,
    pub(super) facts: &'d Facts,
}

impl<'d> Desk<'d> {
    /// Asks for facts; all that `ask` asks for are read together if one is missing.
    pub(super) fn all<T>(&self, ask: impl FnOnce(&mut Lookup<'d>) -> T) -> Result<T, Halt> {
        let mut lookup = self.facts.lookup();
        let answer = ask(&mut lookup);
        if lookup.is_complete() { Ok(answer) } else { Err(Halt::Need(lookup.needed())) }
    }

    pub(super) fn record(&self, key: RecordKey) -> Result<Option<&'d Record>, Halt> {
        self.all(|lookup| lookup.record(key))
    }

    /// The key of a record of the workspace.
    pub(super) fn key(&self, kind: &str, id: &str) -> RecordKey {
        RecordKey::new(self.scene.space, kind, id)
    }

    pub(super) fn link(&self, relation: Relation, owner: (&str, &str), user: &str) -> LinkKey {
        LinkKey {
            space: self.scene.space.clone(),
            relation,
            owner: RecordRef::new(owner.0, owner.1),
            member: RecordRef::new(USER_KIND, user),
        }
    }

    /// The workspace, and the version of its record.
    pub(super) fn workspace(&self) -> Result<(Workspace, u64), Halt> {
        let record = self.record(Workspace::key(self.scene.space))?;
        let record = record.ok_or_else(|| CommandRefusal::WorkspaceMissing {
            name: self.scene.context.tenant.to_string(),
        })?;
        let workspace = Workspace::of(record).map_err(|_| Halt::damaged())?;
        Ok((workspace, record.version))
    }

    /// What the writes make of the settings: of the workspace and its plan.
    pub(super) fn settings_changed(&self, writes: &[Write]) -> Result<Vec<ValueChange>, Halt> {
        let mut changes = Vec::new();
        for write in writes {
            let Write::Put { record, replaces: Some(_) } = write else { continue };
            let settings = [Workspace::key(self.scene.space), Preconditions::key(self.scene.space)];
            if settings.contains(&record.key)
                && let Some(before) = self.record(record.key.clone())?
            {
                changes.extend(settings_changes(&before.extra, &record.extra));
            }
        }
        Ok(changes)
    }

    pub(super) fn def(&self, kind: &str) -> Result<&'d TypeDef, Halt> {
        self.scene.registry.type_named(kind).map(AsRef::as_ref).ok_or_else(Halt::damaged)
    }

    /// Who holds a role, team or region, hidden ones included; refused where they are more than one commit
    /// changes.
    pub(super) fn holders(&self, relation: Relation, kind: &str, id: &str) -> Result<&'d [FarEnd], Halt> {
        let holders = self.all(|lookup| lookup.links(self.key(kind, id), held_by(relation)))?;
        if holders.len() > self.scene.most_links {
            return Err(CommandRefusal::TooManyHolders { most: self.scene.most_links }.into());
        }
        Ok(holders)
    }

    /// A user by id or account e-mail, visible or not.
    pub(super) fn user(&self, named: &str) -> Result<&'d Record, Halt> {
        let named = named.trim();
        let claim = ClaimKey {
            space: self.scene.space.clone(),
            name: format!("{USER_KIND}:userName"),
            value: fold(named),
        };
        let key = self.key(USER_KIND, named);
        let (by_id, by_email) = self.all(|lookup| (lookup.record(key), lookup.holder(claim)))?;
        by_id.or(by_email).ok_or_else(|| CommandRefusal::UserMissing { named: named.to_owned() }.into())
    }

    /// Checks that the user is an active admin; gives the id, and what guards that it stays so meanwhile.
    pub(super) fn check_admin(&self, named: &str) -> Result<(String, Vec<Guard>), Halt> {
        let (workspace, _) = self.workspace()?;
        let refused = || CommandRefusal::NoAdmin { named: named.to_owned() };
        let user = self.user(named).map_err(|halt| match halt {
            Halt::Refuse(_) => refused().into(),
            need @ Halt::Need(_) => need,
        })?;
        let roles = self.all(|lookup| lookup.links(self.key(USER_KIND, user.id()), of_user(ROLE)))?;
        let role = roles.first().and_then(|end| workspace.role(&end.id)).filter(|role| role.is_admin);
        match role.filter(|_| user.visible && is_active(&user.document)) {
            Some(role) => {
                let link = self.link(ROLE, (ROLE_KIND, &role.id), user.id());
                let guards =
                    vec![Guard::Version(user.key.clone(), Some(user.version)), Guard::Link(link, true)];
                Ok((user.id().to_owned(), guards))
            }
            None => Err(refused().into()),
        }
    }
}
