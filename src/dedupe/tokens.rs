//! Text → tokens → units: what stays of a text when its typography is taken away.
//!
//! In: any text. Out: units, the text's words in order, with runs of numbers and names folded into one *slot* each. Always:
//! case (but for telling names), white space, punctuation, Unicode form, ligatures, zero-width characters and combining marks
//! make no difference; linear in the text; no allocation for a token.
//!
//! Scripts without spaces between words give a token for each character, of half a word's weight.

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

use super::digits;
use crate::fast::bits::{BLOCK, Bits, end_of_run, first};
use crate::fast::eight::{self, each};

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
const SEED: u64 = 0xA076_1D64_78BD_642F;

/// Weight of a word; a character of an unspaced script weighs half of it.
pub(super) const WORD: u8 = 2;

/// Spread all bits of a hash over all others (the finaliser of `SplitMix64`).
pub(super) const fn mix(mut h: u64) -> u64 {
    h ^= h >> 30;
    h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h ^= h >> 27;
    h = h.wrapping_mul(0x94D0_49BB_1331_11EB);
    h ^ (h >> 31)
}

/// Hash of a sequence that grows by one element.
pub(super) const fn chain(h: u64, element: u64) -> u64 {
    (h.rotate_left(23) ^ element).wrapping_mul(PRIME)
}

/// What a token says of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// An ordinary word: the prose, and what a template shares.
    Word,
    /// A capitalised word in mid-sentence.
    Name,
    /// Begins with a digit.
    Number,
}

/// One token: a word, a number, or a character of an unspaced script.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) hash: u64,
    pub(super) class: Class,
    /// Capitalised, but where every word would be: the start of a sentence.
    initial: bool,
    pub(super) weight: u8,
}

/// The reader's state between two characters.
struct Reader {
    tokens: Vec<Token>,
    /// Of the open token's whole blocks: its bytes (UTF-8, lower case), eight at a time.
    hash: u64,
    /// The bytes behind those, the first lowest, and how many they are (below 8).
    block: u64,
    filled: u32,
    /// Characters of the open token; 0 when none is open.
    length: u32,
    digits: u32,
    capital: bool,
    number: bool,
    sentence_start: bool,
    capitals: usize,
    /// The last character that is a token by itself, and how many tokens there were with it.
    syllable: Option<(char, usize)>,
}

impl Reader {
    fn new(capacity: usize) -> Self {
        Self {
            tokens: Vec::with_capacity(capacity),
            hash: SEED,
            block: 0,
            filled: 0,
            length: 0,
            digits: 0,
            capital: false,
            number: false,
            sentence_start: true,
            capitals: 0,
            syllable: None,
        }
    }

    /// Go on with the open token, or open one, whose first character these are.
    #[inline]
    fn begin(&mut self, upper: bool, digit: bool) {
        if self.length == 0 {
            self.hash = SEED;
            self.block = 0;
            self.filled = 0;
            self.capital = upper;
            self.number = digit;
            self.digits = 0;
        }
    }

    /// Append `count` bytes (1 to 8); those of `bytes` behind them are 0.
    #[inline]
    fn append(&mut self, bytes: u64, count: u32) {
        self.block |= bytes << (8 * self.filled);
        let all = self.filled + count;
        if all >= 8 {
            self.hash = chain(self.hash, self.block);
            // What did not fit; nothing where the block was empty before.
            self.block = bytes.checked_shr(8 * (8 - self.filled)).unwrap_or(0);
        }
        self.filled = all % 8;
    }

    /// A character, in lower case.
    #[inline]
    fn push(&mut self, lower: u64, count: u32, upper: bool, digit: bool) {
        self.begin(upper, digit);
        self.append(lower, count);
        self.length += 1;
        self.digits += u32::from(digit);
    }

