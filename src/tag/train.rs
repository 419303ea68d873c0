//! Labelled articles → a taxonomy of one tag: phrases, weights, calibration.
//!
//! In: [`Labelled`] articles, a few dozen or more. Out: [`Trained`]. Always: pure and repeatable; the same articles in the same
//! order give the same file. Scores named as cross-validated were given by a taxonomy whose phrases, weights and calibration had
//! not seen the article.
//!
//! The weights of the phrases are a logistic regression with a ridge, fitted by Newton steps on one weight after another, no phrase
//! against its own sign. Scores are calibrated on those of the held-out articles (Platt, "Probabilistic outputs for support vector
//! machines", 1999).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::measure::{Quality, quality};
use super::phrases::phrases;
use super::regression::{Sign, logistic, regression};
use super::score::{breadth, damped, doublings};
use super::taxonomy::{Concept, Role, Sums, Taxonomy};
use super::{Tagger, Text};

/// An article that somebody has judged.
#[derive(Debug, Clone)]
pub struct Labelled {
    pub title: Option<String>,
    /// Clean text.
    pub text: String,
    /// ISO 639-1.
    pub language: Option<String>,
    /// Whether it must have the tag.
    pub tagged: bool,
}

/// A phrase that was learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// ISO 639-1, or `any`.
    pub language: String,
    /// The phrase, or a word in its forms, the commonest first.
    pub phrases: Vec<String>,
    /// Log-odds of its first mention in the body.
    pub weight: f32,
    /// Articles with it that have the tag, and that have not.
    pub articles: [usize; 2],
}

/// What training gives.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The tag's file.
    pub taxonomy: Taxonomy,
    /// The strongest first; those that speak against the tag last.
    pub learned: Vec<Learned>,
    /// On articles left out of the fit.
    pub cross_validated: Quality,
}

/// Fewer of a kind than this teach nothing that holds.
pub const EACH_MIN: usize = 8;

const FOLDS: usize = 5;
/// Draws the weights to nothing, the more the fewer the articles.
const RIDGE: f64 = 1.0;
/// A phrase in the title or the lead says more than in the body.
const ZONE_WEIGHTS: [f32; 3] = [1.6, 1.2, 1.0];

/// Fit a tag's taxonomy, or say why these articles cannot teach it.
pub fn train(name: &str, articles: &[Labelled]) -> Result<Trained, String> {
    let positives = articles.iter().filter(|a| a.tagged).count();
    let negatives = articles.len() - positives;
    if positives < EACH_MIN || negatives < EACH_MIN {
        return Err(format!(
            "{positives} articles with the tag and {negatives} without it: at least {EACH_MIN} of each are needed"
        ));
    }
    let held_out = held_out_scores(name, articles);
    let calibrated = calibrated_apart(&held_out);
    let (slope, offset) = calibration(held_out.iter());
    let all: Vec<&Labelled> = articles.iter().collect();
    let (mut taxonomy, mut learned) = fit(name, &all);
    if taxonomy.concepts.is_empty() {
        return Err("no phrase tells the articles with the tag from those without it".to_owned());
    }
    scale(&mut taxonomy, slope as f32, offset as f32);
    for learned in &mut learned {
        learned.weight *= slope as f32;
    }
    Ok(Trained {
        cross_validated: quality(&calibrated, taxonomy.threshold),
        taxonomy,
        learned,
    })
}

/// What a fit says of an article that it has not seen.
#[derive(Debug, Clone, Copy, Default)]
struct HeldOut {
    log_odds: f64,
    tagged: bool,
    fold: usize,
}

/// Probabilities of articles, calibrated by the articles of other folds.
fn calibrated_apart(held_out: &[HeldOut]) -> Vec<(f32, bool)> {
    let calibrations: Vec<(f64, f64)> = (0..FOLDS)
        .map(|fold| calibration(held_out.iter().filter(|h| h.fold != fold)))
        .collect();
    let probability = |h: &HeldOut| {
        let (slope, offset) = calibrations.get(h.fold).copied().unwrap_or((1.0, 0.0));
        (logistic(slope * h.log_odds + offset) as f32, h.tagged)
    };
    held_out.iter().map(probability).collect()
}

