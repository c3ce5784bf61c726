use super::*;

const TARGET: Target<'_> = Target {
    method: "POST",
    path: "/v1/orgs",
    query: "",
    body: b"{}",
};

fn request(caller: &str, key: &str, target: Target<'_>) -> KeyedRequest {
    KeyedRequest::new(caller.parse().unwrap(), &key.parse().unwrap(), target)
}

fn ada() -> KeyedRequest {
    request("usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "k", TARGET)
}

#[test]
fn a_key_is_visible_ascii() {
    for good in [
        "1",
        "018f-a0",
        "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"",
        &"k".repeat(255),
    ] {
        assert!(good.parse::<IdempotencyKey>().is_ok(), "{good}");
    }
    for bad in ["", " ", "a b", "é", "a\n", "\u{7f}", &"k".repeat(256)] {
        assert_eq!(bad.parse::<IdempotencyKey>(), Err(KeyError), "{bad:?}");
    }
}

#[test]
fn callers_methods_paths_and_keys_do_not_meet() {
    let caller = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    let others = [
        request("usr_01KAF2Z7M0V8Q4J3T6B9N5R1XD", "k", TARGET),
        request("key_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "k", TARGET),
        request(caller, "l", TARGET),
        request(
            caller,
            "k",
            Target {
                method: "PUT",
                ..TARGET
            },
        ),
        request(
            caller,
            "k",
            Target {
                path: "/v1/org",
                ..TARGET
            },
        ),
        request(
            caller,
            "sk",
            Target {
                path: "/v1/org",
                ..TARGET
            },
        ),
    ];
    for other in others {
        assert_ne!(other.id, ada().id);
        assert_ne!(other.fingerprint, ada().fingerprint);
    }
}

#[test]
fn a_record_answers_its_own_request_for_a_day() {
    let now = Timestamp::UNIX_EPOCH;
    let answer = Answer {
        status: 201,
        location: None,
        etag: None,
        body: "{}".to_owned(),
    };
    let record = Some(ada().answered(answer.clone(), now));
    assert_eq!(ada().state(None, now), State::Started);
    assert_eq!(ada().state(None, now).after_silence(), State::InFlight);
    assert_eq!(
        ada().state(record.clone(), now).after_silence(),
        State::Replay(answer.clone())
    );
    assert_eq!(ada().state(record.clone(), now), State::Replay(answer.clone()));
    let last = now + KEPT - SignedDuration::from_secs(1);
    assert_eq!(ada().state(record.clone(), last), State::Replay(answer));
    assert_eq!(ada().state(record.clone(), now + KEPT), State::Started);
    for other in [
        Target { body: b"{ }", ..TARGET },
        Target {
            query: "{}",
            body: b"",
            ..TARGET
        },
    ] {
        let other = request("usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "k", other);
        assert_eq!(other.state(record.clone(), now), State::Mismatch);
    }
}
