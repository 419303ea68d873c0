//! Counts of phrases → a tag's probability, and what each phrase added to it.
//!
//! In: one tag's phrases as found, and where the text begins and ends. Out: log-odds, and on each phrase its part of them. Always: the
//! parts and the terms of the length sum to the log-odds; counts are damped, so that no phrase wins by repetition alone.

use std::collections::BTreeSet;

use super::matcher::Found;
use super::taxonomy::{Role, Taxonomy};

/// Title, lead, body.
pub(super) const ZONES: [&str; 3] = ["title", "lead", "body"];

/// Mentions beyond these add nothing in a zone.
const COUNT_MAX: [f32; 3] = [3.0, 7.0, 200.0];

/// What was found of one phrase in one zone: how often, and where first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    pattern: usize,
    concept: usize,
    pub(super) zone: usize,
    count: f32,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Log-odds.
    pub(super) weight: f32,
}

/// Collect what was found of one tag, phrase by phrase.
pub(super) fn mentions(tag: usize, title: &[Found], body: &[Found], lead_end: usize) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::with_capacity(title.len() + body.len());
    let of_title = title.iter().map(|found| (0, found));
    let of_body = body
        .iter()
        .map(|found| (if found.start < lead_end { 1 } else { 2 }, found));
    for (zone, found) in of_title.chain(of_body).filter(|(_, found)| found.tag == tag) {
        match all.iter_mut().find(|m| (m.pattern, m.zone) == (found.pattern, zone)) {
            Some(mention) => mention.count += 1.0,
            None => all.push(Mention {
                pattern: found.pattern,
                concept: found.concept,
                zone,
                count: 1.0,
                start: found.start,
                end: found.end,
                weight: 0.0,
            }),
        }
    }
    all
}

/// The title was the body's first sentence, at `at`: what it weighed belongs to the same words in the lead.
pub(super) fn move_title_to_lead(mentions: &mut Vec<Mention>, at: usize) {
    let in_title: Vec<Mention> = mentions.iter().filter(|m| m.zone == 0).copied().collect();
    mentions.retain(|m| m.zone != 0);
    for moved in in_title {
        match mentions.iter_mut().find(|m| (m.pattern, m.zone) == (moved.pattern, 1)) {
            Some(same) => same.weight += moved.weight,
            None => mentions.push(Mention {
                zone: 1,
                start: moved.start + at,
                end: moved.end + at,
                ..moved
            }),
        }
    }
}

/// The part of a body that is the article.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Its first byte, behind what the body offers.
    pub(super) begins: usize,
    /// Its length in bytes.
    pub(super) bytes: usize,
}

/// What one tag's score is computed from; zones are title, lead, body.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Counts {
    /// Mentions of each concept, by zone.
    pub concepts: Vec<[f32; 3]>,
    /// Mentions of all subject concepts together.
    pub subject: [f32; 3],
    /// Mentions of all weak concepts together.
    pub weak: [f32; 3],
    /// Different phrases that name the subject.
    pub phrases: f32,
    /// How early the subject is named: 1 in the title or where the body begins, 0 behind its first [`FRONT_BYTES`].
    pub up_front: f32,
    /// Different phrases in the title that speak for the tag.
    pub in_title: f32,
}

impl Counts {
    pub(super) fn of(taxonomy: &Taxonomy, mentions: &[Mention], extent: Extent) -> Self {
        let mut counts = Self {
            concepts: vec![[0.0; 3]; taxonomy.concepts.len()],
            ..Self::default()
        };
        let mut phrases: BTreeSet<usize> = BTreeSet::new();
        for mention in mentions {
            let role = taxonomy.concepts.get(mention.concept).map(|c| c.role);
            let sum = match role {
                Some(Role::Subject) => Some(&mut counts.subject),
                Some(Role::Weak) => Some(&mut counts.weak),
                _ => None,
            };
            for zones in [counts.concepts.get_mut(mention.concept), sum].into_iter().flatten() {
                if let Some(count) = zones.get_mut(mention.zone) {
                    *count += mention.count;
                }
            }
            if role == Some(Role::Subject) {
                if phrases.is_empty() {
                    counts.up_front = earliness(mention, extent);
                }
                phrases.insert(mention.pattern);
            }
        }
        counts.phrases = phrases.len() as f32;
        let speaks = |mention: &&Mention| mention.zone == 0 && counts.speaks(taxonomy, mention);
        counts.in_title = mentions.iter().filter(speaks).count() as f32;
        counts
    }

