//! What is done to the SCIM entries themselves (D-55, A-33, A-39, A-41).

use serde_json::{Value, json};

use crate::client_text::is_empty_text;

/// A multi-valued SCIM attribute that holds contact infos.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ContactList {
    /// `emails`.
    Emails,
    /// `phoneNumbers`.
    PhoneNumbers,
    /// `addresses`.
    Addresses,
    /// `ims`.
    Ims,
}

impl ContactList {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Emails, Self::PhoneNumbers, Self::Addresses, Self::Ims];

    /// Gives the attribute's name.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Emails => "emails",
            Self::PhoneNumbers => "phoneNumbers",
            Self::Addresses => "addresses",
            Self::Ims => "ims",
        }
    }

    /// Gives the type of an entry without one; awork has no messenger for work.
    const fn default_type(self) -> &'static str {
        match self {
            Self::Emails | Self::PhoneNumbers | Self::Addresses => "work",
            Self::Ims => "other",
        }
    }

    /// Gives an entry's type; one without, or with an empty one, has the default.
    pub(super) fn type_of(self, entry: &Value) -> &str {
        match entry.get("type") {
            None | Some(Value::Null) => self.default_type(),
            Some(Value::String(kind)) if is_empty_text(kind) => self.default_type(),
            Some(kind) => kind.as_str().unwrap_or("other"),
        }
    }

    /// Tells whether an entry says nothing: no value, or an address without any part.
    pub(super) fn is_blank(self, entry: &Value) -> bool {
        let has_no = |key: &str| match entry.get(key) {
            None | Some(Value::Null) => true,
            Some(value) => value.as_str().is_some_and(is_empty_text),
        };
        match self {
            Self::Emails | Self::PhoneNumbers | Self::Ims => has_no("value"),
            Self::Addresses => ADDRESS_PARTS.into_iter().all(has_no),
        }
    }
}

const ADDRESS_PARTS: [&str; 6] =
    ["formatted", "streetAddress", "locality", "region", "postalCode", "country"];

/// Brings the entries of one attribute into the form they are kept and shown in (D-55, A-39, A-41).
///
/// Entries that say nothing are dropped, entries without a type get `work` (messengers `other`), and of
/// e-mails the right one becomes primary, see [`normalise_primary`]. Everything else stays as it was
/// sent.
pub fn normalise_entries(list: ContactList, entries: &mut Vec<Value>) {
    entries.retain(|entry| !list.is_blank(entry));
    for entry in entries.iter_mut() {
        let kind = list.type_of(entry).to_owned();
        if let Value::Object(entry) = entry {
            entry.insert("type".into(), kind.into());
        }
    }
    if list == ContactList::Emails {
        normalise_primary(entries);
    }
}

/// Makes the first work e-mail the primary one, whatever the flags say (D-55).
///
/// Without a work e-mail the first entry flagged as primary stays so. No other entry is primary
/// afterwards; a flag that was not sent and is not needed is not added.
pub fn normalise_primary(emails: &mut [Value]) {
    let is_work = |entry: &Value| ContactList::Emails.type_of(entry).eq_ignore_ascii_case("work");
    let is_flagged = |entry: &Value| entry.get("primary") == Some(&Value::Bool(true));
    let primary = emails.iter().position(is_work).or_else(|| emails.iter().position(is_flagged));
    for (at, entry) in emails.iter_mut().enumerate() {
        let is_primary = Some(at) == primary;
        let speaks = is_primary || is_flagged(entry);
        if let (true, Value::Object(entry)) = (speaks, entry) {
            entry.insert("primary".into(), is_primary.into());
        }
    }
}

/// Lets the contact e-mails that equal the old `userName` follow to the new one; tells whether any did
///
///
/// Not for requests that set `emails` themselves. `same` says whether two spellings are one address.
pub fn follow_user_name(
    emails: &mut [Value],
    old: &str,
    new: &str,
    same: impl Fn(&str, &str) -> bool,
) -> bool {
    let mut any = false;
    for value in emails.iter_mut().filter_map(|entry| entry.get_mut("value")) {
        if value.as_str().is_some_and(|email| same(email, old)) {
            *value = new.into();
            any = true;
        }
    }
    any
}

/// Gives the work e-mail that a new user without `emails` gets.
#[must_use]
pub fn work_email(user_name: &str) -> Value {
    json!({ "value": user_name, "type": "work", "primary": true })
}

#[cfg(test)]
mod tests;
