//! How much a bulk request may hold.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::Frame;
use http_body_util::StreamBody;
use scim_engine::Features;
use scim_http::{BulkLimits, HttpConfig};
use serde_json::{Value, json};

use super::{outcomes, post, post_user, request, results};
use crate::world::{Service, config, configured, get, send};

fn limited(max_operations: u64, max_payload_size: u64) -> Service {
    let bulk = Some(BulkLimits { max_operations, max_payload_size });
    configured(HttpConfig { bulk, ..config() }, Features::default())
}

/// 7644-3.7.4-01, 7643-5-02: one operation too many, and nothing is done.
#[tokio::test]
async fn operations_are_counted() {
    let service = limited(3, 100_000);
    let operations = |count: usize| -> Value {
        (0..count).map(|at| post_user(&format!("b{at}"), &format!("{count}-{at}"))).collect()
    };
    let announced = get(&service, "/ServiceProviderConfig").await.json();
    assert_eq!(
        announced["bulk"],
        json!({ "supported": true, "maxOperations": 3, "maxPayloadSize": 100_000 })
    );
    let answer = post(&service, &request(&operations(4))).await;
    assert_eq!(answer.outcome(), "413");
    assert!(answer.json()["detail"].as_str().unwrap().contains("at most 3"));
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 0);
    assert_eq!(outcomes(&results(&service, &request(&operations(3))).await), ["201", "201", "201"]);
}

/// 7644-3.7.4-02, 7643-5-02: one byte too many, announced or chunked, and nothing is done.
#[tokio::test]
async fn bytes_are_counted() {
    let body = request(&json!([post_user("a", "a")])).to_string();
    let size = u64::try_from(body.len()).unwrap();
    for (limit, status) in [(size, 200), (size - 1, 413)] {
        for chunked in [false, true] {
            let service = limited(1, limit);
            let request = Request::post("/Bulk").header("authorization", "Bearer secret");
            let answer = if chunked {
                let pieces: Vec<_> = body
                    .as_bytes()
                    .chunks(10)
                    .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece))))
                    .collect();
                send(&service, request.body(StreamBody::new(stream::iter(pieces))).unwrap()).await
            } else {
                send(&service, request.body(body.clone()).unwrap()).await
            };
            assert_eq!(answer.status, status, "{limit} {chunked}");
            if status == 413 {
                assert!(answer.json()["detail"].as_str().unwrap().contains(&limit.to_string()));
                assert_eq!(get(&service, "/Users").await.json()["totalResults"], 0);
            }
        }
    }
    // The limit of other bodies is another one, and none is read beyond its limit.
    let service = limited(1, 10_000_000);
    let long = post_user("a", &"x".repeat(2_000_000));
    assert_eq!(post(&service, &request(&json!([long]))).await.status, 200);
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"[["))));
    let request = Request::post("/Bulk").header("authorization", "Bearer secret");
    assert_eq!(send(&limited(1, 1_000), request.body(StreamBody::new(endless)).unwrap()).await.status, 413);
}
