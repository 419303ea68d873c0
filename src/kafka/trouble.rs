//! What librdkafka reports by the way → the log: its errors, each kind now and then, and the lines of its own log.
//!
//! Always: one kind of error is a warning once in half a minute, and in between an event for debugging.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::clock::now;

/// How often one kind of trouble is told: librdkafka reports an outage of the brokers more than once a second.
const TROUBLE_EVERY: Duration = Duration::from_secs(30);

/// When each kind of trouble was last told, by client and error, or whatever tells kinds apart.
static TOLD: Mutex<BTreeMap<(&str, i32), Instant>> = Mutex::new(BTreeMap::new());

/// Log a line of librdkafka's own log at its level.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, line: &str) {
    use RDKafkaLogLevel as Level;
    match level {
        Level::Emerg | Level::Alert | Level::Critical | Level::Error => {
            tracing::error!(target: "librdkafka", facility, line);
        }
        Level::Warning => tracing::warn!(target: "librdkafka", facility, line),
        Level::Notice | Level::Info => tracing::info!(target: "librdkafka", facility, line),
        Level::Debug => tracing::debug!(target: "librdkafka", facility, line),
    }
}

/// Log an error that librdkafka reports by the way; the call that it concerns fails, or is tried again, by itself.
pub(super) fn tell(client: &'static str, error: &KafkaError, reason: &str) {
    let code = error.rdkafka_error_code();
    // The end of a partition is news, not an error.
    if code == Some(RDKafkaErrorCode::PartitionEOF) {
        return;
    }
    let kind = (client, code.map_or(0, |code| code as i32));
    if is_due_now(kind) {
        tracing::warn!(client, %error, reason, "trouble with Kafka");
    } else {
        tracing::debug!(client, %error, reason, "trouble with Kafka goes on");
    }
}

/// Whether this kind of trouble is to be told now, which is noted then.
pub(super) fn is_due_now(kind: (&'static str, i32)) -> bool {
    is_due(&mut TOLD.lock(), kind, now())
}

/// Whether this kind of trouble is to be told at this time, which is noted then.
fn is_due(told: &mut BTreeMap<(&'static str, i32), Instant>, kind: (&'static str, i32), now: Instant) -> bool {
    let is_due = told
        .get(&kind)
        .is_none_or(|last| now.duration_since(*last) >= TROUBLE_EVERY);
    if is_due {
        told.insert(kind, now);
    }
    is_due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_that_goes_on_is_told_now_and_then() {
        let (mut told, start) = (BTreeMap::new(), now());
        let mut is_due = |client, seconds| is_due(&mut told, (client, 1), start + Duration::from_secs(seconds));
        let due = [
            is_due("a", 0),
            is_due("a", 1),
            is_due("b", 2),
            is_due("a", 29),
            is_due("a", 30),
            is_due("a", 31),
        ];
        assert_eq!(due, [true, false, true, false, true, false]);
    }
}
