//! Boosted trees over a row of features → the probability that a block belongs to the article.
//!
//! In: a row of features. Out: a probability. Always: pure. The trees are written by `tools/fit_html.py`, which says what they were fitted on.

use crate::fast::forest::{self, Forest};

/// Leaves of a tree at most.
const LEAVES: usize = 10;

/// A sum of trees.
pub(super) type Model = Forest<LEAVES>;

/// Rows that are asked about together, some at once, each with the block that it is of.
pub(super) struct Waiting<'m>(forest::Waiting<'m, usize, Vec<f32>, LEAVES>);

impl<'m> Waiting<'m> {
    /// For this model, with none that waits.
    pub(super) fn of(model: &'m Model) -> Self {
        Self(forest::Waiting::new(model, || Vec::with_capacity(256)))
    }

    /// An empty row for a block, which then waits. Those that are asked about first have their blocks' probabilities in `said`.
    pub(super) fn row(&mut self, block: usize, said: &mut [f32]) -> &mut Vec<f32> {
        let Self(waiting) = self;
        let row = waiting.row(block, |block, log_odds, _| said[block] = probability(log_odds));
        row.clear();
        row
    }

    /// Write the probability that its block belongs to the article for each row that waits.
    pub(super) fn ask(&mut self, said: &mut [f32]) {
        let Self(waiting) = self;
        waiting.ask(|block, log_odds, _| said[block] = probability(log_odds));
    }
}

fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
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