/// The fold of each article. Dealt out by label, so that each has its share of both; copies of a text go into one, since a fit that has
/// seen one has seen the other.
fn folds<'a>(articles: &'a [Labelled]) -> Vec<usize> {
    let mut dealt = [0, 0];
    let mut known: BTreeMap<&'a str, usize> = BTreeMap::new();
    let deal = |article: &'a Labelled| {
        *known.entry(article.text.trim()).or_insert_with(|| {
            let next = &mut dealt[usize::from(article.tagged)];
            *next += 1;
            (*next - 1) % FOLDS
        })
    };
    articles.iter().map(deal).collect()
}

/// Log-odds that each article is given by a fit that has not seen it.
fn held_out_scores(name: &str, articles: &[Labelled]) -> Vec<HeldOut> {
    let folds = folds(articles);
    let mut scores = vec![HeldOut::default(); articles.len()];
    for fold in 0..FOLDS {
        let rest: Vec<&Labelled> = articles
            .iter()
            .zip(&folds)
            .filter(|(_, f)| **f != fold)
            .map(|(a, _)| a)
            .collect();
        let (taxonomy, _) = fit(name, &rest);
        let tagger = Tagger::new(vec![taxonomy]);
        for ((article, _), place) in articles
            .iter()
            .zip(&folds)
            .zip(&mut scores)
            .filter(|((_, f), _)| **f == fold)
        {
            let score = tagger.tag(&text(article)).scores.get(name).copied().unwrap_or(0.0);
            let score = f64::from(score).clamp(1e-6, 1.0 - 1e-6);
            *place = HeldOut {
                log_odds: (score / (1.0 - score)).ln(),
                tagged: article.tagged,
                fold,
            };
        }
    }
    scores
}

fn text(article: &Labelled) -> Text<'_> {
    Text {
        title: article.title.as_deref(),
        body: &article.text,
        language: article.language.as_deref(),
    }
}

/// Slope and offset that make log-odds into calibrated ones.
fn calibration<'a>(scores: impl Iterator<Item = &'a HeldOut>) -> (f64, f64) {
    let (rows, labels): (Vec<Vec<f64>>, Vec<bool>) = scores.map(|h| (vec![h.log_odds], h.tagged)).unzip();
    let fitted = regression(&rows, &labels, &[Sign::For], 0.05);
    (
        fitted.weights.first().copied().unwrap_or(1.0).clamp(0.2, 3.0),
        fitted.bias,
    )
}

/// Multiply all log-odds by `slope` and add `offset`.
fn scale(taxonomy: &mut Taxonomy, slope: f32, offset: f32) {
    let sums = &mut taxonomy.sums;
    sums.bias = sums.bias * slope + offset;
    sums.anywhere *= slope;
    sums.length *= slope;
    for concept in &mut taxonomy.concepts {
        concept.weights = Some(concept.weights().map(|w| w * slope));
    }
}

