//! Text → the phrases that stand in it, in one pass over the bytes.
//!
//! In: a text. Out: for each tag, its phrases in order of place, the longest at each place, none within another of the same tag.
//! Always: linear in the text; a phrase begins and ends at a word's boundary, so that `YNET` is not found in `Gwyneth`. Scripts
//! written without spaces have no such boundary. The automaton of all phrases is walked from each word's beginning until no
//! phrase goes on, which most words end within three letters.

use std::collections::BTreeMap;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use smallvec::SmallVec;

/// A phrase as a tag's file gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrase<'a> {
    pub(super) tag: usize,
    pub(super) concept: usize,
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
    is_prefix: bool,
}

#[derive(Debug, Default)]
struct Pattern {
    meanings: SmallVec<[Meaning; 2]>,
    /// The exact letters, where case counts.
    exact: Option<Box<str>>,
}

/// Words of a sentence that offers something and tells nothing.
const OFFERS: [&str; 4] = ["newsletter", "newsletters", "sign up here", "subscribe"];

/// The phrases of all tags in one language, or in all.
#[derive(Debug)]
pub(super) struct Matcher {
    automaton: NFA,
    beginnings: Beginnings,
    patterns: Vec<Pattern>,
    tag_count: usize,
}

impl Matcher {
    pub(super) fn new<'a>(phrases: impl Iterator<Item = Phrase<'a>>) -> Self {
        let mut words: Vec<String> = OFFERS.map(str::to_owned).into();
        let mut patterns: Vec<Pattern> = OFFERS.iter().map(|_| Pattern::default()).collect();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut tag_count = 0;
        for phrase in phrases {
            tag_count = tag_count.max(phrase.tag + 1);
            let word = phrase.text.trim_end_matches('*');
            let exact = is_acronym(word).then_some(word);
            for form in forms(word) {
                let key = exact.map_or_else(|| form.to_ascii_lowercase(), |exact| format!("{exact}\0"));
                let at = *places.entry(key).or_insert_with(|| {
                    words.push(form);
                    let meanings = SmallVec::new();
                    patterns.push(Pattern {
                        meanings,
                        exact: exact.map(Into::into),
                    });
                    patterns.len() - 1
                });
                let (tag, concept, is_prefix) = (phrase.tag, phrase.concept, word.len() < phrase.text.len());
                let is_new = |p: &&mut Pattern| p.meanings.iter().all(|m| (m.tag, m.is_prefix) != (tag, is_prefix));
                if let Some(pattern) = patterns.get_mut(at).filter(is_new) {
                    pattern.meanings.push(Meaning {
                        tag,
                        concept,
                        is_prefix,
                    });
                }
            }
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&words)
            .expect("a few thousand short phrases fit an automaton");
        let beginnings = Beginnings::of(&words);
        Self {
            automaton,
            beginnings,
            patterns,
            tag_count,
        }
    }

    /// All phrases in `text`, by place.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let mut offers: SmallVec<[(usize, usize); 4]> = SmallVec::new();
        let mut free_from: SmallVec<[usize; 8]> = SmallVec::from_elem(0, self.tag_count);
        let mut all = Vec::new();
        let mut here: SmallVec<[(usize, usize); 8]> = SmallVec::new();
        let bytes = text.as_bytes();
        let mut before = false;
        for (start, &byte) in bytes.iter().enumerate() {
            // Cheap checks first: they pass over nine bytes in ten.
            let is_ascii_word = byte.is_ascii_alphanumeric();
            let may_begin = (is_ascii_word && !before) || !byte.is_ascii();
            before = is_ascii_word;
            if !may_begin || !self.beginnings.may_hold(bytes, start) || !begins_word(text, start) {
                continue;
            }
            self.beginning_at(bytes, start, &mut here);
            // The longest phrase first: it takes the place of those within it that are of the same tag.
            while let Some((end, number)) = here.pop() {
                if number < OFFERS.len() {
                    offers.push(sentence(text, start));
                    continue;
                }
                let Some(pattern) = self.patterns.get(number) else {
                    continue;
                };
                if pattern
                    .exact
                    .as_deref()
                    .is_some_and(|exact| text.get(start..end) != Some(exact))
                {
                    continue;
                }
                let is_whole = ends_word(text, end);
                for &Meaning { tag, concept, .. } in pattern.meanings.iter().filter(|m| m.is_prefix || is_whole) {
                    if let Some(free) = free_from.get_mut(tag).filter(|free| **free <= start) {
                        *free = end;
                        all.push(Found {
                            tag,
                            concept,
                            pattern: number,
                            start,
                            end,
                        });
                    }
                }
            }
        }
        if !offers.is_empty() {
            let mut next = offers.iter().peekable();
            all.retain(|found| {
                while next.next_if(|(_, to)| *to <= found.start).is_some() {}
                next.peek().is_none_or(|(from, _)| found.start < *from)
            });
        }
        all
    }

    /// The phrases that begin at a place, the shortest first, as end and pattern.
    fn beginning_at(&self, bytes: &[u8], start: usize, into: &mut SmallVec<[(usize, usize); 8]>) {
        let Ok(mut state) = self.automaton.start_state(Anchored::Yes) else {
            return;
        };
        for (end, &byte) in (start + 1..).zip(bytes.get(start..).unwrap_or_default()) {
            state = self.automaton.next_state(Anchored::Yes, state, byte);
            if !self.automaton.is_special(state) {
                continue;
            }
            if self.automaton.is_dead(state) {
                return;
            }
            for nth in 0..if self.automaton.is_match(state) {
                self.automaton.match_len(state)
            } else {
                0
            } {
                let pattern = self.automaton.match_pattern(state, nth);
                // The state also names the phrases that end here and begin later.
                if self.automaton.pattern_len(pattern) == end - start {
                    into.push((end, pattern.as_usize()));
                }
            }
        }
    }
}

