//! Text → the phrases that stand in it, in one pass over the bytes.
//!
//! In: a text. Out: for each tag, its phrases in order of place, the longest at each place, none within another of the same tag; of
//! two that overlap the first, but for one that speaks against the tag, which takes its place (`global trade fairs`) and that of
//! all it hid. Always: linear in the text; a phrase begins and ends at a word's boundary, so that `YNET` is not found in `Gwyneth`.
//! Scripts written without spaces have no such boundary. At each word's beginning its first eight, four and two bytes name the few
//! phrases that may stand there, and those are compared; nine words in ten name none.
//!
//! `spelling` says how a phrase may be written · `words` where it may stand · `beginnings` which may stand there · `offers` which sentences
//! count for nothing.

mod beginnings;
mod offers;
mod spelling;
pub(super) mod words;

use std::collections::BTreeMap;

use smallvec::SmallVec;

use self::beginnings::{Beginnings, FIRST_BYTES, first_bytes};
pub(super) use self::offers::end_of_offers;
use self::offers::{OFFERS, sentence};
use self::spelling::{forms, is_acronym};
use self::words::{Apart, WordStarts, begins_word, ends_word};
use super::composed;

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
        let mut all: Vec<Found> = Vec::with_capacity(32);
        let mut overtaken: SmallVec<[usize; 4]> = SmallVec::new();
        let bytes = text.as_bytes();
        for start in WordStarts::of(bytes) {
            let first = first_bytes(bytes, start);
            // All three are asked: whether one of them may is a guess that goes wrong, which costs more than asking.
            let may = self.beginnings.each_ref().map(|beginnings| beginnings.may_hold(first));
            if !(may[0] | may[1] | may[2]) || !begins_word(text, start) {
                continue;
            }
            let holding = self.beginnings.iter().zip(may).filter(|(_, may)| *may);
            // The longest phrase first: it takes the place of those within it that are of the same tag.
            for number in holding.flat_map(|(beginnings, _)| beginnings.at(first)) {
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
