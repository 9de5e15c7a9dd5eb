//! Area 1: attribute data types and values.

use serde_json::{Value, json};

use crate::check::{Verdict, area};
use crate::cx::{Cx, ENTERPRISE, PROBE, USER};
use crate::target::Profile;

area! {
    "7643-2.1-01": names_ignore_case,
    "7643-2.1-02": published_names,
    "7643-2.2-01": default_characteristics,
    "7643-2.3-01": json_types,
    "7643-2.3.1-01": any_unicode,
    "7643-2.3.1-02": canonical_values_are_suggestions,
    "7643-2.3.4-01": numbers,
    "7643-2.3.5-01": date_times,
    "7643-2.3.6-01": binary,
    "7643-2.3.7-01": relative_references,
    "7643-2.3.7-02": references_lead_somewhere,
    "7643-2.3.7-03": dangling_references,
    "7643-2.3.8-01": order_of_keys,
    "7643-2.3.8-02": no_complex_in_complex,
    "7643-2.4-01": one_primary,
    "7643-2.4-02": no_element_twice,
    "7643-2.4-03": values_as_sent,
    "7643-2.4-04": versions_in_references,
    "7643-2.4-05": display_is_writable,
    "7643-2.5-01": unassigned,
}

async fn names_ignore_case(cx: &Cx) -> Verdict {
    let name = cx.unique("user");
    let body =
        json!({ "schemas": [USER], "USERNAME": name, "Name": { "GIVENNAME": "Lea", "familyName": "Ray" } });
    let user = cx.post("/Users", &body).await?.is(201)?;
    user.shows("/userName", name.as_str())?.shows("/name/givenName", "Lea")?;
    cx.filter("/Users", &format!("USERNAME eq \"{name}\"")).await?.lists(&[user.id()?])?;
    let shown = cx.get(&user.path()?).query("attributes", "NAME.givenname").await?.is(200)?;
    shown.shows("/name/givenName", "Lea")?;
    let other = cx.unique("user");
    let twice = format!(r#"{{"schemas":["{USER}"],"userName":"{other}","USERNAME":"{other}"}}"#);
    cx.call("POST", "/Users").bytes(twice).await?.refuses(400, "invalidSyntax")
}

async fn published_names(cx: &Cx) -> Verdict {
    let schemas = cx.read("/Schemas").await?;
    let mut names = 0;
    for attribute in
        schemas.list("/Resources").iter().flat_map(|schema| each_attribute(&schema["attributes"]))
    {
        let name = attribute["name"].as_str().unwrap_or_default();
        let rest = name.strip_prefix('$').unwrap_or(name);
        let fits = rest.starts_with(|c: char| c.is_ascii_alphabetic())
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || "$-_".contains(c));
        schemas.expect(fits, format!("an attribute name instead of {name:?}"))?;
        names += 1;
    }
    schemas.expect(names > 0, "schemas with attributes")?;
    Ok(())
}

/// An attribute and its sub-attributes, all in one list.
pub(super) fn each_attribute(attributes: &Value) -> Vec<&Value> {
    let own = attributes.as_array().into_iter().flatten();
    own.flat_map(|attribute| {
        std::iter::once(attribute).chain(attribute["subAttributes"].as_array().into_iter().flatten())
    })
    .collect()
}

