//! The options as documentation: rows for the README's table and for `deploy/sluice.toml`.
//!
//! In: the doc comments and defaults of [`Config`]. Out: text. Always: an option is described in one place only.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::Config;

/// One option.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionRow {
    /// Dotted name, such as `batch.records_max`.
    pub name: String,
    /// As it stands in a TOML file.
    pub default: String,
    /// The field's doc comment on one line.
    pub text: String,
}

impl OptionRow {
    /// The first part of the name.
    pub fn section(&self) -> &str {
        self.name.split('.').next().unwrap_or(&self.name)
    }
}

/// Every option, in the order of the struct.
pub fn rows() -> Vec<OptionRow> {
    let settings = SchemaSettings::default().with(|s| s.inline_subschemas = true);
    let schema = SchemaGenerator::from(settings)
        .into_root_schema_for::<Config>()
        .to_value();
    let defaults = serde_json::to_value(Config::default()).expect("the configuration is plain data");
    let mut rows = Vec::new();
    collect("", &schema, &defaults, &mut rows);
    rows
}

fn collect(prefix: &str, schema: &Value, default: &Value, rows: &mut Vec<OptionRow>) {
    let (Some(fields), Value::Object(defaults)) = (schema["properties"].as_object(), default) else {
        return;
    };
    // The default's order is the struct's; the schema sorts its properties.
    for (name, default) in defaults {
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        let field = &fields[name];
        if field.get("properties").is_some() {
            collect(&path, field, default, rows);
            continue;
        }
        let text = field["description"].as_str().unwrap_or_default().replace('\n', " ");
        rows.push(OptionRow {
            name: path,
            default: as_toml_value(default),
            text,
        });
    }
}

fn as_toml_value(value: &Value) -> String {
    match value {
        Value::Object(_) => "{}".into(),
        other => other.to_string(),
    }
}

/// The README's table of options.
pub fn as_table() -> String {
    let mut table = String::from("| option | default | what it does |\n| --- | --- | --- |\n");
    for row in rows() {
        table.push_str(&format!(
            "| `{}` | `{}` | {} |\n",
            row.name,
            row.default,
            row.text.replace('|', "\\|")
        ));
    }
    table
}

/// A configuration file with every option, its default and its why.
pub fn as_toml() -> String {
    let mut text = String::from(
        "# Every option of Sluice with its default. Written from src/config/mod.rs by a test: edit there.\n\
         # Layers: these defaults, a file (--config), the environment (SLUICE_KAFKA__BROKERS), --set KEY=VALUE.\n",
    );
    let rows = rows();
    let (top, nested): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row.name.contains('.'));
    for row in top {
        text.push_str(&format!("\n{}{} = {}\n", comment(&row.text), row.name, row.default));
    }
    let mut table = "";
    for row in nested {
        let (section, field) = row
            .name
            .rsplit_once('.')
            .expect("a nested option has a dot in its name");
        if section != table {
            text.push_str(&format!("\n[{section}]\n"));
            table = section;
        }
        text.push_str(&format!("{}{field} = {}\n", comment(&row.text), row.default));
    }
    text
}

/// A comment, wrapped at about 110 characters.
fn comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.len() + word.len() > 110 {
            lines.push(format!("# {word}"));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}
