//! Numbers → the sum of the leaves that boosted trees give for them.
//!
//! In: a row of numbers. Out: one. Always: pure; the same as walking each tree from its root to a leaf.
//!
//! The trees are not walked. For each term (a place in the row), the tests that it is too large for are taken in ascending order, and each rules
//! out the leaves on its lower side; the first leaf that is left of a tree is where a walk would have ended (Lucchese et al.,
//! "QuickScorer", SIGIR 2015). So no step waits for the one before it, and there is little for the processor to guess.

/// Trees at most.
const TREES_MAX: usize = 1 << u8::BITS;

/// A node as a tree's file gives it: a number, or which term goes to which of two others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Node {
    Leaf(f32),
    /// Terms above the value go right.
    Split {
        term: usize,
        value: f32,
        left: usize,
        right: usize,
    },
}

/// What a term above this value says: which leaves of a tree are left, the lowest bit for the first.
#[derive(Debug, Clone, Copy)]
struct Cut {
    above: f32,
    tree: u8,
    leaves: u16,
}

/// No term is above it.
const END: Cut = Cut {
    above: f32::INFINITY,
    tree: 0,
    leaves: u16::MAX,
};

/// Trees of up to so many leaves, a bit each: sixteen at most.
#[derive(Debug, Default)]
pub(crate) struct Trees<const LEAVES: usize> {
    /// The terms that are asked for, and where their cuts begin.
    terms: Vec<(usize, usize)>,
    /// Those of a term side by side, ascending, with [`END`] behind them.
    cuts: Vec<Cut>,
    /// The values of each tree's leaves.
    leaves: Vec<[f32; LEAVES]>,
}

impl<const LEAVES: usize> Trees<LEAVES> {
    /// Take over trees, each as a function that gives its nodes by their places; the root's is 0. `None` where one is too large, has
    /// a node that is not there, or there are too many.
    pub(crate) fn new(trees: impl Iterator<Item = impl Fn(usize) -> Option<Node>>) -> Option<Self> {
        let (mut all, mut cuts) = (
            Self {
                terms: Vec::new(),
                cuts: Vec::new(),
                leaves: Vec::new(),
            },
            Vec::new(),
        );
        for (number, node_at) in trees.enumerate() {
            let tree = u8::try_from(number).ok()?;
            let (mut leaves, mut count) = ([0.0; LEAVES], 0);
            read_below(&node_at, 0, &mut count, &mut leaves, &mut |term, above, leaves| {
                cuts.push((term, Cut { above, tree, leaves }));
            })?;
            all.leaves.push(leaves);
        }
        cuts.sort_by(|(a, b), (c, d)| a.cmp(c).then(b.above.total_cmp(&d.above)));
        for of_term in cuts.chunk_by(|(a, _), (b, _)| a == b) {
            all.terms
                .extend(of_term.first().map(|(term, _)| (*term, all.cuts.len())));
            all.cuts.extend(of_term.iter().map(|(_, cut)| *cut).chain([END]));
        }
        Some(all)
    }

    /// `start`, and for each tree the value of the leaf where `row` ends. What a row does not have is below all.
    pub(crate) fn sum(&self, start: f32, row: &[f32]) -> f32 {
        let mut left = [u16::MAX; TREES_MAX];
        for &(term, from) in &self.terms {
            let Some(value) = row.get(term) else { continue };
            let cuts = self.cuts.get(from..).unwrap_or_default();
            for cut in cuts.iter().take_while(|cut| *value > cut.above) {
                left[usize::from(cut.tree)] &= cut.leaves;
            }
        }
        let ends = self.leaves.iter().zip(left);
        ends.fold(start, |sum, (leaves, left)| {
            sum + leaves.get(left.trailing_zeros() as usize).unwrap_or(&0.0)
        })
    }
}

/// Read a node of a tree and what is below it, of which `count` leaves have been read; the bits of its leaves.
fn read_below(
    node_at: &impl Fn(usize) -> Option<Node>,
    at: usize,
    count: &mut usize,
    leaves: &mut [f32],
    cut: &mut impl FnMut(usize, f32, u16),
) -> Option<u16> {
    match node_at(at)? {
        Node::Leaf(value) => {
            *leaves.get_mut(*count)? = value;
            let bit = 1_u16.checked_shl(*count as u32)?;
            *count += 1;
            Some(bit)
        }
        // Children stand behind their parent, so that there is an end.
        Node::Split {
            term,
            value,
            left,
            right,
        } if left > at && right > at => {
            let lower = read_below(node_at, left, count, leaves, cut)?;
            cut(term, value, !lower);
            Some(lower | read_below(node_at, right, count, leaves, cut)?)
        }
        Node::Split { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where a walk from the root ends.
    fn walk(node_at: &impl Fn(usize) -> Option<Node>, row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            match node_at(at).unwrap() {
                Node::Leaf(value) => return value,
                Node::Split {
                    term,
                    value,
                    left,
                    right,
                } => {
                    at = if row.get(term).is_some_and(|v| *v > value) {
                        right
                    } else {
                        left
                    };
                }
            }
        }
    }

    /// Trees of a chain: each node has a leaf on one side and the next node on the other.
    fn chain(tests: Vec<(usize, f32, bool, f32)>) -> impl Fn(usize) -> Option<Node> {
        move |at| {
            let Some((term, value, is_right, leaf)) = tests.get(at / 2).copied() else {
                return (at == 2 * tests.len()).then_some(Node::Leaf(7.0));
            };
            let (leaf_at, next) = (at + 1, at + 2);
            let (left, right) = if is_right { (leaf_at, next) } else { (next, leaf_at) };
            Some(if at % 2 == 0 {
                Node::Split {
                    term,
                    value,
                    left,
                    right,
                }
            } else {
                Node::Leaf(leaf)
            })
        }
    }

    proptest! {
        #[test]
        fn cutting_leaves_is_as_walking_from_the_root(
            tests in prop::collection::vec(prop::collection::vec((0_usize..4, -2.0_f32..2.0, any::<bool>(), -1.0_f32..1.0), 0..10), 0..20),
            row in prop::collection::vec(-2.0_f32..2.0, 0..5),
        ) {
            let trees = Trees::<10>::new(tests.iter().cloned().map(chain)).unwrap();
            let walked = tests.iter().cloned().map(chain).fold(0.5, |sum, tree| sum + walk(&tree, &row));
            prop_assert_eq!(trees.sum(0.5, &row).to_bits(), walked.to_bits());
        }
    }

    #[test]
    fn trees_that_are_not_whole_are_refused() {
        let split = |left, right| Node::Split {
            term: 0,
            value: 0.0,
            left,
            right,
        };
        let of = |node_at: fn(usize) -> Option<Node>| Trees::<2>::new(std::iter::once(node_at));
        assert!(of(|_| None).is_none(), "no root");
        assert!(
            of(|_| Some(Node::Split {
                term: 0,
                value: 0.0,
                left: 0,
                right: 1
            }))
            .is_none(),
            "a ring"
        );
        assert!(
            Trees::<1>::new(std::iter::once(|at| if at == 0 {
                Some(split(1, 2))
            } else {
                Some(Node::Leaf(0.0))
            }))
            .is_none(),
            "too many leaves"
        );
        assert!(of(|_| Some(Node::Leaf(1.0))).is_some());
    }
}
