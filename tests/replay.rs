//! `sluice replay` against a real Kafka, from the reader's side.
//!
//! Needs `KAFKA_BROKERS=host:port`. Without it every test says that it was skipped; with `SLUICE_REQUIRE_KAFKA=1` that is a failure.
//! `SLUICE_REPLAY_RECORDS=n` replays so many where byte is compared with byte, `SLUICE_REPLAY_KILLS=n` kills so often.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

#[path = "common/kafka.rs"]
mod kafka;
#[path = "common/reader.rs"]
mod reader;
#[path = "common/running.rs"]
mod running;

use kafka::{brokers, client, create_input, settings, wait};
use reader::{Read, read_committed};
use running::{Running, signal};

const PARTITIONS: i32 = 6;
/// Record time of the first record.
const START_MS: i64 = 1_790_000_000_000;
/// Between one record and the next.
const STEP_MS: i64 = 1_000;

/// A size that the environment may set.
fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |n| n.parse().unwrap())
}

/// Records of a range that is replayed whole, and compared byte for byte.
fn range_size() -> usize {
    number("SLUICE_REPLAY_RECORDS", 1_500)
}

/// Topics and a group of one test alone.
struct World {
    brokers: String,
    name: String,
    /// Whether it is learned what the pages of a site carry.
    sites: bool,
}

impl World {
    /// With `count` records in the input topic.
    async fn new(brokers: String, test: &str, count: usize) -> Self {
        let unique = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let world = Self {
            brokers,
            name: format!("replay-{test}-{unique}"),
            sites: true,
        };
        create_input(&world.brokers, &world.topic("raw"), PARTITIONS).await;
        world.publish(0, count);
        world
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        client(&self.brokers).create().unwrap()
    }

    fn topic(&self, role: &str) -> String {
        format!("{}-{role}", self.name)
    }

    /// Publish articles, in transactions, so that markers stand between them. Times grow a little unevenly, and some are the same.
    fn publish(&self, from: usize, count: usize) {
        let id = format!("{}-publisher", self.name);
        let producer: BaseProducer = client(&self.brokers).set("transactional.id", id).create().unwrap();
        let bound = Duration::from_secs(30);
        producer.init_transactions(bound).unwrap();
        for chunk in (from..from + count).collect::<Vec<_>>().chunks(400) {
            producer.begin_transaction().unwrap();
            for n in chunk {
                let (topic, key, value) = (self.topic("raw"), format!("key-{n}"), article(*n));
                let mut record = BaseRecord::to(&topic).key(&key).payload(&value);
                record = record.partition(partition(*n)).timestamp(time(*n));
                while let Err((KafkaError::MessageProduction(_), back)) = producer.send(record) {
                    producer.poll(Duration::from_millis(10));
                    record = back;
                }
                producer.poll(Duration::ZERO);
            }
            producer.commit_transaction(bound).unwrap();
        }
    }

    fn sluice(&self, command: &str, more: &[&str]) -> Command {
        let mut sluice = Command::new(env!("CARGO_BIN_EXE_sluice"));
        sluice.arg(command);
        let mut settings = settings(&self.brokers, &self.name);
        settings.push(format!("kafka.group={}-live", self.name));
        settings.push(format!("clean.site_memory={}", self.sites));
        for setting in &settings {
            sluice.args(["--set", setting]);
        }
        sluice.args(more).stdin(Stdio::null());
        sluice
    }

    fn run_live_to_the_end(&self) {
        let live = format!("instance={}-a", self.name);
        let more = ["--until-end", "--set", &live, "--set", "batch.records_max=150"];
        let mut child = self.sluice("run", &more).spawn().unwrap();
        assert!(wait(&mut child, Duration::from_secs(120)).success());
    }

    fn replay(&self, more: &[&str]) -> Output {
        self.sluice("replay", more).output().unwrap()
    }

    /// A replay that must succeed; its summary.
    fn replayed(&self, more: &[&str]) -> serde_json::Value {
        let output = self.replay(&[more, &["--json"]].concat());
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {words}", output.status);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A replay that must be refused with status 2; its words.
    fn refused(&self, more: &[&str]) -> String {
        let output = self.replay(more);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words}");
        words
    }

