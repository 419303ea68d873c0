//! Text → the phrases that stand in it, in one pass over the bytes.
//!
//! In: a text. Out: for each tag, its phrases in order of place, the longest at each place, none within another of the same tag; of
//! two that overlap the first, but for one that speaks against the tag, which takes its place (`global trade fairs`) and that of
//! all it hid. Always: linear in the text; a phrase begins and ends at a word's boundary, so that `YNET` is not found in `Gwyneth`.
//! Scripts written without spaces have no such boundary. At each word's beginning its first eight, four and two bytes name the few
//! phrases that may stand there, and those are compared; nine words in ten name none.

use std::collections::BTreeMap;

use smallvec::SmallVec;
use unicode_normalization::char::is_combining_mark;

use super::composed;
use crate::fast::bits::{BLOCK, Bits};

/// A phrase as a tag's file gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrase<'a> {
    pub(super) tag: usize,
    pub(super) concept: usize,
    /// It speaks against the tag.
    pub(super) is_against: bool,
    /// Words as they stand in a text; `*` at the end takes any ending.
    pub(super) text: &'a str,
}

/// A phrase found. Offsets are bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) tag: usize,
    pub(super) concept: usize,
    pub(super) pattern: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug)]
struct Meaning {
    tag: usize,
    concept: usize,
    is_against: bool,
    is_prefix: bool,
}

#[derive(Debug)]
struct Pattern {
    /// The letters; ASCII ones match in any case, but for an acronym's.
    text: Box<str>,
    is_exact: bool,
    apart: Apart,
    meanings: SmallVec<[Meaning; 2]>,
}

impl Pattern {
    /// Where it ends if it stands at `start`.
    fn end_at(&self, text: &[u8], start: usize) -> Option<usize> {
        let end = start + self.text.len();
        let here = text.get(start..end)?;
        let is_here = if self.is_exact {
            here == self.text.as_bytes()
        } else {
            here.eq_ignore_ascii_case(self.text.as_bytes())
        };
        is_here.then_some(end)
    }
}

/// Words of a sentence that offers something and tells nothing.
const OFFERS: [&str; 4] = ["newsletter", "newsletters", "sign up here", "subscribe"];

/// The last phrase found of a tag.
#[derive(Clone, Copy, Default)]
struct Last {
    /// Its place among those found.
    place: usize,
    end: usize,
    is_against: bool,
}

/// The phrases of all tags in one language, or in all.
#[derive(Debug)]
pub(super) struct Matcher {
    patterns: Vec<Pattern>,
    /// By as many first bytes as a phrase has of these, the longest first.
    beginnings: [Beginnings; 3],
    tag_count: usize,
}

/// First bytes that phrases are looked up by: eight tell `trade war` from `trade union`, and a phrase may have two alone.
const FIRST_BYTES: [usize; 3] = [8, 4, 2];

