//! Asking a resource allocates nothing.

use scim_core::{FarEnd, Links, Subject};
use serde_json::json;

use crate::world::{ENTERPRISE, context, user, users};

/// Comparisons with what a document holds, as a store in memory makes them for each resource.
#[test]
fn matching_allocates_nothing() {
    let document = user(
        json!({ "userName": "Lea", "emails": [{ "type": "work", "value": "a@x" }], "name": { "givenName": "A" },
        ENTERPRISE: { "department": "D" } }),
    );
    let form = users().match_form(&document);
    let links = |_: Links| Vec::<FarEnd>::new();
    let subject =
        Subject { id: "1", created: 5, modified: 5, version: "W/\"1\"", form: &form, links: &links };
    let order = users().order("name.givenName", None).unwrap().unwrap();
    for filter in [
        "userName eq \"LEA\"",
        "id eq \"1\"",
        "externalId eq \"x\"",
        "department eq \"d\"",
        "emails.value eq \"a@x\"",
        "emails[type eq \"work\" and value eq \"a@x\"]",
        "name.givenName sw \"a\" or not (title pr)",
        "meta.created lt \"2026-01-01T00:00:00Z\" and active eq true",
    ] {
        let predicate = users().bind(&filter.parse().unwrap(), &context()).unwrap();
        let counted = allocation_counter::measure(|| {
            let _ = predicate.matches(&subject);
        });
        assert_eq!(counted.count_total, 0, "{filter}");
    }
    let counted = allocation_counter::measure(|| {
        let _ = order.compare(&subject, &subject);
    });
    // The two texts that are compared.
    assert_eq!(counted.count_total, 2);
}
