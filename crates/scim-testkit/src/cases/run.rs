//! Walks through one case.

use serde_json::Value;

use super::case::{Case, CaseRequest, Setup};
use super::expect::Expect;
use super::failure::{CaseFailure, Problem};
use super::setup;
use super::target::Target;
use super::values::Values;
use crate::http::{Request, Response, send};

/// Runs a case against a server: its setup, its request, and what has to hold afterwards.
///
/// # Errors
///
/// Returns a [`CaseFailure`] about the first step that did not go as expected, with everything that
/// was not as expected in it.
pub async fn run_case(case: &Case, target: &Target) -> Result<(), CaseFailure> {
    let fails = |step: &str, problem| CaseFailure::new(case, step, problem);
    let mut values = Values::draw(target).map_err(|why| fails("setup", why.into()))?;
    for (index, item) in case.setup.iter().enumerate() {
        let outcome = match item {
            Setup::User(user) => setup::create_user(user, &mut values).await,
            Setup::Role(role) => setup::seed_role(role, &mut values).await,
            Setup::Request(request) => plain_request(request, &values).await,
        };
        outcome.map_err(|problem| fails(&format!("setup {}", index + 1), problem))?;
    }
    step(&case.request, &case.expect, &values).await.map_err(|problem| fails("request", problem))?;
    for (index, then) in case.then.iter().enumerate() {
        let outcome = step(&then.request, &then.expect, &values).await;
        outcome.map_err(|problem| fails(&format!("then {}", index + 1), problem))?;
    }
    Ok(())
}

async fn plain_request(request: &CaseRequest, values: &Values<'_>) -> Result<(), Problem> {
    let request = fill(request, values)?;
    let response = exchange(values.target, &request).await?;
    if (200..300).contains(&response.status) {
        return Ok(());
    }
    let finding = format!("status: expected 2xx, got {}", response.status);
    Err(Problem::of(&request, &response, vec![finding]))
}

async fn step(request: &CaseRequest, expect: &Expect, values: &Values<'_>) -> Result<(), Problem> {
    let request = fill(request, values)?;
    let response = exchange(values.target, &request).await?;
    let findings = expect.findings(&response, values)?;
    if findings.is_empty() { Ok(()) } else { Err(Problem::of(&request, &response, findings)) }
}

/// Sends a request; no answer is a problem.
pub(super) async fn exchange(target: &Target, request: &Request) -> Result<Response, Problem> {
    send(target.address, request).await.map_err(|error| Problem {
        request: Some(request.clone()),
        response: None,
        findings: vec![error.to_string()],
    })
}

/// The request with its placeholders replaced and its path below the target's base path.
fn fill(request: &CaseRequest, values: &Values<'_>) -> Result<Request, String> {
    let path = values.target.path(&values.fill_text(&request.path)?);
    let mut filled = Request::new(&request.method, path);
    for (name, value) in &request.headers {
        filled = filled.with_header(name, values.fill_text(value)?);
    }
    Ok(match &request.body {
        Value::Null => filled,
        Value::String(bytes) => filled.with_body(values.fill_text(bytes)?),
        json => filled.with_body(values.fill(json)?.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cases::load_cases;
    use crate::data::IDP_CASES;

    #[test]
    fn every_placeholder_of_the_identity_providers_cases_stands_for_something() {
        let target = Target {
            address: ([127, 0, 0, 1], 1).into(),
            base_path: "/scim".to_owned(),
            token: "secret".to_owned(),
            roles: ["Lead", "User", "Viewer"].map(String::from).to_vec(),
            regions: ["Bayern", "Berlin"].map(String::from).to_vec(),
            teams: Vec::new(),
        };
        let answer = Response { status: 200, headers: Vec::new(), body: b"{}".to_vec() };
        for case in load_cases(IDP_CASES).unwrap() {
            let mut values = Values::draw(&target).unwrap();
            for item in &case.setup {
                let name = match item {
                    Setup::User(user) => &user.name,
                    Setup::Role(role) => &role.name,
                    Setup::Request(_) => continue,
                };
                let saved = json!({ "id": "1", "userName": "u", "externalId": "e", "displayName": "d" });
                values.save(name, saved);
            }
            let setup = case.setup.iter().filter_map(|item| match item {
                Setup::Request(request) => Some(request),
                Setup::User(_) | Setup::Role(_) => None,
            });
            let then = case.then.iter().map(|step| (&step.request, &step.expect));
            let steps = Vec::from_iter(std::iter::once((&case.request, &case.expect)).chain(then));
            for request in setup.chain(steps.iter().map(|(request, _)| *request)) {
                let filled = fill(request, &values).unwrap_or_else(|why| panic!("{}: {why}", case.id));
                assert!(filled.target.starts_with("/scim/"), "{}: {}", case.id, filled.target);
                assert!(!format!("{filled:?}").contains("${"), "{}: {filled:?}", case.id);
            }
            for (_, expect) in steps {
                let findings = expect.findings(&answer, &values);
                assert!(findings.is_ok(), "{}: {findings:?}", case.id);
            }
        }
    }
}
