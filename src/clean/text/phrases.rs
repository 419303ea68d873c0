//! The words that furniture uses, by language, as data.
//!
//! In: a text and its lines. Out: for each line, how much of it each kind of phrase covers. Always: phrases are whole words;
//! one pass over the text for all languages together.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::lines::Line;

/// The kinds of phrases, in the order of their features. Their names are the sections of the lists.
pub(super) const KINDS: [&str; 12] = [
    "share",
    "notice",
    "newsletter",
    "related",
    "credit",
    "byline",
    "date",
    "tags",
    "footer",
    "comments",
    "ad",
    "navigation",
];

const LISTS: [&str; 15] = [
    include_str!("phrases/en.txt"),
    include_str!("phrases/de.txt"),
    include_str!("phrases/fr.txt"),
    include_str!("phrases/es.txt"),
    include_str!("phrases/it.txt"),
    include_str!("phrases/pt.txt"),
    include_str!("phrases/nl.txt"),
    include_str!("phrases/ru.txt"),
    include_str!("phrases/pl.txt"),
    include_str!("phrases/tr.txt"),
    include_str!("phrases/zh.txt"),
    include_str!("phrases/ja.txt"),
    include_str!("phrases/ko.txt"),
    include_str!("phrases/ar.txt"),
    include_str!("phrases/hi.txt"),
];

/// What the phrases say of one line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hits {
    /// Bytes that phrases of each kind cover.
    pub(super) bytes: [u16; KINDS.len()],
    /// The kind of the phrase the line begins with.
    pub(super) begins: Option<u8>,
    /// The kind of the phrase the line ends with.
    pub(super) ends: Option<u8>,
}

struct Phrases {
    automaton: AhoCorasick,
    kinds: Vec<u8>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(build);

fn build() -> Phrases {
    let mut patterns: Vec<String> = Vec::new();
    let mut kinds = Vec::new();
    for list in LISTS {
        let mut kind = 0;
        for line in list.lines().map(str::trim).filter(|l| !l.is_empty()) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                kind = KINDS.iter().position(|k| *k == name).unwrap_or(0) as u8;
                continue;
            }
            // ASCII case is folded by the automaton; beyond ASCII the forms are listed.
            let mut forms = vec![line.to_owned()];
            if !line.is_ascii() {
                forms.push(line.to_uppercase());
                let mut chars = line.chars();
                if let Some(first) = chars.next() {
                    forms.push(first.to_uppercase().collect::<String>() + chars.as_str());
                }
            }
            if line.contains('\'') {
                forms.push(line.replace('\'', "’"));
            }
            for form in forms {
                patterns.push(form);
                kinds.push(kind);
            }
        }
    }
    let automaton = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&patterns)
        .expect("the lists are small enough for an automaton");
    Phrases { automaton, kinds }
}

/// Find the phrases of every line.
pub(super) fn find(text: &str, lines: &[Line]) -> Vec<Hits> {
    let phrases = &*PHRASES;
    lines
        .iter()
        .map(|line| {
            let mut hits = Hits::default();
            let words = line.of(text);
            for found in phrases.automaton.find_iter(words) {
                let (start, end) = (found.start(), found.end());
                if !is_whole(words, start, end) {
                    continue;
                }
                let kind = phrases.kinds.get(found.pattern().as_usize()).copied().unwrap_or(0);
                let bytes = &mut hits.bytes[kind as usize % KINDS.len()];
                *bytes = bytes.saturating_add((end - start).min(4096) as u16);
                if start == 0 {
                    hits.begins = Some(kind);
                }
                if end == words.len() {
                    hits.ends = Some(kind);
                }
            }
            hits
        })
        .collect()
}

/// Whether no letter stands directly before or behind, in scripts that part words.
fn is_whole(words: &str, start: usize, end: usize) -> bool {
    let inside = |at: usize| {
        let before = words.get(..at).and_then(|w| w.chars().next_back());
        let behind = words.get(at..).and_then(|w| w.chars().next());
        matches!((before, behind), (Some(b), Some(c)) if is_spaced_letter(b) && is_spaced_letter(c))
    };
    !inside(start) && !inside(end)
}

fn is_spaced_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || (('\u{c0}'..'\u{2000}').contains(&c) && c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_a_known_name() {
        for list in LISTS {
            for line in list.lines().filter(|l| l.starts_with('[')) {
                let name = line.trim_matches(['[', ']']);
                assert!(KINDS.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn phrases_are_whole_words_in_any_case() {
        let text = "SHARE shareholders ПОДЕЛИТЬСЯ";
        let lines = super::super::lines::split(text);
        let hits = find(text, &lines);
        assert_eq!(usize::from(hits[0].bytes[0]), "SHARE".len() + "ПОДЕЛИТЬСЯ".len());
    }
}
