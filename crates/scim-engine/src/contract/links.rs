//! Links between records.

use scim_core::{Check, Links, Operand, Part, Predicate, Scalar, Test};

use super::probe::{
    GROUPS, MEMBERS, Probe, batch, create, group, listing, membership, named, put, space, tenant, user,
};
use crate::store::{LinkKey, RecordKey, Refused, Store, Write};

fn link(of: &RecordKey, member: &RecordKey) -> Write {
    Write::Link(membership(of, member))
}

fn unlink(of: &RecordKey, member: &RecordKey) -> Write {
    Write::Unlink(membership(of, member))
}

/// A group `g` with the members `c`, `a` and `b`, linked in this order at the time 2, each version 2.
async fn three_members<S: Store>(store: S) -> (Probe<S>, RecordKey, [RecordKey; 3]) {
    let probe = Probe::new(store);
    let (g, members) = (group("g"), [user("c"), user("a"), user("b")]);
    probe.commit(batch(1, [&g, &members[0], &members[1], &members[2]].map(create))).await;
    probe.commit(batch(2, members.iter().map(|member| link(&g, member)))).await;
    (probe, g, members)
}

/// A link is seen from both ends, far ends in the order in which they were linked.
pub async fn a_link_is_seen_from_both_ends(store: impl Store) {
    let promise = "a link is seen from both ends, in the order of linking";
    let (probe, g, members) = three_members(store).await;
    assert_eq!(probe.far_ids(&g, MEMBERS).await, ["c", "a", "b"], "{promise}");
    let other = group("h");
    probe.commit(batch(3, [create(&other), link(&other, &members[0]), link(&other, &g)])).await;
    assert_eq!(probe.far_ids(&members[0], GROUPS).await, ["g", "h"], "{promise}");
    assert_eq!(probe.far_ids(&g, GROUPS).await, ["h"], "{promise}");
    assert_eq!(probe.far_ids(&g, MEMBERS).await, ["c", "a", "b"], "{promise}");
    assert!(probe.is_linked(&membership(&g, &members[0])).await, "{promise}");
    assert!(!probe.is_linked(&membership(&members[0], &g)).await, "{promise}");
    probe.commit(batch(4, [unlink(&g, &members[0])])).await;
    probe.commit(batch(5, [link(&g, &members[0])])).await;
    assert_eq!(probe.far_ids(&g, MEMBERS).await, ["a", "b", "c"], "{promise}");
    let ends = probe.far_ends(&g, MEMBERS, None, 1).await;
    let seen: Vec<_> = ends.iter().map(|end| (end.resource_type.as_str(), end.name.as_deref())).collect();
    assert_eq!(seen, [("User", Some("a"))], "a far end has its type and name");
}

/// A link that is made or removed touches both ends, once in a batch; nothing else does.
pub async fn a_link_touches_both_ends(store: impl Store) {
    let promise = "a change of a link touches both ends once, and what changes nothing touches nothing";
    let (probe, g, members) = three_members(store).await;
    let heads = async |expected: [(u64, i64); 4]| {
        for (key, head) in [&g, &members[0], &members[1], &members[2]].into_iter().zip(expected) {
            let read = probe.record(key).await.expect("it is there");
            assert_eq!(
                (read.version, read.modified, read.created),
                (head.0, head.1, 1),
                "{promise}: {key:?}"
            );
        }
    };
    heads([(2, 2), (2, 2), (2, 2), (2, 2)]).await;
    let again = batch(3, [link(&g, &members[0]), unlink(&g, &user("none")), unlink(&members[0], &g)]);
    assert_eq!(probe.commit(again).await.versions, [], "{promise}");
    heads([(2, 2), (2, 2), (2, 2), (2, 2)]).await;
    let done = probe.commit(batch(4, [unlink(&g, &members[0]), unlink(&g, &members[1])])).await;
    assert_eq!(done.versions.len(), 3, "{promise}");
    heads([(3, 4), (3, 4), (3, 4), (2, 2)]).await;
    // A clock that goes back moves no time of modification back.
    probe.commit(batch(0, [link(&g, &members[0])])).await;
    heads([(4, 4), (4, 4), (3, 4), (2, 2)]).await;
}

/// A link to what is not there is refused.
pub async fn a_link_needs_both_ends(store: impl Store) {
    let promise = "a link joins two records that are there";
    let probe = Probe::new(store);
    let (g, a, none) = (group("g"), user("a"), user("none"));
    probe.commit(batch(1, [create(&g), create(&a)])).await;
    for write in [link(&g, &none), link(&none, &a)] {
        let refused = probe.refused(batch(2, [write]), promise).await;
        assert_eq!(refused, Refused::Missing(none.clone()), "{promise}");
    }
    let new = user("new");
    probe.commit(batch(3, [create(&new), link(&g, &new)])).await;
    assert_eq!(probe.far_ids(&g, MEMBERS).await, ["new"], "a link may join what its batch creates");
}