    /// All that a run has written, in its order, with the run's name taken out.
    fn written(&self, run: &str) -> BTreeMap<&'static str, Vec<Line>> {
        let output = format!("{}-replay-{run}", self.topic("out"));
        ["", "-duplicates", "-dead-letters"]
            .into_iter()
            .map(|role| {
                let mut lines: Vec<Line> = read_committed(&self.brokers, &format!("{output}{role}"))
                    .iter()
                    .map(|read| line(read, run))
                    .collect();
                lines.sort_by_key(|line| line.0); // stable: by partition, each in its own order
                (role, lines)
            })
            .collect()
    }

    /// Committed offsets of the live group, and the ends of everything that the live stage writes.
    fn live_state(&self) -> Vec<String> {
        let group = format!("{}-live", self.name);
        let consumer: BaseConsumer = client(&self.brokers).set("group.id", group).create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition(&self.topic("raw"), partition);
        }
        let committed = consumer.committed_offsets(list, Duration::from_secs(30)).unwrap();
        let offsets = committed
            .elements()
            .iter()
            .map(|e| format!("{} {:?}", e.partition(), e.offset()))
            .collect();
        let mut state: Vec<String> = offsets;
        for (role, partitions) in [
            ("out", PARTITIONS),
            ("dup", PARTITIONS),
            ("dead", PARTITIONS),
            ("memory", 1),
        ] {
            for partition in 0..partitions {
                let ends = consumer.fetch_watermarks(&self.topic(role), partition, Duration::from_secs(30));
                state.push(format!("{role} [{partition}] {:?}", ends.unwrap()));
            }
        }
        state
    }
}

/// Partition, key, value, headers, timestamp.
type Line = (i32, Option<Vec<u8>>, String, BTreeMap<String, String>, Option<i64>);

fn line(read: &Read, run: &str) -> Line {
    let clear = |text: &str| text.replace(&format!("\"run\":\"{run}\""), "\"run\":\"RUN\"");
    let value = String::from_utf8_lossy(read.value.as_deref().unwrap()).into_owned();
    let headers = read.headers.iter();
    let headers = headers
        .map(|(name, value)| (name.clone(), value.replace(run, "RUN")))
        .collect();
    (read.partition, read.key.clone(), clear(&value), headers, read.timestamp)
}

fn partition(n: usize) -> i32 {
    ((n * n + n / 3) % PARTITIONS as usize) as i32
}

fn time(n: usize) -> i64 {
    START_MS + STEP_MS * (n / 2 * 2) as i64 + [0, 700, -1_500][n % 3]
}

/// Articles with a third of exact copies, before and after their originals, and now and then a value that is not JSON.
fn article(n: usize) -> String {
    if n % 50 == 17 {
        return format!("{{\"broken\": {n}");
    }
    let story = if n % 3 == 2 { n / 2 } else { n };
    let sentence = |s: usize| {
        let word = |k: usize| {
            ["harbour", "council", "engine", "orchard", "signal", "archive"][(story * 7 + s * 5 + k * k) % 6]
        };
        let words: Vec<String> = (0..12)
            .map(|k| format!("{}{}", word(k), (story * 31 + s * 17 + k) % 97))
            .collect();
        format!(
            "On that day the {} was reported by number {story}-{s}.",
            words.join(" ")
        )
    };
    let mut text: Vec<String> = (0..4).map(sentence).collect();
    let site = ["gull", "tern", "skua"][story % 7 % 3];
    text.insert(story % 5, standing(site));
    let url = format!("https://{site}.example/{n}");
    serde_json::json!({ "id": format!("article-{n}"), "url": url, "title": format!("Story {story}"), "text": text.join("\n") })
        .to_string()
}

/// What a site carries on each of its pages.
fn standing(site: &str) -> String {
    format!("The harbour master reads every issue of the {site} from its first to its last page.")
}

