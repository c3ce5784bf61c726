//! Networks that a credential may be used from.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Most networks of one credential: the authorizer reads them at every request.
const MOST: usize = 20;

/// Why a list of networks was not taken; the message says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworksError {
    /// Longer than [`MOST`].
    #[error("must be at most 20 networks")]
    TooMany,
    /// Not CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3).
    #[error("`{0}` is not a network such as 203.0.113.0/24, 198.51.100.7/32 or 2001:db8::/32")]
    Malformed(String),
    /// Bits of the address are set beyond the prefix, so that it is not clear what was meant.
    #[error("`{0}` has bits set beyond its prefix: the network is {1}")]
    HostBits(IpNet, IpNet),
    /// An IPv4 network in the clothes of IPv6: API Gateway names IPv4 addresses as such.
    #[error("`{0}` is of IPv4: write it as such")]
    Mapped(IpNet),
}

/// At most 20 networks, IPv4 or IPv6, in CIDR notation; none means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schema(value_type = Vec<String>, max_items = 20, examples(json!(["203.0.113.0/24", "2001:db8::/32"])))]
pub struct SourceNetworks(Vec<IpNet>);

impl TryFrom<Vec<String>> for SourceNetworks {
    type Error = NetworksError;

    fn try_from(texts: Vec<String>) -> Result<Self, NetworksError> {
        if texts.len() > MOST {
            return Err(NetworksError::TooMany);
        }
        let mut networks = texts.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
        networks.sort_unstable();
        networks.dedup();
        Ok(Self(networks))
    }
}

impl From<SourceNetworks> for Vec<String> {
    fn from(networks: SourceNetworks) -> Self {
        networks.0.iter().map(ToString::to_string).collect()
    }
}

impl SourceNetworks {
    /// Whether a request from that address may use the credential. One whose address is not known may only where any may.
    pub fn admit(&self, address: Option<IpAddr>) -> bool {
        let within = |address: IpAddr| self.0.iter().any(|network| network.contains(&address));
        self.0.is_empty() || address.is_some_and(|address| within(address.to_canonical()))
    }
}

fn parse(text: &str) -> Result<IpNet, NetworksError> {
    // No network is longer; whatever else was sent is not repeated back at length.
    let shown = || NetworksError::Malformed(text.chars().take(50).collect());
    let network: IpNet = text.parse().map_err(|_| shown())?;
    if network != network.trunc() {
        return Err(NetworksError::HostBits(network, network.trunc()));
    }
    match network {
        IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some() => Err(NetworksError::Mapped(network)),
        _ => Ok(network),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Result<SourceNetworks, NetworksError> {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
            .try_into()
    }

    #[test]
    fn an_address_is_admitted_by_the_network_it_is_in() {
        let some = networks(&["203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32"]).unwrap();
        for (address, admitted) in [
            ("203.0.113.0", true),
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::", false),
            ("::ffff:203.0.113.9", true),
            ("::ffff:9.9.9.9", false),
        ] {
            assert_eq!(some.admit(address.parse().ok()), admitted, "{address}");
        }
        assert!(!some.admit(None));
        assert!(SourceNetworks::default().admit(None));
        assert!(!networks(&["0.0.0.0/0"]).unwrap().admit("::1".parse().ok()));
    }

    #[test]
    fn what_is_not_plainly_a_network_is_refused() {
        for wrong in [
            "",
            "203.0.113.1",
            "203.0.113.0/33",
            "203.0.113.0/-1",
            "203.0.113/24",
            "a/8",
            "2001:db8::/129",
            " ::/0",
        ] {
            assert!(
                matches!(networks(&[wrong]), Err(NetworksError::Malformed(_))),
                "{wrong}"
            );
        }
        assert_eq!(
            networks(&["203.0.113.9/24"]).unwrap_err().to_string(),
            "`203.0.113.9/24` has bits set beyond its prefix: the network is 203.0.113.0/24"
        );
        assert!(matches!(
            networks(&["::ffff:1.2.3.0/120"]),
            Err(NetworksError::Mapped(_))
        ));
        assert_eq!(networks(&["::/0"; 21]), Err(NetworksError::TooMany));
        assert_eq!(
            networks(&["::/0", "10.0.0.0/8", "::/0"]),
            networks(&["10.0.0.0/8", "::/0"])
        );
    }
}
