//! The producer: one plan, one transaction.
//!
//! In: a plan. Out: all of it durable, or none of it. Always: a plan of an older epoch is refused, the transaction is open for the
//! commit only (so that a dead instance holds nobody up for long), and offsets go with the group's metadata (KIP-447), so that a
//! zombie is fenced.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{Offset, TopicPartitionList};

use super::client::now;
use super::error::{Answer, answer, hint};
use super::topics::Topics;
use super::{client, memory};
use crate::config::{Config, Delivery};
use crate::stage::{CommitError, Destination, Failure, Output, Plan, Sink};

/// Longest pause between two looks at what is in flight.
const DRAIN_PAUSE: Duration = Duration::from_millis(1);

/// The group whose offsets a commit carries.
pub trait Group: Send + Sync {
    /// The group's state, which a transaction needs.
    fn group_metadata(&self) -> Option<ConsumerGroupMetadata>;
    /// Commit offsets without a transaction.
    fn commit(&self, offsets: &TopicPartitionList) -> Result<(), KafkaError>;
    /// What is kept beside a partition's committed offset.
    fn note(&self, _partition: i32, _next: i64) -> Option<String> {
        None
    }
}

impl<C: ConsumerContext + 'static> Group for BaseConsumer<C> {
    fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        Consumer::group_metadata(self)
    }

    fn commit(&self, offsets: &TopicPartitionList) -> Result<(), KafkaError> {
        Consumer::commit(self, offsets, CommitMode::Sync)
    }
}

/// Notes the first delivery that failed.
#[derive(Debug, Default)]
pub struct Deliveries {
    failed: AtomicBool,
    first: Mutex<Option<(String, KafkaError)>>,
}

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        client::trouble("producer", &error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result
            && !self.failed.swap(true, Ordering::SeqCst)
        {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            *first = Some((message.topic().to_owned(), error.clone()));
        }
    }
}

impl Deliveries {
    fn take_failure(&self) -> Option<(String, KafkaError)> {
        if !self.failed.swap(false, Ordering::SeqCst) {
            return None;
        }
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Commits plans to Kafka.
pub struct KafkaSink {
    inner: Arc<Inner>,
    epoch: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl std::fmt::Debug for KafkaSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KafkaSink")
    }
}

struct Inner {
    producer: BaseProducer<Deliveries>,
    group: Arc<dyn Group>,
    delivery: Delivery,
    input: String,
    output: (String, i32),
    duplicates: (String, i32),
    dead_letters: (String, i32),
    memory: (String, i32),
    timeout: Duration,
}

impl KafkaSink {
    /// Make the producer and, for exactly-once, take up the transactional id: an open transaction of the process that had it
    /// before is aborted, and that process fenced.
    ///
    /// `epoch` tells the source's running epoch.
    pub async fn start(
        config: &Config,
        topics: &Topics,
        transactional_id: String,
        group: Arc<dyn Group>,
        epoch: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let failed = |e: KafkaError| {
            Failure::new(format!(
                "could not start the producer `{transactional_id}`: {e}{}",
                hint(&e)
            ))
        };
        let settings = client::producer(config, &transactional_id);
        let producer = settings.create_with_context(Deliveries::default()).map_err(failed)?;
        let inner = Arc::new(Inner {
            producer,
            group,
            delivery: config.delivery,
            input: config.input.topic.clone(),
            output: (config.output.topic.clone(), topics.output),
            duplicates: (config.output.duplicates_topic.clone(), topics.duplicates),
            dead_letters: (config.output.dead_letters_topic.clone(), topics.dead_letters),
            memory: (config.dedupe.memory_topic.clone(), topics.memory),
            timeout: Duration::from_millis(config.kafka.session_timeout_ms.into()) * 3,
        });
        if config.delivery == Delivery::ExactlyOnce {
            let starting = Arc::clone(&inner);
            let started = tokio::task::spawn_blocking(move || {
                starting.retried(|| starting.producer.init_transactions(starting.timeout))
            });
            started
                .await
                .map_err(|e| Failure::new(e.to_string()))?
                .map_err(failed)?;
        }
        Ok(Self {
            inner,
            epoch: Arc::new(epoch),
        })
    }
}

impl Sink for KafkaSink {
    async fn commit(&self, plan: Arc<Plan>) -> Result<(), CommitError> {
        let (inner, epoch) = (Arc::clone(&self.inner), Arc::clone(&self.epoch));
        let commit = tokio::task::spawn_blocking(move || {
            if plan.epoch != epoch() {
                return Err(CommitError::Abort(
                    "its partitions were revoked before the commit began".into(),
                ));
            }
            match inner.delivery {
                Delivery::ExactlyOnce => inner.commit_transaction(&plan),
                Delivery::AtLeastOnce => inner.commit_after_acknowledgement(&plan),
            }
        });
        commit
            .await
            .map_err(|e| Failure::new(format!("the committing thread failed: {e}")))?
    }
}

impl Inner {
    fn commit_transaction(&self, plan: &Plan) -> Result<(), CommitError> {
        let done = self.producer.begin_transaction().and_then(|()| {
            self.produce_all(plan)?;
            let group = self.group.group_metadata().ok_or(KafkaError::Canceled)?;
            let offsets = self.offsets(plan)?;
            self.retried(|| {
                self.producer
                    .send_offsets_to_transaction(&offsets, &group, self.timeout)
            })?;
            self.drain()?;
            self.retried(|| self.producer.commit_transaction(self.timeout))
        });
        let Err(error) = done else { return Ok(()) };
        let (topic, error) = self
            .producer
            .context()
            .take_failure()
            .unwrap_or((self.output.0.clone(), error));
        let what = self.describe(plan, &topic, &error);
        if answer(&error) == Answer::Stop || self.is_fatal() {
            return Err(CommitError::Stop(Failure::new(what + hint(&error))));
        }
        // An abort that fails leaves a transaction that only a new producer can end: stop, and a restart takes its id up.
        self.retried(|| self.producer.abort_transaction(self.timeout))
            .map_err(|e| Failure::new(format!("{what}; and could not abort the transaction: {e}{}", hint(&e))))?;
        // Deliveries that the abort purged are not failures of the next transaction.
        drop(self.producer.context().take_failure());
        Err(CommitError::Abort(what))
    }

