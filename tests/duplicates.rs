//! The promises on duplicates by name, through the pipeline and the judge: whatever the workers, the batches, and the order in which
//! partitions arrive. What needs a broker or a store is in `tests/broker.rs` and `tests/valkey.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use rayon::prelude::*;
use sluice::article::{Origin, Record};
use sluice::command;
use sluice::config::{Config, Policy};
use sluice::dedupe::{Kind, Limits};
use sluice::judge::{Fate, Judge, Judged, MemoryEntry, Rules};
use sluice::pipeline::{Pipeline, Worked};

#[path = "common/dice.rs"]
mod dice;

use dice::Dice;

const PARTITIONS: u64 = 3;
const RECORDS: u64 = 30;

type Verdicts = BTreeMap<Origin, (Kind, Option<Origin>)>;

fn judge() -> Judge {
    Judge::new(Rules {
        enabled: true,
        shared: false,
        policy: Policy::Mark,
        limits: Limits {
            window_ms: i64::MAX,
            bytes_max: usize::MAX,
        },
        sites_bytes_max: None,
    })
}

/// A made-up story of sentences, no other number has it.
fn story(number: u64) -> Vec<String> {
    let mut dice = Dice(number);
    let sentence = |dice: &mut Dice| {
        let words: Vec<String> = (0..14).map(|_| format!("word{}", dice.roll(4000))).collect();
        format!("The {} said so.", words.join(" "))
    };
    (0..12).map(|_| sentence(&mut dice)).collect()
}

/// Records of a partition: every third begins a story, the next is its copy as it was, the one after it is trimmed.
fn records(partition: u64) -> Vec<Record> {
    let record = |offset: u64| {
        let sentences = story(partition * 1000 + offset / 3);
        let kept = if offset % 3 == 2 { 7 } else { sentences.len() };
        let value = serde_json::json!({ "id": format!("{partition}-{offset}"), "text": sentences[..kept].join(" ") });
        Record {
            origin: Origin {
                topic: "raw".into(),
                partition: partition as i32,
                offset: offset as i64,
                position: 0,
            },
            key: None,
            value: Some(value.to_string().into_bytes()),
            headers: Vec::new(),
            timestamp_ms: Some(offset as i64),
        }
    };
    (0..RECORDS).map(record).collect()
}

/// All partitions' records in an order of arrival, each partition's in their own.
fn arrivals(seed: u64) -> Vec<Record> {
    let mut dice = Dice(seed);
    let mut waiting: Vec<_> = (0..PARTITIONS).map(|p| records(p).into_iter()).collect();
    let mut arrived = Vec::new();
    while !waiting.is_empty() {
        let at = dice.roll(waiting.len() as u64) as usize;
        match waiting[at].next() {
            Some(record) => arrived.push(record),
            None => drop(waiting.remove(at)),
        }
    }
    arrived
}

fn work(pipeline: &Pipeline, pool: &rayon::ThreadPool, batch: &[Record]) -> Vec<Worked> {
    let worked: Vec<_> = pool.install(|| batch.par_iter().map(|record| pipeline.work(record)).collect());
    worked.into_iter().flatten().collect()
}

fn take(judged: Vec<Judged>, verdicts: &mut Verdicts) -> Vec<MemoryEntry> {
    let mut remembered = Vec::new();
    for Judged { origin, fate, remember } in judged {
        let Fate::Enriched(_, verdict) = fate else {
            panic!("{origin} is {}", fate.name());
        };
        verdicts.insert(origin, (verdict.kind, verdict.of.map(|of| of.origin)));
        remembered.extend(remember);
    }
    remembered
}

