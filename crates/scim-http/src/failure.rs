//! A request that fails: the answer for the client, the cause for the log.

use std::error::Error as StdError;

use http::header::{ALLOW, CONNECTION, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use scim_core::{Problem, ScimType};
use scim_engine::EngineError;

use crate::auth::AuthError;

/// Why a request failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    /// For the log alone.
    pub(crate) cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// A path that names nothing.
    pub(crate) fn unknown_path() -> Self {
        Problem::plain(404, "there is nothing at this path: check the base URL of the SCIM service").into()
    }

    /// A method that the path does not know (7644-3.2-02).
    pub(crate) fn method(allowed: &'static str) -> Self {
        let detail = format!("the method is not offered here, only {allowed}");
        Self::from(Problem::plain(405, detail)).with(ALLOW, HeaderValue::from_static(allowed))
    }

    /// Something that the service does not offer (7644-3.12-07).
    pub(crate) fn not_offered(what: &str) -> Self {
        Problem::plain(501, format!("this service does not offer {what}")).into()
    }

    /// A version of the protocol that the service does not speak (7644-3.13-02).
    pub(crate) fn bad_version(version: &str) -> Self {
        let detail = format!("version `{version}` is not offered: use `v2`");
        Problem::bad_request(ScimType::InvalidVers, detail).into()
    }

    /// A request that took too long.
    pub(crate) fn timed_out() -> Self {
        let detail = "the service did not finish in time: read what is there, then try again";
        Self::from(Problem::plain(503, detail)).with(RETRY_AFTER, seconds(1))
    }

    /// A fault of the program.
    pub(crate) fn panicked() -> Self {
        Problem::plain(500, "the service has an internal fault: tell its operator the trace id").into()
    }

    /// Someone who is not let in, told why and how to come in (7644-2-01).
    pub(crate) fn auth(error: AuthError, detail: String, realm: &str) -> Self {
        let challenge = |error: &str| {
            HeaderValue::try_from(format!("Bearer realm=\"{realm}\"{error}"))
                .unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
        };
        let invalid = || challenge(", error=\"invalid_token\"");
        match error {
            AuthError::Missing => {
                Self::from(Problem::plain(401, detail)).with(WWW_AUTHENTICATE, challenge(""))
            }
            AuthError::Invalid => Self::from(Problem::plain(401, detail)).with(WWW_AUTHENTICATE, invalid()),
            AuthError::Forbidden(problem) if problem.status == 401 => {
                Self::from(problem).with(WWW_AUTHENTICATE, invalid())
            }
            AuthError::Forbidden(problem) => problem.into(),
            AuthError::TooMany { retry_after } => {
                Self::from(Problem::plain(429, detail)).with(RETRY_AFTER, seconds(retry_after))
            }
            AuthError::Unavailable(cause) => {
                Self { cause: Some(cause), ..Self::from(Problem::plain(503, detail)) }
                    .with(RETRY_AFTER, seconds(1))
            }
        }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The status, which is always that of an error.
    pub(crate) fn status(&self) -> StatusCode {
        match StatusCode::from_u16(self.problem.status) {
            Ok(status) if status.is_client_error() || status.is_server_error() => status,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        // What is left of such a body is not read, so the connection is of no more use.
        let header =
            matches!(problem.status, 408 | 413).then(|| (CONNECTION, HeaderValue::from_static("close")));
        Self { problem, header, cause: None }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let problem = error.problem();
        let header = error.retry_after().map(|after| (RETRY_AFTER, seconds(after)));
        let cause = (problem.status >= 500).then(|| error.into());
        Self { problem, header, cause }
    }
}

/// Whole seconds, never a date: one of the large clients reads nothing else.
fn seconds(count: u32) -> HeaderValue {
    HeaderValue::from(count)
}

/// An error with what lies behind it, on one line.
pub(crate) struct Chain<'e>(pub(crate) &'e (dyn StdError + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use scim_engine::store::StoreError;

    use super::*;

    /// 7644-3.12-07: the cause stays inside, with all that lies behind it.
    #[test]
    fn causes_are_for_the_log() {
        let failure = Failure::from(EngineError::Store(StoreError::Unavailable("disk gone".into())));
        assert_eq!((failure.status().as_u16(), failure.problem.detail.contains("disk")), (503, false));
        assert_eq!(failure.header, Some((RETRY_AFTER, HeaderValue::from(1))));
        let cause = failure.cause.unwrap();
        assert_eq!(
            Chain(&*cause).to_string(),
            "the service cannot answer now: try again: the store is unavailable: disk gone"
        );
    }

    /// 7644-3.12-02: whatever an application says, an error has the status of one.
    #[test]
    fn a_status_that_is_no_error_becomes_500() {
        for (status, expected) in
            [(0, 500), (99, 500), (200, 500), (302, 500), (400, 400), (599, 599), (1000, 500)]
        {
            assert_eq!(Failure::from(Problem::plain(status, "")).status().as_u16(), expected, "{status}");
        }
    }
}