/// Clearing all links of a record touches neither end.
pub async fn a_clear_touches_nobody(store: impl Store) {
    let promise = "a clear removes the links of one kind and end, and touches nobody";
    let (probe, g, members) = three_members(store).await;
    let other = group("h");
    probe.commit(batch(3, [create(&other), link(&other, &members[0]), link(&other, &g)])).await;
    let done = probe.commit(batch(4, [Write::ClearLinks { of: g.clone(), links: MEMBERS }])).await;
    assert_eq!(done.versions, [], "{promise}");
    assert_eq!(probe.far_ids(&g, MEMBERS).await, [""; 0], "{promise}");
    assert_eq!(probe.far_ids(&g, GROUPS).await, ["h"], "{promise}");
    assert_eq!(probe.far_ids(&members[0], GROUPS).await, ["h"], "{promise}");
    assert_eq!(probe.version(&g).await, Some(3), "{promise}");
    assert_eq!(probe.version(&members[1]).await, Some(2), "{promise}");
    probe.commit(batch(5, [Write::ClearLinks { of: members[0].clone(), links: GROUPS }])).await;
    assert_eq!(probe.far_ids(&other, MEMBERS).await, ["g"], "{promise}");
}

/// A deleted record takes its links along and leaves the far ends untouched.
pub async fn a_delete_takes_links_along(store: impl Store) {
    let promise = "a deleted record takes its links along, and touches no far end";
    let (probe, g, members) = three_members(store).await;
    let other = group("h");
    probe.commit(batch(3, [create(&other), link(&other, &g)])).await;
    probe.commit(batch(4, [Write::Delete { key: g.clone(), replaces: 3 }])).await;
    for end in &members {
        assert_eq!(probe.far_ids(end, GROUPS).await, [""; 0], "{promise}");
        assert_eq!(probe.version(end).await, Some(2), "{promise}");
    }
    assert_eq!(probe.far_ids(&other, MEMBERS).await, [""; 0], "{promise}");
    probe.commit(batch(5, [create(&g)])).await;
    assert_eq!(probe.far_ids(&g, MEMBERS).await, [""; 0], "links do not come back with the id");
}

/// Links of different kinds do not mix.
pub async fn kinds_of_links_are_apart(store: impl Store) {
    let promise = "links of one kind are not seen in another";
    let (probe, g, members) = three_members(store).await;
    let owners = Links { relation: "owner", ..MEMBERS };
    let owns = LinkKey { relation: "owner", ..membership(&g, &members[1]) };
    probe.commit(batch(3, [Write::Link(owns.clone())])).await;
    assert_eq!(probe.far_ids(&g, owners).await, ["a"], "{promise}");
    probe.commit(batch(4, [Write::ClearLinks { of: g.clone(), links: owners }])).await;
    assert!(!probe.is_linked(&owns).await, "{promise}");
    assert_eq!(probe.far_ids(&g, MEMBERS).await, ["c", "a", "b"], "{promise}");
}

/// Far ends can be filtered and limited, and show the names of now.
pub async fn far_ends_are_filtered_and_limited(store: impl Store) {
    let promise = "far ends are filtered and limited as asked";
    let (probe, g, members) = three_members(store).await;
    let only = |part, check| Some(Predicate::Test(Test { operand: Operand::Part(part), check }));
    let text = |text: &str| Scalar::Text(text.to_owned());
    let folded = scim_core::text::Folding::CaseFolded;
    probe.commit(batch(3, [put(named(&members[1], "ZOË"), Some(2))])).await;
    let nested = group("nested");
    probe.commit(batch(4, [create(&nested), link(&g, &nested)])).await;
    for (only, limit, expected) in [
        (None, 2, &["c", "a"][..]),
        (None, 0, &[]),
        (only(Part::FarId, Check::Eq(text("b"))), 10, &["b"]),
        (only(Part::FarId, Check::Ge(text("b"))), 10, &["c", "b", "nested"]),
        (only(Part::FarId, Check::Ge(text("b"))), 1, &["c"]),
        (only(Part::FarName(folded), Check::Eq(text("zoë"))), 10, &["a"]),
        (only(Part::FarName(folded), Check::Eq(text("a"))), 10, &[]),
        (only(Part::FarType, Check::Eq(text("Group"))), 10, &["nested"]),
        (only(Part::FarLocation("/Users/".into()), Check::EndsWith("/c".into())), 10, &["c"]),
        (Some(Predicate::Always(false)), 10, &[]),
    ] {
        let ends = probe.far_ends(&g, MEMBERS, only.clone(), limit).await;
        let ids: Vec<_> = ends.iter().map(|end| end.id.as_str()).collect();
        assert_eq!(ids, expected, "{promise}: {only:?}");
    }
}

/// A listing brings the links that are asked along with each record.
pub async fn a_listing_brings_links_along(store: impl Store) {
    let promise = "a listing brings the links along that are asked";
    let (probe, g, members) = three_members(store).await;
    let other = group("h");
    probe.commit(batch(3, [create(&other), link(&other, &members[0])])).await;
    let mut query = listing(&tenant(), "Group");
    query.types[0].links = vec![GROUPS, MEMBERS];
    let page = probe.query(query).await;
    let seen: Vec<Vec<Vec<&str>>> = page
        .found
        .iter()
        .map(|found| {
            found.links.iter().map(|ends| ends.iter().map(|end| end.id.as_str()).collect()).collect()
        })
        .collect();
    assert_eq!(seen, [[vec![], vec!["c", "a", "b"]], [vec![], vec!["c"]]], "{promise}");
    assert_eq!(page.found[0].record.key, g, "{promise}");
    assert_eq!(space(), g.space, "a listed record has its whole key");
}
