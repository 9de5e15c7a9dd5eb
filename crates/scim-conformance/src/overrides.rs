//! Rows that an application breaks on purpose, with its reason.

use serde::Deserialize;

use crate::rows::rows;

/// A row that an application overrides.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The row.
    pub row: String,
    /// The rule of the application.
    pub by: String,
    /// Why it cannot be otherwise.
    pub reason: String,
}

/// Why a list of overrides is none.
#[derive(Debug, thiserror::Error)]
pub enum OverridesError {
    /// It is no JSON of that shape.
    #[error("the overrides are not `[{{\"row\": …, \"by\": …, \"reason\": …}}]`: {0}")]
    Json(#[from] serde_json::Error),
    /// It names a row that is not in the checklist.
    #[error("the overrides name `{0}`, which is no row of the checklist")]
    Row(String),
}

impl Override {
    /// Reads the overrides of an application.
    ///
    /// # Errors
    ///
    /// Returns an [`OverridesError`] when the text is no such list, or names a row there is not.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, OverridesError> {
        let list: Vec<Self> = serde_json::from_str(text)?;
        match list.iter().find(|known| rows().iter().all(|row| row.id != known.row)) {
            Some(unknown) => Err(OverridesError::Row(unknown.row.clone())),
            None => Ok(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_name_rows() {
        let list = |row: &str| format!(r#"[{{"row":"{row}","by":"A-1","reason":"because"}}]"#);
        assert_eq!(Override::list_from_json(&list("7643-2.1-01")).unwrap()[0].by, "A-1");
        let refused = Override::list_from_json(&list("7643-2.1-99"));
        assert!(matches!(refused, Err(OverridesError::Row(_))));
    }
}
