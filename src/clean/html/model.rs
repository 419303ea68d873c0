//! Boosted trees over a row of features → the probability that a block belongs to the article.
//!
//! In: a row of features. Out: a probability. Always: pure. The trees are written by `tools/fit_html.py`, which says what they were fitted on.

use crate::fast::forest::Forest;
use crate::fast::trees::ROWS;

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
}

/// Rows that are asked about together, some at once.
pub(super) struct Waiting<'m> {
    model: &'m Model,
    rows: [Vec<f32>; ROWS],
    /// Which block each of the rows that wait is of.
    blocks: Vec<usize>,
}

impl<'m> Waiting<'m> {
    /// For this model, with none that waits.
    pub(super) fn of(model: &'m Model) -> Self {
        Self {
            model,
            rows: std::array::from_fn(|_| Vec::with_capacity(256)),
            blocks: Vec::with_capacity(ROWS),
        }
    }

    /// An empty row for a block, which then waits. Those that are asked about first have their blocks' probabilities in `said`.
    pub(super) fn row(&mut self, block: usize, said: &mut [f32]) -> &mut Vec<f32> {
        if self.blocks.len() == ROWS {
            self.ask(said);
        }
        let row = &mut self.rows[self.blocks.len()];
        self.blocks.push(block);
        row.clear();
        row
    }

    /// Write the probability that its block belongs to the article for each row that waits.
    pub(super) fn ask(&mut self, said: &mut [f32]) {
        let Model(forest) = self.model;
        let log_odds = forest.log_odds_of_rows(&self.rows[..self.blocks.len()]);
        for (block, log_odds) in self.blocks.drain(..).zip(log_odds) {
            said[block] = 1.0 / (1.0 + (-log_odds).exp());
        }
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
