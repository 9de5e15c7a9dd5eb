//! Area 4: what configuration, resource types and schemas say, and whether it is true.

use serde_json::{Map, Value, json};

use super::data_types::each_attribute;
use crate::check::{Verdict, area, not_testable};
use crate::cx::{Cx, ENTERPRISE, GROUP, PROBE, USER};
use crate::reply::Reply;
use crate::target::Profile;

area! {
    "7643-5-01": features,
    "7643-5-02": limits,
    "7643-5-03": authentication_schemes,
    "7643-5-04": public_configuration,
    "7643-5-05": truthful_and_read_only,
    "7643-6-01": resource_types,
    "7643-6-02": uris_of_schemas,
    "7643-6-03": required_extension,
    "7643-7-02": characteristics,
    "7643-7-03": parts_and_targets,
    "7643-7-05": published_is_enforced,
    "7643-7-06": case_exact,
    "7643-7-07": read_only,
    "7643-7-08": immutable,
    "7643-7-09": write_only,
    "7643-7-10": returned,
    "7643-7-11": uniqueness,
    "7643-7-12": required,
    "7643-7-13": reference_types,
}

const GADGET: &str = "urn:ietf:params:scim:schemas:probe:2.0:Gadget";
const GADGET_TAG: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:Gadget";

/// Ends the check unless the server has gadgets: a resource type with a required extension.
fn needs_gadgets(cx: &Cx) -> Verdict {
    if cx.facts().resource_type("Gadget").is_some() {
        return Ok(());
    }
    not_testable("the server has no resource type Gadget, with a required extension, as the probe has")
}

/// Creates a gadget.
pub(super) async fn gadget(cx: &Cx, with: Value) -> Verdict<Reply> {
    needs_gadgets(cx)?;
    let mut body = json!({ "schemas": [GADGET, GADGET_TAG], GADGET_TAG: { "tag": "T" } });
    if let (Some(body), Value::Object(with)) = (body.as_object_mut(), with) {
        body.extend(with);
    }
    cx.post("/Gadgets", &body).await?.is(201)
}

async fn features(cx: &Cx) -> Verdict {
    let config = cx.read("/ServiceProviderConfig").await?;
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        let supported = &config.json[feature]["supported"];
        config.expect(supported.is_boolean(), format!("a boolean at {feature}.supported"))?;
    }
    Ok(())
}

async fn limits(cx: &Cx) -> Verdict {
    let config = cx.read("/ServiceProviderConfig").await?;
    for pointer in ["/bulk/maxOperations", "/bulk/maxPayloadSize", "/filter/maxResults"] {
        let number = config.json.pointer(pointer);
        config.expect(number.is_some_and(Value::is_u64), format!("an integer at {pointer}"))?;
    }
    if config.json["bulk"]["supported"] == false {
        config.shows("/bulk/maxOperations", 0)?.shows("/bulk/maxPayloadSize", 0)?;
    }
    let most = config.json["filter"]["maxResults"].as_u64().unwrap_or_default();
    let page =
        cx.get("/Users").query("count", most.saturating_add(1)).query("attributes", "id").await?.is(200)?;
    page.expect(page.list("/Resources").len() as u64 <= most.max(1), format!("at most {most} resources"))?;
    if let Some(cx) = cx.part(cx.at(Profile::SmallPages))? {
        let config = cx.read("/ServiceProviderConfig").await?;
        let most = config.json["filter"]["maxResults"].as_u64().unwrap_or_default();
        let count = usize::try_from(most).unwrap_or(100).min(100) + 1;
        let (filter, _) = super::read::marked_users(&cx, count).await?;
        let page = cx.filter("/Users", &filter).query("count", count).await?.is(200)?;
        page.expect(page.list("/Resources").len() as u64 == most, format!("{most} resources"))?;
    }
    if let Some(cx) = cx.part(cx.at(Profile::SmallBulk))? {
        let config = cx.read("/ServiceProviderConfig").await?;
        let most = config.json["bulk"]["maxOperations"].as_u64().unwrap_or_default();
        let one = json!({ "method": "DELETE", "path": "/Users/none" });
        let operations = vec![one; usize::try_from(most).unwrap_or(1000).min(1000) + 1];
        let uri = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        let bulk = json!({ "schemas": [uri], "Operations": operations });
        cx.post("/Bulk", &bulk).await?.refuses(413, "")?;
    }
    Ok(())
}