    /// Whether a phrase speaks for the tag: context does where the subject is named, too.
    fn speaks(&self, taxonomy: &Taxonomy, mention: &Mention) -> bool {
        match taxonomy.concepts.get(mention.concept).map(|c| c.role) {
            Some(Role::Subject | Role::Weak) => true,
            Some(Role::Support) => self.phrases > 0.0,
            Some(Role::Against) | None => false,
        }
    }
}

/// Bytes at the body's beginning in which it matters how early the subject is named.
const FRONT_BYTES: f32 = 4_000.0;

/// 1 for a phrase in the title or where the body begins, 0 behind [`FRONT_BYTES`]; each doubling of its distance from the beginning
/// takes as much away, but for the first 100 bytes.
fn earliness(mention: &Mention, extent: Extent) -> f32 {
    const STEP: f32 = 100.0;
    if mention.zone == 0 {
        return 1.0;
    }
    let at = mention.start.saturating_sub(extent.begins) as f32;
    let all = 1.0 + FRONT_BYTES / STEP;
    (1.0 - (1.0 + at / STEP).ln() / all.ln()).max(0.0)
}

/// A count of mentions in a zone as it weighs: the tenth says less than the second, and each less in a long body.
pub(super) fn damped(count: f32, zone: usize, body_bytes: usize) -> f32 {
    let damped = (1.0 + count.min(COUNT_MAX.get(zone).copied().unwrap_or(1.0))).log2();
    if zone == 2 {
        damped / (1.0 + (1.0 + body_bytes as f32 / 1_500.0).ln()).sqrt()
    } else {
        damped
    }
}

/// A body's length as it weighs: doublings beyond 500 bytes.
pub(super) fn doublings(body_bytes: usize) -> f32 {
    (1.0 + body_bytes as f32 / 500.0).log2()
}

/// Different phrases as they weigh: two weigh 1.6 times as much as one, three twice as much.
pub(super) fn breadth(phrases: f32) -> f32 {
    (1.0 + phrases).log2()
}

