//! `bulkId:x` wherever a reference may stand, resolved as a value.

use std::sync::Arc;

use scim_core::schema::{self, Attribute, AttributeType, Mutability, Schema, urn};
use scim_core::{End, LinkShape, LinkView, Registry, ResourceType};
use scim_engine::{Engine, MemoryStore, PlainRules};
use scim_http::ScimService;
use serde_json::{Value, json};

use super::{members, outcomes, patch_op, path, post_group, post_user, request, results};
use crate::world::{BASE, Service, config, create_group, create_user, get, id, service, tokens};

const WIDGET: &str = "urn:example:params:scim:schemas:Widget";
const OWNED: &str = "urn:example:params:scim:schemas:extension:Owned";

/// A type that refers in every way there is, with an extension that does so too.
pub(super) fn widgets() -> Service {
    let reference = |name: &str, types: &[&str]| Attribute {
        reference_types: types.iter().map(|&name| name.to_owned()).collect(),
        ..Attribute::new(name, AttributeType::Reference)
    };
    let idiom = |name: &str| Attribute {
        sub_attributes: vec![
            Attribute { case_exact: Some(true), ..Attribute::new("value", AttributeType::String) },
            reference("$ref", &["User", "Widget"]),
            Attribute::new("note", AttributeType::String),
        ],
        ..Attribute::new(name, AttributeType::Complex)
    };
    let widget = Schema {
        id: WIDGET.to_owned(),
        name: Some("Widget".to_owned()),
        description: None,
        attributes: vec![
            Attribute::new("label", AttributeType::String),
            reference("owner", &["User"]),
            reference("anything", &[]),
            reference("site", &["external"]),
            Attribute { multi_valued: true, ..reference("parts", &["Widget"]) },
            idiom("lead"),
            Attribute { multi_valued: true, ..idiom("peers") },
            Attribute { mutability: Mutability::Immutable, ..idiom("maker") },
            Attribute {
                sub_attributes: vec![Attribute { required: true, ..reference("twin", &["Widget"]) }],
                ..Attribute::new("bond", AttributeType::Complex)
            },
        ],
    };
    let owned = Schema {
        id: OWNED.to_owned(),
        name: Some("Owned".to_owned()),
        description: None,
        attributes: vec![Attribute { multi_valued: true, ..idiom("holders") }],
    };
    let view = |resource_type, attribute, end, kind| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation: "member",
        end,
        shape: LinkShape::List { kind },
        shows_hidden: false,
    };
    let registry = Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(widget)
        .schema(owned)
        .resource_type(ResourceType::new("User", "/Users", urn::USER))
        .resource_type(ResourceType::new("Group", "/Groups", urn::GROUP))
        .resource_type(ResourceType::new("Widget", "/Widgets", WIDGET).with_extension(OWNED))
        .link(view("Group", "members", End::Owner, None))
        .link(view("User", "groups", End::Member, Some("direct")))
        .build()
        .unwrap();
    let engine = Engine::new(MemoryStore::new(), PlainRules, registry, BASE);
    ScimService::new(Arc::new(engine), tokens(), config())
}

pub(super) fn post_widget(bulk_id: &str, attributes: Value) -> Value {
    let mut data = attributes;
    data["schemas"] = json!([WIDGET, OWNED]);
    json!({ "method": "POST", "path": "/Widgets", "bulkId": bulk_id, "data": data })
}