async fn authentication_schemes(cx: &Cx) -> Verdict {
    let config = cx.read("/ServiceProviderConfig").await?;
    let schemes = config.json["authenticationSchemes"].as_array();
    config.expect(schemes.is_some(), "a list of authenticationSchemes")?;
    for (at, scheme) in schemes.into_iter().flatten().enumerate() {
        for part in ["name", "description"] {
            config.text(&format!("/authenticationSchemes/{at}/{part}"))?;
        }
        let known = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
        let fits = known.iter().any(|known| scheme["type"] == *known);
        config.expect(fits, format!("a type of {known:?}"))?;
    }
    Ok(())
}

async fn public_configuration(cx: &Cx) -> Verdict {
    let config = cx.get("/ServiceProviderConfig").without("Authorization").await?.is(200)?;
    config.has("/authenticationSchemes/0/type")?;
    Ok(())
}

async fn truthful_and_read_only(cx: &Cx) -> Verdict {
    let body = json!({ "schemas": [USER] });
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            // Not a change of a resource, so it is asked even of a server without PATCH.
            cx.call(method, path).json(&body).await?.refuses(405, "")?;
        }
    }
    let Some(off) = cx.part(cx.at(Profile::FeaturesOff))? else { return Ok(()) };
    let config = off.read("/ServiceProviderConfig").await?;
    let is_off = |feature: &str| config.json[feature]["supported"] == false;
    let user = off.user(json!({})).await?;
    if is_off("patch") {
        let change = json!([{ "op": "replace", "path": "title", "value": "T" }]);
        off.patch(&user.path()?, &change).await?.refuses(501, "")?;
    }
    if is_off("filter") {
        refuses_filters(&off.filter("/Users", "userName pr").await?)?;
    }
    if is_off("bulk") {
        off.post("/Bulk", &json!({})).await?.refuses(501, "")?;
    }
    if is_off("etag") {
        let tagged = user.header("ETag").is_some();
        user.expect(!tagged, "no ETag where entity tags are off")?;
    }
    Ok(())
}

/// The checklist asks for 501 in one row and for 400 `invalidFilter` in another: either will do.
pub(super) fn refuses_filters(reply: &Reply) -> Verdict {
    if reply.status == 501 { reply.refuses(501, "") } else { reply.refuses(400, "invalidFilter") }
}

async fn resource_types(cx: &Cx) -> Verdict {
    let types = cx.read("/ResourceTypes").await?;
    types.expect(!types.list("/Resources").is_empty(), "resource types")?;
    let (mut names, mut endpoints) = (Vec::new(), Vec::new());
    for (at, kind) in types.list("/Resources").iter().enumerate() {
        let name = types.text(&format!("/Resources/{at}/name"))?;
        let endpoint = types.text(&format!("/Resources/{at}/endpoint"))?;
        types.text(&format!("/Resources/{at}/schema"))?;
        types.expect(kind["id"] == name, "an id equal to the name")?;
        types.expect(endpoint.starts_with('/'), "an endpoint with a slash in front")?;
        types.expect(
            !names.contains(&name) && !endpoints.contains(&endpoint),
            "names and endpoints of their own",
        )?;
        names.push(name);
        endpoints.push(endpoint);
        let list = cx.get(endpoint).query("count", 1).await?.is(200)?;
        if !list.list("/Resources").is_empty() {
            list.shows("/Resources/0/meta/resourceType", name)?;
        }
    }
    cx.user(json!({})).await?.shows("/meta/resourceType", "User")?;
    types.expect(names.contains(&"User"), "the resource type User")?;
    Ok(())
}

async fn uris_of_schemas(cx: &Cx) -> Verdict {
    let types = cx.read("/ResourceTypes").await?;
    let mut uris = Vec::new();
    for kind in types.list("/Resources") {
        uris.push(kind["schema"].clone());
        let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
        uris.extend(extensions.map(|extension| extension["schema"].clone()));
    }
    types.expect(!uris.is_empty(), "resource types with schemas")?;
    let mut with = json!({});
    if cx.part(cx.needs_enterprise())?.is_some() {
        with[ENTERPRISE] = json!({ "department": "D" });
    }
    let user = cx.user(with).await?;
    uris.extend(user.list("/schemas").iter().cloned());
    let config = cx.read("/ServiceProviderConfig").await?;
    uris.extend(config.list("/schemas").iter().cloned());
    for uri in uris.iter().filter_map(Value::as_str) {
        cx.read(&format!("/Schemas/{uri}")).await?.shows("/id", uri)?;
    }
    Ok(())
}

