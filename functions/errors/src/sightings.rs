//! What a batch of log lines holds: each kind of error once, with how many there are.

use crate::line::ErrorLine;
use aws_dynamodb::Sighting;
use aws_lambda_events::event::cloudwatch_logs::{LogData, LogEntry};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most kinds that one batch is told apart into. A function that fails in more ways than that at once fails in one way: whatever they share.
const MOST_KINDS: usize = 32;
/// How much of a hash names a kind, in bytes: no two of a few thousand kinds share 128 bits.
const FINGERPRINT_BYTES: usize = 16;

/// The kinds of errors in a batch.
pub fn sightings(batch: &LogData) -> Vec<Sighting> {
    let function = batch.log_group.rsplit('/').next().unwrap_or_default();
    let mut kinds: BTreeMap<String, Sighting> = BTreeMap::new();
    for entry in &batch.log_events {
        let Some(line) = ErrorLine::read(&entry.message) else {
            continue;
        };
        let mut sighting = sighting(function, line, entry);
        if kinds.len() >= MOST_KINDS && !kinds.contains_key(&sighting.fingerprint) {
            sighting.target = "batch".to_owned();
            sighting.text = "more kinds of errors at once than are told apart".to_owned();
            sighting.fingerprint = fingerprint(&sighting);
        }
        match kinds.get_mut(&sighting.fingerprint) {
            Some(before) => join(before, sighting),
            None => {
                kinds.insert(sighting.fingerprint.clone(), sighting);
            }
        }
    }
    kinds.into_values().collect()
}

fn sighting(function: &str, line: ErrorLine, entry: &LogEntry) -> Sighting {
    let at = Timestamp::from_millisecond(entry.timestamp).unwrap_or_default();
    let mut sighting = Sighting {
        fingerprint: String::new(),
        function: function.to_owned(),
        target: line.target,
        text: line.text,
        count: 1,
        first_seen: at,
        last_seen: at,
        request: line.request,
        batch: entry.id.clone(),
    };
    sighting.fingerprint = fingerprint(&sighting);
    sighting
}

/// The first line of a kind names the batch: CloudWatch gives each line an id, and a batch that is delivered again has the same lines.
fn join(sighting: &mut Sighting, next: Sighting) {
    sighting.count += next.count;
    sighting.first_seen = sighting.first_seen.min(next.first_seen);
    sighting.last_seen = sighting.last_seen.max(next.last_seen);
    if !next.request.is_empty() {
        sighting.request = next.request;
    }
}

fn fingerprint(sighting: &Sighting) -> String {
    let mut hash = Sha256::new();
    for part in [&sighting.function, &sighting.target, &sighting.text] {
        hash.update(part);
        hash.update([0]);
    }
    let bytes = hash.finalize();
    bytes
        .iter()
        .take(FINGERPRINT_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn batch(messages: &[&str]) -> LogData {
        let entries = messages.iter().enumerate().map(|(n, message)| {
            let line = json!({ "level": "ERROR", "message": message, "target": "m", "span": { "request_id": format!("r{n}") } });
            json!({ "id": format!("e{n}"), "timestamp": 1_000 + n, "message": line.to_string() })
        });
        serde_json::from_value(json!({
            "owner": "1", "logGroup": "/millwright/dev/function/fleet", "logStream": "s", "subscriptionFilters": [],
            "messageType": "DATA_MESSAGE", "logEvents": entries.collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    #[test]
    fn one_kind_is_one_sighting_with_the_last_request() {
        let found = sightings(&batch(&["row 1 is gone", "row 2 is gone", "row 3 is gone"]));
        let [kind] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (kind.function.as_str(), kind.text.as_str(), kind.count),
            ("fleet", "row # is gone", 3)
        );
        assert_eq!((kind.batch.as_str(), kind.request.as_str()), ("e0", "r2"));
        assert_eq!(
            (kind.first_seen.as_millisecond(), kind.last_seen.as_millisecond()),
            (1_000, 1_002)
        );
    }

    #[test]
    fn a_batch_is_bounded_and_every_line_counts() {
        let letters = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let words: Vec<_> = (0..200)
            .map(|n| format!("failure {}{}", letters(n), letters(n / 26)))
            .collect();
        let found = sightings(&batch(&words.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(found.len(), MOST_KINDS + 1);
        assert_eq!(found.iter().map(|kind| kind.count).sum::<u64>(), 200);
    }

    #[test]
    fn functions_do_not_share_a_kind() {
        let mut other = batch(&["gone"]);
        other.log_group = "/millwright/dev/function/identity".into();
        assert_ne!(
            sightings(&other)[0].fingerprint,
            sightings(&batch(&["gone"]))[0].fingerprint
        );
    }
}
