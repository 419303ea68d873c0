//! librdkafka's own settings, and the secrets among them.
//!
//! In: `kafka.properties` as given. Out: names and values for the clients, and which names are the stage's to set. Always: a secret is
//! shown neither by `Debug` nor when the configuration is written; `NAME_file` stands for NAME with the file's content, so that no secret
//! needs to be an option.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::names::flatten;
use super::{ConfigError, Delivery};

/// What is shown in the place of a secret.
pub const HIDDEN: &str = "(secret)";

/// The end of a name whose value is the path of a file with the value.
const FILE_SUFFIX: &str = "_file";

/// How long librdkafka lets a consumer be silent, unless it is told otherwise. A session may not be longer.
pub const POLL_INTERVAL_MS: u32 = 300_000;

/// The settings of librdkafka that have two names: the usual one, which Kafka's own clients use too, and the other.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("acks", "request.required.acks"),
    ("bootstrap.servers", "metadata.broker.list"),
    ("compression.type", "compression.codec"),
    ("delivery.timeout.ms", "message.timeout.ms"),
    ("linger.ms", "queue.buffering.max.ms"),
    ("max.in.flight.requests.per.connection", "max.in.flight"),
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("retries", "message.send.max.retries"),
    ("sasl.mechanism", "sasl.mechanisms"),
    (
        "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.client.credentials.client.id",
    ),
    (
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret",
    ),
];

/// Settings of librdkafka that the promises or options of the stage rest on, by their usual names: set in code, refused in
/// `kafka.properties`, where they would do nothing.
pub const RESERVED_PROPERTIES: [&str; 18] = [
    "bootstrap.servers",
    "heartbeat.interval.ms",
    "enable.partition.eof",
    "statistics.interval.ms",
    "message.max.bytes",
    "compression.type",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "session.timeout.ms",
    "isolation.level",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "transactional.id",
    "transaction.timeout.ms",
    "enable.idempotence",
    "acks",
];

/// The same where the delivery is exactly-once: within a transaction a record has as long as the transaction.
const RESERVED_IN_TRANSACTIONS: &str = "delivery.timeout.ms";

/// librdkafka's own settings, by their dotted names; each by its usual one.
#[derive(Clone, Default, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct Properties(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = serde_json::Value::deserialize(deserializer)?;
        let mut flat = BTreeMap::new();
        flatten("", &tree, &mut flat);
        Ok(Self(flat))
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, shown(name, value))))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, shown(name, value))))
            .finish()
    }
}

impl Properties {
    /// Put the content of each file that a `NAME_file` names in the place of NAME.
    pub(super) fn read_files(&mut self) -> Result<(), ConfigError> {
        for name in self.0.keys().filter(|n| is_file(n)).cloned().collect::<Vec<_>>() {
            let path = self.0.remove(&name).unwrap_or_default();
            let target = name.trim_end_matches(FILE_SUFFIX).to_owned();
            if self.0.contains_key(&target) {
                let allowed = format!("`kafka.properties.{target}` is set too, and only one of the two can hold");
                return Err(ConfigError::Value {
                    option: format!("kafka.properties.{name}"),
                    value: format!("`{path}`"),
                    allowed,
                });
            }
            let unreadable = |why: String| ConfigError::Unreadable {
                option: format!("kafka.properties.{name}"),
                value: format!("`{path}`"),
                why,
            };
            let text = std::fs::read_to_string(PathBuf::from(&path)).map_err(|e| {
                let hint = "hint: it holds the value alone, and the user of the process must be able to read it";
                unreadable(format!("could not read the file: {e}\n{hint}"))
            })?;
            // Editors and `echo` end a file with a line break, which is in no password.
            let value = text.trim_end_matches(['\n', '\r']).to_owned();
            if value.is_empty() {
                return Err(unreadable("the file is empty".into()));
            }
            self.0.insert(target, value);
        }
        Ok(())
    }
}

