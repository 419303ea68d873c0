//! Ranges of a topic: partitions assigned, not joined; one order by record time in; batches out.
//!
//! In: offsets from and to of each partition. Out: their records once, merged by (time, partition), in batches; then the end. Always: no
//! group is joined, so nobody else's offsets move; the order is that of [`Merge`](crate::replay::Merge) whatever the broker answers first.

mod input;
mod pace;
mod progress;
mod source;
mod survey;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

use super::client::{self, Reasons};
use super::{ask, settings};
use super::{error, offsets};
use crate::config::Config;
use crate::failure::Failure;

pub(in crate::kafka) use input::{Polled, RangeInput};
pub use pace::Pace;
pub use progress::Progress;
pub use source::{Beside, RangeSource};

/// Longest wait in one poll: bounds how late a stop is seen.
const POLL_MAX: Duration = Duration::from_millis(100);

/// Longest wait for a broker's answer about offsets.
const ANSWER_MAX: Duration = Duration::from_secs(30);

type RangeConsumer = BaseConsumer<Reasons>;

/// A topic, as a reader of ranges sees it. Waits for the broker in every call.
pub struct RangeReader {
    consumer: Arc<RangeConsumer>,
    config: Config,
    topic: Arc<str>,
    group: String,
    /// The topic's partitions.
    pub partitions: BTreeSet<i32>,
}

impl std::fmt::Debug for RangeReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RangeReader")
    }
}

impl RangeReader {
    /// Look at a topic. `group` is the one that keeps the reader's progress, if any; it is not joined.
    pub fn connect(config: &Config, topic: &str, group: &str) -> Result<Self, Failure> {
        Self::connect_beside(config, topic, group, 1)
    }

    /// The same for one of several readers that share the bound on what is read ahead.
    pub fn connect_beside(config: &Config, topic: &str, group: &str, readers: usize) -> Result<Self, Failure> {
        let reasons = Reasons::of(config);
        let failed = |e: KafkaError| {
            let (brokers, reason) = (&config.kafka.brokers, reasons.last());
            Failure::new(format!(
                "could not look at `{topic}` at `{brokers}`: {e}{reason}{}",
                error::hint(&e)
            ))
        };
        let looker = client::make_consumer(&settings::admin(config), reasons.clone()).map_err(failed)?;
        let metadata = looker.fetch_metadata(Some(topic), Duration::from_secs(10));
        // The reasons wait in the client's queue until somebody polls.
        while metadata.is_err() && looker.poll(Duration::ZERO).is_some() {}
        let metadata = metadata.map_err(failed)?;
        let found = metadata.topics().first().map_or(&[][..], |t| t.partitions());
        let partitions: BTreeSet<i32> = found.iter().map(rdkafka::metadata::MetadataPartition::id).collect();
        if partitions.is_empty() {
            let message = format!("topic `{topic}` does not exist at `{}`", config.kafka.brokers);
            return Err(Failure::new(message));
        }
        let settings = settings::range_consumer(config, group, partitions.len() * readers);
        let consumer = Arc::new(client::make_consumer(&settings, Reasons::of(config)).map_err(failed)?);
        Ok(Self {
            consumer,
            config: config.clone(),
            topic: topic.into(),
            group: group.to_owned(),
            partitions,
        })
    }

    fn failed(&self, what: &str, e: &KafkaError) -> Failure {
        Failure::new(format!("could not {what} of `{}`: {e}{}", self.topic, error::hint(e)))
    }
}

fn committed(
    consumer: &RangeConsumer,
    topic: &str,
    partitions: &BTreeSet<i32>,
) -> Result<TopicPartitionList, KafkaError> {
    ask::committed(consumer, &offsets::list(topic, partitions.iter().copied()))
}
