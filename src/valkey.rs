//! Claims through Valkey or Redis: an append-only stream that gives them one order.
//!
//! In: the claims of a batch. Out: the claims of all instances since the last time. Always: one round trip a batch; a store that is lost,
//! emptied or silent costs the order and nothing else, so that at worst a duplicate passes.
//!
//! A batch is one entry of the stream: appended, and read back together with all that others have appended before it, in one pipeline. The
//! server sets the order and the time, so that no clock of ours counts. Entries leave after twice [`CLAIM_MS`]: what is committed by then is
//! in the memory topic, what is not accuses nobody any more, and who reads the stream from its beginning sees all that bears on a claim
//! which stands. Each reading begins with the entry that was last read: where that is gone, so is the order.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::claims::{self, CLAIM_MS, Claim, Claims, News};
use crate::config::{self, Config};
use crate::dedupe::PARAMETERS;
use crate::failure::Failure;
use crate::telemetry::Metrics;

/// How long the server may take to accept a connection, and to answer: many times what it needs, and short beside a session time-out.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Pauses before another attempt, while a batch waits. Together with the attempts they bound what a dead server costs a batch.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(400)];

/// How long the stage goes on without a server that does not answer, before it asks again: doubled with each failure, to the second.
const RESTS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Entries read and handed over at a time, each a batch's claims: few enough that a slow line brings them within [`TIMEOUT`], and that what
/// a start reads, half an hour of the fleet, is never held at once. A reader that keeps up gets a few.
const ENTRIES_MAX: usize = 16;

/// How long entries are kept, in milliseconds.
const KEEP_MS: u64 = 2 * CLAIM_MS as u64;

/// The field of an entry that holds the claims.
const FIELD: &str = "claims";

/// A place in the stream: milliseconds of the server's clock, and a number within them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    ms: u64,
    number: u64,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (ms, number) = text.split_once('-')?;
        Some(Self {
            ms: ms.parse().ok()?,
            number: number.parse().ok()?,
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.ms, self.number)
    }
}

/// An entry as the server gives it: its place, then fields and values in turn.
type Entry = (String, Vec<Vec<u8>>);

/// The connection, and how far the stream is read.
#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// All up to here was handed over: where an attempt fails midway, the next one goes on from there.
    read: Place,
    /// The entry of ours that the running answer goes up to.
    own: Place,
    /// The order that went before is lost, and nobody was told yet.
    begins_anew: bool,
    /// After failures: not asked before this, and for how long then.
    rest: Option<(Instant, Duration)>,
}

impl State {
    /// What was read, to be told.
    fn hand_over(&mut self, portion: Vec<Entry>) -> News {
        let (before, is_last) = (self.read, portion.len() < ENTRIES_MAX);
        let mut claims = Vec::new();
        for entry in portion {
            take(entry, &mut self.read, &mut claims);
        }
        News {
            claims,
            begins_anew: std::mem::take(&mut self.begins_anew),
            is_answer: true,
            goes_on: !is_last && before < self.read && self.read < self.own,
        }
    }
}

/// The claims of all instances, in Valkey or Redis.
pub struct ValkeyClaims {
    client: Client,
    /// The address, without its password.
    shown: String,
    key: String,
    metrics: Arc<Metrics>,
    state: Mutex<State>,
}

impl std::fmt::Debug for ValkeyClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ValkeyClaims({} at {})", self.key, self.shown)
    }
}

impl ValkeyClaims {
    /// Reach the server, and see that the stream can be written and read. `cluster` tells Kafka clusters apart that share a server: an
    /// origin names a record of one of them.
    pub async fn connect(config: &Config, cluster: &str, metrics: Arc<Metrics>) -> Result<Self, Failure> {
        let options = &config.dedupe.valkey;
        let shown = config::shown_url(&options.url);
        let failed = |e: &RedisError| unreached(&shown, e);
        let client = Client::open(options.url.as_str()).map_err(|e| failed(&e))?;
        let claims = Self {
            client,
            key: key(config, cluster),
            metrics,
            state: Mutex::default(),
            shown: shown.clone(),
        };
        let mut connection = connection(&claims.client).await.map_err(|e| failed(&e))?;
        let tried = claims.append(&mut connection, Place::default(), &[]).await;
        tried.map_err(|e| failed(&e))?;
        claims.metrics.store_up(true);
        Ok(claims)
    }

