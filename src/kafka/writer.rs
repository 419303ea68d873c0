//! The producer: records queued, waited for, and in a transaction made visible together or not at all.
//!
//! In: records and their topics. Out: acknowledgements, as one answer for all of them. Always: a failed delivery is an error of the
//! call that waits for it; an aborted transaction leaves the producer ready for the next.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::TopicPartitionList;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext, PurgeConfig};
use rdkafka::types::RDKafkaRespErr;

use super::client::{self, Authenticated};
use super::error::{Answer, answer, failure, is_fenced};
use super::oauth::Tokens;
use super::refusals::RefusedRecords;
use super::{settings, trouble};
use crate::clock::now;
use crate::config::{Config, Delivery};
use crate::failure::Failure;
use crate::stage::Output;

/// Longest wait for what the brokers know of a topic.
const METADATA_MAX: Duration = Duration::from_secs(5);

/// Longest pause between two looks at what is under way.
const DRAIN_PAUSE: Duration = Duration::from_millis(1);

/// What a delivery's report is known by.
#[derive(Debug)]
struct Mark {
    /// Which call of [`forget`](Writer::forget) came before.
    round: u64,
    /// The record's number.
    n: usize,
}

/// Notes the first delivery that failed, and all that were refused for their own sake.
#[derive(Debug, Default)]
struct Deliveries {
    /// Reports of earlier rounds are late, and of nobody's concern.
    round: AtomicU64,
    failed: AtomicBool,
    first: Mutex<Option<(String, KafkaError)>>,
    refused: Mutex<RefusedRecords>,
    /// A topic that may not be written.
    denied: Mutex<Option<String>>,
    tokens: Tokens,
}

impl Deliveries {
    fn of(config: &Config) -> Self {
        Self {
            tokens: Tokens::of(config),
            ..Self::default()
        }
    }

    fn note(&self, n: usize, error: &KafkaError) {
        if let Some(code) = error.rdkafka_error_code() {
            self.refused.lock().note(n, code);
        }
    }

    /// A topic that a transaction may not hold is named in a line of librdkafka's log alone; its calls then say that the transaction is
    /// in the wrong state, or that their records were purged.
    fn note_denied(&self, facility: &str, line: &str) -> bool {
        let is_denied = line.contains("opic authorization failed");
        if let Some((_, rest)) = line.split_once("add partition \"")
            && let Some((topic, _)) = rest.split_once('"')
            && (facility, is_denied) == ("ADDPARTS", true)
        {
            let mut denied = self.denied.lock();
            denied.get_or_insert_with(|| topic.to_owned());
        }
        is_denied
    }
}

