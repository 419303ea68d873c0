//! The JSON of an object → its fields, with long strings read sixty-four bytes at a time.
//!
//! In: a value's bytes. Out: the object that they are, the same as `serde_json` reads it; or nothing, where they are no object or `serde_json`
//! must tell what is wrong. Always: a string is gone through for its end, then copied once; what is no string is left to `serde_json`.

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
        let Extent {
            end,
            escapes,
            by_number,
        } = extent(self.rest)?;
        let (own, behind) = self.rest.split_at_checked(end)?;
        self.rest = behind.get(1..)?;
        if escapes == 0 {
            return String::from_utf8(own.to_vec()).ok();
        }
        // A character by its number takes six bytes, and three at most when it is written out.
        let mut string = Vec::with_capacity(end.saturating_sub(escapes + 2 * by_number) + BLOCK);
        let mut copied = 0;
        for (at, bits, _) in bits::blocks(own) {
            for place in bits::places(bits.any([b'\\'])) {
                let place = at + place;
                // It is a backslash that is written, or the second half of a character.
                if place < copied {
                    continue;
                }
                push(&mut string, own.get(copied..)?, place - copied);
                let behind = own.get(place + 1..)?;
                let plain = PLAIN[usize::from(*behind.first()?)];
                copied = if plain != 0 {
                    string.push(plain);
                    place + 2
                } else {
                    let (character, length) = numbered(behind.strip_prefix(b"u")?)?;
                    string.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    place + 2 + length
                };
            }
        }
        string.extend_from_slice(own.get(copied..)?);
        String::from_utf8(string).ok()
    }
}

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

/// What a string holds, up to its end.
struct Extent {
    /// Where its last quotation mark stands.
    end: usize,
    /// How many backslashes something stands behind, and how many of these are a character's number.
    escapes: usize,
    by_number: usize,
}

/// Find where a string ends; `None` where it does not, or holds what no string may.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn extent(string: &[u8]) -> Option<Extent> {
    let (mut escapes, mut by_number) = (0, 0);
    let mut is_behind_escape = 0;
    for (at, bits, own) in bits::blocks(string) {
        let backslashes = bits.any([b'\\']);
        let escaped = escaped(backslashes, is_behind_escape);
        let ends = bits.any([b'"']) & !escaped;
        // All before the end.
        let of_string = own & ends.wrapping_sub(1) & !ends;
        if bits.controls() & of_string != 0 {
            return None;
        }
        let begins = backslashes & !escaped & of_string;
        escapes += begins.count_ones() as usize;
        by_number += (bits.any([b'u']) & escaped & of_string).count_ones() as usize;
        if ends != 0 {
            return Some(Extent {
                end: at + ends.trailing_zeros() as usize,
                escapes,
                by_number,
            });
        }
        is_behind_escape = begins >> (BLOCK - 1);
    }
    None
}

/// Which bytes stand behind a backslash that does not stand behind one itself; `first` is 1 where the first does. In a run of backslashes every second
/// is escaped, and which these are is found by a subtraction whose carry ends at the run's end (Langdale and Lemire, "Parsing gigabytes of JSON
/// per second", 2019, and its later form in simdjson).
fn escaped(backslashes: u64, first: u64) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let begins = backslashes & !first;
    let behind = begins << 1;
    let ends = (behind | ODD).wrapping_sub(begins) ^ ODD;
    ends ^ (backslashes | first)
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

    /// The same by looking at each byte.
    fn escaped_slowly(backslashes: u64, first: u64) -> u64 {
        let mut escaped = first;
        for at in 0..63 {
            escaped |= (backslashes >> at & !(escaped >> at) & 1) << (at + 1);
        }
        escaped
    }

    proptest! {
        #[test]
        fn every_second_backslash_of_a_run_is_escaped(some in any::<u64>(), others in any::<u64>(), first in 0_u64..2) {
            for backslashes in [some, some | others, some & others] {
                prop_assert_eq!(escaped(backslashes, first), escaped_slowly(backslashes, first));
            }
        }

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
