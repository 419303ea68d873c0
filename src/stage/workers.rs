//! Where CPU work runs.
//!
//! In: work. Out: its result. Always: with a pool the async threads never compute.

use tokio::sync::oneshot;

use crate::failure::Failure;

/// Where CPU work runs.
#[derive(Debug)]
pub enum Workers {
    /// Threads of their own: the async threads never compute.
    Pool(rayon::ThreadPool),
    /// The calling thread, for a simulation that must repeat.
    Inline,
}

impl Workers {
    /// A pool of `threads` threads.
    pub fn pool(threads: usize) -> Result<Self, Failure> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("worker-{i}"))
            .build()
            .map(Self::Pool)
            .map_err(|e| Failure::new(format!("could not start {threads} worker threads: {e}")))
    }

    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match self {
            Self::Inline => work(),
            Self::Pool(pool) => {
                let (done, result) = oneshot::channel();
                // A closed receiver means that the stage has ended: nobody wants the result.
                pool.spawn(move || drop(done.send(work())));
                result
                    .await
                    .expect("a worker that panics outside a guarded step ends the process")
            }
        }
    }
}