#[tokio::test]
async fn same_verdict_fresh_replays_are_byte_for_byte_the_same_whatever_the_workers_and_batches() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "fresh", range_size()).await;
    let small = ["--set", "workers=1", "--set", "batch.records_max=10"];
    let summary = world.replayed(
        &[
            &["--from", "earliest", "--memory", "fresh", "--run-id", "one"],
            &small[..],
        ]
        .concat(),
    );
    let large = ["--set", "workers=8", "--set", "batch.records_max=2000"];
    world.replayed(
        &[
            &["--from", "earliest", "--memory", "fresh", "--run-id", "eight"],
            &large[..],
        ]
        .concat(),
    );
    let (one, eight) = (world.written("one"), world.written("eight"));
    assert_eq!(summary["records"], range_size());
    let count: usize = one.values().map(Vec::len).sum();
    assert_eq!(count, range_size(), "every record has one fate");
    assert!(one.values().all(|lines| lines.len() >= 30), "all fates are met");
    assert!(
        one[""].iter().all(|line| line.2.contains("\"run\":\"RUN\"")),
        "each record carries its run"
    );
    let carries = |line: &Line| line.2.contains("reads every issue of the");
    assert!(one[""].iter().any(carries), "before it is known as a habit");
    assert!(one[""].iter().filter(|line| carries(line)).count() < one[""].len() / 10);
    assert!(one == eight, "two replays of one range differ");
}

#[tokio::test]
async fn same_verdict_a_replay_with_live_memory_repeats_the_live_run_and_leaves_it_alone() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "live", 2_400).await;
    let names = ["a", "b", "c"].map(|name| format!("instance={}-{name}", world.name));
    let start = |name: &str| {
        world
            .sluice("run", &["--set", name, "--set", "batch.records_max=30"])
            .spawn()
            .unwrap()
    };
    // Rebalances with each start and end, and SIGKILLs: the live run's order is not that of the replay.
    let mut running: Vec<std::process::Child> = Vec::new();
    for name in &names {
        running.push(start(name));
        std::thread::sleep(Duration::from_millis(1_500));
    }
    for (at, name) in [(0, &names[0]), (2, &names[2])] {
        std::thread::sleep(Duration::from_millis(700));
        running[at].kill().unwrap();
        wait(&mut running[at], Duration::from_secs(5));
        running[at] = start(name);
    }
    std::thread::sleep(Duration::from_secs(3));
    for child in &mut running {
        child.kill().unwrap();
        wait(child, Duration::from_secs(5));
    }
    world.run_live_to_the_end();
    let before = world.live_state();
    let summary = world.replayed(&["--from", "earliest", "--run-id", "again"]);
    assert_eq!(world.live_state(), before, "the live stage's offsets or topics moved");
    assert_eq!(
        (&summary["records"], &summary["judged_anew"]),
        (&2_400.into(), &0.into())
    );
    let verdicts = |topics: [String; 2]| -> BTreeMap<(i64, i64), String> {
        let reads = topics.iter().flat_map(|topic| read_committed(&world.brokers, topic));
        let verdict = |read: Read| {
            let json = read.json();
            let place = |name: &str| json["provenance"][name].as_i64().unwrap();
            ((place("partition"), place("offset")), json["duplicate"].to_string())
        };
        reads.map(verdict).collect()
    };
    let live = verdicts([world.topic("out"), world.topic("dup")]);
    let output = format!("{}-replay-again", world.topic("out"));
    let again = verdicts([output.clone(), format!("{output}-duplicates")]);
    assert!(
        live.values().any(|verdict| verdict.contains("exact")),
        "there are duplicates"
    );
    assert!(live == again, "verdicts differ");
    let places = |output: &str, dup: &str, dead: &str| format!("{output},{dup},{dead}");
    let a = places(&world.topic("out"), &world.topic("dup"), &world.topic("dead"));
    let b = places(
        &output,
        &format!("{output}-duplicates"),
        &format!("{output}-dead-letters"),
    );
    let diff = world
        .sluice("diff", &[&a, &b, "--json", "--threshold", "0"])
        .output()
        .unwrap();
    assert!(diff.status.success(), "{}", String::from_utf8_lossy(&diff.stdout));
    let report: serde_json::Value = serde_json::from_slice(&diff.stdout).unwrap();
    assert_eq!((&report["compared"], &report["same"]), (&2_400.into(), &2_400.into()));
}

/// A tag more than those that ship.
const FERRIES: &str = "name = \"ferries\"\n[[concept]]\nname = \"boats\"\nen = [\"number\", \"reported\"]\n";

