//! The versions in an output's provenance are what `sluice replay --only-changed` goes by, so a step's version must change with its output.
//!
//! `tests/versions.txt` holds, for each step, its version and a hash of what it gives for the samples. Where the hash is another and the version
//! is not, the version was forgotten. Where the version is another, the file is rewritten, and the test fails once, so that it is committed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use sluice::article::{Body, Origin, Record};
use sluice::clean::{self, Hints, Page};
use sluice::decode::{self, Options};
use sluice::dedupe::{self, Document};
use sluice::language;
use sluice::pipeline::Versions;
use sluice::tag::taxonomy::Taxonomy;
use sluice::tag::{Tagger, Text};

/// A sample: the fields before its line `---`, and its body.
struct Sample {
    fields: Vec<(String, String)>,
    body: String,
}

impl Sample {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    fn form(&self) -> &str {
        self.field("form").unwrap_or_default()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> Vec<Sample> {
    let files = std::fs::read_dir(root().join("samples")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let (front, body) = text.split_once("---\n").unwrap();
        let fields = front.lines().filter_map(|line| line.split_once(": "));
        Sample {
            fields: fields.map(|(name, value)| (name.into(), value.into())).collect(),
            body: body.into(),
        }
    };
    paths.into_iter().map(read).collect()
}

/// Values in forms that no sample has.
const VALUES: [&str; 10] = [
    r#"{"id":"e","articles":[{"title":"One","content":"A text."},{"title":"Two"},7],"status":"ok"}"#,
    r#"{"payload":{"after":{"id":5,"headline":"A line","body":"<p>One</p><p>Two</p>","published":"3 March 2026"}}}"#,
    r#"[{"id":"f","text":"In a list."}]"#,
    r#"{"@type":"NewsArticle","headline":"H","articleBody":"B.","author":[{"name":"Ada Quill"}],"datePublished":"2026-03-02T05:00:00+02:00"}"#,
    r#"{"data":{"markdown":"A heading\n\nA text.","metadata":{"title":"T","sourceURL":"https://post.example/x"}}}"#,
    r#"{"title":{"rendered":"T"},"content":{"rendered":"<p>P</p>"},"date_gmt":"2026-03-02T05:00:00","link":"https://post.example/y"}"#,
    r#"{"id":"g","title":" ","text":null,"language":"German","authors":"Ada Quill, Ben Ink","tags":["own"],"score":0.5}"#,
    r#"{"html":"PHA+T25lPC9wPg==","url":"https://post.example/z","published_at":1772431200}"#,
    "<html><head><title>T</title></head><body><p>A page that is no JSON.</p></body></html>",
    "",
];

fn record(value: Vec<u8>) -> Record {
    Record {
        origin: Origin {
            topic: "raw".into(),
            partition: 0,
            offset: 0,
            position: 0,
        },
        key: None,
        value: Some(value),
        headers: vec![("content-type".into(), Some(b"application/json".to_vec()))],
        timestamp_ms: Some(1_772_431_200_000),
    }
}

/// What the reading gives, and what it takes over from a page.
fn decoded(samples: &[Sample]) -> String {
    let value = |sample: &Sample| {
        if sample.form() == "raw" {
            return sample.body.clone();
        }
        let fields = sample
            .fields
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()));
        let mut fields: serde_json::Map<String, serde_json::Value> = fields.collect();
        fields.insert(sample.form().into(), sample.body.as_str().into());
        serde_json::Value::Object(fields).to_string()
    };
    let values = samples.iter().map(value).chain(VALUES.map(str::to_owned));
    let page = || Page {
        title: Some("A page's title".into()),
        authors: vec!["Ada Quill".into()],
        published_at: Some("2026-03-02".into()),
        site: Some("The Post".into()),
        language: Some("en".into()),
        ..Page::default()
    };
    let mut told = String::new();
    for value in values {
        match decode::decode(&record(value.into_bytes()), &Options::default()) {
            Err(reject) => writeln!(told, "{reject:?}").unwrap(),
            Ok(articles) => {
                for article in articles {
                    writeln!(told, "{article:?}").unwrap();
                    let Ok(mut raw) = article else { continue };
                    decode::merge(&mut raw, &mut page());
                    writeln!(told, "{raw:?}").unwrap();
                }
            }
        }
    }
    told
}

/// What becomes known of a cleaned body outside the process.
#[derive(Debug)]
#[expect(dead_code, reason = "told by its debug form")]
struct Cleaned {
    text: String,
    removed: Vec<sluice::article::Removed>,
    page: Page,
}

impl Cleaned {
    fn of(cleaned: clean::Cleaned) -> Self {
        Self {
            text: cleaned.text,
            removed: cleaned.removed,
            page: cleaned.page,
        }
    }
}

/// What the cleaning was fitted to: a sample may come out the same by other weights, and a body elsewhere does not.
const WEIGHTS: [&str; 5] = [
    "html/first.bin",
    "html/second.bin",
    "text/weights.bin",
    "text/first_trees.bin",
    "text/other_trees.bin",
];

