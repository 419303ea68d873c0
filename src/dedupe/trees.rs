//! What a pair shows → the log-odds that it is one story.
//!
//! In: [`TERMS`] numbers. Out: one. Always: pure; the same as walking each tree from its root to a leaf.
//!
//! Gradient-boosted trees, as `tools/fit_duplicates.py` wrote them. They are not walked. For each term, the tests that it is too large
//! for are taken in ascending order, and each rules out the leaves on its lower side; the first leaf that is left of a tree is where a
//! walk would have ended (Lucchese et al., "QuickScorer", SIGIR 2015). So no step waits for the one before it.

use std::sync::LazyLock;

/// Terms of a pair: see [`super::judge::Features::derived`].
pub(super) const TERMS: usize = 29;

/// Leaves of a tree at most: a bit each.
const LEAVES: usize = 8;
/// Trees at most.
const TREES_MAX: usize = 1 << u8::BITS;

/// What a term above this value says: which leaves of a tree are left, the lowest bit for the first.
#[derive(Debug, Clone, Copy)]
struct Cut {
    above: f32,
    tree: u8,
    leaves: u8,
}

/// Gradient-boosted trees.
#[derive(Debug, Default)]
pub(super) struct Trees {
    bias: f32,
    /// For each term, ascending.
    cuts: [Vec<Cut>; TERMS],
    /// The values of each tree's leaves.
    leaves: Vec<[f32; LEAVES]>,
}

/// The judge of near duplicates.
pub(super) static TREES: LazyLock<Trees> = LazyLock::new(|| Trees::read(include_bytes!("trees.bin")));

/// A node as it is written.
type Node = [u8; 8];

impl Trees {
    /// Read a bias `f32`, then for each tree its node count (a byte) and its nodes of eight bytes: term (255 for a leaf), left, right, 0, and
    /// a threshold or value as `f32`. Children stand after their parent.
    fn read(bytes: &[u8]) -> Self {
        let mut trees = Self::default();
        let Some((bias, mut rest)) = bytes.split_first_chunk::<4>() else {
            return trees;
        };
        trees.bias = f32::from_le_bytes(*bias);
        while let Some((&count, after)) = rest.split_first()
            && let Some((tree, next)) = after.split_at_checked(size_of::<Node>() * usize::from(count))
        {
            let (mut leaves, number) = ([0.0; LEAVES], trees.leaves.len() as u8);
            trees.read_below(tree.as_chunks().0, 0, number, &mut 0, &mut leaves);
            trees.leaves.push(leaves);
            rest = next;
        }
        for cuts in &mut trees.cuts {
            cuts.sort_by(|a, b| a.above.total_cmp(&b.above));
        }
        trees
    }

    /// Read a node of a tree and what is below it, of which `count` leaves have been read; the bits of its leaves.
    fn read_below(&mut self, nodes: &[Node], at: u8, tree: u8, count: &mut usize, leaves: &mut [f32; LEAVES]) -> u8 {
        let [term, left, right, _, value @ ..] = nodes[usize::from(at)];
        let value = f32::from_le_bytes(value);
        let Some(term) = Some(usize::from(term)).filter(|term| *term < TERMS) else {
            leaves[*count] = value;
            *count += 1;
            return 1 << (*count - 1);
        };
        let lower = self.read_below(nodes, left, tree, count, leaves);
        self.cuts[term].push(Cut {
            above: value,
            tree,
            leaves: !lower,
        });
        lower | self.read_below(nodes, right, tree, count, leaves)
    }

    /// The log-odds that a pair is one story.
    pub(super) fn log_odds(&self, terms: &[f32; TERMS]) -> f32 {
        let mut left = [u8::MAX; TREES_MAX];
        for (term, cuts) in terms.iter().zip(&self.cuts) {
            for cut in cuts.iter().take_while(|cut| *term > cut.above) {
                left[usize::from(cut.tree)] &= cut.leaves;
            }
        }
        let ends = self.leaves.iter().zip(left);
        ends.fold(self.bias, |sum, (leaves, left)| {
            sum + leaves[left.trailing_zeros() as usize % LEAVES]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BYTES: &[u8] = include_bytes!("trees.bin");

    /// The nodes of each tree.
    fn written() -> Vec<&'static [Node]> {
        let (mut trees, mut rest) = (Vec::new(), &BYTES[4..]);
        while let Some((&count, after)) = rest.split_first() {
            let (nodes, next) = after.split_at(size_of::<Node>() * usize::from(count));
            trees.push(nodes.as_chunks().0);
            rest = next;
        }
        trees
    }

    fn value([_, _, _, _, value @ ..]: Node) -> f32 {
        f32::from_le_bytes(value)
    }

    fn walk(nodes: &[Node], terms: &[f32; TERMS]) -> f32 {
        let mut node = nodes[0];
        while let Some(term) = terms.get(usize::from(node[0])) {
            let next = if *term > value(node) { node[2] } else { node[1] };
            node = nodes[usize::from(next)];
        }
        value(node)
    }

    #[test]
    fn the_trees_are_whole() {
        let trees = written();
        assert_eq!(trees.len(), TREES.leaves.len(), "all of the file is read");
        assert!(trees.len() <= TREES_MAX);
        for nodes in trees {
            assert_eq!(nodes.len(), 2 * LEAVES - 1);
            for (at, node) in nodes.iter().enumerate() {
                let goes_on = |next: u8| usize::from(next) > at && usize::from(next) < nodes.len();
                assert!(usize::from(node[0]) >= TERMS || goes_on(node[1]) && goes_on(node[2]));
                assert!(value(*node).is_finite());
            }
        }
    }

    proptest! {
        #[test]
        fn cutting_leaves_is_as_walking_from_the_root(terms in prop::array::uniform29(0.0_f32..6.0)) {
            let walked = written().iter().fold(TREES.bias, |sum, nodes| sum + walk(nodes, &terms));
            prop_assert_eq!(TREES.log_odds(&terms).to_bits(), walked.to_bits());
        }
    }
}
