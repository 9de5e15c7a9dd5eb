use proptest::option;
use proptest::prelude::*;

use super::*;

fn infos(user: &Value) -> Result<Vec<ContactInfo>, AworkRefusal> {
    contact_infos(user.as_object().unwrap())
}

fn email(subtype: EmailSubtype, address: &str, primary: bool) -> ContactInfo {
    ContactInfo::Email { subtype, address: address.into(), primary }
}

/// D-54, D-57, A-35: each attribute becomes its type of contact info.
#[test]
fn every_kind_of_entry() {
    let user = json!({
        "userName": "lea@x.y",
        "emails": [
            { "value": "w@x.y", "type": "work" },
            { "value": "h@x.y", "type": "home", "primary": true },
            { "value": "o@x.y", "type": "newsletter" },
        ],
        "phoneNumbers": [{ "value": "+49 40 1" }, { "value": "2", "type": "pager" }, { "value": "3", "type": "mobile" }],
        "addresses": [{ "type": "home", "locality": "Hamburg" }],
        "ims": [{ "value": "lea", "type": "skype" }, { "value": "lea2" }],
        "photos": [{ "value": "https://x.y/lea.png" }],
    });
    let phone = |subtype, number: &str| ContactInfo::Phone { subtype, number: number.into() };
    let messenger = |subtype, handle: &str| ContactInfo::Messenger { subtype, handle: handle.into() };
    let city = PostalAddress { city: Some("Hamburg".into()), ..PostalAddress::default() };
    let expected = vec![
        email(EmailSubtype::Work, "w@x.y", true),
        email(EmailSubtype::Private, "h@x.y", false),
        email(EmailSubtype::Other, "o@x.y", false),
        phone(PhoneSubtype::Work, "+49 40 1"),
        phone(PhoneSubtype::Other, "2"),
        phone(PhoneSubtype::Mobile, "3"),
        ContactInfo::Address { subtype: AddressSubtype::Home, address: city },
        messenger(MessengerSubtype::Skype, "lea"),
        messenger(MessengerSubtype::Other, "lea2"),
    ];
    assert_eq!(infos(&user), Ok(expected));
}

/// the parts of an address, with the country as a code.
#[test]
fn addresses() {
    let address = |entry: Value| match infos(&json!({ "addresses": [entry] }))?.pop() {
        Some(ContactInfo::Address { address, .. }) => Ok(Some(address)),
        _ => Ok(None),
    };
    let s = |text: &str| Some(text.to_owned());
    let full = json!({
        "streetAddress": " Main St 1\r\n\n2nd floor \nBack yard", "postalCode": "20095", "locality": "Hamburg",
        "region": "HH", "country": "Germany", "formatted": "all of it", "type": "work",
    });
    let expected = PostalAddress {
        address_line1: s("Main St 1"),
        address_line2: s("2nd floor, Back yard"),
        zip_code: s("20095"),
        city: s("Hamburg"),
        state: s("HH"),
        country: s("DE"),
    };
    assert_eq!(address(full), Ok(Some(expected)));
    let line1 = PostalAddress { address_line1: s("Main St 1"), ..PostalAddress::default() };
    assert_eq!(address(json!({ "streetAddress": "Main St 1", "country": "" })), Ok(Some(line1)));
    assert_eq!(address(json!({ "formatted": "Main St 1, Hamburg" })), Ok(None));
    let refusal = AworkRefusal::UnknownCountry { sent: "Atlantis".into() };
    assert_eq!(address(json!({ "locality": "x", "country": "Atlantis" })), Err(refusal));
}

