//! An explanation as a page, with the removed spans in place.

use std::io::{self, Write};

use super::{Asked, Explained, Told, each, phrases_words, verdict_words};
use crate::command::CommandError;
use crate::config::Config;

const PAGE_HEAD: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><title>sluice explain</title><style>\
    body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
    article{border-top:2px solid #ccc;padding:1rem 0}p{margin:.5rem 0;white-space:pre-line}\
    del{color:#a33;background:#fbeaea;display:block;padding:0 .4rem}del::after{content:' ' attr(title);font-size:.75em;color:#777}\
    .comparison{list-style:none;padding:.4rem .8rem;background:#f6f6f6;font-size:.9em}.comparison .known{color:#a33}\
    .comparison .known::before{content:'− '}.comparison .new{color:#176b2c}.comparison .new::before{content:'+ '}\
    .comparison .shared{color:#666}.comparison .shared::before{content:'= '}small{color:#666}.given{color:#176b2c}table{border-collapse:collapse;font-size:.9em}td{padding:.2rem .6rem;vertical-align:top}\
    </style></head><body>\n";

/// Explain every article in one page.
pub(super) fn write(config: &Config, asked: Asked<'_>, out: &mut impl Write) -> Result<io::Result<()>, CommandError> {
    if let Err(e) = out.write_all(PAGE_HEAD.as_bytes()) {
        return Ok(Err(e));
    }
    let written = each(config, asked, |told| write_article(told, out))?;
    Ok(written.and_then(|()| out.write_all(b"</body></html>\n")))
}

fn escape(text: &str) -> String {
    htmlize::escape_text(text).into_owned()
}

fn write_article(told: Told, out: &mut impl Write) -> io::Result<()> {
    let told = match told {
        Ok(told) => told,
        Err((origin, why)) => {
            let (origin, why) = (escape(&origin.to_string()), escape(&why));
            return writeln!(out, "<article><h2>{origin}</h2><p>dead letter: {why}</p></article>");
        }
    };
    write_head(&told, out)?;
    if !told.comparison.is_empty() {
        writeln!(out, "<ul class=\"comparison\">")?;
        for line in &told.comparison {
            writeln!(out, "<li class=\"{}\">{}</li>", line.of, escape(&line.text))?;
        }
        writeln!(out, "</ul>")?;
    }
    for piece in &told.pieces {
        match piece.reason {
            None => writeln!(out, "<p>{}</p>", escape(&piece.text))?,
            Some(reason) => writeln!(out, "<del title=\"{reason}\">{}</del>", escape(&piece.text))?,
        }
    }
    writeln!(out, "<table>")?;
    for tag in &told.tags {
        let class = if tag.is_given() { "given" } else { "" };
        let (name, words) = (escape(&tag.name), escape(&tag.words()));
        writeln!(
            out,
            "<tr class=\"{class}\"><td>{name}</td><td>{:.3}</td><td>{words}</td></tr>",
            tag.score
        )?;
    }
    writeln!(out, "</table></article>")
}

fn write_head(Explained { article, verdict, .. }: &Explained, out: &mut impl Write) -> io::Result<()> {
    let title = article.title.as_deref().unwrap_or("(no title)");
    writeln!(out, "<article><h2>{}</h2>", escape(title))?;
    writeln!(
        out,
        "<small>{} · language {}{} · {}</small>",
        escape(&article.id),
        escape(article.language.as_deref().unwrap_or("unknown")),
        phrases_words(article),
        escape(&verdict_words(verdict))
    )
}
