//! `sluice run` where no Kafka answers, or none any more.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message, OwnedMessage};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

#[path = "common/running.rs"]
mod running;

use running::{Running, signal};

/// A port of the loopback range that nobody listens on.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn until(child: &mut Child, reached: impl Fn() -> bool) {
    let bound = Instant::now() + Duration::from_secs(60);
    while !reached() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was told to");
        assert!(Instant::now() < bound, "it does not get there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn sigterm_while_it_starts_ends_with_status_0() {
    let (kafka, http) = (free_address(), free_address());
    let child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["run", "--set", &format!("kafka.brokers={kafka}")])
        .args(["--set", &format!("http.listen={http}"), "--set", "log.level=off"])
        .stdin(Stdio::null())
        .spawn();
    let mut child = Running(child.unwrap());
    // Signals are caught before the server listens.
    until(&mut child, || TcpStream::connect(&http).is_ok());
    signal(&child, "TERM");
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "it ended with {status}");
}

const ROLES: [(&str, &str); 5] = [
    ("input.topic", "raw"),
    ("output.topic", "out"),
    ("output.duplicates_topic", "dup"),
    ("output.dead_letters_topic", "dead"),
    ("dedupe.memory_topic", "memory"),
];

/// Records of a `filler` at least.
fn publish(brokers: &str, records: u32, filler: &str) {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
    for n in 0..records {
        let value =
            format!("{{\"id\":\"{n}\",\"text\":\"The council met for the {n}th time.\",\"more\":\"{filler}\"}}");
        let record: BaseRecord<'_, str, str> = BaseRecord::to("raw").payload(&value);
        producer.send(record).map_err(|(e, _)| e).unwrap();
    }
    producer.flush(Duration::from_secs(30)).unwrap();
}

/// A stage on a broker of its own, in this process, with records to read.
struct Stage {
    cluster: MockCluster<'static, DefaultProducerContext>,
    child: Running,
    http: String,
    dir: tempfile::TempDir,
}

impl Stage {
    fn start(records: u32, options: &[&str]) -> Self {
        let value = |n| format!("{{\"id\":\"{n}\",\"text\":\"The council met for the {n}th time.\"}}");
        let values: Vec<String> = (0..records).map(value).collect();
        Self::refusing(&[], &values, options)
    }

    /// The same on a broker that answers the stage's first records so.
    fn refusing(answers: &[RDKafkaRespErr], values: &[String], options: &[&str]) -> Self {
        let cluster = MockCluster::new(1).unwrap();
        let brokers = cluster.bootstrap_servers();
        for (_, topic) in ROLES {
            cluster.create_topic(topic, 1, 1).unwrap();
        }
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &brokers)
            .set("message.max.bytes", "10000000")
            .create()
            .unwrap();
        for value in values {
            let record: BaseRecord<'_, str, str> = BaseRecord::to("raw").key("key").payload(value);
            producer.send(record).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(Duration::from_secs(30)).unwrap();
        cluster.request_errors(RDKafkaApiKey::Produce, answers);
        let http = free_address();
        let dir = tempfile::tempdir().unwrap();
        let child = Self::spawn(&brokers, &http, dir.path(), options);
        Self {
            cluster,
            child,
            http,
            dir,
        }
    }

    fn spawn(brokers: &str, http: &str, dir: &Path, options: &[&str]) -> Running {
        let settings = ROLES.iter().map(|(option, topic)| format!("{option}={topic}"));
        let own = [format!("kafka.brokers={brokers}"), format!("http.listen={http}")];
        let fixed = ["kafka.create_topics=false", "kafka.session_timeout_ms=6000"].map(str::to_owned);
        let given = options.iter().map(|option| (*option).to_owned());
        let child = Command::new(env!("CARGO_BIN_EXE_sluice"))
            .arg("run")
            .args(
                settings
                    .chain(own)
                    .chain(fixed)
                    .chain(given)
                    .flat_map(|s| ["--set".to_owned(), s]),
            )
            .stderr(std::fs::File::create(dir.join("log")).unwrap())
            .stdin(Stdio::null())
            .spawn();
        Running(child.unwrap())
    }

    /// End it, and start it again later.
    fn restart(&mut self, meanwhile: impl FnOnce(&str), options: &[&str]) {
        signal(&self.child, "TERM");
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
        let brokers = self.cluster.bootstrap_servers();
        meanwhile(&brokers);
        self.child = Self::spawn(&brokers, &self.http, self.dir.path(), options);
    }

