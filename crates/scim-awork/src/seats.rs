//! Seats: what users take, counted in thirds, and how many have to be booked (D-22 to D-25, D-28, A-51,
//! A-53).

use crate::refusal::AworkRefusal;

/// The active users of a workspace, as far as they take seats: a user one, a guest a third (D-28).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SeatUse {
    /// Active users who are not guests.
    pub users: u64,
    /// Active guests.
    pub guests: u64,
}

/// What one activation adds to the seats in use.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SeatShare {
    /// A user becomes active.
    User,
    /// A guest becomes active.
    Guest,
    /// An active guest becomes a user (A-53).
    Promotion,
}

impl SeatShare {
    /// Gives the share in thirds of a seat.
    #[must_use]
    pub const fn thirds(self) -> u64 {
        match self {
            Self::User => 3,
            Self::Promotion => 2,
            Self::Guest => 1,
        }
    }
}

impl SeatUse {
    /// Gives the seats in use, in thirds (A-51).
    #[must_use]
    pub const fn thirds(self) -> u64 {
        self.users.saturating_mul(3).saturating_add(self.guests)
    }

    /// Gives the whole seats that have to be booked for this use (A-51).
    #[must_use]
    pub const fn needed(self) -> u64 {
        self.thirds().div_ceil(3)
    }
}

/// Decides how many seats to book for one activation: none if it fits (D-22, D-24, D-25, D-27).
///
/// # Errors
///
/// Returns [`AworkRefusal::NoSeat`] when it does not fit and seats are not booked automatically.
///
/// # Examples
///
/// ```
/// use scim_awork::{SeatShare, SeatUse, book_seats};
///
/// let full = SeatUse { users: 4, guests: 3 };
/// assert_eq!(book_seats(full, SeatShare::Guest, 5, true), Ok(1));
/// assert!(book_seats(full, SeatShare::Guest, 5, false).is_err());
/// ```
pub const fn book_seats(
    used: SeatUse,
    share: SeatShare,
    booked: u64,
    automatic: bool,
) -> Result<u64, AworkRefusal> {
    let needed = used.thirds().saturating_add(share.thirds()).div_ceil(3);
    match needed.saturating_sub(booked) {
        missing if missing == 0 || automatic => Ok(missing),
        missing => Err(AworkRefusal::NoSeat { missing }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// D-28, A-51: thirds, and whole seats rounded up.
    #[test]
    fn use_in_thirds() {
        for (users, guests, thirds, needed) in [
            (0, 0, 0, 0),
            (1, 0, 3, 1),
            (0, 1, 1, 1),
            (0, 3, 3, 1),
            (0, 4, 4, 2),
            (2, 2, 8, 3),
            (500, 0, 1500, 500),
        ] {
            let used = SeatUse { users, guests };
            assert_eq!((used.thirds(), used.needed()), (thirds, needed), "{used:?}");
        }
        assert_eq!(SeatUse { users: u64::MAX, guests: 1 }.thirds(), u64::MAX);
    }

    /// D-24, D-25, D-27: what fits costs nothing; what does not is booked or refused.
    #[test]
    fn one_activation() {
        let used = |users, guests| SeatUse { users, guests };
        for (used, share, booked, missing) in [
            (used(4, 0), SeatShare::User, 5, 0),
            (used(5, 0), SeatShare::User, 5, 1),
            (used(4, 1), SeatShare::User, 5, 1),
            (used(4, 2), SeatShare::Guest, 5, 0),
            (used(4, 3), SeatShare::Guest, 5, 1),
            (used(7, 0), SeatShare::User, 5, 3),
        ] {
            assert_eq!(book_seats(used, share, booked, true), Ok(missing));
            let refused = if missing == 0 { Ok(0) } else { Err(AworkRefusal::NoSeat { missing }) };
            assert_eq!(book_seats(used, share, booked, false), refused);
        }
    }

    /// A-53: a guest who becomes a user needs two thirds more.
    #[test]
    fn a_promotion() {
        let one_guest = SeatUse { users: 4, guests: 1 };
        assert_eq!(book_seats(one_guest, SeatShare::Promotion, 5, false), Ok(0));
        let two_guests = SeatUse { users: 4, guests: 2 };
        assert_eq!(book_seats(two_guests, SeatShare::Promotion, 5, true), Ok(1));
    }

    proptest! {
        /// A-51: after booking, the seats are just enough.
        #[test]
        fn booking_is_exact(users: u32, guests: u32, booked: u32) {
            let after = SeatUse { users: u64::from(users) + 1, guests: u64::from(guests) };
            let before = SeatUse { users: u64::from(users), guests: u64::from(guests) };
            let extra = book_seats(before, SeatShare::User, u64::from(booked), true).unwrap();
            let total = u64::from(booked) + extra;
            prop_assert!(total * 3 >= after.thirds());
            prop_assert!(extra == 0 || (total - 1) * 3 < after.thirds());
        }
    }
}
