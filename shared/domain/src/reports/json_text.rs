//! JSON that is passed on as text.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write};

/// A JSON value as compact text: what an event carries, be it a summary or a waveform of thousands of points.
///
/// Text and not a tree, since a tree of small objects takes hundreds of times the memory of the bytes it came from,
/// which anybody can send. Its numbers are finite, its depth is bounded by the document's parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut text = String::new();
        Transcriber(&mut text).deserialize(from)?;
        Ok(Self(text))
    }
}

/// Writes a value of any self-describing format as JSON.
struct Transcriber<'a>(&'a mut String);

impl Transcriber<'_> {
    fn write<E: Error>(self, what: impl fmt::Display) -> Result<(), E> {
        write!(self.0, "{what}").map_err(E::custom)
    }
}

/// A JSON string as it is written.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}

impl<'de> DeserializeSeed<'de> for Transcriber<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcriber<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything that JSON can say")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.write(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("a number in an event is not finite"));
        }
        // `Debug`, since `Display` writes 1e300 with all its zeros.
        self.write(format_args!("{value:?}"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.write(Quoted(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.write("null")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push('[');
        let mut comma = "";
        loop {
            let before = self.0.len();
            self.0.push_str(comma);
            if items.next_element_seed(Transcriber(&mut *self.0))?.is_none() {
                self.0.truncate(before);
                self.0.push(']');
                return Ok(());
            }
            comma = ",";
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.0.push('{');
        let mut comma = "";
        while let Some(name) = members.next_key::<String>()? {
            write!(self.0, "{comma}{}:", Quoted(&name)).map_err(A::Error::custom)?;
            members.next_value_seed(Transcriber(&mut *self.0))?;
            comma = ",";
        }
        self.0.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_what_it_was() {
        let text = r#"{"a":[1,-2,3.5,1e300,1e-7,true,null,[],{}],"ä\n\"":{"b":"\u0000"}}"#;
        let copy: JsonText = serde_json::from_str(text).unwrap();
        assert_eq!(copy.as_str(), text);
    }

    #[test]
    fn messagepack_becomes_json() {
        let packed = rmp_serde::to_vec(&(1u8, -1i64, 0.1f64, "x", Option::<u8>::None, [true])).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<JsonText>(&packed).unwrap().as_str(),
            r#"[1,-1,0.1,"x",null,[true]]"#
        );
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        for value in [f64::NAN, f64::INFINITY] {
            assert!(rmp_serde::from_slice::<JsonText>(&rmp_serde::to_vec(&value).unwrap()).is_err());
        }
        // A byte string, an extension, and a map with a number for a key.
        for packed in [&[0xc4, 1, 0][..], &[0xd4, 1, 0], &[0x81, 1, 1]] {
            assert!(rmp_serde::from_slice::<JsonText>(packed).is_err());
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(serde_json::from_str::<JsonText>(&"[".repeat(100_000)).is_err());
        assert!(serde_json::from_str::<JsonText>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok());
    }
}
