//! The sink: one plan, one transaction.
//!
//! In: a plan. Out: all of it durable, or none of it. Always: a plan of an older epoch is refused, the transaction is open for the
//! commit only (so that a dead instance holds nobody up for long), and offsets go with the group's metadata (KIP-447), so that a
//! zombie is fenced.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use super::blocking::blocking;
use super::error::{Answer, answer, failure, is_fatal};
use super::memory;
use super::refusals::{self, Invalid, OF_THE_MEMORY};
use super::requests::Requests;
use super::source::InputConsumer;
use super::topics::Topics;
use super::writer::{Writer, not_started};
use crate::config::{Compression, Config, Delivery};
use crate::failure::Failure;
use crate::stage::{CommitError, Destination, Output, Plan, Sink};

/// How long a process that has just taken a transactional id up may need to become a member of the group.
const JOIN_WAIT: Duration = Duration::from_secs(1);

/// The group whose offsets a commit carries.
pub trait Group: Send + Sync {
    /// The group's state, which a transaction needs.
    fn group_metadata(&self) -> Option<ConsumerGroupMetadata>;
    /// Commit offsets without a transaction.
    fn commit(&self, offsets: &TopicPartitionList) -> Result<(), KafkaError>;
    /// Whether another member of the group may have the same transactional id.
    fn has_namesake(&self) -> bool {
        true
    }
    /// What is kept beside a partition's committed offset.
    fn note(&self, _partition: i32, _next: i64) -> Option<String> {
        None
    }
}

impl Group for InputConsumer {
    fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        Consumer::group_metadata(self)
    }

    fn commit(&self, offsets: &TopicPartitionList) -> Result<(), KafkaError> {
        Consumer::commit(self, offsets, CommitMode::Sync)
    }

    fn has_namesake(&self) -> bool {
        let members = self.context().members();
        members.is_none_or(|members| members.has_namesake(self))
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
    /// The producer of now; one that cannot go on is replaced.
    writer: Mutex<Arc<Writer>>,
    /// The producer cannot be used, and must be replaced before the next commit.
    is_spent: AtomicBool,
    /// Those of the next producer: they get smaller where a topic takes none of the usual size.
    requests: Mutex<Requests>,
    /// A batch's records go one by one, to see which of them is invalid.
    is_one_by_one: AtomicBool,
    /// How often in a row a broker took none as large of a batch's records.
    refusals: AtomicU32,
    config: Config,
    transactional_id: String,
    group: Arc<dyn Group>,
    delivery: Delivery,
    input: String,
    output: (String, i32),
    duplicates: (String, i32),
    dead_letters: (String, i32),
    memory: (String, i32),
}

impl KafkaSink {
    /// Make the producer and, for exactly-once, take up the transactional id: an open transaction of the process that had it
    /// before is aborted, and that process fenced.
    ///
    /// `epoch` tells the source's running epoch, `requests` how large those are that the topics are known to take.
    pub async fn start(
        config: &Config,
        topics: &Topics,
        transactional_id: String,
        group: Arc<dyn Group>,
        requests: Requests,
        epoch: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let (settings, id) = (requests.configured(config), transactional_id.clone());
        let writer = blocking(move || Writer::start(&settings, &id)).await??;
        let inner = Arc::new(Inner {
            writer: Mutex::new(Arc::new(writer)),
            is_spent: AtomicBool::new(false),
            requests: Mutex::new(requests),
            is_one_by_one: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            config: config.clone(),
            transactional_id,
            group,
            delivery: config.delivery,
            input: config.input.topic.clone(),
            output: (config.output.topic.clone(), topics.output),
            duplicates: (config.output.duplicates_topic.clone(), topics.duplicates),
            dead_letters: (config.output.dead_letters_topic.clone(), topics.dead_letters),
            memory: (config.dedupe.memory_topic.clone(), topics.memory),
        });
        Ok(Self {
            inner,
            epoch: Arc::new(epoch),
        })
    }

    /// How large the requests are that the topics are known to take.
    pub fn requests(&self) -> Requests {
        self.inner.requests()
    }
}

impl Sink for KafkaSink {
    async fn commit(&self, plan: Arc<Plan>) -> Result<(), CommitError> {
        let (inner, epoch) = (Arc::clone(&self.inner), Arc::clone(&self.epoch));
        let commit = tokio::task::spawn_blocking(move || {
            plan.check(epoch())?;
            match inner.delivery {
                Delivery::ExactlyOnce => inner.commit_transaction(&plan, &*epoch)?,
                Delivery::AtLeastOnce => inner.commit_after_acknowledgement(&plan)?,
            }
            inner.refusals.store(0, Ordering::SeqCst);
            inner.go_on_as_usual();
            Ok(())
        });
        commit
            .await
            .map_err(|e| Failure::new(format!("the committing thread failed: {e}")))?
    }

    fn idle(&self) {
        self.inner.writer().serve();
    }
}

