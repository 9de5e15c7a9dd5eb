//! Accounts: one per person, shared by the workspaces the person is in (D-19, D-53, D-59).
//!
//! An account lives in a key space of its own, and so does the e-mail that leads to it; both are
//! reached by key only.

use scim_core::text::Folding;
use scim_engine::store::{DueKey, PutRecord, Record, RecordKey, Space, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A person's account.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    /// The e-mail that the person signs in with.
    pub email: String,
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub family_name: String,
    /// The time zone, as an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The users of the account, one in each workspace, active or not.
    pub memberships: Vec<Membership>,
}

/// The user of an account in a workspace.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Membership {
    /// The workspace.
    pub workspace: String,
    /// The id of the user there.
    pub user: String,
}

/// The form of an e-mail that stands for it in comparisons.
pub(crate) fn fold(email: &str) -> String {
    Folding::UserName.fold(email).into_owned()
}

/// Whether two spellings are one e-mail.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    Folding::UserName.fold(one) == Folding::UserName.fold(other)
}

/// The key of an account.
#[must_use]
pub fn account_key(id: &str) -> RecordKey {
    RecordKey::new(&Space::shared("account", id), "Account", id)
}

/// The write that lets a worker bring an account to all workspaces; part of each commit that changes the
/// login or the time zone of one.
#[must_use]
pub fn copy_account(account: &str, now: i64, trace_id: &str) -> Write {
    let key = DueKey { space: account_key(account).space, name: "copy".to_owned() };
    Write::Schedule { key, at: now, body: json!({ "account": account, "traceId": trace_id }) }
}

/// The key of the record that leads from an e-mail to its account.
#[must_use]
pub fn login_key(email: &str) -> RecordKey {
    let email = fold(email);
    RecordKey::new(&Space::shared("email", &email), "Login", &email)
}

/// The account that an e-mail leads to.
pub(crate) fn account_of(login: &Record) -> Option<&str> {
    login.extra.get("account")?.as_str()
}

impl Account {
    /// Reads the account from its record; none if it holds something else.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        serde_json::from_value(Value::Object(record.extra.clone())).ok()
    }

    /// Writes the account; `replaces` is the version before.
    #[must_use]
    pub fn write(&self, id: &str, replaces: Option<u64>) -> Write {
        let extra = match serde_json::to_value(self) {
            Ok(Value::Object(extra)) => extra,
            _ => Map::new(),
        };
        Write::Put { record: Box::new(bare(account_key(id), None, extra)), replaces }
    }
}

/// Makes an e-mail lead to an account; refused when it leads somewhere already.
#[must_use]
pub fn write_login(email: &str, account: &str) -> Write {
    let extra = Map::from_iter([("account".to_owned(), json!(account))]);
    Write::Put { record: Box::new(bare(login_key(email), None, extra)), replaces: None }
}

/// A record that is no SCIM resource.
pub(crate) fn bare(key: RecordKey, name: Option<&str>, extra: Map<String, Value>) -> PutRecord {
    PutRecord {
        key,
        visible: true,
        name: name.map(str::to_owned),
        document: scim_core::Document::new(),
        extra,
        form: Map::new(),
        indexed: Vec::new(),
    }
}
