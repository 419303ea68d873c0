//! `sluice run` where no Kafka answers, or none any more.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

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

/// A commit under way would wait for a silent coordinator for six session time-outs: 36 s here. What it holds is void by then.
#[test]
fn sigterm_ends_in_time_while_a_commit_waits_for_a_broker_that_is_silent() {
    let cluster = MockCluster::new(1).unwrap();
    let brokers = cluster.bootstrap_servers();
    let roles = [
        ("input.topic", "raw"),
        ("output.topic", "out"),
        ("output.duplicates_topic", "dup"),
        ("output.dead_letters_topic", "dead"),
        ("dedupe.memory_topic", "memory"),
    ];
    for (_, topic) in roles {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", &brokers).create().unwrap();
    for n in 0..4_000 {
        let value = format!("{{\"id\":\"{n}\",\"text\":\"The council met for the {n}th time.\"}}");
        let record: BaseRecord<'_, str, str> = BaseRecord::to("raw").payload(&value);
        producer.send(record).map_err(|(e, _)| e).unwrap();
    }
    producer.flush(Duration::from_secs(30)).unwrap();
    let http = free_address();
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["run", "--set", &format!("kafka.brokers={brokers}")])
        .args(
            roles
                .iter()
                .flat_map(|(option, topic)| ["--set".to_owned(), format!("{option}={topic}")]),
        )
        .args([
            "--set",
            "kafka.create_topics=false",
            "--set",
            "kafka.session_timeout_ms=6000",
        ])
        .args(["--set", "kafka.drain_ms_max=1000", "--set", "batch.records_max=10"])
        .args(["--set", &format!("http.listen={http}")])
        .stderr(std::fs::File::create(&log).unwrap())
        .stdin(Stdio::null())
        .spawn();
    let mut child = Running(child.unwrap());
    let is_committing = || {
        let Ok(mut answer) = ureq::get(format!("http://{http}/metrics")).call() else {
            return false;
        };
        let metrics = answer.body_mut().read_to_string().unwrap();
        let mut counts = metrics
            .lines()
            .filter_map(|line| line.strip_prefix("sluice_records_consumed_total "));
        counts.any(|n| n.parse::<u64>().is_ok_and(|n| n > 0))
    };
    until(&mut child, is_committing);
    cluster.broker_round_trip_time(1, Duration::from_secs(120)).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "TERM");
    let told = Instant::now();
    while child.try_wait().unwrap().is_none() && told.elapsed() < Duration::from_secs(15) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = told.elapsed();
    drop(child.kill());
    let status = child.wait().unwrap();
    let words = std::fs::read_to_string(&log).unwrap();
    assert_eq!(status.code(), Some(0), "after {} ms: {words}", took.as_millis());
    assert!(words.contains("ending without what is still under way"), "{words}");
    println!("ended {} ms after SIGTERM", took.as_millis());
}
