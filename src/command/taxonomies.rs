//! The taxonomies that a configuration asks for, from their folder, and the watch over it.
//!
//! In: a folder. Out: a tagger, and a pipeline for each change of the folder. Always: a mistake leaves in force what was.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{CommandError, pipeline_with};
use crate::config::{Config, Tags};
use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::tag::taxonomy::Taxonomy;
use crate::tag::{Tagger, shipped};
use crate::toml_line::broken_line;

/// How often a running stage looks at the folder. A changed file need not be taken up within the second.
const WATCH_EVERY: Duration = Duration::from_secs(5);

/// File name → text, by name.
type Files = BTreeMap<PathBuf, String>;

/// The tagger that the options ask for.
pub fn tagger(tags: &Tags) -> Result<Tagger, CommandError> {
    let files = read_folder(&tags.folder).map_err(CommandError::Start)?;
    compile(tags, &files).map_err(CommandError::Usage)
}

/// The text of the file in the folder that describes a tag.
pub fn text_of(tags: &Tags, name: &str) -> Result<Option<String>, CommandError> {
    for (path, text) in read_folder(&tags.folder).map_err(CommandError::Start)? {
        let read = Taxonomy::parse(&path.to_string_lossy(), &text);
        if read.map_err(|e| CommandError::Usage(e.to_string()))?.name == name {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// The pipeline of a running stage: a new one with each change of the folder that can be read; a mistake leaves the old one and is
/// logged with the file, the line and the remedy.
pub fn watched(config: &Config) -> Result<watch::Receiver<Arc<Pipeline>>, CommandError> {
    let files = read_folder(&config.tags.folder).map_err(CommandError::Start)?;
    let tagger = compile(&config.tags, &files).map_err(CommandError::Usage)?;
    let (sender, receiver) = watch::channel(pipeline_with(config, tagger));
    if config.tags.folder.is_empty() || !config.tags.enabled {
        return Ok(receiver);
    }
    tokio::spawn(watch_folder(config.clone(), files, sender));
    Ok(receiver)
}

/// Look at the folder again and again, as long as anybody wants its pipeline.
async fn watch_folder(config: Config, mut files: Files, sender: watch::Sender<Arc<Pipeline>>) {
    let mut unread = None;
    while !sender.is_closed() {
        tokio::time::sleep(WATCH_EVERY).await;
        let (tags, before) = (config.tags.clone(), files.clone());
        let looked = tokio::task::spawn_blocking(move || changed(&tags, &before)).await;
        match looked {
            Ok(Ok(Look::Same)) => unread = None,
            Ok(Ok(Look::Changed(changed, tagger))) => {
                tracing::info!(version = tagger.version(), "took the changed taxonomies up");
                sender.send_replace(pipeline_with(&config, *tagger));
                (files, unread) = (changed, None);
            }
            // Both are told once for each change.
            Ok(Ok(Look::Mistaken(changed, mistake))) => {
                tracing::error!(%mistake, "kept the taxonomies as they were");
                (files, unread) = (changed, None);
            }
            Ok(Err(why)) => {
                if unread.as_ref() != Some(&why) {
                    tracing::error!(why, "kept the taxonomies as they were");
                }
                unread = Some(why);
            }
            Err(panic) => tracing::error!(%panic, "could not look at the taxonomies"),
        }
    }
}

/// What a look at the folder brings.
#[derive(Debug)]
enum Look {
    Same,
    Changed(Files, Box<Tagger>),
    /// Files in which there is a mistake.
    Mistaken(Files, String),
}

/// Whether a folder is still what it was; where it cannot be read, why not.
fn changed(tags: &Tags, before: &Files) -> Result<Look, String> {
    // A folder that is being replaced is gone for a moment.
    if fs::metadata(&tags.folder).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
        return Ok(Look::Same);
    }
    let files = read_folder(&tags.folder).map_err(|failure| failure.message)?;
    if files == *before {
        return Ok(Look::Same);
    }
    Ok(match compile(tags, &files) {
        Ok(tagger) => Look::Changed(files, Box::new(tagger)),
        Err(mistake) => Look::Mistaken(files, mistake),
    })
}

/// The files of the folder. That it cannot be read may pass, so it is no wrong option.
fn read_folder(folder: &str) -> Result<Files, Failure> {
    if folder.is_empty() {
        return Ok(Files::new());
    }
    let failed = |path: &Path, e: std::io::Error| {
        let has_remedy = e.kind() == io::ErrorKind::InvalidData;
        let hint = if has_remedy { "" } else { "\nhint: see `tags.folder`" };
        Failure::new(format!("could not read `{}`: {e}{hint}", path.display()))
    };
    let folder = Path::new(folder);
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(|e| failed(folder, e))? {
        let path = entry.map_err(|e| failed(folder, e))?.path();
        // Editors keep their own files beside the one that is written.
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if is_hidden || path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        match read_text(&path) {
            Ok(text) => drop(files.insert(path, text)),
            // Replaced at this moment.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(failed(&path, e)),
        }
    }
    Ok(files)
}

/// The text of a file; of one that is none, the line where that shows.
fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(fs::read(path)?).map_err(|e| {
        let line = broken_line(e.as_bytes()).unwrap_or(1);
        let message = format!("line {line} is not UTF-8\nhint: save the file as UTF-8");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

/// Read one tag's file.
pub fn read(path: &Path) -> Result<Taxonomy, CommandError> {
    let text = read_text(path);
    let text = text.map_err(|e| CommandError::Usage(format!("could not read `{}`: {e}", path.display())))?;
    Taxonomy::parse(&path.to_string_lossy(), &text).map_err(|e| CommandError::Usage(e.to_string()))
}

fn compile(tags: &Tags, files: &Files) -> Result<Tagger, String> {
    let mut all = if tags.builtin { shipped() } else { Vec::new() };
    let mut own: BTreeMap<String, &Path> = BTreeMap::new();
    for (path, text) in files {
        let taxonomy = Taxonomy::parse(&path.to_string_lossy(), text).map_err(|e| e.to_string())?;
        if let Some(other) = own.insert(taxonomy.name.clone(), path) {
            let (path, other) = (path.display(), other.display());
            return Err(format!(
                "`{path}` and `{other}` both describe the tag `{}`",
                taxonomy.name
            ));
        }
        all.retain(|known| known.name != taxonomy.name);
        all.push(taxonomy);
    }
    for (name, value) in &tags.thresholds.0 {
        let known: Vec<String> = all.iter().map(|t| format!("`{}`", t.name)).collect();
        let Some(taxonomy) = all.iter_mut().find(|t| t.name == *name) else {
            return Err(format!(
                "`tags.thresholds.{name}`: there is no tag `{name}`, only {}",
                known.join(", ")
            ));
        };
        taxonomy.threshold = value.parse().unwrap_or(taxonomy.threshold);
    }
    Ok(Tagger::new(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FERRIES: &str = "name = \"ferries\"\n[[concept]]\nname = \"boats\"\nen = [\"ferry\", \"ferries\"]\n";

    fn tags(folder: &Path, set: impl FnOnce(&mut Tags)) -> Tags {
        let mut tags = Tags {
            folder: folder.to_string_lossy().into_owned(),
            ..Tags::default()
        };
        set(&mut tags);
        tags
    }

    #[test]
    fn a_folder_adds_tags_and_replaces_shipped_ones() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ferries.toml"), FERRIES).unwrap();
        fs::write(folder.path().join("notes.txt"), "not a taxonomy").unwrap();
        assert_eq!(
            tagger(&tags(folder.path(), |_| {})).unwrap().names(),
            ["trade", "rare-earths", "geopolitics", "ferries"]
        );
        assert_eq!(
            tagger(&tags(folder.path(), |t| t.builtin = false)).unwrap().names(),
            ["ferries"]
        );
        fs::write(
            folder.path().join("own.toml"),
            FERRIES.replace("ferries\"\n[[", "trade\"\n[["),
        )
        .unwrap();
        assert_eq!(
            tagger(&tags(folder.path(), |_| {})).unwrap().names(),
            ["rare-earths", "geopolitics", "ferries", "trade"]
        );
    }

    #[test]
    fn a_mistake_names_its_file_and_a_tag_is_described_once() {
        let folder = tempfile::tempdir().unwrap();
        let mistake = |tags: &Tags| tagger(tags).unwrap_err().to_string();
        fs::write(folder.path().join("a.toml"), FERRIES.replace("\"ferry\"", "\"f*y\"")).unwrap();
        let told = mistake(&tags(folder.path(), |_| {}));
        assert!(told.contains("a.toml` line 4"), "{told}");
        fs::write(folder.path().join("a.toml"), FERRIES).unwrap();
        fs::write(folder.path().join("b.toml"), FERRIES).unwrap();
        let told = mistake(&tags(folder.path(), |_| {}));
        assert!(told.contains("both describe the tag `ferries`"), "{told}");
        let told = mistake(&tags(Path::new("/nowhere/at/all"), |_| {}));
        assert!(told.contains("tags.folder"), "{told}");
        let threshold = |t: &mut Tags| drop(t.thresholds.0.insert("boats".into(), "0.7".into()));
        let told = mistake(&tags(Path::new(""), |t| {
            t.folder.clear();
            threshold(t);
        }));
        assert!(told.contains("there is no tag `boats`"), "{told}");
    }

    #[test]
    fn a_file_in_another_encoding_is_told_with_line_and_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ferries.toml");
        let latin = b"name = \"ferries\"\n[[concept]]\nname = \"boats\"\nde = [\"F\xe4hre\"]\n".to_vec();
        let utf_16: Vec<u8> = [0xfeff]
            .into_iter()
            .chain(FERRIES.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, line) in [(latin, 4), (utf_16, 1)] {
            fs::write(&file, bytes).unwrap();
            let told = read(&file).unwrap_err().to_string();
            let expected = format!("ferries.toml`: line {line} is not UTF-8\nhint: save the file as UTF-8");
            assert!(told.ends_with(&expected), "{told}");
        }
    }

    #[test]
    fn a_changed_file_is_taken_up_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let tags = tags(folder.path(), |_| {});
        let file = folder.path().join("ferries.toml");
        fs::write(&file, FERRIES).unwrap();
        let before = read_folder(&tags.folder).unwrap();
        assert!(matches!(changed(&tags, &before), Ok(Look::Same)));
        fs::write(&file, FERRIES.replace("ferry", "boat")).unwrap();
        let Ok(Look::Changed(files, tagger)) = changed(&tags, &before) else {
            panic!("the change is not seen")
        };
        assert_ne!(tagger.version(), compile(&tags, &before).unwrap().version());
        fs::write(&file, "name = 7").unwrap();
        let Ok(Look::Mistaken(_, mistake)) = changed(&tags, &files) else {
            panic!("the mistake is not seen")
        };
        assert!(mistake.contains("ferries.toml"), "{mistake}");
    }

    #[test]
    fn what_cannot_be_read_is_told_and_an_editors_own_file_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let tags = tags(folder.path(), |_| {});
        fs::write(folder.path().join("ferries.toml"), FERRIES).unwrap();
        fs::write(folder.path().join(".#ferries.toml"), "half a").unwrap();
        let before = read_folder(&tags.folder).unwrap();
        assert_eq!(before.len(), 1);
        fs::write(folder.path().join("latin.toml"), b"name = \"f\xe4hre\"").unwrap();
        let why = changed(&tags, &before).unwrap_err();
        assert!(why.contains("latin.toml`: line 1 is not UTF-8"), "{why}");
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(matches!(changed(&tags, &before), Ok(Look::Same)), "gone for a moment");
    }
}
