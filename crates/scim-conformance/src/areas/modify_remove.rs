//! Area 15, third part: remove.

use serde_json::json;

use super::modify::{email, op, remove};
use super::resources::member_op;
use crate::check::{Verdict, area};
use crate::cx::{Cx, PROBE};

area! {
    "7644-3.5.2.2-01": needs_path,
    "7644-3.5.2.2-02": single_valued,
    "7644-3.5.2.2-03": whole_list,
    "7644-3.5.2.2-04": matching_elements,
    "7644-3.5.2.2-05": part_of_matching_elements,
    "7644-3.5.2.2-06": required_or_read_only,
    "7644-3.5.2.2-07": nothing_to_remove,
    "7644-3.5.2.2-08": listed_elements,
    "7644-3.5.2.2-09": simple_values,
}

async fn needs_path(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    cx.patch(&user.path()?, &json!([{ "op": "remove" }])).await?.refuses(400, "noTarget")
}

async fn single_valued(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "title": "T", "name": { "givenName": "G", "familyName": "F" } })).await?;
    let path = user.path()?;
    cx.patched(&path, remove("title")).await?.lacks("/title")?;
    cx.patched(&path, remove("name.givenName")).await?.shows("/name", json!({ "familyName": "F" }))?;
    cx.patched(&path, remove("name")).await?.lacks("/name")?;
    Ok(())
}

async fn whole_list(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [email("work", "a@x"), email("home", "b@x")] })).await?;
    cx.patched(&user.path()?, remove("emails")).await?.lacks("/emails")?;
    let group = cx.group_of(&[&user]).await?;
    cx.patched(&group.path()?, remove("members")).await?.lacks("/members")?;
    cx.read(&user.path()?).await?.lacks("/groups")?;
    Ok(())
}

async fn matching_elements(cx: &Cx) -> Verdict {
    let emails =
        [email("work", "a@example.com"), email("home", "b@example.com"), email("work", "c@other.org")];
    let user = cx.user(json!({ "emails": emails })).await?;
    let path = user.path()?;
    let filter = "emails[type eq \"work\" and value ew \"example.com\"]";
    cx.patched(&path, remove(filter)).await?.shows("/emails", json!(emails[1..]))?;
    cx.patched(&path, remove("emails[value pr]")).await?.lacks("/emails")?;
    let other = cx.user(json!({})).await?;
    let group = cx.group_of(&[&user, &other]).await?;
    let one = remove(&format!("members[value eq \"{}\"]", user.id()?));
    let shown = cx.patched(&group.path()?, one).await?;
    shown.expect(shown.list("/members").len() == 1, "one member")?.shows("/members/0/value", other.id()?)?;
    Ok(())
}

async fn part_of_matching_elements(cx: &Cx) -> Verdict {
    let with = |kind: &str| json!({ "type": kind, "value": format!("{kind}@x"), "display": "D" });
    let user = cx.user(json!({ "emails": [with("work"), with("home")] })).await?;
    let shown = cx.patched(&user.path()?, remove("emails[type eq \"work\"].display")).await?;
    shown.shows("/emails", json!([email("work", "work@x"), with("home")]))?;
    Ok(())
}

async fn required_or_read_only(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    for target in ["userName", "id", "meta", "groups"] {
        cx.patch(&user.path()?, &remove(target)).await?.refuses(400, "mutability")?;
    }
    let group = cx.group(json!({})).await?;
    cx.patch(&group.path()?, &remove("displayName")).await?.refuses(400, "mutability")
}

async fn nothing_to_remove(cx: &Cx) -> Verdict {
    let user = cx.user(json!({ "emails": [email("work", "a@x")] })).await?;
    for target in ["title", "name.givenName", "emails[type eq \"home\"]", "emails[type eq \"home\"].display"]
    {
        let shown = cx.patched(&user.path()?, remove(target)).await?;
        shown.same_as(&user)?;
    }
    let other = cx.user(json!({})).await?;
    let group = cx.group_of(&[&user]).await?;
    let before = cx.read(&group.path()?).await?;
    let stranger = remove(&format!("members[value eq \"{}\"]", other.id()?));
    let after = cx.patched(&group.path()?, stranger).await?;
    after.same_as(&before)?;
    Ok(())
}

async fn listed_elements(cx: &Cx) -> Verdict {
    let (one, two) = (cx.user(json!({})).await?, cx.user(json!({})).await?);
    let group = cx.group_of(&[&one, &two]).await?;
    let path = group.path()?;
    if cx.is_strict() {
        return cx.patch(&path, &member_op("remove", one.id()?)).await?.refuses(400, "invalidValue");
    }
    let none = cx.patched(&path, op("Remove", "members", json!([]))).await?;
    none.expect(none.list("/members").len() == 2, "two members")?;
    let left = cx.patched(&path, member_op("Remove", one.id()?)).await?;
    left.expect(left.list("/members").len() == 1, "one member")?.shows("/members/0/value", two.id()?)?;
    let user = cx.user(json!({ "emails": [email("work", "a@x"), email("home", "b@x")] })).await?;
    let listed = op("remove", "emails", json!([email("work", "a@x")]));
    cx.patched(&user.path()?, listed).await?.shows("/emails", json!([email("home", "b@x")]))?;
    Ok(())
}

async fn simple_values(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    for path in ["tags[value eq \"a\"]", "tags eq \"a\""] {
        let user = cx.user(json!({ PROBE: { "tags": ["a", "b"] } })).await?;
        let shown = cx.patched(&user.path()?, remove(&format!("{PROBE}:{path}"))).await?;
        shown.shows(&format!("/{PROBE}/tags"), json!(["b"]))?;
    }
    Ok(())
}
