//! Key → entries: one table for everything an article can be found under.
//!
//! In: 64-bit keys and the sequence numbers of entries. Out: the entries that may have a key (36 bits of it are compared; who must be
//! sure looks at the entry). Always: 7 bytes a slot, filled to between 80 and 92 %; entries that left are never removed one by one,
//! but passed over, and swept out when their segment is next rebuilt. No order depends on anything but the sequence of insertions.
//!
//! The keys' first bits choose a *segment*, which grows by itself, so that no insertion waits for more than one of them. A segment is an
//! ascending list with gaps: a key's home is where it would stand if all were evenly spread, and it stands there or behind, with no gap
//! between. Who looks for a key stops at the first larger one.

use smallvec::SmallVec;

/// Entries under one key at most. A key that so many articles share says nothing.
pub(super) const POSTINGS_MAX: usize = 16;

/// More keys than an article looks for, mostly.
const TOUCHED: usize = 64;

const SEGMENT_BITS: u32 = 12;
const KEY_BITS: u32 = 24;

/// Three bytes of key, four bytes of the entry's sequence number: no padding between slots.
#[derive(Debug, Clone, Copy)]
struct Slot {
    key: [u8; 3],
    entry: [u8; 4],
}

/// No slot: its key is larger than any, so that who looks for a key stops there.
const GAP: Slot = Slot {
    key: [0xFF; 3],
    entry: [0xFF; 4],
};
const KEY_MAX: u32 = (1 << KEY_BITS) - 2;

impl Slot {
    fn new(key: u32, entry: u32) -> Self {
        let [a, b, c, _] = key.to_le_bytes();
        Self {
            key: [a, b, c],
            entry: entry.to_le_bytes(),
        }
    }

    fn key(self) -> u32 {
        let [a, b, c] = self.key;
        u32::from_le_bytes([a, b, c, 0])
    }

    fn entry(self) -> u32 {
        u32::from_le_bytes(self.entry)
    }

    fn is_gap(self) -> bool {
        self.key() > KEY_MAX
    }
}

/// An ascending list with gaps.
#[derive(Debug, Default)]
struct Segment {
    slots: Vec<Slot>,
    /// Homes: there may be a few more slots, behind the last of them.
    homes: u32,
    used: u32,
}

#[derive(Debug)]
pub(super) struct Table {
    segments: Vec<Segment>,
    slots: usize,
}

/// A key's segment, and what is compared of it.
fn split(key: u64) -> (usize, u32) {
    let segment = key >> (64 - SEGMENT_BITS);
    let within = (key >> (64 - SEGMENT_BITS - KEY_BITS)) as u32 & ((1 << KEY_BITS) - 1);
    (segment as usize, within.min(KEY_MAX))
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            segments: std::iter::repeat_with(Segment::default)
                .take(1 << SEGMENT_BITS)
                .collect(),
            slots: 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots * size_of::<Slot>() + self.segments.len() * size_of::<Segment>()
    }

    /// Bring what [`find`](Self::find) will read of these keys into the caches: all at once, where one after the other would wait for memory
    /// each time.
    pub(super) fn touch(&self, keys: impl Iterator<Item = u64>) {
        let first = |key| {
            let (segment, key) = split(key);
            self.segments.get(segment)?.run(key).first()
        };
        // Where they stand is computed for all before the first is read.
        let slots: SmallVec<[&Slot; TOUCHED]> = keys.filter_map(first).collect();
        std::hint::black_box(slots.iter().fold(0, |all, slot| all ^ slot.key()));
    }

    /// The live entries under a key, at most [`POSTINGS_MAX`].
    pub(super) fn find(&self, key: u64, live: impl Fn(u32) -> bool) -> impl Iterator<Item = u32> {
        let (segment, key) = split(key);
        let segment = self.segments.get(segment);
        segment
            .map(|segment| segment.run(key))
            .unwrap_or_default()
            .iter()
            .take_while(move |slot| slot.key() <= key)
            .filter(move |slot| slot.key() == key && live(slot.entry()))
            .map(|slot| slot.entry())
    }

    /// Put an entry under a key, unless [`POSTINGS_MAX`] live ones are there already.
    ///
    /// `present` is the cheap half of `live`: the entry has not left the window yet, whatever its state.
    pub(super) fn insert(&mut self, key: u64, entry: u32, present: impl Fn(u32) -> bool, live: impl Fn(u32) -> bool) {
        let (segment, key) = split(key);
        if let Some(segment) = self.segments.get_mut(segment) {
            let before = segment.slots.capacity();
            segment.insert(Slot::new(key, entry), &present, &live);
            self.slots += segment.slots.capacity();
            self.slots -= before;
        }
    }

    /// Sweep out what left, and take the size that fits what stays.
    pub(super) fn rebuild(&mut self, present: &impl Fn(u32) -> bool) {
        for segment in &mut self.segments {
            segment.rebuild(present);
        }
        self.slots = self.segments.iter().map(|segment| segment.slots.capacity()).sum();
    }
}

