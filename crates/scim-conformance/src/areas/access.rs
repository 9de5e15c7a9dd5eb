//! Area 7: authentication and authorisation.

use serde_json::json;

use crate::check::{Verdict, area, not_testable};
use crate::cx::Cx;
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
    reader.post("/Users", &cx.user_body(json!({}))).await?.refuses(403, "")
}

async fn own_user_only(cx: &Cx) -> Verdict {
    let addition = cx.addition(Profile::SelfService)?;
    let Some(own) = &addition.user_id else {
        return not_testable("the target names no user_id with the profile `self-service`");
    };
    let user = cx.at(Profile::SelfService)?;
    user.read(&format!("/Users/{}", crate::call::encode(own))).await?.shows("/id", own.as_str())?;
    // Made by the main token in the same directory, whatever the setting.
    let admin = cx.main();
    let other = admin.user(json!({})).await?;
    user.get(&other.path()?).await?.refuses(403, "")?;
    if let Ok(foreign) = cx.at(Profile::SecondTenant) {
        let theirs = foreign.user(json!({})).await?;
        admin.get(&theirs.path()?).await?.refuses(404, "")?;
    }
    Ok(())
}

async fn anonymous_create(cx: &Cx) -> Verdict {
    let post = cx.post("/Users", &cx.user_body(json!({}))).without("Authorization");
    is_challenged(&post.await?)
}
