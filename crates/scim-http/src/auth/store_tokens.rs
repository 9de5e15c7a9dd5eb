//! Tokens that live in the store: a revoked one is refused at the next request, on every node.

use std::collections::BTreeMap;

use scim_core::Document;
use scim_engine::store::{
    PutRecord, ReadKey, ReadValue, Record, RecordKey, RecordRef, Space, Store, TenantId, Write,
};
use scim_engine::{Caller, Scopes};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::{Access, AuthError, Authenticator, Grant, Principal, TokenHash};

const KIND: &str = "Token";

/// Looks each token up in a store, by its hash and never by its text.
#[derive(Clone, Debug)]
pub struct StoreTokens<S> {
    store: S,
}

/// What the store keeps of a token.
#[derive(Deserialize, Serialize)]
struct Kept {
    hash: String,
    tenant: String,
    caller: String,
    labels: BTreeMap<String, String>,
    /// All there was before there were scopes; a server of that time reads it still, and must not think
    /// that a token with some scopes has them all.
    writes: bool,
    /// The text of the scopes; none where there is only `writes`.
    #[serde(default)]
    scopes: Option<String>,
    /// Resource type and id.
    #[serde(default)]
    user: Option<(String, String)>,
    expires: Option<i64>,
}

impl Kept {
    fn scopes(&self) -> Result<Scopes, AuthError> {
        match &self.scopes {
            Some(text) => text.parse().map_err(|error| AuthError::Unavailable(Box::new(error))),
            None if self.writes => Ok(Scopes::all()),
            None => Ok(Scopes::reading()),
        }
    }
}

impl<S: Store> StoreTokens<S> {
    /// Looks tokens up in this store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// The write that makes a token valid; `replaces` is the version of one that was so before.
    #[must_use]
    pub fn grant(hash: &TokenHash, grant: &Grant, replaces: Option<u64>) -> Write {
        let caller = &grant.principal.caller;
        let kept = Kept {
            hash: hash.to_hex(),
            tenant: grant.principal.tenant.to_string(),
            caller: caller.id.clone(),
            labels: caller.labels.clone(),
            writes: caller.scopes == Scopes::all(),
            scopes: Some(caller.scopes.to_string()),
            user: caller.user.as_ref().map(|user| (user.kind.clone(), user.id.clone())),
            expires: grant.expires,
        };
        let extra = match serde_json::to_value(kept) {
            Ok(Value::Object(extra)) => extra,
            _ => Map::new(),
        };
        let record = PutRecord {
            key: Self::key(hash),
            visible: true,
            name: None,
            document: Document::new(),
            extra,
            form: Map::new(),
            indexed: Vec::new(),
        };
        Write::Put { record: Box::new(record), replaces }
    }

    /// The key of a token's record, to revoke it.
    #[must_use]
    pub fn key(hash: &TokenHash) -> RecordKey {
        let hash = hash.to_hex();
        RecordKey::new(&Space::shared("token", &hash), KIND, &hash)
    }
}

impl<S: Store> Authenticator for StoreTokens<S> {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        let hash = TokenHash::of(bearer.ok_or(AuthError::Missing)?);
        let read = self.store.read(vec![ReadKey::Record(Self::key(&hash))]).await;
        match read.map_err(|error| AuthError::Unavailable(Box::new(error)))?.pop() {
            Some(ReadValue::Record(Some(record))) => check(&record, &hash, access),
            _ => Err(AuthError::Invalid),
        }
    }
}

