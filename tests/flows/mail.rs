//! Mail: who wants it, whom it reaches, and what SES tells of it.

use super::events::{invoke, samples};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_dynamodb::{Claim, Directory};
use domain::mail::{AddressHash, MailState, NoticeId};
use domain::text::Email;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Api, PATIENCE, Person, aws, sign_in, unique};

const SENDER: &str = "notices@millwright.example";

/// The directory as a function opens it.
pub async fn directory() -> Directory {
    Directory::new(
        &sdk().await,
        aws::DIRECTORY.to_owned(),
        "millwright-local-outbox".to_owned(),
    )
}

/// AWS as a function has it.
#[expect(deprecated, reason = "the name by which aws-config itself gives out the type")]
pub async fn sdk() -> SdkConfig {
    use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
    let keys = "[default]\naws_access_key_id = test\naws_secret_access_key = test\n";
    let profile = ProfileFiles::builder().with_contents(ProfileFileKind::Credentials, keys);
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(tests::endpoint())
        .region(Region::new("us-east-1"))
        .profile_files(profile.build())
        .load()
        .await
}

/// Signs somebody up with an address at SES's mailbox simulator, which bounces or complains as its name says.
async fn simulated(outcome: &str) -> (Api, String) {
    let api = Api::anonymous();
    let email = format!("{outcome}+{}@simulator.amazonses.com", unique("x"));
    let account = json!({ "email": email, "password": "Correct-Horse-1", "name": "Ada" });
    api.post("/v1/accounts", &account).await.expect(201);
    let code = json!({ "email": email, "code": "123456" });
    api.post("/v1/accounts/confirm", &code).await.expect(204);
    let session = sign_in(&api, &email).await.expect(201);
    (api.bearer(session["access_token"].as_str().unwrap()), email)
}

