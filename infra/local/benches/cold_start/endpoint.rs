//! AWS on the loopback, behind TLS: a root, a leaf signed by it as AWS signs its own (RSA, 2048 bits), and the system's own roots beside that one, since
//! reading them is a part of every start.

use crate::http::{Request, answer};
use crate::tokens::Signer;
use crate::{answers, tokens};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where distributions keep the roots: the first that is there.
const ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// A running endpoint.
pub struct Endpoint {
    pub url: String,
    /// The roots that programs are to trust, in PEM.
    pub roots: PathBuf,
    /// Who signs the tokens that it publishes the key of.
    pub signer: Arc<Signer>,
}

impl Endpoint {
    pub fn start() -> Self {
        let (root, config) = certificates();
        let known = ROOTS.iter().find_map(|path| fs::read_to_string(path).ok());
        let roots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold-start-roots.pem");
        fs::write(&roots, known.unwrap_or_default() + &root).unwrap();
        let listener = TcpListener::bind("localhost:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let signer = Arc::new(tokens::Signer::new());
        let published = signer.published();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, published) = (Arc::clone(&config), published.clone());
                std::thread::spawn(move || serve(stream, config, &published));
            }
        });
        Self { url, roots, signer }
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, published: &str) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let connection = ServerConnection::new(config).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    loop {
        let request = Request::read(&mut stream)?;
        let (media_type, body) = answers::to(&request, published);
        let headers = [("content-type", media_type), ("x-amzn-requestid", "example")];
        answer(stream.get_mut(), 200, &headers, body.as_bytes()).ok()?;
    }
}

/// A root in PEM, and a server that shows a leaf of it.
fn certificates() -> (String, Arc<ServerConfig>) {
    let key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut root = CertificateParams::new([]).unwrap();
    // Of another name than the leaf, which would else be its own issuer.
    root.distinguished_name.push(DnType::CommonName, "Measured Root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = key();
    let pem = root.self_signed(&root_key).unwrap().pem();
    let issuer = Issuer::new(root, root_key);
    let leaf_key = key();
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![leaf.der().clone()], private).unwrap();
    (pem, Arc::new(config))
}
