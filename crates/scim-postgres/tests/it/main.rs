//! What the store promises, tried on PostgreSQL.

mod contract;
mod oracle;
mod place;
