//! What a run must know before it judges: the live stage's verdicts, if they are wanted, then its own.
//!
//! Always: reads only; of the live memory a quarter of the budget is held at most.

use std::sync::Arc;

use parking_lot::Mutex;

use super::request::PreparedRun;
use crate::command::CommandError;
use crate::failure::Failure;
use crate::judge::{Deferred, Judge, MemoryEntry};
use crate::kafka::memory::{Foreign, MemoryTail, RawEntries};
use crate::replay::Recorded;

/// Read the live memory: its verdicts on the range, which are given back, and what the index holds once an article is judged anew. Reads
/// only.
pub(super) async fn restore_live(
    prepared: &PreparedRun,
    judge: &Arc<Mutex<Judge>>,
) -> Result<Arc<Recorded>, CommandError> {
    // A quarter of the budget: half is the index's, and the rest that of the batches in flight and the read-ahead.
    let bytes_max = (prepared.live.memory.budget.bytes() / 4) as usize;
    let recorded = Arc::new(Mutex::new(Recorded::new(&prepared.live.input.topic, &prepared.ranges)));
    let raw = Arc::new(Mutex::new(RawEntries::default()));
    let (keeping, of_all) = (Arc::clone(&recorded), Arc::clone(&raw));
    let taker = Arc::clone(judge);
    let tail =
        MemoryTail::start(&prepared.live, prepared.live_memory, Foreign::default()).map_err(CommandError::Start)?;
    let read = tail.restore_raw(move |key, value| {
        let mut recorded = keeping.lock();
        let mut raw = of_all.lock();
        let entry = raw.keep(key, value)?;
        if let Some(entry) = entry.filter(|_| recorded.bytes() <= bytes_max) {
            recorded.keep(&entry);
        }
        if raw.bytes() > bytes_max {
            std::mem::take(&mut *raw).read(&mut |entry| restore(&taker, entry));
        }
        Ok(())
    });
    let entries = read.await.map_err(|e| {
        CommandError::Start(Failure::new(format!(
            "{e}\nhint: a replay can also start with an empty memory: `--memory fresh`"
        )))
    })?;
    let recorded = std::mem::take(&mut *recorded.lock());
    if recorded.bytes() > bytes_max {
        return Err(CommandError::Usage(format!(
            "the verdicts on the range need more than a quarter of `memory.budget`, which is {}\n\
             hint: raise it, or replay the range in parts",
            prepared.live.memory.budget
        )));
    }
    tracing::info!(entries, on_the_range = recorded.len(), "read the live memory");
    let recorded = Arc::new(recorded);
    let raw = std::mem::take(&mut *raw.lock());
    let mut judge = judge.lock();
    judge.set_recorded(Arc::clone(&recorded));
    judge.defer(Deferred::new(|take| raw.read(take)));
    Ok(recorded)
}

/// Read the run's own memory: what it judged before it was interrupted. The number of entries.
pub(super) async fn restore_own(
    prepared: &PreparedRun,
    partitions: i32,
    judge: &Arc<Mutex<Judge>>,
) -> Result<u64, CommandError> {
    let taker = Arc::clone(judge);
    let tail = MemoryTail::start(&prepared.config, partitions, Foreign::default()).map_err(CommandError::Start)?;
    let read = tail.restore(move |entry| restore(&taker, entry)).await;
    read.map_err(CommandError::Start)
}

fn restore(judge: &Mutex<Judge>, entry: MemoryEntry) {
    judge.lock().restore(entry);
}
