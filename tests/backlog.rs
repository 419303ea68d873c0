//! Bounded: a backlog is worked off, or stands before a slow broker, within the memory that the budget gives.
//!
//! Needs `KAFKA_BROKERS=host:port`; without it the test says that it was skipped, and with `SLUICE_REQUIRE_KAFKA=1` that is a failure.
//!
//! | variable | default | |
//! | --- | --- | --- |
//! | `SLUICE_BACKLOG_RECORDS` | 20000 | published before the stage starts |
//! | `SLUICE_BACKLOG_BUDGET` | 160MB | `memory.budget` |
//! | `SLUICE_BACKLOG_SECONDS` | none | how long it is watched, where the backlog is more than can be worked off; a broker can be slowed by a quota, `producer_byte_rate` of the client `sluice-producer` |
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]
#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use sluice::config::Size;

#[path = "common/dice.rs"]
mod dice;
#[path = "common/kafka.rs"]
mod kafka;

use dice::Dice;
use kafka::{brokers, client, create_input, settings};

const PARTITIONS: i32 = 6;

fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// A short text of its own.
fn article(n: u64) -> String {
    let mut dice = Dice(n);
    let words: Vec<String> = (0..40).map(|_| format!("w{}", dice.roll(50_000))).collect();
    serde_json::json!({ "id": n.to_string(), "text": words.join(" ") }).to_string()
}

fn publish(brokers: &str, topic: &str, count: u64) {
    let mut settings = client(brokers);
    settings.set("linger.ms", "50").set("compression.type", "lz4");
    let producer: BaseProducer = settings.create().unwrap();
    for n in 0..count {
        let value = article(n);
        let partition = (n % PARTITIONS as u64) as i32;
        let mut record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(partition).payload(&value);
        while let Err((KafkaError::MessageProduction(_), back)) = producer.send(record) {
            producer.poll(Duration::from_millis(10));
            record = back;
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(120)).unwrap();
}

/// A field of `/proc/PID/status` in bytes; `None` once the process has ended.
fn status(pid: u32, field: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .parse::<u64>()
        .ok()
        .map(|kb| kb << 10)
}

#[tokio::test]
async fn bounded_the_peak_of_memory_stays_below_the_budget_before_a_backlog() {
    let Some(brokers) = brokers() else { return };
    let millis = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let name = format!("backlog-{millis}");
    let budget: Size = variable("SLUICE_BACKLOG_BUDGET", "160MB").parse().unwrap();
    let records: u64 = variable("SLUICE_BACKLOG_RECORDS", "20000").parse().unwrap();
    let seconds: u64 = variable("SLUICE_BACKLOG_SECONDS", "600").parse().unwrap();
    create_input(&brokers, &format!("{name}-raw"), PARTITIONS).await;
    publish(&brokers, &format!("{name}-raw"), records);

    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(["run", "--until-end"]);
    let more = [
        format!("memory.budget={budget}"),
        format!("kafka.group={name}"),
        format!("instance={name}"),
    ];
    for setting in settings(&brokers, &name).iter().chain(&more) {
        command.args(["--set", setting]);
    }
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    let (started, mut peak) = (Instant::now(), 0);
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break Some(ended);
        }
        peak = status(child.id(), "VmHWM").unwrap_or(peak);
        if started.elapsed() > Duration::from_secs(seconds) {
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let took = started.elapsed().as_secs_f32();
    let worked_off = if ended.is_some() {
        "worked off"
    } else {
        "still standing"
    };
    let line = format!(
        "backlog of {records} records {worked_off} after {took:.1} s: peak {} MB, budget {budget}\n",
        peak >> 20
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    if let Some(status) = ended {
        assert_eq!(status.code(), Some(0));
    } else {
        // SIGTERM under load: what is in flight is finished or void.
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        assert_eq!(kafka::wait(&mut child, Duration::from_secs(60)).code(), Some(0));
    }
    assert!(peak > 0, "the process ended before it could be looked at");
    assert!(peak < budget.0, "{line}");
}
