//! Layers → a [`Config`].
//!
//! In: a file, the environment and `--set`, each optional. Out: a checked configuration, and where each value was given. Always: later
//! layers win, and a name that no option has is refused.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use config::{FileFormat, Source, Value};

use super::error::nearest;
use super::layer::Layer;
use super::names::{OPEN_SECTIONS, flatten};
use super::origin::from_variable;
use super::{Config, ConfigError, Given, OptionRow, rows};
use crate::toml_line::broken_line;

/// The prefix of environment variables: `SLUICE_KAFKA__BROKERS` is `kafka.brokers`.
pub const ENVIRONMENT_PREFIX: &str = "SLUICE";

impl Config {
    /// Put the layers together and check the result.
    ///
    /// `settings` are `KEY=VALUE` texts, the last one wins; the environment is the one given, not the process's own, so that a
    /// test needs none.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        settings: &[String],
    ) -> Result<Self, ConfigError> {
        Self::load_with_origins(file, environment, settings).map(|(config, _)| config)
    }

    /// The same, with what was given and where.
    pub fn load_with_origins(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        settings: &[String],
    ) -> Result<(Self, Given), ConfigError> {
        let known = rows();
        let mut builder = config::Config::builder();
        if let Some(path) = file {
            is_readable(path)?;
            let given = config::File::from(path).format(FileFormat::Toml).collect()?;
            builder = builder.add_source(Layer::of(&format!("`{}`", path.display()), given)?);
        }
        builder = builder.add_source(Layer::of("the environment", variables(environment, &known))?);
        for setting in settings {
            let refused = || ConfigError::Set(setting.clone());
            let (name, value) = setting.split_once('=').ok_or_else(refused)?;
            let name = Some(name.trim()).filter(|name| !name.is_empty()).ok_or_else(refused)?;
            builder = builder.add_source(Layer::of("`--set`", [(name.to_owned(), value.into())])?);
        }
        let layers = builder.build()?;
        let given = Given::of(&layers, file);
        match checked(&layers, &known) {
            Ok(config) => Ok((config, given)),
            Err(error) => Err(given.placed(error)),
        }
    }
}

/// The options among the variables, by dotted names.
fn variables(
    environment: impl IntoIterator<Item = (String, String)>,
    known: &[OptionRow],
) -> impl Iterator<Item = (String, Value)> {
    // A service named "sluice" makes Kubernetes set SLUICE_PORT and its like: only names of known sections are ours.
    let sections: Vec<String> = known.iter().map(|r| r.section().to_uppercase()).collect();
    environment.into_iter().filter_map(move |(variable, value)| {
        let rest = variable.strip_prefix(ENVIRONMENT_PREFIX)?.strip_prefix('_')?;
        let first = rest.split("__").next().unwrap_or(rest);
        let is_ours = rest.contains("__") || sections.iter().any(|s| s == first);
        is_ours.then(|| (rest.to_lowercase().replace("__", "."), from_variable(&variable, value)))
    })
}

/// Refuse a configuration file that cannot be read; what is said of it later names no file.
fn is_readable(path: &Path) -> Result<(), ConfigError> {
    let (option, value) = ("--config".to_owned(), format!("`{}`", path.display()));
    match std::fs::read(path) {
        Ok(bytes) => match broken_line(&bytes) {
            None => Ok(()),
            Some(line) => Err(ConfigError::Value {
                option,
                value,
                allowed: format!("its line {line} is not UTF-8"),
            }),
        },
        Err(e) if e.kind() == ErrorKind::IsADirectory => Err(ConfigError::Value {
            option,
            value,
            allowed: "it is a directory, and a file is needed".to_owned(),
        }),
        Err(e) => Err(ConfigError::Unreadable {
            option,
            value,
            why: format!("it could not be read: {e}"),
        }),
    }
}

fn checked(layers: &config::Config, known: &[OptionRow]) -> Result<Config, ConfigError> {
    let tree: serde_json::Value = layers.clone().try_deserialize()?;
    refuse_unknown(&tree, known)?;
    refuse_bent(&tree, known)?;
    let deserialized = layers.clone().try_deserialize();
    let mut config: Config = deserialized.map_err(|error| of_kind(error, layers, known))?;
    config.kafka.properties.read_files()?;
    config.dedupe.valkey.read_file()?;
    config.check()?;
    Ok(config)
}

/// In the words of the option, where the error names one.
fn of_kind(error: config::ConfigError, layers: &config::Config, known: &[OptionRow]) -> ConfigError {
    let said = error.to_string();
    let named = said.rsplit_once(" for key `").and_then(|(what, key)| {
        let key = key.split('`').next()?;
        Some((what, known.iter().find(|row| row.name == key)?))
    });
    let Some((what, row)) = named else {
        return error.into();
    };
    // Our own types say what they expect; serde's words on its own are of Rust.
    let why = match what.split_once("expected ") {
        Some((_, expected)) => format!(": expected {expected}"),
        None if what.starts_with("enum ") => String::new(),
        None => format!(": {what}"),
    };
    ConfigError::Kind {
        option: row.name.clone(),
        value: layers.get_string(&row.name).unwrap_or_default(),
        why,
        text: row.text.clone(),
    }
}

