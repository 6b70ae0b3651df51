//! Hashes, codes and signatures: `digest base64-decode extract-signed uuid`.

use base64ct::{Base64, Base64Unpadded, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result, index};
use crate::expression::tree::Tree;
use crate::expression::value::Value;

/// Longest text that `uuid(length)` makes.
const MAX_TOKEN: usize = 1_024;

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    match function {
        Function::Digest => digest(given),
        Function::Base64Decode => {
            let bytes = decoded(&given.text(0)).unwrap_or_default();
            Value::Text(String::from_utf8_lossy(&bytes).into_owned())
        }
        Function::ExtractSigned => Value::Text(signed(&given.text(0), &given.text(1)).unwrap_or_default()),
        _ => uuid(given),
    }
}

/// `digest(text, algorithm[, encoding])`.
fn digest<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let (text, algorithm) = (given.text(0), given.text(1).to_ascii_uppercase());
    let bytes = text.as_bytes();
    let hash = match algorithm.as_str() {
        "MD5" => Md5::digest(bytes).to_vec(),
        "SHA-1" => Sha1::digest(bytes).to_vec(),
        "SHA-256" => Sha256::digest(bytes).to_vec(),
        "SHA-384" => Sha384::digest(bytes).to_vec(),
        "SHA-512" => Sha512::digest(bytes).to_vec(),
        _ => return given.misused("MD5, SHA-1, SHA-256, SHA-384 or SHA-512"),
    };
    let encoding = if given.len() > 2 { given.text(2).to_ascii_lowercase() } else { "base64".to_owned() };
    match encoding.as_str() {
        "hex" => Value::Text(hex(&hash)),
        "base64" => Value::Text(Base64::encode_string(&hash)),
        _ => given.misused("hex or base64"),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// Base64 of either alphabet, with or without its padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let plain = text.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    Base64Unpadded::decode_vec(&plain).ok()
}

/// The message behind an Ed25519 signature (64 bytes, then the message; all in base64), where the key
/// made it.
fn signed(content: &str, key: &str) -> Option<String> {
    let bytes = decoded(content)?;
    let (signature, message) = bytes.split_at_checked(64)?;
    let key = VerifyingKey::from_bytes(&decoded(key)?.try_into().ok()?).ok()?;
    key.verify_strict(message, &Signature::from_slice(signature).ok()?).ok()?;
    String::from_utf8(message.to_vec()).ok()
}

/// A random UUID of version 4, or so many random hexadecimal digits.
fn uuid<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let digits = |blocks: usize| -> String {
        let bytes: Vec<u8> = (0..blocks).flat_map(|_| given.tree().random().to_be_bytes()).collect();
        hex(&bytes)
    };
    if given.len() > 0 {
        let Some(length) = index(given.number(0)) else { return given.misused("a length") };
        let length = length.min(MAX_TOKEN);
        return Value::Text(digits(length.div_ceil(16)).chars().take(length).collect());
    }
    let mut text = String::with_capacity(36);
    for (place, digit) in digits(2).chars().enumerate() {
        match place {
            8 | 12 | 16 | 20 => text.push('-'),
            _ => {}
        }
        text.push(match (place, digit) {
            (12, _) => '4',
            (16, '0' | '4' | '8' | 'c') => '8',
            (16, '1' | '5' | '9' | 'd') => '9',
            (16, '2' | '6' | 'a' | 'e') => 'a',
            (16, _) => 'b',
            (_, digit) => digit,
        });
    }
    Value::Text(text)
}
