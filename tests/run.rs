//! `sluice run` where no Kafka answers.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A port of the loopback range that nobody listens on.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn sigterm_while_it_starts_ends_with_status_0() {
    let (kafka, http) = (free_address(), free_address());
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["run", "--set", &format!("kafka.brokers={kafka}")])
        .args(["--set", &format!("http.listen={http}"), "--set", "log.level=off"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    // Signals are caught before the server listens.
    while TcpStream::connect(&http).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was told to");
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status();
    assert!(killed.unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "it ended with {status}");
}
