//! What people count for: seats, which may be booked, and admins, of whom one stays.

use scim_engine::store::{Counter, Guard, OnLimit, Record, Refused, Space, Stream, Write};
use scim_engine::{Change, Lookup};
use serde_json::Value;

use super::{Asking, Stop, tell};
use crate::booking::{BookingWindow, THIRDS, bookings, invoice_work};
use crate::event::AworkEvent;
use crate::refusal::{AdminLoss, AworkRefusal};
use crate::role::Role;
use crate::workspace::{Workspace, admins, seats};

/// What one user counts for: thirds of a seat, and admins (D-28, D-70, A-27, A-51).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Weight {
    pub(crate) thirds: i64,
    pub(crate) admins: i64,
}

impl Weight {
    /// Only active users count.
    pub(crate) fn of(role: Option<&Role>, active: bool) -> Self {
        match role {
            Some(role) if active && role.is_guest => Self { thirds: 1, admins: 0 },
            Some(role) if active => Self { thirds: 3, admins: i64::from(role.is_admin) },
            _ => Self::default(),
        }
    }
}

/// What a change adds to the counters of a workspace.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    thirds: i64,
    admins: i64,
}

impl Tally {
    pub(super) fn change(&mut self, before: Weight, after: Weight) {
        self.thirds += after.thirds - before.thirds;
        self.admins += after.admins - before.admins;
    }

    /// The writes of the sums, and what they tell. What a lost commit has shown to be out of bounds is
    /// refused here, with the counter read again (D-24, D-70).
    pub(super) fn count(
        self,
        change: &Change<'_>,
        asking: &Asking<'_>,
        workspace: &Workspace,
        loss: AdminLoss,
    ) -> Result<Counted, Stop> {
        let (seats, admins) = (seats(change.space), admins(change.space));
        if let Some(Refused::Bound { counter, .. }) = change.refused {
            let is = asking.all(|lookup| lookup.counter(counter.clone()))?.unwrap_or_default();
            if *counter == admins && falls_below(is, self.admins) {
                return Err(AworkRefusal::LastAdmin { loss }.into());
            }
            // Booking may have been switched on since the commit was refused.
            let is_short = *counter == seats && !workspace.automatic_booking;
            if let Some(missing) = missing_seats(is, self.thirds).filter(|_| is_short) {
                return Err(AworkRefusal::NoSeat { missing }.into());
            }
        }
        let mut counted = Counted::default();
        if self.admins != 0 {
            let add = Write::Add { counter: admins, by: self.admins, on_limit: OnLimit::Refuse };
            counted.writes.push(add);
        }
        let mut on_limit = OnLimit::Refuse;
        if workspace.automatic_booking && self.thirds.is_positive() {
            let booked = asking.all(|lookup| ask_booking(change.space, lookup))?;
            if let (Some(_), Some(limit)) = (missing_seats(booked.is, self.thirds), booked.is.limit) {
                on_limit = OnLimit::Raise { step: THIRDS };
                counted.book(change, &booked, limit)?;
            }
        }
        if self.thirds != 0 {
            counted.writes.push(Write::Add { counter: seats, by: self.thirds, on_limit });
        }
        Ok(counted)
    }
}

/// What is asked to book seats, in one snapshot.
pub(super) struct Booked<'f> {
    /// How many are taken and booked.
    is: Counter,
    window: Option<&'f Record>,
    /// The mark of bookings.
    bookings: u64,
}

pub(super) fn ask_booking<'f>(space: &Space, lookup: &mut Lookup<'f>) -> Booked<'f> {
    Booked {
        is: lookup.counter(seats(space)).unwrap_or_default(),
        window: lookup.record(BookingWindow::key(space)),
        bookings: lookup.mark(bookings(space)),
    }
}

/// What counting comes to.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) writes: Vec<Write>,
    pub(super) guards: Vec<Guard>,
    pub(super) events: Vec<(Stream, Value)>,
}

impl Counted {
    /// D-25, D-26: seats are booked, into a window that is open or opened by that.
    fn book(&mut self, change: &Change<'_>, booked: &Booked<'_>, limit: i64) -> Result<(), Stop> {
        let (space, now) = (change.space, change.context.now);
        let before = match booked.window {
            Some(record) => BookingWindow::of(record).ok_or(Stop::Damaged)?,
            None => BookingWindow { opened_at: None, billed: limit },
        };
        let (window, invoice) = before.book(space, limit, now);
        let version = booked.window.map(|record| record.version);
        // Also where the window is new: whoever finds that another one has made it is refused at once, and
        // never waits for those who book into it while they wait for the mark.
        self.guards.push(Guard::Version(BookingWindow::key(space), version));
        if window == before {
            // As many as want may do so at once; who bills meanwhile is refused by the mark.
            self.writes.push(Write::Raise(bookings(space)));
            return Ok(());
        }
        self.guards.push(Guard::Mark(bookings(space), booked.bookings));
        self.writes.push(window.write(space, version));
        if let Some(at) = window.closes_at() {
            self.writes.push(Write::Schedule { key: invoice_work(space), at, body: Value::Null });
        }
        self.events.extend(invoice.map(|invoice| tell(&AworkEvent::Invoice(invoice))));
        Ok(())
    }
}

fn falls_below(is: Counter, by: i64) -> bool {
    by < 0 && is.floor.is_some_and(|floor| is.value + by < floor)
}

/// How many whole seats more the change needs; none if it fits.
fn missing_seats(is: Counter, by: i64) -> Option<u64> {
    let over = is.value + by - is.limit?;
    (by > 0 && over > 0).then(|| over.unsigned_abs().div_ceil(THIRDS.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-28, A-27, A-51: thirds of a seat, and admins, of active users only.
    #[test]
    fn weights() {
        let role = |is_admin, is_guest| Role {
            id: "r".into(),
            name: "R".into(),
            is_admin,
            is_guest,
            is_archived: false,
            is_agent: false,
            grants: crate::Grants::default(),
            created_on: chrono::DateTime::UNIX_EPOCH,
        };
        for (role, active, thirds, admins) in [
            (role(true, false), true, 3, 1),
            (role(true, false), false, 0, 0),
            (role(false, true), true, 1, 0),
            (role(false, false), true, 3, 0),
            (role(false, true), false, 0, 0),
        ] {
            assert_eq!(Weight::of(Some(&role), active), Weight { thirds, admins });
        }
        assert_eq!(Weight::of(None, true), Weight::default());
    }

    /// D-24, D-70, A-51: what falls below the floor, and how many seats are missing.
    #[test]
    fn bounds() {
        let counter = |value, floor, limit| Counter { value, floor, limit };
        for (is, by, below) in [
            (counter(1, Some(1), None), -1, true),
            (counter(2, Some(1), None), -1, false),
            (counter(1, Some(1), None), 0, false),
            (counter(0, Some(1), None), 1, false),
            (counter(0, Some(1), None), 0, false),
            (counter(0, None, None), -1, false),
        ] {
            assert_eq!(falls_below(is, by), below, "{is:?} {by}");
        }
        for (is, by, missing) in [
            (counter(15, None, Some(15)), 3, Some(1)),
            (counter(14, None, Some(15)), 3, Some(1)),
            (counter(12, None, Some(15)), 3, None),
            (counter(15, None, Some(15)), 1, Some(1)),
            (counter(15, None, Some(15)), 4, Some(2)),
            (counter(18, None, Some(15)), -3, None),
            (counter(18, None, Some(15)), 0, None),
            (counter(15, None, None), 3, None),
        ] {
            assert_eq!(missing_seats(is, by), missing, "{is:?} {by}");
        }
    }
}
