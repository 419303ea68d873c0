//! Whether the input topic forgot records before they were read.
//!
//! In: the first offsets that the brokers still have. Out: an error in the log and a count, once for what is [lost](super::lost). Always:
//! brokers that do not answer hold nothing up; what is lost is told with a later word of theirs.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use super::rebalance::Context;
use crate::kafka::offsets;

/// Longest wait for the first offsets of partitions that came; without them, what is gone is told a little later.
const FIRST_TIMEOUT: Duration = Duration::from_secs(5);

/// As many offsets at the end of an empty partition may have been markers of transactions.
const MARKERS_MAX: i64 = 8;

impl Context {
    /// The brokers have records of a partition from `first` on: what was not read before is lost.
    pub(super) fn tell_lost(&self, partition: i32, first: i64, is_drained: bool) {
        let gone = self
            .shared
            .collecting
            .lock()
            .readings
            .gone(partition, first, is_drained);
        for (next, first) in gone {
            let records = first - next;
            tracing::error!(
                topic = self.topic,
                partition,
                next,
                first,
                records,
                "records are gone from the topic before they were read: they were kept for too short a time"
            );
            self.shared.metrics.lost(partition, records);
        }
    }

    /// Retention may have passed what the group has committed.
    pub(super) fn look_for_lost(&self, consumer: &BaseConsumer<Self>, start: &TopicPartitionList) {
        let committed = offsets::by_partition(start);
        let first = self.edges(consumer, committed.keys().copied(), Offset::Beginning);
        let gone = |partition: &i32, first: &i64| committed.get(partition).is_some_and(|next| next < first);
        let passed: BTreeMap<i32, i64> = first.into_iter().filter(|(p, first)| gone(p, first)).collect();
        let end = self.edges(consumer, passed.keys().copied(), Offset::End);
        for (partition, first) in passed {
            // What little lies between a last record and an end that nothing follows may be a transaction's marker.
            let next = committed[&partition];
            let is_empty = end.get(&partition).is_some_and(|end| *end <= first);
            if is_empty && first - next <= MARKERS_MAX {
                tracing::warn!(
                    partition,
                    next,
                    first,
                    "the partition is empty, and begins behind what was committed"
                );
                self.shared.collecting.lock().readings.begins(partition, Some(first));
            } else {
                self.tell_lost(partition, first, true);
            }
        }
    }

    /// The first or the last offset of each partition, as far as the brokers tell.
    fn edges(
        &self,
        consumer: &BaseConsumer<Self>,
        partitions: impl Iterator<Item = i32>,
        edge: Offset,
    ) -> BTreeMap<i32, i64> {
        let mut asked = TopicPartitionList::new();
        for partition in partitions {
            // ListOffsets takes −2 (earliest) or −1 (latest) where a time would stand.
            let added = asked.add_partition_offset(&self.topic, partition, edge);
            added.expect("an edge is an offset");
        }
        if asked.count() == 0 || self.shared.is_stopped() {
            return BTreeMap::new();
        }
        match consumer.offsets_for_times(asked, FIRST_TIMEOUT) {
            Ok(told) => offsets::by_partition(&told),
            Err(error) => {
                tracing::debug!(%error, "the first and last offsets are not told yet");
                BTreeMap::new()
            }
        }
    }
}
