//! The promises against a real Kafka, from the reader's side.
//!
//! Needs `KAFKA_BROKERS=host:port`. Without it every test says that it was skipped; with `SLUICE_REQUIRE_KAFKA=1` that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use sluice::kafka::ask::committed;

#[path = "common/kafka.rs"]
mod kafka;
#[path = "common/reader.rs"]
mod reader;
#[path = "common/running.rs"]
mod running;

use kafka::{brokers, client, create_input, settings, wait};
use reader::{Read, read_committed};
use running::{Running, signal};

const PARTITIONS: i32 = 4;

/// So small that much is left to do when the first of them are committed.
const SMALL_BATCHES: &[&str] = &["batch.records_max=20"];

/// Topics and a group of one test alone.
struct World {
    brokers: String,
    name: String,
}

/// (partition, offset) of the input record.
fn origin(read: &Read) -> (i32, i64) {
    if let Some(offset) = read.headers.get("__connect.errors.offset") {
        return (
            read.headers["__connect.errors.partition"].parse().unwrap(),
            offset.parse().unwrap(),
        );
    }
    let provenance = &read.json()["provenance"];
    (
        provenance["partition"].as_i64().unwrap() as i32,
        provenance["offset"].as_i64().unwrap(),
    )
}

impl World {
    async fn new(brokers: String, test: &str) -> Self {
        static UNIQUE: OnceLock<u128> = OnceLock::new();
        let unique = UNIQUE.get_or_init(|| {
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default()
                .as_millis()
        });
        let world = Self {
            brokers,
            name: format!("{test}-{unique}"),
        };
        create_input(&world.brokers, &world.input(), PARTITIONS).await;
        world
    }

    fn input(&self) -> String {
        format!("{}-raw", self.name)
    }

    fn topic(&self, role: &str) -> String {
        format!("{}-{role}", self.name)
    }

    /// Publish records, each to the partition of its number.
    fn publish(&self, records: &[(Option<String>, Option<String>)]) {
        self.publish_from(0, records);
    }

    /// The same, where `first` is the number of the first.
    fn publish_from(&self, first: i32, records: &[(Option<String>, Option<String>)]) {
        let producer: BaseProducer = client(&self.brokers).set("linger.ms", "20").create().unwrap();
        for (n, (key, value)) in (first..).zip(records) {
            let topic = self.input();
            let headers = OwnedHeaders::new().insert(Header {
                key: "traceparent",
                value: Some("00-abc"),
            });
            let mut record: BaseRecord<'_, str, str> =
                BaseRecord::to(&topic).partition(n % PARTITIONS).headers(headers);
            record.key = key.as_deref();
            record.payload = value.as_deref();
            record.timestamp = Some(1_790_000_000_000 + i64::from(n));
            while let Err((KafkaError::MessageProduction(_), back)) = producer.send(record) {
                producer.poll(Duration::from_millis(10));
                record = back;
            }
            producer.poll(Duration::ZERO);
        }
        producer.flush(Duration::from_secs(30)).unwrap();
    }

    fn stage(&self, group: &str, instance: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.arg("run");
        let mut settings = settings(&self.brokers, &self.name);
        settings.extend([
            format!("kafka.group={}-{group}", self.name),
            format!("instance={}-{instance}", self.name),
            "batch.records_max=100".into(),
        ]);
        for setting in settings
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied().filter(|m| m.contains('=')))
        {
            command.args(["--set", setting]);
        }
        command.args(more.iter().filter(|m| m.starts_with("--")));
        command.stdin(Stdio::null());
        command
    }

    /// Looks at a group from outside.
    fn watch(&self, group: &str) -> Watch {
        let group = format!("{}-{group}", self.name);
        let mut client = client(&self.brokers);
        client.set("group.id", &group);
        // What a killed instance left open is not waited for.
        client.set("isolation.level", "read_uncommitted");
        Watch {
            consumer: client.create().unwrap(),
            group,
            input: self.input(),
        }
    }

    fn run_to_the_end(&self, group: &str, more: &[&str]) {
        let mut more = more.to_vec();
        more.push("--until-end");
        let mut child = Running(self.stage(group, "a", &more).spawn().unwrap());
        let status = wait(&mut child, Duration::from_secs(120));
        assert!(status.success(), "the stage ended with {status}");
    }

    /// All committed records of a topic.
    fn read(&self, role: &str) -> Vec<Read> {
        read_committed(&self.brokers, &self.topic(role))
    }

    /// The fates of all input records, checked: each has exactly one, and each topic keeps each partition's order.
    fn fates(&self, expected: usize) -> BTreeMap<(i32, i64), Read> {
        let mut fates = BTreeMap::new();
        for role in ["out", "dup", "dead"] {
            let mut last: BTreeMap<i32, i64> = BTreeMap::new();
            for read in self.read(role) {
                let (partition, offset) = origin(&read);
                let before = last.insert(partition, offset);
                assert!(
                    before.is_none_or(|b| b < offset),
                    "`{role}` [{partition}]: {offset} after {before:?}"
                );
                let twice = fates.insert((partition, offset), read);
                assert!(twice.is_none(), "({partition}, {offset}) has two fates: {twice:?}");
            }
        }
        assert_eq!(fates.len(), expected, "input records without a fate");
        fates
    }
}

