//! Area 15, second part: add.

use serde_json::{Value, json};

use super::modify::{email, op, pathless};
use super::resources::member_op;
use crate::check::{Verdict, area};
use crate::cx::Cx;
use crate::reply::Reply;

area! {
    "7644-3.5.2.1-01": needs_value,
    "7644-3.5.2.1-02": without_path,
    "7644-3.5.2.1-03": complex,
    "7644-3.5.2.1-04": multi_valued,
    "7644-3.5.2.1-05": single_valued,
    "7644-3.5.2.1-06": what_is_there,
    "7644-3.5.2.1-07": matching_elements,
    "7644-3.5.2.1-08": no_matching_element,
}

/// The values of the emails.
fn values(reply: &Reply) -> Vec<&str> {
    reply.list("/emails").iter().filter_map(|email| email["value"].as_str()).collect()
}

async fn needs_value(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    for operation in [json!({ "op": "add", "path": "title" }), json!({ "op": "add" })] {
        cx.patch(&user.path()?, &json!([operation])).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn without_path(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [email("work", "a@x")], "name": { "familyName": "F" } })).await?;
    let path = user.path()?;
    let add = pathless("add", &json!({ "emails": [email("home", "babs@jensen.org")], "nickname": "Babs" }));
    if cx.is_strict() {
        return cx.patch(&path, &add).await?.refuses(400, "invalidPath");
    }
    let shown = cx.patched(&path, add).await?;
    shown.shows("/nickName", "Babs")?;
    shown.expect(values(&shown) == ["a@x", "babs@jensen.org"], "the email appended")?;
    let uri = format!("{}:title", crate::cx::USER);
    let shown = cx.patched(&path, pathless("add", &json!({ "name.givenName": "G", uri: "T" }))).await?;
    shown.shows("/name", json!({ "familyName": "F", "givenName": "G" }))?.shows("/title", "T")?;
    for wrong in [json!("x"), json!(["x"]), json!(7)] {
        cx.patch(&path, &pathless("add", &wrong)).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn complex(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "name": { "familyName": "F", "givenName": "G" } })).await?;
    let shown = cx.patched(&user.path()?, op("add", "name", json!({ "givenName": "X" }))).await?;
    shown.shows("/name", json!({ "familyName": "F", "givenName": "X" }))?;
    Ok(())
}

async fn multi_valued(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [email("work", "a@x")] })).await?;
    let path = user.path()?;
    if !cx.is_strict() {
        let shown = cx.patched(&path, op("add", "emails", email("home", "b@x"))).await?;
        shown.expect(values(&shown) == ["a@x", "b@x"], "the email appended")?;
    }
    let shown =
        cx.patched(&path, op("add", "emails", json!([email("home", "b@x"), email("other", "c@x")]))).await?;
    shown.expect(values(&shown) == ["a@x", "b@x", "c@x"], "the emails appended, each once")?;
    Ok(())
}

async fn single_valued(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    for title in ["first", "second"] {
        cx.patched(&user.path()?, op("add", "title", title)).await?.shows("/title", title)?;
    }
    Ok(())
}

async fn what_is_there(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T", "emails": [email("work", "a@x")] })).await?;
    let path = user.path()?;
    for operation in [op("add", "emails", json!([email("work", "a@x")])), op("add", "title", "T")] {
        let shown = cx.patched(&path, operation).await?;
        shown.same_as(&user)?;
    }
    let group = cx.group_of(&[&user]).await?;
    let before = cx.read(&group.path()?).await?;
    let after = cx.patched(&group.path()?, member_op("add", user.id()?)).await?;
    after.same_as(&before)?;
    Ok(())
}

async fn matching_elements(cx: &Cx) -> Verdict {
    let emails = json!([email("work", "a@x"), email("home", "b@x"), email("work", "c@x")]);
    let user = cx.user(json!({ "emails": emails })).await?;
    let shown = cx.patched(&user.path()?, op("add", "emails[type eq \"work\"].display", "D")).await?;
    let displays: Vec<Option<&Value>> =
        shown.list("/emails").iter().map(|email| email.get("display")).collect();
    let wanted = json!("D");
    shown.expect(displays == [Some(&wanted), None, Some(&wanted)], "the display of both work emails set")?;
    let shown = cx.patched(&user.path()?, op("add", "emails[type eq \"home\"].value", "z@x")).await?;
    shown.expect(values(&shown) == ["a@x", "z@x", "c@x"], "the value of the home email changed")?;
    Ok(())
}

async fn no_matching_element(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [email("home", "b@x")] })).await?;
    let path = user.path()?;
    let shown = cx.patched(&path, op("add", "emails[type eq \"work\"].value", "a@x")).await?;
    shown.expect(shown.list("/emails").contains(&email("work", "a@x")), "a new email of type work")?;
    shown.expect(values(&shown).contains(&"b@x"), "the other email still there")?;
    let both = "phoneNumbers[type eq \"work\" and primary eq true].value";
    let shown = cx.patched(&path, op("add", both, "555")).await?;
    shown.shows("/phoneNumbers", json!([{ "type": "work", "primary": true, "value": "555" }]))?;
    for shape in ["emails[value co \"zzz\"].display", "emails[type eq \"x\" or type eq \"y\"].value"] {
        cx.patch(&path, &op("add", shape, "z@x")).await?.refuses(400, "noTarget")?;
    }
    Ok(())
}
