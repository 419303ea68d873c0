//! Bytes that are written once, in order, and leave in the same order.
//!
//! In: byte strings. Out: their addresses, and the strings again. Always: a string lies in one chunk; a chunk goes when all in it left.

use std::collections::VecDeque;

/// Bytes of a chunk: small enough to leave soon, large enough to cost nothing.
const CHUNK_BYTES: usize = 1 << 16;

/// Where a string lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    chunk: u32,
    start: u32,
    length: u32,
}

#[derive(Debug, Default)]
pub(super) struct Arena {
    chunks: VecDeque<Vec<u8>>,
    /// Number of the first chunk still here.
    first: u32,
    capacity: usize,
}

impl Arena {
    pub(super) fn bytes(&self) -> usize {
        self.capacity + self.chunks.capacity() * size_of::<Vec<u8>>()
    }

    pub(super) fn push(&mut self, string: &[u8]) -> Address {
        let fits = |chunk: &Vec<u8>| chunk.capacity() - chunk.len() >= string.len();
        if !self.chunks.back().is_some_and(fits) {
            let chunk = Vec::with_capacity(string.len().max(CHUNK_BYTES));
            self.capacity += chunk.capacity();
            self.chunks.push_back(chunk);
        }
        let chunk = self.first.wrapping_add(self.chunks.len() as u32 - 1);
        let mut start = 0;
        if let Some(last) = self.chunks.back_mut() {
            start = last.len() as u32;
            last.extend_from_slice(string);
        }
        Address {
            chunk,
            start,
            length: string.len() as u32,
        }
    }

    /// A string by its address; empty if it has left.
    pub(super) fn get(&self, address: Address) -> &[u8] {
        let chunk = self.chunks.get(address.chunk.wrapping_sub(self.first) as usize);
        let start = address.start as usize;
        chunk
            .and_then(|c| c.get(start..start + address.length as usize))
            .unwrap_or_default()
    }

    /// Bring strings into the caches, all at once.
    pub(super) fn touch(&self, addresses: impl Iterator<Item = Address>) {
        const LINE: usize = 64;
        let lines = |address| self.get(address).iter().step_by(LINE).fold(0, |all, byte| all ^ byte);
        std::hint::black_box(addresses.map(lines).fold(0, |all, line| all ^ line));
    }

    /// Let all chunks before an address go; all of them for `None`.
    pub(super) fn leave_before(&mut self, address: Option<Address>) {
        let end = self.first.wrapping_add(self.chunks.len() as u32);
        let until = address.map_or(end, |a| a.chunk);
        while self.first != until {
            let Some(chunk) = self.chunks.pop_front() else {
                break;
            };
            self.capacity -= chunk.capacity();
            self.first = self.first.wrapping_add(1);
        }
    }
}
