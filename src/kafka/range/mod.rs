//! Ranges of a topic: partitions assigned, not joined; one order by record time in; batches out.
//!
//! In: offsets from and to of each partition. Out: their records once, merged by (time, partition), in batches; then the end. Always: no
//! group is joined, so nobody else's offsets move; the order is that of [`Merge`] whatever the broker answers first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;

use super::client::{self, Reasons};
use super::earlier::EarlierOutputs;
use super::error;
use super::record::{record, size};
use super::sink::Group;
use crate::article::Record;
use crate::clock::now;
use crate::config::Config;
use crate::failure::Failure;
use crate::replay::{Bound, Earlier, Lost, Merge, Note, Partition, Range, Recorded};
use crate::stage::{Batch, Lease, Source};

/// Longest wait in one poll: bounds how late a stop is seen.
const POLL_MAX: Duration = Duration::from_millis(100);

/// Longest wait for a broker's answer about offsets.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Longest silence of a partition that has more to give.
const SILENCE_MAX: Duration = Duration::from_mins(2);

/// Records between two looks at the client's own events, while partitions give one after another: a new token may be asked for.
const SERVED_EVERY: u32 = 1024;

type RangeConsumer = BaseConsumer<Reasons>;

/// A topic, as a reader of ranges sees it. Waits for the broker in every call.
pub struct RangeReader {
    consumer: Arc<RangeConsumer>,
    config: Config,
    topic: Arc<str>,
    group: String,
    /// The topic's partitions.
    pub partitions: BTreeSet<i32>,
}

impl std::fmt::Debug for RangeReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RangeReader")
    }
}

impl RangeReader {
    /// Look at a topic. `group` is the one that keeps the reader's progress, if any; it is not joined.
    pub fn connect(config: &Config, topic: &str, group: &str) -> Result<Self, Failure> {
        Self::connect_beside(config, topic, group, 1)
    }

    /// The same for one of several readers that share the bound on what is read ahead.
    pub fn connect_beside(config: &Config, topic: &str, group: &str, readers: usize) -> Result<Self, Failure> {
        let reasons = Reasons::of(config);
        let failed = |e: KafkaError| {
            let (brokers, reason) = (&config.kafka.brokers, reasons.last());
            Failure::new(format!(
                "could not look at `{topic}` at `{brokers}`: {e}{reason}{}",
                error::hint(&e)
            ))
        };
        let looker = client::make_consumer(&client::admin(config), reasons.clone()).map_err(failed)?;
        let metadata = looker.fetch_metadata(Some(topic), Duration::from_secs(10));
        // The reasons wait in the client's queue until somebody polls.
        while metadata.is_err() && looker.poll(Duration::ZERO).is_some() {}
        let metadata = metadata.map_err(failed)?;
        let found = metadata.topics().first().map_or(&[][..], |t| t.partitions());
        let partitions: BTreeSet<i32> = found.iter().map(rdkafka::metadata::MetadataPartition::id).collect();
        if partitions.is_empty() {
            let message = format!("topic `{topic}` does not exist at `{}`", config.kafka.brokers);
            return Err(Failure::new(message));
        }
        let settings = client::range_consumer(config, group, partitions.len() * readers);
        let consumer = Arc::new(client::make_consumer(&settings, Reasons::of(config)).map_err(failed)?);
        Ok(Self {
            consumer,
            config: config.clone(),
            topic: topic.into(),
            group: group.to_owned(),
            partitions,
        })
    }

    fn failed(&self, what: &str, e: &KafkaError) -> Failure {
        Failure::new(format!("could not {what} of `{}`: {e}{}", self.topic, error::hint(e)))
    }

    /// What the broker knows of each of these partitions, for two bounds.
    pub fn survey(
        &self,
        chosen: &BTreeSet<i32>,
        from: &Bound,
        to: &Bound,
    ) -> Result<BTreeMap<i32, Partition>, Failure> {
        // The bounds first: what is written in between lies behind them.
        let (from_told, to_told) = (self.answers(chosen, from)?, self.answers(chosen, to)?);
        let mut known = BTreeMap::new();
        for partition in chosen {
            let (low, high) = client::watermarks(&self.consumer, &self.topic, *partition)
                .map_err(|e| self.failed("read the ends", &e))?;
            let partition_known = Partition {
                low,
                high,
                from: from_told.get(partition).copied(),
                to: to_told.get(partition).copied(),
                reaches_back: false,
            };
            known.insert(*partition, partition_known);
        }
        if let Bound::Time(ms) = from {
            let found = self.first_at(*ms, from_told, &known)?;
            let reaching_back = self.without_older(*ms, &known)?;
            for (partition, known) in &mut known {
                known.from = found.get(partition).copied();
                known.reaches_back = reaching_back.contains(partition);
            }
        }
        if let Bound::Time(ms) = to {
            let found = self.first_at(*ms, to_told, &known)?;
            for (partition, known) in &mut known {
                known.to = found.get(partition).copied();
            }
        }
        Ok(known)
    }

