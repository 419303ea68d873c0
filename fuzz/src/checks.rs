//! What must hold of any bytes: a check for each target.

use std::sync::LazyLock;

use sluice::config::Policy;
use sluice::dead_letter::{self, Reporter};
use sluice::dedupe::Limits;
use sluice::judge::{Fate, Judge, Judged, Rules};
use sluice::kafka::memory as memory_topic;
use sluice::pipeline::{Pipeline, Steps};
use sluice::tag::Tagger;
use sluice::{decode as reading, encode};

/// Reading: no panic, the same answer each time, and `sluice inputs detect` agrees.
pub fn decode(data: &[u8]) {
    let options = super::options();
    for record in super::records(data) {
        let articles = reading::decode(&record, &options);
        let again = reading::decode(&record, &options);
        assert_eq!(
            format!("{articles:?}"),
            format!("{again:?}"),
            "decoding is not repeatable"
        );
        let detected = reading::detect(&record, &options);
        match articles {
            Ok(articles) => assert!(!articles.is_empty() && articles.len() <= options.articles_max),
            Err(reject) => assert!(
                !reject.code.is_empty() && detected.is_err(),
                "{reject:?}, and yet {detected:?}"
            ),
        }
    }
}

/// Records of the memory topic: what can be read is written back as it was understood.
pub fn memory(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (key, value) = (&data[..at], data.get(at + 1..));
    if let Ok(Some(entry)) = memory_topic::parse(key, value) {
        let output = memory_topic::as_output(&entry);
        let back = memory_topic::parse(&output.key.expect("it has a key"), output.value.as_deref());
        let back = back.expect("it reads back").expect("it is no tombstone");
        assert_eq!(
            (&back.origin, &back.id, back.time_ms),
            (&entry.origin, &entry.id, entry.time_ms)
        );
        assert_eq!(back.fingerprint, entry.fingerprint);
    }
}

/// All steps, records in, fates out: every record has a fate, no step panics, the output is JSON, and it is the same each time.
pub fn pipeline(data: &[u8]) {
    let (judged, values) = run(data);
    assert!(!judged.is_empty(), "a record without a fate");
    for value in &values {
        let value: serde_json::Value = serde_json::from_slice(value).expect("the output is JSON");
        assert!(value["text"].is_string() && value["id"].is_string());
    }
    assert_eq!(values, run(data).1, "the pipeline is not repeatable");
}

static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| {
    let steps = Steps {
        decode: super::options(),
        clean: true,
        sites: false,
        tags: true,
    };
    Pipeline::new(steps, Tagger::builtin())
});

/// A new one for each input, so that a finding repeats.
fn judge() -> Judge {
    let limits = Limits {
        window_ms: 1 << 40,
        bytes_max: 1 << 20,
    };
    let mut judge = Judge::new(Rules {
        enabled: true,
        shared: false,
        policy: Policy::Route,
        limits,
        sites_bytes_max: None,
    });
    judge.begin(1);
    judge
}

/// The fates, and each published value.
fn run(data: &[u8]) -> (Vec<Judged>, Vec<Vec<u8>>) {
    let records = super::records(data);
    let worked: Vec<_> = records.iter().flat_map(|record| PIPELINE.work(record)).collect();
    let judged = judge().judge(1, worked);
    let mut values = Vec::new();
    for Judged { origin, fate, remember } in &judged {
        let record = records
            .iter()
            .find(|r| (r.origin.partition, r.origin.offset) == (origin.partition, origin.offset));
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
                    headers: dead_letter::headers(record, &[(origin.position, reject)], &Reporter::default(), None),
                    ..record.clone()
                };
                assert_eq!(dead_letter::origin(&letter).as_ref(), Some(origin));
            }
        }
        if let Some(entry) = remember {
            let output = memory_topic::as_output(entry);
            let back = memory_topic::parse(&output.key.expect("it has a key"), output.value.as_deref());
            assert_eq!(back.expect("it reads back").as_ref(), Some(entry));
        }
    }
    (judged, values)
}