impl Matcher {
    pub(super) fn new<'a>(phrases: impl Iterator<Item = Phrase<'a>>) -> Self {
        let offer = |text: &str| Pattern {
            text: text.into(),
            is_exact: false,
            apart: Apart::No,
            meanings: SmallVec::new(),
        };
        let mut patterns: Vec<Pattern> = OFFERS.map(offer).into();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut tag_count = 0;
        for phrase in phrases {
            tag_count = tag_count.max(phrase.tag + 1);
            let composed = composed::phrase(phrase.text);
            let word = composed.trim_end_matches('*');
            let is_prefix = word.len() < composed.len();
            let is_exact = is_acronym(word);
            for form in forms(word) {
                let key = if is_exact {
                    format!("{word}\0")
                } else {
                    form.to_ascii_lowercase()
                };
                let at = *places.entry(key).or_insert_with(|| {
                    patterns.push(Pattern {
                        apart: Apart::of(&form),
                        text: form.into(),
                        is_exact,
                        meanings: SmallVec::new(),
                    });
                    patterns.len() - 1
                });
                let (tag, concept) = (phrase.tag, phrase.concept);
                let is_new = |p: &&mut Pattern| p.meanings.iter().all(|m| (m.tag, m.is_prefix) != (tag, is_prefix));
                if let Some(pattern) = patterns.get_mut(at).filter(is_new) {
                    pattern.meanings.push(Meaning {
                        tag,
                        concept,
                        is_against: phrase.is_against,
                        is_prefix,
                    });
                }
            }
        }
        Self {
            beginnings: FIRST_BYTES.map(|first| Beginnings::of(&patterns, first)),
            patterns,
            tag_count,
        }
    }

    /// All phrases in a title, by place.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        composed::look(text, |text| self.find_with_offers(text).0)
    }

    /// All phrases in a body, by place, but for those in sentences that offer something.
    pub(super) fn find_in_prose(&self, text: &str) -> Vec<Found> {
        composed::look(text, |text| {
            let (mut all, offers) = self.find_with_offers(text);
            if !offers.is_empty() {
                let mut next = offers.iter().peekable();
                all.retain(|found| {
                    while next.next_if(|(_, to)| *to <= found.start).is_some() {}
                    next.peek().is_none_or(|(from, _)| found.start < *from)
                });
            }
            all
        })
    }

    fn find_with_offers(&self, text: &str) -> (Vec<Found>, SmallVec<[(usize, usize); 4]>) {
        let mut offers: SmallVec<[(usize, usize); 4]> = SmallVec::new();
        let mut last_of: SmallVec<[Last; 8]> = SmallVec::from_elem(Last::default(), self.tag_count);
        let mut all: Vec<Found> = Vec::new();
        let mut overtaken: SmallVec<[usize; 4]> = SmallVec::new();
        let bytes = text.as_bytes();
        for start in WordStarts::of(bytes) {
            let first = first_bytes(bytes, start);
            let [long, middle, short] = &self.beginnings;
            // All three are asked: whether one of them may is a guess that goes wrong, which costs more than asking.
            if !(long.may_hold(first) | middle.may_hold(first) | short.may_hold(first)) || !begins_word(text, start) {
                continue;
            }
            // The longest phrase first: it takes the place of those within it that are of the same tag.
            for number in long.at(first).chain(middle.at(first)).chain(short.at(first)) {
                let Some(pattern) = self.patterns.get(number) else {
                    continue;
                };
                let Some(end) = pattern.end_at(bytes, start) else {
                    continue;
                };
                if !pattern.apart.holds(text, start, end) {
                    continue;
                }
                let is_whole = ends_word(text, end);
                if number < OFFERS.len() {
                    if is_whole {
                        offers.push(sentence(text, start));
                    }
                    continue;
                }
                for meaning in pattern.meanings.iter().filter(|m| m.is_prefix || is_whole) {
                    let Some(last) = last_of.get_mut(meaning.tag) else {
                        continue;
                    };
                    if start < last.end {
                        if !meaning.is_against || last.is_against || end <= last.end {
                            continue;
                        }
                        overtaken.push(last.place);
                    }
                    *last = Last {
                        place: all.len(),
                        end,
                        is_against: meaning.is_against,
                    };
                    all.push(Found {
                        tag: meaning.tag,
                        concept: meaning.concept,
                        pattern: number,
                        start,
                        end,
                    });
                }
            }
        }
        if !overtaken.is_empty() {
            overtaken.sort_unstable();
            let mut overtaken = overtaken.into_iter().peekable();
            let mut places = 0..;
            all.retain(|_| {
                let here = places.next();
                overtaken.next_if(|place| Some(*place) == here).is_none()
            });
        }
        (all, offers)
    }
}

/// Where a body begins, behind first lines that offer something.
pub(super) fn end_of_offers(body: &str) -> usize {
    let mut begins = 0;
    for line in body.split_inclusive('\n').take(3) {
        let small = line.to_ascii_lowercase();
        let offers = |words: &&str| {
            let mut places = small.match_indices(*words);
            places.any(|(at, _)| begins_word(&small, at) && ends_word(&small, at + words.len()))
        };
        let is_offer = line.ends_with('\n') && line.len() < 2 * SENTENCE_BYTES && OFFERS.iter().any(offers);
        if !is_offer {
            break;
        }
        begins += line.len();
    }
    begins
}

