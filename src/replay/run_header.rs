//! Who wrote a record that has no provenance, such as a tombstone or a dead letter.
//!
//! In: a replay's id, if one writes. Out: the header that tells it, and back. Always: absent in a live run.

use crate::article::{Header, Record};

/// The header's name; its value is the id of the replay.
pub const RUN: &str = "sluice.run";

/// The header of what a replay writes.
pub fn run_header(run: Option<&str>) -> Option<Header> {
    run.map(|run| (RUN.into(), Some(run.as_bytes().to_vec())))
}

/// Whether a replay wrote a record.
pub fn is_of_replay(record: &Record) -> bool {
    record.headers.iter().any(|(name, _)| name == RUN)
}
