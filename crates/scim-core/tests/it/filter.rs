//! Area 10: filters on single values and on the whole resource.

use scim_core::{BindContext, Document, ScimType, Subject, UnknownAttribute};
use scim_testkit::data::rfc_example;
use serde_json::json;

use crate::world::{ENTERPRISE, PROBE, USER, context, probe_user, refused, select, selects, user, users};

fn bjensen() -> Document {
    user(
        json!({ "userName": "bjensen", "externalId": "Ext", "name": { "familyName": "Jensen", "givenName": "Barbara" },
        "title": "Tour \"Guide\"", "active": false, ENTERPRISE: { "department": "Sales", "manager": { "value": "m1" } } }),
    )
}

/// 7644-3.4.2.2-02, 7644-3.4.2.2-04, 7643-7-06: names and operators have no letter case, values as the schema says.
#[test]
fn letter_case() {
    selects(
        &bjensen(),
        &[
            ("USERNAME Eq \"BJENSEN\"", true),
            ("username EQ \"bjense\"", false),
            ("externalId eq \"Ext\"", true),
            ("externalId eq \"ext\"", false),
            ("externalId co \"X\"", false),
            ("title eq \"tour \\\"guide\\\"\"", true),
            ("title eq \"tour \\\"guide\\\" \"", false),
        ],
    );
}

/// 7644-3.4.2.2-01, 7644-3.4.2.2-14: of ten users, those that match and no others.
#[test]
fn of_ten_users() {
    let titles = ["Boss", "boss", "Guide", "", "Boss", "Intern", "Guide", "", "Boss", "Clerk"];
    let everyone: Vec<_> = (0..10)
        .map(|i| user(json!({ "userName": format!("u{i}"), "title": titles[i], "active": i % 2 == 0 })))
        .collect();
    for (filter, expected) in [
        ("title eq \"boss\"", "0 1 4 8"),
        ("title eq \"boss\" and active eq true", "0 4 8"),
        ("title eq \"boss\" or userName eq \"U9\"", "0 1 4 8 9"),
        ("title ne \"boss\"", "2 3 5 6 7 9"),
        ("not (title pr)", "3 7"),
        ("title gt \"clerk\" and not (active eq true)", "5"),
        ("userName ge \"u3\" and userName lt \"u6\"", "3 4 5"),
        ("title co \"e\" or title sw \"i\"", "2 5 6 9"),
        ("id pr", "0 1 2 3 4 5 6 7 8 9"),
        ("externalId pr", ""),
    ] {
        let matching = (0..10).filter(|i| select(filter, &everyone[*i]).unwrap()).map(|i| i.to_string());
        assert_eq!(matching.collect::<Vec<_>>().join(" "), expected, "{filter}");
    }
}

/// 7644-3.4.2.2-05, A09: `ne` is the negation of `eq` for a single value, absent or not.
#[test]
fn not_equal() {
    selects(
        &user(json!({ "title": "x" })),
        &[("title ne \"x\"", false), ("title ne \"X\"", false), ("title ne \"y\"", true)],
    );
    selects(
        &user(json!({})),
        &[("title ne \"x\"", true), ("not (title eq \"x\")", true), ("name.givenName ne \"x\"", true)],
    );
}

/// 7644-3.4.2.2-06: the whole operand inside, at the start, at the end; an empty one is in every value.
#[test]
fn parts_of_texts() {
    selects(
        &bjensen(),
        &[
            ("userName co \"ENS\"", true),
            ("userName sw \"bj\"", true),
            ("userName sw \"bjensen\"", true),
            ("userName sw \"jensen\"", false),
            ("userName ew \"sen\"", true),
            ("userName ew \"bjensen\"", true),
            ("userName co \"x\"", false),
            ("userName co \"\"", true),
            ("userName sw \"\"", true),
            ("userName ew \"\"", true),
            ("nickName co \"\"", false),
            ("userName eq \"\"", false),
        ],
    );
    for filter in [
        "active co \"t\"",
        "active sw true",
        "meta.created sw \"2026\"",
        "x509Certificates.value co \"TWE=\"",
    ] {
        refused(select(filter, &bjensen()), ScimType::InvalidFilter, "cannot be used with");
    }
    refused(select("count co 1", &bjensen()), ScimType::InvalidFilter, "`co`");
}

