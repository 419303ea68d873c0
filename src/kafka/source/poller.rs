//! The poll thread.
//!
//! In: records and events of the client. Out: batches, to the stage. Always: polling goes on while the stage has no room, and while what is
//! in flight at the end is waited for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::sync::mpsc;

use super::InputConsumer;
use super::rebalance::COMMITTED_TIMEOUT;
use super::shared::Shared;
use super::until_end::UntilEnd;
use crate::clock::now;
use crate::config::Config;
use crate::decode::packed::weight;
use crate::failure::Failure;
use crate::kafka::ask::each_without_error;
use crate::kafka::record::record;
use crate::kafka::{error, offsets};
use crate::replay::Earlier;
use crate::stage::Batch;

/// How long the poll loop waits for a full queue to empty before it pauses the partitions. Pausing discards librdkafka's
/// read-ahead, so a short wait is cheaper; waiting much longer would hold up a rebalance.
const PAUSE_AFTER: Duration = Duration::from_millis(500);

/// Shortest wait in one poll, while a batch that is due by time waits for those before it.
const POLL_MIN: Duration = Duration::from_millis(2);

/// A batch that is not full is handed over only while at most this many are in flight: one is committed while the next is worked on.
const BEFORE_PARTIAL_MAX: usize = 1;

/// Longest wait in one poll: bounds how late a stop is seen.
const POLL_MAX: Duration = Duration::from_millis(100);

/// The poll thread's own state.
pub(super) struct Poller {
    shared: Arc<Shared>,
    consumer: Arc<InputConsumer>,
    sender: Option<mpsc::Sender<Batch>>,
    topic: Arc<str>,
    records_max: usize,
    bytes_max: usize,
    wait_max: Duration,
    /// How far the run goes, where it ends by itself.
    until_end: Option<UntilEnd>,
    number: u64,
    epoch: u64,
    full_since: Option<Instant>,
    /// Partitions were paused since the last batch was handed over.
    has_paused: bool,
    /// The group keeps its partitions for it over a restart.
    is_static: bool,
}

/// What the poll loop does next.
enum Step {
    Go,
    /// The process is to end, and may come back.
    Stop,
    /// All is read.
    End,
}

impl Poller {
    pub(super) fn new(
        config: &Config,
        shared: Arc<Shared>,
        consumer: Arc<InputConsumer>,
        sender: mpsc::Sender<Batch>,
        until_end: Option<UntilEnd>,
    ) -> Self {
        Self {
            shared,
            consumer,
            sender: Some(sender),
            topic: config.input.topic.as_str().into(),
            records_max: config.batch.records_max,
            bytes_max: config.batch.bytes_max.0 as usize,
            wait_max: Duration::from_millis(config.batch.wait_ms_max.into()),
            until_end,
            number: 0,
            epoch: 1,
            full_since: None,
            has_paused: false,
            is_static: !config.kafka.group_instance_id.is_empty(),
        }
    }

    pub(super) fn run(mut self) {
        let is_over = loop {
            self.shared.metrics.polled();
            match self.step() {
                Ok(Step::Go) => {}
                Ok(Step::Stop) => break false,
                Ok(Step::End) => break true,
                Err(failure) => {
                    // Told when the channel closes, or when nobody is left to wait for: the stage may have no room for it now.
                    *self.shared.failure.lock() = Some(failure);
                    break false;
                }
            }
        };
        self.drain();
        // A static member that comes back goes without a word (KIP-345): the group keeps its partitions for as long as its session lasts.
        if is_over || !self.is_static {
            self.leave();
        }
        if !self.shared.is_idle() {
            self.shared.abandoned.notify_one();
        }
    }

