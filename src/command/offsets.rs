//! `sluice offsets`: where the group stands in the input topic, and where it shall go on.
//!
//! In: what the brokers tell of the group and the topic; for `set` a place. Out: a table, or JSON; with `--execute` committed offsets. Always:
//! without it nothing changes; a group that has members is not moved, and what a move passes over or reads again is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::output::UntilClosed;
use super::{CommandError, harmless, written};
use crate::clock;
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::group::{GroupClient, Member, State};
use crate::kafka::range::RangeReader;
use crate::kafka::{members, topics};
use crate::replay::{self, Bound, Lost, Partitions, Range};

/// What is done with the offsets, and how it is told.
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Option<Action>,
    /// One JSON object.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What is done with the offsets.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Show where the group stands, as without a subcommand.
    Show,
    /// Say what another place would mean, and with `--execute` commit it. The group must have no members.
    Set(Set),
}

/// Options of `set`.
#[derive(Debug, clap::Args)]
pub struct Set {
    /// The first record that is read next: `earliest`, `latest`, an offset (`1200`), offsets by partition (`0:100,1:200`; others stay), a
    /// time (`2026-11-24T06:00:00Z`), a date (its midnight UTC), a time before now (`-6h`), or `group:NAME` for what a group has committed.
    #[arg(long, value_name = "BOUND", allow_hyphen_values = true)]
    pub to: String,
    /// Only these partitions, such as `0,2,4-7`.
    #[arg(long, value_name = "NUMBERS", visible_alias = "partition")]
    pub partitions: Option<Partitions>,
    /// Commit it.
    #[arg(long)]
    pub execute: bool,
}

/// Do it, and write what there is to say to `out`. Waits for the broker.
pub fn offsets(config: &Config, arguments: &Arguments, out: &mut impl Write) -> Result<(), CommandError> {
    let topic = &config.input.topic;
    topics::require_input(config).map_err(CommandError::Start)?;
    let client = GroupClient::connect(config).map_err(CommandError::Start)?;
    let reader = RangeReader::connect(config, topic, &config.kafka.group).map_err(CommandError::Start)?;
    let (state, members) = client.described();
    let group = Group {
        config,
        client,
        reader,
        state,
        members,
    };
    let told = match &arguments.action {
        None | Some(Action::Show) => {
            let shown = group.show()?;
            if arguments.json {
                as_json(&shown)
            } else {
                shown.as_text(&group)
            }
        }
        Some(Action::Set(set)) => {
            let moved = group.set(set)?;
            if arguments.json {
                as_json(&moved)
            } else {
                moved.as_text(&group)
            }
        }
    };
    let out = &mut UntilClosed::new(out);
    Ok(written(
        out.write_all(harmless(&told).as_bytes()).and_then(|()| out.flush()),
    )?)
}

fn as_json(told: &impl Serialize) -> String {
    serde_json::to_string(told).expect("plain data is JSON") + "\n"
}

fn usage(message: impl Into<String>) -> CommandError {
    CommandError::Usage(message.into())
}

/// The group, and how the brokers are asked about it.
struct Group<'a> {
    config: &'a Config,
    client: GroupClient,
    reader: RangeReader,
    state: State,
    members: Vec<Member>,
}

/// One partition, as the brokers tell it.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Standing {
    committed: Option<i64>,
    first: i64,
    /// As a `read_committed` reader sees it.
    end: i64,
    high_watermark: i64,
}

impl Standing {
    /// What is read next: what is committed, or the first record where that is nothing or not there, as `auto.offset.reset` says.
    fn next(&self) -> i64 {
        let is_there = |offset: &i64| (self.first..=self.high_watermark).contains(offset);
        self.committed.filter(is_there).unwrap_or(self.first)
    }

    fn lag(&self) -> i64 {
        (self.end - self.next()).max(0)
    }

    /// What is to be looked at.
    fn note(&self) -> Option<String> {
        let Self {
            first,
            end,
            high_watermark,
            ..
        } = *self;
        match self.committed {
            Some(offset) if offset < first => {
                let gone = first - offset;
                Some(format!(
                    "{gone} offsets before {first} are gone unread, and a run goes on at {first}"
                ))
            }
            Some(offset) if offset > high_watermark => Some(format!(
                "the committed offset lies beyond the end, which is {high_watermark}: was the topic made again? A run begins at {first}"
            )),
            _ if end < high_watermark => Some(format!(
                "a writer's transaction is open: it holds back {} offsets from {end} on",
                high_watermark - end
            )),
            _ => None,
        }
    }
}

