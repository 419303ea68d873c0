//! Compressed values: what they stand for, and what is in them.
//!
//! In: a record's value. Out: its size unpacked, as a batch counts it before anything is unpacked, and its bytes. Always: told by the first
//! bytes, gzip or zstd; nothing unpacks to more than [`RATIO_MAX`] times what it was counted as, or [`ALWAYS_BYTES`], so that a batch is
//! bounded by its count and its records whatever a value says of itself.

use std::borrow::Cow;
use std::io::Read;

use super::reject;
use crate::article::{Record, Reject};

/// A value that does not say what it unpacks to counts as this many times its size, about what pages come to at most, and none may unpack to
/// more than this many times what it was counted as.
const RATIO_MAX: usize = 16;

/// Deflate packs no better than this to one.
const DEFLATED_MAX: usize = 1032;

/// Nothing counts as more than this, so that no sum runs over.
const COUNTED_MAX: usize = 1 << 30;

/// What may always be unpacked: little text that repeats packs to almost nothing.
const ALWAYS_BYTES: usize = 64 << 10;

#[derive(Clone, Copy)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    fn of(value: &[u8]) -> Option<Self> {
        match value {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The size that a value says it unpacks to. Gzip keeps its lowest 32 bits, of the last member, at the end (RFC 1952, 2.3.1), and
    /// zstd may keep it in each frame (RFC 8878, 3.1.1.1).
    fn declared(self, value: &[u8]) -> Option<usize> {
        match self {
            Self::Gzip => {
                let last = value.last_chunk().copied()?;
                usize::try_from(u32::from_le_bytes(last)).ok()
            }
            Self::Zstd => {
                let size = zstd::zstd_safe::get_frame_content_size(value).ok()??;
                usize::try_from(size).ok()
            }
        }
    }
}

/// The bytes that a record counts as in a batch: key, headers, and the value [unpacked](counted).
pub(crate) fn weight(record: &Record) -> usize {
    record.bytes_beside_value() + record.value.as_deref().map_or(0, counted)
}

/// The bytes that a value stands for, unpacked as far as is known without unpacking it.
fn counted(value: &[u8]) -> usize {
    let size = value.len();
    let Some(packing) = Packing::of(value) else {
        return size;
    };
    // What says that it is less is of several members or frames; what says that it is far more is cut, or no truth.
    let most = match packing {
        Packing::Gzip => size.saturating_mul(DEFLATED_MAX).min(COUNTED_MAX),
        Packing::Zstd => COUNTED_MAX,
    };
    let may_be = size..=most;
    let declared = packing.declared(value).filter(|declared| may_be.contains(declared));
    declared.unwrap_or(size.saturating_mul(RATIO_MAX)).min(COUNTED_MAX)
}

/// Unpack gzip and zstd values; others are given back as they are.
pub(super) fn unpack(value: &[u8], bytes_max: usize) -> Result<Cow<'_, [u8]>, Reject> {
    let Some(packing) = Packing::of(value) else {
        return Ok(Cow::Borrowed(value));
    };
    let (name, size) = (packing.name(), value.len());
    let bytes_max = counted(value)
        .saturating_mul(RATIO_MAX)
        .max(ALWAYS_BYTES)
        .min(bytes_max);
    let unpacked = match packing {
        Packing::Gzip => read_bounded(flate2::read::MultiGzDecoder::new(value), bytes_max),
        Packing::Zstd => zstd::stream::read::Decoder::with_buffer(value).and_then(|d| read_bounded(d, bytes_max)),
    };
    let unpacked = unpacked.map_err(|e| {
        reject(
            "not-unpacked",
            format!("value of {size} bytes looks like {name}, but: {e}"),
        )
    })?;
    if unpacked.len() > bytes_max {
        return Err(reject(
            "too-large",
            format!("{name} value of {size} bytes unpacks to more than the {bytes_max} allowed"),
        ));
    }
    Ok(Cow::Owned(unpacked))
}

/// All of `from`, or one byte more than allowed.
fn read_bounded(from: impl Read, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    from.take(bytes_max as u64 + 1).read_to_end(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn packed_values_are_unpacked_within_the_limit() {
        let gzip = gzip(&[b'a'; 5000]);
        let zstd = zstd::encode_all([b'a'; 5000].as_slice(), 1).unwrap();
        for packed in [&gzip, &zstd] {
            assert_eq!(unpack(packed, 5000).unwrap().len(), 5000);
            assert_eq!(unpack(packed, 4999).unwrap_err().code, "too-large");
        }
        assert_eq!(unpack(&gzip[..20], 5000).unwrap_err().code, "not-unpacked");
        assert_eq!(unpack(b"plain", 4).unwrap().as_ref(), b"plain");
    }

    #[test]
    fn bounded_a_packed_value_counts_as_what_it_unpacks_to() {
        let bytes = vec![b'a'; 4 << 20];
        assert_eq!(counted(&gzip(&bytes)), bytes.len());
        assert_eq!(counted(&zstd::bulk::compress(&bytes, 1).unwrap()), bytes.len());
        assert_eq!(counted(b"plain"), 5);
        // Said by a header that is a lie, and by what a cut value ends with.
        let boast = [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &(u64::MAX - 15).to_le_bytes()].concat();
        assert_eq!(counted(&boast), RATIO_MAX * boast.len());
        let cut = [&gzip(&bytes)[..1000], &[0xFF; 4]].concat();
        assert_eq!(counted(&cut), RATIO_MAX * cut.len());
        // Written as a stream it does not say its size.
        let stream = zstd::encode_all(bytes.as_slice(), 1).unwrap();
        assert_eq!(counted(&stream), RATIO_MAX * stream.len());
        // Several members, of which the last is small.
        let members = [gzip(&bytes), gzip(b"a")].concat();
        assert_eq!(counted(&members), RATIO_MAX * members.len());
        assert_eq!(unpack(&members, 8 << 20).unwrap().len(), bytes.len() + 1);
    }

    #[test]
    fn bounded_what_unpacks_to_far_more_than_it_says_is_refused() {
        let mut bomb = gzip(&vec![b'a'; 32 << 20]);
        assert_eq!(unpack(&bomb, 64 << 20).unwrap().len(), 32 << 20);
        let size = bomb.len();
        bomb.truncate(size - 4);
        bomb.extend(u32::try_from(size).unwrap().to_le_bytes());
        assert_eq!(counted(&bomb), size);
        let refused = unpack(&bomb, 64 << 20).unwrap_err();
        assert_eq!(refused.code, "too-large");
    }
}
