//! Text → tags, with the phrases that decided.
//!
//! In: title, clean text, language. Out: [`Tagging`]. Always: pure; each tag given has evidence; a score is a probability. It was
//! calibrated on articles of which a third carry a tag: in a stream where a tag is rarer, fewer of those with a given score carry
//! it, and a higher `threshold` in the tag's file makes up for that.

mod captions;
mod composed;
mod matcher;
pub mod measure;
mod phrases;
mod regression;
mod score;
pub mod taxonomy;
pub mod train;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use smallvec::SmallVec;

use self::matcher::{Found, Matcher, Phrase};
pub use self::score::Counts;
use self::score::{Extent, Mention, ZONES};
use self::taxonomy::{Role, Taxonomy};

/// What is tagged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text<'a> {
    /// The headline: without the outlet's name.
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
    /// The IPTC Media Topics code where one fits, such as `medtop:20000373`.
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
    /// Which phrases were looked for.
    pub phrases_read: PhrasesRead,
}

/// Changes with each change of what the same taxonomies give for any text. `tests/versions.rs` fails where it was forgotten.
const VERSION: &str = "8";

/// Bytes of the body that count as its lead: about the first two paragraphs of a news story.
const LEAD_BYTES: usize = 500;

/// A longer first sentence stands for a title up to here.
const FIRST_SENTENCE_BYTES_MAX: usize = 240;

/// Bytes of the body that are read: what a longer one is about stands in them.
const BODY_BYTES_MAX: usize = 65_536;

/// Phrases named as evidence for a tag at most: those that weigh most, for it or against it.
const EVIDENCE_MAX: usize = 8;

/// The files of the tags that ship with the stage, by name.
pub const SHIPPED: [(&str, &str); 3] = [
    ("trade.toml", include_str!("taxonomy/trade.toml")),
    ("rare-earths.toml", include_str!("taxonomy/rare-earths.toml")),
    ("geopolitics.toml", include_str!("taxonomy/geopolitics.toml")),
];

/// The examples of the shipped tags, as the ends of their files: apart from them, since no running stage reads examples.
pub const SHIPPED_EXAMPLES: [&str; 3] = [
    include_str!("taxonomy/examples/trade.toml"),
    include_str!("taxonomy/examples/rare-earths.toml"),
    include_str!("taxonomy/examples/geopolitics.toml"),
];

/// The whole file of each shipped tag, with its examples: file name and text.
pub fn shipped_files() -> impl Iterator<Item = (&'static str, String)> {
    SHIPPED
        .into_iter()
        .zip(SHIPPED_EXAMPLES)
        .map(|((file, text), examples)| (file, format!("{text}\n{examples}")))
}

/// The tags that ship with the stage. A test looks for mistakes in them, and no start has to.
pub fn shipped() -> Vec<Taxonomy> {
    let read = |(_, text)| toml::from_str(text).expect("a test reads the shipped taxonomies");
    SHIPPED.into_iter().map(read).collect()
}

/// The taxonomies, compiled: a table of phrases for each language.
#[derive(Debug)]
pub struct Tagger {
    taxonomies: Vec<Taxonomy>,
    /// A language → its phrases and those of any language. Compiled when the first text asks: most streams have few languages.
    languages: BTreeMap<String, OnceLock<Matcher>>,
    /// For a language that no taxonomy knows: names that are the same in all.
    any: OnceLock<Matcher>,
    /// For a text whose language is not known: the phrases of all.
    all: OnceLock<Matcher>,
    /// Of each tag, in their order.
    versions: Vec<String>,
    version: String,
}

impl Tagger {
    /// The three tags that ship with the stage.
    pub fn builtin() -> Self {
        Self::new(shipped())
    }

    /// A tagger of these tags.
    pub fn new(taxonomies: Vec<Taxonomy>) -> Self {
        let versions: Vec<String> = taxonomies.iter().map(version).collect();
        let concepts = taxonomies.iter().flat_map(|t| &t.concepts);
        let known: BTreeSet<&String> = concepts
            .flat_map(|c| c.phrases.keys())
            .filter(|l| *l != "any")
            .collect();
        Self {
            languages: known.into_iter().map(|l| (l.clone(), OnceLock::new())).collect(),
            any: OnceLock::new(),
            all: OnceLock::new(),
            version: versions.join(VERSION_JOINT),
            versions,
            taxonomies,
        }
    }

