//! The instance's name, on which its transactional id rests.
//!
//! Two processes must not share one (they would fence each other), and a restarted one must take its own up again (so that its
//! open transaction ends at once). Where none is given, a process takes the first number of its host and group whose lock file is
//! free, and holds the lock as long as it lives. Only processes that share the folder of the locks are told apart.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::failure::Failure;

/// Slots of one group on one host: far more than anybody runs.
const SLOTS_MAX: usize = 1_000;

/// A name, with the lock that keeps it ours.
#[derive(Debug)]
pub struct Instance {
    /// The name.
    pub name: String,
    _lock: Option<File>,
}

/// The configured name, or the first free slot in `directory` (the host's directory for temporary files).
pub fn claim(configured: &str, group: &str, host: &str, directory: &Path) -> Result<Instance, Failure> {
    if !configured.is_empty() {
        return Ok(Instance {
            name: configured.to_owned(),
            _lock: None,
        });
    }
    let group_id = xxhash_rust::xxh3::xxh3_64(group.as_bytes());
    for slot in 0..SLOTS_MAX {
        let path = directory.join(format!("sluice-{group_id:016x}-{slot}.lock"));
        let failed = |e: std::io::Error| {
            let hint = "hint: name the instance with `instance`, then no lock is needed";
            Failure::new(format!("could not lock `{}`: {e}\n{hint}", path.display()))
        };
        let file = open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                return Ok(Instance {
                    name: format!("{host}-{slot}"),
                    _lock: Some(file),
                });
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
    }
    Err(Failure::new(format!(
        "all {SLOTS_MAX} instance names of group `{group}` are taken on this host"
    )))
}

/// The file of a slot, made where there is none. One that another user left is not ours to write to, and can be locked all the same.
fn open(path: &Path) -> std::io::Result<File> {
    let ours = File::options().create(true).truncate(false).write(true).open(path);
    match ours {
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => File::open(path),
        opened => opened,
    }
}

/// This host's name, or `localhost` where it cannot be told.
pub fn host() -> String {
    let from_file = std::fs::read_to_string("/etc/hostname")
        .ok()
        .map(|s| s.trim().to_owned());
    from_file
        .filter(|s| !s.is_empty())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .unwrap_or_else(|| "localhost".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_get_two_names_and_a_restart_takes_its_name_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = claim("", "g", "h", dir.path()).unwrap();
        let second = claim("", "g", "h", dir.path()).unwrap();
        assert_eq!((first.name.as_str(), second.name.as_str()), ("h-0", "h-1"));
        drop(first);
        assert_eq!(claim("", "g", "h", dir.path()).unwrap().name, "h-0");
        assert_eq!(claim("mine", "g", "h", dir.path()).unwrap().name, "mine");
    }
}
