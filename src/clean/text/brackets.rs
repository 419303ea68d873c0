//! Furniture whose end is marked like its beginning → its lines.
//!
//! In: the lines of a text. Out: runs of places that go: what sites write for readers' software, to be skipped ("list of 3
//! items" … "end of list", "Skip past newsletter promotion" … "after newsletter promotion"). Always: ascending, without overlap; linear in the
//! lines.

use std::ops::RangeInclusive;

/// Lines from the mark of the beginning to that of the end at most.
const LINES_MAX: usize = 40;

/// All such runs; `text_of` gives the line at a place, or `None` behind the last.
pub(super) fn find<'a>(text_of: impl Fn(usize) -> Option<&'a str>) -> Vec<RangeInclusive<usize>> {
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(line) = text_of(place) {
        let closes = |mark: Mark<'_>| {
            let mut behind = (place + 1..=place + LINES_MAX).map_while(|place| Some((place, text_of(place)?)));
            behind.find(|(_, line)| mark.is_closed_by(line))
        };
        let end = Mark::of(line).and_then(closes).map(|(end, _)| end);
        found.extend(end.map(|end| place..=end));
        place = end.unwrap_or(place) + 1;
    }
    found
}

/// The mark of a beginning.
enum Mark<'a> {
    List,
    /// With the name of what may be skipped.
    Skip(&'a str),
}

impl<'a> Mark<'a> {
    fn of(line: &'a str) -> Option<Self> {
        if line.starts_with("list of ") && line.ends_with(" items") {
            return Some(Self::List);
        }
        let name = line
            .strip_prefix("skip past ")
            .or_else(|| line.strip_prefix("Skip past "))?;
        Some(Self::Skip(name))
    }

    fn is_closed_by(&self, line: &str) -> bool {
        match self {
            Self::List => line == "end of list",
            Self::Skip(name) => {
                let rest = line.strip_prefix("after ").or_else(|| line.strip_prefix("After "));
                rest == Some(*name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_at_both_ends_is_found() {
        let lines = [
            "One.",
            "list of 2 items",
            "list 1 of 2",
            "Locks shut",
            "end of list",
            "Two.",
            "list of 9 items",
        ];
        assert_eq!(find(|place| lines.get(place).copied()), [1..=4]);
        let lines = [
            "Skip past newsletter promotion",
            "Sign up",
            "after newsletter promotion",
            "Skip past it",
            "One.",
        ];
        assert_eq!(find(|place| lines.get(place).copied()), [0..=2]);
        assert!(find(|_| None).is_empty());
    }

    #[test]
    fn a_beginning_without_an_end_is_linear() {
        let lines = vec!["list of 3 items"; 100_000];
        assert!(find(|place| lines.get(place).copied()).is_empty());
    }
}
