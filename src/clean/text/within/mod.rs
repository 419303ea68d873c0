//! Furniture within the lines of an article → its places.
//!
//! In: a text and its lines. Out: [`Cut`]s. Always: in order, without overlap, each within one line and leaving some of it; linear; in what
//! is left nothing is found.

mod card;
mod ending;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::Searcher;

use super::lines::{self, Line};
pub(super) use ending::is_call_with_its_hook;

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

/// The cuts of one line, among all of a text.
pub(super) fn cuts_of(line: usize, cuts: &[Cut]) -> &[Cut] {
    let cuts = &cuts[cuts.partition_point(|cut| cut.line < line)..];
    &cuts[..cuts.partition_point(|cut| cut.line == line)]
}

fn of_line(text: &str, number: usize, line: &Line) -> Vec<Cut> {
    // Looked for in what comes out, where white space is folded, and told as places of what came in.
    let mut folded = String::new();
    lines::push_folded(&mut folded, line.of(text));
    let mut cards = card::find(&folded);
    let mut ending = ending::starts_at(&without(&folded, &cards));
    if cards.is_empty() && ending.is_none() {
        return Vec::new();
    }
    if let Some(start) = &mut ending {
        let mut before = 0;
        while let Some(card) = cards.get(before).filter(|card| card.start < *start) {
            *start += card.len();
            before += 1;
        }
        cards.truncate(before);
    }
    let places = places(line.of(text));
    let place = |at: usize| line.start + places.get(at).copied().unwrap_or_default();
    let cut = |span: Range<usize>, reason| Cut {
        line: number,
        span: place(span.start)..place(span.end),
        reason,
    };
    let cards = cards.into_iter().map(|card| cut(card, "related"));
    let ending = ending.map(|start| cut(start..folded.len(), "newsletter"));
    cards.chain(ending).collect()
}

/// Where each byte of a line with folded white space stands in the line, and their end.
fn places(line: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(line.len() + 1);
    let mut is_behind_space = false;
    for (at, c) in line.char_indices() {
        if !c.is_whitespace() {
            places.extend(at..at + c.len_utf8());
        } else if !is_behind_space {
            places.push(at);
        }
        is_behind_space = c.is_whitespace();
    }
    places.push(line.len());
    places
}

/// A line without some of its pieces.
fn without(line: &str, pieces: &[Range<usize>]) -> String {
    let mut left = String::with_capacity(line.len());
    let mut from = 0;
    for piece in pieces {
        left.push_str(line.get(from..piece.start).unwrap_or_default());
        from = piece.end;
    }
    left.push_str(line.get(from..).unwrap_or_default());
    left
}

/// What its cuts leave of a line.
pub(super) fn left_of(text: &str, line: &Line, cuts: &[Cut]) -> String {
    let pieces: Vec<_> = cuts
        .iter()
        .map(|cut| cut.span.start - line.start..cut.span.end - line.start)
        .collect();
    without(line.of(text), &pieces)
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
