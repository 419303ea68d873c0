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

mod batch;
mod edges;
mod plan;
mod workers;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

use self::plan::Planner;
use crate::article::{Origin, Record, Reject};
use crate::claims::{Alone, CLAIM_MS, Claims, News};
use crate::counts::Fates;
use crate::dead_letter::Reporter;
use crate::failure::Failure;
use crate::judge::{Judge, MemoryEntry};
use crate::pipeline::{Pipeline, Worked};
use crate::telemetry::liveness::Who;
use crate::telemetry::{BatchTrace, Metrics};

pub use batch::{Batch, Lease};
pub use edges::{Sink, Source, Tail};
pub use plan::{CommitError, Destination, Output, Plan};
pub use workers::Workers;

/// Batches that the stage holds at once, in any step or queue. The source buffers one more, so four are in flight at most.
const PLACES: usize = 3;

/// Batches waiting between two steps. One is worked on while one waits; more would only be memory.
const WAITING_MAX: usize = 1;

/// A plan older than this is not committed, since its claims might expire during the commit: half of their life.
const CLAIM_HOLDS: Duration = Duration::from_millis(CLAIM_MS as u64 / 2);

/// How long a step waits for the next batch before it sees to what is due while it idles.
const IDLE: Duration = Duration::from_secs(1);

