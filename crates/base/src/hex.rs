//! Bytes as hexadecimal digits, and back.

/// Two small digits for each byte.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().map_or('0', char::from);
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of an even number of digits, small or capital; nothing for any other text.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?)).collect()
}

/// The value of one digit, small or capital.
#[must_use]
pub fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let text = encode(&all);
        assert_eq!((text.len(), &text[..6], &text[506..]), (512, "000102", "fdfeff"));
        assert_eq!(decode(&text).as_deref(), Some(&*all));
        assert_eq!(decode(&text.to_uppercase()).as_deref(), Some(&*all));
        assert_eq!((encode([]), decode("")), (String::new(), Some(Vec::new())));
        assert!(["0", "0g", "000", "+1", "é0"].iter().all(|text| decode(text).is_none()));
    }
}