/// 7644-3.7.2-01: in every attribute that refers, and in no other; a URI where a URI belongs.
#[tokio::test]
async fn attributes_that_refer() {
    let user = id(1);
    let uri = format!("{BASE}/Users/{user}");
    for (sent, stored) in [
        (json!({ "owner": "bulkId:u" }), json!({ "owner": uri })),
        (json!({ "OWNER": "../Users/bulkId:u" }), json!({ "owner": format!("../Users/{user}") })),
        (json!({ "anything": format!("{BASE}/Users/bulkId:u") }), json!({ "anything": uri })),
        (json!({ "parts": ["bulkId:u", "x"] }), json!({ "parts": [uri, "x"] })),
        (json!({ "lead": { "value": "bulkId:u" } }), json!({ "lead": { "value": user } })),
        (json!({ "lead": "bulkId:u" }), json!({ "lead": { "value": user } })),
        (json!({ "lead": [{ "value": "bulkId:u" }] }), json!({ "lead": { "value": user } })),
        (
            json!({ "lead": { "VALUE": "bulkId:u", "$REF": "../Users/bulkId:u", "note": "bulkId:u" } }),
            json!({ "lead": { "value": user, "$ref": format!("../Users/{user}"), "note": "bulkId:u" } }),
        ),
        (json!({ "peers": { "value": "bulkId:u" } }), json!({ "peers": [{ "value": user }] })),
        (json!({ "maker": { "value": "bulkId:u" } }), json!({ "maker": { "value": user } })),
        (
            json!({ OWNED: { "holders": [{ "value": "bulkId:u" }] } }),
            json!({ OWNED: { "holders": [{ "value": user }] } }),
        ),
        (
            json!({ format!("{OWNED}:holders"): [{ "value": "bulkId:u" }] }),
            json!({ OWNED: { "holders": [{ "value": user }] } }),
        ),
        (json!({ format!("{WIDGET}:lead.value"): "bulkId:u" }), json!({ "lead": { "value": user } })),
        (json!({ WIDGET: { "lead": { "value": "bulkId:u" } } }), json!({ "lead": { "value": user } })),
        // What does not refer stays as it is.
        (json!({ "label": "bulkId:u" }), json!({ "label": "bulkId:u" })),
        (json!({ "label": "see bulkId:u" }), json!({ "label": "see bulkId:u" })),
        (
            json!({ "site": "https://docs.example/bulkId:none" }),
            json!({ "site": "https://docs.example/bulkId:none" }),
        ),
        (json!({ "externalId": "bulkId:none" }), json!({ "externalId": "bulkId:none" })),
        (
            json!({ "lead": { "value": "see bulkId:none" } }),
            json!({ "lead": { "value": "see bulkId:none" } }),
        ),
        (
            json!({ "anything": "https://docs.example/bulkId:none" }),
            json!({ "anything": "https://docs.example/bulkId:none" }),
        ),
    ] {
        // Backwards and forwards.
        for forwards in [false, true] {
            let service = widgets();
            let mut operations = vec![post_user("u", "lea"), post_widget("w", sent.clone())];
            if forwards {
                operations.reverse();
            }
            // The user is created first either way, but for what does not need it.
            let done = results(&service, &request(&json!(operations))).await;
            assert_eq!(outcomes(&done), ["201", "201"], "{sent}");
            let at = usize::from(!forwards);
            let shown = get(&service, path(&done[at])).await.json();
            for (name, value) in stored.as_object().unwrap() {
                assert_eq!(&shown[name], value, "{sent}");
            }
        }
    }
}

/// 7644-3.7.2-01, 7644-3.7.2-02: in the values, paths and filters of a PATCH, in a PUT, and in paths of operations.
#[tokio::test]
async fn changes_that_refer() {
    let member = |id: &str| json!([{ "value": id }]);
    let enterprise = urn::ENTERPRISE_USER;
    for (operations, left) in [
        (json!([{ "op": "add", "path": "members", "value": member("bulkId:u") }]), vec![1, 2, 3]),
        (json!([{ "op": "Add", "Path": "Members", "Value": "bulkId:u" }]), vec![1, 2, 3]),
        (json!([{ "op": "add", "value": { "members": member("bulkId:u") } }]), vec![1, 2, 3]),
        (
            json!([{ "op": "add", "value": { format!("{}:members", urn::GROUP): member("bulkId:u") } }]),
            vec![1, 2, 3],
        ),
        (json!([{ "op": "replace", "path": "members", "value": member("bulkId:u") }]), vec![3]),
        (
            json!([{ "op": "add", "path": "members", "value": member("bulkId:u") }, { "op": "remove", "path": "members[value eq \"bulkId:u\"]" }]),
            vec![1, 2],
        ),
        (
            json!([{ "op": "add", "path": "members", "value": member("bulkId:u") }, { "op": "remove", "path": "members[not (value ne \"bulkId:u\") and type eq \"User\"]" }]),
            vec![1, 2],
        ),
        (
            json!([{ "op": "add", "path": "members", "value": member("bulkId:u") }, { "op": "remove", "path": "members[$ref eq \"../Users/bulkId:u\"]" }]),
            vec![1, 2],
        ),
        (
            json!([{ "op": "add", "path": "members", "value": member("bulkId:u") }, { "op": "remove", "path": "members eq \"bulkId:u\"" }]),
            vec![1, 2],
        ),
        (
            json!([{ "op": "add", "path": "members", "value": member("bulkId:u") }, { "op": "remove", "path": "members", "value": member("bulkId:u") }]),
            vec![1, 2],
        ),
    ] {
        let service = service();
        for name in ["a", "b"] {
            create_user(&service, name).await;
        }
        // The third id goes to the user of the request.
        let group = create_group_late(&service, &operations).await;
        let expected: Vec<String> =
            left.into_iter().map(|n| if n == 3 { group.1.clone() } else { id(n) }).collect();
        let mut expected = expected;
        expected.sort();
        assert_eq!(members(&service, &group.0).await, expected, "{operations}");
    }
    // PUT, and a manager by PATCH.
    let service = service();
    let put = json!({ "method": "PUT", "path": "/Groups/bulkId:g", "data": { "schemas": [urn::GROUP], "displayName": "G", "members": member("bulkId:u") } });
    let manage = patch_op(
        &json!([{ "op": "add", "path": format!("{enterprise}:manager"), "value": { "value": "bulkId:v" } }]),
    );
    let manage_short =
        patch_op(&json!([{ "op": "add", "value": { format!("{enterprise}:manager.value"): "bulkId:v" } }]));
    let done = results(
        &service,
        &request(&json!([
            put,
            { "method": "PATCH", "path": "/Users/bulkId:u", "data": manage },
            { "method": "PATCH", "path": "/Users/bulkId:x", "data": manage_short },
            post_user("u", "u"),
            post_user("v", "v"),
            post_user("x", "x"),
            post_group("g", &["bulkId:v"]),
        ])),
    )
    .await;
    assert_eq!(outcomes(&done), ["200", "200", "200", "201", "201", "201", "201"]);
    let id_of = |result: &Value| path(result).rsplit_once('/').unwrap().1.to_owned();
    assert_eq!(members(&service, path(&done[6])).await, [id_of(&done[3])]);
    for changed in [1, 2] {
        let user = get(&service, path(&done[changed])).await.json();
        assert_eq!(user[enterprise]["manager"]["value"], id_of(&done[4]));
    }
    assert_eq!((path(&done[1]), path(&done[0])), (path(&done[3]), path(&done[6])));
    // DELETE, percent-encoded; what is gone can be named, but is not there.
    let done = results(
        &service,
        &request(&json!([post_user("a b", "gone"), { "method": "DELETE", "path": "/Users/bulkId%3Aa%20b" }, post_group("h", &["bulkId:a b"])])),
    )
    .await;
    assert_eq!(outcomes(&done), ["201", "204", "400 invalidValue"]);
}

