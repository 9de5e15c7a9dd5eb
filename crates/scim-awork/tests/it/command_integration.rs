//! The SCIM integration of a workspace, by command.

use scim_awork::command::{
    Actor, ChangePlan, ChangeSettings, DeleteClient, DeleteIntegration, IntegrationState, IntegrationView,
    ListClients, NoteTokenUse, RegenerateToken, RenameClient, SetUpIntegration, ShowIntegration,
    ShowWorkspace,
};
use scim_awork::{AworkToken, Provider, TokenLead};
use scim_core::Problem;
use scim_engine::store::Stream;

use crate::world::{NOT_FOUND, World, refused};

const CONFLICT: (u16, Option<&str>, &str) = (409, None, "invalid-operation");

fn token(number: u8) -> AworkToken {
    AworkToken::of_random([number; 32])
}

async fn set_up(world: &World, provider: Provider, number: u8) -> Result<(), Problem> {
    let id = format!("integration-{number}");
    world.command(SetUpIntegration { provider, token: token(number).kept(), id }).await
}

async fn show(world: &World) -> Result<IntegrationView, Problem> {
    world.command(ShowIntegration { base_url: "https://app.awork.com/api/v1/scim".into() }).await
}

/// Where a token leads.
async fn lead(world: &World, number: u8) -> Option<TokenLead> {
    TokenLead::of(&world.record(TokenLead::key(&token(number).hash())).await?)
}

/// D-35, D-37, A-45: one integration for one of four providers, and one client named exactly `API Access`.
#[tokio::test]
async fn one_integration() {
    for (provider, label) in [
        (Provider::OneLogin, "onelogin"),
        (Provider::Okta, "okta"),
        (Provider::EntraId, "entra-id"),
        (Provider::Generic, "generic"),
    ] {
        let world = World::new().await;
        refused(show(&world).await, NOT_FOUND, &["no SCIM integration"]);
        assert_eq!(world.command(ListClients).await.unwrap(), []);
        set_up(&world, provider, 1).await.unwrap();
        let shown = show(&world).await.unwrap();
        assert_eq!((shown.provider, shown.state), (provider, IntegrationState::Working));
        assert!(!shown.notes.is_empty());
        let clients = world.command(ListClients).await.unwrap();
        assert_eq!(clients.iter().map(|client| client.name.as_str()).collect::<Vec<_>>(), ["API Access"]);
        let exists = (409, None, "already-exist-error");
        refused(set_up(&world, provider, 2).await, exists, &["already"]);
        let lead = lead(&world, 1).await.unwrap();
        assert_eq!((lead.workspace.as_str(), lead.provider.label()), ("w", label));
    }
}

/// D-9: the ways to sign in stay as the admin has set them, whatever becomes of SCIM.
#[tokio::test]
async fn logins_are_no_matter_of_scim() {
    let world = World::new().await;
    let logins = async || world.command(ShowWorkspace).await.unwrap().logins;
    let closed = ChangeSettings { credentials_login: Some(false), ..ChangeSettings::default() };
    for settings in [closed.clone(), ChangeSettings { credentials_login: Some(true), ..closed }] {
        world.command(settings).await.unwrap();
        let set = logins().await;
        set_up(&world, Provider::Okta, 1).await.unwrap();
        assert_eq!(logins().await, set);
        world.command(DeleteIntegration).await.unwrap();
        assert_eq!(logins().await, set);
    }
    assert!(logins().await.credentials);
}

/// D-12, D-11: one app of OneLogin covers SCIM and single sign-on, and without the latter there is no SCIM.
#[tokio::test]
async fn the_app_of_onelogin() {
    let guide = Provider::OneLogin.notes().join(" ");
    assert!(guide.contains("covers SCIM and single sign-on"), "{guide}");
    let world = World::new().await;
    world.command(ChangePlan { enterprise: None, openid_connect: Some(false) }).await.unwrap();
    let refusal = (403, None, "invalid-operation");
    refused(set_up(&world, Provider::OneLogin, 1).await, refusal, &["OpenID Connect"]);
}

/// D-10, D-11, A-48: refused without Enterprise, then without OpenID Connect; what is lost later stays set up.
#[tokio::test]
async fn what_a_set_up_needs() {
    let world = World::new().await;
    let plan = async |enterprise, openid_connect| {
        let plan = ChangePlan { enterprise: Some(enterprise), openid_connect: Some(openid_connect) };
        world.command(plan).await.unwrap();
    };
    plan(false, false).await;
    let refusal = (403, None, "insufficient-subscription-level");
    refused(set_up(&world, Provider::Okta, 1).await, refusal, &["Enterprise"]);
    plan(true, false).await;
    let refusal = (403, None, "invalid-operation");
    refused(set_up(&world, Provider::Okta, 1).await, refusal, &["OpenID Connect", "SAML does not"]);
    plan(true, true).await;
    set_up(&world, Provider::Okta, 1).await.unwrap();
    for (enterprise, openid_connect, state) in [
        (false, true, IntegrationState::PlanMissing),
        (true, false, IntegrationState::SsoMissing),
        (true, true, IntegrationState::Working),
    ] {
        plan(enterprise, openid_connect).await;
        assert_eq!(show(&world).await.unwrap().state, state);
    }
}

