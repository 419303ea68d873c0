//! `decode_speed [ROUNDS] < records.jsonl`: what the reading of records costs, a record a line, beside what `serde_json` takes to parse their
//! JSON alone, in microseconds of this thread's processor time (Linux).

#[path = "common/processor.rs"]
mod processor;

use std::io::BufRead;

use serde_json::Value;
use sluice::article::{Origin, Record};
use sluice::decode::{self, Options};

// As the program allocates.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let rounds: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20);
    let record = |(offset, line): (i64, std::io::Result<String>)| {
        Ok(Record {
            origin: Origin {
                topic: "raw".into(),
                partition: 0,
                offset,
                position: 0,
            },
            key: None,
            value: Some(line?.into_bytes()),
            headers: Vec::new(),
            timestamp_ms: None,
        })
    };
    let lines = (0..).zip(std::io::stdin().lock().lines());
    let records: Vec<Record> = lines.map(record).collect::<std::io::Result<_>>()?;
    let options = Options::default();
    // What is read is dropped in both.
    let reads = || {
        records
            .iter()
            .map(|r| decode::decode(r, &options).map_or(0, |a| a.len()))
            .sum()
    };
    let parses = || {
        let value = |r: &Record| serde_json::from_slice::<Value>(r.value.as_deref().unwrap_or_default());
        records.iter().filter(|r| value(r).is_ok()).count()
    };
    // Two rounds in turn, so that both meet the same machine.
    let (mut reading, mut parsing) = (0.0, 0.0);
    for _ in 0..rounds {
        reading += measured(reads)?;
        parsing += measured(parses)?;
    }
    let each = |seconds: f64| 1e6 * seconds / (rounds * records.len()).max(1) as f64;
    let (reading, parsing) = (each(reading), each(parsing));
    println!(
        "{} records: {reading:.2} µs to read one, beside {parsing:.2} for serde_json to parse it",
        records.len()
    );
    Ok(())
}

fn measured(work: impl Fn() -> usize) -> anyhow::Result<f64> {
    let before = processor::seconds()?;
    std::hint::black_box(work());
    Ok(processor::seconds()? - before)
}
