//! Boosted trees over a row of features → the probability that a block belongs to the article.
//!
//! In: a row of features. Out: a probability. Always: pure. The trees are written by `tools/fit_html.py`, which says what they were fitted on.

use crate::fast::forest::Forest;

/// Leaves of a tree at most.
const LEAVES: usize = 10;

/// A sum of trees.
#[derive(Debug)]
pub(super) struct Model(Forest<LEAVES>);

impl Model {
    /// Read a model. `None` where it is not whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Forest::read(bytes).map(Self)
    }

    /// The probability that the row's block belongs to the article.
    pub(super) fn probability(&self, row: &[f32]) -> f32 {
        1.0 / (1.0 + (-self.0.log_odds(row)).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trees_are_whole() {
        for bytes in [include_bytes!("first.bin").as_slice(), include_bytes!("second.bin")] {
            assert!(Model::read(bytes).is_some());
            assert!(Model::read(&bytes[..bytes.len() - 8]).is_none());
        }
    }
}
