//! What changed: counted by kind, with examples, as text or JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::str::FromStr;

use serde::Serialize;

use super::{Article, ChangeKind};
use crate::article::Origin;

/// How many articles changed in one way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct KindCount {
    /// The way.
    pub kind: ChangeKind,
    /// Articles.
    pub count: u64,
    /// Of those compared; 0 to 1.
    pub share: f64,
}

/// How one tag fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagChange {
    /// The tag.
    pub name: String,
    /// Articles that have it now and had not.
    pub gained: u64,
    /// Articles that had it.
    pub lost: u64,
}

/// How verdicts moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// The kind in A: `unique`, `exact` or `near`.
    pub before: String,
    /// The kind in B; the same as before where only the original, the relation or the similarity changed.
    pub now: String,
    /// Articles.
    pub count: u64,
}

/// One article that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// In which way.
    pub kind: ChangeKind,
    /// Its id.
    pub id: String,
    /// What it was made of.
    pub origin: String,
    /// What A says.
    pub before: String,
    /// What B says.
    pub now: String,
}

/// What changed from A to B.
#[derive(Debug, Default, PartialEq)]
pub struct Report {
    /// Articles where both sides reach.
    pub compared: u64,
    /// Those without any change.
    pub same: u64,
    /// Articles of B where A does not reach.
    pub beyond_a: u64,
    /// Articles of A where B does not reach.
    pub beyond_b: u64,
    /// Origins that came more than once in A, and in B.
    pub repeated: [u64; 2],
    /// Tags that came or went, by name.
    pub tags: Vec<TagChange>,
    /// Verdicts that changed, by the kinds before and now.
    pub verdicts: Vec<VerdictChange>,
    examples: BTreeMap<ChangeKind, BTreeMap<Origin, Example>>,
    counts: BTreeMap<ChangeKind, u64>,
    examples_max: usize,
}

#[derive(Serialize)]
struct Json<'a> {
    compared: u64,
    same: u64,
    changed: u64,
    beyond_a: u64,
    beyond_b: u64,
    repeated_in_a: u64,
    repeated_in_b: u64,
    kinds: BTreeMap<&'static str, KindCount>,
    tags: &'a [TagChange],
    verdicts: &'a [VerdictChange],
    examples: Vec<&'a Example>,
}

impl Report {
    /// A report on nothing so far, that keeps so many examples of each kind.
    pub fn new(examples_max: usize) -> Self {
        Self {
            examples_max,
            ..Self::default()
        }
    }

    /// An article that both sides have.
    pub(super) fn matched(&mut self, origin: &Origin, before: &Article, now: &Article) {
        self.compared += 1;
        let changes = changes(before, now);
        self.same += u64::from(changes.is_empty());
        if changes.iter().any(|(kind, ..)| *kind == ChangeKind::Tags) {
            self.count_tags(&before.tags, &now.tags);
        }
        if changes.iter().any(|(kind, ..)| *kind == ChangeKind::Verdict) {
            self.count_verdict(before.verdict_kind(), now.verdict_kind());
        }
        for (kind, was, is) in changes {
            self.count(kind, origin, if now.id.is_empty() { before } else { now }, was, is);
        }
    }

    /// An article that one side has, and the other has not though it reaches there.
    pub(super) fn only(&mut self, kind: ChangeKind, origin: &Origin, article: &Article) {
        self.compared += 1;
        let (words, nothing) = (state(article), String::from("nothing"));
        let (before, now) = if kind == ChangeKind::OnlyInA {
            (words, nothing)
        } else {
            (nothing, words)
        };
        self.count(kind, origin, article, before, now);
    }

    fn count(&mut self, kind: ChangeKind, origin: &Origin, article: &Article, before: String, now: String) {
        *self.counts.entry(kind).or_default() += 1;
        // The first ones by origin, in whatever order they are found.
        let examples = self.examples.entry(kind).or_default();
        let is_among_first = examples.last_key_value().is_none_or(|(last, _)| origin < last);
        if examples.len() < self.examples_max || (self.examples_max > 0 && is_among_first) {
            let example = Example {
                kind,
                id: article.id.to_string(),
                origin: origin.to_string(),
                before,
                now,
            };
            examples.insert(origin.clone(), example);
            if examples.len() > self.examples_max {
                examples.pop_last();
            }
        }
    }

