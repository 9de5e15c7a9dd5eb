//! Seats booked by hand: needs no invoice of ours (D-27).

use scim_engine::store::{Refused, Write};
use serde::Serialize;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::refusal::CommandRefusal;
use super::workspace::SeatsView;
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
        let is = desk.all(|lookup| lookup.counter(seats(space)))?.unwrap_or_default();
        let limit = Some(i64::from(self.seats) * 3);
        let before = SeatsView::of(is);
        let Some(after) = is.bounded(is.floor, limit) else {
            return Err(CommandRefusal::SeatsInUse { used: before.used }.into());
        };
        if matches!(desk.scene.refused, Some(Refused::Bound { .. })) || is != after {
            let write = Write::SetBounds { counter: seats(space), floor: is.floor, limit };
            let output = SeatsBooked { before: before.booked, now: SeatsView::of(after) };
            return Ok(Done::written(vec![write], output, ("Workspace", &workspace.name)));
        }
        Ok(Done::seen(SeatsBooked { before: before.booked, now: before }))
    }
}
