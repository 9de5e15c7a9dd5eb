//! What the server says when it is ready: to people, and to scripts.

use std::io::Write as _;

use scim_awork::WorkspaceSetup;
use serde::Serialize;

/// The one line of JSON on standard output.
#[derive(Debug, Serialize)]
struct ReadyLine<'r> {
    ready: bool,
    base_url: &'r str,
    token: &'r str,
    roles: Vec<&'r str>,
    teams: Vec<&'r str>,
    absence_regions: Vec<&'r str>,
}

/// Tells people what to paste into an identity provider, and then scripts the same.
///
/// People read standard error, so that standard output is the one line alone.
pub(crate) fn announce(base_url: &str, token: &str, setup: &WorkspaceSetup) -> std::io::Result<()> {
    let mut people = std::io::stderr().lock();
    writeln!(people, "\nThe workspace `{}` is ready. Paste into your identity provider:\n", setup.name)?;
    writeln!(people, "  Base URL (Entra ID: tenant URL)     {base_url}")?;
    writeln!(people, "  Bearer token (Entra ID: secret)     {token}\n")?;
    let roles: Vec<&str> = setup.roles.iter().map(|role| role.name.as_str()).collect();
    writeln!(people, "  Roles             {}", roles.join(", "))?;
    writeln!(people, "  Teams             {}", setup.teams.join("; "))?;
    writeln!(people, "  Absence regions   {}\n", setup.absence_regions.join(", "))?;
    let line = ReadyLine {
        ready: true,
        base_url,
        token,
        roles,
        teams: setup.teams.iter().map(String::as_str).collect(),
        absence_regions: setup.absence_regions.iter().map(String::as_str).collect(),
    };
    let mut scripts = std::io::stdout().lock();
    serde_json::to_writer(&mut scripts, &line)?;
    scripts.write_all(b"\n")?;
    scripts.flush()
}
