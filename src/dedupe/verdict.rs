//! The judgement on one article, and its words.

use super::Fingerprint;
use super::judge::Features;
use crate::article::Origin;

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

/// What a duplicate can be to its original, as a stable word.
pub(super) const RELATIONS: [&str; 5] = ["exact", "syndicated", "trimmed", "edited", "update"];

/// A near duplicate above this brings nothing by which later copies could be found that its original does not.
const SAME_ENOUGH: f32 = 0.85;

impl Verdict {
    /// Nothing like it was seen before.
    pub fn unique() -> Self {
        Self {
            kind: Kind::Unique,
            relation: None,
            of: None,
            similarity: 0.0,
        }
    }

    /// The relation that a stable word names; `None` for a word of another version.
    pub fn relation_named(word: &str) -> Option<&'static str> {
        RELATIONS.into_iter().find(|relation| *relation == word)
    }

    /// Whether the index keeps the article's fingerprint: for originals, and for duplicates that differ enough from theirs to find
    /// later copies by. The memory topic must hold the fingerprint with such a verdict.
    pub fn keeps_fingerprint(&self) -> bool {
        match self.kind {
            Kind::Unique => true,
            Kind::Exact => false,
            Kind::Near => self.similarity < SAME_ENOUGH,
        }
    }
}

/// How a near duplicate stands to its original.
pub(super) fn relation(new: &Fingerprint, known: &Fingerprint, features: &Features) -> &'static str {
    let same = |a: u64, b: u64| a != 0 && a == b;
    let other_site = new.site != 0 && known.site != 0 && new.site != known.site;
    let same_words = new.exact == known.exact;
    if same_words {
        return if other_site { "syndicated" } else { "exact" };
    }
    if same(new.url, known.url) || (same(new.id, known.id) && new.site == known.site) {
        return "update";
    }
    let [shorter, longer] = features.lengths;
    if features.containment() >= 0.85 && shorter <= 0.85 * longer {
        return "trimmed";
    }
    if other_site && features.containment() >= 0.85 {
        "syndicated"
    } else {
        "edited"
    }
}
