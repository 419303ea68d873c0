//! JSON values → what they say in a role: words, numbers, dates, names, bodies in pieces.
//!
//! In: a value as a tool wrote it, bare, in a list or wrapped in an object. Out: what it holds, or nothing. Always: no field is looked
//! up here but those within the value.

use std::borrow::Cow;

use serde_json::Value;

use super::fields::{Object, is_empty, is_nothing};
use super::names::{self, Names};
use crate::date::{self, Date};

/// Where containers of bodies hold them.
const INSIDE: &[&str] = &[
    "value",
    "raw_markdown",
    "rendered",
    "html",
    "text",
    "content",
    "#text",
    "_",
    "$t",
];

/// The body that a container holds.
pub(super) fn text_inside(value: &Value) -> Option<&str> {
    said(value.as_object()?, INSIDE)
}

/// A body in pieces: paragraphs (`[{"type": "paragraph", "text": …}, …]`), or one text in several forms (`[{"type": "text/plain", "value": …},
/// {"type": "text/html", …}]`), of which the page comes before the longest other.
pub(super) fn join_pieces(list: &[Value]) -> Option<String> {
    let pieces = || {
        list.iter()
            .filter_map(|piece| Some((piece, piece.as_str().or_else(|| text_inside(piece))?)))
    };
    let mut forms: Vec<Option<&str>> = pieces().map(|(piece, _)| media_type(piece)).collect();
    let count = forms.len();
    forms.sort_unstable();
    forms.dedup();
    let is_html = |piece: &Value| media_type(piece).is_some_and(|form| form.contains("html"));
    let are_alternatives = forms.iter().all(Option::is_some) && forms.len() == count;
    if are_alternatives {
        let (_, best) = pieces().max_by_key(|(piece, text)| (is_html(piece), text.len()))?;
        return Some(best.to_owned());
    }
    let is_text = |piece: &Value| is_html(piece) || media_type(piece).is_none_or(|form| form.starts_with("text/"));
    let all: Vec<&str> = pieces()
        .filter(|(piece, _)| is_text(piece))
        .map(|(_, text)| text)
        .collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// The texts of what was extracted from a page: of blocks whose `content` is a list of lines, or of objects by a schema of the user's own.
pub(super) fn extracted(value: &Value) -> Option<String> {
    const BODIES: &[&str] = &[
        "content",
        "text",
        "body",
        "articleBody",
        "article_body",
        "article",
        "html",
    ];
    match value {
        Value::String(text) if !is_nothing(text) => Some(text.clone()),
        Value::Array(blocks) => {
            let texts: Vec<String> = blocks.iter().filter_map(extracted).collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
        Value::Object(block) if block.get("error") != Some(&Value::Bool(true)) => {
            BODIES.iter().find_map(|name| extracted(block.get(*name)?))
        }
        _ => None,
    }
}

/// The `type` of a piece where it is a media type; `paragraph` is none.
fn media_type(piece: &Value) -> Option<&str> {
    piece.get("type")?.as_str().filter(|form| form.contains('/'))
}

/// What a candidate gave.
pub(super) enum Tried<T> {
    Found(T),
    /// It says nothing.
    Nothing,
    /// It says something that is not of this role; it stays.
    Unread,
    WrongType,
}

/// A value as text: a string, a number, or the first of a list.
pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Number(n) => Some(Cow::Owned(n.to_string())),
        other => string_of(other).map(Cow::Borrowed),
    }
}

/// The string in a value: itself, the first of a list, or the one that an object wraps.
pub(super) fn string_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(s) => Some(s),
        Value::Array(list) => string_of(list.iter().find(|v| !is_empty(v))?),
        // `{"value": …}`, `{"$oid": …}`, `{"rendered": …}`, `{"@id": …}` hold one text.
        Value::Object(_) => inside(
            value,
            &["value", "@value", "rendered", "main", "$oid", "@id", "#text", "_"],
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The text that an object, or the first of a list of these, holds under one of some names.
pub(super) fn inside<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    match value {
        Value::Object(map) => said(map, names),
        Value::Array(list) => list.iter().find_map(Value::as_object).and_then(|map| said(map, names)),
        _ => None,
    }
}

/// The address in a link, or in the first of several that leads to the page and not to the feed (`rel="self"`) or a file.
pub(super) fn link_of(value: &Value) -> Option<&str> {
    const NAMES: &[&str] = &["href", "@href", "url"];
    let leads_there = |link: &&Value| inside(link, &["rel", "@rel"]).is_none_or(|rel| rel == "alternate");
    let page = value.as_array().and_then(|links| links.iter().find(leads_there));
    inside(page.unwrap_or(value), NAMES)
}

