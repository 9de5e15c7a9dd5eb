//! The ways people may sign in to a workspace. Its admins alone decide on them: provisioning is switched on and
//! off without a word to any (D-9).

use serde::{Deserialize, Serialize};

/// Which ways to sign in are open.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Logins {
    /// Single sign-on.
    pub sso: bool,
    /// Password, which people outside the identity provider may need.
    pub credentials: bool,
    /// Accounts of other services.
    pub social: bool,
}

impl Default for Logins {
    /// All of them.
    fn default() -> Self {
        Self { sso: true, credentials: true, social: true }
    }
}
