//! Folding against Unicode's own data: see `tests/data/unicode/README.md`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use scim_core::text::Folding;

/// The tables, and the algorithms of the standard written down once more, plainly.
struct Unicode {
    fold: HashMap<char, char>,
    decompositions: HashMap<char, Vec<char>>,
    compositions: HashMap<(char, char), char>,
    classes: HashMap<char, u8>,
    widths: HashMap<char, char>,
    new: HashSet<char>,
}

static UNICODE: LazyLock<Unicode> = LazyLock::new(|| {
    let pairs = |text: &'static str| rows(text).map(|row| (one(row[0]), one(row[1]))).collect();
    let mut unicode = Unicode {
        fold: pairs(include_str!("../data/unicode/simple-folding.txt")),
        decompositions: HashMap::new(),
        compositions: HashMap::new(),
        classes: HashMap::new(),
        widths: pairs(include_str!("../data/unicode/widths.txt")),
        new: rows(include_str!("../data/unicode/new-in-18.txt")).flat_map(|row| range(row[0])).collect(),
    };
    for row in rows(include_str!("../data/unicode/decompositions.txt")) {
        let (c, parts) = (one(row[0]), row[1].split(' ').map(one).collect::<Vec<_>>());
        if row[2] == "composes" {
            unicode.compositions.insert((parts[0], parts[1]), c);
        }
        unicode.decompositions.insert(c, parts);
    }
    for row in rows(include_str!("../data/unicode/combining-classes.txt")) {
        let class = row[1].parse().unwrap();
        unicode.classes.extend(range(row[0]).map(|c| (c, class)));
    }
    unicode
});

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().map(|line| line.split(';').collect())
}

fn one(hex: &str) -> char {
    char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap()
}

fn range(text: &str) -> impl Iterator<Item = char> + use<> {
    let (first, last) = text.split_once("..").unwrap();
    one(first)..=one(last)
}

/// Hangul syllables: the first, and the numbers of leading, vowel and trailing parts.
const HANGUL: (u32, u32, u32, u32) = (0xAC00, 19, 21, 28);
const PARTS: (u32, u32, u32) = (0x1100, 0x1161, 0x11A7);

impl Unicode {
    fn class(&self, c: char) -> u8 {
        self.classes.get(&c).copied().unwrap_or(0)
    }

    fn decompose(&self, c: char, into: &mut Vec<char>) {
        let (first, leads, vowels, tails) = HANGUL;
        let syllable = u32::from(c).wrapping_sub(first);
        if syllable < leads * vowels * tails {
            let parts = [
                PARTS.0 + syllable / (vowels * tails),
                PARTS.1 + syllable % (vowels * tails) / tails,
                PARTS.2 + syllable % tails,
            ];
            into.extend(parts.into_iter().filter(|part| *part != PARTS.2).filter_map(char::from_u32));
            return;
        }
        match self.decompositions.get(&c) {
            Some(parts) => parts.iter().for_each(|part| self.decompose(*part, into)),
            None => into.push(c),
        }
    }

    fn nfd(&self, text: impl Iterator<Item = char>) -> Vec<char> {
        let mut chars = Vec::new();
        text.for_each(|c| self.decompose(c, &mut chars));
        // Each run of marks is put in the order of their classes.
        let mut start = 0;
        while start < chars.len() {
            let marks = chars[start..].iter().take_while(|c| self.class(**c) != 0).count();
            chars[start..start + marks].sort_by_key(|c| self.class(*c));
            start += marks.max(1);
        }
        chars
    }

    fn compose(&self, first: char, second: char) -> Option<char> {
        let (start, leads, vowels, tails) = HANGUL;
        let (lead, vowel) = (u32::from(first).wrapping_sub(PARTS.0), u32::from(second).wrapping_sub(PARTS.1));
        if lead < leads && vowel < vowels {
            return char::from_u32(start + (lead * vowels + vowel) * tails);
        }
        let (syllable, tail) =
            (u32::from(first).wrapping_sub(start), u32::from(second).wrapping_sub(PARTS.2));
        if syllable < leads * vowels * tails && syllable.is_multiple_of(tails) && tail > 0 && tail < tails {
            return char::from_u32(u32::from(first) + tail);
        }
        self.compositions.get(&(first, second)).copied()
    }

