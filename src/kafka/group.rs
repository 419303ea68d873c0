//! The group as its coordinator tells it, for who looks at it from outside and moves it.
//!
//! In: the group and its input topic. Out: members and what they are assigned, what is committed, where the partitions end. Always: the
//! group is not joined, and the brokers take what is committed here only while it has no members.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::groups::{GroupInfo, GroupMemberInfo};
use rdkafka::{Offset, TopicPartitionList};
use serde::Serialize;

use super::{ask, client, error, offsets, settings};
use crate::clock::now;
use crate::config::Config;
use crate::failure::Failure;

/// Longest wait for the members.
const MEMBERS_TIMEOUT: Duration = Duration::from_secs(10);

/// Until the brokers look for transactions whose time is over (every 10 s by default), and some.
const LOOK_MAX: Duration = Duration::from_secs(20);

/// What to do about a transaction that does not end.
const OPEN: &str = "\nhint: an instance that died left a transaction open; the brokers end it when its time is over, or the next run of that instance";

/// What the brokers call a group of another protocol when they are asked in the classic one.
const UNTOLD: &str = "Dead";

/// Looks at a group and moves its offsets, from outside.
pub struct GroupClient {
    consumer: BaseConsumer<client::Reasons>,
    /// Waits for no transaction.
    uncommitted: BaseConsumer<client::Reasons>,
    group: String,
    topic: String,
    session: Duration,
}

impl std::fmt::Debug for GroupClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GroupClient")
    }
}

/// The state of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is none of this name.
    Missing,
    /// The brokers' word for it (`Empty`, `Stable`, `PreparingRebalance`, `CompletingRebalance`).
    Told(String),
    /// Not known, and why.
    Untold(String),
}

/// A member of a group.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Member {
    /// The coordinator's name for it.
    pub id: String,
    /// For an instance of the stage its transactional id.
    pub client_id: String,
    /// Where it speaks from.
    pub host: String,
    /// What it is assigned of the input topic.
    pub partitions: BTreeSet<i32>,
}

impl GroupClient {
    /// Of the group `kafka.group` and the input topic.
    pub fn connect(config: &Config) -> Result<Self, Failure> {
        let make = |settings| {
            let made = client::make_consumer(&settings, client::Reasons::of(config));
            made.map_err(|e| Failure::new(format!("could not make a Kafka client: {e}{}", error::hint(&e))))
        };
        Ok(Self {
            consumer: make(settings::memory_consumer(config))?,
            uncommitted: make(settings::uncommitted(config))?,
            group: config.kafka.group.clone(),
            topic: config.input.topic.clone(),
            session: Duration::from_millis(config.kafka.session_timeout_ms.into()),
        })
    }

    /// The group's state, and its members as far as they are told.
    pub fn described(&self) -> (State, Vec<Member>) {
        let list = match self.consumer.fetch_group_list(Some(&self.group), MEMBERS_TIMEOUT) {
            Ok(list) => list,
            Err(e) => {
                return (
                    State::Untold(format!("since the brokers do not tell it: {e}")),
                    Vec::new(),
                );
            }
        };
        let Some(group) = list.groups().iter().find(|group| group.name() == self.group) else {
            return (State::Missing, Vec::new());
        };
        let members = group.members().iter().map(|member| self.member(member));
        (state(group), members.collect())
    }

    fn member(&self, member: &GroupMemberInfo) -> Member {
        let assignment = member.assignment().unwrap_or_default();
        Member {
            id: member.id().to_owned(),
            client_id: member.client_id().to_owned(),
            host: member.client_host().trim_start_matches('/').to_owned(),
            partitions: assigned(assignment, &self.topic).unwrap_or_default(),
        }
    }

    /// What the group has committed of these partitions; those that it never committed are left out.
    pub fn committed(&self, partitions: &BTreeSet<i32>) -> Result<BTreeMap<i32, i64>, Failure> {
        let told = self.ask_committed(&self.uncommitted, partitions);
        told.map_err(|e| self.failed("read the committed offsets", &e))
    }

