//! Lines → what stands around each of them, as numbers.
//!
//! In: for each line its units, whether it reads as prose, and what phrases it holds. Out: [`CONTEXT`] numbers a line. Always:
//! finite; linear in the lines. A net sees only the nearest lines; these numbers see the whole text: where its densest stretches
//! of prose lie, how far the nearest line of each kind of furniture is, and what the next lines before and behind hold.

use super::numbers::{flag, log};
use super::phrases::Hits;
use super::shapes::Shape;

/// Numbers for each dense stretch.
const STRETCH: usize = 5;
const STRETCHES: usize = 3;
/// Numbers for each kind of furniture whose distance counts.
const MARK: usize = 4;
/// Kinds that part an article from what follows it, by their places in [`super::phrases::KINDS`].
const MARKS: [usize; 7] = [2, 3, 7, 8, 9, 5, 0];
/// Numbers for each window.
const WINDOW: usize = 4;
/// Lines before and behind that a window holds.
const WINDOWS: [usize; 3] = [4, 12, 40];
/// Numbers a line.
pub(super) const CONTEXT: usize = STRETCH * STRETCHES + 1 + MARK * MARKS.len() + WINDOW * WINDOWS.len();

/// Units beyond which a line weighs no more.
const UNITS_MAX: f32 = 80.0;
/// Lines with fewer units, and not prose, are short: links and captions.
const SHORT_UNITS: f32 = 12.0;
/// A phrase must cover this share of a line, or begin it, to make it a mark.
const MARK_SHARE: f32 = 0.3;

/// What is asked of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    units: f32,
    prose: bool,
    /// Share of the line that phrases cover.
    furniture: f32,
    /// Bit k: the line is a mark of the kind `MARKS[k]`.
    marks: u8,
}

impl Seen {
    pub(super) fn of(shape: &Shape, hits: &Hits, length: usize) -> Self {
        let (furniture, marks) = if hits.any() { of_hits(hits, length) } else { (0.0, 0) };
        Self {
            units: shape.units,
            prose: shape.is_sentence(),
            furniture,
            marks,
        }
    }

    fn prose_units(&self) -> f32 {
        if self.prose { self.units.min(UNITS_MAX) } else { 0.0 }
    }

    /// What the line adds to a stretch, in three views: long lines, lines of prose, and both.
    fn worth(&self) -> [f32; STRETCHES] {
        let own = 1.0 - self.furniture;
        let part = if self.prose { 1.0 } else { 0.5 };
        [
            self.units.min(UNITS_MAX) * own - 12.0,
            self.prose_units() * own - 8.0,
            self.units.min(60.0) * own * part - 4.0,
        ]
    }
}

/// The share of a line of this length that phrases cover, and the kinds it is a mark of.
fn of_hits(hits: &Hits, length: usize) -> (f32, u8) {
    let parts = hits
        .bytes
        .map(|bytes| (f32::from(bytes) / length.max(1) as f32).min(1.0));
    let mut marks = 0;
    for (bit, &kind) in MARKS.iter().enumerate() {
        let begins = hits.begins == Some(kind as u8);
        let is = hits.bytes[kind] > 0 && (begins || parts[kind] > MARK_SHARE);
        marks |= u8::from(is) << bit;
    }
    (parts.iter().sum::<f32>().min(1.0), marks)
}

/// Write the numbers of each line at the end of its row.
pub(super) fn fill<const WIDTH: usize>(lines: &[Seen], rows: &mut [[f32; WIDTH]]) {
    if lines.is_empty() {
        return;
    }
    let stretches = stretches(lines);
    let within = prose_within(lines, stretches[0]);
    for (place, row) in rows.iter_mut().enumerate() {
        let Some(out) = row.last_chunk_mut::<CONTEXT>() else {
            continue;
        };
        for (stretch, out) in stretches.iter().zip(out.chunks_exact_mut(STRETCH)) {
            of_stretch(place, *stretch, out);
        }
        out[STRETCH * STRETCHES] = within;
    }
    let marks = WIDTH - CONTEXT + STRETCH * STRETCHES + 1;
    fill_marks(lines, marks, rows);
    fill_windows(lines, marks + MARK * MARKS.len(), rows);
}

