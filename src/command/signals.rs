//! Signals → a stop, for the commands that run until they are told to end.
//!
//! In: SIGTERM and SIGINT, or Ctrl-C where there are no signals. Out: what to do at the first; the second ends the process.

use super::CommandError;

/// The first signal finishes what is in flight, as `stop` begins; a second one ends the process at once, which is safe.
pub(super) async fn stop_on_signal(mut signals: Signals, stop: impl FnOnce()) {
    signals.next().await;
    tracing::info!("stopping: finishing what is in flight");
    stop();
    signals.next().await;
    tracing::warn!("stopped without waiting");
    std::process::exit(1);
}

/// SIGTERM and SIGINT, caught from the moment of [`install`](Self::install): as the first process of a container, one that does not
/// catch them never sees them.
#[cfg(unix)]
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn install() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};

        use crate::failure::Failure;

        let failed = |e: std::io::Error| Failure::new(format!("could not catch signals: {e}"));
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ctrl-C, where there are no signals.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "as on other systems")]
    pub(super) fn install() -> Result<Self, CommandError> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
