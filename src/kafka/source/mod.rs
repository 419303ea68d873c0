//! The consumer: partitions in, batches out.
//!
//! A thread of its own polls, since a rebalance is served by the thread that polls and must be able to wait there:
//!
//! 1. *assigned*: the committed offsets are read, fetching starts from them, and the next batch says that the assignment is new. What a
//!    dead owner left open is ended first: see [`members`](super::members);
//! 2. *revoked*: what was collected of the partitions is dropped, what is in flight is waited for, at most `kafka.drain_ms_max`;
//! 3. what is still in flight then is void (its epoch is over), and the sink refuses it;
//! 4. *lost* (the group went on without us): void at once;
//! 5. a partition that stays is read again from its committed offset after 3 and 4.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, Statistics, TopicPartitionList};
use tokio::sync::{Notify, mpsc};

use super::client::{self, Authenticated, each_without_error};
use super::error;
use super::lost::Lost;
use super::members::Members;
use super::oauth::Tokens;
use crate::article::{Origin, Record, UNREADABLE_HEADERS};
use crate::clock::now;
use crate::config::Config;
use crate::failure::Failure;
use crate::replay::Earlier;
use crate::stage::{Batch, Lease, Source};
use crate::telemetry::Metrics;

/// How long the poll loop waits for a full queue to empty before it pauses the partitions. Pausing discards librdkafka's
/// read-ahead, so a short wait is cheaper; waiting much longer would hold up a rebalance.
const PAUSE_AFTER: Duration = Duration::from_millis(500);

/// Shortest wait in one poll, while a batch that is due by time waits for those before it.
const POLL_MIN: Duration = Duration::from_millis(2);

/// Batches in flight with which one that is not full is handed over: one is committed while the next is worked on.
const BEFORE_PARTIAL_MAX: usize = 1;

/// Longest wait in one poll: bounds how late a stop is seen.
const POLL_MAX: Duration = Duration::from_millis(100);

/// Longest wait for the group coordinator's word on committed offsets. A pending transaction of the partition's last owner holds
/// it up until the broker ends that transaction.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest part of that wait before it is seen whether the stage was told to stop, and what a former member left open is ended again.
const COMMITTED_PART: Duration = Duration::from_secs(4);

/// Longest wait for the first offsets of partitions that came; without them, what is gone is told a little later.
const FIRST_TIMEOUT: Duration = Duration::from_secs(5);

/// As many offsets at the end of an empty partition may have been markers of transactions.
const MARKERS_MAX: i64 = 8;

/// Pause before they are asked for again.
const COMMITTED_PAUSE: Duration = Duration::from_millis(100);

/// How often a run to the end asks how far the group is.
const GROUP_EVERY: Duration = Duration::from_millis(500);

/// Longest silence of other members before a run to the end goes without them. A member that died while it joined holds the group
/// for the rebalance time-out, which is `max.poll.interval.ms` (5 minutes), and one that died otherwise for its session.
const HANGING_MAX: Duration = Duration::from_mins(6);

/// The consumer type that source and sink share.
pub type InputConsumer = BaseConsumer<Context>;

/// What the poll thread, the rebalance callback and the stage share.
#[derive(Debug)]
struct Shared {
    epoch: AtomicU64,
    /// The epoch that the poll thread reads for: until it has gone back to the committed offsets it is behind.
    sought: AtomicU64,
    assignment: AtomicU64,
    in_flight: Mutex<usize>,
    landed: Condvar,
    stop: AtomicBool,
    /// The bound of the last wait has passed: what is in flight is void, and is waited for no more.
    is_given_up: AtomicBool,
    /// The poll thread has ended with something in flight.
    abandoned: Notify,
    /// The poll thread has come to its end, and did not fall out of its work by a panic.
    has_ended: AtomicBool,
    /// Why the poll thread ended, where it was not told to.
    failure: Mutex<Option<Failure>>,
    /// Read by the callback, which runs inside the poll thread's own call.
    collecting: Mutex<Collecting>,
    metrics: Arc<Metrics>,
    drain_max: Duration,
}

