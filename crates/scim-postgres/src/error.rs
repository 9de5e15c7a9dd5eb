//! What PostgreSQL says, in the terms of the store.

use std::error::Error as StdError;

use deadpool_postgres::PoolError;
use scim_engine::store::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Why a store could not be opened.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The schema was written by a newer version of this software.
    #[error("the database has schema version {found}, and this program knows only up to {known}")]
    Newer {
        /// The version of the database.
        found: i32,
        /// The newest version that is known.
        known: i32,
    },
    /// The server is older than PostgreSQL 15.
    #[error("the server is PostgreSQL {0}; 15 or newer is needed")]
    TooOld(String),
    /// The address of the database makes no sense.
    #[error("the database URL cannot be read")]
    Url(#[source] Error),
    /// PostgreSQL cannot be reached or refuses.
    #[error("the database cannot be opened")]
    Postgres(#[from] Error),
    /// No connection could be had.
    #[error("the database cannot be reached")]
    Pool(#[from] PoolError),
    /// The schema could not be brought up to date.
    #[error("the schema cannot be brought up to date")]
    Migration(#[from] refinery::Error),
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// What an error of a statement means for the connection and for the statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The connection is gone, or its server is no longer the one to talk to; whether the statement had an
    /// effect is unknown.
    Lost,
    /// Transactions were in each other's way; this one had no effect, and may succeed when run again.
    Clash,
    /// The statement took too long.
    TooSlow,
    /// What is stored cannot be understood.
    Damaged,
    /// Anything else, such as a full disk: this statement failed, and others may not.
    Failed,
}

impl Fault {
    pub(crate) fn of(error: &Error) -> Self {
        let Some(code) = error.code() else {
            // Errors that come from no server are those of the connection, or of a value read from a row.
            let of_row = error.source().is_some_and(|cause| !cause.is::<std::io::Error>())
                && !error.is_closed()
                && error.to_string().starts_with("error deserializing");
            return if of_row { Self::Damaged } else { Self::Lost };
        };
        match code.code() {
            // The last two: a statement prepared before a migration.
            "25006" | "57P01" | "57P02" | "57P03" | "57P05" | "0A000" | "26000" => Self::Lost,
            "40001" | "40P01" => Self::Clash,
            "57014" => Self::TooSlow,
            code if code.starts_with("08") => Self::Lost,
            code if code.starts_with("XX") => Self::Damaged,
            _ => Self::Failed,
        }
    }

    pub(crate) fn into_error(self, error: impl Into<Box<dyn StdError + Send + Sync>>) -> StoreError {
        match self {
            Self::TooSlow => StoreError::TooSlow,
            Self::Damaged => StoreError::Damaged(error.into()),
            Self::Lost | Self::Clash | Self::Failed => StoreError::Unavailable(error.into()),
        }
    }
}

/// What happened to a statement.
pub(crate) fn store_error(error: Error) -> StoreError {
    Fault::of(&error).into_error(error)
}

/// No connection could be had.
pub(crate) fn unreachable(error: PoolError) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// What is stored does not make sense.
pub(crate) fn damaged(error: impl Into<Box<dyn StdError + Send + Sync>>) -> StoreError {
    StoreError::Damaged(error.into())
}

/// Whether the statement failed because the key of the batch stands there already.
pub(crate) fn is_repeated(error: &Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        *error.code() == SqlState::UNIQUE_VIOLATION
            && error.table().is_some_and(|table| table.starts_with("batch"))
    })
}
