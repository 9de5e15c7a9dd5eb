//! Area 22: cursor pagination.

use std::time::Duration;

use serde_json::{Value, json};

use super::people::People;
use crate::call::Call;
use crate::check::{Verdict, area};
use crate::cx::Cx;
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "9865-2-01": walk,
    "9865-2-02": empty_cursor,
    "9865-2-03": no_previous_on_the_first_page,
    "9865-2-04": characters,
    "9865-2-05": counts,
    "9865-2-06": total_results,
    "9865-2.1-01": bad_cursor,
    "9865-2.1-02": too_old,
    "9865-2.1-03": bad_count,
    "9865-2.1-04": another_query,
    "9865-2.2-01": sorted,
    "9865-2.3-01": cursor_only,
    "9865-2.4-01": default_method,
    "9865-2.4-02": both_methods,
    "9865-3-01": search_body,
    "9865-4-01": announced,
    "9865-5.2-01": grants_nothing,
    "9865-5.2-02": "no request over SCIM takes a permission away from a token",
}

async fn some(cx: &Cx, count: usize) -> Verdict<People<'_>> {
    People::with(cx, (0..count).map(|_| json!({}))).await
}

/// The first page of a walk.
fn first<'c>(people: &People<'c>, count: i64) -> Call<'c> {
    people.all().query("cursor", "").query("count", count)
}

fn next(page: &Reply) -> Verdict<&str> {
    page.text("/nextCursor")
}

fn after<'c>(people: &People<'c>, page: &Reply, count: i64) -> Verdict<Call<'c>> {
    Ok(people.all().query("cursor", next(page)?).query("count", count))
}

async fn walk(cx: &Cx) -> Verdict {
    let people = some(cx, 25).await?;
    let mut page = first(&people, 10).await?.is(200)?;
    let mut seen = page.ids_in_order()?;
    for size in [10, 5] {
        page = after(&people, &page, 10)?.await?.is(200)?;
        let ids = page.ids_in_order()?;
        page.expect(ids.len() == size, format!("{size} resources"))?;
        seen.extend(ids);
    }
    page.lacks("/nextCursor")?;
    seen.sort_unstable();
    let mut all = people.ids.clone();
    all.sort_unstable();
    page.expect(seen == all, "each of the 25 users once on the pages together")?;
    Ok(())
}

async fn empty_cursor(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let one = first(&people, 2).await?.is(200)?;
    next(&one)?;
    let filter = crate::call::encode(&people.filter());
    let bare = cx.get(&format!("/Users?cursor&count=2&filter={filter}")).await?.is(200)?;
    next(&bare)?;
    bare.expect(bare.ids_in_order()? == one.ids_in_order()?, "the first page")?;
    Ok(())
}

async fn no_previous_on_the_first_page(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let page = first(&people, 2).await?.is(200)?;
    next(&page)?;
    page.lacks("/previousCursor")?;
    Ok(())
}

async fn characters(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let page = first(&people, 1).await?.is(200)?;
    let cursor = next(&page)?;
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    page.expect(!cursor.is_empty() && cursor.chars().all(unreserved), "unreserved characters alone")?;
    let opaque = !people.ids.iter().any(|id| cursor.contains(id)) && !cursor.contains(&people.mark);
    page.expect(opaque, "a cursor that shows nothing of the data")?;
    Ok(())
}

async fn counts(cx: &Cx) -> Verdict {
    let people = some(cx, 12).await?;
    let page = first(&people, 10).await?.is(200)?;
    page.expect(page.list("/Resources").len() <= 10, "at most 10 resources")?;
    for count in [0, -1] {
        let page = first(&people, count).await?.is(200)?;
        page.shows("/totalResults", 12)?.lacks("/nextCursor")?;
        page.expect(page.list("/Resources").is_empty(), "no resources")?;
    }
    Ok(())
}

async fn total_results(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let page = first(&people, 2).await?.is(200)?;
    for page in [after(&people, &page, 2)?.await?.is(200)?, page] {
        let total = page.json.get("totalResults");
        page.expect(total.is_none_or(|total| *total == 3), "totalResults 3, or none")?;
    }
    Ok(())
}

