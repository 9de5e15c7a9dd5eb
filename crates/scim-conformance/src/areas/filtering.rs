//! Area 10: filtering.

use serde_json::{Value, json};

use super::discovery_content::refuses_filters;
use super::people::People;
use crate::check::{Verdict, area};
use crate::cx::{Cx, ENTERPRISE, PROBE, USER};
use crate::target::Profile;

area! {
    "7644-3.4.2.2-01": only_matches,
    "7644-3.4.2.2-02": letter_case,
    "7644-3.4.2.2-03": empty_filter,
    "7644-3.4.2.2-04": equal,
    "7644-3.4.2.2-05": not_equal,
    "7644-3.4.2.2-06": substrings,
    "7644-3.4.2.2-07": present,
    "7644-3.4.2.2-08": order_of_strings,
    "7644-3.4.2.2-09": order_of_times,
    "7644-3.4.2.2-10": order_of_numbers,
    "7644-3.4.2.2-11": no_order,
    "7644-3.4.2.2-12": operands,
    "7644-3.4.2.2-13": null,
    "7644-3.4.2.2-14": truth_table,
    "7644-3.4.2.2-15": precedence,
    "7644-3.4.2.2-16": negation,
    "7644-3.4.2.2-17": value_filters,
    "7644-3.4.2.2-18": comparison_after_value_filter,
    "7644-3.4.2.2-19": any_value,
    "7644-3.4.2.2-20": complex_attributes,
    "7644-3.4.2.2-21": uris,
    "7644-3.4.2.2-23": unknown_operator,
    "7644-3.4.2.2-24": unknown_attribute,
    "7644-3.4.2.2-26": defaults_match,
    "7644-3.4.2.2-27": malformed,
    "7644-3.4.2.2-28": limits,
    "7644-3.4.2.2-29": common_attributes,
    "7644-3.4.2.2-30": printed_examples,
}

/// Expects each filter to be refused.
async fn refused(cx: &Cx, filters: &[&str]) -> Verdict {
    for filter in filters {
        cx.filter("/Users", filter).await?.refuses(400, "invalidFilter")?;
    }
    Ok(())
}

async fn only_matches(cx: &Cx) -> Verdict {
    let people = (0..10).map(
        |at| json!({ "title": if at % 3 == 0 { "Boss" } else { "Clerk" }, "nickName": format!("n{at}") }),
    );
    let people = People::with(cx, people).await?;
    people.finds("title eq \"Boss\"", &[0, 3, 6, 9]).await?;
    people.finds("nickName sw \"n\"", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).await?;
    people.finds("nickName gt \"n7\"", &[8, 9]).await?;
    people.finds("title eq \"Boss\" and nickName ne \"n3\"", &[0, 6, 9]).await?;
    people.finds("title eq \"Nobody\"", &[]).await?;
    if let Some(off) = cx.part(cx.at(Profile::FeaturesOff))? {
        refuses_filters(&off.filter("/Users", "userName pr").await?)?;
    }
    Ok(())
}

async fn letter_case(cx: &Cx) -> Verdict {
    let people =
        People::with(cx, [json!({ "displayName": "John" }), json!({ "displayName": "Jane" })]).await?;
    for filter in [
        "displayName eq \"John\"",
        "DISPLAYNAME Eq \"john\"",
        "displayname EQ \"JOHN\" AND NOT (displayName PR AND displayName Sw \"ja\")",
    ] {
        people.finds(filter, &[0]).await?;
    }
    Ok(())
}

async fn empty_filter(cx: &Cx) -> Verdict {
    for query in ["filter=", "filter=%20", "filter"] {
        cx.get(&format!("/Users?{query}")).await?.refuses(400, "invalidFilter")?;
    }
    Ok(())
}

async fn equal(cx: &Cx) -> Verdict {
    let external = cx.unique("External");
    let one = json!({ "externalId": external, "displayName": "Bob", "title": "T " });
    let people =
        People::with(cx, [one, json!({ "externalId": external.to_lowercase(), "title": "T" })]).await?;
    people.finds("displayName eq \"bOB\"", &[0]).await?;
    people.finds("displayName eq \"Bo\"", &[]).await?;
    people.finds(&format!("externalId eq \"{external}\""), &[0]).await?;
    people.finds(&format!("externalId eq \"{}\"", external.to_lowercase()), &[1]).await?;
    people.finds("title eq \"T\"", &[1]).await?;
    people.finds("title eq \"T \"", &[0]).await
}

