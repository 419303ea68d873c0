//! Blocks → rows of numbers for the model.
//!
//! In: the page's layout and what the page says its article is. Out: for each block a row for the first model, and, once that
//! has spoken, a row for the second. Always: linear in the number of blocks and nodes; every number is finite.

use super::super::work;
use super::layout::{Block, Layout};
use super::phrases::{self, Hints};
use super::stats::Stats;
use super::titles::Titles;
use crate::fast::bits::{self, BLOCK};
use crate::fast::eight;
use crate::fast::hashed::{FACTOR, Map, Set};

/// Sums over the blocks of a subtree, or of a template.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    blocks: f32,
    weight: f32,
    links: f32,
    good: f32,
    kept: f32,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.blocks += other.blocks;
        self.weight += other.weight;
        self.links += other.links;
        self.good += other.good;
        self.kept += other.kept;
    }
}

/// What the elements of one template have, and what both rows take of it.
#[derive(Debug, Clone, Copy, Default)]
struct Family {
    sum: Sum,
    /// The logarithms of its number of blocks, and of their mean weight.
    log_blocks: f32,
    log_mean: f32,
}

/// What a block's words say by themselves. It goes into both rows, and finding it is most of the work.
#[derive(Debug, Clone, Copy)]
struct Words {
    in_body: f32,
    in_summary: f32,
    in_title: bool,
    hints: Hints,
}

/// What both rows are made from.
pub(super) struct Page<'a> {
    layout: &'a Layout<'a>,
    stats: &'a [Stats],
    /// Of each block the logarithm of its weight.
    log_weight: Vec<f32>,
    link_share: Vec<f32>,
    words: Vec<Words>,
    /// How many blocks have the same words.
    repeats: Vec<f32>,
    subtree: Vec<Sum>,
    /// Of each subtree the logarithm of the mean weight of its blocks.
    log_mean: Vec<f32>,
    /// Of each block the place of its template among the families.
    family: Vec<u32>,
    families: Vec<Family>,
    total: Sum,
    log_good: f32,
    log_count: f32,
    titles: &'a Titles,
    body: Option<Set>,
    summary: Option<Set>,
    headline: Option<usize>,
    root: u32,
    root_depth: u32,
}

/// Words of this many at a time are compared with what the page says its body is.
const SHINGLE: usize = 4;

/// Hand over a hash of each run of [`SHINGLE`] words.
fn shingles(text: &str, mut take: impl FnMut(u64)) {
    let mut latest = [0u64; SHINGLE];
    let mut count = 0;
    words(text, |word| {
        latest.rotate_left(1);
        latest[SHINGLE - 1] = word;
        count += 1;
        if count >= SHINGLE {
            let together = |hash: u64, word: &u64| hash.rotate_left(17).wrapping_mul(FACTOR) ^ word;
            take(latest.iter().fold(0, together));
        }
    });
}

/// Hand over a hash of each word: letters and digits that stand together.
fn words(text: &str, mut take: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    // Where the word begins that is still open behind a block, and how many bytes of the next block are of no word.
    let (mut open, mut passed) = (None, 0);
    for (at, bits, own) in bits::blocks(bytes) {
        let mut words = bits.letters_and_digits();
        let beyond = bits.beyond_ascii() & own & !bits::first(std::mem::take(&mut passed));
        if beyond != 0 {
            words |= beyond;
            for place in bits::places(bits.firsts_beyond_ascii() & own) {
                let character = text.get(at + place..).and_then(|rest| rest.chars().next());
                if let Some(mark) = character.filter(|c| !c.is_alphanumeric()) {
                    let end = place + mark.len_utf8();
                    words &= bits::first(place) | !bits::first(end);
                    passed = end.saturating_sub(BLOCK);
                }
            }
        }
        let behind = words << 1 | u64::from(open.is_some());
        let mut begins = bits::places(words & !behind);
        for end in bits::places(behind & !words) {
            if let Some(start) = open.take().or_else(|| Some(at + begins.next()?)) {
                take(hash(bytes, start, at + end));
            }
        }
        if let Some(start) = begins.next() {
            open = Some(at + start);
        }
    }
    if let Some(start) = open {
        take(hash(bytes, start, bytes.len()));
    }
}

/// A hash of some of the bytes, eight at a time.
fn hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    let places = (start..end).step_by(size_of::<u64>());
    places.fold(0, |hash: u64, at| {
        let eight = eight::first(end - at, eight::read(bytes.get(at..).unwrap_or_default()));
        (hash.rotate_left(5) ^ eight).wrapping_mul(FACTOR)
    })
}

fn shingles_of(text: &str) -> Set {
    let mut set = Set::default();
    shingles(text, |shingle| {
        set.insert(shingle);
    });
    set
}

