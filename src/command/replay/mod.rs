//! `sluice replay`: a range of the input again, beside the live stage and without touching it.
//!
//! In: bounds, and where verdicts come from. Out: topics of the run's own, and a summary. Always: no group is joined; progress, output
//! and verdicts go with one transaction of the run's own transactional id, so that a start under the same run id goes on where the run
//! was; an abort is taken up in the same way as a kill.

mod attempts;
mod dry_run;
mod memory;
mod outcome;
mod request;

use std::io::Write;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use self::attempts::Attempts;
use self::outcome::{Aborted, ReplaySink, Summary, Totals};
use self::request::PreparedRun;
use super::output::UntilClosed;
use super::signals::{Signals, stop_on_signal};
use super::{CommandError, rules};
use crate::claims::Alone;
use crate::clock::now;
use crate::config::Config;
use crate::dead_letter::Reporter;
use crate::failure::Failure;
use crate::judge::Judge;
use crate::kafka::blocking::blocking;
use crate::kafka::earlier::{EarlierOutputs, READERS};
use crate::kafka::memory::MemoryTail;
use crate::kafka::range::{Beside, Progress, RangeReader, RangeSource};
use crate::kafka::sink::KafkaSink;
use crate::kafka::topics::MissingInput;
use crate::kafka::topics::{self, Topics};
use crate::replay::{MemoryChoice, Partitions, Recorded, RunId};
use crate::stage::{self, Stage, Workers};
use crate::telemetry::Metrics;

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// Wait before an attempt that follows on one that could not be assembled.
const PAUSE: Duration = Duration::from_secs(1);

/// How late a wait that a signal ends may see it.
const STOP_SEEN_WITHIN: Duration = Duration::from_millis(100);

/// What `sluice replay` was asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The first record: `earliest`, an offset (`1200`), offsets by partition (`0:100,1:200`), a time (`2026-11-24T06:00:00Z`), a date
    /// (its midnight UTC), a time before now (`-6h`), or `group:NAME` for what a group has committed.
    #[arg(long, value_name = "BOUND", allow_hyphen_values = true)]
    pub from: String,
    /// The end, which is not read any more, in the same forms.
    #[arg(long, value_name = "BOUND", allow_hyphen_values = true, default_value = "latest")]
    pub to: String,
    /// The end is where this group stands: the same as `--to group:NAME`.
    #[arg(long, value_name = "NAME", conflicts_with = "to")]
    pub to_group: Option<String>,
    /// Only these partitions, such as `0,2,4-7`.
    #[arg(long, value_name = "NUMBERS")]
    pub partitions: Option<Partitions>,
    /// Stop after so many records.
    #[arg(long, value_name = "RECORDS")]
    pub limit: Option<u64>,
    /// The output topic. Duplicates and dead letters go to topics named after it.
    #[arg(long, value_name = "TOPIC")]
    pub output: Option<String>,
    /// Write to the live output topic, and to those of its duplicates and dead letters; `--output` must name it too.
    #[arg(long)]
    pub into_live: bool,
    /// Names the run; a run that was interrupted goes on under its name. Without it the time of the start.
    #[arg(long, value_name = "NAME")]
    pub run_id: Option<RunId>,
    /// Go on though retention has taken a part of the range.
    #[arg(long)]
    pub allow_gaps: bool,
    /// Say what would be read, with a sample of the outcome, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The most records in a second.
    #[arg(long, value_name = "RECORDS")]
    pub records_per_second: Option<NonZeroU32>,
    /// Where verdicts come from: what the live stage remembers, or a memory that starts empty.
    #[arg(long, value_enum, default_value = "live")]
    pub memory: MemoryChoice,
    /// Take what an earlier output says where the steps that made it are those of now, and do only the others again.
    #[arg(long)]
    pub only_changed: bool,
    /// The earlier output; its duplicates are those of a topic named after it. Without it the live output.
    #[arg(long, value_name = "TOPIC", requires = "only_changed")]
    pub earlier: Option<String>,
    /// The summary as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Replay a range, and write the summary to `out`.
