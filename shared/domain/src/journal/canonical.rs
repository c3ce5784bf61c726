//! JSON in its one canonical form: RFC 8785 (JSON Canonicalization Scheme).
//!
//! Members sorted by the UTF-16 code units of their names, no white space, strings escaped no more than JSON demands, numbers as
//! ECMAScript writes them (so `1.0` is `1`, and a whole number beyond 2^53 is the nearest double).

use serde_json::{Number, Value};
use std::fmt::Write;

/// The canonical text of a value.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (two, _)| one.encode_utf16().cmp(two.encode_utf16()));
            list(out, ['{', '}'], members, |(name, value), out| {
                write(&Value::from(name.as_str()), out);
                out.push(':');
                write(value, out);
            });
        }
        Value::Array(items) => list(out, ['[', ']'], items, write),
        Value::Number(number) => out.push_str(&self::number(number)),
        // serde_json escapes strings as RFC 8785 section 3.2.2.2 does.
        plain => {
            let _ = write!(out, "{plain}");
        }
    }
}

fn list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    each: impl Fn(T, &mut String),
) {
    out.push(open);
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(close);
}

/// A number as ECMAScript's Number::toString writes it (ECMA-262 section 6.1.6.1.20): up to 21 digits without an exponent.
fn number(number: &Number) -> String {
    let number = number.as_f64().unwrap_or_default();
    if number == 0.0 {
        return "0".to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let shortest = format!("{:e}", number.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let zeros = |many: i32| "0".repeat(usize::try_from(many).unwrap_or_default());
    let whole = usize::try_from(point).unwrap_or_default();
    match point {
        1..=21 if digits.len() <= whole => format!("{sign}{digits:0<whole$}"),
        1..=21 => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => format!("{sign}{mantissa}e{:+}", point - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_examples_of_rfc_8785_come_out_as_there() {
        let sample: Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
                "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .unwrap();
        assert_eq!(
            text(&sample),
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        let sorted = json!({ "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7 });
        assert_eq!(
            text(&sorted),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn numbers_read_as_in_ecmascript() {
        for (number, written) in [
            (json!(0), "0"),
            (json!(-0.0), "0"),
            (json!(1.0), "1"),
            (json!(-7), "-7"),
            (json!(9_007_199_254_740_991_u64), "9007199254740991"),
            (json!(1e20), "100000000000000000000"),
            (json!(1e21), "1e+21"),
            (json!(123_456.789), "123456.789"),
            (json!(0.000_001), "0.000001"),
            (json!(-0.000_000_123), "-1.23e-7"),
            (json!(5e-324), "5e-324"),
        ] {
            assert_eq!(text(&number), written);
        }
    }
}
