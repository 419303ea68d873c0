//! Small words and letters → how well each language fits a text.
//!
//! In: a sample, and `words.txt`. Out: for each language what speaks for it (its small words, and letters that few languages write)
//! less what speaks against it (letters that it does not write). Always: one pass, nothing allocated.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{Counts, Script};
use crate::fast::eight;
use crate::fast::hashed::{FACTOR, Map};

/// A language a line: its code, the letters it writes that others of its script do not, and its most frequent words, with those that
/// tell it from its neighbours. One that is written in two ways has two lines.
const LISTS: &str = include_str!("words.txt");

/// Lines of the lists, with room for more.
const LINES_MAX: usize = 80;

/// What a small word, a letter that few languages write, and one that is not the language's weigh.
pub(super) const WORD: i32 = 4;
const RARE: i32 = 1;
const STRANGE: i32 = -6;

/// So many languages are few.
const FEW: usize = 3;

/// The letters beyond ASCII that lists may hold: Latin and Cyrillic ones.
const LETTERS: std::ops::Range<u32> = 0xc0..0x1f00;

/// How well one language fits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fit {
    pub(super) score: i32,
    /// A bit for each of its words; one for all beyond the 63rd.
    seen: u64,
}

impl Fit {
    /// How many of its words there are.
    pub(super) fn seen(&self) -> u32 {
        self.seen.count_ones()
    }
}

/// How well each language fits.
pub(super) struct Fits {
    of_lines: [Fit; LINES_MAX],
    /// Words of the text.
    pub(super) words: i32,
}

impl Fits {
    pub(super) fn of(sample: &str) -> Self {
        let mut fits = Self {
            of_lines: [Fit::default(); LINES_MAX],
            words: 0,
        };
        let mut rest = sample.as_bytes();
        while let Some(word) = first_word(&mut rest) {
            fits.words += 1;
            for place in READ.words.get(&word).into_iter().flatten() {
                fits.weigh(place.line, WORD, place.bit);
            }
        }
        if !sample.is_ascii() {
            for letter in sample.chars().filter_map(|c| READ.letters.get(letter_index(c)?)) {
                letter.rare_in.iter().for_each(|line| fits.weigh(*line, RARE, 0));
                letter.strange_to.iter().for_each(|line| fits.weigh(*line, STRANGE, 0));
            }
        }
        fits
    }

    fn weigh(&mut self, line: u8, weight: i32, seen: u64) {
        if let Some(fit) = self.of_lines.get_mut(usize::from(line)) {
            fit.score += weight;
            fit.seen |= seen;
        }
    }

