//! Hashes → whether one may be among those that are known.
//!
//! In: hashes. Out: a table small enough to stay in the fastest memory, which most hashes that are not known do not pass. Always: one that is
//! known passes. A Bloom filter with the marks of each hash in one number (Putze, Sanders and Singler, "Cache-, hash- and space-efficient Bloom
//! filters", 2007). Its size is a constant, so that asking takes a few instructions.

/// A filter of so many numbers: a power of two. With fewer than four hashes for each, one in eight of its bits is set.
#[derive(Debug)]
pub(crate) struct Filter<const NUMBERS: usize>(Box<[u64; NUMBERS]>);

impl<const NUMBERS: usize> Default for Filter<NUMBERS> {
    fn default() -> Self {
        Self(Box::new([0; NUMBERS]))
    }
}

impl<const NUMBERS: usize> Filter<NUMBERS> {
    /// Set these marks in the number that a hash names.
    pub(crate) fn add(&mut self, hash: u64, marks: u64) {
        self.0[Self::number(hash)] |= marks;
    }

    /// Which of some marks are missing in the number that a hash names: 0 where all are set.
    #[inline]
    pub(crate) fn missing(&self, hash: u64, marks: u64) -> u64 {
        !self.0[Self::number(hash)] & marks
    }

    #[inline]
    fn number(hash: u64) -> usize {
        (hash >> (u64::BITS - NUMBERS.ilog2())) as usize % NUMBERS
    }
}

/// One bit for a hash.
#[inline]
pub(crate) fn one_mark(hash: u64) -> u64 {
    1 << (hash >> 32 & 0x3f)
}

/// Two bits for a hash: fewer others pass, where more are known or more are asked for.
#[inline]
pub(crate) fn two_marks(hash: u64) -> u64 {
    one_mark(hash) | 1 << (hash >> 38 & 0x3f)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Multiples of an odd number spread well.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

    proptest! {
        #[test]
        fn what_is_known_passes(hashes: Vec<u64>) {
            let mut filter = Filter::<64>::default();
            for hash in &hashes {
                filter.add(*hash, two_marks(*hash));
            }
            for hash in hashes {
                prop_assert_eq!(filter.missing(hash, two_marks(hash)), 0);
                prop_assert_eq!(filter.missing(hash, one_mark(hash)), 0);
            }
        }
    }

    #[test]
    fn most_of_what_is_not_known_does_not_pass() {
        let hashes = |range: std::ops::Range<u64>| range.map(|at| at.wrapping_mul(SPREAD));
        let mut filter = Filter::<512>::default();
        for hash in hashes(1..1_000) {
            filter.add(hash, two_marks(hash));
        }
        let passed = hashes(1_000..11_000).filter(|hash| filter.missing(*hash, two_marks(*hash)) == 0);
        assert!(passed.count() < 500);
    }
}
