//! Client applications: listed, and `API Access` kept from harm (D-37 to D-39, A-47).

use scim_engine::store::{Guard, Record, Write};

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::integration::{Known, deletion, known};
use super::refusal::CommandRefusal;
use crate::integration::ClientApplication;
use crate::token::TokenLead;

const CLIENT: &str = "ClientApplication";

/// Lists the client applications (D-37).
#[derive(Clone, Copy, Debug)]
pub struct ListClients;

impl AworkCommand for ListClients {
    type Output = Vec<ClientApplication>;

    const OPERATION: &'static str = "client.list";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Self::Output>, Halt> {
        match known(desk) {
            Ok(known) => Ok(Done::seen(known.client.and_then(ClientApplication::of).into_iter().collect())),
            Err(Halt::Refuse(problem)) if problem == CommandRefusal::NoIntegration.into() => {
                Ok(Done::seen(Vec::new()))
            }
            Err(halt) => Err(halt),
        }
    }
}

/// Renames a client application, which is always refused: SCIM's must stay as it is (D-39, A-47).
#[derive(Clone, Debug)]
pub struct RenameClient {
    /// Id or name.
    pub client: String,
    /// The new name.
    pub name: String,
}

impl AworkCommand for RenameClient {
    type Output = ();

    const OPERATION: &'static str = "client.rename";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        client(desk, &self.client)?;
        Err(CommandRefusal::ClientFixed.into())
    }
}

/// Deletes a client application. Of `API Access` only by force: SCIM is answered with 401 then, and the
/// integration is broken until it is deleted and set up again (D-39, D-40, A-47).
#[derive(Clone, Debug)]
pub struct DeleteClient {
    /// Id or name.
    pub client: String,
    /// Whether SCIM may break by that.
    pub force: bool,
}

impl AworkCommand for DeleteClient {
    type Output = ();

    const OPERATION: &'static str = "client.delete";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        let (record, known) = client(desk, &self.client)?;
        if !self.force {
            return Err(CommandRefusal::ClientFixed.into());
        }
        let mut writes = vec![deletion(record)];
        if let Some(lead) = known.lead
            && let Some(led) = TokenLead::of(lead)
        {
            let orphaned = TokenLead { is_orphaned: true, ..led }.record(&known.integration.token);
            writes.push(Write::Put { record: Box::new(orphaned), replaces: Some(lead.version) });
        }
        let guard = Guard::Version(known.record.key.clone(), Some(known.record.version));
        let id = record.id();
        Ok(Done::written(writes, (), (CLIENT, id)).guarded([guard]))
    }
}

fn client<'d>(desk: &Desk<'d>, named: &str) -> Result<(&'d Record, Known<'d>), Halt> {
    let known = known(desk)?;
    let is_it = |client: &&Record| client.id() == named || client.name.as_deref() == Some(named);
    match known.client.filter(is_it) {
        Some(client) => Ok((client, known)),
        None => Err(CommandRefusal::NoClient { named: named.to_owned() }.into()),
    }
}
