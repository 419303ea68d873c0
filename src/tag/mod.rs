//! Text → tags, with the phrases that decided.
//!
//! In: title, clean text, language. Out: [`Tagging`]. Always: pure; each tag has evidence; scores are calibrated probabilities.

mod matcher;
pub mod taxonomy;

use std::collections::BTreeMap;

use self::matcher::{Found, Matcher};
use self::taxonomy::Taxonomy;

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

/// Bytes of the body that count as its lead: about the first two paragraphs of a news story.
const LEAD_BYTES: usize = 500;

/// How much a phrase counts by where it stands: the title, the lead, the body.
const ZONES: [(&str, f32); 3] = [("title", 2.2), ("lead", 1.2), ("body", 0.55)];

/// Phrases named as evidence for a tag at most, the strongest first.
const EVIDENCE_MAX: usize = 8;

/// The taxonomies, each compiled into an automaton.
#[derive(Debug)]
pub struct Tagger {
    taxonomies: Vec<Taxonomy>,
    /// One for each taxonomy: a longer phrase of one tag must not hide a shorter one of another.
    matchers: Vec<Matcher>,
    version: String,
}

/// What was found of one phrase in one zone.
struct Hit {
    pattern: usize,
    zone: usize,
    count: u32,
    start: usize,
    end: usize,
}

impl Tagger {
    /// The three tags that ship with the stage.
    pub fn builtin() -> Self {
        let files = [
            ("trade.toml", include_str!("taxonomy/trade.toml")),
            ("rare-earths.toml", include_str!("taxonomy/rare-earths.toml")),
            ("geopolitics.toml", include_str!("taxonomy/geopolitics.toml")),
        ];
        let version = files.iter().fold(0, |seed, (_, text)| {
            xxhash_rust::xxh3::xxh3_64_with_seed(text.as_bytes(), seed)
        });
        let parse =
            |(file, text): (&str, &str)| Taxonomy::parse(file, text).expect("a test reads the shipped taxonomies");
        let taxonomies: Vec<_> = files.into_iter().map(parse).collect();
        Self {
            matchers: taxonomies.iter().map(Matcher::new).collect(),
            taxonomies,
            version: format!("{version:016x}"),
        }
    }

    /// Changes when the taxonomy does: part of the output's provenance.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Score every tag, and list those above their thresholds with the phrases that decided.
    pub fn tag(&self, text: &Text<'_>) -> Tagging {
        let title = text.title.unwrap_or_default();
        let body = without_headlines(text.body);
        let split = body.floor_char_boundary(LEAD_BYTES);
        let length = 1.0 + (1.0 + body.len() as f32 / 1_500.0).ln();
        let mut tagging = Tagging::default();
        for (taxonomy, matcher) in self.taxonomies.iter().zip(&self.matchers) {
            let hits = hits(matcher, title, body, split);
            let weighed = weigh(matcher, &hits);
            let sum: f32 = weighed.iter().map(|(_, weight)| weight).sum();
            let log_odds = taxonomy.bias + taxonomy.scale * sum / length.sqrt();
            let score = 1.0 / (1.0 + (-log_odds).exp());
            tagging.scores.insert(taxonomy.name.clone(), score);
            if score >= taxonomy.threshold {
                tagging.tags.push(Tag {
                    name: taxonomy.name.clone(),
                    score,
                    evidence: evidence(weighed, title, body),
                    iptc: taxonomy.iptc.clone(),
                });
            }
        }
        tagging
    }
}

/// Each phrase once for each zone it stands in, with the place it stands at first.
fn hits(matcher: &Matcher, title: &str, body: &str, split: usize) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut add =
        |found: &Found, zone: usize| match hits.iter_mut().find(|h| (h.pattern, h.zone) == (found.pattern, zone)) {
            Some(hit) => hit.count += 1,
            None => hits.push(Hit {
                pattern: found.pattern,
                zone,
                count: 1,
                start: found.start,
                end: found.end,
            }),
        };
    matcher.each(title, |found| add(&found, 0));
    matcher.each(body, |found| add(&found, if found.start < split { 1 } else { 2 }));
    hits
}

