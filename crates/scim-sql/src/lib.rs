//! What SQL backends share: bound filters as SQL, the layout of rows.
//!
//! [`lower`] turns a bound [`Predicate`](scim_core::Predicate) into a condition on any [`Columns`]: those of
//! the [`Layout`] that our own backends have, or those of an application with tables of its own.
//! [`lower_order`] does so with an order. A [`Dialect`] says how the database writes it. No driver is
//! needed; values are never part of the text, they come beside it as [`Param`]s.
//!
//! [`Listing`] turns a whole [`Query`](scim_engine::store::Query) into statements on the layout.

mod candidates;
pub mod check;
mod columns;
mod dialect;
#[cfg(feature = "histories")]
pub mod histories;
mod index_key;
mod index_row;
mod layout;
mod listing;
mod lower;
mod nested;
mod order;
#[cfg(feature = "plans")]
pub mod plans;
#[cfg(feature = "sample")]
pub mod sample;
mod sql;

pub use candidates::Candidates;
pub use columns::{Columns, Lookup, Rows, Value};
pub use dialect::{Dialect, JsonPlace, JsonStep, JsonView, Postgres, Sqlite, exact_digits};
pub use index_key::{INDEX_CHARS, index_key, unique_key};
pub use index_row::{IndexRow, RANK_LONG, RANK_OTHER, index_rows};
pub use layout::{Layout, far_ends, far_ends_at, far_ends_of_all, indexed_path};
pub use listing::{Count, Listing, Segment, sort_value};
pub use lower::{Condition, lower, lower_far_end};
pub use order::{RANK_ABSENT, SortColumns, lower_order, sort_params};
pub use sql::{Param, Sql};
