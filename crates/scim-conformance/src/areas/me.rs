//! Area 18: `/Me`.

use serde_json::json;

use crate::check::{Verdict, area, not_testable};
use crate::cx::{Cx, USER};
use crate::target::Profile;

area! {
    "7644-3.11-01": not_offered,
    "7644-3.11-02": redirected,
    "7644-3.11-03": direct,
}

/// The user of a profile.
fn user_of(cx: &Cx, profile: Profile) -> Verdict<String> {
    match &cx.addition(profile)?.user_id {
        Some(id) => Ok(id.clone()),
        None => not_testable(format!("the target names no user_id with the profile `{}`", profile.name())),
    }
}

async fn not_offered(cx: &Cx) -> Verdict {
    let off = cx.at(Profile::MeOff)?;
    off.get("/Me").await?.refuses(501, "")?;
    off.post("/Me", &cx.user_body(json!({}))).await?.refuses(501, "")?;
    let change = json!([{ "op": "replace", "path": "title", "value": "T" }]);
    off.patch("/Me", &change).await?.refuses(501, "")
}

async fn redirected(cx: &Cx) -> Verdict {
    let id = user_of(cx, Profile::MeRedirect)?;
    let cx = cx.at(Profile::MeRedirect)?;
    let user = cx.read(&format!("/Users/{}", crate::call::encode(&id))).await?;
    let reply = cx.get("/Me").await?.is(308)?;
    let location = reply.needs_header("Location")?;
    reply.expect(location == user.text("/meta/location")?, "the location of the user")?;
    cx.read(location).await?.shows("/id", id)?;
    Ok(())
}

async fn direct(cx: &Cx) -> Verdict {
    let id = user_of(cx, Profile::SelfService)?;
    let own = cx.at(Profile::SelfService)?;
    let user = own.read(&format!("/Users/{}", crate::call::encode(&id))).await?;
    let url = user.text("/meta/location")?;
    let title = cx.unique("title");
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": title });
    let change = json!([{ "op": "replace", "path": "title", "value": "changed" }]);
    for call in [own.get("/Me"), own.put("/Me", &body), own.get("/Me"), own.patch("/Me", &change)] {
        let reply = call.await?.any_of(&[200, 204])?;
        reply.expect(reply.header("Location") == Some(url), format!("the header Location: {url}"))?;
        if reply.status == 200 {
            reply.shows("/id", id.as_str())?.shows("/meta/location", url)?;
        }
    }
    own.read(url).await?.shows("/title", "changed")?;
    own.get("/Me").without("Authorization").await?.refuses(401, "")?;
    // The main token is of no user.
    cx.main().get("/Me").await?.refuses(404, "")
}
