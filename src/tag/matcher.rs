//! Text → the phrases that stand in it, in one pass.
//!
//! One automaton (Aho and Corasick, 1975; leftmost-longest) holds the phrases of a tag. A phrase begins and ends at a word's
//! boundary, so that `YNET` is not found in `Gwyneth`; scripts without spaces have no such boundary.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::taxonomy::Taxonomy;

/// What a phrase means to its tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    pub(super) weight: f32,
    pub(super) is_context: bool,
}

/// One text pattern, with what it means.
#[derive(Debug, Clone)]
struct Pattern {
    meaning: Meaning,
    is_prefix: bool,
    /// The exact letters, where case counts.
    exact: Option<String>,
}

/// The phrases of a tag.
#[derive(Debug)]
pub(super) struct Matcher {
    automaton: AhoCorasick,
    patterns: Vec<Pattern>,
}

/// One phrase found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) pattern: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Matcher {
    pub(super) fn new(taxonomy: &Taxonomy) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        let groups = taxonomy
            .phrases
            .iter()
            .flat_map(|group| group.list.iter().map(move |phrase| (group, phrase)));
        for (group, phrase) in groups {
            let word = phrase.trim_end_matches('*');
            let is_prefix = word.len() < phrase.len();
            let meaning = Meaning {
                weight: group.weight,
                is_context: group.context,
            };
            let same = words.iter().position(|w| w.to_lowercase() == word.to_lowercase());
            if let Some(pattern) = same.and_then(|at| patterns.get_mut(at)) {
                // The last group that names a phrase decides.
                pattern.meaning = meaning;
                pattern.is_prefix |= is_prefix;
                continue;
            }
            let letters = || word.chars().filter(|c| c.is_ascii_alphabetic());
            let is_acronym = letters().count() > 1 && letters().all(|c| c.is_ascii_uppercase());
            let exact = is_acronym.then(|| word.to_owned());
            words.push(word.to_owned());
            patterns.push(Pattern {
                meaning,
                is_prefix,
                exact,
            });
        }
        let automaton = AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words)
            .expect("a few thousand short phrases fit an automaton");
        Self { automaton, patterns }
    }

    /// What a pattern means to the tag.
    pub(super) fn meaning(&self, pattern: usize) -> Option<Meaning> {
        Some(self.patterns.get(pattern)?.meaning)
    }

    /// Call `take` with every phrase in `text`, first to last.
    pub(super) fn each(&self, text: &str, mut take: impl FnMut(Found)) {
        for found in self.automaton.find_iter(text) {
            let Some(pattern) = self.patterns.get(found.pattern().as_usize()) else {
                continue;
            };
            let (start, end) = (found.start(), found.end());
            if !is_boundary(text, start) || !(pattern.is_prefix || is_boundary(text, end)) {
                continue;
            }
            if pattern
                .exact
                .as_deref()
                .is_some_and(|exact| text.get(start..end) != Some(exact))
            {
                continue;
            }
            take(Found {
                pattern: found.pattern().as_usize(),
                start,
                end,
            });
        }
    }
}

/// Whether no word goes on across the place. Han, kana and Hangul letters are words of their own here.
fn is_boundary(text: &str, at: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() && !('\u{2e80}'..='\u{d7ff}').contains(&c);
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at..).and_then(|t| t.chars().next());
    // A hyphen binds what follows to a prefix: `de-escalation` is no escalation.
    let is_prefixed = before == Some('-')
        && text
            .get(..at)
            .is_some_and(|t| t.ends_with("de-") || t.ends_with("non-"));
    let is_inside = before.is_some_and(is_word) && after.is_some_and(is_word);
    !is_inside && !is_prefixed
}
