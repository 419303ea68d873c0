//! Fingerprint ↔ bytes: how the memory topic and the index hold a fingerprint.
//!
//! In: a [`Fingerprint`], or bytes from anywhere. Out: at most 500 bytes, or the fingerprint again, or an error. Always: what was written
//! is read back equal; no bytes panic or take more memory than they are long.
//!
//! Layout (little endian): version, flags, six counts (frames, anchors, numbers, names, days, title; a byte each), exact `u64`,
//! [url `u64`], [id `u64`], [site `u32`], length `u32`, threshold `u32`, frames `u16`…, fillings `u8`…, anchors `u32`…, numbers `u16`…,
//! names `u16`…, days `u16`…, title `u16`…. The bracketed are there where their flag is set. The index holds the fillings shorter: [`SPARSE`].

use super::Fingerprint;
use super::fingerprint::{FACTS_MAX, PROBES_MAX, SKETCH_MAX};
use crate::fast::{bits, eight};

const VERSION: u8 = 1;
const TITLE_ONLY: u8 = 1;
const HAS_URL: u8 = 2;
const HAS_ID: u8 = 4;
const HAS_SITE: u8 = 8;
/// Of the fillings only those that are not 0 follow, after a bit for each that says so: how the index holds them.
const SPARSE: u8 = 16;
const FLAGS: u8 = TITLE_ONLY | HAS_URL | HAS_ID | HAS_SITE | SPARSE;

/// Why bytes are no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BytesError {
    /// Written by another version.
    #[error("fingerprint has version {found}, this build reads version {VERSION}")]
    Version {
        /// The version that the bytes name.
        found: u8,
    },
    /// Not of the layout.
    #[error("fingerprint of {length} bytes ends too early or too late, or counts too much")]
    Shape {
        /// How many bytes there are.
        length: usize,
    },
}

/// Reads from the front of a slice.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u16s(&mut self, count: u8, into: &mut Vec<u16>) -> Option<()> {
        let (head, rest) = self.0.split_at_checked(2 * usize::from(count))?;
        into.clear();
        into.extend(head.as_chunks::<2>().0.iter().map(|c| u16::from_le_bytes(*c)));
        self.0 = rest;
        Some(())
    }

    /// All that stands before the frames.
    fn head(&mut self) -> Option<Head> {
        let [_, flags, counts @ ..] = self.take::<8>()?;
        let [frames, anchors, numbers, names, ..] = counts;
        let fits = |count: u8, max: usize| usize::from(count) <= max;
        if flags & !FLAGS != 0
            || !fits(frames, SKETCH_MAX)
            || !fits(anchors, PROBES_MAX)
            || !fits(numbers, FACTS_MAX)
            || !fits(names, FACTS_MAX)
        {
            return None;
        }
        let has = |flag: u8| flags & flag != 0;
        let exact = u64::from_le_bytes(self.take()?);
        let mut key = |flag| {
            if has(flag) {
                Some(u64::from_le_bytes(self.take()?))
            } else {
                Some(0)
            }
        };
        let (url, id) = (key(HAS_URL)?, key(HAS_ID)?);
        let site = if has(HAS_SITE) {
            u32::from_le_bytes(self.take()?)
        } else {
            0
        };
        Some(Head {
            flags,
            counts,
            exact,
            url,
            id,
            site,
            length: u32::from_le_bytes(self.take()?),
            threshold: u32::from_le_bytes(self.take()?),
        })
    }
}

/// What stands before the frames.
struct Head {
    flags: u8,
    counts: [u8; 6],
    exact: u64,
    url: u64,
    id: u64,
    site: u32,
    length: u32,
    threshold: u32,
}

/// The words of a fingerprint, where its bytes stand: enough to see that it is of another story, as most are.
pub(super) struct Words<'a> {
    pub(super) exact: u64,
    pub(super) threshold: u32,
    frames: &'a [[u8; 2]],
}

impl<'a> Words<'a> {
    /// `None` for what is no fingerprint of this version.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let head = reader.head().filter(|_| bytes.first() == Some(&VERSION))?;
        let [frames, ..] = head.counts;
        Some(Self {
            exact: head.exact,
            threshold: head.threshold,
            frames: reader.0.as_chunks().0.get(..usize::from(frames))?,
        })
    }

    pub(super) fn frames(&self) -> impl Iterator<Item = u16> + Clone {
        self.frames.iter().map(|frame| u16::from_le_bytes(*frame))
    }
}

