//! The members of the group, and what one that died has left open.
//!
//! In: the group's members, as its coordinator tells them at each rebalance. Out: the transaction that a former member left open is ended
//! at once, so that its partitions need not wait until the brokers look for transactions that are over (every 10 s by default). Always: who
//! is a member keeps its transactional id; where the coordinator does not tell, nothing is ended, and the brokers do it later.
//!
//! A member's client id is its transactional id. Who gets partitions, or waits for what was committed of its own, takes the ids of those up
//! for a moment that were members and are none, which ends their transactions: one that died may hold offsets of the partitions, or its open
//! transaction the readers of the output. Who is about to join asks for the members first, since one that has just died is still listed. Should
//! an id's owner only have slept, or have been started again a moment ago, it is fenced, and takes its id up again unless there is a
//! [namesake](Members::has_namesake).

use std::collections::BTreeSet;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;

use super::writer::Writer;
use crate::config::{Config, Delivery};

/// Longest wait for the members. A broker that is down makes it wait for all of it, and then the answer is none.
const LIST_TIMEOUT: Duration = Duration::from_secs(1);

/// The same, where the process ends without an answer.
const NAMESAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for the end of one transaction.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// The group's members by their transactional ids.
#[derive(Debug)]
pub struct Members {
    config: Config,
    /// What all ids of the group begin with.
    prefix: String,
    own: String,
    /// Members, others than this one, that were seen since they were last found missing.
    seen: Mutex<BTreeSet<String>>,
}

impl Members {
    /// `own` is this instance's transactional id. `None` without transactions, or where the user named the clients.
    pub fn new(config: &Config, own: &str) -> Option<Self> {
        let is_named = config.kafka.properties.0.contains_key("client.id");
        (config.delivery == Delivery::ExactlyOnce && !is_named).then(|| Self {
            config: config.clone(),
            prefix: prefix(config),
            own: own.to_owned(),
            seen: Mutex::default(),
        })
    }

    /// Learn who is a member, to know later who left.
    pub fn learn<C: ConsumerContext>(&self, consumer: &BaseConsumer<C>) {
        match self.present(consumer, LIST_TIMEOUT) {
            Ok(present) => {
                let others = present.into_iter().filter(|id| *id != self.own);
                self.seen.lock().extend(others);
            }
            Err(error) => tracing::debug!(%error, "the members of the group are not told"),
        }
    }

    /// End what former members have left open. Each may take seconds: `moves` is called between them.
    pub fn end_what_is_left<C: ConsumerContext>(&self, consumer: &BaseConsumer<C>, moves: impl Fn()) {
        let present = match self.present(consumer, LIST_TIMEOUT) {
            Ok(present) => present,
            Err(error) => {
                tracing::debug!(%error, "the members of the group are not told, the brokers will end what is open");
                return;
            }
        };
        let mut seen = self.seen.lock();
        let gone = gone(&seen, &present, &self.own);
        for id in &gone {
            moves();
            match Writer::end(&self.config, id, END_TIMEOUT) {
                Ok(()) => {
                    tracing::info!(
                        transactional_id = id,
                        "ended what a former member of the group left open"
                    );
                    seen.remove(id);
                }
                Err(error) => {
                    tracing::warn!(%error, transactional_id = id, "could not end what a former member left open")
                }
            }
        }
    }

    /// Whether another member goes by the same name. `true` where it cannot be told.
    pub fn has_namesake<C: ConsumerContext>(&self, consumer: &BaseConsumer<C>) -> bool {
        match self.present(consumer, NAMESAKE_TIMEOUT) {
            Ok(present) if !present.is_empty() => present.iter().filter(|id| **id == self.own).count() > 1,
            _ => true,
        }
    }

    /// The transactional ids of all members; those of other programs are left out.
    fn present<C: ConsumerContext>(
        &self,
        consumer: &BaseConsumer<C>,
        timeout: Duration,
    ) -> Result<Vec<String>, KafkaError> {
        let list = consumer
            .client()
            .fetch_group_list(Some(&self.config.kafka.group), timeout)?;
        let members = list.groups().iter().flat_map(|group| group.members());
        let ids = members.map(|member| member.client_id().to_owned());
        Ok(ids.filter(|id| id.starts_with(&self.prefix)).collect())
    }
}

/// The transactional id of an instance.
pub fn transactional_id(config: &Config, instance: &str) -> String {
    format!("{}{instance}", prefix(config))
}

/// The instance that bears a transactional id, or goes by it as a client. `None` for another program's.
pub fn instance<'a>(config: &Config, id: &'a str) -> Option<&'a str> {
    id.strip_prefix(&prefix(config))
}

/// The id of a command that works for the group beside its instances, and is none of theirs.
pub fn command_id(config: &Config, command: &str) -> String {
    format!("{}:{command}", prefix(config))
}

fn prefix(config: &Config) -> String {
    // No instance's name holds a colon, so that no two pairs of group and instance have one id.
    format!("sluice-{}:", config.kafka.group)
}

/// Former members. Empty where the list lacks ourselves, since it cannot be trusted then: we are out of the group, or it uses another protocol.
fn gone(seen: &BTreeSet<String>, present: &[String], own: &str) -> Vec<String> {
    if !present.iter().any(|id| id == own) {
        return Vec::new();
    }
    let is_gone = |id: &&String| *id != own && !present.contains(id);
    seen.iter().filter(is_gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pairs_of_group_and_instance_have_one_id() {
        let of = |group: &str| Config::load(None, [], &[format!("kafka.group={group}")]).unwrap();
        let ids = BTreeSet::from([
            transactional_id(&of("news"), "eu-0"),
            transactional_id(&of("news-eu"), "0"),
            transactional_id(&of("news"), "redrive"),
            command_id(&of("news"), "redrive"),
        ]);
        assert_eq!(ids.len(), 4, "{ids:?}");
    }

    #[test]
    fn only_who_was_a_member_and_is_none_is_gone() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let seen = BTreeSet::from_iter(ids(&["a", "b", "me"]));
        assert_eq!(gone(&seen, &ids(&["me", "a"]), "me"), ids(&["b"]));
        assert_eq!(
            gone(&seen, &ids(&["me", "a", "b", "b"]), "me"),
            ids(&[]),
            "restarted, and both are told"
        );
        assert_eq!(gone(&seen, &ids(&["a"]), "me"), ids(&[]), "we are none ourselves");
        assert_eq!(gone(&seen, &[], "me"), ids(&[]), "nobody is told");
    }
}
