//! Every option of the stage: meaning, unit, default, range.
//!
//! In: defaults ← file ← environment ← `--set`. Out: a checked [`Config`]. Always: after the start nothing is checked again, and
//! the options' table in the README and `deploy/sluice.toml` are written from the doc comments here.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decode;

mod address;
mod budget;
mod describe;
pub mod fields;
mod lint;
mod origin;
mod properties;
mod units;
mod valkey;

pub use address::shown_url;
pub use budget::{Budget, Room};
pub use describe::{OptionRow, as_table, as_toml, rows};
pub use lint::{Finding, Machine, lint};
pub use origin::{Effective, Given, Origin, effective};
pub use properties::{HIDDEN, Properties, is_secret};
pub use units::{Size, Span};
pub use valkey::Valkey;

/// All options. Each field's doc comment is its documentation everywhere.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How to reach Kafka.
    pub kafka: Kafka,
    /// Worker threads; 0 takes one for each core. More only helps while cores are idle.
    pub workers: usize,
    /// Bounds of one batch, which is also one transaction. It is closed by whichever is reached first.
    pub batch: Batch,
    /// Memory of the whole process.
    pub memory: Memory,
    /// Where raw articles are read.
    pub input: Input,
    /// Where the fates of the articles are written.
    pub output: Output,
    /// What a dead letter says of itself.
    pub dead_letters: DeadLetters,
    /// Finding duplicates.
    pub dedupe: Dedupe,
    /// Removing boilerplate.
    pub clean: Clean,
    /// Tagging by subject.
    pub tags: Tags,
    /// `exactly-once` commits outputs, memory and offsets in one transaction; `at-least-once` is for clusters without transactions.
    pub delivery: Delivery,
    /// Names the transactional id, so that a restart takes up the work of the instance before it. Two running instances need two
    /// names; empty picks the first number that is free among the processes which share this host's `/tmp`.
    pub instance: String,
    /// The HTTP endpoint for `/health`, `/ready` and `/metrics`.
    pub http: Http,
    /// What the process says of itself on standard error.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
}

/// How to reach Kafka.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// Bootstrap servers, `host:port`, separated by commas.
    pub brokers: String,
    /// The consumer group. Its committed offsets say what is done.
    pub group: String,
    /// Static membership: a restart within `kafka.session_timeout_ms` costs no rebalance; its partitions stand still until then. Empty switches
    /// it off.
    pub group_instance_id: String,
    /// `classic`, or `consumer` for the protocol of KIP-848, where the broker assigns and nobody waits for the slowest member. That needs
    /// Kafka 4.0, and the broker's `group.consumer.session.timeout.ms` then says when a dead instance's partitions move.
    pub group_protocol: GroupProtocol,
    /// Milliseconds without a heartbeat after which the group gives an instance's partitions to others, and after which a broker
    /// ends its open transaction. Smaller moves sooner, larger survives longer pauses.
    pub session_timeout_ms: u32,
    /// Milliseconds that work in flight may take when partitions are revoked or the process is told to stop; what is not committed
    /// by then is void, and read again by its next owner.
    pub drain_ms_max: u32,
    /// Create the topics that are missing.
    pub create_topics: bool,
    /// Partitions of a created topic; 0 takes the input topic's count. The memory topic always has one.
    pub create_partitions: u32,
    /// Replication factor of a created topic; 0 takes the broker's default.
    pub create_replication: u32,
    /// A file with a token for SASL OAUTHBEARER, read again before the token expires, as a service account's in Kubernetes is replaced.
    /// Empty: none.
    pub oauth_token_file: String,
    /// Handed to librdkafka as it is (`security.protocol`, `sasl.username`, …); `NAME_file` takes the value of NAME from a file, for
    /// secrets (`sasl.password_file`). Settings that the promises rest on are refused.
    pub properties: Properties,
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            brokers: "localhost:9092".into(),
            group: "sluice".into(),
            group_instance_id: String::new(),
            group_protocol: GroupProtocol::Classic,
            session_timeout_ms: 10_000,
            drain_ms_max: 5_000,
            create_topics: true,
            create_partitions: 0,
            create_replication: 0,
            oauth_token_file: String::new(),
            properties: Properties::default(),
        }
    }
}

