//! Lines → what their characters show: words, letters, digits and marks, counted.
//!
//! In: a text and its lines. Out: a [`Shape`] for each, and hashes of the longer words. Always: one pass over the bytes; no word is known, so that it
//! holds in any language.

use multiversion::multiversion;

use super::lines::Line;
use crate::fast::bits::{BLOCK, Bits, end_of_run, first};
use crate::fast::eight::{self, each};
use crate::fast::hashed::FACTOR;

/// Entries of the table that counts words; a power of two.
pub(super) const WORD_TABLE: usize = 1 << 14;

/// A line as the byte pass sees it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark seen or not, all of them free to stand together"
)]
pub(super) struct Shape {
    pub(super) chars: u32,
    /// Words between spaces, and a word for every 1.7 characters of scripts without spaces.
    pub(super) units: f32,
    pub(super) words: u32,
    pub(super) cjk: u32,
    pub(super) letters: u32,
    /// Letters of scripts without case.
    pub(super) caseless: u32,
    pub(super) digits: u32,
    pub(super) short_words: u32,
    pub(super) capital_words: u32,
    pub(super) capital_words_inner: u32,
    pub(super) caps_words: u32,
    pub(super) number_words: u32,
    pub(super) commas: u32,
    pub(super) stops: u32,
    pub(super) colons: u32,
    pub(super) quotes: u32,
    pub(super) brackets: u32,
    pub(super) bars: u32,
    pub(super) symbols: u32,
    pub(super) money: u32,
    pub(super) questions: u32,
    pub(super) dashes: u32,
    pub(super) start: Class,
    pub(super) end: Class,
    pub(super) ellipsis: bool,
    pub(super) times: bool,
    pub(super) year: bool,
    pub(super) link: bool,
    pub(super) at_sign: bool,
    pub(super) hash_sign: bool,
    pub(super) copyright: bool,
    /// Hashes of its words are `first_word..last_word` of the word list.
    pub(super) first_word: u32,
    pub(super) last_word: u32,
}

impl Shape {
    /// Whether it reads as prose: some words, closed by a full stop.
    pub(super) fn is_sentence(&self) -> bool {
        self.end == Class::Stop && self.units >= 7.0
    }

    pub(super) fn ends_with_stop(&self) -> bool {
        self.end == Class::Stop
    }

    pub(super) fn holds_copyright(&self) -> bool {
        self.copyright
    }

    /// Count a word that ended, of letters at least.
    #[inline]
    fn count(&mut self, word: &Word, words: &mut Vec<u16>) {
        self.capital_words += u32::from(word.capital);
        self.capital_words_inner += u32::from(word.capital && self.words > 0);
        self.caps_words += u32::from(word.capitals && word.letters > 1);
        self.words += 1;
        self.letters += word.letters;
        self.short_words += u32::from(word.letters <= 3);
        if word.letters >= 4 {
            words.push(fold_hash(word.hash));
        }
    }

    /// End the open word, where there is one.
    fn end_word(&mut self, word: &mut Word, words: &mut Vec<u16>) {
        if word.letters > 0 {
            self.count(word, words);
        } else if word.digits > 0 {
            self.words += 1;
            self.number_words += 1;
            self.year |= word.digits == 4;
        } else {
            return;
        }
        *word = Word::NONE;
    }

    /// Whether it is little more than a day or a time.
    pub(super) fn is_date(&self) -> bool {
        (self.year || self.times) && self.units <= 12.0 && self.digits * 5 >= self.chars
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Class {
    #[default]
    Space,
    Lower,
    Upper,
    /// A letter of a script without case.
    Letter,
    /// A character of a script without spaces.
    Cjk,
    Digit,
    Stop,
    Comma,
    Colon,
    Quote,
    Open,
    Close,
    Dash,
    Bullet,
    Bar,
    Money,
    Symbol,
}

/// All that was read of a text's lines, before their place is known.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) lines: Vec<Shape>,
    /// Hashes of the longer words, in order.
    pub(super) words: Vec<u16>,
}

/// Read the shape of every line.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn shapes(text: &str, lines: &[Line]) -> Shapes {
    let mut shapes = Shapes {
        lines: Vec::with_capacity(lines.len()),
        words: Vec::with_capacity(text.len() / 8),
    };
    for line in lines {
        let shape = Reader::new(text, line, &mut shapes.words).read();
        shapes.lines.push(shape);
    }
    shapes
}

