//! What a page says its title is, and the block that shows it.
//!
//! In: the titles that the head and the linked data give, and the layout. Out: whether a block stands in a title, and the headline.
//! Always: linear in the page.

use super::super::work;
use super::layout::{Block, Layout};
use super::tags::Tag;

/// A block is looked up in no more of the titles than this, in bytes: each block is.
const BYTES_MAX: usize = 2_000;

/// The titles of a page, in lower case.
#[derive(Debug)]
pub(super) struct Titles {
    text: String,
    pairs: Pairs,
}

impl Titles {
    /// Of titles, a line each.
    pub(super) fn new(lines: &str) -> Self {
        let text = beginning(lines).to_lowercase();
        let pairs = Pairs::of(text.as_bytes());
        Self { text, pairs }
    }

    /// Whether a text stands in one of them.
    pub(super) fn hold(&self, text: &str) -> bool {
        if text.len() > self.text.len() + 8 {
            return false;
        }
        work::note(self.text.len());
        if text.is_ascii() && !self.pairs.may_hold(text.as_bytes()) {
            return false;
        }
        self.text.contains(&text.to_lowercase())
    }

    /// The block that is the page's headline: a heading that stands in a title, the first of the first level, any that stands in one.
    pub(super) fn headline(&self, layout: &Layout<'_>) -> Option<usize> {
        const BYTES_MIN: usize = 16;
        let tag = |block: &Block| layout.node_of(block).tag;
        let is_held = |block: &Block| {
            let text = layout.text_of(block);
            text.len() >= BYTES_MIN && self.hold(text)
        };
        let blocks = || layout.blocks.iter().enumerate();
        let headings = || blocks().filter(|(_, block)| tag(block).is_heading());
        headings()
            .find(|(_, block)| is_held(block))
            .or_else(|| headings().find(|(_, block)| tag(block) == Tag::Heading1))
            .or_else(|| blocks().find(|(_, block)| is_held(block)))
            .map(|(index, _)| index)
    }
}

/// As much of a title as is looked at.
pub(super) fn beginning(lines: &str) -> &str {
    let end = (0..=BYTES_MAX.min(lines.len()))
        .rev()
        .find(|at| lines.is_char_boundary(*at));
    lines.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Which pairs of bytes stand in a text: what has another is not part of it, which is found out sooner than by searching.
#[derive(Debug)]
struct Pairs([u64; 64]);

impl Pairs {
    fn of(text: &[u8]) -> Self {
        let mut pairs = Self([0; 64]);
        for pair in text.windows(2) {
            let (word, bit) = Self::place(pair[0], pair[1]);
            pairs.0[word] |= bit;
        }
        pairs
    }

    fn place(a: u8, b: u8) -> (usize, u64) {
        (usize::from(b & 63), 1 << (a.wrapping_add(b >> 6) & 63))
    }

    /// Whether all pairs of an ASCII text, in lower case, are there.
    fn may_hold(&self, text: &[u8]) -> bool {
        text.windows(2).all(|pair| {
            let (word, bit) = Self::place(pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
            self.0[word] & bit != 0
        })
    }
}
