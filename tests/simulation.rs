//! The real loop, judge and pipeline over a simulated broker, with seeded faults at every await.
//!
//! A failing seed is printed; `SLUICE_SEED=n cargo test --test simulation` repeats it, `SLUICE_SEEDS=n` runs so many, from
//! `SLUICE_SEEDS_FROM=n` on.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use sluice::article::{Origin, Record};
use sluice::claims::{CLAIM_MS, Claim, Claims, News};
use sluice::config::Policy;
use sluice::dead_letter::Reporter;
use sluice::decode;
use sluice::dedupe::{Kind, Limits};
use sluice::failure::Failure;
use sluice::judge::{Judge, MemoryEntry, Rules};
use sluice::pipeline::{Pipeline, Steps};
use sluice::stage::{Batch, CommitError, Destination, Lease, Plan, Sink, Source, Stage, Tail, Workers};
use sluice::tag::Tagger;
use sluice::telemetry::Metrics;

#[path = "common/dice.rs"]
mod dice;

use dice::Dice;

const PARTITIONS: usize = 3;
const RECORDS_PER_PARTITION: usize = 24;
const SEEDS: u64 = 200;

/// Seeds beyond them that once broke a promise: with time that stands still, and with time that passes.
const FOUND_STILL: [u64; 4] = [245, 812, 5036, 6695];
const FOUND: [u64; 2] = [289, 793];

/// The faults that a full run must meet, lest its promises hold since nothing happened; and those of a store that forgets.
const FAULTS: [&str; 4] = ["crash", "rebalance", "abort", "commit's answer lost"];
const STORE_FAULTS: [&str; 5] = [
    "store breaks off",
    "store emptied",
    "claims grow old",
    "store unreachable",
    "store's answer lost",
];

/// One published record as a `read_committed` reader sees it.
#[derive(Debug, Clone)]
struct Published {
    partition: usize,
    offset: i64,
    to: Destination,
    verdict: Option<(Kind, Option<Origin>)>,
    /// Commits that came before.
    commit: u64,
}

/// What the store of claims is in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    None,
    /// Keeps what it is told.
    Faithful,
    /// Is emptied, does not answer, takes claims and does not say so, and forgets what is old.
    Forgetful,
}

/// The broker: input, group, outputs. All that survives a crash.
#[derive(Debug)]
struct World {
    dice: Dice,
    input: Vec<Vec<Record>>,
    committed: Vec<usize>,
    owner: Vec<usize>,
    /// Grows with each rebalance; a commit of an older one is refused.
    generation: u64,
    members: BTreeSet<usize>,
    published: Vec<Published>,
    memory: Vec<MemoryEntry>,
    commits: u64,
    store: Store,
    /// The claims in the store, in its order, each with its place.
    claims: Vec<(u64, Claim)>,
    /// Claims that were ever made.
    claims_made: u64,
    /// How often the store was emptied.
    store_emptied: u64,
    /// The store's clock.
    store_ms: i64,
    /// Time passes, so that who has no batch follows the memory meanwhile. It stands still for the seeds of `FOUND_STILL`.
    has_clock: bool,
    /// A commit may be told as an abort, since its answer was lost. Not for the seeds that were found before there was this fault.
    loses_answers: bool,
    faults_left: u64,
    faults: BTreeMap<&'static str, u64>,
    /// Records that a source handed out again within its life: after an abort, or after a rebalance.
    handed_out_again: u64,
}

impl World {
    fn fault(&mut self, name: &'static str, sides: u64) -> bool {
        if self.faults_left == 0 || self.dice.roll(sides) > 0 {
            return false;
        }
        self.faults_left -= 1;
        *self.faults.entry(name).or_default() += 1;
        true
    }

    fn is_done(&self) -> bool {
        self.committed
            .iter()
            .zip(&self.input)
            .all(|(next, records)| *next == records.len())
    }

