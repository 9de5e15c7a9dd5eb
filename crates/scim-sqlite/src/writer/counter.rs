//! Counters: set at once, added to at the end of the batch.

use rusqlite::params;
use scim_engine::store::{Counter, CounterChange, CounterKey, Refused};

use super::batch::Run;
use super::refusal::Step;
use crate::read::counter;
use crate::row::execute;

impl Run<'_> {
    pub(super) fn set_counter(&mut self, key: &CounterKey, to: Counter) -> Step<()> {
        if !self.counters_before.contains_key(key) {
            let is = counter(self.connection, key)?.unwrap_or_default();
            self.counters_before.insert(key.clone(), is);
        }
        self.write_counter(key, to)
    }

    pub(super) fn set_bounds(&mut self, key: CounterKey, floor: Option<i64>, limit: Option<i64>) -> Step<()> {
        let is = counter(self.connection, &key)?.unwrap_or_default();
        match is.bounded(floor, limit) {
            Some(after) => self.set_counter(&key, after),
            None => Err(Refused::Bound { counter: key, is, by: 0 }.into()),
        }
    }

    pub(super) fn add_counters(&mut self) -> Step<Vec<CounterChange>> {
        let mut changes = Vec::with_capacity(self.adds.len());
        for (key, adds) in std::mem::take(&mut self.adds) {
            let is = counter(self.connection, &key)?.unwrap_or_default();
            let Some(after) = adds.apply(is) else {
                return Err(Refused::Bound { counter: key, is, by: adds.sum() }.into());
            };
            self.write_counter(&key, after)?;
            let before = self.counters_before.get(&key).copied().unwrap_or(is);
            changes.push(CounterChange { key, before, after });
        }
        Ok(changes)
    }

    fn write_counter(&self, key: &CounterKey, to: Counter) -> Step<()> {
        execute(
            self.connection,
            "INSERT INTO counter (space, name, value, floor, \"limit\") VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO UPDATE SET value = excluded.value, floor = excluded.floor, \"limit\" = excluded.\"limit\"",
            params![key.space.as_str(), key.name, to.value, to.floor, to.limit],
        )?;
        Ok(())
    }
}
