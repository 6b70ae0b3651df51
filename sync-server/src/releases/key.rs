//! The key that releases are signed with: Ed25519 over the manifest's bytes as they are, so that any program can check it
//! (`openssl pkeyutl -verify -pubin -inkey release.pem -rawin -in manifest.json -sigfile manifest.sig`). It signs nothing
//! else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use replica::{PublicKey, Signature};
use sha2::{Digest as _, Sha256};

/// What stands before an Ed25519 public key in a `SubjectPublicKeyInfo` (RFC 8410).
const INFO: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// A store's key pair for releases. The secret half is wiped when it is dropped.
pub struct ReleaseKey(SigningKey);

impl ReleaseKey {
    /// The key pair of these 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(self.0.verifying_key().to_bytes())
    }

    /// Signs a manifest: the same bytes give the same signature.
    pub fn sign(&self, manifest: &[u8]) -> Signature {
        Signature::new(self.0.sign(manifest).to_bytes())
    }
}

/// True where the signature is this key's over this manifest.
pub fn holds(key: &PublicKey, manifest: &[u8], signature: &Signature) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(key.as_bytes()) else { return false };
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    !key.is_weak() && key.verify_strict(manifest, &signature).is_ok()
}

/// The key as PEM, which other programs read.
pub fn to_pem(key: &PublicKey) -> String {
    let bytes = [INFO.as_slice(), key.as_bytes()].concat();
    format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(bytes))
}

/// A key out of PEM, or out of 64 hexadecimal digits.
pub fn from_text(text: &str) -> Option<PublicKey> {
    let text = text.trim();
    if let Ok(key) = text.parse() {
        return Some(key);
    }
    let inside: String = text.strip_prefix(BEGIN)?.strip_suffix(END)?.split_whitespace().collect();
    let bytes = STANDARD.decode(inside).ok()?;
    PublicKey::try_from(bytes.strip_prefix(&INFO)?).ok()
}

/// What people compare over the telephone: SHA-256 of the key's 32 bytes.
pub fn fingerprint(key: &PublicKey) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_out_of_pem_and_hex_and_nothing_else_is_taken_for_one() {
        let key = ReleaseKey::from_seed(&[7; 32]).public();
        assert_eq!(from_text(&to_pem(&key)), Some(key));
        assert_eq!(from_text(&format!(" {key}\n")), Some(key));
        for other in ["", "abc", BEGIN, "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"] {
            assert_eq!(from_text(other), None, "{other}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_bytes_and_its_key_alone() {
        let (key, other) = (ReleaseKey::from_seed(&[7; 32]), ReleaseKey::from_seed(&[8; 32]));
        let signature = key.sign(b"manifest");
        assert_eq!(signature, key.sign(b"manifest"));
        assert!(holds(&key.public(), b"manifest", &signature));
        assert!(!holds(&key.public(), b"manifesT", &signature));
        assert!(!holds(&other.public(), b"manifest", &signature));
        // A point of small order "signs" anything.
        assert!(!holds(&PublicKey::new([0; 32]), b"manifest", &Signature::new([0; 64])));
    }
}
