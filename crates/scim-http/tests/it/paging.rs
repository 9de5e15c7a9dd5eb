//! Paging by cursor (RFC 9865), and by index beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use scim_core::message::PaginationMethod;
use scim_engine::{Features, Paging};
use scim_http::{Clock, HttpConfig};
use serde_json::{Value, json};

use crate::world::{Answer, NOW, Service, ask, config, configured, create_user, get, service};

async fn filled(service: &Service, users: usize) {
    for number in 0..users {
        create_user(service, &format!("user-{number:02}")).await;
    }
}

fn cursor(answer: &Answer) -> Option<String> {
    answer.json()["nextCursor"].as_str().map(str::to_owned)
}

fn ids(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let resources = body["Resources"].as_array().unwrap().iter();
    resources.map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}

fn switched(paging: Paging) -> Service {
    configured(config(), Features { paging, ..Features::default() })
}

/// 9865-2-01, 9865-2-02, 9865-2-03, 9865-2-04, 9865-2-05: 25 by 10, in two ways to begin.
#[tokio::test]
async fn a_walk_ends_without_cursor() {
    let service = service();
    filled(&service, 25).await;
    for first in ["/Users?cursor&count=10", "/Users?cursor=&count=10"] {
        let mut target = first.to_owned();
        let mut seen = Vec::new();
        for (page, size) in [10, 10, 5].into_iter().enumerate() {
            let answer = get(&service, &target).await;
            let body = answer.json();
            assert_eq!(
                (&body["totalResults"], &body["itemsPerPage"]),
                (&json!(25), &json!(size)),
                "{target}"
            );
            assert_eq!((body.get("previousCursor"), body.get("startIndex")), (None, None), "{target}");
            seen.extend(ids(&answer));
            match cursor(&answer) {
                Some(next) => {
                    assert!(
                        next.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)),
                        "{next}"
                    );
                    // 9865-2.1-04: what is shown may change, and the count may be left out.
                    let rest = if page == 0 { "&count=10&attributes=userName" } else { "" };
                    target = format!("/Users?cursor={next}{rest}");
                }
                None => assert_eq!(page, 2),
            }
        }
        seen.dedup();
        assert_eq!(seen.len(), 25);
    }
    for (target, size) in
        [("/Users?cursor&count=0", 0), ("/Users?cursor&count=-1", 0), ("/Users?cursor&count=25", 25)]
    {
        let answer = get(&service, target).await;
        let body = answer.json();
        assert_eq!((&body["totalResults"], &body["itemsPerPage"]), (&json!(25), &json!(size)), "{target}");
        assert_eq!((cursor(&answer), ids(&answer).len()), (None, size), "{target}");
    }
}

/// 9865-2.1-01, 9865-2.1-03, 9865-2.1-04, 9865-2.4-02, 9865-5.2-01: what is no cursor of this walk.
#[tokio::test]
async fn what_is_no_cursor_of_the_walk_is_refused() {
    let service = service();
    filled(&service, 5).await;
    let first = get(&service, "/Users?cursor&count=2&filter=id+pr&sortBy=userName").await;
    let mine = cursor(&first).unwrap();
    let query = "&count=2&filter=id+pr&sortBy=userName";
    let altered =
        format!("{}{}", &mine[..mine.len() - 4], if mine.ends_with("AAAA") { "BBBB" } else { "AAAA" });
    for (target, expected) in [
        (format!("/Users?cursor={mine}{query}"), "200"),
        (format!("/Users?cursor={mine}&count=2&filter=++id++pr&sortBy=USERNAME&sortOrder=ascending"), "200"),
        (format!("/Users?cursor=garbage{query}"), "400 invalidCursor"),
        (format!("/Users?cursor={altered}{query}"), "400 invalidCursor"),
        (format!("/Groups?cursor={mine}&count=2&filter=id+pr"), "400 invalidCursor"),
        (format!("/?cursor={mine}{query}"), "400 invalidCursor"),
        (format!("/Users?cursor={mine}&count=2&filter=id+pr"), "400 invalidCursor"),
        (format!("/Users?cursor={mine}&count=2&sortBy=userName"), "400 invalidCursor"),
        (format!("/Users?cursor={mine}{query}&sortOrder=descending"), "400 invalidCursor"),
        (format!("/Users?cursor={mine}&count=3&filter=id+pr&sortBy=userName"), "400 invalidCount"),
        (format!("/Users?cursor={mine}&count=0&filter=id+pr&sortBy=userName"), "400 invalidCount"),
        (format!("/Users?cursor={mine}&count=abc&filter=id+pr&sortBy=userName"), "400 invalidCount"),
        ("/Users?cursor&count=abc".into(), "400 invalidCount"),
        (format!("/Users?cursor={mine}{query}&startIndex=1"), "400 invalidValue"),
        ("/Users?cursor=&startIndex=3".into(), "400 invalidValue"),
    ] {
        assert_eq!(get(&service, &target).await.outcome(), expected, "{target}");
    }
    let foreign = [("authorization", "Bearer other")];
    let line = format!("GET /Users?cursor={mine}{query}");
    assert_eq!(ask(&service, &line, &foreign, "").await.outcome(), "400 invalidCursor");
}