async fn bad_cursor(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let page = first(&people, 1).await?.is(200)?;
    let good = next(&page)?;
    let mut altered: Vec<char> = good.chars().collect();
    let middle = altered.len() / 2;
    if let Some(c) = altered.get_mut(middle) {
        *c = if *c == 'A' { 'B' } else { 'A' };
    }
    let altered: String = altered.into_iter().collect();
    for bad in ["garbage", &altered] {
        let call = people.all().query("cursor", bad).query("count", 1);
        call.await?.refuses(400, "invalidCursor")?;
    }
    if cx.part(cx.needs_groups())?.is_some() {
        let call = cx.get("/Groups").query("cursor", good).query("count", 1);
        call.await?.refuses(400, "invalidCursor")?;
    }
    after(&people, &page, 1)?.await?.is(200)?;
    Ok(())
}

async fn too_old(cx: &Cx) -> Verdict {
    let seconds = cx.addition(Profile::ShortCursor)?.seconds.unwrap_or(1).min(60);
    let cx = cx.at(Profile::ShortCursor)?;
    let people = some(&cx, 3).await?;
    let page = first(&people, 1).await?.is(200)?;
    tokio::time::sleep(Duration::from_secs(seconds + 1)).await;
    after(&people, &page, 1)?.await?.refuses(400, "expiredCursor")
}

async fn bad_count(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let text = people.all().query("cursor", "").query("count", "abc");
    text.await?.refuses(400, "invalidCount")?;
    let page = first(&people, 1).await?.is(200)?;
    after(&people, &page, 2)?.await?.refuses(400, "invalidCount")?;
    // More than the server gives is a shorter page (A19).
    let all = first(&people, 100_000).await?.is(200)?;
    all.lacks("/nextCursor")?.expect(all.list("/Resources").len() == 3, "3 resources")?;
    let Ok(small) = cx.at(Profile::SmallPages) else { return Ok(()) };
    let most = page_size(&small, "maxPageSize").await?;
    let many = some(&small, most + 1).await?;
    let page = first(&many, 100_000).await?.is(200)?;
    page.expect(page.list("/Resources").len() == most, format!("{most} resources"))?;
    next(&page)?;
    Ok(())
}

/// A page size of the service with small pages.
async fn page_size(small: &Cx, name: &str) -> Verdict<usize> {
    let config = small.read("/ServiceProviderConfig").await?;
    let said = config.json["pagination"].get(name).or_else(|| config.json["filter"].get("maxResults"));
    match said.and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok()) {
        Some(size) if size <= 100 => Ok(size),
        _ => config.wrong(format!("pagination.{name} or filter.maxResults, at most 100")),
    }
}

async fn another_query(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let page = first(&people, 1).await?.is(200)?;
    let cursor = next(&page)?;
    let other = people.matching("userName pr").query("cursor", cursor).query("count", 1);
    other.await?.refuses(400, "invalidCursor")?;
    after(&people, &page, 1)?.query("sortBy", "userName").await?.refuses(400, "invalidCursor")?;
    after(&people, &page, 1)?.query("attributes", "userName").await?.is(200)?;
    Ok(())
}

async fn sorted(cx: &Cx) -> Verdict {
    let people =
        People::with(cx, ["c", "a", "e", "b", "d"].map(|name| json!({ "displayName": name }))).await?;
    let mut page = first(&people, 2).query("sortBy", "displayName").await?.is(200)?;
    let mut names: Vec<Value> = Vec::new();
    for rest in [true, true, false] {
        names.extend(page.list("/Resources").iter().map(|user| user["displayName"].clone()));
        if rest {
            page = after(&people, &page, 2)?.query("sortBy", "displayName").await?.is(200)?;
        }
    }
    page.expect(names == ["a", "b", "c", "d", "e"], "the users by name over all pages")?;
    Ok(())
}

async fn cursor_only(cx: &Cx) -> Verdict {
    let cx = cx.at(Profile::CursorOnly)?;
    let people = some(&cx, 3).await?;
    next(&people.all().query("count", 2).await?.is(200)?)?;
    people.all().query("startIndex", 2).await?.refuses(400, "invalidValue")
}

