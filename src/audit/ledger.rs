//! The account while it is written: each article of the input, and what was seen of it.
//!
//! In: the input records of a range, then what was [`Seen`] of them and what the memory holds. Out: a [`Report`]. Always: few bytes for an
//! article that is sound; one that is not is named with its places.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::report::{Finding, Report, Wrong};
use super::seen::{Place, Role, Seen, told};
use crate::article::Origin;
use crate::config::Policy;
use crate::dedupe::Kind;

/// Where an article was published and as what, in few bytes: there is one for each article of the range.
#[derive(Debug, Clone, Copy)]
struct Published {
    role: Role,
    kind: Option<Kind>,
    place: Place,
}

/// What is known of an article.
#[derive(Debug, Clone, Copy, Default)]
struct Account {
    published: Option<Published>,
    /// The memory's verdict.
    remembered: Option<Kind>,
}

/// Partition, offset, position.
type Id = (i32, i64, u32);

/// One partition's part of the range.
#[derive(Debug)]
struct Partition {
    range: Range<i64>,
    /// Offsets of the input records in ascending order, each with the index of its first account.
    records: Vec<(i64, usize)>,
    accounts: Vec<Account>,
}

impl Partition {
    /// The place of an article's account among all.
    fn index(&self, offset: i64, position: u32) -> Option<usize> {
        let at = self.records.binary_search_by_key(&offset, |(o, _)| *o).ok()?;
        let mut accounts = self.accounts_of(at);
        accounts.nth(position as usize)
    }

    /// The account of an article.
    fn account(&mut self, offset: i64, position: u32) -> Option<&mut Account> {
        let index = self.index(offset, position)?;
        self.accounts.get_mut(index)
    }

    /// The accounts of a record's articles, by their places among all.
    fn accounts_of(&self, record: usize) -> Range<usize> {
        let end = self
            .records
            .get(record + 1)
            .map_or(self.accounts.len(), |(_, next)| *next);
        self.records[record].1..end
    }
}

/// The account while it is written.
#[derive(Debug)]
pub struct Ledger {
    topic: Arc<str>,
    policy: Policy,
    partitions: BTreeMap<i32, Partition>,
    /// All places of the articles that were seen more than once.
    doubled: BTreeMap<Id, Vec<(Role, Place)>>,
    /// Duplicates with the original they name.
    originals: Vec<(Id, Origin)>,
    /// The last article in each topic's partition of each input partition.
    last: BTreeMap<(Role, i32, i32), (i64, u32)>,
    report: Report,
}

impl Ledger {
    /// An account of `ranges` of the input topic: for each partition the first offset, and the one behind the last.
    pub fn new(topic: &str, policy: Policy, ranges: &BTreeMap<i32, Range<i64>>) -> Self {
        let partition = |(number, range): (&i32, &Range<i64>)| {
            let partition = Partition {
                range: range.clone(),
                records: Vec::new(),
                accounts: Vec::new(),
            };
            (*number, partition)
        };
        Self {
            topic: topic.into(),
            policy,
            partitions: ranges.iter().map(partition).collect(),
            doubled: BTreeMap::new(),
            originals: Vec::new(),
            last: BTreeMap::new(),
            report: Report::default(),
        }
    }

    /// An input record, with the number of its articles. They come in offset order within each partition, before anything is seen.
    pub fn expect(&mut self, partition: i32, offset: i64, articles: usize) {
        let partition = self.partitions.get_mut(&partition).expect("it was read from the range");
        partition.records.push((offset, partition.accounts.len()));
        let accounts = partition.accounts.len() + articles;
        partition.accounts.resize(accounts, Account::default());
        self.report.records += 1;
        self.report.articles += articles as u64;
    }

    /// A published record. They come in offset order within each partition of their topic.
    pub fn saw(&mut self, seen: Seen) {
        if seen.is_replay {
            self.report.of_replays += 1;
            return;
        }
        if seen.origin.topic != self.topic {
            let detail = format!("made of `{}`", seen.origin);
            return self.found(Wrong::Foreign, told(seen.role, seen.place), detail);
        }
        if !self.is_inside(&seen.origin) {
            self.report.outside += 1;
            return;
        }
        if self.enter(&seen) {
            self.check_order(&seen);
            self.check_original(seen);
        }
    }

    /// Enter a record into the account of each article that it stands for. Whether the input holds all of them.
    fn enter(&mut self, seen: &Seen) -> bool {
        let published = Published {
            role: seen.role,
            kind: seen.verdict.as_ref().map(|(kind, _)| *kind),
            place: seen.place,
        };
        let mut are_held = true;
        for position in std::iter::once(seen.origin.position).chain(seen.also.iter().copied()) {
            let id = (seen.origin.partition, seen.origin.offset, position);
            if !self.enter_article(id, published) {
                let detail = format!("made of `{}`, which the input does not hold", self.name(id));
                self.found(Wrong::Foreign, told(seen.role, seen.place), detail);
                are_held = false;
            }
        }
        are_held
    }

