//! Clients, each with the token it needs and the reasons that librdkafka gave.
//!
//! In: settings and a context. Out: a client that has its first token, where tokens are ours to give. Always: why a connection failed is
//! kept, since the errors of calls name only a code.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::client::{ClientContext, DefaultClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, DeliveryResult, Producer, ProducerContext};

use super::oauth::Tokens;
use super::{settings, trouble};
use crate::clock::now;
use crate::config::Config;

/// How long a new client may take to ask for its first token, which it does at once.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(5);
const TOKEN_PAUSE: Duration = Duration::from_millis(5);

/// A client context that may be asked for tokens.
pub trait Authenticated: ClientContext {
    /// Where they come from.
    fn tokens(&self) -> &Tokens;
}

/// Make a consumer. Where tokens are ours to give it has one when this returns: librdkafka asks for them by events that only a poll serves,
/// and its other calls wait for a connection.
pub fn make_consumer<C: Authenticated + ConsumerContext>(
    settings: &ClientConfig,
    context: C,
) -> Result<BaseConsumer<C>, KafkaError> {
    has_token(context.tokens())?;
    let consumer: BaseConsumer<C> = settings.create_with_context(context)?;
    await_token(consumer.client().context().tokens(), || {
        drop(consumer.poll(TOKEN_PAUSE))
    });
    Ok(consumer)
}

/// The same for a producer.
pub fn make_producer<C: Authenticated + ProducerContext>(
    settings: &ClientConfig,
    context: C,
) -> Result<BaseProducer<C>, KafkaError> {
    has_token(context.tokens())?;
    let producer: BaseProducer<C> = settings.create_with_context(context)?;
    await_token(producer.context().tokens(), || producer.poll(TOKEN_PAUSE));
    Ok(producer)
}

/// Poll until the first token was handed over.
fn await_token(tokens: &Tokens, poll: impl Fn()) {
    let deadline = now() + TOKEN_TIMEOUT;
    while tokens.are_awaited() && now() < deadline {
        poll();
    }
}

/// A token that cannot be had is told before a client tries in vain.
fn has_token(tokens: &Tokens) -> Result<(), KafkaError> {
    if !tokens.are_ours() {
        return Ok(());
    }
    tokens.token().map(drop).map_err(KafkaError::ClientCreation)
}

/// Make a client for administration. rdkafka's serves no events, so that it can be given no tokens.
pub fn make_admin(config: &Config) -> Result<AdminClient<DefaultClientContext>, KafkaError> {
    if Tokens::of(config).are_ours() {
        let why = "with OAUTHBEARER tokens from a file or an endpoint the stage creates no topics and reads no settings of theirs\n\
                   hint: create what is missing by other means";
        return Err(KafkaError::ClientCreation(why.into()));
    }
    settings::admin(config).create()
}

/// Keeps the last reason that librdkafka gave, since the errors of its calls name only a code.
#[derive(Debug, Clone)]
pub struct Reasons {
    last: Arc<Mutex<Option<String>>>,
    tokens: Tokens,
}

impl Reasons {
    /// Of a client by these options.
    pub fn of(config: &Config) -> Self {
        Self {
            last: Arc::default(),
            tokens: Tokens::of(config),
        }
    }

    /// The last reason, as a sentence to append; empty where there was none.
    pub fn last(&self) -> String {
        let last = self.last.lock();
        last.as_ref().map_or_else(String::new, |reason| format!(": {reason}"))
    }
}

impl ClientContext for Reasons {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.tokens.serve()
    }

    /// Why a connection failed is told in a line of librdkafka's log, and nowhere else.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        trouble::log(level, facility, line);
        // With `debug` set much is told that is no reason.
        if level as i32 > RDKafkaLogLevel::Warning as i32 {
            return;
        }
        let mut last = self.last.lock();
        // `[thrd:NAME]: NAME: what failed`. A certificate that is not sent, since the brokers know no authority of it, fails later.
        if facility == "FAIL" || facility == "SSL" && last.is_none() {
            let told = line.split_once("]: ").map_or(line, |(_, told)| told);
            *last = Some(told.to_owned());
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
            tracing::debug!(%error, reason, "trouble with Kafka");
            let mut last = self.last.lock();
            // "All brokers are down" follows the reason why, and says less.
            if last.is_none() || error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
                *last = Some(reason.to_owned());
            }
        }
    }
}

impl ConsumerContext for Reasons {}

impl ProducerContext for Reasons {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

impl Authenticated for Reasons {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
