//! How fast a range is read, and how much of it.

use std::time::{Duration, Instant};

/// How fast, and how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// Records that are read at most.
    pub limit: Option<u64>,
    /// Records in a second at most.
    pub records_per_second: Option<u32>,
}

impl Pace {
    /// The pace of a run that has read so many records before.
    #[must_use]
    pub fn after(self, records: u64) -> Self {
        Self {
            limit: self.limit.map(|limit| limit.saturating_sub(records)),
            ..self
        }
    }
}

/// Keeps records to so many a second. What was missed in a slow spell is made up for a second's worth at most, so that no burst follows it.
#[derive(Debug)]
pub(super) struct Throttle {
    records_per_second: u32,
    /// When the next records are due.
    due: Option<Instant>,
}

impl Throttle {
    const MADE_UP_MAX: Duration = Duration::from_secs(1);

    pub(super) fn new(records_per_second: u32) -> Self {
        Self {
            records_per_second,
            due: None,
        }
    }

    /// When so many records may go that are ready now; the ones after them are due later by their share of a second.
    pub(super) fn admit(&mut self, records: usize, now: Instant) -> Instant {
        let made_up_from = now.checked_sub(Self::MADE_UP_MAX).unwrap_or(now);
        let due = self.due.unwrap_or(now).max(made_up_from);
        self.due = Some(due + Duration::from_secs_f64(records as f64 / f64::from(self.records_per_second)));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now;

    #[test]
    fn a_slow_spell_is_made_up_for_a_second_at_most() {
        let (start, mut throttle) = (now(), Throttle::new(100));
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut admit = |ms: u64| throttle.admit(25, at(ms));
        // Batches of a quarter of a second's worth, as fast as they can be had.
        assert_eq!([0, 0, 250, 500].map(&mut admit), [at(0), at(250), at(500), at(750)]);
        // A little late: the next ones make up for it.
        assert_eq!([1_200, 1_200, 1_250].map(&mut admit), [at(1_000), at(1_250), at(1_500)]);
        // A minute without records: a hundred are let go at once, and not six thousand.
        let burst = [61_500; 7].map(&mut admit);
        assert_eq!(burst.iter().filter(|due| **due < at(61_500)).count(), 4);
        assert_eq!(burst[5..], [at(61_750), at(62_000)]);
    }
}