#[tokio::test]
async fn same_verdict_only_what_changed_gives_byte_for_byte_what_the_whole_gives() {
    let Some(brokers) = brokers() else { return };
    for sites in [false, true] {
        let world = World::new(brokers.clone(), "changed", CHANGED).await;
        only_what_changed(World { sites, ..world }).await;
    }
}

/// Records of which only what changed is done again.
const CHANGED: usize = 600;

async fn only_what_changed(world: World) {
    world.run_live_to_the_end();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ferries.toml"), FERRIES).unwrap();
    let tags = format!("tags.folder={}", folder.path().display());
    let dead = (0..CHANGED).filter(|n| n % 50 == 17).count();
    let all = CHANGED - dead;
    // What is changed, and how many articles are tagged again then; the other articles stand as they are. With a fresh memory it is decided
    // anew what goes of a site's pages, and by all of their lines.
    for (name, change, memory, again) in [
        ("tags", ["--set", &*tags], "live", all),
        (
            "tags-fresh",
            ["--set", &*tags],
            "fresh",
            if world.sites { 0 } else { all },
        ),
        ("nothing", ["--set", "workers=2"], "live", 0),
    ] {
        let whole = if world.sites && memory == "fresh" {
            CHANGED
        } else {
            dead
        };
        let of = |run: &'static str| ["--from", "earliest", "--memory", memory, "--run-id", run];
        world.replayed(&[&of("whole")[..], &change].concat());
        let part = [&of("part")[..], &change, &["--only-changed"]].concat();
        let foreseen = world.replayed(&[&part[..], &["--dry-run"]].concat());
        for summary in [foreseen, world.replayed(&part)] {
            let count = |what: &str| summary[what].as_u64().unwrap() as usize;
            assert_eq!(count("tagged_again"), again, "{name}");
            assert_eq!(count("unchanged"), CHANGED - whole - again, "{name}");
            assert_eq!(
                count("done_whole"),
                whole,
                "a dead letter has no earlier output ({name})"
            );
        }
        assert!(world.written("whole") == world.written("part"), "{name}: other bytes");
        world.forget(&["whole", "part"]).await;
    }
    if world.sites {
        return; // without the cleaning there are none
    }
    // Another cleaning touches all; and an earlier replay's output serves as well as the live one.
    let unclean = ["--set", "clean.enabled=false"];
    let summary = world.replayed(
        &[
            &["--from", "earliest", "--run-id", "unclean", "--only-changed"],
            &unclean[..],
        ]
        .concat(),
    );
    assert_eq!(summary["done_whole"], CHANGED);
    let earlier = format!("{}-replay-unclean", world.topic("out"));
    let more = [
        "--from",
        "earliest",
        "--run-id",
        "unclean-again",
        "--only-changed",
        "--earlier",
        &earlier,
    ];
    let summary = world.replayed(&[&more, &unclean[..]].concat());
    assert_eq!(summary["unchanged"], all);
    assert!(world.written("unclean") == world.written("unclean-again"));
    let words = world.refused(&["--from", "earliest", "--only-changed", "--earlier", "replay-nowhere"]);
    assert!(words.contains("there is no earlier output `replay-nowhere`"), "{words}");
}

impl World {
    /// Delete the topics and the progress of these runs, so that their ids can be used again.
    async fn forget(&self, runs: &[&str]) {
        let roles = ["", "-duplicates", "-dead-letters", "-memory"];
        let topic = |run: &str, role: &str| format!("{}-replay-{run}{role}", self.topic("out"));
        let topics: Vec<String> = runs.iter().flat_map(|run| roles.map(|role| topic(run, role))).collect();
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        let groups: Vec<String> = runs.iter().map(|run| format!("sluice-replay-{run}")).collect();
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        self.admin().delete_topics(&names, &AdminOptions::new()).await.unwrap();
        self.admin().delete_groups(&groups, &AdminOptions::new()).await.unwrap();
    }
}

