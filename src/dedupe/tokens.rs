//! Text → tokens → units: what stays of a text when its typography is taken away.
//!
//! In: any text. Out: units, the text's words in order, with runs of numbers and names folded into one *slot* each. Always:
//! case (but for telling names), white space, punctuation, Unicode form, ligatures, zero-width characters and combining marks
//! make no difference; linear in the text; no allocation for a token.
//!
//! Scripts without spaces between words give a token for each character, of half a word's weight.

use std::hint::select_unpredictable;
use std::ops::Range;
use std::sync::LazyLock;

use multiversion::multiversion;
use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

use super::dates::{Filter, may_be_of_day};
use super::digits;
use crate::fast::bits::{BLOCK, Bits, first, places};
use crate::fast::eight::{self, each};

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
const SEED: u64 = 0xA076_1D64_78BD_642F;

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

/// What a token is: a word, a number, or a character of an unspaced script. An ordinary word (the prose, and what a template shares) has none
/// of these flags.
pub(super) mod kind {
    /// A capitalised word in mid-sentence.
    pub(in crate::dedupe) const NAME: u8 = 1;
    /// Begins with a digit.
    pub(in crate::dedupe) const NUMBER: u8 = 2;
    /// Capitalised, but where every word would be: the start of a sentence.
    pub(super) const INITIAL: u8 = 4;
    /// A character of an unspaced script, which weighs half of a word.
    pub(in crate::dedupe) const HALF: u8 = 8;
}
use kind::{HALF, INITIAL, NAME, NUMBER};

/// [`mix`] each: many at once, for which their words need not wait.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2"))]
fn mix_all(hashes: &mut [u64]) {
    for hash in hashes {
        *hash = mix(*hash);
    }
}

/// A text's tokens, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tokens {
    pub(super) hashes: Vec<u64>,
    pub(super) kinds: Vec<u8>,
}

impl Tokens {
    fn push(&mut self, hash: u64, kind: u8) {
        self.hashes.push(hash);
        self.kinds.push(kind);
    }

    /// The hashes of those of a kind, in order.
    pub(super) fn of_kind(&self, kind: u8) -> impl Iterator<Item = u64> {
        let blocks = self.hashes.chunks(BLOCK).zip(self.kinds.chunks(BLOCK));
        blocks.flat_map(move |(hashes, kinds)| {
            places(Bits::of(kinds).flagged(kind)).filter_map(|place| hashes.get(place).copied())
        })
    }
}

/// Words of a block, a bit for each.
struct Runs {
    starts: u64,
    /// Behind the last byte of each.
    ends: u64,
    /// Of the ends, those of words that are not of letters alone.
    other: u64,
    /// Of the starts, those behind the end of a sentence.
    initials: u64,
}

impl Runs {
    /// Where the next word begins and ends, while there is one.
    #[inline]
    fn next(&mut self) -> (usize, usize) {
        let next = (
            self.starts.trailing_zeros() as usize,
            self.ends.trailing_zeros() as usize,
        );
        self.starts &= self.starts.wrapping_sub(1);
        self.ends &= self.ends.wrapping_sub(1);
        next
    }
}

/// The kind of a word that is no number: 1 for one that is capitalised, and for one that begins a sentence. No branch could foresee it.
#[inline]
const fn of_letters(capital: u64, initial: u64) -> u8 {
    const TO_INITIAL: u64 = (INITIAL / NAME).trailing_zeros() as u64;
    ((NAME as u64 * capital) << (TO_INITIAL * initial)) as u8
}

/// Whether a bit is set.
#[inline]
const fn has(bits: u64, place: usize) -> bool {
    bits >> (place % BLOCK) & 1 != 0
}

/// The reader's state between two characters.
struct Reader {
    /// Their hashes are still to be [mixed](mix).
    tokens: Tokens,
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
    /// The last character that is a token by itself, and how many tokens there were with it.
    syllable: Option<(char, usize)>,
}

