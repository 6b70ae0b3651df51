//! Enrolment codes: eight characters that are easy to read aloud and to type.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::database::StoreError;
use crate::random;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

/// A one-time code, shown as `7K3M-9QXT`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; LENGTH]);

/// A text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a code has eight letters and digits, such as 7K3M-9QXT")]
pub struct CodeError;

impl Code {
    /// A new code: 40 random bits.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn random() -> Result<Self, StoreError> {
        let random: [u8; LENGTH] = random::bytes()?;
        Ok(Self(random.map(|byte| ALPHABET[usize::from(byte & 31)])))
    }

    /// The characters without the dash, as they are kept and compared.
    pub fn characters(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Code {
    type Err = CodeError;

    /// Takes small letters, blanks and dashes, and the letters that people write for digits.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut characters = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).map(|byte| match byte
            .to_ascii_uppercase()
        {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        });
        let mut code = [0; LENGTH];
        for place in &mut code {
            *place = characters.next().filter(|byte| ALPHABET.contains(byte)).ok_or(CodeError)?;
        }
        if characters.next().is_some() { Err(CodeError) } else { Ok(Self(code)) }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = self.0.split_at(LENGTH / 2);
        write!(f, "{}-{}", String::from_utf8_lossy(left), String::from_utf8_lossy(right))
    }
}

/// A code is a secret until it is used, so logs show none.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = Code::random().unwrap();
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('0', "o")] {
            assert!(typed.parse::<Code>().unwrap() == code, "{typed}");
        }
    }

    #[test]
    fn what_is_not_a_code_is_refused() {
        for text in ["", "7K3M", "7K3M-9QXTT", "7K3M-9QX!", "UUUU-UUUU", "ＡＡＡＡ-ＡＡＡＡ"] {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
    }
}