impl Fingerprint {
    /// The fingerprint as bytes, for the memory topic.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 3 * self.frames.len() + 4 * self.anchors.len() + 96);
        self.write(&mut out, self.anchors.len(), 0);
        out
    }

    /// As the index holds it: without the anchors, which are in its table, and short where most shingles have no slots.
    pub(super) fn write_sparse(&self, out: &mut Vec<u8>) {
        self.write(out, 0, SPARSE);
    }

    fn write(&self, out: &mut Vec<u8>, anchors: usize, sparse: u8) {
        let set = |flag: u8, on: bool| if on { flag } else { 0 };
        out.push(VERSION);
        out.push(
            sparse
                | set(TITLE_ONLY, self.title_only)
                | set(HAS_URL, self.url != 0)
                | set(HAS_ID, self.id != 0)
                | set(HAS_SITE, self.site != 0),
        );
        for count in [
            self.frames.len(),
            anchors,
            self.numbers.len(),
            self.names.len(),
            self.days.len(),
            self.title.len(),
        ] {
            out.push(count as u8);
        }
        out.extend(self.exact.to_le_bytes());
        for key in [self.url, self.id].into_iter().filter(|key| *key != 0) {
            out.extend(key.to_le_bytes());
        }
        if self.site != 0 {
            out.extend(self.site.to_le_bytes());
        }
        out.extend(self.length.to_le_bytes());
        out.extend(self.threshold.to_le_bytes());
        out.extend(self.frames.iter().flat_map(|f| f.to_le_bytes()));
        if sparse == 0 {
            out.extend(&self.fillings);
        } else {
            let bits = |fillings: &[u8]| fillings.iter().rev().fold(0, |all, f| all << 1 | u8::from(*f != 0));
            out.extend(self.fillings.chunks(8).map(bits));
            out.extend(self.fillings.iter().filter(|f| **f != 0));
        }
        out.extend(self.anchors.iter().take(anchors).flat_map(|a| a.to_le_bytes()));
        for facts in [&self.numbers, &self.names, &self.days, &self.title] {
            out.extend(facts.iter().flat_map(|f| f.to_le_bytes()));
        }
    }

    /// Read what [`Fingerprint::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BytesError> {
        let mut fingerprint = Self::default();
        fingerprint.read(bytes)?;
        Ok(fingerprint)
    }

    /// Read into an existing fingerprint, whose buffers are used again. On an error its content is of no use.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), BytesError> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&found) => return Err(BytesError::Version { found }),
            None => return Err(BytesError::Shape { length: 0 }),
        }
        self.read_fields(bytes).ok_or(BytesError::Shape { length: bytes.len() })
    }

    fn read_fields(&mut self, bytes: &[u8]) -> Option<()> {
        let mut reader = Reader(bytes);
        let head = reader.head()?;
        let [frames, anchors, numbers, names, days, title] = head.counts;
        self.title_only = head.flags & TITLE_ONLY != 0;
        (self.exact, self.url, self.id, self.site) = (head.exact, head.url, head.id, head.site);
        (self.length, self.threshold) = (head.length, head.threshold);
        reader.u16s(frames, &mut self.frames)?;
        self.fillings.clear();
        if head.flags & SPARSE != 0 {
            let (marks, mut rest) = reader.0.split_at_checked(usize::from(frames).div_ceil(8))?;
            self.fillings.resize(usize::from(frames), 0);
            for (marks, fillings) in marks.chunks(8).zip(self.fillings.chunks_mut(64)) {
                for place in bits::places(eight::read(marks)) {
                    let (filling, behind) = rest.split_first()?;
                    *fillings.get_mut(place)? = *filling;
                    rest = behind;
                }
            }
            reader.0 = rest;
        } else {
            let (fillings, rest) = reader.0.split_at_checked(usize::from(frames))?;
            self.fillings.extend(fillings);
            reader.0 = rest;
        }
        let (keys, rest) = reader.0.split_at_checked(4 * usize::from(anchors))?;
        self.anchors.clear();
        self.anchors
            .extend(keys.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)));
        reader.0 = rest;
        reader.u16s(numbers, &mut self.numbers)?;
        reader.u16s(names, &mut self.names)?;
        reader.u16s(days, &mut self.days)?;
        reader.u16s(title, &mut self.title)?;
        reader.0.is_empty().then_some(())
    }
}