    fn rebalance(&mut self) {
        let members: Vec<usize> = self.members.iter().copied().collect();
        for partition in 0..PARTITIONS {
            if let Some(n) = members.len().checked_sub(1) {
                self.owner[partition] = members[self.dice.roll(n as u64 + 1) as usize];
            }
        }
        self.generation += 1;
    }
}

type Broker = Rc<RefCell<World>>;

/// Let the others run for a while; a crash here is a crash at this await.
async fn anything_may_happen(world: &Broker) -> Result<(), Failure> {
    let pauses = world.borrow_mut().dice.roll(4);
    for _ in 0..pauses {
        tokio::task::yield_now().await;
    }
    if world.borrow().has_clock {
        tokio::time::advance(Duration::from_millis(250)).await;
    }
    let mut world = world.borrow_mut();
    if world.fault("crash", 60) {
        return Err(Failure::new("crash"));
    }
    if world.fault("rebalance", 60) {
        world.rebalance();
    }
    Ok(())
}

struct SimSource {
    world: Broker,
    me: usize,
    epoch: Arc<AtomicU64>,
    generation: Rc<RefCell<u64>>,
    assignment: RefCell<u64>,
    position: RefCell<BTreeMap<usize, usize>>,
    handed_out: RefCell<BTreeSet<(usize, usize)>>,
    number: RefCell<u64>,
    in_flight: Arc<AtomicU64>,
}

impl SimSource {
    /// Take notice of a rebalance: what is in flight is void, and reading goes on from the committed offsets.
    fn sync(&self) {
        let world = self.world.borrow();
        if *self.generation.borrow() != world.generation {
            *self.generation.borrow_mut() = world.generation;
            *self.assignment.borrow_mut() += 1;
            self.epoch.fetch_add(1, Ordering::SeqCst);
            self.reset(&world);
        }
    }

    fn reset(&self, world: &World) {
        let owned = (0..PARTITIONS).filter(|p| world.owner[*p] == self.me);
        *self.position.borrow_mut() = owned.map(|p| (p, world.committed[p])).collect();
    }

    fn take(&self) -> Vec<Record> {
        let mut world = self.world.borrow_mut();
        let max = 1 + world.dice.roll(9) as usize;
        let mut records = Vec::new();
        for (partition, next) in self.position.borrow_mut().iter_mut() {
            while records.len() < max && *next < world.input[*partition].len() {
                records.push(world.input[*partition][*next].clone());
                if !self.handed_out.borrow_mut().insert((*partition, *next)) {
                    world.handed_out_again += 1;
                }
                *next += 1;
            }
        }
        records
    }
}

impl Source for SimSource {
    async fn next_batch(&self) -> Result<Option<Batch>, Failure> {
        loop {
            anything_may_happen(&self.world).await?;
            self.sync();
            if self.world.borrow().is_done() && self.in_flight.load(Ordering::SeqCst) == 0 {
                return Ok(None);
            }
            let records = self.take();
            if records.is_empty() {
                tokio::task::yield_now().await;
                continue;
            }
            *self.number.borrow_mut() += 1;
            self.in_flight.fetch_add(1, Ordering::SeqCst);
            let in_flight = Arc::clone(&self.in_flight);
            return Ok(Some(Batch {
                number: *self.number.borrow(),
                epoch: self.epoch(),
                assignment: *self.assignment.borrow(),
                records,
                earlier: sluice::replay::Earlier::default(),
                lease: Lease::new(move || {
                    in_flight.fetch_sub(1, Ordering::SeqCst);
                }),
            }));
        }
    }

    async fn rewind(&self) -> Result<(), Failure> {
        anything_may_happen(&self.world).await?;
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.reset(&self.world.borrow());
        anything_may_happen(&self.world).await
    }

    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }
}

struct SimSink {
    world: Broker,
    epoch: Arc<AtomicU64>,
    generation: Rc<RefCell<u64>>,
}

