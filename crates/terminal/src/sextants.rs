//! Sextants (U+1FB00 to U+1FB3B: two by three pixels in a cell) for terminals and fonts that lack them.
//!
//! A terminal that draws them by itself needs no font for it; one that does not shows holes, as xterm does. What a
//! terminal can do is told by its environment: none of them can be asked.

/// The version from which VTE (GNOME Terminal and its kin) draws them, as its `VTE_VERSION` says it.
const VTE: u32 = 62_00;

/// The quadrants (two by two pixels) by their bits: left and right above, left and right below.
const QUADRANTS: [char; 16] =
    [' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█'];

/// Whether the terminal that this environment tells of draws sextants by itself. Inside of tmux what it was started in counts.
pub fn drawn(get: impl Fn(&str) -> Option<String>) -> bool {
    let get = |name: &str| get(name).unwrap_or_default();
    let term = get("TERM");
    let by_name = ["xterm-kitty", "xterm-ghostty", "foot", "wezterm", "contour"];
    by_name.iter().any(|name| term.starts_with(name))
        || matches!(get("TERM_PROGRAM").as_str(), "ghostty" | "WezTerm" | "iTerm.app")
        || ["KITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "WEZTERM_PANE", "WT_SESSION"]
            .iter()
            .any(|name| !get(name).is_empty())
        || get("VTE_VERSION").parse().is_ok_and(|version: u32| version >= VTE)
}

/// The quadrant nearest to a sextant, if the character with this code is one: every font has it. The sextant's middle row goes where it
/// touches something, or up.
#[inline]
pub(crate) fn quadrant(code: u32) -> Option<char> {
    (0x1fb00..=0x1fb3b).contains(&code).then(|| nearest(code - 0x1fb00 + 1)).flatten()
}

/// The one for the sextant that is `index` in their row, from 1.
fn nearest(index: u32) -> Option<char> {
    // Left and right halves, 21 and 42 by their bits, are older characters, and left out of the row.
    let bits = index + u32::from(index >= 21) + u32::from(index >= 41);
    let column = |side: u32| {
        let [top, middle, bottom] = [0, 2, 4].map(|row| bits >> (row + side) & 1 == 1);
        (top || middle && !bottom, bottom)
    };
    let ((left_top, left_bottom), (right_top, right_bottom)) = (column(0), column(1));
    let place = usize::from(left_top)
        | usize::from(right_top) << 1
        | usize::from(left_bottom) << 2
        | usize::from(right_bottom) << 3;
    QUADRANTS.get(place).copied()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_environment_tells_who_draws_them() {
        let drawn = |name: &str, value: &str| super::drawn(|asked| (asked == name).then(|| value.to_owned()));
        assert!(drawn("TERM", "xterm-kitty") && drawn("TERM", "foot-extra") && drawn("VTE_VERSION", "7006"));
        assert!(
            drawn("WT_SESSION", "1") && drawn("TERM_PROGRAM", "WezTerm") && drawn("KITTY_WINDOW_ID", "3")
        );
        assert!(!drawn("TERM", "xterm-256color") && !drawn("TERM", "linux") && !drawn("VTE_VERSION", "5202"));
        assert!(!drawn("TERM_PROGRAM", "Apple_Terminal") && !drawn("TERM", ""));
    }

    #[test]
    fn each_sextant_is_a_quadrant_and_nothing_else_changes() {
        let quadrant = |c: char| super::quadrant(u32::from(c));
        // 🬀 is the first above left, 🬻 all but the first.
        assert_eq!(quadrant('\u{1fb00}'), Some('▘'));
        assert_eq!(quadrant('\u{1fb3b}'), Some('▟'));
        assert_eq!(quadrant('\u{1fb02}'), Some('▀'));
        // Both halves are left out of the row: on either side of them.
        assert_eq!([quadrant('\u{1fb13}'), quadrant('\u{1fb14}')], [Some('▖'), Some('▞')]);
        assert_eq!(quadrant('\u{1fb2d}'), Some('▄'), "the lowest row");
        for c in '\u{1fb00}'..='\u{1fb3b}' {
            assert!(quadrant(c).is_some_and(|quadrant| quadrant != ' '), "{c}");
        }
        assert_eq!(['a', '▌', '\u{1fb3c}', '\u{1faff}'].map(quadrant), [None; 4]);
    }
}
