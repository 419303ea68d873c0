//! What is counted of the store of claims.
//!
//! In: round trips, and how they ended. Out: metrics, where there is a store. Always: without one nothing is shown, so that an alert on a
//! store that is away cannot take its absence for one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;

use super::metrics::ResultLabel;

/// Bounds of a round trip, in seconds.
const TRIP_SECONDS: [f64; 10] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0];

/// Shown once there is a store.
#[derive(Debug, Clone)]
pub(super) struct StoreMetrics {
    is_there: Arc<AtomicBool>,
    pub(super) trip: Histogram,
    pub(super) trips: Family<ResultLabel, Counter>,
    pub(super) up: Gauge,
    pub(super) claims_standing: Gauge,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        let store = Self {
            is_there: Arc::default(),
            trip: Histogram::new(TRIP_SECONDS),
            trips: Family::default(),
            up: Gauge::default(),
            claims_standing: Gauge::default(),
        };
        for result in ["answered", "failed"] {
            drop(store.trips.get_or_create(&ResultLabel { result }));
        }
        store
    }
}

impl StoreMetrics {
    /// There is one.
    pub(super) fn show(&self) {
        self.is_there.store(true, Ordering::Relaxed);
    }
}

impl Collector for StoreMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        if !self.is_there.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut encode = |name, help, unit: Option<&Unit>, metric: &dyn EncodeMetric| {
            metric.encode(encoder.encode_descriptor(name, help, unit, metric.metric_type())?)
        };
        let help = "Round trips to the store of claims that were answered";
        encode("store_round_trip", help, Some(&Unit::Seconds), &self.trip)?;
        let help = "Round trips to the store of claims by their result: answered, failed";
        encode("store_round_trips", help, None, &self.trips)?;
        let help = "1 while the store of claims answers; 0 while the stage goes on without it";
        encode("store_up", help, None, &self.up)?;
        let help = "Claims of all instances whose verdicts are not known to be committed";
        encode("claims_standing", help, None, &self.claims_standing)
    }
}
