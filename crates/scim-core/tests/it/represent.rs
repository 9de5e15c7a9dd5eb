//! What a client sees of a resource.

use scim_core::{
    AttrKey, Document, End, LinkShape, LinkView, Linked, Registry, ResourceType, Selection, join_names,
    schema,
};
use scim_testkit::data::rfc_example;
use serde_json::{Map, Value, json};

use crate::world::{BASE, USER, far_end, groups, map, shown, shown_with, user, users};

/// 7643-3.1-08, 7643-3.1-10, 7644-3.3-06: `meta` says what kind, when and where.
#[test]
fn meta() {
    let meta = shown(&user(json!({})), &Selection::Default)["meta"].clone();
    assert_eq!(meta["resourceType"], json!("User"));
    assert_eq!(meta["created"], json!("1970-01-01T00:00:00.000Z"));
    assert_eq!(meta["lastModified"], json!("1970-01-01T00:00:01.000Z"));
    assert_eq!(meta["location"], json!(format!("{BASE}/Users/1")));
    assert_eq!(meta["version"], json!("W/\"1.0\""));
}

/// 7643-4.2-03, 7643-4.1.2-04, 7643-2.3.7-02: members and groups are shown from links, with absolute references.
#[test]
fn links() {
    let mut hidden = far_end("User", "h", "Hidden");
    hidden.visible = false;
    let mut nameless = far_end("Device", "d", "");
    nameless.name = None;
    let ends = vec![far_end("User", "u", "Lea"), hidden, far_end("Group", "g", "Sales"), nameless];
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    let linked = Linked::from([(AttrKey::base("members"), ends)]);
    let members = &shown_with(groups(), &group, &linked, &Selection::Default)["members"];
    assert_eq!(
        *members,
        json!([
            { "value": "u", "$ref": format!("{BASE}/Users/u"), "type": "User", "display": "Lea" },
            { "value": "g", "$ref": format!("{BASE}/Groups/g"), "type": "Group", "display": "Sales" },
            { "value": "d", "type": "Device" },
        ])
    );
    let linked = Linked::from([(AttrKey::base("groups"), vec![far_end("Group", "g", "Sales")])]);
    let groups = &shown_with(users(), &user(json!({})), &linked, &Selection::Default)["groups"];
    assert_eq!(
        *groups,
        json!([{ "value": "g", "$ref": format!("{BASE}/Groups/g"), "type": "direct", "display": "Sales" }])
    );
    let nobody = Linked::from([(AttrKey::base("groups"), vec![])]);
    assert_eq!(shown_with(users(), &user(json!({})), &nobody, &Selection::Default).get("groups"), None);
}

