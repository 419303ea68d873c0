//! Who works on what since when → whether somebody hangs.
//!
//! In: signs of life, with their time in milliseconds after the start. Out: the words of `/health` where there is none for too long,
//! with the record it hangs on. Always: no clock and no lock; a sign costs a few stores, so that every record can give one.

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU64, Ordering};

/// Longest silence of the poll loop. Each call that it makes is bounded by half of this.
pub const POLL_SILENCE_MAX_MS: u64 = 60_000;

/// Longest work on one record, or on the verdicts of one batch. Both take milliseconds.
pub const WORK_MAX_MS: u64 = 60_000;

/// Threads that are watched: as many as `workers` may be, and the one that judges.
const SLOTS: usize = 1_025;

/// Who works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A thread of the pool, by its number.
    Worker(usize),
    /// The one that judges a batch.
    Judge,
}

impl Who {
    fn slot(self) -> usize {
        match self {
            Self::Judge => 0,
            Self::Worker(number) => 1 + number % (SLOTS - 1),
        }
    }
}

/// What one thread works on.
#[derive(Debug, Default)]
struct Slot {
    /// When it began, plus one; 0 while it is idle.
    since: AtomicU64,
    partition: AtomicI32,
    offset: AtomicI64,
}

/// The signs of life of one process.
#[derive(Debug)]
pub struct Liveness {
    polled_ms: AtomicU64,
    slots: Vec<Slot>,
}

impl Default for Liveness {
    fn default() -> Self {
        Self {
            polled_ms: AtomicU64::new(0),
            slots: std::iter::repeat_with(Slot::default).take(SLOTS).collect(),
        }
    }
}

impl Liveness {
    /// The poll loop moved.
    pub fn polled(&self, at_ms: u64) {
        self.polled_ms.store(at_ms, Ordering::Relaxed);
    }

    /// A thread begins on an input record, or on a batch that begins with it.
    pub fn begins(&self, who: Who, partition: i32, offset: i64, at_ms: u64) {
        let slot = &self.slots[who.slot()];
        slot.partition.store(partition, Ordering::Relaxed);
        slot.offset.store(offset, Ordering::Relaxed);
        slot.since.store(at_ms + 1, Ordering::Release);
    }

    /// It is done.
    pub fn ends(&self, who: Who) {
        self.slots[who.slot()].since.store(0, Ordering::Release);
    }

    /// What hangs, in words; `None` while all moves. `is_polling` says whether the poll loop has begun.
    pub fn stuck(&self, now_ms: u64, is_polling: bool) -> Option<String> {
        let silent_ms = now_ms.saturating_sub(self.polled_ms.load(Ordering::Relaxed));
        if is_polling && silent_ms > POLL_SILENCE_MAX_MS {
            return Some(format!("the poll loop has not moved for {} s", silent_ms / 1_000));
        }
        self.slots.iter().enumerate().find_map(|(number, slot)| {
            let since_ms = slot.since.load(Ordering::Acquire).checked_sub(1)?;
            let worked_ms = now_ms.saturating_sub(since_ms);
            let (partition, offset) = (
                slot.partition.load(Ordering::Relaxed),
                slot.offset.load(Ordering::Relaxed),
            );
            let who = match number {
                0 => "judging the batch that begins with".to_owned(),
                n => format!("worker {} on", n - 1),
            };
            let seconds = worked_ms / 1_000;
            (worked_ms > WORK_MAX_MS)
                .then(|| format!("{who} the input record at partition {partition}, offset {offset}: {seconds} s"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_fails_when_the_poll_loop_is_silent_and_only_once_it_polls() {
        let liveness = Liveness::default();
        assert_eq!(
            liveness.stuck(10 * POLL_SILENCE_MAX_MS, false),
            None,
            "reading the memory back may take its time"
        );
        liveness.polled(5_000);
        assert_eq!(liveness.stuck(5_000 + POLL_SILENCE_MAX_MS, true), None);
        let words = liveness.stuck(7_000 + POLL_SILENCE_MAX_MS, true).unwrap();
        assert_eq!(words, "the poll loop has not moved for 62 s");
    }

    #[test]
    fn health_names_the_record_that_a_worker_hangs_on_until_it_is_done() {
        let liveness = Liveness::default();
        liveness.begins(Who::Worker(0), 1, 10, 0);
        liveness.begins(Who::Worker(3), 2, 77, 1_000);
        liveness.ends(Who::Worker(0));
        liveness.polled(2_000 + WORK_MAX_MS);
        assert_eq!(liveness.stuck(1_000 + WORK_MAX_MS, true), None);
        let words = liveness.stuck(2_000 + WORK_MAX_MS, true).unwrap();
        assert_eq!(words, "worker 3 on the input record at partition 2, offset 77: 61 s");
        liveness.ends(Who::Worker(3));
        assert_eq!(liveness.stuck(2_000 + WORK_MAX_MS, true), None);
        liveness.begins(Who::Judge, 0, 5, 0);
        let words = liveness.stuck(2_000 + WORK_MAX_MS, true).unwrap();
        assert!(
            words.starts_with("judging the batch") && words.contains("offset 5"),
            "{words}"
        );
    }
}
