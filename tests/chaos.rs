//! Several instances on one input, killed, stopped, told to end, and joined by others, at random moments; then the audit reads
//! everything again and must find nothing, or with `at-least-once` nothing missing.
//!
//! *One original*: a copy that is published once a reader has seen the original's verdict in the memory topic, and a second more, is never
//! an original too, wherever it stands. In the same partition that holds of every copy.
//!
//! Needs `KAFKA_BROKERS=host:port`; without it the test says that it was skipped, and with `SLUICE_REQUIRE_KAFKA=1` that is a failure.
//!
//! | variable | default | |
//! | --- | --- | --- |
//! | `SLUICE_CHAOS_SEED` | the time | the schedule of faults; it is printed |
//! | `SLUICE_CHAOS_FAULTS` | 14, and 10 with `at-least-once` | how many |
//! | `SLUICE_CHAOS_RECORDS` | 500 a fault | published piece by piece between the faults |
//! | `SLUICE_CHAOS_GROUP_PROTOCOL` | `classic` | `kafka.group_protocol` |
//! | `SLUICE_CHAOS_PAUSE_MS` | 2500 | longest pause between two faults |
//! | `SLUICE_CHAOS_REPLICATION` | 1 | of all topics |
//! | `SLUICE_CHAOS_BROKERS`, `SLUICE_CHAOS_COMMAND` | 0, none | run as `sh -c "$SLUICE_CHAOS_COMMAND"` with `FAULT` (`break` or `mend`) and `BROKER` (1 to the count) in the environment |
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

#[path = "chaos/checks.rs"]
mod checks;
#[path = "common/dice.rs"]
mod dice;
#[path = "common/reader.rs"]
mod reader;

use dice::Dice;

const PARTITIONS: i32 = 6;
/// Records between a copy and what it copies: 40 in each partition.
const BACK: u64 = 40 * PARTITIONS as u64;
/// Instances that run all the time, apart from those that join and leave.
const INSTANCES: usize = 3;
const SESSION: Duration = Duration::from_secs(6);
/// How long SIGTERM may take: the drain, leaving the group, and a slow machine.
const END_MAX: Duration = Duration::from_secs(30);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("`{name}` is `{text}`, and must be a number"))
    })
}

