//! Records and their versions.

use scim_core::Document;
use serde_json::json;

use super::probe::{
    Probe, batch, create, group, membership, named, object, put, space, tenant, user, user_name,
};
use crate::store::{Guard, MarkKey, PutRecord, ReadKey, ReadValue, Refused, Store, Write};

const NO_LOST_UPDATE: &str = "promise 1: a write that names an old version is refused";

/// A record comes back exactly as it was put: text of any kind, numbers of any size, what is kept beside.
pub async fn a_record_comes_back_as_it_was_put(store: impl Store) {
    let probe = Probe::new(store);
    let document = json!({
        "userName": "Zoë \u{10FFFF} e\u{301} \u{202E}",
        "title": "'; DROP TABLE resource; -- \" \\ % _ \r\n\t",
        "nickName": "x".repeat(100_000),
        "numbers": [0, -1, i64::MAX, i64::MIN, 0.1, -0.5, 1e300, 5e-324, 123_456_789.123_456_78, 2.0],
        "nested": { "list": [{ "flag": true }, { "flag": false }] },
        "urn:example:2.0:User": { "0": "ß" },
    });
    let extra = json!({ "$shown": { "teams": { "of": "A,B", "text": "B, A" } }, "secret": [1, null] });
    let (document, extra) = (object(document), object(extra));
    for (id, visible, name) in [("a", true, Some("Zoë, \"Z\"")), ("b'\"%", false, None)] {
        let record = PutRecord {
            visible,
            name: name.map(str::to_owned),
            document: Document::from_canonical(document.clone()),
            extra: extra.clone(),
            ..named(&user(id), "zoe")
        };
        probe.commit(batch(5, [put(record.clone(), None)])).await;
        let read = probe.record(&user(id)).await.expect("a record that was put is there");
        let promise = "a record comes back as it was put";
        assert_eq!(read.key, record.key, "{promise}");
        assert_eq!(read.document, record.document, "{promise}");
        assert_eq!(read.extra, record.extra, "{promise}");
        assert_eq!((read.visible, read.name), (record.visible, record.name), "{promise}");
        assert_eq!((read.version, read.created, read.modified), (1, 5, 5), "{promise}");
    }
}

/// A read answers its keys in their order, absent ones included.
pub async fn values_come_in_the_order_of_their_keys(store: impl Store) {
    let probe = Probe::new(store);
    probe.commit(batch(1, [create(&user("a")), create(&user("b"))])).await;
    assert_eq!(probe.read(Vec::new()).await, [], "a read of nothing answers nothing");
    let mark = MarkKey::names(&space());
    let keys = ["b", "x", "a", "b"].map(|id| ReadKey::Record(user(id)));
    let values = probe.read(keys.into_iter().chain([ReadKey::Mark(mark)]).collect()).await;
    let seen: Vec<Option<String>> = values
        .iter()
        .map(|value| match value {
            ReadValue::Record(record) => record.as_ref().map(|record| record.id().to_owned()),
            other => Some(format!("{other:?}")),
        })
        .collect();
    let expected = [Some("b"), None, Some("a"), Some("b"), Some("Mark(0)")].map(|id| id.map(str::to_owned));
    assert_eq!(seen, expected, "values come in the order of their keys");
}

/// Promise 1: a put or delete that names an old version is refused and changes nothing.
pub async fn a_stale_write_is_refused(store: impl Store) {
    let probe = Probe::new(store);
    let key = user("a");
    probe.commit(batch(1, [create(&key)])).await;
    probe.commit(batch(2, [put(named(&key, "second"), Some(1))])).await;
    let record = || named(&key, "third");
    let delete = |replaces| Write::Delete { key: key.clone(), replaces };
    for (write, version) in [
        (put(record(), Some(1)), Some(1)),
        (put(record(), Some(3)), Some(3)),
        (put(record(), None), None),
        (delete(1), Some(1)),
        (delete(3), Some(3)),
    ] {
        let refused = probe.refused(batch(3, [write]), NO_LOST_UPDATE).await;
        assert_eq!(refused, Refused::Guard(Guard::Version(key.clone(), version)), "{NO_LOST_UPDATE}");
        let read = probe.record(&key).await.expect("a refused write deletes nothing");
        assert_eq!((user_name(&read), read.version, read.modified), ("second", 2, 2), "{NO_LOST_UPDATE}");
    }
}

