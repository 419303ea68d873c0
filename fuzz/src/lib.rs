//! Arbitrary bytes → records, and what must hold of them. `tests/fuzzed.rs` runs the same checks over the samples.
//!
//! The bytes are the values as they are, so that real records serve as seeds. What stands beside a value is chosen by its last byte.

use std::sync::Arc;

use sluice::article::{Origin, Record};
use sluice::decode::Options;

pub mod checks;

/// Stands between two records of one input.
pub const BETWEEN: &[u8] = b"\0--\0";

/// Small bounds, so that an input of some kilobytes can exceed each of them.
pub fn options() -> Options {
    Options {
        value_bytes_max: 256 << 10,
        unpacked_bytes_max: 1 << 20,
        articles_max: 64,
        tombstones_pass: true,
        ..Options::default()
    }
}

/// The records of one input, at most eight, in two partitions.
pub fn records(data: &[u8]) -> Vec<Record> {
    let mut values = Vec::new();
    let mut rest = data;
    while values.len() < 7
        && let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN)
    {
        values.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    values.push(rest);
    let topic: Arc<str> = "raw".into();
    let record = |(at, value): (i64, &[u8])| {
        let origin = Origin {
            topic: Arc::clone(&topic),
            partition: (at % 2) as i32,
            offset: at / 2,
            position: 0,
        };
        record(origin, value)
    };
    (0..).zip(values).map(record).collect()
}

fn record(origin: Origin, value: &[u8]) -> Record {
    let choice = value.last().copied().unwrap_or_default();
    let content_type = match choice % 8 {
        0 => Some("application/json"),
        1 => Some("text/html; charset=windows-1252"),
        2 => Some("text/plain; charset=utf-16le"),
        3 => Some("application/cloudevents+json"),
        _ => None,
    };
    let mut headers: Vec<_> = content_type
        .map(|t| ("content-type".to_owned(), Some(t.as_bytes().to_vec())))
        .into_iter()
        .collect();
    if choice % 16 == 5 {
        headers.push(("ce_subject".into(), Some(value.to_vec())));
        headers.push(("ce_time".into(), Some(value.to_vec())));
    }
    Record {
        origin,
        key: (choice % 3 == 0).then(|| value.iter().copied().take(64).collect()),
        value: (choice != 0xff).then(|| value.to_vec()),
        headers,
        timestamp_ms: (choice % 4 != 1).then_some(1_700_000_000_000 + i64::from(choice)),
    }
}
