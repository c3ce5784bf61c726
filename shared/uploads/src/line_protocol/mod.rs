//! Readings in InfluxDB's line protocol (InfluxDB v2 documentation, "Line protocol"), so that Telegraf and whatever else writes it can
//! send as they are.
//!
//! Each numeric or boolean field of a line is a reading; the stream is named after measurement, field and tags (see `series`). A boolean
//! is 1 or 0. A text is passed over and counted. A whole number that an f64 cannot hold exactly is refused, rather than changed. A line
//! without a time is of the moment of its acceptance.

mod line;
mod series;

use super::{MAX_READINGS, MOST_TOLD, Reader, Sent, mistake, too_many, without};
use domain::reading::ReadingTime;
use http_api::Problem;
use line::{Field, Line, Lines};
use serde::Deserialize;

/// The unit of the times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
pub enum Precision {
    /// Nanoseconds.
    #[default]
    #[serde(rename = "ns")]
    Nanoseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
}

impl Precision {
    fn nanos(self) -> i64 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
        }
    }

    /// A count of such units since the Unix epoch.
    fn time(self, count: i64) -> Result<ReadingTime, String> {
        let nanos = count.checked_mul(self.nanos()).unwrap_or(-1);
        ReadingTime::from_nanos(nanos)
            .map_err(|error| format!("its time {error}; `precision` says in which unit it is"))
    }
}

pub(super) fn read(text: &str, reader: &Reader) -> Result<Sent, Problem> {
    let (mut sent, mut mistakes) = (Sent::default(), Vec::new());
    for (number, line) in Lines::of(text) {
        match line.and_then(|line| add(&line, reader, &mut sent)) {
            Ok(()) if sent.count > MAX_READINGS => return Err(too_many()),
            Ok(()) => {}
            Err(detail) => mistakes.push(mistake(number, &detail)),
        }
        if mistakes.len() == MOST_TOLD {
            break;
        }
    }
    if mistakes.is_empty() && sent.count == 0 {
        return Err(too_many());
    }
    without(mistakes, sent)
}

fn add(line: &Line<'_>, reader: &Reader, sent: &mut Sent) -> Result<(), String> {
    let time = match line.time {
        Some(count) => reader.precision.time(count)?,
        None => reader.now,
    };
    let series = series::Series::of(line)?;
    for (name, field) in &line.fields {
        let Field::Number(value) = field else {
            sent.skipped += 1;
            continue;
        };
        let variable = series.variable(name);
        sent.add(&variable, (time, *value)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::Reading;
    use domain::reading::VariableName;

    fn reader(precision: Precision) -> Reader {
        let now = ReadingTime::from_nanos(7).unwrap();
        Reader { precision, now }
    }

    fn rows(text: &str, precision: Precision) -> Vec<(String, i64, f64)> {
        let sent = read(text, &reader(precision)).unwrap();
        let streams = sent.streams.iter();
        let row =
            |(name, readings): (&VariableName, &Vec<Reading>)| (name.to_string(), readings[0].time, readings[0].value);
        streams.map(row).collect()
    }

    #[test]
    fn what_telegraf_writes_becomes_readings() {
        let text = "# from an agent\n\
            cpu,cpu=cpu-total,host=press usage_idle=93.5,usage_user=4i 1767323045000000000\r\n\
            mem used=12u,active=t,name=\"a \\\"b\\\", c=1\"\n\n";
        let found = rows(text, Precision::Nanoseconds);
        let at = 1_767_323_045_000_000_000;
        assert_eq!(
            found,
            [
                ("cpu.usage_idle:cpu-cpu-total:host-press".to_owned(), at, 93.5),
                ("cpu.usage_user:cpu-cpu-total:host-press".to_owned(), at, 4.0),
                ("mem.active".to_owned(), 7, 1.0),
                ("mem.used".to_owned(), 7, 12.0),
            ]
        );
        assert_eq!(read(text, &reader(Precision::Nanoseconds)).unwrap().skipped, 1);
    }

    #[test]
    fn times_are_in_the_unit_that_was_said() {
        for (precision, count) in [
            (Precision::Nanoseconds, "1767323045000000000"),
            (Precision::Microseconds, "1767323045000000"),
            (Precision::Milliseconds, "1767323045000"),
            (Precision::Seconds, "1767323045"),
        ] {
            let found = rows(&format!("t v=1 {count}"), precision);
            assert_eq!(found[0].1, 1_767_323_045_000_000_000, "{precision:?}");
        }
        assert!(read("t v=1 1767323045000000000", &reader(Precision::Seconds)).is_err());
        assert!(read("t v=1 -1", &reader(Precision::Seconds)).is_err());
    }

    #[test]
    fn each_line_that_is_wrong_is_told() {
        let text =
            "t\nt v=\nt v=x\nt v=1e999\nt v=9007199254740993i\nt v=1 now\nt,a v=1\nt v=1,v=2\n,a=b v=1\nt v=\"open";
        insta::assert_snapshot!(format!(
            "{:#?}",
            read(text, &reader(Precision::Nanoseconds)).unwrap_err()
        ));
        assert!(read("# nothing\n", &reader(Precision::Nanoseconds)).is_err());
    }
}
