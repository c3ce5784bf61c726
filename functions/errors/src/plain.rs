//! Takes out of an error's text whatever differs from one time to the next, and with it whatever could be about a person.
//!
//! What stays is the vocabulary of the code: words of ASCII letters. What anybody chose or was given (addresses, names in quotes, ids, numbers,
//! keys, paths) is one sign, `#`.

/// Stands for what was taken out.
const GAP: &str = "#";
/// Longest text, in characters: enough to know an error by.
const MAX_TEXT: usize = 300;
/// How much of a text is looked at, in bytes. What makes an error what it is stands at its beginning.
const LOOKED_AT: usize = 4 * 1024;
/// Longest word that is taken for one; longer ones are keys and tokens.
const MAX_WORD: usize = 48;
/// From how many letters on a word of nothing but hexadecimal digits is taken for an id.
const HEX: usize = 8;
/// What parts words and stays in the text.
const BETWEEN: &str = "{}()[]<>,;:|=#";

/// The text without what differs.
pub fn plain(text: &str) -> String {
    let text = unwrapped(&text[..text.floor_char_boundary(LOOKED_AT)]);
    let text = without_quotes(&text);
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace().map(plain_word) {
        let repeated = word == GAP && words.last().is_some_and(|last| last == GAP);
        if !repeated {
            words.push(word);
        }
    }
    let mut plain = words.join(" ");
    // All of it is ASCII by now.
    plain.truncate(MAX_TEXT);
    plain
}

/// A text that was logged in its debug form, as it was before: else all of it would be one text in quotes.
fn unwrapped(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.and_then(unescaped).unwrap_or_else(|| text.to_owned())
}

/// Nothing where a quote stands alone: then the outer ones do not belong together.
fn unescaped(inner: &str) -> Option<String> {
    let (mut text, mut chars) = (String::new(), inner.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => match chars.next()? {
                'n' | 'r' | 't' => text.push(' '),
                escaped => text.push(escaped),
            },
            c => text.push(c),
        }
    }
    Some(text)
}

/// The text with a gap for each text in quotes; for all the rest, where a quote is not closed.
fn without_quotes(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['"', '`', '\'']) {
        let (before, quoted) = rest.split_at(at);
        kept.push_str(before);
        let is_apostrophe = quoted.starts_with('\'') && before.ends_with(char::is_alphanumeric);
        rest = match is_apostrophe {
            true => &quoted[1..],
            false => {
                kept.push_str(GAP);
                after_quote(quoted)
            }
        };
        if is_apostrophe {
            kept.push('\'');
        }
    }
    kept + rest
}

/// What follows a text in quotes, which is what `quoted` begins with.
fn after_quote(quoted: &str) -> &str {
    let Some(quote) = quoted.chars().next() else {
        return "";
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices().skip(1) {
        let after = &quoted[at + c.len_utf8()..];
        if c == quote && !escaped && !after.starts_with(char::is_alphanumeric) {
            return after;
        }
        escaped = c == '\\' && !escaped;
    }
    ""
}

/// What stands between blanks: a gap as a whole where it holds an address, else a gap for each of its parts that is no word.
fn plain_word(text: &str) -> String {
    if text.contains('@') {
        return GAP.to_owned();
    }
    let mut plain = String::new();
    for part in text.split_inclusive(|c| BETWEEN.contains(c)) {
        let end = part.chars().next_back().filter(|c| BETWEEN.contains(*c));
        let word = end.map_or(part, |end| &part[..part.len() - end.len_utf8()]);
        plain.push_str(if is_word(word) { word } else { GAP });
        plain.extend(end);
    }
    if is_gap(&plain) { GAP.to_owned() } else { plain }
}

fn is_word(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphabetic() || "_-.!?'".contains(c);
    let is_id = word.len() >= HEX && word.chars().all(|c| c.is_ascii_hexdigit());
    word.len() <= MAX_WORD && word.chars().all(letters) && !is_id
}

/// Whether nothing is left but gaps and what stands between.
fn is_gap(word: &str) -> bool {
    word.contains(GAP) && !word.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_differs_goes_and_what_says_the_error_stays() {
        for (text, expected) in [
            ("request failed", "request failed"),
            ("no row org_01KAF2Z7M0V8Q4J3T6B9N5R1XC in 3.1s", "no row # in #"),
            ("failed: 12 of 17 left", "failed: # of # left"),
            ("ada.lovelace+x@example.com signed out", "# signed out"),
            ("Some(<ada@example.com>) is unknown", "# is unknown"),
            (r#"unknown variant "Ada Lovelace" here"#, "unknown variant # here"),
            (
                "missing field `sk` at line 1 column 20",
                "missing field # at line # column #",
            ),
            ("the owner's row can't be read", "the owner's row can't be read"),
            ("item 'Bob's press' is gone", "item # is gone"),
            (r#"an open "quote of Ada"#, "an open #"),
            (r#""Failed(\"Ada's\", Timeout)""#, "Failed(#, Timeout)"),
            (r#""Ada" or "Bob""#, "# or #"),
            ("at https://host.example/orgs/ada now", "at https:# now"),
            ("id 9f86d081-884c-4d63-a159-b2e1 deadbeef", "id #"),
            ("[1, 2, 3] and {4, 5}", "# and #"),
            ("der Größe nach", "der # nach"),
            (
                "ServiceError { source: ResourceNotFoundException { message: Some(\"no 1\") } }",
                "ServiceError { source: ResourceNotFoundException { message: Some(#) } }",
            ),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_bounded() {
        assert_eq!(plain(&"word ".repeat(100_000)).len(), MAX_TEXT);
        assert_eq!(plain(&"x".repeat(100_000)), GAP);
    }

    proptest! {
        #[test]
        fn nothing_stays_but_ascii_words(text in ".{0,200}") {
            let plain = plain(&text);
            prop_assert!(plain.chars().all(|c| c == ' ' || (c.is_ascii_graphic() && !c.is_ascii_digit() && !"@\"`".contains(c))), "{plain}");
        }

        #[test]
        fn no_id_address_or_quoted_text_survives(
            ulid in any::<u128>(),
            name in "[a-z]{6,12}",
            host in "[a-z]{3,8}",
            before in "[a-z:{(= '\"`]{0,12}",
            after in "[a-z:)}, '\"`]{0,12}",
        ) {
            let ulid = ulid::Ulid(ulid).to_string();
            let name = format!("q{name}q");
            for secret in [format!("usr_{ulid}"), ulid.to_lowercase(), format!("{name}@{host}.example"), format!("\"{name} {name}\"")] {
                let plain = plain(&format!("a failure of {before}{secret}{after} in the middle")).to_lowercase();
                prop_assert!(!plain.contains(&ulid.to_lowercase()[..8]), "{plain}");
            }
            for address in [format!("{name}@{host}.example"), format!("{name}.{name}@{host}.example")] {
                let plain = plain(&format!("a failure of {before}{address}{after} in the middle"));
                prop_assert!(!plain.contains(&name) && !plain.contains(&format!("{host}.example")), "{plain}");
            }
            let plain = plain(&format!("a failure of \"{name} {host}\" in the middle"));
            prop_assert_eq!(plain, "a failure of # in the middle");
        }

        #[test]
        fn one_error_with_other_ids_is_the_same(a in any::<u128>(), b in any::<u128>()) {
            let text = |id| plain(&format!("the row of {} is gone", ulid::Ulid(id)));
            prop_assert_eq!(text(a), text(b));
        }
    }
}
