//! Where a key stands in TOML, and where a file is no text.
//!
//! In: a text, and a dotted path of keys and positions in lists. Out: the line of the key, from 1. Always: a key may itself hold dots; `None`
//! where the text is no TOML, or has no such key.

use toml::de::{DeTable, DeValue};

/// The line, from 1, where bytes are no UTF-8 any more; `None` where all are.
pub(crate) fn broken_line(bytes: &[u8]) -> Option<usize> {
    let valid = std::str::from_utf8(bytes).err()?.valid_up_to();
    let before = bytes.get(..valid).unwrap_or_default();
    Some(memchr::memchr_iter(b'\n', before).count() + 1)
}

/// The line of `workers`, `dedupe.window` or `concept.0.weights`.
pub(crate) fn line_of(text: &str, path: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let at = in_table(table.get_ref(), path)?;
    Some(text.get(..at)?.matches('\n').count() + 1)
}

/// Where the key begins, in bytes.
fn in_table(table: &DeTable<'_>, path: &str) -> Option<usize> {
    table.iter().find_map(|(key, value)| {
        let rest = path.strip_prefix(key.get_ref().as_ref())?;
        if rest.is_empty() {
            return Some(key.span().start);
        }
        in_value(value.get_ref(), rest.strip_prefix('.')?)
    })
}

fn in_value(value: &DeValue<'_>, path: &str) -> Option<usize> {
    match value {
        DeValue::Table(table) => in_table(table, path),
        DeValue::Array(list) => {
            let (position, rest) = path.split_once('.')?;
            in_value(list.get(position.parse::<usize>().ok()?)?.get_ref(), rest)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_whatever_form_it_is_written() {
        let text = "\u{feff}workers = 1\n\n[dedupe]\nwindow = \"\"\"\n[kafka]\n\"\"\"\nvalkey.url = 1\nvalkey . path = 2\n\
            [kafka.properties]\n\"sasl.username\" = \"a\"\n[[concept]]\nname = 1\n[[concept]]\nname = 2\ninline = { a = 1 }\n";
        for (path, expected) in [
            ("workers", Some(1)),
            ("dedupe", Some(3)),
            ("dedupe.window", Some(4)),
            ("dedupe.valkey.url", Some(7)),
            ("dedupe.valkey.path", Some(8)),
            ("kafka.properties.sasl.username", Some(10)),
            ("concept.1.name", Some(14)),
            ("concept.1.inline.a", Some(15)),
            ("concept.2.name", None),
            ("worker", None),
            ("workers.one", None),
        ] {
            assert_eq!(line_of(text, path), expected, "{path}");
        }
        assert_eq!(line_of("workers = ", "workers"), None);
    }
}
