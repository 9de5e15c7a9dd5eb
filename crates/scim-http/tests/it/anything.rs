//! Whatever is sent, there is an answer in SCIM, and never a fault of ours.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Uri};
use http_body_util::Full;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::{Service, create_user, id, send, service};

/// A path and query near what is valid, or far from it.
fn target() -> impl Strategy<Value = String> {
    let known = select(vec![
        "/",
        "/Users",
        "/users/",
        "/Groups",
        "/Devices",
        "/.search",
        "/Users/.search",
        "/Schemas",
        "/Bulk",
        "/Me",
        "/ResourceTypes/User",
        "/ServiceProviderConfig",
        "/v1",
        "/Users/00000000-0000-7000-8000-000000000001",
    ]);
    let query = prop_oneof![
        Just(String::new()),
        "\\?[!-~]{0,30}",
        "\\?(filter|sortBy|count|startIndex|attributes|excludedAttributes|cursor)=[!-~]{0,30}(&[!-~]{0,10})?",
    ];
    (prop_oneof![known.prop_map(str::to_owned), "/[!-~]{0,20}"], query)
        .prop_map(|(path, query)| path + &query)
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let name =
        select(vec!["accept", "content-type", "if-match", "if-none-match", "traceparent", "authorization"]);
    (name, prop_oneof!["[ -~]{0,30}".prop_map(String::into_bytes), vec(any::<u8>(), 0..20)])
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        "[\\[{\",:}\\]0-9a-z\\\\ ]{0,40}".prop_map(String::into_bytes),
        r#"\{"schemas":\["urn:ietf:params:scim:(schemas:core:2.0:(User|Group)|api:messages:2.0:(PatchOp|SearchRequest|BulkRequest))"\],"(userName|members|Operations|filter|count)":("[ -!#-~]{0,10}"|[0-9]{1,30}|\[\{\}\]|null)\}"#
            .prop_map(String::into_bytes),
    ]
}

/// Method, target, headers, body.
type Sent = (String, String, Vec<(&'static str, Vec<u8>)>, Vec<u8>);

async fn try_all(service: &Service, sent: Vec<Sent>) {
    for (method, target, headers, body) in sent {
        let Ok(uri) = target.parse::<Uri>() else { continue };
        let mut request = Request::builder().method(method.as_str()).uri(uri);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", "Bearer secret");
        }
        for (name, value) in &headers {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        let answer = send(service, request.body(Full::new(Bytes::from(body.clone()))).unwrap()).await;
        let status = answer.status.as_u16();
        assert!(status < 500 || status == 501, "{method} {target} {body:?}: {answer:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_answered(
        sent in vec((select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "X"])
            .prop_map(str::to_owned), target(), vec(header(), 0..3), body()), 1..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let service = service();
            let created = create_user(&service, "lea").await;
            assert!(created.header("location").ends_with(&id(1)));
            try_all(&service, sent).await;
        });
    }
}
