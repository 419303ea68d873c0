//! What is written from the code: the README's table of options, `deploy/sluice.toml`, `deploy/output.schema.json`; and the page of metrics, which
//! is held to what is exported. A file that is behind is rewritten, and the test fails once, so that the change is seen and committed.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use sluice::command;
use sluice::config::Config;
use sluice::counts::Counts;
use sluice::encode::encode;
use sluice::judge::{Fate, Judge};
use sluice::stage::Plan;
use sluice::telemetry::Metrics;

#[path = "common/record.rs"]
mod record;

use record::record;

fn keep(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found != expected {
        std::fs::write(&path, expected).unwrap();
        panic!(
            "`{}` was behind the code and has been rewritten: look at the difference and commit it",
            path.display()
        );
    }
}

#[test]
fn the_configuration_file_names_every_option() {
    let text = sluice::config::as_toml();
    keep("deploy/sluice.toml", &text);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sluice.toml");
    std::fs::write(&path, &text).unwrap();
    let config = sluice::config::Config::load(Some(&path), [], &[]).unwrap();
    assert_eq!(config, sluice::config::Config::default(), "the file holds the defaults");
}

#[test]
fn the_readme_names_every_option() {
    let (begin, end) = (
        "<!-- options: written by tests/docs.rs -->\n",
        "<!-- end of options -->",
    );
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (before, rest) = readme.split_once(begin).expect("the README has the table's first mark");
    let (_, after) = rest.split_once(end).expect("the README has the table's last mark");
    keep(
        "README.md",
        &format!("{before}{begin}{}{end}{after}", sluice::config::as_table()),
    );
}

/// A registry in which every family has a sample.
fn full_metrics() -> Metrics {
    let metrics = Metrics::new();
    metrics.configured(&Config::load(None, [], &["dedupe.store=valkey".into()]).unwrap());
    metrics.assigned(&BTreeSet::from([0]));
    metrics.begins(0, Some(5));
    metrics.ends(0, 0, 10, true);
    metrics.lost(0, 1);
    metrics.committed(&Plan {
        records: 1,
        bytes_in: 1,
        counts: Counts {
            duplicates: BTreeMap::from([(("exact", "same"), 1)]),
            dead_letters: BTreeMap::from([(("decode", "not-json"), 1)]),
            presets: BTreeMap::from([("plain", 1)]),
            tags: BTreeMap::from([("trade".into(), 1)]),
            ..Counts::default()
        },
        ..Plan::of_offsets(1, Vec::new())
    });
    metrics
}

/// The first cells of each metric's row: name, type, labels, and what the endpoint says of it.
fn rows(exported: &str) -> Vec<String> {
    let told = |word: &str| -> BTreeMap<&str, &str> {
        let lines = exported.lines().filter_map(|line| line.strip_prefix(word));
        lines.filter_map(|line| line.trim_start().split_once(' ')).collect()
    };
    let (types, units) = (told("# TYPE"), told("# UNIT"));
    let row = |(name, help): (&&str, &&str)| {
        let kind = types[name];
        let (suffix, of_sample) = match kind {
            "counter" => ("_total", "_total"),
            "info" => ("_info", "_info"),
            "histogram" => ("", "_bucket"),
            _ => ("", ""),
        };
        let sample = exported.lines().find(|line| {
            let rest = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(of_sample));
            rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        let labels = sample.and_then(|line| Some(line.split_once('{')?.1.rsplit_once('}')?.0));
        let labels: Vec<&str> = labels
            .into_iter()
            .flat_map(|labels| labels.split("\","))
            .filter_map(|label| label.split_once('=').map(|(name, _)| name))
            .filter(|name| *name != "le")
            .collect();
        let unit = units.get(name).map_or(String::new(), |unit| format!(", {unit}"));
        let help = help.trim_end_matches('.');
        format!("| `{name}{suffix}` | {kind}{unit} | {} | {help} |", labels.join(", "))
    };
    told("# HELP").iter().map(row).collect()
}

#[test]
fn the_page_of_metrics_names_every_metric_as_it_is_exported() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md")).unwrap();
    let expected = rows(&full_metrics().render());
    let missing: Vec<&String> = expected
        .iter()
        .filter(|row| !page.lines().any(|line| line.starts_with(row.as_str())))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/metrics.md lacks, as written here: {missing:#?}"
    );
    let gone: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter(|line| !expected.iter().any(|row| line.starts_with(row.as_str())))
        .collect();
    assert!(
        gone.is_empty(),
        "docs/metrics.md tells of what is not exported: {gone:#?}"
    );
}

#[test]
fn the_schema_of_the_output_is_checked_in() {
    let schema = serde_json::to_string_pretty(&sluice::encode::schema()).unwrap();
    keep("deploy/output.schema.json", &(schema + "\n"));
}