/// The second is a copy of the first, and with a fresh memory it may not name what its topic did not take. They are more than attempts that come no
/// further, since one transaction tells of few of them.
#[tokio::test]
async fn no_poison_what_a_replays_topics_are_too_small_for_becomes_a_dead_letter() {
    const LARGE: usize = 24;
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "large", 120).await;
    let words: Vec<String> = (0..60_000).map(|n| format!("w{}", (n * 7_919) % 65_521)).collect();
    let text = |n: usize| words[n / 2..].join(" ");
    let large = (0..LARGE).map(|n| serde_json::json!({ "id": n, "title": "Words", "text": text(n) }).to_string());
    let large: Vec<String> = large.collect();
    let producer: BaseProducer = client(&world.brokers).create().unwrap();
    for (n, value) in large.iter().enumerate() {
        let topic = world.topic("raw");
        let record = BaseRecord::<str, str>::to(&topic).payload(value).partition(0);
        producer.send(record.timestamp(time(120 + n))).unwrap();
    }
    producer.flush(Duration::from_secs(30)).unwrap();
    for (run, limit, letters) in [("small", "200000", LARGE), ("company", "600000", 0)] {
        let output = format!("{}-replay-{run}", world.topic("out"));
        create_input(&world.brokers, &output, PARTITIONS).await;
        let admin = world.admin();
        let config = AlterConfig::new(ResourceSpecifier::Topic(&output))
            .set("max.message.bytes", limit)
            .set("retention.ms", "-1");
        admin.alter_configs([&config], &AdminOptions::new()).await.unwrap()[0]
            .as_ref()
            .unwrap();
        let more = ["--from", "earliest", "--memory", "fresh", "--run-id", run];
        let of_run = [
            "output.compression=none",
            "dedupe.enabled=false",
            "clean.site_memory=false",
        ]
        .map(|s| ["--set", s]);
        let of_run = of_run.as_flattened();
        let more = if run == "company" {
            [&more[..], of_run].concat()
        } else {
            [&more[..], &of_run[..2]].concat()
        };
        let summary = world.replayed(&more);
        let broken = (0..120).filter(|n| n % 50 == 17).count();
        assert_eq!(summary["records"], 120 + LARGE, "{run}: {summary}");
        assert_eq!(summary["dead_letters"], broken + letters, "{run}: {summary}");
        let written = world.written(run);
        let too_large = written["-dead-letters"]
            .iter()
            .filter(|line| line.3["__connect.errors.exception.class.name"] == "too-large");
        assert_eq!(too_large.count(), letters, "{run}");
        let of_all: usize = written.values().map(Vec::len).sum();
        assert_eq!(of_all, 120 + LARGE, "{run}: each has one fate");
    }
}

#[tokio::test]
async fn exactly_once_the_live_flow_loses_nothing_while_a_replay_runs_at_full_speed() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "beside", 1_200).await;
    world.run_live_to_the_end();
    let live = format!("instance={}-live", world.name);
    let more = ["--set", &*live, "--set", "batch.records_max=50"];
    let mut running = world.sluice("run", &more).spawn().unwrap();
    let replay = world.sluice(
        "replay",
        &["--from", "earliest", "--to", "latest", "--run-id", "beside", "--json"],
    );
    let mut replay = { replay }.stdout(Stdio::null()).spawn().unwrap();
    // Fresh records arrive all the while.
    let mut count = 1_200;
    while replay.try_wait().unwrap().is_none() {
        world.publish(count, 60);
        count += 60;
        assert!(count < 60_000, "the replay did not end");
    }
    assert!(replay.wait().unwrap().success());
    let start = Instant::now();
    let committed = || {
        world
            .live_state()
            .into_iter()
            .take(PARTITIONS as usize)
            .collect::<Vec<_>>()
    };
    let ends = |count: usize| {
        let end = |p: i32| {
            let consumer: BaseConsumer = client(&world.brokers).set("group.id", "replay-test").create().unwrap();
            let known = consumer.fetch_watermarks(&world.topic("raw"), p, Duration::from_secs(30));
            (known.unwrap().1, (0..count).filter(|n| partition(*n) == p).count())
        };
        (0..PARTITIONS).map(end).collect::<Vec<_>>()
    };
    // Behind the last record of a partition stands a marker, which is read over.
    let is_done = || {
        let state = committed();
        (0..PARTITIONS).zip(ends(count)).all(|(p, (end, _))| {
            state.contains(&format!("{p} {:?}", Offset::Offset(end)))
                || state.contains(&format!("{p} {:?}", Offset::Offset(end - 1)))
        })
    };
    while !is_done() {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "the live group did not reach the end: {:?}",
            committed()
        );
        assert!(running.try_wait().unwrap().is_none(), "the live stage ended");
        std::thread::sleep(Duration::from_millis(200));
    }
    running.kill().unwrap();
    wait(&mut running, Duration::from_secs(5));
    let audit = world.sluice("audit", &["--json"]).output().unwrap();
    let words = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(audit.status.success(), "{words}");
    let fates: usize = ["out", "dup", "dead"]
        .iter()
        .map(|role| read_committed(&world.brokers, &world.topic(role)).len())
        .sum();
    assert_eq!(fates, count, "each record has one fate in the live topics");
}