async fn required_extension(cx: &Cx) -> Verdict {
    gadget(cx, json!({})).await?.shows(&format!("/{GADGET_TAG}/tag"), "T")?;
    let without = json!({ "schemas": [GADGET], "title": "T" });
    cx.post("/Gadgets", &without).await?.refuses(400, "invalidValue")?;
    let empty = json!({ "schemas": [GADGET, GADGET_TAG], GADGET_TAG: {} });
    cx.post("/Gadgets", &empty).await?.refuses(400, "invalidValue")?;
    cx.user(json!({})).await?;
    Ok(())
}

async fn characteristics(cx: &Cx) -> Verdict {
    const TYPES: [&str; 8] =
        ["string", "boolean", "decimal", "integer", "dateTime", "reference", "binary", "complex"];
    const MUTABILITY: [&str; 4] = ["readOnly", "readWrite", "immutable", "writeOnly"];
    const RETURNED: [&str; 4] = ["always", "never", "default", "request"];
    let schemas = cx.read("/Schemas").await?;
    let one_of = |value: &Value, words: &[&str]| words.iter().any(|word| value == word);
    for (at, schema) in schemas.list("/Resources").iter().enumerate() {
        for part in ["id", "name", "description"] {
            schemas.text(&format!("/Resources/{at}/{part}"))?;
        }
        let attributes = each_attribute(&schema["attributes"]);
        schemas.expect(!attributes.is_empty(), "a schema with attributes")?;
        for attribute in attributes {
            let name = format!("{}:{}", schema["id"], attribute["name"]);
            let kind = &attribute["type"];
            schemas.expect(one_of(kind, &TYPES), format!("{name} with a type"))?;
            for flag in ["multiValued", "required"] {
                schemas.expect(attribute[flag].is_boolean(), format!("{name} with a boolean {flag}"))?;
            }
            if kind == "string" {
                schemas.expect(
                    attribute["caseExact"].is_boolean(),
                    format!("{name} with a boolean caseExact"),
                )?;
            }
            let words = one_of(&attribute["mutability"], &MUTABILITY)
                && one_of(&attribute["returned"], &RETURNED)
                && (attribute.get("uniqueness").is_none()
                    || one_of(&attribute["uniqueness"], &["none", "server", "global"]));
            schemas.expect(words, format!("{name} with mutability, returned and uniqueness"))?;
            let nulls = attribute.as_object().into_iter().flatten().any(|(_, value)| value.is_null());
            schemas.expect(!nulls, format!("{name} without null"))?;
        }
    }
    schemas.expect(!schemas.list("/Resources").is_empty(), "schemas")?;
    Ok(())
}

async fn parts_and_targets(cx: &Cx) -> Verdict {
    let schemas = cx.read("/Schemas").await?;
    let mut complex = 0;
    for schema in schemas.list("/Resources") {
        for attribute in each_attribute(&schema["attributes"]) {
            let name = format!("{}:{}", schema["id"], attribute["name"]);
            let has = |list: &str| attribute[list].as_array().is_some_and(|list| !list.is_empty());
            if attribute["type"] == "complex" {
                complex += 1;
                schemas.expect(has("subAttributes"), format!("{name} with subAttributes"))?;
            }
            if attribute["type"] == "reference" {
                schemas.expect(has("referenceTypes"), format!("{name} with referenceTypes"))?;
            }
        }
    }
    schemas.expect(complex > 0, "complex attributes")?;
    Ok(())
}

