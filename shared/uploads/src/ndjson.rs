//! Readings as one JSON object a line (<https://github.com/ndjson/ndjson-spec>). Empty lines are passed over.

use super::json::NewReading;
use super::{MAX_READINGS, MOST_TOLD, Sent, mistake, too_many, without};
use http_api::Problem;

pub(super) fn read(text: &str) -> Result<Sent, Problem> {
    let (mut sent, mut mistakes) = (Sent::default(), Vec::new());
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        let new = serde_json::from_str::<NewReading<'_>>(line);
        match new.and_then(|new| sent.add_new(&new)) {
            Ok(()) if sent.count > MAX_READINGS => return Err(too_many()),
            Ok(()) => {}
            Err(error) => mistakes.push(mistake(number, &within_line(&error))),
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

/// serde_json counts lines of its own: to it there is one.
fn within_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) if error.is_data() => what.to_owned(),
        Some((what, _)) => format!("{what} at column {}", error.column()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_readings_and_empty_ones_nothing() {
        let line = |n: u8| format!(r#"{{"variable":"t","time":"2026-01-02T03:04:0{n}Z","value":{n}}}"#);
        let sent = read(&format!("{}\r\n\n  \n{}", line(1), line(2))).unwrap();
        let values: Vec<_> = sent.streams.values().flatten().map(|reading| reading.value).collect();
        assert_eq!(values, [1.0, 2.0]);
    }

    #[test]
    fn each_line_that_is_wrong_is_told() {
        let text = [
            r#"{"variable":"t","time":"2026-01-02T03:04:05Z","value":1e999}"#,
            r#"{"variable":"t t","time":"2026-01-02T03:04:05Z","value":1}"#,
            r#"{"variable":"t","time":"yesterday","value":1}"#,
            r#"{"variable":"t","time":"2026-01-02T03:04:05Z","value":1,"unit":"K"}"#,
            r#"{"variable":"t""#,
        ]
        .join("\n");
        insta::assert_snapshot!(format!("{:#?}", read(&text).unwrap_err()));
        let all_wrong = "x\n".repeat(1_000);
        let told = format!("{:?}", read(&all_wrong).unwrap_err()).matches("line ").count();
        assert_eq!(told, MOST_TOLD);
        assert!(read("\n").is_err());
    }
}
