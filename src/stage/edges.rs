//! What the stage asks of the world: batches, commits, and the verdicts of all instances.
//!
//! Always: each of these has two users at least, Kafka and a simulation; a step that has one is a function.

use std::sync::Arc;

use super::batch::Batch;
use super::plan::{CommitError, Plan};
use crate::failure::Failure;
use crate::judge::MemoryEntry;

/// Where batches come from.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Source {
    /// The next batch, or `None` when the run is over (the end is reached, or the process was told to stop).
    async fn next_batch(&self) -> Result<Option<Batch>, Failure>;
    /// Void what was handed out, and read again from the committed offsets.
    async fn rewind(&self) -> Result<(), Failure>;
    /// The running epoch.
    fn epoch(&self) -> u64;
    /// Comes when the source has gone for good with something still in flight, and tells why it went: all of it is void, and nobody need
    /// wait for it.
    async fn abandoned(&self) -> Result<(), Failure> {
        std::future::pending().await
    }
}

/// Where plans go.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Sink {
    /// Make all of the plan durable, or nothing of it.
    async fn commit(&self, plan: Arc<Plan>) -> Result<(), CommitError>;
    /// Called now and then while there is nothing to commit: what a client must be served, such as a token that runs out. Never waits.
    fn idle(&self) {}
}

/// The verdicts of all instances, as they are committed.
#[expect(
    async_fn_in_trait,
    reason = "the stage runs as one task, so no bound on the futures is needed"
)]
pub trait Tail {
    /// What has arrived since the last call; never waits.
    fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure>;
    /// All that was committed before this call began.
    async fn catch_up(&self) -> Result<Vec<MemoryEntry>, Failure>;
}
