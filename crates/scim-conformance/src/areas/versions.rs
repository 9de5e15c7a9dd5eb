//! Area 20: protocol version, ETags.

use serde_json::{Value, json};

use crate::check::{Verdict, area};
use crate::cx::{Cx, USER};
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "7644-3.13-01": version_segment,
    "7644-3.13-02": other_versions,
    "7644-3.14-01": tags,
    "7644-3.14-02": (alone tags_follow_changes),
    "7644-3.14-03": (alone if_none_match),
    "7644-3.14-04": if_match,
    "7644-3.14-05": unconditional,
    "7644-3.14-06": concurrent_writers,
}

async fn version_segment(cx: &Cx) -> Verdict {
    let cx = cx.at(Profile::Versioned)?;
    let user = cx.user(json!({})).await?;
    for path in [format!("/Users/{}", user.id()?), format!("/v2/Users/{}", user.id()?)] {
        cx.read(&path).await?.shows("/id", user.id()?)?;
    }
    cx.get("/v2/Users").query("count", 1).await?.is(200)?;
    Ok(())
}

async fn other_versions(cx: &Cx) -> Verdict {
    let cx = cx.at(Profile::Versioned)?;
    for path in ["/v1/Users", "/v9/Users"] {
        cx.get(path).await?.refuses(400, "invalidVers")?;
    }
    Ok(())
}

fn needs_tags(cx: &Cx) -> Verdict {
    if cx.facts().supports("etag") {
        return Ok(());
    }
    crate::check::not_testable("the server announces that it offers no entity tags")
}

/// The tag in the header, which must be that in the body.
fn tag(reply: &Reply) -> Verdict<&str> {
    let tag = reply.needs_header("ETag")?;
    if !reply.body.is_empty() {
        reply.shows("/meta/version", tag)?;
    }
    Ok(tag)
}

/// The body of a PUT of a user with a title.
fn titled(user: &Reply, title: &str) -> Verdict<Value> {
    Ok(json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": title }))
}

async fn tags(cx: &Cx) -> Verdict {
    needs_tags(cx)?;
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let put = cx.put(&path, &titled(&user, "T")?).await?.is(200)?;
    let read = cx.read(&path).await?;
    for reply in [&user, &put, &read] {
        reply.expect(tag(reply)?.starts_with("W/\""), "a weak tag")?;
    }
    if cx.facts().supports("patch") {
        let change = json!([{ "op": "replace", "path": "title", "value": "U" }]);
        tag(&cx.patch(&path, &change).await?.any_of(&[200, 204])?)?;
    }
    let list = cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?.is(200)?;
    list.text("/Resources/0/meta/version")?;
    list.expect(list.header("ETag").is_none(), "no ETag with a list")?;
    Ok(())
}

async fn tags_follow_changes(cx: &Cx) -> Verdict {
    needs_tags(cx)?;
    let user = cx.user(json!({ "title": "T" })).await?;
    let path = user.path()?;
    let read = cx.read(&path).await?;
    read.expect(tag(&read)? == tag(&user)?, "the tag as it was, since nothing changed")?;
    let set = |title: &str| json!([{ "op": "replace", "path": "title", "value": title }]);
    let same = cx.patched(&path, set("T")).await?;
    same.expect(tag(&same)? == tag(&user)?, "the tag as it was, since nothing changed")?;
    let other = cx.patched(&path, set("U")).await?;
    other.expect(tag(&other)? != tag(&user)?, "another tag, since the title changed")?;
    Ok(())
}

async fn if_none_match(cx: &Cx) -> Verdict {
    needs_tags(cx)?;
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let current = tag(&user)?;
    for tags in [current, &format!("W/\"none\", {current}"), "*"] {
        let reply = cx.get(&path).header("If-None-Match", tags).await?.is(304)?;
        reply.expect(reply.body.is_empty(), "no body")?;
    }
    cx.get(&path).header("If-None-Match", "W/\"none\"").await?.is(200)?.shows("/id", user.id()?)?;
    cx.get(&path).query("attributes", "title").header("If-None-Match", current).await?.is(304)?;
    Ok(())
}

async fn if_match(cx: &Cx) -> Verdict {
    needs_tags(cx)?;
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    let stale = tag(&user)?;
    let changed = cx.put(&path, &titled(&user, "T")?).header("If-Match", stale).await?.is(200)?;
    cx.put(&path, &titled(&user, "U")?).header("If-Match", stale).await?.refuses(412, "")?;
    let set = json!([{ "op": "replace", "path": "title", "value": "U" }]);
    if cx.facts().supports("patch") {
        cx.patch(&path, &set).header("If-Match", stale).await?.refuses(412, "")?;
    }
    cx.delete(&path).header("If-Match", stale).await?.refuses(412, "")?;
    cx.read(&path).await?.shows("/title", "T")?;
    if cx.facts().supports("patch") {
        let patched = cx.patch(&path, &set).header("If-Match", tag(&changed)?).await?;
        patched.any_of(&[200, 204])?;
    }
    cx.put(&path, &titled(&user, "V")?).header("If-Match", "*").await?.is(200)?.shows("/title", "V")?;
    let current = cx.read(&path).await?;
    cx.delete(&path).header("If-Match", tag(&current)?).await?.is(204)?;
    Ok(())
}

async fn unconditional(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    cx.put(&user.path()?, &titled(&user, "T")?).await?.is(200)?.shows("/title", "T")?;
    if let Some(cx) = cx.part(cx.at(Profile::IfMatchRequired))? {
        let user = cx.user(json!({})).await?;
        let path = user.path()?;
        cx.put(&path, &titled(&user, "T")?).await?.refuses(428, "")?;
        cx.put(&path, &titled(&user, "T")?).header("If-Match", tag(&user)?).await?.is(200)?;
        // Without its tag it does not go.
        let tag = tag(&cx.read(&path).await?)?.to_owned();
        cx.delete(&path).header("If-Match", tag).await?.is(204)?;
    }
    Ok(())
}

async fn concurrent_writers(cx: &Cx) -> Verdict {
    needs_tags(cx)?;
    for _ in 0..5 {
        let user = cx.user(json!({})).await?;
        let path = user.path()?;
        let set = |title: &str| json!([{ "op": "replace", "path": "title", "value": title }]);
        let (one, two) = (set("one"), set("two"));
        let (one, two) =
            tokio::join!(async { cx.patch(&path, &one).header("If-Match", tag(&user)?).await }, async {
                cx.patch(&path, &two).header("If-Match", tag(&user)?).await
            },);
        let (one, two) = (one?, two?);
        let (won, lost, title) = if one.status < 300 { (one, two, "one") } else { (two, one, "two") };
        won.any_of(&[200, 204])?;
        lost.refuses(412, "")?;
        cx.read(&path).await?.shows("/title", title)?;
    }
    Ok(())
}