    /// Look at the server and the stream without writing: what it is, in words, and what a start would stumble over.
    pub async fn look(config: &Config, cluster: &str) -> Result<String, Failure> {
        let url = &config.dedupe.valkey.url;
        let shown = config::shown_url(url);
        let failed = |e: &RedisError| unreached(&shown, e);
        let client = Client::open(url.as_str()).map_err(|e| failed(&e))?;
        let mut connection = connection(&client).await.map_err(|e| failed(&e))?;
        let mut length = redis::Cmd::new();
        length.arg("XLEN").arg(key(config, cluster));
        let entries: u64 = length.query_async(&mut connection).await.map_err(|e| failed(&e))?;
        // One who may only read and write the stream may not ask this.
        let asked: RedisResult<String> = redis::cmd("INFO").query_async(&mut connection).await;
        let told = asked.unwrap_or_default();
        let value = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let unfit = match (value("role"), value("redis_mode")) {
            (Some("slave"), _) => "is a replica, which takes no claims: name its primary",
            (_, Some("cluster")) => "runs in cluster mode, which is not served: name a server without it",
            _ if !told.is_empty() && !has_min_id(value("redis_version")) => {
                "is older than Redis 6.2, which cannot trim by id"
            }
            _ => "",
        };
        if !unfit.is_empty() {
            return Err(Failure::new(format!("the store of claims at `{shown}` {unfit}")));
        }
        let name = match (value("valkey_version"), value("redis_version")) {
            (Some(version), _) => format!(", Valkey {version}"),
            (None, Some(version)) => format!(", Redis {version}"),
            (None, None) => String::new(),
        };
        Ok(format!("answers{name}, with {entries} entries of claims"))
    }

    /// Append claims, or none where an answer goes on, and read the next portion of what is new.
    async fn trip(&self, state: &mut State, claims: Option<&[Claim]>) -> RedisResult<News> {
        let mut connection = match state.connection.take() {
            Some(connection) => connection,
            None => connection(&self.client).await?,
        };
        let mut portion = match claims {
            Some(claims) => {
                let started = Instant::now();
                let (own, portion) = self.append(&mut connection, state.read, claims).await?;
                self.metrics.store_answered(started.elapsed());
                state.own = own;
                portion
            }
            None => self.read(&mut connection, state.read).await?,
        };
        let goes_on = portion.first().and_then(|(place, _)| Place::parse(place)) == Some(state.read);
        if state.read != Place::default() && !goes_on {
            state.read = Place::default();
            state.begins_anew = true;
            portion = self.read(&mut connection, state.read).await?;
        }
        state.connection = Some(connection);
        Ok(state.hand_over(portion))
    }

    /// The one round trip: append, let the old leave, read what is new.
    async fn append(
        &self,
        connection: &mut MultiplexedConnection,
        read: Place,
        claims: &[Claim],
    ) -> RedisResult<(Place, Vec<Entry>)> {
        let mut pipeline = redis::pipe();
        pipeline
            .cmd("XADD")
            .arg(&self.key)
            .arg("MINID")
            .arg("~")
            .arg(read.ms.saturating_sub(KEEP_MS))
            .arg("*")
            .arg(FIELD)
            .arg(claims::to_bytes(claims));
        pipeline.cmd("PEXPIRE").arg(&self.key).arg(KEEP_MS).ignore();
        range(&mut pipeline, &self.key, read);
        let (own, entries): (String, Vec<Entry>) = pipeline.query_async(connection).await?;
        let own = Place::parse(&own).ok_or_else(|| RedisError::from(std::io::Error::other("no place in a stream")))?;
        Ok((own, entries))
    }

    async fn read(&self, connection: &mut MultiplexedConnection, read: Place) -> RedisResult<Vec<Entry>> {
        let mut pipeline = redis::pipe();
        range(&mut pipeline, &self.key, read);
        let (entries,): (Vec<Entry>,) = pipeline.query_async(connection).await?;
        Ok(entries)
    }

    /// Try, and try again after a pause.
    async fn insist(&self, state: &mut State, claims: Option<&[Claim]>) -> RedisResult<News> {
        for pause in PAUSES {
            match self.trip(state, claims).await {
                Ok(all) => return Ok(all),
                Err(e) => tracing::debug!(error = %e, "the store of claims did not answer, asking again"),
            }
            self.metrics.store_failed();
            sleep(pause).await;
        }
        let all = self.trip(state, claims).await;
        if all.is_err() {
            self.metrics.store_failed();
        }
        all
    }

    /// What the store says, unless it rests after a failure.
    async fn ask(&self, claims: Option<&[Claim]>) -> News {
        let mut state = self.state.lock().await;
        if state.rest.is_some_and(|(until, _)| Instant::now() < until) {
            return News::default();
        }
        match self.insist(&mut state, claims).await {
            Ok(all) => {
                if state.rest.take().is_some() {
                    tracing::info!(store = self.shown, "the store of claims answers again");
                }
                self.metrics.store_up(true);
                all
            }
            Err(e) => {
                let pause = state.rest.map_or(RESTS.0, |(_, pause)| (pause * 2).min(RESTS.1));
                state.rest = Some((Instant::now() + pause, pause));
                self.metrics.store_up(false);
                tracing::warn!(
                    error = %e,
                    store = self.shown,
                    again_in_s = pause.as_secs(),
                    "going on without the store of claims: two copies read by two instances at one moment may both pass"
                );
                News::default()
            }
        }
    }
}

