//! The device's key: made when it is enrolled, never sent, used to sign in and to sign what is sent.

use replica::api::EnrolReply;
use replica::attestation::DeviceKey;

use super::clock;
use super::store::Identity;
use super::web::{self, NoRandomness};

/// A key that no server knows yet.
pub struct NewKey {
    seed: [u8; 32],
}

impl NewKey {
    /// Draws a key.
    ///
    /// # Errors
    /// [`NoRandomness`] where the browser has no random numbers.
    pub fn draw() -> Result<Self, NoRandomness> {
        Ok(Self { seed: web::random()? })
    }

    /// The key that this device has: when it is connected anew, what it wrote before stays its own.
    pub fn of(identity: &Identity) -> Self {
        Self { seed: identity.seed }
    }

    /// The key, to show its public half.
    pub fn key(&self) -> DeviceKey {
        DeviceKey::from_seed(&self.seed)
    }

    /// Who this device is, once a server has taken the key.
    pub fn into_identity(self, reply: EnrolReply) -> Identity {
        Identity {
            device: reply.device,
            seed: self.seed,
            role: reply.role,
            person: reply.person,
            offices: reply.offices,
            unit: reply.unit,
            enrolled_at: clock::unix_millis(),
        }
    }
}