impl Authenticated for Deliveries {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

impl ClientContext for Deliveries {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.tokens.serve()
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        // What is denied ends the process, with words of its own.
        if self.note_denied(facility, line) {
            tracing::debug!(target: "librdkafka", facility, line);
        } else {
            trouble::log(level, facility, line);
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        trouble::tell("producer", &error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Box<Mark>;

    fn delivery(&self, result: &DeliveryResult<'_>, mark: Box<Mark>) {
        let Err((error, message)) = result else { return };
        if mark.round != self.round.load(Ordering::SeqCst) {
            tracing::debug!(%error, topic = message.topic(), "a record of an earlier batch failed late");
            return;
        }
        self.note(mark.n, error);
        if !self.failed.swap(true, Ordering::SeqCst) {
            let mut first = self.first.lock();
            *first = Some((message.topic().to_owned(), error.clone()));
        }
    }
}

/// The time that a record is written with: the client takes 0 for none and would write the present one; a millisecond later is nearer.
pub fn written_ms(time_ms: i64) -> i64 {
    time_ms.max(1)
}

/// A producer, with the bound on how long it waits.
pub struct Writer {
    producer: BaseProducer<Deliveries>,
    /// Longest wait for the brokers in one call.
    pub timeout: Duration,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

/// Why a producer cannot be had.
pub fn not_started(transactional_id: &str, error: &KafkaError) -> Failure {
    failure(
        format!("could not start the producer `{transactional_id}`: {error}"),
        error,
    )
}

impl Writer {
    /// Make the producer and, for exactly-once, take up the transactional id: an open transaction of the process that had it
    /// before is aborted, and that process fenced. Blocks.
    pub fn start(config: &Config, transactional_id: &str) -> Result<Self, Failure> {
        Self::take_up(config, transactional_id).map_err(|e| not_started(transactional_id, &e))
    }

    /// The same, with the client's own error, for who tries again.
    pub fn take_up(config: &Config, transactional_id: &str) -> Result<Self, KafkaError> {
        let settings = settings::producer(config, transactional_id);
        let writer = Self {
            producer: client::make_producer(&settings, Deliveries::of(config))?,
            timeout: Duration::from_millis(config.kafka.session_timeout_ms.into()) * 3,
        };
        if config.delivery == Delivery::ExactlyOnce {
            writer.retried(|| writer.producer.init_transactions(writer.timeout))?;
        }
        Ok(writer)
    }

    /// Take a transactional id up for a moment, to end the transaction that its owner left open. The owner is fenced. Blocks.
    pub fn end(config: &Config, transactional_id: &str, timeout: Duration) -> Result<(), KafkaError> {
        let settings = settings::producer(config, transactional_id);
        let writer = Self {
            producer: client::make_producer(&settings, Deliveries::of(config))?,
            timeout,
        };
        writer.retried(|| writer.producer.init_transactions(timeout))
    }

    /// Serve what librdkafka asks for by events, such as the next token. Never waits.
    pub fn serve(&self) {
        self.producer.poll(Duration::ZERO);
    }

    /// Open a transaction.
    pub fn begin(&self) -> Result<(), KafkaError> {
        self.producer.begin_transaction()
    }

    /// Put consumed offsets into the transaction. The group's metadata fences a member that the group has gone on without (KIP-447).
    pub fn send_offsets(&self, offsets: &TopicPartitionList, group: &ConsumerGroupMetadata) -> Result<(), KafkaError> {
        self.retried(|| self.producer.send_offsets_to_transaction(offsets, group, self.timeout))
    }

    /// Make the transaction visible. One of which a delivery has failed can only be aborted, and its other records may wait for nothing until
    /// they time out.
    pub fn commit(&self) -> Result<(), KafkaError> {
        self.wait(|deliveries| deliveries.failed.load(Ordering::SeqCst))?;
        self.retried(|| self.producer.commit_transaction(self.timeout))
    }

    /// End the transaction with nothing published. What is still under way must have been reported before: the call waits for the
    /// reports, and only a poll takes them.
    pub fn abort(&self) -> Result<(), KafkaError> {
        self.producer.purge(PurgeConfig::default().queue());
        if let Err(error) = self.drain() {
            tracing::debug!(%error, "aborting with records still under way");
        }
        self.retried(|| self.producer.abort_transaction(self.timeout))?;
        // Deliveries that the abort purged are not failures of the next transaction.
        drop(self.take_failure());
        Ok(())
    }

    /// Queue one record. A full queue is waited for, and a record that an empty one has no room for is too large. `n` names it where it is
    /// [refused](Self::take_refused).
    pub fn produce(&self, topic: &str, partition: i32, output: &Output, n: usize) -> Result<(), KafkaError> {
        let round = self.producer.context().round.load(Ordering::SeqCst);
        let mark = Box::new(Mark { round, n });
        let mut record: BaseRecord<'_, [u8], [u8], Box<Mark>> =
            BaseRecord::with_opaque_to(topic, mark).partition(partition);
        record.key = output.key.as_deref();
        record.payload = output.value.as_deref();
        record.timestamp = output.timestamp_ms.map(written_ms);
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
        let deadline = now() + self.timeout;
        loop {
            let is_empty = self.producer.in_flight_count() == 0;
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) if is_empty => {
                    let error = KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge);
                    self.producer.context().note(n, &error);
                    return Err(error);
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    if now() > deadline {
                        return Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut));
                    }
                    self.producer.poll(DRAIN_PAUSE * 5);
                    record = back;
                }
                Err((error, _)) => {
                    self.producer.context().note(n, &error);
                    return Err(error);
                }
            }
        }
    }

    /// What was produced so far concerns nobody any more: reports that are still to come, as of records that waited for a broker and timed
    /// out, are none of what is produced from now on.
    pub fn forget(&self) {
        self.producer.context().round.fetch_add(1, Ordering::SeqCst);
        drop(self.take_failure());
        drop(self.take_refused());
    }

    /// Wait until every record is acknowledged or has failed. `flush` would wait in whole steps of 100 ms.
    pub fn drain(&self) -> Result<(), KafkaError> {
        self.wait(|_| false)
    }

    fn wait(&self, is_over: impl Fn(&Deliveries) -> bool) -> Result<(), KafkaError> {
        let deadline = now() + self.timeout;
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(Duration::ZERO);
            if is_over(self.producer.context()) {
                return Err(KafkaError::MessageProduction(RDKafkaErrorCode::PurgeQueue));
            }
            if now() > deadline {
                return Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut));
            }
            std::thread::sleep(DRAIN_PAUSE);
        }
        self.producer.poll(Duration::ZERO);
        Ok(())
    }

    /// What was denied or the first delivery that failed since the last call, with its topic.
    pub fn take_failure(&self) -> Option<(String, KafkaError)> {
        let deliveries = self.producer.context();
        let denied = deliveries.denied.lock().take();
        if let Some(topic) = denied {
            let error = KafkaError::MessageProduction(RDKafkaErrorCode::TopicAuthorizationFailed);
            return Some((topic, error));
        }
        if !deliveries.failed.swap(false, Ordering::SeqCst) {
            return None;
        }
        deliveries.first.lock().take()
    }

    /// The records that librdkafka or the brokers took for too large or invalid since the last call, each by the number it was given, and
    /// those that went with them.
    pub(super) fn take_refused(&self) -> RefusedRecords {
        std::mem::take(&mut *self.producer.context().refused.lock())
    }

    /// Whether the brokers say that a topic is not there. Where they do not answer it may be.
    pub fn lacks(&self, topic: &str) -> bool {
        let answer = self.producer.client().fetch_metadata(Some(topic), METADATA_MAX);
        let unknown = Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        answer.is_ok_and(|metadata| metadata.topics().iter().any(|known| known.error() == unknown))
    }

    /// Whether the producer has ended for good: it was fenced, above all.
    pub fn is_fatal(&self) -> bool {
        self.producer.client().fatal_error().is_some()
    }

    /// Whether the producer has ended since somebody took its transactional id up.
    pub fn is_fenced(&self) -> bool {
        let fatal = self.producer.client().fatal_error();
        fatal.is_some_and(|(code, _)| is_fenced(code))
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

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;

    use super::*;
    use crate::stage::Destination;

    /// A producer of an embedded broker that gives a record up after a second, and one record.
    fn at_least_once(properties: &[&str]) -> (MockCluster<'static, rdkafka::producer::DefaultProducerContext>, Writer) {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("out", 1, 1).unwrap();
        let mut settings: Vec<String> = properties.iter().map(|p| format!("kafka.properties.{p}")).collect();
        settings.extend([
            format!("kafka.brokers={}", cluster.bootstrap_servers()),
            "delivery=at-least-once".into(),
        ]);
        let config = Config::load(None, [], &settings).unwrap();
        let writer = Writer::start(&config, "id").unwrap();
        (cluster, writer)
    }

    fn output(bytes: usize) -> Output {
        Output {
            to: Destination::Enriched,
            partition: 0,
            key: None,
            value: Some(vec![b'x'; bytes]),
            headers: Vec::new(),
            timestamp_ms: None,
        }
    }

    #[test]
    fn what_fails_late_is_no_failure_of_the_next_batch() {
        let (cluster, mut writer) = at_least_once(&["message.timeout.ms=1500"]);
        writer.produce("out", 0, &output(1), 0).unwrap();
        writer.drain().unwrap();
        cluster.broker_down(1).unwrap();
        writer.produce("out", 0, &output(1), 1).unwrap();
        writer.timeout = Duration::from_millis(100);
        assert!(writer.drain().is_err(), "nobody answers");
        writer.forget();
        writer.timeout = Duration::from_secs(30);
        writer.drain().unwrap();
        assert_eq!(writer.take_failure(), None);
        // One of its own is.
        writer.produce("out", 0, &output(1), 2).unwrap();
        writer.drain().unwrap();
        let error = writer.take_failure().map(|(_, error)| error.rdkafka_error_code());
        assert_eq!(error, Some(Some(RDKafkaErrorCode::MessageTimedOut)));
    }

    #[test]
    fn no_poison_a_record_that_the_queue_has_no_room_for_is_too_large_and_not_waited_for() {
        let (_cluster, writer) = at_least_once(&["queue.buffering.max.kbytes=1000"]);
        for n in 0..4 {
            writer.produce("out", 0, &output(600_000), n).unwrap();
        }
        assert!(writer.produce("out", 0, &output(2_000_000), 4).is_err());
        assert_eq!(writer.take_refused().large, [4]);
        writer.drain().unwrap();
    }
}