/// A value that fits an attribute, and a filter that finds it; none for what is not tried.
fn sample(attribute: &Value, mark: &str) -> Option<(Value, Option<String>)> {
    let name = attribute["name"].as_str()?;
    let quoted = |text: &str| (json!(text), Some(format!("\"{text}\"")));
    Some(match attribute["type"].as_str()? {
        "string" => match attribute["canonicalValues"].as_array().and_then(|values| values.first()) {
            Some(first) => quoted(first.as_str()?),
            None => match name {
                "locale" | "preferredLanguage" => quoted("en-US"),
                "timezone" => quoted("Europe/Berlin"),
                "country" => quoted("US"),
                _ => quoted(&format!("{name}-{mark}")),
            },
        },
        "boolean" => (json!(true), Some("true".to_owned())),
        "integer" => (json!(5), Some("5".to_owned())),
        "decimal" => (json!(2.5), Some("2.5".to_owned())),
        "dateTime" => quoted("2026-01-02T03:04:05Z"),
        "binary" => (json!("aGVsbG8="), None),
        "reference" => quoted(&format!("https://example.com/{mark}")),
        _ => return None,
    })
}

/// For each published attribute of a user: what is written is read, and found by a filter.
async fn published_is_enforced(cx: &Cx) -> Verdict {
    let mark = cx.unique("pub");
    let mut body = json!({ "schemas": [USER] });
    // Where it is shown, what it is, and what finds it.
    let mut wanted: Vec<(String, Value, Option<String>)> = Vec::new();
    let schemas = cx.read("/Schemas").await?;
    for uri in [USER, ENTERPRISE, PROBE] {
        let Some(schema) = schemas.list("/Resources").iter().find(|schema| schema["id"] == uri) else {
            continue;
        };
        let mut data = Map::new();
        for attribute in schema["attributes"].as_array().into_iter().flatten() {
            let name = attribute["name"].as_str().unwrap_or_default();
            let common = ["id", "externalId", "meta", "schemas"].contains(&name);
            // Their values are ids of other resources.
            if common || ["groups", "manager", "password"].contains(&name) || !is_plain(attribute) {
                continue;
            }
            let (pointer, prefix) = match uri {
                USER => (format!("/{name}"), name.to_owned()),
                _ => (format!("/{uri}/{name}"), format!("{uri}:{name}")),
            };
            let many = attribute["multiValued"] == true;
            if attribute["type"] == "complex" {
                let mut parts = Map::new();
                for part in attribute["subAttributes"].as_array().into_iter().flatten() {
                    let part_name = part["name"].as_str().unwrap_or_default();
                    if !is_plain(part) || part["multiValued"] == true {
                        continue;
                    }
                    if let Some((value, operand)) = sample(part, &mark) {
                        let at = if many { "/0" } else { "" };
                        let operand = operand.map(|operand| format!("{prefix}.{part_name} eq {operand}"));
                        wanted.push((format!("{pointer}{at}/{part_name}"), value.clone(), operand));
                        parts.insert(part_name.to_owned(), value);
                    }
                }
                let value = if many { json!([parts]) } else { json!(parts) };
                data.insert(name.to_owned(), value);
            } else if let Some((value, operand)) = sample(attribute, &mark) {
                let operand = operand.map(|operand| format!("{prefix} eq {operand}"));
                wanted.push((format!("{pointer}{}", if many { "/0" } else { "" }), value.clone(), operand));
                data.insert(name.to_owned(), if many { json!([value]) } else { value });
            }
        }
        let Some(map) = body.as_object_mut() else { continue };
        if uri == USER {
            map.extend(data);
        } else {
            map.insert(uri.to_owned(), Value::Object(data));
            if let Some(list) = map.get_mut("schemas").and_then(Value::as_array_mut) {
                list.push(json!(uri));
            }
        }
    }
    schemas.expect(wanted.len() > 5, "a schema of users with attributes")?;
    let user = cx.post("/Users", &body).await?.is(201)?;
    let read = cx.read(&user.path()?).await?;
    let name = read.text("/userName")?;
    for (pointer, value, filter) in wanted {
        read.shows(&pointer, value)?;
        if let Some(filter) = filter {
            let mine = format!("userName eq \"{name}\" and {filter}");
            cx.filter("/Users", &mine).await?.lists(&[user.id()?])?;
        }
    }
    Ok(())
}

/// Whether it is written, and read without being asked for.
fn is_plain(attribute: &Value) -> bool {
    let shown = attribute["returned"] == "default" || attribute["returned"] == "always";
    let written = attribute["mutability"] == "readWrite" || attribute["mutability"] == "immutable";
    shown && written
}

