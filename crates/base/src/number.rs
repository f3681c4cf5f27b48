//! How numbers are said: the one place that knows separators, units, and how many digits count.

use std::fmt;
use std::ops::Deref;

/// A number in the form in which it is shown. Only the functions of this module make one, so that a pane's numbers all
/// look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// What stands where nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self("–".to_owned())
    }

    /// A value that may not be known, said by `say`.
    pub fn or_unknown<T>(value: Option<T>, say: impl FnOnce(T) -> Self) -> Self {
        value.map_or_else(Self::unknown, say)
    }

    /// The same with words behind it: `2.4 of 8`.
    #[must_use]
    pub fn with(mut self, words: &str) -> Self {
        self.0.push_str(words);
        self
    }

    /// The form for block letters: between thousands stands a [`THIN`] space, since a comma takes as much room as a digit.
    #[must_use]
    pub fn in_blocks(&self) -> String {
        self.0.replace(',', &String::from(THIN))
    }
}

/// Half as wide as a letter where block letters are written.
pub const THIN: char = '\u{2009}';

impl Deref for Number {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.0
    }
}

/// `1,234,567`
#[must_use]
pub fn count(number: u64) -> Number {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    Number(out)
}

/// At most five characters: `9999`, `52.0k`, `14.8M`.
#[must_use]
pub fn short(number: u64) -> Number {
    for (unit, sign) in [(1_000_000_000_u64, 'G'), (1_000_000, 'M'), (1_000, 'k')] {
        // From four digits on; five of thousands are still read with ease.
        if number >= unit.saturating_mul(10) || (unit > 1_000 && number >= unit) {
            let (whole, tenth) = (number / unit, number % unit / (unit / 10));
            return Number(if whole < 100 {
                format!("{whole}.{tenth}{sign}")
            } else {
                format!("{whole}{sign}")
            });
        }
    }
    Number(number.to_string())
}

/// For reading at a glance: `12.3`, `1,234`, `2.35M`.
#[must_use]
pub fn glance(value: f64) -> Number {
    match value {
        value if !value.is_finite() => Number::unknown(),
        value if value < 99.95 && value > 0.0 => tenths(value),
        value if value < 999_999.5 => count(rounded(value)),
        value if value < 999.5e6 => Number(format!("{:.2}M", value / 1e6)),
        value if value < 1e15 => Number(format!("{:.1}G", value / 1e9)),
        _ => Number("∞".to_owned()),
    }
}

/// Figures that are compared, all with the same digits behind the point: whole ones where the largest has three digits or more,
/// tenths otherwise; `92.6` never stands beside `143`. What would be no more than 0 keeps a form of its own.
#[must_use]
pub fn alike(values: &[Option<f64>]) -> Vec<Number> {
    let most = values.iter().flatten().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
    let one = |value: f64| match value {
        value if !value.is_finite() || value <= 0.0 => glance(value),
        value if (99.95..999_999.5).contains(&most) && value >= 0.5 => count(rounded(value)),
        value if (999_999.5..999.5e6).contains(&most) && value >= 5_000.0 => {
            Number(format!("{:.2}M", value / 1e6))
        }
        value => glance(value),
    };
    values.iter().map(|value| Number::or_unknown(*value, one)).collect()
}

/// `2.4`
#[must_use]
pub fn tenths(value: f64) -> Number {
    Number(format!("{value:.1}"))
}

/// The whole number nearest to `value`, without separators: `12345`.
#[must_use]
pub fn plain(value: f64) -> Number {
    Number(format!("{value:.0}"))
}

/// A whole number without separators: `12345`.
#[must_use]
pub fn whole(value: u64) -> Number {
    Number(value.to_string())
}

/// A ratio as a factor: two digits that count, and three where it is close to 1.
#[must_use]
pub fn times(ratio: f64) -> Number {
    factor(ratio, near_one(ratio))
}

/// Whether a ratio is so close to 1 that it takes a digit more.
#[must_use]
pub fn near_one(ratio: f64) -> bool {
    (0.8..1.25).contains(&ratio)
}

/// A ratio as a factor, `fine` with a digit more.
#[must_use]
pub fn factor(ratio: f64, fine: bool) -> Number {
    if !ratio.is_finite() {
        return Number("?".to_owned());
    }
    if ratio < 0.005 {
        return Number("less than 0.01".to_owned());
    }
    if ratio >= 100.0 {
        return plain(ratio);
    }
    let text = if fine || ratio < 1.0 { format!("{ratio:.2}") } else { format!("{ratio:.1}") };
    Number(if fine { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() })
}

/// So many of so many, so that it can be said aloud: `2 of 3`, `67 of 100`, `1 in 1,300`.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // rounded on purpose
pub fn share(part: u64, whole: u64) -> Number {
    if whole < 100 || part == 0 {
        return Number(format!("{} of {}", count(part), count(whole)));
    }
    let ratio = part as f64 / whole as f64;
    if ratio >= 0.0095 {
        return Number(format!("{:.0} of 100", ratio * 100.0));
    }
    // Two digits are enough: the counts depend on the machine.
    let one_in = 1.0 / ratio;
    let step = 10_f64.powf((one_in.log10().floor() - 1.0).max(0.0));
    Number(format!("1 in {}", count(((one_in / step).round() * step) as u64)))
}

/// So many of so many in percent: `1.5 %`.
#[must_use]
#[allow(clippy::cast_precision_loss)] // for reading
pub fn percent(part: u64, whole: u64) -> Number {
    Number(format!("{:.1} %", part as f64 * 100.0 / (whole as f64).max(1.0)))
}

