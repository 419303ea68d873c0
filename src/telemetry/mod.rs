//! What the process says of itself: log lines, metrics, traces, and whether it lives.
//!
//! In: counts and durations from the stage. Out: `tracing` events, Prometheus text, OTLP, probes. Always: nothing here changes what the stage
//! does.

pub mod http;
mod in_flight;
pub mod liveness;
mod log;
mod metrics;
mod otlp;
mod position;
mod process;
mod store;
mod traces;

pub use log::{is_coloured, is_json_logged, start_logging};
pub use metrics::{Metrics, Timer, Working};
pub use traces::{BatchTrace, StepSpan};
