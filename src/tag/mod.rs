//! Text → tags, with the phrases that decided.
//!
//! In: title, clean text, language. Out: [`Tagging`]. Always: pure; each tag has evidence; scores are calibrated probabilities.

use std::collections::BTreeMap;

/// What is tagged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text<'a> {
    pub title: Option<&'a str>,
    /// Clean text, a paragraph a line.
    pub body: &'a str,
    /// ISO 639-1.
    pub language: Option<&'a str>,
}

/// A phrase that spoke for a tag. Offsets are bytes of the zone's text.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Evidence {
    /// The words as they stand in the article.
    pub phrase: String,
    /// `title`, `lead` or `body`.
    pub zone: &'static str,
    pub start: usize,
    pub end: usize,
    /// How much the phrase moved the score (log-odds).
    pub weight: f32,
}

/// A tag that an article was given.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Tag {
    pub name: String,
    /// Probability, 0 to 1.
    pub score: f32,
    pub evidence: Vec<Evidence>,
    /// The IPTC Media Topics code where one fits, such as `medtop:20000346`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iptc: Option<String>,
}

/// All that tagging says of an article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tagging {
    /// The tags above their thresholds, in the taxonomy's order.
    pub tags: Vec<Tag>,
    /// Tag name → probability, for every tag known.
    pub scores: BTreeMap<String, f32>,
}

/// A compiled taxonomy.
#[derive(Debug)]
pub struct Tagger {}

impl Tagger {
    /// The three tags that ship with the stage.
    pub fn builtin() -> Self {
        Self {}
    }

    /// Changes when the taxonomy does: part of the output's provenance.
    pub fn version(&self) -> &str {
        "none"
    }

    pub fn tag(&self, text: &Text<'_>) -> Tagging {
        let _ = text;
        Tagging::default()
    }
}
