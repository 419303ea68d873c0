//! Two fingerprints → how much they are one story.
//!
//! In: two fingerprints. Out: the [`Features`] of the pair and a score. Always: pure, and linear in the sketches.

use super::Fingerprint;
use super::fingerprint::SKETCH_MAX;

/// What two fingerprints show of each other. Counts are of the common sample.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Features {
    /// Shingles of the new article in the common sample, and of the known one.
    pub shingles: [f32; 2],
    /// Shingles shared, filling and all.
    pub shared: f32,
    /// Shingles whose frame is shared, whatever fills it.
    pub framed: f32,
    /// Of those with slots: frames shared, and frames shared whose filling is shared too.
    pub slots_framed: f32,
    pub slots_shared: f32,
    /// Shingles shared that follow each other in both texts.
    pub in_order: f32,
    /// Shared part of the smaller side's sampled numbers, and how many those are.
    pub numbers: [f32; 2],
    /// The same for names.
    pub names: [f32; 2],
    /// The same for the words of the titles.
    pub title: [f32; 2],
    /// Tokens of the shorter and of the longer.
    pub lengths: [f32; 2],
}

/// Sampled entries of one side, as the pair's common threshold sees them.
struct Common {
    shift: u32,
    below: u32,
}

impl Common {
    fn new(a: &Fingerprint, b: &Fingerprint) -> Self {
        let threshold = a.threshold.min(b.threshold);
        let shift = threshold.leading_zeros();
        Self {
            shift,
            below: (threshold << shift) >> 16,
        }
    }

    /// The entries of one side below the common threshold: frame (only the bits both sides have), filling.
    fn entries<'a>(&self, side: &'a Fingerprint, blind: u32) -> impl Iterator<Item = (u16, u8)> + 'a {
        let gap = (self.shift - side.threshold.leading_zeros()).min(16);
        let below = self.below;
        let known = if blind >= 16 { 0 } else { u16::MAX << blind };
        side.frames
            .iter()
            .zip(&side.fillings)
            .filter_map(move |(&frame, &filling)| {
                let wide = u32::from(frame) << gap;
                (wide <= below && wide <= 0xFFFF).then_some((wide as u16 & known, filling))
            })
    }
}

/// Shared part of the smaller side of two ascending bottom-k samples, and that side's size.
fn overlap(a: &[u16], b: &[u16], max: usize) -> [f32; 2] {
    let full = |side: &[u16]| {
        if side.len() < max {
            u16::MAX
        } else {
            side.last().copied().unwrap_or(u16::MAX)
        }
    };
    let below = full(a).min(full(b));
    let cut = |side: &[u16]| side.partition_point(|&h| h <= below);
    let (na, nb) = (cut(a), cut(b));
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (true, true, Some(x), Some(y)) = (i < na, j < nb, a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let smaller = na.min(nb);
    [shared as f32 / smaller.max(1) as f32, smaller as f32]
}

const BUCKETS: usize = 256;
const NONE: u8 = u8::MAX;

fn bucket(frame: u16) -> usize {
    usize::from(frame.wrapping_mul(40_503) >> 8)
}

/// Compare a new article's fingerprint with a known one's.
pub(super) fn features(new: &Fingerprint, known: &Fingerprint) -> Features {
    let common = Common::new(new, known);
    let blind = new.threshold.leading_zeros().abs_diff(known.threshold.leading_zeros());
    // Entries of the new side, chained by bucket; position in the common sample is the index.
    let mut heads = [NONE; BUCKETS];
    let mut entries = [(0_u16, 0_u8, NONE); SKETCH_MAX];
    let mut new_count = 0;
    for ((frame, filling), slot) in common.entries(new, blind).zip(&mut entries) {
        if let Some(head) = heads.get_mut(bucket(frame)) {
            *slot = (frame, filling, *head);
            *head = new_count as u8;
        }
        new_count += 1;
    }
    let mut f = Features {
        lengths: [new.length.min(known.length) as f32, new.length.max(known.length) as f32],
        numbers: overlap(&new.numbers, &known.numbers, super::fingerprint::FACTS_MAX),
        names: overlap(&new.names, &known.names, super::fingerprint::FACTS_MAX),
        title: overlap(&new.title, &known.title, super::fingerprint::TITLE_MAX),
        ..Features::default()
    };
    let mut known_count = 0;
    let mut last = usize::MAX;
    for (frame, filling) in common.entries(known, blind) {
        known_count += 1;
        let (mut framed, mut same) = (false, None);
        let mut at = heads.get(bucket(frame)).copied().unwrap_or(NONE);
        while let Some(&(other, other_filling, next)) = entries.get(usize::from(at)) {
            if other == frame {
                framed = true;
                if other_filling == filling {
                    same = Some(usize::from(at));
                }
            }
            at = next;
        }
        let slot = f32::from(u8::from(filling != 0));
        if framed {
            f.framed += 1.0;
            f.slots_framed += slot;
        }
        if let Some(at) = same {
            f.shared += 1.0;
            f.slots_shared += slot;
            if last != usize::MAX && at == last + 1 {
                f.in_order += 1.0;
            }
            last = at;
        }
    }
    f.shingles = [new_count as f32, known_count as f32];
    f
}

impl Features {
    /// Shared part of the smaller side.
    pub fn containment(&self) -> f32 {
        let [a, b] = self.shingles;
        (self.shared / a.min(b).max(1.0)).min(1.0)
    }

    /// Whether the two are one story: positive for yes.
    pub fn score(&self) -> f32 {
        let containment = self.containment();
        let slots = if self.slots_framed > 0.0 {
            self.slots_shared / self.slots_framed
        } else {
            1.0
        };
        if self.shared < 2.0 {
            return -1.0;
        }
        if self.lengths[0] < 30.0 {
            return if containment >= 0.6 && slots >= 0.9 && self.numbers[0] >= 0.75 {
                containment
            } else {
                -1.0
            };
        }
        if containment >= 0.25 && slots >= 0.7 {
            containment
        } else {
            -1.0
        }
    }
}

impl Features {
    /// How alike the two are, 0 to 1.
    pub fn similarity(&self) -> f32 {
        self.containment()
    }

    /// Whether the two have enough in common to be links of one chain.
    pub fn is_related(&self) -> bool {
        self.containment() >= 0.1
    }
}
