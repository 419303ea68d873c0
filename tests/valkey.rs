//! The claims in a real Valkey or Redis, started by each test on a port of the loopback address and stopped by it.
//!
//! Needs `valkey-server` or `redis-server` on the path. Without one every test says that it was skipped; with `SLUICE_REQUIRE_VALKEY=1` that
//! is a failure. Those of whole stages also need a Kafka: `KAFKA_BROKERS`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use sluice::article::{Origin, Record};
use sluice::claims::Claims;
use sluice::command::{pipeline, rules};
use sluice::config::Config;
use sluice::dedupe::{Kind, Verdict};
use sluice::judge::{Fate, Judge, Judged, Rules};
use sluice::pipeline::{Pipeline, Worked};
use sluice::telemetry::Metrics;
use sluice::valkey::ValkeyClaims;
use tokio::io::AsyncReadExt;

#[path = "common/kafka.rs"]
mod kafka;
#[path = "common/reader.rs"]
mod reader;

const START_MAX: Duration = Duration::from_secs(20);

/// A server of the test's own, gone with it.
struct Server {
    program: &'static str,
    port: u16,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Server {
    /// `None` after saying that the test is skipped.
    fn start() -> Option<Self> {
        let exists = |program: &&str| {
            let asked = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        let Some(program) = ["valkey-server", "redis-server"].into_iter().find(exists) else {
            assert!(
                std::env::var("SLUICE_REQUIRE_VALKEY").is_err(),
                "neither valkey-server nor redis-server is on the path, and one is required here"
            );
            // Written past the test's capture, so that it shows.
            let line = "skipped: needs a real store, and neither valkey-server nor redis-server is on the path\n";
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut server = Self {
            program,
            port,
            folder: tempfile::tempdir().unwrap(),
            child: None,
        };
        server.run();
        Some(server)
    }

    fn run(&mut self) {
        let port = self.port.to_string();
        let child = Command::new(self.program)
            .args([
                "--port",
                &port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.unwrap());
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < START_MAX, "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn tell(&self, command: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut told = redis::Cmd::new();
        told.arg(command);
        told.query_async(&mut connection).await.unwrap()
    }

    fn config(&self) -> Config {
        config_at(self.port)
    }
}

fn config_at(port: u16) -> Config {
    let settings = [
        "dedupe.store=valkey".into(),
        format!("dedupe.valkey.url=redis://127.0.0.1:{port}"),
    ];
    Config::load(None, [], &settings).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An instance without Kafka: what it reads is handed to it.
struct Instance {
    claims: ValkeyClaims,
    judge: Judge,
    metrics: Arc<Metrics>,
    pipeline: Arc<Pipeline>,
    batch: u64,
    /// Claims of the largest portion so far.
    held: usize,
}

impl Instance {
    async fn start(server: &Server) -> Self {
        Self::reach(&server.config()).await
    }

    async fn reach(config: &Config) -> Self {
        let metrics = Arc::new(Metrics::new());
        metrics.configured(config);
        let rules = Rules {
            shared: true,
            ..rules(config)
        };
        Self {
            claims: ValkeyClaims::connect(config, "cluster", Arc::clone(&metrics))
                .await
                .unwrap(),
            judge: Judge::new(rules),
            metrics,
            pipeline: pipeline(config).unwrap(),
            batch: 0,
            held: 0,
        }
    }

    fn work(&self, records: &[(i32, i64, u64)]) -> Vec<Worked> {
        let record = |(partition, offset, story): &(i32, i64, u64)| Record {
            origin: origin(*partition, *offset),
            key: None,
            value: Some(serde_json::json!({ "text": text(*story) }).to_string().into_bytes()),
            headers: Vec::new(),
            timestamp_ms: Some(1_790_000_000_000),
        };
        records.iter().flat_map(|r| self.pipeline.work(&record(r))).collect()
    }

    /// Judge a batch of (partition, offset, story).
    async fn judge(&mut self, records: &[(i32, i64, u64)]) -> Vec<(Origin, Verdict)> {
        let worked = self.work(records);
        let claims = self.judge.claims(&worked);
        let mut news = self.claims.exchange(claims).await;
        loop {
            let goes_on = news.goes_on;
            self.held = self.held.max(news.claims.len());
            self.judge.settle(Vec::new(), news);
            if !goes_on {
                break;
            }
            news = self.claims.go_on().await;
        }
        self.batch += 1;
        let judged = self.judge.judge(self.batch, worked);
        judged.into_iter().map(verdict).collect()
    }

    fn is_up(&self) -> bool {
        self.metrics.render().contains("sluice_store_up 1\n")
    }
}

fn verdict(judged: Judged) -> (Origin, Verdict) {
    match judged.fate {
        Fate::Enriched(_, verdict) | Fate::Duplicate(_, verdict) => (judged.origin, verdict),
        other => panic!("{other:?}"),
    }
}

fn origin(partition: i32, offset: i64) -> Origin {
    Origin {
        topic: "raw".into(),
        partition,
        offset,
        position: 0,
    }
}

/// So many stories, each claimed by a batch of its own.
async fn claim_stories(server: &Server, count: u64) {
    let mut instance = Instance::start(server).await;
    for story in 0..count {
        assert_eq!(originals(&instance.judge(&[(0, story as i64, story)]).await), 1);
    }
}

/// A text of its own for each story.
fn text(story: u64) -> String {
    let word = |n: u64| {
        let roll = (story * 7_919 + n * 104_729).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        ["harbour", "glacier", "orchard", "signal", "quarry", "archive"][(roll % 6) as usize].to_owned()
            + &(roll % 997).to_string()
    };
    let sentence = |n: u64| {
        let words: Vec<String> = (0..12).map(|k| word(n * 12 + k)).collect();
        format!("The {} was seen on that day.", words.join(" "))
    };
    (0..5).map(sentence).collect::<Vec<_>>().join("\n")
}

fn originals(verdicts: &[(Origin, Verdict)]) -> usize {
    verdicts
        .iter()
        .filter(|(_, verdict)| verdict.kind == Kind::Unique)
        .count()
}

#[tokio::test]
async fn one_original_everywhere_at_once() {
    let Some(server) = Server::start() else { return };
    let (mut a, mut b) = (Instance::start(&server).await, Instance::start(&server).await);
    for round in 0..40 {
        // Copies in one batch, in two batches, and on two instances that judge at the same moment.
        let batch = |partition: i32| -> Vec<(i32, i64, u64)> {
            (0..10)
                .map(|n| (partition, round * 10 + n, (round * 5 + n % 5) as u64))
                .collect()
        };
        let (of_a, of_b) = (batch(0), batch(1));
        let (of_a, of_b) = tokio::join!(a.judge(&of_a), b.judge(&of_b));
        let all = [of_a, of_b].concat();
        assert_eq!(originals(&all), 5, "round {round}: {all:#?}");
        for (origin, verdict) in &all {
            if let Some(of) = &verdict.of {
                assert_ne!(of.origin, *origin, "an article that is its own duplicate");
                let named = all.iter().find(|(o, _)| *o == of.origin).unwrap();
                assert_eq!(named.1.kind, Kind::Unique, "{origin:?} names {named:?}");
            }
        }
    }
}

#[tokio::test]
async fn never_its_own_duplicate_when_a_record_moves_to_another_instance() {
    let Some(server) = Server::start() else { return };
    let (mut a, mut b) = (Instance::start(&server).await, Instance::start(&server).await);
    let records = [(0, 1, 1), (0, 2, 2), (0, 3, 1)];
    let first = a.judge(&records).await;
    assert_eq!(originals(&first), 2);
    // The first dies before its commit; the second reads the same records.
    assert_eq!(b.judge(&records).await, first);
    let mut late = Instance::start(&server).await;
    assert_eq!(late.judge(&records).await, first);
}

#[tokio::test]
async fn an_emptied_store_loses_doubles_and_accuses_no_article() {
    let Some(mut server) = Server::start() else { return };
    let (mut a, mut b) = (Instance::start(&server).await, Instance::start(&server).await);
    assert_eq!(originals(&a.judge(&[(0, 1, 1), (0, 2, 2)]).await), 2);
    server.tell(&["FLUSHALL"]).await;
    assert_eq!(originals(&b.judge(&[(1, 1, 1)]).await), 1, "a duplicate may pass");
    // The first batch is aborted and read again. Nothing of it was committed, so that the order which is left decides.
    a.judge.begin(1);
    let again = a.judge(&[(0, 1, 1), (0, 2, 2), (0, 3, 2)]).await;
    assert_eq!(originals(&again), 1, "{again:?}");
    assert_eq!(again[0].1.of.as_ref().map(|of| &of.origin), Some(&origin(1, 1)));
    let of_others = |(o, verdict): &(Origin, Verdict)| verdict.of.as_ref().is_none_or(|of| of.origin != *o);
    assert!(
        again.iter().all(of_others),
        "an article that is its own duplicate: {again:?}"
    );
    // The order is shared again from here on.
    assert_eq!(originals(&b.judge(&[(1, 2, 7)]).await), 1);
    assert_eq!(originals(&a.judge(&[(0, 4, 7)]).await), 0);
    server.kill();
    server.run();
    assert_eq!(originals(&a.judge(&[(0, 5, 8)]).await), 1);
    assert_eq!(
        originals(&b.judge(&[(1, 5, 8), (1, 2, 7)]).await),
        1,
        "the new server's order"
    );
}

#[tokio::test]
async fn a_stage_goes_on_without_a_store_that_does_not_answer_and_comes_back_to_it() {
    let Some(mut server) = Server::start() else { return };
    let mut a = Instance::start(&server).await;
    assert_eq!(originals(&a.judge(&[(0, 1, 1)]).await), 1);
    assert!(a.is_up());
    server.kill();
    let verdicts = a.judge(&[(0, 2, 1), (0, 3, 2)]).await;
    assert_eq!(
        originals(&verdicts),
        1,
        "what is known is known without the store: {verdicts:?}"
    );
    assert!(!a.is_up());
    server.run();
    let started = Instant::now();
    let mut story = 100;
    while !a.is_up() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "the store is not asked again"
        );
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(originals(&a.judge(&[(0, story as i64, story)]).await), 1);
        story += 1;
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_at_the_start_is_named() {
    let settings = [
        "dedupe.store=valkey".into(),
        "dedupe.valkey.url=redis://sluice:hunter2@127.0.0.1:9".into(),
    ];
    let config = Config::load(None, [], &settings).unwrap();
    let failure = ValkeyClaims::connect(&config, "cluster", Arc::new(Metrics::new()))
        .await
        .unwrap_err();
    let words = failure.to_string();
    assert!(words.contains("127.0.0.1:9") && words.contains("hint:"), "{words}");
    assert!(!words.contains("hunter2"), "{words}");
}

#[tokio::test]
async fn a_wrong_password_and_a_replica_are_named_and_a_look_writes_nothing() {
    let Some(server) = Server::start() else { return };
    let look = async |url: &str| {
        let settings = ["dedupe.store=valkey".into(), format!("dedupe.valkey.url={url}")];
        let config = Config::load(None, [], &settings).unwrap();
        ValkeyClaims::look(&config, "cluster")
            .await
            .map_err(|failure| failure.to_string())
    };
    let at = |login: &str| format!("redis://{login}127.0.0.1:{}", server.port);
    let said = look(&at("")).await.unwrap();
    assert!(said.starts_with("answers") && said.contains("0 entries"), "{said}");
    let keys: Vec<String> = redis::from_redis_value(server.tell(&["KEYS", "*"]).await).unwrap();
    assert_eq!(keys, [""; 0], "a look wrote something");
    Instance::start(&server).await.judge(&[(0, 1, 1)]).await;
    assert!(
        look(&at("")).await.unwrap().contains("2 entries"),
        "the start's, and the batch's"
    );

    server.tell(&["CONFIG", "SET", "requirepass", "open-the-gate"]).await;
    for login in [":hunter2@", ""] {
        let words = look(&at(login)).await.unwrap_err();
        assert!(
            words.contains("`dedupe.valkey.url`") && words.contains("password"),
            "{words}"
        );
        assert!(!words.contains("hunter2"), "{words}");
    }
    assert!(look(&at(":open-the-gate@")).await.is_ok());
    let words = look("redis://127.0.0.1:9").await.unwrap_err();
    assert!(words.contains("127.0.0.1:9") && words.contains("refused"), "{words}");
}

/// `config check --connect` with a store: its status and what it says.
fn check(brokers: &str, url: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(["config", "check", "--connect"]).stdin(Stdio::null());
    let mut settings = kafka::settings(brokers, "check");
    settings.extend(["dedupe.store=valkey".into(), format!("dedupe.valkey.url={url}")]);
    for setting in &settings {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn config_check_tries_the_store_too() {
    let Some(brokers) = kafka::brokers() else { return };
    let Some(server) = Server::start() else { return };
    let (status, said) = check(&brokers, &server.url());
    assert_eq!(status, Some(0), "{said}");
    let line = format!("ok       store of claims `{}`: answers", server.url());
    assert!(said.contains(&line), "{said}");
    let (status, said) = check(&brokers, "redis://sluice:hunter2@127.0.0.1:9");
    assert_eq!(status, Some(3), "{said}");
    assert!(
        said.contains("failed   store of claims `redis://sluice:(secret)@127.0.0.1:9`"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn bounded_one_who_comes_late_reads_all_that_stands_in_portions_and_passes_over_what_is_foreign() {
    let Some(server) = Server::start() else { return };
    claim_stories(&server, 300).await;
    let keys = server.tell(&["KEYS", "sluice:claims:*"]).await;
    let keys: Vec<String> = redis::from_redis_value(keys).unwrap();
    server.tell(&["XADD", &keys[0], "*", "somebody", "else"]).await;
    let mut late = Instance::start(&server).await;
    let copies: Vec<(i32, i64, u64)> = (0..300).map(|n| (1, n, n as u64)).collect();
    assert_eq!(originals(&late.judge(&copies).await), 0);
    // Its own claims are the one entry that is large.
    assert!(
        (300..300 + 16).contains(&late.held),
        "{} claims were held at once",
        late.held
    );
}

/// A way to the server on which each connection breaks once it has brought this many bytes.
async fn breaking_way(port: u16, bytes_max: u64) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(async move {
                let ((mut asks, mut hears), (answers, mut asked)) = (client.into_split(), server.into_split());
                let mut some = answers.take(bytes_max);
                tokio::select! {
                    _ = tokio::io::copy(&mut asks, &mut asked) => {}
                    _ = tokio::io::copy(&mut some, &mut hears) => {}
                }
            });
        }
    });
    own
}

#[tokio::test]
async fn a_reading_that_breaks_off_goes_on_where_it_was() {
    let Some(server) = Server::start() else { return };
    claim_stories(&server, 300).await;
    // No connection brings more than a part of what stands there, and the attempts of one batch do not bring all of it.
    let port = breaking_way(server.port, 40_000).await;
    let mut late = Instance::reach(&config_at(port)).await;
    let mut left = 1;
    for n in 0..40 {
        left = originals(&late.judge(&[(1, n, 299)]).await);
        if left == 0 {
            break;
        }
        // Aborted, and read again.
        late.judge.begin(1 + n as u64);
        // The stage rests after a failure.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    assert_eq!(left, 0, "the claims were never read to their end");
}

#[tokio::test]
async fn one_original_of_copies_that_two_stages_read_at_the_same_moment() {
    let Some(brokers) = kafka::brokers() else { return };
    let Some(server) = Server::start() else { return };
    let unique = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let name = format!("duplicates-{unique}");
    kafka::create_input(&brokers, &format!("{name}-raw"), 4).await;
    let stories = 500;
    publish(&brokers, &format!("{name}-raw"), stories);
    let stage = |instance: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["run", "--until-end"]).stdin(Stdio::null());
        let mut settings = kafka::settings(&brokers, &name);
        settings.extend([
            format!("kafka.group={name}"),
            format!("instance={name}-{instance}"),
            "batch.records_max=50".into(),
            "dedupe.store=valkey".into(),
            format!("dedupe.valkey.url={}", server.url()),
        ]);
        for setting in &settings {
            command.args(["--set", setting]);
        }
        command.spawn().unwrap()
    };
    let mut stages = [stage("a"), stage("b")];
    for stage in &mut stages {
        let status = kafka::wait(stage, Duration::from_secs(180));
        assert!(status.success(), "a stage ended with {status}");
    }
    let mut originals: BTreeMap<String, u32> = BTreeMap::new();
    for read in reader::read_committed(&brokers, &format!("{name}-out")) {
        *originals
            .entry(read.json()["title"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    let duplicates = reader::read_committed(&brokers, &format!("{name}-dup")).len();
    assert_eq!(originals.len() as u64, stories, "a story without an original");
    assert!(
        originals.values().all(|n| *n == 1),
        "a story with two originals: {originals:?}"
    );
    assert_eq!(duplicates as u64, 3 * stories);
}

/// Each story four times, a copy in each partition at the same offset.
fn publish(brokers: &str, topic: &str, stories: u64) {
    let producer: BaseProducer = kafka::client(brokers).set("linger.ms", "20").create().unwrap();
    for story in 0..stories {
        let value = serde_json::json!({ "title": format!("Story {story}"), "text": text(story) }).to_string();
        for partition in 0..4 {
            let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(partition).payload(&value);
            producer.send(record).map_err(|(e, _)| e).unwrap();
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(Duration::from_secs(30)).unwrap();
}
