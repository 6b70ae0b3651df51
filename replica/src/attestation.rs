//! What a device signs: each batch that it sends, and the challenge that opens a session.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use crate::id::{Challenge, ChangeHash, DeviceId, Epoch, PublicKey, Signature};

const BATCH_DOMAIN: &[u8] = b"loket batch 1";
const SESSION_DOMAIN: &[u8] = b"loket session 1";

/// A signature that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// The bytes are no Ed25519 public key, or a weak one.
    #[error("the public key is not a sound Ed25519 key")]
    Key,
    /// The device named is not the one whose key it is.
    #[error("the device named is not the one that the key belongs to")]
    Device,
    /// The signature is not this key's over this content.
    #[error("the signature does not match")]
    Signature,
}

/// A device's word that it sends these changes, in this order, now.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Attestation {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// The log's epoch as far as the device knows; zeros before the first answer.
    #[n(1)]
    pub epoch: Epoch,
    /// The device's time in Unix seconds: a claim.
    #[n(2)]
    pub time: i64,
    /// Over the domain, the above and the hashes.
    #[n(3)]
    pub signature: Signature,
}

impl Attestation {
    /// Verifies the attestation over these hashes with the device's key.
    ///
    /// # Errors
    /// [`AttestationError`] where the key, the device or the signature is not the right one.
    pub fn verify(&self, key: &PublicKey, hashes: &[ChangeHash]) -> Result<(), AttestationError> {
        if device_id(key) != self.device {
            return Err(AttestationError::Device);
        }
        verify(key, &batch_message(&self.device, self.time, &self.epoch, hashes), &self.signature)
    }
}

/// A device's key pair. The secret half is wiped when it is dropped.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// The key pair of these 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(self.0.verifying_key().to_bytes())
    }

    /// The device that this key makes.
    pub fn device(&self) -> DeviceId {
        device_id(&self.public())
    }

    /// Signs a batch of changes. `time` is in Unix seconds.
    pub fn attest(&self, epoch: Epoch, time: i64, hashes: &[ChangeHash]) -> Attestation {
        let device = self.device();
        let signature = self.sign(&batch_message(&device, time, &epoch, hashes));
        Attestation { device, epoch, time, signature }
    }

    /// Signs the server's challenge, to open a session.
    pub fn answer(&self, challenge: &Challenge) -> Signature {
        self.sign(&session_message(challenge))
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature::new(self.0.sign(message).to_bytes())
    }
}

/// The device that a public key makes: the first 16 bytes of its SHA-256.
pub fn device_id(key: &PublicKey) -> DeviceId {
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    DeviceId::new(id)
}

/// Verifies a device's answer to a challenge.
///
/// # Errors
/// [`AttestationError`] where the key is not sound or the signature does not match.
pub fn verify_challenge(
    key: &PublicKey,
    challenge: &Challenge,
    signature: &Signature,
) -> Result<(), AttestationError> {
    verify(key, &session_message(challenge), signature)
}

fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), AttestationError> {
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| AttestationError::Key)?;
    if key.is_weak() {
        return Err(AttestationError::Key);
    }
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(message, &signature).map_err(|_| AttestationError::Signature)
}

fn batch_message(device: &DeviceId, time: i64, epoch: &Epoch, hashes: &[ChangeHash]) -> Vec<u8> {
    let mut message = BATCH_DOMAIN.to_vec();
    message.extend(device.as_bytes());
    message.extend(time.to_be_bytes());
    message.extend(epoch.as_bytes());
    for hash in hashes {
        message.extend(hash.as_bytes());
    }
    message
}

fn session_message(challenge: &Challenge) -> Vec<u8> {
    [SESSION_DOMAIN, challenge.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: Epoch = Epoch::new([4; 16]);

    fn hashes() -> Vec<ChangeHash> {
        (0..3).map(|n| ChangeHash::new([n; 32])).collect()
    }

    #[test]
    fn a_batch_holds_as_it_was_signed_and_in_no_other_way() {
        let key = DeviceKey::from_seed(&[1; 32]);
        let signed = key.attest(EPOCH, 1_760_000_000, &hashes());
        assert_eq!(signed.verify(&key.public(), &hashes()), Ok(()));

        let mut turned = hashes();
        turned.swap(0, 1);
        let wrong = Err(AttestationError::Signature);
        assert_eq!(signed.verify(&key.public(), &turned), wrong);
        assert_eq!(signed.verify(&key.public(), &hashes()[..2]), wrong);
        assert_eq!(Attestation { time: 0, ..signed.clone() }.verify(&key.public(), &hashes()), wrong);
        let elsewhere = Attestation { epoch: Epoch::new([5; 16]), ..signed.clone() };
        assert_eq!(elsewhere.verify(&key.public(), &hashes()), wrong);

        let other = DeviceKey::from_seed(&[2; 32]);
        assert_eq!(signed.verify(&other.public(), &hashes()), Err(AttestationError::Device));
        let claimed = Attestation { device: other.device(), ..signed };
        assert_eq!(claimed.verify(&other.public(), &hashes()), wrong);
    }

    #[test]
    fn a_challenge_is_answered_by_the_key_alone() {
        let (key, other) = (DeviceKey::from_seed(&[1; 32]), DeviceKey::from_seed(&[2; 32]));
        let challenge = Challenge::new([8; 32]);
        let answer = key.answer(&challenge);
        assert_eq!(verify_challenge(&key.public(), &challenge, &answer), Ok(()));
        assert!(verify_challenge(&other.public(), &challenge, &answer).is_err());
        assert!(verify_challenge(&key.public(), &Challenge::new([9; 32]), &answer).is_err());
    }

    #[test]
    fn weak_keys_and_no_keys_are_refused() {
        let challenge = Challenge::new([8; 32]);
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut no_point = [0; 32];
        no_point[0] = 2;
        for key in [identity, [0; 32], no_point] {
            let answer = verify_challenge(&PublicKey::new(key), &challenge, &Signature::new([0; 64]));
            assert_eq!(answer, Err(AttestationError::Key));
        }
    }
}
