//! Counters with bounds.

use super::probe::{Probe, batch, space};
use crate::store::{Counter, CounterChange, CounterKey, OnLimit, Refused, Store, Write};

const BOUND: &str = "a counter never passes its bounds by adding";

fn seats() -> CounterKey {
    CounterKey { space: space(), name: "seats" }
}

fn counter(value: i64, floor: Option<i64>, limit: Option<i64>) -> Counter {
    Counter { value, floor, limit }
}

fn set(counter: Counter) -> Write {
    Write::SetCounter(seats(), counter)
}

fn add(by: i64) -> Write {
    Write::Add { counter: seats(), by, on_limit: OnLimit::Refuse }
}

fn raise(by: i64, step: i64) -> Write {
    Write::Add { counter: seats(), by, on_limit: OnLimit::Raise { step } }
}

/// A sum above the limit or below the floor is refused, and the refusal says what the counter is.
pub async fn a_counter_keeps_its_bounds(store: impl Store) {
    let probe = Probe::new(store);
    let is = counter(9, Some(8), Some(10));
    probe.commit(batch(1, [set(is)])).await;
    for writes in [vec![add(2)], vec![add(1), add(1)], vec![add(-2)], vec![add(5), add(-7)]] {
        let by = writes.iter().map(|write| if let Write::Add { by, .. } = write { *by } else { 0 }).sum();
        let refused = probe.refused(batch(2, writes), BOUND).await;
        assert_eq!(refused, Refused::Bound { counter: seats(), is, by }, "{BOUND}");
        assert_eq!(probe.counter(&seats()).await, Some(is), "{BOUND}");
    }
    probe.commit(batch(3, [add(1)])).await;
    probe.commit(batch(4, [add(-2)])).await;
    assert_eq!(probe.counter(&seats()).await, Some(counter(8, Some(8), Some(10))), "{BOUND}");
}

/// The adds of a batch are summed up and checked once: a hand-over at the bounds goes through.
pub async fn adds_are_checked_in_sum(store: impl Store) {
    let promise = "the adds of a batch are checked once, in sum";
    let probe = Probe::new(store);
    let is = counter(1, Some(1), Some(1));
    probe.commit(batch(1, [set(is)])).await;
    for writes in [[add(1), add(-1)], [add(-1), add(1)]] {
        let done = probe.commit(batch(2, writes)).await;
        let change = CounterChange { key: seats(), before: is, after: is };
        assert_eq!(done.counters, [change], "{promise}");
    }
    assert_eq!(probe.counter(&seats()).await, Some(is), "{promise}");
}

/// Where it may, a limit rises in whole steps, as many as it takes; old and new come back.
pub async fn a_limit_rises_in_whole_steps(store: impl Store) {
    let promise = "a limit rises in whole steps, as many as it takes";
    let probe = Probe::new(store);
    probe.commit(batch(1, [set(counter(9, None, Some(10)))])).await;
    for (by, after) in [
        (1, counter(10, None, Some(10))),
        (1, counter(11, None, Some(15))),
        (5, counter(16, None, Some(20))),
        (15, counter(31, None, Some(35))),
        (-30, counter(1, None, Some(35))),
    ] {
        let before = probe.counter(&seats()).await.expect("it was set");
        let done = probe.commit(batch(2, [raise(by, 5)])).await;
        assert_eq!(done.counters, [CounterChange { key: seats(), before, after }], "{promise}");
        assert_eq!(probe.counter(&seats()).await, Some(after), "{promise}");
    }
}

/// A counter that was never set starts at 0 without bounds.
pub async fn a_new_counter_starts_at_zero(store: impl Store) {
    let promise = "a counter that is not there starts at 0 without bounds";
    let probe = Probe::new(store);
    assert_eq!(probe.counter(&seats()).await, None, "{promise}");
    let other = CounterKey { space: space(), name: "admins" };
    let done = probe
        .commit(batch(1, [add(-3), Write::Add { counter: other.clone(), by: 4, on_limit: OnLimit::Refuse }]))
        .await;
    assert_eq!(done.counters.len(), 2, "{promise}");
    assert_eq!(probe.counter(&seats()).await, Some(counter(-3, None, None)), "{promise}");
    assert_eq!(probe.counter(&other).await, Some(counter(4, None, None)), "{promise}");
}

/// Setting a counter asks no bound; an add in the same batch comes after it.
pub async fn a_set_counter_asks_no_bound(store: impl Store) {
    let promise = "a counter is set whatever its bounds, and adds come after";
    let probe = Probe::new(store);
    probe.commit(batch(1, [set(counter(1, Some(0), Some(5)))])).await;
    let over = counter(9, Some(0), Some(5));
    probe.commit(batch(2, [set(over)])).await;
    assert_eq!(probe.counter(&seats()).await, Some(over), "{promise}");
    // Above its limit it may fall, but not rise.
    probe.refused(batch(3, [add(1)]), BOUND).await;
    probe.commit(batch(4, [add(-1)])).await;
    assert_eq!(probe.counter(&seats()).await, Some(counter(8, Some(0), Some(5))), "{promise}");
    let done = probe.commit(batch(5, [add(2), set(counter(1, None, Some(3)))])).await;
    let change = CounterChange {
        key: seats(),
        before: counter(8, Some(0), Some(5)),
        after: counter(3, None, Some(3)),
    };
    assert_eq!(done.counters, [change], "{promise}");
}

/// Bounds are set whatever the value is meanwhile, which stays; refused where it is outside of them.
pub async fn bounds_are_set_around_the_value(store: impl Store) {
    let promise = "bounds are set around the value, which stays";
    let bounds = |floor, limit| Write::SetBounds { counter: seats(), floor, limit };
    let probe = Probe::new(store);
    probe.commit(batch(1, [bounds(None, Some(5))])).await;
    assert_eq!(probe.counter(&seats()).await, Some(counter(0, None, Some(5))), "{promise}");
    probe.commit(batch(2, [add(4)])).await;
    let is = counter(4, None, Some(5));
    for (floor, limit) in [(None, Some(3)), (Some(5), None)] {
        let refused = probe.refused(batch(3, [add(1), bounds(floor, limit)]), promise).await;
        assert_eq!(refused, Refused::Bound { counter: seats(), is, by: 0 }, "{promise}");
        assert_eq!(probe.counter(&seats()).await, Some(is), "{promise}");
    }
    probe.commit(batch(4, [bounds(Some(4), Some(4))])).await;
    probe.refused(batch(5, [add(1)]), BOUND).await;
    let done = probe.commit(batch(6, [add(2), bounds(None, Some(6))])).await;
    let (before, after) = (counter(4, Some(4), Some(4)), counter(6, None, Some(6)));
    assert_eq!(done.counters, [CounterChange { key: seats(), before, after }], "{promise}");
}

/// A sum that a 64-bit number cannot hold is refused.
pub async fn a_counter_does_not_overflow(store: impl Store) {
    let probe = Probe::new(store);
    let is = counter(i64::MAX, None, None);
    probe.commit(batch(1, [set(is)])).await;
    probe.refused(batch(2, [add(1)]), BOUND).await;
    probe.refused(batch(2, [add(i64::MAX), add(i64::MAX)]), BOUND).await;
    probe.commit(batch(3, [add(i64::MIN), add(i64::MAX), add(1)])).await;
    assert_eq!(probe.counter(&seats()).await, Some(is), "{BOUND}");
}
