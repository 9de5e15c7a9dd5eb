//! The last admins: whoever asks for them to go, one stays, and the role can be handed over.

use super::arena::Arena;
use super::request::{Ask, LAST_ADMIN, NOT_FOUND, UNKNOWN_MEMBER, is_done, refused};
use super::{CLIENTS, ROUNDS, on_each_store};

on_each_store!(one_of_two_stays, one_hands_over);

/// D-33, D-70, A-25, A-27: of two admins one stays, in whatever way clients take them away; all who ask for
/// that one are refused, and nobody else is.
async fn one_of_two_stays(arena: Arena) {
    for round in 0..ROUNDS {
        let workspace = arena.workspace(&format!("w{round}"), 10, false).await;
        let (ada, bob) = (workspace.ada().await, workspace.invite("bob", "Admin").await);
        let (admins, lead) = (workspace.group("Admin").await, workspace.group("Lead").await);
        let people = [(&ada, "ada"), (&bob, "bob")];
        let of = |client: usize| people[(client + round) % 2];
        let asks = (0..CLIENTS).map(|client| {
            let (user, name) = of(client);
            match client / 2 % 6 {
                0 => Ask::set(user, "active", "False"),
                1 => Ask::set_role(user, "User"),
                2 => Ask::put_role(user, &workspace.email(name), "Lead"),
                3 => Ask::leave(&admins, user),
                4 => Ask::join(&lead, user),
                _ => Ask::delete(user),
            }
        });
        let answers = workspace.at_once(asks).await;
        let seen = workspace.check(round).await;
        let [left] = seen.admins()[..] else { panic!("round {round}: {:?}", seen.admins()) };
        for (client, answer) in answers.iter().enumerate() {
            if of(client).0 == left {
                refused(answer, LAST_ADMIN);
            } else if !is_done(answer) {
                // Whoever comes after a deletion finds nobody.
                refused(answer, if client / 2 % 6 == 4 { UNKNOWN_MEMBER } else { NOT_FOUND });
            }
        }
        // The count of admins is still right.
        refused(&workspace.alone(Ask::set_role(left, "User")).await, LAST_ADMIN);
    }
    arena.end();
}

/// D-70, A-19: one PUT hands the last admin's role over from one to the other, whatever others do to the
/// one or have done to the other; afterwards the other is the last admin.
async fn one_hands_over(arena: Arena) {
    for round in 0..ROUNDS {
        let workspace = arena.workspace(&format!("w{round}"), 10, false).await;
        let (ada, bob) = (workspace.ada().await, workspace.invite("bob", "Admin").await);
        let (admins, lead) = (workspace.group("Admin").await, workspace.group("Lead").await);
        let hands_over = round * 7 % CLIENTS;
        let asks = (0..CLIENTS).map(|client| match client % 8 {
            _ if client == hands_over => Ask::hand_over(&admins, "Admin", &bob),
            0 => Ask::set_role(&bob, "User"),
            1 => Ask::put_role(&bob, &workspace.email("bob"), "Lead"),
            2 => Ask::leave(&admins, &bob),
            3 => Ask::join(&lead, &bob),
            4 => Ask::set_role(&ada, "User"),
            5 => Ask::leave(&admins, &ada),
            6 => Ask::set(&ada, "active", false),
            _ => Ask::delete(&ada),
        });
        let answers = workspace.at_once(asks).await;
        for (client, answer) in answers.iter().enumerate().filter(|(_, answer)| !is_done(answer)) {
            assert_ne!(client, hands_over, "round {round}: {}", answer.text());
            // Ada may be deleted once she is not the last admin any more.
            let is_gone = client % 8 >= 4 && answer.status == 404;
            refused(answer, if is_gone { NOT_FOUND } else { LAST_ADMIN });
        }
        let seen = workspace.check(round).await;
        assert_eq!(seen.admins(), [&bob], "round {round}");
        refused(&workspace.alone(Ask::set_role(&bob, "User")).await, LAST_ADMIN);
    }
    arena.end();
}
