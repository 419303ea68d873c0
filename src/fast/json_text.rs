//! Long texts into JSON, sixty-four bytes at a time.
//!
//! In: a [`Text`] anywhere in what is serialised. Out: the same bytes as `serde_json` writes for the string. Always: one look at each
//! byte; a text of prose is copied in a few long runs, since little of it is to be escaped.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::bits;

/// A text that is long, as a rule.
#[derive(Debug)]
pub struct Text<'a>(pub &'a str);

impl Serialize for Text<'_> {
    /// As bytes: of strings `serde_json` lets no formatter look for what is to be escaped.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}

/// Append a value in which all bytes are [`Text`].
pub(crate) fn append(json: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(json, Texts))
}

/// Compact JSON with bytes as texts.
struct Texts;

impl Formatter for Texts {
    fn write_byte_array<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &[u8]) -> io::Result<()> {
        writer.write_all(b"\"")?;
        let mut written = 0;
        for (at, bits, own) in bits::blocks(text) {
            for place in bits::places(bits.json_escapes() & own) {
                let place = at + place;
                writer.write_all(text.get(written..place).unwrap_or_default())?;
                CompactFormatter.write_char_escape(writer, escape(text.get(place).copied().unwrap_or_default()))?;
                written = place + 1;
            }
        }
        writer.write_all(text.get(written..).unwrap_or_default())?;
        writer.write_all(b"\"")
    }
}

fn escape(byte: u8) -> CharEscape {
    match byte {
        b'"' => CharEscape::Quote,
        b'\\' => CharEscape::ReverseSolidus,
        0x08 => CharEscape::Backspace,
        0x0c => CharEscape::FormFeed,
        b'\n' => CharEscape::LineFeed,
        b'\r' => CharEscape::CarriageReturn,
        b'\t' => CharEscape::Tab,
        control => CharEscape::AsciiControl(control),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_written_as_any_string(text in "([a-z é港]{0,70}|[\"\\\\/\u{0}-\u{1f}\u{7f}\u{2028}]){0,6}") {
            let mut json = Vec::new();
            append(&mut json, &[Text(&text)]).unwrap();
            prop_assert_eq!(String::from_utf8(json).unwrap(), serde_json::to_string(&[text]).unwrap());
        }
    }
}