impl Reader {
    fn new(capacity: usize) -> Self {
        Self {
            tokens: Tokens {
                hashes: Vec::with_capacity(capacity),
                kinds: Vec::with_capacity(capacity),
            },
            hash: SEED,
            block: 0,
            filled: 0,
            length: 0,
            digits: 0,
            capital: false,
            number: false,
            sentence_start: true,
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

    /// The same of any script.
    fn push_letter(&mut self, lower: char, upper: bool, digit: bool) {
        let bytes = eight::read(lower.encode_utf8(&mut [0; 4]).as_bytes());
        self.push(bytes, lower.len_utf8() as u32, upper, digit);
    }

    /// Read on from `at`, where no token is open, up to sixty-four bytes at once; where it ends. Words of ASCII letters and digits, as most
    /// are, are taken whole, all else by its characters.
    #[expect(
        clippy::inline_always,
        reason = "only what is inlined is compiled for the processors of its caller"
    )]
    #[inline(always)]
    fn block(&mut self, text: &str, at: usize) -> usize {
        let ahead = text.as_bytes().get(at..).unwrap_or_default();
        let mut copy = None;
        let near: &[u8; NEAR] = eight::near(ahead, &mut copy);
        let bits = Bits::of(near);
        let (letters, digits, beyond) = (bits.letters(), bits.digits(), bits.beyond_ascii());
        let mut words = letters | digits | beyond;
        if beyond != 0 {
            words &= !bits.dashes_and_quotes();
        }
        let mut count = ahead.len();
        if count >= BLOCK {
            // The last word may go on.
            count = BLOCK - words.leading_ones() as usize;
            if count == 0 {
                return self.characters(text, at, at + BLOCK);
            }
        }
        words &= first(count);
        let capitals = letters & !bits.small();
        let mut stops = bits.any(*b".!?");
        let mut runs = self.runs(words, letters, stops);
        while runs.starts != 0 {
            let (start, end) = runs.next();
            let hash = || hash(near, ahead, start, end - start);
            if !has(runs.other, end) {
                let kind = of_letters(capitals >> start & 1, runs.initials >> start & 1);
                self.tokens.push(hash(), kind);
                continue;
            }
            self.sentence_start = has(runs.initials, start);
            let word = first(end) & !first(start);
            let goes_on = has(digits, start)
                && matches!(ahead.get(end), Some(b'.' | b',' | b'/' | b'-' | b':'))
                && digits::follow(text.get(at + end + 1..));
            let done = if beyond & word == 0 && !goes_on {
                let number = has(digits, start) && (digits & word).count_ones() as usize * 2 >= end - start;
                self.emit(hash(), number, has(capitals, start));
                end
            } else {
                self.characters(text, at + start, at + end) - at
            };
            if done >= count {
                return at + done;
            }
            words &= !first(done);
            stops &= !first(done);
            runs = self.runs(words, letters, stops);
        }
        self.sentence_start = stops > words || words == 0 && self.sentence_start;
        at + count
    }

    /// Of bits for words, for letters and for what ends sentences: the words.
    #[inline]
    fn runs(&self, words: u64, letters: u64, stops: u64) -> Runs {
        let starts = words & !(words << 1);
        let foremost = starts & starts.wrapping_neg();
        // Added to a run of bits, one of its own is carried to where the next run begins.
        Runs {
            starts,
            ends: !words & words << 1,
            other: words.wrapping_add(words & !letters) & !words,
            initials: ((!words).wrapping_add(stops) & words) | (foremost * u64::from(self.sentence_start)),
        }
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
        let kind = if number {
            NUMBER
        } else {
            of_letters(u64::from(capital), u64::from(self.sentence_start))
        };
        self.tokens.push(hash, kind);
        self.sentence_start = false;
    }

