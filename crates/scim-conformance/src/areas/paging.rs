//! Area 11: sorting and index pagination.

use std::collections::BTreeSet;

use serde_json::json;

use super::people::People;
use crate::call::Call;
use crate::check::{Verdict, area};
use crate::cx::{Cx, PROBE};
use crate::target::Profile;

area! {
    "7644-3.4.2.3-01": sorted,
    "7644-3.4.2.3-02": sort_order,
    "7644-3.4.2.3-03": multi_valued,
    "7644-3.4.2.3-04": complex,
    "7644-3.4.2.3-05": no_value,
    "7644-3.4.2.3-06": order_of_types,
    "7644-3.4.2.4-01": start_index,
    "7644-3.4.2.4-02": no_more_than_count,
    "7644-3.4.2.4-04": count_of_nothing,
    "7644-3.4.2.4-05": page_size_of_the_server,
    "7644-3.4.2.4-06": items_per_page,
    "7644-3.4.2.4-07": beyond_the_end,
    "7644-3.4.2.4-08": no_integers,
    "7644-3.4.2.4-09": walk,
}

fn by<'c>(people: &People<'c>, attribute: &str) -> Call<'c> {
    people.all().query("sortBy", attribute)
}

async fn sorted(cx: &Cx) -> Verdict {
    let people = People::with(cx, ["c", "a", "b"].map(|name| json!({ "displayName": name }))).await?;
    people.in_order(&by(&people, "displayName").await?, &[1, 2, 0])?;
    if let Some(off) = cx.part(cx.at(Profile::FeaturesOff))? {
        off.get("/Users").query("sortBy", "userName").query("count", 1).await?.is(200)?;
    }
    Ok(())
}

async fn sort_order(cx: &Cx) -> Verdict {
    let people = People::with(cx, ["c", "a", "b"].map(|name| json!({ "displayName": name }))).await?;
    for order in ["ascending", "Ascending"] {
        people.in_order(&by(&people, "displayName").query("sortOrder", order).await?, &[1, 2, 0])?;
    }
    for order in ["descending", "DESCENDING"] {
        people.in_order(&by(&people, "displayName").query("sortOrder", order).await?, &[0, 2, 1])?;
    }
    by(&people, "displayName").query("sortOrder", "upwards").await?.refuses(400, "invalidValue")
}

async fn multi_valued(cx: &Cx) -> Verdict {
    let people = People::with(
        cx,
        [
            json!({ "emails": [{ "value": "a@x" }, { "value": "c@x", "primary": true }] }),
            json!({ "emails": [{ "value": "b@x" }, { "value": "d@x" }] }),
            json!({ "emails": [{ "value": "e@x" }, { "value": "a@x", "primary": true }] }),
        ],
    )
    .await?;
    for attribute in ["emails.value", "emails"] {
        people.in_order(&by(&people, attribute).await?, &[2, 1, 0])?;
    }
    Ok(())
}

