//! A genuine token, changed in one place or several: none of them opens anything. Ten thousand of them; `MILLWRIGHT_TOKEN_MUTATIONS` says how
//! many otherwise.

use crate::doubles::{THEIRS, World, claims, header, sign, token, with};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const MUTATIONS: u64 = 10_000;
/// What tokens are made of, and what they are not.
const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";

/// Numbers that look random and are the same in each run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// Genuine tokens, and one of another's key: what parts are taken from.
struct Tokens {
    ours: Vec<String>,
    theirs: String,
}

impl Tokens {
    fn new() -> Self {
        let later = with(claims(), "exp", json!(4_102_444_800_i64));
        let staff = with(claims(), "cognito:groups", json!(["staff"]));
        Self {
            ours: [claims(), later, staff].iter().map(token).collect(),
            theirs: sign(&header().to_string(), &claims().to_string(), &THEIRS),
        }
    }

    /// A token that is none of ours.
    fn mutant(&self, numbers: &mut Numbers) -> String {
        loop {
            let genuine = &self.ours[numbers.below(self.ours.len())];
            let mutant = match numbers.below(4) {
                0 => self.mixed(numbers),
                1 => said(genuine, numbers),
                2 => flipped(genuine, numbers),
                _ => typed(genuine, numbers),
            };
            if !self.ours.contains(&mutant) {
                return mutant;
            }
        }
    }

    /// Parts of several tokens, in any order and number.
    fn mixed(&self, numbers: &mut Numbers) -> String {
        let all: Vec<_> = self
            .ours
            .iter()
            .chain([&self.theirs])
            .flat_map(|token| token.split('.'))
            .collect();
        let parts = 2 + numbers.below(3);
        let parts: Vec<_> = (0..parts).map(|_| all[numbers.below(all.len())]).collect();
        parts.join(".")
    }
}

/// Some characters replaced, put in, taken out or swapped, or an end cut off.
fn typed(genuine: &str, numbers: &mut Numbers) -> String {
    let mut bytes = genuine.as_bytes().to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len());
        let new = CHARACTERS[numbers.below(CHARACTERS.len())];
        match numbers.below(5) {
            0 => bytes[at] = new,
            1 => bytes.insert(at, new),
            // One is left, so that there is something to change.
            2 if bytes.len() > 1 => drop(bytes.remove(at)),
            2 => bytes[at] = new,
            3 => {
                let other = numbers.below(bytes.len());
                bytes.swap(at, other);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Some bits of one part flipped, below its base64.
fn flipped(genuine: &str, numbers: &mut Numbers) -> String {
    let mut parts: Vec<_> = genuine.split('.').map(str::to_owned).collect();
    let part = numbers.below(3);
    let mut bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len());
        bytes[at] ^= 1 << numbers.below(8);
    }
    parts[part] = URL_SAFE_NO_PAD.encode(bytes);
    parts.join(".")
}

/// One member of header or claims changed, under the signature that was there.
fn said(genuine: &str, numbers: &mut Numbers) -> String {
    let mut parts: Vec<_> = genuine.split('.').map(str::to_owned).collect();
    let part = numbers.below(2);
    let mut members: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
    let names: Vec<_> = members.as_object().unwrap().keys().cloned().collect();
    let values = [
        json!(null),
        json!(""),
        json!("none"),
        json!("HS256"),
        json!(["staff"]),
        json!(true),
        json!(numbers.next()),
        json!(-1),
        json!({}),
        json!("https://evil.example"),
    ];
    members[&names[numbers.below(names.len())]] = values[numbers.below(values.len())].clone();
    parts[part] = URL_SAFE_NO_PAD.encode(members.to_string());
    parts.join(".")
}

#[tokio::test]
async fn a_changed_token_opens_nothing() {
    let wanted = std::env::var("MILLWRIGHT_TOKEN_MUTATIONS").ok();
    let wanted = wanted.map_or(MUTATIONS, |text| text.parse().unwrap());
    let (world, tokens, mut numbers) = (World::new(), Tokens::new(), Numbers(1));
    for genuine in &tokens.ours {
        assert!(world.bearer(genuine).await.is_ok());
    }
    world.authorizer.directory.asked.lock().unwrap().clear();
    for n in 0..wanted {
        let mutant = tokens.mutant(&mut numbers);
        assert!(world.bearer(&mutant).await.is_err(), "mutant {n} is let in: {mutant}");
    }
    assert!(world.authorizer.directory.asked.lock().unwrap().is_empty());
}
