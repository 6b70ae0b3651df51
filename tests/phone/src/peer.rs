//! The programs that Loket's sync is measured beside: automerge-repo's client and server, as processes of node.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::loket::memory_of;

/// A process that says a line for each thing that it did; killed when it is dropped.
pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    said: Receiver<(Instant, String)>,
}

impl Peer {
    /// Starts a program of the folder `field`.
    ///
    /// # Errors
    /// [`Fault::Io`] where node does not start.
    pub fn start(field: &Path, program: &str, arguments: &[&str]) -> Result<Self, Fault> {
        let mut node = Command::new("node");
        node.arg(field.join(program)).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().map_err(Fault::io("node"))?;
        let (tell, said) = channel();
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    if tell.send((Instant::now(), line)).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self { input: child.stdin.take(), child, said })
    }

    /// Waits until it says a line that begins so; tells when, and what followed.
    ///
    /// # Errors
    /// [`Fault::Wrong`] where it does not within `limit`.
    pub fn until(&self, begins: &str, limit: Duration) -> Result<(Instant, String), Fault> {
        let end = Instant::now() + limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok((at, line)) = self.said.recv_timeout(left) else {
                return Err(Fault::Wrong(format!("the peer did not say `{begins}` within {limit:?}")));
            };
            if let Some(rest) = line.strip_prefix(begins) {
                return Ok((at, rest.trim().to_owned()));
            }
        }
    }

    /// Gives it a command, and waits until it did it.
    ///
    /// # Errors
    /// [`Fault`] where it is gone.
    pub fn tell(&mut self, command: &str) -> Result<(), Fault> {
        if let Some(input) = &mut self.input {
            writeln!(input, "{command}").map_err(Fault::io("telling the peer"))?;
        }
        self.until("did ", Duration::from_mins(2)).map(drop)
    }

    /// The most memory that it ever held, in megabytes.
    ///
    /// # Errors
    /// [`Fault::Io`] where the system does not say.
    pub fn memory(&self) -> Result<f64, Fault> {
        memory_of(&self.child.id().to_string())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
