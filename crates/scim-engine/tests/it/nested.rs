//! Groups that users belong to through others (7643-4.1.2-04), over the in-memory store.

use scim_core::{Leniency, Selection};
use scim_engine::store::TenantId;
use scim_engine::{
    Caller, Engine, EngineError, IfMatch, MemoryStore, PlainRules, ProvisioningEngine, RequestContext,
    plain_registry, plain_types,
};
use serde_json::{Map, Value, json};

type Directory = Engine<MemoryStore, PlainRules>;

const BASE: &str = "https://x.example";

fn context(new_id: &str) -> RequestContext {
    RequestContext {
        tenant: TenantId::new("t").unwrap(),
        caller: Caller::default(),
        now: 1_700_000_000_000,
        new_id: new_id.into(),
        trace_id: "0".repeat(32),
        leniency: Leniency::default(),
    }
}

fn body(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// One user, `u`, and groups with members of whatever type; each group is made without members first.
async fn directory(groups: &[(&str, &[&str])]) -> Directory {
    let registry = plain_types().with_nested("User", "groups").build().unwrap();
    let engine = Engine::new(MemoryStore::new(), PlainRules, registry, BASE);
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "u" });
    engine.create(&context("u"), "User", body(&user), &Selection::Default).await.unwrap();
    for (id, _) in groups {
        let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": id });
        engine.create(&context(id), "Group", body(&group), &Selection::Default).await.unwrap();
    }
    for (id, members) in groups {
        for member in *members {
            change(&engine, "add", id, member).await.unwrap();
        }
    }
    engine
}

/// Adds or removes a member.
async fn change(engine: &Directory, op: &str, group: &str, member: &str) -> Result<(), EngineError> {
    let operation = match op {
        "add" => json!({ "op": op, "path": "members", "value": [{ "value": member }] }),
        _ => json!({ "op": op, "path": format!("members[value eq \"{member}\"]") }),
    };
    let patch = body(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    }));
    let any = IfMatch::default();
    engine.patch(&context("n"), "Group", group, patch, &Selection::Default, &any).await.map(drop)
}

/// The user's groups with their types, in order, and the user's entity tag.
async fn shown(engine: &Directory) -> (Vec<(String, String)>, String) {
    let answer = engine.get(&context("n"), "User", "u", &Selection::Default).await.unwrap();
    let groups = answer.resource.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |group: &Value, name: &str| group[name].as_str().unwrap().to_owned();
    let groups = groups.iter().map(|group| {
        assert_eq!(group["$ref"], format!("{BASE}/Groups/{}", text(group, "value")));
        assert_eq!(group["display"], group["value"]);
        (text(group, "value"), text(group, "type"))
    });
    (groups.collect(), answer.version)
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(id, kind)| ((*id).to_owned(), (*kind).to_owned())).collect()
}

/// 7643-4.1.2-04: what is reached, each group once; direct where it is both, and circles end.
#[tokio::test]
async fn what_is_reached_is_shown_once() {
    let (direct, indirect) = ("direct", "indirect");
    for (what, groups, expected) in [
        ("none", &[("a", &[][..])][..], &[][..]),
        ("direct alone", &[("a", &["u"]), ("b", &[])], &[("a", direct)]),
        ("indirect", &[("a", &["u"]), ("b", &["a"])], &[("a", direct), ("b", indirect)]),
        ("both", &[("a", &["u"]), ("b", &["a", "u"])], &[("a", direct), ("b", direct)]),
        ("a circle", &[("a", &["u", "b"]), ("b", &["a"])], &[("a", direct), ("b", indirect)]),
        (
            "a circle further up",
            &[("a", &["u"]), ("c", &["a", "b"]), ("b", &["c"])],
            &[("a", direct), ("b", indirect), ("c", indirect)],
        ),
        (
            "a diamond",
            &[("a", &["u"]), ("left", &["a"]), ("right", &["a"]), ("top", &["left", "right"])],
            &[("a", direct), ("left", indirect), ("right", indirect), ("top", indirect)],
        ),
        ("what lies below", &[("a", &["u", "b"]), ("b", &[])], &[("a", direct)]),
    ] {
        assert_eq!(shown(&directory(groups).await).await.0, pairs(expected), "{what}");
    }
}

/// 7643-4.1.2-04: a chain of fifty groups is gone up to its end.
#[tokio::test]
async fn a_deep_chain_is_gone_up() {
    let names: Vec<String> = (0..50).map(|number| format!("g{number:02}")).collect();
    let members: Vec<[&str; 1]> =
        (0..50_usize).map(|number| [if number == 0 { "u" } else { &names[number - 1] }]).collect();
    let groups: Vec<(&str, &[&str])> =
        names.iter().zip(&members).map(|(name, members)| (name.as_str(), members.as_slice())).collect();
    let (shown, _) = shown(&directory(&groups).await).await;
    let expected = names.iter().enumerate();
    let expected = expected.map(|(at, name)| (name.as_str(), if at == 0 { "direct" } else { "indirect" }));
    assert_eq!(shown, pairs(&expected.collect::<Vec<_>>()));
}

/// 7643-4.2-04: the switch lets no group be a member of itself.
#[tokio::test]
async fn no_group_is_its_own_member() {
    let engine = directory(&[("a", &["u"])]).await;
    assert!(change(&engine, "add", "a", "a").await.is_err());
    assert_eq!(shown(&engine).await.0, pairs(&[("a", "direct")]));
}

/// 7643-4.1.2-04, 7644-3.14-02: the entity tag of a user changes with the groups that are shown, wherever
/// the change happens, and stays while nothing happens to groups within groups.
#[tokio::test]
async fn entity_tags_follow_what_is_shown() {
    let engine = directory(&[("a", &["u"]), ("b", &[]), ("c", &[])]).await;
    let mut tag = shown(&engine).await.1;
    let any = IfMatch::default();
    for (op, group, member) in [("add", "b", "a"), ("add", "c", "b"), ("remove", "b", "a"), ("add", "b", "a")]
    {
        change(&engine, op, group, member).await.unwrap();
        let (_, now) = shown(&engine).await;
        assert_ne!(now, tag, "{op} {member} {group}");
        tag = now;
    }
    engine.delete(&context("n"), "Group", "b", &any).await.unwrap();
    let (groups, now) = shown(&engine).await;
    assert_eq!(groups, pairs(&[("a", "direct")]));
    assert_ne!(now, tag, "a deletion in between");
    let other = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "v" });
    engine.create(&context("v"), "User", body(&other), &Selection::Default).await.unwrap();
    change(&engine, "add", "c", "v").await.unwrap();
    assert_eq!(shown(&engine).await.1, now, "another user's membership");
}

/// 7643-4.1.2-04: the switch is off unless it is asked for.
#[test]
fn direct_groups_alone_are_the_default() {
    let registry = plain_registry().unwrap();
    let user = registry.type_named("User").unwrap();
    assert_ne!(user.link(None, "groups").unwrap().shape, scim_core::LinkShape::Nested);
    // What lists no links cannot list nested ones.
    assert!(plain_types().with_nested("User", "emails").build().is_err());
    // Members are written, so that nobody can tell what to do with those of members.
    assert!(plain_types().with_nested("Group", "members").build().is_err());
}