async fn default_method(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let config = cx.read("/ServiceProviderConfig").await?;
    let page = people.all().query("count", 2).await?.is(200)?;
    if config.json["pagination"]["defaultPaginationMethod"] == "cursor" {
        next(&page)?;
        return Ok(());
    }
    page.shows("/startIndex", 1)?.lacks("/nextCursor")?;
    Ok(())
}

async fn both_methods(cx: &Cx) -> Verdict {
    let call = cx.get("/Users").query("cursor", "").query("startIndex", 1);
    call.await?.refuses(400, "invalidValue")
}

async fn search_body(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let ask = |cursor: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": people.filter(),
            "cursor": cursor,
            "count": 2,
        })
    };
    let page = cx.post("/Users/.search", &ask("")).await?.is(200)?;
    page.expect(page.list("/Resources").len() == 2, "two resources")?;
    let last = cx.post("/Users/.search", &ask(next(&page)?)).await?.is(200)?;
    last.lacks("/nextCursor")?.expect(last.list("/Resources").len() == 1, "one resource")?;
    Ok(())
}

async fn announced(cx: &Cx) -> Verdict {
    let config = cx.read("/ServiceProviderConfig").await?;
    config.shows("/pagination/cursor", true)?;
    config.expect(config.json["pagination"]["index"].is_boolean(), "pagination.index")?;
    if let Some(method) = config.json["pagination"].get("defaultPaginationMethod") {
        config.expect(*method == "index" || *method == "cursor", "index or cursor as the default")?;
    }
    let only = cx.at(Profile::CursorOnly)?.read("/ServiceProviderConfig").await?;
    only.shows("/pagination/cursor", true)?.shows("/pagination/index", false)?;
    let off = cx.at(Profile::FeaturesOff)?.read("/ServiceProviderConfig").await?;
    let offers = off.json.pointer("/pagination/cursor") == Some(&json!(true));
    off.expect(!offers, "no pagination.cursor where it is off")?;
    sizes_are_true(&cx.at(Profile::SmallPages)?).await?;
    let seconds = cx.addition(Profile::ShortCursor)?.seconds;
    let short = cx.at(Profile::ShortCursor)?.read("/ServiceProviderConfig").await?;
    let said = short.json["pagination"].get("cursorTimeout");
    let is_true = said.is_none_or(|said| seconds.is_none_or(|seconds| *said == seconds));
    short.expect(is_true, "pagination.cursorTimeout as long as a cursor lives")?;
    Ok(())
}

/// Expects pages of the sizes that are announced, where they are.
async fn sizes_are_true(small: &Cx) -> Verdict {
    let config = small.read("/ServiceProviderConfig").await?;
    let said = |name: &str| config.json["pagination"].get(name).and_then(Value::as_u64);
    let (usual, most) = (said("defaultPageSize"), said("maxPageSize"));
    if let (Some(usual), Some(most)) = (usual, most) {
        config.expect(usual <= most, "a defaultPageSize within maxPageSize")?;
    }
    let Some(largest) = most.or(usual).filter(|size| *size <= 100) else { return Ok(()) };
    let people = some(small, usize::try_from(largest).unwrap_or_default() + 1).await?;
    let walk = people.all().query("cursor", "");
    for (call, size) in [(walk, usual), (first(&people, 100_000), most)] {
        let Some(size) = size else { continue };
        let page = call.await?.is(200)?;
        page.expect(page.list("/Resources").len() as u64 == size, format!("{size} resources, as announced"))?;
    }
    Ok(())
}

async fn grants_nothing(cx: &Cx) -> Verdict {
    let cx = cx.main();
    let people = some(&cx, 3).await?;
    let page = first(&people, 1).await?.is(200)?;
    let other = cx.at(Profile::SecondTenant)?;
    let call = other.filter("/Users", &people.filter()).query("cursor", next(&page)?).query("count", 1);
    call.await?.refuses(400, "invalidCursor")?;
    after(&people, &page, 1)?.without("Authorization").await?.refuses(401, "")
}
