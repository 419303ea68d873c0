//! What the process says of itself: log lines and metrics.
//!
//! In: counts and durations from the stage. Out: Prometheus text and `tracing` events. Always: every metric's name stands here, and
//! the fates of [`Metrics`] sum to the articles that were consumed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::article::Origin;
use crate::config::{Log, LogFormat};
use crate::liveness::{Liveness, Who};
use crate::stage::Plan;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FateLabel {
    fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StepLabel {
    step: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartitionLabel {
    partition: i32,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    records: Counter,
    bytes: Counter,
    fates: Family<FateLabel, Counter>,
    steps: Family<StepLabel, Histogram>,
    commits: Family<ResultLabel, Counter>,
    rebalances: Family<KindLabel, Counter>,
    lag: Family<PartitionLabel, Gauge>,
    index_articles: Gauge,
    index_bytes: Gauge,
    restore_seconds: Gauge<f64, AtomicU64>,
    last_commit: Gauge<f64, AtomicU64>,
    started: Instant,
    liveness: Liveness,
    ready: std::sync::atomic::AtomicBool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("sluice");
        let steps = Family::<StepLabel, Histogram>::new_with_constructor(|| {
            Histogram::new([
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
            ])
        });
        let mut metrics = Self {
            records: Counter::default(),
            bytes: Counter::default(),
            fates: Family::default(),
            steps,
            commits: Family::default(),
            rebalances: Family::default(),
            lag: Family::default(),
            index_articles: Gauge::default(),
            index_bytes: Gauge::default(),
            restore_seconds: Gauge::default(),
            last_commit: Gauge::default(),
            started: now(),
            liveness: Liveness::default(),
            ready: std::sync::atomic::AtomicBool::new(false),
            registry: Registry::default(),
        };
        for fate in ["enriched", "duplicate", "dropped", "dead-letter"] {
            drop(metrics.fates.get_or_create(&FateLabel { fate }));
        }
        let m = &metrics;
        registry.register(
            "records_consumed",
            "Input records whose batch was committed",
            m.records.clone(),
        );
        registry.register_with_unit("consumed", "Bytes of their values", Unit::Bytes, m.bytes.clone());
        registry.register(
            "records",
            "Articles by their fate; the sum is what was consumed",
            m.fates.clone(),
        );
        let steps = "Time a batch spent in a step: work (decode, clean, fingerprint, tag), judge, commit";
        registry.register_with_unit("step_duration", steps, Unit::Seconds, m.steps.clone());
        registry.register("commits", "Transactions by their result", m.commits.clone());
        registry.register("rebalances", "Changes of the assignment by kind", m.rebalances.clone());
        registry.register(
            "consumer_lag_records",
            "Records behind the end of the partition",
            m.lag.clone(),
        );
        registry.register(
            "dedupe_index_articles",
            "Articles in the index of duplicates",
            m.index_articles.clone(),
        );
        registry.register_with_unit(
            "dedupe_index",
            "Memory of the index",
            Unit::Bytes,
            m.index_bytes.clone(),
        );
        let restore = "Time the memory took to be read back at the start";
        registry.register_with_unit("dedupe_restore", restore, Unit::Seconds, m.restore_seconds.clone());
        let last = "When a batch was last committed, Unix time";
        registry.register_with_unit("last_commit_timestamp", last, Unit::Seconds, m.last_commit.clone());
        metrics.registry = registry;
        metrics
    }

    /// Start the clock of one batch in a step.
    pub fn step(&self, step: &'static str) -> Timer<'_> {
        Timer {
            metrics: self,
            step,
            since: now(),
        }
    }

    /// A batch is durable.
    pub fn committed(&self, plan: &Plan) {
        self.records.inc_by(plan.records);
        self.bytes.inc_by(plan.bytes_in);
        let fates = [
            ("enriched", plan.fates.enriched),
            ("duplicate", plan.fates.duplicate),
            ("dropped", plan.fates.dropped),
            ("dead-letter", plan.fates.dead_letter),
        ];
        for (fate, count) in fates {
            self.fates.get_or_create(&FateLabel { fate }).inc_by(count);
        }
        self.commits.get_or_create(&ResultLabel { result: "committed" }).inc();
        self.last_commit.set(unix_seconds());
    }

    /// Records committed so far.
    pub fn records_committed(&self) -> u64 {
        self.records.get()
    }

    /// A batch was aborted.
    pub fn aborted(&self) {
        self.commits.get_or_create(&ResultLabel { result: "aborted" }).inc();
    }

    /// The assignment changed: `assigned`, `revoked` or `lost`.
    pub fn rebalanced(&self, kind: &'static str) {
        self.rebalances.get_or_create(&KindLabel { kind }).inc();
    }

    /// How far a partition is behind its end, in records.
    pub fn lag(&self, partition: i32, records: i64) {
        self.lag.get_or_create(&PartitionLabel { partition }).set(records);
    }

    /// A partition went to another instance: its lag is no longer ours to tell.
    pub fn forget_lag(&self, partition: i32) {
        self.lag.remove(&PartitionLabel { partition });
    }

    /// The index of duplicates: articles and bytes.
    pub fn index_size(&self, articles: usize, bytes: usize) {
        self.index_articles.set(articles as i64);
        self.index_bytes.set(bytes as i64);
    }

    /// The memory was read back.
    pub fn restored(&self, took: Duration) {
        self.restore_seconds.set(took.as_secs_f64());
    }

    /// The poll loop moved.
    pub fn polled(&self) {
        self.liveness.polled(self.millis());
    }

    /// A thread works on an input record, until the answer is dropped.
    pub fn working(&self, who: Who, on: &Origin) -> Working<'_> {
        self.liveness.begins(who, on.partition, on.offset, self.millis());
        Working { metrics: self, who }
    }

    /// What hangs, in words; `None` while all moves.
    pub fn stuck(&self) -> Option<String> {
        self.liveness.stuck(self.millis(), self.is_ready())
    }

    /// Milliseconds since the start.
    fn millis(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Whether the memory is restored and partitions may flow.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// See [`set_ready`](Self::set_ready).
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// The metrics in Prometheus' text form (OpenMetrics).
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Err(e) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            text = format!("# could not encode the metrics: {e}\n");
        }
        text
    }
}

/// Says that somebody works on a record, until it is dropped.
#[derive(Debug)]
pub struct Working<'a> {
    metrics: &'a Metrics,
    who: Who,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.metrics.liveness.ends(self.who);
    }
}

/// The running clock of one step.
#[derive(Debug)]
pub struct Timer<'a> {
    metrics: &'a Metrics,
    step: &'static str,
    since: Instant,
}

impl Timer<'_> {
    /// The step is done.
    pub fn stop(self) {
        let label = StepLabel { step: self.step };
        self.metrics
            .steps
            .get_or_create(&label)
            .observe(self.since.elapsed().as_secs_f64());
    }
}

#[expect(clippy::disallowed_methods, reason = "telemetry is an edge: it measures")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "telemetry is an edge: it measures")]
fn unix_seconds() -> f64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

/// Send `tracing` events to standard error in the form that was asked for.
pub fn start_logging(log: &Log) -> Result<(), String> {
    let filter = tracing_subscriber::EnvFilter::try_new(&log.level)
        .map_err(|e| format!("`log.level` is `{}`: {e}", log.level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|e| e.to_string())
}
