//! How far a run in ranges is: kept beside the offsets that it commits, and read back.
//!
//! Always: what is kept with an offset is the number of the partition's records that are settled there.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::consumer::{CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use super::{RangeConsumer, RangeReader, committed};
use crate::article::Record;
use crate::failure::Failure;
use crate::kafka::sink::Group;
use crate::replay::RunNote;

/// How far a run is: what its commits keep beside the offsets.
pub struct Progress {
    consumer: Arc<RangeConsumer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    notes: BTreeMap<i32, RunNote>,
    /// (partition, next offset) → records of the partition that are settled then.
    counts: BTreeMap<(i32, i64), u64>,
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progress")
    }
}

impl Progress {
    /// The progress of a run of which nothing is known yet.
    pub fn new(reader: &RangeReader) -> Self {
        Self {
            consumer: Arc::clone(&reader.consumer),
            state: Mutex::default(),
        }
    }

    /// The run stands here: for each partition the next offset, and what is kept with it.
    pub fn stand_at(&self, notes: &BTreeMap<i32, (i64, RunNote)>) {
        *self.state.lock() = State {
            counts: notes.iter().map(|(p, (next, note))| ((*p, *next), note.done)).collect(),
            notes: notes.iter().map(|(p, (_, note))| (*p, note.clone())).collect(),
        };
    }

    /// These records are read, and settled once they are committed.
    pub(super) fn read(&self, records: &[Record]) {
        let mut state = self.state.lock();
        let counts = &mut state.counts;
        let mut fresh: BTreeMap<i32, (i64, u64)> = BTreeMap::new();
        for record in records {
            let entry = fresh.entry(record.origin.partition).or_default();
            *entry = (record.origin.offset + 1, entry.1 + 1);
        }
        for (partition, (next, count)) in fresh {
            let before = counts.range((partition, i64::MIN)..(partition, next)).next_back();
            let done = before.map_or(0, |(_, done)| *done);
            counts.insert((partition, next), done + count);
        }
    }
}

impl Group for Progress {
    fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        Consumer::group_metadata(&*self.consumer)
    }

    fn commit(&self, offsets: &TopicPartitionList) -> Result<(), KafkaError> {
        Consumer::commit(&*self.consumer, offsets, CommitMode::Sync)
    }

    fn note(&self, partition: i32, next: i64) -> Option<String> {
        let mut state = self.state.lock();
        let done = *state.counts.get(&(partition, next))?;
        // Commits come in order: what lies before is not asked for again.
        state.counts.retain(|(p, n), _| *p != partition || *n >= next);
        let note = state.notes.get(&partition)?.clone();
        Some(RunNote { done, ..note }.to_text())
    }
}

impl RangeReader {
    /// Progress on record: for each partition the next offset, and the note that was kept with it.
    pub fn notes(&self) -> Result<BTreeMap<i32, (i64, RunNote)>, Failure> {
        let list = committed(&self.consumer, &self.topic, &self.partitions)
            .map_err(|e| self.failed("read the progress of the run in the ranges", &e))?;
        let note = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            let Offset::Offset(next) = element.offset() else {
                return None;
            };
            Some((element.partition(), (next, RunNote::parse(element.metadata())?)))
        };
        Ok(list.elements().iter().filter_map(note).collect())
    }
}
