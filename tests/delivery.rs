//! Delivery that can be checked and mended: the audit, dead letters driven again, fenced instances, aborted transactions.
//!
//! Needs `KAFKA_BROKERS=host:port`. Without it every test says that it was skipped; with `SLUICE_REQUIRE_KAFKA=1` that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::{Value, json};
use sluice::config::Config;
use sluice::kafka::writer::Writer;
use sluice::stage::Destination;

#[path = "common/kafka.rs"]
mod kafka;
#[path = "common/reader.rs"]
mod reader;
#[path = "common/running.rs"]
mod running;

use kafka::{brokers, client, create_input, settings, wait};
use running::{Running, signal};

const PARTITIONS: i32 = 2;

/// Topics and a group of one test alone.
struct World {
    brokers: String,
    name: String,
}

impl World {
    /// `None` after saying that the test is skipped.
    async fn new(test: &str) -> Option<Self> {
        let brokers = brokers()?;
        let millis = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let world = Self {
            brokers,
            name: format!("delivery-{test}-{millis}"),
        };
        create_input(&world.brokers, &world.topic("raw"), PARTITIONS).await;
        Some(world)
    }

    fn topic(&self, role: &str) -> String {
        format!("{}-{role}", self.name)
    }

    fn settings(&self) -> Vec<String> {
        let mut settings = settings(&self.brokers, &self.name);
        settings.extend([format!("kafka.group={}", self.name), format!("instance={}", self.name)]);
        settings
    }

