//! The profile of a person: everything about a user but role, teams and region.

use std::collections::BTreeMap;

use scim_core::{Assertions, AttrKey, Document};
use serde_json::Value;

use crate::account::is_same;
use crate::account_email::AccountEmail;
use crate::attribute::Attribute;
use crate::client_text::{check_length, check_name, is_empty_text};
use crate::contact_info::{
    ContactList, contact_infos, follow_user_name, normalise_entries, normalise_primary, work_email,
};
use crate::language::{language_on_create, language_on_update};
use crate::refusal::AworkRefusal;
use crate::time_zone::decide_time_zone;
use crate::warning::{AworkWarning, Warned};
use crate::workspace::Workspace;

/// What a request makes of a person's profile.
pub(super) struct Profile<'p> {
    /// The profile before, if the person is there already.
    pub(super) current: Option<&'p Document>,
    /// Whether the request is to create the person, be it that a deleted one comes back.
    pub(super) creates: bool,
    /// What the request says.
    pub(super) asserted: &'p Assertions,
    /// What earlier operations of the request said before that.
    pub(super) said_before: &'p BTreeMap<AttrKey, Vec<Value>>,
    /// Whether values that do not fit are warnings: a deactivation outranks them.
    pub(super) outranks: bool,
}

impl Profile<'_> {
    /// Turns what the request wants into what is kept, all but the language; tells whether a time zone was sent
    /// and taken.
    pub(super) fn settle(
        &self,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<bool, AworkRefusal> {
        self.user_name(document)?;
        self.names(document)?;
        self.text(Attribute::Title, document, warnings)?;
        self.text(Attribute::UserType, document, warnings)?;
        let names_zone = self.time_zone(document, warnings)?;
        self.contacts(document, warnings)?;
        Ok(names_zone)
    }

    /// a fault in an optional value does not stop a deactivation; the attribute stays as it was.
    fn outrank(
        &self,
        refusal: AworkRefusal,
        attribute: &str,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<(), AworkRefusal> {
        if !(self.outranks && refusal.yields_to_deactivation()) {
            return Err(refusal);
        }
        let before = self.current.and_then(|current| current.get(None, attribute)).cloned();
        document.set(None, attribute, before);
        warnings.push(AworkWarning::Outranked(refusal));
        Ok(())
    }

    /// What the request says of a base attribute: nothing, that it has no value, or a value.
    fn sent(&self, name: &str) -> Option<&Option<Value>> {
        self.asserted.get(&AttrKey::base(name))
    }

    /// Operations follow one another, so where the last word of a request leaves a text as it is, that is as
    /// earlier words have made it: these, the latest first.
    fn said_before(&self, name: &str) -> impl Iterator<Item = &'_ str> {
        let before = self.said_before.get(&AttrKey::base(name));
        before.into_iter().flatten().rev().filter_map(Value::as_str)
    }

    /// the user name is an e-mail, kept in the spelling last sent.
    fn user_name(&self, document: &mut Document) -> Result<(), AworkRefusal> {
        if !self.creates && self.sent("userName").is_none() {
            return Ok(());
        }
        let email = AccountEmail::parse(document.text("userName").unwrap_or_default())?;
        document.set(None, "userName", Some(Value::String(email.as_str().to_owned())));
        Ok(())
    }

    /// first and last name are there.
    fn names(&self, document: &Document) -> Result<(), AworkRefusal> {
        if !self.creates && self.sent("name").is_none() {
            return Ok(());
        }
        let name = document.get(None, "name");
        let part = |key: &str| name.and_then(|name| name.get(key)?.as_str());
        check_name(Attribute::GivenName, part("givenName"))?;
        check_name(Attribute::FamilyName, part("familyName"))?;
        Ok(())
    }

    /// optional text, which blanks alone clear.
    fn text(
        &self,
        attribute: Attribute,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<(), AworkRefusal> {
        let name = attribute.path();
        let Some(Some(Value::String(text))) = self.sent(name) else { return Ok(()) };
        if is_empty_text(text) {
            document.set(None, name, None);
            return Ok(());
        }
        match check_length(attribute, text) {
            Ok(()) => Ok(()),
            Err(refusal) => self.outrank(refusal, name, document, warnings),
        }
    }

    /// D-52, A-2: one of awork's languages.
    pub(super) fn settle_language(
        &self,
        workspace: &Workspace,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) {
        let german = workspace.german_variants();
        let sent = match self.sent("preferredLanguage") {
            Some(Some(Value::String(text))) => Some(text.as_str()),
            Some(_) => Some(""),
            None => None,
        };
        let before = self.current.and_then(|current| current.text("preferredLanguage"));
        let (language, warning) = match (self.current, sent) {
            (None, sent) => {
                let Warned { value, warning } = language_on_create(sent, &workspace.language, german);
                (Some(value.to_string()), warning)
            }
            (Some(_), None) => (before.map(str::to_owned), None),
            (Some(_), Some(sent)) => {
                let Warned { value, warning } = language_on_update(sent, german);
                let earlier = || {
                    self.said_before("preferredLanguage")
                        .find_map(|sent| language_on_update(sent, german).value)
                };
                let value = value.or_else(earlier).map(|language| language.to_string());
                (value.or(before.map(str::to_owned)), warning)
            }
        };
        warnings.extend(warning);
        document.set(None, "preferredLanguage", language.map(Value::String));
    }

    /// D-53, A-5: an IANA name; an empty one leaves the zone as it is. Tells whether one was taken.
    fn time_zone(
        &self,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<bool, AworkRefusal> {
        let before = self.current.and_then(|current| current.text("timezone")).map(str::to_owned);
        let sent = match self.sent("timezone") {
            Some(Some(Value::String(text))) => text.as_str(),
            Some(_) => "",
            None => return Ok(false),
        };
        let earlier = || self.said_before("timezone").find(|said| !is_empty_text(said));
        let sent = if is_empty_text(sent) { earlier().unwrap_or_default() } else { sent };
        let zone = match decide_time_zone(sent) {
            Ok(Warned { value, warning }) => {
                warnings.extend(warning);
                value.map(|zone| zone.name().to_owned())
            }
            Err(refusal) => {
                self.outrank(refusal, "timezone", document, warnings)?;
                None
            }
        };
        let taken = zone.is_some();
        document.set(None, "timezone", zone.or(before).map(Value::String));
        Ok(taken)
    }

    /// D-54, D-55, A-33: contact entries as awork keeps them.
    fn contacts(
        &self,
        document: &mut Document,
        warnings: &mut Vec<AworkWarning>,
    ) -> Result<(), AworkRefusal> {
        for list in ContactList::ALL {
            let name = list.attribute();
            if self.sent(name).is_none() {
                continue;
            }
            let Some(Value::Array(mut entries)) = document.get(None, name).cloned() else { continue };
            normalise_entries(list, &mut entries);
            merge_repeats(list, &mut entries);
            let kept = (!entries.is_empty()).then_some(Value::Array(entries));
            document.set(None, name, kept.clone());
            if let Err(refusal) =
                contact_infos(&kept.map(|kept| (name.to_owned(), kept)).into_iter().collect())
            {
                self.outrank(refusal, name, document, warnings)?;
            }
        }
        self.contact_email(document);
        Ok(())
    }

    /// a new user has a work e-mail, and the contact e-mail that is the user name follows it.
    fn contact_email(&self, document: &mut Document) {
        let user_name = document.text("userName").unwrap_or_default().to_owned();
        let emails = document.get(None, "emails").and_then(Value::as_array).cloned();
        if self.creates && emails.is_none() {
            document.set(None, "emails", Some(Value::Array(vec![work_email(&user_name)])));
            return;
        }
        let before = self.current.and_then(|current| current.text("userName"));
        if let (Some(before), None) = (before.filter(|before| *before != user_name), self.sent("emails")) {
            follow_login(document, before);
        }
    }
}

/// contact e-mails that equal the user name before follow it.
pub(crate) fn follow_login(document: &mut Document, before: &str) {
    let user_name = document.text("userName").unwrap_or_default().to_owned();
    let emails = document.get(None, "emails").and_then(Value::as_array).cloned();
    let Some(mut entries) = emails else { return };
    if follow_user_name(&mut entries, before, &user_name, is_same) {
        merge_repeats(ContactList::Emails, &mut entries);
        document.set(None, "emails", Some(Value::Array(entries)));
    }
}

/// Makes entries one that are of the same type and value (7643-2.4-02): those without a type have got
/// one by now, and those that followed the user name may equal others.
fn merge_repeats(list: ContactList, entries: &mut Vec<Value>) {
    let mut merged: Vec<Value> = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        match merged.iter_mut().find(|known| is_repeat(known, &entry)) {
            Some(Value::Object(known)) => known.extend(entry.as_object().cloned().unwrap_or_default()),
            Some(_) => {}
            None => merged.push(entry),
        }
    }
    if list == ContactList::Emails {
        normalise_primary(&mut merged);
    }
    *entries = merged;
}

fn is_repeat(one: &Value, other: &Value) -> bool {
    match (one.get("value"), other.get("value")) {
        (Some(value), Some(other_value)) => value == other_value && one.get("type") == other.get("type"),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A-29, D-6: a user name is looked at when it is sent, and when somebody is created; one that was kept
    /// by older rules stops no other change.
    #[test]
    fn user_names_that_are_not_sent_stay() {
        let sent = Assertions::from([(AttrKey::base("userName"), Some(Value::from("ada")))]);
        for (creates, asserted, accepted) in [
            (false, Assertions::default(), true),
            (false, sent.clone(), false),
            (true, Assertions::default(), false),
            (true, sent, false),
        ] {
            let profile = Profile {
                current: None,
                creates,
                asserted: &asserted,
                said_before: &BTreeMap::new(),
                outranks: false,
            };
            let mut document = Document::new();
            document.set(None, "userName", Some(Value::from("ada")));
            assert_eq!(profile.user_name(&mut document).is_ok(), accepted, "{creates} {asserted:?}");
            assert_eq!(document.text("userName"), Some("ada"));
        }
    }
}