/// Phrases and weights of these articles.
fn fit(name: &str, articles: &[&Labelled]) -> (Taxonomy, Vec<Learned>) {
    let mut learned = phrases(articles);
    let concept = |l: &Learned| Concept {
        name: l.phrases.first().cloned().unwrap_or_default(),
        role: if l.weight > 0.0 { Role::Subject } else { Role::Against },
        weights: Some([0.0; 3]),
        phrases: BTreeMap::from([(l.language.clone(), l.phrases.clone())]),
    };
    let mut taxonomy = Taxonomy {
        name: name.to_owned(),
        iptc: None,
        threshold: 0.5,
        sums: Sums {
            bias: 0.0,
            anywhere: 0.0,
            up_front: 0.0,
            two_in_title: 0.0,
            length: 0.0,
            subject: [0.0; 3],
            weak: [0.0; 3],
        },
        concepts: learned.iter().map(concept).collect(),
        examples: Vec::new(),
        sentences: BTreeMap::new(),
    };
    let tagger = Tagger::new(vec![taxonomy.clone()]);
    let rows: Vec<Vec<f64>> = articles.iter().map(|a| row(&tagger, a, learned.len())).collect();
    let labels: Vec<bool> = articles.iter().map(|a| a.tagged).collect();
    let sign = |l: &Learned| if l.weight > 0.0 { Sign::For } else { Sign::Against };
    let mut signs: Vec<Sign> = learned.iter().map(sign).collect();
    signs.extend([Sign::For, Sign::Against]);
    let fitted = regression(&rows, &labels, &signs, RIDGE);
    for ((concept, learned), weight) in taxonomy.concepts.iter_mut().zip(&mut learned).zip(&fitted.weights) {
        let weight = *weight as f32;
        concept.weights = Some(ZONE_WEIGHTS.map(|zone| zone * weight));
        learned.weight = weight;
    }
    let rest = fitted.weights.get(learned.len()..).unwrap_or_default();
    taxonomy.sums.anywhere = rest.first().copied().unwrap_or(0.0) as f32;
    taxonomy.sums.length = rest.get(1).copied().unwrap_or(0.0) as f32;
    taxonomy.sums.bias = fitted.bias as f32;
    taxonomy.concepts.retain(|c| c.weights().iter().any(|w| w.abs() > 1e-3));
    learned.retain(|l| l.weight.abs() > 1e-3);
    learned.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    (taxonomy, learned)
}

/// What the regression sees of an article: each phrase, how many there are, the length.
fn row(tagger: &Tagger, article: &Labelled, phrases: usize) -> Vec<f64> {
    let (bytes, counts) = tagger.counts(&text(article));
    let counts = counts.into_iter().next().unwrap_or_default();
    let of_zones = |zones: &[f32; 3]| -> f32 {
        let weighed = (0..).zip(zones).zip(ZONE_WEIGHTS);
        weighed
            .map(|((zone, count), weight)| weight * damped(*count, zone, bytes))
            .sum()
    };
    let of_phrases = counts.concepts.iter();
    let mut row: Vec<f64> = of_phrases.map(|zones| f64::from(of_zones(zones))).collect();
    row.resize(phrases, 0.0);
    row.push(f64::from(breadth(counts.phrases)));
    row.push(f64::from(doublings(bytes)));
    row
}

