//! Bearer tokens: made here, shown once, kept as a hash.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// What every token starts with, so that people and secret scanners know it when they see it.
const PREFIX: &str = "scim_";

/// A bearer token. Its text is never part of debug output.
///
/// ```
/// use scim_http::Token;
///
/// let token = Token::generate()?;
/// assert!(token.reveal().starts_with("scim_") && Token::is_well_formed(token.reveal()));
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// assert_eq!(Token::from_text(token.reveal()).hash(), token.hash());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Makes a token of 256 random bits: `scim_`, 64 hexadecimal digits, and 8 digits to check them.
    ///
    /// # Errors
    ///
    /// Returns the error of the system when it has no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let digits = hex(&secret);
        Ok(Self(format!("{PREFIX}{digits}{}", check(&digits))))
    }

    /// Takes any text as a token, such as one that a person has chosen.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether the text is a token as [`generate`](Self::generate) makes them, without a slip in it.
    #[must_use]
    pub fn is_well_formed(text: &str) -> bool {
        let Some(digits) = text.strip_prefix(PREFIX) else { return false };
        let (Some(secret), Some(checked)) = (digits.get(..64), digits.get(64..)) else { return false };
        digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && checked == check(secret)
    }

    /// The text, to be shown once to the one who sets up the identity provider.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The SHA-256 of a token: enough to know it again, not to use it.
#[derive(Clone, Eq, PartialEq)]
pub struct TokenHash([u8; 32]);

/// Why a text is no hash of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the hash of a token is 64 lower-case hexadecimal digits")]
pub struct TokenHashError;

impl TokenHash {
    /// The hash of the text of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash as a store keeps it: 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }
}

impl FromStr for TokenHash {
    type Err = TokenHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(TokenHashError),
        };
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| TokenHashError)?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Debug for TokenHash {
    // A token that a person has chosen could be guessed from its hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// The first 8 digits of the hash of prefix and secret.
fn check(digits: &str) -> String {
    let hash = Sha256::new().chain_update(PREFIX).chain_update(digits).finalize();
    hex(&hash[..4])
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7644-7.3-01: tokens are random, and a slip in one is seen.
    #[test]
    fn generated_tokens_check_themselves() {
        let token = Token::generate().unwrap();
        let text = token.reveal();
        assert_eq!(text.len(), 5 + 64 + 8);
        assert!(Token::is_well_formed(text));
        assert_ne!(text, Token::generate().unwrap().reveal());
        let other = if text.ends_with('0') { "1" } else { "0" };
        let slip = format!("{}{other}", &text[..text.len() - 1]);
        for wrong in [slip.as_str(), &text[..76], &text[1..], "", "scim_", "scim_é", &text.to_uppercase()] {
            assert!(!Token::is_well_formed(wrong), "{wrong}");
        }
    }

    #[test]
    fn hashes_print_and_parse() {
        let hash = Token::from_text("abc").hash();
        assert_eq!(hash.to_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash.to_hex().parse(), Ok(hash.clone()));
        for wrong in ["", "ba78", &"g".repeat(64), &"é".repeat(32), &hash.to_hex().to_uppercase()] {
            assert_eq!(wrong.parse::<TokenHash>(), Err(TokenHashError), "{wrong}");
        }
    }

    #[test]
    fn no_secret_is_in_debug_output() {
        let token = Token::from_text("secret");
        let shown = format!("{token:?} {:?}", token.hash());
        assert_eq!(shown, "Token(…) TokenHash(…)");
    }
}
