//! Text → what its bytes are, a bit for each: sixty-four at once.
//!
//! In: bytes. Out: the first sixty-four as [`Bits`], asked for letters, digits, single bytes …; bit 0 is the first byte, zeros stand where there
//! are fewer. Always: the same as looking at each byte by itself, on every machine. Whole runs are then found by a few operations
//! on numbers (as in Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019), and most words need no look at their letters.

use std::ops::RangeInclusive;

use wide::u8x16;

/// Bytes that are told apart at once.
pub(crate) const BLOCK: usize = 64;

/// Sixty-four bytes of text.
#[derive(Clone, Copy)]
pub(crate) struct Bits([u8x16; 4]);

impl Bits {
    /// The first bytes of these.
    #[inline]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if let Some(block) = bytes.first_chunk() {
            return Self::of_block(block);
        }
        let mut block = [0; BLOCK];
        if let Some(some) = block.get_mut(..bytes.len()) {
            some.copy_from_slice(bytes);
        }
        Self::of_block(&block)
    }

    #[inline]
    fn of_block(block: &[u8; BLOCK]) -> Self {
        let (sixteens, _) = block.as_chunks();
        Self(std::array::from_fn(|at| {
            sixteens.get(at).copied().unwrap_or_default().into()
        }))
    }

    /// Letters of ASCII.
    #[inline]
    pub(crate) fn letters(&self) -> u64 {
        self.each(letters)
    }

    /// Digits of ASCII.
    #[inline]
    pub(crate) fn digits(&self) -> u64 {
        self.each(digits)
    }

    /// Bytes of characters beyond ASCII.
    #[inline]
    pub(crate) fn beyond_ascii(&self) -> u64 {
        self.each(|bytes| bytes)
    }

    /// All bytes of dashes and quotation marks beyond ASCII (U+2010 to U+2023) that are here whole.
    #[inline]
    pub(crate) fn dashes_and_quotes(&self) -> u64 {
        let third = self.each(|bytes| is_up_to(0x13, bytes - u8x16::splat(0x90)));
        let marks = self.any([0xe2]) & self.any([0x80]) >> 1 & third >> 2;
        marks | marks << 1 | marks << 2
    }

    /// Letters that are small, and some other bytes.
    #[inline]
    pub(crate) fn small(&self) -> u64 {
        let bit = u8x16::splat(0x20);
        self.each(|bytes| (bytes & bit).simd_eq(bit))
    }

    /// Letters and digits of ASCII.
    #[inline]
    pub(crate) fn letters_and_digits(&self) -> u64 {
        self.each(|bytes| letters(bytes) | digits(bytes))
    }

    /// Letters and digits of ASCII, and all bytes beyond it.
    #[inline]
    pub(crate) fn words(&self) -> u64 {
        self.each(|bytes| letters(bytes) | digits(bytes) | bytes)
    }

    /// First bytes of characters beyond ASCII.
    #[inline]
    pub(crate) fn firsts_beyond_ascii(&self) -> u64 {
        self.each(|bytes| bytes.max(u8x16::splat(0xc0)).simd_eq(bytes))
    }

    /// Control characters, and first bytes that white space beyond ASCII may have.
    #[inline]
    pub(crate) fn may_begin_space(&self) -> u64 {
        self.each(may_begin_space)
    }

    /// Control characters but newlines, and first bytes that blanks beyond ASCII may have, those without a width among them.
    #[inline]
    pub(crate) fn may_begin_blank(&self) -> u64 {
        let (c2, ef) = (u8x16::splat(0xc2), u8x16::splat(0xef));
        let newline = u8x16::splat(b'\n');
        self.each(|bytes| {
            let beyond_ascii = bytes.simd_eq(c2) | is_up_to(2, bytes - u8x16::splat(0xe1)) | bytes.simd_eq(ef);
            (is_up_to(0x1f, bytes) ^ bytes.simd_eq(newline)) | beyond_ascii
        })
    }

    /// Control characters, and first bytes of white space beyond ASCII and of what takes no place; some other characters begin with them, too.
    #[inline]
    pub(crate) fn may_part(&self) -> u64 {
        let ef = u8x16::splat(0xef);
        self.each(|bytes| may_begin_space(bytes) | bytes.simd_eq(ef))
    }

    /// What JSON does not hold as it is: quotation marks, backslashes and control characters.
    #[inline]
    pub(crate) fn json_escapes(&self) -> u64 {
        let (quote, backslash) = (u8x16::splat(b'"'), u8x16::splat(b'\\'));
        self.each(|bytes| bytes.simd_eq(quote) | bytes.simd_eq(backslash) | is_up_to(0x1f, bytes))
    }

    /// Bytes that have one of some flags.
    #[inline]
    pub(crate) fn flagged(&self, flags: u8) -> u64 {
        !self.each(|bytes| (bytes & u8x16::splat(flags)).simd_eq(u8x16::ZERO))
    }

    /// Where one of these bytes stands.
    #[inline]
    pub(crate) fn any<const COUNT: usize>(&self, of: [u8; COUNT]) -> u64 {
        self.each(|bytes| {
            of.iter()
                .fold(u8x16::ZERO, |any, byte| any | bytes.simd_eq(u8x16::splat(*byte)))
        })
    }

    /// Bytes from this one to that.
    #[inline]
    pub(crate) fn between(&self, bytes: RangeInclusive<u8>) -> u64 {
        let (first, last) = bytes.into_inner();
        self.each(|bytes| is_up_to(last.saturating_sub(first), bytes - u8x16::splat(first)))
    }

    /// The top bits of what `is` makes of the bytes.
    #[inline]
    fn each(&self, is: impl Fn(u8x16) -> u8x16) -> u64 {
        let [a, b, c, d] = self.0.map(|bytes| u64::from(is(bytes).to_bitmask()));
        a | b << 16 | c << 32 | d << 48
    }
}

