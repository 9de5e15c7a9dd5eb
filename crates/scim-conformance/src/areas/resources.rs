//! Area 3: User, Group, Enterprise User.

use serde_json::{Value, json};

use super::data_types::CERTIFICATE;
use crate::check::{Verdict, area};
use crate::cx::{Cx, ENTERPRISE, USER};
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "7643-4.1.1-01": user_name_is_required,
    "7643-4.1.1-02": user_name_is_unique,
    "7643-4.1.1-03": no_password_is_shown,
    "7643-4.1.1-04": "what is stored, and what a policy refuses, cannot be seen over HTTP",
    "7643-4.1.1-06": no_filter_on_passwords,
    "7643-4.1.1-07": active,
    "7643-4.1.1-08": underscore_in_locale,
    "7643-4.1.2-01": phone_numbers_as_sent,
    "7643-4.1.2-02": country,
    "7643-4.1.2-03": groups_is_read_only,
    "7643-4.1.2-04": groups_of_a_user,
    "7643-4.1.2-05": one_certificate_each,
    "7643-4.2-01": group_needs_a_name,
    "7643-4.2-02": members_are_immutable,
    "7643-4.2-03": member_references,
    "7643-4.2-04": nested_groups,
    "7643-4.3-01": manager,
    "7643-4.3-02": manager_display_name,
}

async fn user_name_is_required(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    for body in [json!({ "schemas": [USER] }), json!({ "schemas": [USER], "userName": "" })] {
        cx.post("/Users", &body).await?.refuses(400, "invalidValue")?;
        cx.put(&user.path()?, &body).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn user_name_is_unique(cx: &Cx) -> Verdict {
    let name = cx.unique("bob");
    let first = cx.user(json!({ "userName": name })).await?;
    let taken = cx.user_body(json!({ "userName": name.to_uppercase() }));
    cx.post("/Users", &taken).await?.refuses(409, "uniqueness")?;
    let other = cx.user(json!({})).await?;
    cx.put(&other.path()?, &taken).await?.refuses(409, "uniqueness")?;
    let rename = json!([{ "op": "replace", "path": "userName", "value": name.to_uppercase() }]);
    cx.patch(&other.path()?, &rename).await?.refuses(409, "uniqueness")?;
    cx.delete(&first.path()?).await?.is(204)?;
    cx.user(json!({ "userName": name.to_uppercase() })).await?;
    Ok(())
}

async fn no_password_is_shown(cx: &Cx) -> Verdict {
    let secret = cx.unique("t1meMa$heen");
    let hides = |reply: &Reply| -> Verdict {
        let text = String::from_utf8_lossy(&reply.body);
        let shown = text.contains(&secret) || text.contains("\"password\"");
        reply.expect(!shown, "no password in the answer")?;
        Ok(())
    };
    let user = cx.user(json!({ "password": secret })).await?;
    hides(&user)?;
    let path = user.path()?;
    hides(&cx.get(&path).await?.is(200)?)?;
    hides(&cx.get(&path).query("attributes", "password").await?)?;
    let filter = format!("id eq \"{}\"", user.id()?);
    hides(&cx.filter("/Users", &filter).await?)?;
    hides(&cx.filter("/Users", &filter).query("attributes", "userName,password").await?)?;
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": filter, "attributes": ["password"],
    });
    hides(&cx.post("/Users/.search", &search).await?)?;
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "password": secret });
    hides(&cx.put(&path, &body).await?.is(200)?)?;
    let wrong = cx.user_body(json!({ "password": secret, "active": "maybe" }));
    hides(&cx.post("/Users", &wrong).await?)?;
    if cx.facts().supports("patch") {
        let change = json!([{ "op": "replace", "path": "password", "value": secret }]);
        hides(&cx.patch(&path, &change).query("attributes", "password").await?)?;
        hides(&cx.patch(&path, &change).await?)?;
    }
    if cx.facts().supports("bulk") {
        let data = cx.user_body(json!({ "password": secret }));
        let name = data["userName"].clone();
        let bulk = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "u", "data": data }],
        });
        hides(&cx.post("/Bulk", &bulk).await?)?;
        let made = cx.filter("/Users", &format!("userName eq {name}")).await?;
        for id in made.ids()? {
            cx.made(format!("/Users/{id}"));
        }
    }
    Ok(())
}

async fn no_filter_on_passwords(cx: &Cx) -> Verdict {
    for filter in ["password eq \"x\"", "password pr", "password sw \"\""] {
        cx.filter("/Users", filter).await?.refuses(400, "invalidFilter")?;
    }
    Ok(())
}

async fn active(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    user.shows("/active", true)?;
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    cx.patched(&user.path()?, off).await?.shows("/active", false)?;
    cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?.lists(&[user.id()?])?;
    Ok(())
}

