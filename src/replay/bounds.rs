//! Where a replay begins and ends: texts → bounds → one range of offsets for each partition.
//!
//! In: what the user wrote, and what the broker knows of each partition. Out: [`Range`]s, or the reason why the words cannot be meant.
//! Always: a range lies within what the partition has, and says what of it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::config::Span;

/// One end of a range, as the user names it. The first record of a range is at or after its beginning, the last one before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// The first record that is there.
    Earliest,
    /// The end that the partition has now.
    Latest,
    /// One offset for every partition.
    Offset(i64),
    /// Partition → offset.
    Offsets(BTreeMap<i32, i64>),
    /// Record time, milliseconds since the epoch.
    Time(i64),
    /// Record time, so long before now.
    Ago(Duration),
    /// The offsets that a consumer group has committed.
    Group(String),
}

const FORMS: &str = "allowed are `earliest`, `latest`, an offset (`1200`), offsets by partition (`0:100,1:200`), a time with its zone \
                     (`2026-11-24T06:00:00Z`), a date (`2026-11-24`, its midnight UTC), a time before now (`-6h`) and `group:NAME`";

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text {
            "earliest" => return Ok(Self::Earliest),
            "latest" => return Ok(Self::Latest),
            _ => {}
        }
        if let Some(name) = text.strip_prefix("group:") {
            let name = name.trim();
            return if name.is_empty() {
                Err("a group needs a name: `group:NAME`".into())
            } else {
                Ok(Self::Group(name.into()))
            };
        }
        if let Some(span) = text.strip_prefix('-') {
            let span = span.parse::<Span>().map_err(|e| format!("{e}, such as `-6h`"))?;
            return Ok(Self::Ago(span.0));
        }
        if is_number(text) {
            return number(text).map(Self::Offset);
        }
        if let Some(offsets) = by_partition(text) {
            return offsets.map(Self::Offsets);
        }
        time(text)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("`{text}` is larger than any offset"))
}

/// `0:100,1:200`; `None` for a text of another form.
fn by_partition(text: &str) -> Option<Result<BTreeMap<i32, i64>, String>> {
    let pairs: Option<Vec<(&str, &str)>> = text.split(',').map(|pair| pair.trim().split_once(':')).collect();
    let pairs = pairs?;
    if !pairs.iter().all(|(p, o)| is_number(p) && is_number(o)) {
        return None;
    }
    let mut offsets = BTreeMap::new();
    for (partition, offset) in pairs {
        let Ok(partition) = partition.parse::<i32>() else {
            return Some(Err(format!("`{partition}` is larger than any partition")));
        };
        let offset = match number(offset) {
            Ok(offset) => offset,
            Err(e) => return Some(Err(e)),
        };
        if offsets.insert(partition, offset).is_some() {
            return Some(Err(format!("partition {partition} is named twice")));
        }
    }
    Some(Ok(offsets))
}

fn time(text: &str) -> Result<Bound, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(Bound::Time(time.as_millisecond()));
    }
    if text.len() == 10
        && let Ok(day) = text.parse::<jiff::civil::Date>()
        && let Ok(midnight) = jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0))
    {
        return Ok(Bound::Time(midnight.as_millisecond()));
    }
    if text.parse::<jiff::civil::DateTime>().is_ok() {
        return Err(format!(
            "`{text}` has no zone\nhint: add `Z` for UTC, or an offset such as `+01:00`"
        ));
    }
    Err(format!("`{text}` is not a place in a topic: {FORMS}"))
}

impl Bound {
    /// The same bound, with a time before now made a time. `now_ms` is milliseconds since the epoch.
    #[must_use]
    pub fn at(self, now_ms: i64) -> Self {
        match self {
            Self::Ago(span) => {
                let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
                Self::Time(now_ms.saturating_sub(span))
            }
            other => other,
        }
    }
}

/// Partitions as a user names them: `0,2,4-7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partitions(pub BTreeSet<i32>);

impl fmt::Display for Partitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&numbers.join(","))
    }
}

