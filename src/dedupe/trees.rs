//! What a pair shows → the log-odds that it is one story.
//!
//! In: [`TERMS`] numbers. Out: one. Always: pure.
//!
//! Gradient-boosted trees, as `tools/fit_duplicates.py` wrote them.

use std::sync::LazyLock;

use crate::fast::trees::{Node, Trees};

/// Terms of a pair: see [`super::judge::Features::derived`].
pub(super) const TERMS: usize = 29;

/// Leaves of a tree at most.
const LEAVES: usize = 8;

/// The trees and what is added to their sum.
pub(super) struct Odds {
    bias: f32,
    trees: Trees<LEAVES>,
}

/// The judge of near duplicates.
pub(super) static TREES: LazyLock<Odds> =
    LazyLock::new(|| Odds::read(include_bytes!("trees.bin")).expect("trees.bin is whole, as a test shows"));

/// A node as it is written.
type Written = [u8; 8];

impl Odds {
    /// Read a bias `f32`, then for each tree its node count (a byte) and its nodes of eight bytes: term (255 for a leaf), left, right, 0, and
    /// a threshold or value as `f32`. Children stand after their parent.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (bias, mut rest) = bytes.split_first_chunk::<4>()?;
        let mut trees = Vec::new();
        while let Some((&count, after)) = rest.split_first() {
            let (nodes, next) = after.split_at_checked(size_of::<Written>() * usize::from(count))?;
            let nodes: &[Written] = nodes.as_chunks().0;
            trees.push(|at: usize| nodes.get(at).copied().map(node));
            rest = next;
        }
        Some(Self {
            bias: f32::from_le_bytes(*bias),
            trees: Trees::new(trees.into_iter())?,
        })
    }

    /// The log-odds that a pair is one story.
    pub(super) fn log_odds(&self, terms: &[f32; TERMS]) -> f32 {
        self.trees.sum(self.bias, terms)
    }
}

fn node([term, left, right, _, value @ ..]: Written) -> Node {
    let value = f32::from_le_bytes(value);
    if usize::from(term) >= TERMS {
        return Node::Leaf(value);
    }
    Node::Split {
        term: usize::from(term),
        value,
        left: usize::from(left),
        right: usize::from(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trees_are_whole() {
        assert!(Odds::read(include_bytes!("trees.bin")).is_some());
        assert!(Odds::read(&include_bytes!("trees.bin")[..400]).is_none());
        assert!(TREES.log_odds(&[0.0; TERMS]).is_finite());
    }
}
