//! The options that are a choice among words.
//!
//! Always: each word stands here once, for reading and for writing it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A choice among words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// The word that stands for it in a configuration.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// What becomes of a duplicate.
    Policy {
        /// Its own topic.
        #[default] Route = "route",
        /// The output topic, with its verdict.
        Mark = "mark",
        /// Counted and dropped.
        Drop = "drop",
    }
}
words! {
    /// What tells instances of each other's articles.
    Store {
        /// The memory topic.
        #[default] Kafka = "kafka",
        /// The memory topic, and claims in Valkey or Redis.
        Valkey = "valkey",
    }
}
words! {
    /// Who assigns the partitions.
    GroupProtocol {
        /// A member of the group.
        #[default] Classic = "classic",
        /// The broker (KIP-848).
        Consumer = "consumer",
    }
}
words! {
    /// What becomes of a record with a key and no value.
    Tombstones {
        /// It holds no article, and is kept as a dead letter.
        #[default] DeadLetter = "dead-letter",
        /// It goes to the output topic as it is.
        Pass = "pass",
    }
}
words! {
    /// Whose names a dead letter's headers have.
    HeaderNames {
        /// Kafka Connect's.
        #[default] Connect = "connect",
        /// Kafka Streams' (KIP-1034).
        Streams = "streams",
    }
}
words! {
    /// The guarantee between input and output.
    Delivery {
        /// One transaction holds outputs, memory and offsets.
        #[default] ExactlyOnce = "exactly-once",
        /// Offsets after acknowledgement.
        AtLeastOnce = "at-least-once",
    }
}
words! {
    /// Compression of what is produced.
    Compression {
        /// None.
        None = "none",
        /// LZ4.
        #[default] Lz4 = "lz4",
        /// Zstandard.
        Zstd = "zstd",
        /// Snappy.
        Snappy = "snappy",
        /// Gzip.
        Gzip = "gzip",
    }
}
words! {
    /// The form of log lines.
    LogFormat {
        /// For people.
        #[default] Text = "text",
        /// For machines.
        Json = "json",
    }
}