/// What share of a text's shingles each of two sets holds: less than nothing where there is no set, or no shingle.
fn shares_in(sets: [Option<&Set>; 2], text: &str) -> [f32; 2] {
    let (mut all, mut found) = (0u32, [0u32; 2]);
    if sets.iter().any(Option::is_some) {
        shingles(text, |shingle| {
            all += 1;
            for (found, set) in found.iter_mut().zip(sets) {
                *found += u32::from(set.is_some_and(|set| set.contains(&shingle)));
            }
        });
    }
    std::array::from_fn(|at| match sets[at] {
        None => -1.0,
        Some(_) if all == 0 => -0.5,
        Some(_) => found[at] as f32 / all as f32,
    })
}

/// For each block how many have the same words, up to nine.
fn repeats(stats: &[Stats]) -> Vec<f32> {
    let mut counts: Map<u32> = Map::default();
    for s in stats {
        *counts.entry(s.hash).or_default() += 1;
    }
    let count = |s: &Stats| counts.get(&s.hash).copied().unwrap_or(0).min(9) as f32;
    stats.iter().map(count).collect()
}

/// The logarithm of a count that may be zero. `ln_1p` takes longer, and is more exact only near zero.
fn log(count: f32) -> f32 {
    (1.0 + count).ln()
}

impl<'a> Page<'a> {
    /// `stats` are those of the blocks; `titles`, `body` and `summary` what the page says its article is.
    pub(super) fn new(
        layout: &'a Layout<'a>,
        stats: &'a [Stats],
        titles: &'a Titles,
        headline: Option<usize>,
        body: Option<&str>,
        summary: Option<&str>,
    ) -> Self {
        let mut page = Self {
            layout,
            log_weight: stats.iter().map(|s| log(s.weight)).collect(),
            stats,
            link_share: layout.blocks.iter().map(Block::link_share).collect(),
            words: Vec::new(),
            repeats: repeats(stats),
            subtree: Vec::new(),
            log_mean: Vec::new(),
            family: Vec::with_capacity(stats.len()),
            families: Vec::new(),
            total: Sum::default(),
            log_good: 0.0,
            log_count: (stats.len() as f32).ln(),
            titles,
            body: body.map(shingles_of),
            summary: summary.map(shingles_of),
            headline,
            root: 0,
            root_depth: 0,
        };
        page.words = layout.blocks.iter().map(|block| page.words(block)).collect();
        page.find_families();
        page.sum_up(&[]);
        page.take_logarithms();
        page
    }

    fn words(&self, block: &Block) -> Words {
        let text = self.text(block);
        let [in_body, in_summary] = shares_in([self.body.as_ref(), self.summary.as_ref()], text);
        Words {
            in_body,
            in_summary,
            in_title: text.len() > 8 && self.titles.hold(text),
            hints: phrases::hints(text),
        }
    }

    fn text(&self, block: &Block) -> &str {
        self.layout.text_of(block)
    }

    /// Which blocks are of one template.
    fn find_families(&mut self) {
        let mut families: Map<u32> = Map::default();
        for block in &self.layout.blocks {
            let next = families.len() as u32;
            let family = *families.entry(self.layout.node_of(block).template).or_insert(next);
            self.family.push(family);
        }
        self.families = vec![Family::default(); families.len()];
    }

    /// Take the logarithms of what is the same in both rows.
    fn take_logarithms(&mut self) {
        let mean = |sum: &Sum| log(sum.weight / sum.blocks.max(1.0));
        self.log_mean = self.subtree.iter().map(mean).collect();
        for family in &mut self.families {
            (family.log_blocks, family.log_mean) = (log(family.sum.blocks), mean(&family.sum));
        }
        self.log_good = log(self.total.good);
    }

    /// Sum up the subtrees and templates; `kept` is the first model's view, empty before it has spoken.
    fn sum_up(&mut self, kept: &[f32]) {
        let nodes = &self.layout.nodes;
        self.subtree = vec![Sum::default(); nodes.len()];
        for family in &mut self.families {
            family.sum = Sum::default();
        }
        for (index, block) in self.layout.blocks.iter().enumerate() {
            let s = &self.stats[index];
            let sum = Sum {
                blocks: 1.0,
                weight: s.weight,
                links: s.weight * self.link_share[index],
                good: s.prose(self.link_share[index]),
                kept: kept.get(index).map_or(0.0, |p| p * s.weight),
            };
            self.subtree[block.node as usize].add(sum);
            self.families[self.family[index] as usize].sum.add(sum);
        }
        for index in (1..nodes.len()).rev() {
            let sum = self.subtree[index];
            self.subtree[nodes[index].parent as usize].add(sum);
        }
        self.total = self.subtree[0];
        self.find_root(!kept.is_empty());
    }

