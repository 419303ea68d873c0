//! `sluice demo`: the real stage over sample articles, on a broker embedded in the process.
//!
//! In: the samples compiled in. Out: each article's fate as a table or as JSON. Always: the consumer, workers, judge and producer are
//! those of `sluice run`; only the broker is librdkafka's mock cluster, which has no transactions to speak of.

pub(super) mod samples;
mod table;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers, Message};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde::Serialize;
use serde_json::Value;

use self::samples::Sample;
use super::{CommandError, run, written};
use crate::config::{Config, Delivery, Policy, Size};
use crate::failure::Failure;
use crate::kafka::source::Until;
use crate::telemetry::Metrics;

/// Partitions of the demo's topics. Samples that belong together share one, so that the original is always the earlier.
const PARTITIONS: i32 = 2;

/// What the demo shows of one sample.
#[derive(Debug, Serialize)]
pub struct SampleOutcome {
    /// The sample's name.
    pub name: String,
    /// `enriched`, `duplicate` or `dead-letter`; `missing` where none was found.
    pub fate: &'static str,
    /// What the sample's file says should happen.
    pub expected: String,
    /// The tags that the sample's file expects.
    pub expected_tags: Vec<String>,
    /// Title, or the start of the text.
    pub title: String,
    /// Tags with the phrase that decided most.
    pub tags: Vec<(String, f64, String)>,
    /// Characters of the body as it came.
    pub chars_in: usize,
    /// Characters of the clean text.
    pub chars_out: usize,
    /// The original's id, the relation and the similarity.
    pub duplicate_of: Option<(String, String, f64)>,
    /// Why it could not be read: code and message.
    pub reason: Option<(String, String)>,
}

/// How many met which fate.
#[derive(Debug, Default, Serialize)]
pub struct Totals {
    /// Samples published.
    pub published: usize,
    /// Read back from the output topic.
    pub enriched: usize,
    /// Read back from the duplicates' topic.
    pub duplicates: usize,
    /// Read back from the dead letters' topic.
    pub dead_letters: usize,
}

/// Run the demo and write what came of it to `out`. Of the user's options it takes those of cleaning, duplicates and tags.
pub async fn demo(options: &Config, as_json: bool, out: &mut impl Write) -> Result<(), CommandError> {
    let samples = samples::all().map_err(CommandError::Usage)?;
    let cluster = MockCluster::new(1).map_err(|e| failed("start the embedded broker", &e))?;
    let config = config(options, &cluster.bootstrap_servers());
    for topic in topics(&config) {
        cluster
            .create_topic(topic, PARTITIONS, 1)
            .map_err(|e| failed("create a topic", &e))?;
    }
    say(
        as_json,
        &format!("an embedded broker listens at {}", config.kafka.brokers),
    );
    publish(&config, &samples)?;
    say(
        as_json,
        &format!("published {} articles; the stage reads them", samples.len()),
    );
    let metrics = Arc::new(Metrics::new());
    let progress = progress(samples.len(), as_json);
    let watch = tokio::spawn(watch(progress.clone(), Arc::clone(&metrics)));
    let summary = run::run(&config, Until::End, metrics).await;
    watch.abort();
    progress.finish_and_clear();
    say(
        as_json,
        &format!(
            "the stage has settled {} records; reading its topics back",
            summary?.records
        ),
    );
    let outcomes = read_back(&config, &samples)?;
    let totals = totals(samples.len(), &outcomes);
    written(if as_json {
        write_json(out, &outcomes, &totals)
    } else {
        table::write(out, &outcomes, &totals)
    })?;
    if totals.published != totals.enriched + totals.duplicates + totals.dead_letters {
        return Err(Failure::new("the fates do not add up to what was published").into());
    }
    Ok(())
}

fn failed(what: &str, e: &KafkaError) -> Failure {
    Failure::new(format!("could not {what}: {e}"))
}

/// The user's rules in the stage's own defaults, but for what an embedded broker and a quick show need.
fn config(options: &Config, brokers: &str) -> Config {
    let mut config = Config {
        clean: options.clean.clone(),
        tags: options.tags.clone(),
        dedupe: options.dedupe.clone(),
        ..Config::default()
    };
    config.dedupe.policy = Policy::Route; // the table shows where each article went
    config.dedupe.memory_topic = Config::default().dedupe.memory_topic;
    brokers.clone_into(&mut config.kafka.brokers);
    config.kafka.create_topics = false; // the mock cluster does not answer that request
    // The mock cluster answers transactions and keeps none, offsets included: the run would wait for commits that never show.
    config.delivery = Delivery::AtLeastOnce;
    config.instance = "demo".into();
    config.http.listen = String::new();
    config.input.value_bytes_max = Size(256 << 10);
    config.batch.records_max = 20;
    config
}

fn topics(config: &Config) -> [&str; 5] {
    [
        &config.input.topic,
        &config.output.topic,
        &config.output.duplicates_topic,
        &config.output.dead_letters_topic,
        &config.dedupe.memory_topic,
    ]
}

fn publish(config: &Config, samples: &[Sample]) -> Result<(), Failure> {
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", &config.kafka.brokers)
        .set("message.max.bytes", "4000000");
    let producer: BaseProducer = client.create().map_err(|e| failed("make the producer", &e))?;
    for (n, sample) in (0..).zip(samples) {
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(&config.input.topic).key(&sample.name);
        record.payload = sample.value.as_deref();
        record.partition = Some(sample.partition % PARTITIONS);
        record.timestamp = Some(samples::FIRST_MS + n * 60_000);
        producer.send(record).map_err(|(e, _)| failed("publish a sample", &e))?;
        producer.poll(Duration::ZERO);
    }
    producer
        .flush(Duration::from_secs(10))
        .map_err(|e| failed("publish the samples", &e))
}

