//! Seats: shown, and booked by hand, which needs no invoice of ours (D-27).

use chrono::{DateTime, Utc};
use scim_engine::Lookup;
use scim_engine::store::{Counter, Guard, Record, Space, Write};
use serde::Serialize;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::integration::instant;
use super::refusal::CommandRefusal;
use crate::booking::{BookingWindow, THIRDS, bookings};
use crate::workspace::seats;

/// The seats of a workspace.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct SeatsView {
    /// How many are booked.
    pub booked: i64,
    /// How many are in use, one that is used in part included.
    pub used: i64,
    /// The same in thirds, of which a guest takes one.
    pub used_thirds: i64,
    /// What provisioning has booked and no invoice holds yet.
    pub to_invoice: Option<SeatsToInvoice>,
}

/// Seats that the next invoice will be for; those that are booked until then come to it (D-26).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct SeatsToInvoice {
    /// How many.
    pub seats: u64,
    /// When the first of them was booked.
    pub since: DateTime<Utc>,
    /// When the invoice is made out.
    pub due: DateTime<Utc>,
}

/// What is asked to show seats: the counter and the booking window, in one snapshot.
pub(super) fn ask_seats<'f>(space: &Space, lookup: &mut Lookup<'f>) -> (Option<Counter>, Option<&'f Record>) {
    (lookup.counter(seats(space)), lookup.record(BookingWindow::key(space)))
}

impl SeatsView {
    /// Reads what was asked for.
    pub(super) fn read(
        space: &Space,
        (counter, window): (Option<Counter>, Option<&Record>),
    ) -> Result<Self, Halt> {
        let counter = counter.unwrap_or_default();
        Ok(Self::of(space, counter, window_of(counter, window)?))
    }

    fn of(space: &Space, counter: Counter, window: BookingWindow) -> Self {
        let invoice = counter.limit.and_then(|limit| window.invoice(space, limit));
        Self {
            booked: counter.limit.unwrap_or(0).div_euclid(THIRDS),
            used: (counter.value + THIRDS - 1).div_euclid(THIRDS),
            used_thirds: counter.value,
            to_invoice: invoice.map(|invoice| SeatsToInvoice {
                seats: invoice.seats,
                since: instant(invoice.from),
                due: instant(invoice.until),
            }),
        }
    }
}

fn window_of(counter: Counter, window: Option<&Record>) -> Result<BookingWindow, Halt> {
    match window {
        Some(record) => BookingWindow::of(record).ok_or_else(Halt::damaged),
        None => Ok(BookingWindow { opened_at: None, billed: counter.limit.unwrap_or(0) }),
    }
}

/// Sets how many seats are booked.
#[derive(Clone, Copy, Debug)]
pub struct BookSeats {
    /// How many.
    pub seats: u32,
}

/// How many seats were booked, and how many are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct SeatsBooked {
    /// How many were booked before.
    pub before: i64,
    /// The seats now.
    pub now: SeatsView,
}

impl AworkCommand for BookSeats {
    type Output = SeatsBooked;

    const OPERATION: &'static str = "seats.book";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<SeatsBooked>, Halt> {
        let space = desk.scene.space;
        let (workspace, _) = desk.workspace()?;
        let ((is, window), booked) =
            desk.all(|lookup| (ask_seats(space, lookup), lookup.mark(bookings(space))))?;
        let is = is.unwrap_or_default();
        let limit = Some(i64::from(self.seats) * THIRDS);
        let known = window_of(is, window)?;
        let before = SeatsView::of(space, is, known);
        let Some(after) = is.bounded(is.floor, limit) else {
            return Err(CommandRefusal::SeatsInUse { used: before.used }.into());
        };
        if is.limit == limit {
            return Ok(Done::seen(SeatsBooked { before: before.booked, now: before }));
        }
        let known = known.set_by_hand(is.limit.unwrap_or(0), i64::from(self.seats) * THIRDS);
        // Whoever books by SCIM writes the window too, or raises the mark, so the limit is what was read.
        let writes = vec![
            Write::SetBounds { counter: seats(space), floor: is.floor, limit },
            known.write(space, window.map(|record| record.version)),
        ];
        let output = SeatsBooked { before: before.booked, now: SeatsView::of(space, after, known) };
        let guards = [Guard::Mark(bookings(space), booked)];
        Ok(Done::written(writes, output, ("Workspace", &workspace.name)).guarded(guards))
    }
}
