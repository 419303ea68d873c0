//! How long topics keep their records, and whether a memory remembers its window so long.
//!
//! In: a topic's settings as the broker tells them. Out: a time, or that nobody tells. Always: only looks.

use std::time::Duration;

use rdkafka::admin::ConfigResource;

use super::lookup::described;
use crate::config::Config;
use crate::kafka::client;

/// How long a topic keeps its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    ForEver,
    /// So many milliseconds.
    Ms(u64),
    /// The broker does not tell: the right to DescribeConfigs is missing, or it did not answer.
    Unknown,
}

impl Retention {
    /// As the broker tells `retention.ms`, where -1 is for ever.
    pub(in crate::kafka) fn of(retention_ms: Option<&str>) -> Self {
        match retention_ms.map(str::parse::<i64>) {
            Some(Ok(ms)) => u64::try_from(ms).map_or(Self::ForEver, Self::Ms),
            Some(Err(_)) | None => Self::Unknown,
        }
    }

    /// The time from which on a record is still kept for as long again as it has been: older ones may go before they are read. `None` where
    /// all stay; where nobody knows, all may go.
    pub fn half_since(self, now_ms: i64) -> Option<i64> {
        match self {
            Self::ForEver => None,
            Self::Ms(kept) => Some(now_ms.saturating_sub_unsigned(kept / 2)),
            Self::Unknown => Some(i64::MAX),
        }
    }
}

/// Why a memory topic that keeps its records so long does not remember the window; `Err` where it certainly forgets within it, `Ok` where
/// nothing is left over. A record may be judged long after its time, as in a replay, and an entry goes by the time when it was written.
pub(in crate::kafka) fn forgets(kept: Retention, window: Duration) -> Option<Result<String, String>> {
    let Retention::Ms(kept) = kept else { return None };
    let (window, kept) = (window.as_millis(), u128::from(kept));
    let wise = 2 * window;
    let hint =
        format!("hint: a `retention.ms` of {wise} (twice `dedupe.window`), as the stage gives a topic that it creates");
    if kept < window {
        let why = format!(
            "keeps verdicts for {kept} ms and `dedupe.window` is {window}: copies of what it forgot pass as originals"
        );
        Some(Err(format!("{why}\n{hint}")))
    } else if kept < wise {
        let why = format!(
            "keeps verdicts for {kept} ms, less than twice `dedupe.window`: what comes late may be judged anew"
        );
        Some(Ok(format!("{why}\n{hint}")))
    } else {
        None
    }
}

/// Warn where the broker tells that the memory topic forgets within the window.
pub async fn warn_of_forgetting(config: &Config) {
    let topic = &config.dedupe.memory_topic;
    if let Some(Err(why)) = forgets(kept(config, topic).await, config.dedupe.window.0) {
        tracing::warn!("the memory `{topic}` {why}");
    }
}

/// How long a topic keeps its records.
pub async fn kept(config: &Config, topic: &str) -> Retention {
    let Ok(admin) = client::make_admin(config) else {
        return Retention::Unknown;
    };
    Retention::of(
        described(&admin, topic)
            .await
            .as_ref()
            .and_then(retention_of)
            .as_deref(),
    )
}

/// How long the input topic keeps records (`retention.ms`; -1, for ever, where it is compacted alone), where the broker tells. What is made
/// of a record carries its timestamp, so a topic that keeps less than the input loses an old record's result as soon as it is written.
pub(super) fn retention_of(input: &ConfigResource) -> Option<String> {
    let deletes = input.get("cleanup.policy").and_then(|policy| policy.value.as_deref());
    if deletes.is_some_and(|policy| !policy.contains("delete")) {
        return Some("-1".to_owned());
    }
    input.get("retention.ms")?.value.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_forgets_where_it_keeps_less_than_the_window() {
        let window = Duration::from_millis(100);
        let check = |kept| forgets(kept, window).map(|why| why.is_err());
        assert_eq!(check(Retention::Ms(99)), Some(true));
        assert_eq!(check(Retention::Ms(100)), Some(false));
        assert_eq!(check(Retention::Ms(199)), Some(false));
        assert_eq!(check(Retention::Ms(200)), None, "what the stage creates");
        assert_eq!(check(Retention::ForEver), None);
        assert_eq!(check(Retention::Unknown), None, "nobody tells");
    }

    #[test]
    fn what_nobody_tells_is_not_for_ever() {
        let check =
            |told: Option<&str>, expected: Option<i64>| assert_eq!(Retention::of(told).half_since(1_000), expected);
        check(Some("-1"), None);
        check(Some("400"), Some(800));
        check(Some("9223372036854775807"), Some(1_000 - i64::MAX / 2));
        check(None, Some(i64::MAX));
        check(Some("soon"), Some(i64::MAX));
    }
}