/// What the cleaning gives for each body, and the language that is found in it; and its weights.
fn cleaned(samples: &[Sample]) -> String {
    let mut told = String::new();
    for file in WEIGHTS {
        let bytes = std::fs::read(root().join("src/clean").join(file)).unwrap();
        writeln!(told, "{file} {:016x}", xxhash_rust::xxh3::xxh3_64(&bytes)).unwrap();
    }
    for sample in samples {
        let body = match sample.form() {
            "html" => Body::Html(sample.body.clone()),
            "markdown" => Body::Markdown(sample.body.clone()),
            _ => Body::Text(sample.body.clone()),
        };
        let hints = Hints {
            url: sample.field("url"),
            title: sample.field("title"),
            language: sample.field("language"),
            fetched_at: None,
        };
        let cleaned = Cleaned::of(clean::clean(&body, &hints));
        let found = language::detect(&cleaned.text, hints.language);
        writeln!(told, "{cleaned:?} {found:?}").unwrap();
    }
    told
}

fn fingerprints(samples: &[Sample]) -> String {
    let one = |sample: &Sample| {
        let document = Document {
            id: sample.field("id"),
            url: sample.field("url"),
            site: sample.field("site"),
            title: sample.field("title"),
            text: &sample.body,
        };
        format!("{:?}\n", dedupe::fingerprint(&document).to_bytes())
    };
    samples.iter().map(one).collect()
}

/// A taxonomy of the test's own: a shipped one changes the version by itself.
const TAXONOMY: &str = r#"
name = "measured"
[[concept]]
name = "trade"
en = ["tariffs", "trade", "export controls"]
de = ["Zölle", "Handel"]
zh = ["关税"]
[[concept]]
name = "places"
any = ["Iran", "China"]
"#;

fn tagger() -> Tagger {
    Tagger::new(vec![Taxonomy::parse("measured.toml", TAXONOMY).unwrap()])
}

fn tagged(samples: &[Sample]) -> String {
    let tagger = tagger();
    let one = |sample: &Sample| {
        let tagging = tagger.tag(&Text {
            title: sample.field("title"),
            body: &sample.body,
            language: sample.field("language"),
        });
        let evidence = tagging.tags.iter().flat_map(|tag| &tag.evidence);
        let evidence: Vec<String> = evidence
            .map(|e| format!("{} {} {}", e.phrase, e.start, e.zone))
            .collect();
        // The last digits of an exponential are the machine's.
        let scores: Vec<String> = tagging.scores.iter().map(|(tag, p)| format!("{tag} {p:.3}")).collect();
        format!("{scores:?} {evidence:?}\n")
    };
    samples.iter().map(one).collect()
}

#[test]
fn a_step_whose_output_changes_changes_its_version() {
    let samples = samples();
    let hash = |told: String| format!("{:016x}", xxhash_rust::xxh3::xxh3_64(told.as_bytes()));
    let tagger = tagger();
    let steps = [
        (
            "decode",
            decode::VERSION,
            hash(decoded(&samples)),
            "VERSION in src/decode/mod.rs",
        ),
        (
            "clean",
            clean::VERSION,
            hash(cleaned(&samples)),
            "VERSION in src/clean/mod.rs",
        ),
        (
            "fingerprint",
            dedupe::PARAMETERS,
            hash(fingerprints(&samples)),
            "PARAMETERS in src/dedupe/mod.rs",
        ),
        (
            "taxonomy",
            tagger.version(),
            hash(tagged(&samples)),
            "VERSION in src/tag/mod.rs",
        ),
    ];
    let path = root().join("tests/versions.txt");
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let now = steps.iter().fold(String::new(), |text, (step, version, hash, _)| {
        format!("{text}{step} {version} {hash}\n")
    });
    let known = |step: &str, version: &str| {
        let found = before
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{step} {version} ")));
        found.map(str::to_owned)
    };
    for (step, version, hash, place) in &steps {
        let same = known(step, version).is_none_or(|known| known == *hash);
        assert!(
            same,
            "what `{step}` gives for the samples has changed, and its version has not: raise {place}"
        );
    }
    if now != before {
        std::fs::write(&path, now).unwrap();
        panic!("`tests/versions.txt` was behind the code and has been rewritten: look at the difference and commit it");
    }
}

#[test]
fn the_provenance_names_these_versions() {
    let steps = sluice::pipeline::Steps {
        decode: Options::default(),
        clean: true,
        sites: false,
        tags: true,
    };
    let pipeline = sluice::pipeline::Pipeline::new(steps, tagger());
    let Versions {
        decode,
        clean,
        fingerprint,
        taxonomy,
        ..
    } = pipeline.versions();
    let found = [decode, clean, fingerprint, taxonomy];
    let with_sites = clean::VERSION_WITH_SITES.split_once('+').map(|(version, _)| version);
    assert_eq!(with_sites, Some(clean::VERSION), "the two are raised together");
    let tagger = tagger();
    assert_eq!(
        found,
        [decode::VERSION, clean::VERSION, dedupe::PARAMETERS, tagger.version()]
    );
    let forced = Options {
        preset: Some("item".into()),
        ..Options::default()
    };
    assert_ne!(
        forced.version(),
        decode::VERSION,
        "an option that changes what is read changes the version"
    );
}
