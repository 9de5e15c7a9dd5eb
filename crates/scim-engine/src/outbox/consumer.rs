//! Who is told what happened.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use crate::store::{Space, TenantId};

/// Hears of the events of the outbox, each at least once.
///
/// After a crash an event may come again, with the same [id](Message::id): whoever must not act twice
/// remembers that.
///
/// ```
/// use scim_engine::outbox::{Consumer, DeliveryError, Message};
///
/// /// Ends the sessions of people who may no longer sign in.
/// struct Sessions;
///
/// impl Consumer for Sessions {
///     fn name(&self) -> &'static str {
///         "sessions"
///     }
///
///     async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
///         let _user = message.body.get("user").ok_or_else(|| DeliveryError::Never("no user".into()))?;
///         Ok(())
///     }
/// }
/// ```
pub trait Consumer: Send + Sync + 'static {
    /// The name under which the store keeps how far it has read. A new name starts at the first event.
    fn name(&self) -> &'static str;

    /// What a failure means for the events that follow.
    fn sequence(&self) -> Sequence {
        Sequence::Ordered
    }

    /// Takes one event.
    ///
    /// # Errors
    ///
    /// Returns [`DeliveryError::Later`] to get the event again after a while, [`DeliveryError::Never`]
    /// to make it a dead letter.
    fn deliver(&self, message: &Message<'_>) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}

/// What the failure of one event means for those that follow in the same space.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sequence {
    /// They wait until it is delivered or a dead letter: each space is heard in order.
    Ordered,
    /// They go on; it is tried again by itself.
    Single,
}

/// An event on its way to a consumer.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    /// The space that it happened in.
    pub space: &'m Space,
    /// Its place in the outbox of the space.
    pub position: u64,
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// What happened.
    pub body: &'m Value,
    /// How often it was tried before.
    pub tries: u32,
    /// The fencing number of the node that delivers: a receiver that has seen a greater one may turn
    /// this one down, since another node has taken over.
    pub fence: u64,
}

impl Message<'_> {
    /// What makes the event unique among all events of all spaces: a repeat has the same.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}#{}", self.space, self.position)
    }

    /// The tenant in whose space it happened, if it is a tenant's.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        self.space.tenant()
    }
}

/// Why an event was not delivered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeliveryError {
    /// Trying again may help.
    Later(String),
    /// Trying again cannot help.
    Never(String),
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(why) | Self::Never(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for DeliveryError {}

type Delivered<'m> = Pin<Box<dyn Future<Output = Result<(), DeliveryError>> + Send + 'm>>;

/// A consumer of any type.
pub(super) trait AnyConsumer: Send + Sync {
    fn name(&self) -> &'static str;
    fn sequence(&self) -> Sequence;
    fn deliver<'m>(&'m self, message: &'m Message<'m>) -> Delivered<'m>;
}

impl<C: Consumer> AnyConsumer for C {
    fn name(&self) -> &'static str {
        Consumer::name(self)
    }

    fn sequence(&self) -> Sequence {
        Consumer::sequence(self)
    }

    fn deliver<'m>(&'m self, message: &'m Message<'m>) -> Delivered<'m> {
        Box::pin(Consumer::deliver(self, message))
    }
}
