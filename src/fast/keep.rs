//! A list → those of it that pass, where whether one does is a toss that no branch can foresee.
//!
//! In: a list and a test. Out: those that pass, in their order. Always: as many steps whatever passes; each is written, and the next over it
//! if it is not to stay.

/// Keep those that pass.
#[inline]
pub(crate) fn those<T: Copy>(all: &mut Vec<T>, pass: impl Fn(&T) -> bool) {
    let mut kept = 0;
    for at in 0..all.len() {
        let one = all[at];
        all[kept] = one;
        kept += usize::from(pass(&one));
    }
    all.truncate(kept);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_that_pass_stay_in_their_order(all: Vec<u8>, least: u8) {
            let mut kept = all.clone();
            super::those(&mut kept, |one| *one >= least);
            prop_assert_eq!(kept, all.into_iter().filter(|one| *one >= least).collect::<Vec<_>>());
        }
    }
}
