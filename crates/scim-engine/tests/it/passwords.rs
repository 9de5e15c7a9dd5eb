//! Passwords, and the checks of a directory that can be switched on.

use std::sync::{Arc, Mutex};

use scim_core::{Leniency, Problem, ScimType, Selection};
use scim_engine::store::{ReadKey, ReadValue, RecordKey, Store, TenantId};
use scim_engine::{
    Answer, Caller, DirectoryRules, Engine, EngineError, Features, IfMatch, KEPT_PASSWORD, MemoryStore,
    NewPassword, PasswordDecision, PasswordHook, PlainRules, ProvisioningEngine, RequestContext, Rules,
    plain_registry,
};
use serde_json::{Map, Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Notes what it is told; keeps the length, and wants more than three characters.
#[derive(Clone, Debug, Default)]
struct Policy(Arc<Mutex<Vec<Option<String>>>>);

impl PasswordHook for Policy {
    fn decide<'a>(&'a self, new: NewPassword<'a>) -> PasswordDecision<'a> {
        assert!(!format!("{new:?}").contains("secret"));
        assert_eq!((new.kind, new.id), ("User", "id-1"));
        let password = new.reveal().map(str::to_owned);
        self.0.lock().unwrap().push(password.clone());
        Box::pin(async move {
            match password {
                Some(short) if short.len() < 4 => {
                    let message = "`password` is too short: take four characters";
                    Err(Problem::bad_request(ScimType::InvalidValue, message))
                }
                password => Ok(password.map(|password| json!({ "length": password.len() }))),
            }
        })
    }
}

fn context() -> RequestContext {
    RequestContext {
        tenant: TenantId::new("t").unwrap(),
        caller: Caller::default(),
        now: 1_700_000_000_000,
        new_id: "id-1".to_owned(),
        trace_id: "0".repeat(32),
        leniency: Leniency::default(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

async fn create<R: Rules>(engine: &Engine<MemoryStore, R>, more: Value) -> Result<Answer, EngineError> {
    let mut body = object(json!({ "schemas": [USER], "userName": "lea" }));
    body.extend(object(more));
    engine.create(&context(), "User", body, &Selection::Default).await
}

async fn change(engine: &Engine<MemoryStore, PlainRules>, operation: Value) -> Result<Answer, EngineError> {
    let body = object(json!({ "schemas": [PATCH_OP], "Operations": [operation] }));
    let all = Selection::Only(vec!["password".into(), "userName".into()]);
    engine.patch(&context(), "User", "id-1", body, &all, &IfMatch::Unconditional).await
}

/// What the store holds of the user, printed whole.
async fn stored(engine: &Engine<MemoryStore, PlainRules>) -> (Option<Value>, String) {
    let key = RecordKey::new(&context().tenant.space(), "User", "id-1");
    match engine.store().read(vec![ReadKey::Record(key)]).await.unwrap().pop() {
        Some(ReadValue::Record(Some(record))) => {
            (record.extra.get(KEPT_PASSWORD).cloned(), format!("{record:?}"))
        }
        other => panic!("{other:?}"),
    }
}

fn refusal(outcome: Result<Answer, EngineError>) -> (u16, Option<ScimType>) {
    let problem = outcome.unwrap_err().problem();
    assert!(!problem.detail.contains("secret"), "{problem}");
    (problem.status, problem.scim_type)
}

/// 7643-4.1.1-03, 7643-4.1.1-04: the hook gets it prepared and decides what is kept; nobody else sees it.
#[tokio::test]
async fn passwords_go_to_the_hook_alone() {
    let policy = Policy::default();
    let engine = Engine::new(MemoryStore::new(), PlainRules, plain_registry().unwrap(), "https://x.example")
        .with_password_hook(policy.clone());
    assert!(engine.features().change_password);
    assert_eq!(
        refusal(create(&engine, json!({ "password": "se" })).await),
        (400, Some(ScimType::InvalidValue))
    );
    assert_eq!(
        refusal(create(&engine, json!({ "password": "secret\u{7}" })).await),
        (400, Some(ScimType::InvalidValue))
    );
    assert_eq!(
        refusal(create(&engine, json!({ "password": ["secret", "secret"] })).await),
        (400, Some(ScimType::InvalidValue))
    );
    let created = create(&engine, json!({ "password": "secret\u{a0}e\u{301}" })).await.unwrap();
    assert_eq!(created.resource.get("password"), None);
    let (kept, whole) = stored(&engine).await;
    assert_eq!(kept, Some(json!({ "length": 9 })));
    assert!(!whole.contains("secret"), "{whole}");
    // What says nothing of the password leaves it, a new one takes its place, and none takes it away.
    change(&engine, json!({ "op": "add", "path": "title", "value": "T" })).await.unwrap();
    assert_eq!(stored(&engine).await.0, Some(json!({ "length": 9 })));
    let refused = change(&engine, json!({ "op": "replace", "path": "password", "value": "no" })).await;
    assert_eq!(refusal(refused), (400, Some(ScimType::InvalidValue)));
    let changed =
        change(&engine, json!({ "op": "replace", "value": { "password": "secret" } })).await.unwrap();
    assert_eq!(changed.resource.get("password"), None);
    assert_eq!(stored(&engine).await.0, Some(json!({ "length": 6 })));
    change(&engine, json!({ "op": "remove", "path": "password" })).await.unwrap();
    assert_eq!(stored(&engine).await.0, None);
    let told = policy.0.lock().unwrap().clone();
    let told: Vec<Option<&str>> = told.iter().map(Option::as_deref).collect();
    assert_eq!(told, [Some("se"), Some("secret \u{e9}"), Some("no"), Some("secret"), None]);
}

/// 7643-5-05: where passwords cannot be changed, they are set at creation alone; without a hook they are
/// accepted and forgotten.
#[tokio::test]
async fn passwords_that_cannot_be_changed() {
    let set = json!({ "op": "replace", "path": "password", "value": "secret" });
    let engine =
        || Engine::new(MemoryStore::new(), PlainRules, plain_registry().unwrap(), "https://x.example");
    let fixed = engine().with_password_hook(Policy::default()).with_features(Features::default());
    create(&fixed, json!({ "password": "secret" })).await.unwrap();
    assert_eq!(refusal(change(&fixed, set.clone()).await), (501, None));
    assert_eq!(stored(&fixed).await.0, Some(json!({ "length": 6 })));
    let none = engine();
    assert!(!none.features().change_password);
    create(&none, json!({ "password": "secret" })).await.unwrap();
    change(&none, set).await.unwrap();
    let (kept, whole) = stored(&none).await;
    assert!(kept.is_none() && !whole.contains("secret"), "{whole}");
}

/// 7643-3.1-06: an `externalId` is shared unless that was switched off, and compared exactly.
#[tokio::test]
async fn external_ids_can_be_unique() {
    use scim_core::{Registry, ResourceType, schema};
    for unique in [false, true] {
        let registry = Registry::builder().schema(schema::user()).resource_type(ResourceType::new(
            "User",
            "/Users",
            schema::urn::USER,
        ));
        let registry = if unique { registry.with_unique_external_ids() } else { registry };
        let engine =
            Engine::new(MemoryStore::new(), PlainRules, registry.build().unwrap(), "https://x.example");
        for (n, external_id, taken) in [(1, "x", false), (2, "x", unique), (3, "X", false)] {
            let body =
                json!({ "schemas": [USER], "userName": format!("user-{n}"), "externalId": external_id });
            let context = RequestContext { new_id: format!("id-{n}"), ..context() };
            let outcome = engine.create(&context, "User", object(body), &Selection::Default).await;
            assert_eq!(outcome.is_err(), taken, "{n} {unique}");
            if taken {
                assert_eq!(refusal(outcome), (409, Some(ScimType::Uniqueness)));
            }
        }
    }
}

/// 7643-4.1.2-02, 7643-4.1.2-05, 7643-2.3.7-03: checks that are off until they are asked for.
#[tokio::test]
async fn switches_of_a_directory() {
    let strict =
        DirectoryRules { checks_countries: true, checks_certificates: true, ..DirectoryRules::default() };
    let dangling = DirectoryRules { accepts_unknown_managers: true, ..DirectoryRules::default() };
    let certificate = |value: &str| json!({ "x509Certificates": [{ "value": value }] });
    let manager = json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "manager": { "value": "nobody" } } });
    for (body, refused) in [
        (json!({ "addresses": [{ "country": "USA" }] }), [false, true, false]),
        (json!({ "addresses": [{ "country": "de" }, { "locality": "x" }] }), [false, false, false]),
        (certificate("MAIFAA=="), [false, false, false]),
        (certificate("MAIFADACBQA="), [false, true, false]),
        (manager, [true, true, false]),
    ] {
        for (rules, refused) in [DirectoryRules::default(), strict, dangling].into_iter().zip(refused) {
            let registry = plain_registry().unwrap();
            let engine = Engine::new(MemoryStore::new(), rules, registry, "https://x.example");
            let outcome = create(&engine, body.clone()).await;
            assert_eq!(outcome.is_err(), refused, "{body} {rules:?}");
            if refused {
                assert_eq!(refusal(outcome), (400, Some(ScimType::InvalidValue)));
            }
        }
    }
}
