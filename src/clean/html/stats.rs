//! What a block's characters say: lengths, punctuation, case.
//!
//! In: a block's text. Out: [`Stats`]. Always: one pass; characters, not words of any language.

use multiversion::multiversion;

use crate::fast::bits::{self, BLOCK};

/// Counts over one block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stats {
    /// Characters; one of a script without spaces counts as two and a half.
    pub(super) weight: f32,
    pub(super) words: f32,
    pub(super) commas: f32,
    pub(super) stops: f32,
    pub(super) upper: f32,
    pub(super) digits: f32,
    pub(super) lower_words: f32,
    pub(super) marks: f32,
    pub(super) ends_sentence: bool,
    pub(super) ends_colon: bool,
    /// 0 lower case, 1 upper case, 2 digit, 3 quotation mark, 4 other.
    pub(super) opening: u8,
    /// Hash of the text without digits' values.
    pub(super) hash: u64,
}

impl Stats {
    /// The block's weight if it reads like a paragraph of an article: long, a sentence, and mostly no link. Else nothing.
    pub(super) fn prose(&self, link_share: f32) -> f32 {
        let is_prose = self.weight > 80.0 && self.ends_sentence && link_share < 0.4;
        if is_prose { self.weight } else { 0.0 }
    }
}

/// Counts over a block's bytes.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    chars: u32,
    /// Characters of scripts without spaces, about.
    wide: u32,
    words: u32,
    commas: u32,
    stops: u32,
    upper: u32,
    digits: u32,
    lower_words: u32,
    marks: u32,
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn counts(bytes: &[u8]) -> Counts {
    let mut counts = Counts::default();
    let mut behind_space = 1;
    for (at, bits, own) in bits::blocks(bytes) {
        let behind = |place: usize| bytes.get(at + place + 1..).unwrap_or_default();
        let spaces = bits.any([b' ']);
        let firsts = spaces << 1 | behind_space;
        behind_space = spaces >> (BLOCK - 1);
        let letters = bits.letters();
        let small = letters & bits.small();
        let digits = bits.digits();
        let mut of_words = letters | digits;
        counts.chars += own.count_ones();
        counts.upper += (letters ^ small).count_ones();
        counts.digits += digits.count_ones();
        counts.lower_words += (small & firsts).count_ones();
        counts.commas += bits.any([b',', b';']).count_ones();
        counts.marks += bits.any([b'|', b'/', b'@', b'#', b'>', b'+', b'=', b'{']).count_ones();
        for place in bits::places(bits.any([b'.', b'!', b'?'])) {
            let next = behind(place).first();
            counts.stops += u32::from(next.is_none_or(|b| matches!(b, b' ' | b'"' | b'\n') || !b.is_ascii()));
        }
        if bits.beyond_ascii() != 0 {
            of_words |= bits.between(0xC3..=0xDF);
            counts.chars -= bits.between(0x80..=0xBF).count_ones();
            counts.wide += bits.between(0xE3..=0xED).count_ones();
            for place in bits::places(bits.any([0xE3])) {
                counts.stops += u32::from(behind(place).starts_with(&[0x80, 0x82]));
                counts.commas += u32::from(behind(place).starts_with(&[0x80, 0x81]));
            }
        }
        counts.words += (of_words & firsts).count_ones();
    }
    counts
}

/// Count over a block.
pub(super) fn stats(text: &str) -> Stats {
    let bytes = text.as_bytes();
    let counts = counts(bytes);
    let mut s = Stats {
        weight: counts.chars as f32 + 1.5 * counts.wide as f32,
        words: counts.words as f32 + counts.wide as f32 / 2.0,
        commas: counts.commas as f32,
        stops: counts.stops as f32,
        upper: counts.upper as f32,
        digits: counts.digits as f32,
        lower_words: counts.lower_words as f32,
        marks: counts.marks as f32,
        hash: xxhash_rust::xxh3::xxh3_64(bytes),
        ..Stats::default()
    };
    let tail = text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '“', ' ', '」', '』', '*']);
    s.ends_sentence = tail.ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟', '۔']);
    s.ends_colon = tail.ends_with([':', '：']);
    s.opening = match text.chars().next() {
        Some(c) if c.is_lowercase() => 0,
        Some(c) if c.is_uppercase() => 1,
        Some(c) if c.is_ascii_digit() => 2,
        Some('"' | '“' | '«' | '‘' | '\'' | '„' | '「') => 3,
        _ => 4,
    };
    s
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each byte looked at by itself.
    fn slowly(text: &str) -> Counts {
        let bytes = text.as_bytes();
        let mut counts = Counts::default();
        let mut before = b' ';
        for (at, byte) in bytes.iter().copied().enumerate() {
            let is_first = u32::from(before == b' ');
            let behind = &bytes[at + 1..];
            match byte {
                b'a'..=b'z' => {
                    counts.words += is_first;
                    counts.lower_words += is_first;
                }
                b'A'..=b'Z' => {
                    counts.words += is_first;
                    counts.upper += 1;
                }
                b'0'..=b'9' => {
                    counts.words += is_first;
                    counts.digits += 1;
                }
                b',' | b';' => counts.commas += 1,
                b'.' | b'!' | b'?' => {
                    let ends = matches!(behind, [] | [b' ' | b'"' | b'\n' | 0x80.., ..]);
                    counts.stops += u32::from(ends);
                }
                b'|' | b'/' | b'@' | b'#' | b'>' | b'+' | b'=' | b'{' => counts.marks += 1,
                0xC3..=0xDF => counts.words += is_first,
                0xE3..=0xED => {
                    counts.wide += 1;
                    counts.stops += u32::from(byte == 0xE3 && behind.starts_with(&[0x80, 0x82]));
                    counts.commas += u32::from(byte == 0xE3 && behind.starts_with(&[0x80, 0x81]));
                }
                _ => {}
            }
            counts.chars += u32::from(byte & 0xC0 != 0x80);
            before = byte;
        }
        counts
    }

    proptest! {
        #[test]
        fn sixty_four_bytes_at_once_count_as_each_by_itself(text in "([a-zA-Z0-9 .,;!?\"|/é。、漢글\n]{0,12}|\\PC{0,3}){0,40}") {
            prop_assert_eq!(counts(text.as_bytes()), slowly(&text));
        }
    }
}