/// The word being read.
struct Word {
    pub(super) letters: u32,
    pub(super) digits: u32,
    capital: bool,
    /// All its letters are capitals.
    capitals: bool,
    hash: u32,
}

impl Word {
    const NONE: Self = Self {
        letters: 0,
        digits: 0,
        capital: false,
        capitals: true,
        hash: 0,
    };

    /// The ASCII letters that `rest` begins with, one at least.
    #[inline]
    fn of_ascii(rest: &[u8]) -> Self {
        let eight = eight::read(rest);
        let count = eight::ascii_letters(eight);
        let capital = eight & 0x20 == 0;
        let mut word = Self {
            letters: count as u32,
            digits: 0,
            capital,
            capitals: capital && eight::first(count, eight & each(0x20)) == 0,
            hash: stem_hash(count, eight),
        };
        if count == 8 {
            for letter in rest.iter().skip(8).take_while(|b| b.is_ascii_alphabetic()) {
                word.letters += 1;
                word.capitals &= *letter < b'a';
            }
        }
        word
    }

    fn is_open(&self) -> bool {
        self.letters > 0 || self.digits > 0
    }
}

/// Bytes that are read at once, and eight behind them.
type Block = [u8; BLOCK + 8];

/// What words and marks of most prose are, among the bytes of a block; a bit for each byte.
struct Plain {
    /// Of words of ASCII letters alone, once the others are taken away.
    letters: u64,
    /// Of words of digits alone.
    digits: u64,
    /// Commas and full stops behind a word and before a space or the line's end.
    commas: u64,
    stops: u64,
    questions: u64,
    /// Hyphens within words, and quotation marks before them: no line ends with these.
    dashes: u64,
    quotes: u64,
}

impl Plain {
    /// Of the first `count` bytes, of which `word` are of words; `is_end` where the line ends with them.
    #[inline]
    fn of(bits: &Bits, word: u64, count: usize, is_end: bool) -> Self {
        let own = first(count);
        let (letters, digits) = (bits.letters() & own, bits.digits() & own);
        let (spaces, end) = (bits.any([b' ']) & own, own & !(own >> u32::from(is_end)));
        let mixed = word & !digits;
        let behind_word = (letters | digits) << 1 & (spaces >> 1 | end);
        let stops = bits.any([b'.', b'!', b'?']) & behind_word;
        Self {
            letters,
            digits: if digits & (mixed << 1 | mixed >> 1) == 0 {
                digits
            } else {
                0
            },
            commas: bits.any([b',', b';']) & behind_word,
            stops,
            questions: bits.any([b'?']) & stops,
            dashes: bits.any([b'-']) & letters << 1 & letters >> 1,
            quotes: bits.any([b'"']) & spaces << 1 & letters >> 1,
        }
    }

    #[inline]
    fn all(&self) -> u64 {
        self.letters | self.digits | self.commas | self.stops | self.dashes | self.quotes
    }
}

/// Bytes of words: letters and digits, all that is beyond ASCII, and apostrophes.
#[inline]
fn word_bytes(bits: &Bits) -> u64 {
    bits.letters() | bits.digits() | bits.beyond_ascii() | bits.any([b'\''])
}

/// A line being read.
struct Reader<'a> {
    line: &'a str,
    /// The bytes of the line, and those of the text behind it.
    ahead: &'a [u8],
    shape: Shape,
    word: Word,
    /// Of the character before; a full stop's where what stands between only closes (a quote, a bracket).
    last: Class,
    last_cjk: u32,
    /// Hashes of the longer words of all lines.
    words: &'a mut Vec<u16>,
}

#[expect(
    clippy::inline_always,
    reason = "what is called is compiled for the oldest processor"
)]
impl<'a> Reader<'a> {
    fn new(text: &'a str, line: &Line, words: &'a mut Vec<u16>) -> Self {
        let ahead = text.as_bytes().get(line.start..).unwrap_or_default();
        let line = line.of(text);
        Self {
            line,
            ahead,
            shape: Shape {
                chars: line.len() as u32,
                first_word: words.len() as u32,
                ..Shape::default()
            },
            word: Word::NONE,
            last: Class::Space,
            last_cjk: 0,
            words,
        }
    }