fn check(record: &Record, hash: &TokenHash, access: &Access<'_>) -> Result<Principal, AuthError> {
    let kept: Kept = serde_json::from_value(Value::Object(record.extra.clone()))
        .map_err(|error| AuthError::Unavailable(Box::new(error)))?;
    // An index may compare by other means than bytes; what counts is this comparison.
    let known: TokenHash = kept.hash.parse().map_err(|error| AuthError::Unavailable(Box::new(error)))?;
    if !bool::from(known.as_bytes().ct_eq(hash.as_bytes())) {
        return Err(AuthError::Invalid);
    }
    let tenant = TenantId::new(&kept.tenant).map_err(|error| AuthError::Unavailable(Box::new(error)))?;
    let scopes = kept.scopes()?;
    let user = kept.user.map(|(kind, id)| RecordRef { kind, id });
    let caller = Caller { id: kept.caller, labels: kept.labels, user, scopes };
    Grant { principal: Principal { tenant, caller }, expires: kept.expires }.admit(access)
}

#[cfg(test)]
mod tests {
    use scim_engine::MemoryStore;
    use scim_engine::store::Batch;

    use super::super::{Operation, Token};
    use super::*;

    type Tokens = StoreTokens<MemoryStore>;

    fn access(operation: Operation, now: i64) -> Access<'static> {
        Access { operation, kind: Some("User"), id: None, now }
    }

    /// 7644-7.3-01, 7644-2-02: known, unknown, revoked and too old tokens; who it is comes back whole.
    #[tokio::test]
    async fn tokens_of_a_store() {
        let store = MemoryStore::new();
        let tokens = StoreTokens::new(store.clone());
        let token = Token::from_text("secret");
        let principal = Principal {
            tenant: TenantId::new("acme").unwrap(),
            caller: Caller {
                id: "okta".into(),
                labels: [("provider".into(), "okta".into())].into(),
                user: Some(RecordRef::new("User", "u")),
                scopes: "read write:self".parse().unwrap(),
            },
        };
        let grant = Grant { principal: principal.clone(), expires: Some(100) };
        let commit = async |writes| store.commit(Batch { writes, ..Batch::default() }).await.unwrap();
        commit(vec![Tokens::grant(&token.hash(), &grant, None)]).await;
        let read = access(Operation::Read, 99);
        assert_eq!(tokens.authenticate(Some("secret"), &read).await.unwrap(), principal);
        assert!(matches!(tokens.authenticate(None, &read).await, Err(AuthError::Missing)));
        assert!(matches!(tokens.authenticate(Some("Secret"), &read).await, Err(AuthError::Invalid)));
        let late = access(Operation::Read, 100);
        assert!(matches!(tokens.authenticate(Some("secret"), &late).await, Err(AuthError::Invalid)));
        commit(vec![Write::Delete { key: Tokens::key(&token.hash()), replaces: 1 }]).await;
        assert!(matches!(tokens.authenticate(Some("secret"), &read).await, Err(AuthError::Invalid)));
    }

    /// 7644-2-02: tokens that were stored before there were scopes, and servers from before them.
    #[tokio::test]
    async fn tokens_from_before_there_were_scopes() {
        let (store, hash) = (MemoryStore::new(), Token::from_text("old").hash());
        let principal = Principal { tenant: TenantId::new("acme").unwrap(), caller: Caller::default() };
        for (writes, scopes) in [(true, "write"), (false, "read")] {
            let mut write = Tokens::grant(&hash, &Grant::new(principal.clone()), None);
            let Write::Put { record, replaces } = &mut write else { panic!("{write:?}") };
            record.extra.insert("writes".into(), writes.into());
            assert!(record.extra.remove("scopes").is_some() && record.extra.remove("user").is_some());
            *replaces = (!writes).then_some(1);
            store.commit(Batch { writes: vec![write], ..Batch::default() }).await.unwrap();
            let read = access(Operation::Read, 0);
            let known = StoreTokens::new(store.clone()).authenticate(Some("old"), &read).await.unwrap();
            assert_eq!(known.caller.scopes.to_string(), scopes);
        }
        for (scopes, writes) in [("write", true), ("read write:User", false), ("", false)] {
            let grant = Grant::new(principal.clone()).with_scopes(scopes.parse().unwrap());
            let Write::Put { record, .. } = Tokens::grant(&hash, &grant, None) else { panic!() };
            assert_eq!(record.extra["writes"], writes, "{scopes}");
        }
    }
}
