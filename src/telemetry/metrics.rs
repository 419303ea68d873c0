//! Everything that is counted.
//!
//! In: counts and durations from the stage. Out: Prometheus text. Always: every metric's name stands here, and the fates sum to the articles
//! that were consumed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::in_flight::InFlight;
use super::liveness::{Liveness, Who};
use super::position::Position;
use super::process::Process;
use super::store::StoreMetrics;
use super::traces::{self, BatchTrace, Traces};
use crate::article::{Origin, Record};
use crate::clock::{now, unix_ms};
use crate::config::{self, Config};
use crate::counts::Counts;
use crate::judge::Judge;
use crate::stage::{Batch, Plan};
use crate::version;

/// A family's labels: a struct of words.
macro_rules! labels {
    ($($name:ident { $($field:ident: $kind:ty),+ })+) => {
        $(#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $name { $(pub(super) $field: $kind),+ })+
    };
}

labels! {
    FateLabel { fate: &'static str }
    StepLabel { step: &'static str }
    ResultLabel { result: &'static str }
    KindLabel { kind: &'static str }
    DuplicateLabel { kind: &'static str, relation: &'static str }
    RejectLabel { step: &'static str, reason: &'static str }
    PresetLabel { preset: &'static str }
    TagLabel { tag: String }
    PartLabel { part: &'static str }
    PartitionLabel { topic: String, partition: i32 }
}

/// The steps that a batch goes through.
const STEPS: [&str; 3] = ["work", "judge", "commit"];

/// Bounds of a step's duration, in seconds.
const STEP_SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Bounds of the time from a record's timestamp to its commit, in seconds: from at once to the days of a backlog.
const DELAY_SECONDS: [f64; 14] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0, 21_600.0, 86_400.0,
];

type SecondsGauge = Gauge<f64, AtomicU64>;

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    records: Counter,
    bytes_in: Counter,
    bytes_out: Counter,
    articles: Counter,
    fates: Family<FateLabel, Counter>,
    duplicates: Family<DuplicateLabel, Counter>,
    dead_letters: Family<RejectLabel, Counter>,
    presets: Family<PresetLabel, Counter>,
    tags: Family<TagLabel, Counter>,
    untagged: Counter,
    steps: Family<StepLabel, Histogram>,
    delay: Histogram,
    commits: Family<ResultLabel, Counter>,
    last_commit: SecondsGauge,
    rebalances: Family<KindLabel, Counter>,
    assigned: Gauge,
    paused: Gauge,
    lag: Family<PartitionLabel, Gauge>,
    lost: Family<PartitionLabel, Counter>,
    age: Family<PartitionLabel, SecondsGauge>,
    batches_in_flight: Gauge,
    records_in_flight: Gauge,
    budget: Gauge,
    used: Family<PartLabel, Gauge>,
    index_articles: Gauge,
    index_bytes: Gauge,
    evicted: Counter,
    restore_seconds: SecondsGauge,
    foreign_memory_records: Counter,
    store: StoreMetrics,
    brokers_up: Gauge,
    is_ready: Gauge,
    spans: traces::Counters,
    traces: OnceLock<Arc<Traces>>,
    in_flight: InFlight,
    topic: OnceLock<String>,
    partitions: Mutex<BTreeSet<i32>>,
    /// One scrape at a time: each takes away and fills in again what is counted by partition.
    scrape: Mutex<()>,
    positions: Mutex<BTreeMap<i32, Position>>,
    started: Instant,
    liveness: Liveness,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            records: Counter::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            articles: Counter::default(),
            fates: Family::default(),
            duplicates: Family::default(),
            dead_letters: Family::default(),
            presets: Family::default(),
            tags: Family::default(),
            untagged: Counter::default(),
            steps: Family::new_with_constructor(|| Histogram::new(STEP_SECONDS)),
            delay: Histogram::new(DELAY_SECONDS),
            commits: Family::default(),
            last_commit: Gauge::default(),
            rebalances: Family::default(),
            assigned: Gauge::default(),
            paused: Gauge::default(),
            lag: Family::default(),
            lost: Family::default(),
            age: Family::default(),
            batches_in_flight: Gauge::default(),
            records_in_flight: Gauge::default(),
            budget: Gauge::default(),
            used: Family::default(),
            index_articles: Gauge::default(),
            index_bytes: Gauge::default(),
            evicted: Counter::default(),
            restore_seconds: Gauge::default(),
            foreign_memory_records: Counter::default(),
            store: StoreMetrics::default(),
            brokers_up: Gauge::default(),
            is_ready: Gauge::default(),
            spans: traces::Counters::default(),
            traces: OnceLock::new(),
            in_flight: InFlight::default(),
            topic: OnceLock::new(),
            partitions: Mutex::default(),
            scrape: Mutex::default(),
            positions: Mutex::default(),
            started: now(),
            liveness: Liveness::default(),
        };
        metrics.begin_at_zero();
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let stage = registry.sub_registry_with_prefix("sluice");
        metrics.register_flow(stage);
        metrics.register_kinds(stage);
        metrics.register_kafka(stage);
        metrics.register_state(stage);
        stage.register_collector(Box::new(metrics.store.clone()));
        metrics.registry = registry;
        metrics
    }

    /// A counter that appears with its first increment hides that increment from `rate()`.
    fn begin_at_zero(&self) {
        for fate in ["enriched", "duplicate", "dropped", "tombstone", "dead-letter"] {
            drop(self.fates.get_or_create(&FateLabel { fate }));
        }
        for step in STEPS {
            drop(self.steps.get_or_create(&StepLabel { step }));
        }
        for result in ["committed", "aborted"] {
            drop(self.commits.get_or_create(&ResultLabel { result }));
        }
        for kind in ["assigned", "revoked", "lost"] {
            drop(self.rebalances.get_or_create(&KindLabel { kind }));
        }
        for part in ["index", "in-flight", "read-ahead"] {
            drop(self.used.get_or_create(&PartLabel { part }));
        }
    }

    fn register_flow(&self, r: &mut Registry) {
        let help = "Input records whose batch was committed";
        r.register("records_consumed", help, self.records.clone());
        r.register_with_unit("consumed", "Bytes of their values", Unit::Bytes, self.bytes_in.clone());
        let help = "Bytes of the values published: enriched, duplicates and dead letters";
        r.register_with_unit("produced", help, Unit::Bytes, self.bytes_out.clone());
        let help = "Articles in the committed records; an envelope holds several";
        r.register("articles_consumed", help, self.articles.clone());
        let help = "Articles by their fate; the sum is what was consumed";
        r.register("records", help, self.fates.clone());
        let help = "Time a batch spent in a step: work (decode, clean, fingerprint, tag), judge, commit";
        r.register_with_unit("step_duration", help, Unit::Seconds, self.steps.clone());
        let help = "Time from a record's timestamp to the commit of what was made of it";
        r.register_with_unit("record_delay", help, Unit::Seconds, self.delay.clone());
        r.register("commits", "Transactions by their result", self.commits.clone());
        let help = "When a batch was last committed, Unix time; 0 before the first";
        r.register_with_unit("last_commit_timestamp", help, Unit::Seconds, self.last_commit.clone());
    }

    fn register_kinds(&self, r: &mut Registry) {
        let help = "Duplicates by kind and relation to their original, wherever the policy sends them";
        r.register("duplicates", help, self.duplicates.clone());
        let help = "Dead letters by the step that refused the record, and why";
        r.register("dead_letters", help, self.dead_letters.clone());
        let help = "Articles by the preset that read them";
        r.register("presets", help, self.presets.clone());
        let help = "Articles by tag; one with two tags counts for both";
        r.register("tags", help, self.tags.clone());
        r.register("untagged", "Articles that no tag fits", self.untagged.clone());
    }

    fn register_kafka(&self, r: &mut Registry) {
        let help = "Changes of the assignment by kind: assigned, revoked, lost";
        r.register("rebalances", help, self.rebalances.clone());
        r.register(
            "partitions_assigned",
            "Partitions that this instance works on",
            self.assigned.clone(),
        );
        let help = "Partitions that are not fetched, since the stage has no room";
        r.register("partitions_paused", help, self.paused.clone());
        r.register(
            "consumer_lag_records",
            "Records behind the end of the partition",
            self.lag.clone(),
        );
        let help = "Records that the input topic did not keep until they were read";
        r.register("records_lost", help, self.lost.clone());
        let help =
            "How long the oldest of what was handed over of the partition has waited for its commit, across aborts";
        r.register_with_unit("oldest_uncommitted_age", help, Unit::Seconds, self.age.clone());
        let help = "Brokers with a live connection of the consumer";
        r.register("kafka_client_brokers_up", help, self.brokers_up.clone());
    }

    fn register_state(&self, r: &mut Registry) {
        let help = "Batches read and not yet committed";
        r.register("inflight_batches", help, self.batches_in_flight.clone());
        r.register("inflight_records", "Their records", self.records_in_flight.clone());
        let help = "The option `memory.budget`";
        r.register_with_unit("memory_budget", help, Unit::Bytes, self.budget.clone());
        let help = "Memory in use by part: index of duplicates, batches in flight, librdkafka's read-ahead";
        r.register_with_unit("memory_used", help, Unit::Bytes, self.used.clone());
        let help = "Articles in the index of duplicates";
        r.register("dedupe_index_articles", help, self.index_articles.clone());
        let help = "Memory of the index; half of the budget is its bound";
        r.register_with_unit("dedupe_index", help, Unit::Bytes, self.index_bytes.clone());
        let help = "Articles that left the index for want of room before the window was over";
        r.register("dedupe_evicted", help, self.evicted.clone());
        let help = "Time the memory took to be read back at the start";
        r.register_with_unit("dedupe_restore", help, Unit::Seconds, self.restore_seconds.clone());
        let help = "Records of the memory topic that no stage wrote, and that were passed over";
        r.register("memory_foreign_records", help, self.foreign_memory_records.clone());
        let help = "1 once the memory is read back and the group may be joined";
        r.register("ready", help, self.is_ready.clone());
        let help = "Spans of traces that have ended; 0 with traces off";
        r.register("spans_ended", help, self.spans.ended.clone());
        let help = "Spans that the collector has taken; what is missing to those that ended is waiting or lost";
        r.register("spans_exported", help, self.spans.exported.clone());
        let build = Info::new(vec![("version", version::VERSION), ("revision", version::REVISION)]);
        r.register("build", "Which build this is", build);
    }

    /// Take over what the configuration says of the metrics: the input topic, as a label, the budget, and whether there is a store of claims.
    pub fn configured(&self, config: &Config) {
        // A second call of a process is not meant, and would change a label under way.
        drop(self.topic.set(config.input.topic.clone()));
        self.budget.set(config.memory.budget.bytes() as i64);
        if config.dedupe.enabled && config.dedupe.store == config::Store::Valkey {
            self.store.show();
        }
    }

    fn partition(&self, partition: i32) -> PartitionLabel {
        let topic = self.topic.get().cloned().unwrap_or_default();
        PartitionLabel { topic, partition }
    }

    /// Send traces, if a collector is named. An error tells which setting is wrong.
    pub fn start_traces(&self, config: &Config, instance: &str) -> Result<(), String> {
        if let Some(traces) = Traces::start(config, instance, &self.spans)? {
            // As with the topic, a process has one.
            drop(self.traces.set(Arc::new(traces)));
        }
        Ok(())
    }

    /// Send the last spans. Blocks for some seconds at most.
    pub fn stop_traces(&self) {
        if let Some(traces) = self.traces.get() {
            traces.stop();
        }
    }

    /// The spans of a batch, from here until it is committed or void.
    pub fn trace(&self, batch: &Batch) -> BatchTrace {
        self.traces.get().map(|traces| traces.begin(batch)).unwrap_or_default()
    }

    /// A batch was read: it is in flight until its lease ends.
    pub fn read(&self, batch: Batch) -> Batch {
        self.in_flight.track(batch)
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
        self.bytes_in.inc_by(plan.bytes_in);
        self.articles.inc_by(plan.counts.articles);
        let fates = [
            ("enriched", plan.fates.enriched),
            ("duplicate", plan.fates.duplicate),
            ("dropped", plan.fates.dropped),
            ("tombstone", plan.fates.tombstone),
            ("dead-letter", plan.fates.dead_letter),
        ];
        for (fate, count) in fates {
            self.fates.get_or_create(&FateLabel { fate }).inc_by(count);
        }
        self.counted(&plan.counts);
        self.commits.get_or_create(&ResultLabel { result: "committed" }).inc();
        let mut positions = self.positions.lock();
        for (partition, next) in &plan.offsets {
            if let Some(position) = positions.get_mut(partition) {
                position.next = Some(*next);
                position.pass(*next);
            }
        }
        drop(positions);
        let time = unix_ms() as f64 / 1000.0;
        self.last_commit.set(time);
        for output in &plan.outputs {
            self.bytes_out.inc_by(output.value.as_ref().map_or(0, Vec::len) as u64);
            if let Some(ms) = output.timestamp_ms {
                self.delay.observe((time - ms as f64 / 1000.0).max(0.0));
            }
        }
    }

    fn counted(&self, counts: &Counts) {
        for (&(kind, relation), count) in &counts.duplicates {
            self.duplicates
                .get_or_create(&DuplicateLabel { kind, relation })
                .inc_by(*count);
        }
        for (&(step, reason), count) in &counts.dead_letters {
            self.dead_letters
                .get_or_create(&RejectLabel { step, reason })
                .inc_by(*count);
        }
        for (&preset, count) in &counts.presets {
            self.presets.get_or_create(&PresetLabel { preset }).inc_by(*count);
        }
        for (tag, count) in &counts.tags {
            self.tags.get_or_create(&TagLabel { tag: tag.clone() }).inc_by(*count);
        }
        self.untagged.inc_by(counts.untagged);
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

    /// This instance works on these partitions now.
    pub fn assigned(&self, partitions: &BTreeSet<i32>) {
        self.assigned.set(partitions.len() as i64);
        let mut known = self.partitions.lock();
        known.clone_from(partitions);
        for partition in partitions {
            drop(self.lost.get_or_create(&self.partition(*partition)));
        }
    }

    /// So many partitions are not fetched, since the stage has no room.
    pub fn paused(&self, partitions: usize) {
        self.paused.set(partitions as i64);
    }

    /// What the consumer holds ready in bytes, and to how many brokers it has a connection.
    pub fn client(&self, read_ahead_bytes: u64, brokers_up: usize) {
        let part = "read-ahead";
        self.used
            .get_or_create(&PartLabel { part })
            .set(read_ahead_bytes as i64);
        self.brokers_up.set(brokers_up as i64);
    }

    /// The group's next offset of a partition that came to this instance, or is read again; `None` where it has committed none.
    pub fn begins(&self, partition: i32, next: Option<i64>) {
        let mut positions = self.positions.lock();
        let position = positions.entry(partition).or_default();
        position.next = next;
        position.pass(next.unwrap_or(0));
    }

    /// Records of assigned partitions were handed over to be worked on, for the first time or again.
    pub fn handed_over(&self, records: &[Record]) {
        let ends: BTreeMap<i32, i64> = records
            .iter()
            .map(|record| (record.origin.partition, record.origin.offset + 1))
            .collect();
        let mut positions = self.positions.lock();
        for (partition, up_to) in ends {
            if let Some(position) = positions.get_mut(&partition) {
                position.hand_over(up_to, now());
            }
        }
    }

    /// What the consumer knows of a partition: its first offset, its end, and whether all before that end was handed over.
    pub fn ends(&self, partition: i32, first: i64, end: i64, is_read: bool) {
        let mut positions = self.positions.lock();
        let position = positions.entry(partition).or_default();
        (position.first, position.end, position.is_read) = (first, Some(end), is_read);
        position.pass(first);
    }

    /// A partition went to another instance: its lag, and what is not committed of it, is no longer ours to tell.
    pub fn forget(&self, partition: i32) {
        self.positions.lock().remove(&partition);
    }

    /// Records were gone from the input topic before they were read.
    pub fn lost(&self, partition: i32, records: i64) {
        self.lost
            .get_or_create(&self.partition(partition))
            .inc_by(records.max(0) as u64);
    }

    /// What the index of duplicates holds, and what left it for want of room.
    pub fn index(&self, judge: &Judge) {
        let (articles, bytes) = judge.size();
        self.index_articles.set(articles as i64);
        self.index_bytes.set(bytes as i64);
        self.used.get_or_create(&PartLabel { part: "index" }).set(bytes as i64);
        self.evicted.inc_by(judge.evicted().saturating_sub(self.evicted.get()));
    }

    /// The store of claims answered.
    pub fn store_answered(&self, took: Duration) {
        self.store.trip.observe(took.as_secs_f64());
        self.store
            .trips
            .get_or_create(&ResultLabel { result: "answered" })
            .inc();
    }

    /// The store of claims did not answer.
    pub fn store_failed(&self) {
        self.store.trips.get_or_create(&ResultLabel { result: "failed" }).inc();
    }

    /// Whether claims are exchanged.
    pub fn store_up(&self, is_up: bool) {
        self.store.up.set(i64::from(is_up));
    }

    /// Claims whose verdicts are not known to be committed.
    pub fn claims_standing(&self, claims: usize) {
        self.store.claims_standing.set(claims as i64);
    }

    /// The memory was read back.
    pub fn restored(&self, took: Duration) {
        self.restore_seconds.set(took.as_secs_f64());
    }

    /// Where records of the memory topic are counted that no stage wrote.
    pub fn foreign_memory_records(&self) -> Counter {
        self.foreign_memory_records.clone()
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
        self.is_ready.set(i64::from(ready));
    }

    /// See [`set_ready`](Self::set_ready).
    pub fn is_ready(&self) -> bool {
        self.is_ready.get() == 1
    }

    /// The metrics in Prometheus' text form (OpenMetrics).
    pub fn render(&self) -> String {
        let _alone = self.scrape.lock();
        self.look_at_what_is_in_flight();
        let mut text = String::new();
        if let Err(e) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            text = format!("# could not encode the metrics: {e}\n");
        }
        text
    }
}

impl Metrics {
    fn look_at_what_is_in_flight(&self) {
        let sum = self.in_flight.sum();
        self.batches_in_flight.set(sum.batches as i64);
        self.records_in_flight.set(sum.records as i64);
        self.used
            .get_or_create(&PartLabel { part: "in-flight" })
            .set(sum.bytes as i64);
        let mut ages = sum.ages;
        self.lag.clear();
        for (partition, position) in self.positions.lock().iter() {
            if let Some(lag) = position.lag() {
                self.lag.get_or_create(&self.partition(*partition)).set(lag);
            }
            if let Some(since) = position.uncommitted_since() {
                let age = ages.entry(*partition).or_default();
                *age = (*age).max(since.elapsed());
            }
        }
        let partitions = self.partitions.lock();
        self.age.clear();
        for partition in partitions.iter().chain(ages.keys()) {
            let age = ages.get(partition).copied().unwrap_or_default();
            self.age
                .get_or_create(&self.partition(*partition))
                .set(age.as_secs_f64());
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_claims_is_shown_where_there_is_one() {
        let shown = |settings: &[String]| {
            let metrics = Metrics::new();
            metrics.configured(&Config::load(None, [], settings).unwrap());
            let text = metrics.render();
            text.lines()
                .filter(|line| {
                    line.starts_with("sluice_store_up ") || line.starts_with("sluice_store_round_trips_total{")
                })
                .count()
        };
        let valkey = "dedupe.store=valkey".to_owned();
        assert_eq!(shown(&[]), 0);
        assert_eq!(shown(&[valkey.clone(), "dedupe.enabled=false".into()]), 0);
        assert_eq!(shown(&[valkey]), 3);
    }

    #[test]
    fn after_an_abort_lag_and_age_go_on() {
        let batch = || Batch {
            number: 1,
            epoch: 1,
            assignment: 1,
            records: (5..10)
                .map(|offset| Record {
                    origin: Origin {
                        topic: "raw".into(),
                        partition: 0,
                        offset,
                        position: 0,
                    },
                    key: None,
                    value: None,
                    headers: Vec::new(),
                    timestamp_ms: None,
                })
                .collect(),
            earlier: crate::replay::Earlier::default(),
            lease: crate::stage::Lease::new(|| {}),
        };
        let metrics = Metrics::new();
        let shown = |name: &str| -> f64 {
            let text = metrics.render();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.rsplit_once(' ').unwrap().1.parse().unwrap()
        };
        let (lag, age) = ("sluice_consumer_lag_records{", "sluice_oldest_uncommitted_age_seconds{");
        metrics.assigned(&BTreeSet::from([0]));
        metrics.begins(0, Some(5));
        let handed = now();
        metrics.handed_over(&batch().records);
        drop(metrics.read(batch()));
        metrics.aborted();
        metrics.ends(0, 0, 10, true);
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(shown(lag) as i64, 5, "what was aborted is not done");
        metrics.begins(0, Some(5));
        metrics.handed_over(&batch().records);
        let again = metrics.read(batch());
        let waited = shown(age);
        assert!(waited >= 0.02 && waited <= handed.elapsed().as_secs_f64(), "{waited}");
        drop(again);
        metrics.begins(0, Some(10));
        assert_eq!(
            (shown(lag) as i64, shown(age)),
            (0, 0.0),
            "the answer to its commit was lost"
        );
        metrics.handed_over(&batch().records);
        assert!(shown(age) <= 0.0, "it is committed");
        metrics.begins(0, None);
        metrics.handed_over(&batch().records);
        metrics.forget(0);
        assert!(shown(age) <= 0.0, "it is another's");
    }
}