/// Written past the test's capture, so that it shows.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn millis(dice: &mut Dice, from: u64, to: u64) -> Duration {
    Duration::from_millis(from + dice.roll((to - from).max(1)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// SIGKILL, and a restart at once.
    Kill,
    /// SIGSTOP for longer than the session time-out, then SIGCONT: a zombie.
    Stop,
    /// SIGTERM, and a restart.
    Terminate,
    /// One instance more, for a while.
    Join,
    /// The one that joined is told to end, or killed.
    Leave,
    /// A broker is broken and mended by the command that was given.
    Broker,
}

/// One place for an instance, with the process that runs in it.
struct Slot {
    name: String,
    child: Option<Child>,
    /// When a stopped process goes on.
    stopped_until: Option<Instant>,
    /// It slept longer than its session, or brokers failed: ending with an error is what it should do.
    may_fail: bool,
    restart_at: Option<Instant>,
}

struct Chaos {
    brokers: String,
    name: String,
    delivery: &'static str,
    /// Sees the verdicts as they become visible.
    watch: Option<checks::Watch>,
    dir: PathBuf,
    dice: Dice,
    slots: Vec<Slot>,
    joined: usize,
    published: u64,
    injected: BTreeMap<Fault, u64>,
    /// How often a process ended by itself with an error, as a fenced one must.
    fenced: u64,
    broken_broker: Option<(u64, Instant)>,
    unexpected: Vec<String>,
}

impl Chaos {
    async fn new(brokers: String, seed: u64, delivery: &'static str) -> Self {
        let millis = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let name = format!("chaos-{delivery}-{millis}");
        let dir = std::env::temp_dir().join(format!("sluice-{name}"));
        std::fs::create_dir_all(&dir).unwrap();
        let replication = number("SLUICE_CHAOS_REPLICATION", 1) as i32;
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &brokers).create().unwrap();
        let names: Vec<String> = ["raw", "out", "dup", "dead", "memory"]
            .map(|role| format!("{name}-{role}"))
            .into();
        let topics: Vec<NewTopic<'_>> = names
            .iter()
            .map(|topic| {
                let count = if topic.ends_with("memory") { 1 } else { PARTITIONS };
                let topic = NewTopic::new(topic, count, TopicReplication::Fixed(replication)).set("retention.ms", "-1");
                if replication > 2 {
                    topic.set("min.insync.replicas", "2")
                } else {
                    topic
                }
            })
            .collect();
        for result in admin.create_topics(&topics, &AdminOptions::new()).await.unwrap() {
            result.unwrap();
        }
        let mut chaos = Self {
            watch: Some(checks::Watch::start(&brokers, &format!("{name}-memory"))),
            brokers,
            name,
            delivery,
            dir,
            dice: Dice(seed),
            slots: Vec::new(),
            joined: 0,
            published: 0,
            injected: BTreeMap::new(),
            fenced: 0,
            broken_broker: None,
            unexpected: Vec::new(),
        };
        for n in 0..INSTANCES {
            chaos.start(format!("i{n}"));
        }
        chaos
    }

    fn command(&self, verb: &str, instance: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.arg(verb).args(more.iter().filter(|m| m.starts_with("--")));
        let name = &self.name;
        let settings = [
            format!("kafka.brokers={}", self.brokers),
            format!("kafka.group={name}"),
            format!("instance={name}-{instance}"),
            format!("input.topic={name}-raw"),
            format!("output.topic={name}-out"),
            format!("output.duplicates_topic={name}-dup"),
            format!("output.dead_letters_topic={name}-dead"),
            format!("dedupe.memory_topic={name}-memory"),
            format!("kafka.session_timeout_ms={}", SESSION.as_millis()),
            format!("delivery={}", self.delivery),
            format!(
                "kafka.group_protocol={}",
                std::env::var("SLUICE_CHAOS_GROUP_PROTOCOL").unwrap_or_else(|_| "classic".into())
            ),
            "batch.records_max=200".into(),
            "workers=1".into(),
            "http.listen=".into(),
            "log.level=info".into(),
        ];
        for setting in &settings {
            command.args(["--set", setting]);
        }
        command.stdin(Stdio::null());
        command
    }

    fn log(&self, instance: &str) -> File {
        File::options()
            .create(true)
            .append(true)
            .open(self.dir.join(format!("{instance}.log")))
            .unwrap()
    }

    fn spawn(&self, instance: &str) -> Child {
        self.command("run", instance, &[])
            .stderr(self.log(instance))
            .spawn()
            .unwrap()
    }

    fn start(&mut self, name: String) {
        let child = Some(self.spawn(&name));
        self.slots.push(Slot {
            name,
            child,
            stopped_until: None,
            may_fail: false,
            restart_at: None,
        });
    }

    /// Publish the next records: a quarter are exact copies of earlier ones, in turn in two partitions.
    fn publish(&mut self, count: u64) {
        let mut client = ClientConfig::new();
        client
            .set("bootstrap.servers", &self.brokers)
            .set("enable.idempotence", "true")
            .set("linger.ms", "20");
        let producer: BaseProducer = client.create().unwrap();
        let topic = format!("{}-raw", self.name);
        for n in self.published..self.published + count {
            let (partition, value) = record(n);
            let key = n.to_string();
            let mut record = BaseRecord::to(&topic).partition(partition).key(&key).payload(&value);
            while let Err((KafkaError::MessageProduction(_), back)) = producer.send(record) {
                producer.poll(Duration::from_millis(10));
                record = back;
            }
            producer.poll(Duration::ZERO);
        }
        producer.flush(Duration::from_secs(120)).unwrap();
        self.published += count;
    }

    /// What time brings: stopped processes go on, ended ones are looked at and started again, as an orchestrator does.
    fn tick(&mut self) {
        let now = Instant::now();
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            if slot.stopped_until.is_some_and(|until| until <= now) {
                slot.stopped_until = None;
                signal(slot.child.as_ref().unwrap(), "CONT");
            }
            let ended = slot.child.as_mut().and_then(|child| child.try_wait().unwrap());
            if let Some(status) = ended {
                slot.child = None;
                slot.restart_at = Some(now + Duration::from_millis(300));
                let (name, may_fail) = (slot.name.clone(), slot.may_fail);
                self.look_at(&name, status, may_fail);
            }
            if self.slots[at].restart_at.is_some_and(|when| when <= now) {
                let child = self.spawn(&self.slots[at].name);
                let slot = &mut self.slots[at];
                (slot.child, slot.restart_at, slot.may_fail) = (Some(child), None, false);
            }
        }
        if self.broken_broker.is_some_and(|(_, until)| until <= now) {
            self.mend_broker();
        }
    }

    /// A process that ended though nobody killed it.
    fn look_at(&mut self, name: &str, status: ExitStatus, may_fail: bool) {
        self.fenced += 1;
        let had_trouble = may_fail || self.injected.contains_key(&Fault::Broker);
        if !had_trouble || !matches!(status.code(), Some(0 | 1 | 3)) {
            self.unexpected.push(format!("{name} ended with {status}"));
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.tick();
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A slot whose process runs and is not stopped.
    fn pick(&mut self) -> Option<usize> {
        let running: Vec<usize> = (0..self.slots.len())
            .filter(|at| self.slots[*at].child.is_some() && self.slots[*at].stopped_until.is_none())
            .collect();
        (!running.is_empty()).then(|| running[self.dice.roll(running.len() as u64) as usize])
    }

    fn inject(&mut self) {
        let brokers = number("SLUICE_CHAOS_BROKERS", 0);
        let fault = match self.dice.roll(if brokers > 0 { 20 } else { 17 }) {
            0..5 => Fault::Kill,
            5..9 => Fault::Stop,
            9..13 => Fault::Terminate,
            13..17 if self.slots.len() > INSTANCES => Fault::Leave,
            13..17 => Fault::Join,
            _ => Fault::Broker,
        };
        if self.carry_out(fault, brokers) {
            *self.injected.entry(fault).or_default() += 1;
        }
    }

    /// Whether there was something to do it to.
    fn carry_out(&mut self, fault: Fault, brokers: u64) -> bool {
        match fault {
            Fault::Join => {
                self.joined += 1;
                self.start(format!("joined{}", self.joined));
                return true;
            }
            Fault::Broker => return self.break_broker(brokers),
            _ => {}
        }
        let Some(at) = self.pick() else { return false };
        match fault {
            Fault::Kill => {
                self.kill(at);
                self.slots[at].restart_at = Some(Instant::now() + millis(&mut self.dice, 0, 1_500));
            }
            Fault::Stop => {
                let until = Instant::now() + SESSION + millis(&mut self.dice, 500, 3_500);
                let slot = &mut self.slots[at];
                signal(slot.child.as_ref().unwrap(), "STOP");
                (slot.stopped_until, slot.may_fail) = (Some(until), true);
            }
            Fault::Terminate => {
                self.terminate(at);
                self.slots[at].restart_at = Some(Instant::now() + millis(&mut self.dice, 0, 1_500));
            }
            _ => self.leave(),
        }
        true
    }

    fn kill(&mut self, at: usize) {
        let mut child = self.slots[at].child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM must end with status 0, unless the process has reason to fail.
    fn terminate(&mut self, at: usize) {
        let mut child = self.slots[at].child.take().unwrap();
        signal(&child, "TERM");
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > END_MAX {
                child.kill().unwrap();
                child.wait().unwrap();
                let name = self.slots[at].name.clone();
                return self
                    .unexpected
                    .push(format!("{name} did not end within {} s of SIGTERM", END_MAX.as_secs()));
            }
            self.tick();
            std::thread::sleep(Duration::from_millis(20));
        };
        if !status.success() {
            let slot = &self.slots[at];
            let (name, may_fail) = (slot.name.clone(), slot.may_fail);
            self.look_at(&name, status, may_fail);
        }
    }

    fn leave(&mut self) {
        let at = INSTANCES;
        if self.slots[at].stopped_until.take().is_some() {
            signal(self.slots[at].child.as_ref().unwrap(), "CONT");
        }
        if self.slots[at].child.is_some() {
            if self.dice.roll(2) == 0 {
                self.kill(at);
            } else {
                self.terminate(at);
            }
        }
        self.slots.remove(at);
    }

    fn broker(what: &str, broker: u64) {
        let command = std::env::var("SLUICE_CHAOS_COMMAND").unwrap();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &command])
            .env("FAULT", what)
            .env("BROKER", broker.to_string());
        assert!(
            shell
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap()
                .success(),
            "{what} {broker}: `{command}`"
        );
    }

    fn break_broker(&mut self, brokers: u64) -> bool {
        if self.broken_broker.is_some() {
            return false; // two of three would be an outage, not a fault
        }
        let broker = 1 + self.dice.roll(brokers);
        Self::broker("break", broker);
        self.broken_broker = Some((broker, Instant::now() + millis(&mut self.dice, 1_000, 12_000)));
        true
    }

    fn mend_broker(&mut self) {
        if let Some((broker, _)) = self.broken_broker.take() {
            Self::broker("mend", broker);
        }
    }

    /// No more faults: all end, and one reads what is left.
    fn finish(&mut self) {
        self.mend_broker();
        while !self.slots.is_empty() {
            let slot = &mut self.slots[0];
            if slot.stopped_until.take().is_some() {
                signal(slot.child.as_ref().unwrap(), "CONT");
            }
            if slot.child.is_some() {
                self.terminate(0);
            }
            self.slots.remove(0);
        }
        let bound = Duration::from_secs(120 + self.published / 100);
        let mut last = self
            .command("run", "last", &["--until-end"])
            .stderr(self.log("last"))
            .spawn()
            .unwrap();
        let start = Instant::now();
        let status = loop {
            if let Some(status) = last.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > bound {
                last.kill().unwrap();
                panic!(
                    "the last run did not end within {} s; see {}",
                    bound.as_secs(),
                    self.dir.display()
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        assert!(
            status.success(),
            "the last run ended with {status}; see {}",
            self.dir.display()
        );
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success(), "could not send SIG{name}");
}

/// The story that a record tells, and whether it is a copy: one told 40 records before. In turn they come to two partitions.
fn story(n: u64) -> (u64, bool) {
    if n % 4 == 3 && n >= BACK {
        (story(n - BACK).0, true)
    } else {
        (n, false)
    }
}

/// Partition and value of a record. Every fiftieth is not JSON.
fn record(n: u64) -> (i32, String) {
    let (story, is_copy) = story(n);
    // Whichever copy is the original, others come to another partition later.
    let shift = u64::from(is_copy && (n / BACK) % 2 == 1);
    let partition = ((n + shift) % u64::from(PARTITIONS.unsigned_abs())) as i32;
    if n % 50 == 18 {
        return (partition, format!("{{\"broken\": {n}"));
    }
    let mut dice = Dice(story);
    let mut word = || {
        format!(
            "{}{}",
            ["harbour", "council", "engine", "orchard", "signal"][dice.roll(5) as usize],
            dice.roll(9_999)
        )
    };
    let mut sentence = |_| {
        format!(
            "On that day the {} was told of.",
            (0..12).map(|_| word()).collect::<Vec<_>>().join(" ")
        )
    };
    let text: Vec<String> = (0..5).map(&mut sentence).collect();
    let value =
        serde_json::json!({ "id": format!("article-{n}"), "title": format!("Story {story}"), "text": text.join("\n") });
    (partition, value.to_string())
}

/// Injects all faults, and settles what is left. `None` after saying that the test is skipped.
async fn suffer(delivery: &'static str, faults: u64) -> Option<Chaos> {
    let Some(brokers) = std::env::var("KAFKA_BROKERS").ok().filter(|b| !b.is_empty()) else {
        assert!(
            std::env::var("SLUICE_REQUIRE_KAFKA").is_err(),
            "KAFKA_BROKERS is not set, and a real Kafka is required here"
        );
        say("skipped: needs a real Kafka, and KAFKA_BROKERS is not set");
        return None;
    };
    let seed = number("SLUICE_CHAOS_SEED", SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let faults = number("SLUICE_CHAOS_FAULTS", faults);
    let records = number("SLUICE_CHAOS_RECORDS", 500 * faults);
    let pause_ms = number("SLUICE_CHAOS_PAUSE_MS", 2_500);
    say(&format!(
        "chaos, {delivery}: SLUICE_CHAOS_SEED={seed} SLUICE_CHAOS_FAULTS={faults} SLUICE_CHAOS_RECORDS={records}"
    ));
    let mut chaos = Chaos::new(brokers, seed, delivery).await;
    let start = Instant::now();
    for fault in 0..faults {
        chaos.publish(records / faults + u64::from(fault < records % faults));
        let pause = millis(&mut chaos.dice, pause_ms / 10, pause_ms);
        chaos.wait(pause);
        let before = chaos.injected.values().sum::<u64>();
        while chaos.injected.values().sum::<u64>() == before {
            chaos.inject();
            chaos.wait(Duration::from_millis(20));
        }
    }
    chaos.wait(SESSION);
    let took = start.elapsed().as_secs();
    chaos.finish();
    say(&format!(
        "chaos, {delivery}: {:?} in {took} s, {} processes ended by themselves",
        chaos.injected, chaos.fenced
    ));
    Some(chaos)
}

impl Chaos {
    /// The audit's report, with its status.
    fn audit(&self, more: &[&str]) -> (Option<i32>, serde_json::Value) {
        let audit = self
            .command("audit", "audit", &[&["--json"], more].concat())
            .output()
            .unwrap();
        let report = serde_json::from_slice(&audit.stdout);
        let report = report.unwrap_or_else(|e| {
            panic!(
                "{e}: {}; see {}",
                String::from_utf8_lossy(&audit.stderr),
                self.dir.display()
            )
        });
        (audit.status.code(), report)
    }

    /// Everything ended as it should: what is in the folder is not needed.
    fn close(self) {
        assert_eq!(self.unexpected, Vec::<String>::new(), "see {}", self.dir.display());
        std::fs::remove_dir_all(&self.dir).unwrap();
    }
}

#[tokio::test]
async fn exactly_once_order_and_one_original_hold_under_random_faults() {
    let Some(mut chaos) = suffer("exactly-once", 14).await else {
        return;
    };
    let records = chaos.published;
    let audit = chaos.command("audit", "audit", &["--to=end"]).output().unwrap();
    say(&String::from_utf8_lossy(&audit.stdout));
    assert_eq!(
        audit.status.code(),
        Some(0),
        "{}; see {}",
        String::from_utf8_lossy(&audit.stderr),
        chaos.dir.display()
    );
    let (_, report) = chaos.audit(&[]);
    assert_eq!(report["records"], records, "the group has not committed everything");
    let sum = |names: &[&str]| names.iter().map(|name| report[*name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum(&["enriched", "duplicates", "dead_letters"]), records);
    assert_eq!(
        sum(&["remembered", "dead_letters"]),
        records,
        "a verdict is not in the memory"
    );
    assert!(report["duplicates"].as_u64() > Some(records / 10), "{report}");
    let seen = chaos.watch.take().unwrap().end();
    let originals = checks::one_original(&chaos.brokers, &chaos.name, &seen, |n| story(n).0);
    say(&format!("chaos: {originals}"));
    chaos.close();
}

#[tokio::test]
async fn at_least_once_loses_nothing_under_random_faults() {
    let Some(mut chaos) = suffer("at-least-once", 10).await else {
        return;
    };
    drop(chaos.watch.take().map(checks::Watch::end));
    let (_, report) = chaos.audit(&[]);
    assert_eq!(
        report["records"], chaos.published,
        "the group has not committed everything"
    );
    let wrong = &report["wrong"];
    say(&format!("chaos: the audit says {wrong}"));
    for kind in ["missing", "foreign", "own-duplicate"] {
        assert_eq!(wrong[kind], 0, "{report}; see {}", chaos.dir.display());
    }
    let settled = checks::settled(&chaos.brokers, &chaos.name);
    let (lost, repeated) = checks::lost_and_repeated(&settled, chaos.published);
    say(&format!(
        "chaos: {} records, read with deduplication by origin: {} lost, {repeated} came more than once",
        chaos.published,
        lost.len()
    ));
    assert_eq!(lost, Vec::<u64>::new(), "lost; see {}", chaos.dir.display());
    chaos.close();
}
