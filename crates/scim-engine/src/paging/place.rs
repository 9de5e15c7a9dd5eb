//! A [`Position`] as bytes, and back.

use scim_core::SortValue;

use crate::store::Position;

const ABSENT: u8 = 0;
const BOOL: u8 = 1;
const INT: u8 = 2;
const REAL: u8 = 3;
const TEXT: u8 = 4;

/// Appends the position: kind of value, value, creation, and the id to the end.
pub(crate) fn write(position: &Position, bytes: &mut Vec<u8>) {
    match &position.value {
        SortValue::Absent => bytes.push(ABSENT),
        SortValue::Bool(value) => bytes.extend([BOOL, u8::from(*value)]),
        SortValue::Int(value) => {
            bytes.push(INT);
            bytes.extend(value.to_be_bytes());
        }
        SortValue::Real(value) => {
            bytes.push(REAL);
            bytes.extend(value.to_bits().to_be_bytes());
        }
        SortValue::Text(text) => {
            bytes.push(TEXT);
            bytes.extend((text.len() as u64).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
    }
    bytes.extend(position.created.to_be_bytes());
    bytes.extend(position.id.as_bytes());
}

/// Reads what [`write`] wrote; none if it was something else.
pub(crate) fn read(bytes: &[u8]) -> Option<Position> {
    let (kind, rest) = bytes.split_first()?;
    let (value, rest) = match *kind {
        ABSENT => (SortValue::Absent, rest),
        BOOL => {
            let (value, rest) = rest.split_first()?;
            (SortValue::Bool(*value != 0), rest)
        }
        INT => {
            let (value, rest) = number(rest)?;
            (SortValue::Int(i64::from_be_bytes(value)), rest)
        }
        REAL => {
            let (value, rest) = number(rest)?;
            (SortValue::Real(f64::from_bits(u64::from_be_bytes(value))), rest)
        }
        TEXT => {
            let (length, rest) = number(rest)?;
            let length = usize::try_from(u64::from_be_bytes(length)).ok()?;
            let (text, rest) = rest.split_at_checked(length)?;
            (SortValue::Text(text_of(text)?), rest)
        }
        _ => return None,
    };
    let (created, id) = number(rest)?;
    Some(Position { value, created: i64::from_be_bytes(created), id: text_of(id)? })
}

/// The first eight bytes, and the rest.
pub(crate) fn number(bytes: &[u8]) -> Option<([u8; 8], &[u8])> {
    bytes.split_first_chunk().map(|(number, rest)| (*number, rest))
}

fn text_of(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn position() -> impl Strategy<Value = Position> {
        let value = prop_oneof![
            Just(SortValue::Absent),
            any::<bool>().prop_map(SortValue::Bool),
            any::<i64>().prop_map(SortValue::Int),
            (-1e300..1e300).prop_map(SortValue::Real),
            ".{0,40}".prop_map(SortValue::Text),
        ];
        (value, any::<i64>(), ".{0,20}").prop_map(|(value, created, id)| Position { value, created, id })
    }

    proptest! {
        #[test]
        fn positions_come_back_as_they_were(position in position()) {
            let mut bytes = Vec::new();
            write(&position, &mut bytes);
            prop_assert_eq!(read(&bytes), Some(position));
        }

        /// Whatever the bytes, there is no panic.
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = read(&bytes);
        }
    }
}