/// `12 %`
#[must_use]
pub fn whole_percent(percent: u64) -> Number {
    Number(format!("{percent} %"))
}

/// Microseconds as people say them: `850 µs`, `8.5 ms`, `1.2 s`.
#[allow(clippy::cast_precision_loss)] // for reading
#[must_use]
pub fn latency(micros: u64) -> Number {
    let value = micros as f64;
    Number(match micros {
        0..=999 => format!("{micros} µs"),
        1_000..=9_949 => format!("{:.1} ms", value / 1e3),
        9_950..=999_499 => format!("{:.0} ms", value / 1e3),
        999_500..=99_949_999 => format!("{:.1} s", value / 1e6),
        _ => format!("{:.0} s", value / 1e6),
    })
}

/// `12 s`
#[must_use]
pub fn seconds(seconds: f64) -> Number {
    Number(format!("{seconds:.0} s"))
}

/// `12 s`, of whole ones.
#[must_use]
pub fn whole_seconds(seconds: u64) -> Number {
    Number(format!("{seconds} s"))
}

/// `12.3 s`
#[must_use]
pub fn fine_seconds(seconds: f64) -> Number {
    Number(format!("{seconds:.1} s"))
}

/// Mebibytes with their unit: `0.5 MiB`, `1,234 MiB`, `20.0 GiB`.
#[must_use]
pub fn mib(value: f64) -> Number {
    match value {
        value if !value.is_finite() => Number::unknown(),
        value if value < 9.95 => Number(format!("{value:.1} MiB")),
        value if value < 9_999.5 => Number(format!("{} MiB", count(rounded(value)))),
        value => Number(format!("{:.1} GiB", value / 1024.0)),
    }
}

/// Kibibytes, said as mebibytes.
#[must_use]
#[allow(clippy::cast_precision_loss)] // for reading
pub fn kib(kib: u64) -> Number {
    mib(kib as f64 / 1024.0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below a million
fn rounded(value: f64) -> u64 {
    value.max(0.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<const N: usize>(numbers: [Number; N]) -> [String; N] {
        numbers.map(String::from)
    }

    #[test]
    fn numbers_are_short_enough_for_a_column() {
        assert_eq!(
            said([0.0, 3.21, 99.96, 999.6, 12_345.4, 1_234_567.0, 5e11, 1e300].map(glance)),
            ["0", "3.2", "100", "1,000", "12,345", "1.23M", "500.0G", "∞"]
        );
        assert_eq!(
            said([0, 999, 8_460, 9_960, 84_600, 999_600, 250_000_000].map(latency)),
            ["0 µs", "999 µs", "8.5 ms", "10 ms", "85 ms", "1.0 s", "250 s"]
        );
        assert_eq!(
            said([0.5, 61.2, 1234.0, 20_480.0].map(mib)),
            ["0.5 MiB", "61 MiB", "1,234 MiB", "20.0 GiB"]
        );
        assert_eq!(said([percent(1, 66), percent(0, 0), whole_percent(7)]), ["1.5 %", "0.0 %", "7 %"]);
        assert_eq!(&*Number::or_unknown(None, glance), "–");
        assert_eq!(glance(12_345.0).in_blocks(), "12\u{2009}345");
    }

    #[test]
    fn figures_that_are_compared_have_the_same_precision() {
        let said = |values: &[f64]| {
            let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
            alike(&values).into_iter().map(String::from).collect::<Vec<_>>()
        };
        assert_eq!(said(&[92.6, 143.2]), ["93", "143"]);
        assert_eq!(said(&[92.6, 43.25]), ["92.6", "43.2"]);
        assert_eq!(said(&[37_622.4, 92.6]), ["37,622", "93"]);
        assert_eq!(said(&[997_966.0, 2_350_000.0]), ["1.00M", "2.35M"]);
        assert_eq!(said(&[0.2, 4_000.0, 0.0, f64::NAN]), ["0.2", "4,000", "0", "–"]);
        assert_eq!(said(&[1e12, 3.0]), ["1000.0G", "3.0"]);
        assert_eq!(alike(&[None, Some(3.0)]).iter().map(|one| &**one).collect::<Vec<_>>(), ["–", "3.0"]);
    }

    #[test]
    fn a_factor_has_the_digits_that_count() {
        assert_eq!(
            said([1.8, 0.8, 0.77, 2.0, 12.34, 250.2].map(times)),
            ["1.8", "0.80", "0.77", "2", "12.3", "250"]
        );
        assert_eq!(said([1.0, 1.04, 1e-4, f64::NAN].map(times)), ["1.00", "1.04", "less than 0.01", "?"]);
    }

    #[test]
    fn numbers_can_be_said_aloud() {
        assert_eq!(
            said([share(2, 3), share(67, 100), share(1, 105_732)]),
            ["2 of 3", "67 of 100", "1 in 110,000"]
        );
        assert_eq!(said([share(0, 9_999_999), share(3, 4000)]), ["0 of 9,999,999", "1 in 1,300"]);
        assert_eq!(
            said([short(0), short(9_999), short(14_811_236), short(52_000)]),
            ["0", "9999", "14.8M", "52.0k"]
        );
        assert_eq!(
            said([count(1), count(1_000), count(u64::MAX)]),
            ["1", "1,000", "18,446,744,073,709,551,615"]
        );
        assert!([999_999, 10_000_000_000, 12_345_678].iter().all(|n| short(*n).len() <= 5));
    }
}
