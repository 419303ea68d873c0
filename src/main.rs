#![allow(missing_docs)]
use std::io::{BufRead, Write};
use std::sync::Arc;

use rayon::prelude::*;
use sluice::article::{Origin, Record};
use sluice::{decode, dedupe, encode, pipeline, tag};

// A first `enrich -` to measure the rooms with; replaced by the real command line.
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let has = |s: &str| args.iter().any(|a| a == s);
    let steps = pipeline::Steps {
        decode: decode::Options::default(),
        clean: !has("clean.enabled=false"),
        tags: !has("tags.enabled=false"),
    };
    let dedupe_on = !has("dedupe.enabled=false");
    let pipeline = pipeline::Pipeline::new(steps, tag::Tagger::builtin());
    let mut index = dedupe::Index::new(dedupe::Limits {
        window_ms: 36500 * 86_400_000,
        bytes_max: 1 << 30,
    });
    let topic: Arc<str> = "-".into();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut lines = std::io::stdin()
        .lock()
        .split(b'\n')
        .map(|l| l.expect("standard input"))
        .enumerate();
    loop {
        let batch: Vec<_> = lines
            .by_ref()
            .take(500)
            .filter(|(_, l)| !l.trim_ascii().is_empty())
            .collect();
        if batch.is_empty() {
            break;
        }
        let records: Vec<Record> = batch
            .into_iter()
            .map(|(n, line)| Record {
                origin: Origin {
                    topic: topic.clone(),
                    partition: 0,
                    offset: n as i64,
                    position: 0,
                },
                key: None,
                value: Some(line),
                headers: vec![],
                timestamp_ms: None,
            })
            .collect();
        let worked: Vec<_> = records.par_iter().map(|r| pipeline.work(r)).collect();
        for w in worked.into_iter().flatten() {
            match w.result {
                Ok(a) => {
                    let v = if dedupe_on {
                        index.judge(&a.origin, &a.id, a.time_ms, &a.fingerprint)
                    } else {
                        dedupe::Verdict {
                            kind: dedupe::Kind::Unique,
                            relation: None,
                            of: None,
                            similarity: 0.0,
                        }
                    };
                    out.write_all(&encode::encode(&a, &v, &pipeline.versions(), None))
                        .unwrap();
                    out.write_all(b"\n").unwrap();
                }
                Err(e) => eprintln!("{}: {e}", w.origin),
            }
        }
    }
}
