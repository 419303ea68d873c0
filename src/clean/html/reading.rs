//! Blocks, read as the lines of a text are.
//!
//! In: the page's layout. Out: what the blocks' words alone say of them. Always: linear in the page.
//!
//! The trees know elements and their names, which differ from site to site, and were fitted to pages that are nearly all English. The net
//! that reads text as scraped knows phrases of furniture in many languages, and nothing of elements: the two err on other pages.

use super::choose::Said;
use super::layout::{Block, Layout};
use super::tags::Tag;
use crate::clean::text;

/// Neither more nor less is believed of the words of one block, in log-odds.
const ODDS_MAX: f32 = 10.0;

/// Read these blocks, each with those around it, and note what their words say. Of a line that repeats others that is nothing: a refrain.
pub(super) fn read(layout: &Layout<'_>, blocks: Vec<usize>, said: &mut [Said]) {
    let places = blocks.iter().map(|&index| &layout.blocks[index]);
    let odds = text::odds(&layout.text, places.map(|block| block.start..block.end));
    for (index, odds) in blocks.into_iter().zip(odds) {
        let block = &layout.blocks[index];
        // Of a heading or an item of a list its element says more than its words, which might be any line's.
        if is_line(layout, block) && !layout.node_of(block).tag.is_heading() && layout.item_of(block).is_none() {
            said[index].read = odds.map(|odds| odds.clamp(-ODDS_MAX, ODDS_MAX));
        }
    }
}

/// A table's cells, and blocks of several lines, are no lines of a text.
fn is_line(layout: &Layout<'_>, block: &Block) -> bool {
    let node = layout.node_of(block);
    let tags = [node.tag, layout.nodes[node.parent as usize].tag];
    !tags.contains(&Tag::Cell) && !layout.text_of(block).contains('\n')
}
