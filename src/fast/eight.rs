//! Eight bytes of text, read at once.
//!
//! In: bytes. Out: the first eight as a number, the first byte lowest, and how many of them belong to a word. Always: the same as
//! looking at each byte by itself; a word in most languages that part words by spaces is read in one or two such steps.

/// A number of eight bytes that are all this one.
pub(crate) const fn each(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The first eight bytes; zeros where there are fewer.
pub(crate) fn read(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes.iter().rev().fold(0, |all, &b| (all << 8) | u64::from(b)),
    }
}

/// The first bytes; zeros where there are fewer.
fn padded<const COUNT: usize>(bytes: &[u8]) -> [u8; COUNT] {
    let mut all = [0; COUNT];
    for (to, from) in all.iter_mut().zip(bytes) {
        *to = *from;
    }
    all
}

/// The first bytes where they stand, or [`padded`] in `copy` where there are fewer.
#[inline]
pub(crate) fn near<'a, const COUNT: usize>(bytes: &'a [u8], copy: &'a mut Option<[u8; COUNT]>) -> &'a [u8; COUNT] {
    bytes.first_chunk().unwrap_or_else(|| copy.insert(padded(bytes)))
}

/// The first `length` of eight bytes, zeros behind them.
pub(crate) fn first(length: usize, eight: u64) -> u64 {
    eight
        & u64::MAX
            .checked_shl(8 * length as u32)
            .map_or(u64::MAX, |beyond| !beyond)
}

/// The same with capitals of ASCII as small letters.
pub(crate) fn small(eight: u64) -> u64 {
    eight | (letters(eight) & !eight & each(0x80)) >> 2
}

/// How many ASCII letters stand before the first other byte.
pub(crate) fn ascii_letters(eight: u64) -> usize {
    leading(letters(eight) & !eight)
}

/// How many letters or digits stand before the first byte that is none. Bytes beyond ASCII are letters, but for those that begin
/// « » · “ ” ‘ ’ … and their like.
pub(crate) fn word_bytes(eight: u64) -> usize {
    let marks = (eight | each(0x20)) ^ each(0xe2);
    let marks = marks.wrapping_sub(each(1)) & !marks;
    leading((((letters(eight) | digits(eight)) & !eight) | eight) & !marks)
}

/// How many bytes stand before the first space, control character or one of these marks of ASCII.
pub(crate) fn before<const COUNT: usize>(eight: u64, marks: [u8; COUNT]) -> usize {
    let low = eight & each(0x7f);
    let others = |mark: u8| (low ^ each(mark)) + each(0x7f);
    let passed = marks
        .into_iter()
        .fold(low + each(0x7f - b' '), |passed, mark| passed & others(mark));
    leading(passed | eight)
}

/// The top bit of each byte whose other bits are a digit's.
fn digits(eight: u64) -> u64 {
    let low = eight & each(0x7f);
    (low + each(0x80 - b'0')) & !(low + each(0x7f - b'9'))
}

/// The top bit of each byte whose other bits are an ASCII letter's.
fn letters(eight: u64) -> u64 {
    let lower = (eight | each(0x20)) & each(0x7f);
    (lower + each(0x80 - b'a')) & !(lower + each(0x7f - b'z'))
}

/// How many bytes have their top bit set before the first that has not.
fn leading(top_bits: u64) -> usize {
    (!top_bits & each(0x80)).trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_word_byte(b: u8) -> bool {
        b.is_ascii_alphanumeric() || (b >= 0x80 && !matches!(b, 0xc2 | 0xe2))
    }

    proptest! {
        #[test]
        fn eight_bytes_at_once_are_as_each_by_itself(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let own: Vec<u8> = bytes.iter().copied().take(8).collect();
            let eight = read(&bytes);
            prop_assert_eq!(&eight.to_le_bytes()[..own.len()], &own[..]);
            prop_assert_eq!(small(eight), read(&own.to_ascii_lowercase()));
            prop_assert_eq!(ascii_letters(eight), own.iter().take_while(|b| b.is_ascii_alphabetic()).count());
            let is_before = |b: &&u8| **b > b' ' && !matches!(**b, b'=' | b'>');
            prop_assert_eq!(before(eight, *b"=>"), own.iter().take_while(is_before).count());
            prop_assert_eq!(word_bytes(eight), own.iter().take_while(|b| is_word_byte(**b)).count());
        }

        #[test]
        fn a_word_is_read_to_its_end(word in "[a-zA-Z0-9éßя]{0,10}[ .’«]") {
            let expected = word.bytes().take(8).take_while(|b| is_word_byte(*b)).count();
            prop_assert_eq!(word_bytes(read(word.as_bytes())), expected);
        }
    }

    #[test]
    fn the_first_bytes_are_kept() {
        let eight = read(b"harbours");
        assert_eq!(first(0, eight), 0);
        assert_eq!(first(3, eight), read(b"har"));
        assert_eq!(first(8, eight), eight);
        assert_eq!((padded(b"harbours"), padded(b"ha")), (*b"harb", *b"ha\0\0"));
    }
}
