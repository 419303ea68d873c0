//! The topics the stage needs: looked up, and created with fitting settings where they are missing.
//!
//! In: a configuration. Out: how many partitions each topic has. Always: nothing is created that the configuration forbids; what another
//! instance creates at the same moment is no error.
//!
//! `lookup` says which topics are meant and which are there · `missing` what becomes of an input topic that is not · `retention` how long
//! topics keep their records.

mod lookup;
mod missing;
mod retention;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminOptions, ConfigResource, NewTopic, TopicReplication};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

pub use self::lookup::partition_counts;
pub(super) use self::lookup::{Found, found, wanted};
use self::lookup::{METADATA_TIMEOUT, described};
pub use self::missing::{MissingInput, require_input};
pub(super) use self::retention::forgets;
use self::retention::retention_of;
pub use self::retention::{Retention, kept, warn_of_forgetting};
use super::blocking::blocking;
use super::{client, error};
use crate::config::{Config, Policy};
use crate::failure::Failure;

/// Partition counts of the topics in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// Of the input topic.
    pub input: i32,
    /// Of the output topic.
    pub output: i32,
    /// Of the duplicates' topic (0 where the policy needs none).
    pub duplicates: i32,
    /// Of the dead letters' topic.
    pub dead_letters: i32,
    /// Of the memory topic (0 with the duplicates switched off).
    pub memory: i32,
}

/// Check that every topic is there, creating what is missing if the configuration allows it, and `missing_input` for the input topic.
pub async fn ensure(config: &Config, missing_input: MissingInput) -> Result<Topics, Failure> {
    let wanted = wanted(config);
    let reader = config.clone();
    let look = move || {
        let found = partition_counts(&reader)?;
        let is_missing = !found.iter().any(|(name, _)| *name == reader.input.topic);
        if is_missing {
            missing_input.check(&reader, &found)?;
        }
        Ok::<_, Failure>(found)
    };
    let found = blocking(look).await??;
    let found = of_wanted(&wanted, &found);
    let missing: Vec<&str> = wanted.iter().copied().filter(|t| !found.contains_key(*t)).collect();
    if !missing.is_empty() {
        if !config.kafka.create_topics {
            let names: Vec<String> = missing.iter().map(|t| format!("`{t}`")).collect();
            let message = format!("topic {} does not exist at {}", names.join(", "), config.kafka.brokers);
            return Err(Failure::new(format!(
                "{message}\nhint: create it, or set `kafka.create_topics = true`"
            )));
        }
        let input = found.get(&config.input.topic).copied().unwrap_or(0);
        create(config, &missing, input).await?;
        if input == 0 {
            missing_input.warn_of_created(&config.input.topic);
        }
        // Another instance may have created them, with other numbers.
        let found = await_visible(config, &missing).await?;
        return Ok(Topics::of(config, &of_wanted(&wanted, &found)));
    }
    Ok(Topics::of(config, &found))
}

impl Topics {
    fn of(config: &Config, found: &BTreeMap<String, i32>) -> Self {
        let count = |topic: &str| found.get(topic).copied().unwrap_or(0);
        Self {
            input: count(&config.input.topic),
            output: count(&config.output.topic),
            duplicates: if config.dedupe.policy == Policy::Route {
                count(&config.output.duplicates_topic)
            } else {
                0
            },
            dead_letters: count(&config.output.dead_letters_topic),
            memory: if config.dedupe.enabled {
                count(&config.dedupe.memory_topic)
            } else {
                0
            },
        }
    }
}

/// The partitions of the topics that are wanted and there.
fn of_wanted(wanted: &[&str], found: &[(String, i32)]) -> BTreeMap<String, i32> {
    let is_there = |(name, count): &&(String, i32)| *count > 0 && wanted.contains(&name.as_str());
    found.iter().filter(is_there).cloned().collect()
}

/// What a topic of the commands keeps for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForGood {
    /// Every record.
    All,
    /// The last record of each key.
    LastOfEachKey,
}

/// See that a topic of the commands is there, creating it if it is missing and the configuration allows it.
pub async fn ensure_kept(config: &Config, topic: &str, partitions: i32, kept: ForGood) -> Result<(), Failure> {
    let reader = config.clone();
    let found = blocking(move || partition_counts(&reader)).await??;
    if found.iter().any(|(name, _)| name == topic) {
        return Ok(());
    }
    if !config.kafka.create_topics {
        let brokers = &config.kafka.brokers;
        return Err(Failure::new(format!(
            "topic `{topic}` does not exist at {brokers}\nhint: create it, or set `kafka.create_topics = true`"
        )));
    }
    let failed = |why: String| Failure::new(format!("could not create topic `{topic}`: {why}"));
    let admin = client::make_admin(config).map_err(|e| failed(e.to_string()))?;
    // What is parked is a dead letter.
    let letters = described(&admin, &config.output.dead_letters_topic).await;
    let value_bytes_max = message_bytes(config, letters.as_ref()).to_string();
    let cleanup = match kept {
        ForGood::All => "delete",
        ForGood::LastOfEachKey => "compact",
    };
    let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(replication(config)))
        .set("cleanup.policy", cleanup)
        .set("retention.ms", "-1")
        .set("max.message.bytes", &value_bytes_max);
    let options = AdminOptions::new().operation_timeout(Some(METADATA_TIMEOUT));
    let results = admin
        .create_topics([&new], &options)
        .await
        .map_err(|e| failed(e.to_string()))?;
    match results.into_iter().next() {
        None | Some(Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => {
            await_visible(config, &[topic]).await.map(drop)
        }
        Some(Err((_, code))) => Err(failed(format!("{code}{}", error::hint(&KafkaError::AdminOp(code))))),
    }
}

