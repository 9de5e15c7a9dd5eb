//! A directory with devices beside users and groups: RFC 9944's schemas as JSON, one extension in Rust.
//!
//! No line of the engine knows of them; filters, PATCH, paging and versions are those of users.

use std::io::Write as _;
use std::sync::Arc;

use scim_engine::core::schema::{Attribute, AttributeType, Schema, Uniqueness};
use scim_engine::core::{Registry, ResourceType};
use scim_engine::store::TenantId;
use scim_engine::{Caller, Engine, PlainRules, plain_types};
use scim_http::{
    Grant, HttpConfig, Principal, ScimService, ServeConfig, StaticTokens, Token, serve, stop_signal,
};
use scim_sqlite::{SqliteOptions, SqliteStore};
use serde_json::json;

const DEVICE: &str = include_str!("../schemas/device.json");
const BLE: &str = include_str!("../schemas/ble.json");
const PASS_KEY: &str = include_str!("../schemas/pass-key.json");
const BADGE: &str = include_str!("../schemas/badge.json");

/// Devices on a wire, told apart by their address (RFC 9944, section 7.3).
fn ethernet_mab() -> Schema {
    let address = Attribute {
        required: true,
        uniqueness: Some(Uniqueness::Server),
        description: Some("The address of the device".to_owned()),
        ..Attribute::new("deviceMacAddress", AttributeType::String)
    };
    Schema {
        id: "urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device".to_owned(),
        name: Some("ethernetMabExtension".to_owned()),
        description: Some("A device that is let in by its address".to_owned()),
        attributes: vec![address],
    }
}

fn registry() -> Result<Registry, Box<dyn std::error::Error>> {
    let device = Schema::from_json(DEVICE)?;
    let devices = ResourceType::new("Device", "/Devices", &device.id).with_description("Device Account");
    let registry = plain_types()
        .extend("User", Schema::from_json(BADGE)?)
        .schema(device)
        .resource_type(devices)
        .extend("Device", Schema::from_json(BLE)?)
        .extend("Device", Schema::from_json(PASS_KEY)?)
        .extend("Device", ethernet_mab())
        .build()?;
    Ok(registry)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stop = stop_signal()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}/scim/v2", listener.local_addr()?);
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("devices.sqlite"), &SqliteOptions::default())?;
    let token = Token::generate()?;
    let client = Principal { tenant: TenantId::new("demo")?, caller: Caller::default() };
    let tokens = StaticTokens::new([(token.hash(), Grant::new(client))]);
    let engine = Engine::new(store, PlainRules, registry()?, &base);
    let config = HttpConfig { prefix: "/scim/v2".to_owned(), ..HttpConfig::default() };
    let service = ScimService::new(Arc::new(engine), tokens, config);
    let ready = json!({ "ready": true, "base_url": base, "token": token.reveal() });
    writeln!(std::io::stdout(), "{ready}")?;
    serve(listener, service, ServeConfig::default(), stop).await;
    Ok(())
}