    /// The tags, in the order in which they are scored.
    pub fn names(&self) -> Vec<&str> {
        self.taxonomies.iter().map(|t| &*t.name).collect()
    }

    /// The tags.
    pub fn taxonomies(&self) -> &[Taxonomy] {
        &self.taxonomies
    }

    /// Changes when a taxonomy does: part of the output's provenance. It holds the version of each tag.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// For each tag whether it would be the same by this version of a tagger, given the same text: no tag depends on another.
    pub fn unchanged_since(&self, version: &str) -> Vec<bool> {
        let is_in = |own: &String| version.split(VERSION_JOINT).any(|v| v == own);
        self.versions.iter().map(is_in).collect()
    }

    /// A tagger of those tags alone for which `is_wanted` holds.
    #[must_use]
    pub fn of_some(&self, is_wanted: &[bool]) -> Self {
        let wanted = self
            .taxonomies
            .iter()
            .zip(is_wanted)
            .filter(|(_, is_wanted)| **is_wanted);
        Self::new(wanted.map(|(taxonomy, _)| taxonomy.clone()).collect())
    }

    /// Score every tag, and list those above their thresholds with the phrases that decided.
    pub fn tag(&self, text: &Text<'_>) -> Tagging {
        let read = self.read(text);
        let mut tagging = Tagging {
            phrases_read: self.phrases_read(text.language),
            ..Tagging::default()
        };
        for (number, taxonomy) in self.taxonomies.iter().enumerate() {
            let mut mentions = read.mentions(number);
            let log_odds = score::log_odds(taxonomy, &mut mentions, read.extent());
            let score = 1.0 / (1.0 + (-log_odds).exp());
            tagging.scores.insert(taxonomy.name.clone(), score);
            if score >= taxonomy.threshold {
                tagging.tags.push(Tag {
                    name: taxonomy.name.clone(),
                    score,
                    evidence: read.evidence(mentions),
                    iptc: taxonomy.iptc.clone(),
                });
            }
        }
        tagging
    }

    /// The phrases that count for one tag, given or not, the strongest first.
    pub fn evidence(&self, text: &Text<'_>, tag: &str) -> Vec<Evidence> {
        let read = self.read(text);
        let named = self.taxonomies.iter().enumerate().find(|(_, t)| t.name == tag);
        named.map_or_else(Vec::new, |(number, taxonomy)| {
            let mut mentions = read.mentions(number);
            score::log_odds(taxonomy, &mut mentions, read.extent());
            read.evidence(mentions)
        })
    }

    /// Where an article names a tag's subject: what is missing of a tag that it was not given.
    pub fn subject(&self, text: &Text<'_>, tag: &str) -> Subject {
        let read = self.read(text);
        let named = self.taxonomies.iter().enumerate().find(|(_, t)| t.name == tag);
        let zones = named.map(|(number, taxonomy)| read.counts(number, taxonomy).subject);
        match zones {
            Some([title, lead, _]) if title + lead > 0.0 => Subject::UpFront,
            Some([_, _, body]) if body > 0.0 => Subject::InBody,
            _ => Subject::Nowhere,
        }
    }

    /// What the scores are computed from, for the fitting of the weights: the bytes of the body that count, and the counts of each tag.
    pub fn counts(&self, text: &Text<'_>) -> (usize, Vec<Counts>) {
        let read = self.read(text);
        let of_tag = |(number, taxonomy)| read.counts(number, taxonomy);
        (
            read.extent().bytes,
            self.taxonomies.iter().enumerate().map(of_tag).collect(),
        )
    }

    fn read<'a>(&self, text: &Text<'a>) -> Read<'a> {
        let own = text.title.map(str::trim).filter(|title| !title.is_empty());
        let body = captions::without_captions(cut(text.body, BODY_BYTES_MAX));
        let body = without_headlines(own.unwrap_or_default(), body);
        let matcher = self.matcher(text.language);
        let begins = matcher::end_of_offers(body);
        let (title, title_at) = match text.title.filter(|_| own.is_some()) {
            Some(title) => (title, None),
            None => (first_sentence(body, begins), Some(begins)),
        };
        Read {
            title,
            title_at,
            body,
            lead_end: begins + LEAD_BYTES,
            in_title: matcher.find(cut(title, LEAD_BYTES)),
            in_body: matcher.find_in_prose(body),
        }
    }

    fn matcher(&self, language: Option<&str>) -> &Matcher {
        let compiled = |is_meant: &dyn Fn(&str) -> bool| Matcher::new(phrases(&self.taxonomies, is_meant));
        let Some(language) = language else {
            return self.all.get_or_init(|| compiled(&|_| true));
        };
        match self.languages.get(language) {
            Some(matcher) => matcher.get_or_init(|| compiled(&|l| l == language || l == "any")),
            None => self.any.get_or_init(|| compiled(&|l| l == "any")),
        }
    }

    /// Which phrases are read for a text in this language.
    pub fn phrases_read(&self, language: Option<&str>) -> PhrasesRead {
        match language {
            Some(language) if self.languages.contains_key(language) => PhrasesRead::Language,
            Some(_) => PhrasesRead::Names,
            None => PhrasesRead::All,
        }
    }
}

