//! Pages → rows of features, for `tools/fit_html.py`.
//!
//! In, a line each: `{"html": …, "first": [probability, …] or null}`. Out, a line each: `{"texts": […], "rows": [[…], …]}`. With `--judged`, for
//! `tools/pages_as_text.py`: `{"blocks": [[text, whether it is kept, log-odds], …]}`.

use std::io::{BufRead, Write};

use serde_json::{Value, json};
use sluice::clean::html;

fn main() -> anyhow::Result<()> {
    let is_judged = std::env::args().nth(1).is_some_and(|argument| argument == "--judged");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let record: Value = serde_json::from_str(&line?)?;
        let first: Option<Vec<f32>> = serde_json::from_value(record["first"].clone())?;
        let page = record["html"].as_str().unwrap_or_default();
        if is_judged {
            let blocks = html::judged_for_fitting(page);
            serde_json::to_writer(&mut out, &json!({ "blocks": blocks }))?;
            out.write_all(b"\n")?;
            continue;
        }
        let (texts, rows): (Vec<_>, Vec<_>) = html::rows_for_fitting(page, first.as_deref()).into_iter().unzip();
        serde_json::to_writer(&mut out, &json!({ "texts": texts, "rows": rows }))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
