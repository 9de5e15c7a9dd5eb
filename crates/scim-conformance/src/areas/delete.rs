//! Area 16: delete.

use serde_json::json;

use super::resources::member_op;
use crate::check::{Verdict, area};
use crate::cx::Cx;

area! {
    "7644-3.6-01": no_content,
    "7644-3.6-02": gone,
    "7644-3.6-03": not_listed,
    "7644-3.6-04": no_conflict,
    "7644-3.6-05": references,
}

async fn no_content(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let reply = cx.delete(&user.path()?).await?.is(204)?;
    reply.expect(reply.body.is_empty(), "no body")?;
    Ok(())
}

async fn gone(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    cx.delete(&path).await?.is(204)?;
    cx.get(&path).await?.refuses(404, "")?;
    cx.put(&path, &cx.user_body(json!({}))).await?.refuses(404, "")?;
    cx.delete(&path).await?.refuses(404, "")?;
    if cx.facts().supports("patch") {
        let change = json!([{ "op": "replace", "path": "title", "value": "T" }]);
        cx.patch(&path, &change).await?.refuses(404, "")?;
    }
    Ok(())
}

async fn not_listed(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let filters =
        [format!("id eq \"{}\"", user.id()?), format!("userName eq \"{}\"", user.text("/userName")?)];
    for filter in &filters {
        cx.filter("/Users", filter).await?.lists(&[user.id()?])?;
    }
    cx.delete(&user.path()?).await?.is(204)?;
    for filter in &filters {
        cx.filter("/Users", filter).await?.lists(&[])?;
    }
    let root = cx.filter("/", &filters[0]).await?;
    // A server need not offer a query at its root.
    if root.status == 200 {
        root.lists(&[])?;
    }
    Ok(())
}

async fn no_conflict(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    cx.delete(&user.path()?).await?.is(204)?;
    let again = cx.user(json!({ "userName": user.text("/userName")? })).await?;
    again.expect(again.id()? != user.id()?, "another id")?;
    Ok(())
}

async fn references(cx: &Cx) -> Verdict {
    let (one, two) = (cx.user(json!({})).await?, cx.user(json!({})).await?);
    let group = cx.group_of(&[&one, &two]).await?;
    let path = group.path()?;
    let before = cx.read(&path).await?;
    // Times have milliseconds: the deletion is to come later than the creation.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    cx.delete(&one.path()?).await?.is(204)?;
    let after = cx.read(&path).await?;
    after.expect(after.list("/members").len() == 1, "one member")?.shows("/members/0/value", two.id()?)?;
    let later = after.text("/meta/lastModified")? > before.text("/meta/lastModified")?;
    after.expect(later, "a later lastModified")?;
    cx.read(&two.path()?).await?.has("/groups/0/value")?;
    cx.delete(&path).await?.is(204)?;
    cx.read(&two.path()?).await?.lacks("/groups")?;
    let other = cx.group(json!({})).await?;
    if cx.facts().supports("patch") {
        cx.patch(&other.path()?, &member_op("add", one.id()?)).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}
