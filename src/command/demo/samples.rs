//! The sample articles: files under `samples/`, compiled in.
//!
//! A file begins with lines `name: value` up to a line `---`; the body follows. `expect` says what should become of the article,
//! `form` is `html`, `text`, `markdown` or `raw` (the value as it is), `tags` the tags, `partition` keeps an article with those it belongs to. All other
//! names are fields of the record.

use serde_json::{Map, Value};

/// Record time of the first sample, 2026-03-02 06:00 UTC; each further one comes a minute later.
pub(in crate::command) const FIRST_MS: i64 = 1_772_431_200_000;

/// One record to publish.
#[derive(Debug)]
pub(in crate::command) struct Sample {
    /// The record's key, and the article's id where it has one.
    pub(in crate::command) name: String,
    /// The record's value; `None` is Kafka's null.
    pub(in crate::command) value: Option<Vec<u8>>,
    pub(in crate::command) partition: i32,
    /// `unique`, `duplicate of NAME`, or `dead letter CODE`.
    pub(in crate::command) expect: String,
    /// The tags it should be given.
    pub(in crate::command) tags: Vec<String>,
    /// Characters of the body.
    pub(in crate::command) chars: usize,
}

/// Every sample in the order of publication.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../samples/", $name)))),+]
    };
}

/// Read all samples, with two that are made on the fly: a null, and one that is too large.
pub(in crate::command) fn all() -> Result<Vec<Sample>, String> {
    let files = files![
        "magnets.html",
        "magnets-syndicated.txt",
        "magnets-trimmed.txt",
        "tariff-twice.txt",
        "tariff-edited.txt",
        "ceasefire.html",
        "ceasefire-other-report.txt",
        "timber.html",
        "fire.txt",
        "weather-north.txt",
        "weather-south.txt",
        "results-orbis.txt",
        "results-lumen.txt",
        "match-rovers.txt",
        "match-mariners.txt",
        "choir.txt",
        "choir-again.txt",
        "earthquake.txt",
        "transfer.txt",
        "seltene-erden.txt",
        "traite.txt",
        "acuerdo.txt",
        "kanal.txt",
        "xitu.txt",
        "toshokan.txt",
        "porto.txt",
        "kino.txt",
        "marsad.txt",
        "pustakalay.txt",
        "fire-update.txt",
        "ferry.md",
        "news-please.json",
        "trafilatura.json",
        "cloudevent.json",
        "broken.json",
        "empty.json",
        "numbers.json",
        "number.json",
    ];
    let mut samples = files
        .iter()
        .map(|(name, text)| parse(name, text))
        .collect::<Result<Vec<_>, _>>()?;
    let made = |name: &str, value: Option<String>, expect: &str| Sample {
        name: name.into(),
        chars: value.as_ref().map_or(0, |v| v.chars().count()),
        value: value.map(String::into_bytes),
        partition: 0,
        expect: expect.into(),
        tags: Vec::new(),
    };
    samples.push(made("null-value", None, "dead letter null-value"));
    let huge = format!(
        "{{\"id\":\"huge\",\"text\":\"{}\"}}",
        "A line of a log that is no article. ".repeat(10_000)
    );
    samples.push(made("huge", Some(huge), "dead letter too-large"));
    Ok(samples)
}

fn parse(file: &str, text: &str) -> Result<Sample, String> {
    let wrong = |what: &str| format!("the sample `{file}` {what}");
    let (front, body) = text.split_once("---\n").ok_or_else(|| wrong("has no line `---`"))?;
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name).to_owned();
    let (mut fields, mut expect, mut form, mut partition) = (Map::new(), String::new(), String::new(), 0);
    let mut tags = Vec::new();
    fields.insert("id".into(), Value::String(name.clone()));
    for line in front.lines() {
        let (field, value) = line
            .split_once(": ")
            .ok_or_else(|| wrong(&format!("has a line without a colon: {line}")))?;
        match field {
            "expect" => value.clone_into(&mut expect),
            "form" => value.clone_into(&mut form),
            "tags" => tags = value.split(", ").map(str::to_owned).collect(),
            "partition" => partition = value.parse().map_err(|_| wrong("has a partition that is no number"))?,
            field => {
                fields.insert(field.into(), Value::String(value.into()));
            }
        }
    }
    let value = if form == "raw" {
        body.trim_end().to_owned()
    } else {
        fields.insert(form, Value::String(body.into()));
        Value::Object(fields).to_string()
    };
    let (chars, value) = (body.chars().count(), Some(value.into_bytes()));
    Ok(Sample {
        name,
        value,
        partition,
        expect,
        tags,
        chars,
    })
}
