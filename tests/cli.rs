//! The commands around the stage, as a user runs them: what they print, and with which status they end.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Output};

fn sluice(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    // Only what the test sets.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SLUICE_")) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

fn ended(command: &mut Command, status: i32) -> (String, String) {
    let Output {
        status: found,
        stdout,
        stderr,
    } = command.output().unwrap();
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(found.code(), Some(status), "{command:?}\n{out}\n{err}");
    (out, err)
}

#[test]
fn an_output_that_does_not_fit_is_no_success() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: this system has no /dev/full");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let article = directory.path().join("one.jsonl");
    std::fs::write(&article, r#"{"id":"1","text":"Ferries are late."}"#).unwrap();
    let article = article.to_str().unwrap();
    for arguments in [
        vec!["explain", article],
        vec!["enrich", article],
        vec!["tags", "show"],
        vec!["man"],
        vec!["completions", "bash"],
    ] {
        let (_, err) = ended(sluice(&arguments).stdout(full.try_clone().unwrap()), 1);
        assert!(err.contains("could not write the output"), "{arguments:?}: {err}");
    }
}

#[test]
fn the_example_of_the_readme_is_what_comes_out() {
    let readme = include_str!("../README.md");
    let block = |mark: &str| {
        let (_, behind) = readme.split_once(mark).unwrap();
        let (_, json) = behind.split_once("```json").unwrap();
        serde_json::from_str::<serde_json::Value>(json.split_once("```").unwrap().0).unwrap()
    };
    let directory = tempfile::tempdir().unwrap();
    let article = directory.path().join("one.jsonl");
    std::fs::write(&article, block("<!-- example: what goes in -->").to_string()).unwrap();
    let (out, _) = ended(&mut sluice(&["enrich", article.to_str().unwrap()]), 0);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    for (field, value) in block("<!-- example: what comes out -->").as_object().unwrap() {
        assert_eq!(&found[field], value, "{field}");
    }
    assert_eq!(found["tags"][0]["name"], "trade");
    let evidence = &found["tags"][0]["evidence"];
    assert_eq!(
        (&evidence[0]["phrase"], &evidence[1]["phrase"]),
        (&"tariff".into(), &"imported".into())
    );
}

#[test]
fn the_version_names_the_revision_and_what_is_linked_in() {
    let (out, _) = ended(&mut sluice(&["--version"]), 0);
    assert!(
        out.starts_with(concat!("sluice ", env!("CARGO_PKG_VERSION"), "\n")),
        "{out}"
    );
    assert!(out.contains("\nrevision: ") && out.contains("\nlibrdkafka: "), "{out}");
    let features = out.lines().find_map(|line| line.strip_prefix("features: ")).unwrap();
    assert!(
        ["ssl", "sasl_scram", "zstd"].iter().all(|f| features.contains(f)),
        "{features}"
    );
    assert_eq!(ended(&mut sluice(&["-V"]), 0).0.lines().count(), 1);
}

#[test]
fn completions_and_man_pages_know_the_subcommands_without_a_configuration() {
    let nowhere = ["--config", "/nowhere/sluice.toml"];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (out, _) = ended(sluice(&["completions", shell]).args(nowhere), 0);
        assert!(out.contains("enrich") && out.contains("until-end"), "{shell}");
    }
    let (page, _) = ended(sluice(&["man"]).args(nowhere), 0);
    assert!(
        page.contains(".TH sluice 1") && page.contains("sluice\\-run(1)"),
        "{page}"
    );
    let (page, _) = ended(&mut sluice(&["man", "run"]), 0);
    assert!(page.contains("\\-\\-until\\-end"), "{page}");
    let (_, said) = ended(&mut sluice(&["man", "runn"]), 2);
    assert!(said.contains("`runn`"), "{said}");
}

#[test]
fn enrich_fails_on_a_line_with_error_where_that_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let (good, bad) = (directory.path().join("good.jsonl"), directory.path().join("bad.jsonl"));
    std::fs::write(&good, "{\"id\":\"1\",\"text\":\"Ferries are late.\"}\n").unwrap();
    std::fs::write(&bad, "{\"id\":1\n{\"id\":\"1\",\"text\":\"Ferries are late.\"}\n").unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    ended(&mut sluice(&["enrich", "--fail-on-error", good]), 0);
    let (as_ever, _) = ended(&mut sluice(&["enrich", bad]), 0);
    let (out, said) = ended(&mut sluice(&["enrich", "--fail-on-error", bad]), 1);
    assert_eq!(out, as_ever);
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(said.contains("lines with `error` in the output: 1"), "{said}");
}

