//! One person's role: many groups want the same member, who has one role all the time.

use super::arena::Arena;
use super::request::{Ask, LAST_ADMIN, is_done, refused};
use super::workspace::count_done;
use super::{CLIENTS, ROUNDS, on_each_store};

on_each_store!(two_groups_want_one_person);

/// D-69, D-77, A-18: a person who is moved to two groups at once, and out of them, ends in one. Nobody is
/// refused, and the admins are counted right.
async fn two_groups_want_one_person(arena: Arena) {
    for round in 0..ROUNDS {
        let workspace = arena.workspace(&format!("w{round}"), 10, false).await;
        let (ada, cleo) = (workspace.ada().await, workspace.invite("cleo", "User").await);
        let groups = [workspace.group("Admin").await, workspace.group("Lead").await];
        let asks = (0..CLIENTS).map(|client| {
            let which = client % 2;
            match client / 2 % 4 {
                // In every other round there are only those who want the person in.
                0 if round % 2 == 1 => Ask::leave(&groups[which], &cleo),
                1 => Ask::set_role(&cleo, ["Admin", "Lead"][which]),
                _ => Ask::join(&groups[which], &cleo),
            }
        });
        let answers = workspace.at_once(asks).await;
        assert_eq!(count_done(&answers), CLIENTS, "round {round}");
        let seen = workspace.check(round).await;
        let role = workspace.role_of(&cleo).await;
        let expected: &[&str] = if round % 2 == 1 { &["Admin", "Lead", "User"] } else { &["Admin", "Lead"] };
        assert!(expected.contains(&role.as_str()), "round {round}: {role}");
        assert_eq!(seen.admins().len(), if role == "Admin" { 2 } else { 1 }, "round {round}");
        let demoted = workspace.alone(Ask::set_role(&ada, "User")).await;
        if role == "Admin" {
            assert!(is_done(&demoted), "round {round}: {}", demoted.text());
        } else {
            refused(&demoted, LAST_ADMIN);
        }
        workspace.check(round).await;
    }
    arena.end();
}