async fn underscore_in_locale(cx: &Cx) -> Verdict {
    cx.user(json!({ "locale": "en_US" })).await?.shows("/locale", "en_US")?;
    cx.user(json!({ "timezone": "Mars/Olympus", "preferredLanguage": "tlh" })).await?;
    Ok(())
}

async fn phone_numbers_as_sent(cx: &Cx) -> Verdict {
    let with = json!({
        "phoneNumbers": [{ "value": "555-555-8377", "type": "work" }],
        "emails": [{ "value": "not an address", "type": "work" }],
    });
    let user = cx.user(with).await?;
    let shown = cx.read(&user.path()?).await?;
    shown.shows("/phoneNumbers/0/value", "555-555-8377")?.shows("/emails/0/value", "not an address")?;
    Ok(())
}

async fn country(cx: &Cx) -> Verdict {
    let with = |country: &str| json!({ "addresses": [{ "type": "work", "country": country }] });
    cx.user(with("US")).await?.shows("/addresses/0/country", "US")?;
    cx.user(with("USA")).await?.shows("/addresses/0/country", "USA")?;
    if let Some(cx) = cx.part(cx.at(Profile::Checking))? {
        cx.user(with("US")).await?;
        cx.post("/Users", &cx.user_body(with("USA"))).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn groups_is_read_only(cx: &Cx) -> Verdict {
    let group = cx.group(json!({})).await?;
    let groups = json!([{ "value": group.id()? }]);
    let user = cx.user(json!({ "groups": groups })).await?;
    user.lacks("/groups")?;
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "groups": groups });
    cx.put(&user.path()?, &body).await?.is(200)?.lacks("/groups")?;
    let add = cx.patch(&group.path()?, &member_op("add", user.id()?)).await?;
    add.any_of(&[200, 204])?;
    let empty = json!({ "schemas": [USER], "userName": user.text("/userName")?, "groups": [] });
    let put = cx.put(&user.path()?, &empty).await?.is(200)?;
    put.shows("/groups/0/value", group.id()?)?;
    let path = json!([{ "op": "add", "path": "groups", "value": groups }]);
    cx.patch(&user.path()?, &path).await?.refuses(400, "mutability")
}

/// An operation on one member.
pub(super) fn member_op(op: &str, id: &str) -> Value {
    json!([{ "op": op, "path": "members", "value": [{ "value": id }] }])
}

async fn groups_of_a_user(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let inner = cx.group_of(&[&user]).await?;
    cx.group_of(&[&inner]).await?;
    let shown = cx.read(&user.path()?).await?;
    let own = shown.list("/groups").iter().find(|group| group["value"] == inner.json["id"]);
    let is_whole = own.is_some_and(|group| {
        group["$ref"] == inner.json["meta"]["location"]
            && (group["type"] == "direct" || group["type"].is_null())
    });
    shown.expect(is_whole, "the group with its $ref and type direct")?;
    if let Some(cx) = cx.part(cx.at(Profile::IndirectGroups))? {
        let user = cx.user(json!({})).await?;
        let inner = cx.group_of(&[&user]).await?;
        let outer = cx.group_of(&[&inner]).await?;
        let shown = cx.read(&user.path()?).await?;
        let kind = |id: &str| {
            let group = shown.list("/groups").iter().find(|group| group["value"] == id);
            group.map(|group| group["type"].clone())
        };
        let both = kind(inner.id()?) == Some(json!("direct")) && kind(outer.id()?) == Some(json!("indirect"));
        shown.expect(both, "the inner group as direct, the outer one as indirect")?;
    }
    Ok(())
}

