//! Lines → what tells an article's lines from furniture, as numbers.
//!
//! In: a text, its lines, their repeats and phrases. Out: [`WIDTH`] numbers a line, [`OWN`] and [`AROUND`]. Always: of lengths, punctuation, case shape,
//! places and repeats (which hold in any language) and of phrase kinds; finite; one pass over the bytes.

use super::context::{self, CONTEXT};
use super::lines::Line;
use super::numbers::{flag, log, ratio};
use super::phrases::{Hits, KINDS};
use super::repeat::Repeat;
use super::shapes::{Class, Shape, Shapes};
use super::whole::{PLACE, Whole, WordsSeen};

/// Numbers that the line alone gives.
pub(super) const SHAPE: usize = 48;
/// Numbers from phrases: share of the line for each kind, presence for each kind, kind at its beginning, all together.
const PHRASE: usize = 3 * KINDS.len() + 1;
/// Numbers a line that the line alone gives, and that what stands around it gives.
pub(super) const OWN: usize = SHAPE + PHRASE;
pub(super) const AROUND: usize = PLACE + CONTEXT;
/// Numbers a line.
pub(super) const WIDTH: usize = OWN + AROUND;

/// Write the numbers that a line alone gives.
pub(super) fn own(line: &Line, shape: &Shape, hits: &Hits, row: &mut [f32; OWN]) {
    let (own, phrase) = row.split_at_mut(SHAPE);
    of_shape(shape, own);
    of_phrases(hits, line.end - line.start, phrase);
}

/// [`AROUND`] numbers for each of the lines named by `kept`, as if they were all there is. `repeats` has an entry for each of them.
pub(super) fn around(
    lines: &[Line],
    shapes: &Shapes,
    repeats: &[Repeat],
    hits: &[Hits],
    kept: &[u32],
) -> Vec<[f32; AROUND]> {
    let mut rows = vec![[0.0; AROUND]; kept.len()];
    let mut words = WordsSeen::new();
    let mut whole = Whole::of(shapes, kept, &mut words);
    let mut seen = Vec::with_capacity(kept.len());
    for (place, (&index, row)) in kept.iter().zip(&mut rows).enumerate() {
        let index = index as usize;
        let (line, shape) = (&lines[index], &shapes.lines[index]);
        whole.of_place(place, shape, &repeats[place], shapes, &mut row[..PLACE]);
        seen.push(context::Seen::of(shape, &hits[index], line.end - line.start));
    }
    context::fill(&seen, &mut rows);
    rows
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
    out.fill(0.0);
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
