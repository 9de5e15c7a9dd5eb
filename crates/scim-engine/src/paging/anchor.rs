//! Anchors: where a page by index ended, so that the next one begins there, whatever has come and gone.
//!
//! Between two pages by number, a deletion before the second moves records to the first, where nobody
//! looks again, and a creation moves them the other way. So the place where a page ends is noted under the
//! number at which the next begins, for the walk that it belongs to. An anchor may be lost: then
//! the number alone counts.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::place;
use super::walk_id::WalkId;
use crate::store::{NOTE_LIFE, Note, NoteKey, Position, TenantId};

/// How far is counted what an unfiltered walk has left, of which a maintained total says enough.
pub(crate) const COUNTED: u64 = 10_000;

/// Where a page ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anchor {
    /// The position of the last record of the page.
    pub(crate) after: Position,
    /// The total that the page told.
    pub(crate) told: u64,
}

/// Under which name the page that begins at this number finds its anchor.
pub(crate) fn key(tenant: &TenantId, walk: &WalkId, start_index: u64) -> NoteKey {
    let mut name = String::with_capacity(48);
    for byte in walk.as_bytes().iter().take(16) {
        // Writing to a string never fails.
        let _ = write!(name, "{byte:02x}");
    }
    let _ = write!(name, "/{start_index}");
    NoteKey { space: tenant.space(), name }
}

impl Anchor {
    /// The anchor as a store keeps it.
    pub(crate) fn note(&self, now: i64) -> Note {
        let mut bytes = self.told.to_be_bytes().to_vec();
        place::write(&self.after, &mut bytes);
        Note { at: now, text: URL_SAFE_NO_PAD.encode(bytes) }
    }

    /// The anchor in a note, unless that is too old or something else.
    pub(crate) fn read(note: &Note, now: i64) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(&note.text).ok()?;
        let (told, rest) = place::number(&bytes)?;
        let after = place::read(rest)?;
        let fresh = note.at.saturating_add(NOTE_LIFE) >= now;
        fresh.then(|| Self { after, told: u64::from_be_bytes(told) })
    }

    /// The total that the page tells which begins at this anchor: what was served before, and what is `left`.
    ///
    /// Of more than `counted` only so many are counted. Then it is no less than was told before, so that
    /// nobody who plans by it stops too early, and no less than what is maintained.
    pub(crate) fn total(
        &self,
        start_index: u64,
        (left, counted): (u64, u64),
        maintained: Option<u64>,
    ) -> u64 {
        let total = (start_index - 1).saturating_add(left);
        if left < counted { total } else { total.max(self.told).max(maintained.unwrap_or_default()) }
    }
}

#[cfg(test)]
mod tests {
    use scim_core::SortValue;

    use super::*;

    fn anchor(told: u64) -> Anchor {
        let after = Position { value: SortValue::Text("lea".into()), created: 5, id: "1".into() };
        Anchor { after, told }
    }

    #[test]
    fn an_anchor_lives_ten_minutes() {
        let note = anchor(9).note(1_000);
        for (now, there) in [(1_000, true), (0, true), (601_000, true), (601_001, false)] {
            assert_eq!(Anchor::read(&note, now).is_some(), there, "{now}");
        }
        assert_eq!(Anchor::read(&note, 1_000), Some(anchor(9)));
        for text in ["", "!", "AAAA", "AAAAAAAAAAk"] {
            assert_eq!(Anchor::read(&Note { at: 0, text: text.to_owned() }, 0), None, "{text}");
        }
    }

    #[test]
    fn the_total_is_what_was_served_and_what_is_left() {
        for (told, left, counted, maintained, expected) in [
            (1_000, 900, COUNTED, Some(850), 1_000),
            (1_000, 0, COUNTED, Some(850), 100),
            (1_000, 1_500, u64::MAX, None, 1_600),
            (20_000, 10_000, COUNTED, Some(19_000), 20_000),
            (20_000, 10_000, COUNTED, Some(21_000), 21_000),
            (100, 10_000, COUNTED, Some(200), 10_100),
        ] {
            assert_eq!(anchor(told).total(101, (left, counted), maintained), expected);
        }
    }
}