/// Where a text names the subject of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// In no phrase of the role `subject`.
    Nowhere,
    /// Behind the lead alone.
    InBody,
    /// In the title or the lead.
    UpFront,
}

/// Which phrases were looked for in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PhrasesRead {
    /// Those of its language, and the names that are the same in all.
    #[default]
    Language,
    /// No tag has phrases in its language: names alone.
    Names,
    /// Its language could not be told: the phrases of all.
    All,
}

/// The parts of a text that count, with what was found in them.
struct Read<'a> {
    /// The article's, or the first sentence of one without.
    title: &'a str,
    /// Where in the body the title stands, if it is its first sentence.
    title_at: Option<usize>,
    body: &'a str,
    lead_end: usize,
    in_title: Vec<Found>,
    in_body: Vec<Found>,
}

impl Read<'_> {
    /// The body without what it offers at its beginning.
    fn extent(&self) -> Extent {
        let begins = self.lead_end - LEAD_BYTES;
        Extent {
            begins,
            bytes: self.body.len().saturating_sub(begins),
        }
    }

    fn counts(&self, tag: usize, taxonomy: &Taxonomy) -> Counts {
        Counts::of(taxonomy, &self.mentions(tag), self.extent())
    }

    fn mentions(&self, tag: usize) -> Vec<Mention> {
        score::mentions(tag, &self.in_title, &self.in_body, self.lead_end)
    }

    /// What weighed most, from the strongest for the tag to the strongest against it.
    fn evidence(&self, mut mentions: Vec<Mention>) -> Vec<Evidence> {
        if let Some(at) = self.title_at {
            score::move_title_to_lead(&mut mentions, at);
        }
        mentions.retain(|m| m.weight != 0.0);
        mentions.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.start.cmp(&b.start)));
        mentions.truncate(EVIDENCE_MAX);
        mentions.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.start.cmp(&b.start)));
        let evidence = |m: Mention| {
            let text = if m.zone == 0 { self.title } else { self.body };
            Evidence {
                phrase: text.get(m.start..m.end).unwrap_or_default().to_owned(),
                zone: ZONES.get(m.zone).copied().unwrap_or("body"),
                start: m.start,
                end: m.end,
                weight: m.weight,
            }
        };
        mentions.into_iter().map(evidence).collect()
    }
}

/// The first sentence from `at` on: the title of a text that has none.
fn first_sentence(text: &str, at: usize) -> &str {
    let rest = cut(text.get(at..).unwrap_or_default(), FIRST_SENTENCE_BYTES_MAX);
    let bytes = rest.as_bytes();
    let closes = |(i, byte): (usize, &u8)| match byte {
        b'\n' => true,
        b'.' | b'!' | b'?' => bytes.get(i + 1).is_some_and(u8::is_ascii_whitespace) && !is_initial(cut(rest, i + 1)),
        _ => false,
    };
    let narrow = bytes.iter().enumerate().position(closes).unwrap_or(rest.len());
    let wide = rest.find('。').unwrap_or(rest.len());
    rest.get(..narrow.min(wide)).unwrap_or(rest)
}

fn phrases<'a>(taxonomies: &'a [Taxonomy], is_meant: &'a dyn Fn(&str) -> bool) -> impl Iterator<Item = Phrase<'a>> {
    taxonomies.iter().enumerate().flat_map(move |(tag, taxonomy)| {
        taxonomy.concepts.iter().enumerate().flat_map(move |(concept, c)| {
            let lists = c.phrases.iter().filter(|(language, _)| is_meant(language));
            lists.flat_map(|(_, list)| list).map(move |text| Phrase {
                tag,
                concept,
                is_against: c.role == Role::Against,
                text,
            })
        })
    })
}

