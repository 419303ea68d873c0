//! Bytes → JSON, forgiving what producers get wrong and what can be understood in one way alone.
//!
//! In: a value. Out: JSON, or the place and the reason. Always: valid JSON is read as it is, in one pass; only what failed is
//! looked at again. Forgiven: invalid UTF-8, lone surrogates, raw control characters inside strings, `NaN` and `Infinity`, several objects in a
//! row (JSON Lines).

use serde_json::Value;

use super::{bytes, reject};
use crate::article::Reject;
use crate::fast::json_object;

/// Nesting that is read; deeper values are refused. It is the parser's own limit, which protects the stack.
pub(super) const DEPTH_MAX: usize = 127;

/// The value means to be JSON: it opens like an object, or like an array of JSON values (and not like `[Reuters] …`).
pub(super) fn is_meant(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    match value.split_first() {
        Some((b'{' | b'"', _)) => true,
        Some((b'[', rest)) => match rest.trim_ascii_start() {
            [] | [b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9', ..] => true,
            rest => ["true", "false", "null"]
                .iter()
                .any(|word| rest.starts_with(word.as_bytes())),
        },
        _ => false,
    }
}

/// Parse a whole value.
pub(super) fn parse(value: &[u8], declared: Option<&str>) -> Result<Value, Reject> {
    if let Some(object) = json_object::read(value) {
        return Ok(Value::Object(object));
    }
    let error = match serde_json::from_slice(value) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    if error.to_string().starts_with("recursion limit") {
        return Err(reject(
            "too-deep",
            format!(
                "JSON nested deeper than {DEPTH_MAX} levels at line {} column {}",
                error.line(),
                error.column()
            ),
        ));
    }
    if error.to_string().starts_with("trailing characters")
        && let Some(list) = lines(value)
    {
        return Ok(list);
    }
    let text = bytes::to_text(value, declared);
    serde_json::from_str(&repaired(&text)).map_err(|_| not_json(&error, value.len()))
}

/// JSON Lines in one value: a list of its lines.
fn lines(value: &[u8]) -> Option<Value> {
    let objects: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(value).into_iter().collect();
    objects
        .ok()
        .filter(|list| list.iter().all(Value::is_object))
        .map(Value::Array)
}

/// The first error is told, since it names a place in the value as it came.
fn not_json(error: &serde_json::Error, bytes: usize) -> Reject {
    reject("not-json", format!("not JSON: {error} (value of {bytes} bytes)"))
}

/// The same JSON with what is forgiven put right.
fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut in_string = false;
    while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\' | 'N' | 'I') || (c < ' ')) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let taken = match (in_string, from.as_bytes().first()) {
            (_, Some(b'"')) => {
                in_string = !in_string;
                out.push('"');
                1
            }
            (true, Some(b'\\')) => escape(from, &mut out),
            (true, Some(&control)) if control < b' ' => {
                use std::fmt::Write;
                write!(out, "\\u{control:04x}").expect("writing to a string cannot fail");
                1
            }
            (false, _) => number_word(from, &mut out),
            (true, _) => keep_one(from, &mut out),
        };
        rest = from.get(taken..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// One escape; a surrogate without its other half becomes U+FFFD. Gives the bytes read.
fn escape(from: &str, out: &mut String) -> usize {
    let unit = |at: usize| {
        let hex = from.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    match unit(0) {
        Some(high @ 0xd800..=0xdbff) if matches!(unit(6), Some(0xdc00..=0xdfff)) => {
            let _ = high;
            out.push_str(from.get(..12).unwrap_or_default());
            12
        }
        Some(0xd800..=0xdfff) => {
            out.push_str("\\ufffd");
            6
        }
        _ => {
            let len = 1 + from.chars().nth(1).map_or(0, char::len_utf8);
            out.push_str(from.get(..len).unwrap_or(from));
            len
        }
    }
}

/// `NaN`, `Infinity` (and `-Infinity`, whose sign is dropped) outside of strings are `null`.
fn number_word(from: &str, out: &mut String) -> usize {
    for word in ["NaN", "Infinity"] {
        if from.starts_with(word) {
            if out.ends_with('-') {
                out.pop();
            }
            out.push_str("null");
            return word.len();
        }
    }
    keep_one(from, out)
}

fn keep_one(from: &str, out: &mut String) -> usize {
    let len = from.chars().next().map_or(1, char::len_utf8);
    out.push_str(from.get(..len).unwrap_or_default());
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_producers_get_wrong_is_forgiven() {
        let check = |value: &[u8], expected: Value| assert_eq!(parse(value, None).unwrap(), expected);
        check(br#"{"a":"x\ud800y"}"#, json!({"a": "x\u{fffd}y"}));
        check(
            br#"{"a":"\udc00\ud83d\ude00\ud83d"}"#,
            json!({"a": "\u{fffd}\u{1f600}\u{fffd}"}),
        );
        check(b"{\"a\":\"x\xff\xc3\xa9\xc3\xa9y\"}", json!({"a": "x\u{fffd}ééy"}));
        check(b"{\"a\":\"x\ny\tz\0\"}", json!({"a": "x\ny\tz\0"}));
        check(
            br#"{"a":NaN,"b":-Infinity,"c":"NaN \" Infinity"}"#,
            json!({"a": null, "b": null, "c": "NaN \" Infinity"}),
        );
        check(b"\xef\xbb\xbf{\"a\":1}", json!({"a": 1}));
        check(b"{\"a\":\"caf\xe9\"}", json!({"a": "café"}));
        check(b"{\"a\":1}\n{\"a\":2}\n", json!([{"a": 1}, {"a": 2}]));
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        let message = |value: &[u8]| parse(value, None).unwrap_err().message;
        assert_eq!(
            message(b"{\"a\":\n 1"),
            "not JSON: EOF while parsing an object at line 2 column 2 (value of 8 bytes)"
        );
        assert!(message(b"{'a': 1}").contains("line 1 column 2"));
        let deep = [b'['; 100_000];
        assert_eq!(parse(&deep, None).unwrap_err().code, "too-deep");
    }

    #[test]
    fn text_that_begins_with_a_bracket_is_not_meant_as_json() {
        for text in ["[Reuters] Words", "Words", "<p>", "", "12", "[home](/)"] {
            assert!(!is_meant(text.as_bytes()), "{text}");
        }
        for json in ["{", "{broken", "[1, 2", "[{\"a\"", " [\"a\"]", "[", "[null"] {
            assert!(is_meant(json.as_bytes()), "{json}");
        }
    }
}