/// Promise 1: a put that replaces, or a delete, of a record that is not there is refused.
pub async fn a_write_to_nothing_is_refused(store: impl Store) {
    let probe = Probe::new(store);
    let key = user("a");
    let expected = Refused::Guard(Guard::Version(key.clone(), Some(1)));
    for write in [put(named(&key, "a"), Some(1)), Write::Delete { key: key.clone(), replaces: 1 }] {
        assert_eq!(probe.refused(batch(1, [write]), NO_LOST_UPDATE).await, expected, "{NO_LOST_UPDATE}");
        assert_eq!(probe.record(&key).await, None, "{NO_LOST_UPDATE}");
    }
}

/// A record knows when it was created and last modified, and its times never go back.
pub async fn times_never_go_back(store: impl Store) {
    let probe = Probe::new(store);
    let key = user("a");
    probe.commit(batch(50, [create(&key)])).await;
    for (now, version, modified) in [(60, 2, 60), (10, 3, 60), (61, 4, 61)] {
        let done = probe.commit(batch(now, [put(named(&key, "a"), Some(version - 1))])).await;
        assert_eq!(done.versions, [(key.clone(), version)], "a put raises the version by one");
        let read = probe.record(&key).await.expect("it is there");
        assert_eq!(
            (read.version, read.created, read.modified),
            (version, 50, modified),
            "the time of creation stays, that of modification never goes back"
        );
    }
}

/// A batch gives a record one new version, whatever it does to it and in whatever order.
pub async fn a_batch_is_one_version(store: impl Store) {
    let promise = "a batch gives a record one new version, and guards look at the one before it";
    let probe = Probe::new(store);
    let (owner, members) = (group("g"), [user("a"), user("b"), user("c")]);
    let link = |member| membership(&owner, member);
    let created = [&owner, &members[0], &members[1], &members[2]].map(create);
    let linked = [Write::Link(link(&members[0]))];
    let done = probe.commit(batch(1, created.into_iter().chain(linked))).await;
    let mut versions: Vec<u64> = done.versions.iter().map(|(_, version)| *version).collect();
    versions.dedup();
    assert_eq!((versions, done.versions.len()), (vec![1], 4), "{promise}");

    let writes = [
        Write::Link(link(&members[1])),
        put(named(&owner, "renamed"), Some(1)),
        Write::Link(link(&members[2])),
        Write::Unlink(link(&members[0])),
    ];
    let done = probe.commit(batch(2, writes)).await;
    assert!(done.versions.iter().all(|(_, version)| *version == 2), "{promise}: {:?}", done.versions);
    assert_eq!(done.versions.len(), 4, "{promise}");
    let read = probe.record(&owner).await.expect("it is there");
    assert_eq!((user_name(&read), read.version), ("renamed", 2), "{promise}");

    // The links of a record go before it does; that must not spoil the version it is deleted by.
    let writes = [Write::Unlink(link(&members[1])), Write::Delete { key: members[1].clone(), replaces: 2 }];
    let done = probe.commit(batch(3, writes)).await;
    assert_eq!(done.versions, [(owner.clone(), 3)], "{promise}");
    assert_eq!(probe.version(&members[1]).await, None, "{promise}");
}

/// An ensure creates a record unless it is there, and is never refused.
pub async fn ensure_creates_what_is_not_there(store: impl Store) {
    let promise = "an ensure creates a record unless it is there";
    let probe = Probe::new(store);
    let key = user("a");
    let ensure = |name: &str| Write::Ensure(Box::new(named(&key, name)));
    assert_eq!(probe.commit(batch(1, [ensure("first")])).await.versions, [(key.clone(), 1)], "{promise}");
    assert_eq!(probe.commit(batch(2, [ensure("second")])).await.versions, [], "{promise}");
    let read = probe.record(&key).await.expect("it was created");
    assert_eq!((user_name(&read), read.version, read.modified), ("first", 1, 1), "{promise}");
}

/// A deleted record is gone, and its id can be used again.
pub async fn a_deleted_record_is_gone(store: impl Store) {
    let promise = "a deleted record is gone";
    let probe = Probe::new(store);
    let key = user("a");
    probe.commit(batch(1, [create(&key), create(&user("b"))])).await;
    let done = probe.commit(batch(2, [Write::Delete { key: key.clone(), replaces: 1 }])).await;
    assert_eq!(done.versions, [], "{promise}");
    assert_eq!(probe.record(&key).await, None, "{promise}");
    assert_eq!(probe.all(&tenant(), "User").await, ["b"], "{promise}");
    probe.commit(batch(3, [create(&key)])).await;
    let read = probe.record(&key).await.expect("it was created again");
    assert_eq!((read.version, read.created), (1, 3), "a record that is created again starts anew");
}
