//! A run to the end that its partitions had at the start.
//!
//! In: what is read and committed. Out: whether the run is over. Always: not before the group has committed all of it, or nobody in it has
//! moved for a while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;

use super::InputConsumer;
use super::shared::Shared;
use crate::clock::now;
use crate::config::Config;
use crate::kafka::range::RangeReader;
use crate::kafka::{ask, offsets};
use crate::replay::Range;

/// How often a run to the end asks how far the group is.
const GROUP_EVERY: Duration = Duration::from_millis(500);

/// Longest wait for its answer.
const GROUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest silence of other members before a run to the end goes without them. A member that died while it joined holds the group
/// for the rebalance time-out, which is `max.poll.interval.ms` (5 minutes), and one that died otherwise for its session.
const HANGING_MAX: Duration = Duration::from_mins(6);

/// The ends, and how far the group is.
pub(super) struct UntilEnd {
    topic: Arc<str>,
    /// The end of each partition at the start, right behind its last record; 0 where nothing is left to read, which nobody may have committed.
    ends: BTreeMap<i32, i64>,
    /// When the group was last asked how far it is.
    asked: Option<Instant>,
    /// What it had committed then, for each of the ends.
    committed: Vec<i64>,
    /// When that was first so, in this assignment.
    moved: Instant,
    /// The assignment that `moved` belongs to.
    assignment: u64,
    silence_max: Duration,
}

impl UntilEnd {
    /// To the ends as they are now. Waits for the broker.
    pub(super) fn new(config: &Config, consumer: &InputConsumer) -> Result<Self, KafkaError> {
        let topic = &config.input.topic;
        let mut extents = extents(consumer, topic)?;
        before_markers(config, &mut extents);
        let end = |extent: &Extent| if extent.first == extent.end { 0 } else { extent.end };
        Ok(Self {
            topic: topic.as_str().into(),
            ends: extents
                .iter()
                .map(|(partition, extent)| (*partition, end(extent)))
                .collect(),
            asked: None,
            committed: Vec::new(),
            moved: now(),
            assignment: 0,
            silence_max: Duration::from_millis(config.kafka.session_timeout_ms.into()) * 2 + Duration::from_secs(5),
        })
    }

    /// Whether the end of a partition lies before an offset: what led there was written after the start.
    pub(super) fn is_before(&self, partition: i32, next: i64) -> bool {
        self.ends.get(&partition).is_some_and(|end| next > *end)
    }

    /// A run to the end is over when every assigned partition is read, all of it is committed, nobody asked for a rewind, and the
    /// partitions of others are done too: a member that died holds its partitions until its session ends, and then they are ours.
    pub(super) fn is_reached(&mut self, shared: &Shared, consumer: &InputConsumer, epoch: u64) -> bool {
        let collecting = shared.collecting.lock();
        let is_read = |p: &i32| collecting.at_end.contains(p) || self.ends.get(p).is_none_or(|end| *end == 0);
        let is_own_read = collecting.assigned.iter().all(is_read) && collecting.records.is_empty();
        drop(collecting);
        let is_settled = shared.is_idle() && shared.epoch() == epoch;
        let has_joined = shared.assignment() > 0;
        has_joined && is_own_read && is_settled && self.is_all_committed(shared, consumer)
    }

    /// Whether the group has committed every partition up to its end. Some offsets may never be: those of a transaction's marker behind the last
    /// record, or of a member that hangs. So the run also ends once no commit has moved for a while.
    fn is_all_committed(&mut self, shared: &Shared, consumer: &InputConsumer) -> bool {
        if self.ends.values().all(|end| *end == 0) {
            return true;
        }
        if self.asked.is_some_and(|asked| asked.elapsed() < GROUP_EVERY) {
            return false;
        }
        self.asked = Some(now());
        let list = offsets::list(&self.topic, self.ends.keys().copied());
        let Ok(committed) = consumer.committed_offsets(list, GROUP_TIMEOUT) else {
            return false;
        };
        let offset = |p: &i32| match committed.find_partition(&self.topic, *p).map(|e| e.offset()) {
            Some(Offset::Offset(next)) => next,
            _ => 0,
        };
        let offsets: Vec<i64> = self.ends.keys().map(offset).collect();
        let lacks: Vec<i32> = self
            .ends
            .iter()
            .zip(&offsets)
            .filter(|((_, end), next)| next < end)
            .map(|((partition, _), _)| *partition)
            .collect();
        let assignment = shared.assignment();
        if offsets != self.committed || assignment != self.assignment {
            self.committed = offsets;
            self.assignment = assignment;
            self.moved = now();
        }
        let collecting = shared.collecting.lock();
        let are_ours = lacks.iter().all(|p| collecting.assigned.contains(p));
        drop(collecting);
        let others_max = HANGING_MAX.max(self.silence_max);
        let silence_max = if are_ours { self.silence_max } else { others_max };
        let is_silent = self.moved.elapsed() > silence_max;
        if is_silent && !are_ours {
            tracing::warn!(partitions = ?lacks, "ending though other members of the group have not finished theirs");
        }
        lacks.is_empty() || is_silent
    }
}

/// The offsets that a partition reaches over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    first: i64,
    end: i64,
}

/// What all partitions reach over, as a `read_committed` reader sees them.
fn extents(consumer: &InputConsumer, topic: &str) -> Result<BTreeMap<i32, Extent>, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10))?;
    let partitions = metadata.topics().first().map_or(&[][..], |t| t.partitions());
    let extent = |(first, end)| Extent { first, end };
    partitions
        .iter()
        .map(|p| Ok((p.id(), extent(ask::watermarks(consumer, topic, p.id())?))))
        .collect()
}

/// How far before its end a partition's last record is looked for, one after the other.
const TAILS: [i64; 3] = [8, 256, 8_192];

/// Put each end right behind the last record. What stands behind that are markers of transactions, which are never delivered and so never
/// committed past: the group would wait for them. Where the records cannot be looked at, the ends stay as they are.
fn before_markers(config: &Config, extents: &mut BTreeMap<i32, Extent>) {
    let mut unknown = extents.clone();
    for tail in TAILS {
        let from = |extent: &Extent| extent.first.max(extent.end - tail);
        let of_partition = |(partition, extent): (&i32, &Extent)| Range::of(*partition, from(extent)..extent.end);
        let ranges: Vec<Range> = unknown
            .iter()
            .map(of_partition)
            .filter(|range| !range.is_empty())
            .collect();
        if ranges.is_empty() {
            return;
        }
        let mut last = BTreeMap::new();
        let read = RangeReader::connect(config, &config.input.topic, &config.kafka.group).and_then(|reader| {
            reader.read(&ranges, |record| {
                last.insert(record.origin.partition, record.origin.offset);
                true
            })
        });
        if let Err(error) = read {
            tracing::debug!(%error, "could not look at the last records");
            return;
        }
        unknown.retain(|partition, seen| {
            let Some(extent) = extents.get_mut(partition) else {
                return false;
            };
            match last.get(partition) {
                Some(offset) => extent.end = extent.end.min(offset + 1),
                None if from(seen) == seen.first => extent.end = extent.first,
                None => return true,
            }
            false
        });
    }
}
