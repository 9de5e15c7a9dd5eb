//! Area 9: read and query.

use serde_json::json;

use crate::check::{Verdict, area, not_testable};
use crate::cx::Cx;
use crate::reply::{LIST, Reply};
use crate::target::Profile;

area! {
    "7644-3.4.1-01": read,
    "7644-3.4.1-02": unknown_id,
    "7644-3.4.1-03": only_the_id,
    "7644-3.4.2-01": list_response,
    "7644-3.4.2-02": total_results,
    "7644-3.4.2-03": partial_results,
    "7644-3.4.2-05": no_match,
    "7644-3.4.2-06": unknown_parameters,
    "7644-3.4.2-07": entries_are_representations,
    "7644-3.4.2.1-01": root_query,
    "7644-3.4.2.1-02": too_many,
    "7644-3.4.2.1-03": unknown_at_the_root,
    "7644-3.4.2.1-04": query_on_a_resource,
}

async fn read(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T" })).await?;
    let read = cx.read(&user.path()?).await?;
    read.shows("/id", user.id()?)?.shows("/title", "T")?.shows("/userName", user.text("/userName")?)?;
    read.needs_header("Content-Type")?;
    if cx.facts().supports("etag") {
        read.needs_header("ETag")?;
    }
    let location = read.needs_header("Location")?;
    read.shows("/meta/location", location)?;
    Ok(())
}

async fn unknown_id(cx: &Cx) -> Verdict {
    cx.get("/Users/none").await?.refuses(404, "")?;
    cx.get(&format!("/Users/{}", cx.unique("none"))).await?.refuses(404, "")
}

async fn only_the_id(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "externalId": cx.unique("external") })).await?;
    for attribute in ["/userName", "/externalId"] {
        let value = crate::call::encode(user.text(attribute)?);
        cx.get(&format!("/Users/{value}")).await?.refuses(404, "")?;
    }
    Ok(())
}

async fn list_response(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let is_list = |reply: &Reply| -> Verdict {
        reply.shows("/schemas", json!([LIST]))?;
        reply.expect(reply.json["totalResults"].is_u64(), "totalResults")?;
        Ok(())
    };
    is_list(&cx.get("/Users").query("count", 2).await?.is(200)?)?;
    is_list(cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?.lists(&[user.id()?])?)?;
    if cx.part(cx.needs_groups())?.is_some() {
        is_list(&cx.get("/Groups").query("count", 2).await?.is(200)?)?;
    }
    Ok(())
}

/// Users with a mark of their own: the filter that finds them, and their ids in order of creation.
pub(super) async fn marked_users(cx: &Cx, count: usize) -> Verdict<(String, Vec<String>)> {
    let mark = cx.unique("mark");
    let mut ids = Vec::new();
    for at in 0..count {
        let user = cx.user(json!({ "userName": format!("{at:03}-{mark}"), "userType": mark })).await?;
        ids.push(user.id()?.to_owned());
    }
    Ok((format!("userType eq \"{mark}\""), ids))
}

async fn total_results(cx: &Cx) -> Verdict {
    let (filter, _) = marked_users(cx, 25).await?;
    let page = cx.filter("/Users", &filter).query("count", 10).await?.is(200)?;
    page.shows("/totalResults", 25)?;
    page.expect(page.ids()?.len() <= 10, "at most 10 resources")?;
    Ok(())
}

async fn partial_results(cx: &Cx) -> Verdict {
    let (filter, _) = marked_users(cx, 25).await?;
    let page = cx.filter("/Users", &filter).query("count", 10).await?.is(200)?;
    page.shows("/startIndex", 1)?.shows("/itemsPerPage", 10)?.shows("/totalResults", 25)?;
    page.expect(page.list("/Resources").len() == 10, "10 resources")?;
    let empty = cx.filter("/Users", &format!("userName eq \"{}\"", cx.unique("nobody"))).await?.is(200)?;
    empty.shows("/startIndex", 1)?.shows("/itemsPerPage", 0)?.shows("/totalResults", 0)?;
    Ok(())
}

async fn no_match(cx: &Cx) -> Verdict {
    let none = cx.filter("/Users", &format!("userName eq \"{}\"", cx.unique("nobody"))).await?.is(200)?;
    none.shows("/totalResults", 0)?.shows("/schemas", json!([LIST]))?;
    none.expect(none.list("/Resources").is_empty(), "no resources")?;
    Ok(())
}

async fn unknown_parameters(cx: &Cx) -> Verdict {
    let (filter, ids) = marked_users(cx, 2).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    cx.filter("/Users", &filter).query("foo", "bar").query("_", 1).await?.lists(&ids)?;
    cx.get("/Users").query("foo", "bar").query("count", 1).await?.is(200)?;
    Ok(())
}

async fn entries_are_representations(cx: &Cx) -> Verdict {
    let (filter, ids) = marked_users(cx, 2).await?;
    let list = cx.filter("/Users", &filter).query("attributes", "userName").await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    list.lists(&ids)?;
    for at in 0..2 {
        list.has(&format!("/Resources/{at}/schemas/0"))?;
        list.has(&format!("/Resources/{at}/userName"))?;
        list.lacks(&format!("/Resources/{at}/userType"))?;
    }
    Ok(())
}

async fn root_query(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let of = |kind: &str, id: &str| format!("meta.resourceType eq \"{kind}\" and id eq \"{id}\"");
    cx.filter("/", &of("User", user.id()?)).await?.lists(&[user.id()?])?;
    cx.filter("/", &of("Group", user.id()?)).await?.lists(&[])?;
    let group = cx.group(json!({})).await?;
    let both = format!("id eq \"{}\" or id eq \"{}\"", user.id()?, group.id()?);
    cx.filter("/", &both).await?.lists(&[user.id()?, group.id()?])?;
    cx.filter("/", "meta.resourceType eq \"Schema\"").await?.lists(&[])?;
    cx.get("/").query("count", 1).await?.is(200)?.shows("/itemsPerPage", 1)?;
    Ok(())
}

async fn too_many(cx: &Cx) -> Verdict {
    let most = cx.addition(Profile::Ceiling)?.most.and_then(|most| usize::try_from(most).ok());
    let Some(most) = most.filter(|most| *most <= 200) else {
        return not_testable("the target names no `most`, of 200 or less, with the profile `ceiling`");
    };
    let cx = cx.at(Profile::Ceiling)?;
    let (filter, ids) = marked_users(&cx, most).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    cx.filter("/Users", &filter).query("count", most).await?.lists(&ids)?;
    let one_more = cx.user(json!({ "title": "T" })).await?;
    let wider = format!("{filter} or id eq \"{}\"", one_more.id()?);
    cx.filter("/Users", &wider).await?.refuses(400, "tooMany")?;
    let uri = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let search = json!({ "schemas": [uri], "filter": wider });
    cx.post("/Users/.search", &search).await?.refuses(400, "tooMany")
}

async fn unknown_at_the_root(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let group = cx.group(json!({})).await?;
    let (user, group) = (user.id()?, group.id()?);
    let both = format!("(id eq \"{user}\" or id eq \"{group}\")");
    cx.filter("/", &format!("{both} and userName pr")).await?.lists(&[user])?;
    cx.filter("/", &format!("{both} and not (userName pr)")).await?.lists(&[group])?;
    Ok(())
}

async fn query_on_a_resource(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T" })).await?;
    let call = cx.get(&user.path()?).query("filter", "title eq \"other\"").query("sortBy", "title");
    call.query("startIndex", 5).query("count", 0).await?.is(200)?.shows("/id", user.id()?)?;
    Ok(())
}
