//! Why a batch stops half way.

use scim_engine::store::{CommitError, Refused, StoreError};

/// What stops a batch. A refusal names whole keys, so it is kept off the stack.
pub(super) enum Stop {
    Refused(Box<Refused>),
    Failed(StoreError),
}

impl Stop {
    pub(super) fn into_error(self) -> CommitError {
        match self {
            Self::Refused(refused) => CommitError::Refused(*refused),
            Self::Failed(error) => CommitError::Failed(error),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

pub(super) type Step<T> = Result<T, Stop>;
