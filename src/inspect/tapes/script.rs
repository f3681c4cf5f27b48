//! Whether a recording can be gone through by the steps of its demo's script.

use greenroom_deck::{Demo, Script};
use greenroom_tape::Player;

/// Why a recording does not go with the scripts of `demos`, which it plays for; nothing when it does.
pub(super) fn mismatched(player: &Player, demos: &[(String, Demo)]) -> Option<String> {
    let marks = || player.marks().iter().map(|mark| mark.name.as_str());
    let mut scripts =
        demos.iter().map(|(_, demo)| Script::of(&demo.script)).filter(|script| !script.is_empty());
    let wrong = |script: Script| match script.lacks_marks(marks()) {
        Some(lacks) => Some(format!("it plays as a whole: {lacks}")),
        None => script.differs_from(marks()),
    };
    scripts.find_map(wrong)
}
