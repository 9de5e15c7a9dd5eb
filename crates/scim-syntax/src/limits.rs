/// The deepest nesting that can be asked for.
///
/// Trees are read, printed, cloned and dropped by recursion, which has to fit a stack of 2 MiB. The
/// worst of it at this depth takes 1.2 MiB in a debug build and 0.3 MiB in a release build.
const DEEPEST: usize = 100;

/// How much a filter or a PATCH path may hold. Each limit is enforced while parsing.
///
/// ```
/// use scim_syntax::{Limits, parse_filter_with};
///
/// let limits = Limits::default().with_terms(2);
/// assert!(parse_filter_with("a pr or b pr", &limits).is_ok());
/// assert!(parse_filter_with("a pr or b pr or c pr", &limits).is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    bytes: usize,
    depth: usize,
    terms: usize,
}

impl Default for Limits {
    /// 16 KiB of text, 64 levels of parentheses and brackets, 1,000 comparisons.
    fn default() -> Self {
        Self { bytes: 16 * 1024, depth: 64, terms: 1000 }
    }
}

impl Limits {
    /// The most bytes of text.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The most parentheses and brackets open at once.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The most comparisons and presence tests.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.terms
    }

    /// The same limits with at most this many bytes of text.
    #[must_use]
    pub fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// The same limits with at most this many parentheses and brackets open at once.
    ///
    /// More than 100 counts as 100, so that no tree can overflow the stack.
    #[must_use]
    pub fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth.min(DEEPEST);
        self
    }

    /// The same limits with at most this many comparisons and presence tests.
    #[must_use]
    pub fn with_terms(mut self, terms: usize) -> Self {
        self.terms = terms;
        self
    }
}
