//! The syntax: `measurement[,tag=value...] field=value[,field=value...] [time]`.

use std::borrow::Cow;

/// Most tags, and most fields, of a line: each costs a name.
const MOST: usize = 256;
/// A 53-bit whole number and all below it are exact as f64.
const EXACT: u128 = 1 << 53;

/// One line.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    pub measurement: Cow<'a, str>,
    pub tags: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub fields: Vec<(Cow<'a, str>, Field)>,
    /// In the unit that the sender says; none where the line has none.
    pub time: Option<i64>,
}

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field {
    Number(f64),
    Text,
}

/// The lines of a body with their numbers, from 1; comments and empty ones are passed over. A line that cannot be read is an error in
/// words, and the next one is read all the same.
pub(super) struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text, number: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, Result<Line<'a>, String>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (line, rest) = split_line(self.rest);
            let number = self.number + 1;
            self.number += 1 + line.matches('\n').count();
            self.rest = rest;
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start_matches(' ');
            if !line.is_empty() && !line.starts_with('#') {
                return Some((number, Line::parse(line)));
            }
        }
        None
    }
}

/// The first line, and what follows its line feed. One within a quoted text does not end it.
fn split_line(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    let comment = text.trim_start_matches(' ').starts_with('#');
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' if !quoted => {
                return (
                    text.get(..at).unwrap_or_default(),
                    text.get(at + 1..).unwrap_or_default(),
                );
            }
            b'"' if !escaped && !comment && (quoted || text.get(..at).is_some_and(|before| before.ends_with('='))) => {
                quoted = !quoted;
            }
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    (text, "")
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Result<Self, String> {
        let mut scanner = Scanner(text);
        let measurement = scanner.name(", ")?;
        let mut tags = Vec::new();
        while scanner.take(',') {
            let key = scanner.name(",= ")?;
            scanner.equals(&key)?;
            tags.push((key, scanner.name(",= ")?));
        }
        scanner.spaces()?;
        let fields = fields(&mut scanner)?;
        let time = scanner.time()?;
        for (what, count) in [("tags", tags.len()), ("fields", fields.len())] {
            if count > MOST {
                return Err(format!("has more than {MOST} {what}"));
            }
        }
        Ok(Self {
            measurement,
            tags,
            fields,
            time,
        })
    }
}

fn fields<'a>(scanner: &mut Scanner<'a>) -> Result<Vec<(Cow<'a, str>, Field)>, String> {
    let mut fields: Vec<(Cow<'a, str>, Field)> = Vec::new();
    loop {
        let name = scanner.name(",= ")?;
        scanner.equals(&name)?;
        if fields.iter().any(|(other, _)| *other == name) {
            return Err(format!("has the field {name:?} twice"));
        }
        let value = scanner.value(&name)?;
        fields.push((name, value));
        if !scanner.take(',') {
            return Ok(fields);
        }
    }
}

/// What is left of a line.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn take(&mut self, sign: char) -> bool {
        let rest = self.0.strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn equals(&mut self, after: &str) -> Result<(), String> {
        self.take('=')
            .then_some(())
            .ok_or_else(|| format!("needs = after {after:?}"))
    }

    fn spaces(&mut self) -> Result<(), String> {
        let rest = self.0.trim_start_matches(' ');
        if rest.is_empty() || rest.len() == self.0.len() {
            return Err(
                "needs a space and a field, as in: temperature,room=a value=21.5 1767323045000000000".to_owned(),
            );
        }
        self.0 = rest;
        Ok(())
    }

    /// A name up to one of the signs that end it; a backslash before such a sign makes it part of the name.
    fn name(&mut self, ends: &str) -> Result<Cow<'a, str>, String> {
        let (mut end, mut escaped, mut any, mut fed) = (self.0.len(), false, false, false);
        // The signs are ASCII, and no byte of another character is.
        for (at, byte) in self.0.bytes().enumerate() {
            let ending = ends.as_bytes().contains(&byte);
            if ending && !escaped {
                end = at;
                break;
            }
            any |= escaped && ending;
            fed |= byte == b'\n';
            escaped = byte == b'\\' && !escaped;
        }
        let (name, rest) = self.0.split_at(end);
        self.0 = rest;
        if name.is_empty() || fed {
            return Err("has an empty name, or one with a line feed".to_owned());
        }
        Ok(if any { unescape(name, ends).into() } else { name.into() })
    }

    fn value(&mut self, name: &str) -> Result<Field, String> {
        if self.take('"') {
            return self.text(name);
        }
        let end = self.0.find([',', ' ']).unwrap_or(self.0.len());
        let (value, rest) = self.0.split_at(end);
        self.0 = rest;
        number(value)
            .map(Field::Number)
            .map_err(|why| format!("the field {name:?} {why}"))
    }

    fn text(&mut self, name: &str) -> Result<Field, String> {
        let mut escaped = false;
        for (at, sign) in self.0.char_indices() {
            if sign == '"' && !escaped {
                self.0 = self.0.get(at + 1..).unwrap_or_default();
                return Ok(Field::Text);
            }
            escaped = sign == '\\' && !escaped;
        }
        Err(format!("the text of the field {name:?} has no end"))
    }

    fn time(&mut self) -> Result<Option<i64>, String> {
        let rest = self.0.trim_matches(' ');
        if rest.is_empty() {
            return Ok(None);
        }
        let time = rest.parse().ok().filter(|_| self.0.starts_with(' '));
        time.map(Some)
            .ok_or_else(|| "has something else than a whole number for its time".to_owned())
    }
}