    /// Examples, by kind and then by origin.
    pub fn examples(&self) -> Vec<&Example> {
        self.examples.values().flat_map(BTreeMap::values).collect()
    }

    fn count_tags(&mut self, before: &str, now: &str) {
        let names = |list: &'_ str| -> BTreeSet<String> {
            list.split(", ").filter(|n| !n.is_empty()).map(str::to_owned).collect()
        };
        let (before, now) = (names(before), names(now));
        for name in before.symmetric_difference(&now) {
            let at = match self.tags.binary_search_by(|tag| tag.name.cmp(name)) {
                Ok(at) => at,
                Err(at) => {
                    let tag = TagChange {
                        name: name.clone(),
                        gained: 0,
                        lost: 0,
                    };
                    self.tags.insert(at, tag);
                    at
                }
            };
            self.tags[at].gained += u64::from(now.contains(name));
            self.tags[at].lost += u64::from(before.contains(name));
        }
    }

    fn count_verdict(&mut self, before: &str, now: &str) {
        match self.verdicts.iter_mut().find(|v| v.before == before && v.now == now) {
            Some(change) => change.count += 1,
            None => {
                let change = VerdictChange {
                    before: before.to_owned(),
                    now: now.to_owned(),
                    count: 1,
                };
                let words = |v: &VerdictChange| (v.before.clone(), v.now.clone());
                let at = self.verdicts.partition_point(|other| words(other) < words(&change));
                self.verdicts.insert(at, change);
            }
        }
    }

    /// Articles that changed in any way.
    pub fn changed(&self) -> u64 {
        self.compared - self.same
    }

    /// Every kind with its count.
    pub fn kinds(&self) -> Vec<KindCount> {
        let count = |kind| self.counts.get(&kind).copied().unwrap_or_default();
        let kinds = ChangeKind::ALL.into_iter().map(|kind| KindCount {
            kind,
            count: count(kind),
            share: self.share(count(kind)),
        });
        kinds.collect()
    }

    fn share(&self, count: u64) -> f64 {
        if self.compared == 0 {
            0.0
        } else {
            count as f64 / self.compared as f64
        }
    }

    /// Whether more changed than is allowed.
    pub fn exceeds(&self, threshold: &Threshold) -> bool {
        let count = match threshold.kind {
            None => self.changed(),
            Some(kind) => self.counts.get(&kind).copied().unwrap_or_default(),
        };
        self.share(count) > threshold.share
    }

    /// As one JSON object.
    pub fn as_json(&self) -> String {
        let json = Json {
            compared: self.compared,
            same: self.same,
            changed: self.changed(),
            beyond_a: self.beyond_a,
            beyond_b: self.beyond_b,
            repeated_in_a: self.repeated[0],
            repeated_in_b: self.repeated[1],
            kinds: self.kinds().into_iter().map(|k| (k.kind.name(), k)).collect(),
            tags: &self.tags,
            verdicts: &self.verdicts,
            examples: self.examples(),
        };
        serde_json::to_string(&json).expect("plain data is JSON") + "\n"
    }

    /// As text for a person.
    pub fn as_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("writing to a string cannot fail");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let (compared, same, changed) = (self.compared, self.same, self.changed());
        writeln!(
            text,
            "{compared} articles compared: {same} the same, {changed} changed ({:.2} %)",
            100.0 * self.share(changed)
        )?;
        for (side, other, count) in [("A", "B", self.beyond_b), ("B", "A", self.beyond_a)] {
            if count > 0 {
                writeln!(
                    text,
                    "{count} articles of {side} lie where {other} does not reach, and are not compared"
                )?;
            }
        }
        for (side, count) in [("A", self.repeated[0]), ("B", self.repeated[1])] {
            if count > 0 {
                writeln!(
                    text,
                    "{count} articles come more than once in {side}: the last one counts"
                )?;
            }
        }
        for KindCount { kind, count, share } in self.kinds().into_iter().filter(|k| k.count > 0) {
            writeln!(text, "  {:12} {count:>9}  {:>6.2} %", kind.name(), 100.0 * share)?;
        }
        for VerdictChange { before, now, count } in &self.verdicts {
            if before == now {
                writeln!(
                    text,
                    "verdict `{now}` as before, of another original or in another way: {count}"
                )?;
            } else {
                writeln!(text, "verdict `{before}` to `{now}`: {count}")?;
            }
        }
        for TagChange { name, gained, lost } in &self.tags {
            writeln!(text, "tag `{name}`: {gained} gained, {lost} lost")?;
        }
        for Example {
            kind,
            id,
            origin,
            before,
            now,
        } in self.examples()
        {
            writeln!(
                text,
                "\n{} of `{id}` ({origin})\n  A: {before}\n  B: {now}",
                kind.name()
            )?;
        }
        Ok(())
    }
}

