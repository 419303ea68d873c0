//! A message of Kafka as a record of the stage.
//!
//! In: a message that the client lends. Out: a record that owns its bytes. Always: headers that cannot be read are told as such, and end
//! nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Header, Headers, Message};

use crate::article::{Origin, Record, UNREADABLE_HEADERS};

/// A message as a record of the stage.
pub(super) fn record(topic: &Arc<str>, message: &BorrowedMessage<'_>) -> Record {
    let origin = Origin {
        topic: Arc::clone(topic),
        partition: message.partition(),
        offset: message.offset(),
        position: 0,
    };
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        let one = |h: Header<'_, &[u8]>| (h.key.to_owned(), h.value.map(<[u8]>::to_vec));
        // The client panics at a name that is not UTF-8, and has no other way to read it.
        catch_unwind(AssertUnwindSafe(|| headers.iter().map(one).collect()))
            .unwrap_or_else(|_| vec![(UNREADABLE_HEADERS.to_owned(), None)])
    });
    Record {
        origin,
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers,
        timestamp_ms: message.timestamp().to_millis(),
    }
}

/// The value of a message's header; `None` where it has no such header, or none that can be read.
pub(super) fn header<'a>(message: &'a BorrowedMessage<'_>, name: &str) -> Option<&'a [u8]> {
    let headers = message.headers()?;
    let find = || headers.iter().find(|header| header.key == name);
    // As above.
    let found = catch_unwind(AssertUnwindSafe(find)).ok()??;
    Some(found.value.unwrap_or_default())
}