fn unescape(name: &str, ends: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut signs = name.chars().peekable();
    while let Some(sign) = signs.next() {
        let escapes = sign == '\\' && signs.peek().is_some_and(|next| ends.contains(*next));
        plain.extend(if escapes { signs.next() } else { Some(sign) });
    }
    plain
}

/// A number, or a boolean as one.
fn number(text: &str) -> Result<f64, String> {
    match text {
        "t" | "T" | "true" | "True" | "TRUE" => return Ok(1.0),
        "f" | "F" | "false" | "False" | "FALSE" => return Ok(0.0),
        _ => {}
    }
    if let Some(whole) = text.strip_suffix('i') {
        return exact(whole.parse::<i64>().ok().map(i128::from));
    }
    if let Some(whole) = text.strip_suffix('u') {
        return exact(whole.parse::<u64>().ok().map(i128::from));
    }
    let numeral = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let value = numeral.then(|| text.parse::<f64>().ok()).flatten();
    let value = value.ok_or_else(|| "must be a number, a boolean or a text in quotes".to_owned())?;
    value
        .is_finite()
        .then_some(value)
        .ok_or_else(|| "is too large for an f64".to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "what would lose any is refused")]
fn exact(whole: Option<i128>) -> Result<f64, String> {
    let whole = whole.ok_or_else(|| "must be a whole number of 64 bits".to_owned())?;
    match whole.unsigned_abs() <= EXACT {
        true => Ok(whole as f64),
        false => Err("is a whole number beyond 2^53, which would not be kept exactly".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(text: &str) -> Result<Line<'_>, String> {
        Lines::of(text).next().unwrap().1
    }

    #[test]
    fn signs_are_escaped_as_influxdb_escapes_them() {
        let found = line(r"a\ b\,c\=d,e\=f=g\,h\ i v\ w=1 2").unwrap();
        assert_eq!(found.measurement, r"a b,c\=d");
        assert_eq!(found.tags, [("e=f".into(), "g,h i".into())]);
        assert_eq!(found.fields, [("v w".into(), Field::Number(1.0))]);
        assert_eq!(found.time, Some(2));
        // A backslash before anything else is itself.
        assert_eq!(line(r"c:\temp v=1").unwrap().measurement, r"c:\temp");
    }

    #[test]
    fn a_text_may_hold_what_ends_a_line_elsewhere() {
        let text = "a v=\"x\ny, z\\\" =1\",w=2 3\nb v=1";
        let lines: Vec<_> = Lines::of(text).map(|(number, line)| (number, line.unwrap())).collect();
        assert_eq!(
            lines[0].1.fields,
            [("v".into(), Field::Text), ("w".into(), Field::Number(2.0))]
        );
        assert_eq!((lines[0].1.time, lines[1].0), (Some(3), 3));
    }

    #[test]
    fn numbers_are_taken_exactly_or_not_at_all() {
        for (text, value) in [
            ("1", 1.0),
            ("-1.5e3", -1500.0),
            ("9007199254740992i", 9_007_199_254_740_992.0),
            ("18u", 18.0),
            ("-3i", -3.0),
            ("TRUE", 1.0),
            ("f", 0.0),
        ] {
            assert_eq!(number(text), Ok(value), "{text}");
        }
        for wrong in [
            "",
            "inf",
            "NaN",
            "1e999",
            "0x1",
            "9007199254740993i",
            "-1u",
            "1.5i",
            "tRUE",
            "i",
            "1_000",
        ] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_or_refused(text in "[a-c ,=\\\\\"\n#0-9ti.]{0,80}") {
            let lines: Vec<_> = Lines::of(&text).collect();
            prop_assert!(lines.len() <= text.matches('\n').count() + 1);
        }

        #[test]
        fn what_is_written_is_read_back(
            measurement in "[a-z ,=]{1,8}", key in "[a-z ,=]{1,8}", tag in "[a-z ,=]{1,8}", field in "[a-z ,=]{1,8}",
            value in -1e300..1e300f64, time in any::<i64>(),
        ) {
            let escape = |text: &str, signs: &str| -> String {
                text.chars().flat_map(|sign| signs.contains(sign).then_some('\\').into_iter().chain([sign])).collect()
            };
            let text = format!(
                "{},{}={} {}={value:?} {time}",
                escape(&measurement, ", "), escape(&key, ",= "), escape(&tag, ",= "), escape(&field, ",= "),
            );
            // Spaces at a line's beginning are passed over, as InfluxDB does.
            prop_assume!(!text.starts_with('#'));
            let found = line(&text).unwrap();
            prop_assert_eq!(&*found.measurement, &*measurement);
            prop_assert_eq!(found.tags, [(key.into(), tag.into())]);
            prop_assert_eq!(found.fields, [(field.into(), Field::Number(value))]);
            prop_assert_eq!(found.time, Some(time));
        }
    }
}
