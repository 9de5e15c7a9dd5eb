//! Area 8: create.

use serde_json::{Value, json};

use crate::check::{Verdict, area};
use crate::cx::{Cx, GROUP};

area! {
    "7644-3.3-01": created,
    "7644-3.3-02": whole_representation,
    "7644-3.3-03": read_only_is_ignored,
    "7644-3.3-04": defaults,
    "7644-3.3-05": conflict,
    "7644-3.3-06": resource_type,
    "7644-3.3-07": body_of_another_type,
    "7644-3.3-08": unknown_attributes,
}

async fn created(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let location = user.needs_header("Location")?;
    user.shows("/meta/location", location)?;
    cx.read(location).await?.shows("/id", user.id()?)?;
    Ok(())
}

async fn whole_representation(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T", "meta": { "created": "2001-01-01T00:00:00Z" } })).await?;
    let read = cx.read(&user.path()?).await?;
    read.same_as(&user)?;
    user.shows("/title", "T")?.shows("/active", true)?;
    let post = cx.post("/Users", &cx.user_body(json!({ "title": "T" }))).query("attributes", "title");
    post.await?.is(201)?.shows("/title", "T")?.lacks("/userName")?;
    Ok(())
}

async fn read_only_is_ignored(cx: &Cx) -> Verdict {
    let mut with = json!({ "id": "forged", "meta": { "resourceType": "Group" } });
    if cx.part(cx.needs_groups())?.is_some() {
        let group = cx.group(json!({})).await?;
        with["groups"] = json!([{ "value": group.id()? }]);
    }
    let user = cx.user(with).await?;
    user.expect(user.id()? != "forged", "an id of the server's own")?;
    user.shows("/meta/resourceType", "User")?.lacks("/groups")?;
    Ok(())
}

async fn defaults(cx: &Cx) -> Verdict {
    cx.user(json!({})).await?.shows("/active", true)?;
    cx.user(json!({ "active": false })).await?.shows("/active", false)?;
    // What has a default and is sent as null counts as omitted.
    cx.user(json!({ "active": null, "title": null, "emails": [] }))
        .await?
        .shows("/active", true)?
        .lacks("/title")?;
    Ok(())
}

async fn conflict(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let body = cx.user_body(json!({ "userName": user.text("/userName")? }));
    cx.post("/Users", &body).await?.refuses(409, "uniqueness")?;
    let other = cx.user(json!({})).await?;
    cx.put(&other.path()?, &body).await?.refuses(409, "uniqueness")?;
    if cx.facts().supports("patch") {
        let rename = json!([{ "op": "replace", "path": "userName", "value": user.text("/userName")? }]);
        cx.patch(&other.path()?, &rename).await?.refuses(409, "uniqueness")?;
    }
    Ok(())
}

async fn resource_type(cx: &Cx) -> Verdict {
    cx.user(json!({})).await?.shows("/meta/resourceType", "User")?;
    if cx.part(cx.needs_groups())?.is_some() {
        cx.group(json!({})).await?.shows("/meta/resourceType", "Group")?;
    }
    Ok(())
}

async fn body_of_another_type(cx: &Cx) -> Verdict {
    let group = json!({ "schemas": [GROUP], "displayName": "G", "userName": cx.unique("user") });
    cx.post("/Users", &group).await?.refuses(400, "invalidSyntax")?;
    if cx.part(cx.needs_groups())?.is_some() {
        let user = cx.user_body(json!({ "displayName": "U" }));
        cx.post("/Groups", &user).await?.refuses(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn unknown_attributes(cx: &Cx) -> Verdict {
    for unknown in [json!({ "shoeSize": 42 }), json!({ "name": { "shoeSize": 42 } })] {
        let reply = cx.post("/Users", &cx.user_body(unknown.clone())).await?;
        if cx.is_strict() {
            reply.refuses(400, "invalidSyntax")?;
            continue;
        }
        let user = reply.is(201)?;
        let stored: fn(&Value) -> bool = |json| json.to_string().contains("shoeSize");
        user.expect(!stored(&user.json), "no shoeSize in the answer")?;
        let read = cx.read(&user.path()?).await?;
        read.expect(!stored(&read.json), "no shoeSize stored")?;
    }
    Ok(())
}
