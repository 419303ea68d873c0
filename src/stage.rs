//! The loop: read a batch, work on it, judge it, commit it; each step overlaps with the others' next or previous batch.
//!
//! ```text
//! batch  = source.next_batch()      bounded in records, bytes and time
//! judged = pipeline, judge          pure; on the worker pool
//! sink.commit(plan)                 outputs + dead letters + verdicts + offsets: all or nothing
//! ```
//!
//! In: a [`Source`], a [`Sink`] and the memory's [`Tail`]. Out: a [`Summary`] at the end. Always: batches commit in the order they
//! were read; after an abort everything that was read and not committed is read again, and judged as if for the first time.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rayon::prelude::*;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::article::{Header, LeftOut, Origin, Record, Reject};
use crate::claims::{Alone, CLAIM_MS, Claims, News};
use crate::counts::Counts;
use crate::dead_letter::{self, Reporter};
use crate::decode::tombstone;
use crate::dedupe::Verdict;
use crate::encode;
use crate::judge::{Fate, Judge, Judged, MemoryEntry};
use crate::liveness::Who;
use crate::pipeline::{Pipeline, TaggedArticle, Worked};
use crate::replay::Earlier;
use crate::telemetry::{BatchTrace, Metrics};

/// Batches that are worked on, judged or committed, or wait for one of these. With the one that a source holds ready four are in flight.
const PLACES: usize = 3;

/// Batches waiting between two steps. One is worked on while one waits; more would only be memory.
const WAITING_MAX: usize = 1;

/// How long a plan may stand on its claims. Half their life: the other half is more than a commit can take.
const CLAIM_HOLDS: Duration = Duration::from_millis(CLAIM_MS as u64 / 2);

/// How long a step waits for the next batch before it sees to what is due while it idles.
const IDLE: Duration = Duration::from_secs(1);

/// Aborts in a row after which the stage gives up: what fails ten times is not a passing fault, and a stopped process is safe.
const ABORTS_MAX: u32 = 10;

/// Records read together, worked on together, committed together.
#[derive(Debug)]
pub struct Batch {
    /// Grows by one with each batch a source hands out.
    pub number: u64,
    /// Grows with each rewind: batches of an older epoch are void.
    pub epoch: u64,
    /// Grows with each assignment of partitions: before the first batch of a new one is judged, the memory is brought up to date.
    pub assignment: u64,
    /// In offset order within each partition.
    pub records: Vec<Record>,
    /// What an earlier run made of them; nothing in a live one.
    pub earlier: Earlier,
    /// Held while the batch is in flight.
    pub lease: Lease,
}

/// Says that a batch is in flight, until it is dropped: a source waits for its leases before it gives partitions away.
pub struct Lease {
    ended: Option<Box<dyn FnOnce() + Send + Sync>>,
    /// One of the places that a stage has.
    place: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// A lease that calls `ended` when it is dropped.
    pub fn new(ended: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self {
            ended: Some(Box::new(ended)),
            place: None,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(ended) = self.ended.take() {
            ended();
        }
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lease")
    }
}

/// Where an output record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destination {
    /// The output topic.
    Enriched,
    /// The duplicates' topic.
    Duplicates,
    /// The dead letters' topic.
    DeadLetters,
}

/// One record to be written.
#[derive(Debug)]
pub struct Output {
    /// Its topic, by role.
    pub to: Destination,
    /// The input partition it comes from; a sink keeps the records of one input partition in order.
    pub partition: i32,
    /// As in the input.
    pub key: Option<Vec<u8>>,
    /// JSON, or for a dead letter the bytes of the input.
    pub value: Option<Vec<u8>>,
    /// As in the input; a dead letter's say why.
    pub headers: Vec<Header>,
    /// As in the input.
    pub timestamp_ms: Option<i64>,
}

