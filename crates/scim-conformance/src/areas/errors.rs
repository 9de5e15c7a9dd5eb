//! Area 19: errors and status codes.

use serde_json::json;

use super::me::redirects_keep_the_method;
use crate::call::Call;
use crate::check::{Verdict, area};
use crate::cx::{Cx, USER};
use crate::reply::{ERROR, Reply};
use crate::target::Profile;

area! {
    "7644-3.12-01": error_bodies,
    "7644-3.12-02": status_is_a_text,
    "7644-3.12-03": scim_types,
    "7644-3.12-04": invalid_syntax,
    "7644-3.12-05": invalid_value,
    "7644-3.12-06": statuses,
    "7644-3.12-07": internals,
    "7644-3.12-08": (alone redirects_keep_the_method),
    "7644-3.12-09": other_statuses,
}

/// One request for each status that can be provoked here, with the status.
async fn provoked(cx: &Cx) -> Verdict<Vec<(u16, Reply)>> {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let taken = cx.user_body(json!({ "userName": user.text("/userName")? }));
    let none = format!("/Users/{}", cx.unique("none"));
    let mut calls: Vec<(u16, Call<'_>)> = vec![
        (400, cx.post("/Users", &json!({ "schemas": [USER] }))),
        (400, cx.call("POST", "/Users").bytes("{")),
        (401, cx.get("/Users").without("Authorization")),
        (404, cx.get(&none)),
        (404, cx.get("/NoSuchEndpoint")),
        (404, cx.get("/Users/a/b/c")),
        (405, cx.call("DELETE", "/Users")),
        (409, cx.post("/Users", &taken)),
        (415, cx.post("/Users", &taken).header("Content-Type", "text/html")),
    ];
    if cx.facts().supports("filter") {
        calls.push((400, cx.filter("/Users", "userName regex \"x\"")));
    }
    if cx.facts().supports("etag") {
        calls.push((412, cx.put(&path, &cx.user_body(json!({}))).header("If-Match", "W/\"none\"")));
    }
    let mut replies = Vec::new();
    for (status, call) in calls {
        replies.push((status, call.await?));
    }
    if let Some(reader) = cx.part(cx.at(Profile::ReadOnly))? {
        replies.push((403, reader.post("/Users", &cx.user_body(json!({}))).await?));
    }
    if let Some(off) = cx.part(cx.at(Profile::FeaturesOff))? {
        replies.push((501, off.patch("/Users/none", &json!([])).await?));
    }
    Ok(replies)
}

async fn error_bodies(cx: &Cx) -> Verdict {
    for (status, reply) in provoked(cx).await? {
        reply.expect(reply.status == status, format!("status {status}"))?;
        reply.shows("/schemas", json!([ERROR]))?;
        let kind = reply.header("Content-Type").unwrap_or_default();
        reply.expect(kind.starts_with("application/scim+json"), "Content-Type application/scim+json")?;
    }
    Ok(())
}

async fn status_is_a_text(cx: &Cx) -> Verdict {
    for (status, reply) in provoked(cx).await? {
        reply.shows("/status", status.to_string())?;
    }
    Ok(())
}

/// What may stand as `scimType`.
const KEYWORDS: [&str; 13] = [
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
];

async fn scim_types(cx: &Cx) -> Verdict {
    for (status, reply) in provoked(cx).await? {
        match reply.json.get("scimType") {
            Some(keyword) => {
                let known = KEYWORDS.iter().any(|known| keyword == known);
                reply.expect(known, format!("a scimType of {KEYWORDS:?}"))?;
                let fits = matches!(status, 400 | 409) || keyword == "sensitive";
                reply.expect(fits, format!("no scimType with status {status}"))?;
            }
            None => {
                let free = !matches!(status, 400 | 409);
                reply.expect(free, format!("a scimType with status {status}"))?;
            }
        }
        let detail = reply.text("/detail")?;
        reply.expect(detail.split_whitespace().count() > 2, "a detail in words")?;
    }
    Ok(())
}

async fn invalid_syntax(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let mut asked = vec![("POST", "/Users"), ("PUT", &path), ("POST", "/Users/.search")];
    if cx.facts().supports("patch") {
        asked.push(("PATCH", &path));
    }
    for (method, path) in asked {
        for body in ["{", "[]", "", "null", "7", "\"text\"", "{\"a\":1} trailing", "{'a':1}"] {
            cx.call(method, path).bytes(body).await?.refuses(400, "invalidSyntax")?;
        }
    }
    Ok(())
}

async fn invalid_value(cx: &Cx) -> Verdict {
    for body in [
        json!({ "schemas": [USER] }),
        cx.user_body(json!({ "userName": null })),
        cx.user_body(json!({ "active": 7 })),
        cx.user_body(json!({ "title": { "value": "T" } })),
        cx.user_body(json!({ "emails": "a@x" })),
        cx.user_body(json!({ "emails": [7] })),
    ] {
        // A bare text for a list of complex values is taken as their value by lenient servers.
        let reply = cx.post("/Users", &body).await?;
        if body["emails"].is_string() && !cx.is_strict() && reply.status == 201 {
            continue;
        }
        reply.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn statuses(cx: &Cx) -> Verdict {
    for (status, reply) in provoked(cx).await? {
        let keyword = if status == 409 { "uniqueness" } else { "" };
        if matches!(status, 401 | 403 | 404 | 409 | 412) {
            reply.refuses(status, keyword)?;
        }
    }
    if let Some(small) = cx.part(cx.at(Profile::SmallBulk))? {
        let most = small.read("/ServiceProviderConfig").await?.json["bulk"]["maxPayloadSize"].as_u64();
        let size = usize::try_from(most.unwrap_or_default()).unwrap_or_default().min(8 << 20);
        small.call("POST", "/Bulk").bytes(vec![b' '; size + 1]).await?.refuses(413, "")?;
    }
    Ok(())
}

async fn internals(cx: &Cx) -> Verdict {
    for (_, reply) in provoked(cx).await? {
        let detail = reply.json["detail"].as_str().unwrap_or_default();
        let leaks = ["panicked", ".rs:", "SELECT ", "stack", "Exception"];
        let found = leaks.iter().find(|leak| detail.contains(**leak));
        reply.expect(found.is_none(), "a detail without the insides of the server")?;
    }
    let off = cx.at(Profile::FeaturesOff)?;
    let user = off.user(json!({})).await?;
    let change = json!([{ "op": "replace", "path": "title", "value": "T" }]);
    off.patch(&user.path()?, &change).await?.refuses(501, "")
}

async fn other_statuses(cx: &Cx) -> Verdict {
    cx.call("DELETE", "/Users").await?.refuses(405, "")?;
    let post = cx.post("/Users", &cx.user_body(json!({}))).header("Content-Type", "text/html");
    post.await?.refuses(415, "")
}
