//! Gaps between lines that stay → what stands in them and stays as well.
//!
//! In: the log-odds of the kept lines, and which of them stay. Out: more of them. Always: nothing before the first line that stays or behind the last
//! does; linear in the lines.
//!
//! The net knows furniture by what stands beside it. Within a list of many entries that is other entries, and once the page around it is gone it takes
//! them for headlines: of what rounds behind the first took from within articles of sites that nothing was fitted to, nine parts in ten were the article's.

use std::ops::Range;

use super::page::{Page, is_prose};

/// A gap in which no line begins with a phrase stays where the mean of its log-odds, each by its line's length, is above this: of such
/// gaps, on sites that nothing was fitted to, three parts in four were the article's.
const ODDS_MIN: f32 = -1.0;

impl Page<'_> {
    /// What stands in a gap and is in doubt on the whole stays. Where the first and the last line stay, nothing of a page is left around the article, and
    /// only that goes which a phrase names, with the headlines behind it.
    pub(super) fn fill_gaps(&self, kept: &[u32], odds: &[f32], keep: &mut [bool]) {
        let is_whole = matches!(keep, [true, .., true]);
        for gap in gaps(keep) {
            let of_gap = &kept[gap.clone()];
            let begins = |line: &u32| self.hits[*line as usize].begins.is_some();
            let is_in_doubt = !of_gap.iter().any(begins) && self.mean(kept, odds, gap.clone()) > ODDS_MIN;
            let holds_prose = || of_gap.iter().any(|line| is_prose(self.shape_of(*line)));
            let is_list = of_gap.first().is_some_and(begins) && !holds_prose();
            for place in gap {
                keep[place] = is_in_doubt || is_whole && !is_list && !self.is_named(kept[place]);
            }
        }
    }

    /// The mean of the log-odds of these of the kept lines, each by its length.
    fn mean(&self, kept: &[u32], odds: &[f32], places: Range<usize>) -> f32 {
        let length = |place: usize| self.shape_of(kept[place]).chars as f32;
        let sum: f32 = places.clone().map(|place| odds[place] * length(place)).sum();
        sum / places.map(length).sum::<f32>()
    }
}

/// The runs of lines that do not stay, between lines that do.
fn gaps(keep: &[bool]) -> Vec<Range<usize>> {
    let stay = || (0..keep.len()).filter(|place| keep[*place]);
    let pairs = stay().zip(stay().skip(1));
    pairs
        .filter(|(before, behind)| before + 1 < *behind)
        .map(|(before, behind)| before + 1..behind)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::text::lines;

    /// Which of a text's lines stay, if these do already (`#`) and all have these log-odds.
    fn check(text: &str, odds: f32, chosen: &str, expected: &str) {
        let page = Page::read(text, lines::split(text).list);
        let mut keep: Vec<bool> = chosen.chars().map(|c| c == '#').collect();
        page.fill_gaps(&page.all(), &vec![odds; keep.len()], &mut keep);
        let keep: String = keep.iter().map(|keep| if *keep { '#' } else { '.' }).collect();
        assert_eq!(keep, expected, "{odds} {text}");
    }

    const LIST: &str = "The ten piers\nPort Amsel\nA pier of oak.\nGull Bay\nA pier of iron.\nThe harbour board";

    #[test]
    fn what_is_in_doubt_between_lines_that_stay_stays() {
        check(LIST, -0.9, ".#..#.", ".####.");
        check(LIST, -1.1, ".#..#.", ".#..#.");
        check(LIST, -0.9, "......", "......");
    }

    #[test]
    fn within_an_article_without_a_page_around_it_only_what_is_named_goes() {
        check(LIST, -4.0, "#....#", "######");
        let named = LIST.replace("Gull Bay", "Share this article");
        check(&named, -4.0, "#....#", "###.##");
        check(&named, -0.5, ".#..#.", ".#..#.");
        let headlines = "The pier is closed.\nRead more\nA pier of oak\nA pier of iron\nIt opens again on Friday.";
        check(headlines, -4.0, "#...#", "#...#");
        check(
            &headlines.replace("oak", "oak was closed, too, and has not been opened since."),
            -4.0,
            "#...#",
            "#.###",
        );
    }
}