    /// The first record at or after a time, in each partition that has one. The broker's answer may be the marker of a transaction, which
    /// has the time of its writing, and records of older times may follow it: so the records from there on are looked at.
    fn first_at(
        &self,
        ms: i64,
        told: BTreeMap<i32, i64>,
        known: &BTreeMap<i32, Partition>,
    ) -> Result<BTreeMap<i32, i64>, Failure> {
        let mut found = BTreeMap::new();
        let range = |(partition, offset): (i32, i64)| {
            let Partition { low, high, .. } = known.get(&partition).copied().unwrap_or_default();
            Range {
                partition,
                from: offset.clamp(low, high),
                to: high,
                lost: Lost::Nothing,
            }
        };
        let ranges: Vec<Range> = told.into_iter().map(range).filter(|range| !range.is_empty()).collect();
        if ranges.is_empty() {
            return Ok(found);
        }
        let scanner = Self::connect(&self.config, &self.topic, &self.group)?;
        let mut input = scanner.open(&ranges)?;
        for Range { partition, .. } in ranges {
            loop {
                match input.poll(partition, POLL_MAX)? {
                    Told::Nothing => {}
                    Told::End => break,
                    Told::Record(record) if record.timestamp_ms.is_some_and(|time| time < ms) => {}
                    Told::Record(record) => {
                        found.insert(partition, record.origin.offset);
                        break;
                    }
                }
            }
            input.pause(partition);
        }
        Ok(found)
    }

    /// The partitions of which something was deleted and no record that is there is older than a time: what was deleted may belong to it.
    /// The offset for the time does not tell, since markers of transactions may stand before the first record.
    fn without_older(&self, ms: i64, known: &BTreeMap<i32, Partition>) -> Result<BTreeSet<i32>, Failure> {
        let range = |(partition, known): (&i32, &Partition)| Range {
            partition: *partition,
            from: known.low,
            to: known.high,
            lost: Lost::Nothing,
        };
        let ranges = known.iter().filter(|(_, known)| known.low > 0).map(range);
        let ranges: Vec<Range> = ranges.filter(|range| !range.is_empty()).collect();
        let mut found = BTreeSet::new();
        if ranges.is_empty() {
            return Ok(found);
        }
        let scanner = Self::connect(&self.config, &self.topic, &self.group)?;
        let mut input = scanner.open(&ranges)?;
        for Range { partition, .. } in ranges {
            let has_older = loop {
                match input.poll(partition, POLL_MAX)? {
                    Told::Nothing => {}
                    Told::End => break false,
                    Told::Record(record) => break record.timestamp_ms.is_some_and(|time| time < ms),
                }
            };
            if !has_older {
                found.insert(partition);
            }
            input.pause(partition);
        }
        Ok(found)
    }

    /// The offsets that only the broker can tell for a bound; a partition without an answer is left out.
    fn answers(&self, chosen: &BTreeSet<i32>, bound: &Bound) -> Result<BTreeMap<i32, i64>, Failure> {
        let told = match bound {
            Bound::Time(ms) => {
                let mut times = TopicPartitionList::new();
                for partition in chosen {
                    // A negative number would mean an end of the partition.
                    times
                        .add_partition_offset(&self.topic, *partition, Offset::Offset((*ms).max(0)))
                        .map_err(|e| self.failed("ask for times", &e))?;
                }
                let found = self.consumer.offsets_for_times(times, ANSWER_MAX);
                found.map_err(|e| self.failed("find the offsets for a time", &e))?
            }
            Bound::Group(group) => {
                let settings = client::range_consumer(&self.config, group, 1);
                let created = client::make_consumer(&settings, Reasons::of(&self.config));
                let other: RangeConsumer = created.map_err(|e| self.failed("ask a group about offsets", &e))?;
                let what = format!("read the offsets that group `{group}` has committed");
                committed(&other, &self.topic, chosen).map_err(|e| self.failed(&what, &e))?
            }
            _ => return Ok(BTreeMap::new()),
        };
        let number = |offset| match offset {
            Offset::Offset(n) => Some(n),
            _ => None,
        };
        let elements = told.elements();
        Ok(elements
            .iter()
            .filter_map(|e| Some((e.partition(), number(e.offset())?)))
            .collect())
    }