/// 7644-3.4.2.2-07: present is what has some value in it.
#[test]
fn present() {
    selects(
        &bjensen(),
        &[
            ("userName pr", true),
            ("name pr", true),
            ("name.givenName pr", true),
            ("name.middleName pr", false),
            ("emails pr", false),
            ("active pr", true),
            ("addresses pr", false),
            ("manager pr", true),
            ("manager.displayName pr", false),
            ("id pr and meta pr and schemas pr and meta.created pr and meta.location pr", true),
            ("groups pr", false),
        ],
    );
}

/// 7644-3.4.2.2-08: texts compare by code point, folded unless letter case counts.
#[test]
fn order_of_texts() {
    selects(
        &user(json!({ "userName": "M", "externalId": "M", "displayName": "\u{FF5E}" })),
        &[
            ("userName gt \"l\"", true),
            ("userName gt \"m\"", false),
            ("userName ge \"m\"", true),
            ("userName lt \"N\"", true),
            ("userName le \"m\"", true),
            ("externalId gt \"l\"", false),
            ("externalId lt \"a\"", true),
            // By code point U+FF5E comes before U+1F600; by UTF-16 it would come after.
            ("displayName lt \"\u{1F600}\"", true),
            ("displayName gt \"\u{FF00}\"", true),
            ("title gt \"\"", false),
            ("userName gt \"\"", true),
        ],
    );
}

/// 7644-3.4.2.2-09: instants compare on the time line, whatever the zone they are written in.
#[test]
fn order_of_instants() {
    let document = probe_user(json!({ "at": "2026-01-02T03:04:05.678+02:00" }));
    selects(
        &document,
        &[
            ("at eq \"2026-01-02T01:04:05.678Z\"", true),
            ("at eq \"2026-01-02T01:04:05.678\"", true),
            ("at eq \"2026-01-02T03:04:05.678Z\"", false),
            ("at ge \"2026-01-02T00:00:00-01:04\"", true),
            ("at gt \"2026-01-02T01:04:05.677999999Z\"", true),
            ("at lt \"2026-01-02T01:04:05.678000001Z\"", true),
            ("at lt \"1969-12-31T23:59:59Z\"", false),
        ],
    );
    for operand in ["\"2026-01-02\"", "\"\"", "5", "true"] {
        refused(select(&format!("at ge {operand}"), &document), ScimType::InvalidFilter, "dateTime");
    }
}

/// 7644-3.4.2.2-09: `meta.created` is 2026-01-02T01:04:05.678Z, and finer bounds lie between milliseconds.
#[test]
fn meta_created() {
    selects(
        &user(json!({})),
        &[
            ("meta.created eq \"2026-01-02T03:04:05.678+02:00\"", true),
            ("meta.created eq \"2026-01-02T01:04:05.6780001Z\"", false),
            ("meta.created ne \"2026-01-02T01:04:05.6780001Z\"", true),
            ("meta.created ne \"2026-01-02T01:04:05.678Z\"", false),
            ("meta.created gt \"2026-01-02T01:04:05.6779Z\"", true),
            ("meta.created ge \"2026-01-02T01:04:05.678Z\"", true),
            ("meta.created ge \"2026-01-02T01:04:05.6780001Z\"", false),
            ("meta.created gt \"2026-01-02T01:04:05.678Z\"", false),
            ("meta.created lt \"2026-01-02T01:04:05.6780001Z\"", true),
            ("meta.created lt \"2026-01-02T01:04:05.678Z\"", false),
            ("meta.created le \"2026-01-02T01:04:05.678Z\"", true),
            ("meta.created le \"2026-01-02T01:04:05.6779999Z\"", false),
            ("meta.created eq null", false),
            ("meta.created ne null", true),
            ("meta.lastModified eq \"2026-01-02T01:04:06Z\"", true),
        ],
    );
    refused(select("meta.created gt null", &user(json!({}))), ScimType::InvalidFilter, "null");
    refused(select("meta.created co \"2026\"", &user(json!({}))), ScimType::InvalidFilter, "`co`");
    refused(select("meta.created gt \"today\"", &user(json!({}))), ScimType::InvalidFilter, "`today`");
}