async fn not_equal(cx: &Cx) -> Verdict {
    let emails = |values: &[&str]| values.iter().map(|v| json!({ "value": v })).collect::<Vec<_>>();
    let people = People::with(
        cx,
        [
            json!({ "title": "x", "emails": emails(&["a@x"]) }),
            json!({ "title": "y", "emails": emails(&["a@x", "b@x"]) }),
            json!({}),
        ],
    )
    .await?;
    people.finds("title ne \"x\"", &[1, 2]).await?;
    people.finds("title ne \"z\"", &[0, 1, 2]).await?;
    people.finds("emails.value ne \"a@x\"", &[1, 2]).await
}

async fn substrings(cx: &Cx) -> Verdict {
    let named = |name: &str| json!({ "displayName": name });
    let people = People::with(cx, [named("bjensen"), named("Benson"), named("Bjarne"), json!({})]).await?;
    for (filter, wanted) in [
        ("displayName co \"EN\"", &[0, 1][..]),
        ("displayName sw \"bj\"", &[0, 2]),
        ("displayName ew \"son\"", &[1]),
        ("displayName sw \"benson\"", &[1]),
        ("displayName ew \"benson\"", &[1]),
        ("displayName sw \"ensen\"", &[]),
        ("displayName ew \"bjens\"", &[]),
        ("displayName co \"\"", &[0, 1, 2]),
        ("displayName sw \"\"", &[0, 1, 2]),
    ] {
        people.finds(filter, wanted).await?;
    }
    refused(cx, &["active co \"t\"", "meta.created sw \"2\"", "x509Certificates.value ew \"A\""]).await
}

async fn present(cx: &Cx) -> Verdict {
    let people = People::with(
        cx,
        [
            json!({ "title": "T", "name": { "givenName": "G" }, "emails": [{ "value": "a@x" }] }),
            json!({ "title": null, "name": { "givenName": null }, "emails": [] }),
            json!({ "title": "", "name": { "givenName": "" } }),
            json!({}),
        ],
    )
    .await?;
    for filter in ["title pr", "name pr", "name.givenName pr", "emails pr", "emails.value pr"] {
        people.finds(filter, &[0]).await?;
    }
    people.finds("userName pr", &[0, 1, 2, 3]).await?;
    people.finds("name.familyName pr", &[]).await
}

async fn order_of_strings(cx: &Cx) -> Verdict {
    let people =
        People::with(cx, ["a", "M", "z", "Émile"].map(|name| json!({ "displayName": name }))).await?;
    for (filter, wanted) in [
        ("displayName gt \"m\"", &[2, 3][..]),
        ("displayName ge \"m\"", &[1, 2, 3]),
        ("displayName lt \"m\"", &[0]),
        ("displayName le \"m\"", &[0, 1]),
        ("displayName gt \"B\"", &[1, 2, 3]),
    ] {
        people.finds(filter, wanted).await?;
    }
    Ok(())
}

async fn order_of_times(cx: &Cx) -> Verdict {
    let people = People::with(cx, [json!({})]).await?;
    people.finds("meta.lastModified ge \"2026-01-01T02:00:00+02:00\"", &[0]).await?;
    people.finds("meta.created lt \"2026-01-01T02:00:00+02:00\"", &[]).await?;
    refused(cx, &["meta.lastModified gt \"yesterday\"", "meta.created eq \"2026-01-01\""]).await?;
    cx.needs_probe()?;
    let at = |at: &str| json!({ PROBE: { "at": at } });
    let times = ["2026-01-01T00:30:00+02:00", "2025-12-31T23:00:00Z", "2026-01-01T00:00:00.000Z"];
    let people = People::with(cx, times.map(at)).await?;
    for (filter, wanted) in [
        ("gt \"2025-12-31T22:45:00Z\"", &[1, 2][..]),
        ("ge \"2025-12-31T22:30:00Z\"", &[0, 1, 2]),
        ("lt \"2026-01-01T01:00:00+02:00\"", &[0]),
        ("le \"2026-01-01T00:00:00+01:00\"", &[0, 1]),
        ("eq \"2026-01-01T02:00:00+02:00\"", &[2]),
    ] {
        people.finds(&format!("{PROBE}:at {filter}"), wanted).await?;
    }
    Ok(())
}

