use super::*;

/// Attribute and value, as the text has to name them; the answer; whether a deactivation outranks the fault.
type Row = (AworkRefusal, [&'static str; 2], u16, Option<&'static str>, &'static str, bool);

/// Every refusal, in the order of the specification's table of error answers.
fn table() -> Vec<Row> {
    use AworkRefusal as R;
    let s = String::from;
    let bad = Some("invalidValue");
    let failed = "validation-failed";
    let op = "invalid-operation";
    vec![
        (R::TokenRefused, ["token", "missing"], 401, None, "unauthorized", false),
        (R::ClientApplicationMissing, ["integration", "`API Access`"], 401, None, "unauthorized", false),
        (R::PlanMissing, ["Enterprise", "admin"], 403, None, "insufficient-subscription-level", false),
        (R::SsoMissing, ["OpenID Connect", "SAML"], 403, None, op, false),
        (R::NoSeat { missing: 2 }, ["active: ", "2 more"], 400, None, "insufficient-seats", false),
        (R::UserNameMissing, ["userName: ", "missing"], 400, bad, failed, false),
        (R::NotAnEmail { sent: s("lea") }, ["userName: ", "`lea`"], 400, bad, failed, false),
        (
            R::NameMissing { attribute: Attribute::GivenName },
            ["name.givenName: ", "missing"],
            400,
            bad,
            failed,
            false,
        ),
        (
            R::TooLong { attribute: Attribute::Title, path: "title", length: 101, limit: 100 },
            ["title: ", "101 characters, awork keeps at most 100"],
            400,
            bad,
            failed,
            true,
        ),
        (
            R::TooLong { attribute: Attribute::GivenName, path: "name.givenName", length: 1001, limit: 1000 },
            ["name.givenName: ", "1001"],
            400,
            bad,
            failed,
            false,
        ),
        (R::UnknownTimeZone { sent: s("Mars") }, ["timezone: ", "`Mars`"], 400, bad, failed, true),
        (
            R::UnknownTeams { names: vec![s("Dsign"), s("x")] },
            ["teams: ", "`Dsign`, `x`"],
            400,
            bad,
            failed,
            true,
        ),
        (R::AmbiguousTeams { names: vec![s("Dev")] }, ["teams: ambiguous", "`Dev`"], 400, bad, failed, true),
        (
            R::UnknownRegion { sent: s("berlin"), suggestion: Some(s("Berlin")) },
            ["absenceRegion: ", "`berlin`, did you mean `Berlin`?"],
            400,
            bad,
            failed,
            true,
        ),
        (
            R::AmbiguousRegion { sent: s("Berlin") },
            ["absenceRegion: ambiguous", "`Berlin`"],
            400,
            bad,
            failed,
            true,
        ),
        (
            R::UnknownRole { sent: s("Boss"), suggestion: None },
            ["userRole: ", "`Boss`: send the name of an existing role; names"],
            400,
            bad,
            failed,
            true,
        ),
        (R::AmbiguousRole { sent: s("User") }, ["userRole: ambiguous", "`User`"], 400, bad, failed, true),
        (
            R::GuestRole { name: s("Guest") },
            ["userRole: ", "`Guest` is the guest role"],
            400,
            bad,
            failed,
            true,
        ),
        (R::ArchivedRole { name: s("Old") }, ["userRole: ", "`Old` is archived"], 400, bad, failed, true),
        (R::AgentRole { name: s("Bot") }, ["userRole: ", "`Bot` is for agents"], 400, bad, failed, true),
        (R::NoDefaultRole, ["userRole: ", "admin"], 400, bad, failed, true),
        (R::UnknownCountry { sent: s("Lala") }, ["addresses.country: ", "`Lala`"], 400, bad, failed, true),
        (R::UnknownMember { id: s("7") }, ["members: ", "`7`"], 400, bad, failed, false),
        (
            R::UserExists { user_name: s("a@b.c"), is_shown: true },
            ["userName: ", "`a@b.c` is already in this workspace: look it up"],
            409,
            Some("uniqueness"),
            "already-exist-error",
            false,
        ),
        (
            R::UserExists { user_name: s("a@b.c"), is_shown: false },
            ["userName: ", "`a@b.c` belongs to a user of this workspace that SCIM does not manage"],
            409,
            Some("uniqueness"),
            "already-exist-error",
            false,
        ),
        (
            R::RoleExists { name: s("User") },
            ["displayName: ", "`User`"],
            409,
            Some("uniqueness"),
            "already-exist-error",
            false,
        ),
        (
            R::AccountEmailTaken { email: s("a@b.c") },
            ["userName: ", "`a@b.c`"],
            409,
            Some("uniqueness"),
            "duplication-violation",
            true,
        ),
        (
            R::SeveralWorkspaces { email: s("a@b.c") },
            ["userName: ", "`a@b.c`"],
            400,
            Some("mutability"),
            "illegal-property-transition",
            true,
        ),
        (
            R::LastAdmin { loss: AdminLoss::Deactivate },
            ["active: ", "deactivated"],
            400,
            Some("mutability"),
            op,
            false,
        ),
        (
            R::LastAdmin { loss: AdminLoss::Demote },
            ["userRole: ", "another role"],
            400,
            Some("mutability"),
            op,
            false,
        ),
        (
            R::LastAdmin { loss: AdminLoss::Leave },
            ["members: ", "another role"],
            400,
            Some("mutability"),
            op,
            false,
        ),
        (
            R::LastAdmin { loss: AdminLoss::Delete },
            ["id: ", "cannot be deleted"],
            400,
            Some("mutability"),
            op,
            false,
        ),
        (
            R::GroupCreated { name: Some(s("Boss")) },
            ["displayName: ", "named `Boss`; "],
            403,
            None,
            op,
            false,
        ),
        (R::GroupCreated { name: None }, ["displayName: ", "roles; SCIM"], 403, None, op, false),
        (R::GroupDeleted { name: s("User") }, ["id: ", "`User`"], 403, None, op, false),
        (
            R::GroupRenamed { name: s("User"), sent: s("Staff") },
            ["displayName: ", "`User` to `Staff`"],
            400,
            Some("mutability"),
            op,
            false,
        ),
        (R::GroupsWithEntra, ["members: ", "userRole"], 403, None, op, false),
        (
            R::NotFound { resource: "User", id: s("42") },
            ["id: ", "no User `42`"],
            404,
            None,
            "not-found",
            false,
        ),
        (
            R::NotFound { resource: "Group", id: s("42") },
            ["id: ", "no Group `42` in this workspace: groups are awork roles, so read them again"],
            404,
            None,
            "not-found",
            false,
        ),
    ]
}

/// D-84: attribute, value and what to do, then the code; status and scimType as the table of section 5.
#[test]
fn each_refusal_has_its_answer() {
    for (refusal, [attribute, value], status, scim_type, code, _) in table() {
        let text = refusal.to_string();
        assert_eq!(refusal.status(), status, "{text}");
        assert_eq!(refusal.scim_type(), scim_type, "{text}");
        assert_eq!(refusal.awork_code(), code, "{text}");
        assert!(text.contains(attribute), "{attribute} is missing in: {text}");
        assert!(text.contains(value), "{value} is missing in: {text}");
        let (reason, _) = text.split_once(&format!(" ({code})")).expect("the code stands at the end");
        assert!(text.ends_with(&format!(" ({code})")), "{text}");
        assert!(!reason.ends_with(['.', ' ']) && !reason.contains("  "), "{text}");
    }
}

/// what a renamed team or role breaks, or who else has a login, does not keep anyone from being
/// deactivated; nothing but the last admin does, and what is no proper request.
#[test]
fn optional_faults_yield_to_a_deactivation() {
    for (refusal, _, _, _, _, yields) in table() {
        assert_eq!(refusal.yields_to_deactivation(), yields, "{refusal}");
    }
}

/// D-84: a value of any length leaves the text readable.
#[test]
fn a_long_value_is_cut() {
    let refusal = AworkRefusal::UnknownTimeZone { sent: "x".repeat(100_000) };
    assert!(refusal.to_string().len() < 300);
}