impl Sink for SimSink {
    async fn commit(&self, plan: Arc<Plan>) -> Result<(), CommitError> {
        anything_may_happen(&self.world).await?;
        {
            let mut world = self.world.borrow_mut();
            plan.check(self.epoch.load(Ordering::SeqCst))?;
            // The group's fence: offsets of a member that does not know of the last rebalance are refused.
            if *self.generation.borrow() != world.generation {
                return Err(CommitError::Abort("stale generation".into()));
            }
            if world.fault("abort", 12) {
                return Err(CommitError::Abort("the broker said no".into()));
            }
            apply(&mut world, &plan);
        }
        // Published, and the process may die before it learns of it.
        anything_may_happen(&self.world).await?;
        let mut world = self.world.borrow_mut();
        if world.loses_answers && world.fault("commit's answer lost", 12) {
            return Err(CommitError::Abort("no answer".into()));
        }
        Ok(())
    }
}

fn apply(world: &mut World, plan: &Plan) {
    world.commits += 1;
    let commit = world.commits;
    for output in &plan.outputs {
        let (offset, verdict) = if output.to == Destination::DeadLetters {
            let header = |name: &str| {
                let (_, value) = output.headers.iter().find(|(n, _)| n == name).unwrap();
                String::from_utf8(value.clone().unwrap()).unwrap()
            };
            (header("__connect.errors.offset").parse().unwrap(), None)
        } else {
            let value: serde_json::Value = serde_json::from_slice(output.value.as_deref().unwrap()).unwrap();
            let offset = value["provenance"]["offset"].as_i64().unwrap();
            let kind: Kind = serde_json::from_value(value["duplicate"]["kind"].clone()).unwrap();
            let of = &value["duplicate"]["of"];
            let of = of.as_object().map(|of| Origin {
                topic: "raw".into(),
                partition: of["partition"].as_i64().unwrap() as i32,
                offset: of["offset"].as_i64().unwrap(),
                position: 0,
            });
            (offset, Some((kind, of)))
        };
        world.published.push(Published {
            partition: output.partition as usize,
            offset,
            to: output.to,
            verdict,
            commit,
        });
    }
    world.memory.extend(plan.remember.iter().cloned());
    for (partition, next) in &plan.offsets {
        world.committed[*partition as usize] = *next as usize;
    }
}

struct SimTail {
    world: Broker,
    read: RefCell<usize>,
}

impl SimTail {
    fn read(&self, up_to: usize) -> Vec<MemoryEntry> {
        let mut read = self.read.borrow_mut();
        let entries = self.world.borrow().memory[*read..up_to].to_vec();
        *read = up_to;
        entries
    }
}

impl Tail for SimTail {
    fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure> {
        // News may be late.
        let (read, all) = (*self.read.borrow(), self.world.borrow().memory.len());
        let some = read + self.world.borrow_mut().dice.roll((all - read + 1) as u64) as usize;
        Ok(self.read(some))
    }

    async fn catch_up(&self) -> Result<Vec<MemoryEntry>, Failure> {
        anything_may_happen(&self.world).await?;
        let all = self.world.borrow().memory.len();
        Ok(self.read(all))
    }
}

struct SimClaims {
    world: Broker,
    read: RefCell<u64>,
    /// What the running answer goes up to.
    own: RefCell<u64>,
    /// How often the store was emptied, as of the last answer.
    emptied: RefCell<u64>,
}

impl SimClaims {
    async fn pause(&self) {
        let pauses = self.world.borrow_mut().dice.roll(4);
        for _ in 0..pauses {
            tokio::task::yield_now().await;
        }
        if self.world.borrow().store == Store::Forgetful && self.world.borrow_mut().fault("store emptied", 10) {
            let mut world = self.world.borrow_mut();
            world.claims.clear();
            world.store_emptied += 1;
        }
    }

