//! Numbers → the sum of the leaves that boosted trees give for them.
//!
//! In: a row of numbers. Out: one. Always: pure; the same as walking each tree from its root to a leaf.
//!
//! The trees are not walked. Every test of a tree is made, and one that its term is too large for rules out the leaves on its lower side; the
//! first leaf that is left is where a walk would have ended (as in Lucchese et al., "QuickScorer", SIGIR 2015). A processor that walks must guess
//! the outcome of each test, and is often wrong; here there is nothing to guess, and the tests of eight trees are made at once, or one test for four rows.

use std::ops::Range;

use multiversion::multiversion;
use wide::{bytemuck, f32x4, f32x8, i32x4, i32x8};

/// Trees that are asked at once.
const ABREAST: usize = 8;

/// Rows that each tree is asked about at once, where there are several.
pub(crate) const ROWS: usize = 4;

/// Terms that trees of one stand ask for, at most: a byte names one.
const TERMS_MAX: usize = 1 << u8::BITS;

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

/// What a term above this value says: which leaves of its tree are ruled out, the lowest bit for the first.
#[derive(Debug, Clone, Copy)]
struct Test {
    term: usize,
    value: f32,
    gone: u16,
}

/// A tree that was read: its tests and the values of its leaves.
type Tree<const LEAVES: usize> = (Vec<Test>, [f32; LEAVES]);

/// A test of each of some trees.
#[derive(Debug)]
struct Tests {
    /// The terms, by their places among those of the stand.
    places: [u8; ABREAST],
    values: [f32; ABREAST],
    /// The bits of what is ruled out.
    gone: [i32; ABREAST],
}

/// Trees side by side.
#[derive(Debug)]
struct Abreast<const LEAVES: usize> {
    /// The first test of each, the second of each …
    tests: Vec<Tests>,
    leaves: [[f32; LEAVES]; ABREAST],
}

/// Trees that together ask for no more terms than a byte can name.
#[derive(Debug)]
struct Stand<const LEAVES: usize> {
    /// The terms, in order, as runs of such as stand side by side in a row.
    runs: Vec<Range<usize>>,
    trees: Vec<Abreast<LEAVES>>,
}

/// The terms that trees ask for, once for each test.
fn terms_of<const LEAVES: usize>(trees: &[Tree<LEAVES>]) -> impl Iterator<Item = usize> {
    trees.iter().flat_map(|(tests, _)| tests).map(|test| test.term)
}