    fn finish(mut self) -> Tokens {
        self.close();
        // Where most words are capitalised (headlines, old wires), a capital tells no name.
        let capitals = |kinds| Bits::of(kinds).flagged(NAME | INITIAL).count_ones() as usize;
        let capitals: usize = self.tokens.kinds.chunks(BLOCK).map(capitals).sum();
        if capitals * 2 > self.tokens.kinds.len() {
            self.tokens.kinds.iter_mut().for_each(|kind| *kind &= !(NAME | INITIAL));
        }
        mix_all(&mut self.tokens.hashes);
        self.tokens
    }

    fn unspaced(&mut self, c: char) {
        self.close();
        self.tokens
            .push((SEED ^ u64::from(u32::from(c))).wrapping_mul(PRIME), HALF);
        self.sentence_start = false;
        self.syllable = Some((c, self.tokens.kinds.len()));
    }

    /// A mark on what went before. An accent is passed over; a sign that spells, as vowels do in India and Thailand, is a letter.
    fn mark(&mut self, mark: char) {
        if is_voicing(mark) {
            let behind = self
                .syllable
                .filter(|(_, count)| *count == self.tokens.kinds.len() && self.length == 0);
            if let Some(whole) = behind.and_then(|(syllable, _)| compose(syllable, mark)) {
                self.tokens.hashes.pop();
                self.tokens.kinds.pop();
                self.unspaced(whole);
            }
        } else if !is_sign(mark) {
        } else if self.length > 0 {
            self.push_letter(mark, false, false);
        } else if let Some(last) = self.tokens.hashes.last_mut() {
            *last = chain(mix(*last), u64::from(u32::from(mark)));
        }
    }

    /// A character beyond ASCII: what its base characters say.
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
        if let Some(letter) = Letter::known(c) {
            self.push(u64::from(letter.bytes), u32::from(letter.count), letter.capital, false);
        } else if let Some(letters) = letters_of_hangul(c) {
            for letter in letters {
                self.push_letter(letter, false, false);
            }
        } else {
            self.taken_apart(c);
        }
    }

    fn taken_apart(&mut self, c: char) {
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
                    self.push_letter(lower, upper, numeric);
                }
            } else {
                self.close();
                self.sentence_start |= matches!(d, '.' | '!' | '?' | '。' | '؟' | '।');
            }
        });
    }
}

/// What a character adds to a word that is one letter wherever it stands: a letter of Arabic, Cyrillic, Greek or Hebrew, an accented one.
#[derive(Clone, Copy, Default)]
struct Letter {
    /// In lower case and without accents, as UTF-8, the first lowest; none where the character is no such letter.
    bytes: u32,
    count: u8,
    capital: bool,
}

/// The characters that are looked up.
const KNOWN: Range<u32> = 0xC0..0x700;

impl Letter {
    /// Told from a table, since taking apart what is one letter takes ten times as long.
    fn known(c: char) -> Option<Self> {
        static LETTERS: LazyLock<Vec<Letter>> = LazyLock::new(|| {
            let letter = |c| char::from_u32(c).and_then(Letter::learned).unwrap_or_default();
            KNOWN.map(letter).collect()
        });
        let place = u32::from(c).checked_sub(KNOWN.start)?;
        let letter = LETTERS.get(place as usize).filter(|letter| letter.count > 0);
        letter.copied()
    }

    /// What a reader makes of it at the beginning of a word and within one.
    fn learned(c: char) -> Option<Self> {
        let (mut first, mut within) = (Reader::new(0), Reader::new(0));
        first.taken_apart(c);
        within.push(u64::from(b'x'), 1, false, false);
        within.taken_apart(c);
        let is_one = (first.length, within.length, within.digits) == (1, 2, 0) && within.tokens.kinds.is_empty();
        is_one.then_some(Self {
            bytes: first.block as u32,
            count: first.filled as u8,
            capital: first.capital,
        })
    }
}