/// Whether the stage sets the setting of this name itself.
pub(super) fn is_reserved(name: &str, delivery: Delivery) -> bool {
    let in_transactions = delivery == Delivery::ExactlyOnce && name == RESERVED_IN_TRANSACTIONS;
    in_transactions || RESERVED_PROPERTIES.contains(&name)
}

/// The usual name of a setting, whichever of its names is given; of `NAME_file` the same with NAME's.
pub(super) fn usual_name(given: &str) -> String {
    let (name, suffix) = match given.strip_suffix(FILE_SUFFIX) {
        Some(name) => (name, FILE_SUFFIX),
        None => (given, ""),
    };
    let usual = OTHER_NAMES.iter().find(|(_, other)| *other == name);
    format!("{}{suffix}", usual.map_or(name, |(usual, _)| usual))
}

/// All names of a setting, the usual one first.
pub(super) fn all_names(usual: &str) -> impl Iterator<Item = String> {
    let name = usual.trim_end_matches(FILE_SUFFIX);
    let suffix = usual.strip_prefix(name).unwrap_or_default();
    let others = OTHER_NAMES.iter().filter(move |(usual, _)| *usual == name);
    let others = others.map(move |(_, other)| format!("{other}{suffix}"));
    std::iter::once(usual.to_owned()).chain(others)
}

/// Whether the value of this name is the path of a file with the value. No name of librdkafka's ends like that.
pub(super) fn is_file(name: &str) -> bool {
    name.ends_with(FILE_SUFFIX)
}

/// Whether the option of this name holds a secret. Names that librdkafka may yet get are covered by their words.
pub fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 6] = ["password", "passphrase", "secret", "token", "pem", "jaas"];
    let is_file_of = is_file(name) || name.ends_with(".location");
    !is_file_of && (WORDS.iter().any(|word| name.contains(word)) || name.ends_with("sasl.oauthbearer.config"))
}

/// A value as it may be shown.
pub(super) fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret(name) { HIDDEN } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const PASSWORD: &str = "kafka.properties.sasl.password";

    fn load(settings: &[String]) -> Result<Config, String> {
        Config::load(None, [], settings).map_err(|e| e.to_string())
    }

    #[test]
    fn a_secret_is_read_from_its_file_without_the_line_break() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, "tr0ub4dor &3 \r\n").unwrap();
        let config = load(&[format!("{PASSWORD}_file={}", path.display())]).unwrap();
        assert_eq!(config.kafka.properties.0["sasl.password"], "tr0ub4dor &3 ");
        assert!(!config.kafka.properties.0.contains_key("sasl.password_file"));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (missing, empty) = (dir.path().join("missing"), dir.path().join("empty"));
        std::fs::write(&empty, "\n").unwrap();
        let said = load(&[format!("{PASSWORD}_file={}", missing.display())]).unwrap_err();
        assert!(
            said.contains("sasl.password_file") && said.contains("missing"),
            "{said}"
        );
        let said = load(&[format!("{PASSWORD}_file={}", empty.display())]).unwrap_err();
        assert!(said.contains("is empty"), "{said}");
        let both = [format!("{PASSWORD}_file={}", empty.display()), format!("{PASSWORD}=x")];
        assert!(load(&both).unwrap_err().contains("only one of the two"));
        let reserved = dir.path().join("reserved");
        std::fs::write(&reserved, "0").unwrap();
        let said = load(&[format!("kafka.properties.acks_file={}", reserved.display())]).unwrap_err();
        assert!(said.contains("its promises rest on it"), "{said}");
    }

    #[test]
    fn no_secret_is_shown() {
        for name in [
            "sasl.password",
            "ssl.key.password",
            "ssl.keystore.password",
            "ssl.key.pem",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.config",
            "sasl.oauthbearer.assertion.private.key.passphrase",
        ] {
            let config = load(&[format!("kafka.properties.{name}=hunter2")]).unwrap();
            assert_eq!(config.kafka.properties.0[name], "hunter2");
            let written = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
            assert!(!written.contains("hunter2"), "{name}: {written}");
        }
        for name in [
            "sasl.username",
            "ssl.ca.location",
            "sasl.password_file",
            "ssl.key.location",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
