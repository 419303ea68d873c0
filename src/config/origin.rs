//! Where each value comes from, for `sluice config show`.
//!
//! In: the layers. Out: the options with their values and origins. Always: a secret is never among the values.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use config::{Value, ValueKind};
use serde::Serialize;

use super::names::{OPEN_SECTIONS, PROPERTIES};
use super::properties::{HIDDEN, all_names, is_secret};
use super::{Config, ConfigError, rows};
use crate::toml_line::line_of;

/// What the origin of a variable's value begins with, where the layers are put together; that of a file's is its path.
const VARIABLE: &str = "the environment: ";

/// The option that `dedupe.valkey.url_file` stands for.
const VALKEY_URL: &str = "dedupe.valkey.url";

/// The layer that a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionOrigin {
    /// Nobody set it.
    Default,
    /// The file with this path.
    File(String),
    /// The variable with this name.
    Environment(String),
    /// `--set` on the command line.
    Set,
}

impl fmt::Display for OptionOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Set => f.write_str("--set"),
        }
    }
}

impl Serialize for OptionOrigin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What was given, by dotted name: the value, as text or a list of texts, and where it comes from.
#[derive(Clone, Default)]
pub struct Given(BTreeMap<String, (serde_json::Value, OptionOrigin)>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, (_, origin))| (name, origin)))
            .finish()
    }
}

impl Given {
    /// `file` is the path as the user gave it.
    pub(super) fn of(layers: &config::Config, file: Option<&Path>) -> Self {
        let mut given = BTreeMap::new();
        let file = file.map(|path| path.display().to_string()).unwrap_or_default();
        collect("", &layers.cache, &file, &mut given);
        Self(given)
    }

    /// A mistake with the place where it was made: on the command line it is seen.
    pub fn placed(&self, error: ConfigError) -> ConfigError {
        let place = match error.option().map(|name| (name, self.origin(name))) {
            Some((name, OptionOrigin::File(path))) => {
                let line = std::fs::read_to_string(&path).ok();
                let line = line.and_then(|text| written(name).find_map(|name| line_of(&text, &name)));
                let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
                format!("`{path}`{line}")
            }
            Some((_, origin @ OptionOrigin::Environment(_))) => origin.to_string(),
            _ => return error,
        };
        let error = Box::new(error);
        ConfigError::Placed { place, error }
    }

    /// Where the option's value comes from.
    pub fn origin(&self, name: &str) -> OptionOrigin {
        self.0
            .get(name)
            .map_or(OptionOrigin::Default, |(_, origin)| origin.clone())
    }
}

/// A value with the variable that gave it.
pub(super) fn from_variable(name: &str, value: String) -> Value {
    Value::new(Some(&format!("{VARIABLE}{name}")), ValueKind::String(value))
}

/// The names by which a file may give an option.
fn written(option: &str) -> Box<dyn Iterator<Item = String> + '_> {
    match option.strip_prefix(PROPERTIES) {
        Some(property) => Box::new(all_names(property).map(|name| format!("{PROPERTIES}{name}"))),
        None => Box::new(std::iter::once(option.to_owned())),
    }
}

fn collect(prefix: &str, value: &Value, file: &str, into: &mut BTreeMap<String, (serde_json::Value, OptionOrigin)>) {
    if let ValueKind::Table(fields) = &value.kind {
        for (name, value) in fields {
            let path = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            collect(&path, value, file, into);
        }
        return;
    }
    let origin = match value.origin() {
        None => OptionOrigin::Set,
        Some(given) => match given.strip_prefix(VARIABLE) {
            Some(name) => OptionOrigin::Environment(name.to_owned()),
            None => OptionOrigin::File(file.to_owned()),
        },
    };
    into.insert(prefix.to_owned(), (as_given(value), origin));
}

fn as_given(value: &Value) -> serde_json::Value {
    match &value.kind {
        ValueKind::Array(items) => items.iter().map(as_given).collect(),
        _ => value.to_string().into(),
    }
}

/// One option as it holds.
#[derive(Debug, Serialize)]
pub struct Effective {
    /// Dotted name.
    pub name: String,
    /// The value, or what stands in the place of a secret.
    pub value: serde_json::Value,
    /// Where it comes from.
    pub origin: OptionOrigin,
}