/// Places where a word may begin: a letter or digit of ASCII behind another byte, and each character beyond ASCII. Told for 64
/// bytes at once, since nine places in ten are none.
struct WordStarts<'a> {
    bytes: &'a [u8],
    /// Where the 64 bytes stand that `starts` are of.
    at: usize,
    /// A bit for each place among them that was not handed out yet.
    starts: u64,
    /// Whether the byte before the next 64 is of a word: 1 or 0.
    in_word: u64,
}

impl<'a> WordStarts<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let mut all = Self {
            bytes,
            at: 0,
            starts: 0,
            in_word: 0,
        };
        all.look();
        all
    }

    fn look(&mut self) {
        let bits = Bits::of(self.bytes.get(self.at..).unwrap_or_default());
        let words = bits.letters_and_digits();
        let firsts = bits.firsts_beyond_ascii();
        self.starts = firsts | (words & !(words << 1 | self.in_word));
        self.in_word = words >> (BLOCK - 1);
    }
}

impl Iterator for WordStarts<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.starts == 0 {
            self.at += BLOCK;
            if self.at >= self.bytes.len() {
                return None;
            }
            self.look();
        }
        let place = self.at + self.starts.trailing_zeros() as usize;
        self.starts &= self.starts - 1;
        Some(place)
    }
}

/// The eight bytes at a place, capitals as small letters, the first in the lowest bits; blanks behind the text's end.
fn first_bytes(text: &[u8], at: usize) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    if let Some(Ok(eight)) = text.get(at..at + 8).map(TryInto::try_into) {
        return u64::from_le_bytes(eight) | SMALL;
    }
    let mut eight = [b' '; 8];
    for (place, byte) in eight.iter_mut().zip(text.get(at..).unwrap_or_default()) {
        *place = *byte;
    }
    u64::from_le_bytes(eight) | SMALL
}

/// A phrase's first eight bytes, or all of a shorter one.
#[derive(Clone, Copy)]
struct Beginning {
    /// The bits that count.
    mask: u64,
    bytes: u64,
    pattern: u32,
}

impl Beginning {
    fn of(text: &[u8], pattern: u32) -> Self {
        let mask = u64::MAX >> (64 - 8 * text.len().clamp(1, 8));
        Self {
            mask,
            bytes: first_bytes(text, 0) & mask,
            pattern,
        }
    }
}

/// Phrases by their first bytes: a table of places in one list, the longest phrase of each place first. Phrases of one place may
/// begin otherwise, since a place is a hash.
struct Beginnings {
    /// The bits of the first bytes that count.
    mask: u64,
    /// A bit for each of 65,536 places, set where a phrase is: small enough to stay in the fastest memory.
    filter: Box<[u64; FILTER_WORDS]>,
    shift: u32,
    /// Where the phrases of each place begin in `phrases`, and the end of all.
    starts: Vec<u32>,
    phrases: Vec<Beginning>,
}

impl std::fmt::Debug for Beginnings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Beginnings").finish_non_exhaustive()
    }
}

