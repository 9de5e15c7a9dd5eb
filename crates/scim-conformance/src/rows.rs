//! The rows of the checklist: id, area, level, title.

use std::fmt;
use std::sync::LazyLock;

/// One requirement of the checklist.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Row {
    /// RFC, section and running number, such as `7644-3.5.2-07`.
    pub id: &'static str,
    /// The area, from 1.
    pub area: usize,
    /// How strongly the RFC asks for it.
    pub level: Level,
    /// What it asks for.
    pub title: &'static str,
}

/// The keyword of the RFC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// MUST, SHALL, or a rule stated without a keyword.
    Must,
    /// MUST NOT, SHALL NOT.
    MustNot,
    /// SHOULD, or SHOULD NOT.
    Should,
    /// MAY.
    May,
    /// The RFCs leave it open; the checklist takes a reading.
    Open,
}

impl Level {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "MUST" | "SHALL" => Self::Must,
            "MUST NOT" | "SHALL NOT" => Self::MustNot,
            "SHOULD" | "SHOULD NOT" => Self::Should,
            "MAY" => Self::May,
            "—" => Self::Open,
            _ => return None,
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "MUST",
            Self::MustNot => "MUST NOT",
            Self::Should => "SHOULD",
            Self::May => "MAY",
            Self::Open => "open",
        })
    }
}

/// The areas, in order, with how many rows each has.
pub(crate) const AREAS: [(&str, usize); 22] = [
    ("Attribute data types and values", 20),
    ("The schemas array, common attributes, extensions", 16),
    ("User, Group, Enterprise User", 18),
    ("Service provider configuration, resource types, schemas: content", 19),
    ("Discovery endpoints", 9),
    ("HTTP: endpoints, methods, media types", 7),
    ("Authentication and authorisation", 4),
    ("Create", 8),
    ("Read and query", 13),
    ("Filtering", 28),
    ("Sorting and index pagination", 14),
    ("Attribute selection", 7),
    ("Query by POST", 3),
    ("Replace (PUT)", 8),
    ("Modify (PATCH)", 42),
    ("Delete", 5),
    ("Bulk", 21),
    ("/Me", 3),
    ("Errors and status codes", 9),
    ("Protocol version, ETags", 8),
    ("Strings, tenancy, security", 9),
    ("Cursor pagination", 18),
];

/// The name of an area, counted from 1; empty where there is no such area.
#[must_use]
pub fn area_name(area: usize) -> &'static str {
    area.checked_sub(1).and_then(|at| AREAS.get(at)).map_or("", |(name, _)| name)
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // The table is part of the crate, and a test counts its rows.
    include_str!("../data/rows.tsv").lines().skip(1).filter_map(read).collect()
});

fn read(line: &'static str) -> Option<Row> {
    let mut cells = line.split('\t');
    let (area, id, level, title) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    Some(Row { id, area: area.parse().ok()?, level: Level::parse(level)?, title })
}

/// Every row of the checklist, in its order.
#[must_use]
pub fn rows() -> &'static [Row] {
    &ROWS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_the_rows_of_the_checklist() {
        for (at, (name, count)) in AREAS.iter().enumerate() {
            let found = rows().iter().filter(|row| row.area == at + 1).count();
            assert_eq!(found, *count, "{name}");
        }
        assert_eq!(rows().len(), 289);
        let ids: BTreeSet<_> = rows().iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), 289, "an id stands twice");
        for row in rows() {
            assert!(!row.title.is_empty() && row.title.len() < 200, "{}", row.id);
        }
    }
}
