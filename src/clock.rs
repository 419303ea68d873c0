//! The clock. Only the edges ask for it: what the core makes of a record is the same at any time.
#![expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A point in time that only goes on, to measure with.
pub fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970, in UTC.
pub fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
