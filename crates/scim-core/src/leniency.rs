//! Tolerances: what real clients send beside the letter of the standard.
//!
//! Leniency is a value that travels with a request, never a feature of the build. Each tolerance
//! has a name; what fired is collected in [`Fired`] for the log.

use std::fmt;

macro_rules! tolerances {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// One deviation from the standard that real clients need.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Tolerance {
            $($(#[$doc])* $name,)*
        }

        impl Tolerance {
            /// Every tolerance.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name used in logs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

tolerances! {
    /// A boolean as the string `True` or `false` (7643-2.3-01).
    StringBoolean => "string-boolean",
    /// A lone value where a list belongs (7643-2.3-01).
    LoneValue => "lone-value",
    /// A list with one `value` object where a simple value belongs (7644-3.5.2-10).
    WrappedValue => "wrapped-value",
    /// A bare string where an object with `value` belongs (7643-4.2-03, 7643-4.3-01).
    BareValue => "bare-value",
    /// An attribute the schema does not know (7644-3.3-08).
    UnknownAttribute => "unknown-attribute",
    /// An unknown URI in `schemas` (7643-3-02).
    UnknownSchema => "unknown-schema",
    /// `schemas` without the URI of the base schema or of an extension in use (7643-3-04).
    MissingSchema => "missing-schema",
    /// An empty string where a value is to be cleared (7643-2.5-01).
    EmptyString => "empty-string",
    /// A PATCH without `schemas` (7644-3.5.2-02).
    PatchWithoutSchemas => "patch-without-schemas",
    /// `op` in capitals (7644-3.5.2-04).
    OpCase => "op-case",
    /// A key of a path-less value that is a path (7644-3.5.2.1-02).
    PathAsKey => "path-as-key",
    /// A path to an attribute of RFC 7643 that this server does not keep (7644-3.5.2-07).
    NotKept => "not-kept",
    /// A remove with a list of what to remove (7644-3.5.2.2-08).
    RemoveListed => "remove-listed",
    /// A value filter that matches nothing and becomes a new element (7644-3.5.2.1-08).
    CreateFromFilter => "create-from-filter",
    /// A singular complex value is merged by replace instead of replaced (A04).
    MergeComplex => "merge-complex",
    /// An operation without path (strict profiles demand one).
    NoPath => "no-path",
}

/// Which tolerances apply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Leniency {
    allowed: u64,
}

impl Default for Leniency {
    /// Everything that real clients send is taken.
    fn default() -> Self {
        Tolerance::ALL.iter().fold(Self::strict(), |leniency, &tolerance| leniency.with(tolerance, true))
    }
}

impl Leniency {
    /// The letter of the RFCs and of the interop profile draft; `op` may still be in capitals (A13).
    #[must_use]
    pub fn strict() -> Self {
        Self { allowed: 1 << Tolerance::OpCase as u64 }
    }

    /// The same with one tolerance switched.
    #[must_use]
    pub fn with(self, tolerance: Tolerance, allowed: bool) -> Self {
        let bit = 1 << tolerance as u64;
        Self { allowed: if allowed { self.allowed | bit } else { self.allowed & !bit } }
    }

    /// Whether the tolerance applies.
    #[must_use]
    pub fn allows(self, tolerance: Tolerance) -> bool {
        self.allowed & (1 << tolerance as u64) != 0
    }
}

/// The tolerances that fired in a request.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Fired(u64);

impl Fired {
    /// Notes that a tolerance fired.
    pub fn note(&mut self, tolerance: Tolerance) {
        self.0 |= 1 << tolerance as u64;
    }

    /// The tolerances that fired, in the order of [`Tolerance::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Tolerance> {
        Tolerance::ALL.iter().copied().filter(move |&tolerance| self.0 & (1 << tolerance as u64) != 0)
    }

    /// Whether none fired.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Fired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Tolerance::as_str)).finish()
    }
}

impl fmt::Display for Fired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, tolerance) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(tolerance.as_str())?;
        }
        Ok(())
    }
}
