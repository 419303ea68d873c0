//! The words that furniture uses, by language, as data.
//!
//! In: a text and its lines. Out: for each line, how much of it each kind of phrase covers. Always: phrases are whole words;
//! one pass over the text for all languages together.

use std::sync::LazyLock;

use super::lines::Line;
use crate::fast::bits::{BLOCK, Bits};
use crate::fast::eight::{self, each};

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

/// The places of some of them.
pub(super) const SHARE: usize = 0;
pub(super) const NEWSLETTER: usize = 2;
pub(super) const RELATED: usize = 3;
pub(super) const CREDIT: usize = 4;
pub(super) const COMMENTS: usize = 9;
pub(super) const AD: usize = 10;

const LISTS: [&str; 37] = [
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
    include_str!("phrases/da.txt"),
    include_str!("phrases/no.txt"),
    include_str!("phrases/sv.txt"),
    include_str!("phrases/fi.txt"),
    include_str!("phrases/cs.txt"),
    include_str!("phrases/sk.txt"),
    include_str!("phrases/hu.txt"),
    include_str!("phrases/ro.txt"),
    include_str!("phrases/el.txt"),
    include_str!("phrases/uk.txt"),
    include_str!("phrases/bg.txt"),
    include_str!("phrases/hr.txt"),
    include_str!("phrases/sr.txt"),
    include_str!("phrases/sl.txt"),
    include_str!("phrases/mk.txt"),
    include_str!("phrases/ca.txt"),
    include_str!("phrases/id.txt"),
    include_str!("phrases/vi.txt"),
    include_str!("phrases/fa.txt"),
    include_str!("phrases/he.txt"),
    include_str!("phrases/th.txt"),
    include_str!("phrases/bn.txt"),
];

/// The section of a list that holds no phrases but the words by which its language is known, where its script does not tell it.
const SMALL_WORDS: &str = "small words";

/// A line of a list.
struct Entry {
    language: u8,
    section: &'static str,
    words: &'static str,
}

fn entries() -> impl Iterator<Item = Entry> {
    LISTS.iter().zip(0..).flat_map(|(list, language)| {
        list.split('[').skip(1).flat_map(move |part| {
            let (section, lines) = part.split_once(']').unwrap_or((part, ""));
            let lines = lines.lines().filter(|line| !line.is_empty());
            lines.map(move |words| Entry {
                language,
                section,
                words,
            })
        })
    })
}

/// A bit for each language.
pub(super) type Languages = u64;

/// Each small word with its language.
pub(super) fn small_words() -> impl Iterator<Item = (u8, &'static str)> {
    let small = entries().filter(|entry| entry.section == SMALL_WORDS);
    small.map(|entry| (entry.language, entry.words))
}

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

impl Hits {
    /// Add a phrase that begins there.
    fn push(&mut self, phrase: &Phrase, start: usize) {
        let bytes = &mut self.bytes[phrase.kind as usize % KINDS.len()];
        *bytes = bytes.saturating_add(phrase.words.len() as u16);
        if start == 0 {
            self.begins = Some(phrase.kind);
        }
    }

    /// Bytes that phrases cover.
    pub(super) fn covered(&self) -> usize {
        self.bytes.iter().map(|bytes| usize::from(*bytes)).sum()
    }

    /// Whether any phrase stands in the line.
    pub(super) fn any(&self) -> bool {
        self.bytes.iter().any(|bytes| *bytes > 0)
    }
}

/// A phrase in lower case (beyond ASCII: in one of its forms), and its kind.
struct Phrase {
    /// Of its first word.
    key: u64,
    /// Up to eight bytes behind the first word, and the bits of them that count.
    more: u64,
    more_mask: u64,
    words: String,
    kind: u8,
}

impl Phrase {
    fn new(words: String, kind: u8) -> Self {
        let first = first_word(words.as_bytes());
        let behind = words.as_bytes().get(first.length..).unwrap_or_default();
        let more_mask = eight::first(behind.len().min(8), u64::MAX);
        Self {
            key: first.key,
            more: small(behind) & more_mask,
            more_mask,
            words,
            kind,
        }
    }
}

/// All phrases, found by their first words.
struct Phrases {
    /// Those whose first words share a slot side by side, longer ones first.
    list: Vec<Phrase>,
    /// The phrases of slot k are `starts[k]..starts[k + 1]` of the list.
    starts: Vec<u16>,
    /// A bit for each hash that a first word has: small enough to stay near, and most words of prose end here.
    known: Vec<u64>,
}