/// The text under the first of some names that says something.
fn said<'a>(object: &'a Object, names: &[&str]) -> Option<&'a str> {
    let text = |name: &&str| object.get(*name)?.as_str().filter(|text| !is_nothing(text));
    names.iter().find_map(text)
}

pub(super) fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64(),
        Value::String(s) => s.trim().parse().ok(),
        Value::Array(list) => number_of(list.first()?),
        _ => None,
    }
}

/// What servers say behind the status of a failure, among other words.
const REASONS: &[&str] = &[
    "bad request",
    "unauthorized",
    "payment required",
    "forbidden",
    "denied",
    "not found",
    "not allowed",
    "not acceptable",
    "timeout",
    "time-out",
    "timed out",
    "gone",
    "blocked",
    "too many requests",
    "unavailable",
    "error",
    "bad gateway",
];

/// The status of an answer: a number, or what a line begins with (`404 Not Found`, `HTTP/1.1 404 Not Found`). `450 comments` is none.
pub(super) fn status_of(value: &Value) -> Option<i64> {
    let of_line = || {
        let line = value.as_str()?.trim();
        let behind = line.strip_prefix("HTTP/").and_then(|line| line.split_once(' '));
        let line = behind.map_or(line, |(_, rest)| rest);
        let (status, reason) = line.split_once(' ').unwrap_or((line, ""));
        let is_reason = || {
            let reason = reason.to_ascii_lowercase();
            REASONS.iter().any(|known| reason.contains(known))
        };
        let is_one = behind.is_some() || status.len() == 3 && is_reason();
        (is_one && status.len() == 3).then(|| status.parse().ok()).flatten()
    };
    number_of(value).or_else(of_line)
}

pub(super) fn date_of(value: &Value) -> Tried<Date> {
    let read = |date: Option<Date>| date.map_or(Tried::Unread, Tried::Found);
    match value {
        Value::String(s) => read(date::parse(s)),
        Value::Number(n) => read(n.as_f64().and_then(date::from_epoch)),
        Value::Array(list) => match fields_of_date(list) {
            Some(date) => Tried::Found(date),
            None => list.iter().find(|v| !is_empty(v)).map_or(Tried::Nothing, date_of),
        },
        Value::Object(map) => {
            // As PHP writes a date: its zone stands beside it.
            let zoned = map
                .get("date")
                .and_then(Value::as_str)
                .zip(map.get("timezone").and_then(Value::as_str))
                .and_then(|(date, zone)| date::parse(&format!("{date} {zone}")));
            let wrapped = || {
                let names = [
                    "$date",
                    "$numberLong",
                    "value",
                    "@value",
                    "date",
                    "iso",
                    "iso8601",
                    "parsed",
                    "utc",
                    "datetime",
                    "published",
                    "timestamp",
                    "_seconds",
                    "seconds",
                    "epochSecond",
                    "#text",
                    "_",
                ];
                names.iter().find_map(|n| map.get(*n)).map_or(Tried::Unread, date_of)
            };
            zoned.map_or_else(wrapped, Tried::Found)
        }
        Value::Null | Value::Bool(_) => Tried::Unread,
    }
}

/// Year, month, day and what follows, as Java's serialisers write a time, and Python's with nine numbers in UTC.
fn fields_of_date(list: &[Value]) -> Option<Date> {
    let numbers: Vec<i64> = list.iter().map(Value::as_i64).collect::<Option<_>>()?;
    let at = |index: usize| numbers.get(index).copied().unwrap_or(0);
    if !(3..=9).contains(&numbers.len()) || !(1000..=9999).contains(&at(0)) {
        return None;
    }
    let day = format!("{:04}-{:02}-{:02}", at(0), at(1), at(2));
    if numbers.len() == 3 {
        return date::parse(&day);
    }
    let zone = if numbers.len() == 9 { "Z" } else { "" };
    date::parse(&format!("{day}T{:02}:{:02}:{:02}{zone}", at(3), at(4), at(5)))
}

