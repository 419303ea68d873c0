//! The consumer: partitions in, batches out.
//!
//! In: the input topic, as a member of the group. Out: batches, each of one epoch and one assignment. Always: what was read and
//! not committed is read again, from the committed offsets on.
//!
//! A thread of its own polls, since a rebalance is served by the thread that polls and must be able to wait there:
//!
//! 1. *assigned*: the committed offsets are read, fetching starts from them, and the next batch says that the assignment is new. What a
//!    dead owner left open is ended first: see [`members`](super::members);
//! 2. *revoked*: what was collected of the partitions is dropped, what is in flight is waited for, at most `kafka.drain_ms_max`;
//! 3. what is still in flight then is void (its epoch is over), and the sink refuses it;
//! 4. *lost* (the group went on without us): void at once;
//! 5. a partition that stays is read again from its committed offset after 3 and 4.

mod lost;
mod poller;
mod rebalance;
mod retention;
mod shared;
mod until_end;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use tokio::sync::mpsc;

use self::poller::Poller;
use self::shared::Shared;
use self::until_end::UntilEnd;
use super::{client, error, settings};
use crate::config::Config;
use crate::failure::Failure;
use crate::stage::{Batch, Source};
use crate::telemetry::Metrics;

pub use rebalance::Context;

/// The consumer type that source and sink share.
pub type InputConsumer = BaseConsumer<Context>;

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
        let drain_max = Duration::from_millis(config.kafka.drain_ms_max.into());
        let shared = Arc::new(Shared::new(metrics, drain_max));
        let context = Context::new(config, transactional_id, Arc::clone(&shared));
        let mut settings = settings::consumer(config);
        settings.set("statistics.interval.ms", "5000");
        if !config.kafka.properties.0.contains_key("client.id") {
            settings.set("client.id", transactional_id);
        }
        let failed = |e| failure(config, &e);
        let consumer: Arc<InputConsumer> = Arc::new(client::make_consumer(&settings, context).map_err(failed)?);
        let until_end = match until {
            Until::Stopped => None,
            Until::End => Some(UntilEnd::new(config, &consumer).map_err(failed)?),
        };
        let (sender, batches) = mpsc::channel(1);
        let poller = Poller::new(config, Arc::clone(&shared), Arc::clone(&consumer), sender, until_end);
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
        self.consumer.context().learn_members(&self.consumer);
        let subscribed = self.consumer.subscribe(&[&config.input.topic]);
        subscribed.map_err(|e| failure(config, &e))?;
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
        move || shared.epoch()
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

fn failure(config: &Config, e: &KafkaError) -> Failure {
    let (topic, group, hint) = (&config.input.topic, &config.kafka.group, error::hint(e));
    Failure::new(format!("could not read from `{topic}` as group `{group}`: {e}{hint}"))
}

/// Tells a source to stop.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// Stop reading; what is in flight is finished.
    pub fn stop(&self) {
        self.0.stop();
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
        self.shared.epoch()
    }

    async fn abandoned(&self) -> Result<(), Failure> {
        self.shared.abandoned.notified().await;
        self.shared.ended()
    }
}
