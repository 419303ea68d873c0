//! The record's title → the lines that only say it again.
//!
//! In: a title and a line. Out: whether the line is the title. Always: letters and digits alone count; linear in the line.

use crate::headline::letters;

/// Titles with fewer letters are too common to know a line by.
const LETTERS_MIN: usize = 8;

/// A title, ready to be compared.
pub(super) struct Title(Vec<char>);

impl Title {
    pub(super) fn new(title: Option<&str>) -> Self {
        Self(title.map(|t| letters(t).collect()).unwrap_or_default())
    }

    /// Whether `line` is the title, or the title and an outlet's name behind or before it, or most of a title that carries one.
    pub(super) fn is(&self, line: &str) -> bool {
        let count = self.0.len();
        if count < LETTERS_MIN || line.len() > 8 * count {
            return false;
        }
        // Nearly every line differs in its first and in its last letter already.
        let starts = is_beginning(letters(line), self.0.iter().copied());
        if !starts && !is_beginning(letters(line).rev(), self.0.iter().rev().copied()) {
            return false;
        }
        let own = letters(line).take(2 * count).count();
        own * 2 >= count && own.max(count) * 2 <= own.min(count) * 3
    }
}

/// Whether one of the two is the beginning of the other.
fn is_beginning(mut one: impl Iterator<Item = char>, mut other: impl Iterator<Item = char>) -> bool {
    loop {
        match (one.next(), other.next()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => return false,
            _ => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, line: &str, expected: bool) {
        assert_eq!(Title::new(Some(title)).is(line), expected, "{title:?} {line:?}");
    }

    #[test]
    fn a_title_is_known_by_its_letters() {
        check("Harbour strike ends", "HARBOUR STRIKE ENDS!", true);
        check("Harbour strike ends", "Harbour strike ends | The Gull", true);
        check("Harbour strike ends - The Gull", "Harbour strike ends", true);
        check(
            "Harbour strike ends",
            "Harbour strike ends after nine weeks of talks, the union said.",
            false,
        );
        check("Harbour strike ends", "The strike", false);
        check("Live", "Live", false);
        check("", "", false);
    }
}
