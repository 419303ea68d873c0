//! Two fingerprints → how much they are one story.
//!
//! In: two fingerprints. Out: the [`Features`] of the pair and a score. Always: pure, and linear in the sketches.

use std::sync::LazyLock;

use super::Fingerprint;
use super::fingerprint::{NUMBER, SKETCH_MAX};

/// What two fingerprints show of each other. Counts are of the common sample.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Features {
    /// Shingles of the new article in the common sample, and of the known one.
    pub shingles: [f32; 2],
    /// Shingles shared, filling and all.
    pub shared: f32,
    /// Shingles whose frame is shared, whatever fills it.
    pub framed: f32,
    /// Of those with slots: frames shared, and frames shared whose filling is shared too.
    pub slots_framed: f32,
    /// Of those, the ones whose filling is shared.
    pub slots_shared: f32,
    /// The same of those with numbers in their slots.
    pub numbers_framed: f32,
    /// Of those, the ones whose filling is shared.
    pub numbers_shared: f32,
    /// Shingles with slots, of the new article and of the known one.
    pub slots: [f32; 2],
    /// Shingles shared that follow each other in both texts.
    pub in_order: f32,
    /// Shingles shared that come in the same order in both texts, others between them or not.
    pub ascending: f32,
    /// From the first shared shingle to the last, in the new article and in the known one.
    pub spans: [f32; 2],
    /// Shared part of the smaller side's sampled numbers, and how many those are.
    pub numbers: [f32; 2],
    /// The same for names.
    pub names: [f32; 2],
    /// The same for the days named.
    pub days: [f32; 2],
    /// The same for the words of the titles.
    pub title: [f32; 2],
    /// Tokens of the shorter and of the longer.
    pub lengths: [f32; 2],
}

/// Sampled entries of one side, as the pair's common threshold sees them.
struct Common {
    shift: u32,
    below: u32,
}

impl Common {
    fn new(a: &Fingerprint, b: &Fingerprint) -> Self {
        let threshold = a.threshold.min(b.threshold);
        let shift = threshold.leading_zeros();
        Self {
            shift,
            below: (threshold << shift) >> 16,
        }
    }

    /// The entries of one side below the common threshold: frame (only the bits both sides have), filling.
    fn entries<'a>(&self, side: &'a Fingerprint, blind: u32) -> impl Iterator<Item = (u16, u8)> + 'a {
        let gap = (self.shift - side.threshold.leading_zeros()).min(16);
        let below = self.below;
        let known = if blind >= 16 { 0 } else { u16::MAX << blind };
        side.frames
            .iter()
            .zip(&side.fillings)
            .filter_map(move |(&frame, &filling)| {
                let wide = u32::from(frame) << gap;
                (wide <= below && wide <= 0xFFFF).then_some((wide as u16 & known, filling))
            })
    }
}

/// Shared part of the smaller side of two ascending bottom-k samples, and that side's size.
fn overlap(a: &[u16], b: &[u16], max: usize) -> [f32; 2] {
    let full = |side: &[u16]| {
        if side.len() < max {
            u16::MAX
        } else {
            side.last().copied().unwrap_or(u16::MAX)
        }
    };
    let below = full(a).min(full(b));
    let cut = |side: &[u16]| side.partition_point(|&h| h <= below);
    let (na, nb) = (cut(a), cut(b));
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (true, true, Some(x), Some(y)) = (i < na, j < nb, a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let smaller = na.min(nb);
    [shared as f32 / smaller.max(1) as f32, smaller as f32]
}

const BUCKETS: usize = 256;
const NONE: u8 = u8::MAX;

fn bucket(frame: u16) -> usize {
    usize::from(frame.wrapping_mul(40_503) >> 8)
}

/// Terms of a pair as the trees see it: see [`Features::derived`].
const TERMS: usize = 29;

/// Terms with room behind them, so that a node's byte always names one: the first of the room is below all values.
const ROOM: usize = 32;

/// Trees that are walked side by side: no step waits for the one before it in another tree.
const ABREAST: usize = 8;

/// A node of a tree, or a leaf, which leads to itself: its term is below all values.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// What the term is compared with; of a leaf the leaf's value.
    value: f32,
    term: u8,
    /// Where it goes on, counted from the tree's first node: where the term is not larger, and where it is.
    next: [u8; 2],
}

/// Gradient-boosted trees.
#[derive(Debug, Default)]
struct Trees {
    bias: f32,
    nodes: Vec<Node>,
    /// Each tree's first node.
    roots: Vec<usize>,
    depth: usize,
}

/// As `tools/fit_duplicates.py` wrote them.
static TREES: LazyLock<Trees> = LazyLock::new(|| Trees::read(include_bytes!("trees.bin")));

