//! What a check says of its row.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use serde::Serialize;

use crate::cx::Cx;

/// How a row came out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The server does as the row asks.
    Passed,
    /// It does not.
    Failed(Failure),
    /// It cannot be seen from here, for this reason.
    NotTestable(String),
}

/// What a server did otherwise than it should.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Failure {
    /// What was asked.
    pub request: String,
    /// What the row expects of the answer.
    pub expected: String,
    /// The answer.
    pub got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request:  {}\nexpected: {}\ngot:      {}", self.request, self.expected, self.got)
    }
}

/// Why a check ends before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(Box<Failure>),
    NotTestable(String),
}

/// What a check returns: nothing where all is well.
pub(crate) type Verdict<T = ()> = Result<T, Stop>;

/// Ends a check for want of something.
pub(crate) fn not_testable<T>(reason: impl Into<String>) -> Verdict<T> {
    Err(Stop::NotTestable(reason.into()))
}

/// Ends a check that looked at more than one answer.
pub(crate) fn wrong<T>(
    request: impl Into<String>,
    expected: impl Into<String>,
    got: impl Into<String>,
) -> Verdict<T> {
    Err(Stop::Failed(Box::new(Failure {
        request: request.into(),
        expected: expected.into(),
        got: got.into(),
    })))
}

pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// What is known about a row: how to check it, or why that cannot be.
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    pub(crate) how: How,
}

#[derive(Clone, Copy)]
pub(crate) enum How {
    Check(for<'a> fn(&'a Cx) -> Running<'a>),
    /// A check during which nobody else may change anything.
    Alone(for<'a> fn(&'a Cx) -> Running<'a>),
    Never(&'static str),
}

/// The rows of an area: `"id": check_function`, `"id": (alone check_function)` for one during which
/// nobody else may change anything, or `"id": "why it cannot be tested"`.
macro_rules! area {
    ($($id:literal: $how:tt),* $(,)?) => {
        pub(crate) const ROWS: &[$crate::check::Entry] =
            &[$($crate::check::Entry { id: $id, how: $crate::check::how!($how) }),*];
    };
}

macro_rules! how {
    ($reason:literal) => {
        $crate::check::How::Never($reason)
    };
    ((alone $check:ident)) => {
        $crate::check::How::Alone(|cx| Box::pin($check(cx)))
    };
    ($check:ident) => {
        $crate::check::How::Check(|cx| Box::pin($check(cx)))
    };
}

pub(crate) use {area, how};
