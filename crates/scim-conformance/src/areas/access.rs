//! Area 7: authentication and authorisation.

use serde_json::json;

use crate::check::{Verdict, area};
use crate::cx::{Cx, USER};
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "7644-2-01": unauthenticated,
    "7644-2-02": access_policy,
    "7644-2-03": own_user_only,
    "7644-2.2-01": anonymous_create,
}

fn is_challenged(reply: &Reply) -> Verdict {
    reply.refuses(401, "")?;
    reply.needs_header("WWW-Authenticate")?;
    Ok(())
}

async fn unauthenticated(cx: &Cx) -> Verdict {
    is_challenged(&cx.get("/Users").without("Authorization").await?)?;
    for credentials in ["Bearer not-a-token", "Bearer", "Basic bm86Ym9keQ=="] {
        is_challenged(&cx.get("/Users").header("Authorization", credentials).await?)?;
    }
    cx.get("/Users").query("count", 1).await?.is(200)?;
    Ok(())
}

async fn access_policy(cx: &Cx) -> Verdict {
    let reader = cx.at(Profile::ReadOnly)?;
    reader.get("/Users").query("count", 1).await?.is(200)?;
    reader.post("/Users", &cx.user_body(json!({}))).await?.refuses(403, "")?;
    if cx.part(cx.needs_groups())?.is_none() {
        return Ok(());
    }
    for (profile, open, closed) in
        [(Profile::UsersOnly, "/Users", "/Groups"), (Profile::GroupsOnly, "/Groups", "/Users")]
    {
        let Some(client) = cx.part(cx.at(profile))? else { continue };
        client.get(open).query("count", 1).await?.is(200)?;
        client.get(closed).query("count", 1).await?.refuses(403, "")?;
        let (user, group) = (cx.user_body(json!({})), cx.group_body(json!({})));
        let (good, bad) = if open == "/Users" { (&user, &group) } else { (&group, &user) };
        client.post(open, good).await?.is(201)?;
        client.post(closed, bad).await?.refuses(403, "")?;
    }
    Ok(())
}

async fn own_user_only(cx: &Cx) -> Verdict {
    let own = cx.user_of(Profile::SelfService)?;
    let user = cx.at(Profile::SelfService)?;
    user.read(&format!("/Users/{}", crate::call::encode(&own))).await?.shows("/id", own)?;
    // Made by the main token in the same directory, whatever the setting.
    let admin = user.with_main_token();
    let other = admin.user(json!({ "title": "T" })).await?;
    let path = other.path()?;
    user.get(&path).await?.refuses(403, "")?;
    let body = json!({ "schemas": [USER], "userName": other.text("/userName")?, "title": "U" });
    user.put(&path, &body).await?.refuses(403, "")?;
    if cx.facts().supports("patch") {
        let change = json!([{ "op": "replace", "path": "title", "value": "U" }]);
        user.patch(&path, &change).await?.refuses(403, "")?;
    }
    user.delete(&path).await?.refuses(403, "")?;
    // A list is refused, or it is one without the others.
    let list = user.filter("/Users", &format!("id eq \"{}\"", other.id()?)).await?;
    if list.status == 200 {
        list.lists(&[])?;
    } else {
        list.refuses(403, "")?;
    }
    admin.read(&path).await?.same_as(&other)?;
    if let Some(foreign) = cx.part(cx.at(Profile::SecondTenant))? {
        let theirs = foreign.user(json!({})).await?;
        admin.get(&theirs.path()?).await?.refuses(404, "")?;
    }
    Ok(())
}

async fn anonymous_create(cx: &Cx) -> Verdict {
    let post = cx.post("/Users", &cx.user_body(json!({}))).without("Authorization");
    is_challenged(&post.await?)
}
