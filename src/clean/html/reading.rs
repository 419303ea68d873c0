//! Blocks, read as the lines of a text are.
//!
//! In: the page's layout. Out: what the blocks' words alone say of them, and which only repeat others. Always: linear in the page.
//!
//! The trees know elements and their names, which differ from site to site, and were fitted to pages that are nearly all English. The net
//! that reads text as scraped knows phrases of furniture in many languages, and nothing of elements: the two err on other pages.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::choose::Said;
use super::layout::{Block, Layout};
use super::stats::Stats;
use super::tags::Tag;
use crate::clean::text;

/// Neither more nor less is believed of the words of one block, in log-odds.
const ODDS_MAX: f32 = 10.0;

/// A repeated body is this share of all paragraphs' bytes at least: where a body stands there twice, its second half.
const BODY_SHARE: f32 = 0.4;

/// Read these blocks, each with those around it, and note what their words say. Of a line that repeats others that is nothing: a refrain.
pub(super) fn read(layout: &Layout<'_>, blocks: Vec<usize>, said: &mut [Said]) {
    let places = blocks.iter().map(|&index| &layout.blocks[index]);
    let odds = text::odds(&layout.text, places.map(|block| block.start..block.end));
    for (index, odds) in blocks.into_iter().zip(odds) {
        let block = &layout.blocks[index];
        // Of a heading its element says more than its words, which might be any line's.
        if is_line(layout, block) && !layout.node_of(block).tag.is_heading() {
            said[index].read = odds.map(|odds| odds.clamp(-ODDS_MAX, ODDS_MAX));
        }
    }
}

/// A table's cells, and blocks of several lines, are no lines of a text.
fn is_line(layout: &Layout<'_>, block: &Block) -> bool {
    let node = layout.node_of(block);
    let is_cell = |tag: Tag| tag == Tag::Cell;
    !is_cell(node.tag) && !is_cell(layout.nodes[node.parent as usize].tag) && !layout.text_of(block).contains('\n')
}

/// Take away what stands among the kept blocks a second time (a version to print, or one for other screens), and tell which blocks these
/// are: paragraphs that follow each other as they did before, word for word, and are nearly half of all there is. A chorus, a clause or
/// an answer that is given again is less, and stays.
pub(super) fn take_repeats(layout: &Layout<'_>, stats: &[Stats], kept: &mut [bool]) -> Vec<bool> {
    let mut gone = vec![false; kept.len()];
    let is_paragraph = |index: &usize| kept[*index] && stats[*index].prose(layout.blocks[*index].link_share()) > 0.0;
    let paragraphs: Vec<usize> = (0..kept.len()).filter(is_paragraph).collect();
    let text_of = |place: usize| layout.text_of(&layout.blocks[paragraphs[place]]);
    let run = longest_run(paragraphs.len(), text_of);
    let bytes = |places: Range<usize>| places.map(|place| text_of(place).len()).sum::<usize>();
    let all = bytes(0..paragraphs.len());
    if run.len() < 2 || (bytes(run.clone()) as f32) < BODY_SHARE * all as f32 {
        return gone;
    }
    let (first, last) = (paragraphs[run.start], paragraphs[run.end - 1]);
    let before: HashSet<&str> = (0..first)
        .filter(|&index| kept[index])
        .map(|index| layout.text_of(&layout.blocks[index]))
        .collect();
    for index in first..=last {
        gone[index] = kept[index] && before.contains(layout.text_of(&layout.blocks[index]));
    }
    for (kept, gone) in kept.iter_mut().zip(&gone) {
        *kept &= !gone;
    }
    gone
}

/// The most paragraphs in a row that say what as many in a row did before them.
fn longest_run<'a>(count: usize, text_of: impl Fn(usize) -> &'a str) -> Range<usize> {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(count);
    let (mut best, mut run) = (0..0, 0..0);
    let mut source_before = None;
    for place in 0..count {
        let source = seen.get(text_of(place)).copied();
        let goes_on = source.is_some() && source_before.map(|before: usize| before + 1) == source;
        run = match source {
            Some(_) if goes_on => run.start..place + 1,
            Some(_) => place..place + 1,
            None => place..place,
        };
        if run.len() > best.len() {
            best = run.clone();
        }
        seen.entry(text_of(place)).or_insert(place);
        source_before = source;
    }
    best
}
