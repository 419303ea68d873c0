//! Document → fingerprint: all that the index keeps of an article.
//!
//! In: a [`Document`]. Out: a [`Fingerprint`] of some 100 to 500 bytes, whatever the text's length. Always: pure; the same words in
//! the same order give the same fingerprint.
//!
//! Shingles are three units long (see [`super::tokens`]). Each has a *frame* (its words, with numbers and names masked) and a
//! *filling* (those numbers and names). The sketch keeps the shingles whose frames have the smallest hashes (bottom-k, as in Broder,
//! "On the resemblance and containment of documents", 1997), in the order of the text: two fingerprints can be compared on the
//! smaller of their thresholds, so that a short piece of a long article is still seen to be contained in it. Two copies share frames
//! and fillings; two issues of one template share frames and differ in fillings.

use std::ops::Range;

use multiversion::multiversion;
use smallvec::SmallVec;

use super::tokens::{Units, chain, kind, mix, tokens, units};
use super::{Document, dates, url};
use crate::fast::bits::{self, BLOCK, Bits};

/// Entries of the sketch at most. More find smaller shared parts; each costs 3 bytes an article.
pub(super) const SKETCH_MAX: usize = 96;
/// Keys under which an article can be found.
pub(super) const ANCHORS_MAX: usize = 16;
/// Keys an article looks for: more than it is found under, since looking takes no memory.
pub(super) const PROBES_MAX: usize = 32;
/// Numbers and names kept at most, each.
pub(super) const FACTS_MAX: usize = 20;
/// Fillings kept of one frame at most.
const FILLINGS_MAX: usize = 8;
/// Marks a filling that holds a number.
pub(super) const NUMBER: u8 = 0x80;
/// Words of the title kept at most.
pub(super) const TITLE_MAX: usize = 8;
/// Days kept at most.
pub(super) const DAYS_MAX: usize = 8;
/// Units of a shingle: three words, or six characters of an unspaced script.
const WORDS: usize = 3;
const UNITS_OF_SHINGLE: usize = 2 * WORDS;

/// What the index keeps of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// Hash of the normalised words; 0 for an article without any.
    pub(super) exact: u64,
    /// Hash of the normalised URL; 0 where there is none.
    pub(super) url: u64,
    /// Hash of the scraper's id; 0 where there is none.
    pub(super) id: u64,
    /// Hash of the outlet's host or name; 0 where unknown.
    pub(super) site: u32,
    /// Tokens of the text.
    pub(super) length: u32,
    /// The text was empty, and the title stands for it.
    pub(super) title_only: bool,
    /// Frames below this are in the sketch; `u32::MAX` where all are.
    pub(super) threshold: u32,
    /// Frame hashes, in text order: the 16 bits after the threshold's leading zeros.
    pub(super) frames: Vec<u16>,
    /// Filling hashes, with [`NUMBER`] set where a number is among them; 0 for a shingle without slots.
    pub(super) fillings: Vec<u8>,
    /// The smallest shingle hashes (frame and filling), ascending.
    pub(super) anchors: Vec<u32>,
    /// Distinct numbers: the smallest hashes, ascending.
    pub(super) numbers: Vec<u16>,
    /// Distinct names: the smallest hashes, ascending.
    pub(super) names: Vec<u16>,
    /// Distinct days named: the smallest hashes, ascending.
    pub(super) days: Vec<u16>,
    /// Distinct words of the title: the smallest hashes, ascending.
    pub(super) title: Vec<u16>,
}

/// What is sampled of a text's shingles.
#[derive(Debug, PartialEq)]
struct Sketch {
    threshold: u32,
    frames: Vec<u16>,
    fillings: Vec<u8>,
    anchors: Vec<u32>,
}

/// Reduce a document to its fingerprint.
pub fn fingerprint(document: &Document<'_>) -> Fingerprint {
    salted(document, 0)
}

