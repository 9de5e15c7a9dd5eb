//! From SCIM entries to contact infos and back (D-54, D-57, A-35).

use serde_json::{Map, Value, json};

use super::{
    AddressSubtype, ContactInfo, ContactList, EmailSubtype, MessengerSubtype, PhoneSubtype, PostalAddress,
    country_code,
};
use crate::attribute::Attribute;
use crate::client_text::{check_length, check_limit, is_empty_text};
use crate::refusal::AworkRefusal;

/// How long awork keeps each part of an address.
const PART_LIMIT: usize = 100;

/// Gives awork's view of a SCIM user's contact entries: e-mails, phones, addresses, messengers (D-54,
/// D-55, D-57).
///
/// The entries may be as they were sent or [normalised](super::normalise_entries): both give the same. A
/// `formatted` address alone gives no contact info, as awork keeps its parts. Values that are not text
/// are passed over.
///
/// # Errors
///
/// Returns [`AworkRefusal::TooLong`] for an e-mail over 254 characters or a part of an address over 100
/// (A-54), and [`AworkRefusal::UnknownCountry`] (A-55).
///
/// # Examples
///
/// ```
/// use scim_awork::{ContactInfo, EmailSubtype, contact_infos};
/// use serde_json::json;
///
/// let user = json!({ "emails": [{ "value": "lea@example.com" }] });
/// let infos = contact_infos(user.as_object().unwrap()).unwrap();
/// assert_eq!(
///     infos,
///     [ContactInfo::Email { subtype: EmailSubtype::Work, address: "lea@example.com".into(), primary: true }]
/// );
/// ```
pub fn contact_infos(user: &Map<String, Value>) -> Result<Vec<ContactInfo>, AworkRefusal> {
    let mut infos = Vec::new();
    for list in ContactList::ALL {
        let Some(Value::Array(entries)) = user.get(list.attribute()) else { continue };
        let mut entries = entries.clone();
        super::normalise_entries(list, &mut entries);
        for entry in &entries {
            infos.extend(contact_info(list, entry)?);
        }
    }
    Ok(infos)
}

fn contact_info(list: ContactList, entry: &Value) -> Result<Option<ContactInfo>, AworkRefusal> {
    let kind = list.type_of(entry);
    if list == ContactList::Addresses {
        let subtype = AddressSubtype::from_scim(kind);
        let address = postal_address(entry)?;
        let is_empty = address == PostalAddress::default();
        return Ok((!is_empty).then_some(ContactInfo::Address { subtype, address }));
    }
    let Some(value) = text(entry, "value") else { return Ok(None) };
    let value = value.to_owned();
    Ok(Some(match list {
        ContactList::Emails => {
            check_length(Attribute::Emails, &value)?;
            let primary = entry.get("primary") == Some(&Value::Bool(true));
            ContactInfo::Email { subtype: EmailSubtype::from_scim(kind), address: value, primary }
        }
        ContactList::PhoneNumbers => {
            ContactInfo::Phone { subtype: PhoneSubtype::from_scim(kind), number: value }
        }
        ContactList::Ims | ContactList::Addresses => {
            ContactInfo::Messenger { subtype: MessengerSubtype::from_scim(kind), handle: value }
        }
    }))
}

fn postal_address(entry: &Value) -> Result<PostalAddress, AworkRefusal> {
    let part = |key, path| -> Result<Option<String>, AworkRefusal> {
        let Some(part) = text(entry, key) else { return Ok(None) };
        check_limit(Attribute::Addresses, path, part, PART_LIMIT)?;
        Ok(Some(part.to_owned()))
    };
    let mut lines = text(entry, "streetAddress")
        .into_iter()
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let address_line1 = lines.next().map(str::to_owned);
    let others = lines.collect::<Vec<_>>().join(", ");
    let address_line2 = (!others.is_empty()).then_some(others);
    for line in [&address_line1, &address_line2].into_iter().flatten() {
        check_limit(Attribute::Addresses, "addresses.streetAddress", line, PART_LIMIT)?;
    }
    let country = text(entry, "country")
        .map(|sent| country_code(sent).ok_or_else(|| AworkRefusal::UnknownCountry { sent: sent.to_owned() }));
    Ok(PostalAddress {
        address_line1,
        address_line2,
        zip_code: part("postalCode", "addresses.postalCode")?,
        city: part("locality", "addresses.locality")?,
        state: part("region", "addresses.region")?,
        country: country.transpose()?,
    })
}

/// Gives the text of a sub-attribute that is there and not empty.
fn text<'e>(entry: &'e Value, key: &str) -> Option<&'e str> {
    entry.get(key)?.as_str().filter(|text| !is_empty_text(text))
}

impl ContactInfo {
    /// Gives the SCIM attribute this belongs to and the entry it is there.
    ///
    /// Reading the entry again gives the same contact info.
    #[must_use]
    pub fn to_scim(&self) -> (ContactList, Value) {
        match self {
            Self::Phone { subtype, number } => {
                (ContactList::PhoneNumbers, json!({ "value": number, "type": subtype.scim_type() }))
            }
            Self::Email { subtype, address, primary } => {
                let mut entry = json!({ "value": address, "type": subtype.scim_type() });
                if *primary {
                    entry["primary"] = true.into();
                }
                (ContactList::Emails, entry)
            }
            Self::Address { subtype, address } => {
                (ContactList::Addresses, address_entry(address, subtype.scim_type()))
            }
            Self::Messenger { subtype, handle } => {
                (ContactList::Ims, json!({ "value": handle, "type": subtype.scim_type() }))
            }
        }
    }
}

fn address_entry(address: &PostalAddress, kind: &str) -> Value {
    let street: Vec<&str> =
        [&address.address_line1, &address.address_line2].into_iter().flatten().map(String::as_str).collect();
    let street = (!street.is_empty()).then(|| street.join("\n"));
    let parts = [
        ("streetAddress", &street),
        ("postalCode", &address.zip_code),
        ("locality", &address.city),
        ("region", &address.state),
        ("country", &address.country),
    ];
    let mut entry = json!({ "type": kind });
    for (key, part) in parts {
        if let Some(part) = part {
            entry[key] = part.as_str().into();
        }
    }
    entry
}

#[cfg(test)]
mod tests;
