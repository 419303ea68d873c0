//! Records of the memory topic that no stage wrote: produced by hand, or by a program that was given the wrong topic.
//!
//! In: the records of the topic. Out: which are not ours, told in the log now and then, and counted. Always: they are passed over, since
//! otherwise one of them would end every start until the topic forgets it; what a stage wrote is never passed over.

use prometheus_client::metrics::counter::Counter;
use rdkafka::message::{BorrowedMessage, Message};

use super::entry::PARAMETERS_HEADER;
use crate::article::{Origin, Record};
use crate::kafka::{record, trouble};

/// The foreign records that were met.
#[derive(Debug, Clone, Default)]
pub struct Foreign(Counter);

impl Foreign {
    /// Counts them there.
    pub fn counted_by(count: Counter) -> Self {
        Self(count)
    }

    /// How many were met.
    pub fn count(&self) -> u64 {
        self.0.get()
    }

    /// Whether a record of the topic is foreign, which is told and counted. A tombstone only takes away, whoever wrote it.
    pub fn has(&self, record: &Record) -> bool {
        let is_ours = record.value.is_none() || record.headers.iter().any(|(name, _)| name == PARAMETERS_HEADER);
        let Origin {
            topic,
            partition,
            offset,
            ..
        } = &record.origin;
        self.tell(is_ours, (topic, *partition, *offset))
    }

    /// The same of a message.
    pub(super) fn has_message(&self, message: &BorrowedMessage<'_>) -> bool {
        let is_ours = message.payload().is_none() || record::header(message, PARAMETERS_HEADER).is_some();
        self.tell(is_ours, (message.topic(), message.partition(), message.offset()))
    }

    fn tell(&self, is_ours: bool, (topic, partition, offset): (&str, i32, i64)) -> bool {
        if is_ours {
            return false;
        }
        let passed_over = self.0.inc() + 1;
        if trouble::is_due_now(("a foreign record", partition)) {
            tracing::error!(
                topic,
                partition,
                offset,
                passed_over,
                "passed over a record of the memory that no stage wrote: nobody else should have the right to write that topic"
            );
        }
        true
    }
}
