//! Short patterns → those that stand in a text, whatever their case in ASCII.
//!
//! In: patterns, each with what it means; then a text, and places in it. Out: the meanings and lengths of the patterns that stand there. Always: the same as
//! comparing each pattern by itself. Asked at each place of a text it is quicker than an automaton, whose every step waits for the one before: what
//! most places are not is seen at once, and in little memory.

use super::eight;
use super::filter::{Filter, one_mark};
use super::hashed::FACTOR;

/// Slots that patterns are spread over by their first two bytes; a power of two.
const SLOTS: usize = 1 << 11;

/// Bytes of a [`head`].
const HEAD: usize = size_of::<u32>();

/// Places of a text that are asked about before any is looked at.
const PLACES: usize = 64;

#[derive(Debug)]
struct Pattern<T> {
    text: String,
    meaning: T,
    /// What it begins with, and which bits of that are of it: most other texts differ there.
    head: u32,
    mask: u32,
    /// The same of what follows.
    rest: u64,
    rest_mask: u64,
}

/// Patterns of two bytes or more, found by the first two.
#[derive(Debug)]
pub(crate) struct Heads<T> {
    /// Those that share a slot side by side.
    patterns: Vec<Pattern<T>>,
    /// The patterns of slot k are `starts[k]..starts[k + 1]` of the list.
    starts: Box<[u16; SLOTS + 1]>,
    /// What those begin with that have a whole head, and those that have none. Most texts are in neither, and no list is gone through.
    whole: Filter<512>,
    short: Filter<64>,
}

impl<T> Heads<T> {
    /// Of these patterns, up to 65,535 of two bytes or more, each with its meaning.
    pub(crate) fn new(patterns: impl Iterator<Item = (String, T)>) -> Self {
        let pattern = |(text, meaning): (String, T)| {
            let missing = HEAD.saturating_sub(text.len());
            let mask = u32::MAX >> (u8::BITS as usize * missing);
            let rest_mask = eight::first(text.len().saturating_sub(HEAD), u64::MAX);
            Pattern {
                head: head(text.as_bytes()) & mask,
                mask,
                rest: rest(text.as_bytes()) & rest_mask,
                rest_mask,
                text,
                meaning,
            }
        };
        let mut patterns: Vec<_> = patterns.map(pattern).collect();
        patterns.sort_by_key(|pattern| slot(pattern.head));
        let start = |k| patterns.partition_point(|pattern| slot(pattern.head) < k) as u16;
        let (mut whole, mut short) = (Filter::default(), Filter::default());
        for Pattern { head, mask, .. } in &patterns {
            if *mask == u32::MAX {
                whole.add(spread(*head), one_mark(spread(*head)));
            } else {
                let two = spread(first_two(*head));
                short.add(two, one_mark(two));
            }
        }
        Self {
            starts: Box::new(std::array::from_fn(start)),
            patterns,
            whole,
            short,
        }
    }

    /// Hand over the meaning and the length of each pattern that stands at one of some places of a text, with the place.
    ///
    /// Whether something may stand at a place is a toss that no branch can foresee: each place is written down, and the next over it if nothing may.
    #[inline]
    pub(crate) fn find<'h>(
        &'h self,
        text: &[u8],
        places: impl Iterator<Item = usize>,
        mut hear: impl FnMut(usize, &'h T, usize),
    ) {
        let mut look = |places: &[usize]| {
            for place in places {
                for (meaning, length) in self.at(text.get(*place..).unwrap_or_default()) {
                    hear(*place, meaning, length);
                }
            }
        };
        let (mut hits, mut count) = ([0; PLACES], 0);
        for place in places {
            hits[count] = place;
            count += usize::from(self.may_begin(head(text.get(place..).unwrap_or_default())));
            if count == PLACES {
                look(&hits);
                count = 0;
            }
        }
        look(&hits[..count]);
    }

    /// The meaning and the length of each pattern that stands here.
    fn at(&self, here: &[u8]) -> impl Iterator<Item = (&T, usize)> {
        let (head, rest) = (head(here), rest(here));
        let of_slot = self.of_slot(head).iter();
        let may_be = of_slot.filter(move |pattern| {
            let others = u64::from(head & pattern.mask ^ pattern.head) | rest & pattern.rest_mask ^ pattern.rest;
            others == 0
        });
        may_be.filter_map(|Pattern { text, meaning, .. }| {
            let own = here.get(..text.len())?;
            own.eq_ignore_ascii_case(text.as_bytes())
                .then_some((meaning, text.len()))
        })
    }

    /// Whether a pattern may begin so.
    #[inline]
    fn may_begin(&self, head: u32) -> bool {
        let (four, two) = (spread(head), spread(first_two(head)));
        (self.whole.missing(four, one_mark(four)) == 0) | (self.short.missing(two, one_mark(two)) == 0)
    }

    fn of_slot(&self, head: u32) -> &[Pattern<T>] {
        let slot = slot(head);
        let range = usize::from(self.starts[slot])..usize::from(self.starts[slot + 1]);
        self.patterns.get(range).unwrap_or_default()
    }
}

/// The first bytes, the same for small letters and capitals (and for some other signs); zeros where there are fewer, but for the case.
#[inline]
fn head(bytes: &[u8]) -> u32 {
    const CASE: u32 = 0x2020_2020;
    let head = match bytes.first_chunk() {
        Some(head) => u32::from_le_bytes(*head),
        None => bytes.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte)),
    };
    head | CASE
}

/// The same of what stands behind a head.
fn rest(bytes: &[u8]) -> u64 {
    eight::read(bytes.get(HEAD..).unwrap_or_default()) | eight::each(0x20)
}

#[inline]
fn first_two(head: u32) -> u32 {
    head & 0xffff
}

#[inline]
fn spread(head: u32) -> u64 {
    u64::from(head).wrapping_mul(FACTOR)
}

/// Of the first two bytes; every pattern has as many.
#[inline]
fn slot(head: u32) -> usize {
    ((first_two(head) as usize * 0x9e37) >> 5) & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_that_stand_here_are_found(
            patterns in prop::collection::vec(prop_oneof!["[a-cA-C \u{1}\u{e9}\u{6e2f}]{2,6}", "[ab]{10,14}"], 0..40),
            text in "[a-cA-C \u{1}!\u{e9}\u{6e2f}]{0,90}",
            step in 1_usize..3,
        ) {
            let heads = Heads::new(patterns.iter().cloned().zip(0..));
            let text = text.as_bytes();
            let mut found = Vec::new();
            heads.find(text, (0..text.len()).step_by(step), |place, at, length| found.push((place, *at, length)));
            found.sort_unstable();
            let stands = |place: usize, pattern: &str| {
                let here = text.get(place..place + pattern.len());
                here.is_some_and(|own| own.eq_ignore_ascii_case(pattern.as_bytes()))
            };
            let all = (0..text.len()).step_by(step).flat_map(|place| {
                let here = patterns.iter().enumerate().filter(move |(_, pattern)| stands(place, pattern));
                here.map(move |(at, pattern)| (place, at, pattern.len()))
            });
            prop_assert_eq!(found, all.collect::<Vec<_>>());
        }
    }
}
