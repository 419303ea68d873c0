//! The promises against a Kafka and a Valkey in containers, started by these tests.
//!
//! Needs a Docker engine. Without one each test says that it was skipped; with `SLUICE_REQUIRE_ENGINE=1` that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use common::{Raw, article, broken, fates, publish, read_committed};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

const INPUT: &str = "raw-articles";
const GROUP: &str = "sluice";
const PARTITIONS: i32 = 3;
const RECORDS: usize = 300;

/// A broker whose clients outside come back to a port of this host.
struct Kafka {
    brokers: String,
    // Gone when it is dropped, also by a failing test.
    _container: ContainerAsync<GenericImage>,
}

impl Kafka {
    async fn start() -> Self {
        let port = common::free_port();
        let image = GenericImage::new("apache/kafka", "4.3.1")
            .with_wait_for(WaitFor::message_on_stdout("Kafka Server started"))
            .with_mapped_port(port, 29092.tcp())
            .with_startup_timeout(Duration::from_secs(180));
        let settings = [
            ("KAFKA_NODE_ID", "1".to_owned()),
            ("KAFKA_PROCESS_ROLES", "broker,controller".into()),
            ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093".into()),
            (
                "KAFKA_LISTENERS",
                "INSIDE://:9092,OUTSIDE://:29092,CONTROLLER://:9093".into(),
            ),
            (
                "KAFKA_ADVERTISED_LISTENERS",
                format!("INSIDE://localhost:9092,OUTSIDE://127.0.0.1:{port}"),
            ),
            (
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT".into(),
            ),
            ("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE".into()),
            ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER".into()),
            ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1".into()),
            ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1".into()),
            ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1".into()),
            ("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0".into()),
        ];
        let image = settings
            .into_iter()
            .fold(image, |image, (name, value)| image.with_env_var(name, value));
        Self {
            brokers: format!("127.0.0.1:{port}"),
            _container: image.start().await.unwrap(),
        }
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &self.brokers);
        client.create().unwrap()
    }

    async fn create_input(&self) {
        let topic = NewTopic::new(INPUT, PARTITIONS, TopicReplication::Fixed(1));
        let created = self
            .admin()
            .create_topics([&topic], &AdminOptions::new())
            .await
            .unwrap();
        assert_eq!(created, [Ok(INPUT.to_owned())]);
    }

    /// Forget how far the group has come: its next run begins at the beginning.
    async fn reset_group(&self) {
        let deleted = self
            .admin()
            .delete_groups(&[GROUP], &AdminOptions::new())
            .await
            .unwrap();
        assert_eq!(deleted, [Ok(GROUP.to_owned())]);
    }

    /// `sluice run --until-end`, with the defaults but for the broker and what is given.
    async fn run_to_the_end(&self, instance: &str, more: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["run", "--until-end"]);
        let brokers = format!("kafka.brokers={}", self.brokers);
        let (group, instance) = (format!("kafka.group={GROUP}"), format!("instance={instance}"));
        let fixed = [
            brokers.as_str(),
            &group,
            &instance,
            "batch.records_max=40",
            "http.listen=",
            "log.level=warn",
        ];
        for setting in fixed.iter().chain(more) {
            command.args(["--set", setting]);
        }
        tokio::task::spawn_blocking(move || common::succeed(&mut command))
            .await
            .unwrap();
    }
}

/// A store of claims.
struct Valkey {
    url: String,
    _container: ContainerAsync<GenericImage>,
}

impl Valkey {
    async fn start() -> Self {
        let port = common::free_port();
        let image = GenericImage::new("valkey/valkey", "8-alpine")
            .with_wait_for(WaitFor::message_on_stdout("Ready to accept connections"))
            .with_mapped_port(port, 6379.tcp())
            .with_startup_timeout(Duration::from_secs(60));
        Self {
            url: format!("redis://127.0.0.1:{port}"),
            _container: image.start().await.unwrap(),
        }
    }
}

