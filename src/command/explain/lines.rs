//! An explanation as lines, in colour on a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Asked, Explained, Piece, TagReason, Told, each, phrases_words, verdict_words};
use crate::command::{CommandError, compare, harmless};
use crate::config::Config;
use crate::telemetry;

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const GONE: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Explain every article in lines.
pub(super) fn write(config: &Config, asked: Asked<'_>, out: &mut impl Write) -> Result<io::Result<()>, CommandError> {
    let mut lines = Lines {
        is_coloured: telemetry::is_coloured(&io::stdout()),
        out,
    };
    each(config, asked, |told| lines.article(told))
}

struct Lines<'a, W> {
    is_coloured: bool,
    out: &'a mut W,
}

impl<W: Write> Lines<'_, W> {
    /// All that is printed goes through here: what the article says cannot steer the terminal, its colours can.
    fn paint(&self, style: Style, text: &str) -> String {
        let text = harmless(text);
        if self.is_coloured {
            format!("{style}{text}{style:#}")
        } else {
            text.into_owned()
        }
    }

    fn line(&mut self, style: Style, text: &str) -> io::Result<()> {
        let line = self.paint(style, text);
        writeln!(self.out, "{line}")
    }

    fn article(&mut self, told: Told) -> io::Result<()> {
        let told = match told {
            Ok(told) => told,
            Err((origin, why)) => {
                let (origin, why) = (self.paint(BOLD, &origin.to_string()), self.paint(PLAIN, &why));
                return writeln!(self.out, "{origin}\n  dead letter: {why}\n");
            }
        };
        self.head(&told)?;
        for line in &told.comparison {
            self.compared(line)?;
        }
        writeln!(self.out)?;
        for piece in &told.pieces {
            self.piece(piece)?;
        }
        writeln!(self.out)?;
        for tag in &told.tags {
            self.tag(tag)?;
        }
        writeln!(self.out)
    }

    fn head(&mut self, Explained { article, verdict, .. }: &Explained) -> io::Result<()> {
        self.line(BOLD, article.title.as_deref().unwrap_or("(no title)"))?;
        let head = format!(
            "  {} · read as `{}` · language {}{}\n  {}",
            article.id,
            article.preset,
            article.language.as_deref().unwrap_or("unknown"),
            phrases_words(article),
            verdict_words(verdict)
        );
        self.line(PLAIN, &head)
    }

    fn compared(&mut self, line: &compare::Line) -> io::Result<()> {
        let (mark, style) = match line.of {
            "known" => ("−", BAD),
            "new" => ("+", GOOD),
            "shared" => ("=", GONE),
            _ => ("", PLAIN),
        };
        self.line(style, format!("  {mark} {}", line.text).trim_end())
    }

    fn piece(&mut self, piece: &Piece) -> io::Result<()> {
        for line in piece.text.lines().filter(|line| !line.trim().is_empty()) {
            match piece.reason {
                None => self.line(PLAIN, &format!("    {line}"))?,
                Some(reason) => self.line(GONE, &format!("  - {line}  [{reason}]"))?,
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: &TagReason) -> io::Result<()> {
        let (mark, style) = if tag.is_given() { ("✓", GOOD) } else { ("·", GONE) };
        let head = format!("  {mark} {} {:.3} (threshold {})", tag.name, tag.score, tag.threshold);
        let (head, words) = (self.paint(style, &head), self.paint(PLAIN, &tag.words()));
        writeln!(self.out, "{head}: {words}")
    }
}
