//! The line between a device and the server: it loses requests and answers, and brings requests late, or again.

use phone::random::Random;

use crate::fault::Fault;
use crate::site::{Answer, Asked, Site};

/// Most requests that are kept to be brought again.
const STRAYS: usize = 32;

/// How bad it is, each in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// Requests that never arrive.
    pub lost: u64,
    /// Answers that never arrive, though the server acted.
    pub unheard: u64,
    /// Requests over which the server ends.
    pub fatal: u64,
}

/// The line.
pub struct Line {
    /// How bad it is.
    pub weather: Weather,
    random: Random,
    strays: Vec<Asked>,
    /// Whether the device at hand has a network.
    pub online: bool,
}

impl Line {
    /// A line.
    pub fn new(weather: Weather, random: Random) -> Self {
        Self { weather, random, strays: Vec::new(), online: true }
    }

    /// Brings a request to the server and its answer back. Nothing where either is lost.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn carry(&mut self, site: &mut Site, asked: &Asked) -> Result<Option<Answer>, Fault> {
        if !self.online {
            return Ok(None);
        }
        if self.random.happens(self.weather.lost) {
            // Some are only late: they come in for the first time behind others that were sent after them.
            if self.random.happens(500) {
                self.keep(asked);
            }
            return Ok(None);
        }
        if self.random.happens(self.weather.fatal) {
            site.crash_while(asked, &mut self.random)?;
            return Ok(None);
        }
        self.keep(asked);
        let answer = site.ask(asked)?;
        if self.random.happens(self.weather.unheard) { Ok(None) } else { Ok(answer) }
    }

    fn keep(&mut self, asked: &Asked) {
        if asked.method != "GET" {
            if self.strays.len() >= STRAYS {
                self.strays.remove(0);
            }
            self.strays.push(asked.clone());
        }
    }

    /// Brings one of the earlier requests again; nobody hears the answer.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bring_again(&mut self, site: &mut Site) -> Result<(), Fault> {
        if let Some(asked) = self.random.one_of(&self.strays) {
            site.ask(asked)?;
        }
        Ok(())
    }
}
