//! Markers of advertisements → all lines of their slots.
//!
//! In: the places of the lines that only say "Advertisement", and the text. Out: these, and the lines that stand behind several of them alike
//! ("Thanks for watching!", "Visit website"). Always: ascending; n log n in the markers.

use std::collections::BTreeMap;

/// Lines of a slot behind its marker at most.
const BEHIND_MAX: usize = 3;
/// Bytes of such a line at most: a paragraph that is there twice is another matter.
const BYTES_MAX: usize = 60;

/// The places of all lines of slots; `text_of` gives the line at a place, or `None` behind the last.
pub(super) fn find<'a>(markers: &[usize], text_of: impl Fn(usize) -> Option<&'a str>) -> Vec<usize> {
    let mut found = markers.to_vec();
    let mut ends = markers.to_vec();
    for _ in 0..BEHIND_MAX {
        let behind: Vec<(usize, &str)> = ends
            .iter()
            .filter_map(|end| text_of(end + 1).map(|line| (end + 1, line)))
            .filter(|(_, line)| line.len() <= BYTES_MAX)
            .collect();
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, line) in &behind {
            *counts.entry(line).or_default() += 1;
        }
        ends = behind
            .iter()
            .filter(|(_, line)| counts[line] > 1)
            .map(|(place, _)| *place)
            .collect();
        found.extend(&ends);
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_several_markers_is_part_of_the_slot() {
        let lines = [
            "One.", "AD", "Thanks!", "Visit", "Two.", "AD", "Thanks!", "Visit", "Three.", "AD", "Four.",
        ];
        let markers = [1, 5, 9];
        assert_eq!(find(&markers, |place| lines.get(place).copied()), [1, 2, 3, 5, 6, 7, 9]);
        assert_eq!(find(&[1], |place| lines.get(place).copied()), [1]);
        assert_eq!(find(&[10], |place| lines.get(place).copied()), [10]);
    }
}
