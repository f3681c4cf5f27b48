//! Addresses as QR codes.

use std::sync::Arc;

use qrcode::{EcLevel, QrCode};

/// An address that is shown as a QR code.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Qr {
    /// Where it leads.
    pub address: Arc<str>,
    side: usize,
    dark: Arc<[bool]>,
    /// It is whatever the audience's address is.
    audience: bool,
}

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.audience {
            // The address is the stage's, and no part of the deck.
            return f.write_str("Qr(audience)");
        }
        write!(f, "Qr({}, {} modules)", self.address, self.side)
    }
}

impl Qr {
    /// Modules that stay light around a code. The standard wants four; cameras read it with two, and slides have little room.
    const QUIET: usize = 2;

    /// The code of `address`, with the least that mends it, so that its modules are as large as they can be; none when it is
    /// longer than a code holds.
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
        let dark = code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
        Some(Self { address: address.into(), side: code.width(), dark, audience: false })
    }

    /// The code of the audience's address, as long as nobody knows it: it has no modules.
    #[must_use]
    pub fn audience() -> Self {
        Self { address: Arc::from(""), side: 0, dark: Arc::from([]), audience: true }
    }

    /// A code of an address that is the audience's.
    #[must_use]
    pub(crate) fn of_audience(self) -> Self {
        Self { audience: true, ..self }
    }

    /// Whether it is the audience's, whatever its address is.
    #[must_use]
    pub(crate) fn is_audiences(&self) -> bool {
        self.audience
    }

    /// Whether it is the audience's, and nobody knows the address: there is none to show.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.side == 0
    }

    /// Modules across and down, with the light ones around it.
    #[must_use]
    pub fn modules(&self) -> usize {
        self.side + 2 * Self::QUIET
    }

    /// Rows of cells, each of which shows two modules.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.modules().div_ceil(2)
    }

    /// Whether a module is dark, counted from the upper left corner of the light ones around the code.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(Self::QUIET).filter(|at| *at < self.side);
        let (Some(x), Some(y)) = (inside(x), inside(y)) else { return false };
        self.dark.get(y * self.side + x).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corners_and_light_around_it() {
        let qr = Qr::of("https://example.org").unwrap();
        assert_eq!(qr.modules(), 25 + 2 * Qr::QUIET);
        let (first, last) = (Qr::QUIET, Qr::QUIET + 24);
        assert!(qr.is_dark(first, first) && qr.is_dark(last, first) && qr.is_dark(first, last));
        assert!(
            (0..qr.modules())
                .all(|at| !qr.is_dark(at, 0) && !qr.is_dark(0, at) && !qr.is_dark(at, qr.modules() - 1))
        );
        assert!(!qr.is_dark(1000, 1000));
        assert!(Qr::of(&"x".repeat(3000)).is_none());
    }
}