/// A fifth are exact copies of the article before them in the same partition, and every fiftieth is not JSON.
fn records() -> Vec<Raw> {
    (0..RECORDS)
        .map(|n| {
            let partition = n as i32 % PARTITIONS;
            match n {
                n if n % 50 == 13 => broken(partition, &format!("broken-{n}")),
                n if n % 5 == 4 => article(partition, &format!("copy-{n}"), n - PARTITIONS as usize),
                n => article(partition, &format!("article-{n}"), n),
            }
        })
        .collect()
}

#[tokio::test]
async fn each_record_has_one_fate_and_one_that_comes_again_is_never_its_own_duplicate() {
    if !common::engine_answers(&[&["docker", "version"]]) {
        return;
    }
    let kafka = Kafka::start().await;
    kafka.create_input().await;
    let records = records();
    publish(&kafka.brokers, INPUT, &records);
    kafka.run_to_the_end("containers", &[]).await;
    each_has_exactly_one_fate(&kafka, &records);
    kafka.reset_group().await;
    kafka.run_to_the_end("containers", &[]).await;
    the_second_run_judged_as_the_first(&kafka);
}

#[tokio::test]
async fn one_original_of_copies_that_two_stages_read_at_the_same_moment() {
    if !common::engine_answers(&[&["docker", "version"]]) {
        return;
    }
    let (kafka, valkey) = tokio::join!(Kafka::start(), Valkey::start());
    kafka.create_input().await;
    // A copy in each partition, at the same place.
    let stories = RECORDS / PARTITIONS as usize;
    let copies = |story| (0..PARTITIONS).map(move |p| article(p, &format!("story-{story}-{p}"), story));
    publish(
        &kafka.brokers,
        INPUT,
        &(0..stories).flat_map(copies).collect::<Vec<_>>(),
    );
    let url = format!("dedupe.valkey.url={}", valkey.url);
    let shared = ["dedupe.store=valkey", url.as_str()];
    tokio::join!(kafka.run_to_the_end("a", &shared), kafka.run_to_the_end("b", &shared));
    let mut originals: BTreeMap<String, usize> = BTreeMap::new();
    for (id, found) in fates(&kafka.brokers) {
        let [(topic, _)] = found.as_slice() else {
            panic!("`{id}` has {} fates", found.len())
        };
        let (story, _) = id.rsplit_once('-').unwrap();
        let count = originals.entry(story.to_owned()).or_default();
        *count += usize::from(*topic == "enriched-articles");
    }
    assert_eq!(originals.len(), stories);
    assert!(originals.values().all(|count| *count == 1), "{originals:?}");
}

fn each_has_exactly_one_fate(kafka: &Kafka, records: &[Raw]) {
    let fates = fates(&kafka.brokers);
    assert_eq!(fates.len(), RECORDS, "each record comes out");
    for (id, found) in &fates {
        let [(topic, read)] = found.as_slice() else {
            panic!("`{id}` has {} fates", found.len())
        };
        let expected = match id.split_once('-').unwrap().0 {
            "broken" => "dead-letters",
            "copy" => "duplicate-articles",
            _ => "enriched-articles",
        };
        assert_eq!(*topic, expected, "`{id}`: {}", common::said(read));
        assert_eq!(read.headers[common::HEADER.0], common::HEADER.1, "`{id}`");
    }
    for raw in records.iter().filter(|raw| raw.key.starts_with("broken")) {
        common::assert_is_the_dead_letter_of(raw, INPUT, &fates[&raw.key][0].1);
    }
}

fn the_second_run_judged_as_the_first(kafka: &Kafka) {
    for (id, found) in fates(&kafka.brokers) {
        let [(first_topic, first), (second_topic, second)] = found.as_slice() else {
            panic!("`{id}` has {} fates after two runs", found.len())
        };
        assert_eq!(
            first_topic, second_topic,
            "`{id}` was judged otherwise when it came again"
        );
        if common::is_dead_letter(first) {
            continue;
        }
        let (first, second) = (first.json(), second.json());
        assert_eq!(first["duplicate"], second["duplicate"], "`{id}`");
        assert_ne!(
            second["duplicate"]["of"]["id"], second["id"],
            "`{id}` is its own duplicate"
        );
    }
    let entries = read_committed(&kafka.brokers, "sluice-memory");
    assert!(!entries.is_empty(), "the memory topic holds the verdicts");
}
