//! What the dashboard and the alerts ask, asked of a real Prometheus that scrapes a real stage under load: nothing is empty.
//!
//! Needs `prometheus` (Debian's package of that name). Without it the test says that it was skipped; with `SLUICE_REQUIRE_TOOLS=1` that is
//! a failure.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::mocking::MockCluster;

#[path = "common/running.rs"]
mod running;

use running::Running;

/// How long the last answer may take to come: rates need some scrapes, what the Kafka client tells comes every few seconds.
const PATIENCE: Duration = Duration::from_secs(120);

fn observability() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/observability")
}

/// Every query of every panel, for all jobs.
fn queries_of_the_dashboard() -> Vec<String> {
    let text = std::fs::read_to_string(observability().join("grafana/dashboards/sluice.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets
        .map(|target| target["expr"].as_str().unwrap().replace("$job", ".*"))
        .collect()
}

/// Every series that an alert looks at: an alert itself is empty while all is well.
fn selectors_of_the_alerts() -> Vec<String> {
    let text = std::fs::read_to_string(observability().join("alerts.yml")).unwrap();
    let expressions = text.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let mut selectors = Vec::new();
    for expression in expressions {
        let mut rest = expression;
        while let Some(start) = rest.find("sluice_").into_iter().chain(rest.find("process_")).min() {
            rest = &rest[start..];
            let name = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let labels = if rest[name..].starts_with('{') {
                rest.find('}').unwrap() + 1
            } else {
                name
            };
            selectors.push(rest[..labels].to_owned());
            rest = &rest[labels..];
        }
    }
    selectors
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The stage's options.
fn settings(brokers: &str, port: u16) -> Vec<String> {
    let settings = [
        format!("kafka.brokers={brokers}"),
        "kafka.create_topics=false".into(),
        format!("http.listen=127.0.0.1:{port}"),
        "instance=watched".into(),
        // The embedded broker does not show what a transaction commits.
        "delivery=at-least-once".into(),
    ];
    settings
        .into_iter()
        .flat_map(|setting| ["--set".to_owned(), setting])
        .collect()
}

fn sluice(arguments: &[&str], settings: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .args(arguments)
        .args(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Start a Prometheus that scrapes the stage twice a second; `None` after saying that there is none.
fn prometheus(dir: &Path, stage: u16, port: u16) -> Option<Running> {
    let config = format!(
        "global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}\nrule_files: [{}]\nscrape_configs:\n  - job_name: sluice\n    \
         static_configs: [{{targets: [\"127.0.0.1:{stage}\"]}}]\n",
        observability().join("alerts.yml").display()
    );
    let path = dir.join("prometheus.yml");
    std::fs::write(&path, config).unwrap();
    let started = Command::new("prometheus")
        .arg(format!("--config.file={}", path.display()))
        .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        Ok(child) => Some(Running(child)),
        Err(error) => {
            let is_required = std::env::var("SLUICE_REQUIRE_TOOLS").is_ok();
            assert!(!is_required, "prometheus is required here: {error}");
            // Written past the test's capture, so that it shows.
            let line = format!("skipped: needs prometheus ({error})\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

/// An answer of Prometheus; `None` while it does not answer.
fn ask(port: u16, path: &str, query: &str) -> Option<serde_json::Value> {
    let request = ureq::get(format!("http://127.0.0.1:{port}/api/v1/{path}")).query("query", query);
    let text = request.call().ok()?.body_mut().read_to_string().ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether there is an answer with a number in it.
fn has_data(port: u16, query: &str) -> bool {
    let Some(answer) = ask(port, "query", query) else {
        return false;
    };
    let result = answer["data"]["result"].as_array().cloned().unwrap_or_default();
    let is_number = |sample: &serde_json::Value| sample["value"][1].as_str().is_some_and(|value| value != "NaN");
    result.iter().any(is_number)
}

#[test]
fn no_question_of_the_dashboard_or_the_alerts_is_without_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (stage_port, port) = (free_port(), free_port());
    let Some(_prometheus) = prometheus(dir.path(), stage_port, port) else {
        return;
    };
    let cluster: MockCluster<'static, _> = MockCluster::new(1).unwrap();
    for topic in [
        "raw-articles",
        "enriched-articles",
        "duplicate-articles",
        "dead-letters",
    ] {
        cluster.create_topic(topic, 2, 1).unwrap();
    }
    cluster.create_topic("sluice-memory", 1, 1).unwrap();
    let settings = settings(&cluster.bootstrap_servers(), stage_port);
    let _stage = Running(sluice(&["run"], &settings).spawn().unwrap());

    let mut open = [queries_of_the_dashboard(), selectors_of_the_alerts()].concat();
    // This stage shares no store of claims.
    open.retain(|query| !query.contains("sluice_store_"));
    assert!(open.len() > 40, "the queries were not found: {open:?}");
    let start = Instant::now();
    while !open.is_empty() {
        assert!(start.elapsed() < PATIENCE, "no answer to {open:#?}");
        assert!(sluice(&["sample", "publish"], &settings).status().unwrap().success());
        std::thread::sleep(Duration::from_secs(1));
        open.retain(|query| !has_data(port, query));
    }

    let rules = ask(port, "rules", "").unwrap();
    let rules = rules["data"]["groups"][0]["rules"].as_array().unwrap().clone();
    assert!(rules.len() > 8, "{rules:?}");
    for rule in &rules {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
    let firing = rules.iter().filter(|rule| rule["state"] == "firing").count();
    assert_eq!(firing, 0, "a stage that works wakes nobody: {rules:?}");
}
