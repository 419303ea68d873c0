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

    /// Take a string behind its first quotation mark; one with characters by their numbers is none.
    fn string(&mut self) -> Option<String> {
        let (end, escapes) = extent(self.rest.as_bytes())?;
        let mut string = String::with_capacity(end - escapes.len());
        let mut copied = 0;
        for place in escapes {
            string.push_str(self.rest.get(copied..place)?);
            string.push(escaped(*self.rest.as_bytes().get(place + 1)?)?);
            copied = place + 2;
        }
        string.push_str(self.rest.get(copied..end)?);
        self.rest = self.rest.get(end + 1..)?;
        Some(string)
    }
}

/// Where a string's last quotation mark stands, and the backslashes before it.
fn extent(string: &[u8]) -> Option<(usize, SmallVec<[usize; 64]>)> {
    let mut backslashes = SmallVec::new();
    let mut escaped = None;
    for (at, bits, own) in bits::blocks(string) {
        for place in bits::places(bits.json_escapes() & own) {
            let place = at + place;
            if escaped == Some(place) {
                continue;
            }
            match (string.get(place)?, string.get(place + 1)) {
                (b'"', _) => return Some((place, backslashes)),
                (b'\\', Some(letter)) if *letter != b'u' => backslashes.push(place),
                _ => return None,
            }
            escaped = Some(place + 1);
        }
    }
    None
}

/// What a letter behind a backslash stands for.
fn escaped(letter: u8) -> Option<char> {
    Some(match letter {
        b'"' | b'\\' | b'/' => char::from(letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is read is what `serde_json` reads; gives whether it was read.
    fn check(json: &str) -> bool {
        let known = serde_json::from_str::<Value>(json).ok();
        let object = read(json.as_bytes()).map(Value::Object);
        assert!(object.is_none() || object == known, "{json}");
        object.is_some()
    }

    #[test]
    fn objects_are_read() {
        for json in [
            "{}",
            " { } \n",
            r#"{"a": "b\n\"c\\", "d": 1.50, "e": -2e9, "f": null, "a": [{"g": "\u00e9"}, true]}"#,
            "{\"text\":\"\\u00e9 and é\",\n\t\"b\":{\"c\":[[],{}]}}",
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
            text in r#"([a-z é港]{0,70}|["\\/\u{0}-\u{1f}\u{7f}\u{2028}]){0,6}"#,
            from in 0_usize..40,
            odd in r#"["\\,:{}\[\]u 0-9é]{0,2}"#,
        ) {
            let json = serde_json::json!({"before": [1, null], &name: &text, "behind": {"text": &text}}).to_string();
            prop_assert!(check(&json) || text.contains(|c| c < ' ') || name.contains(|c| c < ' '));
            let from = json.ceil_char_boundary(from.min(json.len()));
            let to = json.ceil_char_boundary((from + 1).min(json.len()));
            check(&format!("{}{odd}{}", &json[..from], &json[to..]));
        }
    }
}
