//! Devices over HTTP: what the standard says of users holds for them.

use std::net::SocketAddr;
use std::process::Command;

use scim_testkit::http::{Request, Response, send};
use scim_testkit::server::Server;
use serde_json::{Value, json};

const DEVICE: &str = "urn:ietf:params:scim:schemas:core:2.0:Device";
const BLE: &str = "urn:ietf:params:scim:schemas:extension:ble:2.0:Device";
const PASS_KEY: &str = "urn:ietf:params:scim:schemas:extension:pairingPassKey:2.0:Device";
const MAB: &str = "urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device";
const BADGE: &str = "urn:example:params:scim:schemas:extension:badge:2.0:User";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

struct Directory {
    address: SocketAddr,
    token: String,
    _server: Server,
}

impl Directory {
    fn start() -> Self {
        let server = Server::start(&mut Command::new(env!("CARGO_BIN_EXE_devices"))).unwrap();
        let ready = server.ready();
        Self { address: ready.address, token: ready.token.clone(), _server: server }
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let bearer = format!("Bearer {}", self.token);
        let mut request =
            Request::new(method, format!("/scim/v2{path}")).with_header("Authorization", bearer);
        if let Some(body) = body {
            request =
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
        }
        send(self.address, &request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json().unwrap()
    }

    async fn create(&self, endpoint: &str, body: Value) -> Value {
        let answer = self.send("POST", endpoint, Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json().unwrap()
    }

    async fn thermometer(&self, address: &str) -> Value {
        let ble = json!({
            "deviceMacAddress": address, "versionSupport": ["5.3"], "isRandom": false,
            "pairingMethods": [PASS_KEY], "irk": "secret",
        });
        let body = json!({ "schemas": [DEVICE, BLE, PASS_KEY], "displayName": format!("Thermometer {address}"),
            "active": false, BLE: ble, PASS_KEY: { "key": 123_456 } });
        self.create("/Devices", body).await
    }

    async fn patch(&self, path: &str, operations: Value) -> Response {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send("PATCH", path, Some(json!({ "schemas": schemas, "Operations": operations }))).await
    }

    /// The names of the devices that a query gives, in order.
    async fn names(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/Devices?{query}")).await;
        let names = list["Resources"].as_array().unwrap().iter();
        names.map(|device| device["displayName"].as_str().unwrap().to_owned()).collect()
    }
}

fn path_of(resource: &Value) -> String {
    resource["meta"]["location"].as_str().unwrap().split_once("/scim/v2").unwrap().1.to_owned()
}

/// 7643-6-01, 7643-6-02: the type and its schemas are published, those in JSON and that in Rust.
#[tokio::test]
async fn devices_are_discovered() {
    let directory = Directory::start();
    let device = directory.get("/ResourceTypes/Device").await;
    assert_eq!((&device["endpoint"], &device["schema"]), (&json!("/Devices"), &json!(DEVICE)));
    let extensions = device["schemaExtensions"].as_array().unwrap();
    let extensions: Vec<_> =
        extensions.iter().map(|extension| extension["schema"].as_str().unwrap()).collect();
    assert_eq!(extensions, [BLE, PASS_KEY, MAB]);
    for uri in [DEVICE, BLE, PASS_KEY, MAB, BADGE] {
        assert_eq!(directory.get(&format!("/Schemas/{uri}")).await["id"], uri);
    }
}

/// 7644-3.3-01, 7643-7-09, 7643-7-12: a device and its extensions; the key by which it is resolved is kept secret.
#[tokio::test]
async fn a_device_is_created_and_read() {
    let directory = Directory::start();
    let device = directory.thermometer("2C:54:91:88:C9:E2").await;
    assert_eq!(device["schemas"], json!([DEVICE, BLE, PASS_KEY]));
    assert_eq!((&device["active"], &device[PASS_KEY]["key"]), (&json!(false), &json!(123_456)));
    assert_eq!(device[BLE].get("irk"), None);
    assert_eq!(directory.get(&path_of(&device)).await, device);
    let lacking = json!({ "schemas": [DEVICE, BLE], BLE: { "isRandom": true, "versionSupport": ["5.3"] } });
    let answer = directory.send("POST", "/Devices", Some(lacking)).await;
    let error = answer.json().unwrap();
    assert_eq!((answer.status, &error["scimType"]), (400, &json!("invalidValue")));
    for missing in ["deviceMacAddress", "pairingMethods"] {
        assert!(error["detail"].as_str().unwrap().contains(missing), "{error}");
    }
}

/// 7643-7-11: an address belongs to one device, in whatever letter case.
#[tokio::test]
async fn an_address_is_unique() {
    let directory = Directory::start();
    directory.thermometer("2C:54:91:88:C9:E2").await;
    let other = directory.thermometer("2C:54:91:88:C9:E3").await;
    let taken =
        json!([{ "op": "replace", "path": format!("{BLE}:deviceMacAddress"), "value": "2c:54:91:88:c9:e2" }]);
    let answer = directory.patch(&path_of(&other), taken).await;
    assert_eq!((answer.status, &answer.json().unwrap()["scimType"]), (409, &json!("uniqueness")));
}

/// 7644-3.4.2.2-21, 7644-3.4.2.3-01, 7644-3.4.2.4-02: filters, orders and pages.
#[tokio::test]
async fn devices_are_listed_as_users_are() {
    let directory = Directory::start();
    for address in ["b", "a", "c"] {
        directory.thermometer(address).await;
    }
    let lamp = json!({ "schemas": [DEVICE, MAB], "displayName": "Lamp", "active": true,
        "mudUrl": "https://lamp.example/mud", MAB: { "deviceMacAddress": "d" } });
    directory.create("/Devices", lamp).await;
    for (query, expected) in [
        (format!("filter={BLE}:deviceMacAddress%20eq%20%22A%22"), &["Thermometer a"][..]),
        (
            format!(
                "filter={BLE}:versionSupport%20eq%20%225.3%22%20and%20{PASS_KEY}:key%20gt%200&sortBy=displayName&count=1"
            ),
            &["Thermometer a"],
        ),
        ("filter=active%20eq%20true".to_owned(), &["Lamp"]),
        (
            format!(
                "filter=not%20({MAB}:deviceMacAddress%20pr)&sortBy={BLE}:deviceMacAddress&sortOrder=descending"
            ),
            &["Thermometer c", "Thermometer b", "Thermometer a"],
        ),
        ("sortBy=displayName&startIndex=2&count=2".to_owned(), &["Thermometer a", "Thermometer b"]),
    ] {
        assert_eq!(directory.names(&query).await, expected, "{query}");
    }
    let all = directory.get("/?filter=meta.resourceType%20eq%20%22Device%22").await;
    assert_eq!(all["totalResults"], 4);
}

/// 7644-3.5.2-06, 7644-3.5.2-13, 7644-3.6-02: PATCH, PUT and DELETE.
#[tokio::test]
async fn devices_are_changed_as_users_are() {
    let directory = Directory::start();
    let device = directory.thermometer("a").await;
    let path = path_of(&device);
    let operations = json!([
        { "op": "replace", "value": { "active": "True" } },
        { "op": "remove", "path": PASS_KEY },
        { "op": "add", "path": format!("{BLE}:versionSupport"), "value": ["5.4", "5.3"] },
    ]);
    let changed = directory.patch(&path, operations).await.json().unwrap();
    assert_eq!(changed["schemas"], json!([DEVICE, BLE]));
    assert_eq!((&changed["active"], &changed[BLE]["versionSupport"]), (&json!(true), &json!(["5.3", "5.4"])));
    let body = json!({ "schemas": [DEVICE], "displayName": "Other", "active": false });
    let put = directory.send("PUT", &path, Some(body)).await.json().unwrap();
    assert_eq!((&put["displayName"], &put[BLE]), (&json!("Other"), &changed[BLE]));
    assert_eq!(directory.send("DELETE", &path, None).await.status, 204);
    assert_eq!(directory.send("GET", &path, None).await.status, 404);
}

/// 7643-2.3.7-01: an extension of users points at devices, and the server fills the reference in.
#[tokio::test]
async fn users_wear_devices() {
    let directory = Directory::start();
    let device = directory.thermometer("a").await;
    let badge = json!({ "number": "7", "device": { "value": device["id"] } });
    let body = json!({ "schemas": [USER, BADGE], "userName": "lea", BADGE: badge });
    let user = directory.create("/Users", body).await;
    assert_eq!(user[BADGE]["device"]["$ref"], device["meta"]["location"]);
    let filter =
        format!("/Users?filter={BADGE}:device.value%20eq%20%22{}%22", device["id"].as_str().unwrap());
    assert_eq!(directory.get(&filter).await["totalResults"], 1);
}
