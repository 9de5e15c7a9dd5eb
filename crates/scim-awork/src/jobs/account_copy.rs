//! What users of other workspaces show of an account that has changed (A-8, D-53, D-59).
//!
//! A user's document shows the login and the time zone of its account. In the workspace of the request they
//! are written along; here they are brought to all others. Done twice, it changes nothing.

use scim_core::TypeDef;
use scim_engine::outbox::{Job, JobStep, append};
use scim_engine::store::{Guard, Record, RecordKey, Space, TenantId, Write};
use scim_engine::{Facts, Subject, subject_writes};
use serde_json::Value;

use super::{Stop, known};
use crate::account::{Account, account_key, is_same};
use crate::event::{AworkEvent, Changed, Operation};
use crate::rules::{ACCOUNT, follow_login};
use crate::workspace::USER_KIND;

pub(super) fn decide(job: &Job<'_>, facts: &Facts, users: &TypeDef) -> Result<JobStep, Stop> {
    let text = |name: &str| job.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let key = account_key(text("account"));
    let record = known(facts, |lookup| lookup.record(key.clone()))?;
    let guards = vec![Guard::Version(key, record.map(|record| record.version))];
    let Some((record, account)) = record.and_then(|record| Some((record, Account::of(record)?))) else {
        return Ok(JobStep::Done { writes: Vec::new(), guards });
    };
    let spaces = account.memberships.iter().filter_map(|one| {
        let space = TenantId::new(&one.workspace).ok()?.space();
        Some((RecordKey::new(&space, USER_KIND, &one.user), space))
    });
    let people = known(facts, |lookup| {
        spaces.filter_map(|(key, space)| Some((space, lookup.record(key)?))).collect::<Vec<_>>()
    })?;
    let mut writes = Vec::new();
    for (space, user) in people {
        let changes = copy(users, &space, user, &account, record.id());
        if changes.is_empty() {
            continue;
        }
        writes.extend(changes);
        let changed = AworkEvent::Changed(Changed {
            operation: Operation::Copy,
            people: vec![user.id().to_owned()],
            activation: None,
            trace_id: text("traceId").to_owned(),
        });
        let id = format!("copy-{}-{}", record.id(), record.version);
        writes.extend(append(&space, &id, job.now, [changed.to_body()]));
    }
    Ok(JobStep::Done { writes, guards })
}

/// The writes that let a user show what the account is.
fn copy(users: &TypeDef, space: &Space, user: &Record, account: &Account, id: &str) -> Vec<Write> {
    if user.extra.get(ACCOUNT).and_then(Value::as_str) != Some(id) {
        return Vec::new();
    }
    let mut document = user.document.clone();
    let before = document.text("userName").unwrap_or_default().to_owned();
    // another spelling is no other login, and each workspace keeps the one it was sent.
    if !is_same(&before, &account.email) {
        document.set(None, "userName", Some(account.email.clone().into()));
        follow_login(&mut document, &before);
    }
    if let Some(zone) = &account.time_zone {
        document.set(None, "timezone", Some(zone.clone().into()));
    }
    let subject = Subject {
        id: user.id().to_owned(),
        was: Some(user.clone()),
        document,
        visible: user.visible,
        name: user.name.clone(),
        extra: user.extra.clone(),
    };
    subject_writes(users, space, subject, false)
}
