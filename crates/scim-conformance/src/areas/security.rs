//! Area 21: strings, tenancy, security.

use serde_json::json;

use super::people::People;
use crate::check::{Verdict, area, not_testable};
use crate::cx::{Cx, USER};
use crate::target::Profile;

area! {
    "7644-5-01": user_names_are_prepared,
    "7644-7.8-01": texts_are_prepared,
    "7644-6-01": ids_per_tenant,
    "7644-6-02": tenants_are_apart,
    "7644-7.2-01": "the transport is not the server's alone: TLS may end in front of it",
    "7644-7.3-01": tokens,
    "7644-7.5.2-01": sensitive_filters,
    "7644-7.7-01": injection,
    "7643-9.3-01": "the log of a server cannot be seen over HTTP",
}

async fn user_names_are_prepared(cx: &Cx) -> Verdict {
    let mark = cx.unique("name");
    // The same name composed, decomposed and in full width.
    let forms = [format!("zo\u{eb}-{mark}"), format!("zoe\u{308}-{mark}"), format!("\u{ff5a}o\u{eb}-{mark}")];
    let user = cx.user(json!({ "userName": forms[0] })).await?;
    user.shows("/userName", forms[0].as_str())?;
    for other in &forms[1..] {
        cx.post("/Users", &cx.user_body(json!({ "userName": other }))).await?.refuses(409, "uniqueness")?;
        cx.filter("/Users", &format!("userName eq \"{other}\"")).await?.lists(&[user.id()?])?;
    }
    // Another name it is without the diaeresis.
    cx.user(json!({ "userName": format!("zoe-{mark}") })).await?;
    Ok(())
}

async fn texts_are_prepared(cx: &Cx) -> Verdict {
    let people =
        People::with(cx, ["Zo\u{eb}", "STRASSE", "zoe"].map(|name| json!({ "displayName": name }))).await?;
    people.finds("displayName eq \"Zoe\u{308}\"", &[0]).await?;
    people.finds("displayName eq \"ZOE\u{308}\"", &[0]).await?;
    people.finds("displayName co \"e\u{308}\"", &[0]).await?;
    people.finds("displayName eq \"strasse\"", &[1]).await?;
    people.finds("displayName eq \"zoe\"", &[2]).await
}

async fn ids_per_tenant(cx: &Cx) -> Verdict {
    let other = cx.at(Profile::SecondTenant)?;
    let here = cx.main();
    let with = json!({ "userName": cx.unique("user"), "externalId": cx.unique("external") });
    here.user(with.clone()).await?;
    other.user(with.clone()).await?.shows("/userName", with["userName"].clone())?;
    Ok(())
}

async fn tenants_are_apart(cx: &Cx) -> Verdict {
    let (here, other) = (cx.main(), cx.at(Profile::SecondTenant)?);
    let theirs = other.user(json!({})).await?;
    let path = theirs.path()?;
    here.get(&path).await?.refuses(404, "")?;
    here.put(&path, &cx.user_body(json!({}))).await?.refuses(404, "")?;
    here.delete(&path).await?.refuses(404, "")?;
    let (id, name) = (theirs.id()?, theirs.text("/userName")?);
    for filter in [format!("id eq \"{id}\""), format!("userName eq \"{name}\"")] {
        here.filter("/Users", &filter).await?.lists(&[])?;
        other.filter("/Users", &filter).await?.lists(&[id])?;
    }
    if cx.part(cx.needs_groups())?.is_some() {
        let body = here.group_body(json!({ "members": [{ "value": id }] }));
        here.post("/Groups", &body).await?.refuses(400, "invalidValue")?;
    }
    if cx.facts().supports("bulk") {
        let bulk = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{ "method": "DELETE", "path": path }],
        });
        here.post("/Bulk", &bulk).await?.is(200)?.shows("/Operations/0/status", "404")?;
    }
    other.read(&path).await?.shows("/id", id)?;
    Ok(())
}

async fn tokens(cx: &Cx) -> Verdict {
    let in_the_url = cx.get("/Users").query("access_token", cx.place.token.as_str());
    in_the_url.without("Authorization").await?.refuses(401, "")?;
    let in_the_body = cx.post("/Users", &cx.user_body(json!({ "access_token": cx.place.token })));
    in_the_body.without("Authorization").await?.refuses(401, "")?;
    let expired = cx.at(Profile::Expired)?;
    let reply = expired.get("/Users").await?;
    reply.refuses(401, "")?;
    reply.needs_header("WWW-Authenticate")?;
    Ok(())
}

async fn sensitive_filters(cx: &Cx) -> Verdict {
    let Some(attribute) = &cx.addition(Profile::Sensitive)?.attribute else {
        return not_testable("the target names no attribute with the profile `sensitive`");
    };
    let cx = cx.at(Profile::Sensitive)?;
    let value = cx.unique("value");
    let with = match attribute.split_once('.') {
        Some((list, part)) => json!({ list: [{ part: value }] }),
        None => json!({ attribute: value }),
    };
    let user = cx.user(with).await?;
    let filter = format!("{attribute} eq \"{value}\"");
    let upper = format!("{} eq \"{value}\"", attribute.to_uppercase());
    let among = format!("userName pr and not ({filter})");
    let mut filters = vec![filter.clone(), upper, among, format!("{attribute} pr")];
    if let Some((list, part)) = attribute.split_once('.') {
        filters.push(format!("{list}[{part} eq \"{value}\"]"));
    }
    for asking in &filters {
        cx.filter("/Users", asking).await?.refuses(403, "sensitive")?;
    }
    // Other attributes may be asked about, and the body of a POST is in no URL.
    cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?.lists(&[user.id()?])?;
    let uri = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let search = cx.post("/Users/.search", &json!({ "schemas": [uri], "filter": filter })).await?;
    search.is(200)?.lists(&[user.id()?])?;
    Ok(())
}

async fn injection(cx: &Cx) -> Verdict {
    for text in [
        "'; DROP TABLE resource; --",
        "\" or 1 eq 1 or \"",
        "*)(uid=*))(|(uid=*",
        "%' OR '1'='1",
        "a\\b%_c",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "line\r\nSet-Cookie: a=b",
    ] {
        let name = format!("{text}{}", cx.unique("-"));
        let user = cx.user(json!({ "userName": name, "displayName": text })).await?;
        let shown = cx.read(&user.path()?).await?;
        shown.shows("/userName", name.as_str())?.shows("/displayName", text)?;
        shown.expect(shown.header("Set-Cookie").is_none(), "no header made of a value")?;
        let filter = format!("userName eq {}", json!(name));
        cx.filter("/Users", &filter).await?.lists(&[user.id()?])?;
        let co = format!("id eq \"{}\" and displayName co {}", user.id()?, json!(text));
        cx.filter("/Users", &co).await?.lists(&[user.id()?])?;
    }
    let body = format!(r#"{{"schemas":["{USER}"],"userName":"a\u0000b"}}"#);
    cx.call("POST", "/Users").bytes(body).await?.refuses(400, "invalidValue")?;
    cx.get("/Users/%00").await?.refuses(404, "")
}
