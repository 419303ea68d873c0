//! Lines → what tells an article's lines from furniture, as numbers.
//!
//! In: a text, its lines, their repeats and phrases. Out: [`WIDTH`] numbers a line, [`OWN`] and [`AROUND`]. Always: of lengths, punctuation, case shape,
//! places and repeats (which hold in any language) and of phrase kinds; finite; one pass over the bytes.

use super::context::{self, CONTEXT};
use super::lines::Line;
use super::phrases::{Hits, KINDS};
use super::repeat::Repeat;
use crate::fast::bits::{BLOCK, Bits, end_of_run, first, places};
use crate::fast::eight::{self, each};

/// Numbers that the line alone gives.
const SHAPE: usize = 48;
/// Numbers from phrases: share of the line for each kind, presence for each kind, kind at its beginning, all together.
const PHRASE: usize = 3 * KINDS.len() + 1;
/// Numbers from the line's place in the text.
const PLACE: usize = 17;
/// Numbers a line that the line alone gives, and that what stands around it gives.
pub(super) const OWN: usize = SHAPE + PHRASE;
pub(super) const AROUND: usize = PLACE + CONTEXT;
/// Numbers a line.
pub(super) const WIDTH: usize = OWN + AROUND;

/// Entries of the table that counts words; a power of two.
const WORD_TABLE: usize = 1 << 14;

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
    words: u32,
    cjk: u32,
    letters: u32,
    /// Letters of scripts without case.
    caseless: u32,
    digits: u32,
    short_words: u32,
    capital_words: u32,
    capital_words_inner: u32,
    caps_words: u32,
    number_words: u32,
    commas: u32,
    stops: u32,
    colons: u32,
    quotes: u32,
    brackets: u32,
    bars: u32,
    symbols: u32,
    money: u32,
    questions: u32,
    dashes: u32,
    start: Class,
    end: Class,
    ellipsis: bool,
    times: bool,
    year: bool,
    link: bool,
    at_sign: bool,
    hash_sign: bool,
    copyright: bool,
    /// Hashes of its words are `first_word..last_word` of the word list.
    first_word: u32,
    last_word: u32,
}

impl Shape {
    /// Whether it reads as prose: some words, closed by a full stop.
    pub(super) fn is_sentence(&self) -> bool {
        self.end == Class::Stop && self.units >= 7.0
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
enum Class {
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
    words: Vec<u16>,
}

/// Read the shape of every line.
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
    letters: u32,
    digits: u32,
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

impl<'a> Reader<'a> {
    fn new(text: &'a str, line: &Line, words: &'a mut Vec<u16>) -> Self {
        Self {
            line: line.of(text),
            ahead: text.as_bytes().get(line.start..).unwrap_or_default(),
            shape: Shape {
                first_word: words.len() as u32,
                ..Shape::default()
            },
            word: Word::NONE,
            last: Class::Space,
            last_cjk: 0,
            words,
        }
    }

    fn read(mut self) -> Shape {
        // The first word counts otherwise than those behind it.
        let mut at = self.characters(0, |reader, _| reader.word.is_open() || reader.shape.words == 0);
        while at < self.line.len() {
            at = self.block(at);
        }
        self.finish()
    }

    fn finish(mut self) -> Shape {
        self.end_word();
        let mut s = self.shape;
        s.chars = self.line.chars().count() as u32;
        s.units = s.words as f32 + s.cjk as f32 / 1.7;
        s.last_word = self.words.len() as u32;
        s
    }

    /// Read on from `at`, where no word is open, up to sixty-four bytes at once; where it ends. Words of ASCII letters alone, as most are, are
    /// counted together, all else by its characters.
    fn block(&mut self, at: usize) -> usize {
        let bits = Bits::of(self.ahead.get(at..).unwrap_or_default());
        let left = self.line.len() - at;
        let mut count = left.min(BLOCK);
        let word = (bits.words() | bits.any([b'\''])) & first(count);
        if left > BLOCK {
            // The last word may go on.
            count -= word.leading_ones() as usize;
            if count == 0 {
                return self.characters(at, |reader, i| reader.word.is_open() || i < at + BLOCK);
            }
        }
        let word = word & first(count);
        let mut letters = bits.letters() & word;
        let mut events = first(count) & !bits.any([b' ']) & !letters;
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
                _ => {}
            }
            self.pass(letters & first(start) & !first(done));
            self.characters(at + start, |_, i| i < at + end);
            self.end_word();
            events &= !first(end);
            letters &= !(first(end) & !first(start));
            done = end;
        }
        self.pass(letters & !first(done));
        self.count_all(letters, letters & !bits.small(), at);
        at + count
    }

