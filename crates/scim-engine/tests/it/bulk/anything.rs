//! Whatever JSON is sent, there is an answer to it.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use scim_core::schema::urn;
use scim_engine::{BulkPlan, ProvisioningEngine};
use serde_json::{Value, json};

use super::{block_on, bulk, directory, patch};

/// JSON near a bulk request, or far from it.
fn anything() -> impl Strategy<Value = Value> {
    let text = select(vec![
        "",
        "bulkId:a",
        "bulkId:b",
        "bulkId:",
        "../Users/bulkId:a",
        "a",
        "b",
        "POST",
        "put",
        "PATCH",
        "DELETE",
        "GET",
        "/Users",
        "Groups",
        "/Users/1",
        "/Groups/bulkId:a",
        "/Users/bulkId%3Ab",
        "/Bulk",
        "members",
        "manager",
        "members[value eq \"bulkId:a\"]",
        "members[value eq \"bulkId:b\"].value",
        "members eq \"bulkId:a\"",
        "add",
        "remove",
        "replace",
        urn::USER,
        urn::GROUP,
        urn::ENTERPRISE_USER,
        urn::PATCH_OP,
        "\u{0}",
        "[",
        "members[",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..3_i64).prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let key = select(vec![
        "schemas",
        "Operations",
        "method",
        "path",
        "bulkId",
        "data",
        "version",
        "value",
        "op",
        "members",
        "$ref",
        "manager",
        "userName",
        "displayName",
        "METHOD",
        "members[value eq \"bulkId:a\"]",
        urn::ENTERPRISE_USER,
    ]);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// An operation that has the right parts, some of them of the wrong kind.
fn odd_operation() -> impl Strategy<Value = Value> {
    let method = prop_oneof![
        4 => select(vec!["POST", "PUT", "PATCH", "DELETE"]).prop_map(Value::from),
        1 => anything(),
    ];
    let path = prop_oneof![
        4 => select(vec!["/Users", "/Groups", "/Users/bulkId:a", "/Groups/bulkId:b", "/Groups/id-0"]).prop_map(Value::from),
        1 => anything(),
    ];
    let data = prop_oneof![
        anything(),
        anything().prop_map(|members| json!({ "schemas": [urn::GROUP], "displayName": "G", "members": members })),
        anything().prop_map(|manager| json!({ "schemas": [urn::USER], "userName": "u", urn::ENTERPRISE_USER: { "manager": manager } })),
        (anything(), anything()).prop_map(|(path, value)| patch(&json!({ "op": "add", "path": path, "value": value }))),
    ];
    (method, path, select(vec!["a", "b", "c", ""]), data)
        .prop_map(|(method, path, bulk_id, data)| json!({ "method": method, "path": path, "bulkId": bulk_id, "data": data }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// 7644-3.7-08: whatever the JSON, each operation is answered, in order.
    #[test]
    fn anything_is_answered(
        whole in anything(),
        operations in vec(prop_oneof![4 => odd_operation(), 1 => anything()], 1..8),
    ) {
        block_on(async {
            if let Value::Object(whole) = whole {
                let _ = BulkPlan::read(whole, directory().registry(), 5);
            }
            let bulk_ids: Vec<Option<String>> =
                operations.iter().map(|operation| operation["bulkId"].as_str().map(str::to_owned)).collect();
            let request = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
            let outcome = bulk(&directory(), request).await.unwrap();
            let answered: Vec<Option<String>> =
                outcome.results.iter().map(|result| result.bulk_id.clone()).collect();
            prop_assert_eq!(answered, bulk_ids);
            let failed = outcome.results.iter().filter(|result| result.status >= 400).count();
            prop_assert_eq!(u64::try_from(failed).unwrap(), outcome.failed);
            for result in &outcome.results {
                prop_assert!(result.status < 500, "{:?}", result);
            }
            Ok(())
        })?;
    }
}