/// The hits that count for the tag, with their weights.
fn weigh<'a>(matcher: &Matcher, hits: &'a [Hit]) -> Vec<(&'a Hit, f32)> {
    let meant = |hit: &Hit| matcher.meaning(hit.pattern).filter(|m| m.weight != 0.0);
    let is_named = hits.iter().any(|hit| meant(hit).is_some_and(|m| !m.is_context));
    let weight = |hit: &'a Hit| {
        let meaning = meant(hit).filter(|m| is_named || !m.is_context)?;
        let (_, factor) = ZONES[hit.zone];
        let damped = (1.0 + hit.count as f32).ln();
        Some((hit, meaning.weight * factor * damped / std::f32::consts::LN_2))
    };
    hits.iter().filter_map(weight).collect()
}

/// The strongest of the phrases, as they stand in the article.
fn evidence(mut weighed: Vec<(&Hit, f32)>, title: &str, body: &str) -> Vec<Evidence> {
    weighed.sort_by(|(a, of_a), (b, of_b)| of_b.total_cmp(of_a).then(a.start.cmp(&b.start)));
    weighed.truncate(EVIDENCE_MAX);
    let named = |(hit, weight): (&Hit, f32)| {
        let text = if hit.zone == 0 { title } else { body };
        Evidence {
            phrase: text.get(hit.start..hit.end).unwrap_or_default().to_owned(),
            zone: ZONES[hit.zone].0,
            start: hit.start,
            end: hit.end,
            weight,
        }
    };
    weighed.into_iter().map(named).collect()
}

/// The text without a run of short lines at its end that close no sentence: headlines of other articles say nothing of this one.
fn without_headlines(text: &str) -> &str {
    let mut end = text.len();
    let mut kept_lines = 0;
    for line in text.rsplit('\n') {
        let is_sentence = line
            .trim_end()
            .ends_with(['.', '!', '?', '"', '”', '»', '。', '！', '？', '…', '।', ')']);
        if is_sentence || line.len() > 160 {
            kept_lines += 1;
            break;
        }
        end = end.saturating_sub(line.len() + 1);
    }
    // A text without a single sentence is judged as it is.
    if kept_lines == 0 {
        text
    } else {
        text.get(..end).unwrap_or(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(title: &str, body: &str) -> Vec<String> {
        let text = Text {
            title: Some(title),
            body,
            language: Some("en"),
        };
        Tagger::builtin().tag(&text).tags.into_iter().map(|t| t.name).collect()
    }

    fn check(title: &str, body: &str, expected: &[&str]) {
        assert_eq!(tags(title, body), expected, "{title}: {body}");
    }

    #[test]
    fn words_within_words_and_other_senses_are_no_evidence() {
        check(
            "Rovers trade winger for two defenders",
            "His trade union said the medical had been passed.",
            &[],
        );
        check(
            "A rare earthquake",
            "On Earth there is no ground that never moves, said the observatory.",
            &[],
        );
        check(
            "New headphones",
            "They come with neodymium drivers and a soft case.",
            &[],
        );
        check(
            "Gwyneth opens a shop",
            "Tradies and brand ambassadors came to the opening.",
            &[],
        );
    }

    #[test]
    fn articles_on_the_subject_get_the_tag_with_evidence() {
        let body = "Trade ministers agreed to lower tariffs on steel, ending a trade war that began two years ago.";
        let text = Text {
            title: Some("Tariffs to fall"),
            body,
            language: Some("en"),
        };
        let tagging = Tagger::builtin().tag(&text);
        let trade = tagging
            .tags
            .iter()
            .find(|t| t.name == "trade")
            .expect("it is about trade");
        assert!(
            trade
                .evidence
                .iter()
                .any(|e| e.phrase.starts_with("Tariff") && e.zone == "title")
        );
        assert_eq!(tagging.scores.len(), 3);
    }

    #[test]
    fn headlines_of_other_articles_at_the_end_change_nothing() {
        let body = "The choir rehearses on the night ferry.\nIt began eleven years ago.";
        let foreign = format!("{body}\nTariffs rise again as trade war deepens\nRare earths: new export controls");
        check("The choir", body, &[]);
        check("The choir", &foreign, &[]);
    }
}