/// The batch being collected, and the partitions it is collected from.
#[derive(Debug, Default)]
struct Collecting {
    records: Vec<Record>,
    bytes: usize,
    since: Option<Instant>,
    assigned: BTreeSet<i32>,
    /// Partitions that were read to the end that the run was given.
    at_end: BTreeSet<i32>,
    /// Every assigned partition is paused. A rebalance brings partitions that are not.
    all_paused: bool,
    /// What the topic forgot before it was read.
    lost: Lost,
}

impl Collecting {
    fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
        self.since = None;
        self.at_end.clear();
    }

    fn drop_partitions(&mut self, gone: &BTreeSet<i32>) {
        self.records.retain(|r| !gone.contains(&r.origin.partition));
        self.bytes = self.records.iter().map(size).sum();
        if self.records.is_empty() {
            self.since = None;
        }
        self.assigned.retain(|p| !gone.contains(p));
        self.at_end.retain(|p| !gone.contains(p));
        for p in gone {
            self.lost.forget(*p);
        }
    }
}

/// Bytes of a record's key and value, as a batch counts them.
pub(crate) fn size(record: &Record) -> usize {
    record.value.as_ref().map_or(0, Vec::len) + record.key.as_ref().map_or(0, Vec::len)
}

impl Shared {
    /// Partitions are read from these offsets on, for the first time or again.
    fn begins(&self, collecting: &mut Collecting, start: &TopicPartitionList) {
        for element in start.elements() {
            let next = element.offset().to_raw().filter(|offset| *offset >= 0);
            self.metrics.begins(element.partition(), next);
            collecting.lost.begins(element.partition(), next);
        }
    }

    /// A lease on one batch: counted until it is dropped.
    fn lease(self: &Arc<Self>) -> Lease {
        *self.in_flight.lock() += 1;
        let shared = Arc::clone(self);
        Lease::new(move || {
            *shared.in_flight.lock() -= 1;
            shared.landed.notify_all();
        })
    }

    /// Wait until nothing is in flight; false when `bound` passed first. Waiting is a sign of life.
    fn drain(&self, bound: Duration) -> bool {
        let deadline = now() + bound;
        let mut in_flight = self.in_flight.lock();
        while *in_flight > 0 && now() < deadline {
            self.metrics.polled();
            let wait = deadline.saturating_duration_since(now()).min(Duration::from_secs(1));
            self.landed.wait_for(&mut in_flight, wait);
        }
        *in_flight == 0
    }

    fn in_flight(&self) -> usize {
        *self.in_flight.lock()
    }

    fn is_idle(&self) -> bool {
        self.in_flight() == 0
    }

