//! Why a block went: the nearest thing that an element around it says it is.
//!
//! In: a block and its surroundings. Out: a stable word. Always: a word, `boilerplate` where nothing tells.

use std::hint::select_unpredictable;

use super::classes::{TOPIC_COUNT, Topic};
use super::layout::{Block, Layout, NOWHERE};

const REASONS: [(usize, &str); 22] = [
    (Topic::Hidden as usize, "hidden"),
    (Topic::Consent as usize, "consent"),
    (Topic::Newsletter as usize, "newsletter"),
    (Topic::Share as usize, "share"),
    (Topic::Related as usize, "related"),
    (Topic::Comments as usize, "comments"),
    (Topic::Promotion as usize, "promotion"),
    (Topic::Caption as usize, "caption"),
    (TOPIC_COUNT + 7, "caption"),
    (Topic::Author as usize, "author"),
    (Topic::Date as usize, "date"),
    (Topic::Labels as usize, "labels"),
    (Topic::Paging as usize, "navigation"),
    (Topic::Navigation as usize, "navigation"),
    (TOPIC_COUNT + 3, "navigation"),
    (Topic::Sidebar as usize, "sidebar"),
    (TOPIC_COUNT + 2, "sidebar"),
    (Topic::Footer as usize, "footer"),
    (TOPIC_COUNT + 5, "footer"),
    (Topic::Header as usize, "header"),
    (TOPIC_COUNT + 4, "header"),
    (Topic::Title as usize, "title"),
];

/// What tells nothing of furniture: a block's links, and a heading's being one.
const UNTOLD: [&str; 3] = ["boilerplate", "links", "title"];

/// Whether an element around a block says that it is furniture, and which.
pub(super) fn is_told(layout: &Layout<'_>, block: &Block) -> bool {
    !UNTOLD.contains(&reason(layout, block))
}

/// The word for a block's removal.
pub(super) fn reason(layout: &Layout<'_>, block: &Block) -> &'static str {
    let node = layout.node_of(block);
    if node.tag == super::tags::Tag::Heading1 {
        return "title";
    }
    let lead = u64::from(block.lead);
    // The nearest, of those equally near the first: no branch, since which it is nobody can foresee.
    let near = REASONS.iter().zip(0u16..).map(|((index, _), order)| {
        let leads = lead >> index & 1 == 1;
        let distance = select_unpredictable(leads, 0, node.distance[*index].saturating_add(1));
        (u16::from(distance) << u8::BITS) + order
    });
    let [distance, order] = near.fold(u16::MAX, u16::min).to_be_bytes();
    match REASONS.get(usize::from(order)) {
        Some((_, word)) if distance <= NOWHERE => word,
        _ if block.link_bytes as usize * 2 > block.bytes() => "links",
        _ => "boilerplate",
    }
}
