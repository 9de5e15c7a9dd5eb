//! Notes: what is kept beside the data, and may be lost.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::key::Space;

/// How long a note is kept at least, in milliseconds, unless it is lost: ten minutes.
pub const NOTE_LIFE: i64 = 10 * 60 * 1_000;

/// How many notes of a space are kept at least: the newest.
pub const NOTES_PER_SPACE: usize = 1_024;

/// How many bytes the text of a note may have; a longer one is not kept.
pub const LONGEST_NOTE: usize = 2_048;

/// How many notes [`Notes`] keeps of all spaces.
const MOST_NOTES: usize = 16 * NOTES_PER_SPACE;

/// A note of a space.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NoteKey {
    /// The space.
    pub space: Space,
    /// Which one.
    pub name: String,
}

/// A text that may be lost, and when it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// The time, in milliseconds since 1970.
    pub at: i64,
    /// The text.
    pub text: String,
}

/// The notes of a store that one process has to itself, in memory.
#[derive(Debug, Default)]
pub struct Notes {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    spaces: BTreeMap<Space, OfSpace>,
    /// All of them, oldest first.
    ages: BTreeMap<u64, NoteKey>,
    last: u64,
}

#[derive(Debug, Default)]
struct OfSpace {
    notes: BTreeMap<String, (u64, Note)>,
    /// Their names, oldest first.
    ages: BTreeMap<u64, String>,
}

impl Notes {
    /// Keeps a note in the place of an earlier one; lets those go that are too old or too many.
    pub fn keep(&self, key: NoteKey, note: Note) {
        if note.text.len() <= LONGEST_NOTE {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(key, note);
        }
    }

    /// The note, if it is there.
    #[must_use]
    pub fn get(&self, key: &NoteKey) -> Option<Note> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, note) = kept.spaces.get(&key.space)?.notes.get(&key.name)?;
        Some(note.clone())
    }
}

impl Kept {
    fn keep(&mut self, key: NoteKey, note: Note) {
        let now = note.at;
        self.remove(&key);
        self.last += 1;
        self.ages.insert(self.last, key.clone());
        let of_space = self.spaces.entry(key.space.clone()).or_default();
        of_space.ages.insert(self.last, key.name.clone());
        of_space.notes.insert(key.name, (self.last, note));
        if of_space.notes.len() > NOTES_PER_SPACE
            && let Some(name) = of_space.ages.values().next().cloned()
        {
            self.remove(&NoteKey { space: key.space, name });
        }
        while let Some(oldest) = self.ages.values().next().cloned()
            && (self.ages.len() > MOST_NOTES || self.is_old(&oldest, now))
        {
            self.remove(&oldest);
        }
    }

    fn is_old(&self, key: &NoteKey, now: i64) -> bool {
        let note = self.spaces.get(&key.space).and_then(|of_space| of_space.notes.get(&key.name));
        note.is_some_and(|(_, note)| note.at.saturating_add(NOTE_LIFE) < now)
    }

    fn remove(&mut self, key: &NoteKey) {
        let Some(of_space) = self.spaces.get_mut(&key.space) else { return };
        if let Some((age, _)) = of_space.notes.remove(&key.name) {
            of_space.ages.remove(&age);
            self.ages.remove(&age);
        }
        if of_space.notes.is_empty() {
            self.spaces.remove(&key.space);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TenantId;

    fn key(tenant: usize, name: usize) -> NoteKey {
        let tenant = TenantId::new(&format!("t-{tenant}")).unwrap();
        NoteKey { space: tenant.space(), name: name.to_string() }
    }

    fn note(at: i64, text: &str) -> Note {
        Note { at, text: text.to_owned() }
    }

    /// However many are written, of however many tenants, memory holds a bounded number: the newest.
    #[test]
    fn the_number_is_bounded() {
        let notes = Notes::default();
        for number in 0..3 * NOTES_PER_SPACE {
            notes.keep(key(0, number), note(1, "x"));
        }
        let kept = |tenant, numbers: usize| {
            (0..numbers).filter(|number| notes.get(&key(tenant, *number)).is_some()).count()
        };
        assert_eq!(kept(0, 3 * NOTES_PER_SPACE), NOTES_PER_SPACE);
        assert!(notes.get(&key(0, 3 * NOTES_PER_SPACE - 1)).is_some());
        for tenant in 1..=MOST_NOTES {
            notes.keep(key(tenant, 0), note(1, "x"));
        }
        assert_eq!(kept(0, 3 * NOTES_PER_SPACE), 0);
        let all = (1..=MOST_NOTES).filter(|tenant| notes.get(&key(*tenant, 0)).is_some()).count();
        assert_eq!(all, MOST_NOTES);
        let kept = notes.kept.lock().unwrap();
        assert_eq!((kept.ages.len(), kept.spaces.len()), (MOST_NOTES, MOST_NOTES));
    }

    /// A note goes when a later one finds it too old; one that is written again is new.
    #[test]
    fn old_notes_go() {
        let notes = Notes::default();
        notes.keep(key(0, 1), note(0, "old"));
        notes.keep(key(1, 2), note(0, "old"));
        notes.keep(key(0, 1), note(1, "new"));
        notes.keep(key(0, 3), note(NOTE_LIFE + 1, "later"));
        assert_eq!(notes.get(&key(0, 1)), Some(note(1, "new")));
        assert_eq!(notes.get(&key(1, 2)), None);
        assert_eq!(notes.kept.lock().unwrap().spaces.len(), 1);
    }

    #[test]
    fn long_notes_are_not_kept() {
        let notes = Notes::default();
        notes.keep(key(0, 1), note(0, &"x".repeat(LONGEST_NOTE)));
        notes.keep(key(0, 2), note(0, &"x".repeat(LONGEST_NOTE + 1)));
        assert_eq!((notes.get(&key(0, 1)).is_some(), notes.get(&key(0, 2))), (true, None));
    }
}