async fn one_certificate_each(cx: &Cx) -> Verdict {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let cx = cx.at(Profile::Checking)?;
    let one = CERTIFICATE.trim();
    let der = STANDARD.decode(one).unwrap_or_default();
    let with = |value: &str| json!({ "x509Certificates": [{ "value": value }] });
    cx.user(with(one)).await?;
    for bad in [STANDARD.encode([&der[..], &der[..]].concat()), STANDARD.encode(&der[1..])] {
        cx.post("/Users", &cx.user_body(with(&bad))).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn group_needs_a_name(cx: &Cx) -> Verdict {
    cx.needs_groups()?;
    let body = json!({ "schemas": [crate::cx::GROUP] });
    cx.post("/Groups", &body).await?.refuses(400, "invalidValue")?;
    let name = cx.unique("group");
    cx.group(json!({ "displayName": name })).await?;
    cx.group(json!({ "displayName": name })).await?.shows("/displayName", name.as_str())?;
    Ok(())
}

async fn members_are_immutable(cx: &Cx) -> Verdict {
    let (one, two) = (cx.user(json!({})).await?, cx.user(json!({})).await?);
    let group = cx.group_of(&[&one]).await?;
    let path = group.path()?;
    let change = json!([{
        "op": "replace", "path": format!("members[value eq \"{}\"].value", one.id()?), "value": two.id()?,
    }]);
    cx.patch(&path, &change).await?.refuses(400, "mutability")?;
    let added = cx.patched(&path, member_op("add", two.id()?)).await?;
    added.expect(added.list("/members").len() == 2, "two members")?;
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", one.id()?) }]);
    let left = cx.patched(&path, remove).await?;
    left.expect(left.list("/members").len() == 1, "one member")?.shows("/members/0/value", two.id()?)?;
    Ok(())
}

async fn member_references(cx: &Cx) -> Verdict {
    let (user, other) = (cx.user(json!({ "displayName": "Lea" })).await?, cx.user(json!({})).await?);
    let (id, location) = (user.id()?, user.json["meta"]["location"].clone());
    let mut members = vec![
        json!({ "value": id }),
        json!({ "value": id, "$ref": other.json["meta"]["location"], "type": "Group", "display": "X" }),
    ];
    if !cx.is_strict() {
        members.extend([json!({ "value": id, "$ref": null }), json!(id)]);
    }
    for member in members {
        let group = cx.group(json!({ "members": [member] })).await?;
        let shown = cx.read(&group.path()?).await?;
        shown.shows("/members/0/value", id)?.shows("/members/0/$ref", location.clone())?;
        shown.shows("/members/0/type", "User")?;
        let display = &shown.json["members"][0]["display"];
        shown.expect(*display != "X", "a display that is not what the client sent")?;
    }
    let nothing = cx.group_body(json!({ "members": [{ "type": "User" }] }));
    cx.post("/Groups", &nothing).await?.refuses(400, "invalidValue")
}

async fn nested_groups(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let inner = cx.group_of(&[&user]).await?;
    let outer = cx.group_of(&[&inner]).await?;
    let shown = cx.read(&outer.path()?).await?;
    shown.shows("/members/0/value", inner.id()?)?.shows("/members/0/type", "Group")?;
    let inner_path = inner.path()?;
    let circle = cx.patched(&inner_path, member_op("add", outer.id()?)).await?;
    circle.expect(circle.list("/members").len() == 2, "the outer group as a member of the inner one")?;
    cx.read(&user.path()?).await?.has("/groups/0/value")?;
    cx.read(&outer.path()?).await?;
    cx.patch(&inner_path, &member_op("add", inner.id()?)).await?.refuses(400, "invalidValue")
}

async fn manager(cx: &Cx) -> Verdict {
    cx.needs_enterprise()?;
    let boss = cx.user(json!({})).await?;
    let pointer = format!("/{ENTERPRISE}/manager");
    let is_boss = |reply: &Reply| -> Verdict {
        reply.shows(&format!("{pointer}/value"), boss.id()?)?;
        reply.shows(&format!("{pointer}/$ref"), boss.json["meta"]["location"].clone())?;
        Ok(())
    };
    let with = |manager: Value| json!({ ENTERPRISE: { "manager": manager } });
    let user = cx.user(with(json!({ "value": boss.id()? }))).await?;
    is_boss(&cx.read(&user.path()?).await?)?;
    let path = format!("{ENTERPRISE}:manager");
    for lenient in [json!(boss.id()?), json!([{ "value": boss.id()? }])] {
        let body = cx.user_body(with(lenient.clone()));
        let set = json!([{ "op": "add", "path": path, "value": lenient }]);
        let plain = cx.user(json!({})).await?;
        if cx.is_strict() {
            if lenient.is_string() {
                cx.post("/Users", &body).await?.refuses(400, "invalidValue")?;
                cx.patch(&plain.path()?, &set).await?.refuses(400, "invalidValue")?;
            }
            continue;
        }
        is_boss(&cx.post("/Users", &body).await?.is(201)?)?;
        is_boss(&cx.patched(&plain.path()?, set).await?)?;
    }
    let empty = if cx.is_strict() { vec![Value::Null] } else { vec![json!(""), Value::Null] };
    for nothing in empty {
        let user = cx.user(with(json!({ "value": boss.id()? }))).await?;
        let clear = json!([{ "op": "replace", "path": path, "value": nothing }]);
        cx.patched(&user.path()?, clear).await?.lacks(&pointer)?;
    }
    Ok(())
}

async fn manager_display_name(cx: &Cx) -> Verdict {
    cx.needs_enterprise()?;
    let boss = cx.user(json!({ "displayName": "The Boss" })).await?;
    let forged = json!({ "value": boss.id()?, "displayName": "Somebody" });
    let user = cx.user(json!({ ENTERPRISE: { "manager": forged } })).await?;
    let shown = cx.read(&user.path()?).await?;
    let name = &shown.json[ENTERPRISE]["manager"]["displayName"];
    shown.expect(*name != "Somebody", "a displayName that is not what the client sent")?;
    let path = format!("{ENTERPRISE}:manager.displayName");
    let change = json!([{ "op": "replace", "path": path, "value": "Somebody" }]);
    cx.patch(&user.path()?, &change).await?.refuses(400, "mutability")
}
