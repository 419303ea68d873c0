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

use super::tokens::{Class, Token, Unit, WORD, chain, mix, tokens, units};
use super::{Document, dates, url};
use crate::fast::bits::{self, BLOCK};

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
/// Weight of a shingle: three words, or six characters of an unspaced script.
const SHINGLE_WEIGHT: u8 = 3 * WORD;

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

/// A shingle before sampling.
#[derive(Clone, Copy)]
struct Shingle {
    frame: u32,
    filling: u8,
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
    let title_only = body.is_empty();
    if title_only {
        body.clone_from(&title);
    }
    let days = smallest(dates::days(&body), DAYS_MAX);
    if salt != 0 {
        for token in body.iter_mut().chain(&mut title) {
            token.hash = mix(token.hash ^ salt);
        }
    }
    let units = units(&body);
    let (sketch, threshold, anchors) = sample(&units);
    let shift = threshold.leading_zeros();
    let of_class = |class: Class| body.iter().filter(move |t| t.class == class).map(|t| t.hash);
    Fingerprint {
        exact: exact(&body),
        url: document.url.map_or(0, url::key),
        id: document.id.map_or(0, url::text_key),
        site: url::site_key(document.site, document.url),
        length: body.len() as u32,
        title_only,
        threshold,
        frames: sketch.iter().map(|s| ((s.frame << shift) >> 16) as u16).collect(),
        fillings: sketch.iter().map(|s| s.filling).collect(),
        anchors,
        numbers: smallest(of_class(Class::Number), FACTS_MAX),
        names: smallest(of_class(Class::Name), FACTS_MAX),
        days,
        title: smallest(title.iter().map(|t| t.hash), TITLE_MAX),
    }
}

/// Hash of all words in order, never 0 for a text that has any.
fn exact(body: &[Token]) -> u64 {
    if body.is_empty() {
        return 0;
    }
    mix(body.iter().fold(body.len() as u64, |h, t| chain(h, t.hash))).max(1)
}

/// The smallest distinct 16-bit hashes of some facts.
fn smallest(hashes: impl Iterator<Item = u64>, max: usize) -> Vec<u16> {
    let mut hashes: Vec<u16> = hashes.map(|h| (h >> 48) as u16).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(max);
    hashes
}

/// What the places in a shingle weigh in its hash: odd, and random else.
const PLACES: [u64; SHINGLE_WEIGHT as usize] = places();

const fn places() -> [u64; SHINGLE_WEIGHT as usize] {
    let mut places = [0; SHINGLE_WEIGHT as usize];
    let mut at = 0;
    while at < places.len() {
        places[at] = mix(at as u64 + 1) | 1;
        at += 1;
    }
    places
}

/// The shingle that begins with the first of `units`: hash of its frame, hash of its filling (0 for none), and the filling in a byte.
/// Only the upper halves of the hashes are to be used: sums of products (Dietzfelbinger's multiply-shift) are random there alone.
#[inline]
fn shingle(units: &[Unit], whole: bool) -> Option<(u64, u64, u8)> {
    // Three words or slots, as in most scripts: the sum below, at once.
    if let Some(three @ [a, b, c]) = units.first_chunk()
        && three.iter().all(|unit| unit.weight == WORD)
    {
        let sum = |of: fn(&Unit) -> u64| {
            let weighed = three
                .iter()
                .zip(PLACES)
                .map(|(unit, place)| of(unit).wrapping_mul(place));
            weighed.fold(0, u64::wrapping_add)
        };
        let filling = sum(|unit| unit.filling);
        let short = short_filling(filling, a.number | b.number | c.number);
        return Some((sum(|unit| unit.frame), filling, short));
    }
    let (mut frame, mut filling, mut weight, mut number) = (0_u64, 0_u64, 0, false);
    for (unit, place) in units.iter().zip(PLACES) {
        frame = frame.wrapping_add(unit.frame.wrapping_mul(place));
        filling = filling.wrapping_add(unit.filling.wrapping_mul(place));
        number |= unit.number;
        weight += unit.weight;
        if weight >= SHINGLE_WEIGHT {
            break;
        }
    }
    if weight < SHINGLE_WEIGHT && !whole {
        return None;
    }
    Some((frame, filling, short_filling(filling, number)))
}

/// A filling in a byte: 0 for none.
#[inline]
fn short_filling(filling: u64, number: bool) -> u8 {
    let short = (filling >> 57) as u8;
    let never_none = u8::from(short == 0);
    let mark = u8::from(number) * NUMBER;
    (short | never_none | mark) * u8::from(filling != 0)
}