async fn default_characteristics(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let value = cx.unique("Plain");
    let first = cx.user(json!({ PROBE: { "plain": value } })).await?;
    first.shows(&format!("/{PROBE}/plain"), value.as_str())?;
    let second = cx.user(json!({ PROBE: { "plain": value } })).await?;
    let filter = format!("{PROBE}:plain eq \"{}\"", value.to_uppercase());
    cx.filter("/Users", &filter).await?.lists(&[first.id()?, second.id()?])?;
    let change = json!([{ "op": "replace", "path": format!("{PROBE}:plain"), "value": "other" }]);
    cx.patched(&first.path()?, change).await?.shows(&format!("/{PROBE}/plain"), "other")?;
    cx.user(json!({})).await?.lacks(&format!("/{PROBE}"))?;
    let schema = cx.read(&format!("/Schemas/{PROBE}")).await?;
    let plain = schema.list("/attributes").iter().find(|attribute| attribute["name"] == "plain");
    let defaults = json!({
        "type": "string", "multiValued": false, "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    for (characteristic, default) in defaults.as_object().into_iter().flatten() {
        let shown = plain.and_then(|plain| plain.get(characteristic));
        schema.expect(shown == Some(default), format!("`plain` with {characteristic} = {default}"))?;
    }
    Ok(())
}

async fn json_types(cx: &Cx) -> Verdict {
    for wrong in [json!({ "active": "maybe" }), json!({ "userName": 7 }), json!({ "name": "x" })] {
        cx.post("/Users", &cx.user_body(wrong)).await?.refuses(400, "invalidValue")?;
    }
    let as_text = cx.user_body(json!({ "active": "False" }));
    let lone = cx.user_body(json!({ "emails": { "value": "a@example.com", "type": "work" } }));
    if cx.is_strict() {
        return cx.post("/Users", &as_text).await?.refuses(400, "invalidValue");
    }
    cx.post("/Users", &as_text).await?.is(201)?.shows("/active", false)?;
    cx.post("/Users", &lone).await?.is(201)?.shows("/emails/0/value", "a@example.com")?;
    Ok(())
}

async fn any_unicode(cx: &Cx) -> Verdict {
    let text = "🦀 Zoe\u{308} \u{5d0}\u{5d1}\u{5d2} e\u{301}\u{327} \u{1f468}\u{200d}\u{1f469}";
    let user = cx.user(json!({ "displayName": text })).await?;
    user.shows("/displayName", text)?;
    cx.read(&user.path()?).await?.shows("/displayName", text)?;
    Ok(())
}

async fn canonical_values_are_suggestions(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [{ "value": "a@example.com", "type": "school" }] })).await?;
    cx.read(&user.path()?).await?.shows("/emails/0/type", "school")?;
    Ok(())
}

async fn numbers(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    for (attribute, literal, good) in [
        ("count", "5", true),
        ("count", "-7", true),
        ("count", "5.5", false),
        ("count", "1e3", false),
        ("count", "\"5\"", false),
        ("ratio", "3.14", true),
        ("ratio", "7", true),
        ("ratio", "\"3.14\"", false),
    ] {
        let name = cx.unique("user");
        let body = format!(
            r#"{{"schemas":["{USER}","{PROBE}"],"userName":"{name}","{PROBE}":{{"{attribute}":{literal}}}}}"#
        );
        let reply = cx.call("POST", "/Users").bytes(body).await?;
        if good {
            let user = reply.is(201)?;
            let shown = cx.read(&user.path()?).await?;
            let wanted: f64 = literal.parse().unwrap_or_default();
            let number = shown.json[PROBE][attribute].as_f64();
            shown.expect(number == Some(wanted), format!("{attribute} = {literal}"))?;
        } else {
            reply.refuses(400, "invalidValue")?;
        }
    }
    Ok(())
}

async fn date_times(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let created = user.text("/meta/created")?;
    let shape = created.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let is_utc = shape.eq(*b"0000-00-00T00:00:00.000Z");
    user.expect(is_utc, "meta.created in UTC with `Z` and milliseconds")?;
    cx.needs_probe()?;
    let body = |at: &str| cx.user_body(json!({ PROBE: { "at": at } }));
    for good in ["2026-01-02T03:04:05.678+02:00", "2026-01-02T01:04:05Z", "2026-01-02T01:04:05"] {
        cx.post("/Users", &body(good)).await?.is(201)?;
    }
    for bad in ["2026-01-02", "tomorrow", "2026-13-02T03:04:05Z", "03:04:05Z"] {
        cx.post("/Users", &body(bad)).await?.refuses(400, "invalidValue")?;
    }
    let mark = cx.unique("moment");
    let user = cx.user(json!({ "title": mark, PROBE: { "at": "2026-01-02T03:04:05.678+02:00" } })).await?;
    let filter = format!("title eq \"{mark}\" and {PROBE}:at eq \"2026-01-02T01:04:05.678Z\"");
    cx.filter("/Users", &filter).await?.lists(&[user.id()?])?;
    Ok(())
}

/// A certificate that was made for nothing else.
pub(super) const CERTIFICATE: &str = include_str!("../../data/certificate.txt");

async fn binary(cx: &Cx) -> Verdict {
    let good = CERTIFICATE.trim();
    let unpadded = good.trim_end_matches('=');
    for value in [good, unpadded] {
        let user = cx.user(json!({ "x509Certificates": [{ "value": value }] })).await?;
        let shown = cx.read(&user.path()?).await?;
        let same = shown.text("/x509Certificates/0/value")?.trim_end_matches('=') == unpadded;
        shown.expect(same, "the certificate as it was sent")?;
    }
    let bad = cx.user_body(json!({ "x509Certificates": [{ "value": "***" }] }));
    cx.post("/Users", &bad).await?.refuses(400, "invalidValue")?;
    if cx.part(cx.needs_probe())?.is_some() {
        let user = cx.user(json!({ PROBE: { "blob": "-_-_" } })).await?;
        user.shows(&format!("/{PROBE}/blob"), "+/+/")?;
    }
    Ok(())
}

