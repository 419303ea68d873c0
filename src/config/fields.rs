//! `input.fields`: the user's own names for what a record holds.
//!
//! In: roles and paths as given. Out: the decoder's aliases. Always: a role that does not exist, or one without a path, is refused.

use super::{ConfigError, Properties, nearest};
use crate::decode::Aliases;

/// The option's name.
const OPTION: &str = "input.fields";

/// The roles that a field can have, in the order of the documentation.
pub const ROLES: [&str; 13] = [
    "id",
    "url",
    "title",
    "body",
    "html",
    "text",
    "markdown",
    "published_at",
    "modified_at",
    "fetched_at",
    "site",
    "language",
    "authors",
];

/// The aliases that a configuration asks for.
///
/// Errors: an unknown role, with the nearest known one; a role whose list of paths is empty.
pub fn aliases(fields: &Properties) -> Result<Aliases, ConfigError> {
    let mut aliases = Aliases::default();
    for (role, given) in &fields.0 {
        let paths = paths(given);
        if paths.is_empty() {
            return Err(ConfigError::Value {
                option: format!("{OPTION}.{role}"),
                value: format!("`{given}`"),
                allowed: "at least one path is needed, such as `payload.body`; several are separated by commas".into(),
            });
        }
        *slot(&mut aliases, role)? = paths;
    }
    Ok(aliases)
}

fn slot<'a>(aliases: &'a mut Aliases, role: &str) -> Result<&'a mut Vec<String>, ConfigError> {
    Ok(match role {
        "id" => &mut aliases.id,
        "url" => &mut aliases.url,
        "title" => &mut aliases.title,
        "body" => &mut aliases.body,
        "html" => &mut aliases.html,
        "text" => &mut aliases.text,
        "markdown" => &mut aliases.markdown,
        "published_at" => &mut aliases.published_at,
        "modified_at" => &mut aliases.modified_at,
        "fetched_at" => &mut aliases.fetched_at,
        "site" => &mut aliases.site,
        "language" => &mut aliases.language,
        "authors" => &mut aliases.authors,
        _ => {
            return Err(ConfigError::Unknown {
                name: format!("{OPTION}.{role}"),
                nearest: nearest(role, ROLES.into_iter()).map(|known| format!("{OPTION}.{known}")),
            });
        }
    })
}

/// A list as a file gives it arrives as its JSON text; the environment and `--set` have commas only.
fn paths(given: &str) -> Vec<String> {
    if let Ok(list) = serde_json::from_str::<Vec<String>>(given) {
        return list;
    }
    let parts = given.split(',').map(str::trim).filter(|path| !path.is_empty());
    parts.map(str::to_owned).collect()
}