/// 7644-3.4.2.2-10: numbers compare by value, whole or not.
#[test]
fn order_of_numbers() {
    selects(
        &probe_user(json!({ "count": 10, "ratio": 5.0 })),
        &[
            ("count gt 9", true),
            ("count eq 10.0", true),
            ("count eq 1e1", true),
            ("count lt 10.5", true),
            ("count gt -1", true),
            ("count lt 18446744073709551616", true),
            ("ratio eq 5", true),
            ("ratio ge 5", true),
            ("ratio lt 5.0000001", true),
            ("ratio ne 5", false),
        ],
    );
    selects(
        &probe_user(json!({ "count": 9_007_199_254_740_993_i64 })),
        &[
            ("count eq 9007199254740993", true),
            ("count eq 9007199254740992", false),
            ("count gt 9007199254740992.0", true),
        ],
    );
    selects(
        &probe_user(json!({ "ratio": -0.0 })),
        &[("ratio eq 0", true), ("ratio ge 0", true), ("ratio lt 0", false)],
    );
    for operand in ["\"5\"", "true", "1e400"] {
        refused(select(&format!("count eq {operand}"), &user(json!({}))), ScimType::InvalidFilter, "integer");
    }
}

/// 7644-3.4.2.2-11: booleans, binary and complex values have no order.
#[test]
fn no_order() {
    for filter in
        ["active gt true", "active le \"true\"", "blob lt \"TWE=\"", "x509Certificates.value ge \"TWE=\""]
    {
        refused(select(filter, &user(json!({}))), ScimType::InvalidFilter, "cannot be used with");
    }
    refused(select("name gt \"a\"", &user(json!({}))), ScimType::InvalidFilter, "name.formatted");
}

/// 7644-3.4.2.2-12: the operand has the type of the attribute; booleans may stand in quotes.
#[test]
fn literals() {
    selects(
        &user(json!({ "title": "a\"bé" })),
        &[
            ("active eq true", true),
            ("active eq \"True\"", true),
            ("active eq \"false\"", false),
            ("active ne false", true),
            ("title eq \"a\\\"b\\u00e9\"", true),
        ],
    );
    for filter in
        ["title eq 5", "title eq true", "active eq \"yes\"", "active eq 1", "id eq 1", "blob eq \"*\""]
    {
        refused(select(filter, &user(json!({}))), ScimType::InvalidFilter, "cannot be compared");
    }
}

/// 7644-3.4.2.2-13: `eq null` is the negation of `pr`, `ne null` is `pr`; nothing else compares with null.
#[test]
fn null() {
    for (path, there) in [
        ("userName", true),
        ("title", false),
        ("active", true),
        ("emails", false),
        ("count", false),
        ("manager", false),
        ("id", true),
        ("schemas", true),
        ("meta.version", true),
        ("groups", false),
        ("ratio", false),
        ("emails.primary", false),
        ("at", false),
        ("blob", false),
        ("manager.$ref", false),
    ] {
        selects(
            &user(json!({})),
            &[
                (&format!("{path} eq null"), !there),
                (&format!("{path} ne null"), there),
                (&format!("{path} pr"), there),
            ],
        );
        for op in ["gt", "ge", "lt", "le", "co", "sw", "ew"] {
            let problem = select(&format!("{path} {op} null"), &user(json!({}))).unwrap_err();
            assert_eq!(problem.scim_type, Some(ScimType::InvalidFilter), "{path} {op}");
        }
    }
}