    fn enter_article(&mut self, id: Id, published: Published) -> bool {
        let (partition, offset, position) = id;
        let partition = self.partitions.get_mut(&partition);
        let Some(account) = partition.and_then(|partition| partition.account(offset, position)) else {
            return false;
        };
        let Some(first) = account.published else {
            account.published = Some(published);
            return true;
        };
        let places = self.doubled.entry(id);
        let places = places.or_insert_with(|| vec![(first.role, first.place)]);
        places.push((published.role, published.place));
        true
    }

    /// What is made of one input partition stands in its order, within each partition that holds it.
    fn check_order(&mut self, seen: &Seen) {
        let Origin {
            partition,
            offset,
            position,
            ..
        } = seen.origin;
        let last = self
            .last
            .insert((seen.role, seen.place.0, partition), (offset, position));
        if let Some(last) = last.filter(|last| *last > (offset, position)) {
            let detail = format!("{}, behind offset {}", told(seen.role, seen.place), last.0);
            self.found(Wrong::OutOfOrder, seen.origin.to_string(), detail);
        }
    }

    /// A duplicate names another article. Whether that is an original is seen at the end.
    fn check_original(&mut self, seen: Seen) {
        let Some((_, Some(of))) = seen.verdict else { return };
        if of == seen.origin {
            self.found(
                Wrong::OwnDuplicate,
                seen.origin.to_string(),
                told(seen.role, seen.place),
            );
        } else {
            let Origin {
                partition,
                offset,
                position,
                ..
            } = seen.origin;
            self.originals.push(((partition, offset, position), of));
        }
    }

    /// A record of one of the topics that cannot be read.
    pub fn saw_unreadable(&mut self, role: Role, place: Place, why: &str) {
        self.found(Wrong::Foreign, told(role, place), why.to_owned());
    }

    /// A verdict in the memory.
    pub fn remembered(&mut self, origin: &Origin, kind: Kind, of: Option<&Origin>) {
        if !self.is_inside(origin) {
            return; // a memory may be shared by stages with several inputs
        }
        let partition = self.partitions.get_mut(&origin.partition);
        let Some(account) = partition.and_then(|partition| partition.account(origin.offset, origin.position)) else {
            let detail = "the memory knows it, and the input does not hold it".to_owned();
            return self.found(Wrong::Foreign, origin.to_string(), detail);
        };
        if of == Some(origin) {
            let detail = "the memory says so".to_owned();
            self.found(Wrong::OwnDuplicate, origin.to_string(), detail);
        } else {
            account.remembered = Some(kind);
        }
    }

    /// Close the account.
    pub fn settle(mut self) -> Report {
        for (number, partition) in std::mem::take(&mut self.partitions) {
            self.settle_partition(number, &partition);
            self.partitions.insert(number, partition);
        }
        for (id, places) in std::mem::take(&mut self.doubled) {
            let places: Vec<String> = places.iter().map(|(role, place)| told(*role, *place)).collect();
            let record = self.name(id);
            self.found(Wrong::Doubled, record, places.join(", "));
        }
        for (id, of) in std::mem::take(&mut self.originals) {
            if !self.is_original(&of) {
                let record = self.name(id);
                self.found(Wrong::NoOriginal, record, format!("names `{of}`, which is no original"));
            }
        }
        self.report.findings.sort_by_key(|f| f.wrong);
        self.report
    }

    fn settle_partition(&mut self, number: i32, partition: &Partition) {
        for (at, (offset, _)) in partition.records.iter().enumerate() {
            for (position, account) in (0..).zip(&partition.accounts[partition.accounts_of(at)]) {
                match self.wrong_with(account) {
                    None => *sum(&mut self.report, account) += 1,
                    Some((wrong, detail)) => {
                        let name = self.name((number, *offset, position));
                        self.found(wrong, name, detail);
                    }
                }
                self.report.remembered += u64::from(account.remembered.is_some());
            }
        }
    }

    fn wrong_with(&self, account: &Account) -> Option<(Wrong, String)> {
        let Some(published) = account.published else {
            return match account.remembered {
                Some(kind) if kind != Kind::Unique && self.policy == Policy::Drop => None,
                Some(_) => Some((Wrong::Missing, "the memory knows it, and it was not published".into())),
                None => Some((Wrong::Missing, "no topic holds it".into())),
            };
        };
        let (told_there, remembered) = (published.kind?, account.remembered?);
        (told_there != remembered).then(|| {
            let place = told(published.role, published.place);
            let detail = format!("{place} says {}, the memory {}", told_there.name(), remembered.name());
            (Wrong::Disagrees, detail)
        })
    }

