//! A sorted map that can take back what was done to it since it was last settled.

use std::collections::BTreeMap;
use std::ops::RangeFrom;

#[derive(Debug)]
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    /// What stood where something was written, oldest first.
    undo: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), undo: Vec::new() }
    }
}

impl<K: Clone + Ord, V> Table<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// The rows from a key on, in order.
    pub(super) fn from(&self, key: K) -> impl Iterator<Item = (&K, &V)> {
        self.rows.range::<K, RangeFrom<K>>(key..)
    }

    /// The rows from a key on, before another, in order.
    pub(super) fn between(&self, from: K, end: K) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(from..end)
    }

    /// Writes a row, or removes it.
    pub(super) fn set(&mut self, key: K, value: Option<V>) {
        let before = match value {
            Some(value) => self.rows.insert(key.clone(), value),
            None => self.rows.remove(&key),
        };
        self.undo.push((key, before));
    }

    /// Makes what was written final.
    pub(super) fn settle(&mut self) {
        self.undo.clear();
    }

    /// Takes back what was written.
    pub(super) fn take_back(&mut self) {
        while let Some((key, before)) = self.undo.pop() {
            match before {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_settled_is_taken_back() {
        let mut table = Table::default();
        table.set("a", Some(1));
        table.set("b", Some(2));
        table.settle();
        table.set("a", Some(3));
        table.set("a", None);
        table.set("b", None);
        table.set("c", Some(4));
        table.set("c", Some(5));
        table.take_back();
        assert_eq!(table.from("a").collect::<Vec<_>>(), [(&"a", &1), (&"b", &2)]);
    }
}
