//! One article that was judged, as the index keeps it: an entry of fixed size, and bytes in the arena for what varies.
//!
//! In: what is kept of an article. Out: an [`Entry`] and its [`Blob`]. Always: a field that most articles can do without takes no byte
//! where it is not needed.

use super::Fingerprint;
use super::arena::Address;
use super::bytes::Reader;
use crate::article::Origin;

/// One article that was judged. What varies in size is its [`Blob`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) blob: Address,
    pub(super) similarity: f32,
    pub(super) offset: i64,
    pub(super) partition: i32,
    pub(super) topic: u16,
    pub(super) state: State,
    /// Index into [`RELATIONS`](super::verdict::RELATIONS).
    pub(super) relation: u8,
}

/// What the article is to those that come behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Original,
    Exact,
    Near,
    /// A committed duplicate names it, and it has not been seen (again) itself: it will be an original, and nothing is compared with it.
    Promised,
    /// Its transaction was aborted.
    Forgotten,
}

/// The original that a blob names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    /// Its entry, while that is in the window.
    pub(super) entry: Option<u32>,
    pub(super) topic: u16,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) position: u32,
}

impl Of {
    pub(super) fn new(origin: &Origin, topic: u16, entry: Option<u32>) -> Self {
        Self {
            entry,
            topic,
            partition: origin.partition,
            offset: origin.offset,
            position: origin.position,
        }
    }
}

/// What varies in size of an entry: the original's id, and the fingerprint (empty where it is not kept).
pub(super) struct Blob<'a> {
    pub(super) position: u32,
    /// The record's time, where the entry has another.
    pub(super) time_ms: Option<i64>,
    pub(super) of: Of,
    pub(super) id: &'a [u8],
    pub(super) fingerprint: &'a [u8],
}

/// Flags of a blob's first byte. A field that most entries can do without is there only where its flag is set.
const HAS_POSITION: u8 = 1;
const HAS_OF: u8 = 2;
const HAS_ENTRY: u8 = 4;
const LONG_ID: u8 = 8;
const HAS_TIME: u8 = 16;

impl<'a> Blob<'a> {
    pub(super) fn write(
        out: &mut Vec<u8>,
        position: u32,
        time_ms: Option<i64>,
        of: Option<Of>,
        id: &str,
        fingerprint: Option<&Fingerprint>,
    ) {
        let entry = of.and_then(|of| of.entry);
        let set = |flag: u8, on: bool| if on { flag } else { 0 };
        out.push(
            set(HAS_POSITION, position != 0)
                | set(HAS_OF, of.is_some())
                | set(HAS_ENTRY, entry.is_some())
                | set(LONG_ID, id.len() > 255)
                | set(HAS_TIME, time_ms.is_some()),
        );
        if position != 0 {
            out.extend(position.to_le_bytes());
        }
        out.extend(time_ms.into_iter().flat_map(i64::to_le_bytes));
        if let Some(of) = of {
            out.extend(of.topic.to_le_bytes());
            out.extend(of.partition.to_le_bytes());
            out.extend(of.offset.to_le_bytes());
            out.extend(of.position.to_le_bytes());
        }
        out.extend(entry.into_iter().flat_map(u32::to_le_bytes));
        if id.len() > 255 {
            out.extend((id.len() as u32).to_le_bytes());
        } else {
            out.push(id.len() as u8);
        }
        out.extend(id.as_bytes());
        if let Some(fingerprint) = fingerprint {
            fingerprint.write_sparse(out);
        }
    }

    /// Read an entry's blob; without another original it names itself.
    pub(super) fn read(bytes: &'a [u8], own: &Entry) -> Option<Self> {
        let mut reader = Reader(bytes);
        let [flags] = reader.take()?;
        let has = |flag: u8| flags & flag != 0;
        let position = if has(HAS_POSITION) {
            u32::from_le_bytes(reader.take()?)
        } else {
            0
        };
        let time_ms = if has(HAS_TIME) {
            Some(i64::from_le_bytes(reader.take()?))
        } else {
            None
        };
        let mut of = Of {
            entry: None,
            topic: own.topic,
            partition: own.partition,
            offset: own.offset,
            position,
        };
        if has(HAS_OF) {
            of.topic = u16::from_le_bytes(reader.take()?);
            of.partition = i32::from_le_bytes(reader.take()?);
            of.offset = i64::from_le_bytes(reader.take()?);
            of.position = u32::from_le_bytes(reader.take()?);
        }
        if has(HAS_ENTRY) {
            of.entry = Some(u32::from_le_bytes(reader.take()?));
        }
        let id_bytes = if has(LONG_ID) {
            u32::from_le_bytes(reader.take()?)
        } else {
            u32::from(u8::from_le_bytes(reader.take()?))
        };
        let (id, fingerprint) = reader.0.split_at_checked(id_bytes as usize)?;
        Some(Self {
            position,
            time_ms,
            of,
            id,
            fingerprint,
        })
    }
}
