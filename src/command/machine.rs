//! What the process may take of the machine's memory.
//!
//! In: `/proc` and `/sys/fs/cgroup`. Out: the nearest limit. Always: a machine that tells nothing gives nothing.

use std::path::Path;

use crate::config::Room;

/// The smallest limit of the process's control groups (version 2, then 1), or else the machine's memory.
pub fn room() -> Option<Room> {
    room_by(|path| std::fs::read_to_string(path).ok())
}

fn room_by(read: impl Fn(&Path) -> Option<String>) -> Option<Room> {
    let total = read(Path::new("/proc/meminfo")).and_then(|info| total(&info));
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let limit = groups.lines().filter_map(|line| limit(line, &read)).min();
    match (limit, total) {
        // Without a limit, version 1 says a number beyond all memory.
        (Some(limit), total) if total.is_none_or(|total| limit < total) => Some(Room {
            bytes: limit,
            is_own: true,
        }),
        (_, total) => total.map(|bytes| Room { bytes, is_own: false }),
    }
}

/// The smallest limit on the way from a control group (`hierarchy:controllers:path`) to the root. Inside a container the path may be the
/// host's, and only the root is there.
fn limit(line: &str, read: &impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    let (root, file) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.max"),
        _ if controllers.split(',').any(|c| c == "memory") => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        _ => return None,
    };
    let groups = Path::new(path.trim_start_matches('/')).ancestors();
    let limits = groups.filter_map(|group| read(&Path::new(root).join(group).join(file))?.trim().parse().ok());
    limits.min()
}

fn total(info: &str) -> Option<u64> {
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: Option<(u64, bool)>) {
        let read = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        let room = room_by(read).map(|room| (room.bytes, room.is_own));
        assert_eq!(room, expected, "{files:?}");
    }

    #[test]
    fn the_nearest_limit_holds() {
        let memory = ("/proc/meminfo", "MemFree: 1 kB\nMemTotal:       2048 kB\n");
        check(&[], None);
        check(&[memory], Some((2 << 20, false)));
        let service = ("/proc/self/cgroup", "0::/system.slice/sluice.service\n");
        let (slice, own) = (
            "/sys/fs/cgroup/system.slice/memory.max",
            "/sys/fs/cgroup/system.slice/sluice.service/memory.max",
        );
        check(
            &[memory, service, (slice, "max\n"), (own, "1048576\n")],
            Some((1 << 20, true)),
        );
        check(
            &[memory, service, (slice, "4096\n"), (own, "1048576\n")],
            Some((4096, true)),
        );
        check(&[memory, service, (own, "max\n")], Some((2 << 20, false)));
        let container = ("/proc/self/cgroup", "0::/\n");
        check(
            &[memory, container, ("/sys/fs/cgroup/memory.max", "4096\n")],
            Some((4096, true)),
        );
        let first = ("/proc/self/cgroup", "12:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n");
        let file = "/sys/fs/cgroup/memory/memory.limit_in_bytes";
        check(&[memory, first, (file, "4096\n")], Some((4096, true)));
        check(
            &[memory, first, (file, "9223372036854771712\n")],
            Some((2 << 20, false)),
        );
    }
}