    /// The deepest element that still holds most of what looks like body text.
    fn find_root(&mut self, by_kept: bool) {
        let mass = |sum: &Sum| if by_kept { sum.kept } else { sum.good };
        let all = mass(&self.total);
        let (mut root, mut depth) = (0u32, 0u32);
        // A child stands behind its parent, so that the last node with enough mass on the way down is the deepest.
        for (index, node) in self.layout.nodes.iter().enumerate().skip(1) {
            if node.parent == root && mass(&self.subtree[index]) > 0.6 * all {
                root = index as u32;
                depth = node.depth;
            }
        }
        self.root = root;
        self.root_depth = depth;
    }

    fn ancestor(&self, node: u32, levels: usize) -> u32 {
        (0..levels).fold(node, |n, _| self.layout.nodes[n as usize].parent)
    }

    /// Whether a block stands below the root: both reached by walking up, at most a fixed number of levels.
    fn steps_to_root(&self, node: u32) -> f32 {
        const ROOT_STEPS: usize = 24;
        let mut at = node;
        for step in 0..ROOT_STEPS {
            work::note(1);
            if at == self.root {
                return step as f32;
            }
            let above = &self.layout.nodes[at as usize];
            if above.depth <= self.root_depth {
                return -1.0;
            }
            at = above.parent;
        }
        ROOT_STEPS as f32
    }

    /// Append the first model's row for a block.
    pub(super) fn first_row(&self, index: usize, passed: &Passed, row: &mut Vec<f32>) {
        let block = &self.layout.blocks[index];
        work::note(block.bytes());
        self.own(index, block, row);
        self.surroundings(block, row);
        row.extend(self.words[index].hints.values());
        self.families(index, block, row);
        self.neighbours(index, row);
        self.position(index, block, passed, row);
    }

    fn own(&self, index: usize, block: &Block, row: &mut Vec<f32>) {
        let s = &self.stats[index];
        let text = self.text(block);
        let len = text.len() as f32;
        let node = self.layout.node_of(block);
        let words = s.words.max(1.0);
        let words_say = self.words[index];
        row.extend_from_slice(&[
            self.log_weight[index],
            words,
            self.link_share[index],
            block.link_count as f32,
            s.commas / words,
            s.stops,
            s.upper / len,
            s.digits / len,
            s.lower_words / words,
            s.marks / words,
            f32::from(u8::from(s.ends_sentence)) + 2.0 * f32::from(u8::from(s.ends_colon)),
            f32::from(s.opening),
            block.strong_bytes as f32 / len,
            f32::from(u8::from(block.after_break)),
            block.image_count as f32,
            f32::from(node.tag as u8),
            f32::from(self.layout.nodes[node.parent as usize].tag as u8),
            node.depth.min(60) as f32,
            block.lead.count_ones() as f32,
            self.repeats[index],
            words_say.in_body,
            words_say.in_summary,
            f32::from(u8::from(words_say.in_title)),
        ]);
    }

    fn surroundings(&self, block: &Block, row: &mut Vec<f32>) {
        let mut around = self.layout.node_of(block).distance.map(f32::from);
        for topic in bits::places(block.lead.into()) {
            around[topic] = -1.0;
        }
        row.extend_from_slice(&around);
    }

    fn family_of(&self, index: usize) -> &Family {
        &self.families[self.family[index] as usize]
    }

    fn families(&self, index: usize, block: &Block, row: &mut Vec<f32>) {
        let total = self.total.weight.max(1.0);
        let good = self.total.good.max(1.0);
        let family = self.family_of(index);
        row.extend_from_slice(&[
            family.log_blocks,
            family.log_mean,
            family.sum.links / family.sum.weight.max(1.0),
            family.sum.good / good,
        ]);
        for levels in [0, 1, 2, 3, 5] {
            let node = self.ancestor(block.node, levels) as usize;
            let sum = self.subtree[node];
            row.extend_from_slice(&[
                sum.links / sum.weight.max(1.0),
                sum.good / good,
                sum.good / sum.weight.max(1.0),
                sum.weight / total,
            ]);
            if levels < 3 {
                row.push(self.log_mean[node]);
            }
        }
        row.push(self.stats[index].weight / self.subtree[block.node as usize].weight.max(1.0));
        row.push(self.steps_to_root(block.node));
    }