impl Beginnings {
    /// The patterns that have `first` bytes, and not as many as the next longer beginnings.
    fn of(patterns: &[Pattern], first: usize) -> Self {
        let longer = FIRST_BYTES.into_iter().filter(|f| *f > first).min();
        let is_meant = |length: usize| length >= first && longer.is_none_or(|longer| length < longer);
        let mask = u64::MAX >> (64 - 8 * first);
        let mut phrases: Vec<Beginning> = (0..)
            .zip(patterns)
            .filter(|(_, p)| is_meant(p.text.len()))
            .map(|(number, p)| Beginning::of(p.text.as_bytes(), number))
            .collect();
        // A place or two for each phrase: the filter has turned away what is none, and a small table stays near.
        let bits = phrases.len().max(1).ilog2() + 1;
        let shift = u64::BITS - bits;
        let length = |number: u32| patterns.get(number as usize).map_or(0, |p| p.text.len());
        let hash_of = |b: &Beginning| hash(b.bytes & mask);
        // Of two that differ in case alone the acronym is first, whatever other tags have: a tag's phrases are found as if it were alone.
        let is_exact = |number: u32| patterns.get(number as usize).is_some_and(|p| p.is_exact);
        let place_of = |b: &Beginning| {
            let (last, number) = (usize::MAX - length(b.pattern), b.pattern);
            (hash_of(b) >> shift, last, !is_exact(number), number)
        };
        phrases.sort_by_key(place_of);
        let mut starts = vec![0; (1 << bits) + 1];
        let mut filter = Box::new([0; FILTER_WORDS]);
        for beginning in &phrases {
            starts[(hash_of(beginning) >> shift) as usize + 1] += 1;
            let (word, bit) = filter_place(hash_of(beginning));
            filter[word] |= bit;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self {
            mask,
            filter,
            shift,
            starts,
            phrases,
        }
    }

    /// Whether a phrase may begin so; where none does, this is mostly known.
    fn may_hold(&self, first: u64) -> bool {
        let (word, bit) = filter_place(hash(first & self.mask));
        self.filter[word] & bit != 0
    }

    /// The patterns that begin so, the longest first.
    fn at(&self, first: u64) -> impl Iterator<Item = usize> {
        let place = (hash(first & self.mask) >> self.shift) as usize;
        let range = |starts: &[u32]| Some(*starts.first()? as usize..*starts.get(1)? as usize);
        let here = range(self.starts.get(place..).unwrap_or_default()).and_then(|range| self.phrases.get(range));
        let same = here
            .unwrap_or_default()
            .iter()
            .filter(move |b| first & b.mask == b.bytes);
        same.map(|b| b.pattern as usize)
    }
}

const FILTER_WORDS: usize = 1024;

fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn filter_place(hash: u64) -> (usize, u64) {
    ((hash >> 54) as usize, 1 << ((hash >> 48) & 63))
}

/// Two capitals or more and no small letter: `US` is no `us`.
fn is_acronym(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase()).count() > 1 && !word.chars().any(char::is_lowercase)
}

/// The spellings of a phrase that the automaton, which knows the case of ASCII letters alone, must be told.
fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if word.contains('\'') {
        forms.push(word.replace('\'', "’"));
    }
    if !word.is_ascii() && !is_acronym(word) {
        for form in forms.clone() {
            let lower = form.to_lowercase();
            let each: Vec<String> = lower.split(' ').map(capital).collect();
            forms.extend([
                form.to_uppercase(),
                capital(&form),
                capital(&lower),
                each.join(" "),
                lower,
            ]);
        }
        forms.sort();
        forms.dedup();
    }
    forms
}

/// The word with its first letter as a capital.
fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(rest)
        .collect()
}

/// A character of a script whose words are told apart otherwise, if at all: Han, kana, Hangul, Thai.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{d7ff}' | '\u{e00}'..='\u{e7f}')
}

/// A letter or digit, or a mark on one. Joiners stand within words of Hindi and Persian.
pub(super) fn is_of_word(c: char) -> bool {
    match c {
        ..'\u{300}' => c.is_alphanumeric(),
        '\u{200c}' | '\u{200d}' => true,
        '\u{2000}'..='\u{206f}' => false,
        _ => c.is_alphanumeric() || is_combining_mark(c),
    }
}

/// The same of a script that sets words apart.
fn is_word(c: char) -> bool {
    !is_unspaced(c) && is_of_word(c)
}

fn is_hangul(c: char) -> bool {
    ('\u{ac00}'..='\u{d7a3}').contains(&c)
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}')
}

/// Few syllables stand in many words by chance: 이란 (Iran) in 갈등이란, イラン in プレイランキング.
const HANGUL_FEW: usize = 2;
const KATAKANA_FEW: usize = 4;

/// What must not stand next to a phrase of few syllables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// It has letters, or many syllables.
    No,
    /// Korean, whose words begin behind a blank and take particles at their end.
    FromHangulBefore,
    FromKatakana,
}

impl Apart {
    fn of(phrase: &str) -> Self {
        let is_few = |few: usize, is: fn(char) -> bool| phrase.chars().nth(few).is_none() && phrase.chars().all(is);
        match phrase.chars().next() {
            Some(first) if is_hangul(first) && is_few(HANGUL_FEW, is_hangul) => Self::FromHangulBefore,
            Some(first) if is_katakana(first) && is_few(KATAKANA_FEW, is_katakana) => Self::FromKatakana,
            _ => Self::No,
        }
    }

