//! Unique values.

use super::probe::{Probe, batch, claim_key, create, guarded, long_text, named, put, user};
use crate::store::{ClaimKey, Guard, RecordKey, Refused, Store, Write};

const ONE_HOLDER: &str = "a value has one holder at most";

fn claim(value: &str, by: &RecordKey) -> Write {
    Write::Claim(claim_key(value), by.record.clone())
}

fn release(value: &str, by: &RecordKey) -> Write {
    Write::Release(claim_key(value), by.record.clone())
}

/// A value that another record holds cannot be taken; its holder may take it again.
pub async fn a_value_has_one_holder(store: impl Store) {
    let probe = Probe::new(store);
    let (a, b) = (user("a"), user("b"));
    assert_eq!(probe.holder(&claim_key("x")).await, None, "{ONE_HOLDER}");
    probe.commit(batch(1, [create(&a), create(&b), claim("x", &a)])).await;
    assert_eq!(probe.holder(&claim_key("x")).await, Some(a.record.clone()), "{ONE_HOLDER}");
    let refused = probe.refused(batch(2, [claim("x", &b)]), ONE_HOLDER).await;
    assert_eq!(refused, Refused::Claim(claim_key("x"), a.record.clone()), "{ONE_HOLDER}");
    assert_eq!(probe.holder(&claim_key("x")).await, Some(a.record.clone()), "{ONE_HOLDER}");
    probe.commit(batch(3, [claim("x", &a)])).await;
    // It is the whole value that counts, byte by byte, within its name.
    let other = ClaimKey { name: "User:externalId".to_owned(), ..claim_key("x") };
    let others = ["X", "x ", "", "xx", "x%", "é", "e\u{301}"];
    let claims = others.iter().map(|value| claim(value, &b));
    probe.commit(batch(4, claims.chain([Write::Claim(other, b.record.clone())]))).await;
    assert_eq!(probe.holder(&claim_key("x")).await, Some(a.record), "{ONE_HOLDER}");
}

/// A claim does not change the record that holds it, and stays when the record is written.
pub async fn a_claim_touches_no_record(store: impl Store) {
    let promise = "a claim touches no record";
    let probe = Probe::new(store);
    let a = user("a");
    probe.commit(batch(1, [create(&a)])).await;
    assert_eq!(probe.commit(batch(2, [claim("x", &a)])).await.versions, [], "{promise}");
    assert_eq!(probe.version(&a).await, Some(1), "{promise}");
    probe.commit(batch(3, [put(named(&a, "renamed"), Some(1))])).await;
    assert_eq!(probe.holder(&claim_key("x")).await, Some(a.record), "{promise}");
}

/// A value that is given up is free; giving up what another record holds does nothing.
pub async fn a_released_value_is_free(store: impl Store) {
    let promise = "a released value is free, and only its holder releases it";
    let probe = Probe::new(store);
    let (a, b) = (user("a"), user("b"));
    probe.commit(batch(1, [create(&a), create(&b), claim("x", &a)])).await;
    probe.commit(batch(2, [release("x", &b), release("free", &b)])).await;
    assert_eq!(probe.holder(&claim_key("x")).await, Some(a.record.clone()), "{promise}");
    probe.commit(batch(3, [release("x", &a)])).await;
    assert_eq!(probe.holder(&claim_key("x")).await, None, "{promise}");
    probe.commit(batch(4, [claim("x", &b)])).await;
    assert_eq!(probe.holder(&claim_key("x")).await, Some(b.record), "{promise}");
}

/// The writes of a batch happen in order, so that two records can swap their values.
pub async fn values_can_be_swapped(store: impl Store) {
    let promise = "two records can swap values in one batch";
    let probe = Probe::new(store);
    let (a, b) = (user("a"), user("b"));
    probe.commit(batch(1, [create(&a), create(&b), claim("x", &a), claim("y", &b)])).await;
    let swap = [release("x", &a), release("y", &b), claim("x", &b), claim("y", &a)];
    probe.commit(batch(2, swap)).await;
    assert_eq!(probe.holder(&claim_key("x")).await, Some(b.record.clone()), "{promise}");
    assert_eq!(probe.holder(&claim_key("y")).await, Some(a.record.clone()), "{promise}");
    // Taken before it is given up: refused.
    probe.refused(batch(3, [claim("x", &a), release("x", &b)]), ONE_HOLDER).await;
}

/// A value may be longer than an index holds; it is the whole of it that counts.
pub async fn a_value_may_be_long(store: impl Store) {
    let promise = "a value of any length has one holder at most";
    let probe = Probe::new(store);
    let (a, b) = (user("a"), user("b"));
    let long = long_text(10_000);
    let values = [format!("{long}1"), format!("{long}2"), long];
    probe.commit(batch(1, [create(&a), create(&b)])).await;
    let absent = Guard::Holder(claim_key(&values[0]), None);
    probe.commit(guarded(absent.clone(), [claim(&values[0], &a)])).await;
    probe.commit(batch(2, [claim(&values[1], &b), claim(&values[2], &b)])).await;
    let refused = probe.refused(batch(3, [claim(&values[0], &b)]), promise).await;
    assert_eq!(refused, Refused::Claim(claim_key(&values[0]), a.record.clone()), "{promise}");
    let refused = probe.refused(guarded(absent.clone(), []), promise).await;
    assert_eq!(refused, Refused::Guard(absent), "{promise}");
    probe.commit(guarded(Guard::Holder(claim_key(&values[1]), Some(b.record.clone())), [])).await;
    probe.commit(batch(4, [release(&values[1], &b), claim(&values[1], &a)])).await;
    for (value, holder) in values.iter().zip([&a, &a, &b]) {
        assert_eq!(probe.holder(&claim_key(value)).await, Some(holder.record.clone()), "{promise}");
    }
}
