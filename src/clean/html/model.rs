//! Boosted trees over a row of features → the log-odds that a block belongs to the article.
//!
//! In: a row of features. Out: log-odds. Always: each tree is walked from its root to a leaf, at most as deep as it is long.
//! The trees are written by `tools/fit_html.py`, which says what they were fitted on.

/// One node, eight bytes: the feature (255 for a leaf), how many nodes on the right child stands, the threshold or the leaf's value.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u8,
    right: u8,
    value: f32,
}

const LEAF: u8 = u8::MAX;

/// A sum of trees.
#[derive(Debug)]
pub(super) struct Model {
    base: f32,
    roots: Vec<u32>,
    nodes: Vec<Node>,
}

impl Model {
    /// Read a model: base value and number of trees, then each tree's nodes in the order parent, left, right. All little-endian.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let word = |at: usize| -> [u8; 4] { bytes.get(at..at + 4).map_or([0; 4], |b| [b[0], b[1], b[2], b[3]]) };
        let base = f32::from_le_bytes(word(0));
        let tree_count = u32::from_le_bytes(word(4)) as usize;
        let mut at = 8;
        let roots = (0..tree_count)
            .map(|index| u32::from_le_bytes(word(at + 4 * index)))
            .collect();
        at += 4 * tree_count;
        let nodes = bytes
            .get(at..)
            .unwrap_or_default()
            .chunks_exact(6)
            .map(|b| Node {
                feature: b[0],
                right: b[1],
                value: f32::from_le_bytes([b[2], b[3], b[4], b[5]]),
            })
            .collect();
        Self { base, roots, nodes }
    }

    /// The probability that the row's block belongs to the article.
    pub(super) fn probability(&self, row: &[f32]) -> f32 {
        let sum: f32 = self.roots.iter().map(|root| self.leaf(*root as usize, row)).sum();
        1.0 / (1.0 + (-(self.base + sum)).exp())
    }

    fn leaf(&self, root: usize, row: &[f32]) -> f32 {
        let mut at = root;
        while let Some(node) = self.nodes.get(at) {
            if node.feature == LEAF {
                return node.value;
            }
            let goes_left = row.get(usize::from(node.feature)).is_none_or(|v| *v <= node.value);
            at += if goes_left { 1 } else { usize::from(node.right) };
        }
        0.0
    }
}
