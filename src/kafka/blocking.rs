//! Calls that wait for a broker, off the async threads.
//!
//! In: work that blocks. Out: what comes of it. Always: it has a thread of its own, and a panic on that is a failure.

use crate::failure::Failure;

/// Run work that blocks.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Failure::new(e.to_string()))
}
