//! Reading and quoting a comma-separated list whose names may themselves contain commas.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The names in a workspace that contain a comma, so that a list can be read without quotes.
#[derive(Clone, Debug, Default)]
pub(super) struct CommaNames {
    /// In order, so that every name stands after the names it begins with.
    names: Vec<CommaName>,
}

#[derive(Clone, Debug)]
struct CommaName {
    name: String,
    /// The longest other name that this one begins with.
    shorter: Option<usize>,
}

impl CommaNames {
    /// Keeps those of the names that contain a comma.
    pub(super) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        // A name with blanks around it cannot stand in a list without quotes.
        let is_listed = |name: &&str| name.contains(',') && name.trim() == *name;
        let mut sorted: Vec<_> = names.into_iter().filter(is_listed).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut kept: Vec<CommaName> = Vec::with_capacity(sorted.len());
        for name in sorted {
            let mut shorter = kept.len().checked_sub(1);
            while let Some(at) = shorter
                && !name.starts_with(&kept[at].name)
            {
                shorter = kept[at].shorter;
            }
            kept.push(CommaName { name: name.to_owned(), shorter });
        }
        Self { names: kept }
    }

    /// The parts that a list must quote where they are names, since neighbours could be read as one of
    /// these names; one empty part stands for all names.
    ///
    /// A name is a danger if all its parts can stand in a list without it: as names of teams, or in other
    /// names with a comma. A quote in it could come from a quoted neighbour.
    pub(super) fn misread_parts(&self, is_team: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let all_parts = || self.names.iter().map(|known| BTreeSet::from_iter(parts(&known.name)));
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for part in all_parts().flatten() {
            *seen.entry(part).or_default() += 1;
        }
        let stands_elsewhere = |part: &&str| is_team(part) || seen[part] > 1;
        let mut misread = BTreeSet::new();
        for (known, mut parts) in self.names.iter().zip(all_parts()) {
            if known.name.contains('"') || parts.iter().all(stands_elsewhere) {
                if parts.is_empty() {
                    parts.insert("");
                }
                misread.extend(parts.into_iter().map(str::to_owned));
            }
        }
        misread
    }

    /// Reads the names in a list, in the order they stand there.
    ///
    /// Names are separated by commas; blanks around them and empty ones are dropped. A name in double
    /// quotes is taken as it is, `""` in it for one quote. Without quotes, neighbouring parts are one
    /// name if that is one of these names with a comma, the longest first. A quote that opens no proper
    /// quoted name is text like any other.
    ///
    /// Takes time linear in the list, times at most the length of the longest name.
    pub(super) fn read<'l>(&self, list: &'l str) -> impl Iterator<Item = Cow<'l, str>> {
        let mut rest = Some(list);
        std::iter::from_fn(move || {
            while let Some(list) = rest {
                let list = list.trim_start();
                let (name, tail) = unquote(list)
                    .or_else(|| self.joined(list).map(|(name, tail)| (Cow::Borrowed(name), tail)))
                    .unwrap_or_else(|| {
                        let (part, tail) = list.split_at(list.find(',').unwrap_or(list.len()));
                        (Cow::Borrowed(part.trim_end()), tail)
                    });
                rest = tail.trim_start().strip_prefix(',');
                if !name.is_empty() {
                    return Some(name);
                }
            }
            None
        })
    }

    /// Takes the longest name with a comma that the list begins with, up to the end of a part.
    fn joined<'l>(&self, list: &'l str) -> Option<(&'l str, &'l str)> {
        // All names that the list begins with are this one or, step by step, its `shorter` ones.
        let last = self.names.partition_point(|known| known.name.as_str() <= list).checked_sub(1)?;
        let common = self.names[last].name.bytes().zip(list.bytes()).take_while(|(a, b)| a == b).count();
        let mut at = Some(last);
        while let Some(known) = at.map(|at| &self.names[at]) {
            let length = known.name.len();
            if length <= common && ends_part(&list[length..]) {
                return Some(list.split_at(length));
            }
            at = known.shorter;
        }
        None
    }
}

/// The parts of a name with commas, without blanks around them; empty ones are no parts.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// Takes a quoted name from the start of a list.
fn unquote(list: &str) -> Option<(Cow<'_, str>, &str)> {
    let body = list.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let quote = from + body[from..].find('"')?;
        let tail = &body[quote + 1..];
        if tail.starts_with('"') {
            from = quote + 2;
        } else if ends_part(tail) {
            return Some((Cow::Owned(body[..quote].replace("\"\"", "\"")), tail));
        } else {
            return None;
        }
    }
}

/// Puts a name in double quotes.
pub(super) fn quote(name: &str) -> Cow<'_, str> {
    Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
}

fn ends_part(tail: &str) -> bool {
    let tail = tail.trim_start();
    tail.is_empty() || tail.starts_with(',')
}
