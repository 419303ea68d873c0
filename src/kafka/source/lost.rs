//! Records that the input topic forgot before they were read.
//!
//! In: what is read of each partition, and from which offset on the brokers have records. Out: the offsets that were passed over since
//! they are gone. Always: what is passed over for another reason (a transaction's marker, compaction) is not called lost, and nothing is
//! told twice while the partition stays.

use std::collections::BTreeMap;

/// Gaps of a partition that are kept until the brokers' next word; the largest, where there are more.
const GAPS_MAX: usize = 4_096;

/// The reading of one partition.
#[derive(Debug, Default)]
struct Reading {
    /// What is read next. Unknown where the group has committed nothing: it begins with what there is.
    next: Option<i64>,
    /// Where offsets were passed over since the last word of the brokers: from, to.
    gaps: Vec<(i64, i64)>,
    /// What lies before it was told already.
    told: i64,
}

/// The reading of all assigned partitions.
#[derive(Debug, Default)]
pub(super) struct Readings(BTreeMap<i32, Reading>);

impl Readings {
    /// A partition is read from this offset on, for the first time or again.
    pub(super) fn begins(&mut self, partition: i32, next: Option<i64>) {
        let reading = self.0.entry(partition).or_default();
        // Offsets from `next` on will be read again, and their gaps found again.
        reading.gaps.retain(|(_, to)| next.is_some_and(|next| *to <= next));
        reading.next = next;
    }

    /// A record was read.
    pub(super) fn read(&mut self, partition: i32, offset: i64) {
        let reading = self.0.entry(partition).or_default();
        if let Some(next) = reading.next.filter(|next| *next < offset) {
            if reading.gaps.len() >= GAPS_MAX {
                reading.gaps.sort_by_key(|(from, to)| from - to);
                reading.gaps.truncate(GAPS_MAX / 2);
            }
            reading.gaps.push((next, offset));
        }
        reading.next = Some(offset + 1);
    }

    /// All up to the end was read while the brokers had it: what lies behind the last record is no record (a transaction's marker, or an
    /// aborted one).
    pub(super) fn reached(&mut self, partition: i32, first: i64, end: i64) {
        let reading = self.0.get_mut(&partition).and_then(|reading| reading.next.as_mut());
        if let Some(next) = reading.filter(|next| first <= **next && **next < end) {
            *next = end;
        }
    }

    /// The offsets that are gone, from and to, given that the brokers have records from `first` on: of what was passed over, and where no
    /// record waits to be read (`is_drained`) of what would be read next. Each is told once.
    pub(super) fn gone(&mut self, partition: i32, first: i64, is_drained: bool) -> Vec<(i64, i64)> {
        // A negative offset is none: the client knows of no first one now.
        let Some(reading) = self.0.get_mut(&partition).filter(|_| first >= 0) else {
            return Vec::new();
        };
        let mut spans = std::mem::take(&mut reading.gaps);
        if let Some(next) = reading.next.filter(|next| is_drained && *next < first) {
            spans.push((next, first));
            reading.next = Some(first);
        }
        spans.sort_unstable();
        let mut gone = Vec::new();
        for (from, to) in spans {
            let (from, to) = (from.max(reading.told), to.min(first));
            if from < to {
                gone.push((from, to));
                reading.told = to;
            }
        }
        gone
    }

    /// A partition is another's.
    pub(super) fn forget(&mut self, partition: i32) {
        self.0.remove(&partition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(next: Option<i64>) -> Readings {
        let mut readings = Readings::default();
        readings.begins(0, next);
        readings
    }

    #[test]
    fn a_marker_behind_the_last_record_is_not_lost() {
        let mut readings = begun(Some(10));
        readings.read(0, 10);
        readings.reached(0, 0, 12);
        assert_eq!(readings.gone(0, 12, true), []);
        readings.read(0, 12);
        readings.reached(0, 20, 20);
        assert_eq!(
            readings.gone(0, 20, true),
            [(13, 20)],
            "they went before the end was reached"
        );
    }

    #[test]
    fn what_is_gone_before_it_is_read_is_told_once() {
        let mut readings = begun(Some(10));
        assert_eq!(readings.gone(0, 10, true), []);
        assert_eq!(readings.gone(0, 25, false), [], "a record waits to be read");
        assert_eq!(readings.gone(0, 25, true), [(10, 25)]);
        assert_eq!(readings.gone(0, 25, true), []);
        readings.read(0, 25);
        assert_eq!(readings.gone(0, 25, true), []);
        readings.begins(0, Some(10));
        readings.read(0, 30);
        assert_eq!(readings.gone(0, 30, true), [(25, 30)], "after an abort the rest alone");
    }

    #[test]
    fn what_is_passed_over_while_reading_is_told_with_the_brokers_next_word() {
        let mut readings = begun(Some(10));
        readings.read(0, 10);
        readings.read(0, 40);
        readings.read(0, 41);
        assert_eq!(
            readings.gone(0, -1, false),
            [],
            "nothing is known now, and nothing forgotten"
        );
        assert_eq!(
            readings.gone(0, 35, false),
            [(11, 35)],
            "between 35 and 40 there was none"
        );
        readings.read(0, 50);
        assert_eq!(readings.gone(0, 35, true), [], "a transaction's marker, or compaction");
        assert_eq!(
            readings.gone(0, 51, true),
            [],
            "the brokers had it when it was passed over"
        );
    }

    #[test]
    fn a_group_without_a_past_loses_nothing() {
        let mut readings = begun(None);
        assert_eq!(readings.gone(0, 25, true), []);
        readings.read(0, 25);
        assert_eq!(readings.gone(0, 25, true), []);
        assert_eq!(readings.gone(1, 25, true), [], "not ours");
        readings.begins(0, Some(10));
        readings.forget(0);
        assert_eq!(readings.gone(0, 25, true), []);
    }

    #[test]
    fn of_very_many_gaps_the_largest_are_kept() {
        let mut readings = begun(Some(0));
        readings.read(0, 1_000);
        for n in 0..2 * GAPS_MAX as i64 {
            readings.read(0, 1_002 + 2 * n);
        }
        assert!(readings.0[&0].gaps.len() <= GAPS_MAX);
        assert_eq!(readings.gone(0, 900, false), [(0, 900)]);
    }
}
