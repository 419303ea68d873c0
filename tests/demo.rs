//! The README's first command, as a user runs it: the fates are what the samples' files expect, and the totals add up.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

use std::process::Command;

use serde_json::Value;

fn demo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sluice")).arg("demo").args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_sample_meets_the_fate_that_its_file_expects() {
    let shown: Value = serde_json::from_str(&demo(&["--json"])).unwrap();
    for article in shown["articles"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let fate = match article["fate"].as_str().unwrap() {
            "enriched" => "unique".to_owned(),
            "duplicate" => format!("duplicate of {}", text(&article["duplicate_of"][0])),
            "dead-letter" => format!("dead letter {}", text(&article["reason"][0])),
            other => other.to_owned(),
        };
        assert_eq!(fate, text(&article["expected"]), "{}", article["name"]);
        let expected = article["expected_tags"].as_array().unwrap();
        let tags: Vec<&Value> = article["tags"].as_array().unwrap().iter().map(|tag| &tag[0]).collect();
        if article["fate"] == "enriched" {
            assert_eq!(tags, expected.iter().collect::<Vec<_>>(), "{}", article["name"]);
        }
    }
    let totals = &shown["totals"];
    let count = |name: &str| totals[name].as_u64().unwrap();
    assert_eq!(count("published"), count("enriched") + count("duplicates") + count("dead_letters"));
    assert!(count("published") >= 25);
}

#[test]
fn in_a_pipe_the_table_is_plain_text_and_says_what_the_broker_cannot_show() {
    let shown = demo(&[]);
    assert!(!shown.contains('\u{1b}'), "escape codes in a pipe");
    assert!(shown.contains("published = "));
    assert!(shown.contains("no transactions"));
}