async fn order_of_numbers(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let people = People::with(
        cx,
        [json!({ PROBE: { "count": 9, "ratio": 2.5 } }), json!({ PROBE: { "count": 10, "ratio": 5.0 } })],
    )
    .await?;
    for (filter, wanted) in [
        ("count gt 9", &[1][..]),
        ("count ge 9", &[0, 1]),
        ("count lt 10", &[0]),
        ("count le 10", &[0, 1]),
        ("count eq 10", &[1]),
        ("ratio gt 2.5", &[1]),
        ("ratio eq 5", &[1]),
        ("ratio lt 10", &[0, 1]),
    ] {
        people.finds(&format!("{PROBE}:{filter}"), wanted).await?;
    }
    Ok(())
}

async fn no_order(cx: &Cx) -> Verdict {
    for operator in ["gt", "ge", "lt", "le"] {
        refused(
            cx,
            &[
                &format!("active {operator} true"),
                &format!("x509Certificates.value {operator} \"AAAA\""),
                &format!("name {operator} \"a\""),
            ],
        )
        .await?;
    }
    Ok(())
}

async fn operands(cx: &Cx) -> Verdict {
    let people =
        People::with(cx, [json!({ "active": true, "title": "a\"bé\\" }), json!({ "active": false })]).await?;
    people.finds("active eq true", &[0]).await?;
    people.finds("active eq false", &[1]).await?;
    people.finds(r#"title eq "a\"b\u00e9\\""#, &[0]).await?;
    if !cx.is_strict() {
        people.finds("active eq \"True\"", &[0]).await?;
    }
    if cx.part(cx.needs_probe())?.is_some() {
        let people = People::with(cx, [json!({ PROBE: { "ratio": -1.5 } })]).await?;
        people.finds(&format!("{PROBE}:ratio eq -1.5"), &[0]).await?;
        people.finds(&format!("{PROBE}:ratio eq -15e-1"), &[0]).await?;
    }
    refused(cx, &["active eq 5", "userName eq 5", "userName eq true", "title eq abc", "userName eq bjensen"])
        .await
}

async fn null(cx: &Cx) -> Verdict {
    let people = People::with(cx, [json!({ "title": "T" }), json!({})]).await?;
    people.finds("title eq null", &[1]).await?;
    people.finds("title ne null", &[0]).await?;
    refused(cx, &["title gt null", "title co null", "title sw null"]).await
}

/// Four users: all combinations of a title and a nickname.
async fn four(cx: &Cx) -> Verdict<People<'_>> {
    let person = |title: bool, nick: bool| -> Value {
        json!({ "title": title.then_some("T"), "nickName": nick.then_some("N") })
    };
    People::with(cx, [person(false, false), person(false, true), person(true, false), person(true, true)])
        .await
}

async fn truth_table(cx: &Cx) -> Verdict {
    let people = four(cx).await?;
    for (filter, wanted) in [
        ("title pr and nickName pr", &[3][..]),
        ("title pr or nickName pr", &[1, 2, 3]),
        ("not (title pr)", &[0, 1]),
        ("not (title pr or nickName pr)", &[0]),
        ("not (title pr) and nickName pr", &[1]),
        ("not (not (title pr))", &[2, 3]),
    ] {
        people.finds(filter, wanted).await?;
    }
    Ok(())
}

async fn precedence(cx: &Cx) -> Verdict {
    let people = four(cx).await?;
    for (filter, wanted) in [
        // With `or` first these would be others.
        ("title pr or nickName pr and title eq \"none\"", &[2, 3][..]),
        ("nickName eq \"none\" and title pr or nickName pr", &[1, 3]),
        ("(title pr or nickName pr) and title eq \"none\"", &[]),
        ("not (title pr) or nickName pr and title pr", &[0, 1, 3]),
        ("title eq \"T\" and nickName eq \"N\" or not (title pr) and not (nickName pr)", &[0, 3]),
    ] {
        people.finds(filter, wanted).await?;
    }
    Ok(())
}

async fn negation(cx: &Cx) -> Verdict {
    let people = four(cx).await?;
    for filter in ["not (title pr)", "not(title pr)", "NOT ( title pr )"] {
        people.finds(filter, &[0, 1]).await?;
    }
    refused(cx, &["not title pr", "not"]).await
}

async fn value_filters(cx: &Cx) -> Verdict {
    let email = |kind: &str, value: &str| json!({ "type": kind, "value": value });
    let people = People::with(
        cx,
        [
            json!({ "emails": [email("work", "x@a.example")] }),
            json!({ "emails": [email("work", "x@b.example"), email("home", "x@a.example")] }),
            json!({ "emails": [email("other", "x@b.example")] }),
        ],
    )
    .await?;
    for (filter, wanted) in [
        ("emails[type eq \"work\" and value co \"@a\"]", &[0][..]),
        ("emails.type eq \"work\" and emails.value co \"@a\"", &[0, 1]),
        ("emails[type eq \"home\" or type eq \"other\"]", &[1, 2]),
        ("emails[not (type eq \"work\")]", &[1, 2]),
        ("emails[(type eq \"work\" or type eq \"home\") and value co \"@b\"]", &[1]),
        ("emails[type eq \"work\"] and emails[value co \"@a\"]", &[0, 1]),
        ("not (emails[type eq \"work\"])", &[2]),
    ] {
        people.finds(filter, wanted).await?;
    }
    refused(cx, &["emails[type[value eq \"x\"]]", "emails[]"]).await
}

