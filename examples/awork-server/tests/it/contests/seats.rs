//! The last seats: of those who want one, as many get one as there are, or as many are booked as they need.

use scim_testkit::http::Response;

use super::arena::{Arena, Storage};
use super::invoices::invoices;
use super::request::{Ask, NO_SEAT, is_done, refused};
use super::workspace::{Workspace, count_done};
use super::{CLIENTS, ROUNDS, on_each_store};

on_each_store!(the_last_ten, just_enough_are_booked);

/// Seats that are free in each round.
const FREE: usize = 10;

/// How many of those who want a seat are there already, without one.
const OLD: usize = 8;

/// What each client asks for: the first one that a guest becomes a user, some that a person is activated who
/// is there already, and all others that a new person comes.
async fn wishes(workspace: &Workspace<'_>, guest: &str) -> Vec<Ask> {
    let old = workspace.inactive_people(OLD).await;
    let mut wishes = vec![Ask::set_role(guest, "User")];
    wishes.extend(old.iter().map(|user| Ask::set(user, "active", true)));
    let new = (wishes.len()..CLIENTS).map(|client| Ask::create(&workspace.email(&format!("new-{client}"))));
    wishes.extend(new);
    wishes
}

/// D-24, D-28, D-29: ten of 63 get the last ten seats; the two thirds beside them are what a guest needs who
/// becomes a user. Seats that are given back at the same moment are neither lost nor sold twice.
async fn the_last_ten(arena: Arena) {
    for round in 0..ROUNDS {
        let workspace = arena.workspace(&format!("w{round}"), 2 + FREE, false).await;
        let guest = workspace.invite("gus", "Guest").await;
        let wishes = wishes(&workspace, &guest).await;
        let answers = workspace.at_once(wishes.clone()).await;
        assert_eq!(answers[0].status, 200, "round {round}: {}", answers[0].text());
        assert_eq!(count_done(&answers), 1 + FREE, "round {round}");
        let (winners, losers): (Vec<usize>, Vec<usize>) =
            (1..CLIENTS).partition(|client| is_done(&answers[*client]));
        losers.iter().for_each(|client| refused(&answers[*client], NO_SEAT));
        let seen = workspace.check(round).await;
        assert_eq!((&seen.seats["booked"], &seen.seats["used"]), (&12.into(), &12.into()), "round {round}");
        assert!(seen.seats["to_invoice"].is_null(), "{}", seen.seats);
        // Of a create that is refused nothing is stored.
        let created = winners.iter().filter(|client| **client > OLD).count();
        assert_eq!(seen.users.len(), 2 + OLD + created, "round {round}");

        let leave = |answer: &Response| {
            let user = answer.json().unwrap()["id"].as_str().unwrap().to_owned();
            if user.ends_with(['0', '2', '4', '6', '8', 'a', 'c', 'e']) {
                Ask::delete(&user)
            } else {
                Ask::set(&user, "active", false)
            }
        };
        let gone = winners.iter().map(|client| leave(&answers[*client]));
        let again = losers.iter().map(|client| wishes[*client].clone());
        let answers = workspace.at_once(gone.chain(again)).await;
        let (gone, again) = answers.split_at(FREE);
        assert_eq!(count_done(gone), FREE, "round {round}");
        again.iter().filter(|answer| !is_done(answer)).for_each(|answer| refused(answer, NO_SEAT));
        let seen = workspace.check(round).await;
        let left = FREE - count_done(again);
        assert_eq!(seen.seats["used"], 12 - left, "round {round}");
    }
    arena.end();
}

/// D-25, D-26, D-28, A-51: 64 people need more than there is, and just so much is booked, in one window and
/// on one invoice.
async fn just_enough_are_booked(arena: Arena) {
    // Ada's seat, thirds of two guests, of whom one becomes a user, and a seat for each of the others.
    let thirds = 3 + 1 + 3 + 3 * (CLIENTS - 1);
    let (before, needed) = (2, thirds.div_ceil(3));
    for round in 0..ROUNDS {
        let workspace = arena.workspace(&format!("w{round}"), before, true).await;
        let guest = workspace.invite("gus", "Guest").await;
        workspace.invite("gil", "Guest").await;
        let wishes = wishes(&workspace, &guest).await;
        let answers = workspace.at_once(wishes).await;
        assert_eq!(count_done(&answers), CLIENTS, "round {round}");
        let seen = workspace.check(round).await;
        assert_eq!(seen.seats["used_thirds"], thirds, "round {round}");
        assert_eq!(seen.seats["booked"], needed, "round {round}");
        assert_eq!(seen.seats["to_invoice"]["seats"], needed - before, "round {round}: {}", seen.seats);
    }
    match arena.end() {
        // Gone with its server; that the open window comes to one invoice is the rule of the others.
        Storage::Memory => {}
        kept => {
            let mut made = invoices(&kept).await;
            made.sort_unstable_by(|one, other| one.workspace.cmp(&other.workspace));
            made.iter().for_each(|invoice| assert_eq!(invoice.seats as usize, needed - before));
            let mut workspaces: Vec<String> = (0..ROUNDS).map(|round| format!("w{round}")).collect();
            workspaces.sort_unstable();
            assert_eq!(made.into_iter().map(|invoice| invoice.workspace).collect::<Vec<_>>(), workspaces);
        }
    }
}
