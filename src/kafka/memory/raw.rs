//! Entries of the memory as they were read, for whoever needs them later.
//!
//! In: keys and values. Out: their entries, in the same order. Always: what is no entry is refused when it comes, not when it is asked for.

use super::entry::{parse, parse_without_fingerprint};
use crate::judge::MemoryEntry;

/// Entries as they were read, kept until they are asked for.
#[derive(Debug, Default)]
pub struct RawEntries {
    /// Keys and values, one behind the other.
    blocks: Vec<Vec<u8>>,
    /// The lengths of each key and value, block by block; a value may be a tombstone.
    lengths: Vec<Vec<(u32, Option<u32>)>>,
    bytes: usize,
}

impl RawEntries {
    /// Bytes of a block. Blocks are never reallocated, so that what is kept is never moved.
    const BLOCK: usize = 1 << 20;

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keep an entry; its verdict, without the fingerprint.
    pub fn keep(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<Option<MemoryEntry>, String> {
        let entry = parse_without_fingerprint(key, value)?;
        let (length, of_value) = (key.len() + value.map_or(0, <[u8]>::len), value.map(|v| v.len() as u32));
        let has_room = |block: &Vec<u8>| block.len() + length <= block.capacity();
        if !self.blocks.last().is_some_and(has_room) {
            self.blocks.push(Vec::with_capacity(Self::BLOCK.max(length)));
            self.lengths.push(Vec::new());
        }
        if let (Some(block), Some(lengths)) = (self.blocks.last_mut(), self.lengths.last_mut()) {
            block.extend_from_slice(key);
            block.extend_from_slice(value.unwrap_or_default());
            lengths.push((key.len() as u32, of_value));
        }
        self.bytes += length + size_of::<(u32, Option<u32>)>();
        Ok(entry)
    }

    /// Hand all entries over, in their order. What cannot be read was refused when it was kept, but for a fingerprint, which is left out.
    pub fn read(self, take: &mut dyn FnMut(MemoryEntry)) {
        for (block, lengths) in self.blocks.into_iter().zip(self.lengths) {
            let mut rest = block.as_slice();
            for (of_key, of_value) in lengths {
                let (key, behind) = rest.split_at(of_key as usize);
                let (value, behind) = behind.split_at(of_value.unwrap_or(0) as usize);
                rest = behind;
                let value = of_value.map(|_| value);
                let entry = parse(key, value).or_else(|_| parse_without_fingerprint(key, value));
                entry.ok().flatten().into_iter().for_each(&mut *take);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Origin;
    use crate::dedupe::{Document, Verdict, fingerprint};
    use crate::kafka::memory::as_output;
    use crate::stage::Output;

    #[test]
    fn what_is_kept_as_it_was_read_gives_the_same_entries() {
        let text = "Some words that an article might have, enough of them.".repeat(40);
        let entry = |n: i64| MemoryEntry {
            origin: Origin {
                topic: "raw/odd".into(),
                partition: 3,
                offset: n,
                position: 1,
            },
            id: format!("id-{n}"),
            time_ms: n,
            verdict: Verdict::unique(),
            fingerprint: (n % 3 != 0).then(|| {
                let text = format!("{text} {n}");
                fingerprint(&Document {
                    text: &text,
                    ..Document::default()
                })
            }),
            site: None,
        };
        let (mut raw, entries) = (RawEntries::default(), (0..8_000).map(entry).collect::<Vec<_>>());
        for entry in &entries {
            let Output { key, value, .. } = as_output(entry);
            let kept = raw.keep(key.as_deref().unwrap(), value.as_deref()).unwrap().unwrap();
            assert_eq!((kept.origin, kept.fingerprint), (entry.origin.clone(), None));
        }
        assert_eq!(raw.keep(b"raw/1/2/0", None), Ok(None));
        assert!(raw.keep(b"raw/1/2", Some(b"{}\n")).is_err());
        assert!(raw.blocks.len() > 1, "more than a block: {} bytes", raw.bytes());
        let mut read = Vec::new();
        raw.read(&mut |entry| read.push(entry));
        assert_eq!(read, entries);
    }
}