    /// Progress on record: for each partition the next offset, and the note that was kept with it.
    pub fn notes(&self) -> Result<BTreeMap<i32, (i64, Note)>, Failure> {
        let list = committed(&self.consumer, &self.topic, &self.partitions)
            .map_err(|e| self.failed("read the progress of the run in the ranges", &e))?;
        let note = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            let Offset::Offset(next) = element.offset() else {
                return None;
            };
            Some((element.partition(), (next, Note::parse(element.metadata())?)))
        };
        Ok(list.elements().iter().filter_map(note).collect())
    }

    /// Read these ranges, until `stop` is set at the latest; beside them what an earlier run made of them, if it is wanted.
    pub fn start(
        &self,
        ranges: &[Range],
        progress: &Arc<Progress>,
        pace: Pace,
        stop: &Arc<AtomicBool>,
        beside: Option<Beside>,
    ) -> Result<RangeSource, Failure> {
        let (sender, batches) = mpsc::channel(1);
        let collector = Collector {
            input: self.open(ranges)?,
            sender,
            stop: Arc::clone(stop),
            progress: Arc::clone(progress),
            pace,
            throttle: pace.records_per_second.map(Throttle::new),
            beside,
            records_max: self.config.batch.records_max,
            bytes_max: self.config.batch.bytes_max.0 as usize,
            wait_max: Duration::from_millis(self.config.batch.wait_ms_max.into()),
            number: 0,
        };
        let thread = std::thread::Builder::new()
            .name("range".into())
            .spawn(move || collector.run())
            .map_err(|e| Failure::new(format!("could not start the reading thread: {e}")))?;
        Ok(RangeSource {
            batches: tokio::sync::Mutex::new(batches),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hand every record of these ranges to `take`, in their order, until it says that it has enough.
    pub fn read(&self, ranges: &[Range], mut take: impl FnMut(Record) -> bool) -> Result<(), Failure> {
        let mut input = self.open(ranges)?;
        while !input.merge.is_done() {
            if let Some(record) = input.next(POLL_MAX)?
                && !take(record)
            {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn open(&self, ranges: &[Range]) -> Result<Input, Failure> {
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
        Ok(Input {
            consumer: Arc::clone(&self.consumer),
            topic: Arc::clone(&self.topic),
            merge: Merge::new(lanes.keys().copied()),
            lanes,
            given: 0,
            silence_max: SILENCE_MAX,
        })
    }
}

fn committed(
    consumer: &RangeConsumer,
    topic: &str,
    partitions: &BTreeSet<i32>,
) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(topic, *partition);
    }
    client::committed(consumer, &list)
}

/// How fast, and how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// Records that are read at most.
    pub limit: Option<u64>,
    /// Records in a second at most.
    pub records_per_second: Option<u32>,
}

impl Pace {
    /// The pace of a run that has read so many records before.
    #[must_use]
    pub fn after(self, records: u64) -> Self {
        Self {
            limit: self.limit.map(|limit| limit.saturating_sub(records)),
            ..self
        }
    }
}

/// Keeps records to so many a second. What was missed in a slow spell is made up for a second's worth at most, so that no burst follows it.
#[derive(Debug)]
struct Throttle {
    records_per_second: u32,
    /// When the next records are due.
    due: Option<Instant>,
}

impl Throttle {
    const MADE_UP_MAX: Duration = Duration::from_secs(1);

    fn new(records_per_second: u32) -> Self {
        Self {
            records_per_second,
            due: None,
        }
    }

    /// When so many records may go that are ready now; the ones after them are due later by their share of a second.
    fn admit(&mut self, records: usize, now: Instant) -> Instant {
        let made_up_from = now.checked_sub(Self::MADE_UP_MAX).unwrap_or(now);
        let due = self.due.unwrap_or(now).max(made_up_from);
        self.due = Some(due + Duration::from_secs_f64(records as f64 / f64::from(self.records_per_second)));
        due
    }
}

/// What is read beside a range: an earlier run's outputs, and the verdicts on record.
#[derive(Debug)]
pub struct Beside {
    /// The outputs.
    pub outputs: EarlierOutputs,
    /// The verdicts that the judge will give again.
    pub recorded: Arc<Recorded>,
}

/// How far a run is: what its commits keep beside the offsets.
pub struct Progress {
    consumer: Arc<RangeConsumer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    notes: BTreeMap<i32, Note>,
    /// (partition, next offset) → records of the partition that are settled then.
    counts: BTreeMap<(i32, i64), u64>,
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progress")
    }
}

impl Progress {
    /// The progress of a run of which nothing is known yet.
    pub fn new(reader: &RangeReader) -> Self {
        Self {
            consumer: Arc::clone(&reader.consumer),
            state: Mutex::default(),
        }
    }

    /// The run stands here: for each partition the next offset, and what is kept with it.
    pub fn stand_at(&self, notes: &BTreeMap<i32, (i64, Note)>) {
        *self.state.lock() = State {
            counts: notes.iter().map(|(p, (next, note))| ((*p, *next), note.done)).collect(),
            notes: notes.iter().map(|(p, (_, note))| (*p, note.clone())).collect(),
        };
    }

    fn read(&self, records: &[Record]) {
        let mut state = self.state.lock();
        let counts = &mut state.counts;
        let mut fresh: BTreeMap<i32, (i64, u64)> = BTreeMap::new();
        for record in records {
            let entry = fresh.entry(record.origin.partition).or_default();
            *entry = (record.origin.offset + 1, entry.1 + 1);
        }
        for (partition, (next, count)) in fresh {
            let before = counts.range((partition, i64::MIN)..(partition, next)).next_back();
            let done = before.map_or(0, |(_, done)| *done);
            counts.insert((partition, next), done + count);
        }
    }
}

impl Group for Progress {
    fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        Consumer::group_metadata(&*self.consumer)
    }

    fn commit(&self, offsets: &TopicPartitionList) -> Result<(), KafkaError> {
        Consumer::commit(&*self.consumer, offsets, CommitMode::Sync)
    }

    fn note(&self, partition: i32, next: i64) -> Option<String> {
        let mut state = self.state.lock();
        let done = *state.counts.get(&(partition, next))?;
        // Commits come in order: what lies before is not asked for again.
        state.counts.retain(|(p, n), _| *p != partition || *n >= next);
        let note = state.notes.get(&partition)?.clone();
        Some(Note { done, ..note }.to_text())
    }
}

