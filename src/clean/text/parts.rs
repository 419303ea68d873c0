//! A text of more lines than any page has → judged in parts.
//!
//! In: lines, and how those of a page are judged. Out: for each line why it goes, or `None` for one that stays. Always: what the judge keeps of
//! memory is bounded by a part; what stays, judged again, stays; a few looks at each line.

use super::lines::Line;

/// Rounds after which a text of several parts that still changes is kept whole.
const ROUNDS_MAX: usize = 6;

/// Judge at most `together` lines at once. What is left of several parts falls into other parts, and is judged again until all of it stays.
pub(super) fn judge(
    lines: &[Line],
    together: usize,
    page: impl Fn(Vec<Line>) -> Vec<Option<&'static str>>,
) -> Vec<Option<&'static str>> {
    if lines.len() <= together {
        return page(lines.to_vec());
    }
    let mut reasons = vec![None; lines.len()];
    let mut kept: Vec<usize> = (0..lines.len()).collect();
    for _ in 0..ROUNDS_MAX {
        let mut left = Vec::new();
        for part in kept.chunks(together) {
            let of_part = page(part.iter().map(|&line| lines[line]).collect());
            for (&line, reason) in part.iter().zip(of_part) {
                reasons[line] = reason;
                if reason.is_none() {
                    left.push(line);
                }
            }
        }
        if left.len() == kept.len() {
            return reasons;
        }
        kept = left;
    }
    vec![None; lines.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of so many lines that stay, judged three at once.
    fn kept(count: usize, page: impl Fn(Vec<Line>) -> Vec<Option<&'static str>>) -> Vec<usize> {
        let lines: Vec<Line> = (0..count).map(|at| Line { start: at, end: at + 1 }).collect();
        let reasons = judge(&lines, 3, page);
        (0..count).filter(|line| reasons[*line].is_none()).collect()
    }

    #[test]
    fn each_part_is_judged_until_all_of_it_stays() {
        // Of each page the first line goes, until the first of the page is the second of the text.
        let first_goes = |page: Vec<Line>| {
            let goes = |(place, line): (usize, &Line)| (place == 0 && line.start % 4 != 1).then_some("title");
            page.iter().enumerate().map(goes).collect()
        };
        assert_eq!(kept(3, first_goes), [1, 2]);
        assert_eq!(kept(8, first_goes), [1, 2, 4, 5, 7]);
    }

    #[test]
    fn what_does_not_settle_is_kept_whole() {
        let last_goes = |page: Vec<Line>| {
            let goes = |place: usize| (place + 1 == page.len()).then_some("footer");
            (0..page.len()).map(goes).collect()
        };
        assert_eq!(kept(3, last_goes), [0, 1]);
        assert_eq!(kept(300, last_goes).len(), 300);
    }
}
