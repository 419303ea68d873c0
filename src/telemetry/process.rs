//! What the system says of this process, under the names that every Prometheus client library gives.
//!
//! In: `/proc`. Out: when it began, and memory and processor time at the moment of the question. Always: where
//! there is no `/proc`, nothing is claimed.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Linux counts processor time in hundredths of a second for programs, whatever its own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Asks at each scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        if let Some(bytes) = resident_bytes() {
            let help = "Memory that the process occupies";
            let metric =
                encoder.encode_descriptor("process_resident_memory", help, Some(&Unit::Bytes), MetricType::Gauge)?;
            ConstGauge::new(bytes).encode(metric)?;
        }
        let stat = stat().unwrap_or_default();
        if let Some(seconds) = cpu_seconds(&stat) {
            let help = "Processor time that the process has used";
            let metric = encoder.encode_descriptor("process_cpu", help, Some(&Unit::Seconds), MetricType::Counter)?;
            ConstCounter::new(seconds).encode(metric)?;
        }
        if let Some(seconds) = start_seconds(&stat) {
            let help = "When the process began, since the epoch";
            let metric =
                encoder.encode_descriptor("process_start_time", help, Some(&Unit::Seconds), MetricType::Gauge)?;
            ConstGauge::new(seconds).encode(metric)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim()
        .trim_end_matches(" kB")
        .parse::<i64>()
        .ok()
        .map(|kb| kb << 10)
}

/// The fields of `/proc/self/stat` behind the program's name, which stands in brackets and may hold spaces.
fn stat() -> Option<String> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    Some(stat.rsplit_once(')')?.1.to_owned())
}

/// A field that is counted in ticks, from 0 on.
fn seconds(stat: &str, field: usize) -> Option<f64> {
    Some(stat.split_whitespace().nth(field)?.parse::<f64>().ok()? / TICKS_PER_SECOND)
}

/// User and system time are the 12th and 13th field.
fn cpu_seconds(stat: &str) -> Option<f64> {
    Some(seconds(stat, 11)? + seconds(stat, 12)?)
}

/// The start is the 20th field, counted from the machine's.
fn start_seconds(stat: &str) -> Option<f64> {
    let machine = std::fs::read_to_string("/proc/stat").ok()?;
    let boot = machine.lines().find_map(|line| line.strip_prefix("btime "))?;
    Some(boot.trim().parse::<f64>().ok()? + seconds(stat, 19)?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_memory_and_processor_time() {
        assert!(resident_bytes().unwrap() > 1 << 20);
        let stat = stat().unwrap();
        assert!(cpu_seconds(&stat).unwrap() >= 0.0);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
        let age = now - start_seconds(&stat).unwrap();
        assert!((-2.0..3600.0).contains(&age), "{age}");
    }
}