    /// Some of what is new, or all.
    fn portion(&self) -> News {
        let mut world = self.world.borrow_mut();
        let read = *self.read.borrow();
        let new: Vec<_> = world
            .claims
            .iter()
            .filter(|(place, _)| *place > read)
            .cloned()
            .collect();
        let taken = world.dice.roll(new.len() as u64 + 1) as usize + 1;
        let read = new.get(taken - 1).map_or(world.claims_made, |(place, _)| *place);
        self.read.replace(read);
        News {
            claims: new.into_iter().take(taken).map(|(_, claim)| claim).collect(),
            begins_anew: self.emptied.replace(world.store_emptied) != world.store_emptied,
            is_answer: true,
            goes_on: read < *self.own.borrow(),
        }
    }
}

impl Claims for SimClaims {
    fn is_shared(&self) -> bool {
        self.world.borrow().store != Store::None
    }

    async fn exchange(&self, claims: Vec<Claim>) -> News {
        self.pause().await;
        let is_forgetful = self.world.borrow().store == Store::Forgetful;
        if is_forgetful && self.world.borrow_mut().fault("claims grow old", 10) {
            self.world.borrow_mut().store_ms += CLAIM_MS + 1;
            if self.world.borrow().has_clock {
                tokio::time::advance(Duration::from_millis(CLAIM_MS as u64 + 1)).await;
            }
        }
        let mut world = self.world.borrow_mut();
        if is_forgetful && world.fault("store unreachable", 8) {
            return News::default();
        }
        let at_ms = world.store_ms;
        for claim in claims {
            world.claims_made += 1;
            let place = world.claims_made;
            world.claims.push((place, Claim { at_ms, ..claim }));
        }
        if is_forgetful && world.fault("store's answer lost", 8) {
            return News::default();
        }
        self.own.replace(world.claims_made);
        drop(world);
        self.portion()
    }

    async fn go_on(&self) -> News {
        self.pause().await;
        let mut world = self.world.borrow_mut();
        if world.store == Store::Forgetful && world.fault("store breaks off", 8) {
            return News::default();
        }
        drop(world);
        self.portion()
    }
}

const WORDS: [&str; 24] = [
    "harbour",
    "minister",
    "river",
    "museum",
    "market",
    "engine",
    "school",
    "harvest",
    "village",
    "orchestra",
    "bridge",
    "storm",
    "factory",
    "glacier",
    "election",
    "cable",
    "garden",
    "satellite",
    "court",
    "railway",
    "vineyard",
    "library",
    "airport",
    "quarry",
];

/// A text of its own for each story.
fn story(number: u64) -> String {
    let mut dice = Dice(number.wrapping_mul(77).wrapping_add(1));
    let mut line = || {
        let words: Vec<String> = (0..18)
            .map(|_| format!("{}{}", WORDS[dice.roll(24) as usize], dice.roll(10)))
            .collect();
        format!(
            "The {} was seen near the {} on that day.",
            words[..9].join(" "),
            words[9..].join(" ")
        )
    };
    (0..6).map(|_| line()).collect::<Vec<_>>().join("\n")
}

/// A story on a page of one of two sites, with what that puts on each of its pages.
fn article(id: &str, number: u64) -> String {
    let site = ["The Gull", "The Tern"][number as usize % 2];
    let text = format!(
        "{}\nThis paper is read in all harbours of the north and paid for by those who read it.",
        story(number)
    );
    serde_json::json!({ "id": id, "url": format!("https://gull.example/{id}"), "site": site, "text": text }).to_string()
}

/// Which story each record tells, `None` where it is not JSON.
type Stories = BTreeMap<(usize, i64), Option<u64>>;