    /// Read on from `at`, where no token is open, up to sixty-four bytes at once; where it ends. Words of ASCII letters alone, as most are, are
    /// taken whole, all else by its characters.
    fn block(&mut self, text: &str, at: usize) -> usize {
        let bytes = text.as_bytes();
        let ahead = bytes.get(at..).unwrap_or_default();
        let bits = Bits::of(ahead);
        let mut words = bits.words();
        let mut count = ahead.len().min(BLOCK);
        if ahead.len() > BLOCK {
            // The last word may go on.
            count -= words.leading_ones() as usize;
            if count == 0 {
                return self.characters(text, at, at + BLOCK);
            }
            words &= first(count);
        }
        let other = words & !bits.letters();
        let mut stops = bits.any(*b".!?") & first(count);
        let mut starts = words & !(words << 1);
        while starts != 0 {
            let (start, before) = (starts.trailing_zeros() as usize, (starts - 1) & !starts);
            self.sentence_start |= stops & before != 0;
            stops &= !before;
            starts &= starts - 1;
            let end = end_of_run(words, start);
            if other >> start & first(end - start) == 0 {
                self.word(ahead.get(start..).unwrap_or_default(), end - start);
                continue;
            }
            let done = self.characters(text, at + start, at + end) - at;
            if done >= count {
                return at + done;
            }
            words &= !first(done);
            stops &= !first(done);
            starts = words & !(words << 1);
        }
        self.sentence_start |= stops != 0;
        at + count
    }

    /// A word of so many ASCII letters, which `ahead` begins with.
    #[inline]
    fn word(&mut self, mut ahead: &[u8], mut length: usize) {
        let mut eight = eight::read(ahead);
        let (mut hash, capital) = (SEED, eight & 0x20 == 0);
        while length >= 8 {
            hash = chain(hash, eight | each(0x20));
            ahead = ahead.get(8..).unwrap_or_default();
            length -= 8;
            eight = eight::read(ahead);
        }
        self.emit(hash ^ eight::first(length, eight | each(0x20)), false, capital);
    }

