//! What the suites against a Kafka from outside share: is there one, a client, an input topic, and a bound on a child's life.
#![allow(dead_code, reason = "each suite has its own use")]

use std::io::Write;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

/// The broker's address, or `None` after saying that the test is skipped. With `SLUICE_REQUIRE_KAFKA` that is a failure.
pub(crate) fn brokers() -> Option<String> {
    let found = std::env::var("KAFKA_BROKERS").ok().filter(|b| !b.is_empty());
    if found.is_none() {
        assert!(
            std::env::var("SLUICE_REQUIRE_KAFKA").is_err(),
            "KAFKA_BROKERS is not set, and a real Kafka is required here"
        );
        // Written past the test's capture, so that it shows.
        let line = "skipped: needs a real Kafka, and KAFKA_BROKERS is not set\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    found
}

pub(crate) fn client(brokers: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", brokers);
    client
}

/// Make an input topic. The records of a test carry a fixed time: the broker must not drop them as too old.
pub(crate) async fn create_input(brokers: &str, topic: &str, partitions: i32) {
    let admin: AdminClient<DefaultClientContext> = client(brokers).create().unwrap();
    let topic = NewTopic::new(topic, partitions, TopicReplication::Fixed(1)).set("retention.ms", "-1");
    for result in admin.create_topics([&topic], &AdminOptions::new()).await.unwrap() {
        result.unwrap();
    }
}

/// How a child ended, which it must within the bound.
pub(crate) fn wait(child: &mut Child, bound: Duration) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > bound {
            child.kill().unwrap();
            panic!("the stage did not end within {} s", bound.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Options of a stage whose topics are `NAME-raw`, `NAME-out` and so on, with short time-outs.
pub(crate) fn settings(brokers: &str, name: &str) -> Vec<String> {
    vec![
        format!("kafka.brokers={brokers}"),
        format!("input.topic={name}-raw"),
        format!("output.topic={name}-out"),
        format!("output.duplicates_topic={name}-dup"),
        format!("output.dead_letters_topic={name}-dead"),
        format!("dedupe.memory_topic={name}-memory"),
        "kafka.session_timeout_ms=6000".into(),
        "http.listen=".into(),
        "log.level=warn".into(),
    ]
}