/// Slots that first words are spread over; a power of two.
const SLOTS: usize = 1 << 13;
/// Bits that tell words which begin no phrase; a power of two.
const KNOWN_BITS: usize = 1 << 16;

static PHRASES: LazyLock<Phrases> = LazyLock::new(build);

fn build() -> Phrases {
    let mut list = Vec::new();
    for entry in entries() {
        if let Some(kind) = KINDS.iter().position(|kind| *kind == entry.section) {
            list.extend(
                forms(entry.words)
                    .into_iter()
                    .map(|words| Phrase::new(words, kind as u8)),
            );
        }
    }
    list.sort_by_cached_key(|p| (slot(hash(p.key)), usize::MAX - p.words.len()));
    let (mut known, mut starts) = (vec![0; KNOWN_BITS / 64], vec![0; SLOTS + 1]);
    for phrase in &list {
        let hash = hash(phrase.key);
        let (word, bit) = known_bit(hash);
        known[word] |= bit;
        starts[slot(hash) + 1] += 1;
    }
    // From how many phrases each slot has to how many stand before it.
    for slot in 1..starts.len() {
        starts[slot] += starts[slot - 1];
    }
    Phrases { list, starts, known }
}

/// The forms a phrase takes: ASCII case is folded when comparing, other letters are listed as they come.
fn forms(phrase: &str) -> Vec<String> {
    let mut forms = vec![phrase.to_owned()];
    if phrase.bytes().all(|b| b.is_ascii() && b != b'\'') {
        return forms;
    }
    if !phrase.is_ascii() {
        let capitals = phrase.to_uppercase();
        forms.push(capitals.chars().map(without_accent).collect());
        forms.push(capitals);
        let mut chars = phrase.chars();
        if let Some(first) = chars.next() {
            forms.push(first.to_uppercase().collect::<String>() + chars.as_str());
        }
    }
    for (written, also) in ALSO_WRITTEN {
        let others: Vec<String> = forms
            .iter()
            .filter(|form| form.contains(written))
            .map(|form| form.replace(written, also))
            .collect();
        forms.extend(others);
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// What is written in two ways: apostrophes, Romanian commas and cedillas, Bengali letters with a dot in two characters or in one.
const ALSO_WRITTEN: [(&str, &str); 8] = [
    ("'", "’"),
    ("ș", "ş"),
    ("ț", "ţ"),
    ("Ș", "Ş"),
    ("Ț", "Ţ"),
    ("\u{9a1}\u{9bc}", "\u{9dc}"),
    ("\u{9a2}\u{9bc}", "\u{9dd}"),
    ("\u{9af}\u{9bc}", "\u{9df}"),
];

/// Greek capitals are written without the accents of small letters.
fn without_accent(c: char) -> char {
    match c {
        'Ά' => 'Α',
        'Έ' => 'Ε',
        'Ή' => 'Η',
        'Ί' => 'Ι',
        'Ό' => 'Ο',
        'Ύ' => 'Υ',
        'Ώ' => 'Ω',
        other => other,
    }
}

/// The beginning of a word, up to 8 bytes; of scripts without spaces up to two characters, since their words do not end.
struct FirstWord {
    key: u64,
    /// Bytes of letters.
    length: usize,
}

/// Eight bytes in which capitals of ASCII are as small letters.
fn small(bytes: &[u8]) -> u64 {
    eight::read(bytes) | each(0x20)
}

#[inline]
fn first_word(bytes: &[u8]) -> FirstWord {
    let eight = eight::read(bytes);
    let mut length = eight::word_bytes(eight);
    if eight & each(0x80) != 0 {
        let unspaced = bytes.iter().take(length).position(|&b| is_unspaced(b));
        length = match unspaced {
            Some(0) => length.min(6),
            Some(before) => before,
            None => length,
        };
    }
    FirstWord {
        key: eight::first(length, eight | each(0x20)),
        length,
    }
}

/// Where words begin among the first bytes of a line, a bit for each: all words are of ASCII letters and digits.
struct WordStarts(u128);

impl WordStarts {
    /// `None` where letters beyond ASCII stand among the bytes, or there are too many. Quotation marks and dashes beyond it are no letters.
    fn of(bytes: &[u8]) -> Option<Self> {
        let (near, far) = bytes.split_at_checked(BLOCK).unwrap_or((bytes, &[]));
        let (near, far) = (Bits::of(near), Bits::of(far));
        let both = |bits: fn(&Bits) -> u64| u128::from(bits(&near)) | u128::from(bits(&far)) << BLOCK;
        let (ascii, words, marks) = (
            both(Bits::letters_and_digits),
            both(Bits::words),
            both(|bits| bits.any([0xe2])),
        );
        let of_marks = marks | marks << 1 | marks << 2;
        let is_told = bytes.len() <= 2 * BLOCK && words & !ascii & !of_marks == 0;
        is_told.then_some(Self(ascii & !(ascii << 1)))
    }

    fn next(&mut self) -> Option<usize> {
        let start = (self.0 != 0).then(|| self.0.trailing_zeros() as usize);
        self.0 &= self.0.wrapping_sub(1);
        start
    }

    /// Leave out what begins before this place.
    fn skip_to(&mut self, place: usize) {
        self.0 &= u128::MAX.checked_shl(place as u32).unwrap_or(0);
    }
}

/// Whether a character of three bytes from this one on is of a script without spaces.
fn is_unspaced(first: u8) -> bool {
    (0xe3..=0xed).contains(&first)
}

fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn slot(hash: u64) -> usize {
    (hash >> 51) as usize & (SLOTS - 1)
}

/// Where a hash stands among those known, as a word of 64 bits and a bit in it.
fn known_bit(hash: u64) -> (usize, u64) {
    let place = (hash >> 36) as usize & (KNOWN_BITS - 1);
    (place / 64, 1 << (place % 64))
}

/// The phrase that a sentence begins with: its kind, and as it stands in the sentence.
pub(super) fn begins(sentence: &str) -> Option<(usize, &str)> {
    let first = first_word(sentence.as_bytes());
    let phrase = (first.length > 0).then(|| PHRASES.at(sentence, 0, &first))??;
    Some((usize::from(phrase.kind), sentence.get(..phrase.words.len())?))
}

/// Whether a phrase is of a script that does not part words.
pub(super) fn starts_unspaced(phrase: &str) -> bool {
    phrase.as_bytes().first().is_some_and(|first| is_unspaced(*first))
}

/// Whether a line begins with a phrase that leads to other articles.
pub(super) fn leads_on(line: &str) -> bool {
    begins(line).is_some_and(|(kind, _)| kind == RELATED)
}

/// Lines of more bytes are no advertisement's mark.
const MARKER_BYTES_MAX: usize = 60;

/// Whether a line only says that an advertisement stands here. `hits` are what phrases say of it.
pub(super) fn is_marker(line: &str, hits: &Hits) -> bool {
    line.len() <= MARKER_BYTES_MAX && usize::from(hits.bytes[AD]) * 5 >= line.len() * 4
}

/// The same for a line whose phrases were not looked for.
pub(super) fn marks_an_advertisement(line: &str) -> bool {
    let line = line.trim_matches(|c: char| !c.is_alphanumeric());
    line.len() <= MARKER_BYTES_MAX && is_marker(line, &PHRASES.of(line))
}

/// Find the phrases of every line.
pub(super) fn find(text: &str, lines: &[Line]) -> Vec<Hits> {
    let phrases = &*PHRASES;
    lines.iter().map(|line| phrases.of(edge(line.of(text)))).collect()
}

impl Phrases {
    /// The phrases of a line's [`edge`].
    fn of(&self, words: &str) -> Hits {
        match WordStarts::of(words.as_bytes()) {
            Some(starts) => self.of_words(words, starts),
            None => self.of_any(words),
        }
    }

    /// The same where all words are told by their ASCII letters: each is looked up without waiting for the one before it.
    fn of_words(&self, words: &str, mut starts: WordStarts) -> Hits {
        let mut hits = Hits::default();
        while let Some(start) = starts.next() {
            let first = first_word(words.as_bytes().get(start..).unwrap_or_default());
            if let Some(phrase) = self.at(words, start, &first) {
                hits.push(phrase, start);
                starts.skip_to(start + phrase.words.len());
            }
        }
        hits
    }

    fn of_any(&self, words: &str) -> Hits {
        let mut hits = Hits::default();
        let mut i = 0;
        while let Some(rest) = words.as_bytes().get(i..).filter(|rest| !rest.is_empty()) {
            let first = first_word(rest);
            if first.length == 0 {
                i += match rest[0] {
                    0xe2 => 3,
                    0xc2 => 2,
                    _ => 1,
                };
                continue;
            }
            if let Some(phrase) = self.at(words, i, &first) {
                hits.push(phrase, i);
                i += phrase.words.len();
            } else if is_unspaced(rest[0]) {
                i += 3;
            } else {
                i += word_length(rest, first.length);
            }
        }
        hits
    }

    /// The longest phrase that stands at `start`, where this word begins.
    #[inline]
    fn at(&self, words: &str, start: usize, first: &FirstWord) -> Option<&Phrase> {
        let hash = hash(first.key);
        let (word, bit) = known_bit(hash);
        if self.known[word] & bit == 0 {
            return None;
        }
        self.among_known(words, start, first, slot(hash))
    }

    fn among_known(&self, words: &str, start: usize, first: &FirstWord, slot: usize) -> Option<&Phrase> {
        let range = usize::from(self.starts[slot])..usize::from(self.starts[slot + 1]);
        let more = small(words.as_bytes().get(start + first.length..).unwrap_or_default());
        let is_like = |phrase: &&Phrase| phrase.key == first.key && more & phrase.more_mask == phrase.more;
        self.list.get(range)?.iter().filter(is_like).find(|phrase| {
            let length = phrase.words.len();
            let here = words.as_bytes().get(start..start + length);
            here.is_some_and(|here| here.eq_ignore_ascii_case(phrase.words.as_bytes()))
                && is_whole(words, start, start + length)
        })
    }
}

/// Bytes of the word that `rest` begins with, of which `length` are known to be letters; it ends before a script without spaces.
fn word_length(rest: &[u8], length: usize) -> usize {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || (b >= 0x80 && !matches!(b, 0xc2 | 0xe2) && !is_unspaced(b));
    if length < 8 {
        return length;
    }
    length + rest.iter().skip(length).take_while(|b| is_letter(**b)).count()
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
pub(super) fn is_whole(words: &str, start: usize, end: usize) -> bool {
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
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn phrases_of_ascii_are_found_as_those_of_any_line(
            line in "((Share|this|Read|more|read|All|rights|reserved|Photo:|©|By|Published|comments|a|of|x1|to-day|newsletters?|Advertisement)[ .,:“’—]?){0,14}",
        ) {
            let (line, phrases) = (edge(&line), &*PHRASES);
            let seen = |hits: Hits| (hits.bytes, hits.begins);
            prop_assert_eq!(seen(phrases.of(line)), seen(phrases.of_any(line)));
        }
    }

    #[test]
    fn words_beyond_ascii_are_read_otherwise() {
        assert!(WordStarts::of("“Don’t share” – more…".as_bytes()).is_some());
        assert!(WordStarts::of("Mehr über uns".as_bytes()).is_none());
        assert!(WordStarts::of("a".repeat(129).as_bytes()).is_none());
    }

    #[test]
    fn every_section_has_a_known_name() {
        for entry in entries() {
            let known = KINDS.contains(&entry.section) || entry.section == SMALL_WORDS;
            assert!(known, "{} in language {}", entry.section, entry.language);
        }
    }

    #[test]
    fn a_phrase_is_of_one_kind_in_all_languages() {
        let mut kinds = HashMap::new();
        for entry in entries().filter(|entry| entry.section != SMALL_WORDS) {
            let kind = *kinds.entry(entry.words).or_insert(entry.section);
            assert_eq!(kind, entry.section, "{}", entry.words);
        }
    }

    fn check(text: &str, kind: &str, covered: &[&str]) {
        let lines = super::super::lines::split(text);
        let hits = find(text, &lines)[0];
        let kind = KINDS.iter().position(|k| *k == kind).unwrap();
        let bytes: usize = covered.iter().map(|words| words.len()).sum();
        assert_eq!(usize::from(hits.bytes[kind]), bytes, "{text:?}");
    }

    #[test]
    fn phrases_are_whole_words_in_any_case() {
        check("SHARE shareholders ПОДЕЛИТЬСЯ", "share", &["SHARE", "ПОДЕЛИТЬСЯ"]);
        check("“Share” «share» share…", "share", &["share", "share", "share"]);
        check("请分享到微博", "share", &["分享到", "微博"]);
        check("share分享", "share", &["share", "分享"]);
        check("a1share sharex éshare", "share", &[]);
        check("Share this", "share", &["Share this"]);
    }
}
