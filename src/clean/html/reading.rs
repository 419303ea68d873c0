//! Blocks, read as the lines of a text are.
//!
//! In: the page's layout. Out: what the blocks' words alone say of them, and which only repeat others. Always: linear in the page.
//!
//! The trees know elements and their names, which differ from site to site, and were fitted to pages that are nearly all English. The net
//! that reads text as scraped knows phrases of furniture in many languages, and nothing of elements: the two err on other pages.

use super::choose::Said;
use super::layout::{Block, Layout};
use super::stats::Stats;
use super::tags::Tag;
use crate::clean::text;
use crate::fast::hashed::Set;

/// The log-odds of a block that says what others before it do.
const REPEATED: f32 = -8.0;
/// Neither more nor less is believed of the words of one block, in log-odds.
const ODDS_MAX: f32 = 10.0;

/// Read these blocks, each with those around it, and note what their words say.
pub(super) fn read(layout: &Layout<'_>, blocks: Vec<usize>, said: &mut [Said]) {
    let places = blocks.iter().map(|&index| &layout.blocks[index]);
    let odds = text::odds(&layout.text, places.map(|block| block.start..block.end));
    for (index, odds) in blocks.into_iter().zip(odds) {
        let block = &layout.blocks[index];
        // Of a heading its element says more than its words, which might be any line's.
        if is_line(layout, block) && !layout.node_of(block).tag.is_heading() {
            said[index].read = Some(odds.unwrap_or(REPEATED).clamp(-ODDS_MAX, ODDS_MAX));
        }
    }
}

/// Take away the kept blocks that only repeat earlier ones (a version to print, or one for other screens), and tell which these are.
/// Pages of which no paragraph is there twice are not looked at.
pub(super) fn take_repeats(layout: &Layout<'_>, stats: &[Stats], kept: &mut [bool]) -> Vec<bool> {
    let mut gone = vec![false; kept.len()];
    let mut paragraphs = Set::default();
    let blocks = layout.blocks.iter().zip(stats).zip(&*kept);
    let prose = blocks.filter(|((block, stats), kept)| **kept && stats.prose(block.link_share()) > 0.0);
    if prose
        .map(|((_, stats), _)| stats.hash)
        .all(|hash| paragraphs.insert(hash))
    {
        return gone;
    }
    let is_kept_line = |index: &usize| kept[*index] && is_line(layout, &layout.blocks[*index]);
    let lines: Vec<usize> = (0..kept.len()).filter(is_kept_line).collect();
    let places = lines.iter().map(|&index| &layout.blocks[index]);
    let repeats = text::are_repeats(&layout.text, places.map(|block| block.start..block.end));
    for (index, is_repeat) in lines.into_iter().zip(repeats) {
        gone[index] = is_repeat;
        kept[index] &= !is_repeat;
    }
    gone
}

/// A table's cells, and blocks of several lines, are no lines of a text.
fn is_line(layout: &Layout<'_>, block: &Block) -> bool {
    layout.node_of(block).tag != Tag::Cell && !layout.text_of(block).contains('\n')
}
