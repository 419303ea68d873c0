//! A batch: what is read, worked on and committed together.
//!
//! In: records. Out: a batch, and word of its end. Always: a lease ends once, whatever becomes of its batch.

use tokio::sync::OwnedSemaphorePermit;

use crate::article::Record;
use crate::replay::Earlier;

/// Records read together, worked on together, committed together.
#[derive(Debug)]
pub struct Batch {
    /// Grows by one with each batch a source hands out.
    pub number: u64,
    /// Grows with each rewind: batches of an older epoch are void.
    pub epoch: u64,
    /// Grows with each assignment of partitions: before the first batch of a new one is judged, the memory is brought up to date.
    pub assignment: u64,
    /// In offset order within each partition.
    pub records: Vec<Record>,
    /// What an earlier run made of them; nothing in a live one.
    pub earlier: Earlier,
    /// Held while the batch is in flight.
    pub lease: Lease,
}

/// Says that a batch is in flight, until it is dropped: a source waits for its leases before it gives partitions away.
pub struct Lease {
    ended: Option<Box<dyn FnOnce() + Send + Sync>>,
    /// One of the places that a stage has: given back when this is dropped.
    place: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// A lease that calls `ended` when it is dropped.
    pub fn new(ended: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self {
            ended: Some(Box::new(ended)),
            place: None,
        }
    }

    /// Hold a place as long.
    pub(super) fn take(&mut self, place: OwnedSemaphorePermit) {
        self.place = Some(place);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(ended) = self.ended.take() {
            ended();
        }
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lease")
    }
}