fn input(dice: &mut Dice) -> (Vec<Vec<Record>>, Stories) {
    let (mut stories, mut next) = (Stories::new(), 0);
    let mut input = vec![Vec::new(); PARTITIONS];
    for offset in 0..RECORDS_PER_PARTITION as i64 {
        for (partition, records) in input.iter_mut().enumerate() {
            let told = match dice.roll(10) {
                0 => None,
                1..=3 if next > 0 => Some(dice.roll(next)),
                _ => {
                    next += 1;
                    Some(next - 1)
                }
            };
            stories.insert((partition, offset), told);
            let value = told.map_or_else(
                || "{ not json".to_owned(),
                |n| article(&format!("{partition}/{offset}"), n),
            );
            records.push(Record {
                origin: Origin {
                    topic: "raw".into(),
                    partition: partition as i32,
                    offset,
                    position: 0,
                },
                key: Some(vec![offset as u8]),
                value: Some(value.into_bytes()),
                headers: vec![("h".into(), Some(b"v".to_vec()))],
                timestamp_ms: Some(1_700_000_000_000 + offset),
            });
        }
    }
    (input, stories)
}

fn rules(store: Store) -> Rules {
    Rules {
        enabled: true,
        shared: store != Store::None,
        policy: Policy::Route,
        limits: Limits {
            window_ms: 1 << 40,
            bytes_max: 64 << 20,
        },
        sites_bytes_max: Some(1 << 20),
    }
}

/// One life of one instance, from its start to its crash or the end.
async fn live(world: &Broker, me: usize, pipeline: &Arc<Pipeline>) -> Result<(), Failure> {
    let mut judge = Judge::new(rules(world.borrow().store));
    let read = world.borrow().memory.len();
    world
        .borrow()
        .memory
        .iter()
        .for_each(|entry| judge.restore(entry.clone()));
    let (epoch, generation) = (Arc::new(AtomicU64::new(1)), Rc::new(RefCell::new(0)));
    {
        let mut world = world.borrow_mut();
        world.members.insert(me);
        world.rebalance();
    }
    let source = SimSource {
        world: Rc::clone(world),
        me,
        epoch: Arc::clone(&epoch),
        generation: Rc::clone(&generation),
        assignment: RefCell::new(0),
        position: RefCell::default(),
        handed_out: RefCell::default(),
        number: RefCell::new(0),
        in_flight: Arc::default(),
    };
    let stage = Stage {
        source,
        sink: SimSink {
            world: Rc::clone(world),
            epoch,
            generation,
        },
        tail: SimTail {
            world: Rc::clone(world),
            read: RefCell::new(read),
        },
        claims: SimClaims {
            world: Rc::clone(world),
            read: RefCell::new(0),
            own: RefCell::new(0),
            emptied: RefCell::new(world.borrow().store_emptied),
        },
        pipeline: sluice::stage::fixed(Arc::clone(pipeline)),
        judge: Arc::new(Mutex::new(judge)),
        workers: Workers::Inline,
        metrics: Arc::new(Metrics::new()),
        reporter: Arc::new(Reporter::default()),
        run: None,
    };
    stage.run().await.map(drop)
}