#[inline]
fn letters(bytes: u8x16) -> u8x16 {
    is_up_to(25, (bytes | u8x16::splat(0x20)) - u8x16::splat(b'a'))
}

#[inline]
fn digits(bytes: u8x16) -> u8x16 {
    is_up_to(9, bytes - u8x16::splat(b'0'))
}

#[inline]
fn may_begin_space(bytes: u8x16) -> u8x16 {
    let c2 = u8x16::splat(0xc2);
    is_up_to(0x1f, bytes) | bytes.simd_eq(c2) | is_up_to(2, bytes - u8x16::splat(0xe1))
}

#[inline]
fn is_up_to(last: u8, bytes: u8x16) -> u8x16 {
    bytes.min(u8x16::splat(last)).simd_eq(bytes)
}

/// Blocks of a text, one after the other: where each begins, its bytes, and bits for those that are of the text.
pub(crate) fn blocks(bytes: &[u8]) -> impl Iterator<Item = (usize, Bits, u64)> {
    blocks_of(bytes, bytes.len())
}

/// The same of the first so many bytes, where others may follow: the last block is read where it stands.
#[inline]
pub(crate) fn blocks_of(bytes: &[u8], count: usize) -> impl Iterator<Item = (usize, Bits, u64)> {
    let starts = (0..count).step_by(BLOCK);
    starts.map(move |at| (at, Bits::of(bytes.get(at..).unwrap_or_default()), first(count - at)))
}

/// The places of the bits that are set, in order.
pub(crate) fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        place
    })
}

/// Add the places of a block's bits to a list. Eight are written at once, of which those beyond the last are taken back: how many bits are set is
/// a guess that goes wrong for each block.
#[inline]
pub(crate) fn push_places(list: &mut Vec<usize>, block: usize, mut bits: u64) {
    let end = list.len() + bits.count_ones() as usize;
    while list.len() < end {
        let mut eight = [block; 8];
        for place in &mut eight {
            *place += bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
        }
        list.extend_from_slice(&eight);
    }
    list.truncate(end);
}

