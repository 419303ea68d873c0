//! What the client calls while it is polled: rebalances, statistics, and tokens that are asked for.
//!
//! In: partitions that come and go. Out: those that come are read from where the group stands; what is in flight of those that go is waited
//! for, or void. Always: all of it runs inside the poll thread's own call, and the thread holds no lock then.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Statistics, TopicPartitionList};

use super::shared::Shared;
use crate::clock::now;
use crate::config::Config;
use crate::kafka::ask::each_without_error;
use crate::kafka::client::Authenticated;
use crate::kafka::error;
use crate::kafka::members::Members;
use crate::kafka::oauth::Tokens;
use crate::kafka::trouble;

/// Longest wait for the group coordinator's word on committed offsets. A pending transaction of the partition's last owner holds
/// it up until the broker ends that transaction.
pub(super) const COMMITTED_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest part of that wait before it is seen whether the stage was told to stop, and what a former member left open is ended again.
const COMMITTED_PART: Duration = Duration::from_secs(4);

/// Pause before they are asked for again.
const COMMITTED_PAUSE: Duration = Duration::from_millis(100);

/// Serves rebalances and statistics.
#[derive(Debug)]
pub struct Context {
    pub(super) shared: Arc<Shared>,
    pub(super) topic: String,
    tokens: Tokens,
    members: Option<Members>,
}

impl Authenticated for Context {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.tokens.serve()
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        trouble::log(level, facility, line);
    }

    fn stats(&self, statistics: Statistics) {
        let is_up = |b: &&rdkafka::statistics::Broker| b.nodeid >= 0 && b.state == "UP";
        let brokers_up = statistics.brokers.values().filter(is_up).count();
        // An instance without partitions (a standby) has figures of the brokers, and none of the topic.
        let topic = statistics.topics.get(&self.topic);
        // Each partition tells of the one queue that all of a group's consumer go through.
        let of_queue = topic.and_then(|topic| topic.partitions.values().map(|p| p.fetchq_size).max());
        let read_ahead = of_queue.unwrap_or(0);
        self.shared.metrics.client(read_ahead, brokers_up);
        let Some(topic) = topic else { return };
        let (assigned, collected): (_, BTreeSet<i32>) = {
            let collecting = self.shared.collecting.lock();
            let collected = collecting.records.iter().map(|record| record.origin.partition);
            (collecting.assigned.clone(), collected.collect())
        };
        // After an abort the client stands where it has read to, until it has gone back.
        let has_sought = self.shared.has_sought();
        for (partition, stats) in topic.partitions.iter().filter(|(p, _)| assigned.contains(p)) {
            let is_drained = stats.fetchq_cnt == 0;
            if is_drained && has_sought && stats.eof_offset >= stats.ls_offset {
                self.shared
                    .collecting
                    .lock()
                    .readings
                    .reached(*partition, stats.lo_offset, stats.eof_offset);
            }
            self.tell_lost(*partition, stats.lo_offset, is_drained);
            // The end as a `read_committed` reader sees it; negative until the first fetch.
            let end = stats.ls_offset;
            if end >= 0 {
                let is_at_end = stats.eof_offset >= end && is_drained;
                let is_read = is_at_end && has_sought && !collected.contains(partition);
                self.shared
                    .metrics
                    .ends(*partition, stats.lo_offset.max(0), end, is_read);
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        trouble::tell("consumer", &error, reason);
    }
}

impl ConsumerContext for Context {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, err: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        let done = match err {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assigned(consumer, partitions),
            _ => self.revoked(consumer, partitions),
        };
        if let Err(error) = done {
            tracing::error!(%error, "could not carry out a rebalance");
        }
    }
}

impl Context {
    pub(super) fn new(config: &Config, transactional_id: &str, shared: Arc<Shared>) -> Self {
        Self {
            shared,
            topic: config.input.topic.clone(),
            tokens: Tokens::of(config),
            members: Members::new(config, transactional_id),
        }
    }

    /// The group's members, with transactions.
    pub(in crate::kafka) fn members(&self) -> Option<&Members> {
        self.members.as_ref()
    }

