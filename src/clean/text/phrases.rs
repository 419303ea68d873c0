//! The words that furniture uses, by language, as data.
//!
//! In: a text and its lines. Out: for each line, how much of it each kind of phrase covers. Always: phrases are whole words;
//! one pass over the text for all languages together.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::lines::Line;
use crate::fast::bits::{BLOCK, Bits, first};
use crate::fast::eight::{self, each};
use crate::fast::filter::{Filter, two_marks};
use crate::fast::hashed::FACTOR;

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
        *bytes = bytes.saturating_add(phrase.length);
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
#[derive(Default)]
struct Phrase {
    /// Its first word, and up to eight bytes behind that, capitals of ASCII as small letters.
    first: u64,
    behind: u64,
    /// Bytes of it, and where it stands among the words of all.
    length: u16,
    place: u32,
    kind: u8,
}

impl Phrase {
    fn new(words: &str, place: usize, kind: u8) -> Self {
        let first = first_word(words.as_bytes());
        Self {
            first: eight::first(first.length, eight::small(eight::read(words.as_bytes()))),
            behind: eight::small(eight::read(behind(words, first.length))),
            length: words.len() as u16,
            place: place as u32,
            kind,
        }
    }

    fn len(&self) -> usize {
        usize::from(self.length)
    }
}

/// What stands behind the first bytes.
fn behind(words: &str, length: usize) -> &[u8] {
    words.as_bytes().get(length..).unwrap_or_default()
}

/// All phrases.
struct Phrases {
    /// A hash table with linear probing, by first words: of phrases that share one, longer ones come first.
    table: Vec<Phrase>,
    /// The words of all, one behind the other.
    words: String,
    beginnings: Beginnings,
}

/// Slots that first words are spread over, some twice as many as there are phrases; a power of two.
const SLOTS: usize = 1 << 14;

static PHRASES: LazyLock<Phrases> = LazyLock::new(build);

fn build() -> Phrases {
    let kind_of = |entry: &Entry| KINDS.iter().position(|kind| *kind == entry.section);
    let mut all: Vec<(String, usize)> = entries()
        .filter_map(|entry| kind_of(&entry).map(|kind| (forms(entry.words), kind)))
        .flat_map(|(forms, kind)| forms.into_iter().map(move |form| (form, kind)))
        .collect();
    all.sort_by_key(|(form, _)| usize::MAX - form.len());
    let mut phrases = Phrases {
        table: Vec::new(),
        words: String::new(),
        beginnings: Beginnings::default(),
    };
    phrases.table.resize_with(SLOTS, Phrase::default);
    for (form, kind) in all {
        phrases.add(&form, kind as u8);
    }
    // So that each run of phrases ends.
    phrases.table.push(Phrase::default());
    phrases
}

/// How phrases begin: with a first word, and these bytes behind it where there are so many. Hardly a word of prose passes.
#[derive(Default)]
struct Beginnings(Filter<2048>);

/// Bytes that are looked at behind the first word.
const BEHIND_BYTES: usize = 3;

impl Beginnings {
    fn add(&mut self, phrase: &str) {
        let first = first_word(phrase.as_bytes());
        let behind = behind(phrase, first.length);
        let (word, on) = Self::hashes(first.key, behind);
        let marks = if behind.len() < BEHIND_BYTES { word } else { on };
        self.0.add(word, two_marks(marks));
    }

    /// Whether a phrase may begin with this word, behind which these bytes stand.
    #[inline]
    fn may_hold(&self, key: u64, behind: &[u8]) -> bool {
        let (word, on) = Self::hashes(key, behind);
        let missing = |marks| self.0.missing(word, two_marks(marks));
        missing(word).min(missing(on)) == 0
    }