impl Trees {
    /// Read a bias `f32`, then for each tree its node count (a byte) and its nodes of eight bytes: term (255 for a leaf), left, right, 0, and
    /// a threshold or value as `f32`. Children stand after their parent.
    fn read(bytes: &[u8]) -> Self {
        let mut trees = Self::default();
        let Some((bias, mut rest)) = bytes.split_first_chunk::<4>() else {
            return trees;
        };
        trees.bias = f32::from_le_bytes(*bias);
        while let Some((&count, after)) = rest.split_first() {
            let Some((tree, next)) = after.split_at_checked(8 * usize::from(count)) else {
                break;
            };
            trees.roots.push(trees.nodes.len());
            let mut depths = vec![0; usize::from(count)];
            for (at, &[term, left, right, _, a, b, c, d]) in tree.as_chunks::<8>().0.iter().enumerate() {
                let is_leaf = usize::from(term) >= TERMS;
                trees.nodes.push(Node {
                    value: f32::from_le_bytes([a, b, c, d]),
                    term: term.min(TERMS as u8),
                    next: if is_leaf { [at as u8; 2] } else { [left, right] },
                });
                for child in [left, right].into_iter().filter(|_| !is_leaf) {
                    depths[usize::from(child)] = depths[at] + 1;
                }
            }
            trees.depth = trees.depth.max(depths.into_iter().max().unwrap_or(0));
            rest = next;
        }
        trees
    }

    /// The log-odds that a pair is one story.
    fn log_odds(&self, terms: &[f32; TERMS]) -> f32 {
        let mut known = [f32::NEG_INFINITY; ROOM];
        known[..TERMS].copy_from_slice(terms);
        let mut sum = self.bias;
        for some in self.roots.chunks(ABREAST) {
            let mut roots = [0; ABREAST];
            roots[..some.len()].copy_from_slice(some);
            let mut at = roots;
            for _ in 0..self.depth {
                for (at, root) in at.iter_mut().zip(roots) {
                    let node = self.nodes[*at];
                    let is_larger = known[usize::from(node.term) % ROOM] > node.value;
                    *at = root + usize::from(node.next[usize::from(is_larger)]);
                }
            }
            for leaf in &at[..some.len()] {
                sum += self.nodes[*leaf].value;
            }
        }
        sum
    }
}

/// Compare a new article's fingerprint with a known one's.
pub(super) fn features(new: &Fingerprint, known: &Fingerprint) -> Features {
    let common = Common::new(new, known);
    let blind = new.threshold.leading_zeros().abs_diff(known.threshold.leading_zeros());
    // Entries of the new side, chained by bucket; position in the common sample is the index.
    let mut heads = [NONE; BUCKETS];
    let mut entries = [(0_u16, 0_u8, NONE); SKETCH_MAX];
    let mut new_count = 0;
    let mut new_slots = 0_u8;
    for ((frame, filling), slot) in common.entries(new, blind).zip(&mut entries) {
        if let Some(head) = heads.get_mut(bucket(frame)) {
            *slot = (frame, filling, *head);
            *head = new_count as u8;
        }
        new_count += 1;
        new_slots += u8::from(filling != 0);
    }
    let mut f = Features {
        lengths: [new.length.min(known.length) as f32, new.length.max(known.length) as f32],
        numbers: overlap(&new.numbers, &known.numbers, super::fingerprint::FACTS_MAX),
        names: overlap(&new.names, &known.names, super::fingerprint::FACTS_MAX),
        days: overlap(&new.days, &known.days, super::fingerprint::DAYS_MAX),
        title: overlap(&new.title, &known.title, super::fingerprint::TITLE_MAX),
        ..Features::default()
    };
    let mut known_count = 0_usize;
    let mut last = usize::MAX;
    let (mut new_span, mut known_span) = ((usize::MAX, 0), (usize::MAX, 0));
    for (frame, filling) in common.entries(known, blind) {
        let (mut framed, mut same) = (false, None);
        let mut at = heads.get(bucket(frame)).copied().unwrap_or(NONE);
        while let Some(&(other, other_filling, next)) = entries.get(usize::from(at)) {
            if other == frame {
                framed = true;
                if other_filling == filling {
                    same = Some(usize::from(at));
                }
            }
            at = next;
        }
        let slot = f32::from(u8::from(filling != 0));
        f.slots[1] += slot;
        let number = f32::from(u8::from(filling & NUMBER != 0));
        if framed {
            f.numbers_framed += number;
            f.framed += 1.0;
            f.slots_framed += slot;
        }
        if let Some(at) = same {
            f.shared += 1.0;
            f.slots_shared += slot;
            f.numbers_shared += number;
            if last != usize::MAX {
                f.in_order += f32::from(u8::from(at == last + 1));
                f.ascending += f32::from(u8::from(at > last));
            }
            new_span = (new_span.0.min(at), new_span.1.max(at + 1));
            known_span = (known_span.0.min(known_count), known_span.1.max(known_count + 1));
            last = at;
        }
        known_count += 1;
    }
    f.slots[0] = f32::from(new_slots);
    f.spans = [new_span, known_span].map(|(from, to)| to.saturating_sub(from.min(to)) as f32);
    f.shingles = [new_count as f32, known_count as f32];
    f
}

