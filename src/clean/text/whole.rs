//! What is known of a text as a whole while its lines are gone through.

use super::numbers::{flag, log, ratio};
use super::repeat::Repeat;
use super::shapes::{Shape, Shapes, WORD_TABLE, words_of};

/// Numbers from the line's place in the text.
pub(super) const PLACE: usize = 17;

/// What is known of the text as a whole, and of how far it has been read.
pub(super) struct Whole<'a> {
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

/// How often each word (by hash) stands in lines, up to twice.
pub(super) struct WordsSeen([u8; WORD_TABLE]);

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
        Self([0; _])
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
}

impl<'a> Whole<'a> {
    pub(super) fn of(shapes: &Shapes, kept: &[u32], seen: &'a mut WordsSeen) -> Self {
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

    pub(super) fn of_place(&mut self, place: usize, shape: &Shape, repeat: &Repeat, shapes: &Shapes, out: &mut [f32]) {
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
