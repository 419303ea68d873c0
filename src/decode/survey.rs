//! What many records look like: for `sluice inputs detect`.
//!
//! In: records, one by one. Out: counts by preset with what was found of each role, by reason of refusal, and by field that no preset
//! knows, each with its first example. Always: bounded, whatever the records hold.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Options, decode, fields, preset, text};
use crate::article::{Body, Origin, RawArticle, Record, Reject};

/// Names of unknown fields that are kept; records whose keys are data would fill any memory.
const NAMES_MAX: usize = 1_000;

/// The sums over some records.
#[derive(Debug, Default, Serialize)]
pub struct Survey {
    /// Records seen.
    pub records: u64,
    /// Articles that were read out of them: a record may hold several.
    pub articles: u64,
    /// By the preset's name.
    pub presets: BTreeMap<&'static str, Found>,
    /// By `step/code`.
    pub refused: BTreeMap<String, Example>,
    /// Fields at the top of an article that no preset knows, by name: they pass through.
    pub unknown_fields: BTreeMap<String, Example>,
}

/// What was found of each role in the articles of one preset.
#[derive(Debug, Default, Serialize)]
pub struct Found {
    pub articles: u64,
    pub url: u64,
    pub title: u64,
    pub html: u64,
    pub markdown: u64,
    pub text: u64,
    pub published_at: u64,
    pub language: u64,
    pub authors: u64,
    pub site: u64,
    /// The first record that was read by it.
    pub example: String,
}

/// A count with its first example.
#[derive(Debug, Default, Serialize)]
pub struct Example {
    pub count: u64,
    /// The record that it stands in.
    pub record: String,
    /// The reason of a refusal, or the value of a field, shortened.
    pub example: String,
}

impl Survey {
    /// Read one more record as the stage would.
    pub fn add(&mut self, record: &Record, options: &Options) {
        self.records += 1;
        match decode(record, options) {
            Err(reject) => self.refuse(&record.origin, &reject),
            Ok(articles) => {
                for article in articles {
                    match article {
                        Ok(article) => self.count(&record.origin, article),
                        Err(reject) => self.refuse(&record.origin, &reject),
                    }
                }
            }
        }
    }

    fn refuse(&mut self, origin: &Origin, reject: &Reject) {
        let reason = format!("{}/{}", reject.step, reject.code);
        self.refused
            .entry(reason)
            .or_default()
            .add(origin, || reject.message.clone());
    }

    fn count(&mut self, origin: &Origin, article: RawArticle) {
        self.articles += 1;
        self.presets.entry(article.preset).or_default().add(origin, &article);
        for (name, value) in &article.extra {
            let is_counted = self.unknown_fields.contains_key(name) || self.unknown_fields.len() < NAMES_MAX;
            if is_counted && !preset::knows(name) {
                let known = self.unknown_fields.entry(name.clone()).or_default();
                known.add(origin, || shown(value));
            }
        }
    }
}

impl Found {
    fn add(&mut self, origin: &Origin, article: &RawArticle) {
        if self.articles == 0 {
            self.example = origin.to_string();
        }
        self.articles += 1;
        self.url += u64::from(article.url.is_some());
        self.title += u64::from(article.title.is_some());
        self.html += u64::from(matches!(article.body, Body::Html(_)));
        self.markdown += u64::from(matches!(article.body, Body::Markdown(_)));
        self.text += u64::from(matches!(article.body, Body::Text(_)));
        self.published_at += u64::from(article.published_at.is_some());
        self.language += u64::from(article.language.is_some());
        self.authors += u64::from(!article.authors.is_empty());
        self.site += u64::from(article.site.is_some());
    }
}

impl Example {
    /// Count one more. The first example stays, unless it says nothing.
    fn add(&mut self, origin: &Origin, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.example.is_empty() {
            self.record = origin.to_string();
            self.example = example();
        }
    }
}

/// A value in a message; empty where it says nothing.
fn shown(value: &Value) -> String {
    match value {
        value if fields::is_empty(value) => String::new(),
        Value::String(text) => text::shortened(text),
        other => text::shortened(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tests;

    fn record(value: &str) -> Record {
        tests::record(value.as_bytes(), &[], None)
    }

    #[test]
    fn records_are_counted_by_preset_reason_and_unknown_field() {
        let mut survey = Survey::default();
        let options = Options::default();
        for value in [
            r#"{"text": "Words.", "title": "T", "shelf": null}"#,
            r#"{"text": "Words.", "url": "https://example.org/a", "shelf": "B4"}"#,
            r#"{"maintext": "Words.", "source_domain": "example.org"}"#,
            r#"{"text": 7}"#,
            "{",
        ] {
            survey.add(&record(value), &options);
        }
        assert_eq!((survey.records, survey.articles), (5, 3));
        let own = &survey.presets["sluice"];
        assert_eq!((own.articles, own.title, own.url, own.text, own.html), (2, 1, 1, 2, 0));
        assert_eq!(survey.presets["news_please"].site, 1);
        assert_eq!(survey.refused["decode/wrong-type"].count, 1);
        assert_eq!(survey.refused["decode/not-json"].count, 1);
        let shelf = &survey.unknown_fields["shelf"];
        assert_eq!((shelf.count, shelf.example.as_str()), (2, "B4"));
        assert_eq!(survey.unknown_fields.len(), 1);
    }

    #[test]
    fn bounded_in_the_names_that_it_keeps() {
        let mut survey = Survey::default();
        for i in 0..NAMES_MAX + 10 {
            survey.add(
                &record(&format!(r#"{{"text": "Words.", "key{i}": 1}}"#)),
                &Options::default(),
            );
        }
        assert_eq!(survey.unknown_fields.len(), NAMES_MAX);
    }
}
