//! The demo's outcomes as a table for people.

use std::io::{self, Write};

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table};

use super::{SampleOutcome, Totals};
use crate::telemetry;

/// Widest line of the table.
const WIDTH_MAX: u16 = 120;

/// Write the table and the totals.
pub(super) fn write(out: &mut impl Write, outcomes: &[SampleOutcome], totals: &Totals) -> io::Result<()> {
    let is_coloured = telemetry::is_coloured(&io::stdout());
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH_MAX);
    if !is_coloured {
        table.force_no_tty();
    }
    table.set_header([
        "article",
        "fate",
        "characters",
        "tags, and the phrase that decided",
        "why",
    ]);
    for outcome in outcomes {
        let colour = match outcome.fate {
            "enriched" => Color::Green,
            "duplicate" => Color::Yellow,
            _ => Color::Red,
        };
        let fate = Cell::new(outcome.fate);
        table.add_row([
            Cell::new(format!("{}\n{}", outcome.name, shorten(&outcome.title, 44))),
            if is_coloured { fate.fg(colour) } else { fate },
            Cell::new(characters(outcome)).set_alignment(CellAlignment::Right),
            Cell::new(tags(outcome)),
            Cell::new(why(outcome)),
        ]);
    }
    writeln!(out, "{table}")?;
    writeln!(
        out,
        "\n{} published = {} enriched + {} duplicates + {} dead letters",
        totals.published, totals.enriched, totals.duplicates, totals.dead_letters
    )?;
    writeln!(
        out,
        "An embedded broker has no transactions: exactly-once shows on a real Kafka only (sluice run --set kafka.brokers=…)."
    )?;
    out.flush()
}

fn characters(outcome: &SampleOutcome) -> String {
    if outcome.fate == "dead-letter" {
        outcome.chars_in.to_string()
    } else {
        format!("{} → {}", outcome.chars_in, outcome.chars_out)
    }
}

fn tags(outcome: &SampleOutcome) -> String {
    let line = |(name, score, phrase): &(String, f64, String)| format!("{name} {score:.2} “{phrase}”");
    outcome.tags.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn why(outcome: &SampleOutcome) -> String {
    match (&outcome.duplicate_of, &outcome.reason) {
        (Some((id, relation, similarity)), _) => format!("{relation} of {id} ({similarity:.2})"),
        (_, Some((code, message))) => format!("{code}: {}", shorten(message, 90)),
        _ => String::new(),
    }
}

fn shorten(text: &str, chars_max: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= chars_max {
        return line.to_owned();
    }
    line.chars().take(chars_max - 1).chain(['…']).collect()
}
