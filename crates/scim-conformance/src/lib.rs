//! The conformance checklist of RFC 7643, RFC 7644 and RFC 9865, run against a server over HTTP.
//!
//! - [`rows`]: the 289 rows of the checklist, each with its id, area, level and title.
//! - [`Target`]: where the server is, and what else of it may be used.
//! - [`run()`]: runs every row, gives a [`Report`].
//! - [`Fault`] and [`Proxy`]: a server seen through something that breaks its answers in one way, to
//!   show that the rows can fail.
//!
//! A row is one requirement. What it needs beyond one URL and one token (a second tenant, a token
//! that may only read, a server with a feature off) the target may offer; where it does not, the row
//! is *not testable*, with the reason.

mod areas;
mod call;
mod check;
mod cx;
mod facts;
mod fault;
mod overrides;
mod prove;
mod prove_report;
mod proxy;
mod reply;
mod report;
mod rows;
mod run;
mod target;
mod traffic;

pub use check::{Failure, Outcome};
pub use fault::{Breadth, Fault, faults};
pub use overrides::{Override, OverridesError};
pub use prove::{Extent, Proof, Tried, prove, through};
pub use proxy::Proxy;
pub use report::{Report, Setting};
pub use rows::{Level, Row, area_name, rows};
pub use run::{Session, SessionError, run};
pub use target::{Addition, Profile, Service, Target, TargetError};
