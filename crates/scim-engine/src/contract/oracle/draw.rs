//! Numbers and texts drawn from a seed.

/// Pieces of text that fold, sort or escape in their own ways; short, so that texts often meet.
const PIECES: &[&str] = &[
    "a",
    "A",
    "b",
    "B",
    "aa",
    "z",
    "1",
    "9",
    "10",
    " ",
    "%",
    "_",
    "\\",
    "'",
    "\"",
    "*",
    "-",
    ",",
    "ä",
    "Ä",
    "a\u{308}",
    "ß",
    "ẞ",
    "ss",
    "ﬀ",
    "İ",
    "I",
    "ı",
    "i\u{307}",
    "σ",
    "ς",
    "Σ",
    "K",
    "\u{212A}",
    "é",
    "e\u{301}",
    "ｂ",
    "\u{FFEE}",
    "\u{1F600}",
    "\u{10FFFF}",
    "\u{345}",
    "\u{1F80}",
    "\u{E000}",
    "\u{D7FF}",
];

/// A source of numbers (SplitMix64): the same seed gives the same numbers on every machine.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        // Bounds are small, so that no number is noticeably likelier than another.
        usize::try_from(self.next() % bound as u64).unwrap_or_default()
    }

    /// True in `part` of `of` draws.
    pub(super) fn chance(&mut self, part: usize, of: usize) -> bool {
        self.below(of) < part
    }

    pub(super) fn pick<'p, T>(&mut self, of: &'p [T]) -> &'p T {
        &of[self.below(of.len())]
    }

    /// A text of a few pieces; not empty. Half of the pieces are of the first few, so that texts meet.
    pub(super) fn text(&mut self) -> String {
        let pieces = if self.chance(1, 2) { 1 } else { 1 + self.below(3) };
        let piece = |draw: &mut Self| {
            let of = if draw.chance(1, 2) { &PIECES[..6] } else { PIECES };
            *draw.pick(of)
        };
        (0..pieces).map(|_| piece(self)).collect()
    }
}
