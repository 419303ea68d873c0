//! A restart with many originals in the memory topic: the processor time of reading its records back into the judge.
//!
//! usage: `memory_restart [ARTICLES]` makes, reads and counts; `memory_restart ARTICLES BROKERS TOPIC` writes the records to a topic instead, so
//! that a stage with that `dedupe.memory_topic` can be started on it: `sluice_dedupe_restore_seconds` tells how long it read.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement by hand"
)]

use std::error::Error;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use sluice::article::Origin;
use sluice::config::Policy;
use sluice::dedupe::{Document, Limits, Verdict, fingerprint};
use sluice::judge::{Judge, MemoryEntry, Rules};
use sluice::kafka::memory;
use sluice::stage::Output;

#[path = "common/articles.rs"]
#[expect(dead_code, reason = "no copies are needed here")]
mod articles;
#[path = "common/processor.rs"]
mod processor;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Records that are made before they are read back.
const CHUNK: u64 = 10_000;

fn record(writer: &articles::Writer, number: u64) -> Output {
    let article = writer.story(number);
    let id = format!("article-{number}");
    let print = fingerprint(&Document {
        id: Some(&id),
        url: Some(&article.url),
        site: Some(&article.site),
        title: Some(&article.title),
        text: &article.text,
    });
    memory::as_output(&MemoryEntry {
        origin: Origin {
            topic: "raw-articles".into(),
            partition: (number % 6) as i32,
            offset: number as i64,
            position: 0,
        },
        id,
        time_ms: number as i64,
        verdict: Verdict::unique(),
        fingerprint: Some(print),
        site: None,
    })
}

fn publish(writer: &articles::Writer, count: u64, brokers: &str, topic: &str) -> Result<(), Box<dyn Error>> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("linger.ms", "50")
        .create()?;
    for number in 0..count {
        let Output {
            key, value, headers, ..
        } = record(writer, number);
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        let mut owned = OwnedHeaders::new();
        for (name, value) in &headers {
            owned = owned.insert(Header {
                key: name,
                value: value.as_deref(),
            });
        }
        let mut next = BaseRecord::to(topic).key(&key).payload(&value).headers(owned);
        while let Err((KafkaError::MessageProduction(_), back)) = producer.send(next) {
            producer.poll(Duration::from_millis(10));
            next = back;
        }
        producer.poll(Duration::ZERO);
    }
    Ok(producer.flush(Duration::from_mins(2))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count: u64 = arguments.first().map_or(Ok(1_000_000), |n| n.parse())?;
    let writer = articles::Writer::new(250);
    if let [_, brokers, topic] = &arguments[..] {
        return publish(&writer, count, brokers, topic);
    }
    let mut judge = Judge::new(Rules {
        enabled: true,
        shared: false,
        policy: Policy::Mark,
        limits: Limits {
            window_ms: i64::MAX,
            bytes_max: usize::MAX,
        },
        sites_bytes_max: None,
    });
    let (mut reading, mut taking, mut bytes, mut done) = (0.0, 0.0, 0, 0);
    while done < count {
        let numbers = done..count.min(done + CHUNK);
        done = numbers.end;
        let records: Vec<Output> = numbers.map(|number| record(&writer, number)).collect();
        let start = processor::seconds()?;
        let mut entries = Vec::new();
        for Output { key, value, .. } in &records {
            bytes += key.as_ref().map_or(0, Vec::len) + value.as_ref().map_or(0, Vec::len);
            entries.extend(memory::parse(key.as_deref().unwrap_or_default(), value.as_deref())?);
        }
        reading += processor::seconds()? - start;
        let start = processor::seconds()?;
        for entry in entries {
            judge.restore(entry);
        }
        taking += processor::seconds()? - start;
    }
    let (known, held) = judge.size();
    println!(
        "{known} articles: {} bytes each in the topic, {} in the index; reading {reading:.1} s, taking over {taking:.1} s of one core",
        bytes as u64 / count,
        held / known.max(1)
    );
    Ok(())
}
