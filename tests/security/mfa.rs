//! Second factors in the hands of somebody who knows the password.

use domain::mail::AddressHash;
use domain::text::Email;
use serde_json::json;
use tests::{Answer, Api, Person, answer_challenge, aws};

fn answered(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// How many tries are counted at an address.
async fn counted(email: &str) -> u64 {
    let hash = AddressHash::of(&Email::parse(email).unwrap());
    let rows = aws::partition(aws::DIRECTORY, &format!("SIGNIN#{}", hash.as_str())).await;
    rows.first().map_or(0, |row| row["total"].as_u64().unwrap())
}

#[tokio::test]
async fn a_hundred_guessed_codes_at_once_get_no_more_tries_than_passwords_do() {
    let ada = Person::new("Ada").await;
    let (phone, _) = ada.with_authenticator().await;
    assert_eq!(counted(&ada.email).await, 0, "what was right leaves no try behind");
    let session = ada.challenged().await;
    assert_eq!(counted(&ada.email).await, 1, "the password alone counts as a try");
    let codes = phone.wrong(100);
    let answers = futures::future::join_all(codes.iter().map(|code| answer_challenge(&session, "code", code))).await;
    assert_eq!((answered(&answers, 401), answered(&answers, 429)), (4, 96));
    assert_eq!(counted(&ada.email).await, 5);
    // Nor does the password forgive them.
    tests::sign_in(&Api::anonymous(), &ada.email).await.problem(429);
    aws::mail_to(&ada.email, "mwu_").await;
}

#[tokio::test]
async fn one_recovery_code_used_many_times_at_once_counts_once() {
    let ada = Person::new("Ada").await;
    let (_, codes) = ada.with_authenticator().await;
    let session = ada.challenged().await;
    let uses = (0..4).map(|_| answer_challenge(&session, "recovery_code", &codes[0]));
    let answers = futures::future::join_all(uses).await;
    assert_eq!(
        (answered(&answers, 201), answered(&answers, 401)),
        (1, 3),
        "{answers:?}"
    );
    assert_eq!(ada.api.get("/v1/me").await.expect(200)["mfa"]["recovery_codes_left"], 9);
}

#[tokio::test]
async fn a_code_that_was_used_is_worth_nothing() {
    let ada = Person::new("Ada").await;
    let (mut phone, _) = ada.with_authenticator().await;
    let (session, code) = (ada.challenged().await, phone.code().await);
    answer_challenge(&session, "code", &code).await.expect(201);
    answer_challenge(&session, "code", &code).await.problem(401);
    answer_challenge(&ada.challenged().await, "code", &code)
        .await
        .problem(401);
}

#[tokio::test]
async fn a_sign_in_that_waits_is_nobody_elses_nor_anything_else() {
    let (ada, eve) = (Person::new("Ada").await, Person::new("Eve").await);
    let (mut phone, codes) = ada.with_authenticator().await;
    let _ = eve.with_authenticator().await;
    // Eve knows her own password, and a code of Ada's that she has seen.
    let session = eve.challenged().await;
    answer_challenge(&session, "code", &phone.code().await)
        .await
        .problem(401);
    answer_challenge(&session, "recovery_code", &codes[0])
        .await
        .problem(401);
    assert_eq!(
        ada.api.get("/v1/me").await.expect(200)["mfa"]["recovery_codes_left"],
        10
    );

    let session = ada.challenged().await;
    let code = phone.code().await;
    let (head, tail) = session.split_at(session.len() / 2);
    let flipped = if tail.starts_with('A') { "B" } else { "A" };
    let edited = format!("{head}{flipped}{}", &tail[1..]);
    let refresh = ada.session["refresh_token"].as_str().unwrap().to_owned();
    let renamed = refresh.replacen("mwr_", "mwc_", 1);
    for wrong in ["", "mwc_", &edited, &refresh, &renamed, &"mwc_A".repeat(4000)] {
        answer_challenge(wrong, "code", &code).await.problem(401);
    }
    let as_refresh = json!({ "refresh_token": session.replacen("mwc_", "mwr_", 1) });
    ada.api.post("/v1/sessions/refresh", &as_refresh).await.problem(401);
    answer_challenge(&session, "code", &code).await.expect(201);
}

#[tokio::test]
async fn signing_out_everywhere_ends_a_sign_in_that_waits() {
    let ada = Person::new("Ada").await;
    let (mut phone, _) = ada.with_authenticator().await;
    let session = ada.challenged().await;
    ada.api.delete("/v1/sessions").await.expect(204);
    answer_challenge(&session, "code", &phone.code().await)
        .await
        .problem(401);
}
