//! How many records go in one request to a broker, which measures, and refuses, requests and not records.
//!
//! In: a size that was refused. Out: the options of a producer whose requests are smaller. Always: they get smaller only, down to one
//! record.

use std::collections::BTreeMap;

use crate::config::Config;

/// Bytes of a request with several records, where librdkafka is not told otherwise.
const REQUEST_BYTES: usize = 1_000_000;

/// The same after a request with several records was refused for its size. Topics that take less get their records one by one.
const SMALL_REQUEST_BYTES: usize = 64 << 10;

/// How many records go in one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Requests {
    /// As many as the client likes.
    #[default]
    Usual,
    /// Few: what is large is alone.
    Small,
    /// One.
    Single,
}

impl Requests {
    /// The options of a producer whose requests are such.
    pub(super) fn configured(self, config: &Config) -> Config {
        let mut config = config.clone();
        let properties = &mut config.kafka.properties.0;
        match self {
            Self::Usual => {}
            Self::Small => {
                let bytes = Self::Small.alone(properties).to_string();
                properties.insert("batch.size".into(), bytes);
            }
            Self::Single => drop(properties.insert("batch.num.messages".into(), "1".into())),
        }
        config
    }

    /// A record of so many bytes is alone in its request.
    pub(super) fn alone(self, properties: &BTreeMap<String, String>) -> usize {
        let given = properties.get("batch.size").and_then(|bytes| bytes.parse().ok());
        let usual = given.unwrap_or(REQUEST_BYTES);
        match self {
            Self::Usual => usual,
            Self::Small => usual.min(SMALL_REQUEST_BYTES),
            Self::Single => 0,
        }
    }

    /// The next smaller ones.
    pub(super) fn smaller(self) -> Self {
        match self {
            Self::Usual => Self::Small,
            Self::Small | Self::Single => Self::Single,
        }
    }
}
