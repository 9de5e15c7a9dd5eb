//! The service as its clients see it: called directly, nested in a router, and over real connections.

mod answers;
mod anything;
mod auth;
mod bodies;
mod bulk;
mod conditions;
mod discovery;
mod faults;
mod faulty;
mod guards;
mod leniency;
mod logging;
mod nested;
mod paging;
mod probes;
mod routes;
mod scopes;
mod wire;
mod world;