    /// `arguments` with a `=` and no dash are options.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        let (options, words): (Vec<_>, Vec<_>) = arguments.iter().partition(|a| a.contains('=') && !a.starts_with('-'));
        command.args(words);
        for setting in self
            .settings()
            .iter()
            .map(String::as_str)
            .chain(options.into_iter().copied())
        {
            command.args(["--set", setting]);
        }
        command.stdin(Stdio::null());
        command
    }

    /// A running stage with these options, whose log goes to a file.
    fn start(&self, options: &[&str], log: &Path) -> Running {
        let mut command = self.command(&[&["run"], options].concat());
        Running(command.stderr(File::create(log).unwrap()).spawn().unwrap())
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.output(arguments);
        let words = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {words}"))
    }

    fn run_to_the_end(&self, more: &[&str]) {
        let arguments = [&["run", "--until-end"], more].concat();
        let status = wait(&mut self.command(&arguments).spawn().unwrap(), Duration::from_secs(120));
        assert_eq!(status.code(), Some(0));
    }

    fn publish(&self, role: &str, values: &[String]) {
        let producer: BaseProducer = client(&self.brokers).create().unwrap();
        let topic = self.topic(role);
        for (n, value) in (0..).zip(values) {
            let key = format!("key-{n}");
            let headers = OwnedHeaders::new().insert(Header {
                key: "traceparent",
                value: Some("00-abc"),
            });
            let record = BaseRecord::to(&topic)
                .partition(n % PARTITIONS)
                .key(&key)
                .payload(value)
                .headers(headers);
            producer.send(record).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(Duration::from_secs(30)).unwrap();
    }

    /// Wait until so many records stand in the output topic; `said` is what the stage has logged.
    fn await_published(&self, count: usize, said: impl Fn() -> String) {
        let bound = Instant::now() + Duration::from_secs(60);
        let out = || reader::read_committed(&self.brokers, &self.topic("out")).len();
        while std::panic::catch_unwind(std::panic::AssertUnwindSafe(out)).unwrap_or(0) < count {
            assert!(Instant::now() < bound, "{count} records are not settled:\n{}", said());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn audit_is_sound(&self) {
        let audit = self.output(&["audit"]);
        let words = String::from_utf8_lossy(&audit.stdout);
        assert_eq!(audit.status.code(), Some(0), "{words}");
        assert!(words.contains("each article has exactly one fate"), "{words}");
    }
}

fn article(n: usize, words: usize) -> String {
    let text: Vec<String> = (0..words)
        .map(|k| format!("word{}", (n * 7_919 + k * k * 31) % 9_973))
        .collect();
    json!({ "id": format!("article-{n}"), "title": format!("Story {n}"), "text": text.join(" ") }).to_string()
}

#[tokio::test]
async fn exactly_once_is_audited_and_what_breaks_it_is_named() {
    let Some(world) = World::new("audit").await else { return };
    let articles: Vec<String> = (0..40)
        .map(|n| if n % 10 == 9 { "{".into() } else { article(n % 30, 60) })
        .collect();
    world.publish("raw", &articles);
    world.run_to_the_end(&[]);
    world.audit_is_sound();
    world.publish("raw", &[article(90, 60)]);
    world.audit_is_sound(); // nobody has committed past it
    let raw = world.topic("raw");
    let audit = |more: &[&str]| {
        let output = world.output(&[&["audit", "--json"], more].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        let named = findings
            .iter()
            .map(|f| format!("{} {}", f["wrong"].as_str().unwrap(), f["record"].as_str().unwrap()));
        (output.status.code(), named.collect::<Vec<String>>())
    };
    assert_eq!(audit(&["--to=end"]), (Some(4), vec![format!("missing {raw}-0-20")]));
    assert_eq!(audit(&["--to=end", "--partition=1"]), (Some(0), vec![]));
    assert_eq!(audit(&["--from=5", "--to=20"]), (Some(0), vec![]));
    // One that stands there twice, and one that nobody sent.
    let first = reader::read_committed(&world.brokers, &world.topic("out")).swap_remove(0);
    let first = String::from_utf8(first.value.unwrap()).unwrap();
    let provenance = serde_json::from_str::<Value>(&first).unwrap()["provenance"].clone();
    let foreign = first.replace(&raw, "another-topic");
    world.publish("out", &[first, foreign]);
    let (status, named) = audit(&[]);
    assert_eq!(status, Some(4));
    let doubled = format!("doubled {raw}-{}-{}", provenance["partition"], provenance["offset"]);
    assert!(named.contains(&doubled), "{named:?}");
    assert!(
        named.iter().any(|name| name.starts_with("foreign enriched 1-")),
        "{named:?}"
    );
    let wrong = world.output(&["audit", "--to=soon"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("is not a time"));
}

#[tokio::test]
async fn exactly_once_an_audit_of_nothing_is_not_called_sound() {
    let Some(world) = World::new("nothing").await else {
        return;
    };
    world.publish("raw", &(0..6).map(|n| article(n, 60)).collect::<Vec<_>>());
    world.run_to_the_end(&[]);
    for bounds in [
        vec!["audit", "--from", "2090-01-01"],
        vec!["audit", "--from", "2026-11-24", "--to", "2026-11-23"],
        vec!["audit", "--from", "1000"],
        vec!["audit", "--to", "2020-01-01"],
    ] {
        let audit = world.output(&bounds);
        let words = String::from_utf8_lossy(&audit.stderr);
        assert_eq!(audit.status.code(), Some(2), "{bounds:?}: {words}");
        assert!(words.contains("nothing to audit"), "{words}");
    }
    world.audit_is_sound();
}

/// `committed` of each partition, as `sluice offsets` tells it.
fn committed(shown: &Value) -> Vec<Option<i64>> {
    let rows = shown["partitions"].as_array().unwrap();
    rows.iter().map(|row| row["committed"].as_i64()).collect()
}

#[tokio::test]
async fn a_group_is_shown_and_moved_while_nobody_works_for_it_and_what_that_means_is_told() {
    let Some(world) = World::new("offsets").await else {
        return;
    };
    let show = || world.json(&["offsets", "--json"]);
    let set = |to: &str, more: &[&str]| world.output(&[&["offsets", "set", "--to", to], more].concat());
    world.publish("raw", &(0..10).map(|n| article(n, 60)).collect::<Vec<_>>());
    let new = show();
    assert_eq!((&new["state"], &new["lag"]), (&json!("Missing"), &json!(10)), "{new}");
    assert_eq!(committed(&new), [None, None]);
    // A new group begins behind the first two of a partition.
    assert!(set("1:2", &["--execute"]).status.success());
    assert_eq!(committed(&show()), [None, Some(2)]);
    world.run_to_the_end(&[]);
    let done = show();
    assert_eq!((&done["state"], &done["lag"]), (&json!("Empty"), &json!(0)), "{done}");
    assert_eq!(committed(&done), [Some(5), Some(5)]);
    // A group with a member stays where it is.
    let mut stage = Running(world.command(&["run"]).spawn().unwrap());
    let bound = Instant::now() + Duration::from_secs(60);
    while show()["partitions"][1]["instance"] != json!(world.name) {
        assert!(Instant::now() < bound, "it does not become a member: {}", show());
        std::thread::sleep(Duration::from_millis(300));
    }
    let refused = set("0:3", &["--execute"]);
    let words = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{words}");
    assert!(words.contains(&format!(
        "has members, and only a group without them can be moved: `{}` at ",
        world.name
    )));
    signal(&stage, "TERM");
    assert_eq!(wait(&mut stage, Duration::from_secs(30)).code(), Some(0));
    // Without `--execute` it is only told.
    let told = String::from_utf8(set("0:3", &[]).stdout).unwrap();
    assert!(
        told.contains("2 records at most will be read and published again"),
        "{told}"
    );
    assert!(told.contains("nothing was changed: `--execute` commits it"), "{told}");
    assert_eq!(committed(&show()), [Some(5), Some(5)]);
    let beyond = set("6", &["--execute"]);
    assert_eq!(beyond.status.code(), Some(2));
    let moved = world.json(&["offsets", "set", "--to", "0:3", "--execute", "--json"]);
    assert_eq!((&moved["is_executed"], &moved["read_again"]), (&json!(true), &json!(2)));
    assert_eq!(committed(&show()), [Some(3), Some(5)]);
    world.run_to_the_end(&[]);
    let count = |role: &str| reader::read_committed(&world.brokers, &world.topic(role)).len();
    assert_eq!((count("out"), count("dup")), (10, 0), "never its own duplicate");
    let wrong = &world.json(&["audit", "--json"])["wrong"];
    assert_eq!(
        (&wrong["missing"], &wrong["doubled"]),
        (&json!(2), &json!(2)),
        "{wrong}"
    );
}

/// What a dead instance left open may yet be committed: what the group has committed is not known before.
#[tokio::test]
async fn a_group_is_moved_once_the_transaction_of_a_former_member_is_over() {
    let Some(world) = World::new("offsets-open").await else {
        return;
    };
    world.publish("raw", &(0..10).map(|n| article(n, 60)).collect::<Vec<_>>());
    world.run_to_the_end(&[]);
    die_in_the_middle_of_a_commit(&world, "dead");
    let mut moves = Running(
        world
            .command(&["offsets", "set", "--to", "4", "--execute"])
            .spawn()
            .unwrap(),
    );
    let show = || committed(&world.json(&["offsets", "--json"]));
    assert_eq!(show(), [Some(5), Some(5)], "who only looks does not wait");
    std::thread::sleep(Duration::from_secs(5));
    assert!(moves.try_wait().unwrap().is_none(), "it does not wait");
    let (config, id) = (
        Config::load(None, [], &world.settings()).unwrap(),
        format!("sluice-{}:dead", world.name),
    );
    let ended = tokio::task::spawn_blocking(move || Writer::end(&config, &id, Duration::from_secs(30)));
    ended.await.unwrap().unwrap();
    assert_eq!(wait(&mut moves, Duration::from_secs(30)).code(), Some(0));
    assert_eq!(show(), [Some(4), Some(4)]);
}

#[tokio::test]
async fn no_poison_dead_letters_that_pass_now_are_driven_again_once_and_the_others_stay() {
    let Some(world) = World::new("redrive").await else {
        return;
    };
    // Too large for the first run alone, or never readable.
    let large: Vec<String> = (0..8).map(|n| article(n, 400)).collect();
    let broken: Vec<String> = (0..4).map(|n| format!("{{\"broken\": {n}")).collect();
    world.publish("raw", &[large.clone(), broken].concat());
    world.run_to_the_end(&["input.value_bytes_max=1KB"]);
    let list = String::from_utf8(world.output(&["dead-letters", "list"]).stdout).unwrap();
    assert!(
        list.contains("8  decode/too-large") && list.contains("4  decode/"),
        "{list}"
    );
    let filtered = world
        .output(&["dead-letters", "list", "--json", "--reason=too-large"])
        .stdout;
    assert_eq!(String::from_utf8(filtered).unwrap().lines().count(), 8);
    let shown = world
        .output(&[
            "dead-letters",
            "show",
            "--value",
            &format!("{}-1-0", world.topic("raw")),
        ])
        .stdout;
    assert_eq!(shown, large[1].as_bytes());

    let redrive = |more: &[&str]| {
        let told = world.json(&[&["dead-letters", "redrive", "--json"], more].concat());
        ["passed", "still_failing", "parked", "settled_before", "over_the_limit"]
            .map(|name| told[name].as_u64().unwrap())
    };
    assert_eq!(redrive(&["--dry-run"]), [8, 4, 0, 0, 0]);
    assert_eq!(
        redrive(&["--dry-run", "--reason=too-large", "--limit=5"]),
        [5, 0, 0, 0, 3]
    );
    assert_eq!(redrive(&["--limit=3"]), [3, 4, 0, 0, 5], "the dry run wrote nothing");
    assert_eq!(redrive(&[]), [5, 4, 0, 3, 0], "it goes on where it was");
    assert_eq!(redrive(&[]), [0, 4, 0, 8, 0]);
    world.run_to_the_end(&[]);
    world.audit_is_sound();
    let out = reader::read_committed(&world.brokers, &world.topic("out"));
    assert_eq!(out.len(), 8);
    for read in &out {
        assert_eq!(read.headers["traceparent"], "00-abc");
        assert!(read.headers["sluice.redriven"].starts_with(&world.topic("dead")));
        assert!(!read.headers.contains_key("__connect.errors.topic"));
    }
}

#[tokio::test]
async fn a_redrive_that_fails_leaves_no_transaction_open_in_the_input_topic() {
    let Some(world) = World::new("redrive-fails").await else {
        return;
    };
    // Too large for the run; the last one also for the input topic, when it is driven again.
    let words = [200, 200, 200, 2_000];
    let articles: Vec<String> = (0..).zip(words).map(|(n, words)| article(n, words)).collect();
    world.publish("raw", &articles);
    world.run_to_the_end(&["input.value_bytes_max=1KB"]);
    set(&world.brokers, &world.topic("raw"), "max.message.bytes", "8000").await;
    let failed = world.output(&["dead-letters", "redrive", "output.compression=none"]);
    let told = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(1), "{told}");
    assert!(told.contains("nothing of this chunk is settled"), "{told}");
    let offsets = world.json(&["offsets", "--json"]);
    for partition in offsets["partitions"].as_array().unwrap() {
        assert_eq!(partition["end"], partition["high_watermark"], "{offsets}");
    }
    assert_eq!(reader::read_committed(&world.brokers, &world.topic("raw")).len(), 4);

    set(&world.brokers, &world.topic("raw"), "max.message.bytes", "1000000").await;
    assert_eq!(world.json(&["dead-letters", "redrive", "--json"])["passed"], 4);
    world.run_to_the_end(&[]);
    assert_eq!(reader::read_committed(&world.brokers, &world.topic("out")).len(), 4);
}

#[tokio::test]
async fn a_record_that_failed_too_often_is_parked_as_it_is() {
    let Some(world) = World::new("parking").await else {
        return;
    };
    world.publish("raw", &[article(1, 400)]);
    let small = "input.value_bytes_max=1KB";
    for attempt in 1..=2 {
        world.run_to_the_end(&[small]);
        let told = world.json(&["dead-letters", "redrive", "--json", "--attempts-max=2"]);
        let expected = if attempt == 1 { [1, 0] } else { [0, 1] };
        assert_eq!(
            ["passed", "parked"].map(|name| told[name].as_u64().unwrap()),
            expected,
            "{told}"
        );
    }
    let parked = reader::read_committed(&world.brokers, &world.topic("dead-parked"));
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].value.as_deref(), Some(article(1, 400).as_bytes()));
    assert_eq!(parked[0].headers["sluice.attempt"], "2");
    assert_eq!(parked[0].headers["__connect.errors.exception.class.name"], "too-large");
    let again = world.json(&["dead-letters", "redrive", "--json", "--attempts-max=2"]);
    assert_eq!(again["parked"], 0, "{again}");
    assert_eq!(reader::read_committed(&world.brokers, &world.topic("raw")).len(), 2);
}

#[tokio::test]
async fn of_two_processes_with_one_instance_name_the_fenced_one_says_so_and_ends() {
    let Some(world) = World::new("fenced").await else {
        return;
    };
    let start = || Running::heard(&mut world.command(&["run"]));
    world.publish("raw", &(0..20).map(|n| article(n, 60)).collect::<Vec<_>>());
    let mut first = start();
    let out = || reader::read_committed(&world.brokers, &world.topic("out"));
    let bound = Instant::now() + Duration::from_secs(60);
    while std::panic::catch_unwind(|| out().len()).unwrap_or(0) < 20 {
        assert!(Instant::now() < bound, "the first process does not work");
        std::thread::sleep(Duration::from_millis(500));
    }
    let mut second = start();
    let mut published = 20;
    while first.try_wait().unwrap().is_none() {
        assert!(
            Instant::now() < bound + Duration::from_secs(60),
            "the first process was not fenced"
        );
        world.publish(
            "raw",
            &(published..published + 4).map(|n| article(n, 60)).collect::<Vec<_>>(),
        );
        published += 4;
        std::thread::sleep(Duration::from_millis(500));
    }
    let words = first.words();
    assert_eq!(first.wait().unwrap().code(), Some(1), "{words}");
    assert!(
        words.contains("another process runs under the same `instance` name"),
        "{words}"
    );
    signal(&second, "TERM");
    assert_eq!(wait(&mut second, Duration::from_secs(30)).code(), Some(0));
    world.run_to_the_end(&[]);
    world.audit_is_sound();
}

/// A writer's side of the input: keys and values as they are, a null value among them.
fn publish_raw(world: &World, records: &[(&str, Option<&str>)]) {
    let producer: BaseProducer = client(&world.brokers).create().unwrap();
    let topic = world.topic("raw");
    for (key, value) in records {
        let mut record: BaseRecord<'_, str, str> = BaseRecord::to(&topic).partition(0).timestamp(1_700_000_000_000);
        (record.key, record.payload) = ((!key.is_empty()).then_some(*key), *value);
        producer.send(record).map_err(|(e, _)| e).unwrap();
    }
    producer.flush(Duration::from_secs(30)).unwrap();
}

#[tokio::test]
async fn exactly_once_a_tombstone_reaches_the_output_as_one_by_option_and_is_a_dead_letter_without() {
    let Some(world) = World::new("tombstones").await else {
        return;
    };
    let first = article(1, 60);
    publish_raw(&world, &[("a", Some(&first)), ("a", None), ("", None)]);
    let pass = "input.tombstones=pass";
    world.run_to_the_end(&[pass]);
    let out = reader::read_committed(&world.brokers, &world.topic("out"));
    let keys: Vec<_> = out.iter().map(|r| (r.key.as_deref(), r.value.is_none())).collect();
    assert_eq!(keys, [(Some(&b"a"[..]), false), (Some(&b"a"[..]), true)]);
    assert_eq!(out[1].timestamp, Some(1_700_000_000_000));
    assert_eq!(out[1].headers["sluice.origin"], format!("{}-0-1", world.topic("raw")));
    let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
    assert_eq!(dead.len(), 1, "what has no key withdraws nothing");
    assert_eq!(dead[0].headers["__connect.errors.exception.class.name"], "null-value");
    world.audit_is_sound();
    let report = world.json(&["audit", "--json"]);
    let sums = ["enriched", "tombstones", "dead_letters"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(sums, [1, 1, 1]);
    // By default a null value is kept as a dead letter, and says so in the names that are asked for.
    publish_raw(&world, &[("a", None)]);
    world.run_to_the_end(&["dead_letters.headers=streams"]);
    let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
    assert_eq!(dead.len(), 2);
    assert_eq!(dead[1].headers["__streams.errors.exception"], "decode/null-value");
    assert_eq!(dead[1].headers["__streams.errors.topic"], world.topic("raw"));
    assert!(!dead[1].headers.keys().any(|name| name.starts_with("__connect.")));
    world.audit_is_sound();
    let list = world
        .output(&["dead-letters", "list", "--json", "--reason=null-value"])
        .stdout;
    assert_eq!(
        String::from_utf8(list).unwrap().lines().count(),
        2,
        "both forms are read"
    );
    // And driven again once it may pass: it has a key, so it withdraws.
    let told = world.json(&["dead-letters", "redrive", "--json", pass]);
    assert_eq!([&told["passed"], &told["still_failing"]], [1, 1], "{told}");
}

#[tokio::test]
async fn exactly_once_holds_in_a_group_that_the_broker_assigns() {
    let Some(world) = World::new("kip848").await else {
        return;
    };
    let consumer = "kafka.group_protocol=consumer";
    let start = |name: &str| {
        let instance = format!("instance={}-{name}", world.name);
        Running::heard(&mut world.command(&["run", consumer, &instance, "batch.records_max=20", "log.level=info"]))
    };
    let settled = |count: usize| {
        let bound = Instant::now() + Duration::from_secs(90);
        let seen = || ["out", "dup"].map(|role| reader::read_committed(&world.brokers, &world.topic(role)).len());
        while std::panic::catch_unwind(seen).map_or(0, |seen| seen.iter().sum::<usize>()) < count {
            assert!(Instant::now() < bound, "{count} records are not settled");
            std::thread::sleep(Duration::from_millis(300));
        }
    };
    let articles: Vec<String> = (0..200).map(|n| article(n % 150, 60)).collect();
    world.publish("raw", &articles[..100]);
    let mut first = start("a");
    settled(100);
    // The second gets a partition while the first works; then the first is killed, and the second takes over its partition.
    let mut second = start("b");
    world.publish("raw", &articles[100..150]);
    settled(150);
    first.kill().unwrap();
    let words = first.words();
    assert!(words.contains("assigned"), "{words}");
    world.publish("raw", &articles[150..]);
    settled(200);
    signal(&second, "TERM");
    assert_eq!(wait(&mut second, Duration::from_secs(30)).code(), Some(0));
    world.audit_is_sound();
    let report = world.json(&["audit", "--json"]);
    assert_eq!((&report["articles"], &report["remembered"]), (&json!(200), &json!(200)));
}

/// Sees what is published as it becomes visible.
struct Follower(BaseConsumer);

impl Follower {
    fn new(brokers: &str, topic: &str) -> Self {
        let mut settings = client(brokers);
        settings
            .set("group.id", "test-follower")
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "20");
        let consumer: BaseConsumer = settings.create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&list).unwrap();
        Self(consumer)
    }

    /// Partition and input record's time of what has become visible; waits a moment.
    fn next(&self) -> Option<(i32, i64)> {
        let message = self.0.poll(Duration::from_millis(20))?.ok()?;
        Some((message.partition(), message.timestamp().to_millis().unwrap()))
    }
}