/// Run a world to its end under faults.
fn simulate(seed: u64, instances: usize, faults: u64, store: Store, pipeline: &Arc<Pipeline>) -> (World, Stories) {
    let mut dice = Dice(seed);
    let (input, stories) = input(&mut dice);
    let world = Rc::new(RefCell::new(World {
        dice,
        input,
        committed: vec![0; PARTITIONS],
        owner: vec![0; PARTITIONS],
        generation: 0,
        members: BTreeSet::new(),
        published: Vec::new(),
        memory: Vec::new(),
        commits: 0,
        store,
        claims: Vec::new(),
        claims_made: 0,
        store_emptied: 0,
        store_ms: 1_790_000_000_000,
        has_clock: !FOUND_STILL.contains(&seed),
        loses_answers: !FOUND_STILL.contains(&seed) && !FOUND.contains(&seed),
        faults_left: faults,
        faults: BTreeMap::new(),
        handed_out_again: 0,
    }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    for me in 0..instances {
        let (world, pipeline) = (Rc::clone(&world), Arc::clone(pipeline));
        local.spawn_local(async move {
            while let Err(failure) = live(&world, me, &pipeline).await {
                assert_eq!(failure.message, "crash", "an instance ended by itself");
                // The group notices the death, perhaps only after the restart.
                let mut world = world.borrow_mut();
                if world.members.len() > 1 && world.dice.roll(2) == 0 {
                    world.members.remove(&me);
                    world.rebalance();
                }
            }
            let mut world = world.borrow_mut();
            world.members.remove(&me);
            world.rebalance();
        });
    }
    runtime.block_on(local);
    (Rc::try_unwrap(world).unwrap().into_inner(), stories)
}

fn pipeline() -> Arc<Pipeline> {
    let steps = Steps {
        decode: decode::Options::default(),
        clean: true,
        sites: true,
        tags: false,
    };
    Arc::new(Pipeline::new(steps, Tagger::builtin()))
}

/// Run `check` on every seed, with the seed in the panic's words.
fn for_each_seed(instances: usize, faults: u64, check: impl Fn(&World, &Stories)) {
    for_each_seed_with(Store::None, instances, faults, check);
}

/// The same, with a store of claims.
fn for_each_seed_with(store: Store, instances: usize, faults: u64, check: impl Fn(&World, &Stories)) {
    let pipeline = pipeline();
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let from = number("SLUICE_SEEDS_FROM").unwrap_or(0);
    let many = from..from + number("SLUICE_SEEDS").unwrap_or(SEEDS);
    let seeds: Vec<u64> =
        number("SLUICE_SEED").map_or_else(|| many.chain(FOUND_STILL).chain(FOUND).collect(), |seed| vec![seed]);
    // What runs in parallel elsewhere runs on this thread, with nobody to wait for.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    let _pool = pool.build().unwrap();
    // Of a few seeds nothing can be said: one alone need not meet every fault.
    let is_full_run = seeds.len() as u64 >= SEEDS;
    let (mut injected, mut handed_out_again) = (BTreeMap::<&str, u64>::new(), 0);
    for seed in seeds {
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let (world, stories) = simulate(seed, instances, faults, store, &pipeline);
            check(&world, &stories);
            (world.faults, world.handed_out_again)
        }));
        let Ok((faults, again)) = run else {
            panic!("seed {seed} with {instances} instances; repeat with SLUICE_SEED={seed}")
        };
        for (name, count) in faults {
            *injected.entry(name).or_default() += count;
        }
        handed_out_again += again;
    }
    println!("faults injected: {injected:?}; records handed out again: {handed_out_again}");
    if is_full_run {
        let of_store = STORE_FAULTS.iter().filter(|_| store == Store::Forgetful);
        let expected: BTreeSet<&str> = FAULTS.iter().chain(of_store).copied().collect();
        let met: BTreeSet<&str> = injected.keys().copied().collect();
        assert_eq!(met, expected, "not the faults that a full run must meet");
        assert!(handed_out_again > 0, "no record was handed out twice: {injected:?}");
    }
}

fn every_record_has_exactly_one_fate(world: &World, stories: &Stories) {
    let mut seen: BTreeMap<(usize, i64), u32> = BTreeMap::new();
    for p in &world.published {
        *seen.entry((p.partition, p.offset)).or_default() += 1;
        let is_readable = stories[&(p.partition, p.offset)].is_some();
        assert_eq!(
            is_readable,
            p.to != Destination::DeadLetters,
            "the wrong topic for {p:?}"
        );
    }
    assert_eq!(seen.len(), PARTITIONS * RECORDS_PER_PARTITION, "records without a fate");
    assert!(seen.values().all(|n| *n == 1), "records with two fates: {seen:?}");
}

#[test]
fn exactly_once_whatever_crashes_aborts_and_moves() {
    for_each_seed(2, 12, every_record_has_exactly_one_fate);
}