/// 7644-3.4.2.2-14, 7644-3.4.2.2-15, 7644-3.4.2.2-16: `and`, `or`, `not`, in that order.
#[test]
fn connectives() {
    let document = user(json!({ "title": "x" }));
    let (t, f) = ("title pr", "nickName pr");
    for (a, b, c) in [(t, t, t), (t, t, f), (t, f, t), (t, f, f), (f, t, t), (f, t, f), (f, f, t), (f, f, f)]
    {
        let [va, vb, vc] = [a, b, c].map(|filter| filter == t);
        selects(
            &document,
            &[
                (&format!("{a} and {b}"), va && vb),
                (&format!("{a} or {b}"), va || vb),
                (&format!("not ({a})"), !va),
                (&format!("not({a})"), !va),
                (&format!("{a} or {b} and {c}"), va || vb && vc),
                (&format!("({a} or {b}) and {c}"), (va || vb) && vc),
                (&format!("not ({a}) and {b}"), !va && vb),
            ],
        );
    }
    refused(select("not title pr", &document), ScimType::InvalidFilter, "title");
}

/// 7644-3.4.2.2-20, A10: a complex attribute means its `value`, if it has one.
#[test]
fn complex_attributes() {
    selects(
        &bjensen(),
        &[
            ("name.givenName eq \"barbara\"", true),
            ("manager eq \"m1\"", true),
            ("manager eq \"M1\"", false),
            ("manager ne \"m2\"", true),
            ("manager.value sw \"m\"", true),
        ],
    );
    refused(select("name eq \"B\"", &bjensen()), ScimType::InvalidFilter, "name.formatted");
    refused(select("addresses co \"B\"", &bjensen()), ScimType::InvalidFilter, "addresses.formatted");
    refused(select("meta eq \"B\"", &bjensen()), ScimType::InvalidFilter, "meta.resourceType");
    refused(select("name[givenName eq \"B\"]", &bjensen()), ScimType::InvalidFilter, "no list");
}

/// 7644-3.4.2.2-21: paths may carry the schema's URI, and names of extensions may stand alone.
#[test]
fn qualified_paths() {
    let upper = USER.to_uppercase();
    selects(
        &bjensen(),
        &[
            (&format!("{USER}:userName sw \"B\""), true),
            (&format!("{upper}:USERNAME sw \"B\""), true),
            (&format!("{USER}:name.familyName eq \"jensen\""), true),
            (&format!("{ENTERPRISE}:department eq \"sales\""), true),
            (&format!("{ENTERPRISE}:manager.value eq \"m1\""), true),
            (&format!("{ENTERPRISE}.department eq \"sales\""), true),
            ("department eq \"sales\"", true),
            ("manager.value eq \"m1\"", true),
        ],
    );
    for path in
        [format!("{ENTERPRISE}:userName"), format!("{USER}:department"), ENTERPRISE.into(), USER.into()]
    {
        refused(select(&format!("{path} pr"), &bjensen()), ScimType::InvalidFilter, "no attribute of User");
    }
}

/// 7644-3.4.2.2-24, 7644-3.4.2.1-03, A08: unknown is wrong where there is one type, and absent among many.
#[test]
fn unknown_attributes() {
    for filter in
        ["shoeSize eq 1", "emails.shoeSize pr", "userName.x pr", "members pr", "emails[shoeSize pr]"]
    {
        refused(select(filter, &bjensen()), ScimType::InvalidFilter, "is no attribute of User");
    }
    let document = bjensen();
    let form = users().match_form(&document);
    let subject = Subject { id: "1", created: 0, modified: 0, version: "", form: &form, links: &|_| vec![] };
    let root = BindContext { unknown: UnknownAttribute::HasNoValue, ..context() };
    for (filter, expected) in [
        ("shoeSize eq 1", false),
        ("shoeSize ne 1", true),
        ("shoeSize pr", false),
        ("shoeSize eq null", true),
        ("shoeSize ne null", false),
        ("shoeSize gt 1", false),
        ("not (shoeSize pr)", true),
        ("members[value eq \"x\"]", false),
        ("members.value eq \"x\" or userName pr", true),
        ("meta.resourceType eq \"User\"", true),
        ("meta.resourceType eq \"Group\"", false),
    ] {
        let bound = users().bind(&filter.parse().unwrap(), &root).unwrap();
        assert_eq!(bound.matches(&subject), expected, "{filter}");
    }
}