/// D-34, D-41, D-47: what an admin pastes: one base URL for all, and the workspace's own login.
#[tokio::test]
async fn what_is_pasted() {
    let world = World::new().await;
    set_up(&world, Provider::OneLogin, 1).await.unwrap();
    let shown = show(&world).await.unwrap();
    assert_eq!(shown.base_url, "https://app.awork.com/api/v1/scim");
    assert_eq!(shown.login_url, "https://app.awork.com/login");
    let subdomain = Some("acme".into());
    let settings = ChangeSettings { subdomain, ..Default::default() };
    world.command(settings).await.unwrap();
    assert_eq!(show(&world).await.unwrap().login_url, "https://acme.awork.com/login");
}

/// D-36, D-38, A-46: of a token the hash and a hint are kept; a new one leaves the old one dead.
#[tokio::test]
async fn tokens_are_made_again() {
    let world = World::new().await;
    set_up(&world, Provider::Okta, 1).await.unwrap();
    let first = show(&world).await.unwrap();
    assert!(token(1).reveal().ends_with(&first.token_hint) && first.token_hint.len() == 4);
    assert_eq!(first.token_last_used, None);
    let told = world.events(Stream::Log).await;
    world.command(NoteTokenUse { at: 1_700_000_500_000 }).await.unwrap();
    world.command(NoteTokenUse { at: 1_700_000_400_000 }).await.unwrap();
    assert_eq!(world.events(Stream::Log).await, told, "a use is no change");
    let used = show(&world).await.unwrap().token_last_used.unwrap();
    assert_eq!(used.timestamp_millis(), 1_700_000_500_000);
    assert_eq!(world.command(RegenerateToken { token: token(2).kept() }).await, Ok(Provider::Okta));
    assert_eq!((lead(&world, 1).await, show(&world).await.unwrap().token_last_used), (None, None));
    assert_eq!(lead(&world, 2).await.unwrap().integration, "integration-1");
    let again = show(&world).await.unwrap();
    assert!(token(2).reveal().ends_with(&again.token_hint) && again.token_hint.len() == 4);
    assert!(again.token_created > first.token_created);
    // The same token once more changes nothing, and that of another workspace is not taken over.
    world.command(RegenerateToken { token: token(2).kept() }).await.unwrap();
    let second = world.second_workspace().await;
    let taken = (409, Some("uniqueness"), "duplication-violation");
    refused(set_up(&second, Provider::Okta, 2).await, taken, &["token"]);
    let admin = Actor::User("cleo@w.example".into());
    let again = RegenerateToken { token: token(3).kept() };
    refused(world.command_by(admin, again).await, (403, None, "unauthorized"), &["cleo"]);
}

/// D-39, A-47: `API Access` is not edited, and deleted by force alone, which breaks the integration.
#[tokio::test]
async fn the_client_must_stay() {
    let world = World::new().await;
    set_up(&world, Provider::Okta, 1).await.unwrap();
    let rename = |client: &str| RenameClient { client: client.into(), name: "Mine".into() };
    refused(world.command(rename("API Access")).await, CONFLICT, &["must not be edited"]);
    refused(world.command(rename("Other")).await, NOT_FOUND, &["`Other`"]);
    let delete = |force| DeleteClient { client: "API Access".into(), force };
    refused(world.command(delete(false)).await, CONFLICT, &["force"]);
    assert_eq!(show(&world).await.unwrap().state, IntegrationState::Working);
    world.command(delete(true)).await.unwrap();
    assert_eq!(show(&world).await.unwrap().state, IntegrationState::Broken);
    assert_eq!(world.command(ListClients).await.unwrap(), []);
    assert!(lead(&world, 1).await.unwrap().is_orphaned);
    refused(world.command(RegenerateToken { token: token(2).kept() }).await, CONFLICT, &["set it up again"]);
}

/// D-40: delete and set up again: the new token works, the old one does not, and users are as they were.
#[tokio::test]
async fn repaired() {
    let world = World::new().await;
    set_up(&world, Provider::Okta, 1).await.unwrap();
    let users = world.all("User").await;
    world.command(DeleteClient { client: "API Access".into(), force: true }).await.unwrap();
    world.command(DeleteIntegration).await.unwrap();
    assert_eq!(lead(&world, 1).await, None);
    refused(world.command(DeleteIntegration).await, NOT_FOUND, &["no SCIM integration"]);
    set_up(&world, Provider::EntraId, 2).await.unwrap();
    let shown = show(&world).await.unwrap();
    assert_eq!((shown.state, shown.provider), (IntegrationState::Working, Provider::EntraId));
    assert_eq!(world.all("User").await, users);
}