    /// The same, once no transaction is open that may commit others: one that a dead instance left open the brokers end when its time is
    /// over.
    pub fn settled(&self, partitions: &BTreeSet<i32>) -> Result<BTreeMap<i32, i64>, Failure> {
        // The brokers answer: who hears nothing from here on waits for a transaction.
        self.committed(partitions)?;
        let deadline = now() + self.session + LOOK_MAX;
        loop {
            let error = match self.ask_committed(&self.consumer, partitions) {
                Ok(told) => return Ok(told),
                Err(error) => error,
            };
            let is_open = error.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut);
            if !is_open || now() >= deadline {
                let mut failure = self.failed("read what is settled of the committed offsets", &error);
                failure.message += if is_open { OPEN } else { "" };
                return Err(failure);
            }
            tracing::warn!(%error, "waiting for the end of a transaction that commits offsets of the group");
        }
    }

    fn ask_committed(
        &self,
        consumer: &BaseConsumer<client::Reasons>,
        partitions: &BTreeSet<i32>,
    ) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let asked = offsets::list(&self.topic, partitions.iter().copied());
        let told = ask::committed(consumer, &asked).and_then(ask::each_without_error)?;
        Ok(offsets::by_partition(&told))
    }

    /// Commit these offsets. The brokers refuse it where the group has members.
    pub fn commit(&self, targets: &BTreeMap<i32, i64>) -> Result<(), Failure> {
        let failed = |e: KafkaError| self.failed("commit offsets", &e);
        let mut list = TopicPartitionList::new();
        for (partition, offset) in targets {
            list.add_partition_offset(&self.topic, *partition, Offset::Offset(*offset))
                .map_err(failed)?;
        }
        self.consumer.commit(&list, CommitMode::Sync).map_err(failed)
    }

    /// The first offset of a partition, its end as a `read_committed` reader sees it, and its high watermark. Where the two ends differ
    /// a writer's transaction is open.
    pub fn ends(&self, partition: i32) -> Result<(i64, i64, i64), Failure> {
        let failed = |e: KafkaError| self.failed("look at the partitions", &e);
        // The high watermark first: what is written in between lies behind both ends.
        let (_, high) = ask::watermarks(&self.uncommitted, &self.topic, partition).map_err(failed)?;
        let (low, end) = ask::watermarks(&self.consumer, &self.topic, partition).map_err(failed)?;
        Ok((low, end, high.max(end)))
    }

    fn failed(&self, what: &str, e: &KafkaError) -> Failure {
        // A refusal waits in the client's queue, and the call itself may only say that it has waited.
        let clients = [&self.consumer, &self.uncommitted].into_iter();
        let mut queued = clients.flat_map(|client| std::iter::from_fn(|| client.poll(Duration::ZERO)));
        let is_denied = |queued: &KafkaError| queued.rdkafka_error_code().is_some_and(error::is_denied);
        let refused = queued.find_map(|queued| queued.err().filter(is_denied));
        let e = refused.as_ref().unwrap_or(e);
        let hint = if e.rdkafka_error_code() == Some(RDKafkaErrorCode::UnknownMemberId) {
            "\nhint: the group has members: stop all its instances, and wait until their sessions are over"
        } else {
            error::hint(e)
        };
        let (group, topic) = (&self.group, &self.topic);
        Failure::new(format!("could not {what} of group `{group}` in `{topic}`: {e}{hint}"))
    }
}

fn state(group: &GroupInfo) -> State {
    if group.state() == UNTOLD {
        let why = "since the brokers tell this command nothing of groups of the `consumer` protocol";
        State::Untold(why.to_owned())
    } else {
        State::Told(group.state().to_owned())
    }
}

/// What a member is assigned of a topic: version, then topics with their partitions, all big-endian. `None` where it is no such list.
fn assigned(bytes: &[u8], topic: &str) -> Option<BTreeSet<i32>> {
    let (_, mut rest) = bytes.split_first_chunk::<2>()?;
    let mut partitions = BTreeSet::new();
    for _ in 0..number(&mut rest)? {
        let (length, tail) = rest.split_first_chunk()?;
        let (name, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = tail;
        for _ in 0..number(&mut rest)? {
            let partition = number(&mut rest)?;
            if name == topic.as_bytes() {
                partitions.insert(partition);
            }
        }
    }
    Some(partitions)
}

fn number(rest: &mut &[u8]) -> Option<i32> {
    let (number, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(i32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a consumer's assignor writes it.
    fn assignment(topics: &[(&str, &[i32])]) -> Vec<u8> {
        let mut bytes = vec![0, 3];
        let number = |n: usize| i32::try_from(n).unwrap().to_be_bytes();
        bytes.extend(number(topics.len()));
        for (name, partitions) in topics {
            bytes.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend(number(partitions.len()));
            bytes.extend(partitions.iter().flat_map(|p| p.to_be_bytes()));
        }
        bytes.extend((-1_i32).to_be_bytes());
        bytes
    }

    #[test]
    fn what_a_member_is_assigned_is_told_of_the_input_topic_alone() {
        let bytes = assignment(&[("other", &[7]), ("raw", &[0, 12])]);
        assert_eq!(assigned(&bytes, "raw"), Some(BTreeSet::from([0, 12])));
        assert_eq!(assigned(&bytes, "ra"), Some(BTreeSet::new()));
        assert_eq!(assigned(&assignment(&[]), "raw"), Some(BTreeSet::new()));
        let cut = (0..bytes.len() - 4).find(|end| assigned(&bytes[..*end], "raw").is_some());
        assert_eq!(cut, None, "a list that is cut off is none");
        assert_eq!(assigned(&[0, 0, 0x7f, 0xff, 0xff, 0xff], "raw"), None);
    }
}
