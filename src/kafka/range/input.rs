//! Ranges as they are read: each partition from its own queue, merged by record time.
//!
//! In: the messages of each partition. Out: its records, or that its range is over. Always: a range is read to its end, or the failure is
//! told; what is never delivered (a transaction's marker) holds nothing up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::{ANSWER_MAX, POLL_MAX, RangeConsumer, RangeReader};
use crate::article::Record;
use crate::clock::now;
use crate::failure::Failure;
use crate::kafka::ask;
use crate::kafka::client::Reasons;
use crate::kafka::error;
use crate::kafka::record::record;
use crate::replay::{Merge, Range};

/// Longest silence of a partition that has more to give.
const SILENCE_MAX: Duration = Duration::from_mins(2);

/// Records between two looks at the client's own events, while partitions give one after another: a new token may be asked for.
const SERVED_EVERY: u32 = 1024;

impl RangeReader {
    /// Hand every record of these ranges to `take`, in their order, until it says that it has enough.
    pub fn read(&self, ranges: &[Range], mut take: impl FnMut(Record) -> bool) -> Result<(), Failure> {
        let mut input = self.open(ranges)?;
        while !input.is_done() {
            if let Some(record) = input.next(POLL_MAX)?
                && !take(record)
            {
                break;
            }
        }
        Ok(())
    }

    /// Begin to read these ranges.
    pub(in crate::kafka) fn open(&self, ranges: &[Range]) -> Result<RangeInput, Failure> {
        let ranges: Vec<&Range> = ranges.iter().filter(|r| !r.is_empty()).collect();
        let failed = |e: KafkaError| self.failed("start to read the ranges", &e);
        let mut list = TopicPartitionList::new();
        let mut lanes = BTreeMap::new();
        for range in &ranges {
            list.add_partition_offset(&self.topic, range.partition, Offset::Offset(range.from))
                .map_err(failed)?;
            // Split off before the assignment: what is fetched then goes to the partition's queue from the first record on.
            let queue = self.consumer.split_partition_queue(&self.topic, range.partition);
            let lane = Lane {
                queue: queue.ok_or_else(|| Failure::new("could not make a queue for a partition"))?,
                next: range.from,
                end: range.to,
                reported: Reported::Nothing,
                silent_since: None,
            };
            lanes.insert(range.partition, lane);
        }
        self.consumer.assign(&list).map_err(failed)?;
        Ok(RangeInput {
            consumer: Arc::clone(&self.consumer),
            topic: Arc::clone(&self.topic),
            merge: Merge::new(lanes.keys().copied()),
            lanes,
            given: 0,
            silence_max: SILENCE_MAX,
        })
    }
}

/// What a partition says when it is asked.
pub(in crate::kafka) enum Polled {
    /// Nothing within the time.
    Nothing,
    /// Its range is over.
    End,
    Record(Record),
}

/// All partitions, merged.
pub(in crate::kafka) struct RangeInput {
    consumer: Arc<RangeConsumer>,
    topic: Arc<str>,
    lanes: BTreeMap<i32, Lane>,
    merge: Merge<Record>,
    /// Records given, which tells when the client's own events are to be served.
    given: u32,
    silence_max: Duration,
}

impl RangeInput {
    /// The next record of all; `None` when none came within the time, or at the end.
    pub(super) fn next(&mut self, wait: Duration) -> Result<Option<Record>, Failure> {
        while let Some(partition) = self.merge.lacks() {
            if !self.ask(partition, wait)? {
                return Ok(None);
            }
        }
        Ok(self.merge.take())
    }

    /// Whether all ranges are over, and all their records were given.
    pub(super) fn is_done(&self) -> bool {
        self.merge.is_done()
    }

    /// Ask a partition for its next record or its end; false when it said nothing within the time.
    fn ask(&mut self, partition: i32, wait: Duration) -> Result<bool, Failure> {
        match self.poll(partition, wait)? {
            Polled::Nothing => return Ok(false),
            Polled::End => self.merge.end(partition),
            Polled::Record(record) => self.merge.offer(partition, record.timestamp_ms.unwrap_or(0), record),
        }
        Ok(true)
    }

    /// The next record of one partition, whatever the others have.
    pub(in crate::kafka) fn poll(&mut self, partition: i32, wait: Duration) -> Result<Polled, Failure> {
        let Some(lane) = self.lanes.get_mut(&partition).filter(|lane| lane.next < lane.end) else {
            return Ok(Polled::End);
        };
        match lane.queue.poll(wait) {
            None => {
                // Events of the client are served here.
                drop(self.consumer.poll(Duration::ZERO));
                lane.heed_silence(&self.topic, partition, self.silence_max)?;
                Ok(Polled::Nothing)
            }
            // Fetched before the last seek, and stale.
            Some(Ok(message)) if message.offset() < lane.next => Ok(Polled::Nothing),
            Some(Ok(message)) if message.offset() >= lane.end => {
                self.pause(partition);
                Ok(Polled::End)
            }
            Some(Ok(message)) => {
                let record = record(&self.topic, &message);
                lane.next = record.origin.offset + 1;
                lane.reported = Reported::Nothing;
                lane.silent_since = None;
                self.given = self.given.wrapping_add(1);
                if self.given.is_multiple_of(SERVED_EVERY) {
                    drop(self.consumer.poll(Duration::ZERO));
                }
                Ok(Polled::Record(record))
            }
            Some(Err(KafkaError::PartitionEOF(_))) => self.at_end(partition),
            Some(Err(e)) => self.trouble(partition, &e).map(|()| Polled::Nothing),
        }
    }

