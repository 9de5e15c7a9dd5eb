//! Area 6: HTTP: endpoints, methods, media types.

use serde_json::json;

use crate::check::{Verdict, area};
use crate::cx::{Cx, USER};
use crate::reply::{LIST, Reply};
use crate::target::Profile;

area! {
    "7644-3.2-01": endpoints,
    "7644-3.2-02": methods,
    "7644-1.3-01": base_uri,
    "7644-3.8-01": utf_8,
    "7644-3.8-02": scim_json,
    "7644-3.8-03": plain_json,
    "7644-3.8-04": body_types,
}

async fn endpoints(cx: &Cx) -> Verdict {
    let types = cx.read("/ResourceTypes").await?;
    types.expect(!types.list("/Resources").is_empty(), "resource types")?;
    for kind in types.list("/Resources") {
        let endpoint = kind["endpoint"].as_str().unwrap_or_default();
        let list = cx.get(endpoint).query("count", 1).await?.is(200)?;
        list.shows("/schemas", json!([LIST]))?;
        let lower = format!("{}/", endpoint.to_lowercase());
        cx.get(&lower).query("count", 1).await?.is(200)?.shows("/schemas", json!([LIST]))?;
    }
    Ok(())
}

async fn methods(cx: &Cx) -> Verdict {
    let unknown = format!("/Users/{}", cx.unique("none"));
    cx.put(&unknown, &cx.user_body(json!({}))).await?.refuses(404, "")?;
    cx.get(&unknown).await?.refuses(404, "")?;
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    for (method, path) in [("DELETE", "/Users"), ("PUT", "/Users"), ("POST", path.as_str())] {
        let body = cx.user_body(json!({}));
        let reply = cx.call(method, path).json(&body).await?;
        reply.refuses(405, "")?;
        reply.needs_header("Allow")?;
    }
    let body = json!({ "schemas": [USER], "userName": user.text("/userName")?, "title": "T" });
    cx.put(&path, &body).await?.is(200)?.shows("/title", "T")?;
    cx.delete(&path).await?.is(204)?;
    cx.get(&path).await?.refuses(404, "")
}

async fn base_uri(cx: &Cx) -> Verdict {
    let mut places = vec![cx.clone()];
    // Other paths before the endpoints.
    for other in [Profile::Strict, Profile::SmallPages, Profile::Versioned] {
        places.extend(cx.part(cx.at(other))?);
    }
    for cx in places {
        let user = cx.user(json!({})).await?;
        let base = cx.place.service_url();
        let location = user.text("/meta/location")?;
        user.expect(location.starts_with(&format!("{base}/")), format!("a location below {base}"))?;
        cx.read(location).await?.shows("/id", user.id()?)?;
    }
    Ok(())
}

async fn utf_8(cx: &Cx) -> Verdict {
    let name = cx.unique("user");
    let body = format!(
        r#"{{"schemas":["{USER}"],"userName":"{name}","name":{{"givenName":"Zoë 東京","familyName":"Ray"}}}}"#
    );
    let user = cx.call("POST", "/Users").bytes(body.clone()).await?.is(201)?;
    let raw = cx.read(&user.path()?).await?;
    raw.shows("/name/givenName", "Zoë 東京")?;
    raw.expect(std::str::from_utf8(&raw.body).is_ok(), "a body in UTF-8")?;
    let other = cx.unique("user");
    let marked = format!("\u{feff}{}", body.replace(&name, &other));
    cx.call("POST", "/Users").bytes(marked).await?.is(201)?.shows("/userName", other)?;
    let mut broken = body.replace(&name, &cx.unique("user")).into_bytes();
    if let Some(at) = broken.windows(2).position(|pair| pair == "ë".as_bytes()) {
        broken[at + 1] = b'(';
    }
    cx.call("POST", "/Users").bytes(broken).await?.refuses(400, "invalidSyntax")
}

/// Expects a media type, whatever its parameters.
fn has_type(reply: &Reply, wanted: &str) -> Verdict {
    let found = reply.header("Content-Type").unwrap_or_default();
    let bare = found.split(';').next().unwrap_or_default().trim();
    reply.expect(bare.eq_ignore_ascii_case(wanted), format!("Content-Type {wanted} instead of {found:?}"))?;
    Ok(())
}

async fn scim_json(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    has_type(&user, "application/scim+json")?;
    let path = user.path()?;
    for accept in ["application/scim+json", "*/*"] {
        has_type(&cx.get(&path).header("Accept", accept).await?.is(200)?, "application/scim+json")?;
    }
    has_type(&cx.get(&path).without("Accept").await?.is(200)?, "application/scim+json")?;
    has_type(&cx.get("/Users").query("count", 1).await?.is(200)?, "application/scim+json")?;
    has_type(&cx.get("/Users/none-such").await?.is(404)?, "application/scim+json")
}

async fn plain_json(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let path = user.path()?;
    has_type(&cx.get(&path).header("Accept", "application/json").await?.is(200)?, "application/json")?;
    let both = "application/json, application/scim+json";
    has_type(&cx.get(&path).header("Accept", both).await?.is(200)?, "application/scim+json")?;
    let shown = cx.get(&path).header("Accept", "text/html").await?.is(200)?;
    shown.shows("/id", user.id()?)?;
    Ok(())
}

async fn body_types(cx: &Cx) -> Verdict {
    for kind in ["application/scim+json; charset=utf-8", "application/json", "application/scim+json"] {
        cx.post("/Users", &cx.user_body(json!({}))).header("Content-Type", kind).await?.is(201)?;
    }
    cx.post("/Users", &cx.user_body(json!({}))).without("Content-Type").await?.is(201)?;
    for kind in ["text/html", "application/xml"] {
        let post = cx.post("/Users", &cx.user_body(json!({}))).header("Content-Type", kind);
        post.await?.refuses(415, "")?;
    }
    Ok(())
}
