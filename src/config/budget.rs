//! The memory of the process: the option, what it is where nobody set it, and whether the sum fits.
//!
//! In: `memory.budget` as it was given, and what the machine has. Out: bytes, or a refusal with the sum. Always: no I/O.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError, Size};

const MB: u64 = 1 << 20;

/// What threads' stacks, code, taxonomies and TLS take beside the budget.
const PROCESS: u64 = 64 * MB;

/// The least that the stage works with.
pub(super) const BYTES_MIN: u64 = 64 * MB;

/// Where the machine is not asked.
const BYTES_DEFAULT: u64 = 512 * MB;

/// The most that a default takes of a machine which others use too. More is a longer window's choice.
const SHARED_MAX: u64 = 2048 * MB;

/// A batch takes at most one part in so many of the budget: four are in flight, each as input, as output, and as librdkafka's copies of both.
const BATCH_OF_BUDGET: u64 = 32;

/// Bytes, or `auto`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget(Option<Size>);

/// What the process may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub bytes: u64,
    /// It is the limit of a control group (a container's, a service's), and not the memory of a machine that others use too.
    pub is_own: bool,
}

impl Budget {
    /// Bytes; 512 MB as long as the machine was not asked.
    pub fn bytes(self) -> u64 {
        self.0.map_or(BYTES_DEFAULT, |size| size.0)
    }

    /// Nobody has set it.
    pub fn is_auto(self) -> bool {
        self.0.is_none()
    }

    /// So many bytes.
    pub fn of(bytes: u64) -> Self {
        Self(Some(Size(bytes)))
    }

    /// What it is where nobody has set it: nearly all of a limit of its own, else a quarter of the machine.
    fn default_in(room: Room) -> Self {
        let bytes = if room.is_own {
            // What is left takes the slack and the process, and as much again to be safe.
            room.bytes.saturating_sub(2 * PROCESS) / 5 * 4
        } else {
            (room.bytes / 4).min(SHARED_MAX)
        };
        Self::of((bytes / MB * MB).max(BYTES_MIN))
    }

    /// What the process takes at most: the allocator's slack and the process itself come on top.
    pub fn process_bytes(self) -> u64 {
        self.bytes() + self.bytes() / 4 + PROCESS
    }
}

impl Config {
    /// The same with `memory.budget` made of what there is, where nobody has set it, and batches that fit into it.
    pub fn in_room(mut self, room: Option<Room>) -> Result<Self, ConfigError> {
        if self.memory.budget.is_auto() {
            self.memory.budget = room.map_or(Budget::of(BYTES_DEFAULT), Budget::default_in);
            self.check_budget()?;
        }
        let batch = &mut self.batch.bytes_max;
        batch.0 = batch.0.min(self.memory.budget.bytes() / BATCH_OF_BUDGET);
        Ok(self)
    }

    /// What the memory of sites may take of the budget.
    pub fn sites_bytes(&self) -> u64 {
        if self.clean.site_memory {
            self.memory.budget.bytes() / 16
        } else {
            0
        }
    }

