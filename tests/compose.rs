//! The compose file as a user has it: the README's commands (up, publish, read, replay, down), and a stage that is killed in the middle.
//!
//! Needs a Docker engine with `docker compose`. Without it the tests say that they were skipped; with `SLUICE_REQUIRE_ENGINE=1` that is
//! a failure. The image is built first, which takes minutes the first time; `SLUICE_IMAGE_IS_BUILT=1` takes the one that is there.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{Raw, article, broken, fates, publish, succeed};

const INPUT: &str = "raw-articles";

/// A project of the compose file under a name and ports of its own. Taken down when it is dropped, also by a failing test.
struct Project {
    name: String,
    kafka_port: u16,
    http_port: u16,
}

impl Project {
    fn new() -> Self {
        let kafka_port = common::free_port();
        Self {
            // Two tests of one process run at once.
            name: format!("sluice-test-{}-{kafka_port}", std::process::id()),
            kafka_port,
            http_port: common::free_port(),
        }
    }

    /// A line of the documentation, as it stands there, but for the building of the image, which is done.
    fn shell(&self, line: &str) -> String {
        let mut command = Command::new("sh");
        let line = line.replace(" --build", "").replace("compose exec", "compose exec -T");
        let output = succeed(self.environment(&mut command).args(["-ec", &line]));
        String::from_utf8(output.stdout).unwrap()
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .env("COMPOSE_PROJECT_NAME", &self.name)
            .env("KAFKA_PORT", self.kafka_port.to_string())
            .env("HTTP_PORT", self.http_port.to_string())
    }

    fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        self.environment(&mut command).arg("compose").args(arguments);
        command
    }

    /// The image, once for all tests.
    fn build(&self) {
        static BUILT: OnceLock<()> = OnceLock::new();
        BUILT.get_or_init(|| {
            if std::env::var("SLUICE_IMAGE_IS_BUILT").is_err() {
                succeed(&mut self.compose(&["build", "sluice"]));
            }
        });
    }

    fn up(&self) {
        succeed(&mut self.compose(&["up", "--wait", "--wait-timeout", "180"]));
    }

    fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.kafka_port)
    }

    /// The body of an answer with status 200.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.http_port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "`{path}`: {answer}");
        body.to_owned()
    }

    /// Wait until `count` records have come out, and say what became of each. More than one fate for a record is an error at once.
    fn fates(&self, count: usize) -> BTreeMap<String, (&'static str, common::Read)> {
        let start = Instant::now();
        loop {
            let found = fates(&self.brokers());
            let one = |(id, mut all): (String, Vec<(&'static str, common::Read)>)| {
                assert_eq!(all.len(), 1, "`{id}` has {} fates", all.len());
                (id, all.remove(0))
            };
            let found: BTreeMap<_, _> = found.into_iter().map(one).collect();
            if found.len() >= count {
                return found;
            }
            let late = start.elapsed() > Duration::from_secs(90);
            assert!(!late, "{} of {count} records came out within 90 s", found.len());
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // What the containers said, since they are gone in a moment.
            drop(self.compose(&["logs", "--no-color", "--tail", "40"]).status());
        }
        drop(self.compose(&["down", "-v", "--remove-orphans", "-t", "10"]).output());
    }
}

/// 20 records over the four partitions: every fifth a copy, and one that is not JSON.
fn records(round: usize) -> Vec<Raw> {
    (0..20)
        .map(|n| {
            let (partition, story) = (n as i32 % 4, round * 1_000 + n);
            match n {
                7 => broken(partition, &format!("broken-{story}")),
                n if n % 5 == 4 => article(partition, &format!("copy-{story}"), story - 4),
                _ => article(partition, &format!("article-{story}"), story),
            }
        })
        .collect()
}

#[test]
fn up_publish_read_kill_and_read_again_each_record_once() {
    if !common::engine_answers(&[&["docker", "version"], &["docker", "compose", "version"]]) {
        return;
    }
    let project = Project::new();
    project.build();
    project.up();
    assert_eq!(project.get("/health"), "ok\n");
    assert_eq!(project.get("/ready"), "ready\n");

    let first = records(1);
    publish(&project.brokers(), INPUT, &first);
    let fates = project.fates(first.len());
    assert_eq!(fates.len(), first.len());
    for (id, (topic, read)) in &fates {
        let expected = match id.split_once('-').unwrap().0 {
            "broken" => "dead-letters",
            "copy" => "duplicate-articles",
            _ => "enriched-articles",
        };
        assert_eq!(*topic, expected, "`{id}`: {}", common::said(read));
        if !common::is_dead_letter(read) {
            assert!(read.json()["tags"].is_array(), "`{id}`: {}", common::said(read));
            assert_eq!(read.json()["provenance"]["topic"], INPUT);
        }
    }
    common::assert_is_the_dead_letter_of(&first[7], INPUT, &fates["broken-1007"].1);
    let metrics = project.get("/metrics");
    assert!(metrics.contains("sluice_records_consumed_total 20\n"), "{metrics}");

    // Killed with work before it, and started again: nothing is lost, and nothing comes twice.
    let second = records(2);
    publish(&project.brokers(), INPUT, &second[..10]);
    succeed(&mut project.compose(&["kill", "-s", "KILL", "sluice"]));
    publish(&project.brokers(), INPUT, &second[10..]);
    project.up();
    assert_eq!(
        project.fates(first.len() + second.len()).len(),
        first.len() + second.len()
    );
}

/// The lines of the README that begin with `docker compose`, without their remarks.
fn lines_of_the_readme() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("docker compose "));
    lines
        .map(|line| line.split("  #").next().unwrap().trim().to_owned())
        .collect()
}

#[test]
fn the_commands_of_the_readme_do_what_they_say() {
    if !common::engine_answers(&[&["docker", "version"], &["docker", "compose", "version"]]) {
        return;
    }
    let lines = lines_of_the_readme();
    let [up, publish, read, replay, down] = &lines[..] else {
        panic!("{lines:?}")
    };
    let project = Project::new();
    project.build();
    let start = Instant::now();
    project.shell(up);
    assert_eq!(project.get("/ready"), "ready\n");
    let ready = start.elapsed();
    let said = project.shell(publish);
    let count: usize = said.split(' ').find_map(|word| word.parse().ok()).unwrap();
    project.fates(1);
    let first = start.elapsed();
    // Written past the test's capture, so that it shows.
    let line = format!("up until ready {ready:.1?}, until the first record was read {first:.1?}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();

    let fates = project.fates(count);
    let enriched = fates
        .values()
        .filter(|(topic, _)| *topic == "enriched-articles")
        .count();
    let said = project.shell(read);
    let articles: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(articles.len(), enriched, "{said}");
    assert!(articles.iter().all(|article| article["schema"] == "sluice.article.v1"));
    assert!(
        articles
            .iter()
            .any(|article| !article["tags"].as_array().unwrap().is_empty())
    );

    let said = project.shell(replay);
    assert!(
        said.contains(&count.to_string()),
        "all {count} records are read again: {said}"
    );
    assert!(said.contains("enriched-articles-replay-"), "{said}");
    assert_eq!(project.fates(count).len(), count, "the live topics are as before");

    project.shell(down);
    let left = succeed(&mut project.compose(&["ps", "--all", "--quiet"]));
    assert!(left.stdout.is_empty(), "{}", String::from_utf8_lossy(&left.stdout));
}
