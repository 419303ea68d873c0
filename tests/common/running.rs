//! A child process that does not outlive its test.
#![allow(dead_code, reason = "each suite has its own use")]

use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, Stdio};

/// Killed when it is dropped, as by a test that panics.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Start it, to [hear](Self::words) what it says.
    pub(crate) fn heard(command: &mut Command) -> Self {
        Self(command.stderr(Stdio::piped()).spawn().unwrap())
    }

    /// All that it says on standard error until it ends.
    pub(crate) fn words(&mut self) -> String {
        let mut words = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        words
    }
}

/// Send a signal, such as `TERM`.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success(), "could not send SIG{name}");
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Who has ended already cannot be killed, which is as well.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