    fn holds(self, text: &str, start: usize, end: usize) -> bool {
        let is_before = |is: fn(char) -> bool| text.get(..start).and_then(|b| b.chars().next_back()).is_some_and(is);
        let is_behind = |is: fn(char) -> bool| text.get(end..).and_then(|b| b.chars().next()).is_some_and(is);
        match self {
            Self::No => true,
            Self::FromHangulBefore => !is_before(is_hangul),
            Self::FromKatakana => !is_before(is_katakana) && !is_behind(is_katakana),
        }
    }
}

/// Whether a byte is of a letter or a digit, for certain: ASCII alone.
fn is_word_byte(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_alphanumeric)
}

fn begins_word(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let is_ascii = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii);
    if is_ascii(before) && is_ascii(bytes.get(at)) {
        return is_word_byte(bytes.get(at))
            && !is_word_byte(before)
            && !(before == Some(&b'-') && is_negated(bytes, at));
    }
    let Some((before, after)) = text.split_at_checked(at) else {
        return false;
    };
    let Some(first) = after.chars().next().filter(|c| c.is_alphanumeric()) else {
        return false;
    };
    let is_inside = before.chars().next_back().is_some_and(is_word) && is_word(first) && !ends_with_proclitic(before);
    !is_inside && !is_negated(bytes, at)
}

/// Arabic writes `and`, `so`, `with`, `for` and `as`, a letter each, in one with the word that follows.
fn ends_with_proclitic(before: &str) -> bool {
    let mut back = before.chars().rev();
    back.next().is_some_and(|c| "وفبلك".contains(c)) && back.next().is_none_or(|c| !is_word(c))
}

/// `de-` and `non-` turn a word's sense: `de-escalation` is no escalation.
fn is_negated(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    ["de-", "non-"].iter().any(|prefix| {
        let (rest, end) = before.split_at(before.len().saturating_sub(prefix.len()));
        end.eq_ignore_ascii_case(prefix.as_bytes()) && !is_word_byte(rest.last())
    })
}

fn ends_word(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    if at > 0 && bytes.get(at - 1).is_some_and(u8::is_ascii) && bytes.get(at).is_none_or(u8::is_ascii) {
        return !(is_word_byte(bytes.get(at - 1)) && is_word_byte(bytes.get(at)));
    }
    let Some((before, after)) = text.split_at_checked(at) else {
        return false;
    };
    !(before.chars().next_back().is_some_and(is_word) && after.chars().next().is_some_and(is_word))
}

/// How far a sentence is looked for, in bytes to each side.
const SENTENCE_BYTES: usize = 240;

