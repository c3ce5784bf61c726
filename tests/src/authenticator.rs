//! An authenticator as people have it on their phones (TOTP, RFC 6238 with the defaults of section 4.1).

use crate::{Answer, Api, PATIENCE, Person, now, sign_in};
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long one code is shown, in seconds.
const STEP: u64 = 30;

/// An authenticator with somebody's secret. It shows no code twice.
pub struct Authenticator {
    secret: Vec<u8>,
    next: u64,
}

impl Authenticator {
    /// One that takes in a secret in base 32 (RFC 4648 section 6).
    pub fn new(secret: &str) -> Self {
        let mut bits = 0_u64;
        let mut length = 0;
        let mut bytes = Vec::new();
        for sign in secret.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                .iter()
                .position(|known| *known == sign);
            bits = bits << 5 | u64::try_from(value.expect("base 32")).unwrap_or(0);
            length += 5;
            if length >= 8 {
                length -= 8;
                bytes.push(u8::try_from(bits >> length & 0xff).unwrap_or(0));
            }
        }
        Self { secret: bytes, next: 0 }
    }

    /// The code of the present step, or of the next where that was shown before; waits where both were.
    pub async fn code(&mut self) -> String {
        let begun = Instant::now();
        loop {
            let present = Self::step();
            let step = self.next.max(present);
            if step <= present + 1 {
                self.next = step + 1;
                return self.at(step);
            }
            assert!(begun.elapsed() < PATIENCE, "the next code does not come");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Codes that are wrong for some minutes.
    pub fn wrong(&self, many: usize) -> Vec<String> {
        let present = Self::step();
        let right: Vec<_> = (present - 4..present + 20).map(|step| self.at(step)).collect();
        let codes = (0..1_000_000_u32).map(|code| format!("{code:06}"));
        codes.filter(|code| !right.contains(code)).take(many).collect()
    }

    fn step() -> u64 {
        u64::try_from(now().as_second()).unwrap_or(0) / STEP
    }

    fn at(&self, step: u64) -> String {
        let tag = sign(
            &Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret),
            &step.to_be_bytes(),
        );
        let tag = tag.as_ref();
        let at = usize::from(tag[tag.len() - 1] & 15);
        let word = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]);
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

impl Person {
    /// Switches their second factor on: their authenticator and recovery codes.
    pub async fn with_authenticator(&self) -> (Authenticator, Vec<String>) {
        let begun = self.api.post("/v1/me/mfa", &self.proof()).await.expect(200);
        let mut authenticator = Authenticator::new(begun["secret"].as_str().unwrap_or_default());
        let code = json!({ "code": authenticator.code().await });
        let codes = self.api.post("/v1/me/mfa/confirm", &code).await.expect(200);
        let codes = codes["recovery_codes"].as_array().cloned().unwrap_or_default();
        let codes = codes.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        (authenticator, codes)
    }

    /// Their password, where a request asks who they are.
    pub fn proof(&self) -> Value {
        json!({ "password": crate::people::PASSWORD })
    }

    /// Signs in as far as the password: what is to be sent back with the code.
    pub async fn challenged(&self) -> String {
        let asked = sign_in(&Api::anonymous(), &self.email).await.expect(200);
        assert_eq!(
            (asked["challenge"].as_str(), asked["expires_in"].as_u64()),
            (Some("totp"), Some(180))
        );
        asked["session"].as_str().unwrap_or_default().to_owned()
    }
}

/// Answers what a sign-in asks for: `what` is `code` or `recovery_code`.
pub async fn answer_challenge(session: &str, what: &str, code: &str) -> Answer {
    let body = json!({ "session": session, what: code });
    Api::anonymous().post("/v1/sessions/challenge", &body).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_the_codes_of_the_standard() {
        // RFC 6238 appendix B, the last six digits: the secret is 12345678901234567890.
        let authenticator = Authenticator::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(authenticator.at(seconds / STEP), code);
        }
    }
}
