//! Text → the phrases that stand in it, in one pass over the bytes.
//!
//! In: a text. Out: for each tag, its phrases in order of place, the longest at each place, none within another of the same tag; of
//! two that overlap the first, but for one that speaks against the tag, which takes its place (`global trade fairs`) and that of
//! all it hid. Always: linear in the text; a phrase begins and ends at a word's boundary, so that `YNET` is not found in `Gwyneth`.
//! Scripts written without spaces have no such boundary. At each word's beginning its first eight, four and two bytes name the few
//! phrases that may stand there, and those are compared; nine words in ten name none. What is read of memory that is not near is read for many
//! words at once.
//!
//! `spelling` says how a phrase may be written · `words` where it may stand · `beginnings` which may stand there · `offers` which sentences
//! count for nothing.

mod beginnings;
mod offers;
mod spelling;
pub(super) mod words;

use std::collections::BTreeMap;

use multiversion::multiversion;
use smallvec::SmallVec;

use self::beginnings::{Beginnings, first_eight, first_sixteen};
pub(super) use self::offers::end_of_offers;
use self::offers::{OFFERS, sentence};
use self::spelling::{forms, is_acronym};
use self::words::{Apart, begins_word, ends_word, word_starts};
use super::composed;
use crate::fast::{bits, keep};

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

/// What a pattern says: a tag that has it among its phrases.
#[derive(Debug, Clone, Copy)]
struct Meaning {
    tag: u32,
    concept: u32,
    is_against: bool,
    is_prefix: bool,
}

/// A phrase in one spelling. Thousands of them lie beside each other, and few are near when a text is read: what tells nearly all
/// of them from a text stands in the pattern itself, and its letters and meanings are with those of all.
#[derive(Debug, Clone, Copy)]
struct Pattern {
    /// The first sixteen bytes, capitals as small letters.
    begins: u128,
    /// Where its letters begin, as those of no other do.
    letters: u32,
    length: u32,
    /// Where its meanings begin.
    meanings: u32,
    meaning_count: u16,
    is_exact: bool,
    apart: Apart,
}

impl Pattern {
    fn len(&self) -> usize {
        self.length as usize
    }

    /// A number of its own.
    fn number(&self) -> usize {
        self.letters as usize
    }

    /// Whether it may stand where these sixteen bytes do, capitals as small letters.
    fn may_be(&self, here: u128) -> bool {
        let beyond = u128::BITS - 8 * self.length.clamp(1, 16);
        (here ^ self.begins) << beyond == 0
    }
}

/// A pattern while phrases are collected.
struct Spelling {
    /// The letters; ASCII ones match in any case, but for an acronym's.
    text: String,
    is_exact: bool,
    meanings: Vec<Meaning>,
}

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
    beginnings: Beginnings,
    letters: String,
    meanings: Vec<Meaning>,
    tag_count: usize,
}