async fn relative_references(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let (id, location) = (user.id()?, user.text("/meta/location")?);
    let relative = format!("Users/{id}");
    for reference in [relative.as_str(), location] {
        let group = cx.group(json!({ "members": [{ "value": id, "$ref": reference }] })).await?;
        let group = cx.read(&group.path()?).await?;
        group.shows("/members/0/$ref", location)?;
        let filter =
            format!("displayName eq {} and members.$ref eq \"{reference}\"", group.json["displayName"]);
        cx.filter("/Groups", &filter).await?.lists(&[group.id()?])?;
    }
    Ok(())
}

async fn references_lead_somewhere(cx: &Cx) -> Verdict {
    let boss = cx.user(json!({})).await?;
    let user = if cx.part(cx.needs_enterprise())?.is_some() {
        let user = cx.user(json!({ ENTERPRISE: { "manager": { "value": boss.id()? } } })).await?;
        let shown = cx.read(&user.path()?).await?;
        let manager = shown.text(&format!("/{ENTERPRISE}/manager/$ref"))?;
        cx.read(manager).await?.shows("/id", boss.id()?)?;
        user
    } else {
        cx.user(json!({})).await?
    };
    let group = cx.group_of(&[&user]).await?;
    let shown = cx.read(&group.path()?).await?;
    cx.read(shown.text("/members/0/$ref")?).await?.shows("/id", user.id()?)?;
    let shown = cx.read(&user.path()?).await?;
    cx.read(shown.text("/groups/0/$ref")?).await?.shows("/id", group.id()?)?;
    Ok(())
}

/// A server may take a reference to nothing in some attribute only: ours does in `manager`, where it is told to.
/// Members stay strict, since each is shown at both ends and nothing has no other end.
async fn dangling_references(cx: &Cx) -> Verdict {
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": cx.unique("nobody") }] }]);
    let group = cx.group(json!({})).await?;
    cx.patch(&group.path()?, &add).await?.refuses(400, "invalidValue")?;
    if let Some(cx) = cx.part(cx.at(Profile::Dangling))? {
        if cx.addition(Profile::Dangling)?.attribute.as_deref() == Some("manager") {
            let manager = json!({ "value": cx.unique("nobody") });
            let user = cx.user(json!({ ENTERPRISE: { "manager": manager } })).await?;
            user.shows(&format!("/{ENTERPRISE}/manager/value"), manager["value"].clone())?;
            return Ok(());
        }
        let group = cx.group(json!({})).await?;
        cx.patch(&group.path()?, &add).await?.any_of(&[200, 204])?;
    }
    Ok(())
}

async fn order_of_keys(cx: &Cx) -> Verdict {
    let name = cx.unique("Lea");
    let one = format!(
        r#"{{"schemas":["{USER}"],"userName":"1-{name}","name":{{"givenName":"Lea","familyName":"Ray"}},"title":"T"}}"#
    );
    let two = format!(
        r#"{{"title":"T","name":{{"familyName":"Ray","givenName":"Lea"}},"userName":"2-{name}","schemas":["{USER}"]}}"#
    );
    let one = cx.call("POST", "/Users").bytes(one).await?.is(201)?;
    let two = cx.call("POST", "/Users").bytes(two).await?.is(201)?;
    for pointer in ["/schemas", "/name", "/title", "/active"] {
        two.expect(
            two.json.pointer(pointer) == one.json.pointer(pointer),
            format!("the same {pointer} as with the keys in another order, {}", one.json),
        )?;
    }
    two.shows("/name", json!({ "givenName": "Lea", "familyName": "Ray" }))?;
    Ok(())
}

async fn no_complex_in_complex(cx: &Cx) -> Verdict {
    let schemas = cx.read("/Schemas").await?;
    let list = schemas.list("/Resources");
    schemas.expect(!list.is_empty(), "schemas")?;
    let of_schemas = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    for schema in list.iter().filter(|schema| schema["id"] != of_schemas) {
        let parts = schema["attributes"].as_array().into_iter().flatten();
        let nested = parts
            .flat_map(|attribute| attribute["subAttributes"].as_array().into_iter().flatten())
            .find(|part| part["type"] == "complex");
        schemas.expect(nested.is_none(), format!("no complex sub-attribute in {}", schema["id"]))?;
    }
    Ok(())
}

