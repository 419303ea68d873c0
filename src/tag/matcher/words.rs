//! Where words begin and end, in any script.
//!
//! In: a text and a place in it. Out: whether a word begins or ends there. Always: ASCII is told from its bytes alone; scripts written
//! without spaces have no such boundary.

use unicode_normalization::char::is_combining_mark;

use crate::fast::bits::{BLOCK, blocks};

/// Places where a word may begin: a letter or digit of ASCII behind another byte, and each character beyond ASCII. Told for 64
/// bytes at once, since nine places in ten are none: where these begin, and a bit for each place.
pub(super) fn word_starts(bytes: &[u8]) -> impl Iterator<Item = (usize, u64)> {
    let mut is_in_word = 0;
    blocks(bytes).map(move |(at, bits, _)| {
        let words = bits.letters_and_digits();
        let starts = bits.firsts_beyond_ascii() | (words & !(words << 1 | is_in_word));
        is_in_word = words >> (BLOCK - 1);
        (at, starts)
    })
}

/// A character of a script whose words are told apart otherwise, if at all: Han, kana, Hangul, Thai.
pub(in crate::tag) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{d7ff}' | '\u{e00}'..='\u{e7f}')
}

/// A letter or digit, or a mark on one. Joiners stand within words of Hindi and Persian.
pub(in crate::tag) fn is_of_word(c: char) -> bool {
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
pub(super) enum Apart {
    /// It has letters, or many syllables.
    No,
    /// Korean, whose words begin behind a blank and take particles at their end.
    FromHangulBefore,
    FromKatakana,
}

impl Apart {
    pub(super) fn of(phrase: &str) -> Self {
        let is_few = |few: usize, is: fn(char) -> bool| phrase.chars().nth(few).is_none() && phrase.chars().all(is);
        match phrase.chars().next() {
            Some(first) if is_hangul(first) && is_few(HANGUL_FEW, is_hangul) => Self::FromHangulBefore,
            Some(first) if is_katakana(first) && is_few(KATAKANA_FEW, is_katakana) => Self::FromKatakana,
            _ => Self::No,
        }
    }

    pub(super) fn holds(self, text: &str, start: usize, end: usize) -> bool {
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

pub(super) fn begins_word(text: &str, at: usize) -> bool {
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

pub(super) fn ends_word(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    if at > 0 && bytes.get(at - 1).is_some_and(u8::is_ascii) && bytes.get(at).is_none_or(u8::is_ascii) {
        return !(is_word_byte(bytes.get(at - 1)) && is_word_byte(bytes.get(at)));
    }
    let Some((before, after)) = text.split_at_checked(at) else {
        return false;
    };
    !(before.chars().next_back().is_some_and(is_word) && after.chars().next().is_some_and(is_word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::check;
    use super::*;
    use crate::fast::bits::places;

    proptest! {
        #[test]
        fn words_begin_behind_what_is_none(text in "[a-zA-Z0-9 .,'éßяا中-]{0,200}") {
            let bytes = text.as_bytes();
            let before = |at: usize| at.checked_sub(1).and_then(|before| bytes.get(before));
            let begins = |at: &usize| bytes[*at] >= 0xc0 || is_word_byte(bytes.get(*at)) && !is_word_byte(before(*at));
            let each: Vec<usize> = (0..bytes.len()).filter(begins).collect();
            let starts = word_starts(bytes).flat_map(|(at, starts)| places(starts).map(move |place| at + place));
            prop_assert_eq!(starts.collect::<Vec<_>>(), each);
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
}