impl Matcher {
    pub(super) fn new<'a>(phrases: impl Iterator<Item = Phrase<'a>>) -> Self {
        let mut tag_count = 0;
        let all = spellings(phrases.inspect(|phrase| tag_count = tag_count.max(phrase.tag + 1)));
        let (mut letters, mut meanings, mut patterns) = (String::new(), Vec::new(), Vec::new());
        for spelling in all {
            patterns.push(Pattern {
                begins: first_sixteen(spelling.text.as_bytes(), 0),
                letters: letters.len() as u32,
                length: spelling.text.len() as u32,
                meanings: meanings.len() as u32,
                meaning_count: spelling.meanings.len() as u16,
                is_exact: spelling.is_exact,
                apart: Apart::of(&spelling.text),
            });
            letters.push_str(&spelling.text);
            meanings.extend(spelling.meanings);
        }
        Self {
            beginnings: Beginnings::of(&patterns),
            letters,
            meanings,
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
        let mut all: Vec<Found> = Vec::with_capacity(32);
        let mut overtaken: SmallVec<[usize; 4]> = SmallVec::new();
        let bytes = text.as_bytes();
        // All before the first is compared: far memory is then read for many at once.
        for (start, patterns) in near(&self.beginnings, bytes) {
            let here = first_sixteen(bytes, start);
            // The longest phrase first: it takes the place of those within it that are of the same tag.
            for pattern in patterns.iter().filter(|p| p.may_be(here)) {
                let Some(end) = self.end_at(pattern, text, start) else {
                    continue;
                };
                let is_whole = ends_word(text, end);
                let meanings = self.meanings_of(pattern);
                if meanings.is_empty() && is_whole {
                    offers.push(sentence(text, start));
                }
                for meaning in meanings.iter().filter(|m| m.is_prefix || is_whole) {
                    let Some(last) = last_of.get_mut(meaning.tag as usize) else {
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
                        tag: meaning.tag as usize,
                        concept: meaning.concept as usize,
                        pattern: pattern.number(),
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

    /// Where a pattern ends if it stands at `start`.
    fn end_at(&self, pattern: &Pattern, text: &str, start: usize) -> Option<usize> {
        let end = start + pattern.len();
        let here = text.as_bytes().get(start..end)?;
        let letters = self
            .letters
            .as_bytes()
            .get(pattern.letters as usize..)?
            .get(..pattern.len())?;
        let is_here = if pattern.is_exact {
            here == letters
        } else {
            here.eq_ignore_ascii_case(letters)
        };
        (is_here && begins_word(text, start) && pattern.apart.holds(text, start, end)).then_some(end)
    }

    /// What a pattern says; nothing where it is of a sentence that offers something.
    fn meanings_of(&self, pattern: &Pattern) -> &[Meaning] {
        let first = pattern.meanings as usize;
        let range = first..first + usize::from(pattern.meaning_count);
        self.meanings.get(range).unwrap_or_default()
    }
}

/// Where words begin that a phrase may begin with, and the patterns that do. Each step asks for all words before the next, so that none
/// waits for another.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn near<'a>(beginnings: &'a Beginnings, text: &[u8]) -> Vec<(usize, &'a [Pattern])> {
    let mut starts = Vec::with_capacity(text.len() / 4);
    for (block, bits) in word_starts(text) {
        bits::push_places(&mut starts, block, bits);
    }
    keep::those(&mut starts, |start| beginnings.may_begin(first_eight(text, *start)));
    keep::those(&mut starts, |start| beginnings.may_hold(first_eight(text, *start)));
    let mut near = Vec::with_capacity(2 * starts.len());
    for start in starts {
        for patterns in beginnings.at(first_eight(text, start)) {
            near.push((start, patterns));
        }
    }
    near
}

/// Phrases in each of their spellings, behind the words of offers.
fn spellings<'a>(phrases: impl Iterator<Item = Phrase<'a>>) -> Vec<Spelling> {
    let offer = |text: &str| Spelling {
        text: text.to_owned(),
        is_exact: false,
        meanings: Vec::new(),
    };
    let mut all: Vec<Spelling> = OFFERS.map(offer).into();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for phrase in phrases {
        let composed = composed::phrase(phrase.text);
        let word = composed.trim_end_matches('*');
        let is_prefix = word.len() < composed.len();
        let is_exact = is_acronym(word);
        let (tag, concept) = (phrase.tag as u32, phrase.concept as u32);
        for text in forms(word) {
            let key = if is_exact {
                format!("{word}\0")
            } else {
                text.to_ascii_lowercase()
            };
            let at = *places.entry(key).or_insert_with(|| {
                all.push(Spelling {
                    text,
                    is_exact,
                    meanings: Vec::new(),
                });
                all.len() - 1
            });
            let is_new = |s: &&mut Spelling| s.meanings.iter().all(|m| (m.tag, m.is_prefix) != (tag, is_prefix));
            if let Some(spelling) = all.get_mut(at).filter(is_new) {
                spelling.meanings.push(Meaning {
                    tag,
                    concept,
                    is_against: phrase.is_against,
                    is_prefix,
                });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
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

    pub(super) fn check(phrases: &[&str], text: &str, expected: &[&str]) {
        let one_tag: Vec<Phrase> = phrases.iter().map(|text| phrase(0, text)).collect();
        assert_eq!(found(&one_tag, text), expected, "{phrases:?} in {text}");
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
}
