//! Which build this is.
//!
//! Always: known when the program was compiled; nothing is asked at run time.

use std::sync::LazyLock;

use rdkafka::util::get_rdkafka_version;

/// The package's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that the program was built from, where `SLUICE_REVISION` told it to the compiler.
pub const REVISION: &str = match option_env!("SLUICE_REVISION") {
    Some(revision) if !revision.is_empty() => revision,
    _ => "unknown",
};

/// For `--version`: version, revision, and what is linked in.
pub fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| {
        let (_, librdkafka) = get_rdkafka_version();
        format!(
            "{VERSION}\nrevision: {REVISION}\nlibrdkafka: {librdkafka}\nfeatures: {}",
            features()
        )
    });
    &LONG
}

/// librdkafka's own list of what it was built with: TLS, the mechanisms of SASL, and compressions.
fn features() -> String {
    let config = rdkafka::ClientConfig::new().create_native_config();
    let features = config.and_then(|config| config.get("builtin.features"));
    features.map_or_else(|_| "unknown".into(), |list| list.replace(',', ", "))
}