    #[inline(always)]
    fn read(mut self) -> Shape {
        // The first word counts otherwise than those behind it.
        let mut at = self.characters(0, |reader, _| reader.word.is_open() || reader.shape.words == 0);
        while at < self.line.len() {
            at = self.block(at);
        }
        self.finish()
    }

    #[inline(always)]
    fn finish(mut self) -> Shape {
        self.end_word();
        let mut s = self.shape;
        s.units = s.words as f32 + s.cjk as f32 / 1.7;
        s.last_word = self.words.len() as u32;
        s
    }

    /// Read on from `at`, where no word is open, up to sixty-four bytes at once; where it ends. Words of ASCII letters alone, as most are, are
    /// counted together, and so are the marks that stand as in most prose; all else by its characters.
    #[inline(always)]
    fn block(&mut self, at: usize) -> usize {
        let ahead = self.ahead.get(at..).unwrap_or_default();
        let mut copy = None;
        let block = eight::near(ahead, &mut copy);
        let bits = Bits::of(block);
        let left = self.line.len() - at;
        let mut count = left.min(BLOCK);
        let word = word_bytes(&bits);
        if left > BLOCK {
            // The last word may go on.
            count -= word.leading_ones() as usize;
            if count == 0 {
                return self.characters(at, |reader, i| reader.word.is_open() || i < at + BLOCK);
            }
        }
        let word = word & first(count);
        let mut plain = Plain::of(&bits, word, count, left == count);
        let mut events = first(count) & !bits.any([b' ']) & !plain.all();
        let mut done = 0;
        while events != 0 {
            let place = events.trailing_zeros() as usize;
            let before = !word & first(place);
            let end = end_of_run(word, place).max(place + 1);
            let start = if word >> place & 1 == 0 {
                place
            } else {
                BLOCK - before.leading_zeros() as usize
            };
            match self.ahead.get((at + start).wrapping_sub(1)) {
                Some(b' ') => self.last = Class::Space,
                Some(before) if before.is_ascii_alphabetic() => self.last = Class::Lower,
                Some(before) if before.is_ascii_digit() => self.last = Class::Digit,
                _ => {}
            }
            self.pass(&plain, first(start) & !first(done));
            self.characters(at + start, |_, i| i < at + end);
            self.end_word();
            events &= !first(end);
            plain.letters &= !(first(end) & !first(start));
            done = end;
        }
        self.pass(&plain, !first(done));
        self.count_marks(&plain);
        self.count_numbers(plain.digits);
        self.count_words(plain.letters, plain.letters & !bits.small(), block);
        at + count
    }

    /// The last of what is plain among the bytes in `range`, if anything is, is what the line ends with as far as it has been read.
    #[inline(always)]
    fn pass(&mut self, plain: &Plain, range: u64) {
        let all = plain.all() & range;
        if all != 0 {
            let last = 1 << (BLOCK as u32 - 1 - all.leading_zeros());
            let is_last_of = |some: u64| some & last != 0;
            self.shape.end = if is_last_of(plain.letters) {
                Class::Lower
            } else if is_last_of(plain.stops) {
                Class::Stop
            } else if is_last_of(plain.commas) {
                Class::Comma
            } else {
                Class::Digit
            };
            self.shape.ellipsis = false;
        }
    }

    #[inline(always)]
    fn count_marks(&mut self, plain: &Plain) {
        let s = &mut self.shape;
        s.commas += plain.commas.count_ones();
        s.stops += plain.stops.count_ones();
        s.questions += plain.questions.count_ones();
        s.dashes += plain.dashes.count_ones();
        s.quotes += plain.quotes.count_ones();
    }

    /// Count words of digits alone.
    #[inline(always)]
    fn count_numbers(&mut self, digits: u64) {
        let s = &mut self.shape;
        let starts = digits & !(digits << 1);
        s.words += starts.count_ones();
        s.number_words += starts.count_ones();
        s.digits += digits.count_ones();
        s.year |= starts & digits >> 1 & digits >> 2 & digits >> 3 & !(digits >> 4) != 0;
    }

