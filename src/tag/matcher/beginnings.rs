//! Phrases by how they begin: of thousands, the few that may stand at a place.
//!
//! In: the first eight bytes at a place. Out: the patterns that begin so, the longest first. Always: where none does, a bit of a small
//! table mostly says so.

use super::Pattern;

/// First bytes that phrases are looked up by: eight tell `trade war` from `trade union`, and a phrase may have two alone.
pub(super) const FIRST_BYTES: [usize; 3] = [8, 4, 2];

/// The eight bytes at a place, capitals as small letters, the first in the lowest bits; blanks behind the text's end.
pub(super) fn first_bytes(text: &[u8], at: usize) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    if let Some(Ok(eight)) = text.get(at..at + 8).map(TryInto::try_into) {
        return u64::from_le_bytes(eight) | SMALL;
    }
    let mut eight = [b' '; 8];
    for (place, byte) in eight.iter_mut().zip(text.get(at..).unwrap_or_default()) {
        *place = *byte;
    }
    u64::from_le_bytes(eight) | SMALL
}

/// A phrase's first eight bytes, or all of a shorter one.
#[derive(Clone, Copy)]
struct Beginning {
    /// The bits that count.
    mask: u64,
    bytes: u64,
    pattern: u32,
}

impl Beginning {
    fn of(text: &[u8], pattern: u32) -> Self {
        let mask = u64::MAX >> (64 - 8 * text.len().clamp(1, 8));
        Self {
            mask,
            bytes: first_bytes(text, 0) & mask,
            pattern,
        }
    }

    /// The phrase's first bytes as the bits of `mask` show them: whatever stands behind a phrase that is shorter.
    fn all_up_to(&self, mask: u64) -> impl Iterator<Item = u64> {
        let behind = mask & !self.mask;
        let count = if behind == 0 { 1 } else { 1 << u8::BITS };
        let (bytes, place) = (self.bytes & mask, behind.trailing_zeros() % u64::BITS);
        (0..count).map(move |byte| bytes | (((byte | 0x20) << place) & behind))
    }
}

/// Phrases by their first bytes: a table of places in one list, the longest phrase of each place first. Phrases of one place may
/// begin otherwise, since a place is a hash.
pub(super) struct Beginnings {
    /// The bits of the first bytes that count.
    mask: u64,
    /// The bits of those that the filter knows.
    filter_mask: u64,
    /// A bit for each of 65,536 places, set where a phrase is: small enough to stay in the fastest memory.
    filter: Box<[u64; FILTER_WORDS]>,
    shift: u32,
    /// Where the phrases of each place begin in `phrases`, and the end of all.
    starts: Vec<u32>,
    phrases: Vec<Beginning>,
}

impl std::fmt::Debug for Beginnings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Beginnings").finish_non_exhaustive()
    }
}

impl Beginnings {
    /// The patterns that have `first` bytes, and not as many as the next longer beginnings.
    pub(super) fn of(patterns: &[Pattern], first: usize) -> Self {
        let longer = FIRST_BYTES.into_iter().filter(|f| *f > first).min();
        let is_meant = |length: usize| length >= first && longer.is_none_or(|longer| length < longer);
        let mask = u64::MAX >> (64 - 8 * first);
        let mut phrases: Vec<Beginning> = (0..)
            .zip(patterns)
            .filter(|(_, p)| is_meant(p.text.len()))
            .map(|(number, p)| Beginning::of(p.text.as_bytes(), number))
            .collect();
        // A place or two for each phrase: the filter has turned away what is none, and a small table stays near.
        let bits = phrases.len().max(1).ilog2() + 1;
        let shift = u64::BITS - bits;
        let length = |number: u32| patterns.get(number as usize).map_or(0, |p| p.text.len());
        let filter_mask = filter_mask(first);
        let hash_of = |b: &Beginning| hash(b.bytes & mask);
        // Of two that differ in case alone the acronym is first, whatever other tags have: a tag's phrases are found as if it were alone.
        let is_exact = |number: u32| patterns.get(number as usize).is_some_and(|p| p.is_exact);
        let place_of = |b: &Beginning| {
            let (last, number) = (usize::MAX - length(b.pattern), b.pattern);
            (hash_of(b) >> shift, last, !is_exact(number), number)
        };
        phrases.sort_by_key(place_of);
        let mut starts = vec![0; (1 << bits) + 1];
        let mut filter = Box::new([0; FILTER_WORDS]);
        for beginning in &phrases {
            starts[(hash_of(beginning) >> shift) as usize + 1] += 1;
            for first in beginning.all_up_to(filter_mask) {
                let (word, bit) = filter_place(hash(first));
                filter[word] |= bit;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self {
            mask,
            filter_mask,
            filter,
            shift,
            starts,
            phrases,
        }
    }

    /// Whether a phrase may begin so; where none does, this is mostly known.
    pub(super) fn may_hold(&self, first: u64) -> bool {
        let (word, bit) = filter_place(hash(first & self.filter_mask));
        self.filter[word] & bit != 0
    }

    /// The patterns that begin so, the longest first.
    pub(super) fn at(&self, first: u64) -> impl Iterator<Item = usize> {
        let place = (hash(first & self.mask) >> self.shift) as usize;
        let range = |starts: &[u32]| Some(*starts.first()? as usize..*starts.get(1)? as usize);
        let here = range(self.starts.get(place..).unwrap_or_default()).and_then(|range| self.phrases.get(range));
        let same = here
            .unwrap_or_default()
            .iter()
            .filter(move |b| first & b.mask == b.bytes);
        same.map(|b| b.pattern as usize)
    }
}

const FILTER_WORDS: usize = 1024;

/// The bits of the first bytes that the filter of phrases of at least `first` bytes knows. Two alone begin words of prose at every turn
/// (`US`: us, use, usual), so that one more is looked at.
fn filter_mask(first: usize) -> u64 {
    u64::MAX >> (64 - 8 * first.max(3))
}

fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn filter_place(hash: u64) -> (usize, u64) {
    ((hash >> 54) as usize, 1 << ((hash >> 48) & 63))
}