    fn assigned(&self, consumer: &BaseConsumer<Self>, partitions: &TopicPartitionList) -> Result<(), KafkaError> {
        let numbers = numbers(partitions);
        tracing::info!(partitions = ?numbers, "assigned");
        let mut start = partitions.clone();
        if !numbers.is_empty() {
            self.end_what_is_left(consumer);
            // librdkafka would look the offsets up itself, but was seen to start from elsewhere after a partition came back.
            match self.committed(consumer, partitions) {
                Ok(committed) => start = committed,
                Err(error) => tracing::warn!(%error, "could not read the committed offsets, leaving it to the client"),
            }
        }
        {
            let mut collecting = self.shared.collecting.lock();
            self.shared.begins(&mut collecting, &start);
            collecting.assigned.extend(&numbers);
            collecting.all_paused = false;
            self.shared.metrics.assigned(&collecting.assigned);
        }
        self.look_for_lost(consumer, &start);
        self.shared.assignment.fetch_add(1, Ordering::SeqCst);
        self.shared.metrics.rebalanced("assigned");
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(&start)?,
            _ => consumer.assign(&start)?,
        }
        // The client keeps a pause beyond a revocation: a partition that was paused then would come back silent.
        if let Err(error) = consumer.resume(&start) {
            tracing::warn!(%error, "could not resume the partitions that were assigned");
        }
        self.learn_members(consumer);
        Ok(())
    }

    /// The committed offsets of partitions that have no owner, or are ours. What a former owner left open holds them up, and is ended.
    pub(super) fn committed(
        &self,
        consumer: &BaseConsumer<Self>,
        partitions: &TopicPartitionList,
    ) -> Result<TopicPartitionList, KafkaError> {
        let deadline = now() + COMMITTED_TIMEOUT;
        loop {
            let asked = consumer.committed_offsets(partitions.clone(), COMMITTED_PART);
            let committed = asked.and_then(each_without_error);
            self.shared.metrics.polled();
            let Err(error) = &committed else { return committed };
            let is_final = error.rdkafka_error_code().is_some_and(error::is_denied);
            if is_final || self.shared.is_stopped() || now() >= deadline {
                return committed;
            }
            std::thread::sleep(COMMITTED_PAUSE);
            self.end_what_is_left(consumer);
        }
    }

    fn end_what_is_left(&self, consumer: &BaseConsumer<Self>) {
        if let Some(members) = self.members.as_ref().filter(|_| !self.shared.is_stopped()) {
            members.end_what_is_left(consumer, || self.shared.metrics.polled());
        }
    }

    /// Remember the members of now, so that one that dies later is missed. Called at each rebalance, and once before we join: a member that has just
    /// died is still listed then.
    pub(super) fn learn_members(&self, consumer: &BaseConsumer<Self>) {
        if let Some(members) = self.members.as_ref().filter(|_| !self.shared.is_stopped()) {
            members.learn(consumer);
        }
    }

    fn revoked(&self, consumer: &BaseConsumer<Self>, partitions: &TopicPartitionList) -> Result<(), KafkaError> {
        let gone = numbers(partitions);
        let lost = consumer.assignment_lost();
        tracing::info!(partitions = ?gone, lost, "revoked");
        self.shared.collecting.lock().drop_partitions(&gone);
        if self.shared.is_given_up.load(Ordering::SeqCst) {
            tracing::debug!("nothing is waited for at the end");
        } else if lost || !self.shared.drain() {
            tracing::warn!(
                lost,
                "what was in flight is void and will be read again by its next owner"
            );
            self.shared.void_in_flight();
        }
        self.shared.metrics.rebalanced(if lost { "lost" } else { "revoked" });
        self.shared.metrics.assigned(&self.shared.collecting.lock().assigned);
        for partition in &gone {
            self.shared.metrics.forget(*partition);
        }
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(partitions)?,
            _ => consumer.unassign()?,
        }
        self.learn_members(consumer);
        Ok(())
    }
}

fn numbers(partitions: &TopicPartitionList) -> BTreeSet<i32> {
    partitions
        .elements()
        .iter()
        .map(rdkafka::topic_partition_list::TopicPartitionListElem::partition)
        .collect()
}