async fn comparison_after_value_filter(cx: &Cx) -> Verdict {
    let email = |kind: &str, value: &str| json!({ "type": kind, "value": value });
    let people = People::with(
        cx,
        [
            json!({ "emails": [email("work", "x@a.example"), email("home", "y@a.example")] }),
            json!({ "emails": [email("home", "x@a.example")] }),
        ],
    )
    .await?;
    people.finds("emails[type eq \"work\"].value eq \"x@a.example\"", &[0]).await?;
    people.finds("emails[type eq \"work\" and value eq \"x@a.example\"]", &[0]).await?;
    people.finds("emails[type eq \"home\"].value eq \"x@a.example\"", &[1]).await?;
    people.finds("emails[type eq \"home\"].value sw \"y\" and active eq true", &[0]).await
}

async fn any_value(cx: &Cx) -> Verdict {
    let two = json!({ "emails": [{ "value": "first@x" }, { "value": "second@x" }] });
    let people = People::with(cx, [two, json!({ "emails": [{ "value": "third@x" }] })]).await?;
    people.finds("emails.value eq \"first@x\"", &[0]).await?;
    people.finds("emails.value eq \"SECOND@x\"", &[0]).await?;
    people.finds("emails.value ew \"@x\"", &[0, 1]).await
}

async fn complex_attributes(cx: &Cx) -> Verdict {
    let mut with = json!({ "name": { "givenName": "B" }, "emails": [{ "value": "x@a.example" }] });
    let boss = cx.user(json!({})).await?;
    let has_manager = cx.part(cx.needs_enterprise())?.is_some();
    if has_manager {
        with[ENTERPRISE] = json!({ "manager": { "value": boss.id()? } });
    }
    let people = People::with(cx, [with, json!({ "name": { "givenName": "C" } })]).await?;
    people.finds("name.givenName eq \"B\"", &[0]).await?;
    people.finds("emails co \"x@A\"", &[0]).await?;
    if has_manager {
        people.finds(&format!("manager eq \"{}\"", boss.id()?), &[0]).await?;
        people.finds(&format!("{ENTERPRISE}:manager.value eq \"{}\"", boss.id()?), &[0]).await?;
    }
    refused(cx, &["name eq \"B\"", "name co \"B\""]).await?;
    if cx.part(cx.needs_groups())?.is_some() {
        let group = cx.group_of(&[&boss]).await?;
        cx.filter("/Groups", &format!("members eq \"{}\"", boss.id()?)).await?.lists(&[group.id()?])?;
    }
    Ok(())
}

async fn uris(cx: &Cx) -> Verdict {
    let mut with = json!({ "displayName": "Jo" });
    let has_department = cx.part(cx.needs_enterprise())?.is_some();
    if has_department {
        with[ENTERPRISE] = json!({ "department": "Dep" });
    }
    let people = People::with(cx, [with, json!({ "displayName": "Al" })]).await?;
    people.finds(&format!("{USER}:displayName sw \"J\""), &[0]).await?;
    people.finds(&format!("{}:displayname sw \"J\"", USER.to_uppercase()), &[0]).await?;
    people.finds(&format!("{USER}:name.givenName pr"), &[]).await?;
    if has_department {
        people.finds(&format!("{ENTERPRISE}:department eq \"dep\""), &[0]).await?;
        people.finds(&format!("{}:department eq \"dep\"", ENTERPRISE.to_lowercase()), &[0]).await?;
        people.finds("department eq \"dep\"", &[0]).await?;
    }
    Ok(())
}

async fn unknown_operator(cx: &Cx) -> Verdict {
    let reply = cx.filter("/Users", "userName regex \"x\"").await?;
    reply.refuses(400, "invalidFilter")?;
    reply.expect(reply.text("/detail")?.contains("regex"), "a detail that names the operator")?;
    refused(cx, &["userName equals \"x\"", "userName \"x\"", "userName == \"x\""]).await
}

