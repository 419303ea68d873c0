//! An object's fields by path, with several candidates for each.
//!
//! In: a JSON object. Out: the first candidate that says something. Always: what a tool writes for "nothing" is nothing; what
//! is taken is moved, not copied, where it stands at the top.
//!
//! A path is a field's name, or names joined by dots: `metadata.title`. Names that hold dots themselves are found too
//! (`metadata.parse.title` is `title` of `parse` of `metadata`, or `parse.title` of `metadata`), the longer name first. Of a
//! list on the way the first element counts.

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// What tools write where they found nothing.
const NOTHING: &[&str] = &[
    "none",
    "null",
    "nil",
    "nan",
    "n/a",
    "na",
    "undefined",
    "unknown",
    "[no-author]",
    "[no-title]",
    "no-author",
    "no author",
    "-",
    "--",
    "[]",
    "{}",
    "[object object]",
    "untitled",
    "[removed]",
    "only available in paid plans",
];

/// The longest of them.
const NOTHING_BYTES_MAX: usize = 28;

/// `s` says nothing: blank, or a word for it.
pub(super) fn is_nothing(s: &str) -> bool {
    let s = s.trim();
    s.is_empty() || (s.len() <= NOTHING_BYTES_MAX && NOTHING.iter().any(|word| word.eq_ignore_ascii_case(s)))
}

/// A value that says nothing: null, `false`, an empty list or object, a list of nothing, or a string for "nothing".
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => is_nothing(s),
        Value::Array(list) => list.iter().all(is_empty),
        Value::Object(map) => map.is_empty(),
        // What PHP writes for nothing.
        Value::Bool(said) => !said,
        Value::Number(_) => false,
    }
}

/// An object whose fields are looked up by many candidate names, few of which it has. A filter of its names answers most
/// questions without hashing a name.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) object: Object,
    names: u64,
    /// Some name holds a dot itself.
    dotted: bool,
    /// Some field holds an object, or a list of them.
    nests: bool,
}

/// Objects of more fields are looked into by hash, which for fewer costs more than a look at each name.
const FIELDS_FEW: usize = 24;

/// One of 64 bits for a name.
fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let first = bytes.first().copied().unwrap_or(0);
    let last = bytes.last().copied().unwrap_or(0);
    let mix = usize::from(first) ^ (usize::from(last) << 2) ^ (bytes.len() << 1);
    1 << (mix & 63)
}

/// The bits that an object must have which holds all of these paths, unless a name of its own holds a dot.
pub(super) fn bits(paths: &[&str]) -> u64 {
    let first = |path: &&str| bit(path.split('.').next().unwrap_or_default());
    paths.iter().map(first).fold(0, |all, bit| all | bit)
}

impl Fields {
    pub(super) fn new(object: Object) -> Self {
        let mut names = 0;
        let mut dotted = false;
        let mut nests = false;
        for (name, value) in &object {
            names |= bit(name);
            dotted |= name.contains('.');
            nests |= first_object(value).is_some();
        }
        Self {
            object,
            names,
            dotted,
            nests,
        }
    }

    /// The object has a field of this name, whatever it holds.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names & bit(name) != 0 && self.top(name).is_some()
    }

    /// Whether all of some paths may be there, by their [`bits`]; where not, that is certain.
    pub(super) fn may_hold(&self, bits: u64) -> bool {
        self.dotted || self.names & bits == bits
    }

    /// The value of a name.
    fn top(&self, name: &str) -> Option<&Value> {
        named(&self.object, name)
    }

    /// The value at a path.
    pub(super) fn get(&self, path: &str) -> Option<&Value> {
        if self.names & bit(path) != 0
            && let Some(found) = self.top(path)
        {
            return Some(found);
        }
        if !self.nests {
            return None;
        }
        let dot = path.bytes().position(|byte| byte == b'.')?;
        // The filter again: most paths fail on their first name.
        let deeper = self.dotted || self.has(path.get(..dot)?);
        deeper.then(|| at(&self.object, path)).flatten()
    }

    /// Move the value at a path out.
    pub(super) fn take(&mut self, path: &str) -> Option<Value> {
        // The order of the fields that stay does not matter: they are written in the order of their names.
        if let Some(found) = self.take_top(path) {
            return Some(found);
        }
        take_at(&mut self.object, path)
    }
}

impl Fields {
    /// Move the field of this name out.
    pub(super) fn take_top(&mut self, name: &str) -> Option<Value> {
        if self.names & bit(name) == 0 {
            return None;
        }
        self.object.swap_remove(name)
    }
}

/// The value of a name in an object.
fn named<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    if object.len() > FIELDS_FEW {
        return object.get(name);
    }
    let (_, value) = object.iter().find(|(own, _)| *own == name)?;
    Some(value)
}

/// All ways to split a path into a name and the rest, the longest name first.
fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.rmatch_indices('.')
        .filter_map(|(dot, _)| Some((path.get(..dot)?, path.get(dot + 1..)?)))
}

/// The value at a path in an object.
pub(super) fn at<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    named(object, path).or_else(|| {
        splits(path).find_map(|(name, rest)| {
            let inner = first_object(named(object, name)?)?;
            at(inner, rest)
        })
    })
}

fn take_at(object: &mut Object, path: &str) -> Option<Value> {
    if object.contains_key(path) {
        return object.shift_remove(path);
    }
    splits(path).find_map(|(name, rest)| {
        let inner = first_object_mut(object.get_mut(name)?)?;
        take_at(inner, rest)
    })
}

fn first_object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(map) => Some(map),
        Value::Array(list) => list.first()?.as_object(),
        _ => None,
    }
}

fn first_object_mut(value: &mut Value) -> Option<&mut Object> {
    match value {
        Value::Object(map) => Some(map),
        Value::Array(list) => list.first_mut()?.as_object_mut(),
        _ => None,
    }
}

/// What a value is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        Fields::new(value.as_object().expect("an object").clone())
    }

    #[test]
    fn paths_find_nested_names_names_with_dots_and_the_first_of_a_list() {
        let mut f = fields(json!({"a": {"b": {"c": 1}, "d.e": 2}, "x.y": {"z": 3}, "list": [{"v": 4}, {"v": 5}]}));
        for (path, expected) in [("a.b.c", 1), ("a.d.e", 2), ("x.y.z", 3), ("list.v", 4)] {
            assert_eq!(f.get(path), Some(&json!(expected)), "{path}");
        }
        assert_eq!(f.get("a.b.nope"), None);
        assert_eq!(f.get("nope.b"), None);
        assert_eq!(f.take("a.b.c"), Some(json!(1)));
        assert_eq!(f.take("list"), Some(json!([{"v": 4}, {"v": 5}])));
        assert_eq!(f.take("list"), None);
    }

    #[test]
    fn what_tools_write_for_nothing_is_nothing() {
        for value in [
            json!(null),
            json!(""),
            json!(" \n"),
            json!("None"),
            json!("[no-author]"),
            json!([]),
            json!([""]),
            json!({}),
            json!(false),
        ] {
            assert!(is_empty(&value), "{value}");
        }
        for value in [json!("Nonesuch"), json!(0), json!(true), json!(["a"])] {
            assert!(!is_empty(&value), "{value}");
        }
    }
}
