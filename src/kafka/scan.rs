//! A topic, read from here to there, without a group: for the commands that look at what is published.
//!
//! In: a topic and for each partition a range. Out: its committed records, in offset order within each partition. Always: nothing is
//! committed, and a range that the broker has deleted in part is read as far as it is there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use super::client::now;
use super::source::record;
use super::{client, error};
use crate::article::Record;
use crate::config::Config;
use crate::stage::Failure;

/// For each partition the first offset, and the one behind the last.
pub type Ranges = BTreeMap<i32, Range<i64>>;

/// Longest silence of the brokers before a read is given up.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// Longest wait for one answer about offsets or topics.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Reads topics, one after another.
pub struct Scanner {
    consumer: BaseConsumer<client::Reasons>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scanner")
    }
}

impl Scanner {
    /// A reader that sees what the group `kafka.group` has committed, and joins no group.
    pub fn new(config: &Config) -> Result<Self, Failure> {
        let mut settings = client::memory_consumer(config);
        settings.set("group.id", &config.kafka.group);
        let created = settings.create_with_context(client::Reasons::default());
        let consumer =
            created.map_err(|e| Failure::new(format!("could not make a Kafka client: {e}{}", error::hint(&e))))?;
        Ok(Self { consumer })
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
            let (low, high) = client::watermarks(&self.consumer, topic, partition.id()).map_err(failed)?;
            ranges.insert(partition.id(), low..high);
        }
        Ok(Some(ranges))
    }

    /// How far the group has committed each of the partitions; those that it never committed are left out.
    pub fn committed(&self, topic: &str, partitions: &[i32]) -> Result<BTreeMap<i32, i64>, Failure> {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(topic, *partition);
        }
        let committed = self.consumer.committed_offsets(list, ANSWER_MAX);
        Ok(offsets(&committed.map_err(|e| {
            self.failed("ask for the committed offsets of", topic, &e)
        })?))
    }

    /// The first offset at or after a time, for each of the partitions; those whose records are all older are left out.
    pub fn at_time(&self, topic: &str, partitions: &[i32], time_ms: i64) -> Result<BTreeMap<i32, i64>, Failure> {
        let failed = |e: KafkaError| self.failed("look up a time in", topic, &e);
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition_offset(topic, *partition, Offset::Offset(time_ms))
                .map_err(failed)?;
        }
        let found = self.consumer.offsets_for_times(list, ANSWER_MAX).map_err(failed)?;
        Ok(offsets(&found))
    }

    /// Hand over all committed records in the ranges. Partitions take turns as their records arrive.
    pub fn read(
        &self,
        topic: &str,
        ranges: &Ranges,
        mut take: impl FnMut(Record) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let name: Arc<str> = topic.into();
        let failed = |e: KafkaError| self.failed("read", topic, &e);
        let mut open: Ranges = ranges.iter().filter(|(_, r)| !r.is_empty()).map(clone).collect();
        let mut list = TopicPartitionList::new();
        for (partition, range) in &open {
            list.add_partition_offset(topic, *partition, Offset::Offset(range.start))
                .map_err(failed)?;
        }
        self.consumer.assign(&list).map_err(failed)?;
        let mut heard = now();
        while !open.is_empty() {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    heard = now();
                    let record = record(&name, &message);
                    let (partition, offset) = (record.origin.partition, record.origin.offset);
                    let Some(end) = open.get(&partition).map(|range| range.end) else {
                        continue;
                    };
                    if offset < end {
                        take(record)?;
                    }
                    if offset + 1 >= end {
                        open.remove(&partition);
                    }
                }
                // What stands at the end may be a transaction's marker, which is never delivered.
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(open.remove(&partition)),
                Some(Err(e)) if e.rdkafka_error_code().is_some_and(error::is_fatal) => return Err(failed(e)),
                _ if heard.elapsed() > SILENCE_MAX => {
                    let seconds = SILENCE_MAX.as_secs();
                    return Err(Failure::new(format!(
                        "could not read `{topic}` to its end: nothing came for {seconds} s"
                    )));
                }
                Some(Err(e)) => tracing::debug!(error = %e, topic, "reading goes on after an error"),
                None => {}
            }
        }
        self.consumer.unassign().map_err(failed)
    }
}

fn clone((partition, range): (&i32, &Range<i64>)) -> (i32, Range<i64>) {
    (*partition, range.clone())
}

fn offsets(list: &TopicPartitionList) -> BTreeMap<i32, i64> {
    let offset = |e: rdkafka::topic_partition_list::TopicPartitionListElem<'_>| match e.offset() {
        Offset::Offset(offset) => Some((e.partition(), offset)),
        _ => None,
    };
    list.elements().into_iter().filter_map(offset).collect()
}
