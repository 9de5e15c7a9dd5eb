use super::*;

fn role(name: &str, write: u32, read: u32) -> Role {
    Role {
        id: format!("id-{name}"),
        name: name.into(),
        is_admin: false,
        is_guest: false,
        is_archived: false,
        is_agent: false,
        grants: Grants { write, read },
        created_on: DateTime::UNIX_EPOCH,
    }
}

/// Admin, User and Viewer can be assigned; Guest, Old and Bot cannot.
fn roles() -> Vec<Role> {
    vec![
        Role { is_admin: true, ..role("Admin", 0, 0) },
        role("User", 5, 9),
        role("Viewer", 0, 9),
        Role { is_guest: true, ..role("Guest", 0, 1) },
        Role { is_archived: true, ..role("Old", 0, 2) },
        Role { is_agent: true, ..role("Bot", 0, 3) },
    ]
}

fn unknown(sent: &str, suggestion: Option<&str>) -> AworkRefusal {
    AworkRefusal::UnknownRole { sent: sent.into(), suggestion: suggestion.map(String::from) }
}

/// D-63, A-15: the exact name, or a refusal that suggests the right case.
#[test]
fn exact_names_only() {
    let roles = roles();
    assert_eq!(find_role("User", &roles), Ok(&roles[1]));
    assert_eq!(find_role("Admin", &roles), Ok(&roles[0]));
    for (sent, suggestion) in [("admin", Some("Admin")), ("User ", Some("User")), ("Boss", None), ("", None)]
    {
        assert_eq!(find_role(sent, &roles), Err(unknown(sent, suggestion)));
    }
}

/// D-67, A-21: guest, archived and agent roles are neither assigned nor suggested.
#[test]
fn some_roles_cannot_be_assigned() {
    let roles = roles();
    assert_eq!(find_role("Guest", &roles), Err(AworkRefusal::GuestRole { name: "Guest".into() }));
    assert_eq!(find_role("Old", &roles), Err(AworkRefusal::ArchivedRole { name: "Old".into() }));
    assert_eq!(find_role("Bot", &roles), Err(AworkRefusal::AgentRole { name: "Bot".into() }));
    for sent in ["guest", "old", "bot"] {
        assert_eq!(find_role(sent, &roles), Err(unknown(sent, None)));
    }
}

/// D-63: two roles of one name are ambiguous, unless only one of them can be assigned.
#[test]
fn shared_names() {
    let mut roles = roles();
    roles.push(Role { id: "second".into(), ..role("User", 1, 1) });
    assert_eq!(find_role("User", &roles), Err(AworkRefusal::AmbiguousRole { sent: "User".into() }));
    roles[1].is_archived = true;
    assert_eq!(find_role("User", &roles).map(|role| role.id.as_str()), Ok("second"));
}

/// D-45, A-21: what is not listed is not found.
#[test]
fn groups_are_the_assignable_roles() {
    let roles = roles();
    for listed in &roles[..3] {
        assert!(listed.is_assignable());
        assert_eq!(find_listed_role(&listed.id, &roles), Ok(listed));
    }
    for hidden in ["id-Guest", "id-Old", "id-Bot", "id-Nobody", ""] {
        let refusal = AworkRefusal::NotFound { resource: "Group", id: hidden.into() };
        assert_eq!(find_listed_role(hidden, &roles), Err(refusal));
    }
}

/// D-71, A-23: write permissions, then read permissions, then age, then id; never admin.
#[test]
fn the_default_has_the_fewest_permissions() {
    let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(1);
    let table: [(&str, Vec<Role>); 5] = [
        ("Viewer", roles()),
        ("b", vec![role("a", 1, 0), role("b", 0, 99)]),
        ("b", vec![role("a", 1, 2), role("b", 1, 1)]),
        ("b", vec![Role { created_on: later, ..role("a", 1, 1) }, role("b", 1, 1)]),
        ("a", vec![role("b", 1, 1), role("a", 1, 1)]),
    ];
    for (name, roles) in table {
        assert_eq!(default_role(&roles).map(|role| role.name.as_str()), Ok(name));
    }
    let only_admin =
        [Role { is_admin: true, ..role("Admin", 0, 0) }, Role { is_guest: true, ..role("G", 0, 0) }];
    assert_eq!(default_role(&only_admin), Err(AworkRefusal::NoDefaultRole));
    assert_eq!(default_role(&[]), Err(AworkRefusal::NoDefaultRole));
}

/// D-71, A-15, A-17: named, else the default; a wrong name is no reason for the default.
#[test]
fn a_new_user() {
    let roles = roles();
    assert_eq!(role_on_create(Some("Admin"), &roles), Ok(&roles[0]));
    for sent in [None, Some(""), Some(" ")] {
        assert_eq!(role_on_create(sent, &roles), Ok(&roles[2]));
    }
    assert_eq!(role_on_create(Some("viewer"), &roles), Err(unknown("viewer", Some("Viewer"))));
}

/// guests keep or leave their role, nobody loses theirs.
#[test]
fn an_existing_user() {
    let roles = roles();
    let (user, guest, old) = (&roles[1], &roles[3], &roles[4]);
    let keep = || Ok(Warned::quiet(RoleDecision::Keep));
    assert_eq!(role_on_update(Some("User"), user, &roles), keep());
    assert_eq!(role_on_update(Some("Guest"), guest, &roles), keep());
    assert_eq!(role_on_update(Some("Old"), old, &roles), keep());
    assert_eq!(
        role_on_update(Some("Viewer"), guest, &roles),
        Ok(Warned::quiet(RoleDecision::Assign(&roles[2])))
    );
    assert_eq!(
        role_on_update(Some("Guest"), user, &roles),
        Err(AworkRefusal::GuestRole { name: "Guest".into() })
    );
    for sent in [None, Some(""), Some("  ")] {
        let decided = role_on_update(sent, user, &roles).unwrap();
        assert_eq!(decided.value, RoleDecision::Keep);
        assert_eq!(decided.warning, Some(AworkWarning::NotRemovable { attribute: Attribute::UserRole }));
    }
}

/// D-69, A-18: out of the own role to the default one, whatever the order of add and remove.
#[test]
fn a_user_removed_from_a_group() {
    let roles = roles();
    let (admin, user, viewer) = (&roles[0], &roles[1], &roles[2]);
    for (removed_from, current, decision) in [
        (admin, admin, RoleDecision::Assign(viewer)),
        (user, user, RoleDecision::Assign(viewer)),
        (viewer, viewer, RoleDecision::Keep),
        (user, admin, RoleDecision::Keep),
        (admin, viewer, RoleDecision::Keep),
    ] {
        assert_eq!(role_after_removal(&removed_from.id, current, &roles), Ok(decision));
    }
    assert_eq!(role_after_removal("id-Admin", admin, &roles[..1]), Err(AworkRefusal::NoDefaultRole));
    assert_eq!(role_after_removal("id-User", admin, &roles[..1]), Ok(RoleDecision::Keep));
}