fn now_ms() -> i64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64
}

/// A member of the world's group by hand, that dies in the middle of a commit, and leaves the group.
fn die_in_the_middle_of_a_commit(world: &World, name: &str) {
    drop(come_to_the_middle_of_a_commit(world, name));
}

/// The same, not dead yet.
fn come_to_the_middle_of_a_commit(world: &World, name: &str) -> (BaseConsumer, BaseProducer) {
    let id = format!("sluice-{}:{name}", world.name);
    let mut settings = client(&world.brokers);
    settings
        .set("group.id", &world.name)
        .set("client.id", &id)
        .set("session.timeout.ms", "6000")
        .set("enable.auto.commit", "false")
        .set("partition.assignment.strategy", "cooperative-sticky");
    let consumer: BaseConsumer = settings.create().unwrap();
    consumer.subscribe(&[&world.topic("raw")]).unwrap();
    let bound = Instant::now() + Duration::from_secs(60);
    while consumer.assignment().unwrap().count() == 0 {
        assert!(Instant::now() < bound, "it gets no partition");
        drop(consumer.poll(Duration::from_millis(100)));
    }
    let mut settings = client(&world.brokers);
    settings
        .set("transactional.id", &id)
        .set("transaction.timeout.ms", "300000");
    let producer: BaseProducer = settings.create().unwrap();
    let bound = Duration::from_secs(30);
    producer.init_transactions(bound).unwrap();
    producer.begin_transaction().unwrap();
    let out = world.topic("out");
    let void: BaseRecord<'_, str, str> = BaseRecord::to(&out).payload("void");
    producer.send(void).map_err(|(e, _)| e).unwrap();
    producer.flush(bound).unwrap();
    let owned = consumer.assignment().unwrap();
    let mut offsets = TopicPartitionList::new();
    for element in consumer.committed_offsets(owned, bound).unwrap().elements() {
        let next = element.offset().to_raw().filter(|n| *n >= 0).unwrap_or(0);
        offsets
            .add_partition_offset(element.topic(), element.partition(), Offset::Offset(next))
            .unwrap();
    }
    let group = consumer.group_metadata().unwrap();
    producer.send_offsets_to_transaction(&offsets, &group, bound).unwrap();
    (consumer, producer)
}