/// Waits until somebody sees that of the mail to them.
async fn until_mail_is(api: &Api, state: &str) {
    let begun = Instant::now();
    loop {
        let me = api.get("/v1/me").await.expect(200);
        if me["mail"] == state {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "still {me}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn event(kind: &str, email: &str, more: &Value) -> String {
    let mut event =
        json!({ "eventType": kind, "mail": { "timestamp": "2026-01-02T03:04:05Z", "destination": [email] } });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

#[tokio::test]
async fn an_address_that_bounces_or_complains_takes_no_more_mail_and_its_owner_sees_why() {
    for (outcome, kind, state) in [
        ("bounce", "Bounce", "bounced"),
        ("complaint", "Complaint", "complained"),
    ] {
        let (ada, email) = simulated(outcome).await;
        assert_eq!(ada.get("/v1/me").await.expect(200)["mail"], "ok");
        let topic = aws::topic("mail-feedback");
        let wish = [("Identity", SENDER), ("NotificationType", kind), ("SnsTopic", &topic)];
        aws::query("SetIdentityNotificationTopic", &wish).await;
        let mail = [
            ("Source", SENDER),
            ("Destination.ToAddresses.member.1", &email),
            ("Message.Subject.Data", "s"),
            ("Message.Body.Text.Data", "t"),
        ];
        aws::query("SendEmail", &mail).await;
        until_mail_is(&ada, state).await;

        let hash = AddressHash::of(&Email::parse(&email).unwrap());
        let rows = aws::partition(aws::DIRECTORY, &format!("MAIL#{}", hash.as_str())).await;
        assert_eq!((rows.len(), &rows[0]["state"]), (1, &json!(state)));
        assert!(!rows[0].to_string().contains("simulator"), "{rows:?}");
    }
}

#[tokio::test]
async fn what_may_pass_stops_no_mail() {
    let ada = Person::new("Ada").await;
    let address = json!([{ "emailAddress": ada.email }]);
    let bounce = |kind: &str| {
        let bounce = json!({ "bounceType": kind, "bouncedRecipients": address, "timestamp": "2026-01-02T03:05:00Z" });
        json!({ "bounce": bounce })
    };
    let delivered = |body: String| {
        let record = json!({ "messageId": unique("m"), "body": body, "attributes": {}, "messageAttributes": {},
                             "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:millwright-local-mail-feedback" });
        json!({ "Records": [record] }).to_string()
    };
    let passing = event("Bounce", &ada.email, &bounce("Transient"));
    assert_eq!(
        invoke("mail-feedback", delivered(passing)).await["batchItemFailures"],
        json!([])
    );
    assert_eq!(ada.api.get("/v1/me").await.expect(200)["mail"], "ok");
    let lasting = event("Bounce", &ada.email, &bounce("Permanent"));
    assert_eq!(
        invoke("mail-feedback", delivered(lasting)).await["batchItemFailures"],
        json!([])
    );
    assert_eq!(ada.api.get("/v1/me").await.expect(200)["mail"], "bounced");
}

#[tokio::test]
async fn the_first_mark_stays_and_a_complaint_outweighs_a_bounce_in_either_order() {
    let directory = directory().await;
    let at = |second| Timestamp::from_second(second).unwrap();
    for (first, second) in [
        (MailState::Bounced, MailState::Complained),
        (MailState::Complained, MailState::Bounced),
    ] {
        let email = Email::parse(&format!("{}@example.com", unique("x"))).unwrap();
        let hash = AddressHash::of(&email);
        assert_eq!(directory.mail_stopped(&email).await.unwrap(), None);
        for (state, second) in [(first, 1), (first, 2), (second, 3), (second, 4), (first, 5)] {
            directory.mark_mail(&hash, state, at(second)).await.unwrap();
        }
        let mark = directory.mail_stopped(&email).await.unwrap().unwrap();
        let since = if first == MailState::Complained { 1 } else { 3 };
        assert_eq!((mark.state, mark.at), (MailState::Complained, at(since)));
    }
}

#[tokio::test]
async fn a_notice_is_claimed_by_one_at_a_time_and_known_to_be_sent_once_ses_says_so() {
    let directory = directory().await;
    let notice: NoticeId = unique("tsk").parse().unwrap();
    let begun: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let after = |minutes, millis| begun + SignedDuration::from_mins(minutes) + SignedDuration::from_millis(millis);
    let claim = async |now| directory.claim_notice(&notice, now).await.unwrap();

    assert_eq!(claim(begun).await, Claim::Claimed);
    assert_eq!(claim(after(5, -1)).await, Claim::Sending { since: begun });
    // Nothing has said that it went out: the next one has it, and the one before can no longer give it back.
    assert_eq!(claim(after(5, 0)).await, Claim::Claimed);
    directory.release_notice(&notice, begun).await.unwrap();
    assert_eq!(claim(after(6, 0)).await, Claim::Sending { since: after(5, 0) });
    directory.release_notice(&notice, after(5, 0)).await.unwrap();
    assert_eq!(claim(after(6, 0)).await, Claim::Claimed);

    let tags = json!({ "mail": { "timestamp": "2026-01-02T03:12:00Z", "tags": { "notice": [notice.as_str()] } } });
    aws::publish("mail-feedback", &event("Send", "ada@example.com", &tags)).await;
    let begun_to_wait = Instant::now();
    let sent = Claim::Sent {
        at: "2026-01-02T03:12:00Z".parse().unwrap(),
    };
    while claim(after(7, 0)).await != sent {
        assert!(begun_to_wait.elapsed() < PATIENCE, "the event has not come");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Said again, later, given back, long after: it stays sent since it was.
    directory.notice_sent(&notice, after(60, 0)).await.unwrap();
    directory.release_notice(&notice, after(6, 0)).await.unwrap();
    assert_eq!(claim(after(600, 0)).await, sent);
}

#[tokio::test]
async fn word_of_a_notice_that_nobody_claimed_leaves_nothing() {
    let (directory, notice) = (directory().await, unique("tsk"));
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    directory.notice_sent(&notice.parse().unwrap(), now).await.unwrap();
    assert_eq!(
        aws::partition(aws::DIRECTORY, &format!("NOTICE#{notice}")).await,
        [] as [Value; 0]
    );
}

#[tokio::test]
async fn the_samples_are_taken_down_and_what_cannot_be_read_is_given_up_with_a_reason() {
    let unreadable = unique("not-an-event-of-ada@example.com");
    tests::base_url();
    for (name, sample) in samples("mail-feedback") {
        let here = sample.replace("millwright-dev-mail-feedback", "millwright-local-mail-feedback");
        let answer = invoke("mail-feedback", here).await;
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}");
    }
    for (address, state) in [("bounce", MailState::Bounced), ("complaint", MailState::Complained)] {
        let address = Email::parse(&format!("{address}@simulator.amazonses.com")).unwrap();
        let mark = directory().await.mail_stopped(&address).await.unwrap();
        assert_eq!(mark.map(|mark| mark.state), Some(state));
    }
    aws::publish("mail-feedback", &unreadable).await;
    let reason = aws::reason_given_up("mail-feedback-dlq", &unreadable).await;
    assert!(
        reason.contains("not an event of SES") && !reason.contains("ada"),
        "{reason}"
    );
}

#[tokio::test]
async fn people_change_their_name_and_which_mails_they_want_and_nothing_else() {
    let ada = Person::new("Ada").await;
    let patch = async |body: &Value| ada.api.patch("/v1/me", "\"1\"", body).await;
    let before = ada.api.get("/v1/me").await.expect(200);
    assert_eq!(before["notices"], json!({ "task_failed": true }));

    let off = patch(&json!({ "notices": { "task_failed": false } })).await.expect(200);
    assert_eq!(
        (&off["name"], &off["notices"]),
        (&json!("Ada"), &json!({ "task_failed": false }))
    );
    let renamed = patch(&json!({ "name": " Ada L. " })).await.expect(200);
    assert_eq!(
        (&renamed["name"], &renamed["notices"]),
        (&json!("Ada L."), &json!({ "task_failed": false }))
    );
    assert_eq!(patch(&json!({})).await.expect(200), renamed);
    assert_eq!(ada.again().await.api.get("/v1/me").await.expect(200), renamed);

    for (body, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "email": "eve@example.com" }), "/email"),
        (json!({ "notices": {} }), "/notices"),
        (json!({ "notices": { "task_failed": "no" } }), "/notices/task_failed"),
        (json!({ "notices": { "all": true } }), "/notices/all"),
        (json!([]), ""),
    ] {
        let detail = patch(&body).await.problem(422);
        assert!(detail.contains(pointer), "{body}: {detail}");
    }
    assert_eq!(ada.api.get("/v1/me").await.expect(200), renamed);
    Api::anonymous().patch("/v1/me", "\"1\"", &json!({})).await.problem(401);
}

#[tokio::test]
async fn a_row_older_than_the_choice_reads_as_wanting_mail() {
    let ada = Person::new("Ada").await;
    let key = json!({ "pk": { "S": format!("USER#{}", ada.id) }, "sk": { "S": "META" } });
    let update = json!({ "TableName": aws::DIRECTORY, "Key": key, "UpdateExpression": "REMOVE notices" });
    aws::call("DynamoDB_20120810.UpdateItem", &update).await;
    assert_eq!(
        ada.api.get("/v1/me").await.expect(200)["notices"],
        json!({ "task_failed": true })
    );
}
