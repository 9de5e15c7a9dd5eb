//! Area 13: query by POST.

use serde_json::{Value, json};

use super::people::People;
use crate::check::{Verdict, area};
use crate::cx::{Cx, USER};
use crate::reply::LIST;

area! {
    "7644-3.4.3-01": search,
    "7644-3.4.3-02": search_request,
    "7644-3.4.3-03": members_of_the_body,
}

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// A body with these members.
fn body(members: Value) -> Value {
    let mut body = json!({ "schemas": [SEARCH] });
    if let (Some(body), Value::Object(members)) = (body.as_object_mut(), members) {
        body.extend(members);
    }
    body
}

async fn search(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let by_id = body(json!({ "filter": format!("id eq \"{}\"", user.id()?) }));
    for (path, found) in [("/Users/.search", true), ("/.search", true), ("/Groups/.search", false)] {
        if path == "/Groups/.search" && cx.part(cx.needs_groups())?.is_none() {
            continue;
        }
        let list = cx.post(path, &by_id).await?.is(200)?;
        let ids = if found { vec![user.id()?] } else { vec![] };
        list.shows("/schemas", json!([LIST]))?.lists(&ids)?;
    }
    Ok(())
}

async fn search_request(cx: &Cx) -> Verdict {
    let filter = "userName pr";
    for wrong in [
        json!({ "filter": filter }),
        json!({ "schemas": [], "filter": filter }),
        json!({ "schemas": [USER], "filter": filter }),
        json!({ "schemas": [LIST], "filter": filter }),
    ] {
        cx.post("/Users/.search", &wrong).await?.refuses(400, "invalidSyntax")?;
    }
    cx.post("/Users/.search", &body(json!({ "count": 1 }))).await?.is(200)?;
    Ok(())
}

async fn members_of_the_body(cx: &Cx) -> Verdict {
    let people =
        People::with(cx, ["c", "a", "b"].map(|name| json!({ "displayName": name, "title": "T" }))).await?;
    let query = json!({
        "filter": people.filter(), "sortBy": "displayName", "sortOrder": "descending",
        "startIndex": 2, "count": 2, "attributes": ["displayName", "title"],
    });
    let call = people.all().query("sortBy", "displayName").query("sortOrder", "descending");
    let call = call.query("startIndex", 2).query("count", 2).query("attributes", "displayName,title");
    let by_get = call.await?.is(200)?;
    let by_post = cx.post("/Users/.search", &body(query.clone())).query("count", 1).await?.is(200)?;
    by_post.same_as(&by_get)?;
    people.in_order(&by_post, &[2, 1])?;
    let excluded = body(json!({ "filter": people.filter(), "excludedAttributes": ["title"], "unknown": 1 }));
    let list = cx.post("/Users/.search", &excluded).await?.is(200)?;
    list.lacks("/Resources/0/title")?.has("/Resources/0/displayName")?;
    let list = body(json!({ "filter": people.filter(), "attributes": "displayName,title" }));
    cx.post("/Users/.search", &list).await?.is(200)?.has("/Resources/0/title")?;
    for (wrong, keyword) in [
        (json!({ "count": "x" }), "invalidValue"),
        (json!({ "sortOrder": "up" }), "invalidValue"),
        (json!({ "filter": "userName regex \"x\"" }), "invalidFilter"),
        (json!({ "attributes": ["title"], "excludedAttributes": ["title"] }), "invalidValue"),
    ] {
        cx.post("/Users/.search", &body(wrong)).await?.refuses(400, keyword)?;
    }
    cx.post("/Schemas/.search", &body(json!({}))).await?.refuses(404, "")
}