/// Names the world of the process that a test starts to let it die.
const DIES_IN: &str = "SLUICE_DIES_IN";

/// Such a process: it leaves the group without a word.
#[test]
#[ignore = "another test starts it"]
fn dies_in_the_middle_of_a_commit() {
    let (Some(brokers), Ok(name)) = (brokers(), std::env::var(DIES_IN)) else {
        return;
    };
    let _open = come_to_the_middle_of_a_commit(&World { brokers, name }, "dead");
    std::process::abort();
}

/// By its own time-out the transaction would stay open for five minutes.
#[tokio::test]
async fn exactly_once_what_a_member_left_open_is_ended_by_who_gets_its_partitions() {
    let Some(world) = World::new("left-open").await else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let said = || std::fs::read_to_string(&log).unwrap();
    let settled = |count: usize| world.await_published(count, said);
    world.publish("raw", &(0..20).map(|n| article(n, 60)).collect::<Vec<_>>());
    let instance = format!("instance={}-stays", world.name);
    let mut stays = world.start(&[&instance, "log.level=debug"], &log);
    settled(20);
    die_in_the_middle_of_a_commit(&world, "dead");
    let died = Instant::now();
    world.publish("raw", &(20..40).map(|n| article(n, 60)).collect::<Vec<_>>());
    settled(40);
    println!(
        "all records are settled {} ms after the death",
        died.elapsed().as_millis()
    );
    signal(&stays, "TERM");
    assert_eq!(wait(&mut stays, Duration::from_secs(30)).code(), Some(0));
    let words = said();
    assert!(
        words.contains("ended what a former member of the group left open"),
        "{words}"
    );
    world.audit_is_sound();
}

