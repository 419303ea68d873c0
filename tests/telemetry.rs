//! What the stage says of itself: the numbers add up, and what dashboard and alerts ask for is there.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::float_cmp,
    reason = "a test fails by panicking; counts are whole numbers"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use sluice::command::run::run;
use sluice::config::{Config, Delivery, Store};
use sluice::kafka::source::Until;
use sluice::telemetry::Metrics;

const STORY: &str = "The ministry signed a trade agreement on Tuesday that lowers the import tariffs on rare earths, and the \
                     sanctions on magnets of neodymium end with it, its spokeswoman said after a week of talks in the capital.";

/// What `/metrics` shows after the real stage has worked on a few records, on an embedded broker.
async fn shown() -> String {
    let cluster = MockCluster::new(1).unwrap();
    let mut config = Config::default();
    config.kafka.brokers = cluster.bootstrap_servers();
    config.kafka.create_topics = false;
    config.instance = "telemetry-test".into();
    config.http.listen = String::new();
    // The embedded broker does not show what a transaction commits, and a run to the end would wait for it.
    config.delivery = Delivery::AtLeastOnce;
    for topic in [
        &config.input.topic,
        &config.output.topic,
        &config.output.duplicates_topic,
        &config.output.dead_letters_topic,
        &config.dedupe.memory_topic,
    ] {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &config.kafka.brokers)
        .create()
        .unwrap();
    let article = |id: &str, text: &str| serde_json::json!({ "id": id, "text": text }).to_string();
    let choir =
        "The choir sang on the market square until the rain came, and the baker gave away what was left of his bread.";
    for value in [
        article("a", STORY),
        article("b", STORY),
        article("c", choir),
        "{".to_owned(),
        format!(
            "[{},{}]",
            article("d", &STORY.replace("Tuesday", "Friday night")),
            article("e", "")
        ),
    ] {
        let record: BaseRecord<'_, str, str> = BaseRecord::to(&config.input.topic).payload(&value);
        producer.send(record).unwrap();
    }
    producer.flush(Duration::from_secs(10)).unwrap();
    let metrics = Arc::new(Metrics::new());
    run(&config, Until::End, Arc::clone(&metrics)).await.unwrap();
    // What the client's statistics and a rebalance tell comes on a timer of seconds: told here, so that the test need not wait.
    metrics.ends(0, 0, 5, true);
    metrics.assigned(&BTreeSet::from([0]));
    metrics.render()
}

/// What is shown besides where instances share a store of claims.
fn of_the_store() -> BTreeMap<(String, String), f64> {
    let metrics = Metrics::new();
    let mut config = Config::default();
    config.dedupe.store = Store::Valkey;
    metrics.configured(&config);
    let mut samples = samples(&metrics.render());
    samples.retain(|(name, _), _| name.starts_with("sluice_store_"));
    samples
}

/// (name, labels as written) → value.
fn samples(text: &str) -> BTreeMap<(String, String), f64> {
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        (
            (name.to_owned(), labels.trim_end_matches('}').to_owned()),
            value.parse().unwrap(),
        )
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

fn sum(samples: &BTreeMap<(String, String), f64>, name: &str, label: &str) -> f64 {
    samples
        .iter()
        .filter(|((n, labels), _)| n == name && labels.contains(label))
        .map(|(_, value)| value)
        .sum()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn observability() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/observability")
}

/// Every word in an expression that is a metric's name.
fn names(expression: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = expression.split(|c| !is_part(c));
    words
        .filter(|w| w.starts_with("sluice_") || w.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

fn dashboard_expressions() -> Vec<String> {
    let text = read(&observability().join("grafana/dashboards/sluice.json"));
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

fn alert_expressions() -> Vec<String> {
    let text = read(&observability().join("alerts.yml"));
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_add_up_and_every_name_that_is_asked_for_is_there() {
    let text = shown().await;
    let samples = samples(&text);

    let fates = sum(&samples, "sluice_records_total", "");
    assert_eq!(sum(&samples, "sluice_records_consumed_total", ""), 5.0, "{text}");
    assert_eq!(fates, 6.0, "an array of two articles has two fates: {text}");
    assert_eq!(fates, sum(&samples, "sluice_articles_consumed_total", ""));
    let dead = sum(&samples, "sluice_records_total", "fate=\"dead-letter\"");
    assert_eq!(dead, sum(&samples, "sluice_dead_letters_total", ""), "{text}");
    assert_eq!(
        sum(&samples, "sluice_dead_letters_total", "reason=\"not-json\""),
        1.0,
        "{text}"
    );
    let readable = fates - dead;
    assert_eq!(readable, sum(&samples, "sluice_presets_total", ""));
    assert_eq!(
        sum(&samples, "sluice_records_total", "fate=\"duplicate\""),
        sum(&samples, "sluice_duplicates_total", "")
    );
    assert!(
        sum(&samples, "sluice_duplicates_total", "kind=\"exact\"") >= 1.0,
        "{text}"
    );
    assert!(sum(&samples, "sluice_tags_total", "tag=\"trade\"") >= 1.0, "{text}");
    assert!(sum(&samples, "sluice_untagged_total", "") >= 1.0, "{text}");
    assert_eq!(sum(&samples, "sluice_inflight_records", ""), 0.0, "all is committed");
    assert!(sum(&samples, "sluice_commits_total", "result=\"committed\"") >= 1.0);
    assert!(sum(&samples, "sluice_memory_used_bytes", "part=\"index\"") > 0.0);
    assert_eq!(sum(&samples, "sluice_memory_budget_bytes", ""), f64::from(512 << 20));

    let of_the_store = of_the_store();
    let exported: BTreeSet<&String> = samples
        .keys()
        .chain(of_the_store.keys())
        .map(|(name, _)| name)
        .collect();
    let (dashboard, alerts) = (dashboard_expressions(), alert_expressions());
    assert!(
        dashboard.len() > 20 && alerts.len() > 8,
        "the expressions were not found"
    );
    for expression in dashboard.iter().chain(&alerts) {
        for name in names(expression) {
            assert!(
                exported.contains(&name),
                "`{name}` of `{expression}` is not exported:\n{text}"
            );
        }
    }
}

/// Debian's package `prometheus` has promtool.
#[test]
fn the_alert_rules_pass_their_tests() {
    let ran = Command::new("promtool")
        .args(["test", "rules", "alerts.test.yml"])
        .current_dir(observability())
        .output();
    match ran {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => {
            assert!(
                std::env::var("SLUICE_REQUIRE_TOOLS").is_err(),
                "promtool is required here: {error}"
            );
            // Written past the test's capture, so that it shows.
            let line = format!("skipped: needs promtool ({error})\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
        }
    }
}

#[test]
fn every_metric_has_a_help_text() {
    let text = Metrics::new().render();
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let families: Vec<&str> = families.map(|rest| rest.split(' ').next().unwrap()).collect();
    assert!(families.len() > 20, "{text}");
    for family in families {
        let help = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("# HELP {family} ")));
        assert!(help.is_some_and(|help| help.len() > 10), "`{family}` has no help text");
    }
}