#[test]
fn config_show_tells_one_winner_for_a_setting_in_two_forms() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sluice.toml");
    std::fs::write(&file, "[kafka.properties]\n\"queue.buffering.max.ms\" = 900\n").unwrap();
    let mut command = sluice(&["config", "show", "--changed"]);
    command.env("SLUICE_CONFIG", &file);
    command.env("SLUICE_KAFKA__PROPERTIES__QUEUE__BUFFERING__MAX__MS", "1000");
    for _ in 0..8 {
        let (out, _) = ended(&mut command, 0);
        assert_eq!(
            out,
            "kafka.properties.\"linger.ms\" = \"1000\"  # environment SLUICE_KAFKA__PROPERTIES__QUEUE__BUFFERING__MAX__MS\n"
        );
    }
}

#[test]
fn config_show_tells_origins_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let (file, password) = (dir.path().join("sluice.toml"), dir.path().join("password"));
    std::fs::write(
        &file,
        "workers = 2\n[kafka.properties]\n\"ssl.key.password\" = \"hunter2\"\n",
    )
    .unwrap();
    std::fs::write(&password, "hunter3\n").unwrap();
    let mut command = sluice(&["config", "show", "--changed", "--set", "batch.records_max=10"]);
    command
        .env("SLUICE_CONFIG", &file)
        .env("SLUICE_KAFKA__PROPERTIES__SASL__PASSWORD_FILE", &password);
    let (out, err) = ended(&mut command, 0);
    assert!(!out.contains("hunter") && !err.contains("hunter"), "{out}{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    let has = |start: &str, end: &str| lines.iter().any(|l| l.starts_with(start) && l.ends_with(end));
    assert!(has("workers = 2 ", &format!("# file {}", file.display())), "{out}");
    assert!(has("batch.records_max = 10 ", "# --set"), "{out}");
    assert!(
        has("kafka.properties.\"ssl.key.password\" = \"(secret)\"", "sluice.toml"),
        "{out}"
    );
    let variable = "# environment SLUICE_KAFKA__PROPERTIES__SASL__PASSWORD_FILE";
    assert!(has("kafka.properties.\"sasl.password_file\" = ", variable), "{out}");
    let (json, _) = ended(command.arg("--json"), 0);
    let all: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 4);
}

#[test]
fn config_check_says_what_is_wrong_and_what_is_unwise() {
    ended(&mut sluice(&["config", "check"]), 0);
    let (_, said) = ended(
        &mut sluice(&["config", "check", "--set", "kafka.properties.sasl.foo=1"]),
        2,
    );
    assert!(said.contains("sasl.foo"), "{said}");
    let mut misspelt = sluice(&["config", "check"]);
    let (out, _) = ended(misspelt.env("SLUICE_KAFKA_BROKERS", "kafka:9092"), 0);
    assert!(out.contains("SLUICE_KAFKA__BROKERS"), "{out}");
    let (_, said) = ended(misspelt.arg("--strict"), 2);
    assert!(said.contains("--strict"), "{said}");
}

