//! What a pair shows → the log-odds that it is one story.
//!
//! In: [`TERMS`] numbers. Out: one. Always: pure.
//!
//! Gradient-boosted trees, as `tools/fit_duplicates.py` wrote them.

use std::sync::LazyLock;

use crate::fast::forest::Forest;

/// Terms of a pair: see [`super::judge::Features::derived`].
pub(super) const TERMS: usize = 29;

/// Leaves of a tree at most.
const LEAVES: usize = 8;

static TREES: LazyLock<Forest<LEAVES>> =
    LazyLock::new(|| Forest::read(include_bytes!("trees.bin")).expect("trees.bin is whole, as a test shows"));

/// The log-odds that a pair is one story.
pub(super) fn log_odds(terms: &[f32; TERMS]) -> f32 {
    TREES.log_odds(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trees_are_whole() {
        assert!(Forest::<LEAVES>::read(include_bytes!("trees.bin")).is_some());
        assert!(Forest::<LEAVES>::read(&include_bytes!("trees.bin")[..400]).is_none());
        assert!(log_odds(&[0.0; TERMS]).is_finite());
    }
}