/// All that one batch changes in the world.
#[derive(Debug)]
pub struct Plan {
    /// The batch's number.
    pub batch: u64,
    /// The batch's epoch: a sink refuses a plan whose epoch is over.
    pub epoch: u64,
    /// What is written.
    pub outputs: Vec<Output>,
    /// The article that each of these was made of: of a dead letter for several of one record, the first.
    pub origins: Vec<Origin>,
    /// What the memory must remember.
    pub remember: Vec<MemoryEntry>,
    /// (partition, next offset to read), each partition once.
    pub offsets: Vec<(i32, i64)>,
    /// Input records that the plan settles.
    pub records: u64,
    /// Bytes of the values that were read.
    pub bytes_in: u64,
    /// How many articles met which fate.
    pub fates: Fates,
    /// What the articles were, beyond that.
    pub counts: Counts,
    /// When its claims may have run out, so that others judge as if they had never been made: a sink refuses the plan from then on. `None`
    /// where none were made.
    pub claimed_until: Option<Instant>,
    /// Dropped when the plan is committed or void.
    pub lease: Lease,
}

impl Plan {
    /// Whether a sink may still make it durable, given the running epoch; else why not.
    pub fn check(&self, epoch: u64) -> Result<(), CommitError> {
        if self.epoch != epoch {
            return Err(CommitError::Abort(
                "its partitions were revoked before the commit began".into(),
            ));
        }
        if self.claimed_until.is_some_and(|until| until < Instant::now()) {
            return Err(CommitError::Abort("its claims ran out before the commit began".into()));
        }
        Ok(())
    }
}

/// Articles by their fate. Their sum is what was consumed, in articles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// Published to the output topic.
    pub enriched: u64,
    /// Published to the duplicates' topic.
    pub duplicate: u64,
    /// Dropped by policy.
    pub dropped: u64,
    /// Passed on as they are, to withdraw what their key had.
    pub tombstone: u64,
    /// Could not be read.
    pub dead_letter: u64,
}

impl Fates {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.enriched + self.duplicate + self.dropped + self.tombstone + self.dead_letter
    }

    /// Count one article.
    pub fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Enriched(..) => self.enriched += 1,
            Fate::Duplicate(..) => self.duplicate += 1,
            Fate::Dropped(..) => self.dropped += 1,
            Fate::Tombstone => self.tombstone += 1,
            Fate::DeadLetter(_) => self.dead_letter += 1,
        }
    }

    /// Add another count to this one.
    pub fn add(&mut self, other: Self) {
        self.enriched += other.enriched;
        self.duplicate += other.duplicate;
        self.dropped += other.dropped;
        self.tombstone += other.tombstone;
        self.dead_letter += other.dead_letter;
    }
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records whose batch was committed.
    pub records: u64,
    /// Their articles' fates.
    pub fates: Fates,
    /// Batches committed.
    pub batches: u64,
    /// Batches that had to be aborted and read again.
    pub aborts: u64,
}

impl Summary {
    fn add(&mut self, committed: &Plan) {
        self.batches += 1;
        self.records += committed.records;
        self.fates.add(committed.fates);
    }
}

/// Why a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Nothing was published; the batch must be read again.
    #[error("batch was aborted: {0}")]
    Abort(String),
    /// Nothing was published, since the brokers take nothing like what was made of these articles (too large, a time far ahead, no key in a
    /// compacted topic), one at least; the batch must be read again, and they become dead letters, or dead letters with less in them.
    #[error("batch was aborted: {}", refused(.0))]
    Refused(Vec<(Origin, Reject)>),
    /// The process must stop; what is published is whole, and a restart goes on from there.
    #[error(transparent)]
    Stop(#[from] Failure),
}

fn refused(articles: &[(Origin, Reject)]) -> String {
    let first = articles.first();
    let first = first.map_or_else(String::new, |(origin, reject)| {
        format!(", the first `{origin}`: {reject}")
    });
    format!(
        "what was made of {} articles cannot be published{first}",
        articles.len()
    )
}