    /// Read character by character from `at` to `end`, and on while a token is open; where it ends.
    fn characters(&mut self, text: &str, mut at: usize, end: usize) -> usize {
        let bytes = text.as_bytes();
        while let Some(&byte) = bytes.get(at).filter(|_| at < end || self.length > 0) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' => {
                    let lower = byte | 0x20;
                    self.push(u64::from(lower), 1, lower != byte, false);
                }
                b'0'..=b'9' => self.push(u64::from(byte), 1, false, true),
                b'.' | b',' | b'/' | b'-' | b':' if self.number_goes_on(text, at + 1) => self.separator(byte),
                0..=0x7F => {
                    self.close();
                    self.sentence_start |= matches!(byte, b'.' | b'!' | b'?');
                }
                _ => {
                    let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                        at += 1;
                        continue;
                    };
                    at += c.len_utf8();
                    match digits::separator(c) {
                        Some(separator) if self.number_goes_on(text, at) => self.separator(separator),
                        _ => self.wide(c),
                    }
                    continue;
                }
            }
            at += 1;
        }
        at
    }

    /// Whether the open token is a number that goes on behind a separator, which ends at `behind`.
    #[inline]
    fn number_goes_on(&self, text: &str, behind: usize) -> bool {
        self.length > 0 && self.number && digits::follow(text.get(behind..))
    }

    /// A separator within a number: 1,319 and 1319 are one number; 4.79 and 479, 6-1/4 and 6-1/2, 3:1 and 1:3 are not.
    #[inline]
    fn separator(&mut self, byte: u8) {
        if byte != b',' {
            self.push(u64::from(byte), 1, false, false);
        }
    }

    #[inline]
    fn close(&mut self) {
        if self.length > 0 {
            let number = self.number && self.digits * 2 >= self.length;
            self.emit(self.hash ^ self.block, number, self.capital);
            self.length = 0;
        }
    }

    #[inline]
    fn emit(&mut self, hash: u64, number: bool, capital: bool) {
        let class = match (number, capital && !self.sentence_start) {
            (true, _) => Class::Number,
            (false, true) => Class::Name,
            (false, false) => Class::Word,
        };
        self.capitals += usize::from(capital);
        self.tokens.push(Token {
            hash: mix(hash),
            class,
            initial: capital && self.sentence_start,
            weight: WORD,
        });
        self.sentence_start = false;
    }

    fn finish(mut self) -> Vec<Token> {
        self.close();
        // Where most words are capitalised (headlines, old wires), a capital tells no name.
        if self.capitals * 2 > self.tokens.len() {
            for token in &mut self.tokens {
                token.initial = false;
                if token.class == Class::Name {
                    token.class = Class::Word;
                }
            }
        }
        self.tokens
    }

    fn unspaced(&mut self, c: char) {
        self.close();
        self.tokens.push(Token {
            hash: mix((SEED ^ u64::from(u32::from(c))).wrapping_mul(PRIME)),
            class: Class::Word,
            initial: false,
            weight: WORD / 2,
        });
        self.sentence_start = false;
        self.syllable = Some((c, self.tokens.len()));
    }

    /// A mark on what went before. An accent is passed over; a sign that spells, as vowels do in India and Thailand, is a letter.
    fn mark(&mut self, mark: char) {
        if is_voicing(mark) {
            let behind = self
                .syllable
                .filter(|(_, count)| *count == self.tokens.len() && self.length == 0);
            if let Some(whole) = behind.and_then(|(syllable, _)| compose(syllable, mark)) {
                self.tokens.pop();
                self.unspaced(whole);
            }
        } else if !is_sign(mark) {
        } else if self.length > 0 {
            let bytes = eight::read(mark.encode_utf8(&mut [0; 4]).as_bytes());
            self.push(bytes, mark.len_utf8() as u32, false, false);
        } else if let Some(last) = self.tokens.last_mut() {
            last.hash = mix(chain(last.hash, u64::from(u32::from(mark))));
        }
    }

    /// A character beyond ASCII, taken apart into its base characters.
    fn wide(&mut self, c: char) {
        // Dashes and quotation marks: most of what an English text has beyond ASCII.
        if ('\u{2010}'..='\u{2023}').contains(&c) {
            self.close();
            return;
        }
        if is_unspaced(c) {
            self.unspaced(c);
            return;
        }
        if is_ignored(c) {
            return;
        }
        decompose_compatible(c, |d| {
            if is_ignored(d) {
            } else if is_combining_mark(d) {
                self.mark(d);
            } else if d.is_alphanumeric() {
                if is_unspaced(d) {
                    self.unspaced(d);
                    return;
                }
                let numeric = d.is_numeric();
                if let Some(digit) = numeric.then(|| digits::value(d)).flatten() {
                    self.push(u64::from(b'0' + digit), 1, false, true);
                    return;
                }
                let upper = d.is_uppercase();
                for lower in d.to_lowercase().filter(|lower| !is_combining_mark(*lower)) {
                    let bytes = eight::read(lower.encode_utf8(&mut [0; 4]).as_bytes());
                    self.push(bytes, lower.len_utf8() as u32, upper, numeric);
                }
            } else {
                self.close();
                self.sentence_start |= matches!(d, '.' | '!' | '?' | '。' | '؟' | '।');
            }
        });
    }
}

/// Scripts that put no space between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E01..=0x0E30 | 0x0E32..=0x0E33 | 0x0E40..=0x0E46 | 0x0E81..=0x0ECF | 0x0EDC..=0x0EDF | 0x1000..=0x102A | 0x1780..=0x17B3
        | 0x3041..=0x3096 | 0x30A1..=0x30FA | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
        && !matches!(u32::from(c), 0x3099..=0x309C)
}

/// The marks that make か of katakana and hiragana が, and は ぱ.
fn is_voicing(c: char) -> bool {
    matches!(u32::from(c), 0x3099..=0x309A)
}

/// Marks that spell: vowels, viramas and tones of the scripts of India, Thailand, Laos, Tibet, Myanmar and Cambodia.
fn is_sign(c: char) -> bool {
    matches!(u32::from(c), 0x0900..=0x109F | 0x1780..=0x17D3)
}

/// Characters that are there and mean nothing: zero-width ones, soft hyphens, variation selectors, directional marks.
fn is_ignored(c: char) -> bool {
    matches!(u32::from(c), 0x00AD | 0x034F | 0x061C | 0x0640 | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2064 | 0xFE00..=0xFE0F | 0xFEFF)
}

