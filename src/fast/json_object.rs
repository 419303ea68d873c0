//! The JSON of an object → its fields, with long strings read sixty-four bytes at a time.
//!
//! In: a value's bytes. Out: the object that they are, the same as `serde_json` reads it; or nothing, where they are no object or `serde_json`
//! must tell what is wrong. Always: a string is looked at once and copied once; what is no string is left to `serde_json`.

use serde_json::{Deserializer, Map, Value};
use smallvec::SmallVec;

use super::bits;

/// Room for the fields of most records.
const FIELDS: usize = 12;

/// Objects within each other, and brackets in what is left to `serde_json`, up to which nothing is too deep for it.
const DEPTH_MAX: usize = 20;
const BRACKETS_MAX: usize = 100;

/// Read an object and all its fields.
pub(crate) fn read(json: &[u8]) -> Option<Map<String, Value>> {
    if !json.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut reader = Reader {
        rest: std::str::from_utf8(json).ok()?,
    };
    let object = reader.object(0)?;
    reader.skip_blanks();
    reader.rest.is_empty().then_some(object)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\t', '\r']);
    }

    /// Take a character that stands behind blanks.
    fn take(&mut self, character: char) -> Option<()> {
        self.skip_blanks();
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.take('{')?;
        let mut object = Map::with_capacity(FIELDS);
        if self.take('}').is_some() {
            return Some(object);
        }
        loop {
            self.take('"')?;
            let name = self.string()?;
            // What `serde_json` itself writes so is no object.
            if name.starts_with("$serde_json") {
                return None;
            }
            self.take(':')?;
            object.insert(name, self.value(depth)?);
            if self.take(',').is_none() {
                self.take('}')?;
                return Some(object);
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks();
        let value = self.rest;
        if value.starts_with('{') && depth < DEPTH_MAX {
            return self.object(depth + 1).map(Value::Object);
        }
        if self.take('"').is_some()
            && let Some(string) = self.string()
        {
            return Some(Value::String(string));
        }
        let mut values = Deserializer::from_str(value).into_iter();
        let read = values.next()?.ok()?;
        let (own, rest) = value.split_at_checked(values.byte_offset())?;
        self.rest = rest;
        let brackets = own.bytes().filter(|byte| matches!(byte, b'{' | b'['));
        let may_be_deep = own.starts_with(['{', '[']) && brackets.count() > BRACKETS_MAX;
        (!may_be_deep).then_some(read)
    }

    /// Take a string behind its first quotation mark.
    fn string(&mut self) -> Option<String> {
        let Extent {
            end,
            escapes,
            by_number,
        } = extent(self.rest.as_bytes())?;
        // A character by its number takes six bytes, and three at most when it is written out.
        let mut string = String::with_capacity(end.saturating_sub(escapes.len() + 2 * by_number));
        let mut copied = 0;
        for place in escapes {
            // It is the second half of a character that is written.
            if place < copied {
                continue;
            }
            string.push_str(self.rest.get(copied..place)?);
            let (character, length) = escaped(self.rest.as_bytes().get(place + 1..)?)?;
            string.push(character);
            copied = place + 1 + length;
        }
        string.push_str(self.rest.get(copied..end)?);
        self.rest = self.rest.get(end + 1..)?;
        Some(string)
    }
}

/// What a string holds, up to its end.
struct Extent {
    /// Where its last quotation mark stands.
    end: usize,
    /// The backslashes that something stands behind, and how many of these are a character's number.
    escapes: SmallVec<[usize; 64]>,
    by_number: usize,
}

fn extent(string: &[u8]) -> Option<Extent> {
    let (mut escapes, mut by_number) = (SmallVec::new(), 0);
    let mut taken = None;
    for (at, bits, own) in bits::blocks(string) {
        for place in bits::places(bits.json_escapes() & own) {
            let place = at + place;
            if taken == Some(place) {
                continue;
            }
            match (string.get(place)?, string.get(place + 1)) {
                (b'"', _) => {
                    return Some(Extent {
                        end: place,
                        escapes,
                        by_number,
                    });
                }
                (b'\\', Some(letter)) => {
                    escapes.push(place);
                    by_number += usize::from(*letter == b'u');
                }
                _ => return None,
            }
            taken = Some(place + 1);
        }
    }
    None
}

/// What stands behind a backslash: the character that it is for, and its bytes. A half of a surrogate pair is for none.
fn escaped(behind: &[u8]) -> Option<(char, usize)> {
    let (&letter, digits) = behind.split_first()?;
    let character = match letter {
        b'"' | b'\\' | b'/' => char::from(letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return numbered(digits).map(|(character, length)| (character, 1 + length)),
        _ => return None,
    };
    Some((character, 1))
}

/// A character by its number in four digits, or in two numbers where it has a surrogate pair; and their bytes.
fn numbered(digits: &[u8]) -> Option<(char, usize)> {
    let (own, behind) = digits.split_first_chunk()?;
    let own = unit(*own)?;
    if let Some(character) = char::from_u32(own) {
        return Some((character, 4));
    }
    let low = unit(*behind.strip_prefix(b"\\u")?.first_chunk()?)?;
    if !(0xd800..0xdc00).contains(&own) || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    let character = char::from_u32(0x10000 + (own - 0xd800) * 0x400 + (low - 0xdc00))?;
    Some((character, 10))
}

/// A number in four hexadecimal digits.
fn unit(digits: [u8; 4]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use proptest::prelude::*;

    /// What is read is what `serde_json` reads; gives whether it was read.
    fn check(json: &str) -> bool {
        let known = serde_json::from_str::<Value>(json).ok();
        let object = read(json.as_bytes()).map(Value::Object);
        assert!(object.is_none() || object == known, "{json}");
        object.is_some()
    }

    /// The same with each character beyond ASCII by its number, as Python writes it unless it is told otherwise.
    fn in_ascii(json: &str) -> String {
        let mut ascii = String::new();
        for c in json.chars() {
            if c.is_ascii() {
                ascii.push(c);
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(ascii, "\\u{unit:04x}").unwrap();
            }
        }
        ascii
    }

    #[test]
    fn objects_are_read() {
        for json in [
            "{}",
            " { } \n",
            r#"{"a": "b\n\"c\\", "d": 1.50, "e": -2e9, "f": null, "a": [{"g": "\u00e9"}, true]}"#,
            "{\"text\":\"\\u00e9 and é\",\n\t\"b\":{\"c\":[[],{}]}}",
            r#"{"a":"\u00E9\ud83d\ude00\u0000\uffff","\u007a":"\\\u0022\\"}"#,
        ] {
            assert!(check(json), "{json}");
        }
        let long = format!(r#"{{"text": "{}", "b": 2}}"#, "A line of prose.\\n\\n".repeat(99));
        assert!(check(&long));
    }

    #[test]
    fn all_else_is_left_to_serde_json() {
        for json in [
            "",
            "{",
            "[]",
            "7",
            r#"{"a"}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":01}"#,
            r#"{"a":1}{"b":2}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\ud83d\u0041"}"#,
            r#"{"a":"\ude00\ud83d"}"#,
            r#"{"a":"\u"}"#,
            r#"{"a":"\u12"}"#,
            r#"{"a":"\u+123"}"#,
            r#"{"a":"\u00\n9"}"#,
            r#"{"a":"b"#,
            r#"{"a":"b\"#,
            "{\"a\":\"\n\"}",
            r#"{"$serde_json::private::Number":"1"}"#,
        ] {
            assert!(!check(json), "{json}");
        }
        let deep = |begins: &str, ends: &str| format!(r#"{{"a":{}{}}}"#, begins.repeat(127), ends.repeat(127));
        assert!(!check(&deep("[", "]")) && !check(&deep(r#"{"a":"#, "}")) && read(b"{\"a\":\"\xff\"}").is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_json_reads_it(
            name in r#"[a-z"é]{0,3}"#,
            text in r#"([a-z é港😀]{0,70}|["\\/\u{0}-\u{1f}\u{7f}\u{2028}]){0,6}"#,
            from in 0_usize..40,
            odd in r#"["\\,:{}\[\]u 0-9é]{0,2}"#,
        ) {
            let json = serde_json::json!({"before": [1, null], &name: &text, "behind": {"text": &text}}).to_string();
            prop_assert!(check(&json) && check(&in_ascii(&json)));
            let from = json.ceil_char_boundary(from.min(json.len()));
            let to = json.ceil_char_boundary((from + 1).min(json.len()));
            check(&format!("{}{odd}{}", &json[..from], &json[to..]));
        }
    }
}
