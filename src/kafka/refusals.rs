//! What brokers refuse of a batch → which records are to blame.
//!
//! In: a plan, and its records whose deliveries failed for what they are. Out: those that no broker will ever take, as the articles that
//! become dead letters for it. Always: a record is blamed only where it was alone, or where what was refused with it differs from what was not:
//! a broker refuses requests, and the client gives all records of one the same error where it does not know better.

use std::collections::BTreeMap;

use rdkafka::error::RDKafkaErrorCode;

use crate::article::{LeftOut, Origin, Reject};
use crate::dead_letter;
use crate::failure::Failure;
use crate::stage::{CommitError, Destination, Output, Plan};

/// Names a verdict among what is produced, as a number names an output.
pub(super) const OF_THE_MEMORY: usize = usize::MAX;

/// A record that a broker calls invalid: its number, and why.
pub(super) type Invalid = (usize, RDKafkaErrorCode);

/// The records, by number, that were refused for their own sake or for that of others in their request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RefusedRecords {
    /// Too large, or in a request that is.
    pub(super) large: Vec<usize>,
    pub(super) invalid: Vec<Invalid>,
    /// In a request with an invalid one, and told apart from it.
    pub(super) innocent: Vec<usize>,
}

impl RefusedRecords {
    /// Note a record whose delivery failed.
    pub(super) fn note(&mut self, n: usize, code: RDKafkaErrorCode) {
        use RDKafkaErrorCode::{InvalidDifferentRecord, InvalidRecord, InvalidTimestamp, MessageSizeTooLarge};
        match code {
            MessageSizeTooLarge => self.large.push(n),
            InvalidRecord | InvalidTimestamp => self.invalid.push((n, code)),
            InvalidDifferentRecord => self.innocent.push(n),
            _ => {}
        }
    }
}

/// Which of the records called invalid are so for themselves. Where a request holds one that is, the client (librdkafka 2.12) gives its error to all
/// of them; where it holds several, the others have an error of their own. `partitions` tells how many an output's topic has.
pub(super) fn invalid(
    plan: &Plan,
    called: Vec<Invalid>,
    innocent: &[usize],
    partitions: impl Fn(&Output) -> i32,
) -> Vec<Invalid> {
    let place = |n: usize| {
        let output = plan.outputs.get(n)?;
        Some((output.to, output.partition % partitions(output).max(1)))
    };
    let mut of_place: BTreeMap<_, Vec<Invalid>> = BTreeMap::new();
    for one in called {
        of_place.entry(place(one.0)).or_default().push(one);
    }
    let is_blamed = |at: &Option<_>, group: &[Invalid]| {
        let others = || innocent.iter().filter(|n| place(**n) == *at).map(|n| &plan.outputs[*n]);
        group.len() == 1 || at.is_none() || others().next().is_some() && differ(plan, group, others())
    };
    let blamed = of_place.into_iter().filter(|(at, group)| is_blamed(at, group));
    blamed.flat_map(|(_, group)| group).collect()
}

/// Whether what brokers look at, the key or the time, differs between all of these and all others: several requests may have failed together.
fn differ<'p>(plan: &Plan, group: &[Invalid], others: impl Iterator<Item = &'p Output>) -> bool {
    let times: Vec<i64> = others.filter_map(|output| output.timestamp_ms).collect();
    let (first, last) = (times.iter().min(), times.iter().max());
    let is_between = |time: i64| first.is_some_and(|first| *first <= time) && last.is_some_and(|last| time <= *last);
    group
        .iter()
        .filter_map(|(n, code)| Some((plan.outputs.get(*n)?, code)))
        .all(|(output, code)| match code {
            RDKafkaErrorCode::InvalidTimestamp => !output.timestamp_ms.is_some_and(is_between),
            _ => output.key.is_none(),
        })
}

/// Why a batch must be read again of which the brokers refused records as invalid.
pub(super) fn refuse_invalid(plan: &Plan, refused: &[Invalid], what: &str) -> CommitError {
    let articles: Vec<_> = refused
        .iter()
        .filter_map(|(n, code)| invalid_article(plan, *n, *code))
        .collect();
    if articles.is_empty() {
        return CommitError::Stop(Failure::new(format!(
            "{what}, for a verdict or a dead letter\nhint: these are written without the record's time, and dead letters with its key; their \
             topics must take both"
        )));
    }
    CommitError::Refused(articles)
}

/// The article of a record that the brokers refuse as invalid: for its time, or since it has no key. `None` for a dead letter that has
/// been written without its time already.
fn invalid_article(plan: &Plan, n: usize, code: RDKafkaErrorCode) -> Option<(Origin, Reject)> {
    let (output, origin) = (plan.outputs.get(n)?, plan.origins.get(n)?);
    if output.to == Destination::DeadLetters && output.timestamp_ms.is_none() {
        return None;
    }
    let time = output
        .timestamp_ms
        .map(|ms| format!(" of time {ms} ms"))
        .unwrap_or_default();
    let key = if output.key.is_some() { "a key" } else { "no key" };
    Some((
        origin.clone(),
        Reject::refused(format!("the brokers do not take a record{time} with {key}: {code}")),
    ))
}

