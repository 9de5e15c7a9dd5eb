//! The lowering, tried on tables that are not ours.

mod own_table;