fn progress(count: usize, as_json: bool) -> ProgressBar {
    if as_json || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner:.cyan} {bar:40.cyan} {pos} of {len} articles through the stage");
    ProgressBar::new(count as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Progress as plain lines, where there is no terminal to draw a bar on. If nobody reads them, nothing is lost.
fn say(as_json: bool, line: &str) {
    if !as_json && !io::stderr().is_terminal() {
        drop(writeln!(io::stderr(), "{line}"));
    }
}

async fn watch(progress: ProgressBar, metrics: Arc<Metrics>) {
    loop {
        progress.set_position(metrics.records_committed());
        progress.tick();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Read the three output topics to their ends, through the protocol like any reader.
fn read_back(config: &Config, samples: &[Sample]) -> Result<Vec<SampleOutcome>, Failure> {
    let mut found: BTreeMap<String, SampleOutcome> = BTreeMap::new();
    let roles = [
        (&config.output.topic, "enriched"),
        (&config.output.duplicates_topic, "duplicate"),
        (&config.output.dead_letters_topic, "dead-letter"),
    ];
    for (topic, fate) in roles {
        for (key, value, headers) in read_topic(config, topic)? {
            let Some(sample) = samples.iter().find(|s| s.name == key) else {
                continue;
            };
            if found
                .insert(key.clone(), outcome(sample, fate, &value, &headers))
                .is_some()
            {
                return Err(Failure::new(format!("the sample `{key}` has more than one fate")));
            }
        }
    }
    let missing = |sample: &Sample| outcome(sample, "missing", &[], &BTreeMap::new());
    Ok(samples
        .iter()
        .map(|sample| found.remove(&sample.name).unwrap_or_else(|| missing(sample)))
        .collect())
}

type Found = (String, Vec<u8>, BTreeMap<String, String>);

fn read_topic(config: &Config, topic: &str) -> Result<Vec<Found>, Failure> {
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", &config.kafka.brokers)
        .set("group.id", "demo-reader");
    client
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed");
    let fail = |e: KafkaError| failed("read the output back", &e);
    let consumer: BaseConsumer = client.create().map_err(fail)?;
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning)
            .map_err(fail)?;
    }
    consumer.assign(&list).map_err(fail)?;
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let (mut found, mut ended) = (Vec::new(), 0);
    while ended < PARTITIONS {
        match consumer.poll(Duration::from_secs(5)) {
            Some(Ok(message)) => {
                let headers = message.headers().map_or_else(BTreeMap::new, |headers| {
                    headers.iter().map(|h| (h.key.to_owned(), text(h.value))).collect()
                });
                found.push((
                    text(message.key()),
                    message.payload().unwrap_or_default().to_vec(),
                    headers,
                ));
            }
            Some(Err(KafkaError::PartitionEOF(_))) => ended += 1,
            Some(Err(e)) => return Err(fail(e)),
            None => return Err(Failure::new(format!("`{topic}` of the embedded broker fell silent"))),
        }
    }
    Ok(found)
}

fn outcome(sample: &Sample, fate: &'static str, value: &[u8], headers: &BTreeMap<String, String>) -> SampleOutcome {
    let json: Value = serde_json::from_slice(value).unwrap_or_default();
    let json = if fate == "dead-letter" { Value::Null } else { json };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tag = |tag: &Value| {
        let weight = |e: &&Value| (e["weight"].as_f64().unwrap_or_default() * 1000.0) as i64;
        let phrase = tag["evidence"]
            .as_array()
            .and_then(|e| e.iter().max_by_key(weight))
            .map(|e| text(&e["phrase"]));
        (
            text(&tag["name"]),
            tag["score"].as_f64().unwrap_or_default(),
            phrase.unwrap_or_default(),
        )
    };
    let duplicate = &json["duplicate"];
    let header = |name: &str| {
        headers
            .get(&format!("{}{name}", crate::dead_letter::CONNECT_PREFIX))
            .cloned()
    };
    SampleOutcome {
        name: sample.name.clone(),
        fate,
        expected: sample.expect.clone(),
        expected_tags: sample.tags.clone(),
        title: if json["title"].is_string() {
            text(&json["title"])
        } else {
            text(&json["text"])
        },
        tags: json["tags"]
            .as_array()
            .map(|tags| tags.iter().map(tag).collect())
            .unwrap_or_default(),
        chars_in: sample.chars,
        chars_out: json["text"].as_str().map_or(0, |t| t.chars().count()),
        duplicate_of: duplicate["of"].is_object().then(|| {
            let similarity = duplicate["similarity"].as_f64().unwrap_or_default();
            (text(&duplicate["of"]["id"]), text(&duplicate["relation"]), similarity)
        }),
        reason: header("exception.class.name").zip(header("exception.message")),
    }
}

fn totals(published: usize, outcomes: &[SampleOutcome]) -> Totals {
    let count = |fate: &str| outcomes.iter().filter(|o| o.fate == fate).count();
    Totals {
        published,
        enriched: count("enriched"),
        duplicates: count("duplicate"),
        dead_letters: count("dead-letter"),
    }
}

fn write_json(out: &mut impl Write, outcomes: &[SampleOutcome], totals: &Totals) -> io::Result<()> {
    let all = serde_json::json!({ "articles": outcomes, "totals": totals });
    writeln!(out, "{all}")?;
    out.flush()
}
