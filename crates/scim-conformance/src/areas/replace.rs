//! Area 14: replace (PUT).

use serde_json::{Value, json};

use crate::check::{Verdict, area};
use crate::cx::{Cx, ENTERPRISE, GROUP, PROBE, USER};
use crate::reply::Reply;

area! {
    "7644-3.5.1-01": supported,
    "7644-3.5.1-02": given_values,
    "7644-3.5.1-03": omitted_values,
    "7644-3.5.1-05": read_only,
    "7644-3.5.1-06": immutable,
    "7644-3.5.1-07": required,
    "7644-3.5.1-08": (alone whole_resource),
    "7644-3.5.1-09": failure_changes_nothing,
}

/// The body of a PUT with the name of the user and these attributes.
fn body(user: &Reply, with: Value) -> Verdict<Value> {
    let mut body = json!({ "schemas": [USER], "userName": user.text("/userName")? });
    if let (Some(body), Value::Object(with)) = (body.as_object_mut(), with) {
        let extensions: Vec<Value> =
            with.keys().filter(|key| key.starts_with("urn:")).map(|key| json!(key)).collect();
        if let Some(Value::Array(schemas)) = body.get_mut("schemas") {
            schemas.extend(extensions);
        }
        body.extend(with);
    }
    Ok(body)
}

async fn supported(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    cx.put(&path, &body(&user, json!({ "title": "T" }))?).await?.is(200)?.shows("/title", "T")?;
    cx.read(&path).await?.shows("/title", "T")?;
    Ok(())
}

async fn given_values(cx: &Cx) -> Verdict {
    let emails = |values: &[&str]| values.iter().map(|value| json!({ "value": value })).collect::<Vec<_>>();
    let user = cx
        .user(json!({ "title": "T", "emails": emails(&["a@x", "b@x"]), "password": "t1meMa$heen" }))
        .await?;
    let with = json!({ "title": "U", "emails": emails(&["c@x"]), "password": "0therMa$heen" });
    let path = user.path()?;
    cx.put(&path, &body(&user, with)?).await?.is(200)?;
    let shown = cx.read(&path).await?;
    shown.shows("/title", "U")?.shows("/emails", json!(emails(&["c@x"])))?.lacks("/password")?;
    Ok(())
}

async fn omitted_values(cx: &Cx) -> Verdict {
    let mut with = json!({ "title": "T", "nickName": "N", "active": false, "roles": [{ "value": "r" }] });
    if cx.part(cx.needs_enterprise())?.is_some() {
        with[ENTERPRISE] = json!({ "department": "D" });
    }
    let user = cx.user(with.clone()).await?;
    let path = user.path()?;
    let put = cx.put(&path, &body(&user, json!({ "nickName": null, "roles": [] }))?).await?.is(200)?;
    for shown in [&put, &cx.read(&path).await?] {
        shown.lacks("/title")?.lacks("/nickName")?.lacks("/roles")?.shows("/active", false)?;
        shown.expect(
            shown.json.get(ENTERPRISE) == with.get(ENTERPRISE),
            "the extension that the body does not name, as it was",
        )?;
    }
    let group = cx.group_of(&[&user]).await?;
    let rename = json!({ "schemas": [GROUP], "displayName": cx.unique("group") });
    cx.put(&group.path()?, &rename).await?.is(200)?;
    let shown = cx.read(&group.path()?).await?;
    shown.shows("/displayName", rename["displayName"].clone())?.shows("/members/0/value", user.id()?)?;
    let clear = json!({ "schemas": [GROUP], "displayName": rename["displayName"], "members": [] });
    cx.put(&group.path()?, &clear).await?.is(200)?;
    cx.read(&group.path()?).await?.lacks("/members")?;
    Ok(())
}

async fn read_only(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let forged = json!({
        "id": "forged", "meta": { "resourceType": "Group", "created": "2001-01-01T00:00:00Z" },
        "groups": [{ "value": "forged" }], "title": "T",
    });
    let put = cx.put(&path, &body(&user, forged)?).await?.is(200)?;
    put.shows("/id", user.id()?)?.shows("/meta/created", user.text("/meta/created")?)?;
    put.shows("/meta/resourceType", "User")?.lacks("/groups")?.shows("/title", "T")?;
    cx.get("/Users/forged").await?.refuses(404, "")
}

async fn immutable(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let pointer = format!("/{PROBE}/immutableText");
    let with = |value: &str| json!({ PROBE: { "immutableText": value } });
    let user = cx.user(with("first")).await?;
    let path = user.path()?;
    cx.put(&path, &body(&user, with("first"))?).await?.is(200)?.shows(&pointer, "first")?;
    cx.put(&path, &body(&user, with("other"))?).await?.refuses(400, "mutability")?;
    let omitted = body(&user, json!({ PROBE: { "text": "T" } }))?;
    cx.put(&path, &omitted).await?.is(200)?.shows(&pointer, "first")?;
    let unset = cx.user(json!({})).await?;
    cx.put(&unset.path()?, &body(&unset, with("late"))?).await?.is(200)?.shows(&pointer, "late")?;
    Ok(())
}

async fn required(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    cx.put(&user.path()?, &json!({ "schemas": [USER], "title": "T" })).await?.refuses(400, "invalidValue")?;
    let group = cx.group(json!({})).await?;
    cx.put(&group.path()?, &json!({ "schemas": [GROUP], "members": [] })).await?.refuses(400, "invalidValue")
}

async fn whole_resource(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let body = body(&user, json!({ "title": "T" }))?;
    let put = cx.put(&path, &body).await?.is(200)?;
    let read = cx.read(&path).await?;
    read.same_as(&put)?;
    let again = cx.put(&path, &body).await?.is(200)?;
    again.shows("/meta/lastModified", put.text("/meta/lastModified")?)?;
    if cx.facts().supports("etag") {
        put.expect(put.header("ETag") != user.header("ETag"), "another ETag than before the change")?;
        put.needs_header("ETag")?;
        again.expect(
            again.header("ETag") == put.header("ETag"),
            "the ETag as it was, since nothing changed",
        )?;
    }
    Ok(())
}

async fn failure_changes_nothing(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T" })).await?;
    let path = user.path()?;
    let bad = body(&user, json!({ "title": "U", "active": "maybe" }))?;
    cx.put(&path, &bad).await?.refuses(400, "invalidValue")?;
    let read = cx.read(&path).await?;
    read.same_as(&user)?;
    Ok(())
}
