//! Every option of the stage: meaning, unit, default.
//!
//! In: defaults ← file ← environment ← `--set`. Out: a checked [`Config`]. Always: after the start nothing is checked again, and
//! the options' table in the README and `deploy/sluice.toml` are written from the doc comments here.
//!
//! The way of an option: `layer` gives each source one form, `load` puts the layers together, `origin` notes which one gave it ·
//! `properties` and `valkey` read the files that stand for secrets · `check` refuses what cannot hold, `error` says so · `lint` advises. `describe` writes the documentation.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod address;
mod budget;
mod check;
mod choices;
mod describe;
mod error;
pub mod fields;
mod layer;
mod lint;
mod load;
mod names;
mod origin;
mod properties;
mod units;
mod valkey;

pub use address::shown_url;
pub use budget::{Budget, Room};
pub use choices::{Compression, Delivery, GroupProtocol, HeaderNames, LogFormat, Policy, Store, Tombstones};
pub use describe::{OptionRow, as_table, as_toml, rows};
pub use error::ConfigError;
pub(crate) use error::nearest;
pub use lint::{Advice, Machine, lint, misspelt};
pub use load::ENVIRONMENT_PREFIX;
pub use origin::{Effective, Given, OptionOrigin, effective};
pub use properties::{HIDDEN, POLL_INTERVAL_MS, Properties, RESERVED_PROPERTIES, is_secret};
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

impl Config {
    /// The number of worker threads, with 0 resolved.
    pub fn worker_count(&self) -> usize {
        if self.workers > 0 {
            self.workers
        } else {
            std::thread::available_parallelism().map_or(1, usize::from)
        }
    }
}

/// How to reach Kafka.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// Bootstrap servers, `host:port`, separated by commas.
    pub brokers: String,
    /// The consumer group. Its committed offsets say what is done.
    pub group: String,
    /// Static membership: a restart within `kafka.session_timeout_ms` costs no rebalance; its partitions stand still until then. With the `consumer`
    /// protocol the brokers refuse the name of a process that was killed until its session is over, and so each start. Empty switches it off.
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
    /// Create the topics that are missing. Not the input topic for `run --until-end` and `replay`, which read what is there, nor where its name
    /// seems mistyped or the topic deleted: `sluice topics create` makes it in any case.
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
    /// Bytes of keys, headers and values, packed values (gzip, zstd) as what they say they unpack to, else 16 times as much; at most a thirty-second of `memory.budget`.
    pub bytes_max: Size,
    /// Milliseconds to wait for more once a record is there.
    pub wait_ms_max: u32,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            // Of 100,000 articles of 4 kB, 500 took the CPU time of 2,000 and a quarter less memory.
            records_max: 400,
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
    /// On: paragraphs that more than half of a site's last pages carry go too (reason `site`). They are learned from the stream, and remembered
    /// beside the duplicates, which must be on; see `docs/cleaning.md`.
    pub site_memory: bool,
}

impl Default for Clean {
    fn default() -> Self {
        Self {
            enabled: true,
            site_memory: false,
        }
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
    /// `text` or `json`. Why the process ends is told in the same form.
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
