//! The workspace `precious-asteroid`, to try an identity provider on.

use scim_awork::{AworkToken, PersonKind, PersonSetup, Provider, RoleKind, RoleSetup, WorkspaceSetup};
use scim_http::Clock;

use crate::args::Demo;
use crate::execute::new_token;
use crate::ready::announce;
use crate::server::{self, Addresses, Integration, Place, ServerError, Service};

pub(crate) async fn run(args: Demo, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    // The folder goes when this function ends, so it must outlive the server.
    let scratch = tempfile::tempdir()?;
    let place = args.storage.place().unwrap_or_else(|| Place::Folder(scratch.path().to_owned()));
    let token = match args.token {
        Some(text) => AworkToken::from_text(&text).ok_or(ServerError::Slip)?,
        None => new_token().map_err(std::io::Error::other)?,
    };
    let integration = Integration { id: "demo".into(), provider: Provider::Generic, token: token.kept() };
    let setup = precious_asteroid(args.seats);
    let service = Service {
        listen: args.listen.listen,
        exposure: args.listen.exposure(),
        base_url: None,
        setup: Some((setup.clone(), Some(integration))),
        outgoing: args.mail.outgoing()?,
        admin: args.admin.admin(),
        rate: args.rate.rate_limit,
        log_retention: args.log.retention(),
        clock: Clock::default(),
    };
    let ready = |addresses: &Addresses| announce(addresses, token.reveal(), Some(&setup));
    let place = if args.memory { Place::Memory } else { place };
    server::run(place, service, ready, stop).await
}

fn precious_asteroid(seats: u32) -> WorkspaceSetup {
    let role = |name: &str, kind, write_grants, read_grants| RoleSetup {
        name: name.to_owned(),
        kind,
        write_grants,
        read_grants,
    };
    let person = |name: &str, family_name: &str, role: &str| PersonSetup {
        email: format!("{}@precious-asteroid.example", name.to_lowercase()),
        given_name: name.to_owned(),
        family_name: family_name.to_owned(),
        role: role.to_owned(),
        kind: PersonKind::Person,
        active: true,
        other_workspaces: Vec::new(),
    };
    WorkspaceSetup {
        name: "precious-asteroid".into(),
        language: "en-GB".into(),
        seats,
        subdomain: None,
        automatic_booking: false,
        enterprise: true,
        openid_connect: true,
        roles: vec![
            role("Admin", RoleKind::Admin, 40, 40),
            role("Project manager", RoleKind::Ordinary, 20, 30),
            role("User", RoleKind::Ordinary, 10, 20),
            role("Viewer", RoleKind::Ordinary, 0, 10),
            role("Guest", RoleKind::Guest, 0, 2),
        ],
        teams: ["Design", "Sales", "Ops", "Design, UX"].map(String::from).into(),
        absence_regions: ["Bayern", "Berlin", "England"].map(String::from).into(),
        default_absence_region: Some("Berlin".into()),
        people: vec![
            person("Ada", "Lovelace", "Admin"),
            person("Bob", "Ross", "Admin"),
            PersonSetup { other_workspaces: vec!["quiet-comet".into()], ..person("Cleo", "Smith", "User") },
            PersonSetup { active: false, ..person("Dan", "Brown", "User") },
            person("Gus", "Grissom", "Guest"),
        ],
    }
}