/// Aborts in a row after which the stage gives up: what fails ten times is not a passing fault, and a stopped process is safe.
const ABORTS_MAX: u32 = 10;

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
    articles: Vec<Worked>,
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
            batch.lease.take(place);
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
            if to_judge.send(self.work_on(batch).await).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Work on each record of a batch by itself, on all workers.
    async fn work_on(&self, batch: Batch) -> WorkedBatch {
        let pipeline = Arc::clone(&self.pipeline.borrow());
        let metrics = Arc::clone(&self.metrics);
        let trace = self.metrics.trace(&batch);
        let timer = self.metrics.step("work");
        let step = trace.step("work");
        let worked = self
            .workers
            .run(move || {
                let at = |record: &Record| {
                    let worker = Who::Worker(rayon::current_thread_index().unwrap_or(0));
                    metrics.working(worker, &record.origin)
                };
                let articles = pipeline.work_batch(&batch.records, &batch.earlier, at);
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
        worked
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
        while let Some(worked) = next(&mut worked, follow).await? {
            // Partitions may have come from another instance, and what ended an epoch may be a commit whose answer was lost: what is
            // committed by then must be known before anything is judged.
            let now = Some((worked.batch.assignment, worked.batch.epoch));
            let news = if known == now {
                self.tail.arrived()?
            } else {
                known = now;
                self.tail.catch_up().await?
            };
            if worked.batch.epoch != self.source.epoch() {
                self.restore(news);
                continue;
            }
            if to_commit.send(self.decide(worked, news).await).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Decide on the articles of a batch, and write what becomes of them. `news` is what others have committed; it is not restored yet.
    async fn decide(&self, worked: WorkedBatch, news: Vec<MemoryEntry>) -> (Plan, BatchTrace) {
        let WorkedBatch {
            batch,
            articles,
            pipeline,
            mut trace,
        } = worked;
        let (articles, news) = self.apart_from_sites(&batch, &pipeline, articles, news).await;
        let claimed_until = self.claims.is_shared().then(|| Instant::now() + CLAIM_HOLDS);
        let claims = self.claim(batch.epoch, &articles).await;
        let judge = Arc::clone(&self.judge);
        let reporter = Arc::clone(&self.reporter);
        let run = self.run.clone();
        let metrics = Arc::clone(&self.metrics);
        let timer = self.metrics.step("judge");
        let step = trace.step("judge");
        let planned = self
            .workers
            .run(move || {
                let first = batch.records.first().map(|record| record.origin.clone());
                let _judging = first.map(|first| metrics.working(Who::Judge, &first));
                let judged = {
                    let mut judge = judge.lock();
                    judge.begin(batch.epoch);
                    judge.settle(news, claims);
                    judge.judge(batch.number, articles)
                };
                let planner = Planner {
                    pipeline: &pipeline,
                    reporter: &reporter,
                    run: run.as_deref(),
                };
                let plan = planner.plan(batch, judged, &mut trace);
                (Plan { claimed_until, ..plan }, trace)
            })
            .await;
        timer.stop();
        drop(step);
        self.measure();
        planned
    }

    /// Take from a batch's articles what most pages of their sites carry, where that is remembered. `news` is not restored yet.
    async fn apart_from_sites(
        &self,
        batch: &Batch,
        pipeline: &Arc<Pipeline>,
        mut articles: Vec<Worked>,
        news: Vec<MemoryEntry>,
    ) -> (Vec<Worked>, Vec<MemoryEntry>) {
        if !pipeline.knows_sites() {
            return (articles, news);
        }
        let (judge, pipeline) = (Arc::clone(&self.judge), Arc::clone(pipeline));
        let (number, epoch) = (batch.number, batch.epoch);
        let first = batch.records.first().map(|record| record.origin.clone());
        let metrics = Arc::clone(&self.metrics);
        self.workers
            .run(move || {
                let _judging = first.map(|first| metrics.working(Who::Judge, &first));
                let gone = {
                    let mut judge = judge.lock();
                    judge.begin(epoch);
                    judge.carried(number, &articles, &news)
                };
                pipeline.leave_out(&mut articles, &gone);
                (articles, news)
            })
            .await
    }

    /// Make the claims of a batch, where they are shared, and get those of all: the last portion of them, with those before it judged.
    async fn claim(&self, epoch: u64, articles: &[Worked]) -> News {
        if !self.claims.is_shared() {
            return News::default();
        }
        let claims = {
            let mut judge = self.judge.lock();
            judge.begin(epoch);
            judge.claims(articles)
        };
        if claims.is_empty() {
            return News::default();
        }
        let mut news = self.claims.exchange(claims).await;
        while news.goes_on {
            let (judge, metrics) = (Arc::clone(&self.judge), Arc::clone(&self.metrics));
            let first = articles.first().map(|worked| worked.origin.clone());
            let settle = move || {
                let _judging = first.map(|first| metrics.working(Who::Judge, &first));
                judge.lock().settle(Vec::new(), news);
            };
            self.workers.run(settle).await;
            news = self.claims.go_on().await;
        }
        news
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
            timer.stop();
            drop(step);
            match result {
                Ok(()) => {
                    trace.committed();
                    aborts_in_a_row = 0;
                    self.judge.lock().committed(plan.batch);
                    self.metrics.committed(&plan);
                    summary.borrow_mut().add(&plan);
                    continue;
                }
                Err(CommitError::Stop(failure)) => return Err(failure),
                Err(CommitError::Refused(articles)) => {
                    self.aborted(trace, &plan::refused(&articles), summary);
                    self.refuse(plan.batch, articles)?;
                    // Progress: each attempt finds a few more of the articles that are refused. It does not count towards the limit of aborts.
                    aborts_in_a_row = 0;
                }
                Err(CommitError::Abort(reason)) => {
                    self.aborted(trace, &reason, summary);
                    tell_aborted(&plan, &reason);
                    aborts_in_a_row += 1;
                    if aborts_in_a_row >= ABORTS_MAX {
                        let message = format!("{ABORTS_MAX} aborts in a row, the last: {reason}");
                        return Err(Failure::new(message));
                    }
                }
            }
            drop(plan);
            self.source.rewind().await?;
        }
        Ok(())
    }

    fn aborted(&self, trace: BatchTrace, reason: &str, summary: &RefCell<Summary>) {
        trace.aborted(reason);
        summary.borrow_mut().aborts += 1;
        self.metrics.aborted();
    }

    /// Know of articles whose output is not taken, so that they become dead letters when they are read again.
    fn refuse(&self, batch: u64, articles: Vec<(Origin, Reject)>) -> Result<(), Failure> {
        let mut is_new = false;
        for (origin, reject) in articles {
            tell_refused(batch, &origin, &reject);
            is_new |= self.judge.lock().refuse(origin, reject);
        }
        if is_new {
            return Ok(());
        }
        // The same records are refused for the same reasons as before: trying again would go on for ever.
        Err(Failure::new(
            "what was refused once is refused again, and nothing is left to leave out",
        ))
    }

    /// Tell how much the judge holds.
    fn measure(&self) {
        let judge = self.judge.lock();
        self.metrics.index(&judge);
        self.metrics.claims_standing(judge.claims_standing());
    }

    fn restore(&self, entries: Vec<MemoryEntry>) {
        let mut judge = self.judge.lock();
        for entry in entries {
            judge.restore(entry);
        }
    }
}

/// Say that nothing of a batch was published.
fn tell_aborted(plan: &Plan, reason: &str) {
    let (batch, records) = (plan.batch, plan.records);
    tracing::warn!(batch, records, reason, "batch aborted, reading it again");
}

/// Say that what was made of an article is not taken.
pub(crate) fn tell_refused(batch: u64, origin: &Origin, reject: &Reject) {
    let code = reject.code;
    tracing::warn!(batch, %origin, code, reason = %reject, left_out = ?reject.left_out, "cannot be published, it becomes a dead letter");
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
