//! A topic, read from here to there, without a group: for the commands that look at what is published.
//!
//! In: a topic and for each partition a range. Out: its committed records, in offset order within each partition. Always: nothing is
//! committed, and a range is read to its end or the failure is told, through the reader that replays use.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

use super::range::RangeReader;
use super::{ask, client, error, offsets, settings};
use crate::article::Record;
use crate::config::Config;
use crate::failure::Failure;
use crate::replay::{self, Bound};

/// For each partition the first offset, and the one behind the last.
pub type Ranges = BTreeMap<i32, Range<i64>>;

/// Longest wait for one answer about offsets or topics.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Reads topics, one after another.
pub struct Scanner {
    consumer: BaseConsumer<client::Reasons>,
    config: Config,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scanner")
    }
}

impl Scanner {
    /// A reader that sees what the group `kafka.group` has committed, and joins no group.
    pub fn new(config: &Config) -> Result<Self, Failure> {
        let settings = settings::memory_consumer(config);
        let created = client::make_consumer(&settings, client::Reasons::of(config));
        let consumer =
            created.map_err(|e| Failure::new(format!("could not make a Kafka client: {e}{}", error::hint(&e))))?;
        let config = config.clone();
        Ok(Self { consumer, config })
    }

    fn failed(&self, what: &str, topic: &str, e: &KafkaError) -> Failure {
        let reason = self.consumer.client().context().last();
        Failure::new(format!("could not {what} `{topic}`: {e}{reason}{}", error::hint(e)))
    }

    /// What each partition of a topic holds now; `None` where there is no such topic.
    pub fn extent(&self, topic: &str) -> Result<Option<Ranges>, Failure> {
        let failed = |e: KafkaError| self.failed("look at", topic, &e);
        // All topics are asked for, since asking for one by name may create it.
        let metadata = self.consumer.fetch_metadata(None, ANSWER_MAX);
        while metadata.is_err() && self.consumer.poll(Duration::ZERO).is_some() {}
        let metadata = metadata.map_err(failed)?;
        let Some(found) = metadata.topics().iter().find(|t| t.name() == topic) else {
            return Ok(None);
        };
        let mut ranges = Ranges::new();
        for partition in found.partitions() {
            let (low, high) = ask::watermarks(&self.consumer, topic, partition.id()).map_err(failed)?;
            ranges.insert(partition.id(), low..high);
        }
        Ok(Some(ranges))
    }

    /// How far the group has committed each of the partitions; those that it never committed are left out.
    pub fn committed(&self, topic: &str, partitions: &[i32]) -> Result<BTreeMap<i32, i64>, Failure> {
        let list = offsets::list(topic, partitions.iter().copied());
        let committed = ask::committed(&self.consumer, &list);
        let committed = committed.map_err(|e| self.failed("ask for the committed offsets of", topic, &e))?;
        Ok(offsets::by_partition(&committed))
    }

    /// The first record at or after a time, for each of the partitions; those whose records are all older are left out.
    pub fn at_time(&self, topic: &str, partitions: &[i32], time_ms: i64) -> Result<BTreeMap<i32, i64>, Failure> {
        let reader = RangeReader::connect(&self.config, topic, &self.config.kafka.group)?;
        let chosen = partitions.iter().copied().collect();
        let known = reader.survey(&chosen, &Bound::Time(time_ms), &Bound::Latest)?;
        Ok(known
            .iter()
            .filter_map(|(partition, known)| Some((*partition, known.from?)))
            .collect())
    }

    /// Hand over all committed records in the ranges, by record time.
    pub fn read(
        &self,
        topic: &str,
        ranges: &Ranges,
        mut take: impl FnMut(Record) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let range = |(partition, range): (&i32, &Range<i64>)| replay::Range::of(*partition, range.clone());
        let ranges: Vec<replay::Range> = ranges.iter().map(range).filter(|range| !range.is_empty()).collect();
        if ranges.is_empty() {
            return Ok(());
        }
        let mut taken = Ok(());
        let reader = RangeReader::connect(&self.config, topic, &self.config.kafka.group)?;
        reader.read(&ranges, |record| {
            taken = take(record);
            taken.is_ok()
        })?;
        taken
    }
}