async fn one_primary(cx: &Cx) -> Verdict {
    let email = |value: &str, primary: bool| json!({ "value": value, "type": "work", "primary": primary });
    let two = json!({ "emails": [email("a@example.com", true), email("b@example.com", true)] });
    cx.post("/Users", &cx.user_body(two)).await?.refuses(400, "invalidValue")?;
    let mark = cx.unique("primary");
    let without = json!({ "title": mark, "emails": [{ "value": "a@example.com" }] });
    let user = cx.user(without).await?;
    let with = json!({ "title": mark, "emails": [{ "value": "a@example.com", "primary": true }] });
    cx.user(with).await?.shows("/emails/0/primary", true)?;
    let filter = format!("title eq \"{mark}\" and emails[primary eq false]");
    cx.filter("/Users", &filter).await?.lists(&[user.id()?])?;
    Ok(())
}

async fn no_element_twice(cx: &Cx) -> Verdict {
    let email = |kind: &str| json!({ "value": "a@example.com", "type": kind });
    let user = cx.user(json!({ "emails": [email("work"), email("work"), email("home")] })).await?;
    let shown = cx.read(&user.path()?).await?;
    shown.expect(shown.list("/emails").len() == 2, "two emails: one of type work, one of type home")?;
    Ok(())
}

async fn values_as_sent(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [{ "value": "B@EXAMPLE.COM", "type": "work" }] })).await?;
    cx.read(&user.path()?).await?.shows("/emails/0/value", "B@EXAMPLE.COM")?;
    Ok(())
}

async fn versions_in_references(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let group = cx.group_of(&[&user]).await?;
    let (location, base) = (user.text("/meta/location")?, cx.place.service_url());
    let Some(path) = location.strip_prefix(&base) else {
        user.wrong::<()>(format!("a location below {base}"))?;
        return Ok(());
    };
    let bare = match base.rsplit_once('/') {
        Some((rest, last)) if last.starts_with('v') && last[1..].bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => &base,
    };
    for reference in
        [location.to_owned(), format!("{bare}{path}"), format!("{bare}/v2{path}"), format!("{bare}/v9{path}")]
    {
        let filter =
            format!("displayName eq {} and members.$ref eq \"{reference}\"", group.json["displayName"]);
        cx.filter("/Groups", &filter).await?.lists(&[group.id()?])?;
    }
    Ok(())
}

async fn display_is_writable(cx: &Cx) -> Verdict {
    let email = json!({ "value": "a@example.com", "type": "work", "primary": true });
    let user = cx.user(json!({ "emails": [email] })).await?;
    user.shows("/emails/0", email)?;
    let set = json!([{ "op": "replace", "path": "emails[type eq \"work\"].display", "value": "At work" }]);
    cx.patched(&user.path()?, set).await?.shows("/emails/0/display", "At work")?;
    Ok(())
}

async fn unassigned(cx: &Cx) -> Verdict {
    let mark = cx.unique("empty");
    let with = json!({
        "nickName": mark, "title": "T", "active": false, "name": { "givenName": null },
        "phoneNumbers": [{ "value": "555-1234", "type": "work" }],
    });
    let user = cx.user(with).await?;
    no_null(&user)?;
    user.lacks("/name")?;
    let name = user.text("/userName")?;
    let body = |title: Value| {
        json!({
            "schemas": [USER], "userName": name, "nickName": mark,
            "title": title, "phoneNumbers": [], "active": null,
        })
    };
    let put = cx.put(&user.path()?, &body(Value::Null)).await?.is(200)?;
    no_null(&put)?;
    put.lacks("/title")?.lacks("/phoneNumbers")?.shows("/active", false)?;
    let filter = format!("nickName eq \"{mark}\" and title pr");
    let listed = cx.filter("/Users", &filter).await?;
    listed.lists(&[])?;
    no_null(&cx.filter("/Users", &format!("nickName eq \"{mark}\"")).await?)?;
    let put = cx.put(&user.path()?, &body(json!(""))).await?.is(200)?;
    if cx.is_strict() {
        put.shows("/title", "")?;
    } else {
        put.lacks("/title")?;
    }
    cx.filter("/Users", &filter).await?.lists(&[])?;
    Ok(())
}

fn no_null(reply: &crate::reply::Reply) -> Verdict {
    fn holds_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(list) => list.iter().any(holds_null),
            Value::Object(map) => map.values().any(holds_null),
            _ => false,
        }
    }
    reply.expect(!holds_null(&reply.json), "no null")?;
    Ok(())
}
