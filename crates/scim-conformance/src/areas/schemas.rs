//! Area 2: the schemas array, common attributes, extensions.

use serde_json::{Value, json};

use crate::check::{Verdict, area, not_testable};
use crate::cx::{Cx, ENTERPRISE, GROUP, USER};
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "7643-3-01": schemas_everywhere,
    "7643-3-02": unknown_uris,
    "7643-3-03": duplicate_uris,
    "7643-3-04": base_uri,
    "7643-3-05": extensions_with_data,
    "7643-3.3-01": extension_container,
    "7643-3.1-01": id_is_issued,
    "7643-3.1-03": no_bulk_id,
    "7643-3.1-04": id_is_exact_and_shown,
    "7643-3.1-05": no_external_id,
    "7643-3.1-06": external_id,
    "7643-3.1-07": forged_meta,
    "7643-3.1-08": meta_is_whole,
    "7643-3.1-09": times,
    "7643-3.1-10": location,
    "7643-3.1-12": schema_that_lists_id,
}

async fn schemas_everywhere(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    user.shows("/schemas", json!([USER]))?;
    cx.read(&user.path()?).await?.shows("/schemas", json!([USER]))?;
    let list = cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?;
    list.shows("/Resources/0/schemas", json!([USER]))?;
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": "T" });
    cx.put(&user.path()?, &body).await?.is(200)?.shows("/schemas", json!([USER]))?;
    let name = cx.unique("user");
    for body in [json!({ "userName": name }), json!({ "schemas": [], "userName": name })] {
        cx.post("/Users", &body).await?.refuses(400, "invalidSyntax")?;
        cx.put(&user.path()?, &body).await?.refuses(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn unknown_uris(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    let unknown = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    let body = cx.group_body(json!({ "schemas": [GROUP, unknown] }));
    let reply = cx.post("/Groups", &body).await?;
    if cx.is_strict() {
        return reply.refuses(400, "invalidSyntax");
    }
    reply.is(201)?.shows("/schemas", json!([GROUP]))?;
    Ok(())
}

async fn duplicate_uris(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "schemas": [USER, USER.to_uppercase(), USER] })).await?;
    user.shows("/schemas", json!([USER]))?;
    cx.needs_enterprise()?;
    let with = |schemas: Value| json!({ "schemas": schemas, ENTERPRISE: { "department": "D" } });
    let one = cx.user(with(json!([USER, ENTERPRISE]))).await?;
    let two = cx.user(with(json!([ENTERPRISE, USER]))).await?;
    two.shows("/schemas", one.json["schemas"].clone())?;
    two.shows(&format!("/{ENTERPRISE}"), one.json[ENTERPRISE].clone())?;
    Ok(())
}

async fn base_uri(cx: &Cx) -> Verdict {
    cx.needs_enterprise()?;
    let body = cx.user_body(json!({ "schemas": [ENTERPRISE], ENTERPRISE: { "department": "D" } }));
    let reply = cx.post("/Users", &body).await?;
    if cx.is_strict() {
        return reply.refuses(400, "invalidSyntax");
    }
    let user = reply.is(201)?;
    user.expect(user.list("/schemas").contains(&json!(USER)), "the base URI in schemas")?;
    Ok(())
}

async fn extensions_with_data(cx: &Cx) -> Verdict {
    cx.needs_enterprise()?;
    let user = cx.user(json!({ ENTERPRISE: { "department": "D" } })).await?;
    let uris = |reply: &Reply| -> Vec<Value> { reply.list("/schemas").to_vec() };
    let shown = cx.read(&user.path()?).await?;
    let both = uris(&shown).contains(&json!(USER)) && uris(&shown).contains(&json!(ENTERPRISE));
    shown.expect(both, "both URIs in schemas")?;
    let selected = cx.get(&user.path()?).query("attributes", "userName").await?;
    selected
        .expect(uris(&selected).contains(&json!(ENTERPRISE)), "the URI although the data is not selected")?;
    let clear = json!([{ "op": "remove", "path": format!("{ENTERPRISE}:department") }]);
    cx.patched(&user.path()?, clear).await?.shows("/schemas", json!([USER]))?;
    let without = cx.user(json!({ "schemas": [USER, ENTERPRISE] })).await?;
    without.shows("/schemas", json!([USER]))?;
    Ok(())
}

async fn extension_container(cx: &Cx) -> Verdict {
    cx.needs_enterprise()?;
    let user = cx.user(json!({ "title": "T", ENTERPRISE: { "employeeNumber": "7" } })).await?;
    let shown = cx.read(&user.path()?).await?;
    shown.shows(&format!("/{ENTERPRISE}/employeeNumber"), "7")?.lacks("/employeeNumber")?;
    shown.shows("/title", "T")?.lacks(&format!("/{ENTERPRISE}/title"))?;
    let body = cx.user_body(json!({ "schemas": [USER], ENTERPRISE: { "employeeNumber": "8" } }));
    let reply = cx.post("/Users", &body).await?;
    if cx.is_strict() {
        return reply.refuses(400, "invalidSyntax");
    }
    let user = reply.is(201)?;
    user.shows(&format!("/{ENTERPRISE}/employeeNumber"), "8")?;
    user.expect(user.list("/schemas").contains(&json!(ENTERPRISE)), "the URI added to schemas")?;
    Ok(())
}

