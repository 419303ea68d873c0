//! The whole pipeline on arbitrary bytes: records in, fates out, with what must hold of each.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sluice::config::Policy;
use sluice::dead_letter::{self, Reporter};
use sluice::dedupe::Limits;
use sluice::encode;
use sluice::judge::{Fate, Judge, Judged, Rules};
use sluice::kafka::memory;
use sluice::pipeline::{Pipeline, Steps};
use sluice::tag::Tagger;

static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| {
    let steps = Steps { decode: sluice_fuzz::options(), clean: true, tags: true };
    Pipeline::new(steps, Tagger::builtin())
});

/// A new one for each input, so that a finding repeats.
fn judge() -> Judge {
    let limits = Limits { window_ms: 1 << 40, bytes_max: 1 << 20 };
    let mut judge = Judge::new(Rules { enabled: true, policy: Policy::Route, limits });
    judge.begin(1);
    judge
}

/// The fates, and each published value.
fn run(data: &[u8]) -> (Vec<Judged>, Vec<Vec<u8>>) {
    let records = sluice_fuzz::records(data);
    let worked: Vec<_> = records.iter().flat_map(|record| PIPELINE.work(record)).collect();
    let judged = judge().judge(1, worked);
    let mut values = Vec::new();
    for Judged { origin, fate, remember } in &judged {
        let record = records.iter().find(|r| (r.origin.partition, r.origin.offset) == (origin.partition, origin.offset));
        let record = record.expect("a fate belongs to a record");
        match fate {
            Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict) | Fate::Dropped(article, verdict) => {
                values.push(encode::encode(article, verdict, &PIPELINE.versions(), None));
                let of = verdict.of.as_ref().map(|of| &of.origin);
                assert_ne!(of, Some(origin), "its own duplicate");
            }
            Fate::Tombstone => assert!(record.value.is_none() && record.key.is_some()),
            Fate::DeadLetter(reject) => {
                assert_ne!(reject.code, "panic", "{reject:?}");
                let letter = sluice::article::Record {
                    headers: dead_letter::headers(record, origin.position, reject, &Reporter::default()),
                    ..record.clone()
                };
                assert_eq!(dead_letter::origin(&letter).as_ref(), Some(origin));
            }
        }
        if let Some(entry) = remember {
            let output = memory::as_output(entry);
            let back = memory::parse(&output.key.expect("it has a key"), output.value.as_deref());
            assert_eq!(back.expect("it reads back").as_ref(), Some(entry));
        }
    }
    (judged, values)
}

fuzz_target!(|data: &[u8]| {
    let (judged, values) = run(data);
    assert!(!judged.is_empty(), "a record without a fate");
    for value in &values {
        let value: serde_json::Value = serde_json::from_slice(value).expect("the output is JSON");
        assert!(value["text"].is_string() && value["id"].is_string());
    }
    assert_eq!(values, run(data).1, "the pipeline is not repeatable");
});
