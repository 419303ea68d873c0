//! TLS, SCRAM and access rights against a real Kafka with an authorizer: `.ci/secured-kafka.sh` starts one and runs this.
//!
//! Needs `KAFKA_SECURED_BROKERS`, `KAFKA_SECURED_CA`, `KAFKA_ADMIN_BROKERS` (a listener of the same cluster where all is allowed),
//! `SASL_USER` and `SASL_PASSWORD`, with the rights of docs/configure.md for the topics' default names and the group `sluice`. Without
//! them the test says that it was skipped; with `SLUICE_REQUIRE_KAFKA=1` that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::io::Write;
use std::path::Path;
use std::process::Command;

fn variable(name: &str) -> Option<String> {
    let found = std::env::var(name).ok().filter(|value| !value.is_empty());
    if found.is_none() {
        assert!(
            std::env::var("SLUICE_REQUIRE_KAFKA").is_err(),
            "{name} is not set, and a secured Kafka is required here"
        );
    }
    found
}

/// Run the program with all options of the secured listener but `other`; its status, and all that it said.
fn sluice(arguments: &[&str], secured: &[String], other: &[String]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(arguments);
    for setting in secured.iter().chain(other) {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn secret(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, format!("{text}\n")).unwrap();
    format!("kafka.properties.sasl.password_file={}", path.display())
}

#[test]
fn tls_scram_and_the_listed_rights_are_enough_and_what_is_wrong_is_named() {
    let names = [
        "KAFKA_SECURED_BROKERS",
        "KAFKA_SECURED_CA",
        "KAFKA_ADMIN_BROKERS",
        "SASL_USER",
        "SASL_PASSWORD",
    ];
    let Some(values) = names.iter().map(|name| variable(name)).collect::<Option<Vec<_>>>() else {
        // Written past the test's capture, so that it shows.
        std::io::stderr()
            .write_all(b"skipped: needs a secured Kafka, and KAFKA_SECURED_BROKERS is not set\n")
            .unwrap();
        return;
    };
    let [brokers, ca, admin, user, password] = values.try_into().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let admin = [format!("kafka.brokers={admin}")];
    assert_eq!(sluice(&["topics", "create"], &admin, &[]).0, Some(0));
    assert_eq!(sluice(&["sample", "publish"], &admin, &[]).0, Some(0));

    let secured = |ca: &str, password: String| {
        vec![
            format!("kafka.brokers={brokers}"),
            "kafka.create_topics=false".into(),
            "kafka.properties.security.protocol=SASL_SSL".into(),
            "kafka.properties.sasl.mechanism=SCRAM-SHA-512".into(),
            format!("kafka.properties.sasl.username={user}"),
            format!("kafka.properties.ssl.ca.location={ca}"),
            password,
            "http.listen=".into(),
            "instance=secured".into(),
        ]
    };
    let right = secured(&ca, secret(dir.path(), "right", &password));
    // Twice: the second run reads a memory that holds something.
    for _ in 0..2 {
        let (status, said) = sluice(&["run", "--until-end"], &right, &[]);
        assert_eq!(status, Some(0), "{said}");
        let (status, said) = sluice(&["config", "check", "--connect"], &right, &[]);
        assert_eq!(status, Some(0), "{said}");
        assert_eq!(sluice(&["sample", "publish"], &admin, &[]).0, Some(0));
    }

    let start = ["run", "--until-end"];
    let refused = |settings: &[String], other: &[&str], words: &[&str]| {
        let other: Vec<String> = other.iter().map(|o| (*o).to_owned()).collect();
        let (status, said) = sluice(&start, settings, &other);
        assert_eq!(status, Some(3), "{other:?}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{words:?} in: {said}");
        assert!(!said.contains(&password), "the password was shown");
    };
    let wrong = secured(&ca, secret(dir.path(), "wrong", "let-me-in"));
    refused(&wrong, &[], &["uthentication", "sasl.username"]);
    let system = ["kafka.properties.ssl.ca.location=probe"];
    refused(&right, &system, &["certificate", "ssl.ca.location"]);
    refused(
        &right,
        &["kafka.group=strangers"],
        &["roup authorization failed", "`kafka.group`"],
    );
    refused(&right, &["input.topic=strangers"], &["`strangers`"]);
}