    fn step(&mut self) -> Result<Step, Failure> {
        if self.shared.is_stopped() {
            return Ok(Step::Stop);
        }
        let epoch = self.shared.epoch();
        if epoch != self.epoch {
            if !self.rewind()? {
                // No broker answers. A group that has gone on meanwhile is heard of by polling; what comes is read again.
                drop(self.consumer.poll(POLL_MAX));
                return Ok(Step::Go);
            }
            self.epoch = epoch;
            self.shared.sought(epoch);
        }
        if !self.is_due() {
            self.resume();
            self.poll()?;
        } else if !self.hand_over() {
            self.hold_back()?;
        }
        let end = self.until_end.as_mut();
        let is_over = end.is_some_and(|end| end.is_reached(&self.shared, &self.consumer, self.epoch));
        Ok(if is_over { Step::End } else { Step::Go })
    }

    /// Whether the batch should be handed over. One that is not full waits for those before it: where commits are slower than records
    /// come, batches would else stand in line, each with a commit of its own to wait for.
    fn is_due(&self) -> bool {
        let collecting = self.shared.collecting.lock();
        let has_waited = collecting.since.is_some_and(|since| since.elapsed() >= self.wait_max);
        collecting.records.len() >= self.records_max
            || collecting.bytes >= self.bytes_max
            || (has_waited && self.shared.in_flight() <= BEFORE_PARTIAL_MAX)
    }

    /// Give the batch to the stage; false when the stage has no room.
    fn hand_over(&mut self) -> bool {
        let Some(Ok(permit)) = self.sender.as_ref().map(mpsc::Sender::try_reserve) else {
            return false;
        };
        let mut collecting = self.shared.collecting.lock();
        let records = std::mem::take(&mut collecting.records);
        self.shared.metrics.handed_over(&records);
        collecting.bytes = 0;
        collecting.since = None;
        self.number += 1;
        permit.send(Batch {
            number: self.number,
            epoch: self.epoch,
            assignment: self.shared.assignment(),
            records,
            earlier: Earlier::default(),
            lease: self.shared.lease(),
        });
        drop(collecting);
        self.resume();
        true
    }

    /// No batch waits for room: it was handed over, or went with an abort or a rebalance. What was paused for it is fetched again. Some
    /// may be paused though not all are: a rebalance in between brought others.
    fn resume(&mut self) {
        self.full_since = None;
        if std::mem::take(&mut self.has_paused) {
            self.shared.collecting.lock().all_paused = false;
            self.each_assigned("resume", Consumer::resume);
            self.shared.metrics.paused(0);
        }
    }

    /// The stage has no room: wait a little, then pause the partitions and go on polling for the group's sake.
    fn hold_back(&mut self) -> Result<(), Failure> {
        if self.sender.as_ref().is_none_or(mpsc::Sender::is_closed) {
            self.shared.stop();
            return Ok(());
        }
        let since = *self.full_since.get_or_insert_with(now);
        if since.elapsed() < PAUSE_AFTER {
            std::thread::sleep(Duration::from_millis(2));
            return Ok(());
        }
        let is_new = !std::mem::replace(&mut self.shared.collecting.lock().all_paused, true);
        if is_new {
            self.has_paused = true;
            self.each_assigned("pause", Consumer::pause);
            self.shared.metrics.paused(self.shared.collecting.lock().assigned.len());
        }
        self.receive(Duration::from_millis(10))
    }

    fn each_assigned(&self, what: &str, apply: impl Fn(&InputConsumer, &TopicPartitionList) -> Result<(), KafkaError>) {
        if let Err(error) = apply(&self.consumer, &self.assigned()) {
            tracing::warn!(%error, what, "could not pause or resume the partitions");
        }
    }

    fn assigned(&self) -> TopicPartitionList {
        offsets::list(&self.topic, self.shared.collecting.lock().assigned.iter().copied())
    }

    fn poll(&mut self) -> Result<(), Failure> {
        let left = self
            .shared
            .collecting
            .lock()
            .since
            .map_or(POLL_MAX, |since| self.wait_max.saturating_sub(since.elapsed()));
        self.receive(left.clamp(POLL_MIN, POLL_MAX))
    }