    /// The languages of a script that fit best and second best; the first line's where several fit alike.
    pub(super) fn best(&self, script: Script) -> [(&'static str, Fit); 2] {
        let none = Fit {
            score: i32::MIN / 2,
            seen: 0,
        };
        let (mut first, mut second) = (("", none), ("", none));
        for (language, fit) in self.of_script(script) {
            if fit.score > first.1.score {
                if language != first.0 {
                    second = first;
                }
                first = (language, fit);
            } else if fit.score > second.1.score && language != first.0 {
                second = (language, fit);
            }
        }
        [first, second]
    }

    /// How well one language fits, if it has a list for this script.
    pub(super) fn get(&self, script: Script, language: &str) -> Option<Fit> {
        let lines = self.of_script(script).filter(|(l, _)| *l == language);
        lines.map(|(_, fit)| fit).max_by_key(|fit| fit.score)
    }

    fn of_script(&self, script: Script) -> impl Iterator<Item = (&'static str, Fit)> {
        let lines = READ.lines.iter().zip(&self.of_lines);
        lines
            .filter(move |(line, _)| line.script == script)
            .map(|(line, fit)| (line.language, *fit))
    }
}

/// The lists, made ready.
struct Lists {
    lines: Vec<Line>,
    words: Map<Vec<Place>>,
    letters: Vec<Letter>,
}

struct Line {
    language: &'static str,
    script: Script,
    letters: &'static str,
}

/// A word's place in the lists: a line, and a bit of its own there.
struct Place {
    line: u8,
    bit: u64,
}

/// The lines that a letter speaks for and against.
#[derive(Default, Clone)]
struct Letter {
    rare_in: Vec<u8>,
    strange_to: Vec<u8>,
}

static READ: LazyLock<Lists> = LazyLock::new(Lists::read);

impl Lists {
    fn read() -> Self {
        let (mut lines, mut words) = (Vec::new(), Map::<Vec<Place>>::default());
        for (number, line) in (0_u8..).zip(LISTS.lines()) {
            let mut fields = line.split(' ');
            let (Some(language), Some(letters)) = (fields.next(), fields.next()) else {
                continue;
            };
            for (at, word) in (0_u32..).zip(fields) {
                if let Some(key) = first_word(&mut word.as_bytes()) {
                    let bit = 1 << at.min(63);
                    words.entry(key).or_default().push(Place { line: number, bit });
                }
            }
            lines.push(Line {
                language,
                script: Counts::of(line).script().map_or(Script::Latin, |(script, _)| script),
                letters,
            });
        }
        let letters = letters(&lines);
        Self { lines, words, letters }
    }
}

/// What each letter says, small or capital. One that no list names says nothing.
fn letters(lines: &[Line]) -> Vec<Letter> {
    let mut letters = vec![Letter::default(); LETTERS.len()];
    let all: BTreeSet<char> = lines.iter().flat_map(|line| line.letters.chars()).collect();
    for c in all {
        let (with, without): (Vec<_>, Vec<_>) = (0_u8..).zip(lines).partition(|(_, line)| line.letters.contains(c));
        let scripts: Vec<Script> = with.iter().map(|(_, line)| line.script).collect();
        let without = without.iter().filter(|(_, line)| scripts.contains(&line.script));
        let numbers: Vec<u8> = with.iter().map(|(number, _)| *number).collect();
        let letter = Letter {
            strange_to: without.map(|(number, _)| *number).collect(),
            rare_in: if numbers.len() <= FEW { numbers } else { Vec::new() },
        };
        for index in c.to_uppercase().chain([c]).filter_map(letter_index) {
            if let Some(place) = letters.get_mut(index) {
                place.clone_from(&letter);
            }
        }
    }
    letters
}

fn letter_index(c: char) -> Option<usize> {
    let c = u32::from(c);
    LETTERS.contains(&c).then(|| (c - LETTERS.start) as usize)
}

/// Take the first word off: a hash of it, with capitals of ASCII as small letters.
fn first_word(text: &mut &[u8]) -> Option<u64> {
    // What stands behind the first byte of a mark is none of a letter's.
    let is_inner = |text: &[u8]| matches!(text.first(), Some(0x80..0xc0));
    while eight::word_bytes(eight::read(text)) == 0 || is_inner(text) {
        *text = text.get(1..)?;
    }
    let mut hash = 0_u64;
    loop {
        let eight = eight::read(text);
        let length = eight::word_bytes(eight);
        hash = (hash.rotate_left(29) ^ eight::small(eight::first(length, eight))).wrapping_mul(FACTOR);
        *text = text.get(length..)?;
        if length < 8 {
            // A table takes its place from the lowest bits, while products are random in their upper halves.
            return Some(hash ^ (hash >> 32));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole() {
        assert!(READ.lines.len() <= LINES_MAX);
        assert_eq!(READ.lines.len(), LISTS.lines().count());
        for (line, text) in READ.lines.iter().zip(LISTS.lines()) {
            let words: Vec<&str> = text.split(' ').skip(2).collect();
            assert!(words.len() >= 15, "{}", line.language);
            for (at, word) in words.iter().enumerate() {
                let mut rest = word.as_bytes();
                assert!(
                    first_word(&mut rest).is_some() && rest.is_empty(),
                    "{} {word}",
                    line.language
                );
                assert!(!words[..at].contains(word), "{} {word}", line.language);
                let strange = word.chars().find(|c| {
                    letter_index(*c)
                        .and_then(|i| READ.letters.get(i))
                        .is_some_and(|l| !l.strange_to.is_empty())
                        && !line.letters.contains(*c)
                });
                assert_eq!(strange, None, "{} {word}", line.language);
            }
        }
    }

    #[test]
    fn words_are_told_apart_by_all_their_bytes() {
        let hash = |word: &str| first_word(&mut word.as_bytes());
        assert_eq!(hash("  The"), hash("the,"));
        assert_ne!(hash("njengoba"), hash("njengobani"));
        assert_eq!(hash("«prieš»"), hash("prieš."));
        assert_eq!(hash(" – "), None);
    }
}
