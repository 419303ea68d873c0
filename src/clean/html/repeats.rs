//! A body that stands on a page twice.
//!
//! In: the page's layout and which of its blocks are kept. Out: the blocks that only repeat the body, which are no longer kept. Always: linear
//! in the page.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::layout::Layout;

/// A repeated body is this share of all paragraphs' bytes at least: where a body stands there twice, its second half.
const BODY_SHARE: f32 = 0.4;

/// Take away what stands among the kept blocks a second time (a version to print, or one for other screens), and tell which blocks these
/// are: paragraphs that follow each other as they did before, word for word, and are nearly half of all there is. A chorus, a clause or
/// an answer that is given again is less, and stays.
pub(super) fn take(layout: &Layout<'_>, prose: &[f32], kept: &mut [bool]) -> Vec<bool> {
    let mut gone = vec![false; kept.len()];
    let is_paragraph = |index: &usize| kept[*index] && prose[*index] > 0.0;
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
        kept[index] &= !gone[index];
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
