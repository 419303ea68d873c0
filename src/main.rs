//! `sluice`: arguments → configuration → telemetry → command → exit status.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use sluice::command::{
    self, CommandError, audit, dead_letters, demo, diff, enrich, explain, health, inputs, machine, offsets, replay,
    run, tags,
};
use sluice::config::{Config, Given, Log};
use sluice::failure::Failure;
use sluice::kafka::settings;
use sluice::kafka::source::Until;
use sluice::telemetry::{self, Metrics};
use sluice::version;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A Kafka stage that cleans, deduplicates and tags scraped articles.
#[derive(Debug, Parser)]
#[command(version = version::VERSION, long_version = version::long(), max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    layers: Layers,
    #[command(subcommand)]
    command: Command,
}

/// Where options come from.
#[derive(Debug, Args)]
struct Layers {
    /// A TOML file with options; deploy/sluice.toml names them all.
    #[arg(long, value_name = "FILE", global = true, env = "SLUICE_CONFIG")]
    config: Option<PathBuf>,
    /// One option, such as `kafka.brokers=localhost:9092`; the last one wins.
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    set: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the stage: from the raw topic to the enriched topic.
    Run {
        /// Stop at the end that the input topic has now.
        #[arg(long)]
        until_end: bool,
    },
    /// Read a range of the input topic again, after a rule, a taxonomy or a version changed, into topics of its own.
    Replay(Box<replay::Arguments>),
    /// Compare two outputs, matched by the records they were made of: what changed, by kind. A and B are topics or files of JSON Lines.
    Diff(diff::Arguments),
    /// Run the real pipeline over sample articles, on a broker embedded in the process.
    Demo {
        /// One JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Enrich the articles of files, without a broker. What cannot be read gives a line with `error` in its place, and is no failure.
    Enrich {
        /// Files of JSON Lines, of JSON over several lines or each of one page, packed (gzip, zstd) or not; `-` is standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// End with status 1 where there was a line with `error`; all lines are written all the same.
        #[arg(long)]
        fail_on_error: bool,
    },
    /// Show an article with what was removed and why, what decided its tags, and how a duplicate compares with its original.
    Explain(explain::Arguments),
    /// Say which tool's records an input holds, what is found in them, and what no preset knows.
    #[command(subcommand)]
    Inputs(inputs::Action),
    /// Show, check, test, score, compare and train the files that describe tags.
    Tags {
        #[command(subcommand)]
        command: tags::TagsCommand,
    },
    /// Make the topics that the stage needs.
    #[command(subcommand)]
    Topics(TopicsCommand),
    /// Sample articles, to see a stage at work.
    #[command(subcommand)]
    Sample(SampleCommand),
    /// Show or check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Read all topics again and show that each input record has exactly one fate: exit 4 where one has not.
    Audit(audit::Arguments),
    /// Look at the dead letters, and drive again those that this build can read.
    DeadLetters {
        #[command(subcommand)]
        action: dead_letters::Action,
    },
    /// Show where the group stands in the input topic, with its lag and who works on what; move a group that has no members.
    Offsets(offsets::Arguments),
    /// Ask a running stage how it is: exit 0 where it is well, 1 where not. For the health checks of containers.
    Health(health::Arguments),
    /// Print completions: `source <(sluice completions bash)`.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print a man page: `sluice man | man -l -`.
    Man {
        /// Of this subcommand.
        command: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum TopicsCommand {
    /// Create those that are missing, whatever `kafka.create_topics` says, and name all with their partitions.
    Create,
}

#[derive(Debug, Subcommand)]
enum SampleCommand {
    /// Publish the demo's articles to `input.topic`.
    Publish {
        /// How many times; from the second on, every article was seen before.
        #[arg(long, value_name = "N", default_value_t = 1)]
        rounds: u32,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every option with its value and where it comes from; never a secret.
    Show(command::config::Show),
    /// Say whether the configuration can be used, and what about it is unwise.
    Check(command::config::Check),
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_panic));
    let arguments = arguments();
    match start(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::from(error.exit_status())
        }
    }
}

/// The arguments. An empty variable is one that is not set: compose files pass on what may be missing as `${NAME:-}`.
fn arguments() -> Arguments {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let command = Arguments::command().mut_args(|argument| {
        if argument.get_env().is_some_and(is_empty) {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    });
    Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|e| e.exit())
}

/// The environment, in which others' variables may be no text; ours must be.
fn variables() -> Result<Vec<(String, String)>, CommandError> {
    let mut all = Vec::new();
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => all.push((name, value)),
            (Ok(name), Err(_)) if name.starts_with("SLUICE_") => {
                return Err(CommandError::Usage(format!(
                    "the environment variable `{name}` is not UTF-8"
                )));
            }
            _ => {}
        }
    }
    Ok(all)
}

