//! The JSON of an object → its fields, with long strings read sixty-four bytes at a time.
//!
//! In: a value's bytes. Out: the object that they are, the same as `serde_json` reads it; or nothing, where they are no object or `serde_json`
//! must tell what is wrong. Always: a string is gone through once, and copied as it is; what is no string is left to `serde_json`. Sixty-four bytes
//! at once are asked for what a string does not hold as it is (as in Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019).

use multiversion::multiversion;
use serde_json::{Deserializer, Map, Value};

use super::bits::{self, BLOCK};

/// Room for the fields of most records.
const FIELDS: usize = 12;

/// Objects within each other, and brackets in what is left to `serde_json`, up to which nothing is too deep for it.
const DEPTH_MAX: usize = 20;
const BRACKETS_MAX: usize = 100;

/// Read an object and all its fields.
pub(crate) fn read(json: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = Reader { rest: json };
    let object = reader.object(0)?;
    reader.skip_blanks();
    reader.rest.is_empty().then_some(object)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        while let [b' ' | b'\n' | b'\t' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Take a character that stands behind blanks.
    fn take(&mut self, character: u8) -> Option<()> {
        self.skip_blanks();
        self.rest = self.rest.strip_prefix(&[character])?;
        Some(())
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.take(b'{')?;
        let mut object = Map::with_capacity(FIELDS);
        if self.take(b'}').is_some() {
            return Some(object);
        }
        loop {
            self.take(b'"')?;
            let name = self.string()?;
            // What `serde_json` itself writes so is no object.
            if name.starts_with("$serde_json") {
                return None;
            }
            self.take(b':')?;
            object.insert(name, self.value(depth)?);
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return Some(object);
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks();
        let value = self.rest;
        if value.starts_with(b"{") && depth < DEPTH_MAX {
            return self.object(depth + 1).map(Value::Object);
        }
        if self.take(b'"').is_some()
            && let Some(string) = self.string()
        {
            return Some(Value::String(string));
        }
        let mut values = Deserializer::from_slice(value).into_iter();
        let read = values.next()?.ok()?;
        let (own, rest) = value.split_at_checked(values.byte_offset())?;
        self.rest = rest;
        let brackets = own.iter().filter(|byte| matches!(byte, b'{' | b'['));
        let may_be_deep = matches!(own, [b'{' | b'[', ..]) && brackets.count() > BRACKETS_MAX;
        (!may_be_deep).then_some(read)
    }

    /// Take a string behind its first quotation mark.
    fn string(&mut self) -> Option<String> {
        let (string, length) = unescaped(self.rest)?;
        self.rest = self.rest.get(length..)?;
        String::from_utf8(string).ok()
    }
}

/// What a string holds that ends in these bytes, and how many it takes with its last quotation mark; `None` where it does not end, or holds what no
/// string may.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn unescaped(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut string = Vec::new();
    let mut copied = 0;
    for (at, bits, own) in bits::blocks(bytes) {
        for place in bits::places(bits.json_escapes() & own) {
            let place = at + place;
            // It stands behind a backslash.
            if place < copied {
                continue;
            }
            let (before, here) = (bytes.get(copied..)?, bytes.get(place..)?);
            match here {
                [b'"', ..] => {
                    string.extend_from_slice(before.get(..place - copied)?);
                    if string.capacity() / ROOM_MAX > string.len() {
                        string.shrink_to_fit();
                    }
                    return Some((string, place + 1));
                }
                [b'\\', letter, behind @ ..] => {
                    let count = place - copied;
                    if string.capacity() - string.len() < count + BLOCK {
                        // Most strings are short; of another it is soon known, and then there is room for all that may come.
                        let most = if string.is_empty() { SHORT } else { usize::MAX };
                        string.reserve(before.len().min(most) + BLOCK);
                    }
                    push(&mut string, before, count);
                    let plain = PLAIN[usize::from(*letter)];
                    copied = place + 2;
                    if plain != 0 {
                        string.push(plain);
                    } else if *letter == b'u' {
                        let (character, length) = numbered(behind)?;
                        string.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        copied += length;
                    } else {
                        return None;
                    }
                }
                _ => return None,
            }
        }
    }
    None
}

/// Room that is made for a string at its first escape, in bytes.
const SHORT: usize = 4096;
/// A string takes about this times its length at most.
const ROOM_MAX: usize = 2;

/// Add so many of the first bytes. Up to [`BLOCK`] are added as a whole block, of which the others are taken back: most are few, and how many is a
/// guess that goes wrong.
#[inline]
fn push(string: &mut Vec<u8>, bytes: &[u8], count: usize) {
    match bytes.first_chunk::<BLOCK>() {
        Some(block) if count <= BLOCK => {
            let end = string.len() + count;
            string.extend_from_slice(block);
            string.truncate(end);
        }
        _ => string.extend_from_slice(bytes.get(..count).unwrap_or_default()),
    }
}

/// What a letter behind a backslash is for, if that is a byte.
const PLAIN: [u8; 256] = {
    const OF: [(u8, u8); 8] = [
        (b'"', b'"'),
        (b'\\', b'\\'),
        (b'/', b'/'),
        (b'b', 8),
        (b'f', 12),
        (b'n', b'\n'),
        (b'r', b'\r'),
        (b't', b'\t'),
    ];
    let mut plain = [0; 256];
    let mut at = 0;
    while at < OF.len() {
        let (letter, byte) = OF[at];
        plain[letter as usize] = byte;
        at += 1;
    }
    plain
};

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
            text in r#"([a-z é港😀]{0,70}|["\\/\u{0}-\u{1f}\u{7f}\u{2028}]|\\{60,70}){0,6}"#,
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
