//! Rows that an application breaks on purpose, with its reason.

/// A row that an application overrides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Override {
    /// The row.
    pub row: &'static str,
    /// The rule of the application.
    pub by: &'static str,
    /// Why it cannot be otherwise.
    pub reason: &'static str,
}

/// The overrides of an application, such as `awork`; none for one that is not known.
#[must_use]
pub fn overrides(application: &str) -> &'static [Override] {
    let _ = application;
    &[]
}