/// The first three bytes of all phrases, small letters for capitals, as a set that may say yes too often.
struct Beginnings(Vec<u64>);

impl std::fmt::Debug for Beginnings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Beginnings").finish_non_exhaustive()
    }
}

impl Beginnings {
    const BITS: usize = 1 << 16;

    fn of(words: &[String]) -> Self {
        let mut set = Self(vec![0; Self::BITS / 64]);
        for word in words {
            match *word.as_bytes() {
                [a, b, c, ..] => set.insert([a, b, c]),
                [a, b] => (0..=u8::MAX).for_each(|c| set.insert([a, b, c])),
                // A single letter is no phrase worth the time of all texts.
                _ => {}
            }
        }
        set
    }

    fn place(bytes: [u8; 3]) -> usize {
        let [a, b, c] = bytes.map(|byte| usize::from(byte.to_ascii_lowercase()));
        ((a << 11) ^ (b << 6) ^ (c << 1) ^ (c >> 5)) % Self::BITS
    }

    fn insert(&mut self, bytes: [u8; 3]) {
        let place = Self::place(bytes);
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn may_hold(&self, text: &[u8], at: usize) -> bool {
        let bytes = match *text.get(at..).unwrap_or_default() {
            [a, b, c, ..] => [a, b, c],
            [a, b] => [a, b, b' '],
            _ => return false,
        };
        let place = Self::place(bytes);
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
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
            let mut rest = lower.chars();
            let capital: String = rest
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(rest)
                .collect();
            forms.extend([form.to_uppercase(), lower, capital]);
        }
        forms.sort();
        forms.dedup();
    }
    forms
}

/// A letter or digit of a script that sets words apart: not Han, kana, Hangul or Thai.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !('\u{2e80}'..='\u{d7ff}').contains(&c) && !('\u{e00}'..='\u{e7f}').contains(&c)
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
    let is_inside = before.chars().next_back().is_some_and(is_word) && after.chars().next().is_some_and(is_word);
    after.chars().next().is_some_and(char::is_alphanumeric) && !is_inside && !is_negated(bytes, at)
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
    use super::*;

    fn found<'a>(phrases: &[Phrase<'_>], text: &'a str) -> Vec<&'a str> {
        let found = Matcher::new(phrases.iter().copied()).find(text);
        found.iter().filter_map(|f| text.get(f.start..f.end)).collect()
    }

    fn check(phrases: &[&str], text: &str, expected: &[&str]) {
        let one_tag: Vec<Phrase> = phrases
            .iter()
            .map(|text| Phrase {
                tag: 0,
                concept: 0,
                text,
            })
            .collect();
        assert_eq!(found(&one_tag, text), expected, "{phrases:?} in {text}");
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
        let of = |tag, text| Phrase { tag, concept: 0, text };
        assert_eq!(
            found(&[of(0, "trade deal*"), of(1, "trade")], "Trade deals"),
            ["Trade deal", "Trade"]
        );
    }

    #[test]
    fn other_scripts_have_their_case_and_their_boundaries() {
        check(&["санкци*"], "Санкции и САНКЦИИ", &["Санкци", "САНКЦИ"]);
        check(&["稀土"], "中国稀土出口", &["稀土"]);
        check(&["China's grip"], "China’s grip", &["China’s grip"]);
    }

    #[test]
    fn a_sentence_that_offers_a_newsletter_tells_nothing() {
        check(
            &["tariff*"],
            "Our newsletter explains tariffs. Tariffs rose.",
            &["Tariff"],
        );
    }
}
