use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[track_caller]
fn normalises(list: ContactList, sent: &[Value], kept: &[Value]) {
    let mut entries = sent.to_vec();
    normalise_entries(list, &mut entries);
    assert_eq!(entries, kept);
}

/// D-55: the first work e-mail wins over every flag, and is the only one.
#[test]
fn the_first_work_email_is_primary() {
    normalises(
        ContactList::Emails,
        &[
            json!({ "value": "h@x.y", "type": "home", "primary": true }),
            json!({ "value": "w@x.y", "type": "work", "primary": false }),
            json!({ "value": "w2@x.y", "type": "work", "primary": true }),
            json!({ "value": "o@x.y", "type": "other" }),
        ],
        &[
            json!({ "value": "h@x.y", "type": "home", "primary": false }),
            json!({ "value": "w@x.y", "type": "work", "primary": true }),
            json!({ "value": "w2@x.y", "type": "work", "primary": false }),
            json!({ "value": "o@x.y", "type": "other" }),
        ],
    );
    normalises(
        ContactList::Emails,
        &[json!({ "value": "w@x.y", "type": "Work", "display": "W" })],
        &[json!({ "value": "w@x.y", "type": "Work", "display": "W", "primary": true })],
    );
}

/// D-55: without a work e-mail the flag that was sent counts, once.
#[test]
fn without_a_work_email_the_flag_counts() {
    normalises(
        ContactList::Emails,
        &[json!({ "value": "a@x.y", "type": "other", "primary": true })],
        &[json!({ "value": "a@x.y", "type": "other", "primary": true })],
    );
    normalises(
        ContactList::Emails,
        &[
            json!({ "value": "a@x.y", "type": "other" }),
            json!({ "value": "b@x.y", "type": "home", "primary": true }),
            json!({ "value": "c@x.y", "type": "home", "primary": true }),
        ],
        &[
            json!({ "value": "a@x.y", "type": "other" }),
            json!({ "value": "b@x.y", "type": "home", "primary": true }),
            json!({ "value": "c@x.y", "type": "home", "primary": false }),
        ],
    );
}

/// empty values go, missing types are work, sent types stay.
#[test]
fn empty_values_and_missing_types() {
    normalises(
        ContactList::Emails,
        &[
            json!({ "value": "", "type": "work", "primary": true }),
            json!({ "value": " " }),
            json!({ "value": null }),
            json!({ "type": "work" }),
            json!({ "value": "a@x.y" }),
            json!({ "value": "b@x.y", "type": "" }),
            json!({ "value": "c@x.y", "type": "Custom" }),
        ],
        &[
            json!({ "value": "a@x.y", "type": "work", "primary": true }),
            json!({ "value": "b@x.y", "type": "work" }),
            json!({ "value": "c@x.y", "type": "Custom" }),
        ],
    );
    normalises(
        ContactList::PhoneNumbers,
        &[
            json!({ "value": "1", "primary": true }),
            json!({ "value": "2", "type": null, "primary": true }),
            json!({ "value": "" }),
        ],
        &[
            json!({ "value": "1", "type": "work", "primary": true }),
            json!({ "value": "2", "type": "work", "primary": true }),
        ],
    );
    normalises(
        ContactList::Ims,
        &[json!({ "value": "lea" }), json!({ "value": "" }), json!({ "value": "lea", "type": "skype" })],
        &[json!({ "value": "lea", "type": "other" }), json!({ "value": "lea", "type": "skype" })],
    );
    normalises(
        ContactList::Addresses,
        &[
            json!({ "locality": "Hamburg" }),
            json!({ "type": "home", "country": "", "primary": true }),
            json!({ "formatted": "x" }),
        ],
        &[json!({ "locality": "Hamburg", "type": "work" }), json!({ "formatted": "x", "type": "work" })],
    );
}

/// contact e-mails follow the account e-mail, others stay.
#[test]
fn contact_emails_follow_the_user_name() {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let mut emails = [
        json!({ "value": "LEA@x.y", "type": "work", "primary": true }),
        json!({ "value": "p@x.y", "type": "home" }),
        json!({ "type": "other" }),
    ];
    assert!(follow_user_name(&mut emails, "lea@x.y", "eva@x.y", same));
    assert_eq!(emails[0], work_email("eva@x.y"));
    assert_eq!(emails[1], json!({ "value": "p@x.y", "type": "home" }));
    assert_eq!(emails[2], json!({ "type": "other" }));
    assert!(!follow_user_name(&mut emails, "lea@x.y", "ida@x.y", same));
}

/// four attributes hold contact infos.
#[test]
fn the_attributes() {
    assert_eq!(ContactList::ALL.map(ContactList::attribute), ["emails", "phoneNumbers", "addresses", "ims"]);
}

fn entry() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![Just(json!(null)), Just(json!(7)), "[ a@]{0,3}".prop_map(Value::from)];
    let kind = prop_oneof![Just(json!(null)), "(work|WORK|home|other|x|)".prop_map(Value::from)];
    let object = (text(), kind, any::<Option<bool>>()).prop_map(|(value, kind, primary)| {
        let mut entry = json!({ "value": value, "type": kind });
        if let Some(primary) = primary {
            entry["primary"] = primary.into();
        }
        entry
    });
    prop_oneof![9 => object, 1 => Just(json!("text")), 1 => Just(json!({}))]
}

proptest! {
    /// D-55: at most one primary, exactly one with a work e-mail; normalising twice changes nothing.
    #[test]
    fn one_primary_at_most(mut entries in vec(entry(), 0..6)) {
        for list in ContactList::ALL {
            let mut once = entries.clone();
            normalise_entries(list, &mut once);
            let mut twice = once.clone();
            normalise_entries(list, &mut twice);
            prop_assert_eq!(once, twice);
        }
        normalise_entries(ContactList::Emails, &mut entries);
        let primaries = entries.iter().filter(|entry| entry.get("primary") == Some(&json!(true))).count();
        let works = entries.iter().filter(|entry| ContactList::Emails.type_of(entry).eq_ignore_ascii_case("work"));
        prop_assert!(primaries <= 1);
        prop_assert!(primaries == 1 || works.count() == 0);
    }
}
