//! Cursors: where a walk goes on, sealed so that nobody reads or alters it (9865-2-04).
//!
//! The text is base64url of a format byte, the number of the key, and AES-SIV (RFC 5297) of when the
//! cursor was given out, how long the pages are, and the position. The walk that it belongs to is
//! authenticated with it. There is no nonce: the same cursor of the same moment has the same text.

use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::place;
use super::walk_id::WalkId;
use crate::store::Position;

const FORMAT: u8 = 1;

/// How many bytes a key has.
pub(crate) const KEY_BYTES: usize = 64;

/// The key that seals cursors.
#[derive(Clone)]
pub(crate) struct CursorKey(pub(crate) [u8; KEY_BYTES]);

/// Where a walk goes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    /// When it was given out, in milliseconds since 1970.
    pub(crate) issued: i64,
    /// How many resources a page of the walk holds.
    pub(crate) size: u64,
    /// Behind which record.
    pub(crate) after: Position,
}

impl CursorKey {
    fn cipher(&self) -> Aes256Siv {
        Aes256Siv::new(&self.0.into())
    }
}

impl Cursor {
    /// The cursor as text, sealed with the key of that number; none if the key cannot seal so much.
    pub(crate) fn seal(&self, walk: &WalkId, (number, key): (u32, &CursorKey)) -> Option<String> {
        let mut plain = Vec::with_capacity(64);
        plain.extend(self.issued.to_be_bytes());
        plain.extend(self.size.to_be_bytes());
        place::write(&self.after, &mut plain);
        let head = head(number);
        let sealed = key.cipher().encrypt([&head, walk.as_bytes()], &plain).ok()?;
        let mut bytes = head.to_vec();
        bytes.extend(sealed);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// A cursor as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    /// The number of the key, as the text says.
    pub(crate) key: u32,
    bytes: Vec<u8>,
}

impl Sealed {
    /// Reads the outside of a text; none if it cannot be a cursor.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (&[format, a, b, c, d], sealed) = bytes.split_first_chunk()?;
        let key = u32::from_be_bytes([a, b, c, d]);
        (format == FORMAT).then(|| Self { key, bytes: sealed.to_vec() })
    }

    /// What it says, if it was sealed with this key for this walk.
    pub(crate) fn open(&self, walk: &WalkId, key: &CursorKey) -> Option<Cursor> {
        let head = head(self.key);
        let plain = key.cipher().decrypt([&head, walk.as_bytes()], &self.bytes).ok()?;
        let (issued, rest) = place::number(&plain)?;
        let (size, rest) = place::number(rest)?;
        let after = place::read(rest)?;
        Some(Cursor { issued: i64::from_be_bytes(issued), size: u64::from_be_bytes(size), after })
    }
}

fn head(number: u32) -> [u8; 5] {
    let [a, b, c, d] = number.to_be_bytes();
    [FORMAT, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scim_core::message::SearchRequest;

    use super::super::place::tests::position;
    use super::super::walk_id::tests::context;
    use super::*;

    fn walk(tenant: &str, caller: &str, kind: Option<&str>) -> WalkId {
        WalkId::of(&context(tenant, caller), kind, None, &SearchRequest::default(), true)
    }

    fn cursor() -> impl Strategy<Value = Cursor> {
        (any::<i64>(), any::<u64>(), position()).prop_map(|(issued, size, after)| Cursor {
            issued,
            size,
            after,
        })
    }

    fn keys() -> impl Strategy<Value = CursorKey> {
        any::<[u8; 32]>().prop_map(|half| {
            let mut key = [7; KEY_BYTES];
            key[..32].copy_from_slice(&half);
            CursorKey(key)
        })
    }

    fn open(text: &str, walk: &WalkId, key: &CursorKey) -> Option<Cursor> {
        Sealed::read(text)?.open(walk, key)
    }

    impl std::fmt::Debug for CursorKey {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{:?}", self.0)
        }
    }

    proptest! {
        /// 9865-2-04: a cursor says what was sealed, in unreserved characters, and the same every time.
        #[test]
        fn what_is_sealed_is_opened(cursor in cursor(), key in keys(), number in any::<u32>()) {
            let walk = walk("a", "c", None);
            let text = cursor.seal(&walk, (number, &key)).unwrap();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)), "{}", text);
            prop_assert_eq!(Sealed::read(&text).unwrap().key, number);
            prop_assert_eq!(open(&text, &walk, &key), Some(cursor.clone()));
            prop_assert_eq!(cursor.seal(&walk, (number, &key)).unwrap(), text);
        }

        /// 9865-2.1-01: whichever byte is altered, dropped or added, it is no cursor.
        #[test]
        fn what_is_altered_is_refused(
            cursor in cursor(),
            key in keys(),
            at in any::<prop::sample::Index>(),
            with in 1_u8..,
        ) {
            let walk = walk("a", "c", Some("User"));
            let text = cursor.seal(&walk, (3, &key)).unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
            let at = at.index(bytes.len());
            let (mut altered, mut shorter, mut longer) = (bytes.clone(), bytes.clone(), bytes);
            altered[at] ^= with;
            shorter.remove(at);
            longer.push(with);
            for bytes in [altered, shorter, longer] {
                prop_assert_eq!(open(&URL_SAFE_NO_PAD.encode(bytes), &walk, &key), None);
            }
            let mut altered = text.into_bytes();
            let at = at % altered.len();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            prop_assert_eq!(open(&String::from_utf8(altered).unwrap(), &walk, &key), None);
        }

        /// 9865-2.1-01, 9865-5.2-01: of another tenant, client, endpoint or key.
        #[test]
        fn what_is_of_another_walk_is_refused(cursor in cursor(), key in keys(), other in keys()) {
            let mine = walk("a", "c", Some("User"));
            let text = cursor.seal(&mine, (1, &key)).unwrap();
            for walk in [walk("b", "c", Some("User")), walk("a", "d", Some("User")), walk("a", "c", None)] {
                prop_assert_eq!(open(&text, &walk, &key), None);
            }
            prop_assume!(key.0 != other.0);
            prop_assert_eq!(open(&text, &mine, &other), None);
        }

        /// Whatever the text, there is no panic.
        #[test]
        fn any_text_is_read(text in ".{0,80}", key in keys()) {
            prop_assert_eq!(open(&text, &walk("a", "c", None), &key), None);
        }
    }
}