impl Inner {
    fn commit_transaction(&self, plan: &Plan, epoch: &dyn Fn() -> u64) -> Result<(), CommitError> {
        let writer = self.live_writer()?;
        let done = writer.begin().and_then(|()| {
            self.produce_outputs(&writer, plan)?;
            self.produce_memory(&writer, plan)?;
            let group = self.group.group_metadata().ok_or(KafkaError::Canceled)?;
            // An instance that was thrown out and has joined again has a valid generation, so the brokers would take a plan of before that:
            // hence the epoch is checked here too.
            if plan.check(epoch()).is_err() {
                return Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::IllegalGeneration));
            }
            writer.send_offsets(&self.offsets(plan)?, &group)?;
            writer.commit()
        });
        let Err(error) = done else { return Ok(()) };
        let (topic, error) = writer.take_failure().unwrap_or((self.output.0.clone(), error));
        let what = self.describe(plan, &topic, &error);
        if writer.is_fenced() && self.is_fenced_in_passing() {
            self.renew(&what)?;
            return Err(CommitError::Abort(what));
        }
        if answer(&error) == Answer::Stop || writer.is_fatal() {
            return Err(CommitError::Stop(failure(what, &error)));
        }
        self.all_are_there(&writer, &what, &error)?;
        if let Err(e) = writer.abort() {
            let what = format!("{what}; and could not abort the transaction: {e}");
            if e.rdkafka_error_code().is_some_and(is_fatal) {
                return Err(CommitError::Stop(failure(what, &e)));
            }
            self.renew(&what)?;
        }
        self.after_abort(&writer, plan, what)?;
        self.commit_transaction(plan, epoch)
    }

    /// Whether we were fenced by mistake: a member that took us for dead used our transactional id once, to end our transaction. Another process
    /// with our name would join the group within [`JOIN_WAIT`]; if none does, we go on.
    fn is_fenced_in_passing(&self) -> bool {
        std::thread::sleep(JOIN_WAIT);
        !self.group.has_namesake()
    }

    /// Take the transactional id up again with a new producer, which ends the transaction of the old one. A broker that has ended it by
    /// itself, as it does while the brokers change, leaves the old producer in a state that it cannot get out of.
    /// Where the brokers do not answer, that is left to the next commit.
    fn renew(&self, why: &str) -> Result<(), CommitError> {
        tracing::warn!(why, "starting a new producer");
        self.is_spent.store(true, Ordering::SeqCst);
        let config = self.next_requests().configured(&self.config);
        let writer = Writer::take_up(&config, &self.transactional_id).map_err(|e| {
            let failure = not_started(&self.transactional_id, &e);
            let message = format!("{why}; and then {failure}");
            match answer(&e) {
                Answer::Stop => CommitError::Stop(Failure { message, ..failure }),
                Answer::Retry | Answer::Abort => CommitError::Abort(message),
            }
        })?;
        *self.writer.lock() = Arc::new(writer);
        self.is_spent.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// The producer, or a new one where the last could not be brought to an end.
    fn live_writer(&self) -> Result<Arc<Writer>, CommitError> {
        if self.is_spent.load(Ordering::SeqCst) {
            self.renew("the last producer could not end its transaction, or made requests of one record")?;
        }
        Ok(self.writer())
    }

    fn requests(&self) -> Requests {
        *self.requests.lock()
    }

    /// Those of the next producer.
    fn next_requests(&self) -> Requests {
        if self.is_one_by_one.load(Ordering::SeqCst) {
            Requests::Single
        } else {
            self.requests()
        }
    }

    /// Where records went one by one to see which is invalid, that is known: the next batch has a producer with requests as before.
    fn go_on_as_usual(&self) {
        if self.is_one_by_one.swap(false, Ordering::SeqCst) {
            self.is_spent.store(true, Ordering::SeqCst);
        }
    }

    /// What follows when a batch is aborted. `Ok` where it is to be tried once more as it is: by a new producer, which puts fewer records into a
    /// request. Else why it must be read again.
    fn after_abort(&self, writer: &Writer, plan: &Plan, what: String) -> Result<(), CommitError> {
        let refused = writer.take_refused();
        if !refused.large.is_empty() {
            self.after_large(plan, refused.large, &what)
        } else if !refused.invalid.is_empty() {
            self.after_invalid(plan, refused.invalid, &refused.innocent, &what)
        } else {
            Err(CommitError::Abort(what))
        }
    }

    /// Some records are called invalid. Where it is not known which of them are meant, all go one by one.
    fn after_invalid(
        &self,
        plan: &Plan,
        called: Vec<Invalid>,
        innocent: &[usize],
        what: &str,
    ) -> Result<(), CommitError> {
        let proven = if self.next_requests() == Requests::Single {
            called
        } else {
            refusals::invalid(plan, called, innocent, |output| self.topic(output.to).1)
        };
        if !proven.is_empty() {
            self.go_on_as_usual();
            return Err(refusals::refuse_invalid(plan, &proven, what));
        }
        self.is_one_by_one.store(true, Ordering::SeqCst);
        self.renew(&format!(
            "{what}\nhint: one of the records that went together is refused; they are tried one by one"
        ))
    }

    /// Some requests were too large. Where no record was alone in one, they get smaller.
    fn after_large(&self, plan: &Plan, large: Vec<usize>, what: &str) -> Result<(), CommitError> {
        let requests = self.next_requests();
        let proven = refusals::too_large(plan, &large, requests.alone(&self.config.kafka.properties.0));
        if proven.is_empty() && requests != Requests::Single {
            *self.requests.lock() = requests.smaller();
            return self.renew(&format!(
                "{what}\nhint: a topic takes no request of `kafka.properties.batch.size` bytes; from now on they are smaller, which is slower"
            ));
        }
        // The records behind one that is refused have no numbers that follow on, and the brokers take none of this producer's.
        self.renew(what)?;
        let mut large = if proven.is_empty() { large } else { proven };
        let refusals = self.refusals.fetch_add(1, Ordering::SeqCst) + 1;
        let is_packed = self.config.output.compression != Compression::None;
        if !is_packed && refusals >= refusals::TRIES_MAX {
            large = refusals::with_as_large(plan, large);
        }
        Err(refusals::refuse_large(plan, &large, what))
    }

    fn writer(&self) -> Arc<Writer> {
        Arc::clone(&self.writer.lock())
    }

    /// Offsets follow the acknowledgement of everything before them; a crash between the two repeats records. Verdicts follow that of the
    /// outputs, so that nothing is remembered as an original that was never published.
    fn commit_after_acknowledgement(&self, plan: &Plan) -> Result<(), CommitError> {
        let writer = self.live_writer()?;
        writer.forget();
        let mut refused_by = None;
        let mut acknowledged = || {
            writer.drain()?;
            let Some((topic, error)) = writer.take_failure() else {
                return Ok(());
            };
            refused_by = Some(topic);
            Err(error)
        };
        let done = self.produce_outputs(&writer, plan).and_then(|()| {
            acknowledged()?;
            self.produce_memory(&writer, plan)?;
            acknowledged()?;
            self.group.commit(&self.offsets(plan)?)
        });
        let Err(error) = done else { return Ok(()) };
        let what = self.describe(plan, refused_by.as_deref().unwrap_or(&self.output.0), &error);
        if answer(&error) == Answer::Stop || writer.is_fatal() {
            return Err(CommitError::Stop(failure(what, &error)));
        }
        self.all_are_there(&writer, &what, &error)?;
        self.after_abort(&writer, plan, what)?;
        self.commit_after_acknowledgement(plan)
    }

    /// Refuse to try again where a topic was deleted: records to it, and those to the others, wait until they time out, or are given up with the
    /// transaction that it cannot join.
    fn all_are_there(&self, writer: &Writer, what: &str, error: &KafkaError) -> Result<(), CommitError> {
        use RDKafkaErrorCode::{MessageTimedOut, PurgeQueue};
        if !matches!(error.rdkafka_error_code(), Some(MessageTimedOut | PurgeQueue)) {
            return Ok(());
        }
        let all = [&self.output, &self.duplicates, &self.dead_letters, &self.memory];
        let used = all.into_iter().filter(|(_, partitions)| *partitions > 0);
        match used.map(|(topic, _)| topic).find(|topic| writer.lacks(topic)) {
            None => Ok(()),
            Some(topic) => {
                let what = format!("{what}\n`{topic}` is not there any more");
                let gone = KafkaError::MessageProduction(RDKafkaErrorCode::UnknownTopicOrPartition);
                Err(CommitError::Stop(failure(what, &gone)))
            }
        }
    }

    fn describe(&self, plan: &Plan, topic: &str, error: &KafkaError) -> String {
        let (partition, offset) = plan.offsets.first().copied().unwrap_or_default();
        format!(
            "could not commit a batch of {} records from `{}` [{partition}] before offset {offset} to `{topic}`: {error}",
            plan.records, self.input
        )
    }

    fn produce_outputs(&self, writer: &Writer, plan: &Plan) -> Result<(), KafkaError> {
        for (n, output) in plan.outputs.iter().enumerate() {
            let (topic, partitions) = self.topic(output.to);
            produce(writer, topic, *partitions, output, n)?;
        }
        Ok(())
    }

    /// The topic that such outputs go to, and the number of its partitions.
    fn topic(&self, to: Destination) -> &(String, i32) {
        match to {
            Destination::Enriched => &self.output,
            Destination::Duplicates => &self.duplicates,
            Destination::DeadLetters => &self.dead_letters,
        }
    }

    fn produce_memory(&self, writer: &Writer, plan: &Plan) -> Result<(), KafkaError> {
        let (topic, partitions) = &self.memory;
        if *partitions > 0 {
            for entry in &plan.remember {
                produce(writer, topic, *partitions, &memory::as_output(entry), OF_THE_MEMORY)?;
            }
        }
        Ok(())
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
}

/// Queue one record. The records of one input partition go to one output partition, which keeps their order: the one of the
/// same number where the topics have as many.
fn produce(writer: &Writer, topic: &str, partitions: i32, output: &Output, n: usize) -> Result<(), KafkaError> {
    writer.produce(topic, output.partition % partitions.max(1), output, n)
}