    /// Refuse a budget with which the process would not fit, with the sum.
    pub fn check_room(&self, room: Option<Room>) -> Result<(), ConfigError> {
        let budget = self.memory.budget;
        let Some(room) = room.filter(|room| budget.process_bytes() > room.bytes) else {
            return Ok(());
        };
        let shown = |bytes: u64| Size(bytes / MB * MB);
        let bytes = budget.bytes();
        let parts = [
            ("index", bytes / 2),
            ("read-ahead of input and memory", bytes / 4),
            ("sites", self.sites_bytes()),
            (
                "batches and what is being written",
                bytes - bytes / 2 - bytes / 4 - self.sites_bytes(),
            ),
            ("the allocator's slack", bytes / 4),
            ("the process", PROCESS),
        ];
        let parts = parts.iter().filter(|(_, bytes)| *bytes > 0);
        let sum: Vec<String> = parts.map(|(what, bytes)| format!("{what} {}", shown(*bytes))).collect();
        let sum = sum.join(" + ");
        let (total, has) = (shown(budget.process_bytes()), shown(room.bytes));
        let whose = if room.is_own {
            "the control group's limit"
        } else {
            "the machine has"
        };
        let most = shown(room.bytes.saturating_sub(PROCESS) / 5 * 4);
        let remedy = if most.0 < BYTES_MIN {
            format!(
                "raise the limit to at least {}",
                shown(Budget::of(BYTES_MIN).process_bytes())
            )
        } else {
            format!("set at most {most}, leave it to `auto`, or raise the limit")
        };
        Err(ConfigError::Value {
            option: "memory.budget".into(),
            value: format!("{}, so that the process takes up to {sum} = {total}", Size(bytes)),
            allowed: format!("{whose} {has}\nhint: {remedy}"),
        })
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(size) => size.fmt(f),
            None => f.write_str("auto"),
        }
    }
}

impl Serialize for Budget {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim() == "auto" {
            return Ok(Self(None));
        }
        let size = text
            .parse()
            .map_err(|e| serde::de::Error::custom(format!("{e}, or `auto`")));
        size.map(|size| Self(Some(size)))
    }
}

impl JsonSchema for Budget {
    fn schema_name() -> Cow<'static, str> {
        "Budget".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(settings: &[&str], room: Room) -> Result<Config, String> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        let config = Config::load(None, [], &settings).and_then(|config| config.in_room(Some(room)));
        config.map_err(|e| e.to_string())
    }

    fn room(megabytes: u64, is_own: bool) -> Room {
        Room {
            bytes: megabytes * MB,
            is_own,
        }
    }

    #[test]
    fn bounded_by_default_the_process_fits_into_its_limit_and_leaves_most_of_a_machine_to_others() {
        for (room, expected) in [
            (room(144, true), "64MB"),
            (room(512, true), "307MB"),
            (room(8 * 1024, true), "6451MB"),
            (room(2 * 1024, false), "512MB"),
            (room(64 * 1024, false), "2GB"),
        ] {
            let config = loaded(&[], room).unwrap();
            assert_eq!(config.memory.budget.to_string(), expected, "{room:?}");
            assert!(config.check_room(Some(room)).is_ok(), "{room:?}");
        }
        let batch = |budget: &str| loaded(&[budget], room(8 * 1024, true)).unwrap().batch.bytes_max;
        assert_eq!(batch("memory.budget=64MB"), Size(2 * MB));
        assert_eq!(batch("memory.budget=1GB"), Size(8 * MB));
        let given = loaded(&["memory.budget=300MB"], room(8 * 1024, true)).unwrap();
        assert_eq!(given.memory.budget.bytes(), 300 * MB);
        let auto = loaded(&["memory.budget=auto"], room(2 * 1024, false)).unwrap();
        assert_eq!(auto.memory.budget.bytes(), 512 * MB);
    }

    #[test]
    fn bounded_a_start_that_cannot_fit_is_refused_with_the_sum() {
        let refused = |settings: &[&str], room| {
            let config = loaded(settings, room).unwrap();
            config.check_room(Some(room)).unwrap_err().to_string()
        };
        let said = refused(&["memory.budget=1GB"], room(1024, true));
        assert!(said.contains("index 512MB + "), "{said}");
        assert!(said.contains("the process 64MB = 1344MB"), "{said}");
        assert!(said.contains("limit 1GB\nhint: set at most 768MB"), "{said}");
        let said = refused(&[], room(100, true));
        assert!(said.contains("raise the limit to at least 144MB"), "{said}");
        // What the batches need is known once the budget is.
        let said = loaded(&["batch.bytes_max=128MB"], room(1024, false)).unwrap_err();
        assert!(said.contains("less than 8 × `batch.bytes_max` = 1GB"), "{said}");
        assert!(loaded(&["batch.bytes_max=128MB"], room(8 * 1024, false)).is_ok());
    }
}
