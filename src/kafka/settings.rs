//! All settings of all clients, in one place.
//!
//! In: a configuration. Out: what each kind of client is told. Always: what the promises rest on is set here with its why, and nothing of
//! the user's can override it.

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;

use super::oauth;
use crate::config::{Config, ConfigError, Delivery, GroupProtocol, POLL_INTERVAL_MS};

/// Largest answer of a broker, for all its partitions.
const FETCH_BYTES_MAX: u64 = 2 << 20;

/// What librdkafka takes of a broker at once, unless it is told otherwise.
const ANSWER_BYTES_MAX: u64 = 100_000_000;

/// What every client has: brokers, a name in the brokers' logs, and the user's own settings.
fn common(config: &Config, role: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &config.kafka.brokers);
    client.set("client.id", format!("sluice-{role}"));
    for (name, value) in &config.kafka.properties.0 {
        // `max.poll.interval.ms` goes to the group's consumer alone: other clients keep the default session time-out, and librdkafka refuses a
        // shorter poll interval beside it.
        if !oauth::is_ours(config, name) && name != POLLS {
            client.set(name, value);
        }
    }
    // This is set after librdkafka has read `debug`, and would silence it.
    client.set_log_level(if config.kafka.properties.0.contains_key("debug") {
        RDKafkaLogLevel::Debug
    } else {
        RDKafkaLogLevel::Warning
    });
    client
}

/// Whether librdkafka, which knows its own settings, takes each name and its value.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    for settings in [consumer(config), producer(config, "check")] {
        settings.create_native_config().map_err(refused)?;
    }
    Ok(())
}

/// In librdkafka's words, but without the value: under a wrong name a secret is not known as one.
fn refused(error: KafkaError) -> ConfigError {
    let (option, why) = match error {
        KafkaError::ClientConfig(_, why, name, value) => (
            format!("kafka.properties.{name}"),
            why.replace(&format!(" \"{value}\""), ""),
        ),
        other => ("kafka.properties".to_owned(), other.to_string()),
    };
    ConfigError::Refused { option, why }
}

/// Longest time between two polls of a member, in milliseconds.
const POLLS: &str = "max.poll.interval.ms";

/// A client for metadata and administration.
pub fn admin(config: &Config) -> ClientConfig {
    common(config, "admin")
}

/// What every reader of records has: a group whose offsets nothing commits by itself; `reset` says where to begin where an offset is gone.
fn reader(config: &Config, role: &str, group: &str, reset: &str) -> ClientConfig {
    let mut client = common(config, role);
    client
        .set("group.id", group)
        // Offsets are committed with the output, never by a timer.
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", reset)
        // What transactional producers write is read once it is committed.
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true");
    read_ahead(&mut client, config);
    client
}

/// The consumer of the input topic.
pub fn consumer(config: &Config) -> ClientConfig {
    let mut client = reader(config, "consumer", &config.kafka.group, "earliest");
    if !config.kafka.group_instance_id.is_empty() {
        client.set("group.instance.id", &config.kafka.group_instance_id);
    }
    membership(&mut client, config);
    client
}

/// How the group notices a death, and who assigns.
fn membership(client: &mut ClientConfig, config: &Config) {
    if let Some(given) = config.kafka.properties.0.get(POLLS) {
        client.set(POLLS, given);
    }
    client.set("group.protocol", config.kafka.group_protocol.as_str());
    if config.kafka.group_protocol == GroupProtocol::Consumer {
        return; // the broker's own settings rule, and librdkafka refuses the others
    }
    let session_ms = config.kafka.session_timeout_ms;
    client
        .set("session.timeout.ms", session_ms.to_string())
        // Three heartbeats fit into a session, as the protocol's authors advise.
        .set("heartbeat.interval.ms", (session_ms / 4).clamp(250, 3_000).to_string());
    default(client, config, "partition.assignment.strategy", "cooperative-sticky");
    // librdkafka wants the polls no rarer than the session is long.
    if session_ms > POLL_INTERVAL_MS {
        default(client, config, POLLS, &session_ms.to_string());
    }
}

/// The consumer of the memory topic: no group, since every instance reads all of it.
pub fn memory_consumer(config: &Config) -> ClientConfig {
    // It never joins, but librdkafka asks who coordinates the group: with the same name, no right to another is needed.
    let mut client = reader(config, "memory", &config.kafka.group, "earliest");
    // Verdicts of others should be known as soon as they are committed.
    default(&mut client, config, "fetch.wait.max.ms", "50");
    client
}