/// Bits for so many first bytes.
#[inline]
pub(crate) const fn first(count: usize) -> u64 {
    if count >= BLOCK { u64::MAX } else { (1 << count) - 1 }
}

/// Where the run of set bits ends that `start` is in.
#[inline]
pub(crate) const fn end_of_run(bits: u64, start: usize) -> usize {
    start + (!(bits >> start)).trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_byte(bytes: &[u8], is: impl Fn(u8) -> bool) -> u64 {
        let block = bytes.iter().take(BLOCK).rev();
        block.fold(0, |all, &b| all << 1 | u64::from(is(b)))
    }

    proptest! {
        #[test]
        fn sixty_four_bytes_at_once_are_as_each_by_itself(bytes in prop::collection::vec(any::<u8>(), 0..80), byte in 1_u8..) {
            let bits = Bits::of(&bytes);
            prop_assert_eq!(bits.letters(), by_byte(&bytes, |b| b.is_ascii_alphabetic()));
            prop_assert_eq!(bits.digits(), by_byte(&bytes, |b| b.is_ascii_digit()));
            prop_assert_eq!(bits.beyond_ascii(), by_byte(&bytes, |b| !b.is_ascii()));
            let range = byte..=byte.saturating_add(10);
            prop_assert_eq!(bits.between(range.clone()), by_byte(&bytes, |b| range.contains(&b)));
            prop_assert_eq!(bits.letters_and_digits(), by_byte(&bytes, |b| b.is_ascii_alphanumeric()));
            prop_assert_eq!(bits.words() & first(bytes.len()), by_byte(&bytes, |b| b >= 0x80 || b.is_ascii_alphanumeric()));
            prop_assert_eq!(bits.firsts_beyond_ascii(), by_byte(&bytes, |b| b >= 0xc0));
            prop_assert_eq!(bits.letters() & bits.small(), by_byte(&bytes, |b| b.is_ascii_lowercase()));
            let spaces = by_byte(&bytes, |b| matches!(b, 0..=0x1f | 0xc2 | 0xe1..=0xe3));
            prop_assert_eq!(bits.may_begin_space() & first(bytes.len()), spaces);
            let blanks = by_byte(&bytes, |b| matches!(b, 0..=9 | 0x0b..=0x1f | 0xc2 | 0xe1..=0xe3 | 0xef));
            prop_assert_eq!(bits.may_begin_blank() & first(bytes.len()), blanks);
            let parts = by_byte(&bytes, |b| matches!(b, 0..=0x1f | 0xc2 | 0xe1..=0xe3 | 0xef));
            prop_assert_eq!(bits.may_part() & first(bytes.len()), parts);
            prop_assert_eq!(bits.json_escapes() & first(bytes.len()), by_byte(&bytes, |b| b < b' ' || b == b'"' || b == b'\\'));
            let known = bytes.first().copied().unwrap_or(byte).max(1);
            prop_assert_eq!(bits.any([byte, known]), by_byte(&bytes, |b| b == byte || b == known));
        }
    }

    #[test]
    fn runs_end_where_they_end() {
        assert_eq!(
            (
                end_of_run(0b0111_0110, 1),
                end_of_run(0b0111_0110, 4),
                end_of_run(u64::MAX << 60, 60)
            ),
            (3, 7, 64)
        );
        assert_eq!(places(1 << 63 | 0b101).collect::<Vec<_>>(), [0, 2, 63]);
        for bits in [0, 1 << 63 | 0b101, u64::MAX, 0xaaaa] {
            let mut list = vec![7];
            push_places(&mut list, 100, bits);
            assert_eq!(
                list,
                [7].into_iter()
                    .chain(places(bits).map(|place| 100 + place))
                    .collect::<Vec<_>>()
            );
        }
        assert_eq!((first(0), first(3), first(64)), (0, 7, u64::MAX));
    }
}
