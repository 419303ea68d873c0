//! `input.fields`: the user's own names for what a record holds.
//!
//! In: roles and paths as given. Out: the decoder's aliases. Always: a role that does not exist, or one without a path, is refused.

use super::error::nearest;
use super::{ConfigError, Properties};
use crate::decode::Aliases;

/// The option's name.
const OPTION: &str = "input.fields";

/// The roles that a field can have, in the order of the documentation, each with the paths that it is read from.
const ROLES: [(&str, Slot); 13] = [
    ("id", |a| &mut a.id),
    ("url", |a| &mut a.url),
    ("title", |a| &mut a.title),
    ("body", |a| &mut a.body),
    ("html", |a| &mut a.html),
    ("text", |a| &mut a.text),
    ("markdown", |a| &mut a.markdown),
    ("published_at", |a| &mut a.published_at),
    ("modified_at", |a| &mut a.modified_at),
    ("fetched_at", |a| &mut a.fetched_at),
    ("site", |a| &mut a.site),
    ("language", |a| &mut a.language),
    ("authors", |a| &mut a.authors),
];

/// The paths of one role.
type Slot = fn(&mut Aliases) -> &mut Vec<String>;

/// The aliases that a configuration asks for.
///
/// Errors: an unknown role, with the nearest known one; a role whose list of paths is empty, or holds what is none.
pub fn aliases(fields: &Properties) -> Result<Aliases, ConfigError> {
    let mut aliases = Aliases::default();
    for (role, given) in &fields.0 {
        let paths = paths(given);
        // A list in a list, or one that was quoted once more.
        let is_path = |path: &String| !path.is_empty() && !path.contains('"') && !path.starts_with('[');
        if paths.is_empty() || !paths.iter().all(is_path) {
            return Err(ConfigError::Value {
                option: format!("{OPTION}.{role}"),
                value: format!("`{given}`"),
                allowed: "at least one path is needed, such as `payload.body`; several are separated by commas, or a list of texts in a file"
                    .into(),
            });
        }
        *slot(role)?(&mut aliases) = paths;
    }
    Ok(aliases)
}

fn slot(role: &str) -> Result<Slot, ConfigError> {
    let found = ROLES.iter().find(|(name, _)| *name == role);
    found.map(|(_, slot)| *slot).ok_or_else(|| ConfigError::Unknown {
        name: format!("{OPTION}.{role}"),
        nearest: nearest(role, ROLES.iter().map(|(name, _)| *name)).map(|known| format!("{OPTION}.{known}")),
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