/// Sample a text's shingles: the sketch in text order, its threshold, and the anchors.
fn sample(units: &[Unit]) -> (Vec<Shingle>, u32, Vec<u32>) {
    // A first guess keeps some more than are needed, so that repeats in the text may leave.
    let expected = units.len().max(1) as u64;
    let guess = |wanted: usize| u32::try_from((5 * wanted as u64 / 4 + 24) * (1 << 32) / expected).unwrap_or(u32::MAX);
    let (frame_max, anchor_max) = (guess(SKETCH_MAX), guess(PROBES_MAX));
    let (sketch, threshold, anchors) = sample_below(units, frame_max, anchor_max);
    let short = threshold == u32::MAX && frame_max != u32::MAX;
    let few = anchors.len() < PROBES_MAX && anchor_max != u32::MAX;
    if short || few {
        return sample_below(units, u32::MAX, u32::MAX);
    }
    (sketch, threshold, anchors)
}

/// Units of a text that are looked at: as many as a [`Sample`] can tell apart.
const UNITS_MAX: usize = 1 << 24;

/// A shingle as a plain number, which sorts fast: its frame, its filling, its place among those sampled.
type Sample = u64;

fn sample_below(units: &[Unit], frame_max: u32, anchor_max: u32) -> (Vec<Shingle>, u32, Vec<u32>) {
    let count = units.len().min(UNITS_MAX);
    let (mut samples, mut anchors): (Vec<Sample>, Vec<u32>) = (vec![0; count], vec![0; count]);
    let (mut kept, mut anchor_count) = (0, 0);
    for position in 0..count {
        // A text shorter than a shingle is one.
        let Some((frame, filling, short)) = shingle(units.get(position..).unwrap_or_default(), position == 0) else {
            break;
        };
        let frame_top = (frame >> 32) as u32;
        let anchor = (chain(frame, filling) >> 32) as u32;
        // Whether one stays is a toss that no branch can foresee: each is written, and the next over it if it is not to stay.
        samples[kept] = u64::from(frame_top) << 32 | u64::from(short) << 24 | kept as u64;
        anchors[anchor_count] = anchor;
        kept += usize::from(frame_top <= frame_max);
        anchor_count += usize::from(anchor <= anchor_max);
    }
    samples.truncate(kept);
    anchors.truncate(anchor_count);
    let mut smallest = samples.clone();
    smallest.sort_unstable();
    let threshold = keep_smallest(&mut smallest);
    anchors.sort_unstable();
    anchors.dedup();
    anchors.truncate(PROBES_MAX);
    (in_text_order(&samples, &smallest), threshold, anchors)
}

/// Those of `all` that are among the kept, in the order of `all`: that of their places.
fn in_text_order(all: &[Sample], kept: &[Sample]) -> Vec<Shingle> {
    let mut stay = vec![0_u64; all.len() / BLOCK + 1];
    for sample in kept {
        let place = *sample as usize % UNITS_MAX;
        stay[place / BLOCK] |= 1 << (place % BLOCK);
    }
    let mut sketch = Vec::with_capacity(kept.len());
    for (samples, stay) in all.chunks(BLOCK).zip(stay) {
        sketch.extend(
            bits::places(stay)
                .filter_map(|place| samples.get(place))
                .map(|sample| Shingle {
                    frame: (sample >> 32) as u32,
                    filling: (sample >> 24) as u8,
                }),
        );
    }
    sketch
}

/// Of ascending samples keep the smallest distinct ones, of one frame no more than a few: a table repeats it with ever other fillings, and
/// those speak for it. Gives the threshold that all which stays is below.
fn keep_smallest(samples: &mut Vec<Sample>) -> u32 {
    let frame_of = |sample: Sample| (sample >> 32) as u32;
    samples.dedup_by_key(|sample| *sample >> 24);
    let (mut frame, mut fillings, mut kept, mut threshold) = (None, 0, 0, u32::MAX);
    samples.retain(|sample| {
        fillings = if frame == Some(frame_of(*sample)) {
            fillings + 1
        } else {
            1
        };
        frame = Some(frame_of(*sample));
        let stays = fillings <= FILLINGS_MAX && kept <= SKETCH_MAX;
        kept += usize::from(stays);
        stays
    });
    if let Some(next) = samples.get(SKETCH_MAX) {
        threshold = frame_of(*next).max(1);
        samples.truncate(SKETCH_MAX);
        samples.retain(|sample| frame_of(*sample) < threshold);
    }
    threshold
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
            let units = units(&tokens(&text.join(" ")));
            let (sketch, threshold, anchors) = sample(&units);
            let (all, all_threshold, all_anchors) = sample_below(&units, u32::MAX, u32::MAX);
            let frames = |sketch: &[Shingle]| sketch.iter().map(|s| (s.frame, s.filling)).collect::<Vec<_>>();
            assert_eq!(
                (threshold, frames(&sketch)),
                (all_threshold, frames(&all)),
                "seed {seed}"
            );
            assert_eq!(anchors, all_anchors, "seed {seed}");
        }
    }
}
