//! Seats that provisioning books, and their invoices: one for each half hour (D-25 to D-27, A-51, A-52).
//!
//! The first extra seat opens a window of 30 minutes; all that is booked before its end goes on one invoice.
//! What was booked is the difference of the counter's limit and what is billed already, so it never matters
//! how many commits booked it. Those who book into an open window do not disturb each other: they guard its
//! record and raise a mark. Whoever opens or bills a window, or sets the limit by hand, writes the record and
//! guards the mark, so that each booking is either in what they have read or refuses them.

use scim_engine::store::{DueKey, MarkKey, Record, RecordKey, Space, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::bare;

/// How long a window is open, in milliseconds.
pub const BOOKING_WINDOW: i64 = 30 * 60 * 1_000;

/// Thirds of a seat in a whole one.
pub(crate) const THIRDS: i64 = 3;

/// The window in which seats that are booked go on one invoice.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct BookingWindow {
    /// When the first seat of the window was booked, in milliseconds since 1970; none while none is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<i64>,
    /// How much of the counter's limit, in thirds, needs no invoice any more.
    pub billed: i64,
}

/// An invoice for booked seats, to be made out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invoice {
    /// The id, of this invoice alone: whoever sees it twice makes out one.
    pub id: String,
    /// The workspace.
    pub workspace: String,
    /// How many seats.
    pub seats: u64,
    /// When the first of them was booked, in milliseconds since 1970.
    pub from: i64,
    /// When the window closed: all booked before it are on this invoice.
    pub until: i64,
}

impl BookingWindow {
    /// The key of the record, in the space of the tenant.
    #[must_use]
    pub fn key(space: &Space) -> RecordKey {
        RecordKey::new(space, "BookingWindow", "seats")
    }

    /// Reads the window from its record; none if it holds something else.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        serde_json::from_value(Value::Object(record.extra.clone())).ok()
    }

    /// When the window closes; at that moment it is closed.
    pub(crate) fn closes_at(&self) -> Option<i64> {
        self.opened_at.map(|opened| opened.saturating_add(BOOKING_WINDOW))
    }

    /// The window once more seats are booked at `now`, when `limit` thirds were booked before; with the
    /// invoice of the window before, if that was over and has none yet.
    pub(crate) fn book(self, space: &Space, limit: i64, now: i64) -> (Self, Option<Invoice>) {
        // What was opened for a seat that somebody gave back in time was no first seat.
        let is_open = limit > self.billed && self.closes_at().is_some_and(|closes| now < closes);
        if is_open {
            return (self, None);
        }
        let invoice = self.invoice(space, limit);
        (Self { opened_at: Some(now), billed: limit }, invoice)
    }

    /// The window once it is billed.
    pub(crate) fn bill(self, space: &Space, limit: i64) -> (Self, Option<Invoice>) {
        (Self { opened_at: None, billed: limit }, self.invoice(space, limit))
    }

    /// The window once an admin of awork has set the booked seats by hand, which needs no invoice of ours.
    /// The limits are in thirds; whoever sets the counter's limit writes the window in the same commit, and
    /// guards the mark of bookings.
    #[must_use]
    pub fn set_by_hand(self, limit_before: i64, limit_after: i64) -> Self {
        let billed = self.billed.saturating_add(limit_after.saturating_sub(limit_before));
        Self { billed, ..self }
    }

    /// The write of the window, in the place of the version that was read.
    #[must_use]
    pub fn write(&self, space: &Space, replaces: Option<u64>) -> Write {
        let extra = match serde_json::to_value(self) {
            Ok(Value::Object(extra)) => extra,
            _ => Map::new(),
        };
        Write::Put { record: Box::new(bare(Self::key(space), None, extra)), replaces }
    }

    /// The invoice for what is booked so far, when `limit` thirds are; none if there is nothing to bill.
    pub(crate) fn invoice(&self, space: &Space, limit: i64) -> Option<Invoice> {
        let (from, until) = (self.opened_at?, self.closes_at()?);
        let seats =
            u64::try_from(limit.saturating_sub(self.billed) / THIRDS).ok().filter(|seats| *seats > 0)?;
        let workspace = space.tenant()?.to_string();
        Some(Invoice { id: format!("{workspace}-{from}"), workspace, seats, from, until })
    }
}

