//! The headline's own `article` → what of it stays where the choice passed it by.
//!
//! In: a page as it is read, and which of its blocks are kept. Out: whether these are all of other articles; the paragraphs behind the headline.
//! Always: linear in the blocks.

use super::Read;
use super::layout::Block;
use super::tags::Tag;
use crate::clean::text::is_furniture;

/// What an article has at least, in bytes, where a page shows others beside its own.
pub(super) const BYTES_MIN: usize = 500;

/// A paragraph of so many bytes without a link says something, however it ends.
const LONG_BYTES: usize = 200;
/// Of what says something less than this is links.
const LINKS_MAX: f32 = 0.5;

/// The paragraphs behind the headline in its own `article`: at least a sentence or two.
pub(super) fn paragraphs(read: &Read<'_>) -> Vec<bool> {
    let layout = &read.layout;
    let own = layout.article_around(read.headline);
    let is_one = |(place, block): (usize, &Block)| {
        let node = layout.node_of(block);
        let is_own = own == Some(node.article) && read.headline.is_some_and(|headline| headline < place);
        let is_long = block.bytes() >= LONG_BYTES && block.link_count == 0;
        let is_said = read.stats[place].ends_sentence || is_long;
        is_own
            && node.tag == Tag::Paragraph
            && is_said
            && block.link_share() < LINKS_MAX
            && !is_furniture(layout.text_of(block))
    };
    layout.blocks.iter().enumerate().map(is_one).collect()
}

/// Whether all that is kept stands in other `article`s than the headline, in whose own there is enough for one: those are shown beside it, and a
/// list of them looks more like an article than a long paragraph alone.
pub(super) fn is_passed_by(read: &Read<'_>, kept: &[bool]) -> bool {
    let layout = &read.layout;
    let Some(own) = layout.article_around(read.headline) else {
        return false;
    };
    let mut blocks = layout.blocks.iter().zip(kept).filter(|(_, kept)| **kept);
    if !blocks.all(|(block, _)| ![0, own].contains(&layout.node_of(block).article)) {
        return false;
    }
    let paragraphs = layout.blocks.iter().zip(paragraphs(read)).filter(|(_, is_one)| *is_one);
    paragraphs.map(|(block, _)| block.bytes()).sum::<usize>() >= BYTES_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str = "The ferry left the pier at noon and was back before the tide had turned. ";

    /// Of a page with a headline and this body in one `article` and three teasers in another: whether its own is passed by where the choice keeps the
    /// lines that hold this word.
    fn check(body: &str, kept: &str, expected: bool) {
        let teasers = format!("<article><p>A teaser. {SENTENCE}</p></article>").repeat(3);
        let page = format!(
            "<title>The last ferry</title><article><h1>The last ferry</h1><p>{body}</p></article>\\
             <article><h3>You may like</h3>{teasers}</article><p>None of an article.</p>"
        );
        let read = Read::new(&page, None);
        let layout = &read.layout;
        let is_kept = |block: &Block| layout.text_of(block).contains(kept);
        let kept: Vec<bool> = layout.blocks.iter().map(is_kept).collect();
        assert_eq!(is_passed_by(&read, &kept), expected, "{body}");
    }

    #[test]
    fn an_article_is_passed_by_where_all_that_is_kept_is_of_others() {
        let body = SENTENCE.repeat(8);
        check(&body, "teaser", true);
        check(&body, "ferry", false);
        check(&body, "None of", false);
        check(SENTENCE, "teaser", false);
    }
}