/// Bounds of a batch.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Batch {
    /// Records. Larger costs fewer transactions a record; smaller takes less memory, shows results sooner and repeats less after a crash.
    pub records_max: usize,
    /// Bytes of keys and values.
    pub bytes_max: Size,
    /// Milliseconds to wait for more once a record is there.
    pub wait_ms_max: u32,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            // Of 100,000 articles of 4 kB, 500 took the CPU time of 2,000 and a quarter less memory.
            records_max: 500,
            bytes_max: Size(8 << 20),
            wait_ms_max: 50,
        }
    }
}

/// Memory of the whole process.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Memory {
    /// Rules the batches in flight, librdkafka's read-ahead and the index of duplicates. Half is the index's. `auto` fits it into the
    /// limit of the container or service, and takes a quarter of a machine without one, at most 2 GB.
    pub budget: Budget,
}

/// Where raw articles are read.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// The topic.
    pub topic: String,
    /// A value of more bytes than this becomes a dead letter (`too-large`).
    pub value_bytes_max: Size,
    /// The preset that reads every record (`sluice inputs list` names them); `auto` detects it for each.
    pub preset: String,
    /// The paths of a role, tried before the preset's (`input.fields.body = ["payload.story", "text"]`), where a record has names
    /// of its own. Roles: id, url, title, body, html, text, markdown, published_at, modified_at, fetched_at, site, language, authors.
    pub fields: Properties,
    /// What becomes of a record with a key and no value: `dead-letter`, or `pass` to the output topic as it is, where compaction then
    /// forgets what the key had.
    pub tombstones: Tombstones,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            topic: "raw-articles".into(),
            value_bytes_max: Size(16 << 20),
            preset: "auto".into(),
            fields: Properties::default(),
            tombstones: Tombstones::DeadLetter,
        }
    }
}

/// Where the fates of the articles are written.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// One record for each story.
    pub topic: String,
    /// Duplicates, with the original they repeat (`dedupe.policy = "route"`).
    pub duplicates_topic: String,
    /// What could not be read, untouched, with the reason in its headers.
    pub dead_letters_topic: String,
    /// `none`, `lz4`, `zstd`, `snappy` or `gzip`. lz4 costs the least processor time, zstd the least disk.
    pub compression: Compression,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            topic: "enriched-articles".into(),
            duplicates_topic: "duplicate-articles".into(),
            dead_letters_topic: "dead-letters".into(),
            compression: Compression::Lz4,
        }
    }
}

/// What a dead letter says of itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeadLetters {
    /// Whose names its headers have: `connect` (`__connect.errors.*`, Kafka Connect) or `streams` (`__streams.errors.*`, Kafka
    /// Streams). Both are read.
    pub headers: HeaderNames,
}

/// The shortest window: in less nothing comes twice.
const WINDOW_MIN: Span = Span(Duration::from_secs(1));
/// The longest, a century: Kafka must be able to count twice as many milliseconds.
const WINDOW_MAX: Span = Span(Duration::from_hours(36_500 * 24));

/// Finding duplicates.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dedupe {
    /// Off: every article is an original.
    pub enabled: bool,
    /// How far back in record time a copy is found. Longer finds more and needs more memory.
    pub window: Span,
    /// `route` sends duplicates to their own topic, `mark` keeps them in the output with their verdict, `drop` counts and drops them.
    pub policy: Policy,
    /// What has been seen and how it was judged; compacted. All instances share it.
    pub memory_topic: String,
    /// `kafka`: instances learn of each other's articles by their commits. `valkey`: also by claims in a Valkey or Redis, so that of two
    /// copies which two instances read at the same moment exactly one is the original.
    pub store: Store,
    /// The Valkey or Redis of `dedupe.store = "valkey"`.
    pub valkey: Valkey,
}

impl Default for Dedupe {
    fn default() -> Self {
        Self {
            enabled: true,
            window: Span(Duration::from_hours(30 * 24)),
            policy: Policy::Route,
            memory_topic: "sluice-memory".into(),
            store: Store::Kafka,
            valkey: Valkey::default(),
        }
    }
}

/// Removing boilerplate.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Clean {
    /// Off: the body goes on as it came.
    pub enabled: bool,
}

