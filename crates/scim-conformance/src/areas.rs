//! The checks, one file an area of the checklist.

mod access;
mod bulk;
mod create;
mod cursors;
mod data_types;
mod delete;
mod discovery;
mod discovery_content;
mod errors;
mod filtering;
mod http;
mod me;
mod modify;
mod modify_add;
mod modify_remove;
mod modify_replace;
mod paging;
mod people;
mod read;
mod replace;
mod resources;
mod schemas;
mod search;
mod security;
mod selection;
mod versions;

use crate::check::Entry;

/// Every area with checks.
const AREAS: &[&[Entry]] = &[
    data_types::ROWS,
    schemas::ROWS,
    resources::ROWS,
    discovery_content::ROWS,
    discovery::ROWS,
    http::ROWS,
    access::ROWS,
    create::ROWS,
    read::ROWS,
    filtering::ROWS,
    paging::ROWS,
    selection::ROWS,
    search::ROWS,
    replace::ROWS,
    modify::ROWS,
    modify_add::ROWS,
    modify_remove::ROWS,
    modify_replace::ROWS,
    delete::ROWS,
    bulk::ROWS,
    me::ROWS,
    errors::ROWS,
    versions::ROWS,
    security::ROWS,
    cursors::ROWS,
];

/// What is known about each row.
pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    AREAS.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rows::rows;

    #[test]
    fn each_entry_is_of_a_row_and_none_stands_twice() {
        let known: BTreeSet<&str> = rows().iter().map(|row| row.id).collect();
        let mut seen = BTreeSet::new();
        for entry in entries() {
            assert!(known.contains(entry.id), "{} is no row", entry.id);
            assert!(seen.insert(entry.id), "{} stands twice", entry.id);
        }
    }
}
