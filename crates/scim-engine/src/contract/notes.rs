//! Notes: kept beside the data, never another's, and not without end.

use super::probe::{Probe, space, together};
use crate::store::{LONGEST_NOTE, NOTE_LIFE, NOTES_PER_SPACE, Note, NoteKey, Space, Store, TenantId};

/// The time of the tests.
const NOW: i64 = 1_767_315_900_000;

fn key(space: &Space, name: &str) -> NoteKey {
    NoteKey { space: space.clone(), name: name.to_owned() }
}

fn note(at: i64, text: &str) -> Note {
    Note { at, text: text.to_owned() }
}

/// A note is found as soon as it is kept, as it was written last, by whoever asks.
pub async fn a_note_is_found_as_it_was_written_last(store: impl Store) {
    let promise = "a note is found as it was written last";
    let probe = Probe::new(store);
    let key = key(&space(), "1");
    assert_eq!(probe.noted(&key).await, None, "{promise}");
    let longest = "x".repeat(LONGEST_NOTE);
    for note in [note(NOW, "a"), note(NOW + 1, "\u{1f600}\""), note(NOW, ""), note(NOW - 1, &longest)] {
        probe.note(&key, &note).await;
        assert_eq!(probe.noted(&key).await, Some(note), "{promise}");
    }
    for turn in 0..50 {
        let written = note(NOW, &turn.to_string());
        probe.note(&key, &written).await;
        let found = together(8, |_| {
            let (probe, key) = (probe.clone(), key.clone());
            async move { probe.noted(&key).await }
        });
        assert_eq!(found.await, vec![Some(written); 8], "{promise}");
    }
}

/// Promise 3: a note is found in its space only, and under its name only.
pub async fn notes_of_spaces_are_apart(store: impl Store) {
    let promise = "promise 3: a note is found in its space only";
    let probe = Probe::new(store);
    let other = TenantId::new("umbrella").expect("letters").space();
    let mine = key(&space(), "1");
    probe.note(&mine, &note(NOW, "mine")).await;
    for key in [key(&other, "1"), key(&space(), "2"), key(&space(), "")] {
        assert_eq!(probe.noted(&key).await, None, "{promise}: {key:?}");
    }
    probe.note(&key(&other, "1"), &note(NOW, "other")).await;
    assert_eq!(probe.noted(&mine).await, Some(note(NOW, "mine")), "{promise}");
}

/// Of the notes of a space the newest are kept, and those before them go; other spaces keep theirs.
pub async fn notes_are_bounded(store: impl Store) {
    let promise = "the newest notes of a space are kept, and no end of others is not";
    let probe = Probe::new(store);
    let other = key(&TenantId::new("umbrella").expect("letters").space(), "1");
    probe.note(&other, &note(NOW, "other")).await;
    let name = |number: usize| key(&space(), &number.to_string());
    let at = |number: usize| NOW + i64::try_from(number).unwrap_or(0);
    let (writers, each) = (8, NOTES_PER_SPACE / 4);
    let all = writers * each;
    for batch in 0..each {
        together(writers, |writer| {
            let probe = probe.clone();
            let number = batch * writers + writer;
            async move { probe.note(&name(number), &note(at(number), "x")).await }
        })
        .await;
    }
    // Those written at the same moment may be taken to be one before the other.
    for number in all - NOTES_PER_SPACE + writers..all {
        assert_eq!(probe.noted(&name(number)).await, Some(note(at(number), "x")), "{promise}: {number}");
    }
    let mut old = 0;
    for number in 0..all - NOTES_PER_SPACE {
        old += usize::from(probe.noted(&name(number)).await.is_some());
    }
    assert!(old <= NOTES_PER_SPACE / 2, "{promise}: {old} old ones are still there");
    assert!(at(all) < NOW + NOTE_LIFE, "none is too old");
    assert_eq!(probe.noted(&other).await, Some(note(NOW, "other")), "{promise}");
    let long = note(NOW, &"x".repeat(LONGEST_NOTE + 1));
    probe.note(&key(&space(), "long"), &long).await;
    assert_eq!(probe.noted(&key(&space(), "long")).await, None, "a note that is too long is not kept");
}
