//! The place of each refusal in the table of error answers.

use super::*;

/// D-84: status, keyword and code of every refusal; each says something, and ends with the code.
#[test]
fn refusals_have_their_place() {
    let text = || "x".to_owned();
    let table = [
        (CommandRefusal::WorkspaceMissing { name: text() }, 404, None, "not-found"),
        (CommandRefusal::WorkspaceExists { name: text() }, 409, UNIQUENESS, "already-exist-error"),
        (CommandRefusal::UnfitWorkspace { reason: text() }, 400, INVALID_VALUE, "validation-failed"),
        (CommandRefusal::NoAdmin { named: text() }, 403, None, "unauthorized"),
        (
            CommandRefusal::Missing { thing: Thing::Role, named: text(), suggestion: None },
            404,
            None,
            "not-found",
        ),
        (
            CommandRefusal::Ambiguous { thing: Thing::Team, named: text() },
            400,
            INVALID_VALUE,
            "validation-failed",
        ),
        (
            CommandRefusal::NameTaken { thing: Thing::Team, name: text() },
            409,
            UNIQUENESS,
            "duplication-violation",
        ),
        (
            CommandRefusal::UnfitName { thing: Thing::Region, name: text() },
            400,
            INVALID_VALUE,
            "validation-failed",
        ),
        (CommandRefusal::FixedRole { name: text() }, 400, MUTABILITY, "invalid-operation"),
        (CommandRefusal::UnfitTarget { name: text() }, 400, INVALID_VALUE, "validation-failed"),
        (
            CommandRefusal::TargetMissing { thing: Thing::Role, name: text(), holders: 2 },
            400,
            INVALID_VALUE,
            "validation-failed",
        ),
        (CommandRefusal::TooManyHolders { most: 2 }, 413, None, "invalid-operation"),
        (CommandRefusal::UnknownLanguage { sent: text() }, 400, INVALID_VALUE, "validation-failed"),
        (CommandRefusal::UnfitSubdomain { sent: text() }, 400, INVALID_VALUE, "validation-failed"),
        (CommandRefusal::UserMissing { named: text() }, 404, None, "not-found"),
        (CommandRefusal::NoPerson { named: text() }, 400, INVALID_VALUE, "validation-failed"),
        (CommandRefusal::SeatsInUse { used: 2 }, 400, INVALID_VALUE, "validation-failed"),
        (CommandRefusal::NoIntegration, 404, None, "not-found"),
        (CommandRefusal::IntegrationExists, 409, None, "already-exist-error"),
        (CommandRefusal::TokenTaken, 409, UNIQUENESS, "duplication-violation"),
        (CommandRefusal::ClientMissing, 409, None, "invalid-operation"),
        (CommandRefusal::NoClient { named: text() }, 404, None, "not-found"),
        (CommandRefusal::ClientFixed, 409, None, "invalid-operation"),
        (CommandRefusal::LetterMissing { named: text() }, 404, None, "not-found"),
        (CommandRefusal::UnfitReason { most: 9 }, 400, INVALID_VALUE, "validation-failed"),
        (CommandRefusal::Damaged, 500, None, "invalid-operation"),
    ];
    for (refusal, status, scim_type, code) in table {
        assert_eq!(refusal.answer(), (status, scim_type, code), "{refusal}");
        let problem = Problem::from(refusal);
        assert!(
            problem.detail.ends_with(&format!(" ({code})")) && problem.detail.len() > code.len() + 3,
            "{problem:?}"
        );
    }
}
