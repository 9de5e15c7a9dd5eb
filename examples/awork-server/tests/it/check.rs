//! The check of the data, and their repair, with the built binary: on the data, at a running server, on both
//! databases.

use scim_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::scenarios::World;

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// Does to the data what the server would never do.
enum Damage {
    File(std::path::PathBuf),
    Database(String),
}

impl Damage {
    fn run(&self, sql: &str) {
        match self {
            Self::File(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
            Self::Database(url) => {
                Cluster::shared().sql(url, &format!("SET search_path TO scim; {sql}")).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(["--data", folder.path().to_str().unwrap()]);
    found_and_mended(&world, &Damage::File(folder.path().join("awork.sqlite"))).await;
    let (status, said) = world.server.terminate().unwrap();
    assert!(status.success(), "{said}");
    // The same in place, when no server is running.
    let shell = crate::command::Shell::new(["--data", folder.path().to_str().unwrap()]);
    assert_eq!(shell.done(&["check"]), json!({ "sound": true, "differences": [] }));
}

#[tokio::test]
async fn on_postgres() {
    let database = Cluster::shared().database().unwrap();
    let world = World::start(["--database-url", &database]);
    found_and_mended(&world, &Damage::Database(database.clone())).await;
}

fn whats(told: &Value, of: &str) -> Vec<String> {
    let rows = told[of].as_array().unwrap();
    let mut whats: Vec<String> = rows.iter().map(|row| row["what"].as_str().unwrap().to_owned()).collect();
    whats.sort();
    whats.dedup();
    whats
}

/// D-29, D-69, D-70: counters, unique values, links and match forms are compared with the documents; what differs
/// is told with an exit status of 1, mended under a running server, and then gone.
async fn found_and_mended(world: &World, damage: &Damage) {
    let shell = &world.admin;
    shell.workspace("acme");
    shell.workspace("other");
    let token = shell.set_up("acme", "okta");
    for name in ["lea", "max"] {
        let email = format!("{name}@acme.example");
        shell.done(&["user", "create", "acme", &email, "--given-name", "L", "--family-name", "B"]);
    }
    let sound = json!({ "sound": true, "differences": [] });
    assert_eq!((shell.done(&["check"]), world.on_data.done(&["check"])), (sound.clone(), sound.clone()));
    let seats = shell.done(&["seats", "show", "acme"]);
    let lea = shell.done(&["user", "show", "acme", "lea@acme.example"])["id"].as_str().unwrap().to_owned();
    let of = "space = 'tenant/acme' AND";
    damage.run(&format!(
        "UPDATE counter SET value = value + 30 WHERE {of} name = 'seats'; \
         DELETE FROM counter WHERE {of} name = 'admins'; \
         DELETE FROM unique_value WHERE {of} holder_id = '{lea}'; \
         INSERT INTO unique_value VALUES ('tenant/acme', 'User:userName', 'eve@acme.example', 'User', 'gone'); \
         DELETE FROM link WHERE {of} member_id = '{lea}'; \
         UPDATE total SET visible = visible + 5 WHERE {of} kind = 'User'; \
         UPDATE resource SET name_folded = 'x' WHERE {of} kind = 'Group'"
    ));
    match damage {
        Damage::File(_) => damage.run(&format!(
            "UPDATE resource SET form = jsonb_set(form, '$.userName', 'wrong') WHERE id = '{lea}'"
        )),
        Damage::Database(_) => damage.run(&format!(
            "UPDATE resource SET form = jsonb_set(form, '{{userName}}', '\"wrong\"') WHERE id = '{lea}'"
        )),
    }
    let all = ["claim", "counter", "index", "link", "match-form", "names", "total"];
    for shell in [shell, &world.on_data] {
        let told = shell.differing(&["check"]);
        assert_eq!(
            (whats(&told, "differences"), &told["sound"]),
            (all.map(String::from).into(), &json!(false))
        );
        let rows = told["differences"].as_array().unwrap();
        let of_seats = rows.iter().find(|row| row["where"] == "seats").unwrap();
        let used = seats["used_thirds"].as_i64().unwrap();
        let wanted = json!({
            "what": "counter", "space": "tenant/acme", "where": "seats",
            "expected": used.to_string(), "found": (used + 30).to_string(),
        });
        assert_eq!(*of_seats, wanted);
        let (done, text) = shell.text(&["check"]);
        assert!(!done && text.is_empty(), "what differs is no error: {text}");
    }
    let told = shell.done(&["check", "--repair"]);
    assert_eq!((whats(&told, "differences"), &told["sound"]), (all.map(String::from).into(), &json!(true)));
    assert_eq!(told["remaining"], json!([]));
    assert!(told["mended"].as_u64().unwrap() >= 6, "{told}");
    assert_eq!((shell.done(&["check"]), world.on_data.done(&["check"])), (sound.clone(), sound));
    assert_eq!(shell.done(&["seats", "show", "acme"]), seats);
    let shown = world.get(&token, &format!("/Users/{lea}")).await;
    assert_eq!(
        (&shown["userName"], &shown[EXTENSION]["userRole"]),
        (&json!("lea@acme.example"), &json!("User"))
    );
    let found = world.get(&token, "/Users?filter=userName%20eq%20%22lea@acme.example%22").await;
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(lea)));
    assert_eq!(world.get(&token, "/Users").await["totalResults"], 3);
    // D-70: the counter that was lost keeps the last admin again.
    let error = shell.refused(&["user", "deactivate", "acme", "ada@acme.example"]);
    assert!(error["detail"].as_str().unwrap().contains("admin"), "{error}");
    let again = world.on_data.done(&["check", "--repair"]);
    assert_eq!(again, json!({ "sound": true, "differences": [], "mended": 0, "remaining": [] }));
    let error = shell.refused(&["check", "--as", "ada@acme.example"]);
    assert_eq!(error["status"], "403", "{error}");
}
