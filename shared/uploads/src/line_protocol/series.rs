//! The name of a field's stream.
//!
//! `measurement.field`, and for each tag, in the order of their keys, `:key-value`: `cpu.usage_idle:cpu-cpu0`. Where that could be read two
//! ways, has signs that no stream's name has or more than 64 of them, the name is as much of it as there is room for, with `_` for such
//! signs, then `:` and twelve signs of a hash over the exact series: two series never share a stream, and one keeps its own.

use super::line::Line;
use domain::reading::VariableName;
use sha2::{Digest, Sha256};

/// Longest name of a stream.
const LONGEST: usize = 64;
/// Signs of the hash, five bits each: one chance in 2^60 that two series of a device meet.
const HASH_SIGNS: usize = 12;
/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What the fields of a line have in common.
pub(super) struct Series<'a> {
    measurement: &'a str,
    /// In the order of their keys.
    tags: Vec<(&'a str, &'a str)>,
}

impl<'a> Series<'a> {
    /// The series of a line. No tag may be there twice.
    pub(super) fn of(line: &'a Line<'_>) -> Result<Self, String> {
        let mut tags: Vec<_> = line.tags.iter().map(|(key, value)| (&**key, &**value)).collect();
        tags.sort_unstable();
        if let Some([(key, _), _]) = tags.array_windows().find(|[(one, _), (next, _)]| one == next) {
            return Err(format!("has the tag {key:?} twice"));
        }
        Ok(Self {
            measurement: &line.measurement,
            tags,
        })
    }

    /// The stream of one of its fields.
    pub(super) fn variable(&self, field: &str) -> String {
        let mut name = String::with_capacity(LONGEST);
        name.extend([self.measurement, ".", field]);
        for (key, value) in &self.tags {
            name.extend([":", key, "-", value]);
        }
        if self.is_plain(field) && VariableName::allows(&name) {
            return name;
        }
        let plain = |sign: char| if is_plain(sign) { sign } else { '_' };
        let readable: String = name.chars().map(plain).take(LONGEST - HASH_SIGNS - 1).collect();
        format!("{readable}:{}", self.hash(field))
    }

    /// Whether its pieces can be told apart in its name.
    fn is_plain(&self, field: &str) -> bool {
        let without = |text: &str, signs: [char; 2]| !text.contains(signs);
        without(self.measurement, ['.', ':'])
            && without(field, [':', ':'])
            && self
                .tags
                .iter()
                .all(|(key, value)| without(key, ['-', ':']) && without(value, [':', ':']))
    }

    fn hash(&self, field: &str) -> String {
        let mut hasher = Sha256::new();
        let pairs = self.tags.iter().flat_map(|(key, value)| [*key, *value]);
        for piece in [self.measurement, field].into_iter().chain(pairs) {
            hasher.update((piece.len() as u64).to_le_bytes());
            hasher.update(piece);
        }
        let sign = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from);
        hasher.finalize().iter().take(HASH_SIGNS).filter_map(sign).collect()
    }
}

fn is_plain(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "_.:-".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::super::line::Lines;
    use super::*;

    fn name(text: &str) -> String {
        let line = Lines::of(text).next().unwrap().1.unwrap();
        Series::of(&line).unwrap().variable(&line.fields[0].0)
    }

    #[test]
    fn a_plain_series_is_called_what_it_is() {
        assert_eq!(name("temperature value=1"), "temperature.value");
        assert_eq!(
            name("cpu,host=a,cpu=cpu-total usage.idle=1"),
            "cpu.usage.idle:cpu-cpu-total:host-a"
        );
        assert_eq!(
            name("cpu,cpu=cpu-total,host=a usage.idle=1"),
            "cpu.usage.idle:cpu-cpu-total:host-a"
        );
    }

    #[test]
    fn no_two_series_share_a_stream() {
        let long = "x".repeat(80);
        let names: std::collections::BTreeSet<_> = [
            "a.b c=1",
            "a b.c=1",
            "a,b=c-d e=1",
            "a,b-c=d e=1",
            "a,b=c:d-e f=1",
            "a,b=c,d=e f=1",
            r"a\ b c=1",
            "a_b c=1",
            "ä b=1",
            "ö b=1",
            &format!("{long}1 v=1"),
            &format!("{long}2 v=1"),
        ]
        .map(name)
        .into();
        assert_eq!(names.len(), 12, "{names:?}");
        assert!(names.iter().all(|name| name.len() <= 64));
        assert_eq!(name("disk,path=/mnt/data used=1"), name("disk,path=/mnt/data used=2"));
    }
}
