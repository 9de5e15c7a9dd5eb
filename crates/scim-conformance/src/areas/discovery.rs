//! Area 5: the discovery endpoints.

use serde_json::json;

use crate::check::{Verdict, area};
use crate::cx::{Cx, ENTERPRISE, USER};
use crate::reply::{ERROR, LIST, Reply};

area! {
    "7644-4-01": configuration,
    "7644-4-02": schemas,
    "7644-4-03": one_schema,
    "7644-4-04": resource_types,
    "7644-4-05": parameters_are_ignored,
    "7644-4-06": filters_are_refused,
    "7644-4-07": entries_have_meta,
    "7644-3.1-01": messages_are_not_discoverable,
    "7644-3.1-02": messages_have_uris,
}

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

async fn configuration(cx: &Cx) -> Verdict {
    let config = cx.read("/ServiceProviderConfig").await?;
    config.shows("/schemas", json!([CONFIG]))?.lacks("/Resources")?;
    cx.get("/ServiceProviderConfigs").await?.refuses(404, "")
}

/// Expects a list with all its entries on one page.
fn is_whole_list(reply: &Reply) -> Verdict {
    reply.shows("/schemas", json!([LIST]))?;
    let count = reply.list("/Resources").len();
    reply.expect(count > 0, "entries in Resources")?;
    reply.shows("/totalResults", count)?;
    Ok(())
}

async fn schemas(cx: &Cx) -> Verdict {
    let schemas = cx.read("/Schemas").await?;
    is_whole_list(&schemas)?;
    let ids: Vec<&str> =
        schemas.list("/Resources").iter().filter_map(|schema| schema["id"].as_str()).collect();
    let types = cx.read("/ResourceTypes").await?;
    for kind in types.list("/Resources") {
        let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
        let uris = extensions.map(|extension| &extension["schema"]).chain([&kind["schema"]]);
        for uri in uris.filter_map(|uri| uri.as_str()) {
            schemas.expect(ids.contains(&uri), format!("the schema {uri} of a resource type"))?;
        }
    }
    Ok(())
}

async fn one_schema(cx: &Cx) -> Verdict {
    let mut uris = vec![USER];
    if cx.part(cx.needs_enterprise())?.is_some() {
        uris.push(ENTERPRISE);
    }
    for uri in uris {
        for spelled in [uri.to_owned(), uri.to_uppercase(), uri.replace(':', "%3A")] {
            cx.read(&format!("/Schemas/{spelled}")).await?.shows("/id", uri)?.lacks("/Resources")?;
        }
    }
    cx.get("/Schemas/urn:example:none").await?.refuses(404, "")
}

async fn resource_types(cx: &Cx) -> Verdict {
    let types = cx.read("/ResourceTypes").await?;
    is_whole_list(&types)?;
    for kind in types.list("/Resources") {
        let name = kind["name"].as_str().unwrap_or_default();
        let one = cx.read(&format!("/ResourceTypes/{name}")).await?;
        one.shows("/name", name)?.shows("/endpoint", kind["endpoint"].clone())?.lacks("/Resources")?;
    }
    cx.get("/ResourceTypes/None").await?.refuses(404, "")
}

async fn parameters_are_ignored(cx: &Cx) -> Verdict {
    for path in ["/Schemas", "/ResourceTypes"] {
        let plain = cx.read(path).await?;
        is_whole_list(&plain)?;
        let call = cx.get(path).query("count", 1).query("startIndex", 2).query("sortOrder", "descending");
        let asked = call.query("attributes", "id").await?.is(200)?;
        asked.shows("/totalResults", plain.json["totalResults"].clone())?;
        asked.shows("/Resources", plain.json["Resources"].clone())?;
    }
    Ok(())
}

async fn filters_are_refused(cx: &Cx) -> Verdict {
    let schema = format!("/Schemas/{USER}");
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", &schema, "/ResourceTypes/User"] {
        // The filter is written out, as it is no filter on resources.
        cx.get(&format!("{path}?filter=id%20pr")).await?.refuses(403, "")?;
    }
    Ok(())
}

async fn entries_have_meta(cx: &Cx) -> Verdict {
    for (path, kind) in [("/Schemas", "Schema"), ("/ResourceTypes", "ResourceType")] {
        let list = cx.read(path).await?;
        is_whole_list(&list)?;
        let uri = format!("urn:ietf:params:scim:schemas:core:2.0:{kind}");
        for (at, entry) in list.list("/Resources").iter().enumerate() {
            list.shows(&format!("/Resources/{at}/schemas"), json!([uri]))?;
            list.shows(&format!("/Resources/{at}/meta/resourceType"), kind)?;
            let location = list.text(&format!("/Resources/{at}/meta/location"))?;
            cx.read(location).await?.shows("/id", entry["id"].clone())?;
        }
    }
    let config = cx.read("/ServiceProviderConfig").await?;
    config.shows("/meta/resourceType", "ServiceProviderConfig")?;
    cx.read(config.text("/meta/location")?).await?.shows("/schemas", json!([CONFIG]))?;
    Ok(())
}

async fn messages_are_not_discoverable(cx: &Cx) -> Verdict {
    let schemas = cx.read("/Schemas").await?;
    is_whole_list(&schemas)?;
    for schema in schemas.list("/Resources") {
        let id = schema["id"].as_str().unwrap_or_default();
        let is_message = id.starts_with("urn:ietf:params:scim:api:");
        schemas.expect(!is_message, "no schema of a message")?;
    }
    cx.get(&format!("/Schemas/{LIST}")).await?.refuses(404, "")
}

async fn messages_have_uris(cx: &Cx) -> Verdict {
    cx.get("/Users").query("count", 1).await?.is(200)?.shows("/schemas", json!([LIST]))?;
    let unknown = format!("/Users/{}", cx.unique("none"));
    cx.get(&unknown).await?.is(404)?.shows("/schemas", json!([ERROR]))?;
    if cx.facts().supports("bulk") {
        let bulk = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{ "method": "DELETE", "path": unknown }],
        });
        let uri = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
        cx.post("/Bulk", &bulk).await?.is(200)?.shows("/schemas", json!([uri]))?;
    }
    Ok(())
}
