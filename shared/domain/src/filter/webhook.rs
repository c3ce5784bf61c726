//! Webhooks: where they may go, and how they are signed (Standard Webhooks, <https://www.standardwebhooks.com>).

use crate::Source;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest URL, in bytes.
const MAX_URL: usize = 512;
/// The ports that `https` may be spoken at.
const PORTS: [u16; 2] = [443, 8443];
/// Where Slack takes its incoming webhooks (Slack "Sending messages using incoming webhooks").
const SLACK: &str = "hooks.slack.com";
/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// Why a text is no URL to post to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not of the form.
    #[error(
        "must be an https URL of at most 512 characters, whose host is a name, without a user, a fragment or characters to be encoded"
    )]
    Form,
    /// Another port.
    #[error("must be at port 443 or 8443")]
    Port,
    /// Not Slack's.
    #[error("must be the URL of an incoming webhook, below https://hooks.slack.com/services/")]
    Slack,
}

/// Hosts that may be posted to over plain HTTP, whatever their port and address: for tests and local clouds, and none elsewhere.
#[derive(Debug, Clone, Default)]
pub struct PlainHosts(Vec<String>);

/// A URL that may be posted to, as far as its text tells: what its host's name stands for is looked at before each post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookUrl(String);

/// The parts of a URL that decide whether it may be posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// Whether it is `http`.
    pub plain: bool,
    /// The host.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    path: &'a str,
}

/// What webhooks are signed with: 24 random bytes, shown as `whsec_` and their base 64. `Debug` does not show it.
pub struct WebhookSecret(Vec<u8>);

impl PlainHosts {
    /// The hosts of a text, with spaces between.
    pub fn of(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_ascii_lowercase).collect())
    }

    fn have(&self, host: &str) -> bool {
        self.0.iter().any(|known| known == host)
    }
}

impl WebhookUrl {
    /// Takes a URL as somebody wrote it.
    pub fn parse(text: &str, plain: &PlainHosts) -> Result<Self, UrlError> {
        let url = Self(text.to_owned());
        url.target(plain)?;
        Ok(url)
    }

    /// Takes the URL of an incoming webhook of Slack.
    pub fn slack(text: &str, plain: &PlainHosts) -> Result<Self, UrlError> {
        let url = Self::parse(text, plain).map_err(|_| UrlError::Slack)?;
        let target = url.target(plain)?;
        let theirs = target.plain || (target.host == SLACK && target.port == 443);
        let good = theirs && target.path.starts_with("/services/");
        good.then_some(url).ok_or(UrlError::Slack)
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What decides whether it may be posted to, if it may: `https` to a name, or `http` to a host that is listed.
    pub fn target(&self, plain: &PlainHosts) -> Result<Target<'_>, UrlError> {
        let target = split(&self.0).ok_or(UrlError::Form)?;
        match target.plain {
            true if plain.have(target.host) => Ok(target),
            false if is_name(target.host) => match PORTS.contains(&target.port) {
                true => Ok(target),
                false => Err(UrlError::Port),
            },
            _ => Err(UrlError::Form),
        }
    }
}

/// The parts of a URL (RFC 3986 section 3) out of characters that mean themselves, so that nobody reads it in another way.
fn split(text: &str) -> Option<Target<'_>> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?=&%+,;@!$'()*".contains(&byte);
    if text.len() > MAX_URL || !text.bytes().all(allowed) {
        return None;
    }
    let (plain, rest) = match text.strip_prefix("https://") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("http://")?),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port.parse().ok()?),
        Some(_) => return None,
        None => (authority, if plain { 80 } else { 443 }),
    };
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let good = !host.is_empty() && host.bytes().all(letters);
    good.then_some(Target {
        plain,
        host,
        port,
        path,
    })
}

/// Whether a host is a name of at least two labels, and no spelling of an address: the last label of a name is not a number (RFC 3696 section 2).
fn is_name(host: &str) -> bool {
    let labels: Vec<_> = host.split('.').collect();
    let is_label = |label: &&str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let last = labels.last().copied().unwrap_or_default();
    labels.len() > 1 && labels.iter().all(is_label) && last.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether an address is one of the Internet's: not of this machine or network, not of the cloud's own services (169.254.169.254, fd00:ec2::254), nor
/// set aside for anything else (IANA "IPv4 and IPv6 Special-Purpose Address Registries").
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let set_aside = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !set_aside
}

/// Of IPv6 only 2000::/3 is given out; within it, what stands for IPv4 addresses or for nothing is left out.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let given_out = first & 0xe000 == 0x2000;
    let teredo_and_the_like = first == 0x2001 && second < 0x0200;
    let documentation = (first == 0x2001 && second == 0x0db8) || first == 0x3fff;
    let six_to_four = first == 0x2002;
    given_out && !teredo_and_the_like && !documentation && !six_to_four
}

impl WebhookSecret {
    /// A new secret.
    pub fn new(source: &Source) -> Self {
        Self(source.bytes::<24>().to_vec())
    }

    /// Reads a secret back.
    pub fn parse(text: &str) -> Option<Self> {
        STANDARD.decode(text.strip_prefix(PREFIX)?).ok().map(Self)
    }

    /// The secret in clear, for the one answer that shows it and for sealing.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of a message of that id, sent at that time (seconds since the epoch): the header `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        // HMAC takes keys of every length, so there is no error to meet here.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

#[cfg(test)]
mod tests;
