//! What was made of the records of a partition, read beside them: matched by offset, without holding more than is ahead.
//!
//! In: the outputs of some input partitions in the order in which they were written, and the input's offsets as they are read. Out: for each
//! offset what was made of it. Always: an output that comes too early is held, up to a bound, one that comes too late is forgotten, and
//! nothing is given to a record that it was not made of.

use std::collections::{BTreeMap, VecDeque};

/// An output that waits for its record.
#[derive(Debug)]
struct Waited {
    /// Of the record.
    offset: i64,
    /// How many articles that holds.
    articles: u32,
    /// The record's time, since outputs keep it.
    time_ms: Option<i64>,
    output: Vec<u8>,
}

/// Outputs that wait for their records.
#[derive(Debug)]
pub struct Waiting {
    /// Input partition → outputs in the order of arrival.
    queues: BTreeMap<i32, VecDeque<Waited>>,
    bytes: usize,
    bytes_max: usize,
}

impl Waiting {
    /// Holds so many bytes at most, besides those of the partition that is asked for.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            queues: BTreeMap::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// An output arrived, made of the record at this place, which holds so many articles, while `asked` is asked for. One of another
    /// partition is dropped where there is no room for it: its record is then one without an earlier output.
    pub fn offer(
        &mut self,
        asked: i32,
        (partition, offset, articles): (i32, i64, u32),
        time_ms: Option<i64>,
        output: Vec<u8>,
    ) {
        if partition != asked && self.bytes + output.len() > self.bytes_max {
            return;
        }
        self.bytes += output.len();
        let waited = Waited {
            offset,
            articles,
            time_ms,
            output,
        };
        self.queues.entry(partition).or_default().push_back(waited);
    }

    /// Whether all that was made of a record has arrived, as far as the order of the outputs tells.
    pub fn has_all(&mut self, partition: i32, offset: i64) -> bool {
        let queue = self.queues.entry(partition).or_default();
        while queue.front().is_some_and(|waited| waited.offset < offset) {
            self.bytes -= queue.pop_front().map_or(0, |waited| waited.output.len());
        }
        queue.iter().any(|waited| waited.offset > offset)
    }

    /// How many outputs of a record have arrived, and how many there are by their own word: 0 where none has.
    pub fn arrived(&self, partition: i32, offset: i64) -> (u32, u32) {
        let queue = self.queues.get(&partition).into_iter().flatten();
        let same = queue.filter(|waited| waited.offset == offset);
        same.fold((0, 0), |(count, _), waited| (count + 1, waited.articles))
    }

    /// What was made of a record with this time, and has arrived. Another time is another record, of a topic that was made again since.
    pub fn take(&mut self, partition: i32, offset: i64, time_ms: Option<i64>) -> Vec<Vec<u8>> {
        self.has_all(partition, offset);
        let queue = self.queues.entry(partition).or_default();
        let mut taken = Vec::new();
        while queue.front().is_some_and(|waited| waited.offset == offset) {
            let Some(waited) = queue.pop_front() else { break };
            self.bytes -= waited.output.len();
            if time_ms.is_none() || waited.time_ms == time_ms {
                taken.push(waited.output);
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ask for each record in turn, reading the outputs (partition, offset) as far as is needed; how many were found for each.
    fn found(outputs: &[(i32, i64)], records: &[(i32, i64)], bytes_max: usize) -> Vec<usize> {
        let (mut waiting, mut outputs) = (Waiting::new(bytes_max), outputs.iter());
        let one = |(partition, offset): &(i32, i64)| {
            while !waiting.has_all(*partition, *offset) {
                let Some((of, at)) = outputs.next() else { break };
                waiting.offer(*partition, (*of, *at, 1), Some(*at), format!("{of}-{at}").into_bytes());
            }
            let taken = waiting.take(*partition, *offset, Some(*offset));
            assert!(taken.iter().all(|t| *t == format!("{partition}-{offset}").into_bytes()));
            taken.len()
        };
        let found = records.iter().map(one).collect();
        assert!(waiting.bytes <= bytes_max.max(3));
        found
    }

    #[test]
    fn each_record_gets_what_was_made_of_it() {
        let records: Vec<(i32, i64)> = (0..6).map(|n| (0, n)).collect();
        assert_eq!(
            found(&[(0, 0), (0, 2), (0, 2), (0, 5)], &records, 99),
            [1, 0, 2, 0, 0, 1]
        );
        assert_eq!(found(&[], &records, 99), [0; 6]);
    }

    #[test]
    fn a_record_of_a_topic_that_was_made_again_gets_nothing_of_the_old_one() {
        let mut waiting = Waiting::new(99);
        for (time_ms, output) in [(5, "old"), (90, "new")] {
            waiting.offer(0, (0, 7, 1), Some(time_ms), output.into());
        }
        assert_eq!(waiting.take(0, 7, Some(90)), [b"new".to_vec()]);
        assert_eq!(waiting.bytes, 0);
    }

    #[test]
    fn partitions_that_share_a_lane_wait_for_each_other() {
        let records = [(0, 0), (1, 0), (0, 1), (1, 1)];
        let outputs = [(1, 0), (1, 1), (0, 0), (0, 1)];
        assert_eq!(found(&outputs, &records, 99), [1; 4]);
        // Without room, what came early is lost, and nothing else is.
        assert_eq!(found(&outputs, &records, 3), [1, 1, 1, 0]);
    }

    #[test]
    fn outputs_that_come_again_or_from_before_the_range_are_forgotten() {
        let records: Vec<(i32, i64)> = (3..6).map(|n| (0, n)).collect();
        let outputs = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5].map(|n| (0, n));
        assert_eq!(found(&outputs, &records, 99), [1; 3]);
    }
}