impl Segment {
    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * u64::from(self.homes)) >> KEY_BITS) as usize
    }

    fn run(&self, key: u32) -> &[Slot] {
        self.slots.get(self.home(key)..).unwrap_or_default()
    }

    fn insert(&mut self, new: Slot, present: &impl Fn(u32) -> bool, live: &impl Fn(u32) -> bool) {
        if (self.used + 1) * 25 > self.homes * 23 {
            self.rebuild(present);
        }
        let (key, home) = (new.key(), self.home(new.key()));
        let (mut same, mut place, mut dead) = (0, home, None);
        for slot in self.run(key) {
            if slot.key() > key {
                break;
            }
            if slot.key() == key {
                if live(slot.entry()) {
                    same += 1;
                } else {
                    dead = Some(place);
                }
                if same == POSTINGS_MAX {
                    return;
                }
            }
            place += 1;
        }
        // One of the same key that counts no more gives its place: what is too old when it comes, or taken back, would else pile up.
        if let Some(slot) = dead.and_then(|dead| self.slots.get_mut(dead)) {
            *slot = new;
            return;
        }
        // What stands there moves up into the next gap, or over one that has left.
        let behind = self.slots.get(place..).unwrap_or_default();
        let free = behind.iter().position(|slot| slot.is_gap() || !present(slot.entry()));
        match free.and_then(|free| self.slots.get_mut(place..=place + free)) {
            Some(moved) => {
                if let Some((free, _)) = moved.split_last() {
                    self.used += u32::from(free.is_gap());
                }
                moved.rotate_right(1);
                if let Some(slot) = moved.first_mut() {
                    *slot = new;
                }
            }
            None => {
                self.slots.reserve_exact(1);
                self.slots.insert(place.min(self.slots.len()), new);
                self.used += 1;
            }
        }
    }

    fn rebuild(&mut self, present: &impl Fn(u32) -> bool) {
        let stays = |slot: &&Slot| !slot.is_gap() && present(slot.entry());
        let staying = self.slots.iter().filter(stays).count();
        let homes = (staying + 1) * 5 / 4 + 2;
        let old = std::mem::take(&mut self.slots);
        self.slots = Vec::with_capacity(homes + homes / 64 + 2);
        (self.homes, self.used) = (homes as u32, staying as u32);
        for slot in old.iter().filter(stays) {
            let gaps = self.home(slot.key()).max(self.slots.len());
            self.slots.resize(gaps, GAP);
            self.slots.push(*slot);
        }
        self.slots.resize(homes.max(self.slots.len()), GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedupe::tokens::mix;

    #[test]
    fn what_is_dead_before_it_leaves_does_not_pile_up() {
        let mut table = Table::new();
        for entry in 0..10_000_u32 {
            table.insert(mix(7), entry, |_| true, |e| e % 100 == 0);
        }
        let slots: usize = table
            .segments
            .iter()
            .map(|s| s.slots.iter().filter(|s| !s.is_gap()).count())
            .sum();
        assert_eq!(slots, POSTINGS_MAX);
        assert_eq!(table.find(mix(7), |e| e % 100 == 0).count(), POSTINGS_MAX);
    }

    #[test]
    fn what_was_put_is_found_and_what_left_is_not() {
        let mut table = Table::new();
        for entry in 0..200_000_u32 {
            let oldest = entry.saturating_sub(50_000);
            table.insert(mix(u64::from(entry / 3)), entry, |e| e >= oldest, |e| e >= oldest);
        }
        let live = |entry: u32| entry >= 150_000;
        for key in 0..200_000 / 3 {
            let found: Vec<u32> = table.find(mix(u64::from(key)), live).collect();
            let expected: Vec<u32> = (3 * key..3 * key + 3).filter(|e| live(*e)).collect();
            assert!(expected.iter().all(|e| found.contains(e)), "key {key}: {found:?}");
            assert!(found.len() <= expected.len() + 1, "key {key}: {found:?}");
        }
        assert!(table.bytes() < 50_000 * 20 + 4096 * 32, "{} bytes", table.bytes());
    }

    #[test]
    fn bounded_under_one_key() {
        let mut table = Table::new();
        for entry in 0..1000 {
            table.insert(7, entry, |_| true, |_| true);
        }
        assert_eq!(table.find(7, |_| true).count(), POSTINGS_MAX);
    }

    #[test]
    fn a_segment_holds_keys_that_are_all_large() {
        let mut segment = Segment::default();
        for entry in 0..500 {
            segment.insert(Slot::new(KEY_MAX - entry % 100, entry), &|_| true, &|_| true);
        }
        assert_eq!(segment.used, 500);
        let keys: Vec<u32> = segment.slots.iter().filter(|s| !s.is_gap()).map(|s| s.key()).collect();
        assert!(keys.is_sorted());
    }
}