    /// End it once all is done, and read what stands in a topic.
    fn read(mut self, topic: &str) -> Vec<OwnedMessage> {
        self.until("sluice_consumer_lag_records{topic=\"raw\",partition=\"0\"}", |n| n == 0);
        signal(&self.child, "TERM");
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.log());
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.cluster.bootstrap_servers())
            .set("group.id", "reader")
            .set("enable.partition.eof", "true")
            .create()
            .unwrap();
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&partitions).unwrap();
        let mut read = Vec::new();
        while let Some(Ok(message)) = consumer.poll(Duration::from_secs(30)) {
            read.push(message.detach());
        }
        read
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// The metric's value now.
    fn value(&mut self, metric: &str) -> u64 {
        let found = std::cell::Cell::new(0);
        self.until(metric, |n| {
            found.set(n);
            true
        });
        found.get()
    }

    /// Wait until the metric with this name and these labels has a value that was waited for.
    fn until(&mut self, metric: &str, reached: impl Fn(u64) -> bool) {
        let http = self.http.clone();
        let has_reached = || {
            let Ok(mut answer) = ureq::get(format!("http://{http}/metrics")).call() else {
                return false;
            };
            let metrics = answer.body_mut().read_to_string().unwrap();
            let mut values = metrics
                .lines()
                .filter_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
            values.any(|n| n.parse::<u64>().is_ok_and(&reached))
        };
        until(&mut self.child, has_reached);
    }
}

/// A commit under way would wait for a silent coordinator for six session time-outs: 36 s here. What it holds is void by then.
#[test]
fn sigterm_ends_in_time_while_a_commit_waits_for_a_broker_that_is_silent() {
    let mut stage = Stage::start(4_000, &["kafka.drain_ms_max=1000", "batch.records_max=10"]);
    stage.until("sluice_records_consumed_total", |n| n > 0);
    stage
        .cluster
        .broker_round_trip_time(1, Duration::from_secs(120))
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    signal(&stage.child, "TERM");
    let told = Instant::now();
    while stage.child.try_wait().unwrap().is_none() && told.elapsed() < Duration::from_secs(15) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = told.elapsed();
    drop(stage.child.kill());
    let status = stage.child.wait().unwrap();
    let words = stage.log();
    assert_eq!(status.code(), Some(0), "after {} ms: {words}", took.as_millis());
    assert!(words.contains("ending without what is still under way"), "{words}");
    println!("ended {} ms after SIGTERM", took.as_millis());
}