    /// Count words of ASCII letters alone, none of them the line's first. Bits are of the block's bytes.
    #[inline(always)]
    fn count_words(&mut self, letters: u64, capitals: u64, block: &Block) {
        let s = &mut self.shape;
        let starts = letters & !(letters << 1);
        let words = starts.count_ones();
        let capital_words = (starts & capitals).count_ones();
        // What is added at the start of a run of capitals goes over to where it ends: behind the word if all are capitals.
        let (ends, is_to_the_end) = capitals.overflowing_add(starts & capitals);
        let single = starts & capitals & !(letters >> 1);
        s.caps_words += (ends & !letters).count_ones() + u32::from(is_to_the_end) - single.count_ones();
        let long = starts & letters >> 1 & letters >> 2 & letters >> 3;
        s.words += words;
        s.letters += letters.count_ones();
        s.capital_words += capital_words;
        s.capital_words_inner += capital_words;
        s.short_words += words - long.count_ones();
        self.push_stems(letters, long, block);
    }

    /// Add the hashes of the words that begin there. Eight at once, of which those that are too many are taken away again: how many a
    /// block has is a toss.
    #[inline(always)]
    fn push_stems(&mut self, letters: u64, mut starts: u64, block: &Block) {
        while starts != 0 {
            let count = self.words.len() + (starts.count_ones() as usize).min(8);
            let mut stems = [0; 8];
            for stem in &mut stems {
                let start = starts.trailing_zeros() as usize % BLOCK;
                starts &= starts.wrapping_sub(1);
                let length = end_of_run(letters, start) - start;
                let eight = eight::read(block.get(start..).unwrap_or_default());
                *stem = fold_hash(stem_hash(length.min(8), eight));
            }
            self.words.extend_from_slice(&stems);
            self.words.truncate(count);
        }
    }

    /// Read character by character from `i` on while `goes_on`, and to the line's end at most; where it ends.
    fn characters(&mut self, mut i: usize, goes_on: impl Fn(&Self, usize) -> bool) -> usize {
        let bytes = self.line.as_bytes();
        while let Some(&b) = bytes.get(i).filter(|_| goes_on(self, i)) {
            if b.is_ascii_alphabetic() && !self.word.is_open() {
                i = self.whole_word(i, b);
                continue;
            }
            if b == b' ' {
                self.end_word();
                self.last = Class::Space;
                i += 1;
                continue;
            }
            let (class, code, width) = if b < 0x80 {
                (ASCII[b as usize], u32::from(b), 1)
            } else {
                let c = self
                    .line
                    .get(i..)
                    .and_then(|rest| rest.chars().next())
                    .unwrap_or('\u{fffd}');
                (wide(c), c as u32, c.len_utf8())
            };
            let (s, word) = (&mut self.shape, &mut self.word);
            // All bytes were counted beforehand.
            s.chars -= width as u32 - 1;
            match class {
                Class::Lower | Class::Upper | Class::Letter => {
                    if !word.is_open() {
                        word.capital = class == Class::Upper;
                    }
                    word.letters += 1;
                    word.capitals &= class == Class::Upper;
                    s.caseless += u32::from(class == Class::Letter);
                    word.hash = (word.hash ^ (code | 0x20)).wrapping_mul(0x9e37_79b1).rotate_left(5);
                }
                Class::Digit => {
                    word.digits += 1;
                    s.digits += 1;
                }
                Class::Cjk => {
                    s.cjk += 1;
                    if self.last == Class::Cjk {
                        let pair = self.last_cjk ^ code.rotate_left(16);
                        self.words.push(fold_hash(pair.wrapping_mul(0x9e37_79b1)));
                    }
                    self.last_cjk = code;
                    self.end_word();
                }
                Class::Quote if is_apostrophe(code, bytes.get(i + width)) && word.letters > 0 => {
                    // An apostrophe within a word does not end it.
                    s.quotes += 1;
                    self.last = class;
                    i += width;
                    continue;
                }
                _ => {
                    mark(s, class, code, self.last, bytes, i);
                    self.end_word();
                }
            }
            let s = &mut self.shape;
            if i == 0 {
                s.start = class;
            }
            // What closes behind a full stop (a quote, a bracket) leaves the line ended by the full stop.
            let closes = self.last == Class::Stop && matches!(class, Class::Quote | Class::Close);
            if class != Class::Space && !closes {
                s.ellipsis = code == 0x2026 || (b == b'.' && i > 0 && bytes[i - 1] == b'.');
                s.end = class;
            }
            if !closes {
                self.last = class;
            }
            i += width;
        }
        i
    }