impl Effective {
    /// As a line of TOML that sets it.
    pub fn as_toml(&self) -> String {
        // A name of the user's own may hold dots.
        let quote = |section: &&str| Some(format!("{section}{}", quoted(self.name.strip_prefix(*section)?)));
        let name = OPEN_SECTIONS.iter().find_map(quote);
        format!("{} = {}", name.as_ref().unwrap_or(&self.name), self.value)
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Every option with its value and origin, in the order of the documentation. What is read from a file shows as its `NAME_file` or
/// `url_file` alone: with both a start is refused.
pub fn effective(config: &Config, given: &Given) -> Vec<Effective> {
    let tree = serde_json::to_value(config).expect("the configuration is plain data");
    let mut all = Vec::new();
    let is_from_file = |name: &str| name == VALKEY_URL && !config.dedupe.valkey.url_file.is_empty();
    for row in rows().into_iter().filter(|row| !is_from_file(&row.name)) {
        let mut open = OPEN_SECTIONS.iter();
        if let Some(section) = open.find(|section| section.trim_end_matches('.') == row.name) {
            all.extend(entries(given, section));
            continue;
        }
        let value = row.name.split('.').fold(&tree, |value, field| &value[field]).clone();
        let origin = given.origin(&row.name);
        all.push(Effective {
            value,
            origin,
            name: row.name,
        });
    }
    all
}

/// Each entry of a section by itself.
fn entries(given: &Given, section: &str) -> impl Iterator<Item = Effective> {
    let entries = given.0.iter().filter(move |(name, _)| name.starts_with(section));
    entries.map(|(name, (value, origin))| {
        let is_hidden = name.starts_with(PROPERTIES) && is_secret(name);
        Effective {
            name: name.clone(),
            value: if is_hidden { HIDDEN.into() } else { value.clone() },
            origin: origin.clone(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_origin_and_no_secret_is_among_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sluice.toml");
        std::fs::write(
            &path,
            "workers = 3\n[dedupe]\nwindow = \"36h\"\n[kafka.properties]\n\"sasl.password\" = \"hunter2\"\n",
        )
        .unwrap();
        let environment = [("SLUICE_KAFKA__BROKERS".to_owned(), "b:1".to_owned())];
        let settings = ["workers=5".to_owned(), "kafka.properties.sasl.username=u".to_owned()];
        let (config, given) = Config::load_with_origins(Some(&path), environment, &settings).unwrap();
        let all = effective(&config, &given);
        let check = |name: &str, value: &str, origin: OptionOrigin| {
            let found = all.iter().find(|e| e.name == name).unwrap();
            assert_eq!(
                (found.value.to_string().as_str(), &found.origin),
                (value, &origin),
                "{name}"
            );
        };
        let file = || OptionOrigin::File(path.display().to_string());
        check(
            "kafka.brokers",
            "\"b:1\"",
            OptionOrigin::Environment("SLUICE_KAFKA__BROKERS".into()),
        );
        check("workers", "5", OptionOrigin::Set);
        check("dedupe.window", "\"36h\"", file());
        check("kafka.group", "\"sluice\"", OptionOrigin::Default);
        check("kafka.properties.sasl.password", "\"(secret)\"", file());
        check("kafka.properties.sasl.username", "\"u\"", OptionOrigin::Set);
        let text: String = all.iter().map(|e| e.as_toml() + "\n").collect();
        assert!(!format!("{given:?} {text}").contains("hunter2"));
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let (shown, secret) = (dir.path().join("shown.toml"), dir.path().join("secret"));
        std::fs::write(&secret, "redis://:hunter2@valkey:6379").unwrap();
        let url_file = format!("dedupe.valkey.url_file={}", secret.display());
        let password_file = format!("kafka.properties.sasl.password_file={}", secret.display());
        for settings in [vec![], vec![url_file, password_file, "dedupe.store=valkey".to_owned()]] {
            let (config, given) = Config::load_with_origins(None, [], &settings).unwrap();
            let text: String = effective(&config, &given).iter().map(|e| e.as_toml() + "\n").collect();
            assert!(!text.contains("hunter2"), "{text}");
            std::fs::write(&shown, text).unwrap();
            assert_eq!(Config::load(Some(&shown), [], &[]).unwrap(), config, "{settings:?}");
        }
        let file = dir.path().join("sluice.toml");
        let lists = "[input.fields]\ntitle = [\"x\", \"y\"]\nbody = [\"a.b\"]\nurl = \"link,href\"\n\
            [kafka.properties]\n\"client.rack\" = \"a \\\"b\\\"\"\n[tags.thresholds]\ntrade = 0.7\n";
        std::fs::write(&file, lists).unwrap();
        let (config, given) = Config::load_with_origins(Some(&file), [], &[]).unwrap();
        let all = effective(&config, &given);
        let title = all.iter().find(|option| option.name == "input.fields.title").unwrap();
        assert_eq!(title.value, serde_json::json!(["x", "y"]));
        let text: String = all.iter().map(|e| e.as_toml() + "\n").collect();
        std::fs::write(&shown, text).unwrap();
        assert_eq!(Config::load(Some(&shown), [], &[]).unwrap(), config);
    }
}
