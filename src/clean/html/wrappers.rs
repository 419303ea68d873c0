//! Wrappers: elements around the headline and most of the article. What such a one is called says nothing of what it holds.
//!
//! In: the layout, how much of each block is prose, and which block is the headline. Out: the layout, in which the names of wrappers
//! are forgotten. Always: linear in elements and blocks.
//!
//! `<article class="post commented">`, `<div class="page has-sidebar">` and a form around the whole page would else tell of each
//! paragraph within that it is a comment, a sidebar, a field.

use super::super::work;
use super::classes::{TOPIC_COUNT, Topic};
use super::layout::{Layout, SEMANTIC, SURROUNDING_COUNT, further};
use super::tags::Tag;

/// The share of the page's prose that a wrapper holds at least.
const SHARE_MIN: f32 = 0.5;

/// What may be said of an article as a whole.
const TOPICS_OF_ARTICLES: [Topic; 3] = [Topic::Body, Topic::Content, Topic::Article];
const TAGS_OF_ARTICLES: [Tag; 3] = [Tag::Article, Tag::Main, Tag::Section];

/// Forget what wrappers are called. `prose`: of each block the weight that reads like an article.
pub(super) fn forget_names(layout: &mut Layout<'_>, prose: &[f32], headline: Option<usize>) {
    let Some(headline) = headline else { return };
    let wrappers = wrappers(layout, prose, headline);
    // They stand within each other, the innermost first; what is outside of the outermost keeps its names.
    let Some(outermost) = wrappers.last() else { return };
    let of_articles: [bool; SURROUNDING_COUNT] = std::array::from_fn(is_of_articles);
    let mut inner = wrappers.iter().rev().peekable();
    for index in *outermost..layout.nodes.len() {
        let parent = layout.nodes[layout.nodes[index].parent as usize].distance;
        let is_wrapper = inner.next_if_eq(&&index).is_some();
        work::note(1);
        let names = layout.nodes[index].distance.iter_mut().zip(parent).zip(of_articles);
        for ((distance, of_parent), is_of_articles) in names {
            let keeps_name = *distance == 0 && (!is_wrapper | is_of_articles);
            *distance = if keeps_name { 0 } else { further(of_parent) };
        }
    }
}

/// The elements around the headline that hold enough of the prose, from the innermost outwards.
fn wrappers(layout: &Layout<'_>, prose: &[f32], headline: usize) -> Vec<usize> {
    let mut held = vec![0.0f32; layout.nodes.len()];
    for (block, prose) in layout.blocks.iter().zip(prose) {
        held[block.node as usize] += prose;
    }
    for index in (1..held.len()).rev() {
        let sum = held[index];
        held[layout.nodes[index].parent as usize] += sum;
    }
    let least = SHARE_MIN * held[0];
    let parent = |index: &usize| Some(layout.nodes[*index].parent as usize);
    std::iter::successors(Some(layout.blocks[headline].node as usize), parent)
        .take_while(|index| *index != 0)
        .filter(|index| held[*index] > 0.0 && held[*index] >= least)
        .collect()
}

/// Whether the name at this place of the distances may be that of an article.
fn is_of_articles(name: usize) -> bool {
    match name.checked_sub(TOPIC_COUNT) {
        None => TOPICS_OF_ARTICLES.iter().any(|topic| *topic as usize == name),
        Some(tag) => TAGS_OF_ARTICLES.contains(&SEMANTIC[tag]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::blocks;
    use super::*;

    const PROSE: &str =
        "<p>The harbour authority said on Monday that all eleven cranes would be back at work this week.</p>";

    /// How far above the last block of a page the named topic and tag stand, once wrappers have no names.
    fn distances(page: &str, topic: Topic, tag: Tag) -> (Option<u8>, Option<u8>) {
        let mut layout = blocks(page);
        let prose: Vec<f32> = layout.blocks.iter().map(|b| b.bytes() as f32).collect();
        let headline = layout
            .blocks
            .iter()
            .position(|b| layout.text[b.start..b.end] == *"Cranes");
        forget_names(&mut layout, &prose, headline);
        let last = &layout.nodes[layout.blocks.last().map_or(0, |b| b.node as usize)];
        (last.within_topic(topic), last.within(tag))
    }

    #[test]
    fn what_holds_the_headline_and_the_article_has_no_name() {
        let page = format!("<form><div class='page commented'><h1>Cranes</h1><div>{PROSE}</div></div></form>");
        assert_eq!(distances(&page, Topic::Comments, Tag::Form), (None, None));
        let page = format!("<article class='story'><h1>Cranes</h1><div>{PROSE}</div></article>");
        assert_eq!(distances(&page, Topic::Article, Tag::Article), (Some(2), Some(2)));
    }

    #[test]
    fn what_is_within_or_beside_keeps_its_name() {
        let within = format!("<div class='commented'><h1>Cranes</h1>{PROSE}<div><aside class='comments'>{PROSE}");
        assert_eq!(distances(&within, Topic::Comments, Tag::Aside), (Some(1), Some(1)));
        let beside = format!("<h1>Cranes</h1><div class='comments'><aside>{}", PROSE.repeat(4));
        assert_eq!(distances(&beside, Topic::Comments, Tag::Aside), (Some(2), Some(1)));
        let small = format!("<div class='comments'><h1>Cranes</h1></div><div>{PROSE}</div>");
        assert_eq!(distances(&small, Topic::Comments, Tag::Aside), (None, None));
    }
}
