//! What an application adds: pure decisions over a change and the facts it asks for.

use scim_core::{Desired, Document, FarEnd, LinkView, Omitted, Problem, TypeDef};
use serde_json::{Map, Value};

use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::facts::{FactKey, Facts};
use crate::store::{ClaimKey, Guard, Record, RecordKey, Refused, Space, Stream, TenantId, Write};

/// The rules of an application.
///
/// A decision is a pure function of the change and the facts: it is asked again with more facts until
/// it commits or refuses, and from the start when the commit finds that a fact has changed.
pub trait Rules: Send + Sync + 'static {
    /// What a PUT does to attributes that it does not name.
    fn omitted(&self) -> Omitted {
        Omitted::Cleared
    }

    /// Whether each far end that a cleared list loses must be decided about. Where not, clearing a list is
    /// one operation, however long it is.
    fn decides_each(&self, _view: &LinkView) -> bool {
        false
    }

    /// Whether a new name of such a resource, and its going and coming, are a new version of everything
    /// in the tenant, as others may show it. Where not, the decision touches those who do.
    fn announces_names(&self, _def: &TypeDef) -> bool {
        true
    }

    /// Decides whether a tenant is served at all. It is asked at every request, discovery included; a refusal comes
    /// before all that the store could tell.
    fn admit(&self, _tenant: &TenantId, _facts: &Facts) -> Admission {
        Admission::Admitted
    }

    /// The facts that a decision about a resource of this type needs, whatever is to become of it. They are read
    /// along with one that is there, so that a decision which needs no more takes no further round trip to the store.
    fn standing_facts(&self, _def: &TypeDef, _space: &Space) -> Vec<FactKey> {
        Vec::new()
    }

    /// Decides about a change.
    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step;

    /// Says an error that is none of these rules' own in the words of the application.
    fn reword(&self, error: EngineError) -> EngineError {
        error
    }
}

/// Whether a tenant is served.
#[derive(Debug)]
pub enum Admission {
    /// More must be known first.
    Need(Vec<FactKey>),
    /// It is served.
    Admitted,
    /// None of its requests is, for this reason.
    Refused(Problem),
}

/// The outcome of a round of deciding.
#[derive(Debug)]
pub enum Step {
    /// More must be known first.
    Need(Vec<FactKey>),
    /// The change may happen, in this way.
    Commit(Box<Decision>),
    /// The change must not happen.
    Refuse(Problem),
}

/// A change that a request wants.
#[derive(Clone, Debug)]
pub struct Change<'c> {
    /// Who asks, when, for which tenant.
    pub context: &'c RequestContext,
    /// The resource type.
    pub def: &'c TypeDef,
    /// The space of the tenant.
    pub space: &'c Space,
    /// What is to be done.
    pub action: Action<'c>,
    /// Links that really change.
    pub links: &'c [LinkDelta<'c>],
    /// Who holds the unique values that the resource would newly have.
    pub holdings: &'c [Holding],
    /// What refused the commit of the last walk, if one was refused.
    pub refused: Option<&'c Refused>,
}

/// What is to be done to a resource.
#[derive(Clone, Copy, Debug)]
pub enum Action<'c> {
    /// It is to be created.
    Create {
        /// The id it would get.
        id: &'c str,
        /// What is wanted.
        desired: &'c Desired,
    },
    /// It is to be changed.
    Update {
        /// What is stored.
        current: &'c Record,
        /// What is wanted.
        desired: &'c Desired,
        /// Whether the whole resource was sent.
        replaces: bool,
    },
    /// It is to be deleted.
    Delete {
        /// What is stored.
        current: &'c Record,
    },
}

impl<'c> Action<'c> {
    /// The id of the resource.
    #[must_use]
    pub fn id(&self) -> &'c str {
        match self {
            Self::Create { id, .. } => id,
            Self::Update { current, .. } | Self::Delete { current } => current.id(),
        }
    }

    /// What is wanted; nothing is of a resource that is to be deleted.
    #[must_use]
    pub fn desired(&self) -> Option<&'c Desired> {
        match self {
            Self::Create { desired, .. } | Self::Update { desired, .. } => Some(desired),
            Self::Delete { .. } => None,
        }
    }

    /// What is stored.
    #[must_use]
    pub fn current(&self) -> Option<&'c Record> {
        match self {
            Self::Create { .. } => None,
            Self::Update { current, .. } | Self::Delete { current } => Some(current),
        }
    }
}

/// How the links that an attribute shows would change.
#[derive(Clone, Debug)]
pub struct LinkDelta<'c> {
    /// The attribute.
    pub view: &'c LinkView,
    /// Whether every link goes that there was; `removed` lists them, up to the limit of a commit.
    pub clears: bool,
    /// Far ends that would be linked: the id as sent, and the record if there is one to link.
    pub added: Vec<(String, Option<Record>)>,
    /// Far ends that would no longer be linked.
    pub removed: Vec<FarEnd>,
}

/// A unique value that the resource would newly have.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The path of the attribute.
    pub path: String,
    /// The value as sent.
    pub value: String,
    /// The value as it is claimed.
    pub claim: ClaimKey,
    /// The record that holds it, visible or not.
    pub holder: Option<Record>,
}

/// What a commit does.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// The record of the resource afterwards.
    pub outcome: Outcome,
    /// Other changes: links, counters, claims.
    pub writes: Vec<Write>,
    /// What must still be true. A record that is written for `outcome` is guarded anyway; one that stays as
    /// it was is not.
    pub guards: Vec<Guard>,
    /// Events, appended if anything changes at all.
    pub events: Vec<(Stream, Value)>,
    /// What the client's admin should know.
    pub warnings: Vec<String>,
}

/// The record of a resource after a commit.
#[derive(Clone, Debug, Default)]
pub enum Outcome {
    /// As it was.
    #[default]
    Untouched,
    /// Written.
    Put(Box<Subject>),
    /// Gone, with its links and unique values.
    Deleted(Box<Record>),
}

/// A record to be written for a resource.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The id.
    pub id: String,
    /// The record it takes the place of; none to create it.
    pub was: Option<Record>,
    /// Its attributes.
    pub document: Document,
    /// Whether the protocol shows it.
    pub visible: bool,
    /// What it is called where links show it.
    pub name: Option<String>,
    /// What the application keeps beside the attributes.
    pub extra: Map<String, Value>,
}

impl Change<'_> {
    /// The key of a record of the tenant.
    #[must_use]
    pub fn key(&self, kind: &str, id: &str) -> RecordKey {
        RecordKey::new(self.space, kind, id)
    }
}