#[test]
fn order_of_each_partition_is_kept_in_each_topic() {
    for_each_seed(3, 12, |world, _| {
        let mut last: BTreeMap<(usize, &str), i64> = BTreeMap::new();
        for p in &world.published {
            let topic = match p.to {
                Destination::Enriched => "enriched",
                Destination::Duplicates => "duplicates",
                Destination::DeadLetters => "dead letters",
            };
            let before = last.insert((p.partition, topic), p.offset);
            assert!(
                before.is_none_or(|b| b < p.offset),
                "out of order: {p:?} after {before:?}"
            );
        }
    });
}

fn no_article_is_its_own_duplicate(world: &World) {
    for p in &world.published {
        if let Some((_, Some(of))) = &p.verdict {
            assert_ne!((of.partition as usize, of.offset), (p.partition, p.offset), "{p:?}");
        }
    }
}

#[test]
fn never_its_own_duplicate_when_a_record_comes_again() {
    for_each_seed(2, 16, |world, _| no_article_is_its_own_duplicate(world));
}

/// Published originals of each story.
fn originals(world: &World, stories: &Stories) -> BTreeMap<u64, Vec<Published>> {
    let mut originals: BTreeMap<u64, Vec<Published>> = BTreeMap::new();
    for p in &world.published {
        if let (Some((Kind::Unique, _)), Some(story)) = (&p.verdict, stories[&(p.partition, p.offset)]) {
            originals.entry(story).or_default().push(p.clone());
        }
    }
    let told: BTreeSet<u64> = stories.values().flatten().copied().collect();
    assert_eq!(originals.len(), told.len(), "a story lost its original");
    originals
}

fn each_story_has_one_original(world: &World, stories: &Stories) {
    let originals = originals(world, stories);
    let Some((story, _)) = originals.iter().find(|(_, published)| published.len() > 1) else {
        return;
    };
    let told = world
        .published
        .iter()
        .filter(|p| stories[&(p.partition, p.offset)] == Some(*story));
    panic!("a story with two originals: {:#?}", told.collect::<Vec<_>>());
}

/// What is remembered of each article, the lines that went since its site carries them included, is what one run without faults would
/// remember that read the articles in the same order.
#[test]
fn same_verdict_in_one_instance_as_in_one_run() {
    let pipeline = pipeline();
    let lines_went = Cell::new(0);
    for_each_seed(1, 12, |world, _| {
        let mut judge = Judge::new(rules(Store::None));
        for (batch, entry) in (1..).zip(&world.memory) {
            let record = &world.input[entry.origin.partition as usize][entry.origin.offset as usize];
            let mut worked = pipeline.work(record);
            let gone = judge.carried(batch, &worked, &[]);
            lines_went.set(lines_went.get() + gone.iter().map(Vec::len).sum::<usize>());
            pipeline.leave_out(&mut worked, &gone);
            let judged = judge.judge(batch, worked).remove(0);
            assert_eq!(judged.remember.as_ref(), Some(entry));
            judge.committed(batch);
        }
    });
    assert!(lines_went.get() > 0, "no line was ever known");
}

#[test]
fn one_original_of_each_story_in_one_instance() {
    for_each_seed(1, 12, each_story_has_one_original);
}

#[test]
fn one_original_everywhere_at_once_with_a_store_of_claims() {
    for_each_seed_with(Store::Faithful, 3, 12, |world, stories| {
        every_record_has_exactly_one_fate(world, stories);
        each_story_has_one_original(world, stories);
        a_duplicate_names_an_original_of_its_story(world, stories);
    });
}

#[test]
fn a_store_that_loses_everything_loses_doubles_and_accuses_no_article() {
    for_each_seed_with(Store::Forgetful, 3, 24, |world, stories| {
        every_record_has_exactly_one_fate(world, stories);
        no_article_is_its_own_duplicate(world);
        originals(world, stories);
        // What it names may have become a copy itself, when its claim was lost.
        for p in &world.published {
            if let Some((_, Some(of))) = &p.verdict {
                let named = stories[&(of.partition as usize, of.offset)];
                assert_eq!(named, stories[&(p.partition, p.offset)], "another story's: {p:?}");
            }
        }
    });
}

