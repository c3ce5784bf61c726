use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn poster(plain: &str) -> Poster {
    Poster::new(Resolver::new("127.0.0.1:9").unwrap(), PlainHosts::of(plain))
}

fn post() -> Post {
    Post {
        headers: vec![("webhook-id", "tsk_1".to_owned())],
        body: "{}".to_owned(),
    }
}

/// A receiver that answers once; what it was sent.
async fn receiver(answer: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 4096];
        let mut length = 0;
        while !bytes[..length].ends_with(b"{}") {
            length += stream.read(&mut bytes[length..]).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    });
    (port, heard)
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (port, heard) =
        receiver("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    let here = "127.0.0.1";
    let url = WebhookUrl::parse(&format!("http://127.0.0.1:{port}/x?y"), &PlainHosts::of(here)).unwrap();
    assert_eq!(poster(here).post(&url, post()).await, Ok(302));
    let heard = heard.await.unwrap().to_ascii_lowercase();
    assert!(heard.starts_with("post /x?y http/1.1\r\n"), "{heard}");
    assert!(heard.contains("webhook-id: tsk_1\r\n"), "{heard}");
}

#[tokio::test]
async fn what_is_not_listed_is_not_posted_to_though_it_once_was() {
    let url = WebhookUrl::parse("http://127.0.0.1:1/", &PlainHosts::of("127.0.0.1")).unwrap();
    assert!(matches!(
        poster("").post(&url, post()).await,
        Err(NotPosted::Forbidden(_))
    ));
    // Listed, and nobody is there.
    assert!(matches!(
        poster("127.0.0.1").post(&url, post()).await,
        Err(NotPosted::Busy(_))
    ));
}

#[tokio::test]
async fn one_address_inside_is_enough_to_refuse_a_host() {
    let url = WebhookUrl::parse("https://a.example/", &PlainHosts::default()).unwrap();
    let target = url.target(&PlainHosts::default()).unwrap();
    for (found, good) in [
        (vec!["93.184.216.34"], true),
        (vec!["93.184.216.34", "169.254.169.254"], false),
        (vec!["::1"], false),
    ] {
        let found = found.into_iter().map(|address| address.parse().unwrap()).collect();
        let checked = checked(&target, found);
        assert_eq!(checked.is_ok(), good, "{checked:?}");
    }
    assert!(matches!(checked(&target, vec![]), Err(NotPosted::Busy(_))));
}

#[tokio::test]
async fn a_connection_goes_to_the_address_that_was_looked_at() {
    let (port, heard) = receiver("HTTP/1.1 204 No Content\r\n\r\n").await;
    // A name that no name server knows.
    let url = WebhookUrl::parse(
        &format!("http://nowhere.invalid:{port}/"),
        &PlainHosts::of("nowhere.invalid"),
    )
    .unwrap();
    let address = SocketAddr::new("127.0.0.1".parse().unwrap(), port);
    assert_eq!(send(&url, vec![address], post()).await.unwrap(), 204);
    assert!(heard.await.unwrap().contains(&format!("nowhere.invalid:{port}\r\n")));
}