/// Between the versions of tags.
const VERSION_JOINT: &str = "-";

/// A short hash of all that a tag's score depends on.
fn version(taxonomy: &Taxonomy) -> String {
    const BITS: u32 = 48;
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    hasher.update(VERSION.as_bytes());
    // Numbers and names are few and told by their debug form; phrases are many, and hashed as they are.
    let (name, iptc, threshold) = (&taxonomy.name, &taxonomy.iptc, taxonomy.threshold);
    hasher.update(format!("{name:?}{iptc:?}{threshold}{:?}", taxonomy.sums).as_bytes());
    for concept in &taxonomy.concepts {
        hasher.update(format!("\n{:?}{:?}", concept.role, concept.weights).as_bytes());
        for (language, list) in &concept.phrases {
            for text in [language].into_iter().chain(list) {
                hasher.update(text.as_bytes());
                hasher.update(b"\0");
            }
        }
    }
    format!("{:012x}", hasher.digest() >> (u64::BITS - BITS))
}

/// Lines longer than this are paragraphs, however they end.
const HEADLINE_BYTES_MAX: usize = 160;

/// The text without a run of short lines at its end that close no sentence: headlines of other articles say nothing of this
/// one. A text of nothing but headlines is kept as far as they tell of one event.
fn without_headlines<'a>(title: &str, text: &'a str) -> &'a str {
    let mut end = text.len();
    for line in text.rsplit('\n') {
        if is_prose(line) {
            return text.get(..end).unwrap_or(text);
        }
        end = end.saturating_sub(line.len() + 1);
    }
    of_one_event(title, text)
}

/// Whether a line closes a sentence, as a headline does not: one that asks or cries, ends with a quotation or `U.S.` may be one.
fn is_prose(line: &str) -> bool {
    let line = line.trim_end();
    let quoted = line.trim_end_matches(['"', '”', '“', '»', '«', '’', '‘', '\'', '」', '』', ')', '）', ']']);
    let closes = quoted.ends_with(['.', '。', '…', '।', '！', '？', '؟']) && !is_initial(quoted);
    closes || line.len() > HEADLINE_BYTES_MAX || (line.len() > HEADLINE_BYTES_MAX / 2 && quoted.ends_with(['?', '!']))
}

/// Whether the last point is that of a single letter, as in `U.S.`.
fn is_initial(line: &str) -> bool {
    let mut before = line.trim_end_matches('.').chars().rev();
    before.next().is_some_and(char::is_alphabetic) && before.next().is_none_or(|c| c == '.' || c == ' ')
}

/// The first lines, as long as at least half of them share a word with the title (with the first line, where there is none). A
/// single line under a title is its standfirst.
fn of_one_event<'a>(title: &str, text: &'a str) -> &'a str {
    if !title.is_empty() && !text.contains('\n') {
        return text;
    }
    let first = text.split('\n').next().unwrap_or_default();
    let event: SmallVec<[&str; 24]> = stems(if title.is_empty() { first } else { title }).take(24).collect();
    let is_of_it = |line: &str| stems(line).any(|stem| event.iter().any(|e| e.eq_ignore_ascii_case(stem)));
    let (mut end, mut of_it) = (0, 0);
    let mut kept = if title.is_empty() { first.len() } else { 0 };
    for (number, line) in (1..).zip(text.split('\n')) {
        end += line.len() + 1;
        if is_of_it(line) {
            of_it += 1;
            kept = end;
        }
        if 2 * of_it < number && number > 2 {
            break;
        }
    }
    text.get(..kept.min(text.len())).unwrap_or(text).trim_end()
}

/// What is the same in the forms of a word, so that `Japan` and `Japanese` are one: the first five bytes of each longer word, or of
/// other scripts as many letters as those hold; none of the words that every text has.
fn stems(line: &str) -> impl Iterator<Item = &str> {
    const COMMON: [&str; 14] = [
        "about", "after", "again", "befor", "could", "first", "other", "their", "there", "under", "where", "which",
        "while", "would",
    ];
    let words = line.split(|c: char| !c.is_alphanumeric());
    let stems = words.filter_map(|word| {
        let end = (5..=word.len().min(8)).find(|end| word.is_char_boundary(*end))?;
        word.get(..end)
    });
    stems.filter(|stem| !COMMON.iter().any(|common| common.eq_ignore_ascii_case(stem)))
}

/// The first `bytes_max` bytes, or a little less: a character stays whole.
fn cut(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