impl Group<'_> {
    /// What is committed is asked for first: a running stage moves it on, up to the ends at most.
    fn standings(
        &self,
        partitions: &BTreeSet<i32>,
        committed: &BTreeMap<i32, i64>,
    ) -> Result<BTreeMap<i32, Standing>, Failure> {
        let standing = |partition: &i32| {
            let (first, end, high_watermark) = self.client.ends(*partition)?;
            let standing = Standing {
                committed: committed.get(partition).copied(),
                first,
                end,
                high_watermark,
            };
            Ok((*partition, standing))
        };
        partitions.iter().map(standing).collect()
    }

    fn show(&self) -> Result<Shown, CommandError> {
        let all = &self.reader.partitions;
        let committed = self.client.committed(all).map_err(CommandError::Start)?;
        let standings = self.standings(all, &committed).map_err(CommandError::Start)?;
        let row = |(partition, standing): (&i32, &Standing)| {
            let owner = self.members.iter().find(|member| member.partitions.contains(partition));
            Row {
                partition: *partition,
                standing: *standing,
                next: standing.next(),
                lag: standing.lag(),
                instance: owner.map(|member| self.name(member).to_owned()),
                host: owner.map(|member| member.host.clone()),
                note: standing.note(),
            }
        };
        let partitions: Vec<Row> = standings.iter().map(row).collect();
        Ok(Shown {
            topic: self.config.input.topic.clone(),
            group: self.config.kafka.group.clone(),
            state: state_name(&self.state).to_owned(),
            lag: partitions.iter().map(|row| row.lag).sum(),
            partitions,
            members: self.members.clone(),
        })
    }

    /// An instance's name; another program's id.
    fn name<'m>(&self, member: &'m Member) -> &'m str {
        members::instance(self.config, &member.client_id).unwrap_or(&member.id)
    }

    fn named<'m>(&self, members: impl Iterator<Item = &'m Member>) -> String {
        let words = |member: &Member| format!("`{}` at {}", self.name(member), member.host);
        members.map(words).collect::<Vec<_>>().join(", ")
    }

    fn set(&self, set: &Set) -> Result<Moved, CommandError> {
        let to = place(&set.to, clock::unix_ms())?;
        let chosen = chosen(&self.reader.partitions, set.partitions.as_ref(), &to)?;
        if let Some(why) = self.refusal().filter(|_| set.execute) {
            return Err(CommandError::Start(Failure::new(why)));
        }
        let committed = if set.execute {
            self.client.settled(&chosen)
        } else {
            self.client.committed(&chosen)
        };
        let committed = committed.map_err(CommandError::Start)?;
        let standings = self.standings(&chosen, &committed).map_err(CommandError::Start)?;
        let targets = self.targets(&chosen, &to)?;
        let moved = |(partition, standing): (&i32, &Standing)| {
            let to = targets.get(partition)?;
            Some(Move::new(*partition, standing, *to))
        };
        let partitions: Vec<Move> = standings.iter().filter_map(moved).collect();
        if set.execute {
            self.execute(&partitions)?;
        }
        Ok(Moved {
            topic: self.config.input.topic.clone(),
            group: self.config.kafka.group.clone(),
            state: state_name(&self.state).to_owned(),
            is_executed: set.execute,
            read_again: partitions.iter().map(|one| one.read_again).sum(),
            passed_over: partitions.iter().map(|one| one.passed_over).sum(),
            partitions,
        })
    }

    /// The offset in each partition that a place means.
    fn targets(&self, chosen: &BTreeSet<i32>, to: &Bound) -> Result<BTreeMap<i32, i64>, CommandError> {
        let known = self.reader.survey(chosen, to, &Bound::Latest);
        let known = known.map_err(CommandError::Start)?;
        let ranges = replay::ranges(to, &Bound::Latest, &known).map_err(|e| usage(e.to_string()))?;
        ranges.iter().try_for_each(is_kept)?;
        Ok(ranges.iter().map(|range| (range.partition, range.from)).collect())
    }

    /// Why the group cannot be moved now.
    fn refusal(&self) -> Option<String> {
        let (group, session) = (&self.config.kafka.group, self.config.kafka.session_timeout_ms);
        (!self.members.is_empty()).then(|| {
            format!(
                "group `{group}` has members, and only a group without them can be moved: {}\n\
                 hint: stop them, and wait until they have left: after SIGTERM that is at once, after SIGKILL or with \
                 `kafka.group_instance_id` when `kafka.session_timeout_ms`, {session}, is over",
                self.named(self.members.iter())
            )
        })
    }

    /// Commit what is new, and read it back.
    fn execute(&self, partitions: &[Move]) -> Result<(), CommandError> {
        let new = partitions.iter().filter(|one| one.is_new());
        let targets: BTreeMap<i32, i64> = new.map(|one| (one.partition, one.to)).collect();
        if targets.is_empty() {
            return Ok(());
        }
        self.client.commit(&targets).map_err(CommandError::Start)?;
        let told = self.client.committed(&targets.keys().copied().collect())?;
        let other = targets.iter().find(|(partition, to)| told.get(partition) != Some(to));
        other.map_or(Ok(()), |(partition, to)| {
            let (group, told) = (&self.config.kafka.group, told.get(partition));
            let told = told.map_or_else(|| "none".to_owned(), i64::to_string);
            Err(Failure::new(format!(
                "offset {to} of partition {partition} was committed for group `{group}`, and the brokers tell {told}\n\
                 hint: has an instance been started meanwhile? `sluice offsets` shows where the group stands"
            ))
            .into())
        })
    }
}