async fn id_is_issued(cx: &Cx) -> Verdict {
    let (name, foreign) = (cx.unique("user"), cx.unique("foreign"));
    let with = || json!({ "userName": name, "id": foreign });
    let user = cx.user(with()).await?;
    let (id, path) = (user.id()?.to_owned(), user.path()?);
    user.expect(!id.is_empty() && id != foreign, "an id of the server's own")?;
    let body = json!({ "schemas": [USER], "userName": name, "title": "T" });
    cx.put(&path, &body).await?.is(200)?.shows("/id", id.as_str())?;
    cx.read(&path).await?.shows("/id", id.as_str())?.shows("/title", "T")?;
    cx.delete(&path).await?.is(204)?;
    let again = cx.user(with()).await?;
    again.expect(again.id()? != id, "another id than that of the deleted user")?;
    Ok(())
}

async fn no_bulk_id(cx: &Cx) -> Verdict {
    for _ in 0..3 {
        let user = cx.user(json!({})).await?;
        let holds = user.id()?.to_ascii_lowercase().contains("bulkid");
        user.expect(!holds, "an id without the word bulkId")?;
    }
    Ok(())
}

async fn id_is_exact_and_shown(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T" })).await?;
    let (id, path) = (user.id()?, user.path()?);
    cx.get(&path).query("excludedAttributes", "id").await?.is(200)?.shows("/id", id)?;
    cx.get(&path).query("attributes", "title").await?.is(200)?.shows("/id", id)?;
    let upper = id.to_ascii_uppercase();
    if upper != id {
        cx.get(&format!("/Users/{}", crate::call::encode(&upper))).await?.refuses(404, "")?;
    }
    Ok(())
}

async fn no_external_id(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    user.lacks("/externalId")?;
    cx.read(&user.path()?).await?.lacks("/externalId")?;
    Ok(())
}

async fn external_id(cx: &Cx) -> Verdict {
    let external = cx.unique("External");
    let one = cx.user(json!({ "externalId": external })).await?;
    let two = cx.user(json!({ "externalId": external })).await?;
    one.shows("/externalId", external.as_str())?;
    let filter = format!("externalId eq \"{external}\"");
    cx.filter("/Users", &filter).await?.lists(&[one.id()?, two.id()?])?;
    let lower = format!("externalId eq \"{}\"", external.to_lowercase());
    cx.filter("/Users", &lower).await?.lists(&[])?;
    let body = json!({ "schemas": [USER], "userName": one.text("/userName")?, "externalId": "changed" });
    cx.put(&one.path()?, &body).await?.is(200)?.shows("/externalId", "changed")?;
    if let Some(other) = cx.part(cx.at(Profile::SecondTenant))? {
        let theirs = other.user(json!({ "externalId": external })).await?;
        other.filter("/Users", &filter).await?.lists(&[theirs.id()?])?;
        cx.filter("/Users", &filter).await?.lists(&[two.id()?])?;
    }
    Ok(())
}

async fn forged_meta(cx: &Cx) -> Verdict {
    let forged = json!({
        "resourceType": "Group", "created": "2001-01-01T00:00:00Z", "lastModified": "2001-01-01T00:00:00Z",
        "location": "https://forged.example/", "version": "W/\"forged\"",
    });
    let user = cx.user(json!({ "meta": forged })).await?;
    let body =
        json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": "T", "meta": forged });
    let put = cx.put(&user.path()?, &body).await?.is(200)?;
    for reply in [&user, &put, &cx.read(&user.path()?).await?] {
        reply.shows("/meta/resourceType", "User")?;
        for part in ["created", "lastModified", "location", "version"] {
            let same = reply.json["meta"][part] == forged[part];
            reply.expect(!same, format!("the server's own meta.{part}"))?;
        }
    }
    Ok(())
}

async fn meta_is_whole(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let read = cx.read(&user.path()?).await?;
    let list = cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?;
    for (reply, pointer) in [(&user, "/meta"), (&read, "/meta"), (&list, "/Resources/0/meta")] {
        reply.shows(&format!("{pointer}/resourceType"), "User")?;
        for part in ["created", "lastModified", "location"] {
            reply.text(&format!("{pointer}/{part}"))?;
        }
        if cx.facts().supports("etag") {
            reply.text(&format!("{pointer}/version"))?;
        }
    }
    Ok(())
}

async fn times(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let created = user.text("/meta/created")?;
    user.shows("/meta/lastModified", created)?;
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": "T" });
    let put = cx.put(&user.path()?, &body).await?.is(200)?;
    let changed = cx.read(&user.path()?).await?;
    for reply in [&put, &changed] {
        reply.shows("/meta/created", created)?;
        let later = reply.text("/meta/lastModified")? >= created;
        reply.expect(later, "lastModified not before created")?;
    }
    Ok(())
}

async fn location(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let location = user.text("/meta/location")?;
    user.expect(user.header("Location") == Some(location), "the header Location equal to meta.location")?;
    user.expect(location.starts_with("http"), "an absolute URI as meta.location")?;
    if let Some(content) = user.header("Content-Location") {
        user.expect(content == location, "Content-Location equal to meta.location")?;
    }
    cx.read(location).await?.shows("/id", user.id()?)?.shows("/meta/location", location)?;
    Ok(())
}

async fn schema_that_lists_id(cx: &Cx) -> Verdict {
    let gadget = super::discovery_content::gadget(cx, json!({})).await?;
    let id = gadget.id()?;
    cx.read(&gadget.path()?).await?;
    let upper = id.to_ascii_uppercase();
    if upper == id {
        return not_testable("the ids of the server have no letters");
    }
    cx.get(&format!("/Gadgets/{upper}")).await?.refuses(404, "")?;
    cx.filter("/Gadgets", &format!("id eq \"{id}\"")).await?.lists(&[id])?;
    cx.filter("/Gadgets", &format!("id eq \"{upper}\"")).await?.lists(&[])?;
    Ok(())
}
