//! Counts of phrases → a tag's probability, and what each phrase added to it.
//!
//! In: one tag's phrases as found, and the text's length. Out: log-odds, and on each phrase its part of them. Always: the parts
//! and the terms of the length sum to the log-odds; counts are damped, so that no phrase wins by repetition alone.

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

/// Counts of each concept by zone; the last two are all subject and all weak concepts together.
pub(super) fn counts(taxonomy: &Taxonomy, mentions: &[Mention]) -> Vec<[f32; 3]> {
    let concepts = taxonomy.concepts.len();
    let mut counts = vec![[0.0; 3]; concepts + 2];
    for mention in mentions {
        let sum = match taxonomy.concepts.get(mention.concept).map(|c| c.role) {
            Some(Role::Subject) => Some(concepts),
            Some(Role::Weak) => Some(concepts + 1),
            _ => None,
        };
        for place in [Some(mention.concept), sum].into_iter().flatten() {
            if let Some(count) = counts.get_mut(place).and_then(|zones| zones.get_mut(mention.zone)) {
                *count += mention.count;
            }
        }
    }
    counts
}

/// How often the subject is named in title, lead and body.
pub(super) fn subject_zones(taxonomy: &Taxonomy, mentions: &[Mention]) -> [f32; 3] {
    let counts = counts(taxonomy, mentions);
    counts.get(taxonomy.concepts.len()).copied().unwrap_or_default()
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

/// The tag's log-odds; writes to each mention its part of them.
pub(super) fn log_odds(taxonomy: &Taxonomy, mentions: &mut [Mention], body_bytes: usize) -> f32 {
    let counts = counts(taxonomy, mentions);
    let sums = &taxonomy.sums;
    let count = |place: usize, zone: usize| {
        counts
            .get(place)
            .and_then(|zones| zones.get(zone))
            .copied()
            .unwrap_or(0.0)
    };
    let (subject, weak) = (taxonomy.concepts.len(), taxonomy.concepts.len() + 1);
    let subject_front = count(subject, 0) + count(subject, 1);
    let subject_all = subject_front + count(subject, 2);
    let mut total = sums.bias + sums.length * doublings(body_bytes);
    for mention in mentions {
        let Some(concept) = taxonomy.concepts.get(mention.concept) else {
            continue;
        };
        let zone = mention.zone;
        // Concepts and sums count all their phrases together; each phrase has the part of its count.
        let part = |place: usize, weights: [f32; 3]| {
            let all = count(place, zone);
            let weight = weights.get(zone).copied().unwrap_or(0.0);
            weight * damped(all, zone, body_bytes) * mention.count / all.max(1.0)
        };
        mention.weight = part(mention.concept, concept.weights());
        match concept.role {
            Role::Subject => {
                mention.weight += part(subject, sums.subject) + sums.anywhere * mention.count / subject_all;
                if zone < 2 {
                    mention.weight += sums.up_front * mention.count / subject_front;
                }
            }
            Role::Weak => mention.weight += part(weak, sums.weak),
            Role::Support if subject_all == 0.0 => mention.weight = 0.0,
            Role::Support | Role::Against => {}
        }
        total += mention.weight;
    }
    total
}