/// The same with other hashes, and so another sample of the text: for fitting the judge, who is not to learn the chance of one.
#[doc(hidden)]
pub fn salted(document: &Document<'_>, salt: u64) -> Fingerprint {
    let mut body = tokens(document.text);
    let mut title = document.title.map(tokens).unwrap_or_default();
    let title_only = body.hashes.is_empty();
    if title_only {
        body.clone_from(&title);
    }
    let mut folded = units(&body, dates::filter());
    let days = smallest(dates::days(&body, &folded.marks), DAYS_MAX);
    if salt != 0 {
        for hash in body.hashes.iter_mut().chain(&mut title.hashes) {
            *hash = mix(*hash ^ salt);
        }
        folded = units(&body, dates::filter());
    }
    let sketch = sample(&folded);
    Fingerprint {
        exact: exact(&folded),
        url: document.url.map_or(0, url::key),
        id: document.id.map_or(0, url::text_key),
        site: url::site_key(document.site, document.url),
        length: body.hashes.len() as u32,
        title_only,
        threshold: sketch.threshold,
        frames: sketch.frames,
        fillings: sketch.fillings,
        anchors: sketch.anchors,
        numbers: smallest(body.of_kind(kind::NUMBER), FACTS_MAX),
        names: smallest(body.of_kind(kind::NAME), FACTS_MAX),
        days,
        title: smallest(title.hashes.into_iter(), TITLE_MAX),
    }
}

/// Hash of all words in order, never 0 for a text that has any.
fn exact(units: &Units) -> u64 {
    if units.frames.is_empty() {
        return 0;
    }
    mix(units.exact).max(1)
}

/// The smallest distinct 16-bit hashes of some facts.
fn smallest(hashes: impl Iterator<Item = u64>, max: usize) -> Vec<u16> {
    let mut hashes: SmallVec<[u16; 128]> = hashes.map(|h| (h >> 48) as u16).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(max);
    hashes.to_vec()
}

/// What the places in a shingle weigh in its hash: odd, and random else.
const PLACES: [u64; UNITS_OF_SHINGLE] = places();

const fn places() -> [u64; UNITS_OF_SHINGLE] {
    let mut places = [0; UNITS_OF_SHINGLE];
    let mut at = 0;
    while at < places.len() {
        places[at] = mix(at as u64 + 1) | 1;
        at += 1;
    }
    places
}

/// The shingles that begin in a block of units: hashes of their frames, hashes of their fillings (0 for none), what kinds of units are in
/// them, and how many they are. Only the upper halves of the hashes are to be used: sums of products (Dietzfelbinger's multiply-shift) are
/// random there alone.
struct Shingles {
    frames: [u64; BLOCK],
    fillings: [u64; BLOCK],
    kinds: [u8; BLOCK],
    count: usize,
}

impl Shingles {
    /// Those of three words or slots each, as in most scripts: no halves to add up.
    #[expect(
        clippy::inline_always,
        reason = "only what is inlined is compiled for the processors of its caller"
    )]
    #[inline(always)]
    fn of_words(&mut self, units: &Units, at: usize) {
        let beyond = at + BLOCK + WORDS - 1;
        let beyond = beyond.min(units.kinds.len());
        sums_of_three(units.frames.get(at..beyond).unwrap_or_default(), &mut self.frames);
        sums_of_three(units.fillings.get(at..beyond).unwrap_or_default(), &mut self.fillings);
        let kinds = units.kinds.get(at..beyond).unwrap_or_default();
        for (all, ((first, second), third)) in self.kinds.iter_mut().zip(threes(kinds)) {
            *all = first | second | third;
        }
        self.count = (beyond - at).saturating_sub(WORDS - 1);
    }

    fn of_any(&mut self, units: &Units, at: usize) {
        self.count = 0;
        let shingles = (at..).map_while(|position| units_of_shingle(&units.kinds, position));
        for (count, of_shingle) in shingles.take(BLOCK).enumerate() {
            let sum = |hashes: &[u64]| {
                let hashes = hashes.get(of_shingle.clone()).unwrap_or_default();
                let weighed = hashes.iter().zip(PLACES).map(|(hash, place)| hash.wrapping_mul(place));
                weighed.fold(0, u64::wrapping_add)
            };
            let kinds = units.kinds.get(of_shingle.clone()).unwrap_or_default();
            self.frames[count] = sum(&units.frames);
            self.fillings[count] = sum(&units.fillings);
            self.kinds[count] = kinds.iter().fold(0, |all, of| all | of);
            self.count = count + 1;
        }
    }
}