/// What each booking raises, so that whoever has read the counter's limit learns of it.
pub(crate) fn bookings(space: &Space) -> MarkKey {
    MarkKey { space: space.clone(), name: "bookings" }
}

/// The work that bills a window.
pub(crate) fn invoice_work(space: &Space) -> DueKey {
    DueKey { space: space.clone(), name: "invoice".to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scim_engine::store::TenantId;

    use super::*;

    const MINUTE: i64 = 60_000;

    fn space() -> Space {
        TenantId::new("w").unwrap().space()
    }

    fn invoice(seats: u64, from: i64) -> Invoice {
        let (id, workspace) = (format!("w-{from}"), "w".to_owned());
        Invoice { id, workspace, seats, from, until: from + BOOKING_WINDOW }
    }

    /// D-26, A-52: the half-open window, and what closes it.
    #[test]
    fn windows() {
        let none = BookingWindow { opened_at: None, billed: 15 };
        let open = BookingWindow { opened_at: Some(0), billed: 15 };
        let opened = |at: i64, billed| BookingWindow { opened_at: Some(at * MINUTE), billed };
        for (window, limit, minute, after, seats) in [
            (none, 15, 0, opened(0, 15), None),
            (open, 18, 10, open, None),
            (open, 21, 29, open, None),
            (open, 24, 30, opened(30, 24), Some(3)),
            (open, 24, 31, opened(31, 24), Some(3)),
            // A clock behind that of the first booking opens nothing.
            (open, 18, -1, open, None),
            // No seat was booked after all.
            (open, 15, 10, opened(10, 15), None),
            (open, 15, 40, opened(40, 15), None),
        ] {
            let (known, made) = window.book(&space(), limit, minute * MINUTE);
            assert_eq!((known, made), (after, seats.map(|seats| invoice(seats, 0))), "{window:?} {limit}");
        }
        for (window, limit, made) in
            [(open, 24, Some(invoice(3, 0))), (open, 15, None), (none, 24, None), (open, 12, None)]
        {
            let after = BookingWindow { opened_at: None, billed: limit };
            assert_eq!(window.bill(&space(), limit), (after, made), "{window:?} {limit}");
        }
    }

    /// D-26: seats that are booked by hand while a window is open are on no invoice.
    #[test]
    fn by_hand() {
        let open = BookingWindow { opened_at: Some(0), billed: 15 };
        for (before, after, limit, seats) in
            [(18, 48, 51, Some(2)), (18, 15, 15, Some(1)), (15, 30, 30, None)]
        {
            let (_, made) = open.set_by_hand(before, after).bill(&space(), limit);
            assert_eq!(made, seats.map(|seats| invoice(seats, 0)), "{before} to {after}");
        }
    }

    proptest! {
        /// D-26: each booked seat is on one invoice, each invoice is for a half hour, and no two overlap.
        #[test]
        fn every_seat_is_billed_once(steps in proptest::collection::vec((0_i64..50, 1_i64..4), 0..40)) {
            let (mut window, mut limit, mut now, mut invoices) = (BookingWindow::default(), 0, 0, Vec::new());
            for (minutes, seats) in &steps {
                now += minutes * MINUTE;
                let (after, invoice) = window.book(&space(), limit, now);
                invoices.extend(invoice);
                window = after;
                limit += seats * THIRDS;
                prop_assert!(window.opened_at.is_some_and(|opened| opened <= now && now < opened + BOOKING_WINDOW));
            }
            invoices.extend(window.bill(&space(), limit).1);
            let billed: u64 = invoices.iter().map(|invoice| invoice.seats).sum();
            prop_assert_eq!(billed, u64::try_from(steps.iter().map(|(_, seats)| seats).sum::<i64>()).unwrap());
            for two in invoices.windows(2) {
                prop_assert!(two[0].until <= two[1].from, "{:?}", two);
            }
        }
    }
}