/// The tag's log-odds; writes to each mention its part of them.
pub(super) fn log_odds(taxonomy: &Taxonomy, mentions: &mut [Mention], extent: Extent) -> f32 {
    let counts = Counts::of(taxonomy, mentions, extent);
    let sums = &taxonomy.sums;
    let subject_all: f32 = counts.subject.iter().sum();
    let anywhere = sums.anywhere * breadth(counts.phrases);
    let [subject_in_title, ..] = counts.subject;
    let mut first_in_body = if subject_in_title > 0.0 {
        0.0
    } else {
        sums.up_front * counts.up_front
    };
    let two_in_title = if counts.in_title < 2.0 { 0.0 } else { sums.two_in_title };
    let mut total = sums.bias + sums.length * doublings(extent.bytes);
    for mention in mentions {
        let Some(concept) = taxonomy.concepts.get(mention.concept) else {
            continue;
        };
        let zone = mention.zone;
        // Concepts and sums count all their phrases together; each phrase has the part of its count.
        let part = |zones: &[f32; 3], weights: [f32; 3]| {
            let all = zones.get(zone).copied().unwrap_or(0.0);
            let weight = weights.get(zone).copied().unwrap_or(0.0);
            weight * damped(all, zone, extent.bytes) * mention.count / all.max(1.0)
        };
        let of_concept = counts.concepts.get(mention.concept);
        let mut weight = of_concept.map_or(0.0, |zones| part(zones, concept.weights()));
        match concept.role {
            Role::Subject => {
                weight += part(&counts.subject, sums.subject) + anywhere * mention.count / subject_all;
                // The title's phrases name the subject up front, or where it has none, the first of the body.
                weight += match zone {
                    0 => sums.up_front * mention.count / subject_in_title,
                    _ => std::mem::take(&mut first_in_body),
                };
            }
            Role::Weak => weight += part(&counts.weak, sums.weak),
            Role::Support if !counts.speaks(taxonomy, mention) => weight = 0.0,
            Role::Support | Role::Against => {}
        }
        if zone == 0 && counts.speaks(taxonomy, mention) {
            weight += two_in_title / counts.in_title;
        }
        mention.weight = weight;
        total += weight;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::{Tagger, Taxonomy, Text};

    /// Each of the sums weighs, and no concept by itself.
    const FERRIES: &str = r#"name = "ferries"

[sums]
bias = -4.0
anywhere = 1.0
up_front = 2.0
two_in_title = 3.0
length = 0.0
subject = [0.0, 0.0, 0.0]
weak = [0.0, 0.0, 0.0]

[[concept]]
name = "boats"
weights = [0.0, 0.0, 0.0]
en = ["ferry", "ferries", "car deck"]

[[concept]]
name = "sea"
role = "support"
weights = [0.0, 0.0, 0.0]
en = ["pier"]
"#;

    /// What each phrase adds to the log-odds, and their sum by the score, without the bias.
    fn weighed(title: &str, body: &str) -> (Vec<(String, f32)>, f32) {
        let tagger = Tagger::new(vec![Taxonomy::parse("ferries.toml", FERRIES).expect("a taxonomy")]);
        let text = Text {
            title: Some(title),
            body,
            language: Some("en"),
        };
        let score = tagger.tag(&text).scores["ferries"];
        let evidence = tagger.evidence(&text, "ferries").into_iter();
        (
            evidence.map(|e| (e.phrase, e.weight)).collect(),
            (score / (1.0 - score)).ln() + 4.0,
        )
    }

    fn check(title: &str, body: &str, expected: &[(&str, f32)]) {
        let (parts, sum) = weighed(title, body);
        let near = |a: f32, b: f32| (a - b).abs() < 1e-2;
        let is_same = |((phrase, weight), expected): (&(String, f32), &(&str, f32))| {
            phrase == expected.0 && near(*weight, expected.1)
        };
        let holds = parts.len() == expected.len() && parts.iter().zip(expected).all(is_same);
        assert!(holds, "{title}: {body}\n{parts:?}");
        assert!(
            near(parts.iter().map(|(_, weight)| weight).sum(), sum),
            "{parts:?} and {sum}"
        );
    }

    #[test]
    fn two_different_phrases_in_the_title_weigh_together() {
        check("The ferry", "The choir sang.", &[("ferry", 3.0)]);
        check("Ferry after ferry", "The choir sang.", &[("Ferry", 3.0)]);
        check(
            "A ferry without a car deck",
            "The choir sang.",
            &[("ferry", 3.29), ("car deck", 3.29)],
        );
        check(
            "A ferry at the pier",
            "The choir sang.",
            &[("ferry", 4.5), ("pier", 1.5)],
        );
    }

    #[test]
    fn context_in_the_title_is_no_second_phrase_where_the_subject_is_named_nowhere() {
        check("The choir at the pier", "Another pier.", &[]);
    }

    #[test]
    fn the_earlier_the_subject_is_named_the_more_it_weighs() {
        let behind = |bytes: usize| format!("{}The ferry is late.", "a ".repeat(bytes / 2));
        check("Late", &behind(0), &[("ferry", 2.98)]);
        check("Late", &behind(96), &[("ferry", 2.63)]);
        check("Late", &behind(1_096), &[("ferry", 1.66)]);
        check("Late", &behind(5_000), &[("ferry", 1.0)]);
    }

    #[test]
    fn each_different_phrase_of_the_subject_weighs_less_than_the_one_before() {
        let behind = |words: &str| format!("{}{words}.", "a ".repeat(2_500));
        check("Late", &behind("The ferry, a ferry"), &[("ferry", 1.0)]);
        check(
            "Late",
            &behind("The ferry, the ferries"),
            &[("ferry", 0.79), ("ferries", 0.79)],
        );
    }
}