/// 9865-2.1-02: a cursor ages from page to page.
#[tokio::test]
async fn old_cursors_expire() {
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Arc::clone(&now);
    let config = HttpConfig { clock: Clock::new(move || clock.load(Ordering::Relaxed)), ..config() };
    let features = Features { cursor_life: Duration::from_secs(60), ..Features::default() };
    let service = configured(config, features);
    filled(&service, 5).await;
    let configuration = get(&service, "/ServiceProviderConfig").await.json();
    assert_eq!(configuration["pagination"]["cursorTimeout"], 60);
    let next = cursor(&get(&service, "/Users?cursor&count=1").await).unwrap();
    now.store(NOW + 60_000, Ordering::Relaxed);
    let answer = get(&service, &format!("/Users?cursor={next}")).await;
    let after = cursor(&answer).unwrap();
    now.store(NOW + 60_001, Ordering::Relaxed);
    for (cursor, expected) in [(next, "400 expiredCursor"), (after, "200")] {
        assert_eq!(get(&service, &format!("/Users?cursor={cursor}")).await.outcome(), expected);
    }
}

/// 9865-3-01: a walk by POST, which may go on by GET.
#[tokio::test]
async fn walks_by_post() {
    let service = service();
    filled(&service, 3).await;
    let post = async |cursor: &str| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "userName pr",
            "cursor": cursor,
            "count": 2,
        });
        ask(&service, "POST /Users/.search", &[], body.to_string()).await
    };
    let first = post("").await;
    let next = cursor(&first).unwrap();
    let second = post(&next).await;
    assert_eq!((ids(&first).len(), ids(&second).len(), cursor(&second)), (2, 1, None));
    let by_get = get(&service, &format!("/Users?filter=userName+pr&cursor={next}")).await;
    assert_eq!(by_get.bytes, second.bytes);
}

/// 9865-2.3-01, 9865-2.4-01, 9865-4-01: what is offered is what the configuration says.
#[tokio::test]
async fn ways_of_paging_are_switched() {
    let both = |default| Paging::Both { default };
    for (paging, pagination, outcomes) in [
        (
            both(PaginationMethod::Index),
            (true, true, "index"),
            [("index", "200"), ("cursor", "200"), ("index", "200")],
        ),
        (
            both(PaginationMethod::Cursor),
            (true, true, "cursor"),
            [("cursor", "200"), ("cursor", "200"), ("index", "200")],
        ),
        (
            Paging::Cursor,
            (true, false, "cursor"),
            [("cursor", "200"), ("cursor", "200"), ("none", "400 invalidValue")],
        ),
        (Paging::Index, (false, true, "index"), [("index", "200"), ("none", "501"), ("index", "200")]),
    ] {
        let service = switched(paging);
        filled(&service, 3).await;
        for (target, (method, outcome)) in
            ["/Users?count=1", "/Users?count=1&cursor", "/Users?count=1&startIndex=2"].iter().zip(outcomes)
        {
            let answer = get(&service, target).await;
            assert_eq!(answer.outcome(), outcome, "{paging:?} {target}");
            let body = answer.json();
            assert_eq!(body.get("nextCursor").is_some(), method == "cursor", "{paging:?} {target}");
            assert_eq!(body.get("startIndex").is_some(), method == "index", "{paging:?} {target}");
        }
        let configuration = get(&service, "/ServiceProviderConfig").await.json();
        let (cursor, index, default) = pagination;
        let mut expected = json!({
            "cursor": cursor,
            "index": index,
            "defaultPaginationMethod": default,
            "defaultPageSize": 100,
            "maxPageSize": 1_000,
        });
        if cursor {
            expected["cursorTimeout"] = json!(3_600);
        }
        assert_eq!(configuration["pagination"], expected);
    }
}

/// 7644-3.4.2.4-09: deletions and creations between two pages by index lose and repeat nothing, and the total
/// is what was served and what is left. The first page begins anew.
#[tokio::test]
async fn pages_by_index_do_not_drift() {
    let service = service();
    filled(&service, 30).await;
    let all = ids(&get(&service, "/Users?count=100").await);
    let first = get(&service, "/Users?startIndex=1&count=10").await;
    for id in &all[2..7] {
        assert_eq!(ask(&service, &format!("DELETE /Users/{id}"), &[], "").await.status, 204);
    }
    let page = |answer: &Answer| {
        let body = answer.json();
        let number = |name: &str| body[name].as_u64().unwrap();
        (number("totalResults"), number("startIndex"), ids(answer))
    };
    // Totals alone, another filter and another client know nothing of the walk.
    let other = get(&service, "/Users?startIndex=11&count=10&filter=id+pr").await;
    assert_eq!(page(&other), (25, 11, all[15..25].to_vec()));
    // A page that was asked for again is the same.
    for _ in 0..2 {
        let second = get(&service, "/Users?startIndex=11&count=10").await;
        assert_eq!(page(&second), (30, 11, all[10..20].to_vec()));
    }
    // A client may ask for what is left, and shows something else.
    let third = get(&service, "/Users?startIndex=21&count=50&attributes=id").await;
    assert_eq!(page(&third), (30, 21, all[20..].to_vec()));
    let end = get(&service, "/Users?startIndex=31&count=10").await;
    assert_eq!(page(&end), (30, 31, Vec::new()));
    let anew = get(&service, "/Users?startIndex=1&count=10").await;
    assert_eq!(page(&anew).0, 25);
    assert_ne!(ids(&anew), ids(&first));
    let next = get(&service, "/Users?startIndex=11&count=10").await;
    assert_eq!(page(&next), (25, 11, all[15..25].to_vec()));
    let body: Value = next.json();
    assert_eq!(body.get("nextCursor"), None);
}
