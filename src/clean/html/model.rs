//! Boosted trees over a row of features → the probability that a block belongs to the article.
//!
//! In: a row of features. Out: a probability. Always: pure. The trees are written by `tools/fit_html.py`, which says what they were fitted on.

use crate::fast::trees::{Node, Trees};

/// Leaves of a tree at most.
const LEAVES: usize = 10;

/// A node as it is written, six bytes: the feature (255 for a leaf), how many nodes on the right child stands, the threshold or the leaf's value.
type Written = [u8; 6];

const LEAF: u8 = u8::MAX;

/// A sum of trees.
#[derive(Debug)]
pub(super) struct Model {
    base: f32,
    trees: Trees<LEAVES>,
}

impl Model {
    /// Read a model: base value and number of trees, where each begins, then their nodes in the order parent, left, right. All
    /// little-endian.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (base, rest) = bytes.split_first_chunk::<4>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let (roots, nodes) = rest.split_at_checked(4 * u32::from_le_bytes(*count) as usize)?;
        let nodes: &[Written] = nodes.as_chunks().0;
        let trees = roots.as_chunks().0.iter().map(|root| {
            let root = u32::from_le_bytes(*root) as usize;
            move |at: usize| nodes.get(root + at).map(|written| node(at, *written))
        });
        Some(Self {
            base: f32::from_le_bytes(*base),
            trees: Trees::new(trees)?,
        })
    }

    /// The probability that the row's block belongs to the article.
    pub(super) fn probability(&self, row: &[f32]) -> f32 {
        1.0 / (1.0 + (-(self.base + self.trees.sum(0.0, row))).exp())
    }
}

/// A node that stands so far behind its tree's root.
fn node(at: usize, [feature, right, value @ ..]: Written) -> Node {
    let value = f32::from_le_bytes(value);
    if feature == LEAF {
        return Node::Leaf(value);
    }
    Node::Split {
        term: usize::from(feature),
        value,
        left: at + 1,
        right: at + usize::from(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trees_are_whole() {
        for bytes in [include_bytes!("first.bin").as_slice(), include_bytes!("second.bin")] {
            assert!(Model::read(bytes).is_some());
            assert!(Model::read(&bytes[..bytes.len() - 6]).is_none());
        }
    }
}
