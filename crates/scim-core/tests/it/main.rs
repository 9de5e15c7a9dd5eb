//! The rules of the standard, row by row, shown on the pure functions.

#![expect(clippy::needless_pass_by_value, reason = "rows of a table read better with values in them")]

mod allocation;
mod create;
mod data_types;
mod details;
mod filter;
mod filter_lists;
mod limits;
mod messages;
mod order;
mod patch_add;
mod patch_message;
mod patch_paths;
mod patch_remove;
mod patch_replace;
mod patch_rules;
mod properties;
mod put;
mod references;
mod registry;
mod represent;
mod schemas;
mod selection;
mod strict;
mod tolerances;
mod typed;
mod unicode;
mod world;
