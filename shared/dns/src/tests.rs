//! Against a server of one answer, on a port of its own.

use super::*;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Record, RecordType};
use tokio::net::UdpSocket;

/// A server that gives each question this answer; its address.
async fn server(code: ResponseCode, texts: &'static [&'static [&'static str]]) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut bytes = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let mut message = Message::from_vec(&bytes[..length]).unwrap().into_response();
            message.metadata.response_code = code;
            let asked = message.queries[0].clone();
            assert_eq!(asked.query_type(), RecordType::TXT);
            for parts in texts {
                let text = TXT::new(parts.iter().map(|&part| part.to_owned()).collect());
                message.add_answer(Record::from_rdata(asked.name().clone(), 60, RData::TXT(text)));
            }
            socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

async fn asked(address: &str) -> Result<Vec<String>, ServiceError> {
    Resolver::new(address).unwrap().texts("_challenge.acme.example").await
}

#[tokio::test]
async fn every_record_is_a_text_whatever_its_parts() {
    let address = server(ResponseCode::NoError, &[&["one"], &["t", "wo"]]).await;
    assert_eq!(asked(&address).await.unwrap(), ["one", "two"]);
}

#[tokio::test]
async fn no_record_and_no_such_name_are_no_texts() {
    for code in [ResponseCode::NoError, ResponseCode::NXDomain] {
        let address = server(code, &[]).await;
        assert_eq!(asked(&address).await.unwrap(), [""; 0], "{code}");
    }
}

#[tokio::test]
async fn a_server_that_fails_or_is_not_there_says_nothing_about_the_records() {
    let broken = server(ResponseCode::ServFail, &[]).await;
    let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for address in [broken, nobody.to_string()] {
        let error = asked(&address).await.unwrap_err();
        assert!(matches!(error, ServiceError::Busy(_)), "{error}");
    }
}

#[test]
fn servers_are_addresses_with_or_without_a_port() {
    assert!(Resolver::new("").unwrap().servers.is_none());
    let several = Resolver::new("10.0.0.2 10.0.0.3:5353  [fd00::2]:5353 fd00::3").unwrap();
    let servers = several.servers.unwrap().name_servers;
    let ports = servers.iter().map(|server| server.connections[1].port);
    assert_eq!(ports.collect::<Vec<_>>(), [53, 5353, 5353, 53]);
    for wrong in ["dns.example.com", "10.0.0.2:", "10.0.0.2,10.0.0.3"] {
        assert_eq!(Resolver::new(wrong).unwrap_err(), NoServer(wrong.to_owned()));
    }
}
