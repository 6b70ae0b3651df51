//! Turns for requests that hold a batch in memory, and for those that wait for the store of photos: so many in all, and of
//! one device so many that it cannot take them all, however slowly it sends.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use replica::DeviceId;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Problem;

/// Pushes and reconciliations that are worked on at once.
const IN_ALL: usize = 32;
/// Those of one device; a phone has one under way.
const PER_DEVICE: usize = 8;

/// Who has a turn.
pub struct Turns {
    all: Semaphore,
    own: Mutex<HashMap<DeviceId, usize>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Semaphore::new(IN_ALL), own: Mutex::default() }
    }
}

/// A turn; given back when it is dropped.
pub struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
    _own: Own<'a>,
}

struct Own<'a> {
    turns: &'a Turns,
    device: DeviceId,
}

impl Turns {
    /// A turn for the device, once there is one.
    ///
    /// # Errors
    /// 429 where the device has as many under way, or waiting, as it may.
    pub async fn take(&self, device: DeviceId) -> Result<Turn<'_>, Problem> {
        let own = self.own(device).ok_or_else(|| {
            let message = "Too many requests of this device are under way. Wait for their answers.";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", message).after(1)
        })?;
        let permit = self.all.acquire().await.map_err(|error| Problem::ours(&error))?;
        Ok(Turn { _permit: permit, _own: own })
    }

    /// A turn for a request that reads alone.
    ///
    /// # Errors
    /// Where the server is stopping.
    pub async fn read(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.all.acquire().await.map_err(|error| Problem::ours(&error))
    }

    fn own(&self, device: DeviceId) -> Option<Own<'_>> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let count = own.entry(device).or_default();
        if *count >= PER_DEVICE {
            return None;
        }
        *count += 1;
        Some(Own { turns: self, device })
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        let mut own = self.turns.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = own.get_mut(&self.device) {
            *count -= 1;
            if *count == 0 {
                own.remove(&self.device);
            }
        }
    }
}