/// 7644-3.4.2.2-26: what has a default is found by what the client sees.
#[test]
fn defaults() {
    selects(&user(json!({})), &[("active eq true", true), ("active eq false", false)]);
}

/// 7644-3.4.2.2-29: `schemas`, `id`, `externalId` and `meta` are attributes like any other.
#[test]
fn common_attributes() {
    selects(
        &bjensen(),
        &[
            (&format!("schemas eq \"{USER}\""), true),
            (&format!("schemas eq \"{}\"", ENTERPRISE.to_uppercase()), true),
            (&format!("schemas eq \"{PROBE}\""), false),
            (&format!("schemas ne \"{PROBE}\""), true),
            (&format!("schemas ne \"{USER}\""), true),
            ("schemas co \"enterprise\"", true),
            ("schemas co \"probe\"", false),
            ("schemas sw \"urn:\"", true),
            ("schemas eq null", false),
            ("id eq \"1\"", true),
            ("id ne \"1\"", false),
            ("id sw \"2\"", false),
            ("meta.resourceType eq \"User\"", true),
            ("meta.resourceType eq \"user\"", false),
            ("meta.resourceType ne \"Group\"", true),
            ("meta.version eq \"W/\\\"1.0\\\"\"", true),
            ("meta.location ew \"/Users/1\"", true),
            ("meta.location eq \"https://scim.example/scim/v2/Users/1\"", true),
        ],
    );
    selects(
        &user(json!({})),
        &[(&format!("schemas ne \"{USER}\""), false), (&format!("schemas eq \"{ENTERPRISE}\""), false)],
    );
}

/// 7643-4.1.1-06, 7643-7-09: nobody may ask for what nobody sees.
#[test]
fn secrets() {
    let document = probe_user(json!({ "writeOnlyText": "x", "thing": { "secret": "x" } }));
    for filter in [
        "password eq \"x\"",
        "password pr",
        "writeOnlyText eq \"x\"",
        "neverText pr",
        "thing.secret sw \"x\"",
    ] {
        refused(select(filter, &document), ScimType::InvalidFilter, "cannot be used in a filter");
    }
    selects(&document, &[(&format!("schemas eq \"{PROBE}\""), true), ("thing pr", true)]);
}

/// 7644-3.4.2.2-30: every filter that the standard prints can be asked of users.
#[test]
fn printed_filters() {
    let example = rfc_example("filters/valid.json");
    let lists = example.as_object().unwrap().values().flat_map(|list| list.as_array().unwrap());
    let filters: Vec<&str> = lists.map(|filter| filter.as_str().unwrap()).collect();
    // The 17 of figure 2, and two that differ in letter case.
    assert_eq!(filters.len(), 19);
    for filter in filters {
        assert!(select(filter, &bjensen()).is_ok(), "{filter}");
    }
}

/// 7644-3.4.2.2-23, 7644-3.4.2.2-27: a refusal names the path, its type and what does not suit it.
#[test]
fn details() {
    for (filter, detail) in [
        ("active gt true", "`gt` cannot be used with `active`, which is of type boolean"),
        ("title eq 5", "`title` is of type string: it cannot be compared with `5`"),
        ("name eq \"B\"", "`name` is complex: name one of its parts, such as `name.formatted`"),
        ("shoeSize pr", "`shoeSize` is no attribute of User"),
        ("title[value pr]", "`title` takes no brackets: it is no list of values"),
        ("emails[shoe pr]", "`emails.shoe` is no attribute of User"),
    ] {
        assert_eq!(select(filter, &bjensen()).unwrap_err().detail, detail);
    }
}