/// e-mails up to 254 characters, parts of addresses up to 100.
#[test]
fn lengths() {
    let emails = |length: usize| infos(&json!({ "emails": [{ "value": "x".repeat(length) }] }));
    assert!(emails(254).is_ok());
    let (attribute, path) = (Attribute::Emails, "emails.value");
    assert_eq!(emails(255), Err(AworkRefusal::TooLong { attribute, path, length: 255, limit: 254 }));

    let attribute = Attribute::Addresses;
    for (key, path) in [
        ("streetAddress", "addresses.streetAddress"),
        ("postalCode", "addresses.postalCode"),
        ("locality", "addresses.locality"),
        ("region", "addresses.region"),
    ] {
        let addresses = |part: String| infos(&json!({ "addresses": [{ key: part }] }));
        assert!(addresses("x".repeat(100)).is_ok(), "{key}");
        let refusal = AworkRefusal::TooLong { attribute, path, length: 101, limit: 100 };
        assert_eq!(addresses("x".repeat(101)), Err(refusal), "{key}");
    }
    let two_lines = format!("a\n{}", "x".repeat(101));
    assert!(infos(&json!({ "addresses": [{ "streetAddress": two_lines }] })).is_err());
}

/// nothing comes of empty entries, wrong types and missing lists.
#[test]
fn nothing_to_keep() {
    for user in [
        json!({}),
        json!({ "emails": null, "phoneNumbers": "1", "addresses": {}, "ims": [] }),
        json!({ "emails": [{ "value": "" }, { "value": 7 }, "a@x.y", null], "addresses": [{ "type": "work" }, 7] }),
    ] {
        assert_eq!(infos(&user), Ok(vec![]), "{user}");
    }
}

/// D-43: the template OneLogin starts from gives the one work e-mail, as primary.
#[test]
fn the_onelogin_template() {
    let template = include_str!("../../../tests/data/onelogin-template.json")
        .replace("{$parameters.scimusername}", "lea@x.y")
        .replace("{$user.firstname}", "Lea")
        .replace("{$user.lastname}", "Berg")
        .replace("{$user.email}", "lea@x.y");
    assert!(!template.contains("{$"));
    let user: Value = serde_json::from_str(&template).unwrap();
    assert_eq!(infos(&user), Ok(vec![email(EmailSubtype::Work, "lea@x.y", true)]));
    assert_eq!(user["userName"], "lea@x.y");
    assert_eq!(user["name"], json!({ "givenName": "Lea", "familyName": "Berg" }));
    let mut emails = user["emails"].as_array().unwrap().clone();
    super::super::normalise_entries(ContactList::Emails, &mut emails);
    assert_eq!(user["emails"], Value::Array(emails), "it comes back as it was sent");
}

fn info() -> impl Strategy<Value = ContactInfo> {
    use ContactInfo::{Address, Email, Messenger, Phone};
    let text = || "[A-Za-z0-9ü@.]([A-Za-z0-9ü@. ,]{0,9}[A-Za-z0-9ü@.])?";
    let phones = ["work", "mobile", "home", "fax", "work fax", "other"];
    let phone = (text(), prop::sample::select(phones.to_vec()))
        .prop_map(|(number, kind)| Phone { subtype: PhoneSubtype::from_scim(kind), number });
    let email = (text(), "work|home|other")
        .prop_map(|(address, kind)| (address, EmailSubtype::from_scim(&kind)))
        .prop_flat_map(|(address, subtype)| {
            // Alone in its list, a work e-mail is always primary.
            let primary =
                if subtype == EmailSubtype::Work { Just(true).boxed() } else { any::<bool>().boxed() };
            primary.prop_map(move |primary| Email { subtype, address: address.clone(), primary })
        });
    let messenger = (text(), "skype|whatsapp|other")
        .prop_map(|(handle, kind)| Messenger { subtype: MessengerSubtype::from_scim(&kind), handle });
    let parts = (text(), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let address = (parts, option::of("[A-Z]{2}"), "work|home|other").prop_map(|(parts, country, kind)| {
        let (line1, address_line2, zip_code, city, state) = parts;
        let country = country.and_then(|code| country_code(&code));
        let address =
            PostalAddress { address_line1: Some(line1), address_line2, zip_code, city, state, country };
        Address { subtype: AddressSubtype::from_scim(&kind), address }
    });
    prop_oneof![phone, email, messenger, address]
}

proptest! {
    /// D-54, D-57: what is shown of a contact info reads back as the same.
    #[test]
    fn shown_contact_infos_read_back(info in info()) {
        let (list, entry) = info.to_scim();
        let user = json!({ list.attribute(): [entry] });
        prop_assert_eq!(infos(&user), Ok(vec![info]));
    }
}
