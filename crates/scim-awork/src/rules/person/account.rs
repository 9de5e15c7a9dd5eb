//! The account behind a user, which other workspaces may share (D-19, D-59 to D-61, A-8).

use scim_core::AttrKey;
use scim_engine::store::{Record, Write};
use scim_engine::{Change, Lookup};
use serde_json::Value;

use super::{ACCOUNT, Person, holder, user_name};
use crate::account::{
    Account, Membership, account_key, account_of, copy_account, is_same, login_key, write_login,
};
use crate::account_email::{AccountEmail, EmailChange, change_account_email};
use crate::refusal::AworkRefusal;
use crate::rules::{IN_PROFILE_LABEL, Stop};

/// Asks for what the account's part of the decision will need.
pub(super) fn ask_ahead<'p>(change: &'p Change<'p>, lookup: &mut Lookup<'p>, was: Option<&'p Record>) {
    let Some(desired) = change.action.desired() else { return };
    let wanted = user_name(change);
    let asserts = |name: &str| desired.asserted.contains_key(&AttrKey::base(name));
    let Some(was) = was else {
        lookup.record(login_key(wanted));
        return;
    };
    if let Some(account) = was.extra.get(ACCOUNT).and_then(Value::as_str)
        && ["userName", "name", "timezone"].into_iter().any(asserts)
    {
        lookup.record(account_key(account));
    }
    let before = was.document.text("userName").unwrap_or_default();
    if asserts("userName") && !is_same(before, wanted) {
        lookup.record(login_key(wanted));
        lookup.record(login_key(before));
    }
}

impl<'p> Person<'p> {
    /// D-19: the account of the e-mail, or a new one.
    pub(super) fn settle_new_account(&mut self) -> Result<(), Stop> {
        let email = user_name(self.change).to_owned();
        let workspace = self.change.context.tenant.to_string();
        let membership = Membership { workspace, user: self.id.clone() };
        let login = self.asking.all(|lookup| lookup.record(login_key(&email)))?;
        let id = match login.and_then(account_of) {
            None => {
                let mut account = Account { memberships: vec![membership], ..Account::default() };
                self.copy_to(&mut account, true);
                self.writes.push(account.write(&self.id, None));
                self.writes.push(write_login(&email, &self.id));
                self.id.clone()
            }
            Some(id) => {
                let (record, mut account) = self.account(id)?;
                // D-14: the account counts, not what the user's document still says of it.
                if account.memberships.iter().any(|other| other.workspace == membership.workspace) {
                    // A look-up finds them once their document has caught up.
                    return Err(AworkRefusal::UserExists { user_name: email, is_shown: true }.into());
                }
                if let (None, Some(zone)) = (self.document.text("timezone"), &account.time_zone) {
                    self.document.set(None, "timezone", Some(zone.clone().into()));
                }
                let before = account.clone();
                self.copy_to(&mut account, true);
                self.tell_others(id, &before, &account);
                account.memberships.push(membership);
                self.writes.push(account.write(id, Some(record.version)));
                id.to_owned()
            }
        };
        self.extra.insert(ACCOUNT.into(), id.into());
        Ok(())
    }

    /// D-59 to D-61, A-8, A-32: what the request says of the account is written to it.
    pub(super) fn settle_account(&mut self) -> Result<(), Stop> {
        let mut names_email = self.asserts(&AttrKey::base("userName"));
        if !(names_email || self.asserts(&AttrKey::base("name")) || self.names_zone) {
            return Ok(());
        }
        let id = self.extra.get(ACCOUNT).and_then(Value::as_str).ok_or(Stop::Damaged)?.to_owned();
        let (record, before) = self.account(&id)?;
        if names_email {
            match self.settle_login(&id, &before) {
                Err(Stop::Refuse(refusal)) => {
                    self.outrank(refusal)?;
                    self.keep_login();
                    names_email = false;
                }
                settled => settled?,
            }
        }
        let mut account = before.clone();
        self.copy_to(&mut account, names_email);
        if account != before {
            self.writes.push(account.write(&id, Some(record.version)));
            self.tell_others(&id, &before, &account);
        }
        Ok(())
    }

    /// the user name stays, and the contact e-mails that have followed it.
    fn keep_login(&mut self) {
        let Some(was) = self.was else { return };
        let mut keep = |name: &str| self.document.set(None, name, was.document.get(None, name).cloned());
        keep("userName");
        if !self
            .change
            .action
            .desired()
            .is_some_and(|desired| desired.asserted.contains_key(&AttrKey::base("emails")))
        {
            keep("emails");
        }
    }

    /// D-59, A-30 to A-32: the e-mail that leads to the account.
    fn settle_login(&mut self, id: &str, account: &Account) -> Result<(), Stop> {
        let wanted = AccountEmail::parse(user_name(self.change))?;
        let current = AccountEmail::parse(&account.email).map_err(|_| Stop::Damaged)?;
        if holder(self.change, self.asking)?.is_some_and(|record| record.id() != self.id) {
            // Whose document is behind their account holds the name in this workspace all the same.
            return Err(AworkRefusal::AccountEmailTaken { email: wanted.to_string() }.into());
        }
        let login = if is_same(current.as_str(), wanted.as_str()) {
            None
        } else {
            self.asking.all(|lookup| lookup.record(login_key(wanted.as_str())))?
        };
        let taken = login.and_then(account_of).is_some_and(|other| other != id);
        let is_own = self.change.context.caller.labels.contains_key(IN_PROFILE_LABEL);
        // D-60: the limit is on SCIM; in the profile a person changes what all their workspaces show.
        let workspaces = if is_own { 1 } else { account.memberships.len() };
        if change_account_email(&current, &wanted, is_same, taken, workspaces)? == EmailChange::Changed {
            let old = login_key(current.as_str());
            let login = self.asking.all(|lookup| lookup.record(old.clone()))?.ok_or(Stop::Damaged)?;
            self.writes.push(Write::Delete { key: old, replaces: login.version });
            self.writes.push(write_login(wanted.as_str(), id));
        }
        Ok(())
    }

    /// users of other workspaces show the login and the time zone, too; each in the spelling of the
    /// login that was last sent there.
    fn tell_others(&mut self, id: &str, before: &Account, after: &Account) {
        let is_shown = !is_same(&before.email, &after.email) || before.time_zone != after.time_zone;
        let workspace = self.change.context.tenant.as_str();
        if is_shown && before.memberships.iter().any(|one| one.workspace != workspace) {
            self.writes.push(copy_account(id, self.change.context.now, &self.change.context.trace_id));
        }
    }

    fn account(&self, id: &str) -> Result<(&'p Record, Account), Stop> {
        let record = self.asking.all(|lookup| lookup.record(account_key(id)))?.ok_or(Stop::Damaged)?;
        Ok((record, Account::of(record).ok_or(Stop::Damaged)?))
    }

    /// D-6, A-8: copies what the request names; the rest of the account may be newer than this user's
    /// copy of it.
    fn copy_to(&self, account: &mut Account, names_email: bool) {
        let text = |name: &str| self.document.text(name).unwrap_or_default().to_owned();
        if names_email {
            account.email = text("userName");
        }
        if self.asserts(&AttrKey::base("name")) {
            let name = self.document.get(None, "name");
            let part =
                |key: &str| name.and_then(|name| name.get(key)?.as_str()).unwrap_or_default().to_owned();
            account.given_name = part("givenName");
            account.family_name = part("familyName");
        }
        if self.names_zone {
            account.time_zone = Some(text("timezone"));
        }
    }
}
