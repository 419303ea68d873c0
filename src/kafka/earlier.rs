//! The outputs of an earlier run, read beside the range that they were made of.
//!
//! In: topics that hold outputs, and the input's records as they are read. Out: for each record what was made of it. Always: forward only,
//! each output is read once; one that cannot be had is none, and costs work instead of correctness.

use std::collections::BTreeSet;
use std::time::Duration;

use super::range::{Input, RangeReader, Told};
use crate::article::Record;
use crate::config::Config;
use crate::replay::{self, Bound, Waiting, ranges};
use crate::stage::Failure;

/// How much further back than the first record's time the outputs are read: records of a partition may be a little older than the first.
const SLACK_MS: i64 = 10 * 60 * 1000;

/// Longest wait in one poll: bounds how late a stop is seen.
const POLL_MAX: Duration = Duration::from_millis(100);

/// Readers beside each other in such a run: the range, the outputs, the duplicates. They share the bound on what is read ahead.
pub const READERS: usize = 3;

/// Finds what was made of a record.
#[derive(Debug)]
pub struct EarlierOutputs {
    topics: Vec<Topic>,
}

/// One topic of outputs.
#[derive(Debug)]
struct Topic {
    reader: RangeReader,
    lanes: Option<Lanes>,
    waiting: Waiting,
}

/// Its partitions, once it is read.
struct Lanes {
    input: Input,
    /// Partitions that have no more to give.
    over: BTreeSet<i32>,
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lanes")
    }
}

impl EarlierOutputs {
    /// Look at these topics. Waits for the broker.
    pub fn connect(config: &Config, topics: &[String], group: &str) -> Result<Self, Failure> {
        let bytes_max = (config.memory.budget.bytes() / 16) as usize;
        let topic = |name: &String| {
            Ok(Topic {
                reader: RangeReader::connect_beside(config, name, group, READERS)?,
                lanes: None,
                waiting: Waiting::new(bytes_max / topics.len()),
            })
        };
        Ok(Self {
            topics: topics.iter().map(topic).collect::<Result<_, Failure>>()?,
        })
    }

    /// What was made of a record. Records come as a range gives them: by time, each partition in its order. `None` when told to stop.
    pub fn of(&mut self, record: &Record, is_stopped: &dyn Fn() -> bool) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        let mut outputs = Vec::new();
        for topic in &mut self.topics {
            match topic.of(record, is_stopped)? {
                Some(found) => outputs.extend(found),
                None => return Ok(None),
            }
        }
        Ok(Some(outputs))
    }
}

impl Topic {
    fn of(&mut self, record: &Record, is_stopped: &dyn Fn() -> bool) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        let (partition, offset) = (record.origin.partition, record.origin.offset);
        if self.lanes.is_none() {
            self.lanes = Some(open(&self.reader, record)?);
        }
        let Some(lanes) = &mut self.lanes else { return Ok(None) };
        // The sink writes what was made of one input partition to one partition.
        let home = partition % (self.reader.partitions.len() as i32).max(1);
        while !lanes.over.contains(&home) && !self.waiting.has_all(partition, offset) {
            if is_stopped() {
                return Ok(None);
            }
            match lanes.input.poll(home, POLL_MAX) {
                Ok(Told::Nothing) => {}
                Ok(Told::End) => drop(lanes.over.insert(home)),
                Ok(Told::Record(output)) => {
                    let value = output.value.unwrap_or_default();
                    if let Some((topic, of, at)) = replay::origin(&value)
                        && topic == *record.origin.topic
                    {
                        self.waiting.offer(partition, of, at, value);
                    }
                }
                Err(failure) => {
                    tracing::warn!(%failure, "records from here on are done whole in this partition");
                    lanes.over.insert(home);
                }
            }
        }
        Ok(Some(self.waiting.take(partition, offset)))
    }
}

/// Begin to read where the first record's outputs can be: outputs have the time of their record, and the first record is the oldest of
/// those that come first in their partitions.
fn open(reader: &RangeReader, first: &Record) -> Result<Lanes, Failure> {
    let from = match first.timestamp_ms {
        Some(ms) if ms > SLACK_MS => Bound::Time(ms - SLACK_MS),
        _ => Bound::Earliest,
    };
    let known = reader.survey(&reader.partitions, &from, &Bound::Latest)?;
    let ranges = ranges(&from, &Bound::Latest, &known).map_err(|e| Failure::new(e.to_string()))?;
    Ok(Lanes {
        input: reader.open(&ranges)?,
        over: BTreeSet::new(),
    })
}
