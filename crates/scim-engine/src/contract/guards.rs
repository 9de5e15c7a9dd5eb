//! Guards: what was read, or found absent, must still be so (promises 1 and 2).

use super::probe::{Probe, batch, claim_key, create, group, guarded, membership, named, put, space, user};
use crate::store::{Guard, MarkKey, Refused, Store, Write};

/// What a guarded batch writes: something that no guard is about.
fn elsewhere() -> [Write; 1] {
    [Write::Ensure(Box::new(named(&user("elsewhere"), "elsewhere")))]
}

async fn refuses<S: Store>(probe: &Probe<S>, guard: Guard, promise: &str) {
    let refused = probe.refused(guarded(guard.clone(), elsewhere()), promise).await;
    assert_eq!(refused, Refused::Guard(guard), "{promise}");
    assert_eq!(probe.record(&user("elsewhere")).await, None, "{promise}");
}

/// What the guards of these tests are about.
async fn prepared<S: Store>(store: S) -> Probe<S> {
    let probe = Probe::new(store);
    let (a, b, g) = (user("a"), user("b"), group("g"));
    let claim = Write::Claim(claim_key("held"), a.record.clone());
    let link = Write::Link(membership(&g, &a));
    probe.commit(batch(1, [create(&a), create(&b), create(&g), claim, link])).await;
    probe.commit(batch(2, [put(named(&b, "b"), Some(1))])).await;
    probe
}

/// A record that was only read must still have its version: no write skew.
pub async fn a_guard_holds_for_a_record_only_read(store: impl Store) {
    let promise = "no write skew: a guard holds for a record that was only read";
    let probe = prepared(store).await;
    refuses(&probe, Guard::Version(user("b"), Some(1)), promise).await;
    refuses(&probe, Guard::Version(user("none"), Some(1)), promise).await;
}

/// A value that was seen with a holder, and a link that was seen, must still be so: no write skew.
pub async fn a_guard_holds_for_a_holder_and_a_link(store: impl Store) {
    let promise = "no write skew: a guard holds for a holder and a link that were only read";
    let probe = prepared(store).await;
    refuses(&probe, Guard::Holder(claim_key("held"), Some(user("b").record)), promise).await;
    refuses(&probe, Guard::Holder(claim_key("free"), Some(user("a").record)), promise).await;
    refuses(&probe, Guard::Link(membership(&group("g"), &user("b")), true), promise).await;
}

/// What was found absent must still be absent: no phantom.
pub async fn a_guard_holds_for_absence(store: impl Store) {
    let promise = "no phantom: a guard holds for what was not there";
    let probe = prepared(store).await;
    refuses(&probe, Guard::Version(user("a"), None), promise).await;
    refuses(&probe, Guard::Holder(claim_key("held"), None), promise).await;
    refuses(&probe, Guard::Link(membership(&group("g"), &user("a")), false), promise).await;
}

/// A mark stands for many records: once raised, it refuses who saw it before.
pub async fn a_guard_holds_for_a_mark(store: impl Store) {
    let promise = "a guard holds for a mark that stands for many records";
    let probe = prepared(store).await;
    let mark = MarkKey::names(&space());
    assert_eq!(probe.mark(&mark).await, 0, "a mark that was never raised is 0");
    probe.commit(guarded(Guard::Mark(mark.clone(), 0), [Write::Raise(mark.clone())])).await;
    let raised = probe.mark(&mark).await;
    assert!(raised > 0, "a raise is seen");
    refuses(&probe, Guard::Mark(mark.clone(), 0), promise).await;
    probe.commit(guarded(Guard::Mark(mark.clone(), raised), [Write::Raise(mark.clone())])).await;
    assert!(probe.mark(&mark).await > raised, "each raise is seen");
}

/// A guard that holds lets the batch through, and looks at what was there before the batch.
pub async fn a_guard_that_holds_stands_in_nobodys_way(store: impl Store) {
    let promise = "a guard that holds lets the batch through";
    let probe = prepared(store).await;
    let (a, b, g, new) = (user("a"), user("b"), group("g"), user("new"));
    let mut all = batch(
        3,
        [
            create(&new),
            Write::Claim(claim_key("free"), new.record.clone()),
            Write::Release(claim_key("held"), a.record.clone()),
            Write::Unlink(membership(&g, &a)),
            Write::Link(membership(&g, &b)),
            Write::Raise(MarkKey::names(&space())),
        ],
    );
    all.guards = vec![
        Guard::Version(new.clone(), None),
        Guard::Version(b.clone(), Some(2)),
        Guard::Holder(claim_key("free"), None),
        Guard::Holder(claim_key("held"), Some(a.record.clone())),
        Guard::Link(membership(&g, &a), true),
        Guard::Link(membership(&g, &b), false),
        Guard::Mark(MarkKey::names(&space()), 0),
    ];
    probe.commit(all).await;
    assert_eq!(probe.version(&new).await, Some(1), "{promise}");
    assert_eq!(probe.holder(&claim_key("free")).await, Some(new.record), "{promise}");
}
