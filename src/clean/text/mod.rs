//! Text as scraped → its article.
//!
//! In: text, a block a line, and what the record said of it. Out: the lines that are the article, and a reason for every line
//! that went. Always: output lines are input lines in their order, trimmed, with white space folded and without what is cut [`within`] them;
//! cleaning what is clean changes nothing; linear in the input; pure.
//!
//! What is furniture wherever it stands goes first ([`known`]), and lines that only repeat others; then each line's odds are taken from its
//! features and its neighbours', by a net and, where that is in doubt, by trees as well; and all are decided together, and the [`gaps`] looked at. Since a line's odds
//! depend on what stands beside it, this is done again on what is left until nothing changes ([`page`]), or nothing tells of a page any
//! more ([`alone`]), but for lines at its edges that say what they are ([`frame`]).

mod alone;
mod benefit;
mod brackets;
mod call;
mod context;
mod credits;
mod decide;
mod doubt;
mod features;
mod frame;
mod gaps;
mod inline;
mod known;
mod lead;
mod lines;
mod link;
mod model;
mod notes;
mod notices;
mod numbers;
mod page;
mod parts;
mod phrases;
mod player;
mod reason;
mod repeat;
mod shapes;
mod slots;
mod title;
mod whole;
mod within;

use std::borrow::Cow;
use std::ops::Range;

use super::{Cleaned, Hints};
use crate::article::Removed;
use call::is_call;
use lines::{Line, Lines};
use link::is_link;
use notes::{is_attribution, is_placeholder, names_holder, reserves_rights};
use page::Page;
use player::is_player;
use title::Title;
use within::Cut;

/// Lines that are judged together at most, each at some 700 bytes of memory. A book of 10 MB has some ten times as many.
const PART_LINES: usize = 1 << 14;

/// Whether a line is furniture wherever it stands, in a page as in a text: where a post appeared first, what stands in the place of
/// embedded content, an offer to read the article aloud, a call to click, whose the rights are, the mark of an advertisement, a link to another article behind a lead ("Read more: …").
pub(super) fn is_furniture(line: &str) -> bool {
    is_attribution(line)
        || is_placeholder(line)
        || is_player(line)
        || is_call(line)
        || reserves_rights(line)
        || names_holder(line)
        || phrases::marks_an_advertisement(line)
        || phrases::leads_on(line) && is_link(line)
}

/// Log-odds that each of these lines of a text belongs to its article, as the net's first look at them says; `None` for one that repeats
/// earlier ones. The lines are places in the text, none of them empty.
pub(super) fn odds(text: &str, lines: impl Iterator<Item = Range<usize>>) -> Vec<Option<f32>> {
    let lines = lines.map(|Range { start, end }| Line { start, end }).collect();
    let page = Page::read(text, lines);
    let mut kept = page.all();
    let repeats = page.drop_repeats(&mut kept, |_| ());
    let mut odds = vec![None; page.lines.len()];
    let (of_kept, _) = page.odds(&kept, &repeats);
    for (&line, of_line) in kept.iter().zip(of_kept) {
        odds[line as usize] = Some(of_line);
    }
    odds
}

/// Clean a text whose furniture stands on lines of its own.
pub fn clean(text: &str, hints: &Hints<'_>) -> Cleaned {
    let lines = lines::split(text);
    let cuts = within::find(text, &lines.list);
    let (folded, places) = fold(text, &lines, &cuts);
    let reasons = reasons(&folded, &places, &Title::new(hints.title), PART_LINES);
    let mut cleaned = Cleaned {
        text: String::with_capacity(folded.len()),
        places: Vec::with_capacity(places.len()),
        ..Cleaned::default()
    };
    let mut reason_before = None;
    for (number, ((line, place), reason)) in lines.list.iter().zip(&places).zip(reasons).enumerate() {
        let before = std::mem::replace(&mut reason_before, reason);
        if let Some(reason) = reason {
            match cleaned.removed.last_mut() {
                Some(last) if before == Some(reason) => last.end = line.end,
                _ => push_removed(&mut cleaned.removed, reason, line.start..line.end),
            }
            continue;
        }
        for cut in within::cuts_of(number, &cuts) {
            push_removed(&mut cleaned.removed, cut.reason, cut.span.clone());
        }
        if !cleaned.text.is_empty() {
            cleaned.text.push('\n');
        }
        cleaned.text.push_str(place.of(&folded));
        cleaned.places.push(line.start..line.end);
    }
    cleaned
}

/// Why each line goes, or `None` for one that stays; at most so many lines are judged together.
fn reasons(text: &str, lines: &[Line], title: &Title, together: usize) -> Vec<Option<&'static str>> {
    parts::judge(lines, together, |part| Page::read(text, part).settle(title))
}

/// All lines without what is cut from them and with their white space folded, and their places in that: the text itself where nothing is to
/// be done.
fn fold<'a>(text: &'a str, lines: &Lines, cuts: &[Cut]) -> (Cow<'a, str>, Vec<Line>) {
    if cuts.is_empty() && lines.are_folded {
        return (Cow::Borrowed(text), lines.list.clone());
    }
    let mut folded = String::with_capacity(text.len());
    let fold_line = |(number, line): (usize, &Line)| {
        let start = folded.len();
        match within::cuts_of(number, cuts) {
            [] => lines::push_folded(&mut folded, line.of(text)),
            cuts => lines::push_folded(&mut folded, &within::left_of(text, line, cuts)),
        }
        let end = folded.len();
        folded.push('\n');
        Line { start, end }
    };
    let places = lines.list.iter().enumerate().map(fold_line).collect();
    (Cow::Owned(folded), places)
}

/// A span for what went.
fn push_removed(removed: &mut Vec<Removed>, reason: &'static str, span: Range<usize>) {
    removed.push(Removed {
        reason,
        start: span.start,
        end: span.end,
    });
}

#[cfg(test)]
mod tests;
