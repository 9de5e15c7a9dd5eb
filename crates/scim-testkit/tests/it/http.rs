//! The client sends what it is given, and reads an answer whenever it comes.

use scim_testkit::http::{Connection, HttpError, Request, raw_send, send};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fake::{Fake, answer};

#[tokio::test]
async fn a_request_arrives_with_its_headers_alone() {
    let fake = Fake::start(vec![answer(200, "{}")]).await;
    let address = fake.address;
    let request = Request::new("POST", "/a?b=%20").with_header("user-agent", "").with_body("{}");
    let response = send(address, &request).await.unwrap();
    assert_eq!((response.status, response.text().as_str()), (200, "{}"));
    let expected =
        format!("POST /a?b=%20 HTTP/1.1\r\nHost: {address}\r\nuser-agent: \r\nContent-Length: 2\r\n\r\n{{}}");
    assert_eq!(fake.requests().await, [expected]);
}

#[tokio::test]
async fn raw_bytes_arrive_as_they_are() {
    let fake = Fake::start(vec![answer(400, "")]).await;
    let bytes = "get  /\u{1}\r\nno header\r\n\r\n";
    assert_eq!(raw_send(fake.address, bytes.as_bytes()).await.unwrap().status, 400);
    assert_eq!(fake.requests().await, [bytes]);
}

#[tokio::test]
async fn a_connection_carries_several_exchanges() {
    let fake = Fake::start(vec![answer(200, "one") + &answer(200, "two") + &answer(200, "three")]).await;
    let mut connection = Connection::open(fake.address).await.unwrap();
    let get = Request::new("GET", "/");
    assert_eq!(connection.send(&get).await.unwrap().text(), "one");
    assert_eq!(connection.read(false).await.unwrap().text(), "two");
    connection.write(b"GET /").await.unwrap();
    assert_eq!(connection.read(false).await.unwrap().text(), "three");
    assert!(matches!(connection.read(false).await, Err(HttpError::Closed | HttpError::Io(_))));
}

#[tokio::test]
async fn an_endless_body_may_be_answered_at_any_time() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 4096]).await.unwrap();
        stream.write_all(answer(413, "enough").as_bytes()).await.unwrap();
        // Read on slowly until the client, which has its answer, hangs up.
        while stream.readable().await.is_ok() && stream.try_read(&mut [0; 1]).is_ok_and(|count| count > 0) {
            tokio::task::yield_now().await;
        }
    });
    let mut connection = Connection::open(address).await.unwrap();
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let response = connection.exchange_repeating(head, b"4\r\nabcd\r\n", u64::MAX).await.unwrap();
    assert_eq!((response.status, response.text().as_str()), (413, "enough"));
    drop(connection);
    server.await.unwrap();
}

#[tokio::test]
async fn no_answer_is_an_error() {
    let fake = Fake::start(vec![String::new()]).await;
    let outcome = send(fake.address, &Request::new("GET", "/")).await;
    assert!(matches!(outcome, Err(HttpError::Closed)), "{outcome:?}");
    let address = fake.address;
    assert_eq!(fake.requests().await.len(), 1);
    // The listener is gone by now.
    let outcome = send(address, &Request::new("GET", "/")).await;
    assert!(matches!(outcome, Err(HttpError::Io(_))), "{outcome:?}");
}
