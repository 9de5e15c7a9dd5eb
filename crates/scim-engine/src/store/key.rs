//! Keys: every one starts with the space that it belongs to.

use std::fmt;
use std::sync::Arc;

use scim_core::{End, Links, Relation};

/// How many shards the work queue has, on every store and node.
pub const SHARDS: u16 = 64;

/// A tenant: a customer whose data nobody else sees.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TenantId(Arc<str>);

/// Why a text is no tenant id.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a tenant id is 1 to 100 letters, digits, `-`, `_` and `.`")]
pub struct TenantIdError;

impl TenantId {
    /// Takes 1 to 100 ASCII letters, digits, `-`, `_` and `.`.
    ///
    /// # Errors
    ///
    /// Returns a [`TenantIdError`] for any other text.
    pub fn new(id: &str) -> Result<Self, TenantIdError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if (1..=100).contains(&id.len()) && id.bytes().all(plain) {
            Ok(Self(id.into()))
        } else {
            Err(TenantIdError)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The space of the tenant's data.
    #[must_use]
    pub fn space(&self) -> Space {
        Space(format!("tenant/{}", self.0).into())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A space of keys: the data of a tenant, or one thing that tenants share, such as an account.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Space(Arc<str>);

impl Space {
    /// The space of one shared thing, such as `account` and its id; reached by key only.
    #[must_use]
    pub fn shared(kind: &'static str, key: &str) -> Self {
        Self(format!("{kind}/{key}").into())
    }

    /// Takes the text of a space that a store has kept.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The space as stores keep it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tenant whose space it is; none for the space of something shared.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        TenantId::new(self.0.strip_prefix("tenant/")?).ok()
    }

    /// The shard of the work queue that the space falls into: stable, and the same on every node.
    #[must_use]
    pub fn shard(&self, shards: u16) -> u16 {
        // FNV-1a: small, and fixed for good, unlike the hasher of the standard library.
        let hash = self.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        u16::try_from(hash % u64::from(shards.max(1))).unwrap_or(0)
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A record within a space.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordRef {
    /// The resource type, such as `User`, or another kind of record.
    pub kind: String,
    /// The id.
    pub id: String,
}

impl RecordRef {
    /// The record of that kind and id.
    #[must_use]
    pub fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.to_owned(), id: id.to_owned() }
    }
}

/// A record.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordKey {
    /// The space.
    pub space: Space,
    /// The record within it.
    pub record: RecordRef,
}

impl RecordKey {
    /// The record of that kind and id in the space.
    #[must_use]
    pub fn new(space: &Space, kind: &str, id: &str) -> Self {
        Self { space: space.clone(), record: RecordRef::new(kind, id) }
    }
}

/// A value that one record of a space at most holds, such as a user name.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ClaimKey {
    /// The space.
    pub space: Space,
    /// What kind of value it is, such as `User:userName`.
    pub name: String,
    /// The value, folded.
    pub value: String,
}

/// A link between two records of a space.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LinkKey {
    /// The space.
    pub space: Space,
    /// The kind of link.
    pub relation: Relation,
    /// The end that holds the other.
    pub owner: RecordRef,
    /// The end that is held.
    pub member: RecordRef,
}

impl LinkKey {
    /// The link between `near`, which is at `links.end`, and `far`.
    #[must_use]
    pub fn between(space: &Space, links: Links, near: RecordRef, far: RecordRef) -> Self {
        let (owner, member) = match links.end {
            End::Owner => (near, far),
            End::Member => (far, near),
        };
        Self { space: space.clone(), relation: links.relation, owner, member }
    }
}

/// A counter of a space.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CounterKey {
    /// The space.
    pub space: Space,
    /// Which one, such as `seats`.
    pub name: &'static str,
}

/// A version that stands for many records, such as all names of a tenant.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MarkKey {
    /// The space.
    pub space: Space,
    /// Which one, such as `names`.
    pub name: &'static str,
}

impl MarkKey {
    /// The version that a rename or a bulk clear raises; the second part of every entity tag.
    #[must_use]
    pub fn names(space: &Space) -> Self {
        Self { space: space.clone(), name: "names" }
    }
}

/// A piece of work of a space that waits for its time.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DueKey {
    /// The space.
    pub space: Space,
    /// Which one.
    pub name: String,
}

/// A sequence of events of a space.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Stream {
    /// What happened, for support.
    Log,
    /// What others must be told.
    Outbox,
}

impl Stream {
    /// The name as stores keep it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Outbox => "outbox",
        }
    }
}
