//! What a supervisor is told.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use scim_engine::MemoryStore;
use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Query, QueryPage, ReadKey, ReadValue, Store, StoreError,
};
use scim_http::Probes;
use tower::{ServiceExt, service_fn};

/// What becomes of a read.
#[derive(Clone, Copy)]
enum Reads {
    Answered,
    Failing,
    Hanging,
}

struct Doubtful(Reads, MemoryStore);

impl Store for Doubtful {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        match self.0 {
            Reads::Answered => self.1.read(keys).await,
            Reads::Failing => Err(StoreError::Unavailable("secret-host refused".into())),
            Reads::Hanging => std::future::pending().await,
        }
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.1.query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.1.commit(batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.1.due(shard, before, limit).await
    }
}

async fn ask(reads: Reads, method: &str, path: &str) -> (u16, String, String) {
    let within = service_fn(|request: Request<Full<Bytes>>| async move {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("within {}", request.uri())))))
    });
    let probes = Probes::new(within, Arc::new(Doubtful(reads, MemoryStore::new())));
    let request = Request::builder().method(method).uri(path).body(Full::default()).unwrap();
    let response = probes.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let again = response.headers().get("retry-after").map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, again, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn readiness_is_that_of_the_store() {
    let away = (503, "1".to_owned(), "the store does not answer\n".to_owned());
    for (reads, expected) in [
        (Reads::Answered, (200, String::new(), "ready\n".to_owned())),
        (Reads::Failing, away.clone()),
        (Reads::Hanging, away),
    ] {
        assert_eq!(ask(reads, "GET", "/readyz").await, expected);
        assert_eq!(ask(reads, "HEAD", "/readyz").await.0, expected.0);
        assert_eq!(ask(reads, "GET", "/livez").await, (200, String::new(), "alive\n".to_owned()));
    }
}

#[tokio::test]
async fn everything_else_goes_to_the_service_within() {
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/readyz"),
        ("GET", "/readyz/"),
        ("GET", "/scim/v2/Users"),
        ("DELETE", "/livez"),
    ] {
        let (status, _, body) = ask(Reads::Failing, method, path).await;
        assert_eq!((status, body), (200, format!("within {path}")), "{method}");
    }
}