/// Batches of ranges, until their end.
#[derive(Debug)]
pub struct RangeSource {
    batches: tokio::sync::Mutex<mpsc::Receiver<Result<Batch, Failure>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Source for RangeSource {
    async fn next_batch(&self) -> Result<Option<Batch>, Failure> {
        if let Some(batch) = self.batches.lock().await.recv().await {
            return batch.map(Some);
        }
        // The thread has let go of the channel: at its end, or in a panic, which must not look like one.
        let thread = self.thread.lock().take();
        match thread.map(JoinHandle::join) {
            Some(Err(_)) => Err(Failure::new("the thread that reads the ranges panicked")),
            _ => Ok(None),
        }
    }

    async fn rewind(&self) -> Result<(), Failure> {
        Err(Failure::new(
            "a replay is taken up again from its progress, not rewound",
        ))
    }

    fn epoch(&self) -> u64 {
        1
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

/// What a partition says when it is asked.
pub(super) enum Told {
    /// Nothing within the time.
    Nothing,
    /// Its range is over.
    End,
    Record(Record),
}

/// All partitions, merged.
pub(super) struct Input {
    consumer: Arc<RangeConsumer>,
    topic: Arc<str>,
    lanes: BTreeMap<i32, Lane>,
    merge: Merge<Record>,
    /// Records given, which tells when the client's own events are to be served.
    given: u32,
    silence_max: Duration,
}

impl Input {
    /// The next record of all; `None` when none came within the time, or at the end.
    fn next(&mut self, wait: Duration) -> Result<Option<Record>, Failure> {
        while let Some(partition) = self.merge.lacks() {
            if !self.ask(partition, wait)? {
                return Ok(None);
            }
        }
        Ok(self.merge.take())
    }

    /// Ask a partition for its next record or its end; false when it said nothing within the time.
    fn ask(&mut self, partition: i32, wait: Duration) -> Result<bool, Failure> {
        match self.poll(partition, wait)? {
            Told::Nothing => return Ok(false),
            Told::End => self.merge.end(partition),
            Told::Record(record) => self.merge.offer(partition, record.timestamp_ms.unwrap_or(0), record),
        }
        Ok(true)
    }

    /// The next record of one partition, whatever the others have.
    pub(super) fn poll(&mut self, partition: i32, wait: Duration) -> Result<Told, Failure> {
        let Some(lane) = self.lanes.get_mut(&partition).filter(|lane| lane.next < lane.end) else {
            return Ok(Told::End);
        };
        match lane.queue.poll(wait) {
            None => {
                // Events of the client are served here.
                drop(self.consumer.poll(Duration::ZERO));
                lane.heed_silence(&self.topic, partition, self.silence_max)?;
                Ok(Told::Nothing)
            }
            // Came before a seek.
            Some(Ok(message)) if message.offset() < lane.next => Ok(Told::Nothing),
            Some(Ok(message)) if message.offset() >= lane.end => {
                self.pause(partition);
                Ok(Told::End)
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
                Ok(Told::Record(record))
            }
            Some(Err(KafkaError::PartitionEOF(_))) => self.at_end(partition),
            Some(Err(e)) => self.trouble(partition, &e).map(|()| Told::Nothing),
        }
    }

    /// Fetch no more of a partition whose range is over.
    fn pause(&self, partition: i32) {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, partition);
        if let Err(error) = self.consumer.pause(&list) {
            tracing::debug!(%error, partition, "could not pause a partition that is read");
        }
    }

    /// The partition's end was reported before the range's. Markers of transactions are never delivered, so the range may well be over;
    /// but a broker that has just taken over may not know the end yet. It is over when the end is reported again from here, after the
    /// broker was seen to have all of the range.
    fn at_end(&mut self, partition: i32) -> Result<Told, Failure> {
        let lane = self.lanes.get_mut(&partition);
        let Some(lane) = lane.filter(|lane| !matches!(lane.reported, Reported::Covered)) else {
            return Ok(Told::End);
        };
        let failed = |e: KafkaError| {
            Failure::new(format!(
                "could not make sure of the end of `{}` [{partition}]: {e}",
                self.topic
            ))
        };
        let (_, high) = client::watermarks(&self.consumer, &self.topic, partition).map_err(failed)?;
        if high >= lane.end {
            lane.reported = Reported::Covered;
        } else {
            lane.reported = Reported::Early(high);
            lane.heed_silence(&self.topic, partition, self.silence_max)?;
        }
        let next = Offset::Offset(lane.next);
        let sought = self.consumer.seek(&self.topic, partition, next, ANSWER_MAX);
        sought.map(|()| Told::Nothing).map_err(failed)
    }

    fn trouble(&self, partition: i32, e: &KafkaError) -> Result<(), Failure> {
        let code = e.rdkafka_error_code();
        let is_gone = matches!(
            code,
            Some(
                rdkafka::error::RDKafkaErrorCode::AutoOffsetReset | rdkafka::error::RDKafkaErrorCode::OffsetOutOfRange
            )
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

/// The reading thread's own state.
struct Collector {
    input: Input,
    sender: mpsc::Sender<Result<Batch, Failure>>,
    stop: Arc<AtomicBool>,
    progress: Arc<Progress>,
    pace: Pace,
    throttle: Option<Throttle>,
    beside: Option<Beside>,
    records_max: usize,
    bytes_max: usize,
    wait_max: Duration,
    number: u64,
}

impl Collector {
    fn run(mut self) {
        let mut count = 0;
        let records_max = self.records_at_once();
        loop {
            let left = self.pace.limit.map_or(u64::MAX, |limit| limit - count);
            let collected = self.collect(records_max.min(usize::try_from(left).unwrap_or(usize::MAX)));
            let result = match collected {
                Ok((records, _)) if records.is_empty() => return,
                Ok((records, earlier)) => {
                    count += records.len() as u64;
                    self.hold_pace(records.len());
                    self.progress.read(&records);
                    self.number += 1;
                    Ok(Batch {
                        number: self.number,
                        epoch: 1,
                        assignment: 0,
                        records,
                        earlier,
                        lease: Lease::new(|| ()),
                    })
                }
                Err(failure) => Err(failure),
            };
            let is_over = result.is_err();
            // A closed channel means that the stage has ended.
            if self.sender.blocking_send(result).is_err() || is_over {
                return;
            }
        }
    }

    /// Told to stop, or left by the stage.
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst) || self.sender.is_closed()
    }

    /// With a bound on the pace, batches of a quarter of a second, so that it is even.
    fn records_at_once(&self) -> usize {
        let even = self
            .pace
            .records_per_second
            .map_or(usize::MAX, |n| (n / 4).max(1) as usize);
        self.records_max.min(even)
    }

    /// Records up to the bounds of a batch, with what an earlier run made of them; none at the end.
    fn collect(&mut self, records_max: usize) -> Result<(Vec<Record>, Earlier), Failure> {
        let (mut records, mut bytes, mut since) = (Vec::new(), 0, None);
        let mut earlier = Earlier::new(
            self.beside
                .as_ref()
                .map_or_else(Arc::default, |b| Arc::clone(&b.recorded)),
        );
        while records.len() < records_max && bytes < self.bytes_max && !self.input.merge.is_done() {
            if self.is_stopped() {
                return Ok((Vec::new(), Earlier::default()));
            }
            let waited = since.map_or(Duration::ZERO, |since: Instant| since.elapsed());
            if since.is_some() && waited >= self.wait_max {
                break;
            }
            let wait = if since.is_some() {
                self.wait_max.saturating_sub(waited)
            } else {
                POLL_MAX
            };
            if let Some(record) = self.input.next(wait.min(POLL_MAX))? {
                let Some(outputs) = self.beside(&record)? else {
                    return Ok((Vec::new(), Earlier::default()));
                };
                bytes += size(&record) + outputs.iter().map(Vec::len).sum::<usize>();
                earlier.insert(&record, outputs);
                records.push(record);
                since = since.or_else(|| Some(now()));
            }
        }
        Ok((records, earlier))
    }

    /// What an earlier run made of a record; `None` when told to stop.
    fn beside(&mut self, record: &Record) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        let Some(Beside { outputs, .. }) = &mut self.beside else {
            return Ok(Some(Vec::new()));
        };
        let (stop, sender) = (&self.stop, &self.sender);
        outputs.of(record, &|| stop.load(Ordering::SeqCst) || sender.is_closed())
    }

    /// Wait until so many records may go.
    fn hold_pace(&mut self, records: usize) {
        let Some(due) = self.throttle.as_mut().map(|throttle| throttle.admit(records, now())) else {
            return;
        };
        while !self.is_stopped() && now() < due {
            std::thread::sleep(due.saturating_duration_since(now()).min(POLL_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::ClientConfig;
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};

    use super::*;

    #[tokio::test]
    async fn a_reading_thread_that_panics_is_no_end() {
        for (panics, expected) in [
            (false, Ok(())),
            (true, Err("the thread that reads the ranges panicked".into())),
        ] {
            let (sender, batches) = mpsc::channel(1);
            let thread = std::thread::spawn(move || {
                let _sender = sender;
                assert!(!panics, "as the test wants it");
            });
            let source = RangeSource {
                batches: tokio::sync::Mutex::new(batches),
                thread: Mutex::new(Some(thread)),
            };
            let told = source.next_batch().await.map(|batch| assert!(batch.is_none()));
            assert_eq!(told.map_err(|failure| failure.message), expected);
        }
    }

    #[test]
    fn a_slow_spell_is_made_up_for_a_second_at_most() {
        let (start, mut throttle) = (now(), Throttle::new(100));
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut admit = |ms: u64| throttle.admit(25, at(ms));
        // Batches of a quarter of a second's worth, as fast as they can be had.
        assert_eq!([0, 0, 250, 500].map(&mut admit), [at(0), at(250), at(500), at(750)]);
        // A little late: the next ones make up for it.
        assert_eq!([1_200, 1_200, 1_250].map(&mut admit), [at(1_000), at(1_250), at(1_500)]);
        // A minute without records: a hundred are let go at once, and not six thousand.
        let burst = [61_500; 7].map(&mut admit);
        assert_eq!(burst.iter().filter(|due| **due < at(61_500)).count(), 4);
        assert_eq!(burst[5..], [at(61_750), at(62_000)]);
    }

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
        let range = Range {
            partition: 0,
            from: 0,
            to: 5,
            lost: Lost::Nothing,
        };
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
