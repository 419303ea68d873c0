//! What the stage asks of the world: batches, commits, and the verdicts of all instances.

use std::sync::Arc;

use super::batch::Batch;
use super::plan::Plan;
use crate::article::{Origin, Reject};
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

/// Why a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Nothing was published; the batch must be read again.
    #[error("batch was aborted: {0}")]
    Abort(String),
    /// Nothing was published, since the brokers take nothing like what was made of these articles (too large, a time far ahead, no key in a
    /// compacted topic), one at least; the batch must be read again, and they become dead letters, or dead letters with less in them.
    #[error("batch was aborted: {}", refused(.0))]
    Refused(Vec<(Origin, Reject)>),
    /// The process must stop; what is published is whole, and a restart goes on from there.
    #[error(transparent)]
    Stop(#[from] Failure),
}

/// Which articles are not taken, in words.
pub(super) fn refused(articles: &[(Origin, Reject)]) -> String {
    let first = articles.first();
    let first = first.map_or_else(String::new, |(origin, reject)| {
        format!(", the first `{origin}`: {reject}")
    });
    format!(
        "what was made of {} articles cannot be published{first}",
        articles.len()
    )
}
