//! Questions to a cluster, asked again while it has no answer yet.
//!
//! In: a client. Out: the answer, or the last error. Always: bounded in time; what is denied is not asked again.

use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::blocking::blocking;
use super::client::{Authenticated, Reasons, make_consumer};
use super::error::is_denied;
use super::settings;
use crate::clock::now;
use crate::config::Config;
use crate::failure::Failure;

/// How long the brokers may take to name their cluster; they have just answered another question.
const CLUSTER_ID_TIMEOUT: Duration = Duration::from_secs(10);

/// The name that the brokers give their cluster.
pub async fn cluster_id(config: &Config) -> Result<String, Failure> {
    let failed = |e: KafkaError| Failure::new(format!("could not make a Kafka client: {e}"));
    let client = make_consumer(&settings::admin(config), Reasons::of(config)).map_err(failed)?;
    let told = blocking(move || client.client().fetch_cluster_id(CLUSTER_ID_TIMEOUT)).await?;
    // Without it instances would take claims of each other for those of another cluster.
    told.ok_or_else(|| {
        let seconds = CLUSTER_ID_TIMEOUT.as_secs();
        Failure::new(format!(
            "the brokers did not tell within {seconds} s which cluster they are"
        ))
    })
}

/// The first and the next offset of a partition, the latter as a `read_committed` reader sees it. A topic that was created a moment
/// ago may have no leader yet: the question is asked again for half a minute, unless the answer is a refusal.
pub fn watermarks<C: Authenticated + ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
    partition: i32,
) -> Result<(i64, i64), KafkaError> {
    let deadline = now() + Duration::from_secs(30);
    let has_tokens = consumer.client().context().tokens().are_ours();
    // A connection that ended with its token is made anew with the next.
    let may_get_token = |e: &KafkaError| has_tokens && e.rdkafka_error_code() == Some(RDKafkaErrorCode::Authentication);
    loop {
        match consumer.fetch_watermarks(topic, partition, Duration::from_secs(10)) {
            Err(e) if now() < deadline && (may_get_token(&e) || !e.rdkafka_error_code().is_some_and(is_denied)) => {
                tracing::debug!(error = %e, topic, partition, "asking again for the ends of the partition");
                std::thread::sleep(Duration::from_millis(200));
            }
            result => return result,
        }
    }
}

/// What a group has committed of these partitions. A cluster that has just started, or lost a broker, may not know yet who coordinates
/// the group: the question is asked again for half a minute.
pub fn committed<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &TopicPartitionList,
) -> Result<TopicPartitionList, KafkaError> {
    use RDKafkaErrorCode::{CoordinatorLoadInProgress, CoordinatorNotAvailable, NotCoordinator};
    let deadline = now() + Duration::from_secs(30);
    let is_moving = |code| {
        matches!(
            code,
            NotCoordinator | CoordinatorNotAvailable | CoordinatorLoadInProgress
        )
    };
    loop {
        match consumer.committed_offsets(partitions.clone(), Duration::from_secs(20)) {
            Err(e) if now() < deadline && e.rdkafka_error_code().is_some_and(is_moving) => {
                tracing::debug!(error = %e, "asking again for the committed offsets");
                std::thread::sleep(Duration::from_millis(200));
            }
            result => return result,
        }
    }
}

/// A call for several partitions fails where one of them has failed: a partition that could not be asked for has no offset, and must not be
/// taken for one that has none yet; one that did not seek reads on from where it stood.
pub(super) fn each_without_error(partitions: TopicPartitionList) -> Result<TopicPartitionList, KafkaError> {
    let failed = partitions.elements().iter().find_map(|element| element.error().err());
    failed.map_or(Ok(partitions), Err)
}
