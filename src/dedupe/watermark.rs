//! Record times → what time it is in the stream.
//!
//! In: the times of records, one after another. Out: the time from which the window counts back. Always: it depends on the sequence alone, so
//! that a replay sees what the live run saw; fewer than half of [`TIMES`] records cannot move it, whatever date they carry.
//!
//! The median of the last record times, and not the newest: one record dated 2099 would otherwise empty the window, and one partition that
//! is read from far back would find no copy within itself.

use std::collections::VecDeque;

/// Record times that are looked at. More withstand a longer run of wrong dates; each costs a step of an insertion.
pub(super) const TIMES: usize = 63;

#[derive(Debug, Default)]
pub(super) struct Watermark {
    last: VecDeque<i64>,
    sorted: Vec<i64>,
}

impl Watermark {
    pub(super) fn take(&mut self, time_ms: i64) {
        if self.last.len() == TIMES
            && let Some(old) = self.last.pop_front()
            && let Ok(at) = self.sorted.binary_search(&old)
        {
            self.sorted.remove(at);
        }
        self.last.push_back(time_ms);
        self.sorted
            .insert(self.sorted.partition_point(|t| *t < time_ms), time_ms);
    }

    /// Whether any record had a time so far.
    pub(super) fn has_time(&self) -> bool {
        !self.sorted.is_empty()
    }

    /// The stream's time; the earliest of all before the first record.
    pub(super) fn now_ms(&self) -> i64 {
        self.sorted.get(self.sorted.len() / 2).copied().unwrap_or(i64::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(times: impl IntoIterator<Item = i64>) -> i64 {
        let mut watermark = Watermark::default();
        times.into_iter().for_each(|time| watermark.take(time));
        watermark.now_ms()
    }

    #[test]
    fn the_watermark_follows_the_stream_and_no_outlier() {
        assert_eq!(after([]), i64::MIN);
        assert_eq!(after([5]), 5);
        assert_eq!(after([5, 9]), 9);
        assert_eq!(after([1_000_000, 5, 6]), 6, "a wrong date at the beginning");
        assert_eq!(after(0..1000), 1000 - 32);
        let far = |n: i64| if n % 3 == 0 { i64::MAX } else { n };
        assert!(after((0..1000).map(far)) < 1000);
        assert_eq!(after((0..1000).chain([i64::MAX; 31])), 999);
    }
}