impl FromStr for Partitions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` does not name partitions: allowed are numbers and spans of them, such as `0,2,4-7`");
        let mut chosen = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.trim().split_once('-').unwrap_or((part.trim(), part.trim()));
            let number = |text: &str| text.trim().parse::<i32>().ok().filter(|n| *n >= 0).ok_or_else(wrong);
            let (first, last) = (number(first)?, number(last)?);
            // A topic has far fewer partitions, and a slip of the finger should not fill the memory.
            if last < first || last - first > 100_000 {
                return Err(wrong());
            }
            chosen.extend(first..=last);
        }
        Ok(Self(chosen))
    }
}

/// What the broker knows of one partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownPartition {
    /// The first offset that is still there.
    pub low: i64,
    /// The next offset, as a reader of committed records sees it.
    pub high: i64,
    /// The answer for the beginning, where only the broker knows it: the first offset at or after a time (`None`: no record is), or
    /// the offset that a group has committed (`None`: it has none).
    pub from: Option<i64>,
    /// The same for the end.
    pub to: Option<i64>,
    /// The beginning is a time, something was deleted, and no record that is there is older; the first one need not stand at `low`.
    pub reaches_back: bool,
}

/// What of a range is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Nothing.
    Nothing,
    /// So many offsets.
    Offsets(i64),
    /// A time reaches back before the first record that is there: at most so many offsets, since their times are gone with them.
    AtMost(i64),
}

/// Offsets of one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The partition.
    pub partition: i32,
    /// The first offset that is read.
    pub from: i64,
    /// The first one that is not.
    pub to: i64,
    /// What was asked for and is not there any more.
    pub lost: Lost,
}

impl Range {
    /// Offsets that are all there: from the first to before the last.
    pub fn of(partition: i32, offsets: std::ops::Range<i64>) -> Self {
        Self {
            partition,
            from: offsets.start,
            to: offsets.end,
            lost: Lost::Nothing,
        }
    }

    /// Offsets in the range: at least as many as records, since markers of transactions and compaction leave holes.
    pub fn len(&self) -> i64 {
        self.to - self.from
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.to <= self.from
    }
}

/// Bounds that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoundsError {
    /// The end before the beginning.
    #[error("partition {partition}: the end, offset {to}, lies before the beginning, offset {from}")]
    Backwards { partition: i32, from: i64, to: i64 },
    /// The same, in time.
    #[error("the end, {to}, lies before the beginning, {from}")]
    BackwardsInTime { from: String, to: String },
    /// An offset that the partition has not reached.
    #[error("partition {partition}: offset {offset} lies beyond the end, which is {high}")]
    Beyond { partition: i32, offset: i64, high: i64 },
    /// A partition that the topic has not, or that was not chosen.
    #[error("there is no partition {partition} to read\nhint: chosen are {chosen}")]
    NoPartition { partition: i32, chosen: String },
    /// Offsets by partition that leave one out.
    #[error(
        "no offset is given for partition {partition}\nhint: name it too, or choose the others with `--partitions`"
    )]
    Missing { partition: i32 },
    /// A group without an offset.
    #[error("group `{group}` has no committed offset for partition {partition}")]
    NoCommit { group: String, partition: i32 },
}

/// The range of every chosen partition.
pub fn ranges(from: &Bound, to: &Bound, partitions: &BTreeMap<i32, KnownPartition>) -> Result<Vec<Range>, BoundsError> {
    if let (Bound::Time(from), Bound::Time(to)) = (from, to)
        && to < from
    {
        let words =
            |ms: &i64| jiff::Timestamp::from_millisecond(*ms).map_or_else(|_| ms.to_string(), |t| t.to_string());
        return Err(BoundsError::BackwardsInTime {
            from: words(from),
            to: words(to),
        });
    }
    for bound in [from, to] {
        check_names(bound, partitions)?;
    }
    partitions
        .iter()
        .map(|(number, known)| range(from, to, *number, known))
        .collect()
}

fn check_names(bound: &Bound, partitions: &BTreeMap<i32, KnownPartition>) -> Result<(), BoundsError> {
    let Bound::Offsets(offsets) = bound else { return Ok(()) };
    match offsets.keys().find(|partition| !partitions.contains_key(partition)) {
        None => Ok(()),
        Some(partition) => {
            let chosen: Vec<String> = partitions.keys().map(ToString::to_string).collect();
            Err(BoundsError::NoPartition {
                partition: *partition,
                chosen: chosen.join(", "),
            })
        }
    }
}

fn range(from: &Bound, to: &Bound, partition: i32, known: &KnownPartition) -> Result<Range, BoundsError> {
    let begin = offset(from, partition, known, known.from)?;
    let end = offset(to, partition, known, known.to)?;
    let both_times = matches!((from, to), (Bound::Time(_), Bound::Time(_)));
    // Record times need not grow, so the offsets of two times may stand the other way round: then there is nothing between them.
    if end < begin && !both_times {
        return Err(BoundsError::Backwards {
            partition,
            from: begin,
            to: end,
        });
    }
    let lost = match from {
        // Where nothing is left, a group that has committed nothing may not have read what was there.
        Bound::Group(_) if known.low > 0 && known.from.is_none() => Lost::AtMost(known.low),
        // Also where nothing is left to read: retention may have taken all of it.
        Bound::Time(_) if known.low > 0 && (begin == known.low || known.reaches_back) => Lost::AtMost(known.low),
        _ if begin < known.low && end > begin => Lost::Offsets(end.min(known.low) - begin),
        _ => Lost::Nothing,
    };
    let from = begin.max(known.low);
    Ok(Range {
        partition,
        from,
        to: end.max(from),
        lost,
    })
}

fn offset(bound: &Bound, partition: i32, known: &KnownPartition, answer: Option<i64>) -> Result<i64, BoundsError> {
    let offset = match bound {
        Bound::Earliest => known.low,
        Bound::Latest => known.high,
        Bound::Offset(offset) => *offset,
        Bound::Offsets(offsets) => *offsets.get(&partition).ok_or(BoundsError::Missing { partition })?,
        // Later than every record: the range begins, or ends, where the partition ends. More may have come since the end was asked for.
        Bound::Time(_) | Bound::Ago(_) => answer.unwrap_or(known.high).min(known.high),
        // A group commits nothing where it has read nothing.
        Bound::Group(_) if known.low == known.high => answer.unwrap_or(known.high),
        Bound::Group(group) => answer.ok_or_else(|| BoundsError::NoCommit {
            group: group.clone(),
            partition,
        })?,
    };
    if offset > known.high {
        return Err(BoundsError::Beyond {
            partition,
            offset,
            high: known.high,
        });
    }
    Ok(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_read_in_each_of_its_forms() {
        let check = |text: &str, expected: Bound| assert_eq!(text.parse(), Ok(expected), "{text}");
        check("earliest", Bound::Earliest);
        check("latest", Bound::Latest);
        check("1200", Bound::Offset(1200));
        check("0:100,1:200", Bound::Offsets([(0, 100), (1, 200)].into()));
        check("7:0", Bound::Offsets([(7, 0)].into()));
        check("1970-01-02", Bound::Time(86_400_000));
        check("1970-01-01T01:00:00+01:00", Bound::Time(0));
        check("2026-11-24T06:00:00.5Z", Bound::Time(1_795_500_000_500));
        check("-6h", Bound::Ago(Duration::from_hours(6)));
        check("group:live", Bound::Group("live".into()));
    }

    #[test]
    fn a_bound_that_cannot_be_meant_says_what_is_allowed() {
        let check = |text: &str, expected: &str| {
            let words = text.parse::<Bound>().unwrap_err();
            assert!(words.contains(expected), "{text}: {words}");
        };
        check("yesterday", "allowed are `earliest`");
        check("", "allowed are `earliest`");
        check("2026-11-24T06:00:00", "has no zone");
        check("2026-02-30", "allowed are");
        check("0:1,0:2", "partition 0 is named twice");
        check("0:1,1", "allowed are");
        check("99999999999999999999", "larger than any offset");
        check("-6 parsecs", "a length of time");
        check("group:", "needs a name");
    }

    #[test]
    fn partitions_are_numbers_and_spans() {
        assert_eq!("0,2,4-6".parse(), Ok(Partitions([0, 2, 4, 5, 6].into())));
        for bad in ["", "a", "3-1", "-1", "1,", "0-999999999"] {
            assert!(bad.parse::<Partitions>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_before_now_becomes_a_time() {
        assert_eq!(Bound::Ago(Duration::from_secs(2)).at(5_000), Bound::Time(3_000));
        assert_eq!(Bound::Latest.at(5_000), Bound::Latest);
    }

    fn partition(low: i64, high: i64) -> KnownPartition {
        KnownPartition {
            low,
            high,
            ..KnownPartition::default()
        }
    }

    fn one(from: &Bound, to: &Bound, known: KnownPartition) -> Result<(i64, i64, Lost), BoundsError> {
        ranges(from, to, &[(0, known)].into()).map(|r| (r[0].from, r[0].to, r[0].lost))
    }

    #[test]
    fn a_range_lies_within_what_the_partition_has() {
        use Bound::{Earliest, Group, Latest, Offset, Time};
        let known = |from, to| KnownPartition {
            from,
            to,
            ..partition(10, 50)
        };
        let check = |from, to, known, expected| assert_eq!(one(&from, &to, known), Ok(expected));
        check(Earliest, Latest, known(None, None), (10, 50, Lost::Nothing));
        check(Offset(20), Offset(20), known(None, None), (20, 20, Lost::Nothing));
        check(Time(1), Time(2), known(Some(20), Some(30)), (20, 30, Lost::Nothing));
        check(Time(1), Time(2), known(None, None), (50, 50, Lost::Nothing));
        // A record that came after the end was asked for.
        check(Earliest, Time(2), known(None, Some(60)), (10, 50, Lost::Nothing));
        // Times that do not grow.
        check(Time(1), Time(2), known(Some(30), Some(20)), (30, 30, Lost::Nothing));
        check(
            Earliest,
            Group("g".into()),
            known(None, Some(40)),
            (10, 40, Lost::Nothing),
        );
    }

    #[test]
    fn what_retention_has_cut_is_counted() {
        use Bound::{Latest, Offset, Time};
        let known = KnownPartition {
            from: Some(10),
            ..partition(10, 50)
        };
        assert_eq!(one(&Offset(4), &Latest, known), Ok((10, 50, Lost::Offsets(6))));
        assert_eq!(one(&Offset(4), &Offset(8), known), Ok((10, 10, Lost::Offsets(4))));
        assert_eq!(one(&Time(1), &Latest, known), Ok((10, 50, Lost::AtMost(10))));
        let whole = KnownPartition {
            from: Some(0),
            ..partition(0, 50)
        };
        assert_eq!(one(&Time(1), &Latest, whole), Ok((0, 50, Lost::Nothing)));
    }

    #[test]
    fn a_time_range_that_retention_has_taken_whole_is_no_empty_one() {
        use Bound::{Latest, Time};
        let check = |to, known, expected| assert_eq!(one(&Time(1), &to, known), Ok(expected), "{known:?}");
        let told = |from, to, known| KnownPartition { from, to, ..known };
        // Both times lie before the first record that is there.
        check(
            Time(2),
            told(Some(10), Some(10), partition(10, 50)),
            (10, 10, Lost::AtMost(10)),
        );
        // Nothing is there any more.
        check(Latest, partition(50, 50), (50, 50, Lost::AtMost(50)));
        check(Time(2), partition(50, 50), (50, 50, Lost::AtMost(50)));
        // What is there begins with the marker of a transaction that is gone, and perhaps that is all.
        let cut = |from| KnownPartition {
            reaches_back: true,
            ..told(from, None, partition(10, 11))
        };
        check(Latest, cut(None), (11, 11, Lost::AtMost(10)));
        let marker_first = KnownPartition {
            high: 50,
            ..cut(Some(11))
        };
        check(Latest, marker_first, (11, 50, Lost::AtMost(10)));
        // Inside what is there, behind it, and where nothing was ever deleted.
        check(
            Time(2),
            told(Some(20), Some(20), partition(10, 50)),
            (20, 20, Lost::Nothing),
        );
        check(Time(2), partition(10, 50), (50, 50, Lost::Nothing));
        check(Time(2), told(Some(0), Some(0), partition(0, 50)), (0, 0, Lost::Nothing));
        check(Latest, partition(0, 0), (0, 0, Lost::Nothing));
    }

    #[test]
    fn a_group_needs_no_offset_where_there_is_nothing_to_read() {
        use Bound::{Earliest, Group, Latest};
        let group = || Group("g".into());
        let empty = partition(0, 0);
        assert_eq!(one(&Earliest, &group(), empty), Ok((0, 0, Lost::Nothing)));
        assert_eq!(one(&group(), &Latest, empty), Ok((0, 0, Lost::Nothing)));
        // Emptied by retention: the end leaves nothing out, and the beginning may.
        assert_eq!(one(&Earliest, &group(), partition(9, 9)), Ok((9, 9, Lost::Nothing)));
        assert_eq!(one(&group(), &Latest, partition(9, 9)), Ok((9, 9, Lost::AtMost(9))));
        let refused = one(&group(), &Latest, partition(0, 1)).unwrap_err().to_string();
        assert!(refused.contains("no committed offset for partition 0"), "{refused}");
    }

    #[test]
    fn bounds_that_contradict_or_name_what_is_not_there_are_refused() {
        use Bound::{Earliest, Group, Latest, Offset, Offsets, Time};
        let words = |from, to| one(&from, &to, partition(0, 50)).unwrap_err().to_string();
        assert!(words(Offset(20), Offset(10)).contains("offset 10, lies before the beginning, offset 20"));
        assert!(words(Latest, Earliest).contains("lies before"));
        assert!(words(Time(2_000), Time(1_000)).contains("1970-01-01T00:00:01Z, lies before"));
        assert!(words(Earliest, Offset(51)).contains("beyond the end, which is 50"));
        assert!(words(Offsets([(3, 1)].into()), Latest).contains("no partition 3"));
        assert!(words(Offsets(BTreeMap::new()), Latest).contains("no offset is given for partition 0"));
        assert!(words(Earliest, Group("g".into())).contains("`g` has no committed offset"));
    }
}
