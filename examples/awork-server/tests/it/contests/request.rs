//! What clients of a contest send, and what they are told.

use scim_testkit::http::Response;
use serde_json::{Value, json};

/// awork's extension of users.
pub(super) const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Status, scimType and awork's code of an answer; the latter two are empty where it has none.
pub(super) type Told = (u16, &'static str, &'static str);

pub(super) const NO_SEAT: Told = (400, "", "insufficient-seats");
pub(super) const USER_EXISTS: Told = (409, "uniqueness", "already-exist-error");
pub(super) const EMAIL_TAKEN: Told = (409, "uniqueness", "duplication-violation");
pub(super) const SEVERAL_WORKSPACES: Told = (400, "mutability", "illegal-property-transition");
pub(super) const LAST_ADMIN: Told = (400, "mutability", "invalid-operation");
pub(super) const UNKNOWN_MEMBER: Told = (400, "invalidValue", "validation-failed");
pub(super) const NOT_FOUND: Told = (404, "", "not-found");

/// A request of a client, within the base path of SCIM.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

impl Ask {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None }
    }

    pub(super) fn create(email: &str) -> Self {
        let body = json!({
            "schemas": [USER], "userName": email, "name": { "givenName": "Lea", "familyName": "Berg" },
        });
        Self { method: "POST", path: "/Users".to_owned(), body: Some(body) }
    }

    /// Creates a person who is not active, and so takes no seat.
    pub(super) fn create_inactive(email: &str) -> Self {
        let mut ask = Self::create(email);
        if let Some(body) = &mut ask.body {
            body["active"] = false.into();
        }
        ask
    }

    fn patch(path: String, operation: &Value) -> Self {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({ "schemas": [schema], "Operations": [operation] });
        Self { method: "PATCH", path, body: Some(body) }
    }

    /// Sets one attribute of a person.
    pub(super) fn set(user: &str, attribute: &str, value: impl Into<Value>) -> Self {
        let operation = json!({ "op": "replace", "path": attribute, "value": value.into() });
        Self::patch(format!("/Users/{user}"), &operation)
    }

    /// Gives a person a role by its name.
    pub(super) fn set_role(user: &str, role: &str) -> Self {
        Self::set(user, &format!("{EXTENSION}:userRole"), role)
    }

    /// The same by PUT.
    pub(super) fn put_role(user: &str, email: &str, role: &str) -> Self {
        let mut ask = Self { method: "PUT", path: format!("/Users/{user}"), ..Self::create(email) };
        if let Some(body) = &mut ask.body {
            body["schemas"] = json!([USER, EXTENSION]);
            body[EXTENSION] = json!({ "userRole": role });
        }
        ask
    }

    pub(super) fn delete(user: &str) -> Self {
        Self { method: "DELETE", path: format!("/Users/{user}"), body: None }
    }

    pub(super) fn join(group: &str, user: &str) -> Self {
        let operation = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
        Self::patch(format!("/Groups/{group}"), &operation)
    }

    pub(super) fn leave(group: &str, user: &str) -> Self {
        let operation = json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") });
        Self::patch(format!("/Groups/{group}"), &operation)
    }

    /// Makes one person the only member of a group, by PUT.
    pub(super) fn hand_over(group: &str, name: &str, to: &str) -> Self {
        let body = json!({ "schemas": [GROUP], "displayName": name, "members": [{ "value": to }] });
        Self { method: "PUT", path: format!("/Groups/{group}"), body: Some(body) }
    }
}

/// Whether the answer is a success, which says nothing of the rest.
pub(super) fn is_done(answer: &Response) -> bool {
    matches!(answer.status, 200 | 201 | 204)
}

/// Checks that the answer is this refusal, in all that an admin and a client read of it (D-82).
#[track_caller]
pub(super) fn refused(answer: &Response, told: Told) {
    let body: Value = answer.json().unwrap_or_default();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (status, scim_type, code) = told;
    assert_eq!((answer.status, text("scimType").as_str()), (status, scim_type), "{}", answer.text());
    let end = format!("({code}) (trace id {})", answer.header("Trace-Id").unwrap());
    assert!(text("detail").ends_with(&end), "{}", answer.text());
}

/// The id of what an answer shows.
#[track_caller]
pub(super) fn id_of(answer: &Response) -> String {
    assert!(is_done(answer), "{}", answer.text());
    answer.json().unwrap()["id"].as_str().unwrap().to_owned()
}