/// The ways in which two articles differ, with what each of them says.
fn changes(before: &Article, now: &Article) -> Vec<(ChangeKind, String, String)> {
    if before.dead.is_some() || now.dead.is_some() {
        let is_same = before.dead == now.dead;
        return if is_same {
            Vec::new()
        } else {
            vec![(ChangeKind::DeadLetter, state(before), state(now))]
        };
    }
    let mut changes = Vec::new();
    let length = |article: &Article| format!("{} characters", article.characters);
    if before.text != now.text {
        changes.push((ChangeKind::Text, length(before), length(now)));
    }
    let tags = |article: &Article| {
        if article.tags.is_empty() {
            "no tags".into()
        } else {
            article.tags.to_string()
        }
    };
    if before.tags != now.tags {
        changes.push((ChangeKind::Tags, tags(before), tags(now)));
    } else if before.scores != now.scores {
        changes.push((ChangeKind::Scores, tags(before), tags(now)));
    }
    if before.verdict != now.verdict {
        changes.push((ChangeKind::Verdict, before.verdict.to_string(), now.verdict.to_string()));
    }
    let fields = before.other_fields(now);
    if !fields.is_empty() {
        let fields = fields.join(", ");
        changes.push((ChangeKind::Fields, fields.clone(), fields));
    }
    changes
}

fn state(article: &Article) -> String {
    match &article.dead {
        Some(code) => format!("dead letter: {code}"),
        None => "article".into(),
    }
}

/// How much may change: of all articles, or in one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The way; any without one.
    pub kind: Option<ChangeKind>,
    /// Of those compared; 0 to 1.
    pub share: f64,
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || ChangeKind::ALL.map(ChangeKind::name).join("`, `");
        let wrong = || {
            format!(
                "`{text}` is not a threshold: allowed are a share such as `0.5%` or `0.005`, and one of a kind such as `tags=1%`; the \
                 kinds are `{}`",
                names()
            )
        };
        let (kind, share) = match text.split_once('=') {
            None => (None, text),
            Some((name, share)) => {
                let kind = ChangeKind::ALL.into_iter().find(|kind| kind.name() == name.trim());
                (Some(kind.ok_or_else(wrong)?), share)
            }
        };
        let (number, factor) = share
            .trim()
            .strip_suffix('%')
            .map_or((share, 1.0), |number| (number, 100.0));
        let share = number.trim().parse::<f64>().map_err(|_| wrong())? / factor;
        if (0.0..=1.0).contains(&share) {
            Ok(Self { kind, share })
        } else {
            Err(wrong())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_share_of_all_or_of_a_kind() {
        let check = |text: &str, kind, share| assert_eq!(text.parse(), Ok(Threshold { kind, share }), "{text}");
        check("0.5%", None, 0.005);
        check("0.005", None, 0.005);
        check("tags=1%", Some(ChangeKind::Tags), 0.01);
        check("only-in-a=0", Some(ChangeKind::OnlyInA), 0.0);
        for bad in ["", "many", "101%", "-1", "length=1%", "tags"] {
            assert!(bad.parse::<Threshold>().is_err(), "{bad}");
        }
    }
}
