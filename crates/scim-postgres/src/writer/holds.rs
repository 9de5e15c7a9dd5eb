//! What a batch holds on to before it looks at anything: each thing once, in an order that all batches share.

use std::collections::BTreeMap;

use scim_engine::store::{Batch, ClaimKey, Guard, LinkKey, RecordKey, RecordRef, Write};
use scim_sql::unique_key;
use serde_json::Value;

/// What is held, in the order in which every batch takes it. Links come last: a batch that clears a list
/// meets its links while it writes, when it holds everything else already.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Class {
    Record,
    Claim,
    Mark,
    Link,
}

/// How a thing is held, the weakest way first.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Hold<'b> {
    /// A guard wants it absent.
    Absent,
    /// It is only read.
    Shared,
    /// A record that is to be created: nobody else creates one with its id. Where others may, a guard that
    /// it is absent finds that out before the write would wait for those who have it.
    New,
    /// A claim that is to be made, for this holder.
    Made(&'b str, &'b str),
    /// It is to be written.
    Whole,
    /// It is to be created unless it is there.
    Ensured,
}

impl<'b> Hold<'b> {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            // A claim that is made at once would look as if it was there before.
            (Self::Absent, Self::Made(..)) | (Self::Made(..), Self::Absent) => Self::Absent,
            (Self::Shared, Self::Made(..)) | (Self::Made(..), Self::Shared) => Self::Whole,
            _ => self.max(other),
        }
    }

    /// As the function is told, behind the letter of the class.
    fn letter(self) -> Option<char> {
        match self {
            Self::Absent => Some('a'),
            Self::Shared => Some('s'),
            Self::New => None,
            Self::Made(..) => Some('m'),
            Self::Whole => Some('w'),
            Self::Ensured => Some('e'),
        }
    }
}

/// What the batch holds on to before it looks at anything, each thing once and in the strongest way: what is
/// to be written is never first taken for reading, and no two batches wait for each other in a circle.
///
/// What this order cannot know beforehand, such as a link that one batch clears and another one guards
/// beside others, PostgreSQL finds out by itself; one of the two is then run again.
pub(super) fn locks(batch: &Batch) -> Vec<Value> {
    let mut holds: BTreeMap<(Class, Vec<&str>), Hold<'_>> = BTreeMap::new();
    for guard in &batch.guards {
        let (class, key, how) = guarded(guard);
        add_hold(&mut holds, class, key, how);
    }
    for (class, key, how) in batch.writes.iter().flat_map(written) {
        add_hold(&mut holds, class, key, how);
    }
    holds.retain(|_, how| how.letter().is_some());
    // One thing that is written is held by the write itself, unless a guard looks at it before.
    if batch.guards.is_empty()
        && let [((class, _), how)] = holds.iter().collect::<Vec<_>>().as_slice()
        && *class != Class::Mark
        && matches!(how, Hold::Made(..) | Hold::Whole | Hold::Ensured)
    {
        return Vec::new();
    }
    let sent = holds.into_iter().filter_map(|((class, key), how)| {
        let class_letter = match class {
            Class::Record => 'r',
            Class::Claim => 'c',
            Class::Mark => 'm',
            Class::Link => 'l',
        };
        let first = format!("{class_letter}{}", how.letter()?);
        let mut parts: Vec<Value> = key.iter().copied().map(Value::from).collect();
        if let (Class::Claim, Some(part), Some(value)) = (class, parts.last_mut(), key.last()) {
            *part = Value::from(unique_key(value));
        }
        if let Hold::Made(kind, id) = how {
            parts.extend([kind, id].map(Value::from));
        }
        Some([Value::from(first)].into_iter().chain(parts).collect())
    });
    sent.collect()
}

fn add_hold<'b>(
    holds: &mut BTreeMap<(Class, Vec<&'b str>), Hold<'b>>,
    class: Class,
    key: Vec<&'b str>,
    how: Hold<'b>,
) {
    holds.entry((class, key)).and_modify(|held| *held = held.and(how)).or_insert(how);
}

fn guarded(guard: &Guard) -> (Class, Vec<&str>, Hold<'_>) {
    let read = |there: bool| if there { Hold::Shared } else { Hold::Absent };
    match guard {
        Guard::Version(key, version) => (Class::Record, key_parts(key).to_vec(), read(version.is_some())),
        Guard::Holder(claim, holder) => (Class::Claim, claim_parts(claim), read(holder.is_some())),
        Guard::Link(link, linked) => (Class::Link, link_parts(link), read(*linked)),
        Guard::Mark(mark, _) => (Class::Mark, vec![mark.space.as_str(), mark.name], Hold::Shared),
    }
}

fn written(write: &Write) -> Vec<(Class, Vec<&str>, Hold<'_>)> {
    let record = |key, how| vec![(Class::Record, key_parts(key).to_vec(), how)];
    match write {
        Write::Put { record: put, replaces: None } => record(&put.key, Hold::New),
        Write::Put { record: put, replaces: Some(_) } => record(&put.key, Hold::Whole),
        Write::Ensure(put) => record(&put.key, Hold::Ensured),
        Write::Delete { key, .. } | Write::ClearLinks { of: key, .. } => record(key, Hold::Whole),
        Write::Claim(claim, RecordRef { kind, id }) => {
            vec![(Class::Claim, claim_parts(claim), Hold::Made(kind, id))]
        }
        Write::Release(claim, _) => vec![(Class::Claim, claim_parts(claim), Hold::Whole)],
        Write::Link(link) => ends_held(link).into(),
        Write::Unlink(link) => {
            let mut held = Vec::from(ends_held(link));
            held.push((Class::Link, link_parts(link), Hold::Whole));
            held
        }
        Write::Raise(mark) => vec![(Class::Mark, vec![mark.space.as_str(), mark.name], Hold::Whole)],
        Write::SetCounter(..)
        | Write::SetBounds { .. }
        | Write::Add { .. }
        | Write::Append { .. }
        | Write::Trim { .. }
        | Write::Amend { .. }
        | Write::Schedule { .. }
        | Write::Unschedule(_) => Vec::new(),
    }
}

/// Both ends of a link get a new version.
fn ends_held(link: &LinkKey) -> [(Class, Vec<&str>, Hold<'_>); 2] {
    [&link.owner, &link.member]
        .map(|end| (Class::Record, vec![link.space.as_str(), &end.kind, &end.id], Hold::Whole))
}

fn claim_parts(claim: &ClaimKey) -> Vec<&str> {
    vec![claim.space.as_str(), &claim.name, &claim.value]
}

pub(super) fn key_parts(key: &RecordKey) -> [&str; 3] {
    [key.space.as_str(), &key.record.kind, &key.record.id]
}

pub(super) fn link_parts(link: &LinkKey) -> Vec<&str> {
    let LinkKey { space, relation, owner, member } = link;
    vec![space.as_str(), relation, &member.id, &member.kind, &owner.id, &owner.kind]
}
