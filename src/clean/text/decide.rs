//! Log-odds of lines → the lines to keep, decided together.
//!
//! In: a number a line. Out: a verdict a line. Always: the best path through "article" and "furniture", where each change of
//! state has a price (Viterbi 1967), so that the article comes out as few stretches; linear in the lines.

/// The price of a change between article and furniture, in log-odds.
const SWITCH: f32 = 0.6;

/// Which lines to keep.
pub(super) fn decide(odds: &[f32]) -> Vec<bool> {
    let mut kept = vec![false; odds.len()];
    let mut came_from = vec![[false; 2]; odds.len()];
    let (mut drop, mut keep) = (0.0_f32, -SWITCH / 2.0);
    for (&odds, from) in odds.iter().zip(&mut came_from) {
        let (stay_kept, enter) = (keep, drop - SWITCH);
        let (stay_dropped, leave) = (drop, keep - SWITCH);
        *from = [leave > stay_dropped, stay_kept >= enter];
        keep = stay_kept.max(enter) + odds / 2.0;
        drop = stay_dropped.max(leave) - odds / 2.0;
    }
    let mut state = keep - SWITCH / 2.0 > drop;
    for (kept, from) in kept.iter_mut().zip(&came_from).rev() {
        *kept = state;
        state = from[usize::from(state)];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(odds: &[f32], expected: &[bool]) {
        assert_eq!(decide(odds), expected, "{odds:?}");
    }

    #[test]
    fn a_weak_line_between_strong_ones_is_bridged() {
        check(&[], &[]);
        check(&[3.0, -0.5, 3.0], &[true, true, true]);
        check(&[3.0, -2.0, 3.0], &[true, false, true]);
        check(&[-3.0, 0.5, -3.0], &[false, false, false]);
        check(&[-3.0, 3.0, 3.0, -3.0], &[false, true, true, false]);
    }
}