async fn case_exact(cx: &Cx) -> Verdict {
    let (name, external) = (cx.unique("Lea"), cx.unique("External"));
    let user = cx.user(json!({ "userName": name, "externalId": external })).await?;
    user.shows("/userName", name.as_str())?.shows("/externalId", external.as_str())?;
    let id = user.id()?;
    let finds = async |filter: String, found: bool| -> Verdict {
        let ids = if found { vec![id] } else { vec![] };
        cx.filter("/Users", &filter).await?.lists(&ids)?;
        Ok(())
    };
    finds(format!("userName eq \"{}\"", name.to_uppercase()), true).await?;
    finds(format!("userName eq \"{}\"", name.to_lowercase()), true).await?;
    finds(format!("externalId eq \"{external}\""), true).await?;
    finds(format!("externalId eq \"{}\"", external.to_lowercase()), false).await?;
    finds(format!("id eq \"{id}\""), true).await?;
    if id.to_uppercase() != id {
        finds(format!("id eq \"{}\"", id.to_uppercase()), false).await?;
    }
    if cx.part(cx.needs_groups())?.is_some() {
        let group = cx.group_of(&[&user]).await?;
        let reference = user.text("/meta/location")?;
        for (reference, found) in
            [(reference.to_owned(), true), (reference.replace(id, &id.to_uppercase()), false)]
        {
            let filter =
                format!("displayName eq {} and members.$ref eq \"{reference}\"", group.json["displayName"]);
            let ids = if found || id.to_uppercase() == id { vec![group.id()?] } else { vec![] };
            cx.filter("/Groups", &filter).await?.lists(&ids)?;
        }
    }
    Ok(())
}

/// A PATCH that sets an attribute of the probe.
fn set(attribute: &str, value: impl Into<Value>) -> Value {
    json!([{ "op": "replace", "path": format!("{PROBE}:{attribute}"), "value": value.into() }])
}

/// The body of a PUT of a user with these attributes of the probe.
fn put_body(user: &Reply, probe: &Value) -> Verdict<Value> {
    Ok(json!({ "schemas": [USER, PROBE], "userName": user.text("/userName")?, PROBE: probe }))
}

async fn read_only(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let pointer = format!("/{PROBE}/readOnlyText");
    let probe = json!({ "readOnlyText": "forged", "text": "T" });
    let user = cx.user(json!({ PROBE: probe })).await?;
    user.lacks(&pointer)?.shows(&format!("/{PROBE}/text"), "T")?;
    let path = user.path()?;
    cx.put(&path, &put_body(&user, &probe)?).await?.is(200)?.lacks(&pointer)?;
    cx.patch(&path, &set("readOnlyText", "forged")).await?.refuses(400, "mutability")?;
    cx.read(&path).await?.lacks(&pointer)?;
    Ok(())
}

async fn immutable(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let pointer = format!("/{PROBE}/immutableText");
    let user = cx.user(json!({ PROBE: { "immutableText": "first" } })).await?;
    user.shows(&pointer, "first")?;
    let path = user.path()?;
    let put = async |value: &str| cx.put(&path, &put_body(&user, &json!({ "immutableText": value }))?).await;
    put("first").await?.is(200)?.shows(&pointer, "first")?;
    put("other").await?.refuses(400, "mutability")?;
    cx.patch(&path, &set("immutableText", "other")).await?.refuses(400, "mutability")?;
    cx.read(&path).await?.shows(&pointer, "first")?;
    let empty = cx.user(json!({})).await?;
    cx.patched(&empty.path()?, set("immutableText", "late")).await?.shows(&pointer, "late")?;
    Ok(())
}

async fn write_only(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let secret = cx.unique("secret");
    let hides = |reply: &Reply| -> Verdict {
        let text = String::from_utf8_lossy(&reply.body);
        reply.expect(!text.contains(&secret), "no writeOnly value in the answer")?;
        Ok(())
    };
    let probe = json!({ "writeOnlyText": secret });
    let user = cx.user(json!({ PROBE: probe })).await?;
    hides(&user)?;
    let path = user.path()?;
    hides(&cx.read(&path).await?)?;
    hides(&cx.get(&path).query("attributes", format!("{PROBE}:writeOnlyText")).await?)?;
    hides(&cx.put(&path, &put_body(&user, &probe)?).await?.is(200)?)?;
    hides(&cx.patch(&path, &set("writeOnlyText", secret.as_str())).await?.any_of(&[200, 204])?)?;
    let filter = format!("{PROBE}:writeOnlyText eq \"x\"");
    cx.filter("/Users", &filter).await?.refuses(400, "invalidFilter")
}

