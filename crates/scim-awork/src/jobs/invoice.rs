//! The invoice of a window that is over (D-26, A-52).

use scim_engine::Facts;
use scim_engine::outbox::{Job, JobStep, append};
use scim_engine::store::{Guard, Write};
use serde_json::Value;

use super::{Stop, known};
use crate::booking::{BookingWindow, bookings, invoice_work};
use crate::event::AworkEvent;
use crate::workspace::seats;

pub(super) fn decide(job: &Job<'_>, facts: &Facts) -> Result<JobStep, Stop> {
    let space = &job.key.space;
    let key = BookingWindow::key(space);
    let (record, counter, booked) = known(facts, |lookup| {
        let counter = lookup.counter(seats(space)).unwrap_or_default();
        (lookup.record(key.clone()), counter, lookup.mark(bookings(space)))
    })?;
    let guards =
        vec![Guard::Version(key, record.map(|record| record.version)), Guard::Mark(bookings(space), booked)];
    let done = |writes| Ok(JobStep::Done { writes, guards: guards.clone() });
    let Some(record) = record else { return done(Vec::new()) };
    let window = BookingWindow::of(record).ok_or_else(|| Stop::Later("the window is damaged".to_owned()))?;
    let (Some(closes), Some(limit)) = (window.closes_at(), counter.limit) else { return done(Vec::new()) };
    if closes > job.now {
        // Whoever booked into the next window has billed the one before.
        let later = Write::Schedule { key: invoice_work(space), at: closes, body: Value::Null };
        return done(vec![later]);
    }
    let (after, invoice) = window.bill(space, limit);
    let mut writes = vec![after.write(space, Some(record.version))];
    let id = format!("invoice-{closes}");
    writes.extend(append(space, &id, job.now, invoice.map(|made| AworkEvent::Invoice(made).to_body())));
    done(writes)
}
