//! Ranges, and the relations between options.
//!
//! In: a configuration as it was put together. Out: nothing, or the first value that cannot hold, with what is allowed. Always: no I/O.

use std::time::Duration;

use super::error::nearest;
use super::properties::is_reserved;
use super::{Config, ConfigError, GroupProtocol, Size, Span, Store, budget, fields, shown_url};
use crate::decode;

/// The shortest window: in less nothing comes twice.
const WINDOW_MIN: Span = Span(Duration::from_secs(1));
/// The longest, a century: Kafka must be able to count twice as many milliseconds.
const WINDOW_MAX: Span = Span(Duration::from_hours(36_500 * 24));

impl Config {
    /// The first value that cannot hold is refused: ranges first, then what options ask of each other.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.check_ranges()?;
        if !self.memory.budget.is_auto() {
            self.check_budget()?;
        }
        self.check_session()?;
        self.check_addresses()?;
        self.check_topics()?;
        self.check_sites()?;
        self.check_tags()?;
        self.check_input()?;
        if self.dedupe.store == Store::Valkey {
            self.dedupe.valkey.check()?;
        }
        self.check_tokens()?;
        self.check_properties()
    }

    /// The memory of sites learns from clean articles, and is kept where duplicates are.
    fn check_sites(&self) -> Result<(), ConfigError> {
        let needed = [
            ("clean.enabled", self.clean.enabled),
            ("dedupe.enabled", self.dedupe.enabled),
        ];
        for (option, is_on) in needed {
            if self.clean.site_memory && !is_on {
                return refuse(
                    "clean.site_memory",
                    "true".to_owned(),
                    format!("it needs `{option} = true`"),
                );
            }
        }
        Ok(())
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        let range = |option: &str, value: u64, from: u64, to: u64| {
            if (from..=to).contains(&value) {
                return Ok(());
            }
            refuse(option, value.to_string(), format!("allowed is {from} to {to}"))
        };
        let (batch, kafka) = (&self.batch, &self.kafka);
        range("workers", self.workers as u64, 0, 1024)?;
        range("batch.records_max", batch.records_max as u64, 1, 1_000_000)?;
        range("batch.bytes_max", batch.bytes_max.0, 1 << 10, 1 << 30)?;
        range("batch.wait_ms_max", batch.wait_ms_max.into(), 0, 60_000)?;
        let session_ms = kafka.session_timeout_ms.into();
        range("kafka.session_timeout_ms", session_ms, 1_000, 3_600_000)?;
        range("kafka.drain_ms_max", kafka.drain_ms_max.into(), 1, 600_000)?;
        range("input.value_bytes_max", self.input.value_bytes_max.0, 1 << 10, 1 << 30)?;
        if !(WINDOW_MIN..=WINDOW_MAX).contains(&self.dedupe.window) {
            let allowed = format!("allowed is {WINDOW_MIN} to {WINDOW_MAX}");
            return refuse("dedupe.window", self.dedupe.window.to_string(), allowed);
        }
        range("memory.budget", self.memory.budget.bytes(), budget::BYTES_MIN, 1 << 50)
    }

    /// The batches in flight must fit into the budget, once it is known.
    pub(super) fn check_budget(&self) -> Result<(), ConfigError> {
        let (batches, others) = if self.clean.site_memory {
            (10, "half the budget is the index's and a sixteenth that of the sites")
        } else {
            (8, "half the budget is the index's")
        };
        let needed = Size(batches * self.batch.bytes_max.0);
        if self.memory.budget.bytes() >= needed.0 {
            return Ok(());
        }
        refuse(
            "memory.budget",
            format!(
                "{}, less than {batches} × `batch.bytes_max` = {needed}",
                self.memory.budget
            ),
            format!("four batches are in flight, and {others}\nhint: raise the first or lower the second"),
        )
    }

    /// A session outlasts a drain, and a consumer may be silent for as long as its session.
    fn check_session(&self) -> Result<(), ConfigError> {
        let (option, session_ms) = ("kafka.session_timeout_ms", self.kafka.session_timeout_ms);
        let slowest = self.batch.wait_ms_max + self.kafka.drain_ms_max;
        if session_ms < slowest {
            return refuse(
                option,
                format!("{session_ms}, less than `batch.wait_ms_max` + `kafka.drain_ms_max` = {slowest}"),
                "a drain must end before the group gives the partitions away\nhint: raise the first or lower the others",
            );
        }
        let given = self.kafka.properties.0.get("max.poll.interval.ms");
        if let Some(poll_ms) = given.and_then(|ms| ms.parse::<u32>().ok())
            && self.kafka.group_protocol == GroupProtocol::Classic
            && session_ms > poll_ms
        {
            return refuse(
                option,
                format!("{session_ms}, more than `kafka.properties.max.poll.interval.ms` = {poll_ms}"),
                "librdkafka takes no session as long\nhint: leave the second away, and it is as long as the session where need be",
            );
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), ConfigError> {
        if self.kafka.brokers.trim().is_empty() {
            return refuse("kafka.brokers", "empty", "at least one `host:port` is needed");
        }
        if self.instance.contains(':') {
            return refuse(
                "instance",
                format!("`{}`", self.instance),
                "a name without `:` is needed",
            );
        }
        if self.kafka.group.trim().is_empty() {
            return refuse("kafka.group", "empty", "a consumer group needs a name");
        }
        let endpoint = self.telemetry.otlp_endpoint.as_str();
        if !endpoint.is_empty() && !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            let allowed = "allowed is an address that begins with `http://` or `https://`\nhint: http://localhost:4318";
            return refuse("telemetry.otlp_endpoint", format!("`{}`", shown_url(endpoint)), allowed);
        }
        let listen = self.http.listen.as_str();
        let is_address = |(host, port): (&str, &str)| !host.is_empty() && port.parse::<u16>().is_ok();
        if !listen.is_empty() && !listen.rsplit_once(':').is_some_and(is_address) {
            let allowed = "allowed is `host:port`, or nothing to switch it off\nhint: 127.0.0.1:8080";
            return refuse("http.listen", format!("`{listen}`"), allowed);
        }
        Ok(())
    }

    /// Whether the names of all topics are legal, and each its own.
    pub fn check_topics(&self) -> Result<(), ConfigError> {
        let topics = [
            ("input.topic", &self.input.topic),
            ("output.topic", &self.output.topic),
            ("output.duplicates_topic", &self.output.duplicates_topic),
            ("output.dead_letters_topic", &self.output.dead_letters_topic),
            ("dedupe.memory_topic", &self.dedupe.memory_topic),
        ];
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        for (i, (option, topic)) in topics.into_iter().enumerate() {
            if topic.is_empty() || topic.len() > 249 || !topic.chars().all(legal) {
                let allowed = "a topic's name has 1 to 249 of the characters a-z, A-Z, 0-9, `.`, `_` and `-`";
                return refuse(option, format!("`{topic}`"), allowed);
            }
            if let Some((other, _)) = topics[..i].iter().find(|(_, earlier)| *earlier == topic) {
                let allowed = format!("`{other}` has the same name, and each needs a topic of its own");
                return refuse(option, format!("`{topic}`"), allowed);
            }
        }
        Ok(())
    }

    fn check_tags(&self) -> Result<(), ConfigError> {
        let is_probability = |value: &str| value.parse().is_ok_and(|p: f32| p > 0.0 && p < 1.0);
        if let Some((tag, value)) = self.tags.thresholds.0.iter().find(|(_, value)| !is_probability(value)) {
            let allowed = "allowed is a probability between 0 and 1";
            return refuse(format!("tags.thresholds.{tag}"), format!("`{value}`"), allowed);
        }
        if !self.tags.builtin && self.tags.folder.is_empty() && self.tags.enabled {
            let allowed =
                "no tag is left\nhint: name a folder of taxonomies with `tags.folder`, or switch `tags.enabled` off";
            return refuse("tags.builtin", "false", allowed);
        }
        Ok(())
    }

    fn check_input(&self) -> Result<(), ConfigError> {
        let preset = self.input.preset.as_str();
        let names = || decode::presets().into_iter().map(|known| known.name);
        if preset != "auto" && !names().any(|name| name == preset) {
            let hint = match nearest(preset, names()) {
                Some(name) => format!("hint: the nearest known name is `{name}`"),
                None => "hint: `sluice inputs list` names them".to_owned(),
            };
            let allowed = format!("allowed is `auto` or the name of a preset\n{hint}");
            return refuse("input.preset", format!("`{preset}`"), allowed);
        }
        fields::aliases(&self.input.fields).map(drop)
    }

    /// Tokens come from one place, and are asked for by one mechanism.
    fn check_tokens(&self) -> Result<(), ConfigError> {
        let property = |name: &str| self.kafka.properties.0.get(name).map_or("", String::as_str);
        let file = self.kafka.oauth_token_file.as_str();
        let method = property("sasl.oauthbearer.method");
        let is_oidc = method.eq_ignore_ascii_case("oidc");
        let (option, value) = match (file.is_empty(), is_oidc) {
            (true, false) => return Ok(()),
            (false, _) => ("kafka.oauth_token_file", file),
            (true, true) => ("kafka.properties.sasl.oauthbearer.method", method),
        };
        let mechanism = property("sasl.mechanism");
        let missing = ["token.endpoint.url", "client.id", "client.secret"]
            .map(|name| format!("sasl.oauthbearer.{name}"))
            .into_iter()
            .find(|name| property(name).is_empty());
        let grant = property("sasl.oauthbearer.grant.type");
        let allowed = if !mechanism.eq_ignore_ascii_case("OAUTHBEARER") {
            "it needs `kafka.properties.sasl.mechanism = \"OAUTHBEARER\"`".into()
        } else if !file.is_empty() && is_oidc {
            "`kafka.properties.sasl.oauthbearer.method` is `oidc`, and only one of the two can hold".into()
        } else if let Some(name) = missing.filter(|_| is_oidc) {
            format!("it needs `kafka.properties.{name}`")
        } else if is_oidc && !["", "client_credentials"].contains(&grant) {
            "the only grant is `client_credentials`".into()
        } else {
            return Ok(());
        };
        refuse(option, format!("`{value}`"), allowed)
    }

    fn check_properties(&self) -> Result<(), ConfigError> {
        let mut names = self.kafka.properties.0.keys();
        let Some(name) = names.find(|name| is_reserved(name, self.delivery)) else {
            return Ok(());
        };
        refuse(
            format!("kafka.properties.{name}"),
            "set",
            "it is set by the stage, since its promises rest on it\nhint: look for an option of the stage's own",
        )
    }
}