#[test]
fn a_secret_under_a_wrong_name_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, file) = (folder.path().join("secret"), folder.path().join("sluice.toml"));
    std::fs::write(&secret, "hunter2\n").unwrap();
    let pasword_file = format!("kafka.properties.sasl.pasword_file={}", secret.display());
    for setting in [
        "kafka.properties.sasl.pasword=hunter2",
        "kafka.properties.SASL.PASSWORD=hunter2",
        "kafka.properties.sasl.jaas.config=hunter2",
        "kafka.properties.security.protocol=hunter2",
        "kafka.properties.socket.timeout.ms=hunter2",
        &pasword_file,
    ] {
        for command in [
            &["config", "check"][..],
            &["config", "show"],
            &["run"],
            &["topics", "create"],
            &["audit"],
        ] {
            let (out, said) = ended(sluice(command).args(["--set", setting]), 2);
            assert!(said.starts_with("sluice: `kafka.properties."), "{setting}: {said}");
            assert!(
                !said.contains("hunter2") && !out.contains("hunter2"),
                "{setting}: {out}{said}"
            );
        }
    }
    std::fs::write(&file, "[kafka.properties]\n\"sasl.pasword\" = \"hunter2\"\n").unwrap();
    let (_, said) = ended(sluice(&["run"]).env("SLUICE_CONFIG", &file), 2);
    assert!(said.contains("line 2: `kafka.properties.sasl.pasword`"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn an_empty_variable_is_one_that_is_not_set() {
    let (out, _) = ended(sluice(&["config", "show", "--changed"]).env("SLUICE_CONFIG", ""), 0);
    assert_eq!(out, "");
    let (_, said) = ended(&mut sluice(&["config", "show", "--config", ""]), 2);
    assert!(said.contains("--config"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_stops_nothing() {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    ended(sluice(&["config", "check"]).env("OTHER", odd), 0);
}

#[test]
fn what_may_pass_has_another_status_than_a_wrong_option_so_that_a_restart_is_worth_it() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let run = |settings: &[String], status: i32, expected: &str| {
        let mut command = sluice(&["run", "--set", "kafka.brokers=localhost:1", "--set", "http.listen="]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let (_, said) = ended(&mut command, status);
        assert!(said.contains(expected), "{said}");
    };
    let password = "kafka.properties.sasl.password_file";
    run(&[format!("{password}=/nowhere/password")], 3, password);
    run(&[format!("{password}={}", empty.path().display())], 3, "is empty");
    run(
        &[
            format!("{password}=/nowhere/password"),
            "kafka.properties.sasl.password=x".into(),
        ],
        2,
        "only one",
    );
    run(&["dedupe.valkey.url_file=/nowhere/url".into()], 3, "/nowhere/url");
    run(&["tags.folder=/nowhere/tags".into()], 3, "/nowhere/tags");
    run(
        &[format!("http.listen={}", taken.local_addr().unwrap())],
        3,
        "could not listen",
    );
    run(&["http.listen=8080".into()], 2, "`http.listen`");
    run(
        &["kafka.properties.socket.timeout.ms=soon".into()],
        2,
        "socket.timeout.ms",
    );
    let valkey = |url: &str| ["dedupe.store=valkey".into(), format!("dedupe.valkey.url={url}")];
    run(&valkey("redis://localhost:port/0"), 2, "`dedupe.valkey.url`");
    let folder = tempfile::tempdir().unwrap();
    for (config, status) in [(folder.path().join("sluice.toml"), 3), (folder.path().to_owned(), 2)] {
        let (_, said) = ended(sluice(&["run"]).env("SLUICE_CONFIG", &config), status);
        assert!(
            said.contains(&format!("`--config` is `{}`", config.display())),
            "{said}"
        );
    }
    let missing = "kafka.properties.ssl.ca.location=/nowhere/ca.pem";
    let (_, said) = ended(&mut sluice(&["config", "check", "--set", missing]), 3);
    assert!(said.contains("/nowhere/ca.pem"), "{said}");
}

#[test]
fn where_the_log_is_json_so_is_the_reason_of_an_end() {
    let (_, plain) = ended(&mut sluice(&["replay", "--from", "2026-11-24T06:00:00"]), 2);
    assert!(plain.starts_with("sluice: ") && plain.contains("\nhint: "), "{plain}");
    let json = ["--set", "log.format=json"];
    let (_, said) = ended(sluice(&["replay", "--from", "2026-11-24T06:00:00"]).args(json), 2);
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["level"], &last["status"]),
        (&"ERROR".into(), &2.into()),
        "{said}"
    );
    let (what, hint) = (last["message"].as_str().unwrap(), last["hint"].as_str().unwrap());
    assert_eq!(plain, format!("sluice: {what}\nhint: {hint}\n"));
    let silent = ["--set", "log.level=off"];
    let (_, said) = ended(
        sluice(&["replay", "--from", "2026-11-24T06:00:00"])
            .args(json)
            .args(silent),
        2,
    );
    assert_eq!(said, plain, "an end always tells why");
}

#[test]
fn a_replay_from_a_time_to_come_is_refused_before_anything_is_made() {
    let nobody = ["--set", "kafka.brokers=localhost:1"];
    let (_, said) = ended(sluice(&["replay", "--from", "2999-01-01"]).args(nobody), 2);
    assert!(said.contains("`--from 2999-01-01` is yet to come"), "{said}");
}

/// Feed standard input, and return what was printed.
fn fed(arguments: &[&str], input: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input.jsonl");
    std::fs::write(&file, input).unwrap();
    let mut command = sluice(arguments);
    ended(command.stdin(std::fs::File::open(&file).unwrap()), 0).0
}

#[test]
fn what_an_article_says_cannot_steer_the_terminal_whatever_prints_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ferry, ships) = (path("ferry.toml"), path("ships.toml"));
    let tag = "name = \"ferries\"\n[[concept]]\nname = \"boats\"\nweights = [9, 9, 9]\nen = [\"WORD\"]\n";
    std::fs::write(&ferry, tag.replace("WORD", "ferry")).unwrap();
    std::fs::write(&ships, tag.replace("WORD", "ship")).unwrap();
    let (articles, labels) = (path("articles.jsonl"), path("labels.jsonl"));
    let steering =
        r#"{"id": "\u001b[2J", "\u009b1m": "\u0007", "text": "The ferry \u001b[31m is late.", "language": "en"}"#;
    std::fs::write(&articles, steering).unwrap();
    std::fs::write(
        &labels,
        r#"{"text": "The ferry.", "labels": {"ferries": "\u001b[31m"}, "tags": "\u001b[2J"}"#,
    )
    .unwrap();
    for (arguments, status, expected) in [
        (vec!["explain", &articles], 0, "\\u{1b}[2J · read as"),
        (vec!["inputs", "detect", &articles], 0, "\\u{9b}1m"),
        (
            vec!["tags", "diff", &ferry, &ships, &articles],
            0,
            "\\u{1b}[2J loses `ferries`",
        ),
        (vec!["explain", &articles, "--compare", "\u{1b}[2J", "b"], 2, "`b`"),
        (
            vec!["explain", &articles, "--compare", "\u{1b}[2J", "\u{1b}[1m"],
            2,
            "\\u{1b}[1m",
        ),
        (vec!["tags", "score", &labels], 2, "line 1"),
    ] {
        let (out, err) = ended(&mut sluice(&arguments), status);
        let told = out + &err;
        assert!(told.contains(expected), "{arguments:?}: {told:?}");
        let steers = told.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        assert_eq!(steers, None, "{arguments:?}: {told:?}");
    }
}

#[test]
fn a_directory_is_no_file_whoever_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    for arguments in [
        vec!["enrich", folder],
        vec!["explain", folder],
        vec!["inputs", "detect", folder],
        vec!["tags", "score", folder],
        vec!["tags", "train", folder, "--tag", "ferries"],
        vec!["diff", folder, folder],
    ] {
        let (_, said) = ended(&mut sluice(&arguments), 2);
        assert!(
            said.contains(&format!("`{folder}`: it is a directory")),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn a_file_of_options_that_is_not_utf8_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("options.toml");
    std::fs::write(&file, b"[kafka]\nbrokers = \"\xff:1\"\n").unwrap();
    let (_, said) = ended(&mut sluice(&["config", "check", "--config", file.to_str().unwrap()]), 2);
    assert!(said.contains("line 2 is not UTF-8"), "{said}");
}

#[test]
fn a_value_of_another_kind_is_refused_and_not_bent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("options.toml");
    for (option, expected) in [
        ("workers = 2.7", "`workers` cannot be `2.7`: expected a whole number"),
        ("workers = true", "`workers` cannot be `true`: expected a whole number"),
        (
            "dedupe.enabled = 1",
            "`dedupe.enabled` cannot be `1`: expected true or false",
        ),
    ] {
        std::fs::write(&file, option).unwrap();
        let (_, said) = ended(&mut sluice(&["config", "check", "--config", file.to_str().unwrap()]), 2);
        assert!(said.contains(expected), "{option}: {said}");
    }
    std::fs::write(&file, "workers = 2\ndedupe.enabled = false\n").unwrap();
    ended(&mut sluice(&["config", "check", "--config", file.to_str().unwrap()]), 0);
}

#[test]
fn a_page_and_pretty_json_from_standard_input_are_one_article_and_not_one_a_line() {
    let page = "<!doctype html>\n<html><head><title>Old pier</title></head>\n<body><p>The old pier was closed on Monday.</p>\n\
        <p>The ferries leave from the northern quay until it is repaired.</p></body></html>\n";
    let pretty = "[\n  {\"title\": \"Old pier\",\n   \"text\": \"The old pier was closed.\"},\n  {\"text\": \"Ferries are late.\"}\n]\n";
    let objects = "{\n  \"text\": \"The old pier was closed.\"\n}\n{\n  \"text\": \"Ferries are late.\"\n}\n";
    for (input, articles) in [(page, 1), (pretty, 2), (objects, 2), ("{\"text\": \"Late.\"}\n", 1)] {
        let out = fed(&["enrich", "-"], input);
        assert_eq!(out.matches("\"tag_scores\"").count(), articles, "{input}{out}");
        assert_eq!(out.lines().count(), articles, "{input}{out}");
        let shown = fed(&["explain", "-"], input);
        assert_eq!(shown.matches("· read as").count(), articles, "{input}{shown}");
    }
    let parted = fed(&["enrich", "-"], "{\"text\": \"Late.\"}\n]\n}\n},\n");
    assert_eq!(parted.matches("\"not-json\"").count(), 3, "{parted}");
}

const RECORDS: &str = r#"
{"maintext": "Words.", "source_domain": "example.org", "title": "T", "url": "https://example.org/a", "shelf": "B4"}
{"payload": {"head": "T", "story": "Words of a shape of our own."}}
{"url": "https://example.org/b", "status_code": 404, "html": "<p>Not found</p>"}
"#;

#[test]
fn inputs_detect_counts_presets_refusals_and_unknown_fields() {
    let out = fed(&["inputs", "detect", "-"], RECORDS);
    let row = |name: &str| {
        out.lines()
            .find(|l| l.trim_start().starts_with(name))
            .unwrap_or_default()
    };
    assert!(out.starts_with("3 records, 1 articles\n"), "{out}");
    assert!(row("news_please").contains("100 %"), "{out}");
    assert!(row("decode/fetch-failed").contains("404"), "{out}");
    assert!(row("shelf").contains("B4"), "{out}");
    let mapped = [
        "--set",
        "input.fields.title=payload.head",
        "--set",
        "input.fields.body=nothing,payload.story",
    ];
    let json = fed(&[&["inputs", "detect", "-", "--json"], &mapped[..]].concat(), RECORDS);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["articles"], 2, "the mapping reads what no preset can");
    assert_eq!(json["presets"]["item"]["title"], 1);
    assert_eq!(json["refused"]["decode/fetch-failed"]["count"], 1);
}

