//! The outputs of an earlier run, read beside the range that they were made of.
//!
//! In: topics that hold outputs, and the input's records as they are read. Out: for each record what was made of it. Always: forward only,
//! each output is read once; one that cannot be had is none, and costs work instead of correctness.

use std::collections::BTreeSet;
use std::time::Duration;

use super::range::{Polled, RangeInput, RangeReader};
use super::writer::written_ms;
use crate::article::Record;
use crate::config::Config;
use crate::failure::Failure;
use crate::replay::{self, Bound, Waiting, ranges};

/// How much further back than the first record's time the outputs are read: records of a partition may be a little older than the first.
const SLACK_MS: i64 = 10 * 60 * 1000;

/// Wait for one topic, while another may have what is needed.
const WAIT: Duration = Duration::from_millis(10);

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
    input: RangeInput,
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
        let (partition, offset) = (record.origin.partition, record.origin.offset);
        let mut wait = Duration::ZERO;
        loop {
            let (mut is_read, mut count, mut articles) = (true, 0, 0);
            for topic in &mut self.topics {
                is_read &= topic.look(record, wait)?;
                let (arrived, of) = topic.waiting.arrived(partition, offset);
                (count, articles) = (count + arrived, articles.max(of));
                if articles > 0 && count >= articles {
                    break;
                }
            }
            // Where all articles have one, no other topic is waited for: its next output may be long in coming.
            if is_read || (articles > 0 && count >= articles) {
                break;
            }
            if is_stopped() {
                return Ok(None);
            }
            wait = WAIT;
        }
        let time_ms = record.timestamp_ms.map(written_ms);
        let taken = self
            .topics
            .iter_mut()
            .flat_map(|topic| topic.waiting.take(partition, offset, time_ms));
        Ok(Some(taken.collect()))
    }
}

impl Topic {
    /// Read on until all that was made of a record has arrived, or nothing comes within the time. Whether it has, as far as is known.
    fn look(&mut self, record: &Record, wait: Duration) -> Result<bool, Failure> {
        let (partition, offset) = (record.origin.partition, record.origin.offset);
        let lanes = match &mut self.lanes {
            Some(lanes) => lanes,
            none => none.insert(open(&self.reader, record)?),
        };
        // The sink writes what was made of one input partition to one partition.
        let home = partition % (self.reader.partitions.len() as i32).max(1);
        while !self.waiting.has_all(partition, offset) {
            let (arrived, of) = self.waiting.arrived(partition, offset);
            if lanes.over.contains(&home) || (of > 0 && arrived >= of) {
                return Ok(true);
            }
            match lanes.input.poll(home, wait) {
                Ok(Polled::Nothing) => return Ok(false),
                Ok(Polled::End) => drop(lanes.over.insert(home)),
                Ok(Polled::Record(output)) => {
                    let value = output.value.unwrap_or_default();
                    let made = replay::origin(&value).filter(|(topic, _)| **topic == *record.origin.topic);
                    if let Some((_, place)) = made {
                        self.waiting.offer(partition, place, output.timestamp_ms, value);
                    }
                }
                Err(failure) => {
                    tracing::warn!(%failure, "records from here on are done whole in this partition");
                    lanes.over.insert(home);
                }
            }
        }
        Ok(true)
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
