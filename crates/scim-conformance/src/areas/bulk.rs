//! Area 17: bulk.

use serde_json::{Value, json};

use crate::check::{Verdict, area, not_testable};
use crate::cx::{Cx, ENTERPRISE, PATCH_OP, USER};
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "7644-3.7-01": optional,
    "7644-3.7-02": messages,
    "7644-3.7-03": methods,
    "7644-3.7-04": bulk_ids,
    "7644-3.7-05": paths,
    "7644-3.7-06": data,
    "7644-3.7-07": versions,
    "7644-3.7-08": answers,
    "7644-3.7-09": status_is_a_string,
    "7644-3.7-10": failures,
    "7644-3.7-11": all_failed,
    "7644-3.7-12": all_are_tried,
    "7644-3.7-13": fail_on_errors,
    "7644-3.7.2-01": references,
    "7644-3.7.2-02": reference_in_path,
    "7644-3.7.2-03": forward,
    "7644-3.7.1-01": circular,
    "7644-3.7.2-04": no_such_reference,
    "7644-3.7.4-01": most_operations,
    "7644-3.7.4-02": most_bytes,
    "7644-3.7-14": authorised,
}

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

fn job(operations: &Value) -> Value {
    json!({ "schemas": [REQUEST], "Operations": operations })
}

/// Sends a job; what it creates goes when the check is done.
async fn send(cx: &Cx, body: &Value) -> Verdict<Reply> {
    if cx.place.is_main && !cx.facts().supports("bulk") {
        return not_testable("the server announces that it offers no bulk requests");
    }
    let reply = cx.post("/Bulk", body).await?.is(200)?;
    for operation in reply.list("/Operations") {
        if operation["status"] == "201"
            && let Some(path) = operation["location"].as_str()
        {
            cx.made(path.to_owned());
        }
    }
    Ok(reply)
}

async fn bulk(cx: &Cx, operations: Value) -> Verdict<Reply> {
    send(cx, &job(&operations)).await
}

/// An operation that creates a user.
fn user(cx: &Cx, bulk_id: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": cx.user_body(json!({})) })
}

