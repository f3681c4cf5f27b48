//! Where a recording stands in its time.

use std::fmt;

use super::status_text::clock;
use greenroom_base::clock::Elapsed;

/// A recording's place in its time, for the bar under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Winding {
    /// Where it stands.
    pub at: Elapsed,
    /// How long it is, once that is known.
    pub length: Option<Elapsed>,
    /// How many times as fast as the run was.
    pub speed: f64,
    /// The moments that have a mark.
    pub marks: Vec<Elapsed>,
}

impl Winding {
    /// What has been played, from 0 to 1; nothing as long as the length is not known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.share_of(self.at)
    }

    /// The places of the marks, from 0 to 1.
    pub fn marked(&self) -> impl Iterator<Item = f64> {
        self.marks.iter().filter_map(|mark| self.share_of(*mark))
    }

    #[allow(clippy::cast_precision_loss)] // a share of a width
    fn share_of(&self, at: Elapsed) -> Option<f64> {
        let length = self.length.filter(|length| length.micros() > 0)?;
        Some((at.micros() as f64 / length.micros() as f64).clamp(0.0, 1.0))
    }

    /// Where it stands, `00:12`, and how long it is with its speed, `00:57 ×2`.
    #[must_use]
    pub fn ends(&self) -> (String, String) {
        let mut end = self.length.map(clock).unwrap_or_default();
        #[allow(clippy::float_cmp)] // set to exactly 1 unless somebody asks for another
        if self.speed != 1.0 {
            end = [end, format!("×{}", self.speed)].join(" ");
        }
        (clock(self.at), end.trim_start().to_owned())
    }
}

impl fmt::Display for Winding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ends() {
            (at, end) if self.length.is_some() => write!(f, "{at} / {end}"),
            (at, end) => f.write_str(format!("{at} {end}").trim_end()),
        }
    }
}