/// The letters that a syllable of Hangul is written with (Unicode 3.12: leading consonant, vowel, and trailing consonant, if any).
fn letters_of_hangul(syllable: char) -> Option<impl Iterator<Item = char>> {
    let at = u32::from(syllable).checked_sub(0xAC00).filter(|at| *at < 11_172)?;
    let (vowel, trailing) = (at % 588 / 28, at % 28);
    let letters = [0x1100 + at / 588, 0x1161 + vowel, 0x11A7 + trailing];
    let count = if trailing == 0 { 2 } else { 3 };
    Some(letters.into_iter().take(count).filter_map(char::from_u32))
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

/// Bytes that are at hand beyond a block, so that two eights can be read from each place in it.
const NEAR: usize = BLOCK + 16;

/// Hash of a word of so many ASCII letters and digits, from `start` on.
#[inline]
fn hash(near: &[u8; NEAR], ahead: &[u8], start: usize, length: usize) -> u64 {
    let at = start % BLOCK;
    if length < 16
        && let Some(([one, other], _)) = near[at..].as_chunks::<8>().0.split_first_chunk()
    {
        // Nobody can foresee how long a word is: both are computed.
        let (one, other) = (lower(u64::from_le_bytes(*one)), lower(u64::from_le_bytes(*other)));
        let is_long = length >= 8;
        let whole = select_unpredictable(is_long, chain(SEED, one), SEED);
        return whole ^ eight::first(length % 8, select_unpredictable(is_long, other, one));
    }
    let mut hash = SEED;
    let word = ahead.get(start..start + length).unwrap_or_default();
    let (eights, rest) = word.as_chunks::<8>();
    for eight in eights {
        hash = chain(hash, lower(u64::from_le_bytes(*eight)));
    }
    hash ^ eight::first(rest.len(), lower(eight::read(rest)))
}

/// Small letters for capitals; digits stay.
const fn lower(eight: u64) -> u64 {
    eight | each(0x20)
}

/// Read a text's tokens.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+popcnt+lzcnt"))]
pub(super) fn tokens(text: &str) -> Tokens {
    let mut reader = Reader::new(text.len() / 5 + 4);
    let mut at = 0;
    while at < text.len() {
        at = reader.block(text, at);
    }
    reader.finish()
}

/// A text's words, with runs of numbers and names folded into one slot each.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The word's hash; for a slot, the hash of its kind.
    pub(super) frames: Vec<u64>,
    /// The slot's content; 0 for a word.
    pub(super) fillings: Vec<u64>,
    /// Whether a slot holds a number, and whether a word is half a one.
    pub(super) kinds: Vec<u8>,
    /// Hash of all tokens in order.
    pub(super) exact: u64,
    /// A bit for each token, [`BLOCK`] in a number: whether the filter lets it through.
    pub(super) marks: Vec<u64>,
}

/// Frames of slots that begin with a name and with a number.
const SLOTS: [u64; 2] = [mix(1), mix(2)];

/// Fold tokens into units, and mark those that a filter lets through.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+popcnt+lzcnt"))]
pub(super) fn units(tokens: &Tokens, filter: &Filter) -> Units {
    let count = tokens.hashes.len();
    let mut marks = Vec::with_capacity(count.div_ceil(BLOCK));
    let (mut frames, mut fillings, mut kinds) = (vec![0; count], vec![0; count], vec![0; count]);
    let (mut exact, mut count, mut in_slot) = (count as u64, 0, false);
    let blocks = tokens.hashes.chunks(BLOCK).zip(tokens.kinds.chunks(BLOCK));
    for (at, (hashes, block)) in (0..).step_by(BLOCK).zip(blocks) {
        let (slots, going_on) = slots(&tokens.kinds, at, block, in_slot);
        in_slot = slots >> (BLOCK - 1) != 0;
        let first_unit = count;
        let mut marked = 0;
        // Which tokens go on with a slot is a toss that no branch can foresee: each is written, and the next over it if it does.
        for (place, (&hash, &kind)) in hashes.iter().zip(block).enumerate() {
            exact = chain(exact, hash);
            // It waits for that hash, and has time for this.
            marked |= u64::from(may_be_of_day(filter, hash)) << place;
            frames[count] = hash;
            kinds[count] = kind & HALF;
            count += usize::from(!has(going_on, place));
        }
        for place in places(slots & !going_on) {
            let unit = first_unit + place - (going_on & first(place)).count_ones() as usize;
            (frames[unit], fillings[unit], kinds[unit]) = slot(tokens, at + place);
        }
        marks.push(marked);
    }
    frames.truncate(count);
    fillings.truncate(count);
    kinds.truncate(count);
    Units {
        frames,
        fillings,
        kinds,
        exact,
        marks,
    }
}