fn in_order(terms: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut terms: Vec<usize> = terms.collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// Terms and those between them, as far as there is room for more: a few long runs are sooner fetched than many short ones.
fn bridged(terms: &[usize]) -> Vec<usize> {
    const GAP_MAX: usize = 8;
    let mut terms = terms.to_vec();
    for gap in 1..=GAP_MAX {
        let room = TERMS_MAX.saturating_sub(terms.len());
        let gaps = terms.windows(2).map(|pair| pair[0] + 1..pair[1]);
        let between: Vec<usize> = gaps
            .filter(|between| between.len() == gap)
            .take(room / gap)
            .flatten()
            .collect();
        terms = in_order(terms.into_iter().chain(between));
    }
    terms
}

impl<const LEAVES: usize> Stand<LEAVES> {
    /// These trees, which ask for these terms, in order and each once.
    fn of(trees: &[Tree<LEAVES>], terms: &[usize]) -> Self {
        let terms = &bridged(terms);
        let runs = terms.chunk_by(|one, next| one + 1 == *next);
        Self {
            runs: runs.filter_map(|run| Some(*run.first()?..run.last()? + 1)).collect(),
            trees: trees.chunks(ABREAST).map(|trees| Abreast::of(trees, terms)).collect(),
        }
    }

    fn sum(&self, start: f32, row: &[f32]) -> f32 {
        let mut numbers = [f32::NEG_INFINITY; TERMS_MAX];
        let mut rest = &mut numbers[..];
        for run in &self.runs {
            let (own, others) = rest.split_at_mut(run.len());
            for (number, given) in own.iter_mut().zip(row.get(run.start..).unwrap_or_default()) {
                *number = *given;
            }
            rest = others;
        }
        sum(start, &self.trees, &numbers)
    }

    fn sum_of_rows(&self, starts: [f32; ROWS], rows: [&[f32]; ROWS]) -> [f32; ROWS] {
        let mut numbers = [f32x4::splat(f32::NEG_INFINITY); TERMS_MAX];
        let mut rest = &mut numbers[..];
        for run in &self.runs {
            let (own, others) = rest.split_at_mut(run.len());
            abreast(own, rows.map(|row| row.get(run.start..).unwrap_or_default()));
            rest = others;
        }
        sum_of_rows(starts, &self.trees, &numbers)
    }
}

/// The first numbers of rows, those of one place side by side; rows are equally long.
fn abreast(numbers: &mut [f32x4], rows: [&[f32]; ROWS]) {
    let [a, b, c, d] = rows;
    let (fours, _) = numbers.as_chunks_mut();
    let (of_a, _) = a.as_chunks();
    let (of_b, _) = b.as_chunks();
    let (of_c, _) = c.as_chunks();
    let (of_d, _) = d.as_chunks();
    let whole = 4 * fours.len().min(of_a.len());
    for ((((four, a), b), c), d) in fours.iter_mut().zip(of_a).zip(of_b).zip(of_c).zip(of_d) {
        *four = f32x4::transpose([a, b, c, d].map(|four| f32x4::new(*four)));
    }
    let number = |row: &[f32], place: usize| row.get(place).copied().unwrap_or(f32::NEG_INFINITY);
    for (place, numbers) in numbers.iter_mut().enumerate().skip(whole) {
        *numbers = f32x4::new([number(a, place), number(b, place), number(c, place), number(d, place)]);
    }
}

impl<const LEAVES: usize> Abreast<LEAVES> {
    /// These trees, which ask for none but these terms.
    fn of(trees: &[Tree<LEAVES>], terms: &[usize]) -> Self {
        let place_of = |test: &Test| terms.binary_search(&test.term).unwrap_or_default() as u8;
        let count = trees.iter().map(|(tests, _)| tests.len()).max().unwrap_or(0);
        let tests = (0..count).map(|at| {
            let test_of = |tree: usize| trees.get(tree).and_then(|(tests, _)| tests.get(at));
            Tests {
                places: std::array::from_fn(|tree| test_of(tree).map_or(0, place_of)),
                // No term is above infinity: where a tree has fewer tests than those beside it.
                values: std::array::from_fn(|tree| test_of(tree).map_or(f32::INFINITY, |test| test.value)),
                gone: std::array::from_fn(|tree| test_of(tree).map_or(0, |test| test.gone.into())),
            }
        });
        Self {
            tests: tests.collect(),
            leaves: std::array::from_fn(|tree| trees.get(tree).map_or([0.0; LEAVES], |(_, leaves)| *leaves)),
        }
    }
}

/// `start`, and for each tree the value of the leaf where these numbers end, which stand by their terms' places.
#[multiversion(targets("x86_64+avx2"))]
fn sum<const LEAVES: usize>(start: f32, trees: &[Abreast<LEAVES>], numbers: &[f32; TERMS_MAX]) -> f32 {
    let mut sum = start;
    for Abreast { tests, leaves } in trees {
        let mut gone = i32x8::ZERO;
        for test in tests {
            let asked = f32x8::from(test.places.map(|place| numbers[usize::from(place)]));
            let is_above: i32x8 = bytemuck::cast(asked.simd_gt(f32x8::from(test.values)));
            gone |= is_above & i32x8::from(test.gone);
        }
        for (leaves, gone) in leaves.iter().zip(gone.to_array()) {
            sum += first_left(leaves, gone);
        }
    }
    sum
}

/// The same for some rows: a test is made for all of them, and no number is fetched for one tree alone.
#[multiversion(targets("x86_64+avx2"))]
fn sum_of_rows<const LEAVES: usize>(
    mut sums: [f32; ROWS],
    trees: &[Abreast<LEAVES>],
    numbers: &[f32x4; TERMS_MAX],
) -> [f32; ROWS] {
    for Abreast { tests, leaves } in trees {
        for (tree, leaves) in leaves.iter().enumerate() {
            let mut gone = i32x4::ZERO;
            for test in tests {
                let asked = numbers[usize::from(test.places[tree])];
                let is_above: i32x4 = bytemuck::cast(asked.simd_gt(f32x4::splat(test.values[tree])));
                gone |= is_above & i32x4::splat(test.gone[tree]);
            }
            for (sum, gone) in sums.iter_mut().zip(gone.to_array()) {
                *sum += first_left(leaves, gone);
            }
        }
    }
    sums
}

/// The value of the first leaf that is not ruled out.
#[inline]
fn first_left<const LEAVES: usize>(leaves: &[f32; LEAVES], gone: i32) -> f32 {
    leaves.get(gone.trailing_ones() as usize).copied().unwrap_or(0.0)
}

/// Trees of up to so many leaves, a bit each: sixteen at most.
#[derive(Debug)]
pub(crate) struct Trees<const LEAVES: usize>(Vec<Stand<LEAVES>>);

impl<const LEAVES: usize> Trees<LEAVES> {
    /// Take over trees, each as a function that gives its nodes by their places; the root's is 0. `None` where one is too large, or has
    /// a node that is not there.
    pub(crate) fn new(trees: impl Iterator<Item = impl Fn(usize) -> Option<Node>>) -> Option<Self> {
        let read = |node_at| {
            let (mut leaves, mut count, mut tests) = ([0.0; LEAVES], 0, Vec::new());
            read_below(&node_at, 0, &mut count, &mut leaves, &mut tests)?;
            Some((tests, leaves))
        };
        let trees: Vec<Tree<LEAVES>> = trees.map(read).collect::<Option<_>>()?;
        // As many stand together as have room, eight at a time.
        let (mut stands, mut own, mut known) = (Vec::new(), 0..0, Vec::new());
        for eight in trees.chunks(ABREAST) {
            let all = in_order(known.iter().copied().chain(terms_of(eight)));
            if all.len() <= TERMS_MAX {
                known = all;
            } else {
                stands.push(Stand::of(trees.get(own.clone())?, &known));
                own.start = own.end;
                known = in_order(terms_of(eight));
            }
            own.end += eight.len();
        }
        stands.push(Stand::of(trees.get(own)?, &known));
        Some(Self(stands))
    }

    /// `start`, and for each tree the value of the leaf where `row` ends. What a row does not have is below all.
    pub(crate) fn sum(&self, start: f32, row: &[f32]) -> f32 {
        self.0.iter().fold(start, |sum, stand| stand.sum(sum, row))
    }

    /// The same for each of some rows.
    pub(crate) fn sum_of_rows(&self, start: f32, rows: [&[f32]; ROWS]) -> [f32; ROWS] {
        let starts = [start; ROWS];
        self.0.iter().fold(starts, |sums, stand| stand.sum_of_rows(sums, rows))
    }
}

/// Read a node of a tree and what is below it, of which `count` leaves have been read; the bits of its leaves.
fn read_below(
    node_at: &impl Fn(usize) -> Option<Node>,
    at: usize,
    count: &mut usize,
    leaves: &mut [f32],
    tests: &mut Vec<Test>,
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
            let gone = read_below(node_at, left, count, leaves, tests)?;
            tests.push(Test { term, value, gone });
            Some(gone | read_below(node_at, right, count, leaves, tests)?)
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
            // More terms than one stand has room for.
            tests in prop::collection::vec(prop::collection::vec((0_usize..600, -2.0_f32..2.0, any::<bool>(), -1.0_f32..1.0), 0..10), 0..90),
            row in prop::collection::vec(-2.0_f32..2.0, 0..600),
        ) {
            let trees = Trees::<10>::new(tests.iter().cloned().map(chain)).unwrap();
            let walked = tests.iter().cloned().map(chain).fold(0.5, |sum, tree| sum + walk(&tree, &row));
            prop_assert_eq!(trees.sum(0.5, &row).to_bits(), walked.to_bits());
            let rows: [[f32; 300]; ROWS] = std::array::from_fn(|from| {
                std::array::from_fn(|term| row.get(from + term).copied().unwrap_or(f32::NEG_INFINITY))
            });
            let walked = rows.map(|row| tests.iter().cloned().map(chain).fold(0.5, |sum, tree| sum + walk(&tree, &row)));
            prop_assert_eq!(trees.sum_of_rows(0.5, rows.each_ref().map(|row| &row[..])).map(f32::to_bits), walked.map(f32::to_bits));
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
