//! Features of lines → log-odds that each line belongs to the article.
//!
//! In: [`WIDTH`] numbers a line, those it gives alone apart. Out: a number a line. Always: finite for finite input; linear in the lines; the same on every
//! machine up to rounding.
//!
//! A small net: the features give [`HIDDEN`] rectified units a line; residual layers then look at each line together with those
//! `dilation` lines before and after it. Weights: `weights.bin`, fitted by `tools/fit_text_lines.py`, which says on what.

use std::sync::LazyLock;

use multiversion::multiversion;

use super::features::{AROUND, OWN, SHAPE, WIDTH};
use crate::clean::weights;

const HIDDEN: usize = 16;
const DILATIONS: [usize; 5] = [1, 2, 4, 8, 16];
/// Lines of zeros before the first line and behind the last, as far as a layer looks.
const MARGIN: usize = 16;

/// The units of a line.
pub(super) type Units = [f32; HIDDEN];

/// A layer that looks at neighbours: weights of the line before, itself and the line behind, for each unit; then a mix.
struct Layer {
    near: [Units; 3],
    bias: Units,
    mix: Vec<Units>,
}

struct Net {
    first: Vec<Units>,
    bias: Units,
    layers: Vec<Layer>,
    last: Units,
    offset: f32,
}

static NET: LazyLock<Net> = LazyLock::new(|| Net::read(weights::file("weights.bin", include_bytes!("weights.bin"))));

impl Net {
    fn read(bytes: &[u8]) -> Self {
        let mut numbers = bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let mut units = || -> Units { std::array::from_fn(|_| numbers.next().unwrap_or(0.0)) };
        let first = (0..WIDTH).map(|_| units()).collect();
        let bias = units();
        let layers = DILATIONS
            .iter()
            .map(|_| Layer {
                near: std::array::from_fn(|_| units()),
                bias: units(),
                mix: (0..HIDDEN).map(|_| units()).collect(),
            })
            .collect();
        let last = units();
        Self {
            first,
            bias,
            layers,
            last,
            offset: numbers.next().unwrap_or(0.0),
        }
    }
}

/// Lines that are summed side by side: each addition waits for the one before it, but not for those of other lines.
const ABREAST: usize = 4;

/// What the numbers of each of so many lines alone add to its units; `write` gives a line's. They are the same in every round.
pub(super) fn own_units(count: usize, write: impl Fn(usize, &mut [f32; OWN])) -> Vec<Units> {
    let mut units = Vec::with_capacity(count.next_multiple_of(ABREAST));
    let mut rows = [[0.0; OWN]; ABREAST];
    for start in (0..count).step_by(ABREAST) {
        for (line, row) in (start..count).zip(&mut rows) {
            write(line, row);
        }
        units.extend(own_abreast(&rows));
    }
    units.truncate(count);
    units
}

#[multiversion(targets("x86_64+avx2"))]
fn own_abreast(rows: &[[f32; OWN]; ABREAST]) -> [Units; ABREAST] {
    let net = &*NET;
    let mut sums = [net.bias; ABREAST];
    let own = rows.each_ref();
    add(&mut sums, &own, &net.first, 0..SHAPE);
    // Most lines hold no phrase, and numbers that are zero add nothing.
    let all = |bits, value: &f32| bits | value.to_bits();
    if rows.iter().flat_map(|row| &row[SHAPE..]).fold(0, all) != 0 {
        add(&mut sums, &own, &net.first, SHAPE..OWN);
    }
    sums
}

/// Log-odds for each line: `own` are the units that it gives alone, `around` its other numbers.
pub(super) fn log_odds<'a>(own: impl Iterator<Item = &'a Units>, around: &[[f32; AROUND]]) -> Vec<f32> {
    let mut hidden = vec![[0.0; HIDDEN]; MARGIN + around.len().next_multiple_of(ABREAST) + MARGIN];
    for (hidden, own) in hidden[MARGIN..].iter_mut().zip(own) {
        *hidden = *own;
    }
    of_units(hidden, around)
}