async fn unknown_attribute(cx: &Cx) -> Verdict {
    refused(cx, &["shoeSize eq 1", "name.shoeSize eq \"x\"", "shoeSize pr", "emails[shoeSize eq 1]"]).await
}

async fn defaults_match(cx: &Cx) -> Verdict {
    let people = People::with(cx, [json!({}), json!({ "active": false })]).await?;
    people.finds("active eq true", &[0]).await?;
    people.finds("active eq false", &[1]).await
}

async fn malformed(cx: &Cx) -> Verdict {
    refused(
        cx,
        &[
            "userName eq \"x",
            "emails[type eq \"work\"",
            "(userName eq \"x\"",
            "userName eq \"x\")",
            "userName eq \"x\" and",
            "and userName eq \"x\"",
            "userName eq \"x\" or or title pr",
            "userName eq \"x\" title pr",
            "userName eq",
            "userName",
            "userName pr \"x\"",
            "userName eq 'x'",
        ],
    )
    .await?;
    let people = People::with(cx, [json!({ "displayName": "a b" })]).await?;
    people.finds("  displayName   eq   \"a b\"  ", &[0]).await?;
    let plus = format!("/Users?filter=userType+eq+%22{}%22%20and+displayName+eq%20%22a+b%22", people.mark);
    cx.get(&plus).await?.lists(&[&people.ids[0]])?;
    Ok(())
}

async fn limits(cx: &Cx) -> Verdict {
    let deep = format!("{}title pr{}", "(".repeat(200), ")".repeat(200));
    let long = format!("title eq \"{}\"", "a".repeat(100_000));
    let search = |filter: &str| {
        let uri = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        json!({ "schemas": [uri], "filter": filter })
    };
    cx.filter("/Users", &deep).await?.refuses(400, "invalidFilter")?;
    for filter in [deep, long] {
        cx.post("/Users/.search", &search(&filter)).await?.refuses(400, "invalidFilter")?;
    }
    People::with(cx, [json!({ "title": "T" })]).await?.finds("((((title pr))))", &[0]).await
}

async fn common_attributes(cx: &Cx) -> Verdict {
    let mut with = json!({ "externalId": cx.unique("External") });
    let external = with["externalId"].clone();
    let has_enterprise = cx.part(cx.needs_enterprise())?.is_some();
    if has_enterprise {
        with[ENTERPRISE] = json!({ "department": "D" });
    }
    let people = People::with(cx, [with, json!({})]).await?;
    people.finds(&format!("id eq \"{}\"", people.ids[1]), &[1]).await?;
    people.finds(&format!("externalId eq {external}"), &[0]).await?;
    people.finds(&format!("schemas eq \"{USER}\""), &[0, 1]).await?;
    if has_enterprise {
        people.finds(&format!("schemas eq \"{ENTERPRISE}\""), &[0]).await?;
    }
    people.finds("meta.resourceType eq \"User\"", &[0, 1]).await?;
    people.finds("meta.resourceType eq \"user\"", &[]).await?;
    people.finds("meta.resourceType eq \"Group\"", &[]).await?;
    people.finds("meta.created lt \"2001-01-01T00:00:00Z\"", &[]).await?;
    people.finds("meta.created gt \"2001-01-01T00:00:00Z\" and meta.lastModified pr", &[0, 1]).await?;
    let location = format!("{}/Users/{}", cx.place.service_url(), people.ids[0]);
    people.finds(&format!("meta.location eq \"{location}\""), &[0]).await
}

async fn printed_examples(cx: &Cx) -> Verdict {
    for filter in [
        "userName eq \"bjensen\"",
        "name.familyName co \"O'Malley\"",
        "userName sw \"J\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"",
        "title pr",
        "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
        "meta.lastModified ge \"2011-05-13T04:42:34Z\"",
        "meta.lastModified lt \"2011-05-13T04:42:34Z\"",
        "meta.lastModified le \"2011-05-13T04:42:34Z\"",
        "title pr and userType eq \"Employee\"",
        "title pr or userType eq \"Intern\"",
        "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
        "userType eq \"Employee\" and (emails co \"example.com\" or emails.value co \"example.org\")",
        "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
        "userType eq \"Employee\" and (emails.type eq \"work\")",
        "userType eq \"Employee\" and emails[type eq \"work\" and value co \"@example.com\"]",
        "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\" and value co \"@foo.com\"]",
    ] {
        let list = cx.filter("/Users", filter).query("count", 1).await?.is(200)?;
        list.expect(list.json["totalResults"].is_u64(), "a list")?;
    }
    Ok(())
}