/// A group as it is seen from outside.
struct Watch {
    consumer: BaseConsumer,
    group: String,
    input: String,
}

impl Watch {
    /// Records of the input that the group has committed.
    fn committed(&self) -> usize {
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&self.input, 0, PARTITIONS - 1);
        let offsets = committed(&self.consumer, &list).unwrap();
        let next = |offset: Offset| match offset {
            Offset::Offset(next) => next as usize,
            _ => 0,
        };
        offsets
            .elements()
            .iter()
            .map(|partition| next(partition.offset()))
            .sum()
    }

    /// Wait until `stage`, or who else is in the group, has committed more than `before`: work is then under way.
    fn until_more_than(&self, before: usize, stage: &mut Running) {
        self.until(stage, || self.committed() > before);
    }

    /// Wait until an instance is a member, and each member knows its partitions.
    fn until_joined(&self, instance: &str, stage: &mut Running) {
        self.until(stage, || {
            let groups = self
                .consumer
                .fetch_group_list(Some(&self.group), Duration::from_secs(20));
            groups.unwrap().groups().iter().any(|group| {
                let is_member = group.members().iter().any(|m| m.client_id().ends_with(instance));
                is_member && group.state() == "Stable"
            })
        });
    }

    fn until(&self, stage: &mut Running, reached: impl Fn() -> bool) {
        let bound = Instant::now() + Duration::from_secs(90);
        while !reached() {
            let ended = stage.try_wait().unwrap();
            assert!(ended.is_none(), "the stage ended by itself: {ended:?}");
            assert!(Instant::now() < bound, "`{}` does not get there", self.group);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What was done to an instance of the group was done while there was work left.
    fn assert_was_at_work(&self, published: usize) {
        let committed = self.committed();
        assert!(
            0 < committed && committed < published,
            "{committed} of {published} are committed: nothing was in flight any more"
        );
    }
}

/// Articles with a quarter of exact copies, and now and then a value that is not JSON.
fn articles(count: usize) -> Vec<(Option<String>, Option<String>)> {
    let text = |story: usize| {
        let sentence = |n: usize| {
            let word = |k: usize| {
                ["harbour", "council", "engine", "orchard", "signal", "archive"][(story * 7 + n * 5 + k * k) % 6]
            };
            let words: Vec<String> = (0..12)
                .map(|k| format!("{}{}", word(k), (story * 31 + n * 17 + k) % 97))
                .collect();
            format!(
                "On that day the {} was reported by number {story}-{n}.",
                words.join(" ")
            )
        };
        (0..5).map(sentence).collect::<Vec<_>>().join("\n")
    };
    (0..count)
        .map(|n| {
            let story = if n % 4 == 3 { n / 2 } else { n };
            let value = serde_json::json!({ "id": format!("article-{n}"), "title": format!("Story {story}"), "text": text(story) });
            let value = if n % 50 == 17 { format!("{{\"broken\": {n}") } else { value.to_string() };
            (Some(format!("key-{n}")), Some(value))
        })
        .collect()
}

#[tokio::test]
async fn exactly_once_and_order_hold_while_instances_join_and_are_killed() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "exactly-once").await;
    let (count, portion) = (6_400, 800);
    let all = articles(count);
    let watch = world.watch("g");
    let start = |instance: usize| Running(world.stage("g", &instance.to_string(), SMALL_BATCHES).spawn().unwrap());
    let mut published = 0;
    // Each is killed while the group is at what was published just before.
    let mut kill_under_load = |killed: &mut Running, other: &mut Running| {
        world.publish_from(published as i32, &all[published..published + portion]);
        published += portion;
        let before = watch.committed();
        watch.until_more_than(before, other);
        killed.kill().unwrap();
        watch.assert_was_at_work(published);
        wait(killed, Duration::from_secs(5));
    };
    let mut first = start(0);
    watch.until_joined("-0", &mut first);
    for round in 0..5 {
        let mut second = start(round + 1);
        watch.until_joined(&format!("-{}", round + 1), &mut second);
        kill_under_load(&mut first, &mut second);
        first = second;
        // Now and then one takes up the id of who was killed, and does not live long either.
        if round % 2 == 0 {
            kill_under_load(&mut start(round), &mut first);
        }
    }
    first.kill().unwrap();
    wait(&mut first, Duration::from_secs(5));
    assert_eq!(published, count);
    world.run_to_the_end("g", &[]);
    let fates = world.fates(count);
    for ((partition, offset), read) in &fates {
        assert_eq!(read.partition, *partition, "a record left its partition");
        assert_eq!(read.headers["traceparent"], "00-abc");
        let number = offset * i64::from(PARTITIONS) + i64::from(*partition);
        assert_eq!(read.key.as_deref(), Some(format!("key-{number}").as_bytes()));
        assert_eq!(read.timestamp, Some(1_790_000_000_000 + number));
        if !read.headers.contains_key("__connect.errors.topic") {
            let of = &read.json()["duplicate"]["of"];
            let of = (of["partition"].as_i64(), of["offset"].as_i64());
            assert_ne!(
                of,
                (Some(i64::from(*partition)), Some(*offset)),
                "an article that is its own duplicate"
            );
        }
    }
}