async fn complex(cx: &Cx) -> Verdict {
    let named = |name: &str| json!({ "name": { "familyName": name } });
    let people = People::with(cx, [named("Ray"), named("Abel")]).await?;
    people.in_order(&by(&people, "name.familyName").await?, &[1, 0])?;
    for attribute in ["name", "shoeSize", "name.shoeSize"] {
        by(&people, attribute).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn no_value(cx: &Cx) -> Verdict {
    let people = People::with(cx, [json!({}), json!({ "title": "b" }), json!({ "title": "a" })]).await?;
    people.in_order(&by(&people, "title").await?, &[2, 1, 0])?;
    people.in_order(&by(&people, "title").query("sortOrder", "descending").await?, &[0, 1, 2])
}

async fn order_of_types(cx: &Cx) -> Verdict {
    let mark = cx.unique("External");
    let person = |name: &str, active: bool, exact: &str| json!({ "displayName": name, "active": active, "externalId": format!("{exact}{mark}") });
    let people =
        People::with(cx, [person("c", true, "a"), person("B", false, "B"), person("a", true, "C")]).await?;
    people.in_order(&by(&people, "displayName").await?, &[2, 1, 0])?;
    // An exact attribute has the capitals first.
    people.in_order(&by(&people, "externalId").await?, &[1, 2, 0])?;
    people.in_order(&by(&people, "meta.created").await?, &[0, 1, 2])?;
    // Ties in the order of ids.
    let mut active: Vec<usize> = vec![0, 2];
    active.sort_by_key(|at| &people.ids[*at]);
    people.in_order(&by(&people, "active").await?, &[1, active[0], active[1]])?;
    cx.needs_probe()?;
    let people = People::with(
        cx,
        [json!({ PROBE: { "count": 10, "ratio": 2 } }), json!({ PROBE: { "count": 9, "ratio": 10.5 } })],
    )
    .await?;
    people.in_order(&by(&people, &format!("{PROBE}:count")).await?, &[1, 0])?;
    people.in_order(&by(&people, &format!("{PROBE}:ratio")).await?, &[0, 1])
}

async fn some(cx: &Cx, count: usize) -> Verdict<People<'_>> {
    People::with(cx, (0..count).map(|_| json!({}))).await
}

async fn start_index(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    let all = people.all().await?.ids_in_order()?;
    for start in [json!(null), json!(1), json!(0), json!(-5)] {
        let call = people.all().query("count", 2);
        let call = if start.is_null() { call } else { call.query("startIndex", start) };
        let page = call.await?.is(200)?;
        page.shows("/startIndex", 1)?;
        page.expect(all.get(..2) == Some(&page.ids_in_order()?[..]), format!("the first two of {all:?}"))?;
    }
    let page = people.all().query("startIndex", 3).query("count", 2).await?.is(200)?;
    page.shows("/startIndex", 3)?;
    page.expect(all.get(2..) == Some(&page.ids_in_order()?[..]), format!("the last of {all:?}"))?;
    Ok(())
}

async fn no_more_than_count(cx: &Cx) -> Verdict {
    let people = some(cx, 4).await?;
    for count in [1, 2, 3] {
        let page = people.all().query("count", count).await?.is(200)?;
        page.expect(page.list("/Resources").len() <= count, format!("at most {count} resources"))?;
        page.shows("/totalResults", 4)?;
    }
    Ok(())
}

async fn count_of_nothing(cx: &Cx) -> Verdict {
    let people = some(cx, 2).await?;
    for count in [0, -1] {
        let page = people.all().query("count", count).await?.is(200)?;
        page.shows("/totalResults", 2)?.shows("/Resources", json!([]))?.shows("/itemsPerPage", 0)?;
    }
    Ok(())
}

async fn page_size_of_the_server(cx: &Cx) -> Verdict {
    let people = some(cx, 3).await?;
    people.all().query("count", 100_000).await?.is(200)?.shows("/itemsPerPage", 3)?;
    people.all().await?.is(200)?.shows("/itemsPerPage", 3)?;
    // That the server does set the size shows only where there is more than a page.
    let small = cx.at(Profile::SmallPages)?;
    let config = small.read("/ServiceProviderConfig").await?;
    let most = config.json["filter"]["maxResults"].as_u64().unwrap_or_default();
    let many = some(&small, usize::try_from(most).unwrap_or(100).min(100) + 1).await?;
    let page = many.all().query("count", 100_000).await?.is(200)?;
    page.shows("/itemsPerPage", most)?;
    page.expect(page.list("/Resources").len() as u64 == most, format!("{most} resources"))?;
    Ok(())
}

async fn items_per_page(cx: &Cx) -> Verdict {
    let people = some(cx, 25).await?;
    for (start, count) in [(1, 10), (11, 10), (21, 5)] {
        let page = people.all().query("startIndex", start).query("count", 10).await?.is(200)?;
        page.shows("/itemsPerPage", count)?.shows("/totalResults", 25)?;
        page.expect(page.list("/Resources").len() == count, format!("{count} resources"))?;
    }
    Ok(())
}

async fn beyond_the_end(cx: &Cx) -> Verdict {
    let people = some(cx, 2).await?;
    let page = people.all().query("startIndex", 999).await?.is(200)?;
    page.shows("/totalResults", 2)?.shows("/Resources", json!([]))?.shows("/startIndex", 999)?;
    Ok(())
}

async fn no_integers(cx: &Cx) -> Verdict {
    for (name, value) in [("count", "ten"), ("startIndex", "1.5"), ("startIndex", "x"), ("count", "")] {
        cx.get("/Users").query(name, value).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

/// A walk through 250 users in pages of 100, in the order the server takes when none is asked for.
async fn walk(cx: &Cx) -> Verdict {
    let people = some(cx, 250).await?;
    let mut seen = Vec::new();
    for _ in 0..10 {
        let page = people.all().query("startIndex", seen.len() + 1).query("count", 100).await?.is(200)?;
        page.shows("/totalResults", 250)?;
        let ids = page.ids_in_order()?;
        if ids.is_empty() {
            break;
        }
        seen.extend(ids);
    }
    let all = people.all().query("count", 1).await?;
    let distinct: BTreeSet<&String> = seen.iter().collect();
    all.expect(
        seen.len() == 250 && distinct.len() == 250 && people.ids.iter().all(|id| distinct.contains(id)),
        "each of the 250 users once on the pages together",
    )?;
    Ok(())
}
