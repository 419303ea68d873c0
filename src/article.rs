//! What travels through the stage: record → raw article → clean article → tagged article.
//!
//! In: nothing. Out: the types that the rooms hand to each other. Always: plain data, no I/O, no clock.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::places::Places;

/// The place a record came from, and the identity the memory knows it by.
///
/// `position` counts the articles within one record (0 where a record holds a single article, as nearly all do).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    pub topic: Arc<str>,
    pub partition: i32,
    pub offset: i64,
    pub position: u32,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.topic, self.partition, self.offset)?;
        if self.position > 0 {
            write!(f, "#{}", self.position)
        } else {
            Ok(())
        }
    }
}

/// One header of a record: name and raw value (`None` for a header whose value is null).
pub type Header = (String, Option<Vec<u8>>);

/// Stands for all headers of a record where one has a name that is not UTF-8: such a record becomes a dead letter.
pub const UNREADABLE_HEADERS: &str = "sluice.unreadable-headers";

/// A record as it was read: nothing interpreted.
#[derive(Debug, Clone)]
pub struct Record {
    pub origin: Origin,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
    /// Record time in milliseconds since the epoch; `None` where the producer gave none.
    pub timestamp_ms: Option<i64>,
}

/// The part of a raw article that holds its text, in the form the scraper gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Body {
    /// A page or a piece of one, already decoded to UTF-8.
    Html(String),
    /// Text as scraped, perhaps with the page's furniture still in it.
    Text(String),
    /// Markdown as some crawlers write it.
    Markdown(String),
    /// No body at all: a title and a link (some feeds).
    #[default]
    None,
}

impl Record {
    /// Bytes of the key and the headers, which each article of the record carries.
    pub fn bytes_beside_value(&self) -> usize {
        let length = |bytes: Option<&Vec<u8>>| bytes.map_or(0, Vec::len);
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + length(value.as_ref())).sum();
        length(self.key.as_ref()) + headers
    }
}

/// An article as the scraper described it. Every field is what the record said, trimmed; "nothing" is `None`.
#[derive(Debug, Clone, Default)]
pub struct RawArticle {
    pub id: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub body: Body,
    /// Where the bytes of the body stood in the string that the record holds.
    pub places: Places,
    /// What stands for the body where that is a page which shows nothing: its text, as the scraper read it.
    pub instead: Body,
    /// RFC 3339, or `YYYY-MM-DD` where only the day is known.
    pub published_at: Option<String>,
    pub fetched_at: Option<String>,
    /// When the article was last changed, in the forms of `published_at`.
    pub modified_at: Option<String>,
    /// The URL that the article says is its own, where that is another field than `url`.
    pub canonical_url: Option<String>,
    /// The outlet's name, or its host where the record names no more.
    pub site: Option<String>,
    /// ISO 639-1 where it is known to be one.
    pub language: Option<String>,
    pub authors: Vec<String>,
    /// Fields that no preset knows, passed through untouched.
    pub extra: Map<String, Value>,
    /// The name of the preset that read the record.
    pub preset: &'static str,
}

/// A span of the input that the cleaning took away. Offsets are bytes of the input body (UTF-8), end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Removed {
    /// Why, as a stable word: `navigation`, `share`, `related`, `repeated`, …
    pub reason: &'static str,
    pub start: usize,
    pub end: usize,
}

/// Why a record could not be read: the content of a dead letter's headers.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Reject {
    /// Where it failed: `decode`, `clean`, `fingerprint`, `tag`, `encode`, `produce`.
    pub step: &'static str,
    /// A stable code, such as `not-json`, `null-value`, `too-large`, `panic`.
    pub code: &'static str,
    /// What, on which place, with the numbers.
    pub message: String,
    /// What its dead letter does without, since the brokers do not take it whole.
    pub left_out: LeftOut,
    /// Its dead letter is without the record's time, which the brokers may not have taken.
    pub is_without_time: bool,
}

impl std::fmt::Debug for Reject {
    /// With what is left out where anything is: `tests/versions.rs` goes by this form.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Reject");
        shown.field("step", &self.step).field("code", &self.code);
        shown.field("message", &self.message);
        if self.left_out > LeftOut::Nothing {
            shown.field("left_out", &self.left_out);
        }
        if self.is_without_time {
            shown.field("is_without_time", &true);
        }
        shown.finish()
    }
}

/// What of its record a dead letter does not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    #[default]
    Nothing,
    Value,
    /// The value, the key and the record's own headers.
    All,
}

impl Reject {
    /// The brokers refuse what was made of the record, for other reasons than its size.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            is_without_time: true,
            ..Self::new("produce", "refused", message)
        }
    }

    /// The brokers take nothing as large as what was made of the record.
    pub fn too_large_to_produce(bytes: usize, left_out: LeftOut) -> Self {
        Self {
            left_out,
            ..Self::new(
                "produce",
                "too-large",
                format!("{bytes} bytes, and the brokers take fewer"),
            )
        }
    }

    /// The same where there was another reason before: what the brokers refuse then is the dead letter of that, and the reason stays.
    #[must_use]
    pub fn after(self, first: Self) -> Self {
        Self {
            left_out: self.left_out.max(first.left_out),
            is_without_time: self.is_without_time || first.is_without_time,
            ..first
        }
    }

    pub fn new(step: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            step,
            code,
            message: message.into(),
            left_out: LeftOut::Nothing,
            is_without_time: false,
        }
    }
}
