//! Request/response cases kept as data, and their run against a server at an address.
//!
//! A file of cases holds one JSON object a line:
//! `{"id","idp","level","about","setup":[…],"request":{…},"expect":{…},"then":[{"request","expect"}…]}`.
//!
//! - `setup` items: `{"create_user":NAME,"with":{…}}` creates the standard user, its members replaced by
//!   those of `with`, and saves the answer as NAME; `{"seed_role":NAME,"members":[…]}` gives an existing role
//!   exactly these saved users as members and saves it; a request must answer 2xx.
//! - `request`: `method`, `path`, `headers` (all that are sent, beside `Host` and `Content-Length`; `""` is an
//!   empty value) and `body` (an object is JSON, a string these bytes, `null` none).
//! - `expect`: `status`, one or a list; by JSON pointer `json_pointers` (exactly this value, `"${any}"` any but
//!   null), `absent` (missing or null), `empty` (also `""` or `[]`), `lengths`, `contains` and `not_contains` (an
//!   element of the array that equals the value, or an object that has all its members); `body_contains` (pieces of
//!   the body's text); `headers` (what the value starts with).
//! - Placeholders: `${token}`, `${rand}`, `${uuid}`, `${region}`, `${region2}`, `${role}`, `${role2}`, and
//!   `${user.userName}` for a member of what was saved as `user`; `|upper` and `|url` change the text.
//!
//! A case that seeds a role counts on nobody else changing that role: run such cases one after another.
//!
//! ```no_run
//! use scim_testkit::cases::{Target, load_cases, run_case};
//! use scim_testkit::data::IDP_CASES;
//!
//! # async fn run(target: Target) {
//! for case in load_cases(IDP_CASES).unwrap() {
//!     if let Err(failure) = run_case(&case, &target).await {
//!         panic!("{failure}");
//!     }
//! }
//! # }
//! ```

mod case;
mod expect;
mod failure;
mod run;
mod setup;
mod target;
mod values;

pub use case::{Case, Level, LoadError, load_cases};
pub use failure::CaseFailure;
pub use run::run_case;
pub use target::Target;