/// An operation that creates a group with one member.
fn group(cx: &Cx, bulk_id: &str, member: &str) -> Value {
    let data = cx.group_body(json!({ "members": [{ "value": member }] }));
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

/// Expects these statuses, in this order.
fn statuses(reply: &Reply, wanted: &[&str]) -> Verdict {
    let found: Vec<&Value> = reply.list("/Operations").iter().map(|operation| &operation["status"]).collect();
    reply.expect(found == wanted, format!("operations with the statuses {wanted:?}"))?;
    Ok(())
}

/// Expects the one operation to have failed.
fn refused(reply: &Reply, status: &str, scim_type: &str) -> Verdict {
    statuses(reply, &[status])?;
    reply.shows("/Operations/0/response/scimType", scim_type)?;
    Ok(())
}

/// Reads what an operation has made.
async fn made(cx: &Cx, reply: &Reply, at: usize) -> Verdict<Reply> {
    cx.read(reply.text(&format!("/Operations/{at}/location"))?).await
}

async fn optional(cx: &Cx) -> Verdict {
    let reply = bulk(cx, json!([user(cx, "a")])).await?;
    statuses(&reply, &["201"])?;
    cx.read("/ServiceProviderConfig").await?.shows("/bulk/supported", true)?;
    let off = cx.at(Profile::FeaturesOff)?;
    off.read("/ServiceProviderConfig").await?.shows("/bulk/supported", false)?;
    off.post("/Bulk", &job(&json!([user(cx, "a")]))).await?.refuses(501, "")
}

async fn messages(cx: &Cx) -> Verdict {
    bulk(cx, json!([user(cx, "a")])).await?.shows("/schemas", json!([RESPONSE]))?;
    let body = json!({ "schemas": [PATCH_OP], "Operations": [user(cx, "a")] });
    cx.post("/Bulk", &body).await?.refuses(400, "invalidSyntax")
}

async fn methods(cx: &Cx) -> Verdict {
    cx.post("/Bulk", &json!({ "schemas": [REQUEST] })).await?.refuses(400, "invalidSyntax")?;
    let mut small = user(cx, "a");
    small["method"] = json!("post");
    statuses(&bulk(cx, json!([small])).await?, &["201"])?;
    let get = json!({ "method": "GET", "path": "/Users" });
    statuses(&bulk(cx, json!([get])).await?, &["400"])?;
    for path in ["/Bulk", "/Schemas", "/ResourceTypes"] {
        let mut inner = user(cx, "a");
        inner["path"] = json!(path);
        statuses(&bulk(cx, json!([inner])).await?, &["400"])?;
    }
    Ok(())
}

async fn bulk_ids(cx: &Cx) -> Verdict {
    let mut without = user(cx, "a");
    without.as_object_mut().map(|map| map.remove("bulkId"));
    refused(&bulk(cx, json!([without])).await?, "400", "invalidSyntax")?;
    let twice = bulk(cx, json!([user(cx, "a"), user(cx, "a")])).await?;
    let last = twice.list("/Operations").last().cloned().unwrap_or_default();
    let is_refused = last["status"] == "400" && last["response"]["scimType"] == "invalidSyntax";
    twice.expect(is_refused, "the second with status 400 and invalidSyntax")?;
    Ok(())
}

async fn paths(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    for (method, path) in [("POST", there.path()?), ("PUT", "/Users".into()), ("DELETE", "/Users".into())] {
        let mut wrong = user(cx, "a");
        (wrong["method"], wrong["path"]) = (json!(method), json!(path));
        statuses(&bulk(cx, json!([wrong])).await?, &["400"])?;
    }
    for path in ["Users", "/v2/Users"] {
        let mut odd = user(cx, "a");
        odd["path"] = json!(path);
        statuses(&bulk(cx, json!([odd])).await?, &["201"])?;
    }
    let gone = json!({ "method": "DELETE", "path": there.path()? });
    statuses(&bulk(cx, json!([gone])).await?, &["204"])?;
    cx.get(&there.path()?).await?.refuses(404, "")
}

async fn data(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    for (method, path) in [("POST", "/Users".into()), ("PUT", there.path()?), ("PATCH", there.path()?)] {
        let bare = json!({ "method": method, "path": path, "bulkId": "a" });
        refused(&bulk(cx, json!([bare])).await?, "400", "invalidSyntax")?;
    }
    let change = json!([{ "op": "replace", "path": "title", "value": "T" }]);
    let message = json!({ "schemas": [PATCH_OP], "Operations": change });
    let patch = json!({ "method": "PATCH", "path": there.path()?, "data": message });
    let reply = bulk(cx, json!([patch])).await?;
    let status = &reply.json["Operations"][0]["status"];
    reply.expect(*status == "200" || *status == "204", "the PATCH done")?;
    cx.read(&there.path()?).await?.shows("/title", "T")?;
    Ok(())
}

async fn versions(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    let old = there.text("/meta/version")?;
    let path = there.path()?;
    let body = json!({ "schemas": [USER], "userName": there.text("/userName")?, "title": "T" });
    cx.put(&path, &body).await?.is(200)?;
    let stale = json!({ "method": "DELETE", "path": path, "version": old });
    statuses(&bulk(cx, json!([stale])).await?, &["412"])?;
    let now = cx.read(&path).await?;
    let fresh = json!({ "method": "DELETE", "path": path, "version": now.text("/meta/version")? });
    statuses(&bulk(cx, json!([fresh])).await?, &["204"])
}

async fn answers(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    let gone = json!({ "method": "DELETE", "path": there.path()? });
    let reply = bulk(cx, json!([user(cx, "a"), gone, user(cx, "b")])).await?;
    statuses(&reply, &["201", "204", "201"])?;
    for (at, method) in ["POST", "DELETE", "POST"].iter().enumerate() {
        reply.shows(&format!("/Operations/{at}/method"), *method)?;
        reply.has(&format!("/Operations/{at}/location"))?;
    }
    reply.shows("/Operations/0/bulkId", "a")?.shows("/Operations/2/bulkId", "b")?;
    if cx.facts().supports("etag") {
        reply.has("/Operations/0/version")?;
    }
    let bad = json!({ "method": "POST", "path": "/Users", "bulkId": "c", "data": { "schemas": [USER] } });
    bulk(cx, json!([bad])).await?.lacks("/Operations/0/location")?.shows("/Operations/0/bulkId", "c")?;
    Ok(())
}

async fn status_is_a_string(cx: &Cx) -> Verdict {
    bulk(cx, json!([user(cx, "a")])).await?.shows("/Operations/0/status", "201")?;
    Ok(())
}

/// An operation that fails for want of a free name.
fn taken(cx: &Cx, there: &Reply) -> Verdict<Value> {
    let data = cx.user_body(json!({ "userName": there.text("/userName")? }));
    Ok(json!({ "method": "POST", "path": "/Users", "bulkId": "taken", "data": data }))
}

async fn failures(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    let reply = bulk(cx, json!([taken(cx, &there)?, user(cx, "a")])).await?;
    statuses(&reply, &["409", "201"])?;
    reply.shows("/Operations/0/response/scimType", "uniqueness")?;
    reply.shows("/Operations/0/response/status", "409")?;
    reply.shows("/Operations/0/response/schemas", json!([crate::reply::ERROR]))?;
    reply.lacks("/Operations/1/response")?;
    Ok(())
}

async fn all_failed(cx: &Cx) -> Verdict {
    let gone = |id: &str| json!({ "method": "DELETE", "path": format!("/Users/{id}") });
    let reply = bulk(cx, json!([gone("none-1"), gone("none-2")])).await?;
    statuses(&reply, &["404", "404"])
}

async fn all_are_tried(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    let reply = bulk(cx, json!([user(cx, "a"), taken(cx, &there)?, user(cx, "b")])).await?;
    statuses(&reply, &["201", "409", "201"])?;
    made(cx, &reply, 0).await?;
    made(cx, &reply, 2).await?;
    Ok(())
}

async fn fail_on_errors(cx: &Cx) -> Verdict {
    let there = cx.user(json!({})).await?;
    let third = user(cx, "b");
    let mut body = job(&json!([user(cx, "a"), taken(cx, &there)?, third]));
    body["failOnErrors"] = json!(1);
    let reply = send(cx, &body).await?;
    statuses(&reply, &["201", "409"])?;
    made(cx, &reply, 0).await?;
    let name = third["data"]["userName"].as_str().unwrap_or_default();
    cx.filter("/Users", &format!("userName eq \"{name}\"")).await?.lists(&[])?;
    for bad in [json!(0), json!(-1), json!(1.5), json!("many")] {
        body["failOnErrors"] = bad;
        cx.post("/Bulk", &body).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn references(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    let reply = bulk(cx, json!([user(cx, "u"), group(cx, "g", "bulkId:u")])).await?;
    statuses(&reply, &["201", "201"])?;
    let boss = made(cx, &reply, 0).await?;
    made(cx, &reply, 1).await?.shows("/members/0/value", boss.id()?)?;
    if cx.part(cx.needs_enterprise())?.is_some() {
        let mut report = user(cx, "r");
        report["data"] = cx.user_body(json!({ ENTERPRISE: { "manager": { "value": "bulkId:u" } } }));
        let reply = bulk(cx, json!([user(cx, "u"), report])).await?;
        statuses(&reply, &["201", "201"])?;
        let boss = made(cx, &reply, 0).await?;
        let shown = made(cx, &reply, 1).await?;
        let manager = &shown.json[ENTERPRISE]["manager"]["value"];
        shown.expect(*manager == boss.json["id"], "the id of the manager")?;
        let mut report = user(cx, "r");
        report["data"] = cx.user_body(json!({ ENTERPRISE: { "manager": { "$ref": "bulkId:u" } } }));
        let reply = bulk(cx, json!([user(cx, "u"), report])).await?;
        statuses(&reply, &["201", "201"])?;
        let boss = made(cx, &reply, 0).await?;
        let shown = made(cx, &reply, 1).await?;
        let reference = shown.json[ENTERPRISE]["manager"]["$ref"].as_str().unwrap_or_default();
        shown.expect(reference.ends_with(boss.id()?), "a $ref to the manager")?;
    }
    // In the value and in the filter of a PATCH.
    let change = json!([
        { "op": "add", "path": "members", "value": [{ "value": "bulkId:v" }] },
        { "op": "remove", "path": "members[value eq \"bulkId:u\"]" },
    ]);
    let message = json!({ "schemas": [PATCH_OP], "Operations": change });
    let patch = json!({ "method": "PATCH", "path": "/Groups/bulkId:g", "data": message });
    let reply = bulk(cx, json!([user(cx, "u"), user(cx, "v"), group(cx, "g", "bulkId:u"), patch])).await?;
    let left = made(cx, &reply, 1).await?;
    let shown = made(cx, &reply, 2).await?;
    shown.expect(shown.list("/members").len() == 1, "one member")?.shows("/members/0/value", left.id()?)?;
    Ok(())
}

async fn reference_in_path(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    let create =
        json!({ "method": "POST", "path": "/Groups", "bulkId": "g", "data": cx.group_body(json!({})) });
    let change = json!([{ "op": "add", "path": "members", "value": [{ "value": "bulkId:u" }] }]);
    let message = json!({ "schemas": [PATCH_OP], "Operations": change });
    let patch = json!({ "method": "PATCH", "path": "/Groups/bulkId:g", "data": message });
    let reply = bulk(cx, json!([create, user(cx, "u"), patch])).await?;
    let member = made(cx, &reply, 1).await?;
    made(cx, &reply, 0).await?.shows("/members/0/value", member.id()?)?;
    Ok(())
}

async fn forward(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    let reply = bulk(cx, json!([group(cx, "g", "bulkId:u"), user(cx, "u")])).await?;
    statuses(&reply, &["201", "201"])?;
    let member = made(cx, &reply, 1).await?;
    made(cx, &reply, 0).await?.shows("/members/0/value", member.id()?)?;
    Ok(())
}

async fn circular(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    let reply = bulk(cx, json!([group(cx, "a", "bulkId:b"), group(cx, "b", "bulkId:a")])).await?;
    statuses(&reply, &["201", "201"])?;
    let (a, b) = (made(cx, &reply, 0).await?, made(cx, &reply, 1).await?);
    a.shows("/members/0/value", b.id()?)?;
    b.shows("/members/0/value", a.id()?)?;
    Ok(())
}

async fn no_such_reference(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    refused(&bulk(cx, json!([group(cx, "g", "bulkId:none")])).await?, "400", "invalidValue")?;
    let there = cx.user(json!({})).await?;
    let reply = bulk(cx, json!([taken(cx, &there)?, group(cx, "g", "bulkId:taken")])).await?;
    statuses(&reply, &["409", "409"])
}

/// What the small service takes, in operations and in bytes.
async fn limit(small: &Cx, name: &str) -> Verdict<usize> {
    let config = small.read("/ServiceProviderConfig").await?;
    let limit = config.json["bulk"][name].as_u64().and_then(|limit| usize::try_from(limit).ok());
    match limit.filter(|limit| *limit < 8 << 20) {
        Some(limit) => Ok(limit),
        None => config.wrong(format!("bulk.{name}, less than 8 MiB")),
    }
}

fn names(reply: &Reply, limit: usize) -> Verdict {
    reply.refuses(413, "")?;
    let detail = reply.text("/detail")?;
    let digits: String = detail.chars().filter(char::is_ascii_digit).collect();
    reply.expect(digits.contains(&limit.to_string()), format!("a detail that names {limit}"))?;
    Ok(())
}

async fn most_operations(cx: &Cx) -> Verdict {
    let small = cx.at(Profile::SmallBulk)?;
    let most = limit(&small, "maxOperations").await?;
    let there = small.user(json!({})).await?;
    let gone = json!({ "method": "DELETE", "path": there.path()? });
    names(&small.post("/Bulk", &job(&json!(vec![gone.clone(); most + 1]))).await?, most)?;
    small.read(&there.path()?).await?;
    bulk(&small, json!(vec![gone; most])).await?;
    Ok(())
}

async fn most_bytes(cx: &Cx) -> Verdict {
    let small = cx.at(Profile::SmallBulk)?;
    let most = limit(&small, "maxPayloadSize").await?;
    let there = small.user(json!({})).await?;
    let mut body = job(&json!([{ "method": "DELETE", "path": there.path()? }])).to_string();
    body.push_str(&" ".repeat((most + 1).saturating_sub(body.len())));
    names(&small.call("POST", "/Bulk").bytes(body.clone()).await?, most)?;
    small.read(&there.path()?).await?;
    body.pop();
    small.call("POST", "/Bulk").bytes(body.clone()).await?.is(200)?;
    // In pieces, whose length nobody announces: as much as may be, and a byte more.
    small.call("POST", "/Bulk").bytes(body.clone()).in_pieces().await?.is(200)?;
    body.push(' ');
    names(&small.call("POST", "/Bulk").bytes(body).in_pieces().await?, most)?;
    Ok(())
}

async fn authorised(cx: &Cx) -> Verdict {
    let admin = cx.main();
    let there = admin.user(json!({})).await?;
    let gone = json!([{ "method": "DELETE", "path": there.path()? }]);
    let reader = cx.at(Profile::ReadOnly)?;
    statuses(&reader.post("/Bulk", &job(&gone)).await?.is(200)?, &["403"])?;
    admin.read(&there.path()?).await?;
    Ok(())
}
