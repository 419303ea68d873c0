//! Features of lines → log-odds that each line belongs to the article.
//!
//! In: [`WIDTH`] numbers a line, those it gives alone apart. Out: a number a line. Always: finite for finite input; linear in the lines; the same on every
//! machine up to rounding.
//!
//! A small net: the features give [`HIDDEN`] rectified units a line; residual layers then look at each line together with those
//! `dilation` lines before and after it. Weights: `weights.bin`, fitted by `tools/fit_text_lines.py`, which says on what.

use std::sync::LazyLock;

use multiversion::multiversion;

use super::features::{AROUND, OWN, WIDTH};

const HIDDEN: usize = 16;
const DILATIONS: [usize; 5] = [1, 2, 4, 8, 16];

/// The units of a line.
pub(super) type Units = [f32; HIDDEN];

/// A layer that looks at neighbours: weights of the line before, itself and the line behind, for each unit; then a mix.
struct Layer {
    near: [Units; 3],
    bias: Units,
    mix: [Units; HIDDEN],
}

struct Net {
    first: Vec<Units>,
    bias: Units,
    layers: Vec<Layer>,
    last: Units,
    offset: f32,
}

static NET: LazyLock<Net> = LazyLock::new(|| Net::read(include_bytes!("weights.bin")));

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
                mix: std::array::from_fn(|_| units()),
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

/// What the numbers of a line alone add to its units. They are the same in every round.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn own_units(row: &[f32; OWN]) -> Units {
    let net = &*NET;
    add(net.bias, row, &net.first)
}

/// Log-odds for each line: `own` are what it gives alone, `around` its [`AROUND`] other numbers.
pub(super) fn log_odds<'a>(own: impl Iterator<Item = &'a Units>, around: &[f32]) -> Vec<f32> {
    of_units(own.copied().collect(), around)
}

/// The same: sums of the same numbers in the same order on every machine, eight at once where the processor can.
#[multiversion(targets("x86_64+avx2"))]
fn of_units(mut hidden: Vec<Units>, around: &[f32]) -> Vec<f32> {
    let weights = &*NET;
    let others = weights.first.get(OWN..).unwrap_or_default();
    for (units, row) in hidden.iter_mut().zip(around.chunks_exact(AROUND)) {
        *units = add(*units, row, others).map(|s| s.max(0.0));
    }
    let mut next = hidden.clone();
    for (layer, &dilation) in weights.layers.iter().zip(&DILATIONS) {
        let count = hidden.len();
        for (i, out) in next.iter_mut().enumerate() {
            let here = &hidden[i];
            let before = if i >= dilation {
                &hidden[i - dilation]
            } else {
                &[0.0; HIDDEN]
            };
            let behind = if i + dilation < count {
                &hidden[i + dilation]
            } else {
                &[0.0; HIDDEN]
            };
            let mut seen = layer.bias;
            for u in 0..HIDDEN {
                seen[u] += before[u] * layer.near[0][u] + here[u] * layer.near[1][u] + behind[u] * layer.near[2][u];
            }
            let mut sum = *here;
            for (value, weights) in seen.iter().zip(&layer.mix) {
                let value = value.max(0.0);
                for (s, w) in sum.iter_mut().zip(weights) {
                    *s += value * w;
                }
            }
            *out = sum;
        }
        std::mem::swap(&mut hidden, &mut next);
    }
    hidden
        .iter()
        .map(|units| units.iter().zip(&weights.last).map(|(u, w)| u * w).sum::<f32>() + weights.offset)
        .collect()
}

/// Add the numbers of a row, each by its weights.
#[expect(
    clippy::inline_always,
    reason = "what is called is compiled for the oldest processor"
)]
#[inline(always)]
fn add(mut sum: Units, row: &[f32], weights: &[Units]) -> Units {
    for (&value, weights) in row.iter().zip(weights) {
        for (s, w) in sum.iter_mut().zip(weights) {
            *s += value * w;
        }
    }
    sum
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