    /// Whether an origin was published as an original; one outside the range is believed.
    fn is_original(&self, of: &Origin) -> bool {
        if !self.is_inside(of) {
            return true;
        }
        let partition = &self.partitions[&of.partition];
        let index = partition.index(of.offset, of.position);
        let published = index.and_then(|index| partition.accounts[index].published);
        published.is_some_and(|published| published.kind == Some(Kind::Unique))
    }

    /// Whether an article is of the input topic, and in the range.
    fn is_inside(&self, origin: &Origin) -> bool {
        let partition = self.partitions.get(&origin.partition);
        origin.topic == self.topic && partition.is_some_and(|partition| partition.range.contains(&origin.offset))
    }

    fn name(&self, (partition, offset, position): Id) -> String {
        let topic = Arc::clone(&self.topic);
        Origin {
            topic,
            partition,
            offset,
            position,
        }
        .to_string()
    }

    fn found(&mut self, wrong: Wrong, record: String, detail: String) {
        self.report.findings.push(Finding { wrong, record, detail });
    }
}

/// The sum that a sound account counts into. Without a published record it was dropped.
fn sum<'a>(report: &'a mut Report, account: &Account) -> &'a mut u64 {
    match account.published.map(|published| (published.role, published.kind)) {
        Some((Role::Enriched, None)) => &mut report.tombstones,
        Some((Role::Enriched, _)) => &mut report.enriched,
        Some((Role::Duplicate, _)) => &mut report.duplicates,
        Some((Role::DeadLetter, _)) => &mut report.dead_letters,
        None => &mut report.dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::origin;
    use super::*;

    fn seen(role: Role, place: Place, of: Origin, verdict: Option<(Kind, Option<Origin>)>) -> Seen {
        Seen {
            role,
            place,
            origin: of,
            also: Vec::new(),
            verdict,
            is_replay: false,
        }
    }

    fn unique(place: i64, of: Origin) -> Seen {
        seen(Role::Enriched, (of.partition, place), of, Some((Kind::Unique, None)))
    }

    fn exact(place: i64, of: Origin, original: Origin) -> Seen {
        seen(
            Role::Duplicate,
            (of.partition, place),
            of,
            Some((Kind::Exact, Some(original))),
        )
    }

    /// Two partitions with the offsets 10, 11, 13 (12 was a transaction's marker), of a range that begins at 10.
    fn ledger(policy: Policy) -> Ledger {
        let mut ledger = Ledger::new("raw", policy, &BTreeMap::from([(0, 10..14), (1, 10..14)]));
        for partition in [0, 1] {
            for offset in [10, 11, 13] {
                ledger.expect(partition, offset, 1);
            }
        }
        ledger
    }

    /// What a sound stage publishes, apart from the records of `without`.
    fn sound(ledger: &mut Ledger, without: &[(i32, i64)]) {
        let fates = [
            unique(0, origin(0, 10)),
            exact(0, origin(0, 11), origin(0, 10)),
            unique(1, origin(0, 13)),
            unique(0, origin(1, 10)),
            seen(Role::DeadLetter, (0, 0), origin(1, 11), None),
            unique(1, origin(1, 13)),
        ];
        for fate in fates
            .into_iter()
            .filter(|f| !without.contains(&(f.origin.partition, f.origin.offset)))
        {
            if let Some((kind, of)) = &fate.verdict {
                ledger.remembered(&fate.origin, *kind, of.as_ref());
            }
            ledger.saw(fate);
        }
    }

    fn check(change: impl FnOnce(&mut Ledger), without: &[(i32, i64)], expected: &[(Wrong, &str)]) {
        let mut ledger = ledger(Policy::Route);
        sound(&mut ledger, without);
        change(&mut ledger);
        let report = ledger.settle();
        let found: Vec<(Wrong, &str)> = report.findings.iter().map(|f| (f.wrong, f.record.as_str())).collect();
        assert_eq!(found, expected, "{report:?}");
    }

    #[test]
    fn exactly_once_a_dead_letter_settles_all_articles_of_its_record_that_it_names() {
        let mut ledger = Ledger::new("raw", Policy::Route, &BTreeMap::from([(0, 10..12)]));
        ledger.expect(0, 10, 4);
        ledger.expect(0, 11, 1);
        let letter = |place: i64, also: &[u32]| Seen {
            also: also.to_vec(),
            ..seen(Role::DeadLetter, (0, place), origin(0, 10), None)
        };
        ledger.saw(letter(0, &[1, 3]));
        ledger.saw(seen(Role::DeadLetter, (0, 1), origin(0, 11), None));
        ledger.saw(letter(2, &[1, 4]));
        let report = ledger.settle();
        let found = report.findings.iter().map(|f| (f.wrong, f.record.as_str()));
        let expected = [
            (Wrong::Missing, "raw-0-10#2"),
            (Wrong::Doubled, "raw-0-10"),
            (Wrong::Doubled, "raw-0-10#1"),
            (Wrong::Foreign, "dead-letter 0-2"),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected, "{report:?}");
        assert_eq!((report.articles, report.dead_letters), (5, 4));
    }

    #[test]
    fn exactly_once_a_sound_range_adds_up_and_nothing_is_wrong() {
        let mut ledger = ledger(Policy::Route);
        sound(&mut ledger, &[]);
        ledger.saw(unique(9, origin(0, 14))); // behind the range
        ledger.saw(Seen {
            is_replay: true,
            ..unique(10, origin(0, 10))
        });
        let report = ledger.settle();
        let expected = Report {
            records: 6,
            articles: 6,
            enriched: 4,
            duplicates: 1,
            dead_letters: 1,
            remembered: 5,
            of_replays: 1,
            outside: 1,
            ..Report::default()
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn each_thing_that_is_wrong_is_named() {
        check(|_| {}, &[(0, 13)], &[(Wrong::Missing, "raw-0-13")]);
        check(
            |l| l.saw(unique(7, origin(1, 13))),
            &[],
            &[(Wrong::Doubled, "raw-1-13")],
        );
        check(
            |l| l.saw(unique(7, origin(0, 12))),
            &[],
            &[(Wrong::Foreign, "enriched 0-7")],
        );
        let elsewhere = Origin {
            topic: "other".into(),
            ..origin(0, 10)
        };
        check(
            |l| l.saw(unique(7, elsewhere)),
            &[],
            &[(Wrong::Foreign, "enriched 0-7")],
        );
        let second = Origin {
            position: 1,
            ..origin(0, 13)
        };
        check(|l| l.saw(unique(7, second)), &[], &[(Wrong::Foreign, "enriched 0-7")]);
        check(
            |l| l.saw_unreadable(Role::Enriched, (0, 7), "no JSON"),
            &[],
            &[(Wrong::Foreign, "enriched 0-7")],
        );
        check(
            |l| l.saw(unique(7, origin(0, 11))),
            &[(0, 11)],
            &[(Wrong::OutOfOrder, "raw-0-11")],
        );
        check(
            |l| l.saw(exact(7, origin(0, 11), origin(0, 11))),
            &[(0, 11)],
            &[(Wrong::OwnDuplicate, "raw-0-11")],
        );
        check(
            |l| l.saw(exact(7, origin(0, 11), origin(1, 11))),
            &[(0, 11)],
            &[(Wrong::NoOriginal, "raw-0-11")],
        );
        check(
            |l| l.remembered(&origin(0, 13), Kind::Near, None),
            &[],
            &[(Wrong::Disagrees, "raw-0-13")],
        );
        check(
            |l| l.remembered(&origin(0, 12), Kind::Unique, None),
            &[],
            &[(Wrong::Foreign, "raw-0-12")],
        );
    }

    #[test]
    fn a_drop_is_known_from_the_memory_and_only_under_its_policy() {
        for (policy, missing) in [(Policy::Drop, 0), (Policy::Route, 1)] {
            let mut ledger = ledger(policy);
            sound(&mut ledger, &[(0, 11)]);
            ledger.remembered(&origin(0, 11), Kind::Exact, Some(&origin(0, 10)));
            let report = ledger.settle();
            assert_eq!(report.count(Wrong::Missing), missing);
            assert_eq!(report.dropped, 1 - missing as u64);
        }
    }

    #[test]
    fn each_article_of_a_record_that_holds_several_has_its_own_fate() {
        let mut ledger = Ledger::new("raw", Policy::Route, &BTreeMap::from([(0, 0..2)]));
        ledger.expect(0, 0, 3);
        ledger.expect(0, 1, 1);
        for position in [0, 2] {
            ledger.saw(unique(
                i64::from(position),
                Origin {
                    position,
                    ..origin(0, 0)
                },
            ));
        }
        ledger.saw(unique(5, origin(0, 1)));
        let report = ledger.settle();
        let found: Vec<&str> = report.findings.iter().map(|f| f.record.as_str()).collect();
        assert_eq!(found, ["raw-0-0#1"]);
    }
}
