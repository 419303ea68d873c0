//! All of a topic, for whoever compares or checks.
//!
//! In: a topic. Out: its records up to the end it has now, as a reader of committed records sees them. Always: no group is joined, and
//! nobody's offsets move.

use super::range::RangeReader;
use crate::article::Record;
use crate::config::Config;
use crate::failure::Failure;
use crate::replay::{Bound, ranges};

/// Hand every record of a topic to `take`, by record time, until it says that it has enough. Waits for the broker.
pub fn read_while(config: &Config, topic: &str, take: impl FnMut(Record) -> bool) -> Result<(), Failure> {
    // The group's name is asked for by the client, and never used: nothing is committed.
    let reader = RangeReader::connect(config, topic, "sluice-reader")?;
    let known = reader.survey(&reader.partitions, &Bound::Earliest, &Bound::Latest)?;
    let ranges = ranges(&Bound::Earliest, &Bound::Latest, &known).map_err(|e| Failure::new(e.to_string()))?;
    reader.read(&ranges, take)
}
