//! One layer of options in one form: a file nests tables or quotes dotted names, the environment and `--set` give dotted names.
//!
//! In: what a source gives, in whatever form. Out: a source in which each open section is one table by dotted names, and librdkafka's
//! settings have one name each. Always: where layers are put together the later one wins, since both name an option alike.

use std::collections::BTreeMap;

use config::{Map, Source, Value, ValueKind};

use super::ConfigError;
use super::names::{OPEN_SECTIONS, PROPERTIES};
use super::properties::usual_name;

/// What one source gives.
#[derive(Debug, Clone)]
pub(super) struct Layer(Map<String, Value>);

impl Layer {
    /// `source` is its name in messages. An option that it gives twice is refused: nothing says which of the two holds.
    pub(super) fn of(source: &str, given: impl IntoIterator<Item = (String, Value)>) -> Result<Self, ConfigError> {
        let mut leaves = Vec::new();
        for (name, value) in given {
            collect(name, value, &mut leaves);
        }
        let mut options: BTreeMap<String, (String, Value)> = BTreeMap::new();
        for (given, value) in leaves {
            let name = one_name(&given);
            if let Some((other, _)) = options.get(&name) {
                return Err(twice(source, name, &[other, &given]));
            }
            options.insert(name, (given, value));
        }
        let mut layer = Map::new();
        for (name, (_, value)) in options {
            insert(&mut layer, name, value);
        }
        Ok(Self(layer))
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

/// The values of a tree by their dotted names.
fn collect(name: String, value: Value, into: &mut Vec<(String, Value)>) {
    match value.kind {
        ValueKind::Table(fields) if !fields.is_empty() => {
            for (field, value) in fields {
                collect(format!("{name}.{field}"), value, into);
            }
        }
        _ => into.push((name, value)),
    }
}

/// The name of an option, whichever of librdkafka's names for it was given.
fn one_name(given: &str) -> String {
    match given.strip_prefix(PROPERTIES) {
        Some(property) => format!("{PROPERTIES}{}", usual_name(property)),
        None => given.to_owned(),
    }
}

/// What stands in an open section goes into its table as it is: nested, `max.in.flight` and `max.in.flight.requests` exclude each other.
fn insert(layer: &mut Map<String, Value>, name: String, value: Value) {
    let place = OPEN_SECTIONS
        .iter()
        .find_map(|open| Some((open, name.strip_prefix(open)?)));
    let Some((open, entry)) = place else {
        layer.insert(name, value);
        return;
    };
    let section = layer.entry(open.trim_end_matches('.').to_owned());
    let section = section.or_insert_with(|| Value::from(Map::<String, Value>::new()));
    if let ValueKind::Table(entries) = &mut section.kind {
        entries.insert(entry.to_owned(), value);
    }
}

fn twice(source: &str, option: String, given: &[&str; 2]) -> ConfigError {
    let other = given.iter().find(|name| **name != option);
    let hint = other.map(|name| format!("\nhint: `{name}` is another name of it"));
    ConfigError::Value {
        value: format!("given twice by {source}"),
        allowed: format!("only one of the two can hold{}", hint.unwrap_or_default()),
        option,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    /// Each map of the layers' library has a seed of its own, so that a wrong order shows in some of many.
    const ROUNDS: usize = 32;

    fn load(file: &str, environment: &[(&str, &str)], settings: &[&str]) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sluice.toml");
        std::fs::write(&path, file).unwrap();
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Config::load(Some(&path), environment, &settings).map_err(|e| e.to_string())
    }

    #[test]
    fn the_later_layer_wins_in_whatever_form_each_gives_an_option() {
        let quoted = "[kafka.properties]\n\"socket.timeout.ms\" = 900\n[tags.thresholds]\ntrade = 0.1\n\
            [input.fields]\ntitle = [\"a\", \"b\"]\n";
        let nested = "[kafka.properties.socket]\ntimeout.ms = 900\n[tags]\nthresholds = { trade = 0.1 }\n";
        let variable = ("SLUICE_KAFKA__PROPERTIES__SOCKET__TIMEOUT__MS", "1000");
        let setting = "kafka.properties.socket.timeout.ms=1100";
        for _ in 0..ROUNDS {
            for file in [quoted, nested] {
                let timeout = |environment: &[(&str, &str)], settings: &[&str]| {
                    let config = load(file, environment, settings).unwrap();
                    config.kafka.properties.0["socket.timeout.ms"].clone()
                };
                assert_eq!(timeout(&[], &[]), "900");
                assert_eq!(timeout(&[variable], &[]), "1000");
                assert_eq!(timeout(&[variable], &[setting]), "1100");
                assert_eq!(timeout(&[], &[setting]), "1100");
                assert_eq!(
                    timeout(&[], &[setting, "kafka.properties.socket.timeout.ms=1200"]),
                    "1200"
                );
            }
            let environment = [("SLUICE_TAGS__THRESHOLDS__TRADE", "0.2")];
            let config = load(quoted, &environment, &["input.fields.title=c"]).unwrap();
            assert_eq!(config.tags.thresholds.0["trade"], "0.2");
            assert_eq!(config.input.fields.0["title"], "c");
        }
    }

    #[test]
    fn a_property_has_one_name_before_the_layers_are_put_together() {
        let file = "[kafka.properties]\n\"fetch.message.max.bytes\" = 1000\n\"sasl.mechanisms\" = \"PLAIN\"\n";
        let variable = ("SLUICE_KAFKA__PROPERTIES__MAX__PARTITION__FETCH__BYTES", "2000");
        for _ in 0..ROUNDS {
            let config = load(file, &[variable], &["kafka.properties.sasl.mechanism=GSSAPI"]).unwrap();
            let expected = [("max.partition.fetch.bytes", "2000"), ("sasl.mechanism", "GSSAPI")];
            let found = config.kafka.properties.0.iter();
            assert!(found.map(|(k, v)| (k.as_str(), v.as_str())).eq(expected));
        }
    }

    #[test]
    fn a_name_that_begins_as_another_takes_nothing_from_it() {
        let settings = ["kafka.properties.retry=1", "kafka.properties.retry.backoff.ms=50"];
        let variables = [
            ("SLUICE_KAFKA__PROPERTIES__SSL__CA", "x"),
            ("SLUICE_KAFKA__PROPERTIES__SSL__CA__LOCATION", "/ca.pem"),
        ];
        let config = load("", &variables, &settings).unwrap();
        let names: Vec<&str> = config.kafka.properties.0.keys().map(String::as_str).collect();
        assert_eq!(names, ["retry", "retry.backoff.ms", "ssl.ca", "ssl.ca.location"]);
    }

    #[test]
    fn what_one_layer_gives_twice_is_refused() {
        let file = "[kafka.properties]\n\"linger.ms\" = 1\n\"queue.buffering.max.ms\" = 2\n";
        let said = load(file, &[], &[]).unwrap_err();
        let expected = "sluice.toml`: only one of the two can hold\nhint: `kafka.properties.queue.buffering.max.ms` is another name of it";
        assert!(
            said.starts_with("`kafka.properties.linger.ms` is given twice by `") && said.ends_with(expected),
            "{said}"
        );
        let file = "[kafka.properties]\n\"socket.timeout.ms\" = 1\nsocket.timeout.ms = 2\n";
        let said = load(file, &[], &[]).unwrap_err();
        assert!(said.ends_with("only one of the two can hold"), "{said}");
        let variables = ["RETRIES", "MESSAGE__SEND__MAX__RETRIES"].map(|n| format!("SLUICE_KAFKA__PROPERTIES__{n}"));
        let said = load("", &[(&variables[0], "1"), (&variables[1], "2")], &[]).unwrap_err();
        assert!(said.contains("is given twice by the environment"), "{said}");
    }
}