/// The verdicts of one instance.
fn run(workers: usize, batch_size: usize, arrived: &[Record]) -> Verdicts {
    let pipeline = command::pipeline(&Config::default()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build().unwrap();
    let (mut judge, mut verdicts) = (judge(), Verdicts::new());
    for (number, batch) in (1..).zip(arrived.chunks(batch_size)) {
        let judged = judge.judge(number, work(&pipeline, &pool, batch));
        judge.committed(number);
        take(judged, &mut verdicts);
    }
    verdicts
}

/// Each story has one original, and its copies name it.
fn check_one_original(verdicts: &Verdicts) {
    assert_eq!(verdicts.len() as u64, PARTITIONS * RECORDS);
    for (origin, (kind, of)) in verdicts {
        if origin.offset % 3 == 0 {
            assert_eq!((*kind, of), (Kind::Unique, &None), "{origin}");
        } else {
            let original = Origin {
                offset: origin.offset / 3 * 3,
                ..origin.clone()
            };
            assert_eq!(of.as_ref(), Some(&original), "{origin}");
        }
    }
}

#[test]
fn one_original_with_eight_workers_of_copies_in_one_batch() {
    check_one_original(&run(8, 1000, &arrivals(1)));
}

#[test]
fn one_original_with_eight_workers_of_copies_in_two_batches() {
    check_one_original(&run(8, 1, &arrivals(2)));
}

#[test]
fn one_original_on_two_instances_once_the_first_has_committed() {
    let pipeline = command::pipeline(&Config::default()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    let mut instances = [judge(), judge()];
    let mut verdicts = Verdicts::new();
    for (number, batch) in (0..).zip(arrivals(3).chunks(2)) {
        let turn = number as usize % 2;
        let judged = instances[turn].judge(number, work(&pipeline, &pool, batch));
        instances[turn].committed(number);
        for entry in take(judged, &mut verdicts) {
            instances[1 - turn].restore(entry);
        }
    }
    check_one_original(&verdicts);
}

#[test]
fn same_verdict_for_any_worker_count_batch_size_and_order_of_other_partitions() {
    let expected = run(1, 1, &arrivals(4));
    for (workers, batch_size, seed) in [(1, 7, 4), (8, 7, 4), (2, 1000, 4), (8, 1, 5), (8, 13, 6), (3, 50, 7)] {
        let found = run(workers, batch_size, &arrivals(seed));
        assert_eq!(
            found, expected,
            "{workers} workers, batches of {batch_size}, seed {seed}"
        );
    }
}

#[test]
fn records_of_a_topic_that_was_made_again_get_verdicts_of_their_own() {
    let pipeline = command::pipeline(&Config::default()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let old = arrivals(8);
    // At the same places, later, and each a story of its own.
    let new: Vec<Record> = (100_000..)
        .zip(&old)
        .map(|(number, record)| Record {
            value: Some(
                serde_json::json!({ "text": story(number).join(" ") })
                    .to_string()
                    .into_bytes(),
            ),
            timestamp_ms: record.timestamp_ms.map(|ms| ms + 3_600_000),
            ..record.clone()
        })
        .collect();
    // One that goes on, and one that starts with what is in the memory by then.
    let (mut instance, mut restarted) = (judge(), judge());
    for (number, records) in [(0, &old), (1, &new), (2, &new)] {
        let mut verdicts = Verdicts::new();
        let judged = instance.judge(number, work(&pipeline, &pool, records));
        instance.committed(number);
        for entry in take(judged, &mut verdicts) {
            restarted.restore(entry);
        }
        if number > 0 {
            assert!(
                verdicts.values().all(|verdict| *verdict == (Kind::Unique, None)),
                "{verdicts:?}"
            );
        }
    }
    let remembered = restarted.judge(0, work(&pipeline, &pool, &new));
    assert!(
        remembered.iter().all(|judged| judged.remember.is_none()),
        "nothing is judged anew"
    );
    let mut verdicts = Verdicts::new();
    take(remembered, &mut verdicts);
    assert!(
        verdicts.values().all(|verdict| *verdict == (Kind::Unique, None)),
        "{verdicts:?}"
    );
}
