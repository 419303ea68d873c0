//! Text as scraped → its article.
//!
//! In: text, a block a line, and what the record said of it. Out: the lines that are the article, and a reason for every line
//! that went. Always: output lines are input lines in their order, trimmed and with white space folded; cleaning what is clean
//! changes nothing; linear in the input; pure.

mod lines;
mod repeat;

use super::{Cleaned, Hints};
use crate::article::Removed;
use lines::Line;

/// Clean a text whose furniture stands on lines of its own.
pub fn clean(text: &str, hints: &Hints<'_>) -> Cleaned {
    let _ = hints;
    let lines = lines::split(text);
    let repeats = repeat::find(text, &lines);
    let mut gone = vec![false; lines.len()];
    repeat::collapse(text, &lines, &repeats, &mut gone);
    let range = body(text, &lines, &gone);
    let mut cleaned = Cleaned::default();
    for (index, line) in lines.iter().enumerate() {
        if gone[index] || !range.contains(&index) {
            cleaned.removed.push(Removed {
                reason: if gone[index] { "repeated" } else { "navigation" },
                start: line.start,
                end: line.end,
            });
            continue;
        }
        if !cleaned.text.is_empty() {
            cleaned.text.push('\n');
        }
        lines::push_folded(&mut cleaned.text, line.of(text));
    }
    cleaned
}

/// The stretch of lines that holds the most words beyond 12 a line.
fn body(text: &str, lines: &[Line], gone: &[bool]) -> std::ops::Range<usize> {
    let (mut best, mut sum, mut start) = (0..lines.len(), 0i64, 0);
    let mut best_sum = 0;
    for (index, line) in lines.iter().enumerate() {
        if gone[index] {
            continue;
        }
        let words = line.of(text);
        let count = words.split_whitespace().count().max(words.len() / 12) as i64;
        sum += count - 12;
        if sum <= 0 {
            sum = 0;
            start = index + 1;
        } else if sum > best_sum {
            best_sum = sum;
            best = start..index + 1;
        }
    }
    best
}
