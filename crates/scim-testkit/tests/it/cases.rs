//! Each expectation is seen to hold and to fail, and each setup item to do its work.

use scim_testkit::cases::{Case, CaseFailure, Level, Target, load_cases, run_case};
use serde_json::{Value, json};

use crate::fake::{Fake, answer};

fn case(setup: &Value, request: &Value, expect: &Value, then: &Value) -> Case {
    let case = json!({
        "id": "case-1", "idp": "someone", "level": "should", "about": "what it is about",
        "setup": setup, "request": request, "expect": expect, "then": then,
    });
    load_cases(&case.to_string()).unwrap().remove(0)
}

fn get(path: &str) -> Value {
    json!({ "method": "GET", "path": path, "headers": { "Authorization": "Bearer ${token}" }, "body": null })
}

fn target(fake: &Fake) -> Target {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    Target {
        address: fake.address,
        base_path: "/scim/v2".to_owned(),
        token: "secret".to_owned(),
        roles: names(&["Admin", "Lead", "User", "Viewer", "Guest"]),
        regions: names(&["Bayern", "Berlin"]),
        teams: names(&["Design"]),
    }
}

/// Runs a case against a server with this script; returns the outcome and what the server was sent.
async fn run(case: &Case, script: &[String]) -> (Result<(), CaseFailure>, Vec<String>) {
    let fake = Fake::start(script.to_vec()).await;
    let outcome = run_case(case, &target(&fake)).await;
    (outcome, fake.requests().await)
}

/// What is not as expected about this body.
async fn findings(expect: &Value, body: &str) -> Vec<String> {
    let case = case(&json!([]), &get("/api/v1/scim/Users"), expect, &json!([]));
    let (outcome, _) = run(&case, &[answer(200, body)]).await;
    outcome.map_or_else(|failure| failure.findings().to_vec(), |()| Vec::new())
}

