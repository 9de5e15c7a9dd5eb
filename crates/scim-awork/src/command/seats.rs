//! Seats booked by hand: needs no invoice of ours (D-27).

use scim_engine::store::Write;
use serde::Serialize;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::refusal::CommandRefusal;
use super::workspace::SeatsView;
use crate::booking::{BookingWindow, THIRDS};
use crate::workspace::seats;

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
        let (is, window) =
            desk.all(|lookup| (lookup.counter(seats(space)), lookup.record(BookingWindow::key(space))))?;
        let is = is.unwrap_or_default();
        let limit = Some(i64::from(self.seats) * THIRDS);
        let before = SeatsView::of(is);
        let Some(after) = is.bounded(is.floor, limit) else {
            return Err(CommandRefusal::SeatsInUse { used: before.used }.into());
        };
        if is.limit == limit {
            return Ok(Done::seen(SeatsBooked { before: before.booked, now: before }));
        }
        let known = match window {
            Some(record) => BookingWindow::of(record).ok_or_else(Halt::damaged)?,
            None => BookingWindow { opened_at: None, billed: is.limit.unwrap_or(0) },
        };
        let known = known.set_by_hand(is.limit.unwrap_or(0), i64::from(self.seats) * THIRDS);
        // Whoever books by SCIM writes the window too, so the limit is still what was read.
        let writes = vec![
            Write::SetBounds { counter: seats(space), floor: is.floor, limit },
            known.write(space, window.map(|record| record.version)),
        ];
        let output = SeatsBooked { before: before.booked, now: SeatsView::of(after) };
        Ok(Done::written(writes, output, ("Workspace", &workspace.name)))
    }
}