    /// Read the ASCII letters from `i` on, of which `b` is the first, and the space behind them; where that ends.
    fn whole_word(&mut self, mut i: usize, b: u8) -> usize {
        let bytes = self.line.as_bytes();
        if i == 0 {
            self.shape.start = if b >= b'a' { Class::Lower } else { Class::Upper };
        }
        let whole = Word::of_ascii(bytes.get(i..).unwrap_or_default());
        i += whole.letters as usize;
        self.shape.end = Class::Lower;
        self.shape.ellipsis = false;
        self.last = Class::Lower;
        let next = bytes.get(i).map_or(Class::Space, |&next| {
            ASCII.get(next as usize).copied().unwrap_or(Class::Letter)
        });
        match next {
            Class::Space => {
                self.shape.count(&whole, self.words);
                self.last = Class::Space;
                i += 1;
            }
            Class::Digit | Class::Quote | Class::Letter => self.word = whole,
            _ => self.shape.count(&whole, self.words),
        }
        i
    }

    fn end_word(&mut self) {
        self.shape.end_word(&mut self.word, self.words);
    }
}

fn is_apostrophe(code: u32, next: Option<&u8>) -> bool {
    matches!(code, 0x27 | 0x2019) && next.is_some_and(|&b| b >= 0x80 || b.is_ascii_alphabetic())
}

/// Count a character that is no part of a word.
fn mark(s: &mut Shape, class: Class, code: u32, last: Class, bytes: &[u8], i: usize) {
    match class {
        Class::Stop => {
            s.stops += u32::from(last != Class::Stop);
            s.questions += u32::from(matches!(code, 0x3f | 0xff1f | 0x61f));
            let suffix = bytes.get(i + 1..(i + 5).min(bytes.len())).unwrap_or_default();
            s.link |= suffix.starts_with(b"com") || suffix.starts_with(b"org") || suffix.starts_with(b"net");
        }
        Class::Comma => s.commas += 1,
        Class::Colon => {
            s.colons += 1;
            s.times |= last == Class::Digit && bytes.get(i + 1).is_some_and(u8::is_ascii_digit);
            s.link |= bytes.get(i + 1) == Some(&b'/') && bytes.get(i + 2) == Some(&b'/');
        }
        Class::Quote => s.quotes += 1,
        Class::Open => s.brackets += 1,
        Class::Dash => s.dashes += 1,
        Class::Bar | Class::Bullet => s.bars += 1,
        Class::Money => s.money += 1,
        Class::Symbol => {
            s.symbols += 1;
            s.at_sign |= code == 0x40;
            s.hash_sign |= code == 0x23;
            s.copyright |= matches!(code, 0xa9 | 0x24d2);
        }
        _ => {}
    }
}

/// Words are known by their first eight letters in lower case, so that most inflected forms are one.
#[inline]
fn stem_hash(count: usize, eight: u64) -> u32 {
    let stem = eight::first(count, eight | each(0x20));
    (stem.wrapping_mul(FACTOR) >> 32) as u32
}

fn fold_hash(hash: u32) -> u16 {
    ((hash ^ (hash >> 15)) as usize & (WORD_TABLE - 1)) as u16
}

pub(super) fn words_of<'a>(shapes: &'a Shapes, shape: &Shape) -> &'a [u16] {
    shapes
        .words
        .get(shape.first_word as usize..shape.last_word as usize)
        .unwrap_or_default()
}

static ASCII: [Class; 128] = ascii_table();