#[tokio::test]
async fn exactly_once_a_replay_that_is_killed_many_times_gives_the_same_bytes() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "killed", range_size()).await;
    let ends = world.ends();
    let of = |run: &'static str| {
        [
            "--from", "earliest", "--to", "latest", "--memory", "fresh", "--run-id", run,
        ]
    };
    let slow = ["--set", "batch.records_max=20", "--records-per-second", "100"];
    let mut done = -1;
    for round in 0..number("SLUICE_REPLAY_KILLS", 6) {
        let mut child = world.sluice("replay", &[&of("hurt")[..], &slow].concat());
        let mut child = child.stdout(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while world.progress("hurt") <= done {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before it was killed: {ended:?}");
            assert!(start.elapsed() < Duration::from_secs(120), "the run did not go on");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(37 * round as u64));
        child.kill().unwrap();
        wait(&mut child, Duration::from_secs(5));
        done = world.progress("hurt");
        // What comes once the run has begun is behind the end that it had then.
        world.publish(range_size() + 10 * round, 10);
    }
    let summary = world.replayed(&of("hurt"));
    let (before, rest) = (
        summary["records_before"].as_u64().unwrap(),
        summary["records"].as_u64().unwrap(),
    );
    assert_eq!(before + rest, range_size() as u64);
    assert!(before > 0, "no kill left anything done");
    world.replayed(&[
        "--from", "earliest", "--to", &ends, "--memory", "fresh", "--run-id", "whole",
    ]);
    assert!(
        world.written("hurt") == world.written("whole"),
        "a killed replay left other bytes"
    );
    let again = world.replayed(&of("hurt"));
    assert_eq!(
        (&again["records"], &again["records_before"]),
        (&0.into(), &range_size().into())
    );
    let words = world.refused(&["--from", "earliest", "--memory", "live", "--run-id", "hurt"]);
    assert!(words.contains("was started as another one: --memory"), "{words}");
}

impl World {
    /// The sum of the offsets that a run has committed; -1 before it has begun.
    fn progress(&self, run: &str) -> i64 {
        let group = format!("sluice-replay-{run}");
        let consumer: BaseConsumer = client(&self.brokers).set("group.id", group).create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition(&self.topic("raw"), partition);
        }
        let committed = consumer.committed_offsets(list, Duration::from_secs(30)).unwrap();
        let offsets = committed
            .elements()
            .iter()
            .filter_map(|element| match element.offset() {
                Offset::Offset(next) => Some(next),
                _ => None,
            })
            .collect::<Vec<_>>();
        if offsets.is_empty() { -1 } else { offsets.iter().sum() }
    }

    /// The end that each partition has now.
    fn high_watermarks(&self) -> Vec<i64> {
        let consumer: BaseConsumer = client(&self.brokers).set("group.id", "replay-test").create().unwrap();
        let end = |p| consumer.fetch_watermarks(&self.topic("raw"), p, Duration::from_secs(30));
        (0..PARTITIONS).map(|p| end(p).unwrap().1).collect()
    }

    /// The same, as a bound.
    fn ends(&self) -> String {
        let ends = self.high_watermarks();
        let ends: Vec<String> = (0..)
            .zip(ends)
            .map(|(p, end): (i32, i64)| format!("{p}:{end}"))
            .collect();
        ends.join(",")
    }
}

