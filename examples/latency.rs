//! `latency BROKERS INPUT OUTPUT [RATE] [SECONDS]`: from a record in to its record out, as a `read_committed` reader sees it. Publishes
//! made-up articles at a steady rate to the input topic of a running stage, reads its output topic, and prints the percentiles.

#[path = "../benches/corpus/mod.rs"]
mod corpus;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

/// Longest wait for the last records.
const SILENCE_MAX: Duration = Duration::from_secs(15);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [brokers, input, output, rest @ ..] = arguments.as_slice() else {
        bail!("usage: latency BROKERS INPUT OUTPUT [RATE] [SECONDS]");
    };
    let number = |n: usize, default: u64| rest.get(n).map_or(Ok(default), |text| text.parse::<u64>());
    let (rate, seconds) = (number(0, 500)?, number(1, 20)?);
    let reader = at_the_end(brokers, output)?;
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("linger.ms", "1")
        .create()?;
    let corpus = corpus::Corpus::new();
    // No two runs publish the same article, or the second one's would be duplicates.
    let first = u64::from(std::process::id());
    let values: Vec<Vec<u8>> = (0..rate * seconds).map(|n| corpus.text(first << 32 | n)).collect();

    let (mut sent, mut waits) = (HashMap::new(), Vec::new());
    let (start, mut heard, mut next) = (now(), now(), 0);
    while next < values.len() || !sent.is_empty() {
        while let Some(value) = values.get(next)
            && start.elapsed().as_secs_f64() * rate as f64 >= next as f64
        {
            let key = format!("{first}-{next}");
            let record = BaseRecord::to(input).key(&key).payload(value);
            producer.send(record).map_err(|(e, _)| e).context("could not publish")?;
            sent.insert(key.into_bytes(), now());
            next += 1;
        }
        producer.poll(Duration::ZERO);
        match reader.poll(Duration::from_millis(1)).transpose()? {
            Some(message) => {
                if let Some(since) = message.key().and_then(|key| sent.remove(key)) {
                    waits.push(since.elapsed());
                    heard = now();
                }
            }
            None if heard.elapsed() > SILENCE_MAX => bail!("{} of {next} records did not come out", sent.len()),
            None => {}
        }
    }
    producer.flush(SILENCE_MAX)?;
    waits.sort();
    let percentile = |p: usize| waits[(waits.len() - 1) * p / 100].as_millis();
    println!(
        "{} records at {rate} a second: p50 {} ms, p90 {} ms, p99 {} ms, longest {} ms",
        waits.len(),
        percentile(50),
        percentile(90),
        percentile(99),
        percentile(100)
    );
    Ok(())
}

/// A reader of what will be committed from now on.
fn at_the_end(brokers: &str, topic: &str) -> anyhow::Result<BaseConsumer> {
    let reader: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", "latency")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("fetch.wait.max.ms", "10")
        .create()?;
    let metadata = reader.fetch_metadata(Some(topic), Duration::from_secs(10))?;
    let mut list = TopicPartitionList::new();
    for partition in metadata.topics().iter().flat_map(|t| t.partitions()) {
        let (_, end) = reader.fetch_watermarks(topic, partition.id(), Duration::from_secs(10))?;
        list.add_partition_offset(topic, partition.id(), Offset::Offset(end))?;
    }
    reader.assign(&list)?;
    Ok(reader)
}

#[expect(clippy::disallowed_methods, reason = "a measurement of time")]
fn now() -> Instant {
    Instant::now()
}
