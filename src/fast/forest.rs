//! A file of boosted trees → the log-odds that they give a row of numbers.
//!
//! In: the file, as `tools/tree_file.py` writes it, then rows. Out: a number for each. Always: pure.

use smallvec::SmallVec;

use super::trees::{Node, ROWS, Trees};

/// A node as it is written: the number it asks for (`u16`, [`LEAF`] for a leaf), how many nodes on its right child stands (`u16`), and the
/// threshold or the leaf's value (`f32`). All little-endian.
type Written = [u8; 8];

const LEAF: u16 = u16::MAX;

/// A sum of trees of up to so many leaves.
#[derive(Debug)]
pub(crate) struct Forest<const LEAVES: usize> {
    base: f32,
    trees: Trees<LEAVES>,
}

impl<const LEAVES: usize> Forest<LEAVES> {
    /// Read a file: base value and number of trees, where each begins, then their nodes in the order parent, left, right. `None` where it
    /// is not whole.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
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

    /// The sum of what the trees say of the row.
    pub(crate) fn log_odds(&self, row: &[f32]) -> f32 {
        self.trees.sum(self.base, row)
    }

    /// The same for each of [`ROWS`] rows or fewer, which are equally long, at once where there are several. What stands beyond the last row is of none.
    fn log_odds_of_rows(&self, rows: &[impl AsRef<[f32]>]) -> [f32; ROWS] {
        match rows {
            [] => [0.0; ROWS],
            [row] => [self.log_odds(row.as_ref()); ROWS],
            [first, ..] => {
                let row = |at| rows.get(at).unwrap_or(first).as_ref();
                self.trees.sum_of_rows(self.base, std::array::from_fn(row))
            }
        }
    }
}

/// Rows that wait until several can be asked about at once.
#[derive(Debug)]
pub(crate) struct Waiting<'f, Of, Row, const LEAVES: usize> {
    forest: &'f Forest<LEAVES>,
    rows: [Row; ROWS],
    /// What each of the rows that wait is of.
    of: SmallVec<[Of; ROWS]>,
}

impl<'f, Of, Row: AsRef<[f32]>, const LEAVES: usize> Waiting<'f, Of, Row, LEAVES> {
    /// For this forest, with none that waits.
    pub(crate) fn new(forest: &'f Forest<LEAVES>, row: impl Fn() -> Row) -> Self {
        Self {
            forest,
            rows: std::array::from_fn(|_| row()),
            of: SmallVec::new(),
        }
    }

    /// A row to be written, which then waits; it is as another may have left it. Where there is room for no more, those that wait are asked about first.
    pub(crate) fn row(&mut self, of: Of, hear: impl FnMut(Of, f32, &Row)) -> &mut Row {
        if self.of.len() == ROWS {
            self.ask(hear);
        }
        let row = &mut self.rows[self.of.len()];
        self.of.push(of);
        row
    }

    /// Hand over what the trees say of each row that waits; none is left.
    pub(crate) fn ask(&mut self, mut hear: impl FnMut(Of, f32, &Row)) {
        let said = self.forest.log_odds_of_rows(&self.rows[..self.of.len()]);
        for ((of, said), row) in self.of.drain(..).zip(said).zip(&self.rows) {
            hear(of, said, row);
        }
    }
}

/// A node that stands so far behind its tree's root.
fn node(at: usize, [term_low, term_high, right_low, right_high, value @ ..]: Written) -> Node {
    let term = u16::from_le_bytes([term_low, term_high]);
    let value = f32::from_le_bytes(value);
    if term == LEAF {
        return Node::Leaf(value);
    }
    Node::Split {
        term: usize::from(term),
        value,
        left: at + 1,
        right: at + usize::from(u16::from_le_bytes([right_low, right_high])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one tree: its second number is up to 3, or above.
    fn file() -> Vec<u8> {
        let node = |term: u16, right: u16, value: f32| {
            [&term.to_le_bytes()[..], &right.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let mut file = [0.5_f32.to_le_bytes(), 1_u32.to_le_bytes(), 0_u32.to_le_bytes()].concat();
        for written in [node(1, 2, 3.0), node(LEAF, 0, -1.0), node(LEAF, 0, 2.0)] {
            file.extend(written);
        }
        file
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let file = file();
        let forest = Forest::<2>::read(&file).unwrap();
        assert_eq!(forest.log_odds(&[9.0, 3.0]).to_bits(), (-0.5_f32).to_bits());
        assert_eq!(forest.log_odds(&[9.0, 3.1]).to_bits(), 2.5_f32.to_bits());
        assert!(
            Forest::<2>::read(&file[..file.len() - 8]).is_none(),
            "a node is missing"
        );
        assert!(Forest::<1>::read(&file).is_none(), "more leaves than allowed");
    }

    #[test]
    fn rows_that_wait_are_told_what_each_is_told_alone() {
        let forest = Forest::<2>::read(&file()).unwrap();
        for count in 0..2 * ROWS + 2 {
            let number = |of: usize| (of * 5 % 7) as f32;
            let mut said = Vec::new();
            let mut waiting = Waiting::new(&forest, || [0.0; 2]);
            for of in 0..count {
                waiting.row(of, |of, odds, row| said.push((of, odds, row[1])))[1] = number(of);
            }
            waiting.ask(|of, odds, row| said.push((of, odds, row[1])));
            let alone = (0..count).map(|of| (of, forest.log_odds(&[0.0, number(of)]), number(of)));
            assert_eq!(said, alone.collect::<Vec<_>>());
        }
    }
}
