//! One e-mail, two workspaces: there is one account of it, and one user in each.

use scim_testkit::http::Response;

use super::arena::Arena;
use super::request::{Ask, EMAIL_TAKEN, SEVERAL_WORKSPACES, USER_EXISTS, is_done, refused};
use super::workspace::{Workspace, count_done};
use super::{CLIENTS, ROUNDS, on_each_store};

on_each_store!(two_workspaces_create_one_person, a_new_person_and_a_new_name);

/// D-19, A-28, A-30: of those who create one person in two workspaces, whatever the letter case, one does in
/// each; both users are of one account.
async fn two_workspaces_create_one_person(arena: Arena) {
    for round in 0..ROUNDS {
        let workspaces = two(&arena, round).await;
        let email = workspaces[0].email("lea");
        let answers = arena
            .at_once(clients(&workspaces, |client| {
                Ask::create(&if client / 2 % 2 == 0 { email.clone() } else { email.to_uppercase() })
            }))
            .await;
        for (number, workspace) in workspaces.iter().enumerate() {
            let answers = of_workspace(&answers, number);
            assert_eq!(count_done(&answers), 1, "round {round}");
            answers.iter().filter(|answer| !is_done(answer)).for_each(|answer| refused(answer, USER_EXISTS));
            in_both(workspace, &email, round).await;
        }
    }
    arena.end();
}

/// D-59 to D-61, D-19, A-28, A-32: an e-mail that new people are created with in two workspaces, while a person
/// of each is renamed to it, has one account in the end, and who came too late is told so.
async fn a_new_person_and_a_new_name(arena: Arena) {
    for round in 0..ROUNDS {
        let workspaces = two(&arena, round).await;
        let email = workspaces[0].email("lea");
        let mut old = Vec::new();
        for workspace in &workspaces {
            old.push(workspace.invite("eva", "User").await);
        }
        let renames = |client: usize| client / 2 % 2 == round % 2;
        let answers = arena
            .at_once(clients(&workspaces, |client| {
                if renames(client) {
                    Ask::set(&old[client % 2], "userName", email.as_str())
                } else {
                    Ask::create(&email)
                }
            }))
            .await;
        let mut renamed = 0;
        for (number, workspace) in workspaces.iter().enumerate() {
            let (named, created): (Vec<(usize, &Response)>, Vec<_>) = answers
                .iter()
                .enumerate()
                .filter(|(client, _)| client % 2 == number)
                .partition(|(client, _)| renames(*client));
            // Whoever has the name already may be given it again.
            let has_it = workspace.show(&email).await["id"] == old[number].as_str();
            renamed += usize::from(has_it);
            for (_, answer) in named {
                if has_it {
                    assert_eq!(answer.status, 200, "round {round}: {}", answer.text());
                } else {
                    refused(answer, EMAIL_TAKEN);
                }
            }
            let (done, late): (Vec<_>, Vec<_>) = created.into_iter().partition(|(_, answer)| is_done(answer));
            assert_eq!(done.len(), usize::from(!has_it), "round {round}");
            late.iter().for_each(|(_, answer)| refused(answer, USER_EXISTS));
            in_both(workspace, &email, round).await;
        }
        assert!(renamed <= 1, "round {round}: two accounts have one e-mail");
    }
    arena.end();
}

async fn two<'a>(arena: &'a Arena, round: usize) -> [Workspace<'a>; 2] {
    let workspace = async |name: &str| arena.workspace(&format!("{name}{round}"), 10, false).await;
    [workspace("v").await, workspace("w").await]
}

/// What each client asks for, in one workspace or the other.
fn clients<'w>(workspaces: &'w [Workspace<'_>; 2], ask: impl Fn(usize) -> Ask) -> Vec<(&'w str, Ask)> {
    (0..CLIENTS).map(|client| (workspaces[client % 2].token.as_str(), ask(client))).collect()
}

fn of_workspace(answers: &[Response], number: usize) -> Vec<Response> {
    answers.iter().skip(number).step_by(2).cloned().collect()
}

/// Checks that the e-mail is that of one user here and one elsewhere, of one account: nobody may change it
/// from here.
async fn in_both(workspace: &Workspace<'_>, email: &str, round: usize) {
    let seen = workspace.check(round).await;
    let has_it = |user: &&serde_json::Value| user["userName"].as_str().unwrap().eq_ignore_ascii_case(email);
    assert_eq!(seen.users.iter().filter(has_it).count(), 1, "round {round}");
    let shown = workspace.show(email).await;
    assert_eq!(shown["workspaces"], 2, "round {round}: {shown}");
    let rename = Ask::set(shown["id"].as_str().unwrap(), "userName", workspace.email("else"));
    refused(&workspace.alone(rename).await, SEVERAL_WORKSPACES);
}
