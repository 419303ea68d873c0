//! An input record of one partition, as it would be read.

use serde_json::Value;
use sluice::article::{Origin, Record};

pub(crate) fn record(offset: i64, value: &Value) -> Record {
    Record {
        origin: Origin {
            topic: "raw".into(),
            partition: 0,
            offset,
            position: 0,
        },
        key: None,
        value: Some(value.to_string().into_bytes()),
        headers: Vec::new(),
        timestamp_ms: Some(offset),
    }
}