/// A client that sees ends and committed offsets as they are, whatever transactions are open.
pub fn uncommitted(config: &Config) -> ClientConfig {
    let mut client = memory_consumer(config);
    client.set("isolation.level", "read_uncommitted");
    client
}

/// A consumer of given partitions, each with a queue of its own. Its group only keeps progress: nobody joins it.
pub fn range_consumer(config: &Config, group: &str, partitions: usize) -> ClientConfig {
    // What retention takes while it is read must be told, not skipped.
    let mut client = reader(config, "range", group, "error");
    // A bound on each queue, where a joined consumer has one for all of them. What waits longer is read from slower memory, and each
    // buffer that is needed once more is new memory: 20,000 texts took a third of the page faults with 2 MB a queue instead of 21.
    let (partitions, batches) = (partitions.max(1) as u64, 2 * config.batch.bytes_max.0);
    let room = config.memory.budget.bytes() / 8 / partitions;
    let kb = room.min((batches / partitions).max(2 << 20)) / 1024;
    default(
        &mut client,
        config,
        "queued.max.messages.kbytes",
        &kb.clamp(1 << 10, 2_097_151).to_string(),
    );
    default(&mut client, config, "max.partition.fetch.bytes", "1048576");
    // The end of a partition is told after such a wait.
    default(&mut client, config, "fetch.wait.max.ms", "50");
    client
}

/// The producer, transactional unless the delivery is at-least-once.
pub fn producer(config: &Config, transactional_id: &str) -> ClientConfig {
    let mut client = common(config, "producer");
    client
        .set("enable.idempotence", "true")
        .set("acks", "all")
        // The most that there is: a dead letter is as large as its record, however large, and what a topic takes its brokers know.
        .set("message.max.bytes", "1000000000")
        .set("compression.type", config.output.compression.as_str());
    // Larger values are packed from where they lie, not from a copy of all that go in a request.
    default(&mut client, config, "message.copy.max.bytes", "1000");
    default(&mut client, config, "linger.ms", "5");
    default(&mut client, config, "queue.buffering.max.messages", "1000000");
    // One record must fit; else it is what one plan holds.
    let queue_kb = (4 * config.batch.bytes_max.0 / 1024).max(1 << 20);
    default(&mut client, config, "queue.buffering.max.kbytes", &queue_kb.to_string());
    if config.delivery == Delivery::ExactlyOnce {
        client.set("transactional.id", transactional_id);
        // The broker ends a dead instance's transaction when the group gives its partitions away, so that no reader waits longer.
        client.set("transaction.timeout.ms", config.kafka.session_timeout_ms.to_string());
        client.set("delivery.timeout.ms", config.kafka.session_timeout_ms.to_string());
    }
    client
}

/// librdkafka reads ahead one answer of the brokers, or what an eighth of the budget allows; its own default is 64 MB for each partition.
/// More buys nothing: of 100,000 records of 4 kB, 64 MB instead of 16 took 170 MB more of memory and the same CPU time, and 16 instead
/// of 4 another 10 MB. So do larger answers, which stand in memory compressed and unpacked: 16 MB instead of 4 took 55 MB more, 4 instead
/// of 2 took 17 MB more.
fn read_ahead(client: &mut ClientConfig, config: &Config) {
    let queue_kb = ((config.memory.budget.bytes() / 8).min(FETCH_BYTES_MAX) / 1024).max(1 << 10);
    default(client, config, "queued.max.messages.kbytes", &queue_kb.to_string());
    default(client, config, "queued.min.messages", "10000");
    // A queue that was full is filled again soon, and not after librdkafka's second: the short queue is empty long before. 100,000 records
    // of 4 kB took a fifth less time so, and a memory of a million articles was read back in a third of it.
    default(client, config, "fetch.queue.backoff.ms", "20");
    // A record larger than this is fetched all the same, by itself.
    default(client, config, "fetch.max.bytes", &FETCH_BYTES_MAX.to_string());
    let of_partition = FETCH_BYTES_MAX / 4;
    default(client, config, "max.partition.fetch.bytes", &of_partition.to_string());
    // An answer holds one record at least, however large.
    let answer = (config.input.value_bytes_max.0 + 2 * FETCH_BYTES_MAX).min(i32::MAX as u64);
    if answer > ANSWER_BYTES_MAX && !config.kafka.properties.0.contains_key("fetch.max.bytes") {
        default(client, config, "receive.message.max.bytes", &answer.to_string());
    }
}

