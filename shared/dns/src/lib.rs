//! DNS: what TXT records there are at a name, and which addresses it has, asked afresh each time.
//!
//! The only crate that names a DNS library; what a record means is for `domain` to say. To ask for another type of record, add a method beside
//! [`Resolver::texts`].

use domain::ServiceError;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long one server has for one answer.
const EACH: Duration = Duration::from_secs(2);
/// How often a server that gives none is asked again.
const AGAIN: usize = 1;
/// How long a question may take with all of that: the worker asks several at once and has a minute.
const IN_ALL: Duration = Duration::from_secs(10);

/// Asks name servers. It keeps neither answers, which would hide a record that was just published, nor connections, which a frozen Lambda
/// environment would find dead.
#[derive(Debug, Clone)]
pub struct Resolver {
    /// None for the system's.
    servers: Option<ResolverConfig>,
}

/// A text that names no server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address of a name server, such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:5353")]
pub struct NoServer(String);

impl Resolver {
    /// One that asks these servers, addresses with spaces between; the system's where the text is empty.
    pub fn new(servers: &str) -> Result<Self, NoServer> {
        let servers: Vec<_> = servers.split_whitespace().map(server).collect::<Result<_, _>>()?;
        let servers = (!servers.is_empty()).then(|| ResolverConfig::from_parts(None, Vec::new(), servers));
        Ok(Self { servers })
    }

    /// The texts of the TXT records at a name; none where there are none, or no such name. [`ServiceError::Busy`]: nobody gave an answer, which
    /// says nothing about the records.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, ServiceError> {
        // With a dot at the end: the system's search domains do not come in.
        let name = Name::from_ascii(format!("{name}.")).map_err(|error| ServiceError::Failed(error.to_string()))?;
        let resolver = self.resolver().map_err(|error| silent(&error))?;
        let asked = tokio::time::timeout(IN_ALL, resolver.txt_lookup(name)).await;
        match asked {
            Err(_) => Err(ServiceError::Busy("no name server has answered in time".to_owned())),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => Err(silent(&error)),
            Ok(Ok(found)) => Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect()),
        }
    }

    /// The addresses at a name, of both families; none where there are none, or no such name. [`ServiceError::Busy`]: nobody gave an answer.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ServiceError> {
        let resolver = self.resolver().map_err(|error| silent(&error))?;
        // With a dot at the end, as above.
        let asked = tokio::time::timeout(IN_ALL, resolver.lookup_ip(format!("{name}."))).await;
        match asked {
            Err(_) => Err(ServiceError::Busy("no name server has answered in time".to_owned())),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => Err(silent(&error)),
            Ok(Ok(found)) => Ok(found.iter().collect()),
        }
    }

    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let mut builder = match &self.servers {
            Some(servers) => TokioResolver::builder_with_config(servers.clone(), TokioRuntimeProvider::default()),
            None => TokioResolver::builder_tokio()?,
        };
        let options = builder.options_mut();
        options.timeout = EACH;
        options.attempts = AGAIN;
        options.cache_size = 0;
        builder.build()
    }
}

/// By UDP, and by TCP where an answer is cut off.
fn server(text: &str) -> Result<NameServerConfig, NoServer> {
    let no_server = |_| NoServer(text.to_owned());
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(NameServerConfig::udp_and_tcp(ip));
    }
    let address: SocketAddr = text.parse().map_err(no_server)?;
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    server.connections = connections.map(|connection| at(address.port(), connection)).into();
    Ok(server)
}

fn at(port: u16, mut connection: ConnectionConfig) -> ConnectionConfig {
    connection.port = port;
    connection
}

/// A record's strings are one text (RFC 7208 section 3.3 reads them so).
fn text(data: &RData) -> Option<String> {
    let RData::TXT(text) = data else { return None };
    let bytes: Vec<u8> = text.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn silent(error: &NetError) -> ServiceError {
    ServiceError::Busy(format!("DNS: {error}"))
}

#[cfg(test)]
mod tests;
