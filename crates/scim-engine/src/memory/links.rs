//! Links, found from both ends and in the order in which they were made.

use std::collections::HashSet;

use scim_core::{End, FarEnd, Links, Relation};

use super::state::State;
use super::table::Table;
use crate::store::{LinkKey, RecordKey, RecordRef, Space};

#[derive(Default)]
pub(super) struct LinkTable {
    /// Each link with its number.
    numbers: Table<LinkKey, u64>,
    /// Each link twice, once from each end.
    ends: Table<EndKey, RecordRef>,
}

#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
struct EndKey {
    near: RecordKey,
    relation: Relation,
    end: End,
    number: u64,
}

impl LinkTable {
    pub(super) fn has(&self, link: &LinkKey) -> bool {
        self.numbers.get(link).is_some()
    }

    pub(super) fn add(&mut self, link: LinkKey, number: u64) {
        for (key, far) in ends(&link, number) {
            self.ends.set(key, Some(far));
        }
        self.numbers.set(link, Some(number));
    }

    pub(super) fn remove(&mut self, link: LinkKey) {
        let Some(&number) = self.numbers.get(&link) else { return };
        for (key, _) in ends(&link, number) {
            self.ends.set(key, None);
        }
        self.numbers.set(link, None);
    }

    fn far(&self, of: &RecordKey, links: Links) -> impl Iterator<Item = &RecordRef> {
        let Links { relation, end, .. } = links;
        self.ends
            .from(EndKey { near: of.clone(), relation, end, number: 0 })
            .take_while(move |(key, _)| key.near == *of && key.relation == relation && key.end == end)
            .map(|(_, far)| far)
    }

    /// The links of a record of one kind.
    pub(super) fn of(&self, of: &RecordKey, links: Links) -> Vec<LinkKey> {
        let key = |far: &RecordRef| LinkKey::between(&of.space, links, of.record.clone(), far.clone());
        self.far(of, links).map(key).collect()
    }

    /// All links of a record.
    pub(super) fn of_any_kind(&self, of: &RecordKey) -> Vec<LinkKey> {
        self.ends
            .from(EndKey { near: of.clone(), relation: "", end: End::Owner, number: 0 })
            .take_while(|(key, _)| key.near == *of)
            .map(|(key, far)| {
                let links = Links { relation: key.relation, end: key.end, shows_hidden: true, nested: false };
                LinkKey::between(&of.space, links, of.record.clone(), far.clone())
            })
            .collect()
    }

    pub(super) fn settle(&mut self) {
        self.numbers.settle();
        self.ends.settle();
    }

    pub(super) fn take_back(&mut self) {
        self.numbers.take_back();
        self.ends.take_back();
    }
}

/// The link as each of its ends sees it.
fn ends(link: &LinkKey, number: u64) -> [(EndKey, RecordRef); 2] {
    let LinkKey { space, relation, owner, member } = link;
    [(End::Owner, owner, member), (End::Member, member, owner)].map(|(end, near, far)| {
        let near = RecordKey { space: space.clone(), record: near.clone() };
        (EndKey { near, relation, end, number }, far.clone())
    })
}

impl State {
    /// The far ends of a record's links, hidden ones included; where the links are nested, those that are
    /// reached through others come last, by id.
    pub(super) fn far_ends(&self, of: &RecordKey, links: Links) -> impl Iterator<Item = FarEnd> {
        let direct = self.links.far(of, links).filter_map(|far| self.far_end(&of.space, far, true));
        direct.chain(if links.nested { self.indirect(of, links) } else { Vec::new() })
    }

    /// What is reached through far ends that count. Each is gone through once, so circles end.
    fn indirect(&self, of: &RecordKey, links: Links) -> Vec<FarEnd> {
        let far = |near: &RecordRef| {
            let near = RecordKey { space: of.space.clone(), record: near.clone() };
            self.links.far(&near, links).cloned().collect::<Vec<_>>()
        };
        let direct = far(&of.record);
        let mut known: HashSet<RecordRef> = direct.iter().cloned().chain([of.record.clone()]).collect();
        let mut next = direct;
        let mut reached = Vec::new();
        while let Some(near) = next.pop() {
            let end = self.far_end(&of.space, &near, false);
            if end.is_some_and(|end| end.visible || links.shows_hidden) {
                let new: Vec<RecordRef> =
                    far(&near).into_iter().filter(|far| known.insert(far.clone())).collect();
                reached.extend(new.iter().cloned());
                next.extend(new);
            }
        }
        reached.sort_by(|one, other| (&one.id, &one.kind).cmp(&(&other.id, &other.kind)));
        reached.iter().filter_map(|far| self.far_end(&of.space, far, false)).collect()
    }

    fn far_end(&self, space: &Space, far: &RecordRef, direct: bool) -> Option<FarEnd> {
        let row = self.records.get(&RecordKey { space: space.clone(), record: far.clone() })?;
        Some(FarEnd {
            resource_type: far.kind.clone(),
            id: far.id.clone(),
            name: row.put.name.clone(),
            visible: row.put.visible,
            direct,
        })
    }
}