/// The outside world failed in a way that only a restart or an operator can mend.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What was attempted, on which thing, and a hint where there is a remedy.
    pub message: String,
    /// A right is missing: whoever asks again hears the same.
    pub is_denied: bool,
}

impl Failure {
    /// A failure with these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            is_denied: false,
        }
    }
}

/// Where batches come from.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Source {
    /// The next batch, or `None` when the run is over (the end is reached, or the process was told to stop).
    async fn next_batch(&self) -> Result<Option<Batch>, Failure>;
    /// Void what was handed out, and read again from the committed offsets.
    async fn rewind(&self) -> Result<(), Failure>;
    /// The running epoch.
    fn epoch(&self) -> u64;
    /// Comes when the source has gone for good with something still in flight, and tells why it went: all of it is void, and nobody need
    /// wait for it.
    async fn abandoned(&self) -> Result<(), Failure> {
        std::future::pending().await
    }
}

/// Where plans go.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Sink {
    /// Make all of the plan durable, or nothing of it.
    async fn commit(&self, plan: Arc<Plan>) -> Result<(), CommitError>;
    /// Called now and then while there is nothing to commit: what a client must be served, such as a token that runs out. Never waits.
    fn idle(&self) {}
}

/// The verdicts of all instances, as they are committed.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Tail {
    /// What has arrived since the last call; never waits.
    fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure>;
    /// All that was committed before this call began.
    async fn catch_up(&self) -> Result<Vec<MemoryEntry>, Failure>;
}

/// Where CPU work runs.
#[derive(Debug)]
pub enum Workers {
    /// Threads of their own: the async threads never compute.
    Pool(rayon::ThreadPool),
    /// The calling thread, for a simulation that must repeat.
    Inline,
}

impl Workers {
    /// A pool of `threads` threads.
    pub fn pool(threads: usize) -> Result<Self, Failure> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("worker-{i}"))
            .build()
            .map(Self::Pool)
            .map_err(|e| Failure::new(format!("could not start {threads} worker threads: {e}")))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match self {
            Self::Inline => work(),
            Self::Pool(pool) => {
                let (done, result) = oneshot::channel();
                // A closed receiver means that the stage has ended: nobody wants the result.
                pool.spawn(move || drop(done.send(work())));
                result
                    .await
                    .expect("a worker that panics outside a guarded step ends the process")
            }
        }
    }
}

/// The rooms and the edges, put together.
#[derive(Debug)]
pub struct Stage<S, K, T, C = Alone> {
    /// Where batches come from.
    pub source: S,
    /// Where plans go.
    pub sink: K,
    /// The other instances' verdicts.
    pub tail: T,
    /// Who was first, among all instances.
    pub claims: C,
    /// The steps; a batch keeps those that it began with.
    pub pipeline: watch::Receiver<Arc<Pipeline>>,
    /// The one that decides.
    pub judge: Arc<Mutex<Judge>>,
    /// The pool.
    pub workers: Workers,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who signs a dead letter.
    pub reporter: Arc<Reporter>,
    /// The id of a replay; `None` in a live run.
    pub run: Option<Arc<str>>,
}

/// A batch whose records have been worked on, each by itself.
struct WorkedBatch {
    batch: Batch,
    /// For each record its articles.
    articles: Vec<Vec<Worked>>,
    /// What worked on them.
    pipeline: Arc<Pipeline>,
    /// Its spans.
    trace: BatchTrace,
}

/// A pipeline that stays as it is.
pub fn fixed(pipeline: Arc<Pipeline>) -> watch::Receiver<Arc<Pipeline>> {
    watch::channel(pipeline).1
}