/// Which of the records that the brokers took for too large are so for themselves: a broker measures a request, and refuses all that is in it.
/// Records of `alone` bytes and more go by themselves.
pub(super) fn too_large(plan: &Plan, refused: &[usize], alone: usize) -> Vec<usize> {
    if let [only] = refused {
        return vec![*only];
    }
    let is_alone = |n: &&usize| plan.outputs.get(**n).is_some_and(|output| bytes(output) >= alone);
    refused.iter().filter(is_alone).copied().collect()
}

/// So often a batch is read again for a few records that were too large. Then, where nothing is packed, none as large is tried any more, since
/// each time costs a second.
pub(super) const TRIES_MAX: u32 = 3;

/// These, and the articles to the same topic that are at least as large as one of them. What a broker measures is packed, and a larger one may
/// be smaller then; of dead letters each is told by itself what is left out of it.
pub(super) fn with_as_large(plan: &Plan, mut large: Vec<usize>) -> Vec<usize> {
    let smallest_to = |to: Destination| {
        let refused = large.iter().filter_map(|n| plan.outputs.get(*n));
        refused.filter(|output| output.to == to).map(bytes).min()
    };
    let is_article = |output: &Output| output.to != Destination::DeadLetters;
    let as_large = |output: &Output| {
        is_article(output) && smallest_to(output.to).is_some_and(|smallest| bytes(output) >= smallest)
    };
    let others: Vec<usize> = (0..plan.outputs.len())
        .filter(|n| !large.contains(n) && as_large(&plan.outputs[*n]))
        .collect();
    large.extend(others);
    large
}

/// The brokers take no records as large as these, and never will: an article becomes a dead letter, and a dead letter one with less in it.
pub(super) fn refuse_large(plan: &Plan, large: &[usize], what: &str) -> CommitError {
    let mut articles = Vec::with_capacity(large.len());
    for n in large {
        let (Some(output), Some(origin)) = (plan.outputs.get(*n), plan.origins.get(*n)) else {
            return CommitError::Stop(Failure::new(format!(
                "{what}, for a verdict\nhint: give `dedupe.memory_topic` a larger `max.message.bytes`"
            )));
        };
        let left_out = match output.to {
            Destination::Enriched | Destination::Duplicates => Some(LeftOut::Nothing),
            Destination::DeadLetters => dead_letter::may_leave_out(output.value.as_deref(), &output.headers),
        };
        let bytes = bytes(output);
        let Some(left_out) = left_out else {
            return CommitError::Stop(Failure::new(format!(
                "{what}, for a dead letter of {bytes} bytes that holds nothing of its record\nhint: give the topic a larger \
                 `max.message.bytes`"
            )));
        };
        articles.push((origin.clone(), Reject::too_large_to_produce(bytes, left_out)));
    }
    CommitError::Refused(articles)
}

