//! What each step takes, over made-up articles of the size of scraped ones: `cargo bench`.

mod corpus;

use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use sluice::article::{Body, Origin, RawArticle, Record};
use sluice::clean::{self, Hints};
use sluice::config::Policy;
use sluice::decode;
use sluice::dedupe::{self, Document, Fingerprint, Limits};
use sluice::encode;
use sluice::judge::{Fate, Judge, Judged, Rules};
use sluice::language;
use sluice::pipeline::{Pipeline, Steps};
use sluice::tag::{Tagger, Text};

use corpus::Corpus;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Articles a round works on: more than the caches hold.
const ARTICLES: u64 = 500;
/// Articles in the memory before the judging is measured.
const KNOWN: u64 = 20_000;

fn main() {
    divan::main();
}

#[divan::bench(args = ["text", "html"])]
fn decode(bencher: Bencher<'_, '_>, form: &str) {
    let records = records(form);
    let options = decode::Options::default();
    counted(bencher, &records).bench_local(|| {
        for record in &records {
            black_box(decode::decode(record, &options).is_ok());
        }
    });
}

#[divan::bench(args = ["text", "html"])]
fn clean(bencher: Bencher<'_, '_>, form: &str) {
    let records = records(form);
    let articles: Vec<RawArticle> = records.iter().map(read).collect();
    counted(bencher, &records).bench_local(|| {
        for article in &articles {
            black_box(clean::clean(&article.body, &Hints::default()));
        }
    });
}

#[divan::bench]
fn detect_language(bencher: Bencher<'_, '_>) {
    each_text(bencher, |text| {
        black_box(language::detect(text, None));
    });
}

#[divan::bench]
fn fingerprint(bencher: Bencher<'_, '_>) {
    each_text(bencher, |text| {
        black_box(fingerprint_of(text));
    });
}

#[divan::bench]
fn tag(bencher: Bencher<'_, '_>) {
    let tagger = Tagger::builtin();
    each_text(bencher, |body| {
        black_box(tagger.tag(&Text {
            title: None,
            body,
            language: Some("en"),
        }));
    });
}

/// New articles against a memory of twenty thousand.
#[divan::bench]
fn judge(bencher: Bencher<'_, '_>) {
    let corpus = Corpus::new();
    let known: Vec<Fingerprint> = (0..KNOWN).map(|n| fingerprint_of(&text(&corpus, n))).collect();
    let new: Vec<Fingerprint> = (KNOWN..KNOWN + ARTICLES)
        .map(|n| fingerprint_of(&text(&corpus, n)))
        .collect();
    let filled = || {
        let mut index = dedupe::Index::new(limits());
        for (n, fingerprint) in (0..).zip(&known) {
            index.judge(&origin(n), "known", n, fingerprint);
        }
        index
    };
    bencher
        .counter(ItemsCount::new(ARTICLES))
        .with_inputs(filled)
        .bench_local_values(|mut index| {
            for (n, fingerprint) in (KNOWN as i64..).zip(&new) {
                black_box(index.judge(&origin(n), "new", n, fingerprint));
            }
            index // dropped outside of what is measured
        });
}

#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let records = records("text");
    let pipeline = pipeline();
    let mut judge = Judge::new(rules());
    judge.begin(1);
    let worked = records.iter().flat_map(|record| pipeline.work(record)).collect();
    let judged = judge.judge(1, worked);
    counted(bencher, &records).bench_local(|| written(&pipeline, &judged));
}

/// All steps on one thread, as a record passes them.
#[divan::bench(args = ["text", "html"])]
fn whole(bencher: Bencher<'_, '_>, form: &str) {
    let records = records(form);
    let pipeline = pipeline();
    counted(bencher, &records)
        .with_inputs(|| Judge::new(rules()))
        .bench_local_values(|mut judge| {
            judge.begin(1);
            let worked = records.iter().flat_map(|record| pipeline.work(record)).collect();
            written(&pipeline, &judge.judge(1, worked));
        });
}

/// Measures a step that reads the clean text alone.
fn each_text(bencher: Bencher<'_, '_>, step: impl Fn(&str)) {
    let corpus = Corpus::new();
    let texts: Vec<String> = (0..ARTICLES).map(|n| text(&corpus, n)).collect();
    bencher
        .counter(BytesCount::new(texts.iter().map(String::len).sum::<usize>()))
        .counter(ItemsCount::new(texts.len()))
        .bench_local(|| texts.iter().for_each(|text| step(text)));
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, records: &[Record]) -> Bencher<'a, 'b> {
    let bytes: usize = records.iter().filter_map(|r| r.value.as_ref()).map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(records.len()))
}

fn written(pipeline: &Pipeline, judged: &[Judged]) {
    for one in judged {
        if let Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict) = &one.fate {
            black_box(encode::encode(article, verdict, &pipeline.versions(), None));
        }
    }
}

fn records(form: &str) -> Vec<Record> {
    let corpus = Corpus::new();
    let make = |n| if form == "html" { corpus.page(n) } else { corpus.text(n) };
    let articles = if form == "html" { ARTICLES / 10 } else { ARTICLES };
    (0..articles)
        .map(|n| Record {
            origin: origin(n as i64),
            key: None,
            value: Some(make(n)),
            headers: Vec::new(),
            timestamp_ms: Some(0),
        })
        .collect()
}

fn origin(offset: i64) -> Origin {
    Origin {
        topic: Arc::from("raw"),
        partition: 0,
        offset,
        position: 0,
    }
}

fn read(record: &Record) -> RawArticle {
    let mut articles = decode::decode(record, &decode::Options::default()).expect("a made-up record can be read");
    articles.remove(0).expect("a made-up article can be read")
}

/// The clean text of an article.
fn text(corpus: &Corpus, number: u64) -> String {
    let value = corpus.text(number);
    let value: serde_json::Value = serde_json::from_slice(&value).expect("it was written as JSON");
    let body = value["text"].as_str().unwrap_or_default().to_owned();
    clean::clean(&Body::Text(body), &Hints::default()).text
}

fn fingerprint_of(text: &str) -> Fingerprint {
    dedupe::fingerprint(&Document {
        text,
        ..Document::default()
    })
}

fn pipeline() -> Pipeline {
    let steps = Steps {
        decode: decode::Options::default(),
        clean: true,
        sites: false,
        tags: true,
    };
    Pipeline::new(steps, Tagger::builtin())
}

fn rules() -> Rules {
    Rules {
        enabled: true,
        shared: false,
        policy: Policy::Mark,
        limits: limits(),
        sites_bytes_max: None,
    }
}

fn limits() -> Limits {
    Limits {
        window_ms: i64::MAX,
        bytes_max: 1 << 30,
    }
}
