//! What the brokers know of a topic's partitions, for two bounds.
//!
//! In: bounds. Out: the ends of each partition, and the offsets that only the brokers can tell. Always: a record is found by its own time,
//! whatever else has an offset.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka::consumer::Consumer;
use rdkafka::{Offset, TopicPartitionList};

use super::input::Polled;
use super::{ANSWER_MAX, POLL_MAX, RangeConsumer, RangeReader, committed};
use crate::failure::Failure;
use crate::kafka::client::{self, Reasons};
use crate::kafka::offsets;
use crate::kafka::{ask, settings};
use crate::replay::{Bound, KnownPartition, Range};

impl RangeReader {
    /// What the broker knows of each of these partitions, for two bounds.
    pub fn survey(
        &self,
        chosen: &BTreeSet<i32>,
        from: &Bound,
        to: &Bound,
    ) -> Result<BTreeMap<i32, KnownPartition>, Failure> {
        // The bounds first: what is written in between lies behind them.
        let (from_told, to_told) = (self.answers(chosen, from)?, self.answers(chosen, to)?);
        let mut known = BTreeMap::new();
        for partition in chosen {
            let (low, high) = ask::watermarks(&self.consumer, &self.topic, *partition)
                .map_err(|e| self.failed("read the ends", &e))?;
            let partition_known = KnownPartition {
                low,
                high,
                from: from_told.get(partition).copied(),
                to: to_told.get(partition).copied(),
                reaches_back: false,
            };
            known.insert(*partition, partition_known);
        }
        if let Bound::Time(ms) = from {
            let found = self.first_at(*ms, from_told, &known)?;
            let reaching_back = self.without_older(*ms, &known)?;
            for (partition, known) in &mut known {
                known.from = found.get(partition).copied();
                known.reaches_back = reaching_back.contains(partition);
            }
        }
        if let Bound::Time(ms) = to {
            let found = self.first_at(*ms, to_told, &known)?;
            for (partition, known) in &mut known {
                known.to = found.get(partition).copied();
            }
        }
        Ok(known)
    }

    /// The first record at or after a time, in each partition that has one. The broker's answer may be the marker of a transaction, which
    /// has the time of its writing, and records of older times may follow it: so the records from there on are looked at.
    fn first_at(
        &self,
        ms: i64,
        told: BTreeMap<i32, i64>,
        known: &BTreeMap<i32, KnownPartition>,
    ) -> Result<BTreeMap<i32, i64>, Failure> {
        let mut found = BTreeMap::new();
        let range = |(partition, offset): (i32, i64)| {
            let KnownPartition { low, high, .. } = known.get(&partition).copied().unwrap_or_default();
            Range::of(partition, offset.clamp(low, high)..high)
        };
        let ranges: Vec<Range> = told.into_iter().map(range).filter(|range| !range.is_empty()).collect();
        if ranges.is_empty() {
            return Ok(found);
        }
        let scanner = Self::connect(&self.config, &self.topic, &self.group)?;
        let mut input = scanner.open(&ranges)?;
        for Range { partition, .. } in ranges {
            loop {
                match input.poll(partition, POLL_MAX)? {
                    Polled::Nothing => {}
                    Polled::End => break,
                    Polled::Record(record) if record.timestamp_ms.is_some_and(|time| time < ms) => {}
                    Polled::Record(record) => {
                        found.insert(partition, record.origin.offset);
                        break;
                    }
                }
            }
            input.pause(partition);
        }
        Ok(found)
    }

    /// The partitions of which something was deleted and no record that is there is older than a time: what was deleted may belong to it.
    /// The offset for the time does not tell, since markers of transactions may stand before the first record.
    fn without_older(&self, ms: i64, known: &BTreeMap<i32, KnownPartition>) -> Result<BTreeSet<i32>, Failure> {
        let range = |(partition, known): (&i32, &KnownPartition)| Range::of(*partition, known.low..known.high);
        let ranges = known.iter().filter(|(_, known)| known.low > 0).map(range);
        let ranges: Vec<Range> = ranges.filter(|range| !range.is_empty()).collect();
        let mut found = BTreeSet::new();
        if ranges.is_empty() {
            return Ok(found);
        }
        let scanner = Self::connect(&self.config, &self.topic, &self.group)?;
        let mut input = scanner.open(&ranges)?;
        for Range { partition, .. } in ranges {
            let has_older = loop {
                match input.poll(partition, POLL_MAX)? {
                    Polled::Nothing => {}
                    Polled::End => break false,
                    Polled::Record(record) => break record.timestamp_ms.is_some_and(|time| time < ms),
                }
            };
            if !has_older {
                found.insert(partition);
            }
            input.pause(partition);
        }
        Ok(found)
    }

    /// The offsets that only the broker can tell for a bound; a partition without an answer is left out.
    fn answers(&self, chosen: &BTreeSet<i32>, bound: &Bound) -> Result<BTreeMap<i32, i64>, Failure> {
        let told = match bound {
            Bound::Time(ms) => {
                let mut times = TopicPartitionList::new();
                for partition in chosen {
                    // A negative number would mean an end of the partition.
                    times
                        .add_partition_offset(&self.topic, *partition, Offset::Offset((*ms).max(0)))
                        .map_err(|e| self.failed("ask for times", &e))?;
                }
                let found = self.consumer.offsets_for_times(times, ANSWER_MAX);
                found.map_err(|e| self.failed("find the offsets for a time", &e))?
            }
            Bound::Group(group) => {
                let settings = settings::range_consumer(&self.config, group, 1);
                let created = client::make_consumer(&settings, Reasons::of(&self.config));
                let other: RangeConsumer = created.map_err(|e| self.failed("ask a group about offsets", &e))?;
                let what = format!("read the offsets that group `{group}` has committed");
                committed(&other, &self.topic, chosen).map_err(|e| self.failed(&what, &e))?
            }
            _ => return Ok(BTreeMap::new()),
        };
        Ok(offsets::by_partition(&told))
    }
}
