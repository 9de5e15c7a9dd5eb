//! Brings the server into the state that a case starts from.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::case::{SetupRole, SetupUser};
use super::failure::Problem;
use super::run::exchange;
use super::values::Values;
use crate::http::Request;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Creates the standard user, its members replaced by those of the setup item, and saves the answer.
pub(super) async fn create_user(user: &SetupUser, values: &mut Values<'_>) -> Result<(), Problem> {
    let mut body = standard_user();
    if let Some(members) = body.as_object_mut() {
        members.extend(user.with.clone());
    }
    let body = values.with_fresh_uuid()?.fill(&body)?;
    let created = ask(values, "POST", "/Users", Some(&body), 201).await?;
    values.save(&user.name, created);
    Ok(())
}

/// Gives a role that may be seeded exactly these members, and saves it.
pub(super) async fn seed_role(role: &SetupRole, values: &mut Values<'_>) -> Result<(), Problem> {
    let mut wanted = BTreeSet::new();
    for user in &role.members {
        wanted.insert(values.member(user, "id")?);
    }
    let groups = ask(values, "GET", "/Groups", None, 200).await?;
    let resources = groups["Resources"].as_array().map_or(&[][..], Vec::as_slice);
    let id = resources
        .iter()
        .find(|group| group["displayName"].as_str().is_some_and(|name| values.target.may_seed(name)))
        .and_then(|group| group["id"].as_str())
        .ok_or_else(|| format!("no role to seed among {groups}"))?;
    let path = format!("/Groups/{id}");
    let members: Vec<Value> = wanted.iter().map(|id| json!({ "value": id })).collect();
    let patch = json!({
        "schemas": [PATCH_OP],
        "Operations": [{ "op": "replace", "path": "members", "value": members }],
    });
    let request = request(values, "PATCH", &path, Some(&patch));
    let response = exchange(values.target, &request).await?;
    if !matches!(response.status, 200 | 204) {
        let finding = format!("status: expected 200 or 204, got {}", response.status);
        return Err(Problem::of(&request, &response, vec![finding]));
    }
    let seeded = ask(values, "GET", &path, None, 200).await?;
    let found: BTreeSet<String> = seeded["members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|member| member["value"].as_str().map(str::to_owned))
        .collect();
    if found != wanted {
        return Err(format!("the seeded role should have the members {wanted:?}, but is {seeded}").into());
    }
    values.save(&role.name, seeded);
    Ok(())
}

/// Sends a request and wants this status with a JSON body.
async fn ask(
    values: &Values<'_>,
    method: &str,
    path: &str,
    body: Option<&Value>,
    status: u16,
) -> Result<Value, Problem> {
    let request = request(values, method, path, body);
    let response = exchange(values.target, &request).await?;
    let finding = match response.json() {
        Ok(answer) if response.status == status => return Ok(answer),
        Ok(_) => format!("status: expected {status}, got {}", response.status),
        Err(error) => format!("status {} and a body that is not JSON: {error}", response.status),
    };
    Err(Problem::of(&request, &response, vec![finding]))
}

fn request(values: &Values<'_>, method: &str, path: &str, body: Option<&Value>) -> Request {
    let target = values.target;
    let request = Request::new(method, format!("{}{path}", target.base_path))
        .with_header("Authorization", format!("Bearer {}", target.token))
        .with_header("Accept", "application/scim+json");
    match body {
        Some(body) => {
            request.with_header("Content-Type", "application/scim+json").with_body(body.to_string())
        }
        None => request,
    }
}

fn standard_user() -> Value {
    json!({
        "schemas": [CORE, EXTENSION],
        "userName": "u-${uuid}@example.com",
        "externalId": "ext-${uuid}",
        "active": true,
        "displayName": "Lea Berg",
        "name": { "givenName": "Lea", "familyName": "Berg" },
        "emails": [{ "value": "u-${uuid}@example.com", "type": "work", "primary": true }],
        EXTENSION: { "teams": "Design,Sales", "absenceRegion": "${region}", "userRole": "${role}" },
    })
}
