//! Area 15, fourth part: replace.

use serde_json::{Value, json};

use super::modify::{email, op, pathless};
use crate::check::{Verdict, area};
use crate::cx::Cx;

area! {
    "7644-3.5.2.3-01": without_path,
    "7644-3.5.2.3-02": single_valued,
    "7644-3.5.2.3-03": whole_list,
    "7644-3.5.2.3-04": complex,
    "7644-3.5.2.3-05": matching_elements,
    "7644-3.5.2.3-06": part_of_matching_elements,
    "7644-3.5.2.3-07": no_matching_element,
    "7644-3.5.2.3-08": null_or_nothing,
}

async fn without_path(cx: &Cx) -> Verdict {
    let with = json!({ "title": "T", "emails": [email("work", "a@x")], "name": { "familyName": "F" } });
    let user = cx.user(with).await?;
    let path = user.path()?;
    let emails = json!([email("work", "bjensen@example.com"), email("home", "babs@jensen.org")]);
    let value =
        json!({ "emails": emails, "nickname": "Babs", "name": { "givenName": "G" }, "active": false });
    let replace = pathless("replace", &value);
    if cx.is_strict() {
        return cx.patch(&path, &replace).await?.refuses(400, "invalidPath");
    }
    let shown = cx.patched(&path, replace).await?;
    shown.shows("/emails", emails)?.shows("/nickName", "Babs")?.shows("/title", "T")?;
    shown.shows("/name", json!({ "familyName": "F", "givenName": "G" }))?.shows("/active", false)?;
    let group = cx.group_of(&[&user]).await?;
    let name = cx.unique("group");
    let rename = pathless("replace", &json!({ "id": group.id()?, "displayName": name }));
    let shown = cx.patched(&group.path()?, rename).await?;
    shown.shows("/displayName", name)?.shows("/members/0/value", user.id()?)?;
    Ok(())
}

async fn single_valued(cx: &Cx) -> Verdict {
    for with in [json!({ "title": "old" }), json!({})] {
        let user = cx.user(with).await?;
        cx.patched(&user.path()?, op("replace", "title", "new")).await?.shows("/title", "new")?;
    }
    Ok(())
}

async fn whole_list(cx: &Cx) -> Verdict {
    let (one, two) = (cx.user(json!({ "emails": [email("work", "a@x")] })).await?, cx.user(json!({})).await?);
    let group = cx.group_of(&[&one]).await?;
    let path = group.path()?;
    let members = op("replace", "members", json!([{ "value": two.id()? }]));
    let shown = cx.patched(&path, members).await?;
    shown.expect(shown.list("/members").len() == 1, "one member")?.shows("/members/0/value", two.id()?)?;
    cx.read(&one.path()?).await?.lacks("/groups")?;
    let user = one.path()?;
    let list = json!([email("home", "b@x"), email("other", "c@x")]);
    cx.patched(&user, op("replace", "emails", list.clone())).await?.shows("/emails", list)?;
    if !cx.is_strict() {
        let lone = op("replace", "emails", email("home", "d@x"));
        cx.patched(&user, lone).await?.shows("/emails", json!([email("home", "d@x")]))?;
    }
    for nothing in [json!([]), Value::Null] {
        cx.patched(&user, op("replace", "emails", json!([email("home", "b@x")]))).await?.has("/emails/0")?;
        cx.patched(&user, op("replace", "emails", nothing)).await?.lacks("/emails")?;
    }
    cx.patched(&path, op("replace", "members", json!([]))).await?.lacks("/members")?;
    Ok(())
}

async fn complex(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "name": { "familyName": "F", "givenName": "G" } })).await?;
    let shown = cx.patched(&user.path()?, op("replace", "name", json!({ "givenName": "X" }))).await?;
    if cx.is_strict() {
        shown.shows("/name", json!({ "givenName": "X" }))?;
    } else {
        shown.shows("/name", json!({ "familyName": "F", "givenName": "X" }))?;
    }
    Ok(())
}

/// An address of a type.
fn address(kind: &str, street: &str) -> Value {
    json!({ "type": kind, "streetAddress": street, "locality": "Hollywood" })
}

async fn matching_elements(cx: &Cx) -> Verdict {
    let addresses = json!([address("work", "1"), address("home", "2")]);
    let user = cx.user(json!({ "addresses": addresses })).await?;
    let new = json!({ "type": "work", "streetAddress": "911 Universal City Plaza", "country": "US" });
    let shown = cx.patched(&user.path()?, op("replace", "addresses[type eq \"work\"]", new.clone())).await?;
    shown.shows("/addresses", json!([new, address("home", "2")]))?;
    Ok(())
}

async fn part_of_matching_elements(cx: &Cx) -> Verdict {
    let addresses =
        json!([address("work", "1"), address("home", "2"), { "type": "work", "streetAddress": "3" }]);
    let user = cx.user(json!({ "addresses": addresses })).await?;
    let path = "addresses[type eq \"work\"].streetAddress";
    let shown = cx.patched(&user.path()?, op("replace", path, "1010 Broadway Ave")).await?;
    let streets: Vec<&Value> =
        shown.list("/addresses").iter().map(|address| &address["streetAddress"]).collect();
    shown.expect(
        streets == ["1010 Broadway Ave", "2", "1010 Broadway Ave"],
        "the street of both work addresses replaced",
    )?;
    shown.shows("/addresses/0/locality", "Hollywood")?;
    Ok(())
}

async fn no_matching_element(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [email("home", "b@x")] })).await?;
    let path = user.path()?;
    cx.patch(&path, &op("replace", "emails[value co \"zzz\"].display", "D"))
        .await?
        .refuses(400, "noTarget")?;
    let whole = op("replace", "emails[type eq \"zzz\"]", email("zzz", "z@x"));
    cx.patch(&path, &whole).await?.refuses(400, "noTarget")?;
    let part = op("replace", "emails[type eq \"work\"].value", "a@x");
    if cx.is_strict() {
        return cx.patch(&path, &part).await?.refuses(400, "noTarget");
    }
    let shown = cx.patched(&path, part).await?;
    shown.expect(shown.list("/emails").contains(&email("work", "a@x")), "a new email of type work")?;
    Ok(())
}

async fn null_or_nothing(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T" })).await?;
    let path = user.path()?;
    cx.patched(&path, op("replace", "title", Value::Null)).await?.lacks("/title")?;
    cx.patch(&path, &json!([{ "op": "replace", "path": "title" }])).await?.refuses(400, "invalidValue")?;
    cx.patch(&path, &op("replace", "userName", Value::Null)).await?.refuses(400, "invalidValue")
}