/// Refuse a name that no option has, and name the nearest that exists.
fn refuse_unknown(tree: &serde_json::Value, known: &[OptionRow]) -> Result<(), ConfigError> {
    let mut given = BTreeMap::new();
    flatten("", tree, &mut given);
    let is_free = |name: &str| OPEN_SECTIONS.iter().any(|section| name.starts_with(section));
    let names = || known.iter().map(|row| row.name.as_str());
    let is_unknown = |name: &String| !is_free(name) && !names().any(|known| known == name);
    match given.into_keys().find(is_unknown) {
        None => Ok(()),
        Some(name) => Err(ConfigError::Unknown {
            nearest: nearest(&name, names()).map(str::to_owned),
            name,
        }),
    }
}

/// Refuse a number or a yes where the other is meant, or a fraction where a count is: the layers' library makes one of the other.
fn refuse_bent(tree: &serde_json::Value, known: &[OptionRow]) -> Result<(), ConfigError> {
    for row in known {
        let Some(value) = tree.pointer(&format!("/{}", row.name.replace('.', "/"))) else {
            continue;
        };
        let why = if row.default.parse::<bool>().is_ok() && value.is_number() {
            ": expected true or false"
        } else if row.default.parse::<i64>().is_ok() && (value.is_boolean() || value.is_f64()) {
            ": expected a whole number"
        } else {
            continue;
        };
        return Err(ConfigError::Kind {
            option: row.name.clone(),
            value: value.to_string(),
            why: why.to_owned(),
            text: row.text.clone(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn later_layers_win_and_the_environment_maps_double_underscores_to_dots() {
        let env = [
            ("SLUICE_KAFKA__BROKERS", "b:1"),
            ("SLUICE_WORKERS", "3"),
            ("SLUICE_PORT", "tcp://10.0.0.1:80"),
            ("SLUICE_KAFKA__PROPERTIES__SECURITY__PROTOCOL", "SSL"),
        ];
        let env = env.map(|(k, v)| (k.to_owned(), v.to_owned()));
        let config = Config::load(None, env, &["workers=5".into()]).unwrap();
        assert_eq!(config.kafka.brokers, "b:1");
        assert_eq!(config.workers, 5);
        assert_eq!(config.kafka.properties.0["security.protocol"], "SSL");
    }

    #[test]
    fn a_mistake_names_the_place_where_it_was_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sluice.toml");
        let told = |text: &str, environment: &[(&str, &str)], settings: &[&str]| {
            std::fs::write(&path, text).unwrap();
            let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
            Config::load(Some(&path), environment, &settings)
                .unwrap_err()
                .to_string()
        };
        for (text, line, words) in [
            (
                "\n[dedupe]\nwindow = \"30d\"\npolcy = \"mark\"\n",
                4,
                "there is no option `dedupe.polcy`",
            ),
            ("[dedupe]\npolicy=\"marc\"", 2, "`dedupe.policy` cannot be `marc`"),
            ("workers = \"two\"\n\n[dedupe]\n", 1, "`workers` cannot be `two`"),
            (
                "workers = 1\n\n[batch]\nwait_ms_max = 70000\n",
                4,
                "`batch.wait_ms_max` is 70000",
            ),
            ("dedupe.window = \"0s\"\n", 1, "`dedupe.window` is 0ms"),
            (
                "[kafka.properties]\n\n\"isolation.level\" = \"x\"\n",
                3,
                "isolation.level` is set",
            ),
            (
                "[kafka.properties]\n\"sasl.password_file\" = \"/nowhere\"\n",
                2,
                "/nowhere",
            ),
            ("[input.fields]\ntitel = [\"a\"]\n", 2, "`input.fields.titel`"),
        ] {
            let said = told(text, &[], &[]);
            let place = format!("`{}` line {line}: ", path.display());
            assert!(said.starts_with(&place) && said.contains(words), "{text}: {said}");
        }
        let said = told("workers = 1\n", &[("SLUICE_WORKERS", "")], &[]);
        assert!(
            said.starts_with("environment SLUICE_WORKERS: `workers` cannot be ``"),
            "{said}"
        );
        let said = told("workers = 1\n", &[("SLUICE_KAFKA__BROKER", "b:1")], &[]);
        assert!(
            said.starts_with("environment SLUICE_KAFKA__BROKER: there is no option"),
            "{said}"
        );
        let said = told("workers = 1\n", &[], &["workers=two"]);
        assert!(said.starts_with("`workers` cannot be `two`"), "{said}");
    }

    #[test]
    fn a_file_gives_sizes_spans_and_dotted_properties() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sluice.toml");
        let text =
            "[dedupe]\nwindow = \"36h\"\n[memory]\nbudget = \"1GB\"\n[kafka.properties]\n\"socket.timeout.ms\" = 900\n";
        std::fs::write(&path, text).unwrap();
        let config = Config::load(Some(&path), [], &[]).unwrap();
        assert_eq!(config.dedupe.window.0, Duration::from_hours(36));
        assert_eq!(config.memory.budget.bytes(), 1 << 30);
        assert_eq!(config.kafka.properties.0["socket.timeout.ms"], "900");
    }
}
