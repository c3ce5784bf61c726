//! Asking too much: who does is told to wait, nobody else is, and waiting helps.

use serde_json::json;
use std::time::Instant;
use tests::{Answer, Api, PATIENCE, Person, answer, aws, now};

/// Has so many requests of this minute and the next counted as leased already, as if other environments had served them.
async fn taken(subject: &str, requests: u32) {
    let minute = now().as_second() / 60 * 60;
    for window in [minute, minute + 60] {
        let row = json!({
            "pk": format!("RATE#{subject}"), "sk": window.to_string(), "taken": requests, "expires_at": window + 3660,
        });
        aws::put(aws::DIRECTORY, &row).await;
    }
}

/// Asks until it is answered otherwise than with that status; how often it was.
async fn until_not(api: &Api, status: u16) -> (u32, Answer) {
    let begun = Instant::now();
    for asked in 0.. {
        let answer = api.get("/v1/orgs").await;
        if answer.status != status {
            return (asked, answer);
        }
        assert!(begun.elapsed() < PATIENCE, "still {}", answer.text);
    }
    unreachable!()
}

fn seconds(text: &str) -> u32 {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no number of seconds"))
}

#[tokio::test]
async fn who_asks_too_much_waits_and_is_served_again() {
    let (ada, bob) = (Person::new("Ada").await, Person::new("Bob").await);
    let policy = "\"person\";q=1200;w=60";
    // One block is left in this minute.
    taken(&ada.id, 1180).await;
    let first = ada.api.get("/v1/orgs").await;
    assert_eq!((first.status, first.header("ratelimit-policy")), (200, policy));
    let limit = first.header("ratelimit");
    assert!(limit.starts_with("\"person\";r=19;t="), "{limit}");

    let (served, refused) = until_not(&ada.api, 200).await;
    // Which environment answers is not ours to choose: one that holds no block refuses at once.
    assert!(served <= 38, "{served} more were served");
    assert_eq!(refused.header("ratelimit-policy"), policy);
    let wait = seconds(refused.header("retry-after"));
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit"), format!("\"person\";r=0;t={wait}"));
    assert!(refused.header("access-control-expose-headers").contains("ratelimit"));
    assert!(refused.problem(429).contains("Retry-After"));

    // Nobody else has to wait.
    bob.api.get("/v1/orgs").await.expect(200);

    taken(&ada.id, 0).await;
    let (_, good) = until_not(&ada.api, 429).await;
    assert_eq!(good.status, 200, "{}", good.text);
}

#[tokio::test]
async fn whoever_has_not_signed_in_is_limited_with_their_network() {
    let api = Api::at(tests::endpoint());
    let apis = api.get("/restapis").await.expect(200);
    let id = apis["item"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/restapis/{id}/live/_user_request_/v1/password-resets");
    // Past the proxy, so that the request can come from somewhere else.
    let ask = async |from: &str| {
        let request = api
            .request(reqwest::Method::POST, &path)
            .header("x-forwarded-for", from);
        answer(request.json(&json!({ "email": "nobody" }))).await
    };
    let unread = ask("198.51.100.7").await;
    assert_eq!(
        unread.header("ratelimit-policy"),
        "\"network\";q=60000;w=60",
        "{}",
        unread.text
    );
    unread.problem(422);

    taken("198.18.5.0/24", 60_000).await;
    let refused = ask("198.18.5.7").await;
    assert!(seconds(refused.header("retry-after")) <= 60);
    assert!(refused.problem(429).contains("network"));
    ask("198.51.100.8").await.problem(422);
}
