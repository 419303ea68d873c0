//! Log lines on standard error.
//!
//! In: what the options say, and events. Out: lines, as text or JSON. Always: where standard error is gone, nothing else ends.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::{Log, LogFormat};

/// Whether what is written there is coloured: on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).
pub fn is_coloured(to: &impl IsTerminal) -> bool {
    to.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Whether log lines are JSON.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Whether the reason of an end belongs into the log, whose lines a collector reads as JSON; else it is told as text for people.
pub fn is_json_logged() -> bool {
    IS_JSON.load(Ordering::Relaxed) && tracing::enabled!(tracing::Level::ERROR)
}

/// Send `tracing` events to standard error in the form that was asked for.
pub fn start_logging(log: &Log) -> Result<(), String> {
    let filter = tracing_subscriber::EnvFilter::try_new(&log.level)
        .map_err(|e| format!("`log.level` is `{}`: {e}", log.level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured(&std::io::stderr()))
        .with_writer(std::io::stderr)
        // Where standard error is gone, nobody is left to tell.
        .log_internal_errors(false);
    let started = match log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    IS_JSON.store(log.format == LogFormat::Json, Ordering::Relaxed);
    started.map_err(|e| e.to_string())
}