const fn ascii_table() -> [Class; 128] {
    let mut table = [Class::Symbol; 128];
    let mut b = 0;
    while b < 128 {
        table[b] = match b as u8 {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            0..=b' ' | 0x7f => Class::Space,
            b'.' | b'!' | b'?' => Class::Stop,
            b',' | b';' => Class::Comma,
            b':' => Class::Colon,
            b'"' | b'\'' | b'`' => Class::Quote,
            b'(' | b'[' | b'{' => Class::Open,
            b')' | b']' | b'}' => Class::Close,
            b'-' => Class::Dash,
            b'*' => Class::Bullet,
            b'|' | b'/' | b'<' | b'>' | b'\\' => Class::Bar,
            b'$' | b'%' => Class::Money,
            _ => Class::Symbol,
        };
        b += 1;
    }
    table
}

fn wide(c: char) -> Class {
    match c {
        '\u{80}'..='\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{3000}' | '\u{feff}' => {
            Class::Space
        }
        '«' | '»' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}' | '\u{300c}'..='\u{300f}' | '＂' => {
            Class::Quote
        }
        '…' | '。' | '！' | '？' | '｡' | '؟' | '۔' | '।' | '॥' | '․' | '፧' | '።' | '‼' | '⁉' | '．' => {
            Class::Stop
        }
        '、' | '，' | '；' | '،' | '؛' => Class::Comma,
        '：' => Class::Colon,
        '（' | '［' | '【' | '〔' | '〈' | '《' => Class::Open,
        '）' | '］' | '】' | '〕' | '〉' | '》' => Class::Close,
        '\u{2010}'..='\u{2015}' => Class::Dash,
        '•' | '·' | '‣' | '▪' | '●' | '■' | '◆' | '・' | '○' | '▶' | '►' | '▾' => Class::Bullet,
        '→' | '←' | '｜' | '／' | '＞' => Class::Bar,
        '€' | '£' | '¥' | '₹' | '₽' | '₩' | '￥' | '％' => Class::Money,
        '٠'..='٩' | '۰'..='۹' | '०'..='९' | '０'..='９' => Class::Digit,
        'ª' | 'º' | 'µ' | 'ß'..='ö' | 'ø'..='ÿ' | 'ａ'..='ｚ' => Class::Lower,
        'À'..='Ö' | 'Ø'..='Þ' | 'Ａ'..='Ｚ' => Class::Upper,
        '\u{100}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}' | '\u{1e00}'..='\u{1fff}' => {
            if c.is_uppercase() {
                Class::Upper
            } else {
                Class::Lower
            }
        }
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'
        | '\u{3041}'..='\u{30ff}'
        | '\u{3100}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Cjk,
        '\u{590}'..='\u{1dff}'
        | '\u{a000}'..='\u{abff}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{fb00}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefe}' => Class::Letter,
        _ => Class::Symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_at_once_are_as_each_character_by_itself(
            line in "([a-zA-Z]{1,20}|[A-Z]{1,9}|[0-9]{1,4}|[a-zA-Z0-9éßД—港’']{1,9}|[ .,!:/)\"'-]{1,3}| |\\.com| \u{200b}|\u{7f}){0,60}"
        ) {
            let lines = super::super::lines::split(&line).list;
            for place in &lines {
                let (mut some, mut all) = (Vec::new(), Vec::new());
                let shape = Reader::new(&line, place, &mut some).read();
                let mut reader = Reader::new(&line, place, &mut all);
                reader.characters(0, |_, _| true);
                let by_character = reader.finish();
                some.sort_unstable();
                all.sort_unstable();
                prop_assert_eq!(format!("{shape:?}"), format!("{by_character:?}"));
                prop_assert_eq!(some, all);
            }
        }
    }

    #[test]
    fn a_line_is_read_by_words_and_marks() {
        let text = "The UN's Harbourmasters met at 10:45, in 2031.";
        let shapes = shapes(text, &super::super::lines::split(text).list);
        let s = shapes.lines[0];
        let counted = (
            s.chars,
            s.words,
            s.number_words,
            s.capital_words,
            s.caps_words,
            s.letters,
            s.commas,
            s.stops,
        );
        assert_eq!(counted, (46, 9, 3, 3, 0, 27, 1, 1));
        assert!(s.times && s.year && s.is_sentence());
    }
}
