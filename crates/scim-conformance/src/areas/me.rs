//! Area 18: `/Me`.

use serde_json::json;

use crate::check::{Verdict, area};
use crate::cx::{Cx, USER};
use crate::target::Profile;

area! {
    "7644-3.11-01": not_offered,
    "7644-3.11-02": redirected,
    "7644-3.11-03": (alone direct),
}

async fn not_offered(cx: &Cx) -> Verdict {
    let off = cx.at(Profile::MeOff)?;
    off.get("/Me").await?.refuses(501, "")?;
    off.post("/Me", &cx.user_body(json!({}))).await?.refuses(501, "")?;
    let change = json!([{ "op": "replace", "path": "title", "value": "T" }]);
    off.patch("/Me", &change).await?.refuses(501, "")
}

async fn redirected(cx: &Cx) -> Verdict {
    let id = cx.user_of(Profile::MeRedirect)?;
    let cx = cx.at(Profile::MeRedirect)?;
    let user = cx.read(&format!("/Users/{}", crate::call::encode(&id))).await?;
    let reply = cx.get("/Me").await?.is(308)?;
    let location = reply.needs_header("Location")?;
    reply.expect(location == user.text("/meta/location")?, "the location of the user")?;
    cx.read(location).await?.shows("/id", id)?;
    Ok(())
}

/// 7644-3.12-08: what was not done at `/Me` is done where that leads, by the same method.
pub(super) async fn redirects_keep_the_method(cx: &Cx) -> Verdict {
    let id = cx.user_of(Profile::MeRedirect)?;
    let cx = cx.at(Profile::MeRedirect)?;
    let path = format!("/Users/{}", crate::call::encode(&id));
    let user = cx.read(&path).await?;
    let titles = [cx.unique("put"), cx.unique("patched")];
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": titles[0] });
    let change = json!([{ "op": "replace", "path": "title", "value": titles[1] }]);
    let ask = |path: &str, at: usize| {
        if at == 0 { cx.put(path, &body) } else { cx.patch(path, &change) }
    };
    for (at, title) in titles.iter().enumerate() {
        let reply = ask("/Me", at).await?.any_of(&[307, 308])?;
        let untouched = cx.read(&path).await?;
        untouched.expect(untouched.json["title"] != **title, "a user that is as before")?;
        ask(reply.needs_header("Location")?, at).await?.any_of(&[200, 204])?;
        cx.read(&path).await?.shows("/title", title.as_str())?;
    }
    Ok(())
}

async fn direct(cx: &Cx) -> Verdict {
    let id = cx.user_of(Profile::SelfService)?;
    let own = cx.at(Profile::SelfService)?;
    let user = own.read(&format!("/Users/{}", crate::call::encode(&id))).await?;
    let url = user.text("/meta/location")?;
    let (title, changed) = (cx.unique("title"), cx.unique("changed"));
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": title });
    let change = json!([{ "op": "replace", "path": "title", "value": changed }]);
    for call in [own.get("/Me"), own.put("/Me", &body), own.get("/Me"), own.patch("/Me", &change)] {
        let reply = call.await?.any_of(&[200, 204])?;
        reply.expect(reply.header("Location") == Some(url), format!("the header Location: {url}"))?;
        if reply.status == 200 {
            reply.shows("/id", id.as_str())?.shows("/meta/location", url)?;
        }
    }
    own.read(url).await?.shows("/title", changed)?;
    own.get("/Me").without("Authorization").await?.refuses(401, "")?;
    // The main token is of no user.
    own.with_main_token().get("/Me").await?.refuses(404, "")
}
