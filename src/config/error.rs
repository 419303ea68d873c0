//! What is wrong with a configuration.
//!
//! In: a mistake that was found while options were loaded or checked. Out: words for who made it. Always: the line of a file is not
//! repeated, since it may hold a secret.

use super::address;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An option of this name does not exist.
    #[error("there is no option `{name}`{}", nearest.as_ref().map(|n| format!("\nhint: the nearest known name is `{n}`")).unwrap_or_default())]
    Unknown { name: String, nearest: Option<String> },
    /// A value out of range, or two that contradict.
    #[error("`{option}` is {value}: {allowed}")]
    Value {
        option: String,
        value: String,
        allowed: String,
    },
    /// A file that an option names cannot be read, or is empty, now: another start may find it as it should be.
    #[error("`{option}` is {value}: {why}")]
    Unreadable {
        /// Dotted name.
        option: String,
        /// The path.
        value: String,
        /// What was found, and the remedy.
        why: String,
    },
    /// A setting that librdkafka does not know, or not with this value, which may be a secret and is not repeated.
    #[error("`{option}` cannot be used: {why}")]
    Refused {
        /// Dotted name.
        option: String,
        /// In librdkafka's words.
        why: String,
    },
    /// A `--set` that is not `KEY=VALUE`.
    #[error("`--set {0}` is not of the form KEY=VALUE")]
    Set(String),
    /// A value of the wrong type, or none of the words that are allowed.
    #[error("`{option}` cannot be `{value}`{why}\nhint: {text}")]
    Kind {
        /// Dotted name.
        option: String,
        /// As it was given.
        value: String,
        /// What was expected, where that is told.
        why: String,
        /// What the option says of itself.
        text: String,
    },
    /// Any of these, and where it was given: a file with its line, or a variable.
    #[error("{place}: {error}")]
    Placed { place: String, error: Box<Self> },
    /// A file that cannot be read, or a value of the wrong type.
    #[error("{}", address::without_source(&.0.to_string()))]
    Layer(#[from] config::ConfigError),
}

impl ConfigError {
    /// Whether another start may find what an option names as it should be, as it may find Kafka.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreadable { .. } => true,
            Self::Placed { error, .. } => error.may_pass(),
            _ => false,
        }
    }

    /// The option that it is about.
    pub(super) fn option(&self) -> Option<&str> {
        match self {
            Self::Unknown { name, .. } => Some(name),
            Self::Value { option, .. }
            | Self::Unreadable { option, .. }
            | Self::Refused { option, .. }
            | Self::Kind { option, .. } => Some(option),
            Self::Set(_) | Self::Placed { .. } | Self::Layer(_) => None,
        }
    }
}

/// The known name that a wrong one is most likely meant to be.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|name| (strsim::damerau_levenshtein(name, wrong), name));
    let (distance, name) = near.min()?;
    (distance <= wrong.len() / 2).then_some(name)
}
