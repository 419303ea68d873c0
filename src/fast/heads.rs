//! Short patterns → those that a text begins with, whatever their case in ASCII.
//!
//! In: patterns, each with what it means; then bytes. Out: the meanings and lengths of the patterns that stand at their beginning. Always: the same as
//! comparing each pattern by itself. Asked at each place of a text it is quicker than an automaton, whose every step waits for the one before: what
//! most places are not is seen at once, and in little memory.

use super::eight;

/// Slots that patterns are spread over by their first two bytes; a power of two.
const SLOTS: usize = 1 << 11;

/// Bytes of a [`head`].
const HEAD: usize = size_of::<u32>();

#[derive(Debug)]
struct Pattern<T> {
    text: String,
    meaning: T,
    /// What it begins with, and which bits of that are of it: most other texts differ there.
    head: u32,
    mask: u32,
}

/// Patterns of two bytes or more, found by the first two.
#[derive(Debug)]
pub(crate) struct Heads<T> {
    /// Those that share a slot side by side.
    patterns: Vec<Pattern<T>>,
    /// The patterns of slot k are `starts[k]..starts[k + 1]` of the list.
    starts: Box<[u16; SLOTS + 1]>,
}

impl<T> Heads<T> {
    /// Of these patterns, up to 65,535 of two bytes or more, each with its meaning.
    pub(crate) fn new(patterns: impl Iterator<Item = (String, T)>) -> Self {
        let pattern = |(text, meaning): (String, T)| {
            let missing = HEAD.saturating_sub(text.len());
            let mask = u32::MAX >> (u8::BITS as usize * missing);
            let head = head(text.as_bytes()) & mask;
            Pattern {
                text,
                meaning,
                head,
                mask,
            }
        };
        let mut patterns: Vec<_> = patterns.map(pattern).collect();
        patterns.sort_by_key(|pattern| slot(pattern.head));
        let start = |k| patterns.partition_point(|pattern| slot(pattern.head) < k) as u16;
        Self {
            starts: Box::new(std::array::from_fn(start)),
            patterns,
        }
    }

    /// The meaning and the length of each pattern that stands here.
    #[inline]
    pub(crate) fn at(&self, here: &[u8]) -> impl Iterator<Item = (&T, usize)> {
        let head = head(here);
        let slot = slot(head);
        let range = usize::from(self.starts[slot])..usize::from(self.starts[slot + 1]);
        let of_slot = self.patterns.get(range).unwrap_or_default().iter();
        let may_be = of_slot.filter(move |pattern| head & pattern.mask == pattern.head);
        may_be.filter_map(|Pattern { text, meaning, .. }| {
            let own = here.get(..text.len())?;
            own.eq_ignore_ascii_case(text.as_bytes())
                .then_some((meaning, text.len()))
        })
    }
}

/// The first bytes, the same for small letters and capitals (and for some other signs); zeros where there are fewer, but for the case.
#[inline]
fn head(bytes: &[u8]) -> u32 {
    const CASE: u32 = 0x2020_2020;
    u32::from_le_bytes(*eight::near(bytes, &mut None)) | CASE
}

/// Of the first two bytes; every pattern has as many.
#[inline]
fn slot(head: u32) -> usize {
    (((head as usize & 0xffff) * 0x9e37) >> 5) & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_that_stand_here_are_found(
            patterns in prop::collection::vec("[a-cA-C \u{1}\u{e9}\u{6e2f}]{2,6}", 0..40),
            text in "[a-cA-C \u{1}!\u{e9}\u{6e2f}]{0,8}",
        ) {
            let heads = Heads::new(patterns.iter().cloned().zip(0..));
            let mut found: Vec<(usize, usize)> = heads.at(text.as_bytes()).map(|(at, length)| (*at, length)).collect();
            found.sort_unstable();
            let stands = |pattern: &str| text.as_bytes().get(..pattern.len()).is_some_and(|own| own.eq_ignore_ascii_case(pattern.as_bytes()));
            let all = patterns.iter().enumerate().filter(|(_, pattern)| stands(pattern));
            prop_assert_eq!(found, all.map(|(at, pattern)| (at, pattern.len())).collect::<Vec<_>>());
        }
    }
}
