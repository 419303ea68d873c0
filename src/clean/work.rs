//! How much work cleaning does, counted in tests: that it is linear is shown by counting steps, not by a clock.

/// Note steps (bytes looked at, elements walked, lines judged). Nothing outside tests.
#[cfg(not(test))]
#[inline]
pub(super) fn note(_steps: usize) {}

#[cfg(test)]
pub(super) use counted::{note, of};

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(in crate::clean) fn note(steps: usize) {
        STEPS.with(|all| all.set(all.get() + steps));
    }

    /// The steps that `run` takes on this thread.
    pub(in crate::clean) fn of(run: impl FnOnce()) -> usize {
        STEPS.with(|all| all.set(0));
        run();
        STEPS.with(Cell::get)
    }
}
