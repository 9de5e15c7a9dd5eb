//! Bearer tokens of awork: a form that people and secret scanners know, and what is kept of them.
//!
//! `awork_scim_`, 44 letters and digits that hold 256 random bits, and 6 that check the rest: CRC-32 in base
//! 62, as in the tokens of well-known services. A slip in one is told without a look into the store.

use std::fmt;

use scim_engine::store::{PutRecord, Record, RecordKey, Space};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::account::bare;
use crate::provider::Provider;

/// What every token that awork makes starts with.
pub const TOKEN_PREFIX: &str = "awork_scim_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HALF: usize = 22;
const CHECK: usize = 6;

/// A bearer token. Its text is never part of debug output.
///
/// ```
/// use scim_awork::AworkToken;
///
/// let token = AworkToken::of_random([7; 32]);
/// assert!(token.reveal().starts_with("awork_scim_"));
/// assert_eq!(AworkToken::from_text(token.reveal()), Some(token.clone()));
/// assert_eq!(AworkToken::from_text(&token.reveal().to_uppercase().replace("AWORK_SCIM_", "awork_scim_")), None);
/// assert_eq!(format!("{token:?}"), "AworkToken(…)");
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct AworkToken(String);

impl AworkToken {
    /// The token of 256 random bits.
    #[must_use]
    pub fn of_random(bytes: [u8; 32]) -> Self {
        let mut text = TOKEN_PREFIX.to_owned();
        for half in bytes.chunks_exact(16) {
            let number = half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
            push_base62(&mut text, number, HALF);
        }
        let check = check(&text);
        text.push_str(&check);
        Self(text)
    }

    /// Takes a text as a token: any that a person has chosen, or one that awork has made; none if it starts
    /// like one of those and has a slip in it.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let whole = || {
            let end = text.len().checked_sub(CHECK)?;
            let (checked, digits) = text.split_at_checked(end)?;
            Some(text.len() == TOKEN_PREFIX.len() + 2 * HALF + CHECK && check(checked) == digits)
        };
        let fits = !text.starts_with(TOKEN_PREFIX) || whole() == Some(true);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text, to be shown once to the one who sets up the identity provider (D-36).
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it: its SHA-256 in hexadecimal digits (D-36).
    #[must_use]
    pub fn hash(&self) -> String {
        use fmt::Write as _;
        Sha256::digest(self.0.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string never fails.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// What a set-up keeps of it.
    #[must_use]
    pub fn kept(&self) -> KeptToken {
        KeptToken { hash: self.hash(), hint: self.hint() }
    }

    /// Its last four characters, by which a person tells tokens apart; nothing of a short one.
    #[must_use]
    fn hint(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        if chars.len() < 20 { String::new() } else { chars[chars.len() - 4..].iter().collect() }
    }
}

/// What is kept of a token.
#[derive(Clone, Eq, PartialEq)]
pub struct KeptToken {
    pub(crate) hash: String,
    pub(crate) hint: String,
}

impl KeptToken {
    /// A token of which only the SHA-256 is known, 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn of_hash(hash: &str) -> Option<Self> {
        let fits = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self { hash: hash.to_owned(), hint: String::new() })
    }
}

impl fmt::Debug for KeptToken {
    // A token that a person has chosen could be guessed from its hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptToken(…)")
    }
}

impl fmt::Debug for AworkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AworkToken(…)")
    }
}

fn check(text: &str) -> String {
    let mut digits = String::with_capacity(CHECK);
    push_base62(&mut digits, u128::from(crc32fast::hash(text.as_bytes())), CHECK);
    digits
}

/// Appends a number in base 62, the highest digit first.
fn push_base62(text: &mut String, mut number: u128, digits: usize) {
    let mut reversed = Vec::with_capacity(digits);
    for _ in 0..digits {
        // Below 62.
        let digit = usize::try_from(number % 62).unwrap_or(0);
        reversed.push(char::from(DIGITS[digit]));
        number /= 62;
    }
    text.extend(reversed.iter().rev());
}

/// What a token leads to, found by its hash.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TokenLead {
    /// The workspace; the token alone selects it (D-41).
    pub workspace: String,
    /// The integration.
    pub integration: String,
    /// Its identity provider.
    pub provider: Provider,
    /// Whether the client application is gone that gave the token out (D-39).
    #[serde(default)]
    pub is_orphaned: bool,
}

impl TokenLead {
    /// The key of the record that a hash leads to.
    #[must_use]
    pub fn key(hash: &str) -> RecordKey {
        RecordKey::new(&Space::shared("token", hash), "Token", hash)
    }

    /// Reads the lead from its record; none if it holds something else.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        serde_json::from_value(Value::Object(record.extra.clone())).ok()
    }

    pub(crate) fn record(&self, hash: &str) -> PutRecord {
        let extra = match serde_json::to_value(self) {
            Ok(Value::Object(extra)) => extra,
            _ => Map::new(),
        };
        bare(Self::key(hash), None, extra)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// D-36: the form, and what is kept.
    #[test]
    fn tokens_have_a_form() {
        let token = AworkToken::of_random([0; 32]);
        let text = token.reveal();
        assert_eq!(&text[..55], "awork_scim_00000000000000000000000000000000000000000000");
        assert_eq!(text.len(), 61);
        assert_eq!(token.hint(), &text[57..]);
        assert_eq!(AworkToken::of_random([255; 32]).reveal().len(), 61);
        let chosen = AworkToken::from_text("secret").unwrap();
        assert_eq!(chosen.hash(), "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
        assert_eq!(chosen.hint(), "");
        for slip in ["awork_scim_", "awork_scim_x", &text[..60], &format!("{text}0"), "awork_scim_ééé"] {
            assert_eq!(AworkToken::from_text(slip), None, "{slip}");
        }
    }

    proptest! {
        /// D-36: no two slips are needed to be told: one wrong character is.
        #[test]
        fn a_slip_is_told(bytes in any::<[u8; 32]>(), at in 11_usize..61, digit in 0_usize..62) {
            let token = AworkToken::of_random(bytes);
            prop_assert_eq!(AworkToken::from_text(token.reveal()), Some(token.clone()));
            let mut slip = token.reveal().as_bytes().to_vec();
            prop_assume!(slip[at] != DIGITS[digit]);
            slip[at] = DIGITS[digit];
            prop_assert_eq!(AworkToken::from_text(std::str::from_utf8(&slip).unwrap()), None);
        }
    }
}
