use super::*;

#[test]
fn a_signature_is_that_of_the_specification() {
    // The example of the libraries of Standard Webhooks (standard-webhooks/libraries, test vectors).
    let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(secret.reveal(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert!(WebhookSecret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_none());
}

#[test]
fn a_url_says_one_thing_to_everybody() {
    let none = PlainHosts::default();
    for good in [
        "https://a.example",
        "https://a.example/",
        "https://hooks.a-b.example:8443/x?y=1&z=%20",
        "https://xn--bcher-kva.example/@x",
    ] {
        assert!(WebhookUrl::parse(good, &none).is_ok(), "{good}");
    }
    for wrong in [
        "",
        "a.example",
        "ftp://a.example",
        "http://a.example",
        "HTTPS://a.example",
        "https://A.example",
        "https://",
        "https:///x",
        "https://localhost/x",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://1.2.3.0x4/",
        "https://[::1]/",
        "https://user@a.example/",
        "https://user:pass@a.example/",
        "https://a.example:443@b.example/",
        "https://a.example/#x",
        "https://a.example\\@b.example/",
        "https://a.example/ x",
        "https://a..example/",
        "https://a.example./",
        "https://-a.example/",
        "https://a.exämple/",
        "https://a.example:/",
        "https://a.example:99999/",
        &format!("https://a.example/{}", "x".repeat(500)),
    ] {
        assert_eq!(WebhookUrl::parse(wrong, &none), Err(UrlError::Form), "{wrong}");
    }
    assert_eq!(WebhookUrl::parse("https://a.example:22/", &none), Err(UrlError::Port));
    let here = PlainHosts::of("127.0.0.1 localhost");
    let local = WebhookUrl::parse("http://127.0.0.1:8081/x", &here).unwrap();
    assert_eq!(
        local.target(&none),
        Err(UrlError::Form),
        "where it is not listed any more"
    );
    assert_eq!(WebhookUrl::parse("http://127.0.0.2:8081/x", &here), Err(UrlError::Form));
    assert_eq!(WebhookUrl::parse("https://127.0.0.1/x", &here), Err(UrlError::Form));
}

#[test]
fn slacks_urls_are_slacks() {
    let none = PlainHosts::default();
    assert!(WebhookUrl::slack("https://hooks.slack.com/services/T0/B0/X", &none).is_ok());
    for wrong in [
        "https://hooks.slack.com.example/services/T0/B0/X",
        "https://hooks.slack.com/x",
        "https://hooks.slack.com:8443/services/T0/B0/X",
        "http://hooks.slack.com/services/T0/B0/X",
    ] {
        assert_eq!(WebhookUrl::slack(wrong, &none), Err(UrlError::Slack), "{wrong}");
    }
}

#[test]
fn addresses_that_are_not_the_internets_are_told() {
    for public in [
        "8.8.8.8",
        "93.184.216.34",
        "172.32.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
    ] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for inside in [
        "0.0.0.0",
        "10.0.0.1",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.0.1",
        "100.64.0.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
    ] {
        assert!(!is_public(inside.parse().unwrap()), "{inside}");
    }
}
