//! What the poll thread, the rebalance callback and the stage share.
//!
//! Always: what is in flight may be locked while the batch that is collected is, and never the other way round.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rdkafka::TopicPartitionList;
use tokio::sync::Notify;

use super::lost::Readings;
use crate::article::Record;
use crate::clock::now;
use crate::decode::packed::weight;
use crate::failure::Failure;
use crate::stage::Lease;
use crate::telemetry::Metrics;

/// What the poll thread, the rebalance callback and the stage share.
#[derive(Debug)]
pub(super) struct Shared {
    epoch: AtomicU64,
    /// The epoch that the poll thread reads for: until it has gone back to the committed offsets it is behind.
    sought: AtomicU64,
    pub(super) assignment: AtomicU64,
    in_flight: Mutex<usize>,
    landed: Condvar,
    stop: AtomicBool,
    /// The bound of the last wait has passed: what is in flight is void, and is waited for no more.
    pub(super) is_given_up: AtomicBool,
    /// The poll thread has ended with something in flight.
    pub(super) abandoned: Notify,
    /// The poll thread has come to its end, and did not fall out of its work by a panic.
    pub(super) has_ended: AtomicBool,
    /// Why the poll thread ended, where it was not told to.
    pub(super) failure: Mutex<Option<Failure>>,
    /// Read by the callback, which runs inside the poll thread's own call.
    pub(super) collecting: Mutex<Collecting>,
    pub(super) metrics: Arc<Metrics>,
    drain_max: Duration,
    /// Once the process is told to stop, or all is read: when the poll thread waits no longer for what is in flight.
    ends_by: OnceLock<Instant>,
}

impl Shared {
    pub(super) fn new(metrics: Arc<Metrics>, drain_max: Duration) -> Self {
        Self {
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
            drain_max,
            ends_by: OnceLock::new(),
        }
    }

    /// When the last wait is over, which begins with the first call; a rebalance within it waits no longer either.
    pub(super) fn ends_by(&self) -> Instant {
        *self.ends_by.get_or_init(|| now() + self.drain_max)
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// What was read before is void; the poll thread sees it, and goes back.
    pub(super) fn void_in_flight(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// The poll thread has gone back to the committed offsets for this epoch.
    pub(super) fn sought(&self, epoch: u64) {
        self.sought.store(epoch, Ordering::SeqCst);
    }

    /// Nothing was voided since the poll thread last went back.
    pub(super) fn has_sought(&self) -> bool {
        self.sought.load(Ordering::SeqCst) == self.epoch()
    }

    pub(super) fn assignment(&self) -> u64 {
        self.assignment.load(Ordering::SeqCst)
    }

    pub(super) fn stop(&self) {
        self.ends_by();
        self.stop.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Partitions are read from these offsets on, for the first time or again.
    pub(super) fn begins(&self, collecting: &mut Collecting, start: &TopicPartitionList) {
        for element in start.elements() {
            let next = element.offset().to_raw().filter(|offset| *offset >= 0);
            self.metrics.begins(element.partition(), next);
            collecting.readings.begins(element.partition(), next);
        }
    }

    /// A lease on one batch: counted until it is dropped.
    pub(super) fn lease(self: &Arc<Self>) -> Lease {
        *self.in_flight.lock() += 1;
        let shared = Arc::clone(self);
        Lease::new(move || {
            *shared.in_flight.lock() -= 1;
            shared.landed.notify_all();
        })
    }

    /// Wait until nothing is in flight; false when the bound passed first. Waiting is a sign of life.
    pub(super) fn drain(&self) -> bool {
        let bound = now() + self.drain_max;
        // The end may begin within the wait.
        let deadline = || self.ends_by.get().map_or(bound, |end| bound.min(*end));
        let mut in_flight = self.in_flight.lock();
        while *in_flight > 0 && now() < deadline() {
            self.metrics.polled();
            let wait = deadline().saturating_duration_since(now()).min(Duration::from_secs(1));
            self.landed.wait_for(&mut in_flight, wait);
        }
        *in_flight == 0
    }

    pub(super) fn in_flight(&self) -> usize {
        *self.in_flight.lock()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight() == 0
    }

    /// How the poll thread ended.
    pub(super) fn ended(&self) -> Result<(), Failure> {
        let failure = self.failure.lock().take();
        match failure {
            Some(failure) => Err(failure),
            None if self.has_ended.load(Ordering::SeqCst) => Ok(()),
            None => Err(Failure::new("the thread that reads the input panicked".to_owned())),
        }
    }
}

/// The batch being collected, and the partitions it is collected from.
#[derive(Debug, Default)]
pub(super) struct Collecting {
    pub(super) records: Vec<Record>,
    pub(super) bytes: usize,
    pub(super) since: Option<Instant>,
    pub(super) assigned: BTreeSet<i32>,
    /// Partitions that were read to the end that the run was given.
    pub(super) at_end: BTreeSet<i32>,
    /// Every assigned partition is paused. A rebalance brings partitions that are not.
    pub(super) all_paused: bool,
    /// What the topic forgot before it was read.
    pub(super) readings: Readings,
}

impl Collecting {
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
        self.since = None;
        self.at_end.clear();
    }

    pub(super) fn drop_partitions(&mut self, gone: &BTreeSet<i32>) {
        self.records.retain(|r| !gone.contains(&r.origin.partition));
        self.bytes = self.records.iter().map(weight).sum();
        if self.records.is_empty() {
            self.since = None;
        }
        self.assigned.retain(|p| !gone.contains(p));
        self.at_end.retain(|p| !gone.contains(p));
        for p in gone {
            self.readings.forget(*p);
        }
    }
}
