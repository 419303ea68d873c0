//! Where the Valkey or Redis is, and the secret in that.
//!
//! In: the options under `dedupe.valkey`. Out: an address that a client takes. Always: a password is shown neither by `Debug` nor when the
//! configuration is written.

use std::fmt;

use redis::IntoConnectionInfo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::address::shown_url;

/// The Valkey or Redis of `dedupe.store = "valkey"`.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Valkey {
    /// `redis://[[user]:password@]host[:port][/database]`, or `unix:///path` for a socket.
    #[serde(serialize_with = "super::address::without_password")]
    pub url: String,
    /// A file that holds the URL instead, for one with a password.
    pub url_file: String,
}

impl Default for Valkey {
    fn default() -> Self {
        Self {
            url: "redis://localhost:6379".into(),
            url_file: String::new(),
        }
    }
}

impl fmt::Debug for Valkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Valkey")
            .field("url", &shown_url(&self.url))
            .field("url_file", &self.url_file)
            .finish()
    }
}

impl Valkey {
    /// Put the content of the file in the place of the URL.
    pub(super) fn read_file(&mut self) -> Result<(), ConfigError> {
        if self.url_file.is_empty() {
            return Ok(());
        }
        let (option, value) = ("dedupe.valkey.url_file".to_owned(), format!("`{}`", self.url_file));
        if self.url != Self::default().url {
            let allowed = "`dedupe.valkey.url` is set too, and only one of the two can hold";
            return Err(ConfigError::Value {
                option,
                value,
                allowed: allowed.into(),
            });
        }
        let read = match std::fs::read_to_string(&self.url_file) {
            Ok(text) if text.trim().is_empty() => Err("the file is empty".to_owned()),
            Ok(text) => Ok(text.trim().to_owned()),
            Err(e) => {
                let hint = "hint: it holds the URL alone, and the user of the process must be able to read it";
                Err(format!("could not read the file: {e}\n{hint}"))
            }
        };
        self.url = read.map_err(|why| ConfigError::Unreadable { option, value, why })?;
        Ok(())
    }

    /// Whether the URL is one that can be used.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let known = ["redis://", "valkey://", "unix://", "redis+unix://", "valkey+unix://"];
        let is_known = known.iter().any(|scheme| self.url.starts_with(scheme));
        if is_known && self.url.as_str().into_connection_info().is_ok() {
            return Ok(());
        }
        let allowed = "allowed is `redis://[[user]:password@]host[:port][/database]`, or `unix:///path`\n\
            hint: TLS (`rediss://`) is not built in; a tunnel such as stunnel beside the stage serves it";
        // What stands in a file may be something else altogether, such as the password alone.
        let (option, value) = if self.url_file.is_empty() {
            ("dedupe.valkey.url", format!("`{}`", shown_url(&self.url)))
        } else {
            (
                "dedupe.valkey.url_file",
                format!("`{}`, which holds no such address", self.url_file),
            )
        };
        Err(ConfigError::Value {
            option: option.into(),
            value,
            allowed: allowed.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn load(settings: &[String]) -> Result<Config, String> {
        let mut all = vec!["dedupe.store=valkey".to_owned()];
        all.extend_from_slice(settings);
        Config::load(None, [], &all).map_err(|e| e.to_string())
    }

    #[test]
    fn a_url_is_checked_where_it_is_used() {
        assert!(load(&[]).is_ok());
        let said = load(&["dedupe.valkey.url=rediss://cache:6379".into()]).unwrap_err();
        assert!(said.contains("`dedupe.valkey.url`") && said.contains("TLS"), "{said}");
        for url in [
            "redis://:hunter2@cache:port/0",
            "redis://:hunter2@cache/first",
            "sluice:hunter2@cache",
        ] {
            let said = load(&[format!("dedupe.valkey.url={url}")]).unwrap_err();
            assert!(
                said.contains("`dedupe.valkey.url`") && !said.contains("hunter2"),
                "{said}"
            );
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hunter2").unwrap();
        let said = load(&[format!("dedupe.valkey.url_file={}", file.path().display())]).unwrap_err();
        assert!(said.contains("url_file") && !said.contains("hunter2"), "{said}");
        let said = load(&["dedupe.store=memcached".into()]).unwrap_err();
        assert!(said.contains("`dedupe.store`"), "{said}");
    }

    #[test]
    fn the_password_comes_from_a_file_and_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("url");
        std::fs::write(&file, "redis://sluice:hunter2@cache:6379/1\n").unwrap();
        let file = format!("dedupe.valkey.url_file={}", file.display());
        let config = load(std::slice::from_ref(&file)).unwrap();
        assert_eq!(config.dedupe.valkey.url, "redis://sluice:hunter2@cache:6379/1");
        let written = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
        assert!(
            !written.contains("hunter2") && written.contains("cache:6379/1"),
            "{written}"
        );
        let both = load(&[file, "dedupe.valkey.url=redis://x".into()]).unwrap_err();
        assert!(both.contains("only one of the two"), "{both}");
        let none = load(&["dedupe.valkey.url_file=/nowhere/at/all".into()]).unwrap_err();
        assert!(none.contains("/nowhere/at/all"), "{none}");
    }
}
