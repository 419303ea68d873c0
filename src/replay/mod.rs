//! What a replay is made of besides the stage: where it begins and ends, in which order it reads, what it must know of a run that was
//! interrupted, the verdicts of the live run, what of an earlier output stands as it is, and the header that tells who wrote a record.
//!
//! In: texts of bounds, offsets that a broker told, record times. Out: ranges, an order, notes. Always: pure, no clock and no I/O; the
//! same records give the same order whatever the order in which they arrive.

mod bounds;
mod earlier;
mod merge;
mod note;
mod recorded;
mod run_header;
mod waiting;

pub use bounds::{Bound, BoundsError, KnownPartition, Lost, Partitions, Range, ranges};
pub use earlier::{Earlier, EarlierOutput, Kept, KeptTag, KeptTags, Redone, origin};
pub use merge::Merge;
pub use note::{MemoryChoice, Request, RunId, RunNote};
pub use recorded::Recorded;
pub use run_header::{RUN, is_of_replay, run_header};
pub use waiting::Waiting;
