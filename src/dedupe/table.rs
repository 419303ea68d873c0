//! Key → entries: one flat hash table for everything an article can be found under.
//!
//! In: 64-bit keys and the sequence numbers of entries. Out: the entries that may have a key (32 bits of it are compared; who must be
//! sure looks at the entry). Always: 8 bytes a slot, filled to between 70 and 85 %; entries that left are never removed one by one,
//! but passed over, and swept out when the table is next rebuilt. No order depends on anything but the sequence of insertions.

/// Entries under one key at most. A key that so many articles share says nothing.
pub(super) const POSTINGS_MAX: usize = 16;

const EMPTY: u32 = u32::MAX;
const SLOTS_MIN: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: u32,
    /// Sequence number of the entry; [`EMPTY`] for a free slot.
    entry: u32,
}

#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<Slot>,
    used: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![Slot { key: 0, entry: EMPTY }; SLOTS_MIN],
            used: 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot>()
    }

    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * self.slots.len() as u64) >> 32) as usize
    }

    /// The slots from a key's home on, once around.
    fn run(&self, key: u32) -> impl Iterator<Item = (usize, Slot)> + '_ {
        let home = self.home(key);
        let (before, after) = self.slots.split_at(home.min(self.slots.len()));
        let rest = after.iter().enumerate().map(move |(i, slot)| (home + i, *slot));
        rest.chain(before.iter().enumerate().map(|(i, slot)| (i, *slot)))
    }

    /// The live entries under a key, at most [`POSTINGS_MAX`].
    pub(super) fn find(&self, key: u64, live: impl Fn(u32) -> bool) -> impl Iterator<Item = u32> {
        let key = (key >> 32) as u32;
        self.run(key)
            .take_while(|(_, slot)| slot.entry != EMPTY)
            .filter(move |(_, slot)| slot.key == key && live(slot.entry))
            .map(|(_, slot)| slot.entry)
    }

    /// Put an entry under a key, unless [`POSTINGS_MAX`] live ones are there already.
    ///
    /// `present` is the cheap half of `live`: the entry has not left the window yet, whatever its state.
    pub(super) fn insert(&mut self, key: u64, entry: u32, present: impl Fn(u32) -> bool, live: impl Fn(u32) -> bool) {
        if (self.used + 1) * 20 > self.slots.len() * 17 {
            self.rebuild(&live);
        }
        let key = (key >> 32) as u32;
        let (mut same, mut place) = (0, None);
        for (at, slot) in self.run(key) {
            if slot.entry == EMPTY {
                place = place.or(Some(at));
                break;
            }
            if !present(slot.entry) {
                place = place.or(Some(at));
            } else if slot.key == key && live(slot.entry) {
                same += 1;
                if same == POSTINGS_MAX {
                    return;
                }
            }
        }
        if let Some(slot) = place.and_then(|at| self.slots.get_mut(at)) {
            self.used += usize::from(slot.entry == EMPTY);
            *slot = Slot { key, entry };
        }
    }

    /// Sweep out what left, and take the size that fits what stays.
    pub(super) fn rebuild(&mut self, live: &impl Fn(u32) -> bool) {
        let old = std::mem::take(&mut self.slots);
        let staying = old
            .iter()
            .filter(|slot| slot.entry != EMPTY && live(slot.entry))
            .count();
        self.slots = vec![Slot { key: 0, entry: EMPTY }; (staying * 10 / 7).max(SLOTS_MIN)];
        self.used = staying;
        for slot in old.into_iter().filter(|slot| slot.entry != EMPTY && live(slot.entry)) {
            let free = self
                .run(slot.key)
                .find(|(_, other)| other.entry == EMPTY)
                .map(|(at, _)| at);
            if let Some(place) = free.and_then(|at| self.slots.get_mut(at)) {
                *place = slot;
            }
        }
    }
}
