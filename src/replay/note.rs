//! What is kept of a run beside its progress, so that a start under the same run id goes on with what was meant at first.
//!
//! In: the run's request and its ranges. Out: one line of JSON for each partition, kept as the metadata of its committed offset. Always:
//! reads back as it was written; a request that differs is told by what differs.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names a run: its records, its group, its transactional id and its topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(String);

/// Longest run id. The names of topics are made of it, and of that of the output, and have 249 characters at most.
const RUN_ID_CHARS_MAX: usize = 64;

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.is_empty() || text.len() > RUN_ID_CHARS_MAX || !text.chars().all(legal) {
            return Err(format!(
                "a run id has 1 to {RUN_ID_CHARS_MAX} of the characters a-z, A-Z, 0-9, `.`, `_` and `-`"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl RunId {
    /// The id of a run that starts at this second.
    pub fn at(seconds: i64) -> Self {
        let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self(time.strftime("%Y%m%dT%H%M%SZ").to_string())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The group that keeps the run's progress, and its transactional id.
    pub fn group(&self) -> String {
        format!("sluice-replay-{}", self.0)
    }
}

/// Where verdicts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum MemoryChoice {
    /// From the live stage's memory: what it has judged is judged the same.
    Live,
    /// From an empty one: what the range itself holds decides, byte for byte the same each time.
    Fresh,
}

/// What is kept for one partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunNote {
    /// What the run is, the same in each of its partitions.
    pub run: Request,
    /// The first offset of the range.
    pub begin: i64,
    /// The first one behind it.
    pub end: i64,
    /// Records of this partition that were settled up to the committed offset.
    pub done: u64,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The beginning, as it was written.
    pub from: String,
    /// The end, as it was written.
    pub to: String,
    /// Where verdicts come from.
    pub memory: MemoryChoice,
    /// The output topic.
    pub output: String,
    /// The partitions chosen; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<String>,
    /// The most records that are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Names the versions of all steps, and the options that change what comes out.
    pub made: String,
}

impl Request {
    /// How another request under the same run id differs: its first difference, in words.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let partitions = |chosen: &Option<String>| chosen.clone().unwrap_or_else(|| "all".into());
        let limit = |limit: Option<u64>| limit.map_or_else(|| "none".into(), |n| n.to_string());
        let memory = |memory| match memory {
            MemoryChoice::Live => "live",
            MemoryChoice::Fresh => "fresh",
        };
        [
            ("--from", self.from.clone(), other.from.clone()),
            ("--to", self.to.clone(), other.to.clone()),
            ("--memory", memory(self.memory).into(), memory(other.memory).into()),
            ("--output", self.output.clone(), other.output.clone()),
            (
                "--partitions",
                partitions(&self.partitions),
                partitions(&other.partitions),
            ),
            ("--limit", limit(self.limit), limit(other.limit)),
            (
                "versions and options of the steps, `memory.budget` among them",
                self.made.clone(),
                other.made.clone(),
            ),
        ]
        .into_iter()
        .find(|(_, before, now)| before != now)
        .map(|(what, before, now)| format!("{what}: `{before}` at its start, `{now}` now"))
    }
}

impl RunNote {
    /// As the metadata of a committed offset.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain data is JSON")
    }

    /// Read it back; `None` for a text that is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            from: "-6h".into(),
            to: "latest".into(),
            memory: MemoryChoice::Fresh,
            output: "again".into(),
            partitions: None,
            limit: Some(7),
            made: "abc".into(),
        }
    }

    #[test]
    fn a_note_reads_back_as_it_was_written() {
        let note = RunNote {
            run: request(),
            begin: 5,
            end: 900,
            done: 3,
        };
        assert_eq!(RunNote::parse(&note.to_text()), Some(note));
        assert_eq!(RunNote::parse(""), None);
        assert_eq!(RunNote::parse("another program's"), None);
    }

    #[test]
    fn another_request_is_told_by_what_differs() {
        let mut other = request();
        assert_eq!(request().difference(&other), None);
        other.memory = MemoryChoice::Live;
        let words = request().difference(&other).unwrap();
        assert_eq!(words, "--memory: `fresh` at its start, `live` now");
    }

    #[test]
    fn a_run_id_is_a_part_of_a_topics_name() {
        assert_eq!(RunId::at(1_795_500_000).as_str(), "20261124T060000Z");
        assert_eq!("week-47".parse::<RunId>().unwrap().group(), "sluice-replay-week-47");
        for bad in ["", "a b", "a/b", &"x".repeat(65)] {
            assert!(bad.parse::<RunId>().is_err(), "{bad}");
        }
    }
}
