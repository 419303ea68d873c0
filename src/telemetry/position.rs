//! Where a partition stands: how far behind its end, and since when something of it waits for its commit.
//!
//! In: what is handed over, what is committed, and where the partition ends. Out: a lag, and since when something waits. Always: an abort
//! makes nothing younger.

use std::collections::VecDeque;
use std::time::Instant;

/// Where a partition stands. librdkafka's own lag goes by the commits of its consumer, and a transaction's are not among them.
#[derive(Debug, Default)]
pub(super) struct Position {
    pub(super) first: i64,
    pub(super) next: Option<i64>,
    pub(super) end: Option<i64>,
    /// All that can be read was handed over: what lies before the end and is no record (a transaction's marker) is nothing to wait for.
    pub(super) is_read: bool,
    /// For each batch that is not known to be committed: the offset behind it, and when it was handed over first. It stays when a transaction is
    /// aborted, so that the age goes on.
    handed: VecDeque<(i64, Instant)>,
}

impl Position {
    pub(super) fn lag(&self) -> Option<i64> {
        let end = self.end?;
        if self.is_read && self.handed.is_empty() {
            return Some(0);
        }
        Some((end - self.next.unwrap_or(0).max(self.first)).max(0))
    }

    /// Records up to this offset were handed over. What comes again after an abort has waited since the first time.
    pub(super) fn hand_over(&mut self, up_to: i64, now: Instant) {
        let before = self.handed.back().map(|(up_to, _)| *up_to).or(self.next);
        if before.is_none_or(|before| before < up_to) {
            self.handed.push_back((up_to, now));
        }
    }

    /// What lies before this offset is committed, or gone.
    pub(super) fn pass(&mut self, next: i64) {
        while self.handed.front().is_some_and(|(up_to, _)| *up_to <= next) {
            self.handed.pop_front();
        }
    }

    pub(super) fn uncommitted_since(&self) -> Option<Instant> {
        self.handed.front().map(|(_, since)| *since)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::now;

    #[test]
    fn the_lag_counts_from_the_committed_offset_to_the_end() {
        let at = |next, is_read, handed: &[i64]| Position {
            first: 3,
            next,
            end: Some(10),
            is_read,
            handed: handed.iter().map(|up_to| (*up_to, now())).collect(),
        };
        assert_eq!(
            Position::default().lag(),
            None,
            "nothing is claimed before the end is known"
        );
        assert_eq!(
            at(None, false, &[]).lag(),
            Some(7),
            "from the first record, where nothing is committed"
        );
        assert_eq!(at(Some(8), false, &[10]).lag(), Some(2));
        assert_eq!(at(Some(8), true, &[10]).lag(), Some(2), "read is not committed");
        assert_eq!(
            at(Some(9), true, &[]).lag(),
            Some(0),
            "a transaction's marker at the end is no record"
        );
    }

    #[test]
    fn what_is_aborted_has_waited_since_it_was_handed_over_first() {
        let at = |ms| now() + Duration::from_millis(ms);
        let mut position = Position::default();
        let (first, second) = (at(0), at(10));
        position.hand_over(5, first);
        position.hand_over(8, second);
        position.hand_over(3, at(20));
        assert_eq!(position.uncommitted_since(), Some(first));
        position.pass(4);
        assert_eq!(position.uncommitted_since(), Some(first), "a part of it");
        position.pass(6);
        assert_eq!(position.uncommitted_since(), Some(second));
        position.pass(8);
        assert_eq!(position.uncommitted_since(), None);
    }
}