    /// Words of these letters, where there are any, are what the line ends with as far as it has been read.
    fn pass(&mut self, letters: u64) {
        if letters != 0 {
            self.shape.end = Class::Lower;
            self.shape.ellipsis = false;
        }
    }

    /// Count words of ASCII letters alone, none of them the line's first. Bits are of the bytes from `at` on.
    fn count_all(&mut self, letters: u64, capitals: u64, at: usize) {
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
        for start in places(long) {
            let length = end_of_run(letters, start) - start;
            let eight = eight::read(self.ahead.get(at + start..).unwrap_or_default());
            self.words.push(fold_hash(stem_hash(length.min(8), eight)));
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
    (stem.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

fn fold_hash(hash: u32) -> u16 {
    ((hash ^ (hash >> 15)) as usize & (WORD_TABLE - 1)) as u16
}

/// The numbers that a line alone gives.
pub(super) fn own(line: &Line, shape: &Shape, hits: &Hits) -> [f32; OWN] {
    let mut row = [0.0; OWN];
    let (own, phrase) = row.split_at_mut(SHAPE);
    of_shape(shape, own);
    of_phrases(hits, line.end - line.start, phrase);
    row
}

/// Fill `out` with [`AROUND`] numbers for each of the lines named by `kept`, as if they were all there is. `repeats` has an entry
/// for each of them.
pub(super) fn around(
    lines: &[Line],
    shapes: &Shapes,
    repeats: &[Repeat],
    hits: &[Hits],
    kept: &[u32],
    words: &mut WordsSeen,
    out: &mut Vec<f32>,
) {
    out.clear();
    out.resize(kept.len() * AROUND, 0.0);
    let mut whole = Whole::of(shapes, kept, words);
    let mut seen = Vec::with_capacity(kept.len());
    for (place, (&index, row)) in kept.iter().zip(out.chunks_exact_mut(AROUND)).enumerate() {
        let index = index as usize;
        let (line, shape) = (&lines[index], &shapes.lines[index]);
        whole.of_place(place, shape, &repeats[place], shapes, &mut row[..PLACE]);
        seen.push(context::Seen::of(shape, &hits[index], line.end - line.start));
    }
    for &index in kept {
        words.forget(words_of(shapes, &shapes.lines[index as usize]));
    }
    context::fill(&seen, AROUND, out);
}

fn ratio(part: u32, of: u32) -> f32 {
    if of == 0 { 0.0 } else { part as f32 / of as f32 }
}

/// About ln(1 + x) for x ≥ 0, from the float's own bits: the same on every machine, which a library's logarithm is not.
pub(super) fn log(x: f32) -> f32 {
    let bits = (1.0 + x).to_bits();
    (bits as f32 * (1.0 / 8_388_608.0) - 127.0) * std::f32::consts::LN_2
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn of_shape(s: &Shape, out: &mut [f32]) {
    let chars = s.chars.max(1);
    let words = s.words.max(1);
    let units = s.units.max(1.0);
    let cased = s.caseless * 2 < s.letters;
    let values: [f32; SHAPE] = [
        log(s.units),
        log(s.chars as f32),
        s.units.min(4.0) / 4.0,
        s.units.min(10.0) / 10.0,
        s.units.min(25.0) / 25.0,
        s.units.min(60.0) / 60.0,
        ratio(s.letters, words).min(16.0) / 8.0,
        ratio(s.short_words, words),
        if cased { ratio(s.capital_words, words) } else { 0.3 },
        if cased && s.words > 1 {
            ratio(s.capital_words_inner, words - 1)
        } else {
            0.3
        },
        if cased { ratio(s.caps_words, words) } else { 0.0 },
        ratio(s.digits, chars),
        ratio(s.number_words, words),
        (s.commas as f32 / units).min(0.5) * 2.0,
        log(s.stops as f32),
        (s.stops as f32 / units).min(0.5) * 2.0,
        flag(s.end == Class::Stop && !s.ellipsis),
        flag(s.ellipsis),
        flag(s.end == Class::Colon),
        flag(s.end == Class::Comma),
        flag(s.end == Class::Close),
        flag(s.end == Class::Digit),
        flag(s.end == Class::Quote),
        flag(matches!(
            s.end,
            Class::Symbol | Class::Bar | Class::Bullet | Class::Dash | Class::Money
        )),
        flag(s.questions > 0 && s.end == Class::Stop),
        flag(s.start == Class::Upper),
        flag(s.start == Class::Lower),
        flag(s.start == Class::Digit),
        flag(s.start == Class::Quote),
        flag(matches!(s.start, Class::Bullet | Class::Dash)),
        flag(matches!(s.start, Class::Symbol | Class::Bar)),
        flag(s.start == Class::Open),
        flag(!cased),
        ratio(s.cjk, chars),
        (s.bars as f32 / units).min(1.0),
        (s.symbols as f32 / units).min(1.0),
        flag(s.link),
        flag(s.at_sign),
        flag(s.hash_sign),
        (s.money as f32 / units).min(1.0),
        flag(s.times),
        flag(s.year),
        (s.quotes as f32 / units).min(0.5) * 2.0,
        (s.brackets as f32 / units).min(0.5) * 2.0,
        flag(s.colons > 0),
        (s.dashes as f32 / units).min(0.5) * 2.0,
        flag(s.is_sentence()),
        flag(s.stops == 0 && s.commas == 0),
    ];
    out.copy_from_slice(&values);
}

fn of_phrases(hits: &Hits, length: usize, out: &mut [f32]) {
    let mut all = 0.0;
    for (kind, &bytes) in hits.bytes.iter().enumerate() {
        if bytes == 0 {
            continue;
        }
        let part = (f32::from(bytes) / length.max(1) as f32).min(1.0);
        all += part;
        out[kind] = part;
        out[KINDS.len() + kind] = 1.0;
    }
    if let Some(kind) = hits.begins {
        out[2 * KINDS.len() + kind as usize] = 1.0;
    }
    out[PHRASE - 1] = all.min(1.0);
}

/// What is known of the text as a whole, and of how far it has been read.
struct Whole<'a> {
    count: usize,
    units: f32,
    sentence_units: f32,
    sentences: u32,
    before: f32,
    sentence_before: f32,
    sentences_before: u32,
    since_sentence: u32,
    seen: &'a mut WordsSeen,
}

/// How often each word (by hash) stands in lines, up to twice. One for a text: it is emptied, not made anew, for each round.
pub(super) struct WordsSeen(Vec<u8>);

/// One more in all lines, in lines that read as prose.
const IN_ANY: u8 = 1;
const IN_PROSE: u8 = 4;

/// What can be known of a word: 0 to 2 in all lines, and in lines of prose.
const SEEN: usize = 16;

/// What is known of a word that is seen once more, in any line and in one of prose.
static ONE_MORE: [[u8; SEEN]; 2] = {
    let mut more = [[0; SEEN]; 2];
    let mut seen = 0;
    while seen < SEEN as u8 {
        let any = if seen % IN_PROSE < 2 { seen + IN_ANY } else { seen };
        more[0][seen as usize] = any;
        more[1][seen as usize] = if seen / IN_PROSE < 2 { any + IN_PROSE } else { any };
        seen += 1;
    }
    more
};

impl WordsSeen {
    pub(super) fn new() -> Self {
        Self(vec![0; WORD_TABLE])
    }

    fn add(&mut self, word: u16, prose: bool) {
        let seen = &mut self.0[word as usize & (WORD_TABLE - 1)];
        *seen = ONE_MORE[usize::from(prose)][*seen as usize % SEEN];
    }

    /// How often in all lines, and in those that read as prose.
    fn times(&self, word: u16) -> (u8, u8) {
        let seen = self.0[word as usize & (WORD_TABLE - 1)];
        (seen & 3, seen / IN_PROSE)
    }

    fn forget(&mut self, words: &[u16]) {
        for &word in words {
            self.0[word as usize & (WORD_TABLE - 1)] = 0;
        }
    }
}

impl<'a> Whole<'a> {
    fn of(shapes: &Shapes, kept: &[u32], seen: &'a mut WordsSeen) -> Self {
        let mut whole = Self {
            count: kept.len(),
            units: 0.0,
            sentence_units: 0.0,
            sentences: 0,
            before: 0.0,
            sentence_before: 0.0,
            sentences_before: 0,
            since_sentence: 0,
            seen,
        };
        for &index in kept {
            let shape = &shapes.lines[index as usize];
            whole.units += shape.units;
            let prose = shape.is_sentence();
            if prose {
                whole.sentence_units += shape.units;
                whole.sentences += 1;
            }
            for &word in words_of(shapes, shape) {
                whole.seen.add(word, prose);
            }
        }
        whole
    }

    fn of_place(&mut self, place: usize, shape: &Shape, repeat: &Repeat, shapes: &Shapes, out: &mut [f32]) {
        let prose = shape.is_sentence();
        let (in_prose, in_any) = self.familiar(shape, shapes, prose);
        let count = self.count.max(1) as f32;
        let units = self.units.max(1.0);
        let sentence_units = self.sentence_units.max(1.0);
        let own = if prose { shape.units } else { 0.0 };
        let letters = repeat.letters.max(1);
        let values: [f32; PLACE] = [
            place as f32 / count,
            self.before / units,
            log(place as f32) / 4.0,
            log((self.count - place) as f32) / 4.0,
            log(count) / 4.0,
            log(units) / 6.0,
            self.sentence_before / sentence_units,
            (sentence_units - own - self.sentence_before).max(0.0) / sentence_units,
            flag(self.sentences_before == 0),
            flag(self.sentences == self.sentences_before + u32::from(prose)),
            self.sentence_units / units,
            log(self.since_sentence as f32) / 3.0,
            ratio(repeat.covered.min(letters), letters),
            ratio(repeat.again.min(letters), letters),
            log(repeat.before as f32) / 2.0,
            in_prose,
            in_any,
        ];
        out.copy_from_slice(&values);
        self.before += shape.units;
        if prose {
            self.sentence_before += shape.units;
            self.sentences_before += 1;
            self.since_sentence = 0;
        } else {
            self.since_sentence += 1;
        }
    }

    /// The share of the line's words that other lines hold: lines of prose, and any.
    fn familiar(&self, shape: &Shape, shapes: &Shapes, prose: bool) -> (f32, f32) {
        let words = words_of(shapes, shape);
        let (mut in_prose, mut in_any) = (0u32, 0u32);
        for &word in words {
            let (any, prosaic) = self.seen.times(word);
            in_prose += u32::from(prosaic > u8::from(prose));
            in_any += u32::from(any > 1);
        }
        if words.is_empty() {
            return (0.3, 0.3);
        }
        (ratio(in_prose, words.len() as u32), ratio(in_any, words.len() as u32))
    }
}

fn words_of<'a>(shapes: &'a Shapes, shape: &Shape) -> &'a [u16] {
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
            let lines = super::super::lines::split(&line);
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
        let shapes = shapes(text, &super::super::lines::split(text));
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
