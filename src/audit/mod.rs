//! Records seen in the topics → the account of what became of each input record.
//!
//! In: the input records of a range, and what stands in the output, duplicates', dead letters' and memory topics. Out: a [`Report`].
//! Always: each article of an input record has exactly one fate, or the report names it with the places where it was seen.
//!
//! The way: `seen` reads what a published record was made of · `ledger` sets it against the input · `report` is what is told at the end.

mod ledger;
mod report;
mod seen;

pub use ledger::Ledger;
pub use report::{Finding, Report, Wrong};
pub use seen::{Place, Role, Seen};

#[cfg(test)]
mod tests {
    use crate::article::Origin;

    pub(super) fn origin(partition: i32, offset: i64) -> Origin {
        Origin {
            topic: "raw".into(),
            partition,
            offset,
            position: 0,
        }
    }
}