pub async fn replay(config: &Config, arguments: &Arguments, out: &mut impl Write) -> Result<(), CommandError> {
    super::has_room(config)?;
    let stop = Arc::new(AtomicBool::new(false));
    let to_stop = Arc::clone(&stop);
    let stopping = tokio::spawn(stop_on_signal(Signals::install()?, move || {
        to_stop.store(true, Ordering::SeqCst);
    }));
    let (config, asked) = (config.clone(), arguments.clone());
    let preparing = blocking(move || request::prepare(&config, &asked));
    let prepared = unless_stopped(&stop, preparing).await.ok_or_else(nothing_written)???;
    let text = if arguments.dry_run {
        let reading = blocking(move || dry_run::dry_run(&prepared));
        unless_stopped(&stop, reading).await.ok_or_else(nothing_written)???
    } else {
        let run = Run {
            prepared: Arc::new(prepared),
            stop,
            metrics: Arc::new(Metrics::new()),
            totals: Arc::default(),
        };
        let (config, id) = (&run.prepared.config, run.prepared.run_id.as_str());
        tracing::info!(
            run = id,
            "a start with this run id goes on with the run, should it be interrupted"
        );
        run.metrics.start_traces(config, id).map_err(CommandError::Usage)?;
        let outcome = run.finish().await;
        let metrics = Arc::clone(&run.metrics);
        blocking(move || metrics.stop_traces()).await?;
        outcome?.write()
    };
    stopping.abort();
    let out = &mut UntilClosed::new(out);
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failure::new(format!("could not write the summary: {e}")))?;
    Ok(())
}

/// What comes of this work, or `None` once the process is told to stop: for work of which nothing needs to be finished. Threads that wait
/// for it end with the process.
async fn unless_stopped<T>(stop: &AtomicBool, work: impl Future<Output = T>) -> Option<T> {
    let stopped = async {
        while !stop.load(Ordering::SeqCst) {
            tokio::time::sleep(STOP_SEEN_WITHIN).await;
        }
    };
    tokio::select! {
        done = work => Some(done),
        () = stopped => None,
    }
}

fn nothing_written() -> Failure {
    Failure::new("stopped before the range was read: nothing was written")
}

/// A run, through as many attempts as it takes.
struct Run {
    prepared: Arc<PreparedRun>,
    stop: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
    totals: Arc<Totals>,
}

/// What one attempt works with.
struct Attempt {
    stage: Stage<RangeSource, ReplaySink, MemoryTail>,
    /// Records that were settled before.
    done: u64,
    /// Records that are left, at most.
    left: u64,
}

impl Run {
    async fn finish(&self) -> Result<Summary, CommandError> {
        let started = now();
        let (mut attempts, mut done_before) = (Attempts::new(self.prepared.run_id.clone()), None);
        let stopped = |attempts: &Attempts| attempts.interrupted("stopped before the end of the range");
        loop {
            let batches = self.totals.batches();
            let Some(assembled) = unless_stopped(&self.stop, self.assemble()).await else {
                return Err(stopped(&attempts).into());
            };
            let Attempt { stage, done, left } = match assembled {
                Ok(attempt) => attempt,
                Err(error) => {
                    attempts.not_assembled(error)?;
                    unless_stopped(&self.stop, tokio::time::sleep(PAUSE)).await;
                    continue;
                }
            };
            attempts.begun();
            done_before.get_or_insert(done);
            let telling = tokio::spawn(tell_progress(Arc::clone(&self.metrics), left));
            let ended = stage.run().await;
            telling.abort();
            // The clients wait for their threads, which an async thread must not.
            blocking(move || drop(stage)).await?;
            let Err(failure) = ended else { break };
            let aborted = self.totals.take_abort();
            // Each article is refused a few times at most, so that to know of one more is a step ahead, too.
            let is_ahead = self.totals.batches() > batches || aborted == Some(Aborted::Refused);
            attempts.failed(&failure, aborted.is_some(), is_ahead)?;
        }
        if self.stop.load(Ordering::SeqCst) {
            return Err(stopped(&attempts).into());
        }
        let done_before = done_before.unwrap_or_default();
        Ok(Summary::new(
            &self.prepared,
            &self.totals,
            done_before,
            started.elapsed(),
        ))
    }