impl Default for Clean {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Tagging by subject.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tags {
    /// Off: no tags.
    pub enabled: bool,
    /// A folder of taxonomies (`*.toml`) that join the shipped ones; one with a shipped tag's name takes its place. A running stage
    /// takes changed files up at a batch's boundary. Empty: none.
    pub folder: String,
    /// Off: only the tags of `tags.folder`.
    pub builtin: bool,
    /// The probability from which a tag is given, by tag (`tags.thresholds.trade = 0.7`), instead of its file's.
    pub thresholds: Properties,
}

impl Default for Tags {
    fn default() -> Self {
        Self {
            enabled: true,
            folder: String::new(),
            builtin: true,
            thresholds: Properties::default(),
        }
    }
}

/// The HTTP endpoint.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port; empty switches it off. Loopback by default, since it has no authentication.
    pub listen: String,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
        }
    }
}

/// Logging.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// A `tracing` filter: a level, or `target=level` pairs separated by commas.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".into(),
        }
    }
}

/// Traces.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Base address of an OpenTelemetry collector that takes OTLP over HTTP (`http://localhost:4318`): traces go to `/v1/traces` there.
    /// Empty: as `OTEL_EXPORTER_OTLP_ENDPOINT` says, and without that none.
    #[serde(serialize_with = "address::without_password")]
    pub otlp_endpoint: String,
}

/// A choice among words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// The word that stands for it in a configuration.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// What becomes of a duplicate.
    Policy {
        /// Its own topic.
        #[default] Route = "route",
        /// The output topic, with its verdict.
        Mark = "mark",
        /// Counted and dropped.
        Drop = "drop",
    }
}
words! {
    /// What tells instances of each other's articles.
    Store {
        /// The memory topic.
        #[default] Kafka = "kafka",
        /// The memory topic, and claims in Valkey or Redis.
        Valkey = "valkey",
    }
}
words! {
    /// Who assigns the partitions.
    GroupProtocol {
        /// A member of the group.
        #[default] Classic = "classic",
        /// The broker (KIP-848).
        Consumer = "consumer",
    }
}
words! {
    /// What becomes of a record with a key and no value.
    Tombstones {
        /// It holds no article, and is kept as a dead letter.
        #[default] DeadLetter = "dead-letter",
        /// It goes to the output topic as it is.
        Pass = "pass",
    }
}
words! {
    /// Whose names a dead letter's headers have.
    HeaderNames {
        /// Kafka Connect's.
        #[default] Connect = "connect",
        /// Kafka Streams' (KIP-1034).
        Streams = "streams",
    }
}
words! {
    /// The guarantee between input and output.
    Delivery {
        /// One transaction holds outputs, memory and offsets.
        #[default] ExactlyOnce = "exactly-once",
        /// Offsets after acknowledgement.
        AtLeastOnce = "at-least-once",
    }
}
words! {
    /// Compression of what is produced.
    Compression {
        /// None.
        None = "none",
        /// LZ4.
        #[default] Lz4 = "lz4",
        /// Zstandard.
        Zstd = "zstd",
        /// Snappy.
        Snappy = "snappy",
        /// Gzip.
        Gzip = "gzip",
    }
}
words! {
    /// The form of log lines.
    LogFormat {
        /// For people.
        #[default] Text = "text",
        /// For machines.
        Json = "json",
    }
}

