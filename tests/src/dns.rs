//! A name server in the test's process, which the workers of the local cloud ask. There are the TXT records that tests publish, and no other name.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{RData, Record};
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Longest question (RFC 1035 section 4.2.1).
const MOST_BYTES: usize = 512;

/// What is at a name.
#[derive(Clone)]
enum Zone {
    Texts(Vec<String>),
    Broken,
}

static ZONES: Mutex<Option<HashMap<String, Zone>>> = Mutex::new(None);

static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(|| {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address");
    std::thread::spawn(move || serve(&socket));
    address
});

/// The server's address, as the template's parameter `DnsServers` takes it.
pub fn address() -> String {
    ADDRESS.to_string()
}

/// Publishes TXT records at a name, in the place of what was there.
pub fn publish(name: &str, texts: &[&str]) {
    let texts = texts.iter().map(|&text| text.to_owned()).collect();
    set(name, Some(Zone::Texts(texts)));
}

/// Takes a name away.
pub fn withdraw(name: &str) {
    set(name, None);
}

/// Has the server fail whenever it is asked about a name.
pub fn break_down(name: &str) {
    set(name, Some(Zone::Broken));
}

fn set(name: &str, zone: Option<Zone>) {
    let mut zones = zones();
    let zones = zones.get_or_insert_default();
    match zone {
        Some(zone) => zones.insert(name.to_owned(), zone),
        None => zones.remove(name),
    };
}

fn zones() -> MutexGuard<'static, Option<HashMap<String, Zone>>> {
    ZONES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(socket: &UdpSocket) {
    let mut bytes = [0; MOST_BYTES];
    loop {
        let (length, from) = socket.recv_from(&mut bytes).expect("a question");
        let question = Message::from_vec(&bytes[..length]).expect("a question of DNS");
        let answer = answer(question).to_vec().expect("an answer");
        socket.send_to(&answer, from).expect("somebody who waits");
    }
}

fn answer(question: Message) -> Message {
    let mut answer = question.into_response();
    let name = answer.queries.first().expect("a name").name().clone();
    let zone = zones().as_ref().and_then(|zones| {
        let name = name.to_ascii().to_lowercase();
        zones.get(name.trim_end_matches('.')).cloned()
    });
    answer.metadata.response_code = match &zone {
        Some(Zone::Texts(_)) => ResponseCode::NoError,
        Some(Zone::Broken) => ResponseCode::ServFail,
        None => ResponseCode::NXDomain,
    };
    if let Some(Zone::Texts(texts)) = zone {
        let record = |text| Record::from_rdata(name.clone(), 60, RData::TXT(TXT::new(vec![text])));
        answer.add_answers(texts.into_iter().map(record));
    }
    answer
}