/// The sentence round a place.
fn sentence(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let is_end = |i: &usize| match bytes.get(*i) {
        Some(b'\n') => true,
        Some(b'.' | b'!' | b'?') => bytes.get(i + 1).is_none_or(u8::is_ascii_whitespace),
        _ => false,
    };
    let (first, last) = (at.saturating_sub(SENTENCE_BYTES), bytes.len().min(at + SENTENCE_BYTES));
    let from = (first..at).rev().find(is_end).map_or(first, |end| end + 1);
    (from, (at..last).find(is_end).unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(phrases: &[Phrase<'_>], text: &'a str) -> Vec<&'a str> {
        let found = Matcher::new(phrases.iter().copied()).find_in_prose(text);
        found.iter().filter_map(|f| text.get(f.start..f.end)).collect()
    }

    /// A phrase that speaks for a tag.
    fn phrase(tag: usize, text: &str) -> Phrase<'_> {
        Phrase {
            tag,
            concept: 0,
            is_against: false,
            text,
        }
    }

    fn check(phrases: &[&str], text: &str, expected: &[&str]) {
        let one_tag: Vec<Phrase> = phrases.iter().map(|text| phrase(0, text)).collect();
        assert_eq!(found(&one_tag, text), expected, "{phrases:?} in {text}");
    }

    proptest! {
        #[test]
        fn words_begin_behind_what_is_none(text in "[a-zA-Z0-9 .,'éßяا中-]{0,200}") {
            let bytes = text.as_bytes();
            let before = |at: usize| at.checked_sub(1).and_then(|before| bytes.get(before));
            let begins = |at: &usize| bytes[*at] >= 0xc0 || is_word_byte(bytes.get(*at)) && !is_word_byte(before(*at));
            let each: Vec<usize> = (0..bytes.len()).filter(begins).collect();
            prop_assert_eq!(WordStarts::of(bytes).collect::<Vec<_>>(), each);
        }
    }

    #[test]
    fn a_phrase_is_whole_words() {
        check(&["ynet"], "Gwyneth reads Ynet.", &["Ynet"]);
        check(&["import"], "an important import", &["import"]);
        check(&["import*"], "an important import", &["import", "import"]);
        check(&["escalat*"], "De-escalation, then escalation", &["escalat"]);
        check(&["exports to", "exports"], "exports tobacco", &["exports"]);
    }

    #[test]
    fn capitals_count_in_an_acronym() {
        check(&["US"], "Give us the US.", &["US"]);
        check(&["ВТО"], "вто и ВТО", &["ВТО"]);
    }

    #[test]
    fn the_longest_phrase_of_one_tag_hides_none_of_another() {
        check(&["trade deal*", "trade"], "Trade deals", &["Trade deal"]);
        assert_eq!(
            found(&[phrase(0, "trade deal*"), phrase(1, "trade")], "Trade deals"),
            ["Trade deal", "Trade"]
        );
    }

    #[test]
    fn a_phrase_against_takes_the_place_of_one_it_overlaps() {
        let against = Phrase {
            is_against: true,
            ..phrase(0, "trade fair*")
        };
        let phrases = [phrase(0, "global trade"), against, phrase(0, "fair deal")];
        assert_eq!(found(&phrases, "Global trade fairs"), ["trade fair"]);
        assert_eq!(found(&phrases, "Global trade, fairly"), ["Global trade"]);
        assert_eq!(found(&phrases, "A trade fair deal"), ["trade fair"]);
    }

    #[test]
    fn other_scripts_have_their_case_and_their_boundaries() {
        check(&["санкци*"], "Санкции и САНКЦИИ", &["Санкци", "САНКЦИ"]);
        check(&["稀土"], "中国稀土出口", &["稀土"]);
        check(&["China's grip"], "China’s grip", &["China’s grip"]);
    }

    #[test]
    fn marks_are_of_the_word_that_they_stand_in() {
        check(&["शुल", "थानीय"], "आयात शुल्क और स्थानीय", &[]);
        check(&["शुल्क"], "आयात शुल्क और", &["शुल्क"]);
        check(&["cafe"], "Cafe\u{301}", &[]);
    }

    #[test]
    fn a_few_syllables_within_a_word_are_no_phrase() {
        check(&["환태평양경제동반자협정", "무역협정"], "한미무역협정은", &["무역협정"]);
        check(&["이란"], "갈등이란 무엇인가. 이란은", &["이란"]);
        check(&["대사"], "신진대사", &[]);
        check(&["イラン"], "プレイランキング。イラン政府", &["イラン"]);
        check(&["インド"], "インドネシア、インド", &["インド"]);
    }

    #[test]
    fn arabic_particles_are_no_part_of_the_word() {
        check(&["الصين"], "اليابان والصين", &["الصين"]);
        check(&["صين"], "حصين", &[]);
    }

    #[test]
    fn each_word_may_have_a_capital_in_any_script() {
        check(&["совет безопасности"], "Совет Безопасности", &["Совет Безопасности"]);
        check(&["плотина на Ниле"], "Плотина на Ниле", &["Плотина на Ниле"]);
    }

    #[test]
    fn a_sentence_that_offers_a_newsletter_tells_nothing() {
        check(
            &["tariff*"],
            "Our newsletter explains tariffs. Tariffs rose.",
            &["Tariff"],
        );
        let tells = "Its 300m subscribers pay tariffs, and who subscribed pays more.";
        check(&["tariff*"], tells, &["tariff"]);
        assert_eq!(end_of_offers(&format!("{tells}\nMore.")), 0);
    }
}
