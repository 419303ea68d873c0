//! The batches that are read and not yet committed or void.
//!
//! In: batches and the ends of their leases. Out: how many, how large, how old. Always: the age is asked for when it is shown, so a
//! stage that hangs shows a growing one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::clock::now;
use crate::decode::packed::weight;
use crate::stage::{Batch, Lease};

/// One batch.
#[derive(Debug)]
struct Entry {
    since: Instant,
    records: u64,
    bytes: u64,
    partitions: BTreeSet<i32>,
}

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    open: BTreeMap<u64, Entry>,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(super) struct InFlight(Arc<Mutex<Entries>>);

/// What they amount to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) batches: u64,
    pub(super) records: u64,
    pub(super) bytes: u64,
    /// For each partition the age of its oldest batch.
    pub(super) ages: BTreeMap<i32, Duration>,
}

impl InFlight {
    /// Count a batch until its lease ends.
    pub(super) fn track(&self, mut batch: Batch) -> Batch {
        let entry = Entry {
            since: now(),
            records: batch.records.len() as u64,
            bytes: batch.records.iter().map(|record| weight(record) as u64).sum(),
            partitions: batch.records.iter().map(|record| record.origin.partition).collect(),
        };
        let mut entries = self.0.lock();
        let key = entries.next;
        entries.next += 1;
        entries.open.insert(key, entry);
        drop(entries);
        let (all, inner) = (self.clone(), batch.lease);
        batch.lease = Lease::new(move || {
            all.0.lock().open.remove(&key);
            drop(inner);
        });
        batch
    }

    /// What is in flight now.
    pub(super) fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for entry in self.0.lock().open.values() {
            sum.batches += 1;
            sum.records += entry.records;
            sum.bytes += entry.bytes;
            for partition in &entry.partitions {
                let age = sum.ages.entry(*partition).or_default();
                *age = (*age).max(entry.since.elapsed());
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Origin, Record};

    fn batch(partitions: &[i32]) -> Batch {
        let record = |partition: &i32| Record {
            origin: Origin {
                topic: "raw".into(),
                partition: *partition,
                offset: 1,
                position: 0,
            },
            key: None,
            value: Some(b"four".to_vec()),
            headers: Vec::new(),
            timestamp_ms: None,
        };
        Batch {
            number: 1,
            epoch: 1,
            assignment: 1,
            records: partitions.iter().map(record).collect(),
            earlier: crate::replay::Earlier::default(),
            lease: Lease::new(|| {}),
        }
    }

    #[test]
    fn a_batch_counts_until_its_lease_ends() {
        let all = InFlight::default();
        let first = all.track(batch(&[0, 2]));
        let second = all.track(batch(&[2]));
        let sum = all.sum();
        assert_eq!((sum.batches, sum.records, sum.bytes), (2, 3, 12));
        assert_eq!(sum.ages.keys().copied().collect::<Vec<_>>(), [0, 2]);
        drop(first);
        assert_eq!(all.sum().ages.keys().copied().collect::<Vec<_>>(), [2]);
        drop(second);
        assert_eq!(all.sum(), Sum::default());
    }
}
