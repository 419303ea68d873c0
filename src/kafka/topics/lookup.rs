//! Which topics a configuration uses, and which the cluster has.
//!
//! In: a configuration. Out: names, partitions, settings. Always: only looks.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;

use crate::config::{Config, Policy};
use crate::failure::Failure;
use crate::kafka::{certificate, client, error, settings};

/// How long a look at the cluster may take at the start.
pub(super) const METADATA_TIMEOUT: Duration = Duration::from_secs(10);

/// The topics that a configuration uses.
pub(in crate::kafka) fn wanted(config: &Config) -> Vec<&str> {
    let mut topics: Vec<&str> = vec![
        &config.input.topic,
        &config.output.topic,
        &config.output.dead_letters_topic,
    ];
    if config.dedupe.enabled {
        topics.push(&config.dedupe.memory_topic);
        if config.dedupe.policy == Policy::Route {
            topics.push(&config.output.duplicates_topic);
        }
    }
    topics
}

/// Every topic of the cluster with its number of partitions. Waits for the broker.
pub fn partition_counts(config: &Config) -> Result<Vec<(String, i32)>, Failure> {
    let found = found(config)?;
    Ok(found.into_iter().map(|topic| (topic.name, topic.partitions)).collect())
}

/// A topic of the cluster.
#[derive(Debug, Clone)]
pub(in crate::kafka) struct Found {
    pub(in crate::kafka) name: String,
    pub(in crate::kafka) partitions: i32,
    /// Copies of each partition; the fewest of any.
    pub(in crate::kafka) replicas: usize,
}

/// Every topic of the cluster. Waits for the broker.
pub(in crate::kafka) fn found(config: &Config) -> Result<Vec<Found>, Failure> {
    let reasons = client::Reasons::of(config);
    let unreachable = |e: KafkaError| {
        let reason = reasons.last();
        let message = format!("could not reach Kafka at `{}`: {e}{reason}", config.kafka.brokers);
        let diagnosis = certificate::diagnosis(config, &reason);
        if !diagnosis.is_empty() {
            return Failure::new(message + &diagnosis);
        }
        let hint = match error::hint(&e) {
            "" => error::hint_of_reason(&reason),
            hint => hint,
        };
        Failure::new(message + hint)
    };
    let created = client::make_consumer(&settings::admin(config), reasons.clone());
    let consumer = created.map_err(|e| {
        let hint = if e.to_string().contains("hint:") {
            ""
        } else {
            "\nhint: see `kafka.properties`"
        };
        Failure::new(format!("could not make a Kafka client: {e}{hint}"))
    })?;
    let metadata = consumer.fetch_metadata(None, METADATA_TIMEOUT);
    // The reasons wait in the client's queue until somebody polls.
    while metadata.is_err() && consumer.poll(Duration::ZERO).is_some() {}
    let metadata = metadata.map_err(unreachable)?;
    Ok(metadata
        .topics()
        .iter()
        .map(|t| Found {
            name: t.name().to_owned(),
            partitions: t.partitions().len() as i32,
            replicas: t.partitions().iter().map(|p| p.replicas().len()).min().unwrap_or(0),
        })
        .collect())
}

/// A topic's settings, where the broker tells them.
pub(super) async fn described(admin: &AdminClient<DefaultClientContext>, topic: &str) -> Option<ConfigResource> {
    let options = AdminOptions::new().request_timeout(Some(METADATA_TIMEOUT));
    let asked = admin
        .describe_configs(&[ResourceSpecifier::Topic(topic)], &options)
        .await;
    asked.ok()?.into_iter().next()?.ok()
}
