//! Users and groups as Rust types, for those who like types.
//!
//! They hold what the standard defines; everything else, extensions above all, is kept in `rest`, so
//! that nothing is lost on the way through:
//!
//! ```
//! use scim_core::typed::{Entry, User};
//! use serde_json::{Map, Value, json};
//!
//! let body = json!({
//!     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
//!     "userName": "lea",
//!     "emails": [{ "value": "lea@example.com", "type": "work" }],
//!     "urn:example:params:scim:schemas:extension:desk:2.0:User": { "floor": 3 },
//! });
//! let mut user = User::try_from(body)?;
//! user.emails.push(Entry { kind: Some("home".into()), ..Entry::new("lea@example.org") });
//! assert_eq!(user.rest["urn:example:params:scim:schemas:extension:desk:2.0:User"]["floor"], 3);
//! let map = Map::from(user);
//! assert_eq!(map["emails"][1]["value"], "lea@example.org");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Reading tells apart neither null nor empty nor absent; printing leaves such attributes out
//! (7643-2.5-01).

mod enterprise;
mod group;
mod names;
mod user;

pub use enterprise::{EnterpriseUser, Manager};
pub use group::Group;
pub use user::{Address, Entry, Meta, Name, User};
