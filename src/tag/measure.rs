//! Scores and labels → how good a tag is.
//!
//! In: for each article its probability and whether it has the tag. Out: a [`Quality`]. Always: pure; an empty side gives 0, never
//! a division by nothing.

use serde::Serialize;

/// How well a tag's scores agree with labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Articles, and those of them that have the tag.
    pub articles: usize,
    pub positives: usize,
    /// At the threshold.
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Area under precision over recall, in steps.
    pub average_precision: f64,
    /// Mean distance between score and share of positives in ten equal ranges of scores, weighted by their articles.
    pub calibration_error: f64,
}

impl Quality {
    /// To four digits, as many as labels can tell.
    #[must_use]
    pub fn rounded(self) -> Self {
        let round = |number: f64| (number * 1e4).round() / 1e4;
        Self {
            precision: round(self.precision),
            recall: round(self.recall),
            f1: round(self.f1),
            average_precision: round(self.average_precision),
            calibration_error: round(self.calibration_error),
            ..self
        }
    }
}

/// Measure one tag at a threshold.
pub fn quality(scored: &[(f32, bool)], threshold: f32) -> Quality {
    let positives = scored.iter().filter(|(_, is)| *is).count();
    let given = scored.iter().filter(|(score, _)| *score >= threshold).count();
    let right = scored.iter().filter(|(score, is)| *is && *score >= threshold).count();
    let (precision, recall) = (share(right, given), share(right, positives));
    Quality {
        articles: scored.len(),
        positives,
        precision,
        recall,
        f1: share(2 * right, given + positives),
        average_precision: average_precision(scored, positives),
        calibration_error: calibration_error(scored),
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn average_precision(scored: &[(f32, bool)], positives: usize) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut seen, mut right, mut sum) = (0, 0, 0.0);
    // Articles of one score are told apart by nothing: they enter together.
    for group in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let new = group.iter().filter(|(_, is)| *is).count();
        seen += group.len();
        right += new;
        sum += share(right, seen) * share(new, positives);
    }
    sum
}

fn calibration_error(scored: &[(f32, bool)]) -> f64 {
    let mut bins = [(0_usize, 0.0_f64, 0_usize); 10];
    for (score, is) in scored {
        let place = ((score * 10.0) as usize).min(9);
        if let Some((count, sum, positives)) = bins.get_mut(place) {
            *count += 1;
            *sum += f64::from(*score);
            *positives += usize::from(*is);
        }
    }
    let distance = |&(_, sum, positives): &(usize, f64, usize)| (sum - positives as f64).abs();
    bins.iter().map(distance).sum::<f64>() / scored.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_scores_are_perfect() {
        let q = quality(&[(1.0, true), (1.0, true), (0.0, false)], 0.5);
        assert_eq!((q.precision, q.recall, q.f1), (1.0, 1.0, 1.0));
        assert_eq!((q.average_precision, q.calibration_error), (1.0, 0.0));
    }

    #[test]
    fn one_of_each_mistake() {
        let q = quality(&[(0.9, true), (0.8, false), (0.4, true), (0.1, false)], 0.5);
        assert_eq!((q.precision, q.recall, q.f1), (0.5, 0.5, 0.5));
        assert!((q.average_precision - (0.5 + 0.5 * 2.0 / 3.0)).abs() < 1e-9);
        assert!((q.calibration_error - (0.1 + 0.8 + 0.6 + 0.1) / 4.0).abs() < 1e-6);
        assert_eq!(q.rounded().average_precision.to_string(), "0.8333");
    }

    #[test]
    fn nothing_measures_as_nothing() {
        assert_eq!(quality(&[], 0.5), Quality::default());
        assert_eq!(quality(&[(0.7, false)], 0.5).positives, 0);
    }
}