/// The units of the shingle that begins at one; `None` where too few are left.
fn units_of_shingle(kinds: &[u8], position: usize) -> Option<Range<usize>> {
    let mut halves = 0;
    let last = kinds.get(position..)?.iter().position(|of| {
        halves += if of & kind::HALF == 0 { 2 } else { 1 };
        halves >= UNITS_OF_SHINGLE
    });
    match last {
        Some(last) => Some(position..position + last + 1),
        // A text shorter than a shingle is one.
        None => (position == 0).then_some(0..kinds.len()),
    }
}

/// Each three that follow each other.
fn threes<T>(all: &[T]) -> impl Iterator<Item = ((&T, &T), &T)> {
    let from = |at: usize| all.get(at..).unwrap_or_default();
    all.iter().zip(from(1)).zip(from(2))
}

/// Hashes of each three of these that follow each other.
#[inline]
fn sums_of_three(hashes: &[u64], sums: &mut [u64; BLOCK]) {
    let [at_first, at_second, at_third, ..] = PLACES;
    for (sum, ((first, second), third)) in sums.iter_mut().zip(threes(hashes)) {
        let two = first
            .wrapping_mul(at_first)
            .wrapping_add(second.wrapping_mul(at_second));
        *sum = two.wrapping_add(third.wrapping_mul(at_third));
    }
}

/// Samples whose frames are no larger than `frame_max`, each with its place among these, and anchors no larger than `anchor_max`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+bmi1+bmi2", "x86_64+avx2+bmi1+bmi2"))]
fn samples_and_anchors(units: &Units, frame_max: u32, anchor_max: u32) -> (Vec<Sample>, Vec<u32>) {
    const SAMPLE: u8 = 1;
    const ANCHOR: u8 = 2;
    let all_kinds = units.kinds.iter().fold(0, |all, of| all | of);
    let is_plain = units.kinds.len() >= WORDS && all_kinds & kind::HALF == 0;
    let mut shingles = Shingles {
        frames: [0; BLOCK],
        fillings: [0; BLOCK],
        kinds: [0; BLOCK],
        count: 0,
    };
    let (mut of_block, mut anchors_of_block, mut stay) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
    let (mut samples, mut anchors) = (Vec::with_capacity(2 * SKETCH_MAX), Vec::with_capacity(4 * PROBES_MAX));
    for at in (0..units.kinds.len().min(SHINGLES_MAX)).step_by(BLOCK) {
        if is_plain {
            shingles.of_words(units, at);
        } else {
            shingles.of_any(units, at);
        }
        let hashes = shingles.frames.iter().zip(&shingles.fillings);
        let kinds = shingles.kinds.iter();
        for (((sample, stays), (frame, filling)), kinds) in
            of_block.iter_mut().zip(&mut stay).zip(hashes.clone()).zip(kinds)
        {
            *sample = (frame >> 32) << 32 | short_filling(*filling, *kinds) << 24;
            *stays = if (frame >> 32) as u32 <= frame_max { SAMPLE } else { 0 };
        }
        for ((anchor, stays), (frame, filling)) in anchors_of_block.iter_mut().zip(&mut stay).zip(hashes) {
            *anchor = (chain(*frame, *filling) >> 32) as u32;
            *stays |= if *anchor <= anchor_max { ANCHOR } else { 0 };
        }
        let (stay, there) = (Bits::of(&stay), bits::first(shingles.count));
        for place in bits::places(stay.flagged(SAMPLE) & there) {
            samples.push(of_block[place] | samples.len() as u64);
        }
        anchors.extend(bits::places(stay.flagged(ANCHOR) & there).map(|place| anchors_of_block[place]));
    }
    (samples, anchors)
}

/// A filling in a byte: 0 for none.
#[inline]
fn short_filling(filling: u64, kinds: u8) -> u64 {
    let short = filling >> 57;
    let never_none = u64::from(short == 0);
    let mark = if kinds & kind::NUMBER != 0 {
        u64::from(NUMBER)
    } else {
        0
    };
    if filling != 0 { short | never_none | mark } else { 0 }
}

