//! Mails to a service that answers as the test says.

use super::*;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// A service that takes one call and answers it so, or hangs up; what it was sent.
fn service(answer: Option<(u16, &'static str)>) -> (SdkConfig, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKIDEXAMPLE",
            "example",
            None,
            None,
            "test",
        )))
        .build();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
        // The body is JSON and comes last.
        while !heard.ends_with(b"}") {
            let read = stream.read(&mut buffer).unwrap();
            heard.extend(&buffer[..read]);
        }
        if let Some((status, body)) = answer {
            let head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
        String::from_utf8(heard).unwrap()
    });
    (config, heard)
}

fn mail() -> Mail {
    Mail {
        to: Email::parse("ada@example.com").unwrap(),
        subject: "A task\r\nBcc: eve@example.com".to_owned(),
        text: "It failed: https://example.com/".to_owned(),
        notice: "tsk_1".parse().unwrap(),
    }
}

async fn send(answer: Option<(u16, &'static str)>) -> (Result<String, NotSent>, String) {
    let (config, heard) = service(answer);
    let mailer = Mailer::new(&config, "notices@example.com".to_owned(), Some("set".to_owned()));
    let sent = mailer.send(&mail()).await;
    (sent, heard.join().unwrap())
}

#[tokio::test]
async fn a_mail_goes_to_one_person_in_plain_text_tagged_with_its_notice() {
    let (sent, heard) = send(Some((200, r#"{"MessageId":"m-1"}"#))).await;
    assert_eq!(sent.unwrap(), "m-1");
    let body: serde_json::Value = serde_json::from_str(heard.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "FromEmailAddress": "notices@example.com",
            "Destination": { "ToAddresses": ["ada@example.com"] },
            "ConfigurationSetName": "set",
            "Content": { "Simple": {
                "Subject": { "Data": "A task  Bcc: eve@example.com", "Charset": "UTF-8" },
                "Body": { "Text": { "Data": "It failed: https://example.com/", "Charset": "UTF-8" } },
            } },
            "EmailTags": [{ "Name": "notice", "Value": "tsk_1" }],
        })
    );
}

#[tokio::test]
async fn a_refusal_is_told_from_no_answer_and_names_nobody() {
    let rejected = r#"{"__type":"MessageRejected","message":"Email address is not verified: ada@example.com"}"#;
    let (sent, _) = send(Some((400, rejected))).await;
    let Err(NotSent::Refused(ServiceError::Failed(why))) = sent else {
        panic!("{sent:?}")
    };
    assert!(why.contains("MessageRejected") && !why.contains("ada"), "{why}");

    let (sent, _) = send(Some((429, r#"{"__type":"TooManyRequestsException","message":"slow"}"#))).await;
    assert!(matches!(sent, Err(NotSent::Refused(ServiceError::Busy(_)))), "{sent:?}");

    for answer in [None, Some((500, r#"{"__type":"InternalFailure"}"#))] {
        let (sent, _) = send(answer).await;
        assert!(matches!(sent, Err(NotSent::Unknown(ServiceError::Busy(_)))), "{sent:?}");
    }
}

#[test]
fn texts_are_bounded_and_no_character_is_cut_in_two() {
    assert_eq!(one_line(&"é".repeat(300)).chars().count(), MAX_SUBJECT);
    assert_eq!(cut(&"é".repeat(MAX_TEXT)).len(), MAX_TEXT);
    assert_eq!(cut(&format!("x{}", "é".repeat(MAX_TEXT))).len(), MAX_TEXT - 1);
}