/// Set what the user has not set.
fn default(client: &mut ClientConfig, config: &Config, name: &str, value: &str) {
    if !config.kafka.properties.0.contains_key(name) {
        client.set(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::client::{Reasons, make_consumer, make_producer};

    #[test]
    fn no_poison_the_clients_take_records_larger_than_values_may_be() {
        for value_bytes_max in ["1KB", "16MB", "1GB"] {
            let config = Config::load(None, [], &[format!("input.value_bytes_max={value_bytes_max}")]).unwrap();
            let settings = producer(&config, "id");
            let number = |name: &str| settings.get(name).unwrap().parse::<u64>().unwrap();
            assert_eq!(number("message.max.bytes"), 1_000_000_000);
            assert!(number("queue.buffering.max.kbytes") * 1024 > number("message.max.bytes"));
            assert!(make_producer(&settings, Reasons::of(&config)).is_ok());
            let settings = consumer(&config);
            let answer = settings
                .get("receive.message.max.bytes")
                .map_or(ANSWER_BYTES_MAX, |n| n.parse().unwrap());
            assert!(answer > config.input.value_bytes_max.0, "{value_bytes_max}");
            assert!(make_consumer(&settings, Reasons::of(&config)).is_ok());
        }
    }

    #[test]
    fn debug_of_librdkafka_is_not_silenced() {
        let level = |given: &[String]| admin(&Config::load(None, [], given).unwrap()).log_level as i32;
        assert_eq!(level(&[]), RDKafkaLogLevel::Warning as i32);
        assert_eq!(
            level(&["kafka.properties.debug=cgrp".into()]),
            RDKafkaLogLevel::Debug as i32
        );
    }

    #[test]
    fn what_the_user_sets_by_another_name_of_librdkafkas_holds_alone() {
        for (other, usual, value) in [
            ("queue.buffering.max.ms", "linger.ms", "77"),
            ("fetch.message.max.bytes", "max.partition.fetch.bytes", "7777"),
            ("message.timeout.ms", "delivery.timeout.ms", "777"),
            ("message.send.max.retries", "retries", "7"),
            ("max.in.flight", "max.in.flight.requests.per.connection", "3"),
            ("sasl.mechanisms", "sasl.mechanism", "PLAIN"),
        ] {
            let given = [
                format!("kafka.properties.{other}={value}"),
                "delivery=at-least-once".into(),
            ];
            let config = Config::load(None, [], &given).unwrap();
            for settings in [
                consumer(&config),
                range_consumer(&config, "g", 1),
                producer(&config, "id"),
            ] {
                assert_eq!(
                    (settings.get(usual), settings.get(other)),
                    (Some(value), None),
                    "{other}"
                );
            }
        }
    }

    #[test]
    fn the_broker_assigns_by_option_and_then_librdkafka_is_told_of_no_session() {
        let settings = |more: &[String]| {
            let config = Config::load(None, [], more).unwrap();
            consumer(&config)
        };
        let classic = settings(&[]);
        assert_eq!(classic.get("group.protocol"), Some("classic"));
        assert_eq!(classic.get("session.timeout.ms"), Some("10000"));
        let new = settings(&["kafka.group_protocol=consumer".into()]);
        assert_eq!(new.get("group.protocol"), Some("consumer"));
        for absent in [
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "partition.assignment.strategy",
        ] {
            assert_eq!(new.get(absent), None, "{absent}");
        }
        let quick = [
            "kafka.session_timeout_ms=10000",
            "kafka.properties.max.poll.interval.ms=30000",
        ];
        let quick = Config::load(None, [], &quick.map(str::to_owned)).unwrap();
        for settings in [consumer(&quick), memory_consumer(&quick), admin(&quick)] {
            let created = make_consumer(&settings, Reasons::of(&quick));
            assert!(created.is_ok(), "{}", created.err().unwrap());
        }
        assert_eq!(consumer(&quick).get(POLLS), Some("30000"));
        let patient = settings(&["kafka.session_timeout_ms=900000".into()]);
        let created = make_consumer(&patient, Reasons::of(&Config::load(None, [], &[]).unwrap()));
        assert!(created.is_ok(), "{}", created.err().unwrap());
        // librdkafka refuses what contradicts.
        let created = make_consumer(&new, Reasons::of(&Config::load(None, [], &[]).unwrap()));
        assert!(created.is_ok(), "{}", created.err().unwrap());
    }
}