fn flatten(prefix: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
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

/// How long librdkafka lets a consumer be silent, unless it is told otherwise. A session may not be longer.
pub const POLL_INTERVAL_MS: u32 = 300_000;

/// Settings of librdkafka that the promises or options of the stage rest on, by all their names: set in code, refused in `kafka.properties`,
/// where they would do nothing.
pub const RESERVED_PROPERTIES: [&str; 21] = [
    "bootstrap.servers",
    "metadata.broker.list",
    "heartbeat.interval.ms",
    "enable.partition.eof",
    "statistics.interval.ms",
    "message.max.bytes",
    "compression.type",
    "compression.codec",
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
    "request.required.acks",
];

/// The same where the delivery is exactly-once: within a transaction a record has as long as the transaction.
const RESERVED_IN_TRANSACTIONS: [&str; 2] = ["message.timeout.ms", "delivery.timeout.ms"];

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An option of this name does not exist.
    #[error("there is no option `{name}`{}", nearest.as_ref().map(|n| format!("\nhint: the nearest known name is `{n}`")).unwrap_or_default())]
    Unknown { name: String, nearest: Option<String> },
    /// A value out of range, or two that contradict.
    #[error("`{option}` is {value}: {allowed}")]
    Value {
        option: String,
        value: String,
        allowed: String,
    },
    /// A file that an option names cannot be read, or is empty, now: another start may find it as it should be.
    #[error("`{option}` is {value}: {why}")]
    Unreadable {
        /// Dotted name.
        option: String,
        /// The path.
        value: String,
        /// What was found, and the remedy.
        why: String,
    },
    /// A `--set` that is not `KEY=VALUE`.
    #[error("`--set {0}` is not of the form KEY=VALUE")]
    Set(String),
    /// A value of the wrong type, or none of the words that are allowed.
    #[error("`{option}` cannot be `{value}`{why}\nhint: {text}")]
    Kind {
        /// Dotted name.
        option: String,
        /// As it was given.
        value: String,
        /// What was expected, where that is told.
        why: String,
        /// What the option says of itself.
        text: String,
    },
    /// A file that cannot be read, or a value of the wrong type.
    #[error("{}", address::without_source(&.0.to_string()))]
    Layer(#[from] config::ConfigError),
}

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
        let mut builder = config::Config::builder();
        if let Some(path) = file {
            builder = builder.add_source(config::File::from(path).format(config::FileFormat::Toml));
        }
        // A service named "sluice" makes Kubernetes set SLUICE_PORT and its like: only names of known sections are ours.
        let known = rows();
        let sections: Vec<String> = known.iter().map(|r| r.section().to_uppercase()).collect();
        let ours = environment.into_iter().filter(|(name, _)| {
            name.strip_prefix("SLUICE_").is_some_and(|rest| {
                let first = rest.split("__").next().unwrap_or(rest);
                rest.contains("__") || sections.iter().any(|s| s == first)
            })
        });
        builder = builder.add_source(
            config::Environment::with_prefix(ENVIRONMENT_PREFIX)
                .prefix_separator("_")
                .separator("__")
                .source(Some(ours.collect())),
        );
        for setting in settings {
            let (key, value) = setting
                .split_once('=')
                .ok_or_else(|| ConfigError::Set(setting.clone()))?;
            builder = builder
                .set_override(key.trim(), value)
                .map_err(|_| ConfigError::Set(setting.clone()))?;
        }
        let layers = builder.build()?;
        refuse_unknown(&layers, &known)?;
        let given = Given::of(&layers, file);
        let deserialized = layers.clone().try_deserialize();
        let mut config: Self = deserialized.map_err(|error| of_kind(error, &layers, &known))?;
        config.kafka.properties.read_files()?;
        config.dedupe.valkey.read_file()?;
        config.check()?;
        Ok((config, given))
    }

    /// Ranges, and the relations between options.
    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |option: &str, value: String, allowed: &str| {
            Err(ConfigError::Value {
                option: option.into(),
                value,
                allowed: allowed.into(),
            })
        };
        let range = |option: &str, value: u64, from: u64, to: u64| {
            if (from..=to).contains(&value) {
                return Ok(());
            }
            refuse(option, value.to_string(), &format!("allowed is {from} to {to}"))
        };
        range("workers", self.workers as u64, 0, 1024)?;
        range("batch.records_max", self.batch.records_max as u64, 1, 1_000_000)?;
        range("batch.bytes_max", self.batch.bytes_max.0, 1 << 10, 1 << 30)?;
        range("batch.wait_ms_max", self.batch.wait_ms_max.into(), 0, 60_000)?;
        range(
            "kafka.session_timeout_ms",
            self.kafka.session_timeout_ms.into(),
            1_000,
            3_600_000,
        )?;
        range("kafka.drain_ms_max", self.kafka.drain_ms_max.into(), 1, 600_000)?;
        range("input.value_bytes_max", self.input.value_bytes_max.0, 1 << 10, 1 << 30)?;
        if !(WINDOW_MIN..=WINDOW_MAX).contains(&self.dedupe.window) {
            let allowed = format!("allowed is {WINDOW_MIN} to {WINDOW_MAX}");
            return refuse("dedupe.window", self.dedupe.window.to_string(), &allowed);
        }
        range("memory.budget", self.memory.budget.bytes(), budget::BYTES_MIN, 1 << 50)?;
        if !self.memory.budget.is_auto() {
            self.check_budget()?;
        }
        let slowest = self.batch.wait_ms_max + self.kafka.drain_ms_max;
        if self.kafka.session_timeout_ms < slowest {
            let sum = format!("less than `batch.wait_ms_max` + `kafka.drain_ms_max` = {slowest}");
            let hint = "a drain must end before the group gives the partitions away\nhint: raise the first or lower the others";
            return refuse(
                "kafka.session_timeout_ms",
                format!("{}, {sum}", self.kafka.session_timeout_ms),
                hint,
            );
        }
        let given = self.kafka.properties.0.get("max.poll.interval.ms");
        if let Some(poll_ms) = given.and_then(|ms| ms.parse::<u32>().ok())
            && self.kafka.group_protocol == GroupProtocol::Classic
            && self.kafka.session_timeout_ms > poll_ms
        {
            return refuse(
                "kafka.session_timeout_ms",
                format!(
                    "{}, more than `kafka.properties.max.poll.interval.ms` = {poll_ms}",
                    self.kafka.session_timeout_ms
                ),
                "librdkafka takes no session as long\nhint: leave the second away, and it is as long as the session where need be",
            );
        }
        if self.kafka.brokers.trim().is_empty() {
            return refuse("kafka.brokers", "empty".into(), "at least one `host:port` is needed");
        }
        if self.kafka.group.trim().is_empty() {
            return refuse("kafka.group", "empty".into(), "a consumer group needs a name");
        }
        let endpoint = self.telemetry.otlp_endpoint.as_str();
        if !endpoint.is_empty() && !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            let allowed = "allowed is an address that begins with `http://` or `https://`\nhint: http://localhost:4318";
            return refuse("telemetry.otlp_endpoint", format!("`{}`", shown_url(endpoint)), allowed);
        }
        let listen = self.http.listen.as_str();
        let is_address = |(host, port): (&str, &str)| !host.is_empty() && port.parse::<u16>().is_ok();
        if !listen.is_empty() && !listen.rsplit_once(':').is_some_and(is_address) {
            let allowed = "allowed is `host:port`, or nothing to switch it off\nhint: 127.0.0.1:8080";
            return refuse("http.listen", format!("`{listen}`"), allowed);
        }
        self.check_topics()?;
        self.check_tags()?;
        self.check_input()?;
        if self.dedupe.store == Store::Valkey {
            self.dedupe.valkey.check()?;
        }
        self.check_tokens()?;
        let is_reserved = |name: &str| {
            let in_transactions = self.delivery == Delivery::ExactlyOnce && RESERVED_IN_TRANSACTIONS.contains(&name);
            in_transactions || RESERVED_PROPERTIES.contains(&name)
        };
        if let Some(name) = self.kafka.properties.0.keys().find(|n| is_reserved(n)) {
            let allowed =
                "it is set by the stage, since its promises rest on it\nhint: look for an option of the stage's own";
            return refuse(&format!("kafka.properties.{name}"), "set".into(), allowed);
        }
        Ok(())
    }

    /// Tokens come from one place, and are asked for by one mechanism.
    fn check_tokens(&self) -> Result<(), ConfigError> {
        let property = |name: &str| self.kafka.properties.0.get(name).map_or("", String::as_str);
        let (file, method) = (&self.kafka.oauth_token_file, property("sasl.oauthbearer.method"));
        let is_oidc = method.eq_ignore_ascii_case("oidc");
        let of_file = ("kafka.oauth_token_file", format!("`{file}`"));
        let of_method = ("kafka.properties.sasl.oauthbearer.method", format!("`{method}`"));
        let named = match (file.is_empty(), is_oidc) {
            (true, false) => return Ok(()),
            (false, _) => of_file,
            (true, true) => of_method,
        };
        let mechanism = [property("sasl.mechanism"), property("sasl.mechanisms")].concat();
        let missing = ["token.endpoint.url", "client.id", "client.secret"]
            .map(|name| format!("sasl.oauthbearer.{name}"))
            .into_iter()
            .find(|name| property(name).is_empty());
        let grant = property("sasl.oauthbearer.grant.type");
        let allowed = if !mechanism.eq_ignore_ascii_case("OAUTHBEARER") {
            "it needs `kafka.properties.sasl.mechanism = \"OAUTHBEARER\"`".into()
        } else if !file.is_empty() && is_oidc {
            "`kafka.properties.sasl.oauthbearer.method` is `oidc`, and only one of the two can hold".into()
        } else if let Some(name) = missing.filter(|_| is_oidc) {
            format!("it needs `kafka.properties.{name}`")
        } else if is_oidc && !["", "client_credentials"].contains(&grant) {
            "the only grant is `client_credentials`".into()
        } else {
            return Ok(());
        };
        Err(ConfigError::Value {
            option: named.0.into(),
            value: named.1,
            allowed,
        })
    }

    /// The batches in flight must fit into the budget, once it is known.
    fn check_budget(&self) -> Result<(), ConfigError> {
        let needed = Size(8 * self.batch.bytes_max.0);
        if self.memory.budget.bytes() >= needed.0 {
            return Ok(());
        }
        let hint =
            "four batches are in flight, and half the budget is the index's\nhint: raise the first or lower the second";
        Err(ConfigError::Value {
            option: "memory.budget".into(),
            value: format!("{}, less than 8 × `batch.bytes_max` = {needed}", self.memory.budget),
            allowed: hint.into(),
        })
    }

    fn check_tags(&self) -> Result<(), ConfigError> {
        let is_probability = |value: &str| value.parse().is_ok_and(|p: f32| p > 0.0 && p < 1.0);
        if let Some((tag, value)) = self.tags.thresholds.0.iter().find(|(_, value)| !is_probability(value)) {
            return Err(ConfigError::Value {
                option: format!("tags.thresholds.{tag}"),
                value: format!("`{value}`"),
                allowed: "allowed is a probability between 0 and 1".into(),
            });
        }
        if !self.tags.builtin && self.tags.folder.is_empty() && self.tags.enabled {
            return Err(ConfigError::Value {
                option: "tags.builtin".into(),
                value: "false".into(),
                allowed:
                    "no tag is left\nhint: name a folder of taxonomies with `tags.folder`, or switch `tags.enabled` off"
                        .into(),
            });
        }
        Ok(())
    }

    fn check_input(&self) -> Result<(), ConfigError> {
        let preset = self.input.preset.as_str();
        let names = || decode::presets().into_iter().map(|known| known.name);
        if preset != "auto" && !names().any(|name| name == preset) {
            let hint = match nearest(preset, names()) {
                Some(name) => format!("hint: the nearest known name is `{name}`"),
                None => "hint: `sluice inputs list` names them".to_owned(),
            };
            return Err(ConfigError::Value {
                option: "input.preset".into(),
                value: format!("`{preset}`"),
                allowed: format!("allowed is `auto` or the name of a preset\n{hint}"),
            });
        }
        fields::aliases(&self.input.fields).map(drop)
    }

    /// Whether the names of all topics are legal, and each its own.
    pub fn check_topics(&self) -> Result<(), ConfigError> {
        let topics = [
            ("input.topic", &self.input.topic),
            ("output.topic", &self.output.topic),
            ("output.duplicates_topic", &self.output.duplicates_topic),
            ("output.dead_letters_topic", &self.output.dead_letters_topic),
            ("dedupe.memory_topic", &self.dedupe.memory_topic),
        ];
        for (i, (option, topic)) in topics.iter().enumerate() {
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if topic.is_empty() || topic.len() > 249 || !topic.chars().all(legal) {
                let allowed = "a topic's name has 1 to 249 of the characters a-z, A-Z, 0-9, `.`, `_` and `-`";
                return Err(ConfigError::Value {
                    option: (*option).into(),
                    value: format!("`{topic}`"),
                    allowed: allowed.into(),
                });
            }
            if let Some((other, _)) = topics[..i].iter().find(|(_, t)| t == topic) {
                let allowed = format!("`{other}` has the same name, and each needs a topic of its own");
                return Err(ConfigError::Value {
                    option: (*option).into(),
                    value: format!("`{topic}`"),
                    allowed,
                });
            }
        }
        Ok(())
    }

    /// The number of worker threads, with 0 resolved.
    pub fn worker_count(&self) -> usize {
        if self.workers > 0 {
            self.workers
        } else {
            std::thread::available_parallelism().map_or(1, usize::from)
        }
    }
}

