//! What a run has done: counted as it is committed, told at the end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;

use super::request::{PreparedRun, outputs};
use crate::counts::Fates;
use crate::failure::Failure;
use crate::judge::RefusedArticles;
use crate::kafka::requests::Requests;
use crate::kafka::sink::KafkaSink;
use crate::replay::{MemoryChoice, Redone, RunNote};
use crate::stage::{self, CommitError, Sink};

/// What one process has done, through all its attempts.
#[derive(Debug, Default)]
pub(super) struct Totals {
    counts: Mutex<Counts>,
    /// What the brokers did not take: the next attempt knows it from its beginning, as if it had always been a dead letter.
    refused: Mutex<RefusedArticles>,
    /// How large the requests are that its topics are known to take.
    requests: Mutex<Requests>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    records: u64,
    fates: Fates,
    batches: u64,
    /// Verdicts that were not on record.
    judged_anew: u64,
    text_kept: u64,
    tags_kept: u64,
    aborts: u64,
    /// The last commit was aborted, and nothing was done about it yet.
    aborted: Option<Aborted>,
}

/// Why the last commit was aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aborted {
    /// For what may pass.
    Passing,
    /// For articles that are not taken, of which the next attempt knows.
    Refused,
}

impl Totals {
    /// Batches committed so far.
    pub(super) fn batches(&self) -> u64 {
        self.counts.lock().batches
    }

    /// Whether the last commit was aborted; asked once.
    pub(super) fn take_abort(&self) -> Option<Aborted> {
        let mut counts = self.counts.lock();
        let aborted = counts.aborted.take();
        counts.aborts += u64::from(aborted.is_some());
        aborted
    }

    /// How large the requests of the next attempt are to be.
    pub(super) fn requests(&self) -> Requests {
        *self.requests.lock()
    }

    /// What the brokers did not take.
    pub(super) fn refused(&self) -> RefusedArticles {
        self.refused.lock().clone()
    }
}

/// The sink of a replay: an abort ends the attempt, and the next one begins where the progress stands. Taking verdicts back would not do:
/// a memory that starts fresh must be as if the batch had never been, and articles that left its window do not come back.
#[derive(Debug)]
pub(super) struct ReplaySink {
    inner: KafkaSink,
    totals: Arc<Totals>,
}

impl ReplaySink {
    pub(super) fn new(inner: KafkaSink, totals: Arc<Totals>) -> Self {
        Self { inner, totals }
    }

    /// Write down where the run begins and what it is.
    pub(super) async fn begin(&self, notes: &BTreeMap<i32, (i64, RunNote)>) -> Result<(), Failure> {
        let offsets = notes.iter().map(|(partition, (next, _))| (*partition, *next));
        let plan = stage::Plan::of_offsets(1, offsets.collect());
        match self.inner.commit(Arc::new(plan)).await {
            Ok(()) => Ok(()),
            Err(CommitError::Stop(failure)) => Err(failure),
            Err(other) => Err(Failure::new(other.to_string())),
        }
    }
}

impl Sink for ReplaySink {
    async fn commit(&self, plan: Arc<stage::Plan>) -> Result<(), CommitError> {
        let committed = self.inner.commit(Arc::clone(&plan)).await;
        *self.totals.requests.lock() = self.inner.requests();
        match committed {
            Ok(()) => {
                let mut refused = self.totals.refused.lock();
                plan.origins.iter().for_each(|origin| refused.remove(origin));
                drop(refused);
                let mut counts = self.totals.counts.lock();
                counts.records += plan.records;
                counts.fates.add(plan.fates);
                counts.batches += 1;
                counts.judged_anew += plan.remember.len() as u64;
                counts.text_kept += plan.counts.text_kept;
                counts.tags_kept += plan.counts.tags_kept;
                Ok(())
            }
            Err(CommitError::Abort(reason)) => {
                self.totals.counts.lock().aborted = Some(Aborted::Passing);
                Err(CommitError::Stop(Failure::new(reason)))
            }
            Err(CommitError::Refused(articles)) => {
                let mut words = CommitError::Refused(articles.clone()).to_string();
                let mut refused = self.totals.refused.lock();
                let mut is_new = false;
                for (origin, reject) in articles {
                    stage::tell_refused(plan.batch, &origin, &reject);
                    is_new |= refused.add(origin, reject);
                }
                self.totals.counts.lock().aborted = is_new.then_some(Aborted::Refused);
                if !is_new {
                    // It would be so for ever.
                    words += "\nhint: nothing is left to leave out; give the run's topics settings that take it (`max.message.bytes`, \
                              `message.timestamp.after.max.ms`)";
                }
                Err(CommitError::Stop(Failure::new(words)))
            }
            stop => stop,
        }
    }

