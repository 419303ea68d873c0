//! Rows of numbers and what each is labelled → weights that tell the labels.
//!
//! In: rows of one length, a label for each, the side that each weight may take. Out: [`Fitted`]. Always: pure and repeatable; no weight on the
//! wrong side of nothing, none beyond [`WEIGHT_MAX`]; finite for finite rows.

/// Passes over all weights.
const PASSES: usize = 60;
const WEIGHT_MAX: f64 = 6.0;

/// On which side of nothing a weight must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    For,
    Against,
}

/// Weights, one a number of a row, and what is added to their sum.
pub(super) struct Fitted {
    pub(super) weights: Vec<f64>,
    pub(super) bias: f64,
}

/// Logistic regression with a ridge and signs, by Newton steps on one weight after another. Linear in the rows, for each pass.
pub(super) fn regression(rows: &[Vec<f64>], labels: &[bool], signs: &[Sign], ridge: f64) -> Fitted {
    let mut fitted = Fitted {
        weights: vec![0.0; signs.len()],
        bias: 0.0,
    };
    let mut z = vec![0.0_f64; rows.len()];
    for _ in 0..PASSES {
        let step = newton(&z, labels, |_| 1.0, 0.0, 1e-3);
        fitted.bias += step;
        for z in &mut z {
            *z += step;
        }
        for (at, sign) in signs.iter().enumerate() {
            let value = |i: usize| rows.get(i).and_then(|row| row.get(at)).copied().unwrap_or(0.0);
            let before = fitted.weights.get(at).copied().unwrap_or(0.0);
            let wanted = before + newton(&z, labels, value, before, ridge);
            let after = match sign {
                Sign::For => wanted.clamp(0.0, WEIGHT_MAX),
                Sign::Against => wanted.clamp(-WEIGHT_MAX, 0.0),
            };
            if let Some(weight) = fitted.weights.get_mut(at) {
                *weight = after;
            }
            for (i, z) in z.iter_mut().enumerate() {
                *z += (after - before) * value(i);
            }
        }
    }
    fitted
}

/// The step of one weight towards the least loss, no longer than one.
fn newton(z: &[f64], labels: &[bool], value: impl Fn(usize) -> f64, weight: f64, ridge: f64) -> f64 {
    let (mut slope, mut curve) = (ridge * weight, ridge);
    for (i, (z, is)) in z.iter().zip(labels).enumerate() {
        let (x, p) = (value(i), logistic(*z));
        slope += (p - f64::from(u8::from(*is))) * x;
        curve += p * (1.0 - p) * x * x;
    }
    (-slope / curve.max(1e-9)).clamp(-1.0, 1.0)
}

/// The probability of log-odds.
pub(super) fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z.clamp(-30.0, 30.0)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each ten rows with the number nine are labelled, of those without it one.
    fn rows() -> (Vec<Vec<f64>>, Vec<bool>) {
        let each = |has: f64| (0..10).map(move |n| (vec![has], (n == 0) != (has > 0.5)));
        each(1.0).chain(each(0.0)).unzip()
    }

    #[test]
    fn log_odds_are_those_of_the_labels() {
        let (rows, labels) = rows();
        let fitted = regression(&rows, &labels, &[Sign::For], 1e-6);
        assert!((logistic(fitted.bias) - 0.1).abs() < 1e-3);
        assert!((logistic(fitted.bias + fitted.weights[0]) - 0.9).abs() < 1e-3);
    }

    #[test]
    fn no_weight_leaves_its_side_or_its_bounds() {
        let (rows, labels) = rows();
        let against = regression(&rows, &labels, &[Sign::Against], 1.0);
        assert!(against.weights[0].abs() < 1e-9);
        let certain: Vec<bool> = rows.iter().map(|row| row[0] > 0.5).collect();
        let bounded = regression(&rows, &certain, &[Sign::For], 0.0);
        assert!(bounded.weights[0] <= WEIGHT_MAX);
    }
}
