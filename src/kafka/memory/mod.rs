//! The memory topic: verdicts that outlive a restart, and those of the other instances.
//!
//! Key: the origin. Value: one line of JSON (id, time, verdict), then the fingerprint's bytes. A header names the parameters the
//! fingerprint was made with. Written in the same transaction as the output, so memory, output and offsets cannot disagree.

mod entry;
mod follower;
mod foreign;
mod raw;

use std::sync::Arc;

use self::follower::Follower;
use crate::config::Config;
use crate::failure::Failure;
use crate::judge::MemoryEntry;
use crate::kafka::blocking::blocking;
use crate::stage::Tail;

pub use entry::{as_output, origin, parse};
pub use foreign::Foreign;
pub use raw::RawEntries;

/// The end of the memory topic, followed by this instance. Without the memory topic it is silent.
pub struct MemoryTail(Option<Arc<Follower>>);

impl std::fmt::Debug for MemoryTail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryTail")
    }
}

impl MemoryTail {
    /// A tail without news, for whoever is alone.
    pub fn silent() -> Self {
        Self(None)
    }

    /// Follow the memory topic from its beginning; nothing is read yet. What no stage wrote is passed over, and counted as `foreign`.
    pub fn start(config: &Config, partitions: i32, foreign: Foreign) -> Result<Self, Failure> {
        if partitions == 0 {
            return Ok(Self(None));
        }
        Ok(Self(Some(Arc::new(Follower::start(config, partitions, foreign)?))))
    }

    /// Look at the last few records of each partition: can they be read, and were they made with the parameters of this build? Gives
    /// the number of offsets that the topic holds, and how many of those records no stage wrote.
    pub fn look(config: &Config, partitions: i32) -> Result<(i64, u64), Failure> {
        let foreign = Foreign::default();
        let Self(Some(follower)) = Self::start(config, partitions, foreign.clone())? else {
            return Ok((0, 0));
        };
        Ok((follower.last()?, foreign.count()))
    }

    /// Read all that is there, handing entries over in portions, with progress in the log.
    pub async fn restore(&self, mut take: impl FnMut(MemoryEntry) + Send + 'static) -> Result<u64, Failure> {
        self.restore_raw(move |key, value| {
            parse(key, value)?.into_iter().for_each(&mut take);
            Ok(())
        })
        .await
    }

    /// The same, with the entries as they were read.
    pub async fn restore_raw(
        &self,
        mut take: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), String> + Send + 'static,
    ) -> Result<u64, Failure> {
        let Some(follower) = self.0.clone() else { return Ok(0) };
        blocking(move || {
            let mut count = 0_u64;
            follower.read_raw_to_end(|key, value| {
                count += 1;
                if count.is_multiple_of(100_000) {
                    tracing::info!(entries = count, "reading the memory back");
                }
                take(key, value)
            })?;
            Ok(count)
        })
        .await?
    }
}

impl Tail for MemoryTail {
    fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure> {
        let Some(follower) = &self.0 else { return Ok(Vec::new()) };
        follower.arrived()
    }

    async fn catch_up(&self) -> Result<Vec<MemoryEntry>, Failure> {
        let Some(follower) = self.0.clone() else {
            return Ok(Vec::new());
        };
        blocking(move || {
            let mut entries = Vec::new();
            follower.read_to_end(|entry| entries.push(entry))?;
            Ok(entries)
        })
        .await?
    }
}