/// A list or an object that was written into a string.
fn inside_string(text: &str) -> Option<Value> {
    let text = text.trim();
    let is_one = text.starts_with(['[', '{']) && text.ends_with([']', '}']) && text.contains('"');
    is_one.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Add the names in a value: a byline, an object with a name, or a list in which there are some of these. `false` where it is neither.
pub(super) fn add_authors(value: &Value, found: &mut Names, depth: usize) -> bool {
    match value {
        Value::Null => true,
        Value::String(byline) => {
            match inside_string(byline) {
                Some(list) if depth < 3 => return add_authors(&list, found, depth + 1),
                _ => names::add(byline, found),
            }
            true
        }
        // One odd element costs no other its name.
        Value::Array(list) if depth < 3 => {
            let read = list.iter().filter(|one| add_authors(one, found, depth + 1)).count();
            read > 0 || list.is_empty()
        }
        Value::Object(map) if depth < 3 => {
            // Among the Guardian's tags stand those who contributed.
            if let Some(tag) = map.get("webTitle") {
                let wrote = map.get("type").and_then(Value::as_str) == Some("contributor");
                return !wrote || add_authors(tag, found, depth + 1);
            }
            let name = [
                "name",
                "nameRaw",
                "full_name",
                "fullName",
                "display_name",
                "displayName",
                "author_name",
                "author",
                "byline",
                "original",
                "label",
                "value",
                "@value",
                "#text",
                "_",
                "names",
            ]
            .iter()
            .find_map(|n| map.get(*n).filter(|name| !is_empty(name) && !name.is_number()));
            if let Some(name) = name {
                return add_authors(name, found, depth + 1);
            }
            let part = |names: [&str; 6]| names.iter().find_map(|n| map.get(*n)?.as_str());
            let first = part(["first_name", "firstName", "firstname", "first", "given", "givenName"]);
            let last = part(["last_name", "lastName", "lastname", "last", "family", "familyName"]);
            if let Some((first, last)) = first.zip(last) {
                names::add(&format!("{first} {last}"), found);
                return true;
            }
            // Beside the parts of a name a title is `Dr`.
            map.get("title")
                .is_none_or(|title| add_authors(title, found, depth + 1))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_in_lists_and_objects_are_read() {
        let check = |value: Value, text: &str| match date_of(&value) {
            Tried::Found(date) => assert_eq!(date.text, text),
            _ => panic!("{value}"),
        };
        check(json!([2024, 3, 5, 7, 8, 9]), "2024-03-05T07:08:09");
        check(json!([2024, 3, 5]), "2024-03-05");
        check(json!([2024, 3, 5, 7, 8, 9, 1, 65, 0]), "2024-03-05T07:08:09Z");
        check(json!([1_709_622_489]), "2024-03-05T07:08:09Z");
        check(json!({"seconds": 1_709_622_489, "nanos": 0}), "2024-03-05T07:08:09Z");
        check(
            json!({"__type": "Date", "iso": "2024-03-05T07:08:09Z"}),
            "2024-03-05T07:08:09Z",
        );
        assert!(matches!(date_of(&json!([2024, 13, 5])), Tried::Unread));
    }

    #[test]
    fn an_odd_element_of_a_list_costs_no_other_its_name() {
        let check = |authors: Value, names: &[&str]| {
            let mut found = Names::default();
            assert_eq!(add_authors(&authors, &mut found, 0), !names.is_empty(), "{authors}");
            assert_eq!(found.list, names, "{authors}");
        };
        check(json!(["Ada Quill", 5]), &["Ada Quill"]);
        check(
            json!([true, {"name": "Ben Ink"}, "Ada Quill"]),
            &["Ben Ink", "Ada Quill"],
        );
        check(json!([{"name": ["Ada Quill", 7]}, [[[["Cy Dot"]]]]]), &["Ada Quill"]);
        check(json!([5, true]), &[]);
    }

    #[test]
    fn a_title_is_a_name_only_where_no_other_is() {
        let check = |author: Value, name: &str| {
            let mut found = Names::default();
            assert!(add_authors(&author, &mut found, 0));
            assert_eq!(found.list, [name]);
        };
        check(
            serde_json::json!({"title": "Dr", "first_name": "Ada", "last_name": "Quill"}),
            "Ada Quill",
        );
        check(serde_json::json!({"title": "Ada Quill"}), "Ada Quill");
        check(serde_json::json!("[{\"name\": \"Ada Quill\"}]"), "Ada Quill");
        check(serde_json::json!({"displayName": "Ada Quill"}), "Ada Quill");
        check(serde_json::json!({"value": "77", "label": "Ada Quill"}), "Ada Quill");
        check(serde_json::json!({"name": null, "value": "Ada Quill"}), "Ada Quill");
        check(
            serde_json::json!({"name": "", "author": 77, "first": "Ada", "last": "Quill"}),
            "Ada Quill",
        );
        check(
            serde_json::json!({"givenName": "Ada", "familyName": "Quill"}),
            "Ada Quill",
        );
    }
}
