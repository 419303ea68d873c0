//! Text as scraped → its article.
//!
//! In: text, a block a line, and what the record said of it. Out: the lines that are the article, and a reason for every line
//! that went. Always: output lines are input lines in their order, trimmed and with white space folded; cleaning what is clean
//! changes nothing; linear in the input; pure.
//!
//! Lines that only repeat others go first; then each line's odds are taken from its features and its neighbours', and decided
//! together. Since a line's odds depend on what stands beside it, this is done again on what is left until nothing changes.

mod decide;
mod features;
mod lines;
mod model;
mod phrases;
mod reason;
mod repeat;

use super::{Cleaned, Hints};
use crate::article::Removed;
use features::Shapes;
use lines::Line;
use phrases::Hits;

/// Rounds after which a text that still changes is left as it is. Enough for nearly all: most settle in two.
const ROUNDS_MAX: usize = 12;

/// Lines of a text that is a brief at most.
const BRIEF_LINES_MAX: usize = 6;

/// Clean a text whose furniture stands on lines of its own.
pub fn clean(text: &str, hints: &Hints<'_>) -> Cleaned {
    let mut folded = String::with_capacity(text.len());
    let lines = lines::split(text);
    let places = fold(text, &lines, &mut folded);
    let page = Page::read(&folded, places);
    let reasons = page.settle(hints.title);
    let mut cleaned = Cleaned {
        text: String::with_capacity(folded.len()),
        ..Cleaned::default()
    };
    for ((line, place), reason) in lines.iter().zip(&page.lines).zip(reasons) {
        match reason {
            Some(reason) => push_removed(&mut cleaned.removed, reason, line),
            None => {
                if !cleaned.text.is_empty() {
                    cleaned.text.push('\n');
                }
                cleaned.text.push_str(place.of(&folded));
            }
        }
    }
    cleaned
}

/// Write all lines with their white space folded; their places in what was written.
fn fold(text: &str, lines: &[Line], folded: &mut String) -> Vec<Line> {
    lines
        .iter()
        .map(|line| {
            let start = folded.len();
            lines::push_folded(folded, line.of(text));
            let end = folded.len();
            folded.push('\n');
            Line { start, end }
        })
        .collect()
}

/// One span for neighbours that went for the same reason.
fn push_removed(removed: &mut Vec<Removed>, reason: &'static str, line: &Line) {
    removed.push(Removed {
        reason,
        start: line.start,
        end: line.end,
    });
}

/// A text with what its lines say by themselves.
struct Page<'a> {
    text: &'a str,
    lines: Vec<Line>,
    shapes: Shapes,
    hits: Vec<Hits>,
}

impl<'a> Page<'a> {
    fn read(text: &'a str, lines: Vec<Line>) -> Self {
        Self {
            shapes: features::shapes(text, &lines),
            hits: phrases::find(text, &lines),
            text,
            lines,
        }
    }

    /// Judge what is left again and again until a round takes nothing away. A text that does not settle is kept whole, so that
    /// cleaning it again gives the same.
    fn settle(&self, title: Option<&str>) -> Vec<Option<&'static str>> {
        let mut reasons = vec![None; self.lines.len()];
        let mut kept: Vec<u32> = (0..self.lines.len() as u32).collect();
        for _ in 0..ROUNDS_MAX {
            let before = kept.len();
            self.round(&mut kept, &mut reasons, title);
            if kept.len() == before {
                return if self.is_brief(&kept, &reasons) {
                    vec![None; self.lines.len()]
                } else {
                    reasons
                };
            }
        }
        vec![None; self.lines.len()]
    }

    /// Whether nothing is left of a few lines of which none was called furniture: a feed's summary, or a bare headline. There is
    /// no article beside them for which they could be given up.
    fn is_brief(&self, kept: &[u32], reasons: &[Option<&'static str>]) -> bool {
        kept.is_empty() && self.lines.len() <= BRIEF_LINES_MAX && reasons.iter().all(|reason| *reason == Some("title"))
    }

    /// Take away what one look at the kept lines takes away.
    fn round(&self, kept: &mut Vec<u32>, reasons: &mut [Option<&'static str>], title: Option<&str>) {
        let repeats = repeat::find(self.text, &self.lines, kept);
        let gone = repeat::collapse(self.text, &self.lines, &repeats, kept);
        retain(kept, &gone, |line| reasons[line] = Some("repeated"));
        let repeats: Vec<_> = repeats
            .into_iter()
            .zip(&gone)
            .filter(|(_, gone)| !**gone)
            .map(|(r, _)| r)
            .collect();
        let _ = title;
        let mut numbers = Vec::new();
        features::fill(&self.lines, &self.shapes, &repeats, &self.hits, kept, &mut numbers);
        let odds = model::log_odds(&numbers);
        let keep = decide::decide(&odds);
        let gone: Vec<bool> = keep.iter().map(|k| !k).collect();
        let why = reason::of(&self.lines, &self.shapes, &self.hits, kept, &keep);
        let mut why = why.into_iter();
        retain(kept, &gone, |line| reasons[line] = why.next());
    }
}

/// Keep the lines that are not gone, and hand the others to `went`, in order.
fn retain(kept: &mut Vec<u32>, gone: &[bool], mut went: impl FnMut(usize)) {
    let mut gone = gone.iter();
    kept.retain(|&line| {
        let goes = gone.next().copied().unwrap_or(false);
        if goes {
            went(line as usize);
        }
        !goes
    });
}