/// What a record takes of a topic's `max.message.bytes`, but for a few bytes of its own.
fn bytes(output: &Output) -> usize {
    let length = |bytes: Option<&Vec<u8>>| bytes.map_or(0, Vec::len);
    let headers = output.headers.iter();
    let headers = headers.map(|(name, value)| name.len() + length(value.as_ref()));
    length(output.key.as_ref()) + length(output.value.as_ref()) + headers.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use rdkafka::error::RDKafkaErrorCode::{InvalidRecord, InvalidTimestamp};

    use super::super::requests::Requests;
    use super::*;
    use crate::config::Config;

    fn plan(outputs: &[(Destination, usize)]) -> Plan {
        let output = |(to, bytes): &(Destination, usize)| Output {
            to: *to,
            partition: 0,
            key: None,
            value: Some(vec![b'x'; *bytes]),
            headers: Vec::new(),
            timestamp_ms: None,
        };
        let origin = |position| Origin {
            topic: "raw".into(),
            partition: 0,
            offset: 7,
            position,
        };
        Plan {
            outputs: outputs.iter().map(output).collect(),
            origins: (0..outputs.len() as u32).map(origin).collect(),
            ..Plan::of_offsets(1, vec![(0, 8)])
        }
    }

    #[test]
    fn no_poison_who_is_refused_in_company_is_not_called_too_large() {
        let sizes = [100_000, 100_000, 3_000_000, 70_000, 1_000].map(|bytes| (Destination::Enriched, bytes));
        let plan = plan(&sizes);
        let config = Config::load(None, [], &[]).unwrap();
        let check = |requests: Requests, refused: &[usize], expected: &[usize]| {
            let alone = requests.alone(&config.kafka.properties.0);
            assert_eq!(too_large(&plan, refused, alone), expected, "{requests:?} {refused:?}");
        };
        check(Requests::Usual, &[0, 1, 3], &[]);
        check(Requests::Usual, &[4], &[4]);
        check(Requests::Usual, &[0, 1, 2], &[2]);
        check(Requests::Usual, &[OF_THE_MEMORY, OF_THE_MEMORY], &[]);
        check(Requests::Small, &[0, 3, 4], &[0, 3]);
        check(Requests::Small, &[4, OF_THE_MEMORY], &[]);
        check(Requests::Single, &[3, 4], &[3, 4]);
        let batch = |requests: Requests| {
            let properties = requests.configured(&config).kafka.properties.0;
            ["batch.size", "batch.num.messages"].map(|name| properties.get(name).cloned())
        };
        assert_eq!(batch(Requests::Usual), [None, None]);
        assert_eq!(batch(Requests::Usual.smaller()), [Some("65536".into()), None]);
        assert_eq!(batch(Requests::Small.smaller()), [None, Some("1".into())]);
        let own = Config::load(None, [], &["kafka.properties.batch.size=20000".into()]).unwrap();
        let small = Requests::Small.configured(&own).kafka.properties.0;
        assert_eq!(small["batch.size"], "20000");
    }

    #[test]
    fn no_poison_what_is_as_large_as_what_was_refused_goes_with_it() {
        let sizes = [
            (Destination::Enriched, 900),
            (Destination::Enriched, 800),
            (Destination::Enriched, 1_000),
        ];
        let mut plan = plan(&sizes);
        assert_eq!(with_as_large(&plan, vec![0]), [0, 2]);
        assert_eq!(with_as_large(&plan, vec![OF_THE_MEMORY]), [OF_THE_MEMORY]);
        plan.outputs[2].to = Destination::DeadLetters;
        assert_eq!(with_as_large(&plan, vec![1]), [1, 0]);
        plan.outputs
            .iter_mut()
            .for_each(|output| output.to = Destination::DeadLetters);
        assert_eq!(with_as_large(&plan, vec![1]), [1]);
    }

    #[test]
    fn no_poison_a_dead_letter_that_no_broker_takes_is_tried_with_less_and_ends_the_process_last() {
        let mut plan = plan(&[(Destination::Enriched, 10), (Destination::DeadLetters, 10)]);
        let refused = |plan: &Plan, n: usize| match refuse_large(plan, &[n], "no") {
            CommitError::Refused(articles) => Some(articles[0].1.left_out),
            _ => None,
        };
        assert_eq!(refused(&plan, 0), Some(LeftOut::Nothing));
        assert_eq!(refused(&plan, 1), Some(LeftOut::Value));
        plan.outputs[1].value = None;
        assert_eq!(refused(&plan, 1), Some(LeftOut::All));
        let bare = (
            dead_letter::LEFT_OUT.to_owned(),
            Some(b"value, key and headers".to_vec()),
        );
        plan.outputs[1].headers.push(bare);
        assert_eq!(refused(&plan, 1), None);
        assert_eq!(refused(&plan, OF_THE_MEMORY), None);
    }

    #[test]
    fn no_poison_who_is_refused_in_company_is_not_called_invalid() {
        let mut plan = plan(&[(Destination::Enriched, 10); 6]);
        for (n, output) in plan.outputs.iter_mut().enumerate() {
            output.key = (n != 2 && n != 4).then(|| b"key".to_vec());
            output.timestamp_ms = Some(if n == 5 { 9_000 } else { 1_000 + n as i64 });
        }
        plan.outputs[3].partition = 1;
        let check = |called: &[Invalid], innocent: &[usize], expected: &[usize]| {
            let blamed = invalid(&plan, called.to_vec(), innocent, |_| 2);
            let blamed: Vec<usize> = blamed.into_iter().map(|(n, _)| n).collect();
            assert_eq!(blamed, expected, "{called:?} {innocent:?}");
        };
        let keyless = |n| (n, InvalidRecord);
        let untimely = |n| (n, InvalidTimestamp);
        // One that is alone in its partition, or among those of another one.
        check(&[keyless(2)], &[], &[2]);
        check(&[keyless(0), keyless(1), keyless(3)], &[], &[3]);
        // All of a request: one of them is meant.
        check(&[keyless(0), keyless(1), keyless(2)], &[], &[]);
        // Several of a request, told apart by the client.
        check(&[keyless(2), keyless(4)], &[0, 1], &[2, 4]);
        // The same beside a request of which one is meant.
        check(&[keyless(2), keyless(4), keyless(5)], &[0, 1], &[]);
        check(&[untimely(4), untimely(5)], &[0, 1], &[4, 5]);
        check(&[untimely(5), untimely(1)], &[0, 2], &[]);
        check(
            &[keyless(OF_THE_MEMORY), keyless(OF_THE_MEMORY)],
            &[],
            &[OF_THE_MEMORY; 2],
        );
    }
}
