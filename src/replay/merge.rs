//! Partitions, each in its own order → one order, by time.
//!
//! In: the next item of each partition, as it arrives. Out: the items by (time, partition), each partition's own order kept. Always: the
//! order depends on what the partitions hold alone, never on which of them answered first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// A merge that holds one item of each partition.
#[derive(Debug)]
pub struct Merge<T> {
    /// (time, partition) of the items held, the least on top. A partition is here once at most.
    order: BinaryHeap<Reverse<(i64, i32)>>,
    heads: BTreeMap<i32, T>,
    /// Partitions that have more, and whose next item is not here.
    lacking: BTreeSet<i32>,
}

impl<T> Merge<T> {
    /// A merge of these partitions.
    pub fn new(partitions: impl IntoIterator<Item = i32>) -> Self {
        Self {
            order: BinaryHeap::new(),
            heads: BTreeMap::new(),
            lacking: partitions.into_iter().collect(),
        }
    }

    /// A partition whose next item must be known before anything can be taken.
    pub fn lacks(&self) -> Option<i32> {
        self.lacking.first().copied()
    }

    /// The next item of a partition that lacks one.
    pub fn offer(&mut self, partition: i32, time: i64, item: T) {
        debug_assert!(self.lacking.contains(&partition), "a partition holds one item");
        self.lacking.remove(&partition);
        self.order.push(Reverse((time, partition)));
        self.heads.insert(partition, item);
    }

    /// A partition has no more items.
    pub fn end(&mut self, partition: i32) {
        self.lacking.remove(&partition);
    }

    /// The next item of all; `None` while a partition lacks one, and at the end.
    pub fn take(&mut self) -> Option<T> {
        if !self.lacking.is_empty() {
            return None;
        }
        let Reverse((_, partition)) = self.order.pop()?;
        self.lacking.insert(partition);
        self.heads.remove(&partition)
    }

    /// Whether everything was taken.
    pub fn is_done(&self) -> bool {
        self.lacking.is_empty() && self.order.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Merge whole partitions; of those that lack an item, `choose` says which arrives first.
    fn merged(partitions: &[Vec<i64>], mut choose: impl FnMut(usize) -> usize) -> Vec<(i32, usize)> {
        let mut merge = Merge::new(0..partitions.len() as i32);
        let (mut next, mut taken) = (vec![0; partitions.len()], Vec::new());
        while !merge.is_done() {
            let lacking: Vec<i32> = merge.lacking.iter().copied().collect();
            if lacking.is_empty() {
                taken.extend(merge.take());
                continue;
            }
            let partition = lacking[choose(lacking.len())];
            let at = partition as usize;
            match partitions[at].get(next[at]) {
                None => merge.end(partition),
                Some(time) => merge.offer(partition, *time, (partition, next[at])),
            }
            next[at] += 1;
        }
        taken
    }

    #[test]
    fn items_come_by_time_then_partition_and_a_partition_keeps_its_order() {
        let taken = merged(&[vec![1, 5, 3], vec![1, 2], vec![]], |_| 0);
        assert_eq!(taken, [(0, 0), (1, 0), (1, 1), (0, 1), (0, 2)]);
    }

    #[test]
    fn nothing_is_taken_while_a_partition_lacks_its_item() {
        let mut merge = Merge::new([0, 1]);
        merge.offer(1, 0, "b");
        assert_eq!((merge.lacks(), merge.take()), (Some(0), None));
        merge.end(0);
        assert_eq!((merge.lacks(), merge.take(), merge.lacks()), (None, Some("b"), Some(1)));
        merge.end(1);
        assert!(merge.is_done());
    }

    proptest! {
        #[test]
        fn the_order_does_not_depend_on_what_arrives_first(
            partitions in proptest::collection::vec(proptest::collection::vec(0_i64..20, 0..12), 1..6),
            choices in proptest::collection::vec(0_usize..1000, 100),
        ) {
            let mut at = 0;
            let any = merged(&partitions, |n| { at += 1; choices[at % choices.len()] % n });
            let first = merged(&partitions, |_| 0);
            prop_assert_eq!(&any, &first);
            prop_assert_eq!(any.len(), partitions.iter().map(Vec::len).sum::<usize>());
            for (partition, _) in (0..).zip(&partitions) {
                let own: Vec<usize> = any.iter().filter(|(p, _)| *p == partition).map(|(_, n)| *n).collect();
                prop_assert!(own.is_sorted());
            }
        }
    }
}
