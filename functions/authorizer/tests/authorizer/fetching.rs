//! The key set over HTTP, from a server that answers as it is told.

use authorizer::{FetchKeys, HttpKeys};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server on loopback that gives every connection one answer; none means that it never does.
async fn serve(answer: Option<String>) -> HttpKeys {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pool/.well-known/jwks.json", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            None => std::future::pending().await,
        }
    });
    HttpKeys::new(&url, connector()).unwrap()
}

fn connector() -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::builder().build_http())
}

fn answer(status: &str, body: &str) -> Option<String> {
    Some(format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

#[tokio::test]
async fn a_key_set_comes_as_it_is() {
    let keys = serve(answer("200 OK", "{\"keys\":[]}")).await;
    assert_eq!(keys.fetch().await, Ok(b"{\"keys\":[]}".to_vec()));
}

#[tokio::test]
async fn anything_but_a_key_set_of_bearable_size_in_time_is_an_error() {
    for (wrong, says) in [
        (answer("500 Internal Server Error", "{}"), "500"),
        (answer("302 Found", ""), "302"),
        (answer("200 OK", &"x".repeat(64 * 1024 + 1)), "limit"),
        (Some("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".into()), "body"),
        (Some("nonsense".into()), "HTTP"),
        (None, "no answer"),
    ] {
        let error = serve(wrong).await.fetch().await.unwrap_err();
        assert!(error.contains(says), "{says}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_speaks_no_tls_is_an_error() {
    let nobody = HttpKeys::new("http://127.0.0.1:1/", connector()).unwrap();
    assert!(nobody.fetch().await.is_err());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
    });
    assert!(HttpKeys::new(&url, connector()).unwrap().fetch().await.is_err());
}

#[test]
fn a_url_is_absolute_and_of_the_web() {
    for wrong in [
        "",
        "x",
        "/jwks.json",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http:// x",
    ] {
        assert!(HttpKeys::new(wrong, connector()).is_err(), "{wrong}");
    }
    assert!(HttpKeys::new("https://example.com/jwks.json", connector()).is_ok());
}