    fn neighbours(&self, index: usize, row: &mut Vec<f32>) {
        let node = self.layout.blocks[index].node;
        for offset in [-3isize, -2, -1, 1, 2, 3] {
            let Some(other) = index.checked_add_signed(offset).filter(|i| *i < self.stats.len()) else {
                row.extend_from_slice(&[-1.0; 4]);
                continue;
            };
            let s = &self.stats[other];
            let block = &self.layout.blocks[other];
            let tag = self.layout.node_of(block).tag;
            let parent = |n: u32| self.layout.nodes[n as usize].parent;
            let kin = if block.node == node {
                2.0
            } else if parent(block.node) == parent(node) {
                1.0
            } else {
                0.0
            };
            row.extend_from_slice(&[
                self.log_weight[other],
                self.link_share[other],
                f32::from(u8::from(s.ends_sentence)) + if tag.is_heading() { 2.0 } else { 0.0 },
                kin,
            ]);
        }
    }

    fn position(&self, index: usize, block: &Block, passed: &Passed, row: &mut Vec<f32>) {
        let count = self.stats.len() as f32;
        let headline = self.headline.map_or(-500.0, |h| index as f32 - h as f32);
        let good = self.total.good.max(1.0);
        row.extend_from_slice(&[
            index as f32 / count,
            block.start as f32 / self.layout.text.len().max(1) as f32,
            headline.clamp(-500.0, 500.0),
            passed.good / good,
            (passed.good_root) / self.subtree[self.root as usize].good.max(1.0),
            self.log_good,
            self.total.links / self.total.weight.max(1.0),
            self.log_count,
        ]);
    }

    /// What stands before the next block, once this one has passed.
    pub(super) fn pass(&self, index: usize, passed: &mut Passed) {
        let prose = self.stats[index].prose(self.link_share[index]);
        passed.good += prose;
        if prose > 0.0 && self.steps_to_root(self.layout.blocks[index].node) >= 0.0 {
            passed.good_root += prose;
        }
    }

    /// Take in what the first model says of each block.
    pub(super) fn first_said(&mut self, kept: &[f32]) {
        self.sum_up(kept);
    }

    /// Append, behind a first row, what the first model says of the block and its surroundings.
    pub(super) fn second_row(&self, index: usize, kept: &[f32], passed_kept: f32, row: &mut Vec<f32>) {
        let block = &self.layout.blocks[index];
        let at = |offset: isize| {
            index
                .checked_add_signed(offset)
                .and_then(|i| kept.get(i))
                .copied()
                .unwrap_or(-0.1)
        };
        row.extend_from_slice(&[-4, -3, -2, -1, 0, 1, 2, 3, 4].map(at));
        row.push(self.window(index, kept, 6, -1));
        row.push(self.window(index, kept, 6, 1));
        row.push(self.window(index, kept, 15, -1));
        row.push(self.window(index, kept, 15, 1));
        let own = self.stats[index].weight * kept.get(index).copied().unwrap_or(0.0);
        let without = |sum: Sum| (sum.kept - own) / (sum.weight - self.stats[index].weight).max(1.0);
        row.push(without(self.family_of(index).sum));
        for levels in [0, 1, 2, 3] {
            row.push(without(self.subtree[self.ancestor(block.node, levels) as usize]));
        }
        let all = self.total.kept.max(1.0);
        row.extend_from_slice(&[
            self.subtree[self.ancestor(block.node, 1) as usize].kept / all,
            self.subtree[self.ancestor(block.node, 2) as usize].kept / all,
            self.steps_to_root(block.node),
            passed_kept / all,
            all.ln(),
            all / self.total.weight.max(1.0),
        ]);
    }

    /// The mean of the first model's view over the next blocks on one side, weighed by their length.
    fn window(&self, index: usize, kept: &[f32], length: isize, side: isize) -> f32 {
        let (mut sum, mut weight) = (0.0, 1.0);
        for step in 1..=length {
            let Some(other) = index.checked_add_signed(step * side).filter(|i| *i < kept.len()) else {
                break;
            };
            let w = self.stats[other].weight.min(400.0);
            sum += kept[other] * w;
            weight += w;
        }
        sum / weight
    }

    pub(super) fn weight(&self, index: usize) -> f32 {
        self.stats[index].weight
    }
}

/// Running sums over the blocks before one.
#[derive(Debug, Default)]
pub(super) struct Passed {
    good: f32,
    good_root: f32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_are_what_stands_between_other_characters(text in "([a-zA-Z0-9éß港]{0,70}|[ .’“…、\u{a0}-]{0,3}|\\PC{0,3}){0,30}") {
            let mut found = Vec::new();
            words(&text, |word| found.push(word));
            let all = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let all: Vec<u64> = all.map(|word| hash(word.as_bytes(), 0, word.len())).collect();
            prop_assert_eq!(found, all);
        }
    }
}