    /// Take the run up: fence whoever had it, see how far it is, read what it must know, begin to read.
    async fn assemble(&self) -> Result<Attempt, CommandError> {
        let prepared = &self.prepared;
        let topics = topics::ensure(&prepared.config, MissingInput::Refused).await;
        let topics = topics.map_err(CommandError::Start)?;
        let group = prepared.run_id.group();
        let (asking, named) = (Arc::clone(prepared), group.clone());
        let readers = if prepared.earlier.is_empty() { 1 } else { READERS };
        let connect = move || RangeReader::connect_beside(&asking.config, &asking.config.input.topic, &named, readers);
        let connected = blocking(connect).await?;
        let reader = Arc::new(connected.map_err(CommandError::Start)?);
        let progress = Arc::new(Progress::new(&reader));
        let (group_of, requests) = (Arc::clone(&progress) as _, self.totals.requests());
        let sink = KafkaSink::start(&prepared.config, &topics, group.clone(), group_of, requests, || 1).await;
        let sink = ReplaySink::new(sink.map_err(CommandError::Start)?, Arc::clone(&self.totals));
        // Behind the fence nobody else moves the progress.
        let asking = Arc::clone(&reader);
        let found = blocking(move || asking.notes()).await?.map_err(CommandError::Start)?;
        request::check_same(&prepared.run_id, &prepared.request, &found)?;
        let is_new = found.is_empty();
        let notes = if is_new { prepared.first_notes() } else { found };
        progress.stand_at(&notes);
        let (judge, recorded) = self.judge(&topics, is_new).await?;
        if is_new {
            sink.begin(&notes).await.map_err(CommandError::Start)?;
        }
        let done: u64 = notes.values().map(|(_, note)| note.done).sum();
        let ranges = request::left(&notes);
        let pace = prepared.pace.after(done);
        let beside = self.beside(recorded).await?;
        let source = reader
            .start(&ranges, &progress, pace, &self.stop, beside)
            .map_err(CommandError::Start)?;
        let left = ranges.iter().map(|range| range.len() as u64).sum();
        Ok(Attempt {
            done,
            left: pace.limit.map_or(left, |limit| limit.min(left)),
            stage: Stage {
                claims: Alone,
                source,
                sink,
                // Nobody else writes to the run's memory.
                tail: MemoryTail::silent(),
                pipeline: stage::fixed(Arc::clone(&prepared.pipeline)),
                judge,
                workers: Workers::pool(prepared.config.worker_count()).map_err(CommandError::Start)?,
                metrics: Arc::clone(&self.metrics),
                reporter: Arc::new(Reporter {
                    group,
                    instance: prepared.run_id.as_str().to_owned(),
                    names: prepared.config.dead_letters.headers,
                }),
                run: Some(prepared.run_id.as_str().into()),
            },
        })
    }

    /// What is read beside the range, if only what changed shall be done.
    async fn beside(&self, recorded: Arc<Recorded>) -> Result<Option<Beside>, CommandError> {
        if self.prepared.earlier.is_empty() {
            return Ok(None);
        }
        let prepared = Arc::clone(&self.prepared);
        let connected =
            blocking(move || EarlierOutputs::connect(&prepared.config, &prepared.earlier, &prepared.run_id.group()))
                .await?;
        let outputs = connected.map_err(CommandError::Start)?;
        Ok(Some(Beside { outputs, recorded }))
    }

    /// A judge that knows what the run must know, and the live verdicts on the range.
    async fn judge(&self, topics: &Topics, is_new: bool) -> Result<(Arc<Mutex<Judge>>, Arc<Recorded>), CommandError> {
        let prepared = &self.prepared;
        let judge = Arc::new(Mutex::new(Judge::new(rules(&prepared.config))));
        let mut recorded = Arc::default();
        if prepared.live_memory > 0 {
            recorded = memory::restore_live(prepared, &judge).await?;
        }
        let own = memory::restore_own(prepared, topics.memory, &judge).await?;
        if is_new && own > 0 {
            let (topic, id) = (&prepared.config.dedupe.memory_topic, prepared.run_id.as_str());
            return Err(CommandError::Usage(format!(
                "run `{id}` begins, and its memory `{topic}` holds {own} verdicts of an earlier one, whose progress is forgotten\n\
                 hint: name another `--run-id`, or delete the topics of that run"
            )));
        }
        judge.lock().set_refused(self.totals.refused());
        Ok((judge, recorded))
    }
}

/// Tell every few seconds how far the attempt is.
async fn tell_progress(metrics: Arc<Metrics>, left: u64) {
    let (started, before) = (now(), metrics.records_committed());
    loop {
        tokio::time::sleep(PROGRESS_EVERY).await;
        let records = metrics.records_committed() - before;
        let took = started.elapsed();
        let a_second = records as f64 / took.as_secs_f64();
        tracing::info!(
            records,
            of = left,
            a_second = a_second.round() as u64,
            seconds_left = seconds_left(left, records, took),
            "replaying"
        );
    }
}

/// Until all is done, at the rate so far; `None` where nothing has been done yet.
fn seconds_left(of: u64, records: u64, took: Duration) -> Option<u64> {
    let seconds = of.saturating_sub(records) as f64 * took.as_secs_f64() / records as f64;
    seconds.is_finite().then(|| seconds.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_knows_how_long_a_replay_takes_that_has_done_nothing() {
        let after = |records| seconds_left(1_000, records, Duration::from_secs(10));
        assert_eq!(after(0), None);
        assert_eq!(after(100), Some(90));
        assert_eq!(after(1_000), Some(0));
    }
}