    fn idle(&self) {
        self.inner.idle();
    }
}

/// The summary.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    run: String,
    memory: MemoryChoice,
    outputs: Vec<String>,
    /// Records that earlier starts of the run have settled.
    records_before: u64,
    records: u64,
    enriched: u64,
    duplicates: u64,
    dropped: u64,
    tombstones: u64,
    dead_letters: u64,
    /// Verdicts that were not on record, and were made anew.
    judged_anew: u64,
    /// With `--only-changed`: articles by what was done of them.
    #[serde(flatten)]
    redone: Option<Redone>,
    batches: u64,
    aborts: u64,
    seconds: f64,
    #[serde(skip)]
    as_json: bool,
}

impl Summary {
    pub(super) fn new(prepared: &PreparedRun, totals: &Totals, records_before: u64, took: Duration) -> Self {
        let counts = *totals.counts.lock();
        Self {
            run: prepared.run_id.as_str().to_owned(),
            memory: prepared.request.memory,
            outputs: outputs(&prepared.config).into_iter().map(str::to_owned).collect(),
            records_before,
            records: counts.records,
            enriched: counts.fates.enriched,
            duplicates: counts.fates.duplicate,
            dropped: counts.fates.dropped,
            tombstones: counts.fates.tombstone,
            dead_letters: counts.fates.dead_letter,
            judged_anew: counts.judged_anew,
            redone: (!prepared.earlier.is_empty()).then(|| Redone {
                unchanged: counts.tags_kept,
                tagged_again: counts.text_kept - counts.tags_kept,
                done_whole: counts.fates.sum() - counts.text_kept,
            }),
            batches: counts.batches,
            aborts: counts.aborts,
            seconds: took.as_secs_f64(),
            as_json: prepared.as_json,
        }
    }

    /// As text for a person, or as one JSON object.
    pub(super) fn write(&self) -> String {
        const INFALLIBLE: &str = "writing to a string cannot fail";
        if self.as_json {
            return serde_json::to_string(self).expect("plain data is JSON") + "\n";
        }
        let mut text = String::new();
        let rate = self.records as f64 / self.seconds.max(0.001);
        let (run, records, seconds) = (&self.run, self.records, self.seconds);
        writeln!(
            text,
            "run {run}: {records} records in {seconds:.1} s, {rate:.0} a second"
        )
        .expect(INFALLIBLE);
        if self.records_before > 0 {
            writeln!(
                text,
                "{} records were done by earlier starts of the run",
                self.records_before
            )
            .expect(INFALLIBLE);
        }
        writeln!(
            text,
            "{} enriched, {} duplicates, {} dropped, {} tombstones, {} dead letters",
            self.enriched, self.duplicates, self.dropped, self.tombstones, self.dead_letters
        )
        .expect(INFALLIBLE);
        if let Some(redone) = self.redone {
            writeln!(
                text,
                "{} as in the earlier output, {} tagged again, {} done whole",
                redone.unchanged, redone.tagged_again, redone.done_whole
            )
            .expect(INFALLIBLE);
        }
        if self.memory == MemoryChoice::Live && self.judged_anew > 0 {
            let count = self.judged_anew;
            writeln!(
                text,
                "{count} articles were not in the live memory, and were judged against it"
            )
            .expect(INFALLIBLE);
        }
        if self.aborts > 0 {
            writeln!(text, "{} batches were aborted and done again", self.aborts).expect(INFALLIBLE);
        }
        writeln!(text, "written to {}", self.outputs.join(", ")).expect(INFALLIBLE);
        text
    }
}