    /// Offsets follow the acknowledgement of everything before them; a crash between the two repeats records.
    fn commit_after_acknowledgement(&self, plan: &Plan) -> Result<(), CommitError> {
        let done = self.produce_all(plan).and_then(|()| {
            self.drain()?;
            if let Some((_, error)) = self.producer.context().take_failure() {
                return Err(error);
            }
            self.group.commit(&self.offsets(plan)?)
        });
        let Err(error) = done else { return Ok(()) };
        let what = self.describe(plan, &self.output.0, &error);
        if answer(&error) == Answer::Stop || self.is_fatal() {
            return Err(CommitError::Stop(Failure::new(what + hint(&error))));
        }
        Err(CommitError::Abort(what))
    }

    fn is_fatal(&self) -> bool {
        self.producer.client().fatal_error().is_some()
    }

    fn describe(&self, plan: &Plan, topic: &str, error: &KafkaError) -> String {
        let (partition, offset) = plan.offsets.first().copied().unwrap_or_default();
        format!(
            "could not commit a batch of {} records from `{}` [{partition}] before offset {offset} to `{topic}`: {error}",
            plan.records, self.input
        )
    }

    fn produce_all(&self, plan: &Plan) -> Result<(), KafkaError> {
        for output in &plan.outputs {
            let (topic, partitions) = match output.to {
                Destination::Enriched => &self.output,
                Destination::Duplicates => &self.duplicates,
                Destination::DeadLetters => &self.dead_letters,
            };
            self.produce(topic, *partitions, output)?;
        }
        let (topic, partitions) = &self.memory;
        if *partitions > 0 {
            for entry in &plan.remember {
                self.produce(topic, *partitions, &memory::as_output(entry))?;
            }
        }
        Ok(())
    }

    /// Queue one record. The records of one input partition go to one output partition, which keeps their order.
    fn produce(&self, topic: &str, partitions: i32, output: &Output) -> Result<(), KafkaError> {
        let mut record: BaseRecord<'_, [u8], [u8]> =
            BaseRecord::to(topic).partition(output.partition % partitions.max(1));
        record.key = output.key.as_deref();
        record.payload = output.value.as_deref();
        record.timestamp = output.timestamp_ms;
        if !output.headers.is_empty() {
            let mut headers = OwnedHeaders::new_with_capacity(output.headers.len());
            for (key, value) in &output.headers {
                headers = headers.insert(Header {
                    key,
                    value: value.as_ref(),
                });
            }
            record = record.headers(headers);
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(DRAIN_PAUSE * 5);
                    record = back;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    fn offsets(&self, plan: &Plan) -> Result<TopicPartitionList, KafkaError> {
        let mut list = TopicPartitionList::new();
        for (partition, next) in &plan.offsets {
            let mut element = list.add_partition(&self.input, *partition);
            element.set_offset(Offset::Offset(*next))?;
            if let Some(note) = self.group.note(*partition, *next) {
                element.set_metadata(note);
            }
        }
        Ok(list)
    }

    /// Wait until every record is acknowledged or has failed. `flush` would wait in whole steps of 100 ms.
    fn drain(&self) -> Result<(), KafkaError> {
        let deadline = now() + self.timeout;
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(Duration::ZERO);
            if now() > deadline {
                return Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut));
            }
            std::thread::sleep(DRAIN_PAUSE);
        }
        self.producer.poll(Duration::ZERO);
        Ok(())
    }

    /// Repeat a call as long as Kafka says that it may be, within the time-out.
    fn retried(&self, call: impl Fn() -> Result<(), KafkaError>) -> Result<(), KafkaError> {
        let deadline = now() + self.timeout;
        loop {
            match call() {
                Err(error) if answer(&error) == Answer::Retry && now() < deadline => {
                    tracing::warn!(%error, "trying the call again");
                    std::thread::sleep(Duration::from_millis(100));
                }
                result => return result,
            }
        }
    }
}