fn start(arguments: &Arguments) -> Result<(), CommandError> {
    let layers = &arguments.layers;
    // What needs no configuration must work where there is none.
    match &arguments.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "sluice", &mut script);
            return print(&script);
        }
        Command::Man { command } => {
            return print(&man(command.as_deref())?);
        }
        _ => {}
    }
    let (config, given) = Config::load_with_origins(layers.config.as_deref(), variables()?, &layers.set)?;
    let mut config = config.in_room(machine::room()).map_err(|error| given.placed(error))?;
    settings::check(&config).map_err(|error| given.placed(error))?;
    if matches!(arguments.command, Command::Demo { .. }) && config.log == Log::default() {
        config.log.level = "off".into(); // the table is what the demo has to say
    }
    telemetry::start_logging(&config.log).map_err(CommandError::Usage)?;
    carry_out(&arguments.command, &config, &given)
}

fn carry_out(command: &Command, config: &Config, given: &Given) -> Result<(), CommandError> {
    match command {
        Command::Run { until_end } => run_stage(config, if *until_end { Until::End } else { Until::Stopped })?,
        Command::Replay(asked) => block_on(replay::replay(config, asked, &mut io::stdout()))??,
        Command::Diff(asked) => diff::diff(config, asked, &mut io::stdout())?,
        Command::Demo { json } => block_on(demo::demo(config, *json, &mut buffered()))??,
        Command::Enrich { files, fail_on_error } => {
            let mut out = BufWriter::with_capacity(1 << 18, io::stdout());
            let fates = enrich::enrich(config, files, &mut out)?;
            if *fail_on_error {
                enrich::refuse_errors(fates)?;
            }
        }
        Command::Audit(asked) => drop(audit::audit(config, asked, &mut buffered())?),
        Command::DeadLetters { action } => block_on(dead_letters::dead_letters(config, action, &mut buffered()))??,
        Command::Offsets(asked) => offsets::offsets(config, asked, &mut buffered())?,
        Command::Explain(asked) => explain::explain(config, asked, &mut buffered())?,
        Command::Inputs(action) => inputs::inputs(config, action, &mut buffered())?,
        Command::Tags { command } => tags::tags(config, command, &mut buffered())?,
        Command::Topics(TopicsCommand::Create) => block_on(command::topics::create(config, &mut io::stdout()))??,
        Command::Sample(SampleCommand::Publish { rounds }) => {
            block_on(command::sample::publish_samples(config, *rounds, &mut io::stdout()))??;
        }
        Command::Config(ConfigCommand::Show(asked)) => command::config::show(config, given, asked, &mut buffered())?,
        Command::Config(ConfigCommand::Check(asked)) => {
            block_on(command::config::check(config, given, asked, &mut buffered()))??;
        }
        Command::Health(asked) => {
            let answer = health::health(&config.http.listen, asked)?;
            drop(io::stdout().write_all(answer.as_bytes()));
        }
        Command::Completions { .. } | Command::Man { .. } => {} // done above
    }
    Ok(())
}

fn run_stage(config: &Config, until: Until) -> Result<(), CommandError> {
    command::config::warn_of_misspelt_variables();
    let summary = block_on(run::run(config, until, Arc::new(Metrics::new())))??;
    tracing::info!(
        records = summary.records,
        enriched = summary.fates.enriched,
        duplicates = summary.fates.duplicate,
        dropped = summary.fates.dropped,
        tombstones = summary.fates.tombstone,
        dead_letters = summary.fates.dead_letter,
        batches = summary.batches,
        aborts = summary.aborts,
        "done"
    );
    Ok(())
}

fn buffered() -> BufWriter<io::Stdout> {
    BufWriter::new(io::stdout())
}

fn print(page: &[u8]) -> Result<(), CommandError> {
    let mut out = io::stdout();
    Ok(command::written(out.write_all(page).and_then(|()| out.flush()))?)
}

/// The page of the program, or of one subcommand, as troff.
fn man(subcommand: Option<&str>) -> Result<Vec<u8>, CommandError> {
    let mut root = Arguments::command();
    root.build();
    let command = match subcommand {
        None => root.long_version(None::<&str>),
        Some(name) => {
            let found = root.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| CommandError::Usage(format!("there is no subcommand `{name}`")))?;
            let name: &'static str = format!("sluice-{name}").leak();
            found.name(name)
        }
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|e| Failure::new(format!("could not write the page: {e}")))?;
    Ok(page)
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = built.map_err(|e| Failure::new(format!("could not start the async runtime: {e}")))?;
    let result = runtime.block_on(work);
    // A read of the memory that was given up must not hold the process.
    runtime.shutdown_background();
    Ok(result)
}

/// What the standard hook tells, whose words may repeat what an article says.
fn tell_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let mut words = format!("thread `{}` {panic}", thread.name().unwrap_or("without a name"));
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        words += &format!("\n{trace}");
    }
    let words = command::harmless(&words);
    if telemetry::is_json_logged() {
        tracing::error!("{words}");
    } else {
        drop(writeln!(io::stderr(), "{words}"));
    }
}

/// Print the error; if standard error is gone, the exit status still tells.
fn report(error: &CommandError) {
    // It may repeat what an article says.
    let words = error.to_string();
    let words = command::harmless(&words);
    if telemetry::is_json_logged() {
        let (what, hint) = words
            .split_once("\nhint: ")
            .map_or((&*words, None), |(what, hint)| (what, Some(hint)));
        tracing::error!(hint, status = error.exit_status(), "{what}");
    } else {
        drop(writeln!(io::stderr(), "sluice: {words}"));
    }
}