/// The brokers' word for a state, or ours.
fn state_name(state: &State) -> &str {
    match state {
        State::Missing => "Missing",
        State::Told(name) => name,
        State::Untold(_) => "Unknown",
    }
}

/// The place that is meant.
fn place(text: &str, now_ms: i64) -> Result<Bound, CommandError> {
    let bound: Result<Bound, String> = text.parse();
    match bound.map_err(|e| usage(format!("`--to`: {e}")))?.at(now_ms) {
        Bound::Time(ms) if ms > now_ms => Err(usage(format!(
            "`--to {text}` is yet to come\nhint: the end that the partitions have now is `latest`"
        ))),
        bound => Ok(bound),
    }
}

/// The partitions that are meant: those that are named, by `--to` too, or all.
fn chosen(all: &BTreeSet<i32>, asked: Option<&Partitions>, to: &Bound) -> Result<BTreeSet<i32>, CommandError> {
    let chosen = match (asked, to) {
        (Some(asked), _) => asked.0.clone(),
        (None, Bound::Offsets(offsets)) => offsets.keys().copied().collect(),
        (None, _) => all.clone(),
    };
    match chosen.iter().find(|partition| !all.contains(partition)) {
        None => Ok(chosen),
        Some(partition) => {
            let last = all.last().copied().unwrap_or_default();
            Err(usage(format!(
                "there is no partition {partition}: the topic has 0 to {last}"
            )))
        }
    }
}

/// Refuse a place that retention has taken. A time before the first record is met by the first record.
fn is_kept(range: &Range) -> Result<(), CommandError> {
    let Lost::Offsets(gone) = range.lost else { return Ok(()) };
    let (partition, first) = (range.partition, range.from);
    Err(usage(format!(
        "partition {partition}: offset {} is gone, the first one there is {first}\nhint: `earliest`, for the first one of each partition",
        first - gone
    )))
}

/// Where the group stands.
#[derive(Debug, Serialize)]
struct Shown {
    topic: String,
    group: String,
    state: String,
    lag: i64,
    partitions: Vec<Row>,
    members: Vec<Member>,
}

#[derive(Debug, Serialize)]
struct Row {
    partition: i32,
    #[serde(flatten)]
    standing: Standing,
    /// Where a run begins that starts now.
    next: i64,
    lag: i64,
    instance: Option<String>,
    host: Option<String>,
    note: Option<String>,
}

impl Shown {
    fn as_text(&self, group: &Group<'_>) -> String {
        let mut table = table(
            &["partition", "first", "committed", "end", "lag", "instance", "host"],
            5,
        );
        for row in &self.partitions {
            table.add_row([
                row.partition.to_string(),
                row.standing.first.to_string(),
                row.standing
                    .committed
                    .map_or_else(|| format!("none, from {}", row.next), |offset| offset.to_string()),
                row.standing.end.to_string(),
                row.lag.to_string(),
                row.instance.clone().unwrap_or_default(),
                row.host.clone().unwrap_or_default(),
            ]);
        }
        let mut text = format!("{table}\n");
        for (row, note) in self.partitions.iter().filter_map(|row| Some((row, row.note.as_ref()?))) {
            text.push_str(&format!("partition {}: {note}\n", row.partition));
        }
        let state = state_words(&group.state, self.members.len());
        text.push_str(&format!("group `{}`: {state}; lag {} in all\n", self.group, self.lag));
        let idle: Vec<&Member> = self
            .members
            .iter()
            .filter(|member| member.partitions.is_empty())
            .collect();
        if !idle.is_empty() {
            let idle = group.named(idle.into_iter());
            text.push_str(&format!("without a partition of `{}`: {idle}\n", self.topic));
        }
        text
    }
}

