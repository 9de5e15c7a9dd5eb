//! What SQLite says, in the terms of the store.

use std::error::Error as StdError;

use rusqlite::ErrorCode;
use scim_engine::store::StoreError;

/// Why a store could not be opened.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file was written by a newer version of this software.
    #[error("the database has schema version {found}, and this program knows only up to {known}")]
    Newer {
        /// The version of the file.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// The file holds something else.
    #[error("the file is a database of another application")]
    Foreign,
    /// SQLite cannot open or prepare it.
    #[error("the database cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// A folder or thread could not be made.
    #[error("the store cannot be set up")]
    Io(#[from] std::io::Error),
}

/// What happened to a statement.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error;
    let damaged = match &error {
        Error::SqliteFailure(failure, message) => match failure.code {
            ErrorCode::OperationInterrupted => return StoreError::TooSlow,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => true,
            _ => message.as_deref().is_some_and(|message| message.contains("malformed JSON")),
        },
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => true,
        _ => false,
    };
    if damaged { StoreError::Damaged(Box::new(error)) } else { StoreError::Unavailable(Box::new(error)) }
}

/// What is stored does not make sense.
pub(crate) fn damaged(error: impl Into<Box<dyn StdError + Send + Sync>>) -> StoreError {
    StoreError::Damaged(error.into())
}
