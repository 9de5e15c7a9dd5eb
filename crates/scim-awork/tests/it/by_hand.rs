//! What happens in awork itself, past SCIM: the records that its commands would write.

use scim_awork::{Account, REGION_KIND, ROLE_KIND, Role, TEAM_KIND, TeamCatalogue, Workspace, account_key};
use scim_core::Document;
use scim_engine::store::{LinkKey, PutRecord, ReadKey, ReadValue, Record, RecordKey, RecordRef, Write};
use scim_engine::{ProvisioningEngine, Subject, subject_writes};
use serde_json::{Map, json};

use crate::world::World;

impl World {
    pub(crate) async fn record(&self, key: RecordKey) -> Option<Record> {
        match self.read(ReadKey::Record(key)).await {
            ReadValue::Record(record) => record.map(|record| *record),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn user_record(&self, id: &str) -> Record {
        self.record(RecordKey::new(&self.space(), "User", id)).await.unwrap()
    }

    /// Edits a user in awork.
    pub(crate) async fn edit_user(&self, id: &str, edit: impl FnOnce(&mut Document)) {
        self.commit(self.user_edit(id, edit).await).await;
    }

    /// The writes that edit a user.
    pub(crate) async fn user_edit(&self, id: &str, edit: impl FnOnce(&mut Document)) -> Vec<Write> {
        let was = self.user_record(id).await;
        let mut document = was.document.clone();
        edit(&mut document);
        let (name, extra) = (was.name.clone(), was.extra.clone());
        let subject = Subject { id: id.into(), was: Some(was), document, visible: true, name, extra };
        let def = self.engine.registry().type_named("User").unwrap();
        subject_writes(def, &self.space(), subject, false)
    }

    /// The account of a user, and its id.
    pub(crate) async fn account_of(&self, id: &str) -> (String, Account) {
        let account = self.user_record(id).await.extra["account"].as_str().unwrap().to_owned();
        let record = self.record(account_key(&account)).await.unwrap();
        (account, Account::of(&record).unwrap())
    }

    /// Edits an account, as its owner does in the profile or another workspace by SCIM.
    pub(crate) async fn edit_account(&self, id: &str, edit: impl FnOnce(&mut Account)) {
        let (key, mut account) = self.account_of(id).await;
        edit(&mut account);
        let version = self.record(account_key(&key)).await.unwrap().version;
        self.commit(vec![account.write(&key, Some(version))]).await;
    }

    /// Puts a user into a team in awork.
    pub(crate) async fn join_team(&self, id: &str, team: &str) {
        let workspace = self.workspace().await.0;
        let team = workspace.teams.iter().find(|known| known.name == team).unwrap();
        let (owner, member) = (RecordRef::new(TEAM_KIND, &team.id), RecordRef::new("User", id));
        self.commit(vec![Write::Link(LinkKey { space: self.space(), relation: "team", owner, member })])
            .await;
    }

    pub(crate) async fn workspace(&self) -> (Workspace, u64) {
        let record = self.record(Workspace::key(&self.space())).await.unwrap();
        (Workspace::of(&record).unwrap(), record.version)
    }

    /// Changes roles, teams or regions of the workspace: its own record, and each of theirs that is
    /// another one afterwards.
    pub(crate) async fn edit_workspace(&self, edit: impl FnOnce(&mut Workspace)) {
        self.commit(self.workspace_edit(edit).await).await;
    }

    /// The writes that change the workspace.
    pub(crate) async fn workspace_edit(&self, edit: impl FnOnce(&mut Workspace)) -> Vec<Write> {
        let (mut workspace, version) = self.workspace().await;
        edit(&mut workspace);
        let key = Workspace::key(&self.space());
        let mut writes = vec![put(key, None, workspace.to_extra(), Some(version))];
        for role in &workspace.roles {
            writes.extend(self.role_writes(role).await);
        }
        let catalogue = TeamCatalogue::new(workspace.teams.iter().cloned());
        let teams = workspace.teams.iter().map(|team| (TEAM_KIND, &team.id, catalogue.list_name(&team.name)));
        let regions = workspace.regions.iter().map(|region| (REGION_KIND, &region.id, (&region.name).into()));
        for (kind, id, name) in teams.chain(regions) {
            let key = RecordKey::new(&self.space(), kind, id);
            let was = self.record(key.clone()).await;
            if was.as_ref().and_then(|was| was.name.as_deref()) != Some(&name) {
                let version = was.map(|was| was.version);
                writes.push(put(key, Some(name.into_owned()), Map::new(), version));
            }
        }
        writes.push(Write::Raise(scim_engine::store::MarkKey::names(&self.space())));
        writes
    }

    async fn role_writes(&self, role: &Role) -> Vec<Write> {
        let was = self.record(RecordKey::new(&self.space(), ROLE_KIND, &role.id)).await;
        let document = Map::from_iter([("displayName".to_owned(), json!(role.name))]);
        let subject = Subject {
            id: role.id.clone(),
            was,
            document: Document::from_canonical(document),
            visible: role.is_assignable(),
            name: Some(role.name.clone()),
            extra: Map::new(),
        };
        let def = self.engine.registry().type_named(ROLE_KIND).unwrap();
        subject_writes(def, &self.space(), subject, false)
    }
}

fn put(
    key: RecordKey,
    name: Option<String>,
    extra: Map<String, serde_json::Value>,
    replaces: Option<u64>,
) -> Write {
    let record = PutRecord {
        key,
        visible: true,
        name,
        document: Document::new(),
        extra,
        form: Map::new(),
        indexed: Vec::new(),
    };
    Write::Put { record: Box::new(record), replaces }
}
