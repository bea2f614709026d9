//! Short identifiers that are copied, not allocated.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A short ASCII identifier: ISO 3166-1 alpha-3 (`SYR`), an OCHA P-code (`SY070200`), an H3 cell.
///
/// Up to 15 bytes are kept in place, because a table of a million observations holds two million of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code {
    bytes: [u8; 15],
    len: u8,
}

/// What [`Code`] does not take: nothing, more than 15 bytes, or anything but letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a code: 1 to 15 letters, digits, `-` or `_` were expected")]
pub struct CodeError(pub String);

impl Code {
    /// People whose country of origin the publisher does not know.
    pub const UNKNOWN: Code = Code::of("UNK");

    const fn of(text: &str) -> Code {
        let source = text.as_bytes();
        let mut bytes = [0; 15];
        let mut i = 0;
        while i < source.len() {
            bytes[i] = source[i];
            i += 1;
        }
        Code { bytes, len: source.len() as u8 }
    }

    /// Takes `text` as it is.
    ///
    /// # Errors
    /// [`CodeError`] where `text` is empty, too long or holds another character.
    pub fn new(text: &str) -> Result<Code, CodeError> {
        let fits = (1..=15).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits { Ok(Code::of(text)) } else { Err(CodeError(text.chars().take(40).collect())) }
    }

    /// The code as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // The constructor admits ASCII only.
        std::str::from_utf8(&self.bytes[..self.len as usize]).unwrap_or_default()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl FromStr for Code {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Code, CodeError> {
        Code::new(text)
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;
    fn try_from(text: String) -> Result<Code, CodeError> {
        Code::new(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> String {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_code() {
        for bad in ["", " SYR", "SY 07", "a very long identifier", "SYRİ"] {
            assert!(Code::new(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn keeps_the_text_and_its_order(a in "[A-Za-z0-9_-]{1,15}", b in "[A-Za-z0-9_-]{1,15}") {
            let (x, y) = (Code::new(&a).unwrap(), Code::new(&b).unwrap());
            prop_assert_eq!(x.as_str(), a.as_str());
            prop_assert_eq!(x == y, a == b);
            prop_assert_eq!(x < y, a.as_str() < b.as_str() );
        }
    }
}
