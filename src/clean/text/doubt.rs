//! Lines of which the net is in doubt → log-odds that boosted trees agree with.
//!
//! In: the net's log-odds and, for a line in doubt, its features and those of the lines beside it. Out: the log-odds of both together.
//! Always: pure; linear in the lines.
//!
//! The net sees far and is smooth; trees ask for one number at a time and see a line and its neighbours alone. The two err on other pages, and
//! the mean of them is better than either. One line in five is in doubt, so that the trees cost little. `tools/fit_text_trees.py` says on what
//! they were fitted, and holds the same mean, to measure it on sites kept apart.

use std::sync::LazyLock;

use super::features::{OWN, WIDTH};
use crate::clean::weights;
use crate::fast::forest::{Forest, Waiting};

/// Leaves of a tree at most.
const LEAVES: usize = 16;
/// Log-odds (either way) that the net may be wrong about.
const DOUBT: f32 = 2.5;
/// How much the trees count there, beside the net.
const SHARE: f32 = 0.6;
/// Log-odds (either way) of the net and the first trees that the others would hardly turn.
const SURE: f32 = 0.9;
/// Added to what the trees say, as something is to the net's: what is lost costs more than what stays too much.
const LEAN: f32 = 0.7;

/// What the trees see of a line: its features, then the own ones of the line before and of the line behind; 0 where there is none.
pub(super) type Row = [f32; WIDTH + 2 * OWN];

/// The first trees, and those that are asked only where these and the net are not sure.
static FIRST: LazyLock<Forest<LEAVES>> = LazyLock::new(|| whole("first_trees.bin", include_bytes!("first_trees.bin")));
static OTHERS: LazyLock<Forest<LEAVES>> = LazyLock::new(|| whole("other_trees.bin", include_bytes!("other_trees.bin")));

fn whole(name: &str, ships: &'static [u8]) -> Forest<LEAVES> {
    Forest::read(weights::file(name, ships)).expect("the files are whole, as a test shows")
}

/// Ask the trees about each line in doubt; `write` writes what they see of the line in this place. Behind the first `named` lines,
/// where no phrase names furniture any more, there may be nothing but the article's end, and they are heard only where they speak for a line.
pub(super) fn ask_trees(odds: &mut [f32], named: usize, write: impl Fn(usize, &mut Row)) {
    let in_doubt: Vec<usize> = (0..odds.len()).filter(|place| odds[*place].abs() < DOUBT).collect();
    let hear = |odds: &mut [f32], place: usize, trees: f32| {
        let said = both(odds[place], trees);
        odds[place] = if place < named { said } else { said.max(odds[place]) };
    };
    let mut first = Waiting::new(&FIRST, || [0.0; _]);
    let mut others = Waiting::new(&OTHERS, || [0.0; _]);
    let mut hear_first = |place: usize, first: f32, row: &Row| {
        if both(odds[place], first).abs() >= SURE {
            hear(odds, place, first);
        } else {
            *others.row((place, first), |(place, first), rest, _| {
                hear(odds, place, first + rest)
            }) = *row;
        }
    };
    for place in in_doubt {
        write(place, first.row(place, &mut hear_first));
    }
    first.ask(hear_first);
    others.ask(|(place, first), rest, _| hear(odds, place, first + rest));
}

/// The log-odds of the net, moved by those of the trees.
fn both(net: f32, trees: f32) -> f32 {
    net + SHARE * (LEAN + trees - net)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trees_are_whole() {
        for bytes in [
            include_bytes!("first_trees.bin").as_slice(),
            include_bytes!("other_trees.bin"),
        ] {
            assert!(Forest::<LEAVES>::read(bytes).is_some());
            assert!(Forest::<LEAVES>::read(&bytes[..bytes.len() - 8]).is_none());
        }
    }

    #[test]
    fn only_lines_in_doubt_are_asked_about() {
        let mut odds = [9.0, -DOUBT, 0.0];
        ask_trees(&mut odds, 3, |place, _| assert_eq!(place, 2));
        assert_eq!(odds[..2], [9.0, -DOUBT]);
        assert!(odds[2] != 0.0);
    }

    #[test]
    fn nothing_is_lost_to_the_trees_behind_the_last_line_that_is_named() {
        let net_says = [-2.0, 2.0];
        let said = |named| {
            let mut odds = net_says;
            ask_trees(&mut odds, named, |_, row| row.fill(1.0));
            odds
        };
        let (both, kept) = (said(2), said(0));
        assert!(
            both.iter().zip(net_says).any(|(both, net)| *both < net),
            "they speak against some: {both:?}"
        );
        for ((both, net), kept) in both.into_iter().zip(net_says).zip(kept) {
            assert_eq!(kept.to_bits(), both.max(net).to_bits());
        }
    }
}