#[test]
fn inputs_list_names_every_preset_and_what_detects_it() {
    let (out, _) = ended(&mut sluice(&["inputs", "list", "--json"]), 0);
    let listed: Vec<serde_json::Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let by_name = |name: &str| listed.iter().position(|p| p["name"] == name).unwrap();
    assert!(by_name("news_please") < by_name("item"), "the most specific first");
    assert!(
        listed
            .iter()
            .all(|p| p["detected_by"].as_str().is_some_and(|by| !by.is_empty()))
    );
    let (_, err) = ended(&mut sluice(&["inputs", "detect"]), 2);
    assert!(err.contains("FILES"), "{err}");
}

#[test]
fn bounded_a_start_that_cannot_fit_is_refused_with_the_sum_before_kafka_is_asked() {
    let budget = ["--set", "memory.budget=900000GB", "--set", "kafka.brokers=localhost:1"];
    let (_, said) = ended(sluice(&["run"]).args(budget), 2);
    assert!(
        said.contains("index 450000GB + ") && said.contains("hint: set at most "),
        "{said}"
    );
    let (out, _) = ended(&mut sluice(&["config", "show"]), 0);
    let budget = out.lines().find(|line| line.starts_with("memory.budget")).unwrap();
    assert!(
        budget.contains("MB") || budget.contains("GB"),
        "what `auto` came to: {budget}"
    );
}
