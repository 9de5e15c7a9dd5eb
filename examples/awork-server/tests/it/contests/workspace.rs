//! The workspace of a round, and what must hold in it whoever has won.

use std::collections::BTreeMap;

use scim_testkit::http::Response;
use serde_json::{Value, json};

use super::arena::Arena;
use super::request::{Ask, EXTENSION, id_of, is_done};

/// A workspace with its integration.
pub(super) struct Workspace<'a> {
    pub(super) arena: &'a Arena,
    pub(super) name: String,
    pub(super) token: String,
}

/// What is in a workspace.
pub(super) struct Seen {
    /// The users whom SCIM shows.
    pub(super) users: Vec<Value>,
    /// What `seats show` says.
    pub(super) seats: Value,
}

impl Workspace<'_> {
    /// An e-mail that nobody has elsewhere.
    pub(super) fn email(&self, name: &str) -> String {
        format!("{name}@{}.example", self.name)
    }

    /// What one client is told.
    pub(super) async fn alone(&self, ask: Ask) -> Response {
        self.arena.alone(0, &self.token, ask).await
    }

    /// What clients are told who start at the same moment.
    pub(super) async fn at_once(&self, asks: impl IntoIterator<Item = Ask>) -> Vec<Response> {
        self.arena.at_once(asks.into_iter().map(|ask| (self.token.as_str(), ask)).collect()).await
    }

    async fn get(&self, client: usize, path: &str) -> Value {
        let answer = self.arena.alone(client, &self.token, Ask::get(path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json().unwrap()
    }

    /// A person who takes no seat until they are activated.
    pub(super) async fn inactive_people(&self, count: usize) -> Vec<String> {
        let asks = (0..count).map(|number| Ask::create_inactive(&self.email(&format!("old-{number}"))));
        self.at_once(asks).await.iter().map(id_of).collect()
    }

    /// A person whom an admin invites by hand, with any role.
    pub(super) async fn invite(&self, name: &str, role: &str) -> String {
        let invite = json!({
            "workspace": self.name, "email": self.email(name),
            "given_name": name, "family_name": "Berg", "role": role,
        });
        let told = self.arena.order("user/create", invite).await;
        told["id"].as_str().unwrap().to_owned()
    }

    /// What the admin's command shows of a user.
    pub(super) async fn show(&self, email: &str) -> Value {
        self.arena.order("user/show", json!({ "workspace": self.name, "user": email })).await
    }

    /// The id of the admin whom the workspace began with.
    pub(super) async fn ada(&self) -> String {
        self.show(&self.email("ada")).await["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn role_of(&self, user: &str) -> String {
        let user = self.get(1, &format!("/Users/{user}")).await;
        user[EXTENSION]["userRole"].as_str().unwrap().to_owned()
    }

    pub(super) async fn group(&self, name: &str) -> String {
        let found = self.get(0, &format!("/Groups?filter=displayName%20eq%20%22{name}%22")).await;
        found["Resources"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Looks at all there is, by any server, and checks what always holds: everybody has one role, which
    /// users and groups agree on (D-69, D-74, A-22); active people take the seats in use, of those that are
    /// booked (D-28, D-29, A-51); and there is an active admin (D-70).
    pub(super) async fn check(&self, client: usize) -> Seen {
        let list = self.get(client, "/Users?count=200").await;
        let users = list["Resources"].as_array().unwrap().clone();
        assert_eq!(list["totalResults"], users.len());
        let mut by_role: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut thirds = 0;
        for user in &users {
            let role = user[EXTENSION]["userRole"].as_str().unwrap();
            let shown: Vec<&str> = user["groups"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|group| group["display"].as_str().unwrap())
                .collect();
            if role == "Guest" {
                assert!(shown.is_empty(), "{user}");
            } else {
                assert_eq!(shown, [role], "{user}");
                by_role.entry(role).or_default().push(user["id"].as_str().unwrap());
            }
            if user["active"] == true {
                thirds += if role == "Guest" { 1 } else { 3 };
            }
        }
        let groups = self.get(client + 1, "/Groups").await;
        for group in groups["Resources"].as_array().unwrap() {
            let members = group["members"].as_array().into_iter().flatten();
            let mut members: Vec<&str> = members.map(|member| member["value"].as_str().unwrap()).collect();
            let mut holders = by_role.remove(group["displayName"].as_str().unwrap()).unwrap_or_default();
            members.sort_unstable();
            holders.sort_unstable();
            assert_eq!(members, holders, "{}", group["displayName"]);
        }
        assert!(by_role.is_empty(), "no such groups: {by_role:?}");
        let seats = self.arena.order("seats/show", json!({ "workspace": self.name })).await;
        assert_eq!(seats["used_thirds"], thirds);
        assert!(thirds <= 3 * seats["booked"].as_i64().unwrap(), "{seats}");
        let seen = Seen { users, seats };
        assert!(!seen.admins().is_empty(), "no admin is left");
        seen
    }
}

impl Seen {
    /// The ids of the active admins.
    pub(super) fn admins(&self) -> Vec<&str> {
        let admins =
            self.users.iter().filter(|user| user["active"] == true && user[EXTENSION]["userRole"] == "Admin");
        admins.map(|user| user["id"].as_str().unwrap()).collect()
    }
}

/// Of how many answers something came.
pub(super) fn count_done(answers: &[Response]) -> usize {
    answers.iter().filter(|answer| is_done(answer)).count()
}
