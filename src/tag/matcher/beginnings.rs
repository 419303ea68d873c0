//! Phrases by how they begin: of thousands, the few that may stand at a place.
//!
//! In: the first bytes at a place. Out: the patterns that may begin so, the longest first. Always: where none does, a bit or two of
//! small tables mostly say so.

use std::ops::RangeInclusive;

use super::Pattern;
use crate::fast::filter::{Filter, one_mark, two_marks};
use crate::fast::hashed::FACTOR;

/// Makes capitals small letters, and some bytes others.
const SMALL: u128 = 0x2020_2020_2020_2020_2020_2020_2020_2020;

/// The eight bytes at a place, capitals as small letters, the first in the lowest bits; blanks behind the text's end.
#[inline]
pub(super) fn first_eight(text: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes_at(text, at)) | SMALL as u64
}

/// The same of sixteen.
#[inline]
pub(super) fn first_sixteen(text: &[u8], at: usize) -> u128 {
    u128::from_le_bytes(bytes_at(text, at)) | SMALL
}

#[inline]
fn bytes_at<const COUNT: usize>(text: &[u8], at: usize) -> [u8; COUNT] {
    let rest = text.get(at..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [b' '; COUNT];
        for (place, byte) in bytes.iter_mut().zip(rest) {
            *place = *byte;
        }
        bytes
    })
}

/// Phrases by their first bytes: those of eight and more by eight, which tell `trade war` from `trade union`, and shorter ones by
/// fewer.
#[derive(Debug)]
pub(super) struct Beginnings {
    /// Two first bytes and what may stand behind them, or four, in the number that the first three name: most words are none of these.
    firsts: Filter<1024>,
    filter: Filter<2048>,
    tables: [Table; 3],
}

/// By how many first bytes the phrases of each table are found, and by how many the filter knows them. Two alone begin words of prose at
/// every turn (`US`: us, use, usual), so that one more is looked at.
const FIRST_BYTES: [(usize, usize); 3] = [(8, 8), (4, 4), (2, 3)];

/// How many first bytes rule out phrases of which lengths.
const FIRSTS: [(usize, RangeInclusive<usize>); 2] = [(3, 2..=3), (4, 4..=usize::MAX)];

/// So many first bytes name a filter's number, whatever rules out.
const NAMING_BYTES: usize = 3;

impl Beginnings {
    pub(super) fn of(patterns: &[Pattern]) -> Self {
        let mut firsts = Filter::default();
        for (bytes, lengths) in FIRSTS {
            let own = patterns.iter().filter(|p| lengths.contains(&p.len()));
            for first in own.flat_map(|p| all_beginnings(p, bytes)) {
                firsts.add(hash(first, NAMING_BYTES), one_mark(hash(first, bytes)));
            }
        }
        let mut filter = Filter::default();
        let mut longer = usize::MAX;
        let tables = FIRST_BYTES.map(|(first, of_filter)| {
            let is_meant = |p: &&Pattern| (first..longer).contains(&p.len());
            let own: Vec<Pattern> = patterns.iter().filter(is_meant).copied().collect();
            longer = first;
            for first in own.iter().flat_map(|p| all_beginnings(p, of_filter)) {
                let hash = hash(first, of_filter);
                filter.add(hash, two_marks(hash));
            }
            Table::of(own, first)
        });
        Self { firsts, filter, tables }
    }

    /// Whether a phrase may begin with the first four of these bytes: two words in three are known to be none at little cost.
    #[inline]
    pub(super) fn may_begin(&self, first: u64) -> bool {
        let number = hash(first, NAMING_BYTES);
        let missing = |(bytes, _)| self.firsts.missing(number, one_mark(hash(first, bytes)));
        let [of_short, of_long] = FIRSTS.map(missing);
        of_short.min(of_long) == 0
    }

    /// Whether a phrase may begin so; where none does, this is mostly known. All is asked: whether a phrase of eight bytes may is a guess that
    /// goes wrong, which costs more than asking for the shorter ones too.
    #[inline]
    pub(super) fn may_hold(&self, first: u64) -> bool {
        let each = FIRST_BYTES.iter().map(|(_, bytes)| self.is_known(hash(first, *bytes)));
        each.fold(false, |any, may| any | may)
    }

    #[inline]
    fn is_known(&self, hash: u64) -> bool {
        self.filter.missing(hash, two_marks(hash)) == 0
    }

    /// Lists of patterns that hold all which begin so, the longest first, and some that do not.
    #[inline]
    pub(super) fn at(&self, first: u64) -> impl Iterator<Item = &[Pattern]> {
        let tables = self.tables.iter().zip(FIRST_BYTES);
        let holding = tables.filter(move |(_, (_, of_filter))| self.is_known(hash(first, *of_filter)));
        holding.map(move |(table, (bytes, _))| table.at(hash(first, bytes)))
    }
}

/// A pattern's first bytes, as many as these: whatever stands behind one that is shorter by one.
fn all_beginnings(pattern: &Pattern, bytes: usize) -> impl Iterator<Item = u64> {
    let is_shorter = pattern.len() < bytes;
    let place = 8 * (bytes - 1);
    let known = pattern.begins as u64 & !(u64::from(is_shorter) * (0xff << place));
    (0..if is_shorter { 256 } else { 1 }).map(move |behind| known | (behind | 0x20) << place)
}

/// Phrases in a list, those of one slot together, the longest first. They may begin otherwise, since a slot is a part of a hash.
#[derive(Debug)]
struct Table {
    shift: u32,
    /// Where the phrases of each slot begin in `patterns`, and the end of all.
    starts: Vec<u32>,
    patterns: Vec<Pattern>,
}

impl Table {
    fn of(mut patterns: Vec<Pattern>, first: usize) -> Self {
        // A slot for one or two phrases: the filter has turned away what is none, and a small table stays near.
        let bits = patterns.len().max(2).ilog2();
        let shift = u64::BITS - bits;
        let slot = |p: &Pattern| (hash(p.begins as u64, first) >> shift) as usize;
        // Of two that differ in case alone the acronym is first, whatever other tags have: a tag's phrases are found as if it were alone.
        patterns.sort_unstable_by_key(|p| (slot(p), usize::MAX - p.len(), !p.is_exact, p.number()));
        let mut starts = vec![0; (1 << bits) + 1];
        for pattern in &patterns {
            starts[slot(pattern) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self {
            shift,
            starts,
            patterns,
        }
    }

    /// The phrases of a slot.
    fn at(&self, hash: u64) -> &[Pattern] {
        let here = match self.starts.get((hash >> self.shift) as usize..) {
            Some([start, end, ..]) => self.patterns.get(*start as usize..*end as usize),
            _ => None,
        };
        here.unwrap_or_default()
    }
}

/// A hash of some first bytes.
#[inline]
fn hash(first: u64, bytes: usize) -> u64 {
    let key = first & (u64::MAX >> (u64::BITS as usize - 8 * bytes));
    key.wrapping_mul(FACTOR)
}
