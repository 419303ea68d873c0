//! Furniture within the lines of an article → its places.
//!
//! In: a text and its lines. Out: [`Cut`]s. Always: in order, without overlap, each within one line and leaving some of it; linear; in what
//! is left nothing is found.

mod card;
mod ending;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::Searcher;

use super::lines::Line;

/// A piece of a line that goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The line it is of, by its number.
    pub(super) line: usize,
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    pub(super) reason: &'static str,
}

/// What a line holds that has something to find: hardly any does. `None` on a machine without the instructions to look for it.
static TRACES: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(ending::OFFERS.iter().chain(&[card::END])));

/// All cuts of a text.
pub(super) fn find(text: &str, lines: &[Line]) -> Vec<Cut> {
    let line_at = |place: usize| lines.partition_point(|line| line.end <= place);
    let mut of_lines: Vec<usize> = match &*TRACES {
        Some(traces) => traces.find_iter(text).map(|trace| line_at(trace.start())).collect(),
        None => (0..lines.len()).collect(),
    };
    of_lines.dedup();
    let cuts = of_lines
        .into_iter()
        .filter_map(|number| Some((number, lines.get(number)?)));
    cuts.flat_map(|(number, line)| of_line(text, number, line)).collect()
}

fn of_line(text: &str, number: usize, line: &Line) -> Vec<Cut> {
    let cut = |span: Range<usize>, reason| Cut {
        line: number,
        span: line.start + span.start..line.start + span.end,
        reason,
    };
    let cards = card::find(line.of(text)).into_iter();
    let mut cuts: Vec<Cut> = cards.map(|card| cut(card, "related")).collect();
    // The end is looked for in what the cards leave, as it would be when that is cleaned again.
    if let Some(mut start) = ending::starts_at(&left_of(text, line, &cuts)) {
        let mut kept = 0;
        while let Some(card) = cuts.get(kept).filter(|card| card.span.start - line.start < start) {
            start += card.span.len();
            kept += 1;
        }
        cuts.truncate(kept);
        cuts.push(cut(start..line.end - line.start, "newsletter"));
    }
    cuts
}

/// What its cuts leave of a line.
pub(super) fn left_of(text: &str, line: &Line, cuts: &[Cut]) -> String {
    let mut left = String::with_capacity(line.end - line.start);
    let mut from = line.start;
    for cut in cuts {
        left.push_str(text.get(from..cut.span.start).unwrap_or_default());
        from = cut.span.end;
    }
    left.push_str(text.get(from..line.end).unwrap_or_default());
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_endings_are_cut_from_one_line() {
        let line = "Rep. Jo MarraJo MarraPort vote off MORE spoke. Ada HolmAda HolmLocks reopen MORE. Sign up for our \
                    newsletter and hear of Ike BrandIke BrandNews MORE.";
        let cuts = find(
            line,
            &[Line {
                start: 0,
                end: line.len(),
            }],
        );
        let spans: Vec<_> = cuts.iter().map(|cut| (&line[cut.span.clone()], cut.reason)).collect();
        assert_eq!(
            spans,
            [
                ("Jo MarraPort vote off MORE", "related"),
                ("Ada HolmLocks reopen MORE", "related"),
                (
                    " Sign up for our newsletter and hear of Ike BrandIke BrandNews MORE.",
                    "newsletter"
                ),
            ]
        );
    }
}
