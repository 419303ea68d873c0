//! A taxonomy's tables that are not what they must be: the key, and the remedy.
//!
//! A concept's languages are keys like its options, so that reading one into its type tells neither the key nor its line.

use toml::{Table, Value};

use super::{Mistake, Place, codes};

/// The first table or key of a concept whose value cannot be read.
pub(super) fn mistake(text: &str) -> Option<Mistake> {
    let table: Table = text.parse().ok()?;
    for (name, hint) in [("concept", "write `[[concept]]`"), ("example", "write `[[example]]`")] {
        if table.get(name).is_some_and(Value::is_table) {
            let message = format!("`{name}` is one table, and not a list of them");
            return Some((Place::Key(name.to_owned()), message, hint.into()));
        }
    }
    let concepts = table.get("concept")?.as_array()?;
    (0..).zip(concepts).find_map(|(position, concept)| {
        let concept = concept.as_table()?;
        let name = concept.get("name").and_then(Value::as_str).unwrap_or_default();
        concept.iter().find_map(|(key, value)| {
            let (message, hint) = of_key(name, key, value)?;
            Some((Place::Key(format!("concept.{position}.{key}")), message, hint.into()))
        })
    })
}

/// What is wrong with a key of a concept.
fn of_key(concept: &str, key: &str, value: &Value) -> Option<(String, String)> {
    let wrong = |what: &str, hint: &str| Some((format!("`{key}` in concept `{concept}` {what}"), hint.to_owned()));
    match key {
        "name" if value.is_str() => None,
        "name" => wrong("is no text", "write it in quotes, like `name = \"boats\"`"),
        "role" if value.as_str().is_some_and(|role| ROLES.contains(&role)) => None,
        "role" => wrong(
            &format!("is {value}"),
            "a role is `subject`, `weak`, `support` or `against`",
        ),
        "weights" if is_three_numbers(value) => None,
        "weights" => wrong(
            "are not three numbers",
            "write one each for title, lead and body, like `weights = [1.5, 0.8, 0.4]`",
        ),
        _ => unknown(concept, key).or_else(|| match value {
            Value::Array(phrases) if phrases.iter().all(Value::is_str) => None,
            Value::Array(_) => wrong(
                "holds what is no text",
                "phrases stand in quotes, like `en = [\"ferry\"]`",
            ),
            _ => wrong("is no list", "phrases stand in a list, like `en = [\"ferry\"]`"),
        }),
    }
}

const ROLES: [&str; 4] = ["subject", "weak", "support", "against"];

fn is_three_numbers(value: &Value) -> bool {
    let is_number = |value: &Value| value.is_float() || value.is_integer();
    let list = value.as_array();
    list.is_some_and(|list| list.len() == 3 && list.iter().all(is_number))
}

/// That a key of a concept is neither an option nor a language, where that is so, and what is meant by it.
pub(super) fn unknown(concept: &str, key: &str) -> Option<(String, String)> {
    if key == "any" || codes::is_code(key) {
        return None;
    }
    let is_near = |option: &&str| key.len() > 2 && strsim::damerau_levenshtein(option, key) <= 2;
    let option = ["name", "role", "weights"].into_iter().find(is_near);
    let hint = match (key, option) {
        ("threshold" | "iptc" | "sums", _) => format!("`{key}` is of the tag: write it before the first `[[concept]]`"),
        (_, Some(option)) => format!("write `{option}`"),
        _ => codes::remedy(key),
    };
    let message = format!("`{key}` in concept `{concept}` is neither an option nor a language");
    Some((message, hint))
}