    fn void_in_flight(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// How the poll thread ended.
    fn ended(&self) -> Result<(), Failure> {
        let failure = self.failure.lock().take();
        match failure {
            Some(failure) => Err(failure),
            None if self.has_ended.load(Ordering::SeqCst) => Ok(()),
            None => Err(Failure::new("the thread that reads the input panicked".to_owned())),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// Serves rebalances and statistics.
#[derive(Debug)]
pub struct Context {
    shared: Arc<Shared>,
    topic: String,
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

    fn stats(&self, statistics: Statistics) {
        let is_up = |b: &&rdkafka::statistics::Broker| b.nodeid >= 0 && b.state == "UP";
        let brokers_up = statistics.brokers.values().filter(is_up).count();
        // Who has no partition knows the brokers and not the topic.
        let topic = statistics.topics.get(&self.topic);
        let read_ahead = topic.map_or(0, |topic| topic.partitions.values().map(|p| p.fetchq_size).sum());
        self.shared.metrics.client(read_ahead, brokers_up);
        let Some(topic) = topic else { return };
        let (assigned, collected): (_, BTreeSet<i32>) = {
            let collecting = self.shared.collecting.lock();
            let collected = collecting.records.iter().map(|record| record.origin.partition);
            (collecting.assigned.clone(), collected.collect())
        };
        // After an abort the client stands where it has read to, until it has gone back.
        let has_sought = self.shared.sought.load(Ordering::SeqCst) == self.shared.epoch.load(Ordering::SeqCst);
        for (partition, stats) in topic.partitions.iter().filter(|(p, _)| assigned.contains(p)) {
            let is_drained = stats.fetchq_cnt == 0;
            if is_drained && has_sought && stats.eof_offset >= stats.ls_offset {
                self.shared
                    .collecting
                    .lock()
                    .lost
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
        client::trouble("consumer", &error, reason);
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

/// The offsets of a list by partition, where they are numbers and no errors.
fn offsets(list: &TopicPartitionList) -> BTreeMap<i32, i64> {
    let number = |offset, error: Result<(), KafkaError>| match (offset, error) {
        (Offset::Offset(offset), Ok(())) => Some(offset),
        _ => None,
    };
    let elements = list.elements();
    let told = elements
        .iter()
        .filter_map(|element| Some((element.partition(), number(element.offset(), element.error())?)));
    told.collect()
}

impl Context {
    /// The group's members, with transactions.
    pub(super) fn members(&self) -> Option<&Members> {
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
    fn committed(
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

    /// The brokers have records of a partition from `first` on: what was not read before is lost.
    fn tell_lost(&self, partition: i32, first: i64, is_drained: bool) {
        let gone = self.shared.collecting.lock().lost.first(partition, first, is_drained);
        for (next, first) in gone {
            let records = first - next;
            tracing::error!(
                topic = self.topic,
                partition,
                next,
                first,
                records,
                "records are gone from the topic before they were read: they were kept for too short a time"
            );
            self.shared.metrics.lost(partition, records);
        }
    }

    /// Retention may have passed what the group has committed.
    fn look_for_lost(&self, consumer: &BaseConsumer<Self>, start: &TopicPartitionList) {
        let committed = offsets(start);
        let first = self.edges(consumer, committed.keys().copied(), Offset::Beginning);
        let gone = |partition: &i32, first: &i64| committed.get(partition).is_some_and(|next| next < first);
        let passed: BTreeMap<i32, i64> = first.into_iter().filter(|(p, first)| gone(p, first)).collect();
        let end = self.edges(consumer, passed.keys().copied(), Offset::End);
        for (partition, first) in passed {
            // What little lies between a last record and an end that nothing follows may be a transaction's marker.
            let next = committed[&partition];
            let is_empty = end.get(&partition).is_some_and(|end| *end <= first);
            if is_empty && first - next <= MARKERS_MAX {
                tracing::warn!(
                    partition,
                    next,
                    first,
                    "the partition is empty, and begins behind what was committed"
                );
                self.shared.collecting.lock().lost.begins(partition, Some(first));
            } else {
                self.tell_lost(partition, first, true);
            }
        }
    }

    /// The first or the last offset of each partition, as far as the brokers tell.
    fn edges(
        &self,
        consumer: &BaseConsumer<Self>,
        partitions: impl Iterator<Item = i32>,
        edge: Offset,
    ) -> BTreeMap<i32, i64> {
        let mut asked = TopicPartitionList::new();
        for partition in partitions {
            // In the place of a time.
            let added = asked.add_partition_offset(&self.topic, partition, edge);
            added.expect("an edge is an offset");
        }
        if asked.count() == 0 || self.shared.is_stopped() {
            return BTreeMap::new();
        }
        match consumer.offsets_for_times(asked, FIRST_TIMEOUT) {
            Ok(told) => offsets(&told),
            Err(error) => {
                tracing::debug!(%error, "the first and last offsets are not told yet");
                BTreeMap::new()
            }
        }
    }

    fn end_what_is_left(&self, consumer: &BaseConsumer<Self>) {
        if let Some(members) = self.members.as_ref().filter(|_| !self.shared.is_stopped()) {
            members.end_what_is_left(consumer, || self.shared.metrics.polled());
        }
    }

    /// Who dies later is known by its absence then. It may be a member for a moment only: each rebalance is an occasion.
    fn learn_members(&self, consumer: &BaseConsumer<Self>) {
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
        } else if lost || !self.shared.drain(self.shared.drain_max) {
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

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until it is told to stop.
    Stopped,
    /// To the end that each partition has at the start.
    End,
}

/// Batches from a consumer group.
pub struct KafkaSource {
    shared: Arc<Shared>,
    consumer: Arc<InputConsumer>,
    batches: tokio::sync::Mutex<mpsc::Receiver<Batch>>,
    /// Until the source subscribes.
    poller: Mutex<Option<Poller>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for KafkaSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KafkaSource")
    }
}

impl KafkaSource {
    /// Make the consumer; nothing is read before [`subscribe`](Self::subscribe).
    ///
    /// The members of a group know each other by their transactional ids.
    pub fn prepare(
        config: &Config,
        until: Until,
        transactional_id: &str,
        metrics: Arc<Metrics>,
    ) -> Result<Self, Failure> {
        let topic = config.input.topic.clone();
        let failed = |e: &KafkaError| {
            let on = format!("could not read from `{topic}` as group `{}`", config.kafka.group);
            Failure::new(format!("{on}: {e}{}", error::hint(e)))
        };
        let shared = Arc::new(Shared {
            epoch: AtomicU64::new(1),
            sought: AtomicU64::new(1),
            assignment: AtomicU64::new(0),
            in_flight: Mutex::new(0),
            landed: Condvar::new(),
            stop: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
            abandoned: Notify::new(),
            has_ended: AtomicBool::new(false),
            failure: Mutex::default(),
            collecting: Mutex::default(),
            metrics,
            drain_max: Duration::from_millis(config.kafka.drain_ms_max.into()),
        });
        let context = Context {
            shared: Arc::clone(&shared),
            topic: topic.clone(),
            tokens: Tokens::of(config),
            members: Members::new(config, transactional_id),
        };
        let mut settings = client::consumer(config);
        settings.set("statistics.interval.ms", "5000");
        if !config.kafka.properties.0.contains_key("client.id") {
            settings.set("client.id", transactional_id);
        }
        let consumer: Arc<InputConsumer> = Arc::new(client::make_consumer(&settings, context).map_err(|e| failed(&e))?);
        let ends = match until {
            Until::Stopped => None,
            Until::End => Some(end_offsets(&consumer, &topic).map_err(|e| failed(&e))?),
        };
        let (sender, batches) = mpsc::channel(1);
        let poller = Poller {
            shared: Arc::clone(&shared),
            consumer: Arc::clone(&consumer),
            sender: Some(sender),
            topic: topic.into(),
            records_max: config.batch.records_max,
            bytes_max: config.batch.bytes_max.0 as usize,
            wait_max: Duration::from_millis(config.batch.wait_ms_max.into()),
            ends,
            number: 0,
            epoch: 1,
            full_since: None,
            has_paused: false,
            group_asked: None,
            group_offsets: Vec::new(),
            group_moved: now(),
            group_silence_max: Duration::from_millis(config.kafka.session_timeout_ms.into()) * 2
                + Duration::from_secs(5),
            assignment: 0,
            is_static: !config.kafka.group_instance_id.is_empty(),
        };
        let (batches, poller) = (tokio::sync::Mutex::new(batches), Mutex::new(Some(poller)));
        Ok(Self {
            shared,
            consumer,
            batches,
            poller,
            thread: Mutex::new(None),
        })
    }

    /// Join the group and begin to collect. Apart from [`prepare`](Self::prepare), so that a stage asks for partitions only when
    /// it can work on them.
    pub fn subscribe(&self, config: &Config) -> Result<(), Failure> {
        let topic = &config.input.topic;
        self.consumer.subscribe(&[topic]).map_err(|e| {
            let on = format!("could not read from `{topic}` as group `{}`", config.kafka.group);
            Failure::new(format!("{on}: {e}{}", error::hint(&e)))
        })?;
        let poller = self.poller.lock().take().expect("a source subscribes once");
        let thread = std::thread::Builder::new()
            .name("poll".into())
            .spawn(move || poller.run())
            .map_err(|e| Failure::new(format!("could not start the poll thread: {e}")))?;
        *self.thread.lock() = Some(thread);
        Ok(())
    }

    /// Tells the running epoch, from any thread.
    pub fn epoch_of(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.epoch.load(Ordering::SeqCst)
    }

    /// The consumer, whose group metadata a transaction needs.
    pub fn consumer(&self) -> Arc<InputConsumer> {
        Arc::clone(&self.consumer)
    }

    /// A handle that tells the source to stop.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.shared))
    }

    /// Leave the group. Waits for the poll thread, which ends once nothing is in flight, or the bound for that has passed.
    pub fn close(&self) {
        self.stopper().stop();
        let thread = self.thread.lock().take();
        if thread.is_some_and(|t| t.join().is_err()) {
            tracing::error!("the poll thread panicked");
        }
    }
}

/// Tells a source to stop.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// Stop reading; what is in flight is finished.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::SeqCst);
    }
}

impl Source for KafkaSource {
    async fn next_batch(&self) -> Result<Option<Batch>, Failure> {
        let batch = self.batches.lock().await.recv().await;
        if batch.is_none() {
            self.shared.ended()?;
        }
        Ok(batch)
    }

    async fn rewind(&self) -> Result<(), Failure> {
        // The poll thread sees that the epoch is over and seeks.
        self.shared.void_in_flight();
        Ok(())
    }

    fn epoch(&self) -> u64 {
        self.shared.epoch.load(Ordering::SeqCst)
    }

    async fn abandoned(&self) -> Result<(), Failure> {
        self.shared.abandoned.notified().await;
        self.shared.ended()
    }
}

/// The poll thread's own state.
struct Poller {
    shared: Arc<Shared>,
    consumer: Arc<InputConsumer>,
    sender: Option<mpsc::Sender<Batch>>,
    topic: Arc<str>,
    records_max: usize,
    bytes_max: usize,
    wait_max: Duration,
    ends: Option<BTreeMap<i32, i64>>,
    number: u64,
    epoch: u64,
    full_since: Option<Instant>,
    /// Partitions were paused since the last batch was handed over.
    has_paused: bool,
    group_asked: Option<Instant>,
    group_offsets: Vec<i64>,
    group_moved: Instant,
    group_silence_max: Duration,
    /// The assignment that `group_moved` belongs to.
    assignment: u64,
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
    fn run(mut self) {
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
        let epoch = self.shared.epoch.load(Ordering::SeqCst);
        if epoch != self.epoch {
            if !self.rewind()? {
                // No broker answers. A group that has gone on meanwhile is heard of by polling; what comes is read again.
                drop(self.consumer.poll(POLL_MAX));
                return Ok(Step::Go);
            }
            self.epoch = epoch;
            self.shared.sought.store(epoch, Ordering::SeqCst);
        }
        if !self.is_due() {
            self.resume();
            self.poll()?;
        } else if !self.hand_over() {
            self.hold_back()?;
        }
        if self.is_at_end() { Ok(Step::End) } else { Ok(Step::Go) }
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
            assignment: self.shared.assignment.load(Ordering::SeqCst),
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
            self.shared.stop.store(true, Ordering::SeqCst);
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
        let mut list = TopicPartitionList::new();
        for partition in &self.shared.collecting.lock().assigned {
            list.add_partition(&self.topic, *partition);
        }
        list
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
                    .ends
                    .as_ref()
                    .and_then(|ends| ends.get(&partition))
                    .is_some_and(|end| next > *end)
                {
                    // Written after the start: not part of this run.
                    collecting.at_end.insert(partition);
                    return Ok(());
                }
                collecting.lost.read(partition, record.origin.offset);
                collecting.bytes += size(&record);
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
            tracing::warn!(error = %e, "reading goes on after an error");
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
        let mut target = TopicPartitionList::new();
        for element in committed.elements() {
            let offset = match element.offset() {
                Offset::Offset(n) => Offset::Offset(n),
                _ => Offset::Beginning,
            };
            target
                .add_partition_offset(&self.topic, element.partition(), offset)
                .map_err(failed)?;
        }
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

    /// A run to the end is over when every assigned partition is read, all of it is committed, nobody asked for a rewind, and the
    /// partitions of others are done too: a member that died holds its partitions until its session ends, and then they are ours.
    fn is_at_end(&mut self) -> bool {
        let Some(ends) = &self.ends else { return false };
        let collecting = self.shared.collecting.lock();
        let is_read = |p: &i32| collecting.at_end.contains(p) || ends.get(p).is_none_or(|end| *end == 0);
        let is_own_read = collecting.assigned.iter().all(is_read) && collecting.records.is_empty();
        drop(collecting);
        let is_settled = self.shared.is_idle() && self.shared.epoch.load(Ordering::SeqCst) == self.epoch;
        let has_joined = self.shared.assignment.load(Ordering::SeqCst) > 0;
        has_joined && is_own_read && is_settled && self.is_all_committed()
    }

    /// Whether the group has committed every partition up to its end. What lacks may also stay so: a transaction's marker at the
    /// very end is never committed past, and another member may hang. Then the run ends once nobody has moved for a while.
    fn is_all_committed(&mut self) -> bool {
        let Some(ends) = &self.ends else { return false };
        if ends.values().all(|end| *end == 0) {
            return true;
        }
        if self.group_asked.is_some_and(|asked| asked.elapsed() < GROUP_EVERY) {
            return false;
        }
        self.group_asked = Some(now());
        let mut list = TopicPartitionList::new();
        for partition in ends.keys() {
            list.add_partition(&self.topic, *partition);
        }
        let Ok(committed) = self.consumer.committed_offsets(list, Duration::from_secs(5)) else {
            return false;
        };
        let offset = |p: &i32| match committed.find_partition(&self.topic, *p).map(|e| e.offset()) {
            Some(Offset::Offset(next)) => next,
            _ => 0,
        };
        let offsets: Vec<i64> = ends.keys().map(offset).collect();
        let lacks: Vec<i32> = ends
            .iter()
            .zip(&offsets)
            .filter(|((_, end), next)| next < end)
            .map(|((partition, _), _)| *partition)
            .collect();
        let assignment = self.shared.assignment.load(Ordering::SeqCst);
        if offsets != self.group_offsets || assignment != self.assignment {
            self.group_offsets = offsets;
            self.assignment = assignment;
            self.group_moved = now();
        }
        let collecting = self.shared.collecting.lock();
        let are_ours = lacks.iter().all(|p| collecting.assigned.contains(p));
        drop(collecting);
        let others_max = HANGING_MAX.max(self.group_silence_max);
        let silence_max = if are_ours { self.group_silence_max } else { others_max };
        let is_silent = self.group_moved.elapsed() > silence_max;
        if is_silent && !are_ours {
            tracing::warn!(partitions = ?lacks, "ending though other members of the group have not finished theirs");
        }
        lacks.is_empty() || is_silent
    }

    /// Let what is in flight finish, within the bound.
    fn drain(&mut self) {
        self.shared.has_ended.store(true, Ordering::SeqCst);
        self.sender = None;
        let deadline = now() + self.shared.drain_max;
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

/// The ends of all partitions, as a `read_committed` reader sees them.
fn end_offsets(consumer: &InputConsumer, topic: &str) -> Result<BTreeMap<i32, i64>, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10))?;
    let partitions = metadata.topics().first().map_or(&[][..], |t| t.partitions());
    partitions
        .iter()
        .map(|p| Ok((p.id(), client::watermarks(consumer, topic, p.id())?.1)))
        .collect()
}

/// A message as a record of the stage.
pub(super) fn record(topic: &Arc<str>, message: &BorrowedMessage<'_>) -> Record {
    let origin = Origin {
        topic: Arc::clone(topic),
        partition: message.partition(),
        offset: message.offset(),
        position: 0,
    };
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        let one = |h: Header<'_, &[u8]>| (h.key.to_owned(), h.value.map(<[u8]>::to_vec));
        // The client panics at a name that is not UTF-8, and has no other way to read it.
        catch_unwind(AssertUnwindSafe(|| headers.iter().map(one).collect()))
            .unwrap_or_else(|_| vec![(UNREADABLE_HEADERS.to_owned(), None)])
    });
    Record {
        origin,
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers,
        timestamp_ms: message.timestamp().to_millis(),
    }
}
