//! The profile of a person: everything about a user but role, teams and region.

use scim_core::{Assertions, AttrKey, Document};
use serde_json::{Map, Value};

use crate::account::is_same;
use crate::account_email::AccountEmail;
use crate::attribute::Attribute;
use crate::client_text::{check_length, check_name};
use crate::contact_info::{ContactList, contact_infos, follow_user_name, normalise_entries, work_email};
use crate::language::{language_on_create, language_on_update};
use crate::refusal::AworkRefusal;
use crate::time_zone::decide_time_zone;
use crate::warning::{AworkWarning, Warned};
use crate::workspace::Workspace;

/// What a request makes of a person's profile.
pub(super) struct Profile<'p> {
    /// The profile before, if the person is there already.
    pub(super) current: Option<&'p Document>,
    /// What the request says.
    pub(super) asserted: &'p Assertions,
    /// The workspace.
    pub(super) workspace: &'p Workspace,
    /// Whether look-ups that fail are warnings: a deactivation outranks them.
    pub(super) outranks: bool,
}

impl Profile<'_> {
    /// Turns what the request wants into what is kept.
    pub(super) fn settle(
        &self,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<(), AworkRefusal> {
        self.user_name(document)?;
        self.names(document)?;
        for (attribute, name) in [(Attribute::Title, "title"), (Attribute::UserType, "userType")] {
            if let Some(Some(Value::String(text))) = self.sent(name) {
                check_length(attribute, text)?;
            }
        }
        self.language(document, warnings);
        self.time_zone(document, warnings)?;
        self.contacts(document)
    }

    /// What the request says of a base attribute: nothing, that it has no value, or a value.
    fn sent(&self, name: &str) -> Option<&Option<Value>> {
        self.asserted.get(&AttrKey::base(name))
    }

    /// the user name is an e-mail, kept in the spelling last sent.
    fn user_name(&self, document: &mut Document) -> Result<(), AworkRefusal> {
        let sent = document.text("userName").unwrap_or_default();
        let email = AccountEmail::parse(sent)?;
        document.set(None, "userName", Some(Value::String(email.as_str().to_owned())));
        Ok(())
    }

    /// first and last name are there. Parts that were not sent stay (D-6, A-37).
    fn names(&self, document: &mut Document) -> Result<(), AworkRefusal> {
        let mut parts = match document.get(None, "name") {
            Some(Value::Object(parts)) => parts.clone(),
            _ => Map::new(),
        };
        check_name(Attribute::GivenName, parts.get("givenName").and_then(Value::as_str))?;
        check_name(Attribute::FamilyName, parts.get("familyName").and_then(Value::as_str))?;
        parts.retain(|_, part| !part.is_null());
        document.set(None, "name", Some(Value::Object(parts)));
        Ok(())
    }

    /// D-52, A-2: one of awork's languages.
    fn language(&self, document: &mut Document, warnings: &mut Vec<AworkWarning>) {
        let german = self.workspace.german_variants();
        let sent = match self.sent("preferredLanguage") {
            Some(Some(Value::String(text))) => Some(text.as_str()),
            Some(_) => Some(""),
            None => None,
        };
        let before = self.current.and_then(|current| current.text("preferredLanguage"));
        let (language, warning) = match (self.current, sent) {
            (None, sent) => {
                let Warned { value, warning } = language_on_create(sent, &self.workspace.language, german);
                (Some(value.to_string()), warning)
            }
            (Some(_), None) => (before.map(str::to_owned), None),
            (Some(_), Some(sent)) => {
                let Warned { value, warning } = language_on_update(sent, german);
                (value.map(|language| language.to_string()).or(before.map(str::to_owned)), warning)
            }
        };
        warnings.extend(warning);
        document.set(None, "preferredLanguage", language.map(Value::String));
    }

    /// D-53, A-5: an IANA name; an empty one leaves the zone as it is.
    fn time_zone(
        &self,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<(), AworkRefusal> {
        let before = self.current.and_then(|current| current.text("timezone")).map(str::to_owned);
        let sent = match self.sent("timezone") {
            Some(Some(Value::String(text))) => text.as_str(),
            Some(_) => "",
            None => return Ok(()),
        };
        let zone = match decide_time_zone(sent) {
            Ok(Warned { value, warning }) => {
                warnings.extend(warning);
                value.map(|zone| zone.name().to_owned())
            }
            Err(refusal) if self.outranks => {
                warnings.push(AworkWarning::Outranked(refusal));
                None
            }
            Err(refusal) => return Err(refusal),
        };
        document.set(None, "timezone", zone.or(before).map(Value::String));
        Ok(())
    }

    /// D-54, D-55, A-33: contact entries as awork keeps them.
    fn contacts(&self, document: &mut Document) -> Result<(), AworkRefusal> {
        let mut sent_lists = Map::new();
        for list in ContactList::ALL {
            let name = list.attribute();
            if self.sent(name).is_none() {
                continue;
            }
            if let Some(Value::Array(entries)) = document.get(None, name).cloned() {
                let mut entries = entries;
                normalise_entries(list, &mut entries);
                sent_lists.insert(name.to_owned(), Value::Array(entries.clone()));
                document.set(None, name, (!entries.is_empty()).then_some(Value::Array(entries)));
            }
        }
        contact_infos(&sent_lists)?;
        if self.sent("emails").is_some() {
            return Ok(());
        }
        let user_name = document.text("userName").unwrap_or_default().to_owned();
        match self.current {
            None => {
                document.set(None, "emails", Some(Value::Array(vec![work_email(&user_name)])));
            }
            Some(current) => {
                let old = current.text("userName").unwrap_or_default();
                if let (true, Some(Value::Array(entries))) =
                    (old != user_name, document.get(None, "emails").cloned())
                {
                    let mut entries = entries;
                    if follow_user_name(&mut entries, old, &user_name, is_same) {
                        document.set(None, "emails", Some(Value::Array(entries)));
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a PUT left out of a name stays: awork keeps parts that were not sent.
pub(super) fn keep_name_parts(document: &mut Document, current: &Document) {
    let (Some(Value::Object(sent)), Some(Value::Object(kept))) =
        (document.get(None, "name").cloned(), current.get(None, "name"))
    else {
        return;
    };
    let mut parts = kept.clone();
    parts.extend(sent);
    document.set(None, "name", Some(Value::Object(parts)));
}
