//! Partitions of one topic and their offsets, as the client lists them.
//!
//! In: partitions, or a list of the client. Out: a list to ask with or to seek to, or a map. Always: what has no number for its offset is
//! left out of a map, and is the beginning where it is sought.

use std::collections::BTreeMap;

use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::{Offset, TopicPartitionList};

/// Partitions of a topic, to ask for.
pub(super) fn list(topic: &str, partitions: impl IntoIterator<Item = i32>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(topic, partition);
    }
    list
}

/// The offsets of a list by partition, where they are numbers and no errors.
pub(super) fn by_partition(list: &TopicPartitionList) -> BTreeMap<i32, i64> {
    let elements = list.elements();
    let without_error = elements.iter().filter(|element| element.error().is_ok());
    let number = |element: &TopicPartitionListElem<'_>| match element.offset() {
        Offset::Offset(offset) => Some((element.partition(), offset)),
        _ => None,
    };
    without_error.filter_map(number).collect()
}

/// Where to seek to: the offset of each of these, or the beginning where it has none.
pub(super) fn or_beginning<'a>(
    topic: &str,
    elements: impl IntoIterator<Item = &'a TopicPartitionListElem<'a>>,
) -> Result<TopicPartitionList, KafkaError> {
    let mut target = TopicPartitionList::new();
    for element in elements {
        let offset = match element.offset() {
            number @ Offset::Offset(_) => number,
            _ => Offset::Beginning,
        };
        target.add_partition_offset(topic, element.partition(), offset)?;
    }
    Ok(target)
}
