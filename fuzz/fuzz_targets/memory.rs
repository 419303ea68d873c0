//! Records of the memory topic: what can be read is written back as it was understood.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice::kafka::memory;

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (key, value) = (&data[..at], data.get(at + 1..));
    if let Ok(Some(entry)) = memory::parse(key, value) {
        let output = memory::as_output(&entry);
        let back = memory::parse(&output.key.expect("it has a key"), output.value.as_deref());
        let back = back.expect("it reads back").expect("it is no tombstone");
        assert_eq!((&back.origin, &back.id, back.time_ms), (&entry.origin, &entry.id, entry.time_ms));
        assert_eq!(back.fingerprint, entry.fingerprint);
    }
});
