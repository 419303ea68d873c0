//! The dotted names of options.
//!
//! In: a tree. Out: its leaves by their dotted names. Always: which sections hold names of the user's own stands here, and nowhere else.

use std::collections::BTreeMap;

/// Whatever is named below these is not an option of the stage's own.
pub(super) const OPEN_SECTIONS: [&str; 3] = ["kafka.properties.", "tags.thresholds.", "input.fields."];

/// librdkafka's settings.
pub(super) const PROPERTIES: &str = "kafka.properties.";

/// A tree as dotted names and the texts of their values.
pub(super) fn flatten(prefix: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let path = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flatten(&path, value, into);
            }
        }
        serde_json::Value::String(s) => {
            into.insert(prefix.to_owned(), s.clone());
        }
        serde_json::Value::Null => {}
        other => {
            into.insert(prefix.to_owned(), other.to_string());
        }
    }
}