/// The tag's file, as people read it.
pub fn as_file(trained: &Trained) -> String {
    let taxonomy = &trained.taxonomy;
    let (sums, q) = (&taxonomy.sums, &trained.cross_validated);
    let mut file = format!(
        "# Learned from {} articles, {} of them with the tag. Cross-validated: F1 {:.3}, average precision {:.3}, calibration error {:.3}.\n",
        q.articles, q.positives, q.f1, q.average_precision, q.calibration_error
    );
    let list = |w: [f32; 3]| format!("[{:.3}, {:.3}, {:.3}]", w[0], w[1], w[2]);
    // Writing to a String cannot fail.
    let _ = write!(
        file,
        "name = \"{}\"\nthreshold = {}\n\n[sums]\nbias = {:.3}\nanywhere = {:.3}\nup_front = {:.3}\ntwo_in_title = {:.3}\nlength = {:.3}\nsubject = {}\nweak = {}\n",
        taxonomy.name,
        taxonomy.threshold,
        sums.bias,
        sums.anywhere,
        sums.up_front,
        sums.two_in_title,
        sums.length,
        list(sums.subject),
        list(sums.weak)
    );
    for concept in &taxonomy.concepts {
        let role = if concept.role == Role::Against {
            "against"
        } else {
            "subject"
        };
        let _ = write!(
            file,
            "\n[[concept]]\nname = {}\nrole = \"{role}\"\nweights = {}\n",
            toml::Value::from(concept.name.as_str()),
            list(concept.weights())
        );
        for (language, phrases) in &concept.phrases {
            let _ = writeln!(file, "{language} = {}", toml::Value::from(phrases.clone()));
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(n: usize, tagged: bool) -> Labelled {
        let subjects = [
            "The night ferry left the harbour",
            "A car ferry was late",
            "The ferry company bought a boat",
        ];
        let others = [
            "The bakery opened a shop",
            "A choir sang in the school",
            "The council painted a bridge",
        ];
        let first = if tagged { subjects[n % 3] } else { others[n % 3] };
        let places = ["Lenz", "Mora", "Tessin", "Vandel", "Orsa"];
        Labelled {
            title: None,
            text: format!(
                "{first} in {} on day {n}. Nobody complained, said number {}.",
                places[n % 5],
                n * 7 % 13
            ),
            language: Some("en".to_owned()),
            tagged,
        }
    }

    fn articles(each: usize) -> Vec<Labelled> {
        (0..each).flat_map(|n| [article(n, true), article(n, false)]).collect()
    }

    #[test]
    fn a_few_dozen_articles_teach_a_tag() {
        let trained = train("ferries", &articles(24)).expect("a tag");
        assert!(trained.cross_validated.f1 > 0.95, "{:?}", trained.cross_validated);
        assert!(
            trained
                .learned
                .first()
                .is_some_and(|l| l.phrases.iter().any(|p| p.contains("ferry")) && l.weight > 0.0),
            "{:?}",
            trained.learned
        );
        let file = as_file(&trained);
        let read = Taxonomy::parse("ferries.toml", &file).expect(&file);
        let tagger = Tagger::new(vec![read]);
        let is_tagged = |body| {
            !tagger
                .tag(&Text {
                    title: None,
                    body,
                    language: Some("en"),
                })
                .tags
                .is_empty()
        };
        assert!(is_tagged("Another ferry was built."));
        assert!(!is_tagged("The bakery sells bread."));
    }

    #[test]
    fn a_file_learned_from_hindi_can_be_read() {
        let hindi = |n: usize, tagged: bool| Labelled {
            title: None,
            text: format!(
                "{} {n} दिन तक चला, ऐसा अधिकारी ने कहा।",
                if tagged {
                    "आयात शुल्क का विवाद"
                } else {
                    "स्कूल का समारोह"
                }
            ),
            language: Some("hi".into()),
            tagged,
        };
        let all: Vec<Labelled> = (0..20).flat_map(|n| [hindi(n, true), hindi(n, false)]).collect();
        let file = as_file(&train("duties", &all).expect("a tag"));
        Taxonomy::parse("duties.toml", &file).expect(&file);
    }

    #[test]
    fn copies_of_noise_teach_nothing() {
        let noise = |n: usize| Labelled {
            title: None,
            text: (0..40)
                .map(|k| format!("word{}", (n * 7_919 + k * k * 31) % 97))
                .collect::<Vec<_>>()
                .join(" "),
            language: Some("en".into()),
            tagged: n.is_multiple_of(2),
        };
        let articles: Vec<Labelled> = (0..6).flat_map(|_| (0..26).map(noise)).collect();
        let of_copies = folds(&articles);
        assert!(of_copies.chunks(26).all(|chunk| chunk == &of_copies[..26]));
        if let Ok(trained) = train("noise", &articles) {
            let f1 = trained.cross_validated.f1;
            assert!(f1 < 0.75, "{f1}");
        }
    }

    #[test]
    fn the_weights_told_are_those_of_the_file() {
        let trained = train("ferries", &articles(24)).expect("a tag");
        for learned in &trained.learned {
            let concept = trained
                .taxonomy
                .concepts
                .iter()
                .find(|c| Some(&c.name) == learned.phrases.first());
            let [_, _, body] = concept.expect("a concept").weights();
            assert!((body - learned.weight).abs() < 1e-4, "{body} {learned:?}");
        }
    }

    #[test]
    fn training_repeats() {
        let once = as_file(&train("ferries", &articles(20)).expect("a tag"));
        assert_eq!(once, as_file(&train("ferries", &articles(20)).expect("a tag")));
    }

    #[test]
    fn too_little_teaches_nothing_and_says_so() {
        let few = train("ferries", &articles(4)).expect_err("too few");
        assert!(few.contains("at least 8 of each"), "{few}");
        let alike: Vec<Labelled> = (0..40)
            .map(|n| Labelled {
                tagged: n % 2 == 0,
                ..article(n / 2, true)
            })
            .collect();
        let none = train("ferries", &alike).expect_err("nothing tells them apart");
        assert!(none.contains("no phrase"), "{none}");
    }
}