    /// Hashes of a first word, which names the filter's number, and of it with what is behind: the marks of phrases that end soon behind the
    /// word, and of those that go on so.
    #[inline]
    fn hashes(key: u64, behind: &[u8]) -> (u64, u64) {
        let first = hash(key);
        (first, hash(first ^ eight::first(BEHIND_BYTES, small(behind))))
    }
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
    let is_in_two_ways = phrase.chars().any(|c| matches!(c, '\'' | 'ș' | 'ț' | '\u{9bc}'));
    for (written, also) in ALSO_WRITTEN.iter().filter(|_| is_in_two_ways) {
        let others: Vec<String> = forms
            .iter()
            .filter(|form| form.contains(*written))
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

/// The words of a line's edge, a bit for each byte.
struct SpacedWords {
    starts: u128,
    /// Behind each.
    ends: u128,
}

impl SpacedWords {
    /// `None` where scripts without spaces stand among the first `length` bytes. Quotation marks and dashes beyond ASCII are no letters.
    fn of(length: usize, ahead: &Ahead) -> Option<Self> {
        let (near, far) = ahead.split_at(BLOCK);
        let (near, far) = (Bits::of(near), Bits::of(far));
        let both = |bits: fn(&Bits) -> u64| u128::from(bits(&near)) | u128::from(bits(&far)) << BLOCK;
        let own: u128 = (1 << length) - 1;
        let (of_two, of_three) = (both(|bits| bits.any([0xc2])), both(|bits| bits.any([0xe2])));
        let marks = of_two | of_two << 1 | of_three | of_three << 1 | of_three << 2;
        let words = both(Bits::words) & own & !marks;
        let is_spaced = both(|bits| bits.between(UNSPACED)) & own == 0;
        is_spaced.then_some(Self {
            starts: words & !(words << 1),
            ends: !words & words << 1,
        })
    }

    /// Hand each word to `see`: where it starts, and how many of its first eight bytes there are. In two windows, of which the second begins
    /// eight bytes before the first ends: so each word's first eight are in one of them.
    #[inline]
    fn each(&self, mut see: impl FnMut(usize, usize)) {
        for (at, own) in [(0, first(WINDOW)), (WINDOW, u64::MAX)] {
            let mut starts = (self.starts >> at) as u64 & own;
            let mut ends = (self.ends >> at) as u64 & !lowest(starts).wrapping_sub(1);
            while starts != 0 {
                let start = starts.trailing_zeros() as usize;
                see(at + start, (ends.trailing_zeros() as usize - start).min(8));
                starts &= starts - 1;
                ends &= ends.wrapping_sub(1);
            }
        }
    }
}

/// Bytes of which words start in the first window.
const WINDOW: usize = BLOCK - 8;
const _: () = assert!(EDGE_BYTES <= WINDOW + BLOCK, "two windows hold an edge");

const fn lowest(bits: u64) -> u64 {
    bits & bits.wrapping_neg()
}

/// First bytes of characters of three bytes, of scripts without spaces.
const UNSPACED: RangeInclusive<u8> = 0xe3..=0xed;

fn is_unspaced(first: u8) -> bool {
    UNSPACED.contains(&first)
}

fn hash(key: u64) -> u64 {
    key.wrapping_mul(FACTOR)
}

fn slot(hash: u64) -> usize {
    (hash >> 50) as usize % SLOTS
}

/// The phrase that a sentence begins with: its kind, and as it stands in the sentence.
pub(super) fn begins(sentence: &str) -> Option<(usize, &str)> {
    let first = first_word(sentence.as_bytes());
    let phrase = (first.length > 0).then(|| PHRASES.at(sentence, 0, &first))??;
    Some((usize::from(phrase.kind), sentence.get(..phrase.len())?))
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
    line.len() <= MARKER_BYTES_MAX && is_marker(line, &PHRASES.of_any(line))
}

/// Find the phrases of every line.
pub(super) fn find(text: &str, lines: &[Line]) -> Vec<Hits> {
    let phrases = &*PHRASES;
    lines
        .iter()
        .map(|line| phrases.of(edge(line.of(text)), behind(text, line.start)))
        .collect()
}

impl Phrases {
    /// Add a phrase. Longer ones have been added before.
    fn add(&mut self, words: &str, kind: u8) {
        let phrase = Phrase::new(words, self.words.len(), kind);
        self.words.push_str(words);
        self.beginnings.add(words);
        let slot = slot(hash(first_word(words.as_bytes()).key));
        match self.table.iter_mut().skip(slot).find(|phrase| phrase.length == 0) {
            Some(free) => *free = phrase,
            None => self.table.push(phrase),
        }
    }

    /// The phrases of a line's [`edge`], the text from there on being `rest`.
    fn of(&self, words: &str, rest: &[u8]) -> Hits {
        let mut copy = None;
        let ahead = eight::near(rest, &mut copy);
        match SpacedWords::of(words.len(), ahead) {
            Some(starts) => self.of_spaced(words, &starts, ahead),
            None => self.of_any(words),
        }
    }

    /// The same where spaces part all words: what may begin a phrase is looked for first, each word without waiting for the one before it.
    fn of_spaced(&self, words: &str, starts: &SpacedWords, ahead: &Ahead) -> Hits {
        let (mut found, mut count) = ([0_u8; BLOCK], 0);
        starts.each(|start, length| {
            let key = eight::first(length, small(ahead.get(start..).unwrap_or_default()));
            if let Some(place) = found.get_mut(count) {
                *place = start as u8;
            }
            let behind = ahead.get(start + length..).unwrap_or_default();
            // Without a branch: whether a word may begin a phrase is a toss.
            count += usize::from(self.beginnings.may_hold(key, behind));
        });
        let (mut hits, mut done) = (Hits::default(), 0);
        for start in found.iter().take(count).map(|start| usize::from(*start)) {
            if start < done {
                continue;
            }
            if let Some(phrase) = self.among_known(words, start, &first_word(behind(words, start))) {
                hits.push(phrase, start);
                done = start + phrase.len();
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
                i += phrase.len();
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
        let may_begin = self.beginnings.may_hold(first.key, behind(words, start + first.length));
        may_begin.then(|| self.among_known(words, start, first))?
    }

    fn among_known(&self, words: &str, start: usize, first: &FirstWord) -> Option<&Phrase> {
        let here = eight::first(first.length, eight::small(eight::read(behind(words, start))));
        let more = eight::small(eight::read(behind(words, start + first.length)));
        let from_slot = self.table.get(slot(hash(first.key))..)?.iter();
        from_slot.take_while(|phrase| phrase.length > 0).find(|phrase| {
            let rest = phrase.len().saturating_sub(first.length);
            phrase.first == here
                && phrase.behind == eight::first(rest.min(8), more)
                && (rest <= 8 || self.goes_on(phrase, behind(words, start)))
                && is_whole(words, start, start + phrase.len())
        })
    }

    /// Whether these bytes begin with the phrase.
    fn goes_on(&self, phrase: &Phrase, here: &[u8]) -> bool {
        let words = behind(&self.words, phrase.place as usize).get(..phrase.len());
        words.is_some_and(|words| {
            here.get(..words.len())
                .is_some_and(|here| here.eq_ignore_ascii_case(words))
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

/// An edge's bytes and some of those behind, so that many can be read at once.
type Ahead = [u8; 2 * BLOCK + 8];

/// Whether no letter stands directly before or behind, in scripts that part words.
pub(super) fn is_whole(words: &str, start: usize, end: usize) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(is_spaced_letter);
    let inside = |at: usize| {
        let (before, behind) = words.split_at_checked(at).unwrap_or_default();
        is_letter(behind.chars().next()) && is_letter(before.chars().next_back())
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
        fn phrases_between_spaces_are_found_as_those_of_any_line(
            line in "((Share|this|Read|more|read|All|rights|reserved|Photo:|©|By|Published|comments|a|of|x1|to-day|newsletters?|Advertisement|Über|é|ПОДЕЛИТЬСЯ|שתף|อ่านเพิ่มเติม|😀|分享)[ .,:“’—\u{301}]?){0,14}",
        ) {
            let (edge, phrases) = (edge(&line), &*PHRASES);
            let seen = |hits: Hits| (hits.bytes, hits.begins);
            prop_assert_eq!(seen(phrases.of(edge, line.as_bytes())), seen(phrases.of_any(edge)));
        }
    }

    #[test]
    fn every_phrase_is_found_as_it_is_written() {
        let phrases = entries().filter(|entry| entry.section != SMALL_WORDS);
        for form in phrases.flat_map(|entry| forms(entry.words)) {
            if first_word(form.as_bytes()).length > 0 {
                let found = begins(&form).map(|(_, words)| words);
                assert_eq!(found, Some(form.as_str()));
            }
        }
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
        let lines = super::super::lines::split(text).list;
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