#[tokio::test]
async fn a_signal_ends_what_only_reads_at_once_and_names_the_run() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "stopped", 120).await;
    world.run_live_to_the_end();
    // The brokers let a reader wait for the end of a topic for most of a minute, as if there were much to read.
    let slow = [
        "--set",
        "kafka.properties.fetch.min.bytes=100000000",
        "--set",
        "kafka.properties.fetch.wait.max.ms=50000",
    ];
    let earliest = ["--from", "earliest"];
    let dry_run = [&earliest[..], &["--memory", "fresh", "--dry-run"]].concat();
    let memory = [&earliest[..], &["--run-id", "stopped"]].concat();
    for (what, expected) in [
        (&dry_run[..], "nothing was written"),
        (&memory, "`--run-id stopped` goes on from there"),
    ] {
        let mut replay = Running::heard(&mut world.sluice("replay", &[what, &slow].concat()));
        std::thread::sleep(Duration::from_secs(5));
        assert!(
            replay.try_wait().unwrap().is_none(),
            "{what:?} did not wait: {}",
            replay.words()
        );
        signal(&replay, "TERM");
        let status = wait(&mut replay, Duration::from_secs(10));
        let words = replay.words();
        assert_eq!(status.code(), Some(1), "{what:?}: {words}");
        assert!(words.contains(expected), "{what:?}: {words}");
    }
    assert_eq!(world.progress("stopped"), -1, "it still read the memory");
    world.replayed(&memory);
}

#[tokio::test]
async fn bounds_partitions_and_limit_choose_what_is_read() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "bounds", 600).await;
    let inside = |n: &usize| (START_MS + 100_000..START_MS + 200_000).contains(&time(*n));
    let records =
        |more: &[&str]| world.replayed(&[more, &["--memory", "fresh", "--dry-run"]].concat())["records"].clone();
    let (from, to) = ("2026-09-21T13:14:59Z", "2026-09-21T13:15:00Z");
    assert_eq!(
        records(&["--from", from, "--to", to]),
        0,
        "a time before the first record"
    );
    let at = |ms: i64| {
        let time = Duration::from_millis(ms as u64).as_secs();
        let day = time % 86_400;
        format!("2026-09-21T{:02}:{:02}:{:02}Z", day / 3600, day / 60 % 60, day % 60)
    };
    let (from, to) = (at(START_MS + 100_000), at(START_MS + 200_000));
    let found = records(&["--from", &from, "--to", &to]).as_i64().unwrap();
    let expected = (0..600).filter(inside).count() as i64;
    // Times of neighbours cross by 1.5 s, and a partition is cut at one offset: a record on either side of each cut may differ.
    assert!(
        (found - expected).abs() <= 4 * i64::from(PARTITIONS),
        "{found} records, and {expected} in that time"
    );
    let in_two = (0..600).filter(|n| [1, 3].contains(&partition(*n))).count();
    assert_eq!(records(&["--from", "earliest", "--partitions", "1,3"]), in_two);
    assert_eq!(records(&["--from", "earliest", "--limit", "77"]), 77);
    assert_eq!(records(&["--from", "-1h"]), 0);
    world.run_live_to_the_end();
    let group = format!("{}-live", world.name);
    world.publish(600, 60);
    assert_eq!(records(&["--from", "earliest", "--to-group", &group]), 600);
    assert_eq!(records(&["--from", &format!("group:{group}")]), 60);
    let limited = world.replayed(&[
        "--from", "earliest", "--memory", "fresh", "--run-id", "limited", "--limit", "77",
    ]);
    assert_eq!(limited["records"], 77);
    let again = world.replayed(&[
        "--from", "earliest", "--memory", "fresh", "--run-id", "limited", "--limit", "77",
    ]);
    assert_eq!((&again["records"], &again["records_before"]), (&0.into(), &77.into()));
}

