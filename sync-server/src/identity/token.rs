//! Challenges and session tokens: made and checked with a secret alone, so that no table grows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use replica::{Challenge, DeviceId};
use sha2::Sha256;
use thiserror::Error;

use crate::database::StoreError;
use crate::random;

/// Seconds that a challenge can be answered.
const CHALLENGE_SECONDS: i64 = 120;
/// Seconds that a session lasts.
const SESSION_SECONDS: i64 = 12 * 60 * 60;
const MAC: usize = 16;

/// A challenge or token that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Made by no server of this secret, for another device, or changed on the way.
    #[error("not one of this server's")]
    Forged,
    /// Once good.
    #[error("no longer valid")]
    Ended,
}

/// What the server's challenges and tokens are made with.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A keyed hash; `purpose` keeps one use from standing in for another.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        hmac_of(&self.0, purpose, parts).map_or([0; 32], |mac| mac.finalize().into_bytes().into())
    }

    fn is_mac(&self, purpose: &str, parts: &[&[u8]], short: &[u8]) -> bool {
        hmac_of(&self.0, purpose, parts).is_some_and(|mac| mac.verify_truncated_left(short).is_ok())
    }

    /// A challenge for one device: when it ends, 8 random bytes, and the mark of both.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn challenge(&self, device: DeviceId, now: i64) -> Result<Challenge, StoreError> {
        let ends = (now + CHALLENGE_SECONDS).to_be_bytes();
        let random: [u8; 8] = random::bytes()?;
        let mac = self.mac("challenge", &[device.as_bytes(), &ends, &random]);
        let mut challenge = [0; 32];
        challenge[..8].copy_from_slice(&ends);
        challenge[8..16].copy_from_slice(&random);
        challenge[16..].copy_from_slice(&mac[..MAC]);
        Ok(Challenge::new(challenge))
    }

    /// Takes a challenge back.
    ///
    /// # Errors
    /// Where it is not ours, not this device's, or too old.
    pub fn check_challenge(
        &self,
        device: DeviceId,
        challenge: &Challenge,
        now: i64,
    ) -> Result<(), TokenError> {
        let (head, mac) = challenge.as_bytes().split_at(16);
        let (ends, random) = head.split_at(8);
        if !self.is_mac("challenge", &[device.as_bytes(), ends, random], mac) {
            return Err(TokenError::Forged);
        }
        not_ended(ends, now).map(|_| ())
    }

    /// A session token for a device, as base64url, and when it ends (Unix seconds).
    pub fn token(&self, device: DeviceId, now: i64) -> (String, i64) {
        let ends = now + SESSION_SECONDS;
        let mac = self.mac("session", &[device.as_bytes(), &ends.to_be_bytes()]);
        let bytes = [device.as_bytes().as_slice(), &ends.to_be_bytes(), &mac[..MAC]].concat();
        (URL_SAFE_NO_PAD.encode(bytes), ends)
    }

    /// The device that a token was made for, and when the token ends (Unix seconds). Whether it may still do anything, and what, is for
    /// the table of devices to say, so that a revocation holds at once.
    ///
    /// # Errors
    /// Where the token is not ours, or has ended.
    pub fn check_token(&self, token: &str, now: i64) -> Result<(DeviceId, i64), TokenError> {
        let mut bytes = [0; DeviceId::LEN + 8 + MAC];
        let read = URL_SAFE_NO_PAD.decode_slice(token, &mut bytes).map_err(|_| TokenError::Forged)?;
        if read != bytes.len() {
            return Err(TokenError::Forged);
        }
        let (device, rest) = bytes.split_at(DeviceId::LEN);
        let (ends, mac) = rest.split_at(8);
        if !self.is_mac("session", &[device, ends], mac) {
            return Err(TokenError::Forged);
        }
        let ends = not_ended(ends, now)?;
        let device = DeviceId::try_from(device).map_err(|_| TokenError::Forged)?;
        Ok((device, ends))
    }
}

fn hmac_of(secret: &[u8], purpose: &str, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    // A key of any length is taken; the error type is for other kinds of code.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(b"loket ");
    mac.update(purpose.as_bytes());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Some(mac)
}

fn not_ended(ends: &[u8], now: i64) -> Result<i64, TokenError> {
    let ends = ends.try_into().map(i64::from_be_bytes).map_err(|_| TokenError::Forged)?;
    if now <= ends { Ok(ends) } else { Err(TokenError::Ended) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: DeviceId = DeviceId::new([1; 16]);
    const TWO: DeviceId = DeviceId::new([2; 16]);

    #[test]
    fn a_token_holds_for_its_device_until_it_ends() {
        let secret = Secret::new([7; 32]);
        let (token, ends) = secret.token(ONE, 1_000);
        assert_eq!(secret.check_token(&token, ends), Ok((ONE, ends)));
        assert_eq!(secret.check_token(&token, ends + 1), Err(TokenError::Ended));
        assert_eq!(Secret::new([8; 32]).check_token(&token, 1_000), Err(TokenError::Forged));
    }

    #[test]
    fn a_token_with_any_digit_changed_is_forged() {
        let secret = Secret::new([7; 32]);
        let (token, _) = secret.token(ONE, 1_000);
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(secret.check_token(&changed, 1_000), Err(TokenError::Forged), "{place}");
        }
        assert_eq!(secret.check_token("", 1_000), Err(TokenError::Forged));
    }

    #[test]
    fn a_challenge_is_for_one_device_and_two_minutes() {
        let secret = Secret::new([7; 32]);
        let challenge = secret.challenge(ONE, 1_000).unwrap();
        assert_eq!(secret.check_challenge(ONE, &challenge, 1_120), Ok(()));
        assert_eq!(secret.check_challenge(ONE, &challenge, 1_121), Err(TokenError::Ended));
        assert_eq!(secret.check_challenge(TWO, &challenge, 1_000), Err(TokenError::Forged));
    }

    #[test]
    fn a_challenge_is_no_token() {
        let secret = Secret::new([7; 32]);
        assert_ne!(secret.mac("challenge", &[b"x"]), secret.mac("session", &[b"x"]));
        assert_ne!(secret.mac("session", &[b"xy", b""]), secret.mac("session", &[b"x", b"y"]));
    }
}