/// Read a text's tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader::new(text.len() / 5 + 4);
    let mut at = 0;
    while at < text.len() {
        at = reader.block(text, at);
    }
    reader.finish()
}

/// A word, or a run of numbers and names folded into one slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// The word's hash; for a slot, the hash of its kind.
    pub(super) frame: u64,
    /// The slot's content; 0 for a word.
    pub(super) filling: u64,
    /// The slot holds a number.
    pub(super) number: bool,
    pub(super) weight: u8,
}

/// Fold tokens into units.
pub(super) fn units(tokens: &[Token]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(tokens.len());
    let mut in_slot = false;
    for (at, token) in tokens.iter().enumerate() {
        let opens = token.initial && tokens.get(at + 1).is_some_and(|next| next.class == Class::Name);
        if token.class == Class::Word && !opens {
            units.push(Unit {
                frame: token.hash,
                filling: 0,
                number: false,
                weight: token.weight,
            });
            in_slot = false;
            continue;
        }
        match units.last_mut() {
            Some(slot) if in_slot && !token.initial => {
                slot.filling = chain(slot.filling, token.hash);
                slot.number |= token.class == Class::Number;
            }
            _ => units.push(Unit {
                frame: mix(1 + u64::from(token.class == Class::Number)),
                filling: chain(SEED, token.hash),
                number: token.class == Class::Number,
                weight: WORD,
            }),
        }
        in_slot = true;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hashes(text: &str) -> Vec<u64> {
        tokens(text).iter().map(|token| token.hash).collect()
    }

    #[test]
    fn signs_that_spell_are_letters_and_accents_are_not() {
        for (one, other) in [
            ("लड़का गया", "लड़की गयी"),
            ("दान में", "दिन में"),
            ("ที่ดี", "ทดี"),
            ("カラス", "ガラス"),
        ] {
            assert_ne!(hashes(one), hashes(other), "{one} {other}");
        }
        for (one, other) in [
            ("Fähre", "Fahre"),
            ("Fa\u{308}hre", "Fähre"),
            ("كِتَاب", "كتاب"),
            ("שָׁלוֹם", "שלום"),
        ] {
            assert_eq!(hashes(one), hashes(other), "{one} {other}");
        }
    }

    #[test]
    fn a_text_is_the_same_in_each_unicode_form() {
        use unicode_normalization::UnicodeNormalization;
        for text in [
            "ガラスのペンが、ぱちぱち。",
            "क़लम और ज़मीन",
            "한국어 문장",
            "Ærøskøbing åpner",
            "ที่นี่ น้ำ",
        ] {
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            assert_eq!(hashes(&composed), hashes(&decomposed), "{text}");
        }
    }

    #[test]
    fn a_number_is_the_same_in_the_digits_of_each_script() {
        for other in [
            "١٧ ٣٫٥ ١٬٣١٩ ٣.٥ ١٨:٤٥",
            "१७ ३.५ १,३१९ ३.५ १८:४५",
            "１７ ３．５ １，３１９ 3．5 １８:４５",
            "໑໗ ໓.໕ ໑,໓໑໙ ໓.໕ ໑໘:໔໕",
        ] {
            assert_eq!(hashes("17 3.5 1,319 3.5 18:45"), hashes(other), "{other}");
            assert!(
                tokens(other).iter().all(|token| token.class == Class::Number),
                "{other}"
            );
        }
        for (one, other) in [("١٧ هدفا", "١٨ هدفا"), ("३.५", "३५")] {
            assert_ne!(hashes(one), hashes(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn words_at_once_are_as_each_character_by_itself(text in "([a-zA-Z]{1,20}|[0-9]{1,4}|[a-zA-Z0-9éß—港٣２．]{1,9}|[ .,!:/'-]{1,3}| ){0,60}") {
            let mut reader = Reader::new(0);
            reader.characters(&text, 0, text.len());
            let seen = |tokens: Vec<Token>| -> Vec<_> { tokens.iter().map(|t| (t.hash, t.class, t.initial)).collect() };
            prop_assert_eq!(seen(tokens(&text)), seen(reader.finish()));
        }
    }
}
