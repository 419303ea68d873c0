//! A page of which nothing was kept → what is kept of it where nobody hears what its author calls its parts.
//!
//! In: a page as it is read, which of its blocks are kept, and how that is judged. Out: others to be kept, if there are any. Always: the page is as
//! it was; it is judged at most once more.
//!
//! A column called `side`, or a `hidden` that a script takes away: a name may speak against the whole article. Readability (2010) looks again
//! without its names, too, where it finds too little.

use super::Read;
use super::classes::TOPIC_COUNT;
use super::layout::NOWHERE;
use super::own::BYTES_MIN;

/// Judge once more, where nothing is kept and enough for an article reads like one.
pub(super) fn again(read: &mut Read<'_>, kept: &[bool], judge: impl Fn(&Read<'_>) -> Vec<bool>) -> Option<Vec<bool>> {
    if kept.contains(&true) || bytes(read, |place| read.prose[place] > 0.0) < BYTES_MIN {
        return None;
    }
    let named = (read.layout.nodes.clone(), read.layout.blocks.clone());
    for node in &mut read.layout.nodes {
        node.distance[..TOPIC_COUNT].fill(NOWHERE);
    }
    for block in &mut read.layout.blocks {
        block.lead = 0;
    }
    let others = judge(read);
    (read.layout.nodes, read.layout.blocks) = named;
    (bytes(read, |place| others[place]) >= BYTES_MIN).then_some(others)
}

/// Bytes of the blocks in such places.
fn bytes(read: &Read<'_>, is_one: impl Fn(usize) -> bool) -> usize {
    let blocks = read.layout.blocks.iter().enumerate();
    blocks
        .filter(|(place, _)| is_one(*place))
        .map(|(_, block)| block.bytes())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::classes::Topic;
    use super::super::layout::Block;
    use super::*;

    /// Keeps what stands in no column at the side.
    fn judge(read: &Read<'_>) -> Vec<bool> {
        let is_kept = |block: &Block| read.layout.node_of(block).within_topic(Topic::Sidebar).is_none();
        read.layout.blocks.iter().map(is_kept).collect()
    }

    #[test]
    fn a_page_of_which_nothing_is_kept_is_judged_without_its_names() {
        let page = |sentences: usize| {
            let sentence = "The harbour authority said on Monday that all eleven cranes would be back at work. ";
            format!("<div class='sidebar'><p>{}</p></div>", sentence.repeat(sentences))
        };
        for (page, expected) in [(page(8), Some(vec![true])), (page(3), None)] {
            let mut read = Read::new(&page, None);
            let kept = judge(&read);
            assert_eq!(kept, [false]);
            assert_eq!(again(&mut read, &kept, judge), expected);
            assert_eq!(judge(&read), [false], "its names are as they were");
            assert_eq!(again(&mut read, &[true], judge), None);
        }
    }
}
