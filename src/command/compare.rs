//! How a comparison of two articles is told: on a terminal or in a page.
//!
//! In: a [`Comparison`]. Out: lines, each with what it tells. Always: the texts' own words, cut where they are long.

use crate::dedupe::{Comparison, Difference, Facts};

/// Differences, passages and facts that are shown at most; more are counted.
const SHOWN_MAX: usize = 12;

/// Characters of a passage that are shown at most.
const CHARS_MAX: usize = 160;

/// A line of a comparison, and what it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `shared`, `known`, `new` or `note`.
    pub of: &'static str,
    /// The words.
    pub text: String,
}

fn line(of: &'static str, text: impl Into<String>) -> Line {
    Line { of, text: text.into() }
}

/// All that is told of a comparison.
pub fn lines(told: &Comparison) -> Vec<Line> {
    let [known, new] = told.words;
    let compared = if told.words == told.words_compared {
        String::new()
    } else {
        let most = told.words_compared.into_iter().max().unwrap_or_default();
        format!(" (the first {most} of each are compared)")
    };
    let head = format!(
        "shares {} words with it, of {known} there and {new} here{compared}; similarity {:.2}, {:+.1} for one story",
        told.words_shared,
        told.similarity,
        told.score.clamp(-99.9, 99.9)
    );
    let mut lines = vec![line("note", head)];
    for passage in told.passages.iter().take(3) {
        lines.push(line("shared", format!("“{}”", short(passage))));
    }
    for difference in told.differences.iter().take(SHOWN_MAX) {
        lines.extend(sides(difference));
    }
    if let Some(more) = told.differences.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        lines.push(line("note", format!("and {more} more places where they differ")));
    }
    lines.extend(facts("numbers", &told.numbers));
    lines.extend(facts("names", &told.names));
    lines
}

fn sides(difference: &Difference) -> Vec<Line> {
    let after = if difference.after.is_empty() {
        "at the beginning".to_owned()
    } else {
        format!(
            "after “{}”",
            difference.after.split_whitespace().collect::<Vec<_>>().join(" ")
        )
    };
    let side = |of, text: &str| (!text.is_empty()).then(|| line(of, format!("“{}”, {after}", short(text))));
    [side("known", &difference.known), side("new", &difference.new)]
        .into_iter()
        .flatten()
        .collect()
}

fn facts(what: &str, facts: &Facts) -> Vec<Line> {
    let list = |of, words: &[String], place: &str| {
        let shown = words.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
        let more = words.len().saturating_sub(SHOWN_MAX);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!words.is_empty()).then(|| line(of, format!("{what} {place}: {shown}{more}")))
    };
    [
        list("shared", &facts.shared, "in both"),
        list("known", &facts.known, "only there"),
        list("new", &facts.new, "only here"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A passage on one line: its beginning and its end where it is long.
fn short(passage: &str) -> String {
    let line = passage.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = line.chars().collect();
    if chars.len() <= CHARS_MAX {
        return line;
    }
    let half = CHARS_MAX / 2;
    let (begins, ends) = (chars.iter().take(half), chars.iter().skip(chars.len() - half));
    format!(
        "{} … {}",
        begins.collect::<String>().trim(),
        ends.collect::<String>().trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedupe::{ComparedArticle, Document, compare, fingerprint};

    fn head(text: &str) -> String {
        let fingerprint = fingerprint(&Document {
            text,
            ..Document::default()
        });
        let side = ComparedArticle {
            text,
            fingerprint: &fingerprint,
        };
        lines(&compare(side, side)).swap_remove(0).text
    }

    #[test]
    fn it_is_told_where_only_the_beginnings_are_compared() {
        assert!(head("one two three").starts_with("shares 3 words with it, of 3 there and 3 here; "));
        let expected = "shares 5000 words with it, of 6000 there and 6000 here (the first 5000 of each are compared); ";
        assert!(head(&"one two three ".repeat(2_000)).starts_with(expected));
    }
}
