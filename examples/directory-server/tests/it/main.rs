//! The plain directory, as a process over real HTTP.

mod client;
mod concurrency;
mod groups;
mod users;
