//! The clickers that are known: what their buttons send, which differs by make.

use crossterm::event::KeyCode;

use super::{Key, ch, plain, shift};

/// Clickers of one kind.
#[derive(Debug, Clone, Copy)]
pub struct Clicker {
    /// Makes and models.
    pub name: &'static str,
    /// What each button is for, and the keys that it sends: some send another one each time.
    pub buttons: &'static [(&'static str, &'static [Key])],
}

const FORWARD: (&str, &[Key]) = ("forward", &[plain(KeyCode::PageDown)]);
const BACK: (&str, &[Key]) = ("back", &[plain(KeyCode::PageUp)]);
const START: &[Key] = &[plain(KeyCode::F(5)), shift(KeyCode::F(5)), plain(KeyCode::Esc)];

/// The clickers that are known. The stage's own keys (`greenroom config --print`) answer to all of them.
pub const CLICKERS: &[Clicker] = &[
    Clicker {
        name: "Logitech R400, R500, R700, R800",
        buttons: &[FORWARD, BACK, ("start, stop", START), ("black screen", &[ch('.'), ch('b')])],
    },
    Clicker {
        name: "Logitech Spotlight, R500s",
        buttons: &[
            ("forward", &[plain(KeyCode::Right), plain(KeyCode::PageDown)]),
            ("back", &[plain(KeyCode::Left), plain(KeyCode::PageUp)]),
        ],
    },
    Clicker {
        name: "Kensington Presenter, Expert",
        buttons: &[FORWARD, BACK, ("start, stop", START), ("black screen", &[ch('b'), ch('.')])],
    },
    Clicker {
        name: "Targus AMP",
        buttons: &[
            FORWARD,
            BACK,
            ("start, stop", START),
            ("black screen", &[ch('b'), ch('.')]),
            ("next window, choose", &[plain(KeyCode::Tab), plain(KeyCode::Enter)]),
        ],
    },
    Clicker {
        name: "Norwii, DSIT",
        buttons: &[
            ("forward", &[plain(KeyCode::PageDown), plain(KeyCode::Down), plain(KeyCode::Right)]),
            ("back", &[plain(KeyCode::PageUp), plain(KeyCode::Up), plain(KeyCode::Left)]),
            ("start, stop", START),
            ("black screen", &[ch('b'), ch('.')]),
            ("next link, open it", &[plain(KeyCode::Tab), plain(KeyCode::Enter)]),
        ],
    },
    Clicker {
        name: "others",
        buttons: &[
            (
                "forward",
                &[
                    plain(KeyCode::PageDown),
                    plain(KeyCode::Right),
                    plain(KeyCode::Down),
                    plain(KeyCode::Enter),
                    ch(' '),
                ],
            ),
            ("back", &[plain(KeyCode::PageUp), plain(KeyCode::Left), plain(KeyCode::Up)]),
            ("start, stop", START),
            ("black screen", &[ch('b'), ch('.')]),
        ],
    },
];

/// Whether a clicker sends this key: it must never end a talk or agree to anything.
#[must_use]
pub fn is_clickers(key: Key) -> bool {
    CLICKERS.iter().flat_map(|clicker| clicker.buttons).any(|(_, keys)| keys.contains(&key))
}
