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
    /// Whether a block stands in a sidebar, a menu, or in front of the headline in the site's own header.
    pub(super) fn is_elsewhere(&self, block: &Block, headline: usize) -> bool {
        let Some(headline) = self.blocks.get(headline) else {
            return false;
        };
        let node = self.node_of(block);
        let header = [node.within(Tag::Header), node.within_topic(Topic::Header)];
        let parts = [node.within_topic(Topic::Sidebar), node.within_topic(Topic::Navigation)];
        let of_site = header.into_iter().filter(|_| block.start < headline.start).chain(parts);
        of_site.flatten().any(|distance| {
            let is_around = distance == FAR || self.holds(block, distance, headline);
            !is_around && !self.is_own(block, distance, headline)
        })
    }

    /// Whether a line stands in what is said of the site or of other articles, or by readers. A footer of the article's own, in front of its
    /// text, holds its byline.
    pub(super) fn is_apart(&self, block: &Block, headline: Option<usize>) -> bool {
        let node = self.node_of(block);
        let is_byline = || {
            let (footer, headline) = (node.within(Tag::Footer)?, headline?);
            let others = [node.within(Tag::Aside), node.within(Tag::Nav)];
            let is_own = self.is_own(block, footer, self.blocks.get(headline)?) && others == [None, None];
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

    /// Whether the element so many above a block names itself a part of the article, or stands in the headline's.
    fn is_own(&self, block: &Block, distance: u8, headline: &Block) -> bool {
        let node = self.node_of(block);
        let names = |topic: Topic| node.within_topic(topic) == Some(distance);
        let articles = [
            node.within(Tag::Article),
            node.within(Tag::Main),
            node.within_topic(Topic::Article),
        ];
        let mut around = articles.into_iter().flatten().filter(|article| *article > distance);
        [Topic::Article, Topic::Content, Topic::Body, Topic::Title]
            .into_iter()
            .any(names)
            || around.any(|article| self.holds(block, article, headline))
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
