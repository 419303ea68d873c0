//! Pages → rows of features, for `tools/fit_html.py`.
//!
//! In, a line each: `{"html": …, "first": [probability, …] or null}`. Out, a line each: `{"texts": […], "rows": [[…], …]}`.

use std::io::{BufRead, Write};

use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let record: Value = serde_json::from_str(&line?)?;
        let first: Option<Vec<f32>> = serde_json::from_value(record["first"].clone())?;
        let page = record["html"].as_str().unwrap_or_default();
        let (texts, rows): (Vec<_>, Vec<_>) = sluice::clean::html::rows_for_fitting(page, first.as_deref())
            .into_iter()
            .unzip();
        serde_json::to_writer(&mut out, &json!({ "texts": texts, "rows": rows }))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
