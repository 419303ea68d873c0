//! `sluice diff` on files, as a user sees it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

/// Enrich three articles and a broken line; `settings` are options of the stage.
fn enrich(directory: &Path, name: &str, settings: &[&str]) -> String {
    let input = directory.join("input.jsonl");
    let text = |n: u32| {
        format!("The harbour of number {n} reported {n}{n} ships, and nobody said where they went on that day.")
    };
    let line = |n: u32, text: String| serde_json::json!({ "id": format!("a{n}"), "text": text }).to_string();
    let trade =
        "The ministry raised its import tariffs on steel, and the customs duty on exports follows in a trade war.";
    let lines = [
        line(1, text(1)),
        line(2, trade.into()),
        "{ broken".into(),
        line(3, text(1)),
    ];
    std::fs::write(&input, lines.join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    for setting in settings.iter().chain(&["log.level=off"]) {
        command.args(["--set", setting]);
    }
    let output = command.arg("enrich").arg(&input).output().unwrap();
    assert!(output.status.success());
    let path = directory.join(name);
    std::fs::write(&path, output.stdout).unwrap();
    path.to_str().unwrap().to_owned()
}

fn diff(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluice"))
        .arg("diff")
        .args(arguments)
        .output()
        .unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn two_runs_over_the_same_input_differ_in_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let a = enrich(directory.path(), "a.jsonl", &[]);
    let b = enrich(directory.path(), "b.jsonl", &["workers=1", "batch.records_max=1"]);
    let output = diff(&[&a, &b, "--json", "--threshold", "0"]);
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    assert_eq!((&report["compared"], &report["same"]), (&4.into(), &4.into()));
}

#[test]
fn what_changed_is_told_by_kind_and_a_threshold_ends_with_status_4() {
    let directory = tempfile::tempdir().unwrap();
    let a = enrich(directory.path(), "a.jsonl", &[]);
    let b = enrich(
        directory.path(),
        "b.jsonl",
        &["tags.enabled=false", "dedupe.enabled=false"],
    );
    let output = diff(&[&a, &b, "--json", "--threshold", "text=0", "--threshold", "verdict=10%"]);
    assert_eq!(output.status.code(), Some(4));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("more than 10 % changed (verdict)"), "{words}");
    let report = json(&output);
    let count = |kind: &str| report["kinds"][kind]["count"].as_u64().unwrap();
    assert_eq!((count("text"), count("verdict"), count("tags")), (0, 1, 1));
    assert_eq!(report["tags"][0]["lost"], 1);
    let text = diff(&[&a, &b]);
    assert_eq!(
        text.status.code(),
        Some(0),
        "without a threshold a change is no failure"
    );
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("4 articles compared") && text.contains("`a3`"), "{text}");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let a = enrich(directory.path(), "a.jsonl", &[]);
    let check = |b: &str, status: i32, expected: &str| {
        let output = diff(&[&a, b]);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words}");
        assert!(words.contains(expected), "{words}");
    };
    check("missing.jsonl", 2, "could not read `missing.jsonl`");
    let raw = directory.path().join("input.jsonl");
    check(raw.to_str().unwrap(), 1, "line 1");
    let empty = directory.path().join("empty.jsonl");
    std::fs::write(&empty, "\n").unwrap();
    check(empty.to_str().unwrap(), 1, "B is empty");
    let output = diff(&[&a, &a, "--threshold", "many"]);
    assert_eq!(output.status.code(), Some(2));
}