    fn nfc(&self, text: impl Iterator<Item = char>) -> String {
        let mut composed: Vec<char> = Vec::new();
        let mut starter: Option<usize> = None;
        let mut last_class = 0;
        for c in self.nfd(text) {
            let class = self.class(c);
            if let Some(at) = starter {
                let adjacent = at + 1 == composed.len();
                let blocked = !adjacent && (last_class == 0 || last_class >= class);
                if !blocked && let Some(both) = self.compose(composed[at], c) {
                    composed[at] = both;
                    continue;
                }
            }
            if class == 0 {
                starter = Some(composed.len());
            }
            last_class = class;
            composed.push(c);
        }
        composed.into_iter().collect()
    }

    fn fold(&self, folding: Folding, text: &str) -> String {
        let folded = |c: char| self.fold.get(&c).copied().unwrap_or(c);
        match folding {
            Folding::Exact => self.nfc(text.chars()),
            Folding::CaseFolded => self.nfc(self.nfd(text.chars()).into_iter().map(folded)),
            Folding::UserName => {
                let narrow = text.chars().map(|c| self.widths.get(&c).copied().unwrap_or(c));
                self.nfc(self.nfd(narrow).into_iter().map(folded))
            }
        }
    }

    /// Every character that a table names.
    fn named(&self) -> BTreeSet<char> {
        let mut named: BTreeSet<char> = self.fold.iter().flat_map(|(c, folded)| [*c, *folded]).collect();
        named.extend(self.decompositions.keys());
        named.extend(self.classes.keys());
        named.extend(self.widths.iter().flat_map(|(c, mapped)| [*c, *mapped]));
        named.extend(['\u{AC00}', '\u{AC01}', '\u{1100}', '\u{1161}', '\u{11A8}', '\u{D7A3}']);
        named.retain(|c| !self.new.contains(c));
        named
    }
}

const FOLDINGS: [Folding; 3] = [Folding::Exact, Folding::CaseFolded, Folding::UserName];

#[track_caller]
fn check(text: &str) {
    for folding in FOLDINGS {
        let expected = UNICODE.fold(folding, text);
        assert_eq!(folding.fold(text), expected, "{folding:?} of {:?}", text.escape_unicode().to_string());
    }
}

/// 7644-5-01, 7644-7.8-01: each character that Unicode's tables name, alone, after a letter and before a mark.
#[test]
fn named_characters() {
    let named = UNICODE.named();
    assert!(named.len() > 5_000, "{}", named.len());
    for c in named {
        check(&String::from(c));
        check(&String::from_iter(['a', c, '\u{301}']));
    }
}

/// 7644-7.8-01: all characters there are, in rows of 256, so that each also meets its neighbours.
#[test]
fn all_characters() {
    let all: Vec<char> = ('\0'..=char::MAX).filter(|c| !UNICODE.new.contains(c)).collect();
    assert!(all.len() > 1_090_000);
    for row in all.chunks(256) {
        let text: String = row.iter().collect();
        // Rows that no table names need not be folded thrice by two programs.
        let plain = row.iter().all(|c| {
            !UNICODE.fold.contains_key(c)
                && !UNICODE.decompositions.contains_key(c)
                && !UNICODE.classes.contains_key(c)
                && !UNICODE.widths.contains_key(c)
                && !('\u{1100}'..='\u{11FF}').contains(c)
        });
        if plain {
            for folding in FOLDINGS {
                assert_eq!(folding.fold(&text), text, "{folding:?} of U+{:04X} ff.", u32::from(row[0]));
            }
        } else {
            check(&text);
        }
    }
}

fn characters() -> impl Strategy<Value = char> {
    let named: Vec<char> = UNICODE.named().into_iter().collect();
    let marks: Vec<char> = named.iter().copied().filter(|c| UNICODE.class(*c) != 0).collect();
    let range = proptest::char::range;
    let jamo = prop_oneof![
        range('\u{1100}', '\u{1112}'),
        range('\u{1161}', '\u{1175}'),
        range('\u{11A7}', '\u{11C2}'),
        range('\u{AC00}', '\u{AC20}'),
    ];
    prop_oneof![
        4 => prop::sample::select(named),
        3 => prop::sample::select(marks),
        2 => jamo,
        2 => range('\0', '\u{17F}'),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// 7644-5-01, 7644-7.8-01: runs of letters, marks and syllables; and folding twice is folding once.
    #[test]
    fn runs_of_characters(text in prop::collection::vec(characters(), 0..12)) {
        let text = String::from_iter(text);
        check(&text);
        for folding in FOLDINGS {
            let once = folding.fold(&text).into_owned();
            prop_assert_eq!(folding.fold(&once), once.as_str());
        }
    }
}
