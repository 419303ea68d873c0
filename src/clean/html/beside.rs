//! Where lines stand that may say who wrote the article, and when: beside its headline, and not in another part of the page.
//!
//! In: the layout, a place in it, and the headline's. Out: whether that place is the article's own. Always: looks at no more than the
//! elements around the two.

use super::byline::is_unspaced;
use super::classes::Topic;
use super::layout::{Block, FAR, Layout, Node};
use super::tags::Tag;

/// Longest line that is a byline and not a paragraph, in letters.
pub(super) const LETTERS_MAX: usize = 150;

/// Whether a text has no more letters than this. Those of a script without blanks say as much as several, and count as their bytes.
pub(super) fn is_short(text: &str, letters_max: usize) -> bool {
    let weight = |c: char| if is_unspaced(c) { c.len_utf8() } else { 1 };
    let mut letters = text.chars().scan(0, |sum, c| {
        *sum += weight(c);
        Some(*sum)
    });
    text.len() <= letters_max || letters.all(|sum| sum <= letters_max)
}

impl Layout<'_> {
    /// Whether a block stands in a sidebar or a menu, or in front of the headline in the site's own header.
    pub(super) fn is_elsewhere(&self, block: &Block, headline: usize) -> bool {
        let Some(headline) = self.blocks.get(headline) else {
            return false;
        };
        let node = self.node_of(block);
        let is_apart = |distance: u8, own: &[Option<u8>]| {
            let is_around = distance == FAR || self.holds(block, distance, headline);
            let is_called = node.within_topic(Topic::Article) == Some(distance);
            !is_around && !is_called && !self.is_within(block, distance, own, headline)
        };
        let mut headers = [node.within(Tag::Header), node.within_topic(Topic::Header)]
            .into_iter()
            .flatten();
        let mut parts = [Topic::Sidebar, Topic::Navigation]
            .into_iter()
            .filter_map(|topic| node.within_topic(topic));
        // A sidebar may stand within the page's main part, and in a page that is called a post.
        parts.any(|part| is_apart(part, &[node.within(Tag::Article)]))
            || block.start < headline.start && headers.any(|header| is_apart(header, &articles(node)))
    }

    /// Whether a line stands in what is said of the site or of other articles, or by readers. A footer of the article's own, in front of its
    /// text, holds its byline.
    pub(super) fn is_apart(&self, block: &Block, headline: Option<usize>) -> bool {
        let node = self.node_of(block);
        let is_byline = || {
            let (footer, headline) = (node.within(Tag::Footer)?, headline?);
            let others = [node.within(Tag::Aside), node.within(Tag::Nav)];
            let is_within = self.is_within(block, footer, &articles(node), self.blocks.get(headline)?);
            let is_own = is_within && others == [None, None];
            Some(is_own && !node.is_of_others() && self.is_above_text(block, headline))
        };
        node.is_apart() && is_byline() != Some(true)
    }

    /// Whether a line stands between the headline and the first paragraph.
    fn is_above_text(&self, line: &Block, headline: usize) -> bool {
        const BLOCKS_MAX: usize = 12;
        let mut between = self.blocks.iter().skip(headline + 1).take(BLOCKS_MAX);
        let paragraph = between.find(|block| line.end <= block.start || !is_short(self.text_of(block), LETTERS_MAX));
        self.blocks
            .get(headline)
            .is_some_and(|headline| headline.end <= line.start)
            && paragraph.is_none_or(|paragraph| line.end <= paragraph.start)
    }

    /// Whether the element so many above a block stands in one of these, which are as many above it, with the headline.
    fn is_within(&self, block: &Block, distance: u8, outer: &[Option<u8>], headline: &Block) -> bool {
        let mut around = outer.iter().flatten().filter(|outer| **outer > distance);
        around.any(|outer| self.holds(block, *outer, headline))
    }

    /// Whether the element so many above one block is around another, too.
    fn holds(&self, block: &Block, distance: u8, other: &Block) -> bool {
        const DEPTH_MAX: usize = 256;
        let parent = |place: u32| self.nodes.get(place as usize).map_or(0, |node: &Node| node.parent);
        let element = (0..distance).fold(block.node, |place, _| parent(place));
        // An element stands behind those around it.
        let mut around = std::iter::successors(Some(other.node), |place| Some(parent(*place))).take(DEPTH_MAX);
        around.find(|place| *place <= element) == Some(element)
    }
}

/// How far above an element stands what is around an article.
fn articles(node: &Node) -> [Option<u8>; 3] {
    [
        node.within(Tag::Article),
        node.within(Tag::Main),
        node.within_topic(Topic::Article),
    ]
}