async fn connection(client: &Client) -> RedisResult<MultiplexedConnection> {
    let timeouts = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT));
    client.get_multiplexed_async_connection_with_config(&timeouts).await
}

/// The stream's name. The cluster tells Kafka clusters apart, and the parameters builds that would judge otherwise.
fn key(config: &Config, cluster: &str) -> String {
    format!("sluice:claims:{cluster}:{}:{PARAMETERS}", config.dedupe.memory_topic)
}

/// Why the server cannot be used, with a remedy.
fn unreached(shown: &str, e: &RedisError) -> Failure {
    let hint = match (e.kind(), e.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
            "user and password are those in `dedupe.valkey.url`, or in the file of `dedupe.valkey.url_file`"
        }
        (_, Some("NOPERM")) => "the user needs `+xadd +xrange +xlen +pexpire` on the keys `sluice:claims:*`",
        _ => {
            "is `dedupe.valkey.url` right, and does the server run? Valkey, or Redis from 6.2 on, without cluster mode; \
             `dedupe.store = \"kafka\"` does without"
        }
    };
    Failure::new(format!(
        "could not reach the store of claims at `{shown}`: {e}\nhint: {hint}"
    ))
}

/// Whether entries can be let go by their age: from Redis 6.2 on. Valkey tells the version of Redis that it follows.
fn has_min_id(version: Option<&str>) -> bool {
    let mut numbers = version.unwrap_or_default().split('.').map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 2)
}

/// Ask for a place and what comes after it.
fn range(pipeline: &mut redis::Pipeline, key: &str, read: Place) {
    pipeline
        .cmd("XRANGE")
        .arg(key)
        .arg(read.to_string())
        .arg("+")
        .arg("COUNT")
        .arg(ENTRIES_MAX);
}

/// Take over an entry's claims. What is none is passed over: somebody else wrote it.
fn take((place, fields): Entry, read: &mut Place, all: &mut Vec<Claim>) {
    let Some(place) = Place::parse(&place).filter(|place| *place > *read) else {
        return;
    };
    *read = place;
    let claims = match fields.as_slice() {
        [field, bytes] if field == FIELD.as_bytes() => claims::from_bytes(bytes, place.ms as i64),
        _ => None,
    };
    match claims {
        Some(claims) => all.extend(claims),
        None => tracing::warn!(%place, "passed over an entry in the stream of claims that holds none"),
    }
}

impl Claims for ValkeyClaims {
    fn is_shared(&self) -> bool {
        true
    }

    async fn exchange(&self, claims: Vec<Claim>) -> News {
        self.ask(Some(&claims)).await
    }

    async fn go_on(&self) -> News {
        self.ask(None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_ordered_as_the_server_orders_them() {
        let place = |text| Place::parse(text).unwrap();
        assert!(place("9-5") < place("10-0") && place("10-0") < place("10-1"));
        assert_eq!(place("1526919030474-55").to_string(), "1526919030474-55");
        assert_eq!(Place::parse("1526919030474"), None);
    }

    #[test]
    fn bounded_a_long_answer_is_handed_over_in_portions() {
        let claim = || Claim {
            origin: crate::article::Origin {
                topic: "raw".into(),
                partition: 0,
                offset: 1,
                position: 0,
            },
            id: "x".into(),
            time_ms: 1,
            at_ms: 0,
            fingerprint: crate::dedupe::fingerprint(&crate::dedupe::Document::default()),
        };
        let entry = |n: u64| (format!("{n}-0"), vec![FIELD.into(), claims::to_bytes(&[claim()])]);
        let mut state = State {
            own: Place::parse("1000-0").unwrap(),
            ..State::default()
        };
        let (mut held, mut handed_over) = (0, 0);
        loop {
            // As a server gives it: the place itself, and what comes after it.
            let from = state.read.ms.max(1);
            let news = state.hand_over((from..).take(ENTRIES_MAX).map(entry).collect());
            held = held.max(news.claims.len());
            handed_over += news.claims.len();
            if !news.goes_on {
                break;
            }
        }
        assert!(state.read >= state.own && handed_over >= 1000, "{handed_over}");
        assert!(held <= ENTRIES_MAX, "{held} claims were held at once");
    }

    #[test]
    fn an_entry_that_holds_no_claims_is_passed_over() {
        let (mut read, mut all) = (Place::default(), Vec::new());
        take(("5-0".into(), vec![b"x".to_vec(), b"y".to_vec()]), &mut read, &mut all);
        take(("6-0".into(), vec![FIELD.into(), vec![77]]), &mut read, &mut all);
        assert_eq!((read.to_string().as_str(), all.len()), ("6-0", 0));
    }
}
