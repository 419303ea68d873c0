//! Files of labelled or clean articles.
//!
//! In: files in any of the forms that `sluice enrich` reads, whose records are articles or lists of them. Out: [`Article`]s, in order.
//! Always: a title is judged as the stage judges it, without the outlet's name; what is no article is told with its line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::command::CommandError;
use crate::command::records::read_records;
use crate::config::{Config, Size};
use crate::headline::headline;
use crate::language;
use crate::tag::Text;

/// An article as a line holds it.
#[derive(Debug, Deserialize)]
pub(super) struct Article {
    /// Text, or a number.
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default, deserialize_with = "text_or_null")]
    text: String,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    site: Option<Value>,
    #[serde(default)]
    url: Option<Value>,
    /// Tag → whether it must be given.
    #[serde(default)]
    labels: Option<BTreeMap<String, Option<Label>>>,
    /// Names, or objects with a `name`.
    #[serde(default)]
    tags: Option<Vec<Name>>,
    /// In the place of an article that could not be read.
    #[serde(default)]
    error: Option<Value>,
    /// Where it begins, from 1.
    #[serde(skip)]
    line: i64,
}

/// `true`, or a number above 0.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
struct Label(bool);

impl TryFrom<Value> for Label {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::Bool(is) => Ok(Self(is)),
            Value::Number(n) => Ok(Self(n.as_f64().is_some_and(|n| n > 0.0))),
            _ => Err("a label is true, false or a number"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Name {
    Plain(String),
    Object { name: String },
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Plain(name) | Self::Object { name } => name,
        }
    }
}

impl Article {
    pub(super) fn text(&self) -> Text<'_> {
        let (site, url) = (text_of(self.site.as_ref()), text_of(self.url.as_ref()));
        Text {
            title: self.title.as_deref().map(|title| headline(title, site, url)),
            body: &self.text,
            language: self.language.as_deref(),
        }
    }

    /// Its id, or its place in the file.
    pub(super) fn name(&self, file: &Path) -> String {
        match &self.id {
            Some(Value::String(id)) => id.clone(),
            Some(id) if !id.is_null() => id.to_string(),
            _ => format!("{}:{}", file.display(), self.line),
        }
    }

    /// Whether it is what `sluice enrich` writes of a record that it could not read.
    pub(super) fn is_error(&self) -> bool {
        self.text.is_empty() && self.error.as_ref().is_some_and(Value::is_object)
    }

    /// Whether the article must have the tag; `None` where nobody has said.
    pub(super) fn label(&self, tag: &str) -> Option<bool> {
        if let Some(labels) = &self.labels {
            let named = labels.iter().find(|(name, _)| is_same_tag(name, tag));
            return named.and_then(|(_, label)| label.as_ref()).map(|Label(is)| *is);
        }
        let tags = self.tags.as_ref()?;
        Some(tags.iter().any(|name| is_same_tag(name.text(), tag)))
    }

    /// The tags that somebody has spoken of.
    fn labelled(&self) -> impl Iterator<Item = &str> {
        let of_labels = self.labels.iter().flat_map(BTreeMap::keys).map(String::as_str);
        let of_tags = self.tags.iter().flatten().map(Name::text);
        of_labels.chain(of_tags)
    }
}

fn text_of(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// `rare_earths` and `rare-earths` are one tag.
fn is_same_tag(a: &str, b: &str) -> bool {
    a.replace('_', "-") == b.replace('_', "-")
}

fn text_or_null<'de, D: serde::Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(value)?.unwrap_or_default())
}

/// That no article speaks of the tag, and of which they do; `None` where one does.
pub(super) fn never_labelled(articles: &[Article], tag: &str) -> Option<String> {
    const NAMES_MAX: usize = 10;
    let names: BTreeSet<&str> = articles.iter().flat_map(Article::labelled).collect();
    if names.iter().any(|name| is_same_tag(name, tag)) {
        return None;
    }
    let shown: Vec<String> = names.iter().take(NAMES_MAX).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    Some(match (shown.len(), more) {
        (0, _) => "no article has a label\nhint: give each `labels` or `tags`".to_owned(),
        (_, 0) => format!("no article has a label for `{tag}`, only for {}", shown.join(", ")),
        _ => format!(
            "no article has a label for `{tag}`, only for {} and {more} others",
            shown.join(", ")
        ),
    })
}

/// The largest record, such as a list of all articles: all of a file is held in memory anyway.
const RECORD_BYTES_MAX: u64 = 1 << 30;

/// All articles of a file.
pub(super) fn read_articles(config: &Config, path: &Path) -> Result<Vec<Article>, CommandError> {
    let mut config = config.clone();
    config.input.value_bytes_max = Size(RECORD_BYTES_MAX);
    let mut articles = Vec::new();
    for record in read_records(&config, path)? {
        let record = record?;
        let begins = record.origin.offset + 1;
        let wrong = |line: i64, why: &str| {
            let shown = path.display();
            CommandError::Usage(format!(
                "could not read `{shown}`: line {line} is no article: {why}\nhint: an article is a JSON object with `text`, such as \
                 `sluice enrich` writes of pages and raw records"
            ))
        };
        let value = record.value.unwrap_or_default();
        let json = value.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&value);
        let read = serde_json::from_slice(json).map_err(|e| {
            let line = begins + i64::try_from(e.line()).unwrap_or(1).max(1) - 1;
            wrong(line, &without_line(&e))
        })?;
        let all = match read {
            Value::Array(list) => list,
            one => vec![one],
        };
        for one in all {
            let mut article: Article = serde_json::from_value(one).map_err(|e| wrong(begins, &e.to_string()))?;
            article.language = language::detect(&article.text, article.language.as_deref());
            article.line = begins;
            articles.push(article);
        }
    }
    Ok(articles)
}

/// What is wrong with JSON, and in which column: its line is one of the record, and not of the file.
fn without_line(e: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", e.line(), e.column());
    let whole = e.to_string();
    let why = whole.strip_suffix(&place).unwrap_or(&whole);
    format!("{why} at column {}", e.column())
}
