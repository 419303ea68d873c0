//! `sluice config`: what holds and where it comes from, and whether it is wise and works.
//!
//! In: the layers, put together. Out: text or JSON. Always: no secret is shown, and nothing outside is changed.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::{CommandError, has_room, machine, taxonomies, written};
use crate::config::{Advice, Config, Given, Machine, OptionOrigin, Store, effective, lint, misspelt, shown_url};
use crate::failure::Failure;
use crate::kafka::ask;
use crate::kafka::probe::{self, Outcome, Tried};
use crate::valkey::ValkeyClaims;

/// Options of `show`.
#[derive(Debug, Default, clap::Args)]
pub struct Show {
    /// Only what somebody has set.
    #[arg(long)]
    pub changed: bool,
    /// JSON instead of TOML with comments.
    #[arg(long)]
    pub json: bool,
}

/// Options of `check`.
#[derive(Debug, Default, clap::Args)]
pub struct Check {
    /// Also try the brokers, topics, group, transactions, the memory and the store of claims. Changes nothing.
    #[arg(long)]
    pub connect: bool,
    /// Take advice as an error: exit 2.
    #[arg(long)]
    pub strict: bool,
    /// JSON instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// Write every option with its value and its origin.
pub fn show(config: &Config, given: &Given, asked: &Show, out: &mut impl Write) -> Result<(), CommandError> {
    let all: Vec<_> = effective(config, given)
        .into_iter()
        .filter(|option| !asked.changed || option.origin != OptionOrigin::Default)
        .collect();
    if asked.json {
        return json(out, &all);
    }
    let lines: Vec<(String, String)> = all.iter().map(|o| (o.as_toml(), o.origin.to_string())).collect();
    let width = lines
        .iter()
        .map(|(line, _)| line.chars().count().min(60))
        .max()
        .unwrap_or(0);
    for (line, origin) in lines {
        written(writeln!(out, "{line:width$}  # {origin}"))?;
    }
    Ok(written(out.flush())?)
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Report {
    advice: Vec<Advice>,
    tried: Vec<Tried>,
}

/// Check a configuration that could be loaded: files of certificates, taxonomies, advice, and if it is asked for the cluster. What does not
/// work there gives status 3.
pub async fn check(config: &Config, given: &Given, asked: &Check, out: &mut impl Write) -> Result<(), CommandError> {
    certificates(config)?;
    taxonomies::tagger(&config.tags)?;
    let advice = lint(config, given, &this_machine());
    let tried = if asked.connect {
        // It is asked whether the stage would start here.
        has_room(config)?;
        let mut tried = probe::probe(config).await.map_err(CommandError::Start)?;
        tried.extend(store(config).await.map_err(CommandError::Start)?);
        tried
    } else {
        Vec::new()
    };
    let report = Report { advice, tried };
    if asked.json {
        json(out, &report)?;
    } else {
        written(text(out, &report, asked))?;
    }
    let failed = report.tried.iter().filter(|t| t.outcome == Outcome::Failed).count();
    if failed > 0 {
        let message = format!("{failed} of {} checks at the cluster failed", report.tried.len());
        return Err(CommandError::Start(Failure::new(message)));
    }
    if asked.strict && !report.advice.is_empty() {
        return Err(CommandError::Usage(format!(
            "{} pieces of advice, and `--strict` allows none",
            report.advice.len()
        )));
    }
    Ok(())
}

/// The store of claims, where instances share one.
async fn store(config: &Config) -> Result<Option<Tried>, Failure> {
    if !config.dedupe.enabled || config.dedupe.store == Store::Kafka {
        return Ok(None);
    }
    let cluster = ask::cluster_id(config).await?;
    let (outcome, said) = match ValkeyClaims::look(config, &cluster).await {
        Ok(said) => (Outcome::Ok, said),
        Err(failure) => (Outcome::Failed, failure.message),
    };
    let what = format!("store of claims `{}`", shown_url(&config.dedupe.valkey.url));
    Ok(Some(Tried { what, outcome, said }))
}

fn text(out: &mut impl Write, report: &Report, asked: &Check) -> io::Result<()> {
    for Advice { option, what } in &report.advice {
        writeln!(out, "advice   `{option}`: {what}")?;
    }
    for Tried { what, outcome, said } in &report.tried {
        let word = match outcome {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Failed => "failed",
        };
        writeln!(out, "{word:8} {what}: {said}")?;
    }
    if !asked.connect {
        writeln!(
            out,
            "ok       every option is valid; `--connect` also tries brokers, topics, group, transactions, memory and the store of claims"
        )?;
    }
    out.flush()
}

/// Whether the files are there that `kafka.properties` names for TLS.
fn certificates(config: &Config) -> Result<(), CommandError> {
    for (name, path) in &config.kafka.properties.0 {
        if name.ends_with(".location") && name.starts_with("ssl.") && !Path::new(path).exists() && path != "probe" {
            let message = format!("`kafka.properties.{name}` is `{path}`: there is no such file");
            return Err(CommandError::Start(Failure::new(message)));
        }
    }
    Ok(())
}

fn json(out: &mut impl Write, value: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value).expect("plain data is JSON");
    Ok(written(writeln!(out, "{text}").and_then(|()| out.flush()))?)
}

/// Warn of variables that look like options and are not read. Their values, which may be secrets, are not told.
pub fn warn_of_misspelt_variables() {
    let found = misspelt(&variables());
    if !found.is_empty() {
        let words = found
            .iter()
            .map(|m| format!("{} (it would be {})", m.variable, m.right));
        let variables = words.collect::<Vec<_>>().join(", ");
        tracing::warn!(
            variables,
            "variables that are not read: two underscores stand between levels"
        );
    }
}

/// The names of all environment variables.
fn variables() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect()
}

/// What this machine is, as far as it tells.
fn this_machine() -> Machine {
    Machine {
        variables: variables(),
        memory_bytes: machine::room().map(|room| room.bytes),
    }
}