/// At the end: with claims a copy may be published before its original.
fn a_duplicate_names_an_original_of_its_story(world: &World, stories: &Stories) {
    let originals: BTreeMap<u64, Vec<Published>> = originals(world, stories);
    for p in &world.published {
        let Some((_, Some(of))) = &p.verdict else { continue };
        let story = stories[&(p.partition, p.offset)].unwrap();
        let named = |o: &&Published| (o.partition, o.offset) == (of.partition as usize, of.offset);
        assert!(
            originals[&story].iter().any(|o| named(&o)),
            "{p:?} names no original of its story, which has {:#?}",
            originals[&story]
        );
    }
}

#[test]
fn one_original_a_duplicate_names_a_published_original_of_its_story() {
    for_each_seed(3, 12, |world, stories| {
        let originals: BTreeMap<(usize, i64), u64> = world
            .published
            .iter()
            .filter(|p| matches!(p.verdict, Some((Kind::Unique, _))))
            .map(|p| ((p.partition, p.offset), p.commit))
            .collect();
        for p in &world.published {
            let Some((_, Some(of))) = &p.verdict else { continue };
            let of = (of.partition as usize, of.offset);
            let commit = originals.get(&of);
            assert!(
                commit.is_some_and(|c| *c <= p.commit),
                "the original {of:?} of {p:?} is not published before it"
            );
            assert_eq!(
                stories[&of],
                stories[&(p.partition, p.offset)],
                "another story's original: {p:?}"
            );
        }
    });
}

/// A source that hands out one batch, and then is gone while it is under way.
struct Gone {
    batch: RefCell<Option<Batch>>,
    told: Option<&'static str>,
}

impl Source for Gone {
    async fn next_batch(&self) -> Result<Option<Batch>, Failure> {
        match self.batch.take() {
            Some(batch) => Ok(Some(batch)),
            None => std::future::pending().await,
        }
    }

    async fn rewind(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn epoch(&self) -> u64 {
        1
    }

    async fn abandoned(&self) -> Result<(), Failure> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.told.map_or(Ok(()), |message| Err(Failure::new(message)))
    }
}

/// No broker answers it.
struct Silent;

impl Sink for Silent {
    async fn commit(&self, _: Arc<Plan>) -> Result<(), CommitError> {
        std::future::pending().await
    }
}

/// A memory of which nothing comes.
struct Empty;

impl Tail for Empty {
    fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure> {
        Ok(Vec::new())
    }

    async fn catch_up(&self) -> Result<Vec<MemoryEntry>, Failure> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_hangs_holds_neither_the_end_nor_why_the_source_failed() {
    for told in [None, Some("the group is gone")] {
        let (mut records, _) = input(&mut Dice(1));
        let batch = Batch {
            number: 1,
            epoch: 1,
            assignment: 1,
            records: records.remove(0),
            earlier: sluice::replay::Earlier::default(),
            lease: Lease::new(|| {}),
        };
        let stage = Stage {
            source: Gone {
                batch: RefCell::new(Some(batch)),
                told,
            },
            sink: Silent,
            tail: Empty,
            claims: sluice::claims::Alone,
            pipeline: sluice::stage::fixed(pipeline()),
            judge: Arc::new(Mutex::new(Judge::new(rules(Store::None)))),
            workers: Workers::Inline,
            metrics: Arc::new(Metrics::new()),
            reporter: Arc::new(Reporter::default()),
            run: None,
        };
        let ended = stage.run().await;
        assert_eq!(ended.as_ref().err().map(|failure| failure.message.as_str()), told);
        assert!(ended.is_err() || ended.is_ok_and(|summary| summary.records == 0));
    }
}