async fn returned(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let probe = json!({ "alwaysText": "a", "neverText": "n", "defaultText": "d", "requestText": "r" });
    let user = cx.user(json!({ "password": "t1meMa$heen", PROBE: probe })).await?;
    let path = user.path()?;
    let shows = |reply: &Reply, wanted: [bool; 4]| -> Verdict {
        for (name, wanted) in ["alwaysText", "neverText", "defaultText", "requestText"].iter().zip(wanted) {
            let pointer = format!("/{PROBE}/{name}");
            let shown = reply.json.pointer(&pointer).is_some();
            reply.expect(shown == wanted, format!("{}{pointer}", if wanted { "" } else { "no " }))?;
        }
        Ok(())
    };
    // What is returned on request also comes with the answer to the write that gave it.
    shows(&user, [true, false, true, true])?;
    shows(&cx.read(&path).await?, [true, false, true, false])?;
    let all = ["alwaysText", "neverText", "defaultText", "requestText"].map(|name| format!("{PROBE}:{name}"));
    let all = all.join(",");
    shows(&cx.get(&path).query("attributes", all.as_str()).await?.is(200)?, [true, false, true, true])?;
    shows(&cx.get(&path).query("attributes", "userName").await?.is(200)?, [true, false, false, false])?;
    shows(
        &cx.get(&path).query("excludedAttributes", all.as_str()).await?.is(200)?,
        [true, false, false, false],
    )?;
    let list = cx.filter("/Users", &format!("id eq \"{}\"", user.id()?)).await?;
    let entry = Reply { json: list.json["Resources"][0].clone(), ..list };
    shows(&entry, [true, false, true, false])?;
    cx.get(&path).query("attributes", "password").await?.is(200)?.lacks("/password")?;
    Ok(())
}

async fn uniqueness(cx: &Cx) -> Verdict {
    cx.needs_probe()?;
    let value = cx.unique("Unique");
    let with = |value: &str| json!({ PROBE: { "uniqueText": value } });
    let first = cx.user(with(&value)).await?;
    first.shows(&format!("/{PROBE}/uniqueText"), value.as_str())?;
    cx.post("/Users", &cx.user_body(with(&value))).await?.refuses(409, "uniqueness")?;
    cx.post("/Users", &cx.user_body(with(&value.to_uppercase()))).await?.refuses(409, "uniqueness")?;
    let other = cx.user(json!({})).await?;
    cx.patch(&other.path()?, &set("uniqueText", value.as_str())).await?.refuses(409, "uniqueness")?;
    cx.user(with(&cx.unique("Unique"))).await?;
    Ok(())
}

async fn required(cx: &Cx) -> Verdict {
    let user = cx.user(json!({})).await?;
    let without = json!({ "schemas": [USER], "title": "T" });
    cx.post("/Users", &without).await?.refuses(400, "invalidValue")?;
    cx.put(&user.path()?, &without).await?.refuses(400, "invalidValue")?;
    if cx.part(needs_gadgets(cx))?.is_some() {
        let maker = |maker: Value| json!({ GADGET_TAG: { "tag": "T", "maker": maker } });
        gadget(cx, json!({})).await?;
        gadget(cx, maker(json!({ "name": "M" }))).await?;
        let mut body = maker(json!({ "place": "P" }));
        body["schemas"] = json!([GADGET, GADGET_TAG]);
        cx.post("/Gadgets", &body).await?.refuses(400, "invalidValue")?;
    }
    Ok(())
}

async fn reference_types(cx: &Cx) -> Verdict {
    let gadget = gadget(cx, json!({})).await?;
    let member = json!({ "value": gadget.id()?, "$ref": gadget.json["meta"]["location"] });
    let body = cx.group_body(json!({ "schemas": [GROUP], "members": [member] }));
    cx.post("/Groups", &body).await?.refuses(400, "invalidValue")
}