#[tokio::test]
async fn never_its_own_duplicate_and_same_verdict_when_a_group_starts_again() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "own-duplicate").await;
    world.publish(&articles(800));
    world.run_to_the_end("first", &[]);
    let verdicts = |world: &World, of: &[&str]| -> BTreeMap<(i32, i64), Vec<String>> {
        let mut all: BTreeMap<(i32, i64), Vec<String>> = BTreeMap::new();
        for read in of.iter().flat_map(|role| world.read(role)) {
            all.entry(origin(&read))
                .or_default()
                .push(read.json()["duplicate"].to_string());
        }
        all
    };
    let before = verdicts(&world, &["out", "dup"]);
    world.run_to_the_end("second", &[]);
    for (origin, again) in verdicts(&world, &["out", "dup"]) {
        assert_eq!(
            again,
            vec![before[&origin][0].clone(); 2],
            "{origin:?} was judged in two ways"
        );
    }
}

#[tokio::test]
async fn no_poison_a_bad_record_becomes_a_dead_letter_untouched() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "no-poison").await;
    let huge = format!("{{\"id\":\"huge\",\"text\":\"{}\"}}", "word ".repeat(60_000));
    let deep = format!("{{\"text\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let bad: Vec<(Option<String>, Option<String>)> = [
        Some("{ not json".to_owned()),
        None,
        Some(huge),
        Some(deep),
        Some("{\"id\":\"nothing in it\"}".into()),
        Some("{\"text\":{\"is\":\"an object\"}}".into()),
    ]
    .into_iter()
    .map(|value| (Some("bad".to_owned()), value))
    .collect();
    let good = articles(8);
    world.publish(&[bad.clone(), good].concat());
    world.run_to_the_end("g", &["input.value_bytes_max=256KB"]);
    let fates = world.fates(bad.len() + 8);
    for (n, (_, value)) in (0..).zip(&bad) {
        let dead = &fates[&(n % PARTITIONS, i64::from(n / PARTITIONS))];
        assert_eq!(
            dead.value.as_deref(),
            value.as_deref().map(str::as_bytes),
            "the value of {n} was touched"
        );
        assert_eq!(dead.key.as_deref(), Some(&b"bad"[..]));
        assert_eq!(dead.headers["__connect.errors.topic"], world.input());
        assert_eq!(dead.headers["traceparent"], "00-abc");
        assert!(!dead.headers["__connect.errors.exception.message"].is_empty());
        assert!(!dead.headers["__connect.errors.exception.class.name"].is_empty());
    }
}