impl<S: Source, K: Sink, T: Tail, C: Claims> Stage<S, K, T, C> {
    /// Run until the source ends or something fails that only a restart can mend.
    pub async fn run(&self) -> Result<Summary, Failure> {
        let (to_work, batches) = mpsc::channel(WAITING_MAX);
        let (to_judge, worked) = mpsc::channel(WAITING_MAX);
        let (to_commit, plans) = mpsc::channel(WAITING_MAX);
        let summary = RefCell::default();
        let steps = async {
            tokio::try_join!(
                self.collect(to_work),
                self.work(batches, to_judge),
                self.judge(worked, to_commit),
                self.commit(plans, &summary),
            )
        };
        tokio::select! {
            biased;
            ended = steps => drop(ended?),
            told = self.source.abandoned() => {
                tracing::warn!("ending without what is still under way");
                told?;
            }
        }
        Ok(summary.into_inner())
    }

    async fn collect(&self, to_work: mpsc::Sender<Batch>) -> Result<(), Failure> {
        let places = Arc::new(Semaphore::new(PLACES));
        while let Ok(place) = Arc::clone(&places).acquire_owned().await
            && let Some(mut batch) = self.source.next_batch().await?
        {
            batch.lease.place = Some(place);
            if to_work.send(self.metrics.read(batch)).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn work(
        &self,
        mut batches: mpsc::Receiver<Batch>,
        to_judge: mpsc::Sender<WorkedBatch>,
    ) -> Result<(), Failure> {
        while let Some(batch) = batches.recv().await {
            if batch.epoch != self.source.epoch() {
                continue;
            }
            let pipeline = Arc::clone(&self.pipeline.borrow());
            let metrics = Arc::clone(&self.metrics);
            let trace = self.metrics.trace(&batch);
            let timer = self.metrics.step("work");
            let step = trace.step("work");
            let worked = self
                .workers
                .run(move || {
                    let work = |record: &Record| {
                        let worker = Who::Worker(rayon::current_thread_index().unwrap_or(0));
                        let _working = metrics.working(worker, &record.origin);
                        let again = pipeline.work_again(record, &batch.earlier);
                        again.unwrap_or_else(|| pipeline.work(record))
                    };
                    let articles = batch.records.par_iter().map(work).collect();
                    WorkedBatch {
                        batch,
                        articles,
                        pipeline,
                        trace,
                    }
                })
                .await;
            timer.stop();
            drop(step);
            if to_judge.send(worked).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn judge(
        &self,
        mut worked: mpsc::Receiver<WorkedBatch>,
        to_commit: mpsc::Sender<(Plan, BatchTrace)>,
    ) -> Result<(), Failure> {
        let mut known = None;
        // Who has no batch follows the memory: a standby knows the verdicts when partitions come, and its client is served.
        let follow = || {
            self.restore(self.tail.arrived()?);
            self.measure();
            Ok(())
        };
        while let Some(WorkedBatch {
            batch,
            articles,
            pipeline,
            mut trace,
        }) = next(&mut worked, follow).await?
        {
            // Partitions may have come from another instance, and what ended an epoch may be a commit whose answer was lost: what is
            // committed by then must be known before anything is judged.
            let now = Some((batch.assignment, batch.epoch));
            let news = if known == now {
                self.tail.arrived()?
            } else {
                known = now;
                self.tail.catch_up().await?
            };
            if batch.epoch != self.source.epoch() {
                self.restore(news);
                continue;
            }
            let claimed_until = self.claims.is_shared().then(|| Instant::now() + CLAIM_HOLDS);
            let claims = self.claim(batch.epoch, &articles).await;
            let judge = Arc::clone(&self.judge);
            let reporter = Arc::clone(&self.reporter);
            let run = self.run.clone();
            let metrics = Arc::clone(&self.metrics);
            let timer = self.metrics.step("judge");
            let step = trace.step("judge");
            let plan = self
                .workers
                .run(move || {
                    let first = batch.records.first().map(|record| record.origin.clone());
                    let _judging = first.map(|first| metrics.working(Who::Judge, &first));
                    let judged = {
                        let mut judge = lock(&judge);
                        judge.begin(batch.epoch);
                        judge.settle(news, claims);
                        judge.judge(batch.number, articles.into_iter().flatten().collect())
                    };
                    let plan = plan(&pipeline, &reporter, run.as_deref(), batch, judged, &mut trace);
                    (Plan { claimed_until, ..plan }, trace)
                })
                .await;
            timer.stop();
            drop(step);
            self.measure();
            if to_commit.send(plan).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Make the claims of a batch, where they are shared, and get those of all.
    async fn claim(&self, epoch: u64, articles: &[Vec<Worked>]) -> News {
        if !self.claims.is_shared() {
            return News::default();
        }
        let claims = {
            let mut judge = lock(&self.judge);
            judge.begin(epoch);
            judge.claims(articles.iter().flatten())
        };
        if claims.is_empty() {
            return News::default();
        }
        self.claims.exchange(claims).await
    }

    async fn commit(
        &self,
        mut plans: mpsc::Receiver<(Plan, BatchTrace)>,
        summary: &RefCell<Summary>,
    ) -> Result<(), Failure> {
        let mut aborts_in_a_row = 0;
        let idle = || {
            self.sink.idle();
            Ok(())
        };
        while let Some((plan, trace)) = next(&mut plans, idle).await? {
            if plan.epoch != self.source.epoch() {
                continue;
            }
            let plan = Arc::new(plan);
            let timer = self.metrics.step("commit");
            let step = trace.step("commit");
            let result = self.sink.commit(Arc::clone(&plan)).await;
            drop(step);
            match result {
                Ok(()) => {
                    timer.stop();
                    trace.committed();
                    aborts_in_a_row = 0;
                    lock(&self.judge).committed(plan.batch);
                    self.metrics.committed(&plan);
                    summary.borrow_mut().add(&plan);
                }
                Err(CommitError::Stop(failure)) => return Err(failure),
                Err(CommitError::Refused(articles)) => {
                    trace.aborted(&refused(&articles));
                    summary.borrow_mut().aborts += 1;
                    self.metrics.aborted();
                    let mut is_new = false;
                    for (origin, reject) in articles {
                        tracing::warn!(batch = plan.batch, %origin, code = reject.code, reason = %reject, left_out = ?reject.left_out, "cannot be published, it becomes a dead letter");
                        is_new |= lock(&self.judge).refuse(origin, reject);
                    }
                    // What is refused as it was before would be so for ever.
                    if !is_new {
                        return Err(Failure::new(
                            "what was refused once is refused again, and nothing is left to leave out",
                        ));
                    }
                    drop(plan);
                    self.source.rewind().await?;
                }
                Err(CommitError::Abort(reason)) => {
                    trace.aborted(&reason);
                    aborts_in_a_row += 1;
                    summary.borrow_mut().aborts += 1;
                    self.metrics.aborted();
                    tracing::warn!(
                        batch = plan.batch,
                        records = plan.records,
                        reason,
                        "batch aborted, reading it again"
                    );
                    if aborts_in_a_row >= ABORTS_MAX {
                        let message = format!("{ABORTS_MAX} aborts in a row, the last: {reason}");
                        return Err(Failure::new(message));
                    }
                    drop(plan);
                    self.source.rewind().await?;
                }
            }
        }
        Ok(())
    }

    /// Tell how much the judge holds.
    fn measure(&self) {
        let ((articles, bytes), standing) = {
            let judge = lock(&self.judge);
            (judge.size(), judge.claims_standing())
        };
        self.metrics.index_size(articles, bytes);
        self.metrics.claims_standing(standing);
    }

    fn restore(&self, entries: Vec<MemoryEntry>) {
        let mut judge = lock(&self.judge);
        for entry in entries {
            judge.restore(entry);
        }
    }
}

/// The next of a channel; `None` where there will be none. As long as none comes, `idle` is called again and again.
async fn next<T>(from: &mut mpsc::Receiver<T>, idle: impl Fn() -> Result<(), Failure>) -> Result<Option<T>, Failure> {
    loop {
        match tokio::time::timeout(IDLE, from.recv()).await {
            Ok(next) => return Ok(next),
            Err(_) => idle()?,
        }
    }
}

/// A poisoned lock means a panic while judging, which has ended the stage already.
fn lock(judge: &Mutex<Judge>) -> MutexGuard<'_, Judge> {
    judge.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An article's fate, and the record it is of. Of a record of which several articles were refused one becomes a dead letter for all: each
/// dead letter holds the whole record.
struct Decided {
    index: usize,
    origin: Origin,
    fate: Fate,
    /// What else was refused of the record, by position.
    also: Vec<(u32, Reject)>,
}

/// Write a judged batch as the records and offsets that make it durable.
fn plan(
    pipeline: &Pipeline,
    reporter: &Reporter,
    run: Option<&str>,
    batch: Batch,
    judged: Vec<Judged>,
    trace: &mut BatchTrace,
) -> Plan {
    let Batch {
        number,
        epoch,
        records,
        lease,
        ..
    } = batch;
    let mut fates = Fates::default();
    let mut counts = Counts::default();
    let mut remember = Vec::new();
    let mut decided: Vec<Decided> = Vec::with_capacity(judged.len());
    let mut letter = None;
    let mut index = 0;
    for Judged {
        origin,
        fate,
        remember: entry,
    } in judged
    {
        // Articles come in the order of their records; a record may have several, or none.
        while (records[index].origin.partition, records[index].origin.offset) != (origin.partition, origin.offset) {
            index += 1;
        }
        fates.count(&fate);
        counts.count(&fate);
        trace.fate(index, &fate);
        remember.extend(entry);
        let mut fate = fate;
        if let Fate::DeadLetter(reject) = fate {
            if let Some(at) = letter.filter(|at: &usize| decided[*at].index == index) {
                decided[at].also.push((origin.position, reject));
                continue;
            }
            letter = Some(decided.len());
            fate = Fate::DeadLetter(reject);
        }
        decided.push(Decided {
            index,
            origin,
            fate,
            also: Vec::new(),
        });
    }
    let (outputs, origins) = decided
        .into_par_iter()
        .filter_map(|decided| {
            let index = decided.index;
            let (mut written, origin) = output(pipeline, reporter, run, &records[index], decided)?;
            trace.go_on(index, &mut written.headers);
            Some((written, origin))
        })
        .unzip();
    let mut offsets = std::collections::BTreeMap::new();
    for record in &records {
        offsets.insert(record.origin.partition, record.origin.offset + 1);
    }
    Plan {
        batch: number,
        epoch,
        outputs,
        origins,
        remember,
        offsets: offsets.into_iter().collect(),
        records: records.len() as u64,
        bytes_in: records
            .iter()
            .map(|r| r.value.as_ref().map_or(0, Vec::len) as u64)
            .sum(),
        fates,
        counts,
        claimed_until: None,
        lease,
    }
}

fn output(
    pipeline: &Pipeline,
    reporter: &Reporter,
    run: Option<&str>,
    record: &Record,
    decided: Decided,
) -> Option<(Output, Origin)> {
    let Decided { origin, fate, also, .. } = decided;
    let enriched = |article: &TaggedArticle, verdict: &Verdict| {
        let value = encode::encode(article, verdict, &pipeline.versions(), run);
        (Some(value), record.headers.clone())
    };
    let (mut timestamp_ms, mut key) = (record.timestamp_ms, record.key.clone());
    let (to, (value, headers)) = match fate {
        Fate::Enriched(article, verdict) => (Destination::Enriched, enriched(&article, &verdict)),
        Fate::Duplicate(article, verdict) => (Destination::Duplicates, enriched(&article, &verdict)),
        Fate::Dropped(..) => return None,
        Fate::Tombstone => (Destination::Enriched, (None, tombstone::headers(record, run))),
        Fate::DeadLetter(reject) => {
            let also = also.iter().map(|(position, reject)| (*position, reject));
            let refused: Vec<_> = std::iter::once((origin.position, &reject)).chain(also).collect();
            timestamp_ms = timestamp_ms.filter(|_| !refused.iter().any(|(_, reject)| reject.is_without_time));
            let headers = dead_letter::headers(record, &refused, reporter, run);
            let left_out = dead_letter::left_out_of(&refused);
            key = key.filter(|_| left_out < LeftOut::All);
            let value = (left_out < LeftOut::Value).then(|| record.value.clone());
            (Destination::DeadLetters, (value.flatten(), headers))
        }
    };
    let written = Output {
        to,
        partition: record.origin.partition,
        key,
        value,
        headers,
        timestamp_ms,
    };
    Some((written, origin))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::audit::{Ledger, Role, Seen};
    use crate::config::Policy;
    use crate::decode;
    use crate::dedupe::Limits;
    use crate::judge::Rules;
    use crate::pipeline::Steps;
    use crate::tag::Tagger;

    fn pipeline() -> Pipeline {
        pipeline_of(decode::Options::default())
    }

    fn pipeline_of(decode: decode::Options) -> Pipeline {
        let steps = Steps {
            decode,
            clean: false,
            tags: false,
        };
        Pipeline::new(steps, Tagger::builtin())
    }

    fn judge() -> Judge {
        Judge::new(Rules {
            enabled: true,
            shared: false,
            policy: Policy::Route,
            limits: Limits {
                window_ms: 1 << 40,
                bytes_max: 64 << 20,
            },
        })
    }

    fn record(value: String) -> Record {
        Record {
            origin: Origin {
                topic: "raw".into(),
                partition: 0,
                offset: 0,
                position: 0,
            },
            key: None,
            value: Some(value.into_bytes()),
            headers: Vec::new(),
            timestamp_ms: Some(1_700_000_000_000),
        }
    }

    fn planned(pipeline: &Pipeline, judge: &mut Judge, record: &Record) -> Plan {
        let batch = Batch {
            number: 1,
            epoch: 1,
            assignment: 1,
            records: vec![record.clone()],
            earlier: Earlier::default(),
            lease: Lease::new(|| ()),
        };
        let mut trace = Metrics::new().trace(&batch);
        let judged = judge.judge(1, pipeline.work(record));
        plan(pipeline, &Reporter::default(), None, batch, judged, &mut trace)
    }

    #[test]
    fn no_poison_a_dead_letter_that_is_too_large_is_written_with_less_and_its_reason_stays() {
        let (pipeline, mut judge) = (pipeline(), judge());
        let record = Record {
            key: Some(b"key".to_vec()),
            headers: vec![("h".into(), Some(b"v".to_vec()))],
            ..record("{".into())
        };
        let origin = &record.origin;
        let mut letter = |refused: Option<LeftOut>| {
            if let Some(left_out) = refused {
                judge.refuse(origin.clone(), Reject::too_large_to_produce(9, left_out));
            }
            let mut plan = planned(&pipeline, &mut judge, &record);
            assert_eq!(plan.fates.dead_letter, 1);
            let letter = plan.outputs.remove(0);
            let code = |(name, value): &Header| {
                let is_code = name == "__connect.errors.exception.class.name";
                is_code.then(|| value.clone().unwrap())
            };
            assert_eq!(letter.headers.iter().find_map(code), Some(b"not-json".to_vec()));
            (letter.key, letter.value, letter.headers[0].0.clone())
        };
        let (key, value) = (record.key.clone(), record.value.clone());
        assert_eq!(letter(None), (key.clone(), value, "h".into()));
        assert_eq!(letter(Some(LeftOut::Value)), (key, None, "h".into()));
        assert_eq!(
            letter(Some(LeftOut::All)),
            (None, None, "__connect.errors.topic".into())
        );
    }

    #[test]
    fn no_poison_whatever_the_brokers_refuse_of_a_dead_letter_is_left_out_of_it_and_never_comes_back() {
        let (pipeline, mut judge) = (pipeline(), judge());
        let record = Record {
            timestamp_ms: Some(1),
            ..record("{".into())
        };
        let large = Reject::too_large_to_produce(9, LeftOut::Value);
        let bare = Reject::too_large_to_produce(9, LeftOut::All);
        let early = Reject::refused("ahead of its time");
        for (refused, has_value) in [(&large, false), (&early, false), (&bare, false)] {
            assert!(judge.refuse(record.origin.clone(), refused.clone()));
            let letter = planned(&pipeline, &mut judge, &record).outputs.remove(0);
            assert_eq!(letter.value.is_some(), has_value, "{refused:?}");
        }
        let letter = planned(&pipeline, &mut judge, &record).outputs.remove(0);
        assert_eq!((letter.timestamp_ms, letter.value, letter.key), (None, None, None));
        for refused in [early, large, bare] {
            assert!(!judge.refuse(record.origin.clone(), refused));
        }
    }

    #[test]
    fn no_poison_a_tombstone_that_is_refused_is_a_dead_letter() {
        let pipeline = pipeline_of(decode::Options {
            tombstones_pass: true,
            ..decode::Options::default()
        });
        let mut judge = judge();
        let record = Record {
            key: Some(b"key".to_vec()),
            value: None,
            ..record(String::new())
        };
        assert_eq!(planned(&pipeline, &mut judge, &record).fates.dead_letter, 0);
        assert!(judge.refuse(record.origin.clone(), Reject::too_large_to_produce(9, LeftOut::Nothing)));
        assert_eq!(planned(&pipeline, &mut judge, &record).fates.dead_letter, 1);
        assert!(judge.refuse(record.origin.clone(), Reject::too_large_to_produce(9, LeftOut::All)));
        assert_eq!(planned(&pipeline, &mut judge, &record).fates.dead_letter, 1);
    }

    /// Once, each of them was a dead letter with the whole record: a gigabyte of one megabyte.
    #[test]
    fn bounded_what_is_refused_of_one_record_is_one_dead_letter() {
        let pipeline = pipeline();
        let mut elements = vec!["{}".to_owned(); 1_000];
        elements[500] = r#"{"text":"Words that an article might have."}"#.into();
        elements[700] = "null".into();
        let record = record(format!("[{}]", elements.join(",")));
        let plan = planned(&pipeline, &mut judge(), &record);
        assert_eq!((plan.fates.enriched, plan.fates.dead_letter), (1, 999));
        assert_eq!(plan.counts.dead_letters[&("decode", "null-value")], 1);
        let [letter, article] = plan.outputs.as_slice() else {
            panic!("{} outputs of one record", plan.outputs.len());
        };
        assert_eq!(
            (letter.to, article.to),
            (Destination::DeadLetters, Destination::Enriched)
        );
        assert_eq!(letter.value, record.value);
        let headers: usize = letter.headers.iter().map(|(_, v)| v.as_ref().map_or(0, Vec::len)).sum();
        assert!(headers < 1_000, "{headers} bytes of headers");
        assert_eq!((plan.origins[0].position, plan.origins[1].position), (0, 500));
        // Each article has its fate.
        let mut ledger = Ledger::new("raw", Policy::Route, &BTreeMap::from([(0, 0..1)]));
        ledger.expect(0, 0, pipeline.article_count(&record));
        for (role, output) in [(Role::DeadLetter, letter), (Role::Enriched, article)] {
            let record = Record {
                headers: output.headers.clone(),
                value: output.value.clone(),
                ..record.clone()
            };
            ledger.saw(Seen::parse(role, &record).unwrap());
        }
        let report = ledger.settle();
        assert!(report.findings.is_empty(), "{report:?}");
        assert_eq!((report.articles, report.enriched, report.dead_letters), (1_000, 1, 999));
    }
}
