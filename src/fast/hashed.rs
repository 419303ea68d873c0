//! Maps by what is a hash already.
//!
//! In: 64-bit hashes as keys. Out: maps and sets that take them as they are. Always: only looked up, never walked, so that no order shows.

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
