//! Maps by what is a hash already, and by words.
//!
//! In: 64-bit hashes, or words, as keys. Out: maps and sets that take hashes as they are and give words a plain one. Always: only looked up,
//! never walked, so that no order shows; words are known beforehand, so that no input can make them meet.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Passes the key on.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 << 8) | u64::from(*b);
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

pub(crate) type Map<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;
pub(crate) type Set = HashSet<u64, BuildHasherDefault<AsIs>>;

/// Multiplies what it has with each eight bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Multiplied(u64);

/// 2^64 / φ, the usual odd multiplier (Knuth, TAOCP 6.4).
pub(crate) const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Multiplied {
    fn add(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(29) ^ n).wrapping_mul(FACTOR);
    }
}

impl Hasher for Multiplied {
    // A table takes its place from the lowest bits and a mark from the highest, while products are random in their upper halves.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        for eight in whole {
            self.add(u64::from_le_bytes(*eight));
        }
        self.add(
            rest.iter()
                .fold(rest.len() as u64, |sum, byte| sum << 8 | u64::from(*byte)),
        );
    }
    // Behind the bytes of a word comes a mark of its end.
    fn write_u8(&mut self, _: u8) {}
}

pub(crate) type Words<V> = HashMap<&'static str, V, BuildHasherDefault<Multiplied>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_spread() {
        let words: Vec<&'static str> = include_str!("hashed.rs").split_ascii_whitespace().collect();
        let map: Words<&str> = words.iter().map(|word| (*word, *word)).collect();
        let distinct: HashSet<&str> = words.iter().copied().collect();
        assert_eq!(map.len(), distinct.len());
        assert!(words.iter().all(|word| map.get(word) == Some(word)));
        let hash = |word: &str| std::hash::BuildHasher::hash_one(map.hasher(), word) & 0x3ff;
        let places: HashSet<u64> = distinct.iter().map(|word| hash(word)).collect();
        assert!(
            places.len() * 2 > distinct.len(),
            "{} places of {}",
            places.len(),
            distinct.len()
        );
    }
}