/// Containment from which on two texts without names and numbers are one story.
const WORDS_AGREE: f32 = 0.5;

impl Features {
    /// Shared part of the smaller side.
    pub fn containment(&self) -> f32 {
        let [a, b] = self.shingles;
        (self.shared / a.min(b).max(1.0)).min(1.0)
    }

    /// The pair as the judge's weights see it. A title counts only where the text is too short to speak for itself.
    pub fn derived(&self) -> [f32; TERMS] {
        let [new, known] = self.shingles;
        let (smaller, larger) = (new.min(known).max(1.0), new.max(known).max(1.0));
        let capped = |part: f32, whole: f32| (part / whole.max(1.0)).min(1.0);
        let sure = |[share, count]: [f32; 2]| (share * count + 0.5) / (count + 1.0);
        let containment = capped(self.shared, smaller);
        let contradicted = self.slots_framed - self.slots_shared;
        let prose = (new - self.slots[0]).min(known - self.slots[1]);
        let spans = [self.spans[0] / new.max(1.0), self.spans[1] / known.max(1.0)];
        let short = ((60.0 - self.lengths[0]) / 40.0).clamp(0.0, 1.0);
        [
            containment,
            capped(self.framed, smaller),
            self.shared / larger,
            containment.sqrt(),
            self.shared.ln_1p(),
            (self.slots_shared + 0.5) / (self.slots_framed + 1.0),
            contradicted.ln_1p(),
            contradicted / self.slots_framed.max(1.0),
            capped(self.shared - self.slots_shared, prose),
            capped(self.slots_shared, self.slots[0].min(self.slots[1])),
            self.in_order / (self.shared - 1.0).max(1.0),
            self.ascending / (self.shared - 1.0).max(1.0),
            (self.shared / self.spans[0].min(self.spans[1]).max(1.0)).min(1.5),
            spans[0].max(spans[1]),
            spans[0].min(spans[1]),
            sure(self.numbers),
            sure(self.names),
            self.numbers[1].ln_1p(),
            self.names[1].ln_1p(),
            (sure(self.title) - 0.5) * short,
            short,
            self.lengths[0].ln_1p(),
            self.lengths[0] / self.lengths[1].max(1.0),
            sure(self.days),
            (1.0 - self.days[0]) * self.days[1],
            self.numbers_framed - self.numbers_shared,
            (self.numbers_shared + 0.5) / (self.numbers_framed + 1.0),
            ((1.0 - self.numbers[0]) * self.numbers[1]).ln_1p(),
            ((1.0 - self.names[0]) * self.names[1]).ln_1p(),
        ]
    }

    /// Whether the two are one story: positive for yes.
    pub fn score(&self) -> f32 {
        // Beyond what the trees were fitted on: too little in common is another story, whatever names agree.
        if self.shared < 1.0 || self.containment() < 0.1 {
            return -1.0;
        }
        // The trees were fitted on texts with names and numbers. Where neither side has any, the words alone decide.
        if self.slots[0] + self.slots[1] + self.numbers[1] + self.names[1] == 0.0 {
            return (self.containment() - WORDS_AGREE) * 10.0;
        }
        TREES.log_odds(&self.derived())
    }
}

impl Features {
    /// How alike the two are, 0 to 1.
    pub fn similarity(&self) -> f32 {
        self.containment()
    }

    /// Whether the two have enough in common to be links of one chain.
    pub fn is_related(&self) -> bool {
        self.containment() >= 0.1
    }
}

impl Features {
    /// All values in a fixed order.
    pub fn values(&self) -> [f32; 24] {
        [
            self.shingles[0],
            self.shingles[1],
            self.shared,
            self.framed,
            self.slots_framed,
            self.slots_shared,
            self.slots[0],
            self.slots[1],
            self.in_order,
            self.ascending,
            self.spans[0],
            self.spans[1],
            self.numbers[0],
            self.numbers[1],
            self.names[0],
            self.names[1],
            self.title[0],
            self.title[1],
            self.lengths[0],
            self.lengths[1],
            self.numbers_framed,
            self.numbers_shared,
            self.days[0],
            self.days[1],
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trees_are_whole() {
        let bytes = include_bytes!("trees.bin");
        assert_eq!(
            bytes.len(),
            4 + TREES.roots.len() + 8 * TREES.nodes.len(),
            "all of the file is read"
        );
        let ends = TREES.roots.iter().skip(1).copied().chain([TREES.nodes.len()]);
        for (root, end) in TREES.roots.iter().copied().zip(ends) {
            assert!(root < end, "a tree has a node");
            for (at, node) in TREES.nodes[root..end].iter().enumerate() {
                assert!(node.value.is_finite());
                let is_leaf = usize::from(node.term) == TERMS;
                let goes_on = |next: u8| usize::from(next) > at && root + usize::from(next) < end;
                assert!(if is_leaf {
                    node.next == [at as u8; 2]
                } else {
                    node.next.into_iter().all(goes_on)
                });
            }
        }
    }
}