/// Which tokens of a block are in slots, and which of them go on with one.
fn slots(kinds: &[u8], at: usize, block: &[u8], in_slot: bool) -> (u64, u64) {
    let bits = Bits::of(block);
    let (names, facts, initials) = (bits.flagged(NAME), bits.flagged(NAME | NUMBER), bits.flagged(INITIAL));
    let is_name_behind = kinds.get(at + BLOCK).is_some_and(|kind| kind & NAME != 0);
    // A name begins with the sentence where another follows.
    let slots = facts | initials & (names >> 1 | u64::from(is_name_behind) << (BLOCK - 1));
    (slots, slots & (slots << 1 | u64::from(in_slot)) & !initials)
}

/// The slot that begins with a token: frame, filling and kind.
fn slot(tokens: &Tokens, at: usize) -> (u64, u64, u8) {
    let mut of_slot = tokens.hashes.iter().zip(&tokens.kinds).skip(at);
    let Some((&hash, &opens)) = of_slot.next() else {
        return (0, 0, 0);
    };
    let goes_on = |(_, kind): &(&u64, &u8)| *kind & (NAME | NUMBER) != 0 && *kind & INITIAL == 0;
    let (filling, all) = of_slot
        .take_while(goes_on)
        .fold((chain(SEED, hash), opens), |(filling, all), (hash, kind)| {
            (chain(filling, *hash), all | kind)
        });
    (SLOTS[usize::from(opens & NUMBER != 0)], filling, all & NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hashes(text: &str) -> Vec<u64> {
        tokens(text).hashes
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
            assert!(tokens(other).kinds.iter().all(|kind| *kind == NUMBER), "{other}");
        }
        for (one, other) in [("١٧ هدفا", "١٨ هدفا"), ("३.५", "३५")] {
            assert_ne!(hashes(one), hashes(other), "{one} {other}");
        }
    }

    #[test]
    fn letters_that_are_known_add_what_they_do_when_taken_apart() {
        let read = |before: &str, c: char, add: fn(&mut Reader, char)| {
            let mut reader = Reader::new(0);
            reader.characters(before, 0, before.len());
            add(&mut reader, c);
            reader.characters("y Z.", 0, 4);
            reader.finish()
        };
        let syllables = (0xAC00..=0xD7A3).step_by(9).chain([0xD7A3]);
        let all = KNOWN.chain(syllables).filter_map(char::from_u32);
        for c in all.filter(|c| !is_ignored(*c)) {
            for before in ["", "x", "x 7", "カ", "Why? "] {
                let expected = read(before, c, Reader::taken_apart);
                assert_eq!(read(before, c, Reader::wide), expected, "{c} behind {before:?}");
            }
        }
        let known = |text: &str| text.chars().filter(|c| Letter::known(*c).is_some()).count();
        assert_eq!(
            (known("éÅжЙπאبﷲ"), known("\u{301}½´ßǆ")),
            (7, 1),
            "one letter, whatever stands beside it"
        );
    }

    proptest! {
        #[test]
        fn words_at_once_are_as_each_character_by_itself(text in "([a-zA-Z]{1,20}|[0-9]{1,4}|[a-zA-Z0-9éß—港٣２．]{1,9}|[ .,!:/'-]{1,3}| ){0,60}") {
            let mut reader = Reader::new(0);
            reader.characters(&text, 0, text.len());
            prop_assert_eq!(tokens(&text), reader.finish());
        }
    }
}
