//! A batch on its way: guards first, then the writes in order, then what is summed up.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use scim_engine::store::{
    Adds, Batch, ClaimKey, Committed, Counter, CounterKey, DueKey, Guard, MarkKey, RecordKey, RecordRef,
    Refused, SHARDS, Space, Stream, Write,
};
use scim_sql::unique_key;
use serde_json::Value;

use super::refusal::Step;
use crate::read::{is_linked, mark};
use crate::row::{execute, one};

/// What is known about a record that the batch has written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    /// Put, with this version before the batch.
    Put { before: Option<u64> },
    /// Linked or unlinked: the row still has its version from before the batch.
    Touched,
    /// Deleted, with this version before the batch.
    Deleted { before: Option<u64> },
}

pub(super) struct Run<'c> {
    pub(super) connection: &'c Connection,
    pub(super) now: i64,
    pub(super) written: BTreeMap<RecordKey, Written>,
    /// How many more visible records there are, of each kind in each space.
    pub(super) totals: BTreeMap<(Space, String), i64>,
    /// Records that are there, and whether they are marked as owners.
    pub(super) known: BTreeMap<RecordKey, bool>,
    /// The last positions of links that were given out.
    pub(super) positions_of_links: BTreeMap<(Space, &'static str), i64>,
    pub(super) counters_before: BTreeMap<CounterKey, Counter>,
    pub(super) adds: BTreeMap<CounterKey, Adds>,
    positions: Vec<u64>,
}

/// Runs a batch within the transaction of its group.
pub(super) fn run(connection: &Connection, batch: Batch) -> Step<Committed> {
    let mut run = Run {
        connection,
        now: batch.now,
        written: BTreeMap::new(),
        totals: BTreeMap::new(),
        known: BTreeMap::new(),
        positions_of_links: BTreeMap::new(),
        counters_before: BTreeMap::new(),
        adds: BTreeMap::new(),
        positions: Vec::new(),
    };
    for guard in batch.guards {
        if !run.holds(&guard)? {
            return Err(Refused::Guard(guard).into());
        }
    }
    for write in batch.writes {
        run.write(write)?;
    }
    let counters = run.add_counters()?;
    let versions = run.touch_all()?;
    run.add_totals()?;
    run.keep_positions_of_links()?;
    Ok(Committed { versions, counters, positions: run.positions })
}

