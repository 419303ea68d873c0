//! The memory topic, read to its end and followed from there.
//!
//! In: its records. Out: their entries. Always: what a stage wrote and cannot be read, or was made with other parameters, is a failure and is
//! not passed over; what no stage wrote is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::entry::{PARAMETERS_HEADER, parse};
use super::foreign::Foreign;
use crate::clock::now;
use crate::config::Config;
use crate::dedupe::PARAMETERS;
use crate::failure::Failure;
use crate::judge::MemoryEntry;
use crate::kafka::oauth::Tokens;
use crate::kafka::{ask, client, error, offsets, record, settings};

/// Longest silence of the broker while the memory is read to its end.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// Offsets of a partition that a look at the memory takes in: a transaction's marker has one too, and is no record.
const LOOK_AT: i64 = 20;

/// Reads all partitions of the topic; whoever reads has the consumer for as long.
pub(super) struct Follower {
    topic: String,
    partitions: i32,
    is_restored: AtomicBool,
    /// Tokens are handed over by polls.
    has_tokens: bool,
    foreign: Foreign,
    consumer: Mutex<BaseConsumer<client::Reasons>>,
}

impl Follower {
    /// Follow the topic from its beginning; nothing is read yet.
    pub(super) fn start(config: &Config, partitions: i32, foreign: Foreign) -> Result<Self, Failure> {
        let topic = config.dedupe.memory_topic.clone();
        let failed =
            |e: KafkaError| Failure::new(format!("could not read the memory `{topic}`: {e}{}", error::hint(&e)));
        let created = client::make_consumer(&settings::memory_consumer(config), client::Reasons::of(config));
        let consumer = created.map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            list.add_partition_offset(&topic, partition, Offset::Beginning)
                .map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Self {
            consumer: Mutex::new(consumer),
            partitions,
            is_restored: AtomicBool::new(false),
            has_tokens: Tokens::of(config).are_ours(),
            foreign,
            topic,
        })
    }

    /// The number of offsets that [`MemoryTail::look`](super::MemoryTail::look) tells.
    pub(super) fn last(&self) -> Result<i64, Failure> {
        self.last_within(SILENCE_MAX)
    }

    fn last_within(&self, wait_max: Duration) -> Result<i64, Failure> {
        let failed = |e: KafkaError| self.failed(&e);
        let consumer = self.consumer.lock();
        let (mut offsets, mut list, mut open) = (0, TopicPartitionList::new(), BTreeSet::new());
        for partition in 0..self.partitions {
            let (low, high) = ask::watermarks(&*consumer, &self.topic, partition).map_err(failed)?;
            if high > low {
                offsets += high - low;
                open.insert(partition);
                list.add_partition_offset(&self.topic, partition, Offset::OffsetTail(LOOK_AT))
                    .map_err(failed)?;
            }
        }
        consumer.assign(&list).map_err(failed)?;
        let started = now();
        while !open.is_empty() {
            if started.elapsed() > wait_max {
                return Err(self.silent(wait_max));
            }
            match consumer.poll(Duration::from_millis(100)) {
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(open.remove(&partition)),
                Some(polled) => self.take(polled, &mut drop)?,
                None => {}
            }
        }
        Ok(offsets)
    }

    /// What has come since the last look; waits for nothing.
    pub(super) fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure> {
        let consumer = self.consumer.lock();
        let mut entries = Vec::new();
        while let Some(polled) = consumer.poll(Duration::ZERO) {
            self.take(polled, &mut |entry| entries.push(entry))?;
        }
        Ok(entries)
    }

    fn failed(&self, e: &KafkaError) -> Failure {
        Failure::new(format!(
            "could not read the memory `{}`: {e}{}",
            self.topic,
            error::hint(e)
        ))
    }

    fn silent(&self, wait: Duration) -> Failure {
        let (topic, seconds) = (&self.topic, wait.as_secs());
        Failure::new(format!(
            "could not read the memory `{topic}` to its end: no answer for {seconds} s"
        ))
    }

    /// Read every partition to the end it has now.
    pub(super) fn read_to_end(&self, mut take: impl FnMut(MemoryEntry)) -> Result<(), Failure> {
        self.read_raw_to_end(|key, value| {
            parse(key, value)?.into_iter().for_each(&mut take);
            Ok(())
        })
    }

    /// The same, with the entries as they were read.
    pub(super) fn read_raw_to_end(
        &self,
        mut take: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), String>,
    ) -> Result<(), Failure> {
        let consumer = self.consumer.lock();
        let mut ends = BTreeMap::new();
        for partition in 0..self.partitions {
            let (low, high) = ask::watermarks(&*consumer, &self.topic, partition).map_err(|e| self.failed(&e))?;
            if high > low {
                ends.insert(partition, high);
            }
        }
        self.go_on_from_position(&consumer, &ends)?;
        let mut heard = now();
        while !ends.is_empty() {
            match consumer.poll(Duration::from_millis(100)) {
                None if heard.elapsed() > SILENCE_MAX => {
                    return Err(self.silent(SILENCE_MAX));
                }
                None => {}
                // Markers of transactions have offsets but are never delivered, so the end may also show as the end of partition.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    ends.remove(&partition);
                }
                Some(polled) => {
                    heard = now();
                    if let Ok(message) = &polled
                        && ends
                            .get(&message.partition())
                            .is_some_and(|end| message.offset() + 1 >= *end)
                    {
                        ends.remove(&message.partition());
                    }
                    self.take_raw(polled, &mut take)?;
                }
            }
        }
        Ok(())
    }

    /// Fetch again from where each partition stands. What was queued before is void then, above all the news of an end that
    /// was reached before the end was asked for.
    fn go_on_from_position(
        &self,
        consumer: &BaseConsumer<client::Reasons>,
        ends: &BTreeMap<i32, i64>,
    ) -> Result<(), Failure> {
        if !self.is_restored.swap(true, Ordering::SeqCst) {
            return Ok(()); // nothing is queued before the first read, and a partition that is not fetched yet cannot seek
        }
        let positions = consumer.position().map_err(|e| self.failed(&e))?;
        let elements = positions.elements();
        let read = elements.iter().filter(|e| ends.contains_key(&e.partition()));
        let target = offsets::or_beginning(&self.topic, read).map_err(|e| self.failed(&e))?;
        if target.count() > 0 {
            consumer
                .seek_partitions(target, SILENCE_MAX)
                .and_then(ask::each_without_error)
                .map_err(|e| self.failed(&e))?;
        }
        Ok(())
    }

    fn take(
        &self,
        polled: Result<BorrowedMessage<'_>, KafkaError>,
        into: &mut impl FnMut(MemoryEntry),
    ) -> Result<(), Failure> {
        self.take_raw(polled, &mut |key, value| {
            parse(key, value)?.into_iter().for_each(&mut *into);
            Ok(())
        })
    }

    fn take_raw(
        &self,
        polled: Result<BorrowedMessage<'_>, KafkaError>,
        into: &mut impl FnMut(&[u8], Option<&[u8]>) -> Result<(), String>,
    ) -> Result<(), Failure> {
        let message = match polled {
            Ok(message) => message,
            Err(KafkaError::PartitionEOF(_)) => return Ok(()),
            Err(e) if e.rdkafka_error_code().is_some_and(error::is_fatal) && !self.is_late_token(&e) => {
                return Err(self.failed(&e));
            }
            Err(e) => {
                tracing::warn!(error = %e, "following the memory goes on after an error");
                return Ok(());
            }
        };
        if self.foreign.has_message(&message) {
            return Ok(());
        }
        self.check_parameters(&message)?;
        let at = |why: String| {
            let place = format!(
                "`{}` [{}] at offset {}",
                self.topic,
                message.partition(),
                message.offset()
            );
            Failure::new(format!(
                "could not read the memory {place}: {why}\nhint: a stage wrote it, and it is damaged: name a new topic in `dedupe.memory_topic` (copies of articles seen before will \
                 pass once)"
            ))
        };
        into(message.key().unwrap_or_default(), message.payload()).map_err(at)
    }

    /// A connection ended with its token, before the next one was handed over.
    fn is_late_token(&self, e: &KafkaError) -> bool {
        self.has_tokens && e.rdkafka_error_code() == Some(RDKafkaErrorCode::Authentication)
    }

    /// A memory built with other parameters cannot be compared with what this build makes.
    fn check_parameters(&self, message: &BorrowedMessage<'_>) -> Result<(), Failure> {
        let Some(found) = record::header(message, PARAMETERS_HEADER) else {
            return Ok(());
        };
        if found == PARAMETERS.as_bytes() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the memory `{}` was built with the parameters `{}`, and this build makes `{PARAMETERS}`\n\
             hint: name a new topic in `dedupe.memory_topic` (copies of articles seen before the change will pass once), \
             or run the build that wrote it",
            self.topic,
            String::from_utf8_lossy(found)
        )))
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::ClientConfig;
    use rdkafka::message::{Header, OwnedHeaders};
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    use super::*;

    /// A cluster, and the configuration of a stage whose memory there is empty.
    fn an_empty_memory() -> (MockCluster<'static, DefaultProducerContext>, Config) {
        let cluster = MockCluster::new(1).unwrap();
        let mut config = Config::default();
        config.kafka.brokers = cluster.bootstrap_servers();
        cluster.create_topic(&config.dedupe.memory_topic, 1, 1).unwrap();
        (cluster, config)
    }

    fn producer(config: &Config) -> BaseProducer {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &config.kafka.brokers);
        client.create().unwrap()
    }

    #[test]
    fn a_partition_that_cannot_seek_is_not_passed_over() {
        let (_cluster, config) = an_empty_memory();
        let follower = Follower::start(&config, 1, Foreign::default()).unwrap();
        // A partition whose offset is refused is fetched no more, and cannot seek.
        let mut settings = settings::memory_consumer(&config);
        settings.set("auto.offset.reset", "error");
        let consumer = client::make_consumer(&settings, client::Reasons::of(&config)).unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&follower.topic, 0, Offset::Offset(100))
            .unwrap();
        consumer.assign(&list).unwrap();
        let is_refused = |e: &KafkaError| e.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset);
        let started = now();
        while !consumer
            .poll(Duration::from_millis(100))
            .is_some_and(|polled| polled.is_err_and(|e| is_refused(&e)))
        {
            assert!(started.elapsed() < Duration::from_secs(30), "it is not refused");
        }
        let ends = BTreeMap::from([(0, 1)]);
        let sought = || follower.go_on_from_position(&consumer, &ends);
        assert!(sought().is_ok(), "nothing is sought at first");
        let failure = sought().unwrap_err();
        assert!(failure.message.starts_with("could not read the memory"), "{failure}");
    }

    #[test]
    fn no_poison_what_no_stage_wrote_is_passed_over_and_what_one_wrote_is_not() {
        let (_cluster, config) = an_empty_memory();
        let (producer, topic) = (producer(&config), &config.dedupe.memory_topic);
        let publish = |key: &str, value: &[u8], parameters: Option<&str>| {
            let headers = parameters.map(|value| {
                let (key, value) = (PARAMETERS_HEADER, Some(value));
                OwnedHeaders::new().insert(Header { key, value })
            });
            let record = BaseRecord::to(topic).key(key).payload(value);
            let record = headers.into_iter().fold(record, BaseRecord::headers);
            producer.send(record).map_err(|(e, _)| e).unwrap();
            producer.flush(SILENCE_MAX).unwrap();
        };
        let entry = br#"{"id":"a","time_ms":1,"kind":"unique"}"#;
        let read = || {
            let (foreign, mut read) = (Foreign::default(), 0);
            let follower = Follower::start(&config, 1, foreign.clone()).unwrap();
            let ended = follower.read_to_end(|_| read += 1);
            (ended.map_err(|failure| failure.message), read, foreign.count())
        };
        publish("k", br#"{"oops":1}"#, None);
        publish("raw/0/1/0", &[&entry[..], b"\n"].concat(), Some(PARAMETERS));
        publish("raw/0/2/0", b"\xff", None);
        assert_eq!(read(), (Ok(()), 1, 2));
        publish("k", br#"{"oops":1}"#, Some(PARAMETERS));
        let (ended, ..) = read();
        assert!(ended.unwrap_err().contains("its key is not an origin"));
    }

    #[test]
    fn a_memory_that_gives_no_answer_is_not_called_readable() {
        let (cluster, config) = an_empty_memory();
        let (producer, topic) = (producer(&config), &config.dedupe.memory_topic);
        producer.send(BaseRecord::<_, ()>::to(topic).key("raw/1/2/0")).unwrap();
        producer.flush(SILENCE_MAX).unwrap();
        let look = |seconds| {
            let follower = Follower::start(&config, 1, Foreign::default()).unwrap();
            follower
                .last_within(Duration::from_secs(seconds))
                .map_err(|f| f.message)
        };
        assert_eq!(look(30), Ok(1));
        let away = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR; 1_000];
        cluster.request_errors(RDKafkaApiKey::Fetch, &away);
        let expected = format!("could not read the memory `{topic}` to its end: no answer for 2 s");
        assert_eq!(look(2), Err(expected));
    }
}