#[tokio::test]
async fn each_kind_of_expectation_holds_and_fails() {
    let any = "${any}";
    let rows: &[(Value, &str, &str, &str)] = &[
        // the expectation beside the status, a body it holds of, one it does not, and the finding
        (
            json!({ "json_pointers": { "/a": 1 } }),
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            "json_pointers: expected 1 at `/a`, got \"1\"",
        ),
        (
            json!({ "json_pointers": { "/a": 1 } }),
            r#"{"a":1}"#,
            r#"{"a":1.0}"#,
            "json_pointers: expected 1 at `/a`, got 1.0",
        ),
        (
            json!({ "json_pointers": { "/a": true } }),
            r#"{"a":true}"#,
            r#"{"a":"true"}"#,
            "json_pointers: expected true",
        ),
        (
            json!({ "json_pointers": { "/urn:x:2.0:User/b": "Berlin" } }),
            r#"{"urn:x:2.0:User":{"b":"Berlin"}}"#,
            "{}",
            "got null",
        ),
        (
            json!({ "json_pointers": { "/a~1b/0": "${region2}" } }),
            r#"{"a/b":["Berlin"]}"#,
            r#"{"a/b":["Bayern"]}"#,
            "expected \"Berlin\"",
        ),
        (
            json!({ "json_pointers": { "/a": any } }),
            r#"{"a":false}"#,
            r#"{"a":null}"#,
            "json_pointers: expected \"${any}\" at `/a`, got null",
        ),
        (json!({ "json_pointers": { "/a": any } }), r#"{"a":""}"#, "{}", "got null"),
        (json!({ "absent": ["/a"] }), r#"{"a":null}"#, r#"{"a":""}"#, "absent: `/a` is \"\""),
        (json!({ "absent": ["/a/0"] }), r#"{"a":[]}"#, r#"{"a":[0]}"#, "absent: `/a/0` is 0"),
        (json!({ "empty": ["/a"] }), r#"{"a":""}"#, r#"{"a":" "}"#, "empty: `/a` is \" \""),
        (json!({ "empty": ["/a"] }), r#"{"a":[]}"#, r#"{"a":[1]}"#, "empty: `/a` is [1]"),
        (json!({ "empty": ["/a"] }), r#"{"a":null}"#, r#"{"a":false}"#, "empty: `/a` is false"),
        (json!({ "empty": ["/a"] }), "{}", r#"{"a":{}}"#, "empty: `/a` is {}"),
        (
            json!({ "lengths": { "/a": 2 } }),
            r#"{"a":[1,2]}"#,
            r#"{"a":[1]}"#,
            "lengths: expected 2 at `/a`, got 1",
        ),
        (json!({ "lengths": { "/a": 0 } }), r#"{"a":[]}"#, "{}", "lengths: `/a` is null, no array"),
        (
            json!({ "contains": { "/a": "x" } }),
            r#"{"a":["y","x"]}"#,
            r#"{"a":["y"]}"#,
            "contains: no \"x\" at `/a`",
        ),
        (
            json!({ "contains": { "/a": { "b": 1 } } }),
            r#"{"a":[{"b":1,"c":2}]}"#,
            r#"{"a":[{"c":2},{"b":2}]}"#,
            "contains: no {\"b\":1}",
        ),
        (
            json!({ "contains": { "/a": { "b": 1, "c": 2 } } }),
            r#"{"a":[{"c":2,"b":1}]}"#,
            r#"{"a":[{"c":2},{"b":1}]}"#,
            "contains: no",
        ),
        (
            json!({ "contains": { "/a": "x" } }),
            r#"{"a":["x"]}"#,
            r#"{"a":"x"}"#,
            "contains: no \"x\" at `/a`, which is \"x\"",
        ),
        (
            json!({ "not_contains": { "/a": { "b": 1 } } }),
            r#"{"a":[{"b":2}]}"#,
            r#"{"a":[{"b":1,"c":2}]}"#,
            "not_contains: {\"b\":1}",
        ),
        (
            json!({ "not_contains": { "/a": "x" } }),
            "{}",
            r#"{"a":"y"}"#,
            "not_contains: \"x\" at `/a`, which is \"y\"",
        ),
        (
            json!({ "body_contains": ["\"b\":", "${region}"] }),
            r#"{"b":"Bayern"}"#,
            r#"{"b":"Berlin"}"#,
            "body_contains: `Bayern`",
        ),
        (json!({ "headers": { "content-type": "application/scim" } }), "", "", ""),
        (json!({ "headers": { "Content-Type": any } }), "", "", ""),
        (json!({ "absent": ["/a"] }), "{}", "", "the body is not JSON"),
        (json!({ "not_contains": { "/a": 1 } }), "{}", "<a>", "the body is not JSON"),
    ];
    for (expect, holds, fails, finding) in rows {
        let mut expect = expect.clone();
        expect["status"] = json!(200);
        assert_eq!(findings(&expect, holds).await, [""; 0], "{expect} of {holds}");
        if !finding.is_empty() {
            let found = findings(&expect, fails).await;
            assert!(found.len() == 1 && found[0].contains(finding), "{expect} of {fails}: {found:?}");
        }
    }
}

#[tokio::test]
async fn status_and_headers_that_differ_are_found() {
    let expect =
        json!({ "status": [201, 204], "headers": { "Location": "${any}", "Content-Type": "text/" } });
    assert_eq!(
        findings(&expect, "").await,
        [
            "status: expected [201, 204], got 200",
            "headers: expected `Content-Type` to start with \"text/\", got [\"application/scim+json\"]",
            "headers: expected `Location` to start with \"\", got []",
        ]
    );
    assert_eq!(findings(&json!({ "status": [204, 200] }), "").await, [""; 0]);
    assert_eq!(findings(&json!({ "status": 201 }), "").await, ["status: expected [201], got 200"]);
}

#[tokio::test]
async fn a_case_sends_exactly_its_headers_and_bytes() {
    let request = json!({
        "method": "POST", "path": "/api/v1/scim/Users?x=${token|upper}", "body": "{\"a\":\"${region}\",",
        "headers": { "Authorization": "Bearer ${token}", "User-Agent": "" },
    });
    let case = case(&json!([]), &request, &json!({ "status": 400 }), &json!([]));
    let (outcome, requests) = run(&case, &[answer(400, "")]).await;
    outcome.unwrap();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let lines: Vec<&str> = head.lines().filter(|line| !line.starts_with("Host: ")).collect();
    assert_eq!(
        lines,
        [
            "POST /scim/v2/Users?x=SECRET HTTP/1.1",
            "Authorization: Bearer secret",
            "User-Agent: ",
            "Content-Length: 14"
        ]
    );
    assert_eq!(body, "{\"a\":\"Bayern\",");
}

#[tokio::test]
async fn created_users_are_saved_and_can_be_named() {
    let setup = json!([
        { "create_user": "user" },
        { "create_user": "user2", "with": { "title": "CTO", "emails": [{ "value": "${rand}@example.com" }] } },
    ]);
    let expect = json!({ "status": 200, "json_pointers": { "/id": "${user2.id}" } });
    let case = case(&setup, &get("/api/v1/scim/Users/${user.id}"), &expect, &json!([]));
    let script =
        [answer(201, r#"{"id":"one"}"#), answer(201, r#"{"id":"two"}"#), answer(200, r#"{"id":"two"}"#)];
    let (outcome, requests) = run(&case, &script).await;
    outcome.unwrap();
    assert!(requests[2].starts_with("GET /scim/v2/Users/one HTTP/1.1\r\n"), "{requests:?}");
    let body = |index: usize| -> Value {
        assert!(requests[index].starts_with("POST /scim/v2/Users HTTP/1.1\r\n"), "{requests:?}");
        serde_json::from_str(requests[index].split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    let (user, user2) = (body(0), body(1));
    let extension = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";
    assert_eq!(
        user[extension],
        json!({ "teams": "Design,Sales", "absenceRegion": "Bayern", "userRole": "Lead" })
    );
    assert_eq!(user["emails"][0]["value"], user["userName"]);
    assert_ne!(user["userName"], user2["userName"]);
    assert_eq!((&user["title"], &user2["title"]), (&Value::Null, &json!("CTO")));
    assert_eq!((user2["emails"].as_array().unwrap().len(), &user2["emails"][0]["type"]), (1, &Value::Null));
}

const GROUPS: &str = r#"{"Resources":[{"id":"1","displayName":"Admin"},{"id":"2","displayName":"Lead"},
    {"id":"3","displayName":"Viewer"},{"id":"4","displayName":"User"}]}"#;

#[tokio::test]
async fn a_role_is_seeded_with_exactly_the_members() {
    let setup = json!([{ "create_user": "user" }, { "seed_role": "group", "members": ["user"] }]);
    let case = case(&setup, &get("/api/v1/scim/Groups/${group.id}"), &json!({ "status": 200 }), &json!([]));
    let seeded =
        |members: &str| answer(200, &format!(r#"{{"id":"4","displayName":"User","members":{members}}}"#));
    let script = |members: &str| {
        [
            answer(201, r#"{"id":"u"}"#),
            answer(200, GROUPS),
            answer(204, ""),
            seeded(members),
            answer(200, "{}"),
        ]
    };
    let (outcome, requests) = run(&case, &script(r#"[{"value":"u"}]"#)).await;
    outcome.unwrap();
    assert!(requests[2].starts_with("PATCH /scim/v2/Groups/4 HTTP/1.1\r\n"), "{requests:?}");
    assert!(
        requests[2].contains(r#"[{"op":"replace","path":"members","value":[{"value":"u"}]}]"#),
        "{requests:?}"
    );
    assert!(requests[4].starts_with("GET /scim/v2/Groups/4 HTTP/1.1\r\n"), "{requests:?}");
    // A server that did not do as it was told is found out before the case begins.
    for members in ["[]", r#"[{"value":"u"},{"value":"v"}]"#] {
        let failure = run(&case, &script(members)[..4]).await.0.unwrap_err();
        assert_eq!(failure.step(), "setup 2");
        assert!(failure.to_string().contains("the seeded role should have the members {\"u\"}"), "{failure}");
    }
}

#[tokio::test]
async fn setup_that_fails_ends_the_case() {
    let plain = json!([{ "method": "DELETE", "path": "/api/v1/scim/Users/1", "headers": {}, "body": null }]);
    let expect = json!({ "status": 200 });
    for (setup, script, finding) in [
        (&plain, vec![answer(302, "")], "status: expected 2xx, got 302"),
        (&json!([{ "create_user": "user" }]), vec![answer(200, "{}")], "status: expected 201, got 200"),
        (&json!([{ "create_user": "user" }]), vec![answer(201, "")], "a body that is not JSON"),
        (&json!([{ "seed_role": "group", "members": ["user"] }]), vec![], "nothing was saved as `user`"),
        (
            &json!([{ "seed_role": "group", "members": [] }]),
            vec![answer(200, "{}")],
            "no role to seed among {}",
        ),
        (
            &json!([{ "seed_role": "group", "members": [] }]),
            vec![answer(200, GROUPS), answer(403, "")],
            "status: expected 200 or 204, got 403",
        ),
    ] {
        let failure = run(&case(setup, &get("/"), &expect, &json!([])), &script).await.0.unwrap_err();
        assert_eq!(failure.step(), "setup 1");
        assert!(failure.findings()[0].contains(finding), "{failure}");
    }
    let (outcome, requests) =
        run(&case(&plain, &get("/"), &expect, &json!([])), &[answer(204, ""), answer(200, "")]).await;
    outcome.unwrap();
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn a_failure_tells_the_whole_story() {
    let then = json!([
        { "request": get("/api/v1/scim/Users/1"), "expect": { "status": 200 } },
        { "request": get("/api/v1/scim/Users/2"), "expect": { "status": 200, "absent": ["/a", "/b"] } },
    ]);
    let case = case(&json!([]), &get("/"), &json!({ "status": 200 }), &then);
    let script = [answer(200, ""), answer(200, ""), answer(404, r#"{"a":1,"b":2}"#)];
    let failure = run(&case, &script).await.0.unwrap_err();
    assert_eq!((failure.id(), failure.level(), failure.step()), ("case-1", Level::Should, "then 2"));
    let expected = "\
case case-1 (should), then 2: what it is about
  - status: expected [200], got 404
  - absent: `/a` is 1
  - absent: `/b` is 2
  request:
    GET /scim/v2/Users/2
    Authorization: Bearer secret
    
  response:
    404
    Content-Type: application/scim+json
    Content-Length: 13
    
    {\"a\":1,\"b\":2}
";
    assert_eq!(failure.to_string(), expected);
}

#[tokio::test]
async fn a_server_that_does_not_answer_fails_the_case() {
    let case = case(&json!([]), &get("/"), &json!({ "status": 200 }), &json!([]));
    let failure = run(&case, &[String::new()]).await.0.unwrap_err();
    assert_eq!(failure.findings(), ["the server closed the connection before the response was whole"]);
}