/// Nobody saw it live: who comes while the group has not missed it yet knows it.
#[tokio::test]
async fn exactly_once_what_a_member_left_open_is_ended_by_who_starts_after_its_death() {
    let Some(world) = World::new("left-open-before").await else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    world.publish("raw", &(0..20).map(|n| article(n, 60)).collect::<Vec<_>>());
    // It makes the topics.
    assert!(world.output(&["run", "--until-end"]).status.success());
    world.publish("raw", &(20..40).map(|n| article(n, 60)).collect::<Vec<_>>());
    let dies = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "dies_in_the_middle_of_a_commit", "--ignored"])
        .env(DIES_IN, &world.name)
        .output()
        .unwrap();
    assert!(!dies.status.success() && dies.status.code().is_none(), "{dies:?}");
    let instance = format!("instance={}-comes", world.name);
    let mut comes = world.start(&[&instance, "log.level=debug"], &log);
    world.await_published(40, || std::fs::read_to_string(&log).unwrap());
    signal(&comes, "TERM");
    assert_eq!(wait(&mut comes, Duration::from_secs(30)).code(), Some(0));
    world.audit_is_sound();
}

/// A live member whose id is taken up by somebody who takes it for dead takes it up again: nobody has its name.
#[tokio::test]
async fn exactly_once_who_is_fenced_in_passing_goes_on() {
    let Some(world) = World::new("passing").await else {
        return;
    };
    let mut lives = Running(world.command(&["run", "log.level=info"]).spawn().unwrap());
    let out = || reader::read_committed(&world.brokers, &world.topic("out")).len();
    for round in 1..=3 {
        let articles = (round * 20..round * 20 + 20).map(|n| article(n, 60));
        world.publish("raw", &articles.collect::<Vec<_>>());
        let bound = Instant::now() + Duration::from_secs(60);
        while std::panic::catch_unwind(out).unwrap_or(0) < round * 20 {
            assert!(Instant::now() < bound, "round {round} is not settled");
            std::thread::sleep(Duration::from_millis(200));
        }
        let id = format!("sluice-{0}:{0}", world.name);
        let config = Config::load(None, [], &world.settings()).unwrap();
        let ended = tokio::task::spawn_blocking(move || Writer::end(&config, &id, Duration::from_secs(30)));
        ended.await.unwrap().unwrap();
    }
    signal(&lives, "TERM");
    assert_eq!(wait(&mut lives, Duration::from_secs(30)).code(), Some(0));
    world.audit_is_sound();
}

/// `SLUICE_MOVES=n` measures so many; each time is printed. It is `kafka.session_timeout_ms` (6 s here) at least, up to a heartbeat less,
/// then a heartbeat of the other instance, which ends what the killed one left open: see ARCHITECTURE.md.
#[tokio::test]
async fn after_sigkill_of_one_of_two_instances_its_partitions_move_again() {
    let Some(world) = World::new("moves").await else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let start = |name: &str| {
        let instance = format!("instance={}-{name}", world.name);
        let out = File::options().create(true).append(true).open(&log).unwrap();
        let started = world.command(&["run", &instance, "log.level=info"]).stderr(out).spawn();
        Running(started.unwrap())
    };
    world.publish("raw", &(0..4).map(|n| article(n, 60)).collect::<Vec<_>>());
    let mut stays = start("stays");
    let mut published = 4;
    // Who joins at the same moment gets partitions that nobody had, so that nothing would be revoked.
    let bound = Instant::now() + Duration::from_secs(60);
    while !std::fs::read_to_string(&log).unwrap().contains("assigned") {
        assert!(Instant::now() < bound, "the first instance got no partition");
        std::thread::sleep(Duration::from_millis(100));
    }
    let rounds = std::env::var("SLUICE_MOVES").map_or(1, |n| n.parse().unwrap());
    for round in 0..rounds {
        let before = std::fs::read_to_string(&log).unwrap().matches("assigned").count();
        let mut killed = start("killed");
        // It has a partition once it says so: the other one says only what is revoked.
        let bound = Instant::now() + Duration::from_secs(60);
        let settled = || {
            let text = std::fs::read_to_string(&log).unwrap();
            text.matches("assigned").count() > before && text.contains("revoked")
        };
        while !settled() {
            assert!(Instant::now() < bound, "the second instance got no partition");
            std::thread::sleep(Duration::from_millis(100));
        }
        let follower = Follower::new(&world.brokers, &world.topic("out"));
        let mut load = |until: &mut dyn FnMut(Option<(i32, i64)>) -> bool| {
            let bound = Instant::now() + Duration::from_secs(60);
            loop {
                world.publish(
                    "raw",
                    &(published..published + 20).map(|n| article(n, 60)).collect::<Vec<_>>(),
                );
                published += 20;
                let mut seen = follower.next();
                loop {
                    if until(seen) {
                        return;
                    }
                    if seen.is_none() {
                        break;
                    }
                    seen = follower.next();
                }
                assert!(Instant::now() < bound, "nothing moves");
            }
        };
        let started = Instant::now();
        load(&mut |_| started.elapsed() > Duration::from_secs(2));
        killed.kill().unwrap();
        killed.wait().unwrap();
        let (killed_at, mut since) = (now_ms(), [None; PARTITIONS as usize]);
        load(&mut |seen| {
            if let Some((partition, written)) = seen
                && written > killed_at
            {
                since[partition as usize].get_or_insert_with(|| now_ms() - killed_at);
            }
            since.iter().all(Option::is_some)
        });
        let moved = since.iter().flatten().max().unwrap();
        println!("round {round}: from SIGKILL until all partitions moved: {moved} ms, session time-out 6000 ms");
    }
    signal(&stays, "TERM");
    assert_eq!(wait(&mut stays, Duration::from_secs(30)).code(), Some(0));
    world.run_to_the_end(&[]);
    world.audit_is_sound();
}

