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

use super::blocking::blocking;
use super::topics::{Found, Retention};
use super::{client, error, members, memory, settings, topics};
use crate::config::{Config, Delivery};
use crate::failure::Failure;

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
    /// The stage would not start, or not do what its options say.
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
    let found = blocking(move || topics::found(&asked)).await??;
    let mut all = vec![tried(
        format!("brokers `{}`", config.kafka.brokers),
        Outcome::Ok,
        format!("answer, with {} topics that may be seen", found.len()),
    )];
    let count = |topic: &str| {
        found
            .iter()
            .find(|found| found.name == topic)
            .map_or(0, |found| found.partitions)
    };
    for topic in topics::wanted(config) {
        all.push(topic_is_there(config, topic, count(topic)));
        let is_published = topic == config.output.topic || topic == config.output.duplicates_topic;
        let uneven = is_published.then(|| topics::uneven(count(topic), count(&config.input.topic)));
        all.extend(
            uneven
                .flatten()
                .map(|why| tried(format!("topic `{topic}`"), Outcome::Warning, why)),
        );
    }
    all.extend(settings(config, &found).await);
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
            all
        })
        .await?,
    );
    Ok(all)
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
async fn settings(config: &Config, found: &[Found]) -> Vec<Tried> {
    let wanted = topics::wanted(config);
    let is_there = |topic: &&Found| topic.partitions > 0 && wanted.contains(&topic.name.as_str());
    let there: Vec<&Found> = found.iter().filter(is_there).collect();
    let Ok(admin) = client::make_admin(config) else {
        return Vec::new();
    };
    let asked: Vec<ResourceSpecifier<'_>> = there
        .iter()
        .map(|topic| ResourceSpecifier::Topic(&topic.name))
        .collect();
    let options = AdminOptions::new().request_timeout(Some(TIMEOUT));
    let Ok(described) = admin.describe_configs(&asked, &options).await else {
        return Vec::new();
    };
    // Where the principal may not ask (DescribeConfigs), nothing can be said.
    let value = |topic: &str, name: &str| -> Option<String> {
        let place = there.iter().position(|t| t.name == topic)?;
        described.get(place)?.as_ref().ok()?.get(name)?.value.clone()
    };
    judged(config, &there, &value)
}

