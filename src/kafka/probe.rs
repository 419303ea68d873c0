//! A look at the cluster as `sluice config check --connect` takes it.
//!
//! In: a configuration. Out: what was tried, one line each, in the order in which a start needs it. Always: nothing is created, no
//! record is written, and a running stage is not disturbed.

use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::admin::{AdminOptions, ResourceSpecifier};
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::producer::Producer;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use serde::Serialize;

use super::{client, error, memory, topics};
use crate::config::{Config, Delivery};
use crate::stage::Failure;

/// How long each question may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How something tried turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// The stage starts, and something is to be looked at.
    Warning,
    /// The stage would not start.
    Failed,
}

/// One thing that was tried.
#[derive(Debug, Serialize)]
pub struct Tried {
    /// The thing, such as "topic `raw-articles`".
    pub what: String,
    /// How it turned out.
    pub outcome: Outcome,
    /// With which words.
    pub said: String,
}

fn tried(what: impl Into<String>, outcome: Outcome, said: impl Into<String>) -> Tried {
    Tried {
        what: what.into(),
        outcome,
        said: said.into(),
    }
}

/// Try everything that a start needs. Fails where the brokers do not answer, since nothing else can be tried then.
pub async fn probe(config: &Config) -> Result<Vec<Tried>, Failure> {
    let asked = config.clone();
    let found = blocking(move || topics::partition_counts(&asked)).await?;
    let mut all = vec![tried(
        format!("brokers `{}`", config.kafka.brokers),
        Outcome::Ok,
        format!("answer, with {} topics that may be seen", found.len()),
    )];
    let count = |topic: &str| {
        found
            .iter()
            .find(|(name, _)| name == topic)
            .map_or(0, |(_, count)| *count)
    };
    for topic in topics::wanted(config) {
        all.push(topic_is_there(config, topic, count(topic)));
    }
    all.extend(settings(config, &count).await);
    let asked = config.clone();
    let (input, memory) = (count(&config.input.topic), count(&config.dedupe.memory_topic));
    all.extend(
        blocking(move || {
            let mut all = vec![group(&asked, input)];
            if asked.delivery == Delivery::ExactlyOnce {
                all.push(transactions(&asked));
            }
            if asked.dedupe.enabled && memory > 0 {
                all.push(remembered(&asked, memory));
            }
            Ok(all)
        })
        .await?,
    );
    Ok(all)
}

async fn blocking<T: Send + 'static>(ask: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(ask)
        .await
        .map_err(|e| Failure::new(e.to_string()))?
}

fn topic_is_there(config: &Config, topic: &str, partitions: i32) -> Tried {
    let what = format!("topic `{topic}`");
    match (partitions, config.kafka.create_topics) {
        (0, true) => tried(what, Outcome::Warning, "is missing, and the stage will create it"),
        (0, false) => {
            let said = "is missing\nhint: `sluice topics create`, or `kafka.create_topics = true`";
            tried(what, Outcome::Failed, said)
        }
        (1, _) if topic == config.input.topic => {
            let said = "has 1 partition, so that one instance alone can work on it";
            tried(what, Outcome::Warning, said)
        }
        (n, _) => tried(
            what,
            Outcome::Ok,
            format!("has {n} partition{}", if n == 1 { "" } else { "s" }),
        ),
    }
}