/// Static membership: an instance that is told to end and comes back within the session keeps its partitions, and nobody else is asked to
/// give or take any. At the end of its work it leaves like any other.
#[tokio::test]
async fn exactly_once_a_static_member_comes_back_without_a_rebalance() {
    let Some(world) = World::new("static").await else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let log = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap_or_default();
    let start = |name: &str| {
        let options = [
            format!("instance={}-{name}", world.name),
            format!("kafka.group_instance_id={name}"),
            "kafka.session_timeout_ms=30000".into(),
            "log.level=info".into(),
        ];
        let arguments = ["run"].into_iter().chain(options.iter().map(String::as_str));
        let out = File::options().create(true).append(true).open(dir.path().join(name));
        let started = world
            .command(&arguments.collect::<Vec<_>>())
            .stderr(out.unwrap())
            .spawn();
        Running(started.unwrap())
    };
    let wait_for = |what: &str, is_so: &dyn Fn() -> bool| {
        let bound = Instant::now() + Duration::from_secs(60);
        while !is_so() {
            assert!(Instant::now() < bound, "{what}:\n{}\n{}", log("stays"), log("returns"));
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let out =
        || std::panic::catch_unwind(|| reader::read_committed(&world.brokers, &world.topic("out")).len()).unwrap_or(0);
    let mut stays = start("stays");
    wait_for("no partition for the first", &|| log("stays").contains("assigned"));
    let mut returns = start("returns");
    wait_for("no partition for the second", &|| {
        log("returns").contains("assigned") && log("stays").contains("revoked")
    });
    world.publish("raw", &(0..20).map(|n| article(n, 60)).collect::<Vec<_>>());
    wait_for("nothing is published", &|| out() == 20);
    let moves = |text: &str| text.matches("assigned").count() + text.matches("revoked").count();
    let before = moves(&log("stays"));
    signal(&returns, "TERM");
    assert_eq!(wait(&mut returns, Duration::from_secs(30)).code(), Some(0));
    world.publish("raw", &(20..40).map(|n| article(n, 60)).collect::<Vec<_>>());
    let mut returns = start("returns");
    wait_for("what came meanwhile is not published", &|| out() == 40);
    assert_eq!(moves(&log("stays")), before, "{}", log("stays"));
    for member in [&mut stays, &mut returns] {
        signal(member, "TERM");
        assert_eq!(wait(member, Duration::from_secs(30)).code(), Some(0));
    }
    world.audit_is_sound();
}

#[tokio::test]
async fn no_poison_what_the_output_topic_is_too_small_for_becomes_a_dead_letter() {
    for delivery in ["delivery=exactly-once", "delivery=at-least-once"] {
        let Some(world) = World::new("large").await else { return };
        create_input(&world.brokers, &world.topic("out"), PARTITIONS).await;
        set(&world.brokers, &world.topic("out"), "max.message.bytes", "200000").await;
        // The second is a copy, and may not be told to repeat what was not published.
        let large: Vec<String> = (0..60_000).map(|n| format!("w{}", (n * 7_919) % 65_521)).collect();
        let large = large.join(" ");
        let large = ["large-1", "large-2"].map(|id| json!({ "id": id, "text": large }).to_string());
        let small: Vec<String> = (0..10).map(|n| article(n, 60)).collect();
        world.publish("raw", &[&small[..5], &large, &small[5..]].concat());
        world.run_to_the_end(&[delivery, "output.compression=none"]);
        let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
        // What was acknowledged before an abort comes again with at-least-once.
        let values: BTreeSet<_> = dead.iter().map(|read| read.value.as_deref().unwrap()).collect();
        let untouched: BTreeSet<_> = large.iter().map(String::as_bytes).collect();
        assert_eq!(values, untouched, "{delivery}");
        assert_eq!(dead[0].headers["__connect.errors.stage"], "produce");
        assert_eq!(dead[0].headers["__connect.errors.exception.class.name"], "too-large");
        if delivery == "delivery=exactly-once" {
            world.audit_is_sound();
        }
        let report = world.json(&["audit", "--json"]);
        let sums = ["enriched", "dead_letters", "remembered"].map(|name| report[name].as_u64().unwrap());
        let missing = report["wrong"]["missing"].as_u64().unwrap();
        assert_eq!(sums[0] + sums[1], 12, "{delivery}: {report}");
        assert_eq!((sums[2], missing), (10, 0), "{delivery}: {report}");
    }
}

/// A broker tells of a few in a batch at a time.
#[tokio::test]
async fn no_poison_many_that_the_output_topic_is_too_small_for_do_not_end_the_process() {
    let Some(world) = World::new("many-large").await else {
        return;
    };
    create_input(&world.brokers, &world.topic("out"), PARTITIONS).await;
    set(&world.brokers, &world.topic("out"), "max.message.bytes", "20000").await;
    let articles: Vec<String> = (0..80)
        .map(|n| article(n, if n % 2 == 0 { 60 } else { 4_000 }))
        .collect();
    world.publish("raw", &articles);
    world.run_to_the_end(&["output.compression=none"]);
    let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
    assert_eq!(dead.len(), 40);
    assert_eq!(reader::read_committed(&world.brokers, &world.topic("out")).len(), 40);
    world.audit_is_sound();
}

#[tokio::test]
async fn an_output_topic_that_was_deleted_is_named() {
    let Some(world) = World::new("deleted").await else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut stage = world.start(&["log.format=json"], &log);
    world.publish("raw", &[article(0, 60)]);
    let said = || std::fs::read_to_string(&log).unwrap();
    world.await_published(1, said);
    let admin: AdminClient<DefaultClientContext> = client(&world.brokers).create().unwrap();
    admin
        .delete_topics(&[&world.topic("out")], &AdminOptions::new())
        .await
        .unwrap();
    world.publish("raw", &(1..5).map(|n| article(n, 60)).collect::<Vec<_>>());
    assert_eq!(wait(&mut stage, Duration::from_secs(90)).code(), Some(1));
    let said = said();
    assert!(
        said.contains(&format!("`{}` is not there any more", world.topic("out"))),
        "{said}"
    );
    assert!(said.contains("was it deleted?"), "{said}");
}

/// Behind the last record of each partition stand markers, which nobody commits past.
#[tokio::test]
async fn a_run_to_the_end_of_several_instances_does_not_wait_for_markers() {
    let Some(world) = World::new("markers").await else {
        return;
    };
    let mut settings = client(&world.brokers);
    settings.set("transactional.id", format!("{}-producer", world.name));
    let producer: BaseProducer = settings.create().unwrap();
    let (bound, raw) = (Duration::from_secs(30), world.topic("raw"));
    producer.init_transactions(bound).unwrap();
    for (numbers, is_committed) in [(0..20, true), (20..24, false)] {
        producer.begin_transaction().unwrap();
        for n in numbers {
            let value = article(n, 60);
            let record: BaseRecord<'_, str, str> =
                BaseRecord::to(&raw).partition(n as i32 % PARTITIONS).payload(&value);
            producer.send(record).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(bound).unwrap();
        if is_committed {
            producer.commit_transaction(bound).unwrap();
        } else {
            producer.abort_transaction(bound).unwrap();
        }
    }
    let start = |instance: &str| {
        let instance = format!("instance={instance}");
        Running(world.command(&["run", "--until-end", &instance]).spawn().unwrap())
    };
    let mut instances = [start("one"), start("other")];
    for instance in &mut instances {
        assert_eq!(wait(instance, Duration::from_secs(60)).code(), Some(0));
    }
    assert_eq!(reader::read_committed(&world.brokers, &world.topic("out")).len(), 20);
}

#[tokio::test]
async fn no_poison_articles_are_not_called_too_large_for_their_company_in_a_request() {
    for delivery in ["delivery=exactly-once", "delivery=at-least-once"] {
        let Some(world) = World::new("company").await else {
            return;
        };
        create_input(&world.brokers, &world.topic("out"), PARTITIONS).await;
        set(&world.brokers, &world.topic("out"), "max.message.bytes", "400000").await;
        let articles: Vec<String> = (0..16).map(|n| article(n, 12_000)).collect();
        world.publish("raw", &articles);
        world.run_to_the_end(&[delivery, "output.compression=none", "dedupe.enabled=false"]);
        let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
        assert!(dead.is_empty(), "{delivery}: {} dead letters", dead.len());
        let out = reader::read_committed(&world.brokers, &world.topic("out"));
        let ids: BTreeSet<_> = out.iter().map(|read| read.json()["id"].to_string()).collect();
        assert_eq!(ids.len(), 16, "{delivery}");
        if delivery == "delivery=exactly-once" {
            world.audit_is_sound();
        }
    }
}

#[tokio::test]
async fn no_poison_a_dead_letter_is_as_large_as_its_record_or_says_what_it_does_without() {
    for is_taken in [true, false] {
        let Some(world) = World::new("letters").await else {
            return;
        };
        set(&world.brokers, &world.topic("raw"), "max.message.bytes", "5000000").await;
        if !is_taken {
            create_input(&world.brokers, &world.topic("dead"), PARTITIONS).await;
            set(&world.brokers, &world.topic("dead"), "max.message.bytes", "200000").await;
        }
        let mut large = client(&world.brokers);
        let producer: BaseProducer = large.set("message.max.bytes", "5000000").create().unwrap();
        let value = format!("{{\"text\":\"{}\"}}", "word ".repeat(800_000));
        let topic = world.topic("raw");
        let record = BaseRecord::to(&topic).partition(0).key("key").payload(&value);
        producer.send(record).map_err(|(e, _)| e).unwrap();
        producer.flush(Duration::from_secs(30)).unwrap();
        world.publish("raw", &[article(1, 60), article(2, 60)]);
        world.run_to_the_end(&["input.value_bytes_max=1MB", "output.compression=none"]);
        let mut dead = reader::read_committed(&world.brokers, &world.topic("dead"));
        assert_eq!(dead.len(), 1);
        let letter = dead.remove(0);
        assert_eq!(letter.headers["__connect.errors.stage"], "decode");
        assert_eq!(letter.headers["__connect.errors.exception.class.name"], "too-large");
        assert_eq!(letter.key.as_deref(), Some(&b"key"[..]));
        let audit = world.output(&["audit", "input.value_bytes_max=1MB"]);
        assert_eq!(
            audit.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&audit.stdout)
        );
        let redrive = |more: &[&str]| {
            let told = world.json(&[&["dead-letters", "redrive", "--json"], more].concat());
            ["passed", "still_failing", "parked"].map(|name| told[name].as_u64().unwrap())
        };
        if is_taken {
            assert_eq!(letter.value.as_deref(), Some(value.as_bytes()));
            assert_eq!(
                redrive(&["--attempts-max=1"]),
                [0, 0, 1],
                "the parking topic takes it, too"
            );
        } else {
            assert_eq!(letter.value, None);
            assert_eq!(letter.headers["sluice.left-out"], "value");
            assert_eq!(letter.headers["sluice.value-bytes"], value.len().to_string());
            assert_eq!(
                redrive(&["input.tombstones=pass"]),
                [0, 1, 0],
                "nothing is withdrawn by it"
            );
        }
    }
}

async fn set(brokers: &str, topic: &str, name: &str, value: &str) {
    let admin: AdminClient<DefaultClientContext> = client(brokers).create().unwrap();
    let config = AlterConfig::new(ResourceSpecifier::Topic(topic)).set(name, value);
    for result in admin.alter_configs([&config], &AdminOptions::new()).await.unwrap() {
        result.unwrap();
    }
}

#[tokio::test]
async fn no_poison_what_the_output_topic_refuses_becomes_a_dead_letter() {
    const FAR_AHEAD_MS: i64 = 4_070_908_800_000; // 2099
    for delivery in ["delivery=exactly-once", "delivery=at-least-once"] {
        let Some(world) = World::new("refused").await else {
            return;
        };
        create_input(&world.brokers, &world.topic("out"), PARTITIONS).await;
        set(&world.brokers, &world.topic("out"), "cleanup.policy", "compact").await;
        let any_time = i64::MAX.to_string();
        set(
            &world.brokers,
            &world.topic("raw"),
            "message.timestamp.after.max.ms",
            &any_time,
        )
        .await;
        let producer: BaseProducer = client(&world.brokers).create().unwrap();
        let topic = world.topic("raw");
        for n in 0..12 {
            let value = if n == 10 { "{".to_owned() } else { article(n, 60) };
            let key = format!("key-{n}");
            let mut record: BaseRecord<'_, str, str> = BaseRecord::to(&topic).partition(0).payload(&value);
            record.key = (n % 6 != 3).then_some(&key);
            record.timestamp = Some(if n % 6 == 4 { FAR_AHEAD_MS } else { 1_700_000_000_000 });
            producer.send(record).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(Duration::from_secs(30)).unwrap();
        world.run_to_the_end(&[delivery]);
        let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
        let values: BTreeSet<_> = dead.iter().map(|read| read.value.clone().unwrap()).collect();
        // The last could not be read, and its dead letter had a time that no topic takes.
        let expected = [3, 4, 9].map(|n| article(n, 60)).into_iter().chain(["{".to_owned()]);
        let expected: BTreeSet<_> = expected.map(String::into_bytes).collect();
        assert_eq!(values, expected, "{delivery}");
        for letter in &dead {
            let could_be_read = letter.value.as_deref() != Some(b"{");
            let reason = if could_be_read {
                ["produce", "refused"]
            } else {
                ["decode", "not-json"]
            };
            assert_eq!(letter.headers["__connect.errors.stage"], reason[0]);
            assert_eq!(letter.headers["__connect.errors.exception.class.name"], reason[1]);
        }
        if delivery == "delivery=exactly-once" {
            assert_eq!(dead.len(), 4);
            world.audit_is_sound();
        }
    }
}

#[tokio::test]
async fn no_poison_one_record_that_the_output_topic_refuses_takes_no_other_with_it() {
    for delivery in ["delivery=exactly-once", "delivery=at-least-once"] {
        let Some(world) = World::new("refused-alone").await else {
            return;
        };
        create_input(&world.brokers, &world.topic("out"), PARTITIONS).await;
        set(&world.brokers, &world.topic("out"), "cleanup.policy", "compact").await;
        let keys = (0..40).map(|n| if n == 17 { String::new() } else { format!("key-{n}") });
        let articles = (0..40).map(|n| article(n, 60));
        let records: Vec<(String, String)> = keys.zip(articles).collect();
        let raw: Vec<_> = records
            .iter()
            .map(|(key, value)| (key.as_str(), Some(value.as_str())))
            .collect();
        publish_raw(&world, &raw);
        world.run_to_the_end(&[delivery]);
        let dead = reader::read_committed(&world.brokers, &world.topic("dead"));
        let values: BTreeSet<_> = dead.iter().map(|read| read.value.clone().unwrap()).collect();
        assert_eq!(
            values,
            BTreeSet::from([records[17].1.clone().into_bytes()]),
            "{delivery}"
        );
        let published: BTreeSet<_> = reader::read_committed(&world.brokers, &world.topic("out"))
            .into_iter()
            .map(|read| read.key)
            .collect();
        assert_eq!(published.len(), 39, "{delivery}");
        if delivery == "delivery=exactly-once" {
            world.audit_is_sound();
        }
    }
}

#[tokio::test]
async fn topics_that_the_stage_creates_keep_what_a_compacted_input_keeps() {
    let Some(world) = World::new("compacted").await else {
        return;
    };
    // What is not named goes back to the brokers' own: seven days, which compaction alone leaves unread.
    set(&world.brokers, &world.topic("raw"), "cleanup.policy", "compact").await;
    publish_raw(&world, &[("key", Some(&article(1, 60)))]);
    world.run_to_the_end(&[]);
    let admin: AdminClient<DefaultClientContext> = client(&world.brokers).create().unwrap();
    let (out, dead) = (world.topic("out"), world.topic("dead"));
    let asked = [&out, &dead].map(|topic| ResourceSpecifier::Topic(topic));
    for described in admin.describe_configs(&asked, &AdminOptions::new()).await.unwrap() {
        let described = described.unwrap();
        assert_eq!(described.get("retention.ms").unwrap().value.as_deref(), Some("-1"));
    }
}

#[tokio::test]
async fn an_aborted_transaction_leaves_no_trace_and_the_producer_lives() {
    let Some(world) = World::new("abort").await else { return };
    let config = Config::load(None, [], &world.settings()).unwrap();
    let topic = world.topic("raw");
    let aborted = tokio::task::spawn_blocking(move || {
        let writer = Writer::start(&config, &format!("{topic}-id")).unwrap();
        let produce = |value: &str| {
            let output = sluice::stage::Output {
                to: Destination::Enriched,
                partition: 0,
                key: None,
                value: Some(value.into()),
                headers: Vec::new(),
                timestamp_ms: None,
            };
            writer.produce(&topic, 0, &output, 0).unwrap();
        };
        writer.begin().unwrap();
        (0..20).for_each(|_| produce("void"));
        // Acknowledged, and nobody has taken the reports.
        std::thread::sleep(Duration::from_secs(1));
        let aborted = writer.abort();
        writer.begin().unwrap();
        produce("whole");
        writer.commit().unwrap();
        aborted
    });
    aborted.await.unwrap().unwrap();
    let seen = reader::read_committed(&world.brokers, &world.topic("raw"));
    assert_eq!(
        seen.iter().map(|r| r.value.as_deref().unwrap()).collect::<Vec<_>>(),
        [b"whole"]
    );
}

#[tokio::test]
async fn what_the_topic_forgets_before_it_is_read_is_told_once() {
    let Some(world) = World::new("lost").await else { return };
    let articles: Vec<String> = (0..20).map(|n| article(n, 60)).collect();
    world.publish("raw", &articles);
    world.run_to_the_end(&[]);
    world.publish("raw", &articles);
    let mut gone = TopicPartitionList::new();
    gone.add_partition_offset(&world.topic("raw"), 0, Offset::Offset(15))
        .unwrap();
    let admin: AdminClient<DefaultClientContext> = client(&world.brokers).create().unwrap();
    admin.delete_records(&gone, &AdminOptions::new()).await.unwrap();
    let told = |run: Output| {
        let words = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(0), "{words}");
        words
            .lines()
            .filter(|line| line.contains("are gone from the topic"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let first = told(world.output(&["run", "--until-end"]));
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(
        first[0].contains("ERROR") && first[0].contains("next=10 first=15 records=5"),
        "{first:?}"
    );
    assert!(told(world.output(&["run", "--until-end"])).is_empty());
}

#[tokio::test]
async fn a_memory_topic_that_forgets_within_the_window_is_named() {
    let Some(world) = World::new("forgets").await else {
        return;
    };
    world.publish("raw", &[article(1, 60)]);
    world.run_to_the_end(&[]);
    let check = || {
        let check = world.output(&["config", "check", "--connect"]);
        (check.status.code(), String::from_utf8_lossy(&check.stdout).into_owned())
    };
    let (status, words) = check();
    assert!(
        status == Some(0) && !words.contains("keeps verdicts"),
        "what the stage creates passes: {words}"
    );
    set(&world.brokers, &world.topic("memory"), "retention.ms", "86400000").await;
    let (status, words) = check();
    assert!(
        status == Some(3) && words.contains("keeps verdicts for 86400000 ms"),
        "{words}"
    );
    let run = world.output(&["run", "--until-end"]);
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(
        run.status.success() && words.contains("keeps verdicts for 86400000 ms"),
        "{words}"
    );
}

#[tokio::test]
async fn no_poison_a_record_in_the_memory_topic_that_no_stage_wrote_ends_nothing() {
    let Some(world) = World::new("foreign").await else {
        return;
    };
    world.publish("raw", &[article(1, 60), article(2, 60)]);
    world.run_to_the_end(&[]);
    let producer: BaseProducer = client(&world.brokers).create().unwrap();
    let memory = world.topic("memory");
    let stray = BaseRecord::to(&memory).key("k").payload(r#"{"oops":1}"#);
    producer.send(stray).map_err(|(e, _)| e).unwrap();
    producer.flush(Duration::from_secs(30)).unwrap();
    world.publish("raw", &[article(3, 60), article(1, 60)]);

    let is_told = |output: &Output| {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{words}");
        let line = words.lines().find(|line| line.contains("that no stage wrote"));
        let line = line.unwrap_or_else(|| panic!("it is not told: {words}"));
        assert!(line.contains("ERROR") && line.contains(&memory), "{line}");
    };
    is_told(&world.output(&["run", "--until-end"]));
    assert_eq!(reader::read_committed(&world.brokers, &world.topic("dup")).len(), 1);
    is_told(&world.output(&["audit"]));
    is_told(&world.output(&["replay", "--from=earliest", "--run-id=again"]));
    let check = world.output(&["config", "check", "--connect"]);
    let words = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(0), "{words}");
    assert!(
        words.contains("of its last records 1 were not written by a stage"),
        "{words}"
    );
}

#[tokio::test]
async fn order_by_key_needs_as_many_output_partitions_and_other_counts_are_named() {
    let Some(world) = World::new("counts").await else {
        return;
    };
    create_input(&world.brokers, &world.topic("out"), PARTITIONS + 1).await;
    world.publish("raw", &[article(1, 60)]);
    let says = |output: Output| {
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8_lossy(&words).into_owned();
        assert_eq!(output.status.code(), Some(0), "{words}");
        assert_eq!(words.matches("and the input topic 2").count(), 1, "{words}");
    };
    says(world.output(&["config", "check", "--connect"]));
    says(world.output(&["run", "--until-end"]));
}