/// What of JSON Schema the output's schema uses. A word that is not known here fails, and so does a field that the schema does not name.
fn fits(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let is_of = |kind: &Value| match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the type `{other}` is not known here"),
    };
    for (word, says) in schema.as_object().unwrap() {
        let is_right = match word.as_str() {
            "type" => says
                .as_array()
                .map_or_else(|| is_of(says), |kinds| kinds.iter().any(is_of)),
            "const" => says == value,
            "minimum" => value.as_f64() >= says.as_f64(),
            "anyOf" | "oneOf" => {
                let fitting = says
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|one| fits(root, one, value).is_ok());
                fitting.count() == 1
            }
            "$ref" => {
                let place = says.as_str().unwrap().trim_start_matches('#');
                return fits(root, root.pointer(place).unwrap(), value);
            }
            "required" => {
                let missing = says
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|name| value.get(name.as_str().unwrap()).is_none());
                if let Some(name) = missing {
                    return Err(format!("there is no {name} in {value}"));
                }
                true
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    fits(root, says, item)?;
                }
                true
            }
            "properties" | "additionalProperties" | "$defs" | "$schema" | "title" | "description" | "format" => true,
            other => panic!("the word `{other}` is not known here"),
        };
        if !is_right {
            return Err(format!("{value} is not of `{word}` {says}"));
        }
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Null) if schema.get("properties").is_none() => {}
            (Value::Null, Value::Null) => return Err(format!("`{name}` is not described")),
            (Value::Null, Value::Bool(true)) => {}
            (Value::Null, schema) | (schema, _) => fits(root, schema, value)?,
        }
    }
    Ok(())
}

/// The output records of the samples and of some articles more, by a live run and by a replay.
fn outputs() -> Vec<Value> {
    let config = Config::default();
    let pipeline = command::pipeline(&config).unwrap();
    let mut judge = Judge::new(command::rules(&config));
    let samples = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")).unwrap();
    let mut paths: Vec<_> = samples.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let body = |path: &Path| {
        if path.extension().unwrap() == "html" {
            "html"
        } else {
            "text"
        }
    };
    let samples = paths
        .iter()
        .map(|path| json!({body(path): std::fs::read_to_string(path).unwrap()}));
    let ferry = "The ferry to the island was late on Monday, since the harbour of Mora had no pilot until noon.";
    let more = json!([
        {"id": "1", "text": ferry, "duplicate": "a field of an output's name", "section": "Sea", "shelf": 4},
        [{"text": ferry}, {"text": "Another article, which is the second of its record and stands alone."}, {"text": ferry}],
        {"html": format!("<html><head><link rel=canonical href='https://example.org/a'></head><p>{ferry}</p></html>")},
        [{"text": "Of a list."}, {"text": "The choir of the night ferry rehearses every evening between the cars."}],
        {"text": "The choir of the night ferry rehearses every evening between the cars."},
        {"text": "…"},
    ]);
    let values = samples.chain(more.as_array().unwrap().clone());
    let mut outputs = Vec::new();
    for (offset, value) in (0..).zip(values) {
        let judged = judge.judge(offset as u64, pipeline.work(&record(offset, &value)));
        judge.committed(offset as u64);
        for fate in judged.into_iter().map(|judged| judged.fate) {
            let (Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict)) = fate else {
                continue;
            };
            for run in [None, Some("again")] {
                let output = encode(&article, &verdict, &pipeline.versions(), run);
                outputs.push(serde_json::from_slice(&output).unwrap());
            }
        }
    }
    outputs
}

#[test]
fn what_comes_out_is_as_its_schema_says() {
    let schema = sluice::encode::schema();
    let outputs = outputs();
    for output in &outputs {
        let fit = fits(&schema, &schema, output);
        assert_eq!(fit, Ok(()), "{output:#}");
    }
    for may_be_absent in [
        "/page",
        "/page/rights",
        "/page/canonical_url",
        "/tag_phrases",
        "/duplicate/relation",
        "/duplicate/of/position",
        "/provenance/position",
        "/provenance/articles",
        "/provenance/run",
        "/input",
    ] {
        let (parent, _) = may_be_absent.rsplit_once('/').unwrap();
        let with = |place| {
            outputs
                .iter()
                .filter(|output| output.pointer(place).is_some_and(|found| !found.is_null()))
                .count()
        };
        assert!(with(may_be_absent) > 0, "no output has `{may_be_absent}`");
        assert!(with(may_be_absent) < with(parent), "all outputs have `{may_be_absent}`");
    }
    let mut wrong = outputs[0].clone();
    wrong["provenance"]["offset"] = "1".into();
    assert!(fits(&schema, &schema, &wrong).is_err());
    wrong["provenance"].as_object_mut().unwrap().remove("offset");
    assert!(fits(&schema, &schema, &wrong).is_err());
}

#[test]
fn the_tag_of_the_documentation_holds_its_examples() {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tags.md")).unwrap();
    let (_, rest) = docs
        .split_once("cat > taxonomies/ferries.toml <<'END'\n")
        .expect("the example begins");
    let (file, _) = rest.split_once("END\n").expect("the example ends");
    let taxonomy = sluice::tag::taxonomy::Taxonomy::parse("docs/tags.md", file).unwrap();
    assert_eq!(taxonomy.all_examples().count(), 3);
    assert_eq!(taxonomy.test(), []);
}