/// Settings of topics that lose or refuse what the stage writes.
async fn settings(config: &Config, count: &impl Fn(&str) -> i32) -> Vec<Tried> {
    let outputs = topics::wanted(config);
    let there: Vec<&str> = outputs.into_iter().filter(|topic| count(topic) > 0).collect();
    let Ok(admin) = client::make_admin(config) else {
        return Vec::new();
    };
    let asked: Vec<ResourceSpecifier<'_>> = there.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
    let options = AdminOptions::new().request_timeout(Some(TIMEOUT));
    let Ok(described) = admin.describe_configs(&asked, &options).await else {
        return Vec::new();
    };
    // Where the principal may not ask (DescribeConfigs), nothing can be said.
    let value = |topic: &str, name: &str| -> Option<String> {
        let place = there.iter().position(|t| *t == topic)?;
        described.get(place)?.as_ref().ok()?.get(name)?.value.clone()
    };
    let mut all = Vec::new();
    let kept = |topic: &str| {
        // What is compacted alone is kept for ever.
        if value(topic, "cleanup.policy").is_some_and(|policy| !policy.contains("delete")) {
            return Some(i64::MAX);
        }
        value(topic, "retention.ms")
            .and_then(|ms| ms.parse().ok())
            .map(|ms: i64| if ms < 0 { i64::MAX } else { ms })
    };
    for topic in &there {
        let what = format!("topic `{topic}`");
        if *topic == config.dedupe.memory_topic {
            if value(topic, "cleanup.policy").is_some_and(|policy| !policy.contains("compact")) {
                all.push(tried(
                    what,
                    Outcome::Warning,
                    "is not compacted: the memory grows with each replay",
                ));
            }
        } else if *topic != config.input.topic
            && let (Some(input), Some(output)) = (kept(&config.input.topic), kept(topic))
            && output < input
        {
            let said = format!(
                "keeps records for {output} ms and the input topic for {input}: a late result may be gone at once"
            );
            all.push(tried(what, Outcome::Warning, said));
        }
    }
    all
}

fn failed(what: String, e: &KafkaError) -> Tried {
    tried(what, Outcome::Failed, format!("{e}{}", error::hint(e)))
}

/// May the group's offsets be read?
fn group(config: &Config, partitions: i32) -> Tried {
    let what = format!("group `{}`", config.kafka.group);
    match committed(config, partitions) {
        Ok(0) => tried(
            what,
            Outcome::Ok,
            "has committed nothing yet: the stage begins at the first record",
        ),
        Ok(n) => tried(
            what,
            Outcome::Ok,
            format!("has committed offsets of {n} of {partitions} partitions"),
        ),
        Err(e) => failed(what, &e),
    }
}

/// How many partitions have a committed offset.
fn committed(config: &Config, partitions: i32) -> Result<usize, KafkaError> {
    let consumer = client::make_consumer(&client::consumer(config), client::Reasons::of(config))?;
    let mut list = TopicPartitionList::new();
    list.add_partition_range(&config.input.topic, 0, (partitions - 1).max(0));
    let committed = consumer.committed_offsets(list, TIMEOUT).map_err(|e| {
        // A refusal waits in the client's queue, and the call itself only says that it has waited.
        let queued = std::iter::from_fn(|| consumer.poll(Duration::ZERO)).find_map(Result::err);
        queued.unwrap_or(e)
    })?;
    let elements = committed.elements();
    elements.iter().try_for_each(TopicPartitionListElem::error)?;
    Ok(elements
        .iter()
        .filter(|e| e.offset().to_raw().is_some_and(|offset| offset >= 0))
        .count())
}

/// May a transactional id be taken? One of its own is tried, so that no running instance is fenced.
fn transactions(config: &Config) -> Tried {
    let id = format!("sluice-{}-config-check", config.kafka.group);
    let what = format!("transactional id `{id}`");
    let made = client::make_producer(&client::producer(config, &id), client::Reasons::of(config))
        .and_then(|producer| producer.init_transactions(TIMEOUT));
    match made {
        Ok(()) => tried(what, Outcome::Ok, "may be taken, so transactions work"),
        Err(e) => failed(what, &e),
    }
}

fn remembered(config: &Config, partitions: i32) -> Tried {
    let what = format!("memory `{}`", config.dedupe.memory_topic);
    match memory::MemoryTail::last(config, partitions) {
        Ok(0) => tried(what, Outcome::Ok, "is empty"),
        Ok(n) => tried(
            what,
            Outcome::Ok,
            format!("can be read, and fits this build ({n} offsets)"),
        ),
        Err(failure) => tried(what, Outcome::Failed, failure.message),
    }
}