    /// Fetch no more of a partition whose range is over.
    pub(super) fn pause(&self, partition: i32) {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, partition);
        if let Err(error) = self.consumer.pause(&list) {
            tracing::debug!(%error, partition, "could not pause a partition that is read");
        }
    }

    /// The partition's end was reported before the range's. Markers of transactions are never delivered, so the range may well be over;
    /// but a broker that has just taken over may not know the end yet. It is over when the end is reported again from here, after the
    /// broker was seen to have all of the range.
    fn at_end(&mut self, partition: i32) -> Result<Polled, Failure> {
        let lane = self.lanes.get_mut(&partition);
        let Some(lane) = lane.filter(|lane| !matches!(lane.reported, Reported::Covered)) else {
            return Ok(Polled::End);
        };
        let failed = |e: KafkaError| {
            Failure::new(format!(
                "could not make sure of the end of `{}` [{partition}]: {e}",
                self.topic
            ))
        };
        let (_, high) = ask::watermarks(&self.consumer, &self.topic, partition).map_err(failed)?;
        if high >= lane.end {
            lane.reported = Reported::Covered;
        } else {
            lane.reported = Reported::Early(high);
            lane.heed_silence(&self.topic, partition, self.silence_max)?;
        }
        let next = Offset::Offset(lane.next);
        let sought = self.consumer.seek(&self.topic, partition, next, ANSWER_MAX);
        sought.map(|()| Polled::Nothing).map_err(failed)
    }

    fn trouble(&self, partition: i32, e: &KafkaError) -> Result<(), Failure> {
        let code = e.rdkafka_error_code();
        let is_gone = matches!(
            code,
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange)
        );
        if !is_gone && !matches!(e, KafkaError::MessageConsumptionFatal(_)) && !code.is_some_and(error::is_fatal) {
            tracing::warn!(error = %e, "reading goes on after an error");
            return Ok(());
        }
        let next = self.lanes.get(&partition).map_or(0, |lane| lane.next);
        let hint = if is_gone {
            "\nhint: retention has taken records of the range while it was read; give the topic a longer `retention.ms`"
        } else {
            error::hint(e)
        };
        Err(Failure::new(format!(
            "could not read `{}` [{partition}] at offset {next}: {e}{hint}",
            self.topic
        )))
    }
}

/// One partition's part of the input.
struct Lane {
    queue: PartitionQueue<Reasons>,
    next: i64,
    end: i64,
    reported: Reported,
    /// Since when it has been asked in vain.
    silent_since: Option<Instant>,
}

/// The end of a partition that was reported before the range's.
#[derive(Debug, Clone, Copy)]
enum Reported {
    /// None.
    Nothing,
    /// The broker has not all of the range: it ends here.
    Early(i64),
    /// The broker has all of the range, and is asked again.
    Covered,
}

impl Lane {
    /// Nothing has come: fail where that has been so for too long.
    fn heed_silence(&mut self, topic: &str, partition: i32, silence_max: Duration) -> Result<(), Failure> {
        if self.silent_since.get_or_insert_with(now).elapsed() <= silence_max {
            return Ok(());
        }
        let (next, end) = (self.next, self.end);
        let why = match self.reported {
            Reported::Early(high) => format!(
                "the topic ends at {high}, the range at {end}\n\
                 hint: was the topic made again, or has a broker without its last records become its leader?"
            ),
            Reported::Nothing | Reported::Covered => format!("no answer for {} s", silence_max.as_secs()),
        };
        Err(Failure::new(format!(
            "could not read `{topic}` [{partition}] from offset {next}: {why}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::ClientConfig;
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};

    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn a_range_beyond_the_end_of_its_topic_fails_after_a_while() {
        let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1).unwrap();
        cluster.create_topic("raw", 1, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", &brokers).create().unwrap();
        for _ in 0..3 {
            producer.send(BaseRecord::to("raw").key("a").payload("{}")).unwrap();
        }
        producer.flush(ANSWER_MAX).unwrap();
        let mut config = Config::default();
        config.kafka.brokers = brokers;
        let range = Range::of(0, 0..5);
        let read = move || {
            let mut input = RangeReader::connect(&config, "raw", "test")?.open(&[range])?;
            input.silence_max = Duration::from_secs(1);
            let (started, mut count) = (now(), 0);
            while started.elapsed() < Duration::from_secs(20) {
                count += i32::from(input.next(POLL_MAX)?.is_some());
            }
            Ok(count)
        };
        let read: Result<i32, Failure> = tokio::task::spawn_blocking(read).await.unwrap();
        let words = read.unwrap_err().message;
        assert!(
            words.contains("`raw` [0] from offset 3: the topic ends at 3, the range at 5"),
            "{words}"
        );
    }
}