/// Why the keys of an output topic do not stand where a reader who counts partitions looks for them; `None` where the topics have as many.
/// A record goes to its input partition's number, modulo the output's count, which keeps the order of each input partition.
pub(super) fn uneven(output: i32, input: i32) -> Option<String> {
    let consequence = match output.cmp(&input) {
        Ordering::Equal => return None,
        Ordering::Greater => format!("those from {input} on stay empty"),
        Ordering::Less => "several of its partitions share one".to_owned(),
    };
    (output > 0 && input > 0).then(|| {
        format!(
            "has {output} partitions and the input topic {input}: {consequence}, and a key does not stand where the hash of a writer or a \
             join would put it\nhint: as many partitions as the input topic has, as the stage gives a topic that it creates"
        )
    })
}

/// Warn of output topics with another number of partitions than the input topic.
pub fn warn_of_uneven(config: &Config, topics: &Topics) {
    for (topic, count) in [
        (&config.output.topic, topics.output),
        (&config.output.duplicates_topic, topics.duplicates),
    ] {
        if let Some(why) = uneven(count, topics.input) {
            tracing::warn!("the topic `{topic}` {why}");
        }
    }
}

/// The configured replication, or the broker's default.
fn replication(config: &Config) -> i32 {
    match config.kafka.create_replication {
        0 => -1,
        n => n as i32,
    }
}

/// A created topic reaches the brokers' metadata a moment later. Gives all topics that are there then.
async fn await_visible(config: &Config, created: &[&str]) -> Result<Vec<(String, i32)>, Failure> {
    for _ in 0..50 {
        let reader = config.clone();
        let found = blocking(move || partition_counts(&reader)).await??;
        if created
            .iter()
            .all(|topic| found.iter().any(|(name, count)| name == topic && *count > 0))
        {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(Failure::new(format!(
        "the created topics do not show at `{}` after 10 s",
        config.kafka.brokers
    )))
}

fn partitions(config: &Config, input: i32) -> i32 {
    match (config.kafka.create_partitions, input) {
        (0, 0) => 1,
        (0, input) => input,
        (wanted, _) => wanted as i32,
    }
}

async fn create(config: &Config, missing: &[&str], input_partitions: i32) -> Result<(), Failure> {
    let failed = |topic: &str, why: String| Failure::new(format!("could not create topic `{topic}`: {why}"));
    let admin = client::make_admin(config).map_err(|e| failed(missing[0], e.to_string()))?;
    let replication = replication(config);
    // Room to find a copy at the window's far end after a late replay.
    let retention_ms = (2 * config.dedupe.window.0.as_millis()).to_string();
    let input = described(&admin, &config.input.topic).await;
    let input_retention = input.as_ref().and_then(retention_of);
    let value_bytes_max = message_bytes(config, None).to_string();
    // These hold whatever the input topic does, values beyond the limit above all.
    let letter_bytes_max = message_bytes(config, input.as_ref()).to_string();
    let memory = |name| {
        NewTopic::new(name, 1, TopicReplication::Fixed(replication))
            .set("cleanup.policy", "compact,delete")
            .set("retention.ms", &retention_ms)
    };
    let of_records = |name, bytes_max| {
        let count = partitions(config, input_partitions);
        let topic =
            NewTopic::new(name, count, TopicReplication::Fixed(replication)).set("max.message.bytes", bytes_max);
        match &input_retention {
            Some(ms) => topic.set("retention.ms", ms),
            None => topic,
        }
    };
    let topics: Vec<NewTopic<'_>> = missing
        .iter()
        .map(|name| match *name {
            name if name == config.dedupe.memory_topic => memory(name),
            name if name == config.output.dead_letters_topic => of_records(name, &*letter_bytes_max),
            name => of_records(name, &*value_bytes_max),
        })
        .collect();
    let options = AdminOptions::new().operation_timeout(Some(METADATA_TIMEOUT));
    let results = admin
        .create_topics(&topics, &options)
        .await
        .map_err(|e| failed(missing[0], e.to_string()))?;
    for result in results {
        match result {
            Ok(name) => tracing::info!(topic = name, "created the topic"),
            // Another instance was faster.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => {
                let error = KafkaError::AdminOp(code);
                return Err(failed(&name, format!("{code}{}", error::hint(&error))));
            }
        }
    }
    Ok(())
}

/// The `max.message.bytes` of a topic that takes all values that may be read, and what another topic holds; with room for headers.
fn message_bytes(config: &Config, other: Option<&ConfigResource>) -> u64 {
    let of_other = || other?.get("max.message.bytes")?.value.as_deref()?.parse().ok();
    let bytes = config.input.value_bytes_max.0.max(of_other().unwrap_or(0));
    (bytes + (1 << 20)).min(i32::MAX as u64)
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::DefaultProducerContext;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_created_has_the_partitions_that_the_brokers_tell() {
        let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1).unwrap();
        let mut config = Config::default();
        config.kafka.brokers = cluster.bootstrap_servers();
        cluster.create_topic("another's", 3, 1).unwrap();
        let found = await_visible(&config, &["another's"]).await.unwrap();
        assert_eq!(
            of_wanted(&["another's", "missing"], &found),
            BTreeMap::from([("another's".into(), 3)])
        );
    }

    #[test]
    fn topics_with_other_numbers_of_partitions_are_named() {
        assert_eq!(uneven(6, 6), None);
        assert_eq!(uneven(0, 6), None, "not there yet, or not used");
        assert!(uneven(8, 6).unwrap().contains("those from 6 on stay empty"));
        assert!(uneven(1, 6).unwrap().contains("share one"));
    }
}