/// The same, by what the brokers tell of a topic's setting.
fn judged(config: &Config, there: &[&Found], value: &impl Fn(&str, &str) -> Option<String>) -> Vec<Tried> {
    let mut all = Vec::new();
    let kept = |topic: &str| {
        // What is compacted alone is kept for ever.
        if value(topic, "cleanup.policy").is_some_and(|policy| !policy.contains("delete")) {
            return Retention::ForEver;
        }
        Retention::of(value(topic, "retention.ms").as_deref())
    };
    let ms = |kept| match kept {
        Retention::ForEver => Some(u64::MAX),
        Retention::Ms(ms) => Some(ms),
        Retention::Unknown => None,
    };
    for Found {
        name: topic, replicas, ..
    } in there
    {
        let mut warn = |said: String| all.push(tried(format!("topic `{topic}`"), Outcome::Warning, said));
        if *topic == config.input.topic {
            continue;
        }
        if *replicas > 1 && value(topic, "min.insync.replicas").as_deref() == Some("1") {
            warn(format!(
                "has {replicas} replicas and a `min.insync.replicas` of 1: what is committed may stand on one broker alone, and be lost with \
                 it\nhint: `min.insync.replicas` of 2, with 3 replicas"
            ));
        }
        if *topic == config.dedupe.memory_topic {
            if value(topic, "cleanup.policy").is_some_and(|policy| !policy.contains("compact")) {
                warn("is not compacted: the memory grows with each replay".to_owned());
            }
            match topics::forgets(kept(topic), config.dedupe.window.0) {
                Some(Ok(why)) => warn(why),
                Some(Err(why)) => all.push(tried(format!("topic `{topic}`"), Outcome::Failed, why)),
                None => {}
            }
        } else if let (Some(input), Some(output)) = (ms(kept(&config.input.topic)), ms(kept(topic)))
            && output < input
        {
            warn(format!(
                "keeps records for {output} ms and the input topic for {input}: a late result may be gone at once"
            ));
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
    let consumer = client::make_consumer(&settings::consumer(config), client::Reasons::of(config))?;
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
    let id = members::command_id(config, "config-check");
    let what = format!("transactional id `{id}`");
    let made = client::make_producer(&settings::producer(config, &id), client::Reasons::of(config))
        .and_then(|producer| producer.init_transactions(TIMEOUT));
    match made {
        Ok(()) => tried(what, Outcome::Ok, "may be taken, so transactions work"),
        Err(e) => failed(what, &e),
    }
}

fn remembered(config: &Config, partitions: i32) -> Tried {
    let what = format!("memory `{}`", config.dedupe.memory_topic);
    match memory::MemoryTail::look(config, partitions) {
        Ok((0, _)) => tried(what, Outcome::Ok, "is empty"),
        Ok((n, 0)) => tried(
            what,
            Outcome::Ok,
            format!("can be read, and fits this build ({n} offsets)"),
        ),
        Ok((_, foreign)) => tried(
            what,
            Outcome::Warning,
            format!(
                "can be read, but of its last records {foreign} were not written by a stage, and are passed over\n\
                 hint: nobody but the stage should have the right to write that topic"
            ),
        ),
        Err(failure) => tried(what, Outcome::Failed, failure.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of the topics, each with these replicas and settings of its own.
    fn said(replicas: usize, settings: &[(&str, &str, &str)]) -> Vec<(Outcome, String)> {
        let config = Config::default();
        let found = topics::wanted(&config).into_iter().map(|topic| Found {
            name: topic.to_owned(),
            partitions: 1,
            replicas,
        });
        let found: Vec<Found> = found.collect();
        let value = |topic: &str, name: &str| -> Option<String> {
            let of = settings.iter().find(|(t, n, _)| (*t, *n) == (topic, name));
            of.map(|(_, _, value)| (*value).to_owned())
        };
        let all = judged(&config, &found.iter().collect::<Vec<_>>(), &value);
        all.into_iter()
            .map(|t| (t.outcome, format!("{} {}", t.what, t.said)))
            .collect()
    }

    #[test]
    fn a_memory_that_forgets_within_the_window_is_named() {
        let config = Config::default();
        let (memory, window) = (config.dedupe.memory_topic.as_str(), config.dedupe.window.0.as_millis());
        let outcomes = |policy: &str, kept: u128| {
            let kept = kept.to_string();
            let all = said(
                1,
                &[(memory, "cleanup.policy", policy), (memory, "retention.ms", &kept)],
            );
            assert!(
                all.iter()
                    .all(|(_, said)| said.contains("dedupe.window") && said.contains(memory)),
                "{all:?}"
            );
            all.into_iter().map(|(outcome, _)| outcome).collect::<Vec<_>>()
        };
        assert_eq!(outcomes("compact,delete", window - 1), [Outcome::Failed]);
        assert_eq!(outcomes("compact,delete", window), [Outcome::Warning]);
        assert_eq!(outcomes("compact,delete", 2 * window), [], "as the stage creates it");
        assert_eq!(outcomes("compact", 1), [], "kept for ever");
        assert_eq!(
            said(
                1,
                &[
                    (memory, "cleanup.policy", "compact,delete"),
                    (memory, "retention.ms", "-1")
                ]
            ),
            []
        );
        assert_eq!(said(1, &[]), [], "where nobody tells nothing is said");
    }

    #[test]
    fn what_may_stand_on_one_broker_alone_is_named() {
        let config = Config::default();
        let all: Vec<_> = topics::wanted(&config)
            .into_iter()
            .map(|t| (t, "min.insync.replicas", "1"))
            .collect();
        assert_eq!(said(1, &all), []);
        let warned = said(3, &all);
        assert_eq!(warned.len(), all.len() - 1, "all but the input topic: {warned:?}");
        assert!(
            warned
                .iter()
                .all(|(outcome, said)| *outcome == Outcome::Warning && said.contains("min.insync.replicas"))
        );
        let safe: Vec<_> = all.iter().map(|(t, name, _)| (*t, *name, "2")).collect();
        assert_eq!(said(3, &safe), []);
    }
}
