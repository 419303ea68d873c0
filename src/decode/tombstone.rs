//! A record with a key and no value, which withdraws what the key had.
//!
//! In: such a record. Out: the headers with which it goes on, and back. Always: key and timestamp stay, so that a compacted output topic
//! forgets the key's article; the memory does not, and the article's copies stay duplicates.

use std::sync::Arc;

use crate::article::{Header, Origin, Record, Reject};
use crate::replay::{RUN, run_header};

/// The code under which a tombstone that passes leaves this step.
const CODE: &str = "tombstone";

/// The input record that a tombstone was, as `topic-partition-offset`: it has no provenance.
pub const ORIGIN: &str = "sluice.origin";

/// Whether a record is one.
pub(super) fn is_one(record: &Record) -> bool {
    record.value.is_none() && record.key.is_some()
}

/// What stands in the place of its article.
pub(super) fn passes() -> Reject {
    super::reject(CODE, "it withdraws what its key had")
}

/// Whether this stands in the place of an article since the record is a tombstone that passes.
pub fn is_passed(reject: &Reject) -> bool {
    reject.code == CODE
}

/// The headers with which it goes on: its own, and where it stood.
pub fn headers(record: &Record, run: Option<&str>) -> Vec<Header> {
    let ours = |name: &str| name == ORIGIN || name == RUN;
    let mut headers: Vec<Header> = record.headers.iter().filter(|(name, _)| !ours(name)).cloned().collect();
    headers.push((ORIGIN.into(), Some(record.origin.to_string().into_bytes())));
    headers.extend(run_header(run));
    headers
}

/// The input record that a published tombstone was; `None` where it is none of ours.
pub fn origin(record: &Record) -> Option<Origin> {
    let (_, value) = record.headers.iter().rev().find(|(name, _)| name == ORIGIN)?;
    let text = std::str::from_utf8(value.as_deref().filter(|_| record.value.is_none())?).ok()?;
    let mut parts = text.rsplitn(3, '-');
    let (offset, partition) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let topic = Arc::from(parts.next()?);
    Some(Origin {
        topic,
        partition,
        offset,
        position: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Options, decode};
    use crate::replay::is_of_replay;

    #[test]
    fn a_tombstone_passes_by_option_and_tells_where_it_stood() {
        let origin_of_it = Origin {
            topic: "raw-a-1".into(),
            partition: 3,
            offset: 9,
            position: 0,
        };
        let mut record = Record {
            origin: origin_of_it.clone(),
            key: Some(b"k".to_vec()),
            value: None,
            headers: vec![("traceparent".into(), Some(b"00-1".to_vec()))],
            timestamp_ms: Some(5),
        };
        let passing = Options {
            tombstones_pass: true,
            ..Options::default()
        };
        let code = |record: &Record, options: &Options| decode(record, options).unwrap_err().code;
        assert_eq!(code(&record, &Options::default()), "null-value");
        assert_eq!(code(&record, &passing), CODE);
        assert!(is_passed(&decode(&record, &passing).unwrap_err()));
        record.headers = headers(&record, None);
        assert_eq!(origin(&record).as_ref(), Some(&origin_of_it));
        assert!(!is_of_replay(&record));
        record.headers = headers(&record, Some("r1"));
        assert_eq!(record.headers.len(), 3, "its own, the origin and the run");
        assert!(is_of_replay(&record));
        // Without a key there is nothing to withdraw.
        record.key = None;
        assert_eq!(code(&record, &passing), "null-value");
    }
}