/// Whatever is named below these is not an option of the stage's own.
const OPEN_SECTIONS: [&str; 3] = ["kafka.properties.", "tags.thresholds.", "input.fields."];

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
fn refuse_unknown(layers: &config::Config, known: &[OptionRow]) -> Result<(), ConfigError> {
    let tree: serde_json::Value = layers.clone().try_deserialize()?;
    let mut given = BTreeMap::new();
    flatten("", &tree, &mut given);
    for name in given.keys() {
        let is_free = OPEN_SECTIONS.iter().any(|section| name.starts_with(section));
        if is_free || known.iter().any(|row| row.name == *name) {
            continue;
        }
        return Err(ConfigError::Unknown {
            name: name.clone(),
            nearest: nearest(name, known.iter().map(|row| row.name.as_str())).map(str::to_owned),
        });
    }
    Ok(())
}

/// The known name that a wrong one is most likely meant to be.
fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|name| (strsim::damerau_levenshtein(name, wrong), name));
    let (distance, name) = near.min()?;
    (distance <= wrong.len() / 2).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(settings: &[&str]) -> Result<Config, String> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Config::load(None, [], &settings).map_err(|e| e.to_string())
    }

    fn check(setting: &[&str], expected: &str) {
        let message = load(setting).unwrap_err();
        assert!(message.contains(expected), "{setting:?} said: {message}");
    }

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(load(&[]).unwrap(), Config::default());
    }

    #[test]
    fn a_bad_option_is_named_with_its_value_and_what_is_allowed() {
        check(&["kafka.broker=x:1"], "nearest known name is `kafka.brokers`");
        check(&["bacth.records_max=1"], "`batch.records_max`");
        check(&["workers=-1"], "workers");
        check(&["workers=2000"], "`workers` is 2000: allowed is 0 to 1024");
        check(&["batch.records_max=many"], "batch.records_max");
        check(&["dedupe.policy=delete"], "`dedupe.policy` cannot be `delete`\nhint: ");
        check(
            &["output.compression=brotli"],
            "`output.compression` cannot be `brotli`\nhint: `none`, `lz4`",
        );
        check(&["batch.records_max=many"], "cannot be `many`: expected an integer");
        check(&["dedupe.window=30 parsecs"], "a number with ms, s, m, h or d");
        check(&["dedupe.window=0s"], "`dedupe.window` is 0ms: allowed is 1s to 36500d");
        check(&["dedupe.window=5000000000000000s"], "allowed is 1s to 36500d");
        assert!(load(&["dedupe.window=36500d"]).is_ok() && load(&["dedupe.window=1s"]).is_ok());
        check(&["output.topic=raw-articles"], "`input.topic` has the same name");
        check(&["output.topic=a b"], "a topic's name has");
        check(
            &["kafka.session_timeout_ms=3000"],
            "less than `batch.wait_ms_max` + `kafka.drain_ms_max` = 5050",
        );
        let polls = "kafka.properties.max.poll.interval.ms=60000";
        check(
            &["kafka.session_timeout_ms=60001", polls],
            "librdkafka takes no session as long",
        );
        assert!(load(&["kafka.session_timeout_ms=60000", polls]).is_ok());
        check(&["http.listen=8080"], "`http.listen` is `8080`: allowed is `host:port`");
        check(&["http.listen=localhost:http"], "`host:port`");
        check(&["memory.budget=64MB", "batch.bytes_max=16MB"], "less than 8 ×");
        check(
            &["kafka.properties.isolation.level=read_uncommitted"],
            "its promises rest on it",
        );
        let limit = "kafka.properties.message.timeout.ms=9000";
        check(&[limit], "its promises rest on it");
        assert!(Config::load(None, [], &[limit.into(), "delivery=at-least-once".into()]).is_ok());
        check(
            &["kafka.oauth_token_file=/run/token"],
            "sasl.mechanism = \"OAUTHBEARER\"",
        );
        let mechanism = "kafka.properties.sasl.mechanism=OAUTHBEARER";
        let method = "kafka.properties.sasl.oauthbearer.method=oidc";
        check(&[method, mechanism], "sasl.oauthbearer.token.endpoint.url");
        check(
            &[method, mechanism, "kafka.oauth_token_file=/run/token"],
            "only one of the two",
        );
        check(&["tags.thresholds.trade=2"], "a probability between 0 and 1");
        check(&["input.preset=newsplease"], "nearest known name is `news_please`");
        check(&["input.fields.titel=a"], "nearest known name is `input.fields.title`");
        check(&["input.fields.title=,"], "at least one path is needed");
        check(&["tags.builtin=false"], "`tags.folder`");
        check(&["workers"], "KEY=VALUE");
    }

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