/// The same: sums of the same numbers in the same order on every machine, eight at once where the processor can.
#[multiversion(targets("x86_64+avx2"))]
fn of_units(mut hidden: Vec<Units>, around: &[[f32; AROUND]]) -> Vec<f32> {
    let weights = &*NET;
    let others = weights.first.get(OWN..).unwrap_or_default();
    let lines = MARGIN..MARGIN + around.len();
    let (columns, column_count) = used(around);
    for (sums, rows) in hidden[MARGIN..]
        .as_chunks_mut()
        .0
        .iter_mut()
        .zip(around.chunks(ABREAST))
    {
        let last = &rows[rows.len() - 1];
        let rows = std::array::from_fn(|at| rows.get(at).unwrap_or(last));
        add(sums, &rows, others, columns[..column_count].iter().copied());
        for unit in sums.as_flattened_mut() {
            *unit = unit.max(0.0);
        }
    }
    let mut next = hidden.clone();
    for (layer, &dilation) in weights.layers.iter().zip(&DILATIONS) {
        // What was summed beside the last lines is of none.
        hidden[lines.end..].fill([0.0; HIDDEN]);
        for (at, out) in (MARGIN..lines.end)
            .step_by(ABREAST)
            .zip(next[MARGIN..].as_chunks_mut().0)
        {
            *out = layer.of(&hidden, at, dilation);
        }
        std::mem::swap(&mut hidden, &mut next);
    }
    hidden[lines]
        .iter()
        .map(|units| units.iter().zip(&weights.last).map(|(u, w)| u * w).sum::<f32>() + weights.offset)
        .collect()
}

/// The columns in which a row has another number than zero, and how many they are. Without furniture there are few.
#[expect(
    clippy::inline_always,
    reason = "what is called is compiled for the oldest processor"
)]
#[inline(always)]
fn used(rows: &[[f32; AROUND]]) -> ([usize; AROUND], usize) {
    let mut bits = [0; AROUND];
    for row in rows {
        for (bits, value) in bits.iter_mut().zip(row) {
            *bits |= value.to_bits();
        }
    }
    let (mut columns, mut count) = ([0; AROUND], 0);
    for (column, bits) in bits.into_iter().enumerate() {
        columns[count] = column;
        count += usize::from(bits != 0);
    }
    (columns, count)
}

impl Layer {
    /// The units of the lines from `start` on, by those of all lines.
    #[expect(
        clippy::inline_always,
        reason = "what is called is compiled for the oldest processor"
    )]
    #[inline(always)]
    fn of(&self, lines: &[Units], start: usize, dilation: usize) -> [Units; ABREAST] {
        let [before, mut sums, behind] = [start - dilation, start, start + dilation].map(|start| abreast(lines, start));
        let mut seen = [self.bias; ABREAST];
        for (at, seen) in seen.iter_mut().enumerate() {
            for (u, seen) in seen.iter_mut().enumerate() {
                let near =
                    before[at][u] * self.near[0][u] + sums[at][u] * self.near[1][u] + behind[at][u] * self.near[2][u];
                *seen = (*seen + near).max(0.0);
            }
        }
        add(&mut sums, &seen.each_ref(), &self.mix, 0..self.mix.len());
        sums
    }
}

/// The units of the lines from this place on.
#[expect(
    clippy::inline_always,
    reason = "what is called is compiled for the oldest processor"
)]
#[inline(always)]
fn abreast(lines: &[Units], start: usize) -> [Units; ABREAST] {
    let lines = lines.get(start..).and_then(|lines| lines.first_chunk());
    lines.copied().unwrap_or_default()
}

/// Add the numbers of some rows in these columns, each by its weights.
#[expect(
    clippy::inline_always,
    reason = "what is called is compiled for the oldest processor"
)]
#[inline(always)]
fn add<const WIDTH: usize>(
    sums: &mut [Units; ABREAST],
    rows: &[&[f32; WIDTH]; ABREAST],
    weights: &[Units],
    columns: impl Iterator<Item = usize>,
) {
    let mut own = *sums;
    for column in columns {
        let weights = &weights[column];
        for (sum, row) in own.iter_mut().zip(rows) {
            let value = row[column];
            for (s, w) in sum.iter_mut().zip(weights) {
                *s += value * w;
            }
        }
    }
    *sums = own;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_fill_the_net() {
        let layer = HIDDEN * (3 + 1 + HIDDEN);
        let numbers = (WIDTH + 1) * HIDDEN + DILATIONS.len() * layer + HIDDEN + 1;
        assert_eq!(include_bytes!("weights.bin").len(), numbers * 4);
    }
}
