//! Ranges as a source of the stage: a thread reads them, and hands over batches until their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::input::RangeInput;
use super::pace::{Pace, Throttle};
use super::progress::Progress;
use super::{POLL_MAX, RangeReader};
use crate::article::Record;
use crate::clock::now;
use crate::decode::packed::weight;
use crate::failure::Failure;
use crate::kafka::earlier::EarlierOutputs;
use crate::replay::{Earlier, Range, Recorded};
use crate::stage::{Batch, Lease, Source};

/// What is read beside a range: an earlier run's outputs, and the verdicts on record.
#[derive(Debug)]
pub struct Beside {
    /// The outputs.
    pub outputs: EarlierOutputs,
    /// The verdicts that the judge will give again.
    pub recorded: Arc<Recorded>,
}

impl RangeReader {
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

/// The reading thread's own state.
struct Collector {
    input: RangeInput,
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
        while records.len() < records_max && bytes < self.bytes_max && !self.input.is_done() {
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
                bytes += weight(&record) + outputs.iter().map(Vec::len).sum::<usize>();
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
}
