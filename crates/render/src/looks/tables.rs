//! Tables: grounds instead of rules, and words that judge.

use std::fmt::Write as _;

use super::*;
use crate::layout::columns;
use greenroom_deck::Role;

const VERDICTS: &str = "# Seen?\n\n\
    | the bug | GIL | free threaded |\n|---|---|---|\n\
    | `x += 1` | {{a.ndjson fine}} | {{a.ndjson often}} |\n\
    | a shared QuerySet | <span class=\"fair\">rare</span> | {{a.ndjson often}} |\n\
    | | by luck | **often** |\n\
    | a [link](https://example.com) | – | <span class=\"good\">not seen</span> |\n\
    | state | <span class=\"bad\">✗ by hand</span> | |\n";

#[test]
fn grounds_part_the_rows_and_words_that_judge_have_colours_and_signs() {
    insta::assert_snapshot!("close", look(VERDICTS, (70, 11)));
    insta::assert_snapshot!("airy", look(VERDICTS, (70, 30)));
}

#[test]
fn what_judges_has_its_sign_and_its_colour_in_every_theme() {
    let mut looks = String::new();
    for name in greenroom_parse::theme_names() {
        let mut deck = deck(VERDICTS);
        deck.theme = std::sync::Arc::new(greenroom_parse::builtin_theme(name).unwrap());
        let scene = scene(&deck, (80, 24));
        let runs: Vec<_> = items(&scene)
            .filter_map(|item| match &item.what {
                Kind::Line(runs) => Some(runs),
                _ => None,
            })
            .flatten()
            .collect();
        for (says, role) in [
            ("✓ fine", Role::Good),
            ("✗ often", Role::Bad),
            ("~ rare", Role::Warn),
            ("✓ not seen", Role::Good),
            ("✗ by hand", Role::Bad),
        ] {
            let run = runs.iter().find(|run| run.text == says).unwrap_or_else(|| panic!("{says}: {runs:?}"));
            assert_eq!(run.style.fg, Some(deck.theme.color(role).into()), "{name}: {says}");
        }
        let plain = |says: &str| runs.iter().any(|run| run.text == says);
        assert!(plain("often") && plain("by luck"), "what an author types judges only where it says so");
        writeln!(looks, "{name}  {}", styled::fingerprint(&painted(&deck, (80, 40)))).unwrap();
    }
    insta::assert_snapshot!("themes", looks);
}

#[test]
fn a_table_of_any_shape_keeps_to_its_room() {
    let row = |cells: usize, cell: &dyn Fn(usize) -> String| {
        (0..cells).map(cell).fold(String::from("|"), |row, cell| format!("{row} {cell} |")) + "\n"
    };
    let cells: [&str; 7] = [
        "",
        "`code = 1`",
        "[a link](https://example.com)",
        "👩‍👩‍👧 😀",
        "中文字",
        "{{a.ndjson often}}",
        "many plain words in one",
    ];
    for count in [1, 2, 5, 16, 30] {
        let mut text = row(count, &|column| format!("h{column}")) + &row(count, &|_| "---".to_owned());
        for at in 0..9 {
            text += &row(count, &|column| cells[(column + at) % cells.len()].to_owned());
        }
        let deck = deck(&format!("# T\n\n{text}"));
        for size in [(20, 5), (40, 12), (80, 24), (120, 35), (200, 50), (500, 150)] {
            let scene = scene(&deck, size);
            let area = scene.body_area;
            for item in items(&scene) {
                let words = words(item).unwrap_or_default();
                let fits = item.x >= area.x && item.x + item.width <= area.right();
                assert!(fits, "{count} columns at {size:?}: {item:?}");
                // A column narrower than a wide letter cannot hold it.
                let wide = usize::from(item.width) + 2 * count;
                assert!(columns(&words) <= wide, "{count} columns at {size:?}: {words}");
            }
            painted(&deck, size);
        }
    }
}
