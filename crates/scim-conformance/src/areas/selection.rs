//! Area 12: attribute selection.

use std::collections::BTreeSet;

use serde_json::json;

use crate::check::{Verdict, area};
use crate::cx::{Cx, ENTERPRISE, USER};
use crate::reply::Reply;

area! {
    "7644-3.9-01": attributes,
    "7644-3.9-02": excluded_attributes,
    "7644-3.9-03": on_every_operation,
    "7644-3.9-04": not_both,
    "7644-3.9-05": sub_attributes,
    "7644-3.10-01": uris,
    "7644-3.10-02": unknown_names,
}

/// Expects exactly these attributes.
fn has_only(reply: &Reply, names: &[&str]) -> Verdict {
    let found: BTreeSet<&str> =
        reply.json.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let wanted: BTreeSet<&str> = names.iter().copied().collect();
    reply.expect(found == wanted, format!("exactly the attributes {wanted:?}"))?;
    Ok(())
}

async fn attributes(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T", "nickName": "N" })).await?;
    let path = user.path()?;
    has_only(&cx.get(&path).query("attributes", "userName").await?.is(200)?, &["id", "schemas", "userName"])?;
    let call = cx.get(&path).query("attributes", "title,meta");
    has_only(&call.await?.is(200)?, &["id", "schemas", "title", "meta"])?;
    has_only(&cx.get(&path).query("attributes", "phoneNumbers").await?.is(200)?, &["id", "schemas"])
}

async fn excluded_attributes(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T", "nickName": "N" })).await?;
    let call = cx.get(&user.path()?).query("excludedAttributes", "title,id,schemas");
    let shown = call.await?.is(200)?;
    shown
        .lacks("/title")?
        .shows("/id", user.id()?)?
        .shows("/nickName", "N")?
        .shows("/schemas", json!([USER]))?;
    let group = cx.group_of(&[&user]).await?;
    let call = cx.get(&group.path()?).query("excludedAttributes", "members,id");
    call.await?.is(200)?.lacks("/members")?.shows("/id", group.id()?)?.has("/displayName")?;
    Ok(())
}

async fn on_every_operation(cx: &Cx) -> Verdict {
    for (parameter, value) in [("attributes", "nickName"), ("excludedAttributes", "title")] {
        let selected = |reply: &Reply, at: &str| -> Verdict {
            reply.lacks(&format!("{at}/title"))?.shows(&format!("{at}/nickName"), "N")?;
            reply.has(&format!("{at}/id"))?;
            Ok(())
        };
        let body = cx.user_body(json!({ "title": "T", "nickName": "N" }));
        let user = cx.post("/Users", &body).query(parameter, value).await?.is(201)?;
        selected(&user, "")?;
        let path = user.path()?;
        selected(&cx.get(&path).query(parameter, value).await?.is(200)?, "")?;
        selected(&cx.put(&path, &body).query(parameter, value).await?.is(200)?, "")?;
        let filter = format!("id eq \"{}\"", user.id()?);
        selected(&cx.filter("/Users", &filter).query(parameter, value).await?.is(200)?, "/Resources/0")?;
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": filter, parameter: [value],
        });
        selected(&cx.post("/Users/.search", &search).await?.is(200)?, "/Resources/0")?;
        if cx.facts().supports("patch") {
            let change = json!([{ "op": "replace", "path": "title", "value": "U" }]);
            selected(&cx.patch(&path, &change).query(parameter, value).await?.is(200)?, "")?;
        }
    }
    Ok(())
}

async fn not_both(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    for path in ["/Users", &user.path()?] {
        let call = cx.get(path).query("attributes", "userName").query("excludedAttributes", "title");
        call.await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn sub_attributes(cx: &Cx) -> Verdict {
    let with = json!({
        "name": { "givenName": "G", "familyName": "F" },
        "emails": [{ "value": "a@x", "type": "work" }, { "value": "b@x", "type": "home" }],
    });
    let user = cx.user(with).await?;
    let path = user.path()?;
    let shown = cx.get(&path).query("attributes", "name.givenName,emails.value").await?.is(200)?;
    shown.shows("/name", json!({ "givenName": "G" }))?;
    shown.shows("/emails", json!([{ "value": "a@x" }, { "value": "b@x" }]))?;
    let shown = cx.get(&path).query("excludedAttributes", "name.familyName,emails.type").await?.is(200)?;
    shown.shows("/name", json!({ "givenName": "G" }))?;
    shown.shows("/emails", json!([{ "value": "a@x" }, { "value": "b@x" }]))?;
    Ok(())
}

async fn uris(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T" })).await?;
    let call = cx.get(&user.path()?).query("attributes", format!("{}:TITLE", USER.to_uppercase()));
    has_only(&call.await?.is(200)?, &["id", "schemas", "title"])?;
    cx.needs_enterprise()?;
    let data = json!({ "department": "D", "division": "V" });
    let user = cx.user(json!({ "title": "T", ENTERPRISE: data })).await?;
    let path = user.path()?;
    for name in [
        format!("{ENTERPRISE}:department"),
        "department".to_owned(),
        format!("{}:Department", ENTERPRISE.to_lowercase()),
    ] {
        let shown = cx.get(&path).query("attributes", name).await?.is(200)?;
        has_only(&shown, &["id", "schemas", ENTERPRISE])?;
        shown.shows(&format!("/{ENTERPRISE}"), json!({ "department": "D" }))?;
    }
    let shown = cx.get(&path).query("attributes", ENTERPRISE).await?.is(200)?;
    shown.shows(&format!("/{ENTERPRISE}"), data)?.lacks("/title")?;
    let shown = cx.get(&path).query("excludedAttributes", ENTERPRISE).await?.is(200)?;
    shown.lacks(&format!("/{ENTERPRISE}"))?.shows("/title", "T")?;
    Ok(())
}

async fn unknown_names(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T", "nickName": "N" })).await?;
    let path = user.path()?;
    let shown = cx.get(&path).query("attributes", "userName,shoeSize").await?.is(200)?;
    has_only(&shown, &["id", "schemas", "userName"])?;
    let shown = cx.get(&path).query("attributes", " userName , title ").await?.is(200)?;
    has_only(&shown, &["id", "schemas", "userName", "title"])?;
    let shown = cx.get(&path).query("attributes", "userName").query("attributes", "title").await?.is(200)?;
    has_only(&shown, &["id", "schemas", "userName", "title"])?;
    cx.get(&path).query("excludedAttributes", "shoeSize,title").await?.is(200)?.lacks("/title")?;
    Ok(())
}