/// Sample a text's shingles: the sketch in text order, its threshold, and the anchors.
fn sample(units: &Units) -> Sketch {
    // A first guess keeps some more than are needed, so that repeats in the text may leave.
    let expected = units.kinds.len().max(1) as u64;
    let guess = |wanted: usize| u32::try_from((5 * wanted as u64 / 4 + 24) * (1 << 32) / expected).unwrap_or(u32::MAX);
    let (frame_max, anchor_max) = (guess(SKETCH_MAX), guess(PROBES_MAX));
    let sketch = sample_below(units, frame_max, anchor_max);
    let short = sketch.threshold == u32::MAX && frame_max != u32::MAX;
    let few = sketch.anchors.len() < PROBES_MAX && anchor_max != u32::MAX;
    if short || few {
        return sample_below(units, u32::MAX, u32::MAX);
    }
    sketch
}

/// Shingles of a text that are looked at: as many as a [`Sample`] can tell apart.
const SHINGLES_MAX: usize = 1 << 24;

/// A shingle as a plain number, which sorts fast: its frame, its filling, its place among those sampled.
type Sample = u64;

fn sample_below(units: &Units, frame_max: u32, anchor_max: u32) -> Sketch {
    let (samples, mut anchors) = samples_and_anchors(units, frame_max, anchor_max);
    let (kept, threshold) = smallest_samples(samples.clone());
    anchors.sort_unstable();
    anchors.dedup();
    anchors.truncate(PROBES_MAX);
    let (frames, fillings) = in_text_order(&samples, &kept, threshold.leading_zeros());
    Sketch {
        threshold,
        frames,
        fillings,
        anchors,
    }
}

/// Frames and fillings of those of `all` that are kept, in the order of `all`: that of their places.
fn in_text_order(all: &[Sample], kept: &[Sample], shift: u32) -> (Vec<u16>, Vec<u8>) {
    let mut stay = vec![0_u64; all.len() / BLOCK + 1];
    for sample in kept {
        let place = *sample as usize % SHINGLES_MAX;
        stay[place / BLOCK] |= 1 << (place % BLOCK);
    }
    let (mut frames, mut fillings) = (Vec::with_capacity(kept.len()), Vec::with_capacity(kept.len()));
    for (samples, stay) in all.chunks(BLOCK).zip(stay) {
        for sample in bits::places(stay).filter_map(|place| samples.get(place)) {
            let frame = (sample >> 32) as u32;
            frames.push(((frame << shift) >> 16) as u16);
            fillings.push((sample >> 24) as u8);
        }
    }
    (frames, fillings)
}

/// The smallest distinct samples, of one frame no more than a few: a table repeats it with ever other fillings, and those speak for it.
/// And the threshold that all these are below.
fn smallest_samples(mut samples: Vec<Sample>) -> (Vec<Sample>, u32) {
    samples.sort_unstable();
    let frame_of = |sample: Sample| (sample >> 32) as u32;
    let mut kept: Vec<Sample> = Vec::with_capacity(SKETCH_MAX);
    for sample in samples {
        let is_repeat = kept.last().is_some_and(|last| last >> 24 == sample >> 24);
        let is_one_more = kept
            .iter()
            .nth_back(FILLINGS_MAX - 1)
            .is_some_and(|other| frame_of(*other) == frame_of(sample));
        if is_repeat || is_one_more {
            continue;
        }
        if kept.len() == SKETCH_MAX {
            let threshold = frame_of(sample).max(1);
            kept.truncate(kept.partition_point(|kept| frame_of(*kept) < threshold));
            return (kept, threshold);
        }
        kept.push(sample);
    }
    (kept, u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_gives_what_looking_at_all_gives() {
        // The more of a text repeats, the fewer distinct shingles a guess finds.
        for seed in 0..3000 {
            let count = 140 + seed % 300;
            let distinct = count / (2 + seed % 4) + 97 * (seed % 2);
            let word = |at: u64| mix(seed << 32 | (at % distinct));
            let text: Vec<String> = (0..count).map(|at| format!("w{:x}", word(at))).collect();
            let units = units(&tokens(&text.join(" ")), dates::filter());
            assert_eq!(sample(&units), sample_below(&units, u32::MAX, u32::MAX), "seed {seed}");
        }
    }
}
