//! As much of Thrift's compact protocol as a Parquet file's descriptions of itself need (Apache Thrift, "Thrift Compact protocol encoding").

/// What a field holds.
const I8: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;
/// Lists shorter than this bear their length in their first byte.
const LONG_LIST: usize = 15;

/// A struct that is written field by field, in ascending order of their numbers, fewer than 16 apart.
#[derive(Debug, Default)]
pub(super) struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    pub(super) fn i8(self, field: u8, value: u8) -> Self {
        let mut this = self.field(field, I8);
        this.bytes.push(value);
        this
    }

    pub(super) fn i16(self, field: u8, value: i16) -> Self {
        self.field(field, I16).number(value.into())
    }

    pub(super) fn i32(self, field: u8, value: i32) -> Self {
        self.field(field, I32).number(value.into())
    }

    pub(super) fn i64(self, field: u8, value: i64) -> Self {
        self.field(field, I64).number(value)
    }

    /// A boolean's value is its type.
    pub(super) fn bool(self, field: u8, value: bool) -> Self {
        self.field(field, if value { 1 } else { 2 })
    }

    pub(super) fn bytes(self, field: u8, value: &[u8]) -> Self {
        let mut this = self.field(field, BINARY);
        write_bytes(&mut this.bytes, value);
        this
    }

    pub(super) fn r#struct(self, field: u8, value: Self) -> Self {
        let mut this = self.field(field, STRUCT);
        this.bytes.extend(value.finish());
        this
    }

    pub(super) fn structs(self, field: u8, values: impl ExactSizeIterator<Item = Self>) -> Self {
        let mut this = self.list(field, STRUCT, values.len());
        values.for_each(|value| this.bytes.extend(value.finish()));
        this
    }

    pub(super) fn i32s(self, field: u8, values: &[i32]) -> Self {
        let list = self.list(field, I32, values.len());
        values.iter().fold(list, |list, value| list.number((*value).into()))
    }

    pub(super) fn text_list(self, field: u8, text: &str) -> Self {
        let mut this = self.list(field, BINARY, 1);
        write_bytes(&mut this.bytes, text.as_bytes());
        this
    }

    /// The struct's bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }

    fn field(mut self, field: u8, kind: u8) -> Self {
        self.bytes.push(field.saturating_sub(self.last) << 4 | kind);
        self.last = field;
        self
    }

    fn list(self, field: u8, kind: u8, length: usize) -> Self {
        let mut this = self.field(field, LIST);
        match u8::try_from(length) {
            Ok(short) if length < LONG_LIST => this.bytes.push(short << 4 | kind),
            _ => {
                this.bytes.push(0xf0 | kind);
                varint(&mut this.bytes, length as u64);
            }
        }
        this
    }

    /// Zigzag: small numbers of either sign are short.
    fn number(mut self, value: i64) -> Self {
        varint(&mut self.bytes, (value << 1 ^ value >> 63).cast_unsigned());
        self
    }
}

fn write_bytes(to: &mut Vec<u8>, value: &[u8]) {
    varint(to, value.len() as u64);
    to.extend_from_slice(value);
}

/// Seven bits a byte, the least first (ULEB128).
pub(super) fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    to.push((value & 0x7f) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_the_protocol_says() {
        let inner = Struct::default().bool(1, true);
        let bytes = Struct::default()
            .i32(1, -1)
            .i64(3, 150)
            .bytes(4, b"ab")
            .i32s(5, &[0, 3])
            .r#struct(6, inner);
        let expected = [
            0x15, 1, 0x26, 0xac, 2, 0x18, 2, b'a', b'b', 0x19, 0x25, 0, 6, 0x1c, 0x11, 0, 0,
        ];
        assert_eq!(bytes.finish(), expected);
        let long = Struct::default().structs(2, (0..16).map(|_| Struct::default()));
        assert_eq!(long.finish()[..3], [0x29, 0xfc, 16]);
    }
}