fn refuse(option: impl Into<String>, value: impl Into<String>, allowed: impl Into<String>) -> Result<(), ConfigError> {
    Err(ConfigError::Value {
        option: option.into(),
        value: value.into(),
        allowed: allowed.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(settings: &[&str]) -> Result<Config, String> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Config::load(None, [], &settings).map_err(|e| e.to_string())
    }

    fn check(setting: &[&str], expected: &str) {
        let message = load(setting).unwrap_err();
        assert!(message.contains(expected), "{setting:?} said: {message}");
    }

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(load(&[]).unwrap(), Config::default());
    }

    #[test]
    fn a_bad_option_is_named_with_its_value_and_what_is_allowed() {
        check(&["kafka.broker=x:1"], "nearest known name is `kafka.brokers`");
        check(&["bacth.records_max=1"], "`batch.records_max`");
        check(&["workers=-1"], "workers");
        check(&["workers=2000"], "`workers` is 2000: allowed is 0 to 1024");
        check(&["batch.records_max=many"], "batch.records_max");
        check(&["dedupe.policy=delete"], "`dedupe.policy` cannot be `delete`\nhint: ");
        check(
            &["output.compression=brotli"],
            "`output.compression` cannot be `brotli`\nhint: `none`, `lz4`",
        );
        check(&["batch.records_max=many"], "cannot be `many`: expected an integer");
        check(&["dedupe.window=30 parsecs"], "a number with ms, s, m, h or d");
        check(&["dedupe.window=0s"], "`dedupe.window` is 0ms: allowed is 1s to 36500d");
        check(&["dedupe.window=5000000000000000s"], "allowed is 1s to 36500d");
        assert!(load(&["dedupe.window=36500d"]).is_ok() && load(&["dedupe.window=1s"]).is_ok());
        check(&["instance=eu:0"], "a name without `:` is needed");
        check(&["output.topic=raw-articles"], "`input.topic` has the same name");
        check(&["output.topic=a b"], "a topic's name has");
        check(
            &["kafka.session_timeout_ms=3000"],
            "less than `batch.wait_ms_max` + `kafka.drain_ms_max` = 5050",
        );
        let polls = "kafka.properties.max.poll.interval.ms=60000";
        check(
            &["kafka.session_timeout_ms=60001", polls],
            "librdkafka takes no session as long",
        );
        assert!(load(&["kafka.session_timeout_ms=60000", polls]).is_ok());
        check(&["http.listen=8080"], "`http.listen` is `8080`: allowed is `host:port`");
        check(&["http.listen=localhost:http"], "`host:port`");
        check(&["memory.budget=64MB", "batch.bytes_max=16MB"], "less than 8 ×");
        let sites = "clean.site_memory=true";
        check(&["memory.budget=64MB", sites], "less than 10 × `batch.bytes_max`");
        check(&["dedupe.enabled=false", sites], "needs `dedupe.enabled = true`");
        check(&["clean.enabled=false", sites], "needs `clean.enabled = true`");
        check(
            &["kafka.properties.isolation.level=read_uncommitted"],
            "its promises rest on it",
        );
        for other in [
            "metadata.broker.list=b:1",
            "compression.codec=lz4",
            "request.required.acks=1",
        ] {
            check(&[&format!("kafka.properties.{other}")], "its promises rest on it");
        }
        let limit = "kafka.properties.message.timeout.ms=9000";
        check(&[limit], "its promises rest on it");
        assert!(Config::load(None, [], &[limit.into(), "delivery=at-least-once".into()]).is_ok());
        check(
            &["kafka.oauth_token_file=/run/token"],
            "sasl.mechanism = \"OAUTHBEARER\"",
        );
        let mechanism = "kafka.properties.sasl.mechanism=OAUTHBEARER";
        let method = "kafka.properties.sasl.oauthbearer.method=oidc";
        check(&[method, mechanism], "sasl.oauthbearer.token.endpoint.url");
        check(
            &[method, mechanism, "kafka.oauth_token_file=/run/token"],
            "only one of the two",
        );
        check(&["tags.thresholds.trade=2"], "a probability between 0 and 1");
        check(&["input.preset=newsplease"], "nearest known name is `news_please`");
        check(&["input.fields.titel=a"], "nearest known name is `input.fields.title`");
        for fields in [",", "\"x, y, \"", "[1, 2]", "[\"\"]"] {
            check(
                &[&format!("input.fields.title={fields}")],
                "at least one path is needed",
            );
        }
        assert!(load(&["input.fields.title=[\"x\", \"y\"]"]).is_ok());
        check(&["tags.builtin=false"], "`tags.folder`");
        check(&["workers"], "KEY=VALUE");
    }
}
