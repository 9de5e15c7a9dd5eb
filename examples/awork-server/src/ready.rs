//! What the server says when it is ready: to people, and to scripts.

use std::io::Write as _;

use scim_awork::WorkspaceSetup;
use serde::Serialize;

use crate::server::Addresses;

/// The one line of JSON on standard output.
#[derive(Debug, Serialize)]
struct ReadyLine<'r> {
    ready: bool,
    base_url: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_url: Option<&'r str>,
    token: &'r str,
    roles: Vec<&'r str>,
    teams: Vec<&'r str>,
    absence_regions: Vec<&'r str>,
}

/// Tells people what to paste into an identity provider, and then scripts the same.
///
/// People read standard error, so that standard output is the one line alone.
pub(crate) fn announce(
    addresses: &Addresses,
    token: &str,
    setup: Option<&WorkspaceSetup>,
) -> std::io::Result<()> {
    let Addresses { base_url, admin_url } = addresses;
    let admin_url = admin_url.as_deref();
    let mut people = std::io::stderr().lock();
    match setup {
        Some(setup) => writeln!(
            people,
            "\nThe workspace `{}` is ready. Paste into your identity provider:\n",
            setup.name
        )?,
        None => writeln!(people, "\nReady. Set a workspace up with `awork-server integration set-up`.\n")?,
    }
    writeln!(people, "  Base URL (Entra ID: tenant URL)     {base_url}")?;
    if !token.is_empty() {
        writeln!(people, "  Bearer token (Entra ID: secret)     {token}")?;
    }
    if let Some(admin_url) = admin_url {
        writeln!(people, "  Admin API (not for the provider)    {admin_url}")?;
    }
    writeln!(people)?;
    let roles = setup.map(|setup| setup.roles.iter().map(|role| role.name.as_str()).collect());
    let roles: Vec<&str> = roles.unwrap_or_default();
    let texts = |of: fn(&WorkspaceSetup) -> &Vec<String>| -> Vec<&str> {
        setup.map(|setup| of(setup).iter().map(String::as_str).collect()).unwrap_or_default()
    };
    let (teams, regions) = (texts(|setup| &setup.teams), texts(|setup| &setup.absence_regions));
    if setup.is_some() {
        writeln!(people, "  Roles             {}", roles.join(", "))?;
        writeln!(people, "  Teams             {}", teams.join("; "))?;
        writeln!(people, "  Absence regions   {}\n", regions.join(", "))?;
    }
    let line = ReadyLine { ready: true, base_url, admin_url, token, roles, teams, absence_regions: regions };
    let mut scripts = std::io::stdout().lock();
    serde_json::to_writer(&mut scripts, &line)?;
    scripts.write_all(b"\n")?;
    scripts.flush()
}