    /// Take one record or event.
    fn receive(&mut self, timeout: Duration) -> Result<(), Failure> {
        match self.consumer.poll(timeout) {
            None => Ok(()),
            Some(Ok(message)) => {
                let record = record(&self.topic, &message);
                let (partition, next) = (record.origin.partition, record.origin.offset + 1);
                let mut collecting = self.shared.collecting.lock();
                if self
                    .until_end
                    .as_ref()
                    .is_some_and(|end| end.is_before(partition, next))
                {
                    // Written after the start: not part of this run.
                    collecting.at_end.insert(partition);
                    return Ok(());
                }
                collecting.readings.read(partition, record.origin.offset);
                collecting.bytes += weight(&record);
                collecting.records.push(record);
                if collecting.since.is_none() {
                    collecting.since = Some(now());
                }
                Ok(())
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.shared.collecting.lock().at_end.insert(partition);
                Ok(())
            }
            Some(Err(e)) => self.failed(&e),
        }
    }

    fn failed(&self, e: &KafkaError) -> Result<(), Failure> {
        let code = e.rdkafka_error_code();
        if matches!(e, KafkaError::MessageConsumptionFatal(_)) || code.is_some_and(error::is_fatal) {
            return Err(error::failure(format!("could not read from `{}`: {e}", self.topic), e));
        }
        if code != Some(RDKafkaErrorCode::NoError) {
            // The client's context has told it.
            tracing::debug!(error = %e, "reading goes on after an error");
        }
        Ok(())
    }

    /// Read again what was not committed: seek every assigned partition to its committed offset. `false` where no broker answers, and it
    /// is to be tried again.
    fn rewind(&mut self) -> Result<bool, Failure> {
        self.shared.collecting.lock().clear();
        let assigned = self.assigned();
        if assigned.count() == 0 {
            return Ok(true);
        }
        let failed = |e: KafkaError| {
            Failure::new(format!(
                "could not go back to the committed offsets of `{}`: {e}{}",
                self.topic,
                error::hint(&e)
            ))
        };
        let is_passing = |e: &KafkaError| !e.rdkafka_error_code().is_none_or(error::is_fatal);
        let committed = match self.consumer.context().committed(&self.consumer, &assigned) {
            Err(e) if is_passing(&e) || self.shared.is_stopped() => {
                tracing::warn!(error = %e, "the committed offsets are not told yet, asking again");
                return Ok(false);
            }
            committed => committed.map_err(failed)?,
        };
        let target = offsets::or_beginning(&self.topic, &committed.elements()).map_err(failed)?;
        let sought = self
            .consumer
            .seek_partitions(target, COMMITTED_TIMEOUT)
            .and_then(each_without_error);
        match sought {
            Ok(_) => {
                let mut collecting = self.shared.collecting.lock();
                self.shared.begins(&mut collecting, &committed);
                Ok(true)
            }
            Err(e) if is_passing(&e) => {
                tracing::warn!(error = %e, "could not go back to the committed offsets yet, trying again");
                Ok(false)
            }
            Err(e) => Err(failed(e)),
        }
    }

    /// Let what is in flight finish, within the bound.
    fn drain(&mut self) {
        self.shared.has_ended.store(true, Ordering::SeqCst);
        self.sender = None;
        let deadline = self.shared.ends_by();
        while !self.shared.is_idle() {
            if now() >= deadline {
                tracing::warn!("what was in flight at the end is void and will be read again");
                self.shared.is_given_up.store(true, Ordering::SeqCst);
                self.shared.void_in_flight();
                break;
            }
            self.shared.metrics.polled();
            // Polling goes on, so that a rebalance is served; what arrives is not part of any batch.
            drop(self.consumer.poll(Duration::from_millis(10)));
        }
        self.shared.collecting.lock().clear();
    }

    /// Give all partitions back.
    fn leave(&self) {
        self.consumer.unsubscribe();
        // The revocation is served by a poll; the group is told when the client closes.
        let deadline = now() + Duration::from_secs(1);
        while now() < deadline && !self.shared.collecting.lock().assigned.is_empty() {
            drop(self.consumer.poll(Duration::from_millis(20)));
        }
    }
}