#[tokio::test]
async fn a_group_bounds_a_topic_with_partitions_that_never_had_a_record() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "sparse", 1).await;
    world.run_live_to_the_end();
    let group = format!("{}-live", world.name);
    let (begin, end) = (format!("group:{group}"), ["--to-group", &*group]);
    let dry = ["--memory", "fresh", "--dry-run"];
    let whole = world.replayed(&[&["--from", "earliest"], &end[..], &dry].concat());
    assert_eq!(whole["records"], 1);
    assert_eq!(world.replayed(&[&["--from", &begin], &dry[..]].concat())["records"], 0);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_status_2_and_nothing_is_created() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "refused", 120).await;
    let (live, input) = (world.topic("out"), world.topic("raw"));
    let check = |more: &[&str], expected: &str| {
        let words = world.refused(more);
        assert!(words.contains(expected), "{more:?} said: {words}");
    };
    check(&["--from", "yesterday"], "allowed are `earliest`");
    check(&["--from", "5", "--to", "3"], "lies before the beginning, offset 5");
    check(
        &["--from", "2026-09-22", "--to", "2026-09-21"],
        "lies before the beginning",
    );
    check(&["--from", "earliest", "--to", "99999"], "beyond the end");
    check(&["--from", "earliest", "--partitions", "0,9"], "the topic has 0 to 5");
    check(&["--from", "0:1"], "no offset is given for partition 1");
    check(
        &["--from", "group:replay-nobody"],
        "`replay-nobody` has no committed offset",
    );
    check(&["--from", "earliest", "--output", &live], "add `--into-live`");
    check(&["--from", "earliest", "--output", &input], "`input.topic`");
    check(
        &["--from", "earliest", "--into-live"],
        "does not name the live output topic",
    );
    check(&["--from", "earliest", "--run-id", "a/b"], "a run id has");
    check(
        &["--from", "earliest", "--set", "delivery=at-least-once"],
        "needs transactions",
    );
    let consumer: BaseConsumer = client(&world.brokers).create().unwrap();
    let metadata = consumer.fetch_metadata(None, Duration::from_secs(30)).unwrap();
    let made: Vec<&str> = metadata
        .topics()
        .iter()
        .map(|t| t.name())
        .filter(|name| name.starts_with(&world.name))
        .collect();
    assert_eq!(made, [input.as_str()], "a refused replay created topics");
    let output = world.replay(&["--from", "earliest"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(
        words.contains("there is no live memory") && words.contains("--memory fresh"),
        "{words}"
    );
}

#[tokio::test]
async fn a_range_that_retention_has_cut_says_how_much_is_gone() {
    let Some(brokers) = brokers() else { return };
    let world = World::new(brokers, "gaps", 300).await;
    let mut before = TopicPartitionList::new();
    before
        .add_partition_offset(&world.topic("raw"), 0, Offset::Offset(20))
        .unwrap();
    world
        .admin()
        .delete_records(&before, &AdminOptions::new())
        .await
        .unwrap();
    let words = world.refused(&["--from", "5", "--memory", "fresh"]);
    assert!(words.contains("partition 0: 15 offsets before 20 are gone"), "{words}");
    assert!(words.contains("--allow-gaps"), "{words}");
    let words = world.refused(&["--from", "2026-09-01", "--memory", "fresh"]);
    assert!(words.contains("up to 20 records before that are gone"), "{words}");
    let whole = world.replayed(&["--from", "0", "--memory", "fresh", "--allow-gaps", "--dry-run"]);
    let part = &whole["partitions"][0];
    assert_eq!((&part["partition"], &part["from"]), (&0.into(), &20.into()));
    world.replayed(&["--from", "earliest", "--memory", "fresh", "--dry-run"]);
    // All of partition 0 is gone, then all but the marker behind the last record of partition 1.
    let ends: BTreeMap<i32, i64> = (0..).zip(world.high_watermarks()).collect();
    let mut all = TopicPartitionList::new();
    for (partition, keep) in [(0, 0), (1, 1)] {
        all.add_partition_offset(&world.topic("raw"), partition, Offset::Offset(ends[&partition] - keep))
            .unwrap();
    }
    world.admin().delete_records(&all, &AdminOptions::new()).await.unwrap();
    for to in ["2026-09-02", "latest"] {
        let times = ["--from", "2026-09-01", "--to", to, "--memory", "fresh"];
        for (partition, gone) in [(0, ends[&0]), (1, ends[&1] - 1)] {
            let words = world.refused(&times);
            let expected = format!("partition {partition}: ");
            assert!(
                words.contains(&expected) && words.contains(&format!("up to {gone} records")),
                "{words}"
            );
        }
        world.replayed(&[&times[..], &["--allow-gaps", "--dry-run"]].concat());
    }
    // Of the others nothing was ever deleted, so nothing can be gone of a time in which nothing came.
    let whole = [
        "--from",
        "2026-09-01",
        "--to",
        "2026-09-02",
        "--memory",
        "fresh",
        "--partitions",
        "2-5",
    ];
    assert_eq!(world.replayed(&[&whole[..], &["--dry-run"]].concat())["records"], 0);
}
