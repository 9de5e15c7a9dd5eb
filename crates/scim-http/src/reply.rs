//! The answer to a request, from parts to bytes.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use scim_core::message::{BulkResponse, error_body};
use scim_core::schema::urn;
use scim_core::{Fired, Problem};
use scim_engine::{Answer, BulkOutcome, Listing};
use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::media::SCIM_JSON;
use crate::preferences::Preferences;
use crate::trace_id::TraceId;

const TRACE_ID: HeaderName = HeaderName::from_static("trace-id");

/// An answer that is no error.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Bytes>,
    pub(crate) etag: Option<HeaderValue>,
    pub(crate) location: Option<HeaderValue>,
    /// The tolerances that fired.
    pub(crate) fired: Fired,
    /// What the engine would like the client's admin to know.
    pub(crate) warnings: Vec<String>,
    /// Whether a bulk request was done all or not at all.
    pub(crate) as_one: bool,
}

impl Reply {
    fn new(status: StatusCode, body: Option<Bytes>) -> Self {
        Self {
            status,
            body,
            etag: None,
            location: None,
            fired: Fired::default(),
            warnings: Vec::new(),
            as_one: false,
        }
    }

    /// 204.
    pub(crate) fn empty() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }

    /// 308, to where the resource lives (7644-3.11-02).
    pub(crate) fn moved(location: &str) -> Self {
        let location = HeaderValue::try_from(location).ok();
        Self { location, ..Self::new(StatusCode::PERMANENT_REDIRECT, None) }
    }

    /// 200 with bytes that are JSON already.
    pub(crate) fn printed(body: Bytes) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    /// A resource, or only its headers where the status has no body. `tagged` says whether entity
    /// tags are offered.
    pub(crate) fn resource(
        status: StatusCode,
        answer: Answer,
        tagged: bool,
    ) -> Result<Self, serde_json::Error> {
        let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let body = if bodiless { None } else { Some(print(&answer.resource)?) };
        Ok(Self {
            status,
            body,
            etag: tagged.then(|| HeaderValue::try_from(answer.version).ok()).flatten(),
            location: HeaderValue::try_from(answer.location).ok(),
            fired: answer.fired,
            warnings: answer.warnings,
            as_one: false,
        })
    }

    /// A page of a listing (7644-3.4.2-03, 9865-2-01).
    pub(crate) fn listing(listing: &Listing) -> Result<Self, serde_json::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct List<'l> {
            schemas: [&'l str; 1],
            #[serde(skip_serializing_if = "Option::is_none")]
            total_results: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            start_index: Option<u64>,
            items_per_page: usize,
            #[serde(skip_serializing_if = "Option::is_none")]
            next_cursor: Option<&'l str>,
            #[serde(rename = "Resources")]
            resources: &'l [Value],
        }
        let body = print(&List {
            schemas: [urn::LIST_RESPONSE],
            total_results: listing.total,
            start_index: listing.start_index,
            items_per_page: listing.resources.len(),
            next_cursor: listing.next_cursor.as_deref(),
            resources: &listing.resources,
        })?;
        Ok(Self::printed(body))
    }

    /// What became of a bulk request, and whether it was done all or not at all.
    pub(crate) fn bulk(outcome: BulkOutcome, as_one: bool) -> Result<Self, serde_json::Error> {
        let BulkOutcome { results, fired, warnings, .. } = outcome;
        let body = print(&BulkResponse::new(results))?;
        Ok(Self { fired, warnings, as_one, ..Self::printed(body) })
    }

    pub(crate) fn into_response(
        self,
        media_type: HeaderValue,
        asked: Preferences,
        trace: &TraceId,
    ) -> Response<Full<Bytes>> {
        let mut headers = HeaderMap::with_capacity(8);
        asked.tell(self.fired, self.as_one, &mut headers);
        if self.body.is_some() {
            headers.insert(CONTENT_TYPE, media_type);
        }
        if let Some(etag) = self.etag {
            headers.insert(ETAG, etag);
        }
        if let Some(location) = self.location {
            headers.insert(LOCATION, location);
        }
        respond(self.status, headers, self.body.unwrap_or_default(), trace)
    }
}

/// The answer to a request that failed: always a SCIM error (7644-3.12-01).
pub(crate) fn error_response(failure: &Failure, http1: bool, trace: &TraceId) -> Response<Full<Bytes>> {
    let status = failure.status();
    let problem = if status.as_u16() == failure.problem.status {
        error_body(&failure.problem, trace.as_str())
    } else {
        let problem = Problem { status: status.as_u16(), ..failure.problem.clone() };
        error_body(&problem, trace.as_str())
    };
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(CONTENT_TYPE, SCIM_JSON);
    if let Some((name, value)) = &failure.header
        && (http1 || name != http::header::CONNECTION)
    {
        headers.insert(name, value.clone());
    }
    respond(status, headers, Bytes::from(problem.to_string()), trace)
}

/// The answer to a HEAD request: that to GET without its body.
pub(crate) fn without_body(response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = http_body::Body::size_hint(&body).exact()
        && length > 0
    {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Full::default())
}

fn respond(
    status: StatusCode,
    mut headers: HeaderMap,
    body: Bytes,
    trace: &TraceId,
) -> Response<Full<Bytes>> {
    // 32 hexadecimal digits always make a header.
    if let Ok(trace) = HeaderValue::from_str(trace.as_str()) {
        headers.insert(TRACE_ID, trace);
    }
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn print(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut bytes = Vec::with_capacity(1024);
    serde_json::to_writer(&mut bytes, value)?;
    Ok(Bytes::from(bytes))
}