/// All brokers away for longer than what a commit, its abort and a new producer may take together: the stage waits for them, and goes on.
#[test]
fn an_outage_of_all_brokers_is_waited_for() {
    let mut stage = Stage::start(4_000, &["batch.records_max=10"]);
    stage.until("sluice_records_consumed_total", |n| n > 0);
    stage.cluster.broker_down(1).unwrap();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(100) {
        let status = stage.child.try_wait().unwrap();
        assert_eq!(status, None, "after {} s: {}", since.elapsed().as_secs(), stage.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    stage.cluster.broker_up(1).unwrap();
    stage.until("sluice_consumer_lag_records{topic=\"raw\",partition=\"0\"}", |n| n == 0);
    signal(&stage.child, "TERM");
    let status = stage.child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{}", stage.log());
}

/// A slow broker is what causes both: no room for more batches, and a commit that fails.
#[test]
fn reading_goes_on_after_an_abort_that_found_the_partitions_paused() {
    let mut stage = Stage::start(4_000, &["batch.records_max=50"]);
    stage.until("sluice_records_consumed_total", |n| n > 0);
    stage
        .cluster
        .broker_round_trip_time(1, Duration::from_millis(600))
        .unwrap();
    stage.until("sluice_partitions_paused", |n| n > 0);
    let refused = RDKafkaRespErr::RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
    stage.cluster.request_errors(RDKafkaApiKey::TxnOffsetCommit, &[refused]);
    stage.until("sluice_commits_total{result=\"aborted\"}", |n| n > 0);
    stage.cluster.broker_round_trip_time(1, Duration::ZERO).unwrap();
    stage.until("sluice_consumer_lag_records{topic=\"raw\",partition=\"0\"}", |n| n == 0);
    signal(&stage.child, "TERM");
    let status = stage.child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{}", stage.log());
}

const TOO_LARGE: RDKafkaRespErr = RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;

fn header(message: &OwnedMessage, name: &str) -> Option<String> {
    let mut headers = message.headers()?.iter();
    let found = headers.find(|header| header.key == name)?;
    Some(String::from_utf8(found.value?.to_vec()).unwrap())
}

/// Once, its dead letter was more than the producer took, and the stage ended at each start.
/// An article of its own, with what its site puts behind each.
fn of_a_site(n: u32) -> String {
    let own: Vec<String> = (0..3)
        .map(|line| format!("The council of Port Amsel met for the {n}th time and said in its {line}th sentence what it had not said."))
        .collect();
    let text = format!(
        "{}\nThe Gull has written of the harbours in the north for a hundred years.",
        own.join("\n")
    );
    serde_json::json!({ "id": n.to_string(), "url": format!("https://gull.example/{n}"), "text": text }).to_string()
}

/// Texts by id.
fn texts<'a>(values: impl Iterator<Item = &'a [u8]>) -> BTreeMap<String, String> {
    let article = |value: &[u8]| {
        let article: serde_json::Value = serde_json::from_slice(value).unwrap();
        let field = |name: &str| article[name].as_str().unwrap().to_owned();
        (field("id"), field("text"))
    };
    values.map(article).collect()
}

#[test]
fn same_verdict_what_pages_of_a_site_carry_is_known_after_a_restart() {
    let options = ["clean.site_memory=true", "dedupe.policy=mark", "batch.records_max=3"];
    let values: Vec<String> = (0..30).map(of_a_site).collect();
    let (before, after) = values.split_at(6);
    let mut stage = Stage::refusing(&[], before, &options);
    stage.until("sluice_records_total{fate=\"enriched\"}", |n| n == 6);
    let publish = |brokers: &str| {
        let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
        for value in after {
            let record: BaseRecord<'_, str, str> = BaseRecord::to("raw").payload(value);
            producer.send(record).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(Duration::from_secs(30)).unwrap();
    };
    stage.restart(publish, &options);
    // The embedded broker may have forgotten the offsets: then the first six come again.
    stage.until("sluice_records_total{fate=\"enriched\"}", |n| n >= 24);
    let read = stage.read("out");
    let read = texts(read.iter().filter_map(Message::payload));
    let straight = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["enrich", "--set", "clean.site_memory=true", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut straight = straight.unwrap();
    straight
        .stdin
        .take()
        .unwrap()
        .write_all(values.join("\n").as_bytes())
        .unwrap();
    let straight = straight.wait_with_output().unwrap().stdout;
    let straight = texts(straight.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()));
    assert_eq!(read, straight);
    let carriers = read.values().filter(|text| text.contains("hundred years")).count();
    assert_eq!(carriers, 8, "it is known by eight pages, six of them from before");
}

#[test]
fn no_poison_a_record_much_larger_than_values_may_be_is_a_dead_letter() {
    let large = format!("{{\"text\":\"{}\"}}", "word ".repeat(600_000));
    for (delivery, answers) in [
        ("delivery=exactly-once", 0),
        ("delivery=exactly-once", 1),
        ("delivery=exactly-once", 2),
        ("delivery=at-least-once", 1),
    ] {
        let stage = Stage::refusing(
            &vec![TOO_LARGE; answers],
            std::slice::from_ref(&large),
            &["input.value_bytes_max=1MB", "output.compression=none", delivery],
        );
        let dead = stage.read("dead");
        assert_eq!(dead.len(), 1, "{answers} {delivery}");
        let letter = &dead[0];
        assert_eq!(header(letter, "__connect.errors.stage").as_deref(), Some("decode"));
        let code = header(letter, "__connect.errors.exception.class.name");
        assert_eq!(code.as_deref(), Some("too-large"));
        assert_eq!(header(letter, "__connect.errors.offset").as_deref(), Some("0"));
        let left_out = header(letter, "sluice.left-out");
        let bytes = header(letter, "sluice.value-bytes");
        if answers == 0 {
            assert_eq!(letter.payload(), Some(large.as_bytes()));
            assert_eq!((left_out, bytes), (None, None));
        } else {
            assert_eq!(letter.payload(), None);
            assert_eq!(bytes, Some(large.len().to_string()));
            assert_eq!(
                header(letter, "sluice.value-sha256").map(|digits| digits.len()),
                Some(64)
            );
            let expected = if answers == 1 {
                "value"
            } else {
                "value, key and headers"
            };
            assert_eq!(left_out.as_deref(), Some(expected));
            assert_eq!(letter.key().is_some(), answers == 1);
        }
    }
}

/// Once, the largest of a request became a dead letter, and then the next.
#[test]
fn no_poison_articles_that_a_topic_refuses_together_are_written_one_by_one() {
    for delivery in ["delivery=exactly-once", "delivery=at-least-once"] {
        let article = |n: u32| format!("{{\"id\":\"{n}\",\"text\":\"{}\"}}", format!("word{n} ").repeat(2_000));
        let articles: Vec<String> = (0..8).map(article).collect();
        let options = ["dedupe.enabled=false", "output.compression=none", delivery];
        let stage = Stage::refusing(&[TOO_LARGE, TOO_LARGE], &articles, &options);
        let out = stage.read("out");
        let ids: Vec<String> = out
            .iter()
            .map(|read| serde_json::from_slice::<serde_json::Value>(read.payload().unwrap()).unwrap()["id"].to_string())
            .collect();
        let expected: Vec<String> = (0..8).map(|n| format!("\"{n}\"")).collect();
        // What was acknowledged before the refusal comes again with at-least-once.
        let last = &ids[ids.len().saturating_sub(8)..];
        assert_eq!(last, expected, "{delivery}: {ids:?}");
        assert!(ids.len() == 8 || delivery != "delivery=exactly-once", "{ids:?}");
    }
}

/// The embedded broker keeps 5 MB of a partition, and forgets what was before.
const MORE_THAN_IS_KEPT: u32 = 80;

/// Records that retention takes before they are read, while the stage runs and while it is away, have a number and a line of the log.
#[test]
fn what_the_topic_forgets_before_it_is_read_is_counted_and_told() {
    let options = ["delivery=at-least-once"];
    let (filler, lost) = (
        "x".repeat(100_000),
        "sluice_records_lost_total{topic=\"raw\",partition=\"0\"}",
    );
    let mut stage = Stage::start(20, &options);
    stage.until("sluice_records_consumed_total", |n| n == 20);
    stage.until(lost, |n| n == 0);
    let away = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR; 1_000];
    stage.cluster.request_errors(RDKafkaApiKey::Fetch, &away);
    publish(&stage.cluster.bootstrap_servers(), MORE_THAN_IS_KEPT, &filler);
    stage.cluster.clear_request_errors(RDKafkaApiKey::Fetch);
    stage.until(lost, |n| n > 0);
    let gone = stage.value(lost);
    stage.until("sluice_records_consumed_total", |n| {
        n + gone == u64::from(20 + MORE_THAN_IS_KEPT)
    });
    let words = stage.log();
    assert!(
        words.contains("ERROR") && words.contains("next=20 ") && words.contains(&format!("records={gone}")),
        "{words}"
    );

    stage.restart(|brokers| publish(brokers, MORE_THAN_IS_KEPT, &filler), &options);
    stage.until(lost, |n| n > 0);
    let gone = stage.value(lost);
    stage.until("sluice_records_consumed_total", |n| {
        n + gone == u64::from(MORE_THAN_IS_KEPT)
    });
    let words = stage.log();
    let next = format!("next={} ", 20 + MORE_THAN_IS_KEPT);
    assert!(
        words.contains(&next) && words.contains(&format!("records={gone}")),
        "{words}"
    );
    assert_eq!(stage.value(lost), gone, "it is told once");
}

/// How a command ends, and what it says, on a broker in this process that has these topics.
fn ended(topics: &[&str], arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1).unwrap();
    for topic in topics {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    let brokers = format!("kafka.brokers={}", cluster.bootstrap_servers());
    let output = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(arguments)
        .args(["--set", &brokers, "--set", "http.listen="])
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn an_input_topic_that_is_mistyped_is_not_made_and_the_one_that_is_meant_is_named() {
    let there = ["raw-articles", "enriched-articles", "scraped-pages"];
    let input = |name: &'static str| ["--set", name];
    let mistyped = "hint: `raw-articles` does: if it is not meant, `sluice topics create` makes `raw-artciles`";
    let nothing = "a new one would hold nothing to read";
    for (command, input, words) in [
        (&["run"][..], input("input.topic=raw-artciles"), mistyped),
        (&["run", "--until-end"], input("input.topic=raw-artciles"), mistyped),
        (&["run", "--until-end"], input("input.topic=pages-of-today"), nothing),
        (
            &["replay", "--from=earliest"],
            input("input.topic=raw-artciles"),
            mistyped,
        ),
        (
            &["replay", "--from=earliest", "--dry-run"],
            input("input.topic=pages-of-today"),
            nothing,
        ),
    ] {
        let (status, said) = ended(&there, &[command, &input].concat(), &[]);
        assert!(status == Some(3) && said.contains(words), "{command:?}: {said}");
    }
}

#[test]
fn a_variable_that_is_not_read_is_told_at_the_start_without_its_value() {
    let variables = [("SLUICE_KAFKA_GROUP", "hunter2")];
    let (_, said) = ended(&[], &["run", "--until-end"], &variables);
    let told: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("SLUICE_KAFKA_GROUP"))
        .collect();
    assert_eq!(told.len(), 1, "{said}");
    assert!(
        told[0].contains("WARN") && told[0].contains("it would be SLUICE_KAFKA__GROUP"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_librdkafka_does_in_the_group_is_told_where_it_is_asked_for() {
    let level = "log.level=warn,librdkafka=debug";
    for (options, is_told) in [(&[level][..], false), (&[level, "kafka.properties.debug=cgrp"], true)] {
        let mut stage = Stage::start(1, options);
        stage.until("sluice_consumer_lag_records{topic=\"raw\",partition=\"0\"}", |n| n == 0);
        let said = stage.log();
        let joins = said
            .lines()
            .filter(|line| line.contains("DEBUG") && line.contains("JoinGroup"));
        assert_eq!(joins.count() > 0, is_told, "{said}");
    }
}