/// D-64, A-10, A-57: links as one name, or as names in one text, within an extension.
#[test]
fn links_as_names() {
    const EXTENSION: &str = "urn:x:2.0:User";
    let view = |attribute, relation, shape| LinkView {
        resource_type: "User",
        extension: Some(EXTENSION),
        attribute,
        relation,
        end: End::Member,
        shape,
        shows_hidden: true,
    };
    let extension = r#"{ "id": "urn:x:2.0:User", "attributes": [{ "name": "role" }, { "name": "teams", "caseExact": true }] }"#;
    let registry = Registry::builder()
        .schema(schema::user())
        .schema(schema::Schema::from_json(extension).unwrap())
        .resource_type(ResourceType::new("User", "/Users", USER).with_extension(EXTENSION))
        .link(view("role", "role", LinkShape::Name))
        .link(view("teams", "team", LinkShape::Names))
        .build()
        .unwrap();
    let def = registry.type_named("User").unwrap();
    let body =
        json!({ "schemas": [USER], "userName": "lea", EXTENSION: { "role": "Admin", "teams": " B,A " } });
    let desired = def.create(map(body), scim_core::Leniency::default()).unwrap();
    assert_eq!(desired.asserted[&AttrKey::of(EXTENSION, "teams")], Some(json!(" B,A ")));
    assert_eq!(desired.document.as_map().get(EXTENSION), None);
    let ends = |names: &[&str]| names.iter().map(|name| far_end("Team", name, name)).collect();
    let linked = Linked::from([
        (AttrKey::of(EXTENSION, "role"), ends(&["Admin"])),
        (AttrKey::of(EXTENSION, "teams"), ends(&["B", "A, C"])),
    ]);
    let all = shown_with(def, &desired.document, &linked, &Selection::Default);
    assert_eq!(all[EXTENSION], json!({ "role": "Admin", "teams": "\"A, C\",B" }));
    assert_eq!(all["schemas"], json!([USER, EXTENSION]));
    assert_eq!(join_names(["a", "b\"c"]), "a,\"b\"\"c\"");
    let operations = json!([{ "op": "add", "path": format!("{EXTENSION}:teams"), "value": "X" },
        { "op": "replace", "path": "role", "value": "Boss" }, { "op": "remove", "path": "role" }, { "op": "replace", "value": { EXTENSION: { "teams": "Y" } } }]);
    let desired =
        crate::world::patch_of(def, scim_core::Leniency::default(), &desired.document, operations).unwrap();
    assert_eq!(desired.asserted[&AttrKey::of(EXTENSION, "teams")], Some(json!("Y")));
    assert_eq!(desired.asserted[&AttrKey::of(EXTENSION, "role")], None);
    let before = |name: &str| desired.said_before[&AttrKey::of(EXTENSION, name)].clone();
    assert_eq!((before("teams"), before("role")), (vec![json!("X")], vec![json!("Boss")]));
    for (filter, expected) in [
        ("teams eq \"A,B\"", true),
        ("teams eq \"a,b\"", false),
        ("teams co \"A\"", true),
        ("role eq \"a\"", true),
        ("role ne \"a\"", false),
        ("role sw \"x\"", false),
        ("role pr and teams pr", true),
        ("role eq null", false),
        ("schemas eq \"urn:x:2.0:User\"", true),
    ] {
        let ends = [far_end("Team", "1", "B"), far_end("Team", "2", "A")];
        let ends =
            if filter.starts_with("role") && !filter.contains("teams") { &ends[1..] } else { &ends[..] };
        assert_eq!(
            crate::world::select_linked(def, filter, &desired.document, ends),
            Ok(expected),
            "{filter}"
        );
    }
}

/// 7643-2.5-01: nothing that is shown is null or empty.
#[test]
fn nothing_empty() {
    fn check(value: &Value) {
        match value {
            Value::Null => panic!("a null is shown"),
            Value::Array(values) => {
                assert!(!values.is_empty());
                values.iter().for_each(check);
            }
            Value::Object(parts) => {
                assert!(!parts.is_empty());
                parts.values().for_each(check);
            }
            _ => {}
        }
    }
    let full = rfc_example("resources/user-full.json");
    let document = users().create(map(full), scim_core::Leniency::default()).unwrap().document;
    for excluded in ["name.formatted", "emails.value,emails.type,emails.primary", "meta.created", ""] {
        let answer: Map<String, Value> = shown(&document, &Selection::new(None, Some(excluded)).unwrap());
        check(&Value::Object(answer));
    }
}

/// 7643-3.3-01, 7643-4.3-01: the resources that the standard prints come back as they went in.
#[test]
fn printed_resources() {
    for file in ["resources/user-minimal.json", "resources/user-full.json", "resources/user-enterprise.json"]
    {
        let sent = map(rfc_example(file));
        let document = users().create(sent.clone(), scim_core::Leniency::default()).unwrap().document;
        let answer = shown(&document, &Selection::Default);
        for (name, value) in &sent {
            match name.as_str() {
                // What the server says, and what nobody is told.
                "id" => assert_eq!(answer[name], json!("1")),
                "meta" => assert_ne!(answer.get(name), Some(value)),
                "groups" | "password" => assert_eq!(answer.get(name), None),
                // Certificates may be printed over several lines in the standard.
                "x509Certificates" => assert!(answer.contains_key(name)),
                crate::world::ENTERPRISE => {
                    let mut sent = value.clone();
                    let id = sent["manager"]["value"].as_str().unwrap().to_owned();
                    sent["manager"].as_object_mut().unwrap().remove("displayName");
                    sent["manager"]["$ref"] = json!(format!("{BASE}/Users/{id}"));
                    assert_eq!(answer[name], sent);
                }
                _ => assert_eq!(answer.get(name), Some(value), "{file} {name}"),
            }
        }
        assert_eq!(answer.get("active"), Some(&sent.get("active").cloned().unwrap_or(json!(true))));
    }
}
