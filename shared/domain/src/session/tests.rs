use super::*;
use jiff::Timestamp;

const SECRET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const ULID: &str = "01KAF2Z7M0V8Q4J3T6B9N5R1XC";

fn of(series: u128) -> SeriesId {
    SeriesId::from(ulid::Ulid(series))
}

fn now() -> Timestamp {
    Timestamp::from_second(1_767_323_045).unwrap()
}

fn series(of_device: Option<u128>) -> Series {
    Series {
        project: format!("prj_{ULID}").parse().unwrap(),
        of_device: of_device.map(of),
        of_project: None,
    }
}

fn session() -> Session {
    Session {
        holder: Holder::Device(format!("dev_{ULID}").parse().unwrap(), series(Some(7))),
        org: format!("org_{ULID}").parse().unwrap(),
    }
}

fn read(token: &str, key: &SessionKey, at: Timestamp) -> Result<Session, SessionError> {
    let bytes = key.published(at).bytes().unwrap();
    Unverified::parse(token)?.verify(&bytes, "millwright-dev", at)
}

#[test]
fn a_session_survives_its_token_for_as_long_as_it_lasts() {
    let key = SessionKey::of_secret(SECRET).unwrap();
    let machine = Session {
        holder: Holder::Machine(format!("mch_{ULID}").parse().unwrap()),
        ..session()
    };
    for session in [session(), machine] {
        let minted = key.mint("millwright-dev", &session, now(), DEVICE_SESSION);
        assert_eq!(minted.expires_in, 3600);
        assert!(is_session(&minted.token) && minted.token.len() < 600);
        assert_eq!(Unverified::parse(&minted.token).unwrap().kid(), key.id());
        assert_eq!(read(&minted.token, &key, now()), Ok(session));
        let last = now() + SignedDuration::from_secs(3599);
        assert_eq!(read(&minted.token, &key, last), Ok(session));
        let end = now() + DEVICE_SESSION;
        assert_eq!(read(&minted.token, &key, end), Err(SessionError::Expired));
        let early = now() - SignedDuration::from_secs(61);
        assert_eq!(read(&minted.token, &key, early), Err(SessionError::NotYet));
    }
}

#[test]
fn no_character_of_a_token_can_be_another() {
    let key = SessionKey::of_secret(SECRET).unwrap();
    let token = key.mint("millwright-dev", &session(), now(), DEVICE_SESSION).token;
    for place in 0..token.len() {
        for other in ['A', 'B', '-', '_', '.', '='] {
            let mut text = token.clone();
            text.replace_range(place..=place, &other.to_string());
            assert_eq!(read(&text, &key, now()).is_ok(), text == token, "{place} {other}");
        }
    }
}

#[test]
fn a_secret_is_always_the_same_key_and_another_is_another() {
    let key = SessionKey::of_secret(SECRET).unwrap();
    assert_eq!(key.id(), SessionKey::of_secret(SECRET).unwrap().id());
    let other = SessionKey::of_secret(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").unwrap();
    assert_ne!(key.id(), other.id());
    let token = key.mint("millwright-dev", &session(), now(), DEVICE_SESSION).token;
    assert_eq!(read(&token, &other, now()), Err(SessionError::Signature));
    assert!(SessionKey::of_secret(b"short").is_err());
    assert_eq!(format!("{key:?}"), format!("SessionKey({})", key.id()));
}

#[test]
fn another_deployments_sessions_do_not_count() {
    let key = SessionKey::of_secret(SECRET).unwrap();
    let token = key.mint("millwright-prod", &session(), now(), DEVICE_SESSION).token;
    assert_eq!(read(&token, &key, now()), Err(SessionError::Issuer));
}

#[test]
fn a_series_ends_when_another_is_told_and_comes_back_never() {
    let (none, seven) = (series(None), series(Some(7)));
    assert!(!none.is_over(None, None));
    assert!(none.is_over(Some(of(7)), None) && none.is_over(None, Some(of(7))));
    assert!(!seven.is_over(Some(of(7)), None) && !seven.is_over(None, None));
    assert!(seven.is_over(Some(of(8)), None) && seven.is_over(Some(of(7)), Some(of(1))));
    for series in [none, seven] {
        assert_eq!(series.to_string().parse(), Ok(series));
    }
    for wrong in ["", "/", "//", "dev_1//", &format!("{none}/"), &format!("prj_{ULID}/x/")] {
        assert_eq!(wrong.parse::<Series>(), Err(SeriesError), "{wrong}");
    }
}

#[test]
fn a_published_key_goes_when_its_time_is_over() {
    let (old, new) = (
        SessionKey::of_secret(SECRET).unwrap(),
        SessionKey::of_secret(&[b'x'; 40]).unwrap(),
    );
    let at = |second| now() + SignedDuration::from_secs(second);
    let keys = PublishedKeys::default().with(old.published(at(100)), now());
    let keys = keys.with(new.published(at(300)), at(50));
    assert_eq!((keys.keys.len(), keys.version), (2, 2));
    assert!(keys.key(old.id(), at(99)).is_some() && keys.key(old.id(), at(100)).is_none());
    let keys = keys.with(new.published(at(200)), at(150));
    assert_eq!((keys.keys.len(), keys.until(new.id())), (1, at(300).as_second()));
    assert_eq!(keys.until(old.id()), i64::MIN);
}
