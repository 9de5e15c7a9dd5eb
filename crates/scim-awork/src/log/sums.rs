//! Refusals that come in masses, such as those of a wrong token: the first ones of a minute stand alone, the
//! others are counted.

use std::collections::HashMap;

use scim_engine::store::Space;

use super::entry::LogEntry;

/// How many of a kind stand alone in a minute.
const ALONE: u32 = 10;

/// How many trace ids a sum names.
const MOST_TRACES: usize = 100;

/// How many kinds are counted at a time.
const MOST_KINDS: usize = 10_000;

const MINUTE: i64 = 60_000;

/// Counts refusals by space and status, minute by minute.
#[derive(Debug, Default)]
pub(super) struct Sums {
    open: HashMap<(Space, u16), Minute>,
    closed: Vec<(Space, LogEntry)>,
}

#[derive(Debug)]
struct Minute {
    number: i64,
    alone: u32,
    /// The first that does not stand alone, and the count of all that do not.
    sum: Option<LogEntry>,
}

impl Sums {
    /// Takes a refusal in; gives it back where it stands alone.
    pub(super) fn take_in(&mut self, space: &Space, entry: LogEntry) -> Option<LogEntry> {
        let status = entry.refusal.as_ref().map_or(0, |refusal| refusal.status);
        let number = entry.at.unwrap_or_default().div_euclid(MINUTE);
        let key = (space.clone(), status);
        if !self.open.contains_key(&key) && self.open.len() >= MOST_KINDS {
            return Some(entry);
        }
        let minute = self.open.entry(key).or_insert(Minute { number, alone: 0, sum: None });
        if minute.number < number {
            let ended = std::mem::replace(minute, Minute { number, alone: 0, sum: None });
            self.closed.extend(ended.sum.map(|sum| (space.clone(), sum)));
        }
        if minute.alone < ALONE {
            minute.alone += 1;
            return Some(entry);
        }
        let sum = minute.sum.get_or_insert_with(|| LogEntry {
            at: entry.at,
            operation: "refused".to_owned(),
            integration: entry.integration,
            provider: entry.provider,
            refusal: entry.refusal,
            ..LogEntry::default()
        });
        let counts = sum.sum.get_or_insert_default();
        counts.count += 1;
        if counts.trace_ids.len() < MOST_TRACES {
            counts.trace_ids.push(entry.trace_id);
        }
        None
    }

    /// The sums of minutes that are over at `now`.
    pub(super) fn over(&mut self, now: i64) -> Vec<(Space, LogEntry)> {
        let number = now.div_euclid(MINUTE);
        let mut over = std::mem::take(&mut self.closed);
        self.open.retain(|(space, _), minute| {
            let stays = minute.number >= number;
            if !stays {
                over.extend(minute.sum.take().map(|sum| (space.clone(), sum)));
            }
            stays
        });
        over
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{LoggedRefusal, RefusalSum};
    use super::*;

    fn refused(at: i64, status: u16, trace: usize) -> LogEntry {
        LogEntry {
            at: Some(at),
            trace_id: trace.to_string(),
            integration: Some("i".to_owned()),
            provider: Some("okta".to_owned()),
            operation: "create".to_owned(),
            name: Some(format!("user {trace}")),
            refusal: Some(LoggedRefusal { status, ..LoggedRefusal::default() }),
            ..LogEntry::default()
        }
    }

    /// D-83: ten of a minute are told one by one, and each further one is counted under its trace id.
    #[test]
    fn a_minute() {
        let mut sums = Sums::default();
        let space = Space::shared("log", "strangers");
        let alone: Vec<bool> =
            (0..150).map(|trace| sums.take_in(&space, refused(70_000, 401, trace)).is_some()).collect();
        assert_eq!(alone.iter().filter(|alone| **alone).count(), 10);
        assert!(alone[..10].iter().all(|alone| *alone));
        assert!(sums.take_in(&space, refused(70_000, 429, 0)).is_some(), "another status");
        assert_eq!(sums.over(119_999), [], "the minute is not over");
        let over = sums.over(120_000);
        let [(of, entry)] = &*over else { panic!("{over:?}") };
        let trace_ids = (10..110).map(|trace: usize| trace.to_string()).collect();
        let sum = LogEntry {
            trace_id: String::new(),
            operation: "refused".to_owned(),
            name: None,
            sum: Some(RefusalSum { count: 140, trace_ids }),
            ..refused(70_000, 401, 10)
        };
        assert_eq!((of, entry), (&space, &sum));
        assert!(entry.is_traced("10") && !entry.is_traced("9"));
        assert_eq!(sums.over(240_000), []);
    }

    /// The next minute begins anew, and what the last one has counted is not lost.
    #[test]
    fn the_next_minute() {
        let mut sums = Sums::default();
        let space = Space::shared("log", "strangers");
        for trace in 0..12 {
            sums.take_in(&space, refused(0, 401, trace));
        }
        assert!(sums.take_in(&space, refused(60_000, 401, 12)).is_some());
        let counts: Vec<u64> =
            sums.over(60_001).iter().map(|(_, entry)| entry.sum.as_ref().unwrap().count).collect();
        assert_eq!(counts, [2]);
    }
}