fn state_words(state: &State, members: usize) -> String {
    match (state, members) {
        (State::Missing, _) => "there is none yet".to_owned(),
        (State::Untold(why), _) => format!("its state is not known, {why}"),
        (State::Told(name), 0) => name.clone(),
        (State::Told(name), 1) => format!("{name}, 1 member"),
        (State::Told(name), n) => format!("{name}, {n} members"),
    }
}

/// A table whose first columns are numbers.
fn table(header: &[&str], numbers: usize) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    for column in table.column_iter_mut().take(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// What a move is, or would be.
#[derive(Debug, Serialize)]
struct Moved {
    topic: String,
    group: String,
    state: String,
    is_executed: bool,
    /// Offsets, some of which may hold no record: markers of transactions, and what was compacted.
    read_again: i64,
    passed_over: i64,
    partitions: Vec<Move>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Move {
    partition: i32,
    committed: Option<i64>,
    to: i64,
    read_again: i64,
    passed_over: i64,
}

impl Move {
    fn new(partition: i32, standing: &Standing, to: i64) -> Self {
        let next = standing.next();
        Self {
            partition,
            committed: standing.committed,
            to,
            read_again: (next - to).max(0),
            passed_over: (to - next).max(0),
        }
    }

    /// Whether there is something to commit.
    fn is_new(&self) -> bool {
        self.committed != Some(self.to)
    }
}

impl Moved {
    fn as_text(&self, group: &Group<'_>) -> String {
        let mut table = table(&["partition", "committed", "to", "read again", "passed over"], 5);
        for one in &self.partitions {
            table.add_row([
                one.partition.to_string(),
                one.committed
                    .map_or_else(|| "none".to_owned(), |offset| offset.to_string()),
                one.to.to_string(),
                one.read_again.to_string(),
                one.passed_over.to_string(),
            ]);
        }
        let mut text = format!("{table}\n");
        if self.read_again > 0 {
            text.push_str(&format!(
                "{} will be read and published again, with the verdicts that the memory knows of them\n",
                records(self.read_again)
            ));
        }
        if self.passed_over > 0 {
            text.push_str(&format!(
                "{} will have no fate here: the audit calls them `missing`\n",
                records(self.passed_over)
            ));
        }
        let name = &self.group;
        if !self.partitions.iter().any(Move::is_new) {
            text.push_str(&format!("group `{name}` stands there already\n"));
        } else if self.is_executed {
            text.push_str(&format!("committed for group `{name}`, and read back\n"));
        } else {
            let state = state_words(&group.state, group.members.len());
            text.push_str(&format!("group `{name}`: {state}\n"));
            text.push_str("nothing was changed: `--execute` commits it\n");
            if let Some(why) = group.refusal() {
                text.push_str(&format!("it would be refused now: {why}\n"));
            }
        }
        text
    }
}

fn records(offsets: i64) -> String {
    let s = if offsets == 1 { "" } else { "s" };
    format!("{offsets} record{s} at most")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rdkafka::ClientConfig;
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};

    use super::*;

    /// A cluster that tells no members, with six records in the second of two partitions.
    fn cluster() -> (MockCluster<'static, DefaultProducerContext>, Config) {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("raw", 2, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", &brokers).create().unwrap();
        for _ in 0..6 {
            let record = BaseRecord::to("raw").partition(1).key("a").payload("{}");
            producer.send(record).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(Duration::from_secs(10)).unwrap();
        let given = [format!("kafka.brokers={brokers}"), "input.topic=raw".to_owned()];
        (cluster, Config::load(None, [], &given).unwrap())
    }

    fn told(config: &Config, action: Option<Action>, json: bool) -> String {
        let mut out = Vec::new();
        offsets(config, &Arguments { action, json }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn set(to: &str, execute: bool) -> Option<Action> {
        let (to, partitions) = (to.to_owned(), None);
        Some(Action::Set(Set {
            to,
            partitions,
            execute,
        }))
    }

    #[test]
    fn the_group_is_shown_and_moved_where_the_brokers_tell_no_members() {
        let (_cluster, config) = cluster();
        let shown = || -> serde_json::Value { serde_json::from_str(&told(&config, None, true)).unwrap() };
        let new = shown();
        assert_eq!((&new["state"], &new["lag"]), (&"Unknown".into(), &6.into()), "{new}");
        let words = told(&config, None, false);
        assert!(
            words.contains("none, from 0") && words.contains("lag 6 in all"),
            "{words}"
        );
        let words = told(&config, set("1:4", false), false);
        assert!(words.contains("4 records at most will have no fate here"), "{words}");
        assert!(words.contains("nothing was changed"), "{words}");
        assert_eq!(shown(), new);
        let words = told(&config, set("1:4", true), false);
        assert!(words.contains("committed for group `sluice`, and read back"), "{words}");
        let moved = shown();
        assert_eq!(moved["lag"], 2, "{moved}");
        let words = told(&config, set("1:4", true), false);
        assert!(words.contains("stands there already"), "{words}");
        assert_eq!(moved["partitions"][0]["committed"], serde_json::Value::Null);
        assert_eq!(moved["partitions"][1]["committed"], 4);
        let words = told(&config, set("1:3", false), false);
        assert!(
            words.contains("1 record at most will be read and published again"),
            "{words}"
        );
    }

    fn standing(committed: impl Into<Option<i64>>) -> Standing {
        Standing {
            committed: committed.into(),
            first: 10,
            end: 50,
            high_watermark: 60,
        }
    }

    #[test]
    fn what_is_read_next_is_what_is_committed_or_the_first_that_is_there() {
        let check = |committed: Option<i64>, next: i64, lag: i64, note: &str| {
            let standing = standing(committed);
            assert_eq!((standing.next(), standing.lag()), (next, lag), "{committed:?}");
            let told = standing.note().unwrap_or_default();
            assert!(told.contains(note), "{committed:?}: {told}");
        };
        check(None, 10, 40, "holds back 10 offsets from 50 on");
        check(Some(10), 10, 40, "holds back");
        check(Some(50), 50, 0, "holds back");
        check(Some(60), 60, 0, "holds back");
        check(Some(3), 10, 40, "7 offsets before 10 are gone");
        check(Some(61), 10, 40, "beyond the end, which is 60");
        let settled = Standing {
            high_watermark: 50,
            ..standing(20)
        };
        assert_eq!(settled.note(), None);
    }

    #[test]
    fn a_move_tells_what_it_reads_again_and_what_it_passes_over() {
        let check = |committed: Option<i64>, to: i64, read_again: i64, passed_over: i64| {
            let one = Move::new(0, &standing(committed), to);
            assert_eq!(
                (one.read_again, one.passed_over),
                (read_again, passed_over),
                "{committed:?} {to}"
            );
        };
        check(Some(30), 10, 20, 0);
        check(Some(30), 31, 0, 1);
        check(Some(30), 30, 0, 0);
        check(None, 50, 0, 40);
        check(None, 10, 0, 0);
        check(Some(3), 12, 0, 2);
    }

    #[test]
    fn offsets_by_partition_leave_the_others_where_they_are() {
        let all: BTreeSet<i32> = (0..3).collect();
        let to = |text: &str| place(text, 1_000).unwrap();
        let check = |asked: Option<&str>, bound: &str, expected: &[i32]| {
            let asked = asked.map(|text| text.parse().unwrap());
            let chosen = chosen(&all, asked.as_ref(), &to(bound)).unwrap();
            assert_eq!(chosen, expected.iter().copied().collect(), "{asked:?} {bound}");
        };
        check(None, "latest", &[0, 1, 2]);
        check(None, "2:78", &[2]);
        check(Some("0-1"), "latest", &[0, 1]);
        for (asked, bound) in [(None, "3:0"), (Some("2-3"), "latest")] {
            let asked = asked.map(|text| text.parse().unwrap());
            let refused = chosen(&all, asked.as_ref(), &to(bound)).unwrap_err();
            assert!(
                refused
                    .to_string()
                    .contains("there is no partition 3: the topic has 0 to 2")
            );
        }
    }

    #[test]
    fn a_place_that_cannot_be_meant_is_refused() {
        let refused = |text: &str| place(text, 86_400_000).unwrap_err().to_string();
        assert!(refused("soon").contains("`--to`: `soon` is not a place"));
        assert!(refused("1970-01-03").contains("is yet to come"));
        assert_eq!(place("1970-01-02", 86_400_000).unwrap(), Bound::Time(86_400_000));
        let range = |lost| Range {
            partition: 2,
            from: 10,
            to: 20,
            lost,
        };
        let gone = is_kept(&range(Lost::Offsets(7))).unwrap_err();
        assert_eq!(gone.exit_status(), 2);
        assert!(
            gone.to_string()
                .contains("partition 2: offset 3 is gone, the first one there is 10")
        );
        assert!(
            is_kept(&range(Lost::AtMost(7))).is_ok(),
            "a time is met by the first record"
        );
    }
}