impl Run<'_> {
    fn holds(&self, guard: &Guard) -> Step<bool> {
        Ok(match guard {
            Guard::Version(key, version) => self.stored_version(key)? == *version,
            Guard::Holder(claim, holder) => self.claimed_by(claim)? == *holder,
            Guard::Link(link, linked) => is_linked(self.connection, link)? == *linked,
            Guard::Mark(key, version) => mark(self.connection, key)? == *version,
        })
    }

    fn write(&mut self, write: Write) -> Step<()> {
        match write {
            Write::Put { record, replaces } => self.put(&record, replaces),
            Write::Ensure(record) => self.ensure(&record),
            Write::Delete { key, replaces } => self.delete(&key, replaces),
            Write::Claim(claim, record) => self.claim(claim, &record),
            Write::Release(claim, record) => self.release(&claim, &record),
            Write::Link(link) => self.link(&link),
            Write::Unlink(link) => self.unlink(&link),
            Write::ClearLinks { of, links } => self.clear_links(&of, links),
            Write::Raise(mark) => self.raise(&mark),
            Write::SetCounter(key, counter) => self.set_counter(&key, counter),
            Write::SetBounds { counter, floor, limit } => self.set_bounds(counter, floor, limit),
            Write::Add { counter, by, on_limit } => {
                self.adds.entry(counter).or_default().push(by, on_limit);
                Ok(())
            }
            Write::Append { space, stream, body } => self.append(&space, stream, &body),
            Write::Trim { space, stream, before } => self.trim(&space, stream, before),
            Write::Amend { space, stream, position, body } => self.amend(&space, stream, position, &body),
            Write::Schedule { key, at, body } => self.schedule(&key, at, &body),
            Write::Unschedule(key) => self.unschedule(&key),
        }
    }

    fn claimed_by(&self, claim: &ClaimKey) -> Step<Option<RecordRef>> {
        Ok(one(
            self.connection,
            "SELECT holder_kind, holder_id FROM unique_value WHERE space = ?1 AND name = ?2 AND value = ?3",
            params![claim.space.as_str(), claim.name, unique_key(&claim.value)],
            |row| Ok(RecordRef { kind: row.get(0)?, id: row.get(1)? }),
        )?)
    }

    fn claim(&self, claim: ClaimKey, record: &RecordRef) -> Step<()> {
        let new = execute(
            self.connection,
            "INSERT INTO unique_value (space, name, value, holder_kind, holder_id) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO NOTHING",
            params![claim.space.as_str(), claim.name, unique_key(&claim.value), record.kind, record.id],
        )?;
        if new == 0
            && let Some(holder) = self.claimed_by(&claim)?
            && holder != *record
        {
            return Err(Refused::Claim(claim, holder).into());
        }
        Ok(())
    }

    fn release(&self, claim: &ClaimKey, record: &RecordRef) -> Step<()> {
        execute(
            self.connection,
            "DELETE FROM unique_value WHERE space = ?1 AND name = ?2 AND value = ?3 \
             AND holder_kind = ?4 AND holder_id = ?5",
            params![claim.space.as_str(), claim.name, unique_key(&claim.value), record.kind, record.id],
        )?;
        Ok(())
    }

    fn raise(&self, mark: &MarkKey) -> Step<()> {
        execute(
            self.connection,
            "INSERT INTO mark (space, name, version) VALUES (?1, ?2, 1) \
             ON CONFLICT DO UPDATE SET version = version + 1",
            params![mark.space.as_str(), mark.name],
        )?;
        Ok(())
    }

    fn append(&mut self, space: &Space, stream: Stream, body: &Value) -> Step<()> {
        // Two plain statements: one with RETURNING would be made ready to be taken back by itself.
        let last: Option<Option<i64>> = one(
            self.connection,
            "SELECT max(position) FROM event WHERE space = ?1 AND stream = ?2",
            params![space.as_str(), stream.as_str()],
            |row| row.get(0),
        )?;
        let position = match last.flatten() {
            Some(last) => last,
            None => trimmed(self.connection, space, stream)?,
        } + 1;
        execute(
            self.connection,
            "INSERT INTO event (space, stream, position, time, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![space.as_str(), stream.as_str(), position, self.now, body.to_string()],
        )?;
        self.positions.push(u64::try_from(position).unwrap_or_default());
        Ok(())
    }

    /// Removes old events. How far is kept as a mark, where positions go on if none is left.
    fn trim(&self, space: &Space, stream: Stream, before: u64) -> Step<()> {
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let range = params![space.as_str(), stream.as_str(), before];
        let last: Option<Option<i64>> = one(
            self.connection,
            "SELECT max(position) FROM event WHERE space = ?1 AND stream = ?2 AND position < ?3",
            range,
            |row| row.get(0),
        )?;
        let Some(last) = last.flatten() else { return Ok(()) };
        execute(
            self.connection,
            "DELETE FROM event WHERE space = ?1 AND stream = ?2 AND position < ?3",
            range,
        )?;
        execute(
            self.connection,
            "INSERT INTO mark (space, name, version) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
            params![space.as_str(), trim_mark(stream), last],
        )?;
        Ok(())
    }

    fn amend(&self, space: &Space, stream: Stream, position: u64, body: &Value) -> Step<()> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        execute(
            self.connection,
            "UPDATE event SET body = ?4 WHERE space = ?1 AND stream = ?2 AND position = ?3",
            params![space.as_str(), stream.as_str(), position, body.to_string()],
        )?;
        Ok(())
    }

    fn schedule(&self, key: &DueKey, at: i64, body: &Value) -> Step<()> {
        execute(
            self.connection,
            "INSERT INTO due (space, name, shard, at, body) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body",
            params![key.space.as_str(), key.name, key.space.shard(SHARDS), at, body.to_string()],
        )?;
        Ok(())
    }

    fn unschedule(&self, key: &DueKey) -> Step<()> {
        execute(
            self.connection,
            "DELETE FROM due WHERE space = ?1 AND name = ?2",
            params![key.space.as_str(), key.name],
        )?;
        Ok(())
    }

    /// Gives the records that were only touched their versions; the versions of all that were written.
    fn touch_all(&self) -> Step<Vec<(RecordKey, u64)>> {
        let mut versions = Vec::with_capacity(self.written.len());
        for (key, written) in &self.written {
            match written {
                Written::Deleted { .. } => {}
                Written::Put { before } => versions.push((key.clone(), next(*before))),
                Written::Touched => {
                    let Some(before) = self.stored_version(key)? else { continue };
                    execute(
                        self.connection,
                        "UPDATE resource SET version = version + 1, modified = max(modified, ?4) \
                         WHERE space = ?1 AND kind = ?2 AND id = ?3",
                        params![key.space.as_str(), key.record.kind, key.record.id, self.now],
                    )?;
                    versions.push((key.clone(), next(Some(before))));
                }
            }
        }
        Ok(versions)
    }

    fn add_totals(&self) -> Step<()> {
        for ((space, kind), more) in self.totals.iter().filter(|(_, more)| **more != 0) {
            execute(
                self.connection,
                "INSERT INTO total (space, kind, visible) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET visible = visible + excluded.visible",
                params![space.as_str(), kind, more],
            )?;
        }
        Ok(())
    }
}

/// The mark that says up to where a stream was trimmed.
fn trim_mark(stream: Stream) -> &'static str {
    match stream {
        Stream::Log => "trimmed log",
        Stream::Outbox => "trimmed outbox",
    }
}

/// The last position that was trimmed.
fn trimmed(connection: &Connection, space: &Space, stream: Stream) -> Step<i64> {
    let key = MarkKey { space: space.clone(), name: trim_mark(stream) };
    Ok(i64::try_from(mark(connection, &key)?).unwrap_or(i64::MAX))
}

/// The version after a batch that wrote the record.
pub(super) fn next(before: Option<u64>) -> u64 {
    before.map_or(1, |version| version.saturating_add(1))
}