/// Where the lines of most worth lie together (`start..end`), in each view.
fn stretches(lines: &[Seen]) -> [(usize, usize); STRETCHES] {
    let mut best = [(0.0_f32, 0, 0); STRETCHES];
    let mut open = [(0.0_f32, 0); STRETCHES];
    for (place, line) in lines.iter().enumerate() {
        for ((worth, open), best) in line.worth().into_iter().zip(&mut open).zip(&mut best) {
            open.0 += worth;
            if open.0 <= 0.0 {
                *open = (0.0, place + 1);
            }
            if open.0 > best.0 {
                *best = (open.0, open.1, place + 1);
            }
        }
    }
    best.map(|(_, start, end)| (start, end))
}

/// The share of all prose that a stretch holds.
fn prose_within(lines: &[Seen], (start, end): (usize, usize)) -> f32 {
    let prose = |lines: &[Seen]| lines.iter().map(Seen::prose_units).sum::<f32>();
    prose(lines.get(start..end).unwrap_or_default()) / prose(lines).max(1.0)
}

fn of_stretch(place: usize, (start, end): (usize, usize), out: &mut [f32]) {
    let near = |distance: usize| log(distance as f32) / 4.0;
    let inside = (start..end).contains(&place);
    let values: [f32; STRETCH] = [
        f32::from(u8::from(inside)),
        f32::from(u8::from(place < start)),
        near(start.saturating_sub(place)),
        near((place + 1).saturating_sub(end)),
        if inside {
            near((place - start).min(end - 1 - place))
        } else {
            0.0
        },
    ];
    out.copy_from_slice(&values);
}

/// For each kind of mark: whether one stands before (at the line itself, too) and how near, and the same behind. They stand in the rows from
/// `start` on.
fn fill_marks<const WIDTH: usize>(lines: &[Seen], start: usize, rows: &mut [[f32; WIDTH]]) {
    let any = lines.iter().fold(0, |any, line| any | line.marks);
    for bit in (0..MARKS.len()).filter(|bit| any & (1 << bit) != 0) {
        let at = start + bit * MARK;
        let fill = |line: &Seen, row: &mut [f32; WIDTH], at: usize, distance: &mut f32| {
            *distance = if line.marks & (1 << bit) != 0 {
                0.0
            } else {
                *distance + 1.0
            };
            // Where there is none it is endlessly far away.
            row[at] = flag(distance.is_finite());
            row[at + 1] = 1.0 / (1.0 + *distance / 4.0);
        };
        let mut distance = f32::INFINITY;
        for (line, row) in lines.iter().zip(rows.iter_mut()) {
            fill(line, row, at, &mut distance);
        }
        distance = f32::INFINITY;
        for (line, row) in lines.iter().zip(rows.iter_mut()).rev() {
            fill(line, row, at + 2, &mut distance);
        }
    }
}

/// For each window: prose before and behind, short lines before and behind, all per line. They stand in the rows from `start` on.
fn fill_windows<const WIDTH: usize>(lines: &[Seen], start: usize, rows: &mut [[f32; WIDTH]]) {
    let mut sums = Vec::with_capacity(lines.len() + 1);
    let mut sum = (0.0_f64, 0_u32);
    sums.push(sum);
    for line in lines {
        sum.0 += f64::from(line.prose_units());
        sum.1 += u32::from(!line.prose && line.units < SHORT_UNITS);
        sums.push(sum);
    }
    let prose = |from: usize, to: usize, size: f32| log((sums[to].0 - sums[from].0) as f32 / size) / 3.0;
    let short = |from: usize, to: usize, size: f32| (sums[to].1 - sums[from].1) as f32 / size;
    for (place, row) in rows.iter_mut().enumerate() {
        for (&lines_near, out) in WINDOWS.iter().zip(row[start..].chunks_exact_mut(WINDOW)) {
            let (first, end) = (
                place.saturating_sub(lines_near),
                (place + lines_near + 1).min(lines.len()),
            );
            let size = lines_near as f32;
            let values: [f32; WINDOW] = [
                prose(first, place, size),
                prose(place + 1, end, size),
                short(first, place, size),
                short(place + 1, end, size),
            ];
            out.copy_from_slice(&values);
        }
    }
}