/// A group with two members is patched in a bulk that creates user `u`: the group's path and the user's id.
async fn create_group_late(service: &Service, operations: &Value) -> (String, String) {
    let group = create_group(service, "G", &[id(1), id(2)]).await;
    let path_of_group = group.header("location").strip_prefix(BASE).unwrap().to_owned();
    let patch = json!({ "method": "PATCH", "path": path_of_group, "data": patch_op(operations) });
    let done = results(service, &request(&json!([patch, post_user("u", "u")]))).await;
    assert_eq!(outcomes(&done), ["200", "201"], "{operations}: {done:?}");
    (path_of_group, path(&done[1]).rsplit_once('/').unwrap().1.to_owned())
}

/// 7644-3.7.2-04, 7644-3.7.2-02: names that nobody has, and operations that failed.
#[tokio::test]
async fn references_that_fail() {
    let service = service();
    create_user(&service, "taken").await;
    let path_of = |path: &str| json!({ "method": "DELETE", "path": path });
    let patch = |operations: Value| json!({ "method": "PATCH", "path": format!("/Users/{}", id(1)), "data": patch_op(&operations) });
    let enterprise = format!("{}:manager", urn::ENTERPRISE_USER);
    let unknown = [
        post_group("a", &["bulkId:none"]),
        post_group("b", &["bulkId:"]),
        post_group("c", &["bulkId:U"]),
        path_of("/Users/bulkId:none"),
        patch(json!([{ "op": "add", "path": enterprise, "value": "bulkId:none" }])),
        json!({ "method": "PATCH", "path": "/Groups/x", "data": patch_op(&json!([{ "op": "remove", "path": "members[value eq \"bulkId:none\"]" }])) }),
    ];
    let done = results(&service, &request(&json!(unknown))).await;
    assert_eq!(outcomes(&done), ["400 invalidValue"; 6]);
    assert!(done[0]["response"]["detail"].as_str().unwrap().contains("bulkId:none"), "{done:?}");
    let failed = [
        post_group("g", &["bulkId:u", "bulkId:fine"]),
        post_group("h", &["bulkId:g"]),
        path_of("/Users/bulkId:u"),
        post_user("u", "taken"),
        post_user("fine", "fine"),
        json!({ "method": "POST", "path": "/Users", "bulkId": "w" }),
        post_group("i", &["bulkId:w"]),
    ];
    let done = results(&service, &request(&json!(failed))).await;
    assert_eq!(outcomes(&done), ["409", "409", "409", "409 uniqueness", "201", "400 invalidSyntax", "409"]);
    assert_eq!(get(&service, "/Groups").await.json()["totalResults"], 0);
    assert!(done[0]["response"]["detail"].as_str().unwrap().contains("`bulkId:u`"), "{done:?}");
}

/// 7644-3.7.2-03: a thousand operations, each of which needs the next one; the stack of a test is 2 MiB.
#[tokio::test]
async fn a_thousand_forward_references() {
    let service = service();
    let mut operations: Vec<Value> =
        (0..999).map(|at| post_group(&format!("g{at}"), &[&format!("bulkId:g{}", at + 1)])).collect();
    operations.push(post_group("g999", &[]));
    let done = results(&service, &request(&json!(operations))).await;
    assert_eq!(outcomes(&done), vec!["201"; 1_000]);
    for at in [0, 1, 10, 998] {
        let next = path(&done[at + 1]).rsplit_once('/').unwrap().1;
        assert_eq!(members(&service, path(&done[at])).await, [next]);
    }
}
