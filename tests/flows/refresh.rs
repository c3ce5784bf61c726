//! Refresh tokens: each is good once.

use serde_json::{Value, json};
use tests::{Answer, Api, Person, aws};

async fn refresh(token: &Value) -> Answer {
    let body = json!({ "refresh_token": token });
    Api::anonymous().post("/v1/sessions/refresh", &body).await
}

/// The row that says which refresh token of somebody's sign-in is good.
async fn rotation(person: &Person) -> Value {
    let token = person.session["access_token"].as_str().unwrap();
    let claims: Value = serde_json::from_slice(&unpadded(token.split('.').nth(1).unwrap())).unwrap();
    let pk = format!("SESSION#{}", claims["origin_jti"].as_str().unwrap());
    let rows = aws::partition(aws::DIRECTORY, &pk).await;
    rows.into_iter().find(|row| row["sk"] == "ROTATION").unwrap_or_default()
}

/// Decodes base 64 for URLs (RFC 4648 section 5).
fn unpadded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: String = text
        .bytes()
        .map(|sign| alphabet.iter().position(|known| *known == sign).unwrap())
        .map(|value| format!("{value:06b}"))
        .collect();
    let bytes = bits.as_bytes().chunks_exact(8);
    bytes
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}

#[tokio::test]
async fn each_refresh_gives_the_next_token_and_an_old_one_ends_the_sign_in() {
    let (ada, laptop) = {
        let ada = Person::new("Ada").await;
        let laptop = ada.again().await;
        (ada, laptop)
    };
    let first = ada.session["refresh_token"].clone();
    let second = refresh(&first).await.expect(200)["refresh_token"].clone();
    let third = refresh(&second).await.expect(200)["refresh_token"].clone();
    assert!(first != second && second != third && first != third);
    ada.api.get("/v1/me").await.expect(200);
    // Somebody has kept the first: of two who have it, nobody can say which is the owner.
    refresh(&first).await.problem(401);
    ada.api.get("/v1/me").await.problem(401);
    refresh(&third).await.problem(401);
    laptop.api.get("/v1/me").await.expect(200);
    refresh(&laptop.session["refresh_token"]).await.expect(200);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_for_a_moment() {
    let ada = Person::new("Ada").await;
    let first = ada.session["refresh_token"].clone();
    let answers = futures::future::join_all((0..5).map(|_| refresh(&first))).await;
    for answer in answers {
        answer.expect(200);
    }
    let mut row = rotation(&ada).await;
    assert_eq!(row["generation"], 1, "five uses at once are one");
    let second = refresh(&first).await.expect(200)["refresh_token"].clone();
    refresh(&second).await.expect(200);

    // The same after the moment is over.
    row = rotation(&ada).await;
    row["rotated_at"] = json!(row["rotated_at"].as_i64().unwrap() - 11_000);
    aws::put(aws::DIRECTORY, &row).await;
    refresh(&second).await.problem(401);
    ada.api.get("/v1/me").await.problem(401);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let ada = Person::new("Ada").await;
    let token = ada.session["refresh_token"].as_str().unwrap();
    let (head, tail) = token.split_at(token.len() / 2);
    let flipped = if tail.starts_with('A') { "B" } else { "A" };
    for wrong in [
        "mwr_",
        "eyJhbGciOiJub25lIn0.e30.",
        head,
        &format!("{head}{flipped}{}", &tail[1..]),
    ] {
        refresh(&json!(wrong)).await.problem(401);
    }
    refresh(&json!("")).await.problem(422);
    refresh(&json!("mwr_".repeat(4000))).await.problem(422);
    refresh(&json!(token)).await.expect(200);
}
