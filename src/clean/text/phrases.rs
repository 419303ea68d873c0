//! The words that furniture uses, by language, as data.
//!
//! In: a text and its lines. Out: for each line, how much of it each kind of phrase covers. Always: phrases are whole words;
//! one pass over the text for all languages together.

use std::sync::LazyLock;

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

/// Bytes of a line in which phrases are looked for: beyond, a line is prose.
const EDGE_BYTES: usize = 120;

/// What the phrases say of one line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hits {
    /// Bytes that phrases of each kind cover.
    pub(super) bytes: [u16; KINDS.len()],
    /// The kind of the phrase the line begins with.
    pub(super) begins: Option<u8>,
}

/// A phrase in lower case (beyond ASCII: in one of its forms), and its kind.
struct Phrase {
    words: String,
    kind: u8,
}

/// All phrases, found by the first bytes of a word.
struct Phrases {
    /// Those with the same first bytes side by side, longer ones first.
    list: Vec<Phrase>,
    /// For each hash of first bytes, where its phrases stand in the list.
    places: Vec<(u16, u16)>,
}

/// Entries of the table of first bytes; a power of two.
const PLACES: usize = 1 << 12;

static PHRASES: LazyLock<Phrases> = LazyLock::new(build);

fn build() -> Phrases {
    let mut list = Vec::new();
    for lines in LISTS {
        let mut kind = 0;
        for line in lines.lines().map(str::trim).filter(|l| !l.is_empty()) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                kind = KINDS.iter().position(|k| *k == name).unwrap_or(0) as u8;
                continue;
            }
            list.extend(forms(line).into_iter().map(|words| Phrase { words, kind }));
        }
    }
    list.sort_by_key(|p| (first_bytes(p.words.as_bytes()), usize::MAX - p.words.len()));
    let mut places = vec![(0, 0); PLACES];
    for (index, phrase) in list.iter().enumerate() {
        let place = &mut places[first_bytes(phrase.words.as_bytes())];
        if place.1 == 0 {
            place.0 = index as u16;
        }
        place.1 += 1;
    }
    Phrases { list, places }
}

/// The forms a phrase takes: ASCII case is folded when comparing, other letters are listed as they come.
fn forms(phrase: &str) -> Vec<String> {
    let mut forms = vec![phrase.to_owned()];
    if !phrase.is_ascii() {
        forms.push(phrase.to_uppercase());
        let mut chars = phrase.chars();
        if let Some(first) = chars.next() {
            forms.push(first.to_uppercase().collect::<String>() + chars.as_str());
        }
    }
    if phrase.contains('\'') {
        forms.push(phrase.replace('\'', "’"));
    }
    forms.dedup();
    forms
}

/// A hash of the first 4 bytes of a word, fewer where it is shorter.
fn first_bytes(word: &[u8]) -> usize {
    let mut key: u32 = 0;
    for &b in word.iter().take(4) {
        let letter = LETTER[b as usize];
        if letter == 0 {
            break;
        }
        key = (key << 8) | u32::from(letter);
    }
    (key.wrapping_mul(0x9e37_79b1) >> 20) as usize & (PLACES - 1)
}

/// Letters in lower case, digits and bytes beyond ASCII as they are, 0 for all else.
static LETTER: [u8; 256] = letter_table();

const fn letter_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        table[b] = if byte >= 0x80 || byte.is_ascii_alphanumeric() {
            byte.to_ascii_lowercase()
        } else {
            0
        };
        b += 1;
    }
    table
}

/// Find the phrases of every line.
pub(super) fn find(text: &str, lines: &[Line]) -> Vec<Hits> {
    let phrases = &*PHRASES;
    lines.iter().map(|line| phrases.of(edge(line.of(text)))).collect()
}

impl Phrases {
    fn of(&self, words: &str) -> Hits {
        let mut hits = Hits::default();
        let bytes = words.as_bytes();
        let (mut i, mut inside) = (0, false);
        while i < bytes.len() {
            let b = bytes[i];
            let letter = LETTER[b as usize] != 0;
            // Scripts without spaces: a word may begin at every character.
            let begins = letter && (!inside || (0xe3..=0xed).contains(&b));
            inside = letter;
            if begins && let Some(phrase) = self.at(words, i) {
                let bytes = &mut hits.bytes[phrase.kind as usize % KINDS.len()];
                *bytes = bytes.saturating_add(phrase.words.len() as u16);
                if i == 0 {
                    hits.begins = Some(phrase.kind);
                }
                i += phrase.words.len();
                continue;
            }
            i += 1;
        }
        hits
    }

    /// The longest phrase that stands at `start`.
    fn at(&self, words: &str, start: usize) -> Option<&Phrase> {
        let rest = words.as_bytes().get(start..)?;
        let (first, count) = self.places[first_bytes(rest)];
        let candidates = self
            .list
            .get(usize::from(first)..usize::from(first) + usize::from(count))?;
        candidates.iter().find(|phrase| {
            let length = phrase.words.len();
            rest.get(..length)
                .is_some_and(|r| r.eq_ignore_ascii_case(phrase.words.as_bytes()))
                && is_whole(words, start, start + length)
        })
    }
}

/// The part of a line that is looked at: furniture says what it is at its beginning.
fn edge(line: &str) -> &str {
    let mut end = EDGE_BYTES.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or(line)
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