#[tokio::test]
async fn at_least_once_loses_nothing_when_it_is_killed() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "at-least-once").await;
    world.publish(&articles(3_000));
    let watch = world.watch("g");
    for _ in 0..2 {
        let before = watch.committed();
        let options = [&["delivery=at-least-once"], SMALL_BATCHES].concat();
        let mut stage = Running(world.stage("g", "a", &options).spawn().unwrap());
        watch.until_more_than(before, &mut stage);
        stage.kill().unwrap();
        wait(&mut stage, Duration::from_secs(5));
        watch.assert_was_at_work(3_000);
    }
    world.run_to_the_end("g", &["delivery=at-least-once"]);
    let seen: BTreeSet<(i32, i64)> = ["out", "dup", "dead"]
        .iter()
        .flat_map(|r| world.read(r))
        .map(|r| origin(&r))
        .collect();
    assert_eq!(seen.len(), 3_000);
}

#[tokio::test]
async fn sigterm_under_load_ends_with_status_0_and_nothing_is_doubled() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "sigterm").await;
    world.publish(&articles(6_000));
    let watch = world.watch("g");
    let mut stage = Running(world.stage("g", "a", SMALL_BATCHES).spawn().unwrap());
    watch.until_more_than(0, &mut stage);
    signal(&stage, "TERM");
    let status = wait(&mut stage, Duration::from_secs(15));
    assert_eq!(status.code(), Some(0));
    watch.assert_was_at_work(6_000);
    world.run_to_the_end("g", &[]);
    world.fates(6_000);
}

#[tokio::test]
async fn what_cannot_start_says_why_with_status_3() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "start").await;
    let outcome = |more: &[&str]| {
        let output = world.stage("g", "a", more).stderr(Stdio::piped()).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (status, words) = outcome(&["kafka.create_topics=false"]);
    assert_eq!(status, Some(3), "{words}");
    assert!(
        words.contains(&world.topic("out")) && words.contains("does not exist"),
        "{words}"
    );
    let (status, words) = outcome(&["kafka.brokers=127.0.0.1:9"]);
    assert_eq!(status, Some(3), "{words}");
    assert!(words.contains("127.0.0.1:9"), "{words}");
}

#[tokio::test]
async fn an_input_topic_is_made_for_a_stage_that_goes_on_and_for_no_other() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "absent").await;
    create_input(&world.brokers, &world.topic("scraped-articles"), 1).await;
    let admin: AdminClient<DefaultClientContext> = client(&world.brokers).create().unwrap();
    let is_there = |topic: &str| {
        let metadata = admin.inner().fetch_metadata(None, Duration::from_secs(10)).unwrap();
        metadata.topics().iter().any(|found| found.name() == topic)
    };
    let refused = |topic: &str, more: &[&str]| {
        let input = format!("input.topic={topic}");
        let mut stage = Running::heard(&mut world.stage("g", "a", &[&[input.as_str()], more].concat()));
        let status = wait(&mut stage, Duration::from_secs(60));
        let words = stage.words();
        assert_eq!(status.code(), Some(3), "{words}");
        assert!(!is_there(topic), "{words}");
        words
    };
    let new = world.topic("pages-of-today");
    let words = refused(&new, &["--until-end"]);
    assert!(words.contains("a new one would hold nothing to read"), "{words}");
    let meant = world.topic("scraped-articles");
    let words = refused(&world.topic("scraped-artciles"), &[]);
    assert!(words.contains(&format!("hint: `{meant}` does")), "{words}");

    let mut stage = Running::heard(&mut world.stage("g", "a", &[&format!("input.topic={new}")]));
    let bound = Instant::now() + Duration::from_secs(30);
    while !is_there(&new) {
        assert!(Instant::now() < bound, "the topic is not made");
        std::thread::sleep(Duration::from_millis(50));
    }
    signal(&stage, "TERM");
    assert_eq!(wait(&mut stage, Duration::from_secs(30)).code(), Some(0));
    let words = stage.words();
    assert!(
        words.contains("WARN") && words.contains("has been created, empty"),
        "{words}"
    );

    world.publish(&articles(10));
    world.run_to_the_end("g", &[]);
    admin
        .delete_topics(&[&world.input()], &AdminOptions::new())
        .await
        .unwrap();
    let words = refused(&world.input(), &[]);
    assert!(words.contains("knows records of it"), "{words}");
}
