//! The judgement on one article, and its words.

use super::Fingerprint;
use super::judge::Features;
use crate::article::Origin;

/// How an article stands to those seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing like it was seen before.
    Unique,
    /// The same words in the same order.
    Exact,
    /// The same story, in other words or another length.
    Near,
}

impl Kind {
    /// The kind's name, as in the output, metrics and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Exact => "exact",
            Self::Near => "near",
        }
    }
}

/// The judgement on one article.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Unique, exact or near.
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
    /// Its id, as its own record gave it.
    pub id: String,
    /// Where it was read.
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
    if features.containment() >= 0.85 && shorter <= 0.85 * longer && new.length < known.length {
        return "trimmed";
    }
    if other_site && features.containment() >= 0.85 {
        "syndicated"
    } else {
        "edited"
    }
}

/// Score of the same words: above all that the trees give.
const SAME_WORDS: f32 = 1e6;
/// Tokens from which on the same words are the same story. Shorter ones ("dividend unchanged") are said of many.
const SPEAKS_FOR_ITSELF: u32 = 20;
/// The same for an article that is no more than a title.
const TITLE_SPEAKS: u32 = 5;
/// Shared part of the shorter title from which on two titles agree: one that names another firm does not.
const TITLES_AGREE: f32 = 0.8;
/// Tokens below which the same words may be what a site says in the place of articles.
pub(super) const STUB_MAX: u32 = 120;

/// Whether two articles are one story: positive for yes. What the keys besides the text say, and else what the pair shows; of two without
/// words, their place alone.
pub(super) fn score(new: &Fingerprint, known: &Fingerprint, pair: &Features) -> f32 {
    let same = |a: u64, b: u64| a != 0 && a == b;
    let same_place = same(new.url, known.url) || (same(new.id, known.id) && new.site == known.site);
    if new.title_only != known.title_only {
        return -1.0;
    }
    if new.exact == known.exact {
        let long_enough = new.length
            >= if new.title_only {
                TITLE_SPEAKS
            } else {
                SPEAKS_FOR_ITSELF
            };
        let untitled = new.title.is_empty() || known.title.is_empty();
        let titles_agree = !new.title_only && (untitled || pair.title[0] >= TITLES_AGREE);
        // What a site says in the place of its articles ("To read on, subscribe ...") is no story.
        let is_stub = new.length < STUB_MAX
            && same(new.site.into(), known.site.into())
            && new.url != 0
            && known.url != 0
            && !(new.title_only || untitled || pair.title[0] > 0.0);
        return if same_place || (long_enough && !is_stub) || titles_agree {
            SAME_WORDS + pair.title[0]
        } else {
            -1.0
        };
    }
    if new.title_only {
        return -1.0;
    }
    // One address with a changed text is an update while half of the text still stands.
    if same_place && pair.containment() >= 0.5 {
        return pair.score().max(pair.containment());
    }
    pair.score()
}
