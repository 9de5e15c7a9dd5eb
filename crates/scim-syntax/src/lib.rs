//! Filters, PATCH paths and attribute names of SCIM 2.0: text to tree and back.
//!
//! The grammar is that of RFC 7644 figures 1 and 7 with its errata. Nothing here knows a schema:
//! whether `emails` exists and what `gt` means on it is decided by whoever holds one.
//!
//! ```
//! use scim_syntax::{Filter, parse_filter, parse_patch_path};
//!
//! let filter = parse_filter(r#"title pr and emails[type eq "work"].value sw "ada""#)?;
//! assert!(matches!(&filter, Filter::And(terms) if terms.len() == 2));
//! // What was compared after the brackets stands inside them: one element has to satisfy both.
//! assert_eq!(filter.to_string(), r#"title pr and emails[type eq "work" and value sw "ada"]"#);
//!
//! let input = r#"userName equals "ada""#;
//! let error = parse_filter(input).unwrap_err();
//! assert_eq!(&input[error.span()], "equals");
//!
//! let path = parse_patch_path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value")?;
//! assert_eq!(path.path().schema(), Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"));
//! assert_eq!(path.path().name().as_str(), "manager");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A tree borrows from the text it was parsed from wherever the text can be used as it stands;
//! `into_owned` cuts the tie. Parsing takes time and memory linear in the input and holds
//! [`Limits`] while it reads, so text from strangers is safe to parse.

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
mod attr_name;
mod attr_path;
mod error;
mod filter;
mod limits;
mod literal;
mod parse;
mod patch_path;

pub use attr_name::AttrName;
pub use attr_path::AttrPath;
pub use error::{
    ParseAttrNameError, ParseAttrNameErrorKind, ParseFilterError, ParseFilterErrorKind, ParseNumberError,
    ParsePathError, ParsePathErrorKind,
};
pub use filter::{CompareOp, Filter};
pub use limits::Limits;
pub use literal::{Literal, Number};
pub use parse::{parse_attr_path, parse_filter, parse_filter_with, parse_patch_path, parse_patch_path_with};
pub use patch_path::PatchPath;
